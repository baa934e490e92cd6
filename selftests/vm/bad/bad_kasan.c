// SPDX-License-Identifier: GPL-2.0
/* Uses memory it has freed. */
#include <linux/module.h>
#include <linux/slab.h>

static int __init bad_init(void)
{
	char *mem = kmalloc(64, GFP_KERNEL);
	char *stale = mem;

	if (!mem)
		return -ENOMEM;
	OPTIMIZER_HIDE_VAR(stale);
	kfree(mem);
	WRITE_ONCE(stale[5], 1);
	return 0;
}

static void __exit bad_exit(void)
{
}

module_init(bad_init);
module_exit(bad_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Test of the test runner: kasan");
