// SPDX-License-Identifier: GPL-2.0
/* Whether one more control packet of the link's is taken in. */
#include <linux/etherdevice.h>
#include <linux/jhash.h>
#include <linux/jiffies.h>

#include "control.h"
#include "dev.h"
#include "liveness.h"
#include "neigh.h"
#include "packet.h"

/* Nothing was checked yet: what is no packet of this kind input will tell. */
static bool damc_control_claims(struct sk_buff *skb)
{
	const struct damc_hdr *hdr;
	struct damc_name dst;

	if (!pskb_may_pull(skb, sizeof(*hdr)))
		return false;
	hdr = damc_hdr(skb);
	if (hdr->next_proto != DAMC_PROTO_CONTROL ||
	    !pskb_may_pull(skb, sizeof(*hdr) + hdr->dst_len))
		return false;
	hdr = damc_hdr(skb);
	dst = (struct damc_name){
		.wire = (const u8 *)(hdr + 1), .len = hdr->dst_len,
	};
	/* Components may run past the name's end; the first is not to. */
	return dst.len && dst.len > dst.wire[0] &&
	       damc_name_scope(&dst) == DAMC_SCOPE_LINK &&
	       !damc_liveness_named(&dst);
}

/* By UDP nobody else is heard. */
static struct damc_neigh *damc_control_neigh(const struct damc_dev *dev,
					     struct sk_buff *skb)
{
	struct damc_neigh_key key;

	if (!dev->netdev)
		return xa_load(&dev->dn->neighs, damc_cb(skb)->neigh);
	key.lladdr = eth_hdr(skb)->h_source;
	key.lladdr_len = ETH_ALEN;
	return damc_neigh_find_rcu(dev, &key);
}

/* To the tick is exact enough, and to read a clock takes longer than the rest. */
static bool damc_control_take(struct damc_token_bucket *bucket, u32 rate,
			      u32 burst)
{
	return damc_bucket_take_at(bucket, get_jiffies_64() * TICK_NSEC, rate,
				   burst);
}

static int damc_control_of_neigh(struct damc_neigh *neigh)
{
	bool room = damc_control_take(&neigh->control, DAMC_CONTROL_RATE,
				      DAMC_CONTROL_BURST);
	u64 __percpu *count = room ? &neigh->stats->control :
				     &neigh->stats->control_dropped;

	damc_percpu_add(count, &neigh->stats->sync, 1);
	return room ? 0 : DAMC_A_STATS_DROP_CONTROL_NEIGH;
}

/*
 * Who finds addresses with one hash gains nothing by it, so it is the same that
 * neighbours are found by.
 */
static u32 damc_control_share(const struct damc_dev *dev,
			      const struct sk_buff *skb)
{
	u32 seed = dev->dn->fib.table.key.key[0];

	return jhash(eth_hdr(skb)->h_source, ETH_ALEN, seed) %
	       DAMC_CONTROL_SHARES;
}

/* An address alone is no more than its share, nor are all but what is theirs. */
static int damc_control_of_stranger(struct damc_dev *dev, struct sk_buff *skb)
{
	struct damc_control_strangers *strangers = &dev->strangers;
	u32 share = damc_control_share(dev, skb);

	if (damc_control_take(&strangers->share[share],
			      DAMC_CONTROL_SHARE_RATE,
			      DAMC_CONTROL_SHARE_BURST) &&
	    damc_control_take(&strangers->all, DAMC_CONTROL_STRANGERS_RATE,
			      DAMC_CONTROL_STRANGERS_BURST))
		return 0;
	return DAMC_A_STATS_DROP_CONTROL_STRANGER;
}

/**
 * damc_control_arrive() - see whether a packet is control beyond what is taken
 * @dev: the fabric's interface or UDP port where it arrived
 * @skb: the packet, nothing in it checked
 *
 * Context: softirq, under RCU. Does not consume @skb.
 * Return: 0, or the counter to drop it under.
 */
int damc_control_arrive(struct damc_dev *dev, struct sk_buff *skb)
{
	struct damc_neigh *neigh;

	if (!damc_control_claims(skb))
		return 0;
	neigh = damc_control_neigh(dev, skb);
	if (neigh)
		return damc_control_of_neigh(neigh);
	return dev->netdev ? damc_control_of_stranger(dev, skb) : 0;
}
