// SPDX-License-Identifier: GPL-2.0
/* Leaves objects in a slab cache, and the cache. */
#include <linux/module.h>
#include <linux/slab.h>

static int __init bad_init(void)
{
	struct kmem_cache *cache;
	int i;

	cache = kmem_cache_create("damc_bad", 96, 0, 0, NULL);
	if (!cache)
		return -ENOMEM;
	for (i = 0; i < 3; i++)
		kmem_cache_alloc(cache, GFP_KERNEL);
	return 0;
}

static void __exit bad_exit(void)
{
}

module_init(bad_init);
module_exit(bad_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Test of the test runner: leak");
