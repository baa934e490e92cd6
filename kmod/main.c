// SPDX-License-Identifier: GPL-2.0
/* Module entry and exit: brings the parts up in order, takes them down in reverse. */

#include <linux/module.h>

#include "dev.h"
#include "netlink.h"
#include "netns.h"
#include "sock.h"

static int __init damc_init(void)
{
	int err;

	err = damc_netns_register();
	if (err)
		return err;
	err = damc_dev_register_notifier();
	if (err)
		goto err_notifier;
	err = damc_sock_register();
	if (err)
		goto err_sock;
	err = damc_netlink_register();
	if (err)
		goto err_netlink;
	pr_info("version %s, address family %d, EtherType %#x\n", DAMC_VERSION_STRING,
		damc_family, damc_ethertype);
	return 0;

err_netlink:
	damc_sock_unregister();
err_sock:
	damc_dev_unregister_notifier();
err_notifier:
	damc_netns_unregister();
	/* Callbacks of what was freed meanwhile lie in this module. */
	rcu_barrier();
	return err;
}

static void __exit damc_exit(void)
{
	damc_netlink_unregister();
	damc_sock_unregister();
	damc_dev_unregister_notifier();
	damc_netns_unregister();
	/* Callbacks of what was freed above lie in this module. */
	rcu_barrier();
}

module_init(damc_init);
module_exit(damc_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Distributed Architecture for Microservices Communication");
MODULE_VERSION(DAMC_VERSION_STRING);
