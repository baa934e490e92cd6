// SPDX-License-Identifier: GPL-2.0
/*
 * What a pod may send. The interface a packet came by is the only identity that
 * is trusted; the FIB tells which names are bound to it.
 */
#include <linux/etherdevice.h>

#include "dev.h"
#include "edge.h"
#include "neigh.h"
#include "packet.h"
#include "register.h"
#include "target.h"

void damc_edge_init(struct damc_edge *edge)
{
	edge->lladdr = 0;
	edge->rate = 0;
	edge->burst = DAMC_EDGE_BURST_DEFAULT;
	edge->class = DAMC_EDGE_CLASS_MAX;
}

static int damc_edge_check_lladdr(const u8 *lladdr, unsigned int len,
				  struct netlink_ext_ack *extack)
{
	if (!len || (len == ETH_ALEN && is_valid_ether_addr(lladdr)))
		return 0;
	NL_SET_ERR_MSG(extack, "Not the link address of one host");
	return -EINVAL;
}

/**
 * damc_edge_check() - whether an interface can be set so
 * @attrs: what is to be set
 * @mode: what the interface is to be
 * @extack: says what is wrong
 *
 * Return: 0 or -EINVAL.
 */
int damc_edge_check(const struct damc_edge_attrs *attrs, u32 mode,
		    struct netlink_ext_ack *extack)
{
	if (mode != DAMC_DEV_MODE_EDGE &&
	    (attrs->lladdr || attrs->rate || attrs->burst || attrs->class)) {
		NL_SET_ERR_MSG(extack,
			       "Only an edge has a link address, rate, burst or class");
		return -EINVAL;
	}
	if (!attrs->lladdr)
		return 0;
	return damc_edge_check_lladdr(attrs->lladdr, attrs->lladdr_len, extack);
}

/**
 * damc_edge_set() - set what is given
 * @edge: the edge
 * @attrs: checked
 *
 * Context: under the namespace's lock.
 * Return: whether anything changed.
 */
bool damc_edge_set(struct damc_edge *edge, const struct damc_edge_attrs *attrs)
{
	u32 rate = attrs->rate ? *attrs->rate : edge->rate;
	u32 burst = attrs->burst ? *attrs->burst : edge->burst;
	u8 class = attrs->class ? *attrs->class : edge->class;
	u64 lladdr = edge->lladdr;

	if (attrs->lladdr)
		lladdr = attrs->lladdr_len ?
			 ether_addr_to_u64(attrs->lladdr) : 0;
	if (lladdr == edge->lladdr && rate == edge->rate &&
	    burst == edge->burst && class == edge->class)
		return false;
	WRITE_ONCE(edge->lladdr, lladdr);
	WRITE_ONCE(edge->burst, burst);
	WRITE_ONCE(edge->rate, rate);
	WRITE_ONCE(edge->class, class);
	/* A full bucket: a debt by a lower rate is not one by this. */
	atomic64_set(&edge->bucket.full, 0);
	return true;
}

/**
 * damc_edge_arrive() - check a frame before anything in it is read
 * @dev: the edge interface
 * @skb: the frame
 *
 * Context: under RCU. Does not consume @skb.
 * Return: 0, or the counter to drop it under.
 */
int damc_edge_arrive(struct damc_dev *dev, struct sk_buff *skb)
{
	u64 lladdr = READ_ONCE(dev->edge.lladdr);
	u32 rate = READ_ONCE(dev->edge.rate);

	if (lladdr && ether_addr_to_u64(eth_hdr(skb)->h_source) != lladdr)
		return DAMC_A_STATS_DROP_EDGE_LLADDR;
	if (rate && !damc_bucket_take(&dev->edge.bucket, rate,
				      READ_ONCE(dev->edge.burst)))
		return DAMC_A_STATS_DROP_EDGE_RATE;
	return 0;
}

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

/* Steering is the fabric's: what a pod may not choose is taken away. */
static int damc_edge_mask(struct damc_dev *dev, struct sk_buff *skb)
{
	struct damc_pkt *pkt = &damc_cb(skb)->pkt;
	u8 class = READ_ONCE(dev->edge.class);

	if (!damc_hdr_exceeds(skb->data, pkt, class))
		return 0;
	if (skb_ensure_writable(skb, pkt->header_len))
		return DAMC_A_STATS_DROP_MEMORY;
	damc_hdr_mask(skb->data, pkt, class);
	damc_stats_inc(dev->dn->stats, DAMC_A_STATS_EDGE_MASKED);
	return 0;
}

/* Of what is control a pod may ask its gateway for bindings, so often. */
static int damc_edge_control(struct damc_dev *dev, const struct damc_name *dst)
{
	if (!damc_name_equal(dst, &damc_register_name))
		return DAMC_A_STATS_DROP_EDGE_PROHIBITED;
	return damc_bucket_take(&dev->edge.binds, DAMC_EDGE_BIND_RATE,
				DAMC_EDGE_BIND_BURST) ?
	       0 : DAMC_A_STATS_DROP_EDGE_RATE;
}

/**
 * damc_edge_admit() - check a packet that came from a pod
 * @dev: the edge interface
 * @skb: the packet, its header checked; its header may be changed
 *
 * Context: under RCU. Does not consume @skb.
 * Return: 0, or the counter to drop it under.
 */
int damc_edge_admit(struct damc_dev *dev, struct sk_buff *skb)
{
	struct damc_name dst = damc_dst(skb), src = damc_src(skb);
	int why = 0;

	if (!damc_edge_owns(dev, &src))
		return DAMC_A_STATS_DROP_EDGE_SOURCE;
	/* That an instance was picked for a packet is its gateway's to say. */
	if (damc_cb(skb)->pkt.pool ||
	    damc_name_scope(&dst) == DAMC_SCOPE_FABRIC)
		return DAMC_A_STATS_DROP_EDGE_PROHIBITED;
	if (damc_cb(skb)->pkt.next_proto == DAMC_PROTO_CONTROL)
		why = damc_edge_control(dev, &dst);
	return why ?: damc_edge_mask(dev, skb);
}
