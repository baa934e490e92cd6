/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Interfaces that an administrator enabled. One that is not listed has no packet
 * handler: nothing that arrives there is looked at.
 *
 * A damc_dev lives from `dev set ... up|edge` to `down`, or to the interface's
 * end or move to another namespace; it holds a reference to the interface, and
 * owns its neighbours, which hold none to it. All changes under RTNL and the
 * namespace's lock.
 */
#ifndef _DAMC_DEV_H
#define _DAMC_DEV_H

#include <linux/list.h>
#include <linux/netdevice.h>

#include <linux/damc_netlink.h>

#include "control.h"
#include "edge.h"
#include "encap.h"
#include "error_limit.h"

struct damc_net;

/**
 * struct damc_dev - an enabled interface, or the part of an open UDP port that
 * is like one
 * @encap: what carries packets to its neighbours
 * @pt: handler of its DAMC frames
 * @netdev: the interface; NULL for UDP, which is not in the namespace's @devs
 * @tracker: of the reference to @netdev
 * @dn: its namespace
 * @neighs: struct damc_neigh by their link
 * @binds: struct damc_bind by theirs: names bound to it, as an edge
 * @n_hops: next hops that lead to @neighs
 * @mode: enum damc_dev_mode, never down
 * @errors: how many errors may be sent about what comes by it
 * @flows: how many of them too-big, by flow
 * @strangers: how much control it takes from who is no neighbour
 * @edge: what its pod may do
 * @n_pins: pins that what came in by it made
 */
struct damc_dev {
	const struct damc_encap_ops *encap;
	struct packet_type pt;
	struct net_device *netdev;
	netdevice_tracker tracker;
	struct damc_net *dn;
	struct list_head neighs;
	struct list_head binds;
	u32 n_hops;
	u32 mode;
	struct damc_error_limit errors;
	struct damc_error_flows flows;
	struct damc_control_strangers strangers;
	struct damc_edge edge;
	atomic_t n_pins;
};

extern u16 damc_ethertype;

/* For packets, which read it while it may change. */
static inline u32 damc_dev_mode(const struct damc_dev *dev)
{
	return READ_ONCE(dev->mode);
}

int damc_dev_set(struct damc_net *dn, u32 ifindex, u32 mode,
		 const struct damc_edge_attrs *attrs,
		 struct netlink_ext_ack *extack);
struct damc_dev *damc_dev_find(struct damc_net *dn, u32 ifindex);
void damc_dev_unregister(struct damc_net *dn, struct net_device *netdev);
void damc_dev_drop_neighs(struct damc_dev *dev);
int damc_dev_register_notifier(void);
void damc_dev_unregister_notifier(void);

#endif /* _DAMC_DEV_H */
