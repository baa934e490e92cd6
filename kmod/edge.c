// SPDX-License-Identifier: GPL-2.0
/*
 * What a pod may send. The interface a packet came by is the only identity that
 * is trusted; the FIB tells which names are bound to it.
 */
#include "dev.h"
#include "edge.h"
#include "neigh.h"
#include "packet.h"
#include "target.h"

/* DSCP CS7 and above is the fabric's own class. */
#define DAMC_CLASS_FABRIC 0xe0

static bool damc_edge_owns(const struct damc_dev *dev,
			   const struct damc_name *name)
{
	const struct damc_fib_entry *entry;
	const struct damc_target *target;

	entry = damc_fib_lookup(&dev->dn->fib, name);
	if (!entry)
		return false;
	target = rcu_dereference(entry->target);
	return target->type == DAMC_ROUTE_TYPE_EDGE &&
	       target->nexthop[0].neigh->dev == dev;
}

/* Steering is the fabric's: neither path nor class 7 is a pod's to choose. */
static int damc_edge_mask(struct sk_buff *skb)
{
	struct damc_pkt *pkt = &damc_cb(skb)->pkt;
	bool high = pkt->traffic_class >= DAMC_CLASS_FABRIC;
	struct damc_hdr *hdr;

	if (!pkt->path && !high)
		return 0;
	if (skb_ensure_writable(skb, sizeof(*hdr)))
		return DAMC_A_STATS_DROP_MEMORY;
	hdr = damc_hdr(skb);
	pkt->path = 0;
	hdr->path = 0;
	if (high) {
		pkt->traffic_class &= ~DAMC_CLASS_FABRIC;
		hdr->traffic_class = pkt->traffic_class;
	}
	return 0;
}

/**
 * damc_edge_admit() - check a packet that came from a pod
 * @dev: the edge interface
 * @skb: the packet, its header checked; its path and class may be changed
 *
 * Context: under RCU. Does not consume @skb.
 * Return: 0, or the counter to drop it under.
 */
int damc_edge_admit(struct damc_dev *dev, struct sk_buff *skb)
{
	struct damc_name dst = damc_dst(skb), src = damc_src(skb);

	if (!damc_edge_owns(dev, &src))
		return DAMC_A_STATS_DROP_EDGE_SOURCE;
	/* That an instance was picked for a packet is its gateway's to say. */
	if (damc_cb(skb)->pkt.next_proto == DAMC_PROTO_CONTROL ||
	    damc_cb(skb)->pkt.pool ||
	    damc_name_scope(&dst) == DAMC_SCOPE_FABRIC)
		return DAMC_A_STATS_DROP_EDGE_PROHIBITED;
	return damc_edge_mask(skb);
}
