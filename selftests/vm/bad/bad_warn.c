// SPDX-License-Identifier: GPL-2.0
/* Warns and goes on. */
#include <linux/module.h>

static int __init bad_init(void)
{
	WARN(1, "this module warns\n");
	return 0;
}

static void __exit bad_exit(void)
{
}

module_init(bad_init);
module_exit(bad_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Test of the test runner: warn");
