// SPDX-License-Identifier: GPL-2.0
/* Takes a reference to the loader's network namespace and forgets it. */
#include <linux/module.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <net/net_namespace.h>

static int __init bad_init(void)
{
	get_net(current->nsproxy->net_ns);
	return 0;
}

static void __exit bad_exit(void)
{
}

module_init(bad_init);
module_exit(bad_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Test of the test runner: netns");
