// SPDX-License-Identifier: GPL-2.0
/* Panics. */
#include <linux/module.h>

static int __init bad_init(void)
{
	panic("this module panics");
	return 0;
}

static void __exit bad_exit(void)
{
}

module_init(bad_init);
module_exit(bad_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Test of the test runner: panic");
