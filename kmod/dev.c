// SPDX-License-Identifier: GPL-2.0
/* Interfaces: enabling, disabling, following what becomes of them. */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>

#include "bind.h"
#include "dev.h"
#include "eth.h"
#include "neigh.h"
#include "netns.h"
#include "notify.h"
#include "route.h"

static unsigned short damc_ethertype_param = DAMC_ETHERTYPE_DEFAULT;
module_param_named(ethertype, damc_ethertype_param, ushort, 0444);
MODULE_PARM_DESC(ethertype, "EtherType of DAMC frames (default 0x88b5)");

u16 damc_ethertype;

/**
 * damc_dev_find() - an enabled interface
 * @dn: the namespace
 * @ifindex: its index
 *
 * Context: under the namespace's lock.
 * Return: the interface, or NULL if there is none or it is not enabled.
 */
struct damc_dev *damc_dev_find(struct damc_net *dn, u32 ifindex)
{
	lockdep_assert_held(&dn->lock);
	return xa_load(&dn->devs, ifindex);
}

static int damc_dev_suits(const struct net_device *netdev,
			  struct netlink_ext_ack *extack)
{
	if (netdev->type == ARPHRD_ETHER && netdev->addr_len == ETH_ALEN)
		return 0;
	NL_SET_ERR_MSG(extack, "Not an Ethernet interface");
	return -EOPNOTSUPP;
}

/* A pod's gateway picks: what is an instance in the pod, is not a pool there. */
static int damc_dev_mode_suits(const struct damc_net *dn, u32 mode,
			       struct netlink_ext_ack *extack)
{
	if (mode != DAMC_DEV_MODE_UPLINK || !dn->n_pools)
		return 0;
	NL_SET_ERR_MSG(extack,
		       "There are pools here; for what has an uplink its gateway picks");
	return -EBUSY;
}

/* Counts it under the new mode; down takes it off. */
static void damc_dev_count_mode(struct damc_net *dn, u32 old, u32 mode)
{
	dn->n_uplinks += (mode == DAMC_DEV_MODE_UPLINK) -
			 (old == DAMC_DEV_MODE_UPLINK);
}

static int damc_dev_start(struct damc_net *dn, struct net_device *netdev,
			  u32 mode, const struct damc_edge_attrs *attrs,
			  struct netlink_ext_ack *extack)
{
	struct damc_dev *dev;
	int err;

	err = damc_dev_suits(netdev, extack) ?: damc_net_begin(dn);
	if (err)
		return err;
	if (dn->n_devs >= DAMC_DEVS_MAX) {
		NL_SET_ERR_MSG(extack, "Too many interfaces");
		return -ENOSPC;
	}
	dev = kzalloc(sizeof(*dev), GFP_KERNEL_ACCOUNT);
	if (!dev)
		return -ENOMEM;
	dev->encap = &damc_eth_ops;
	dev->netdev = netdev;
	dev->dn = dn;
	dev->mode = mode;
	damc_edge_init(&dev->edge);
	damc_edge_set(&dev->edge, attrs);
	INIT_LIST_HEAD(&dev->neighs);
	INIT_LIST_HEAD(&dev->binds);
	err = xa_insert(&dn->devs, netdev->ifindex, dev, GFP_KERNEL_ACCOUNT);
	if (err)
		goto err_insert;
	err = dev_mc_add(netdev, damc_group_addr);
	if (err)
		goto err_mc_add;
	netdev_hold(netdev, &dev->tracker, GFP_KERNEL);
	dn->n_devs++;
	damc_dev_count_mode(dn, DAMC_DEV_MODE_DOWN, mode);
	dev->pt.type = htons(damc_ethertype);
	dev->pt.dev = netdev;
	dev->pt.func = damc_eth_rcv;
	dev->pt.list_func = damc_eth_rcv_list;
	dev_add_pack(&dev->pt);
	damc_notify_dev(dev);
	damc_register_again(dn);
	return 0;

err_mc_add:
	xa_erase(&dn->devs, netdev->ifindex);
err_insert:
	kfree(dev);
	return err;
}

/**
 * damc_dev_drop_neighs() - end an interface's neighbours
 * @dev: no route or binding leads there: only what was added for good is left
 *
 * Context: under the namespace's lock.
 */
void damc_dev_drop_neighs(struct damc_dev *dev)
{
	struct damc_neigh *neigh, *next;

	list_for_each_entry_safe(neigh, next, &dev->neighs, link)
		damc_neigh_del(neigh, NULL);
	WARN_ON_ONCE(!list_empty(&dev->neighs));
}

/* Undo damc_dev_start(), and all that came to rest on it. */
static void damc_dev_stop(struct damc_dev *dev)
{
	struct damc_net *dn = dev->dn;
	struct damc_notice notice;

	damc_notice_dev(&notice, dev, DAMC_CMD_DEV_DEL_NTF);
	damc_bind_flush_dev(dev);
	damc_route_flush_dev(dev);
	damc_dev_drop_neighs(dev);
	xa_erase(&dn->devs, dev->netdev->ifindex);
	dn->n_devs--;
	damc_dev_count_mode(dn, dev->mode, DAMC_DEV_MODE_DOWN);
	/* Waits until no packet is on its way in, or out by a route. */
	dev_remove_pack(&dev->pt);
	damc_pins_flush(dn, &dev->n_pins);
	dev_mc_del(dev->netdev, damc_group_addr);
	netdev_put(dev->netdev, &dev->tracker);
	kfree(dev);
	damc_notice_send(&notice);
}

static int damc_dev_change(struct damc_dev *dev, u32 mode,
			   const struct damc_edge_attrs *attrs,
			   struct netlink_ext_ack *extack)
{
	if (dev->mode == mode) {
		if (damc_edge_set(&dev->edge, attrs))
			damc_notify_dev(dev);
		return 0;
	}
	if (!list_empty(&dev->neighs)) {
		NL_SET_ERR_MSG(extack,
			       "The interface has neighbours, routes or bindings; set it down first");
		return -EBUSY;
	}
	damc_edge_init(&dev->edge);
	damc_edge_set(&dev->edge, attrs);
	damc_dev_count_mode(dev->dn, dev->mode, mode);
	WRITE_ONCE(dev->mode, mode);
	damc_notify_dev(dev);
	damc_register_again(dev->dn);
	return 0;
}

/**
 * damc_dev_set() - say what an interface is to DAMC
 * @dn: the namespace
 * @ifindex: which
 * @mode: enum damc_dev_mode; down takes its neighbours, routes and bindings away
 * @attrs: what else to set, of an edge
 * @extack: says what is wrong
 *
 * Context: under RTNL and the namespace's lock, may sleep.
 * Return: 0; -ENODEV; -EINVAL; -EOPNOTSUPP; -EBUSY; -ENOSPC; -ENOMEM.
 */
int damc_dev_set(struct damc_net *dn, u32 ifindex, u32 mode,
		 const struct damc_edge_attrs *attrs,
		 struct netlink_ext_ack *extack)
{
	struct net_device *netdev = __dev_get_by_index(dn->net, ifindex);
	struct damc_dev *dev = damc_dev_find(dn, ifindex);
	int err;

	ASSERT_RTNL();
	if (!netdev) {
		NL_SET_ERR_MSG(extack, "No such interface");
		return -ENODEV;
	}
	err = damc_edge_check(attrs, mode, extack);
	if (err)
		return err;
	if (mode == DAMC_DEV_MODE_DOWN) {
		if (dev)
			damc_dev_stop(dev);
		return 0;
	}
	err = damc_dev_mode_suits(dn, mode, extack);
	if (err)
		return err;
	if (dev)
		return damc_dev_change(dev, mode, attrs, extack);
	return damc_dev_start(dn, netdev, mode, attrs, extack);
}

/**
 * damc_dev_unregister() - an interface ends, or leaves the namespace
 * @dn: the namespace
 * @netdev: the interface, enabled or not
 *
 * Context: under RTNL, may sleep.
 */
void damc_dev_unregister(struct damc_net *dn, struct net_device *netdev)
{
	struct damc_dev *dev;

	mutex_lock(&dn->lock);
	dev = damc_dev_find(dn, netdev->ifindex);
	if (dev && dev->netdev == netdev)
		damc_dev_stop(dev);
	mutex_unlock(&dn->lock);
}

/* Up, down, or with another carrier. */
static void damc_dev_tell_status(struct damc_dev *dev)
{
	struct damc_neigh *neigh;

	list_for_each_entry(neigh, &dev->neighs, link)
		damc_neigh_tell_status(neigh);
	/* Another gateway may be there, or the same that was started anew. */
	if (dev->mode == DAMC_DEV_MODE_UPLINK)
		damc_register_again(dev->dn);
}

static void damc_dev_tell_mtu(struct damc_dev *dev)
{
	struct damc_neigh *neigh;

	damc_notify_dev(dev);
	list_for_each_entry(neigh, &dev->neighs, link)
		if (neigh->told)
			damc_neigh_announce(neigh);
}

/* Listeners only: packets see what became of an interface by themselves. */
static void damc_dev_tell(struct damc_net *dn, const struct net_device *netdev,
			  void (*tell)(struct damc_dev *dev))
{
	struct damc_dev *dev;

	/* Most interfaces are not enabled: no wait for the lock on their behalf. */
	if (!xa_load(&dn->devs, netdev->ifindex))
		return;
	mutex_lock(&dn->lock);
	dev = damc_dev_find(dn, netdev->ifindex);
	if (dev && dev->netdev == netdev)
		tell(dev);
	mutex_unlock(&dn->lock);
}

static int damc_dev_event(struct notifier_block *nb, unsigned long event,
			  void *ptr)
{
	struct net_device *netdev = netdev_notifier_info_to_dev(ptr);
	struct damc_net *dn = damc_net(dev_net(netdev));

	switch (event) {
	case NETDEV_UNREGISTER:
		damc_dev_unregister(dn, netdev);
		break;
	case NETDEV_UP:
	case NETDEV_DOWN:
	case NETDEV_CHANGE:
		damc_dev_tell(dn, netdev, damc_dev_tell_status);
		break;
	case NETDEV_CHANGEMTU:
		damc_dev_tell(dn, netdev, damc_dev_tell_mtu);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block damc_dev_notifier = {
	.notifier_call = damc_dev_event,
};

int damc_dev_register_notifier(void)
{
	damc_ethertype = damc_ethertype_param;
	if (!eth_proto_is_802_3(htons(damc_ethertype))) {
		pr_err("ethertype %#x is a length; give one from 0x600 up\n",
		       damc_ethertype);
		return -EINVAL;
	}
	return register_netdevice_notifier(&damc_dev_notifier);
}

/* Ends every enabled interface: the core reports each as unregistered. */
void damc_dev_unregister_notifier(void)
{
	unregister_netdevice_notifier(&damc_dev_notifier);
}
