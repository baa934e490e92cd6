// SPDX-License-Identifier: GPL-2.0
/* Reads through a pointer that leads nowhere. */
#include <linux/module.h>

static int __init bad_init(void)
{
	int *nowhere = (int *)8;

	OPTIMIZER_HIDE_VAR(nowhere);
	return READ_ONCE(*nowhere) ? -EINVAL : 0;
}

static void __exit bad_exit(void)
{
}

module_init(bad_init);
module_exit(bad_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Test of the test runner: oops");
