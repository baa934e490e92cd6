// SPDX-License-Identifier: GPL-2.0
/* Forgets what it allocated. */
#include <linux/module.h>
#include <linux/slab.h>

static int __init bad_init(void)
{
	int i;

	for (i = 0; i < 5; i++) {
		void *mem = kmalloc(200, GFP_KERNEL);

		OPTIMIZER_HIDE_VAR(mem);
	}
	return 0;
}

static void __exit bad_exit(void)
{
}

module_init(bad_init);
module_exit(bad_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Test of the test runner: kmemleak");
