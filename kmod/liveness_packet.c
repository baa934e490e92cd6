// SPDX-License-Identifier: GPL-2.0
/* Liveness messages: made and sent, taken from packets. */
#include <linux/if_ether.h>
#include <linux/pkt_sched.h>
#include <linux/random.h>

#include "dev.h"
#include "link.h"
#include "liveness_packet.h"
#include "neigh.h"
#include "packet.h"

/* Class selector 7: the fabric's own. */
#define DAMC_LIVENESS_CLASS 0xe0

static const u8 damc_liveness_wire[] = DAMC_LIVENESS_WIRE;

static const struct damc_name damc_liveness_name = {
	.wire = damc_liveness_wire,
	.len = sizeof(damc_liveness_wire),
};

static u8 damc_liveness_flags(const struct damc_net *dn)
{
	return (READ_ONCE(dn->avoided) ? 0 : DAMC_LIVENESS_F_FORWARDS) |
	       (damc_liveness_lease(dn) ? DAMC_LIVENESS_F_CONTROL : 0);
}

/**
 * damc_liveness_prepare() - write what is to be sent
 * @l: the liveness, its lock held
 * @out: empty; gets it
 * @now: the time
 */
void damc_liveness_prepare(struct damc_liveness *l,
			   struct damc_liveness_out *out, u64 now)
{
	struct damc_live_msg msg;

	damc_live_send(&l->live, &msg, now, get_random_u32());
	msg.flags = damc_liveness_flags(l->neigh->dev->dn);
	damc_live_write(&out->hdr[out->n++], &msg, &l->key);
	if (l->rotating)
		damc_live_write(&out->hdr[out->n++], &msg, &l->old_key);
}

static struct sk_buff *damc_liveness_packet(struct damc_net *dn,
					    const struct damc_liveness_hdr *hdr)
{
	struct damc_hdr_args args = {
		.dst = damc_liveness_name,
		.src = damc_self_name(dn),
		.payload_len = sizeof(*hdr),
		.next_proto = DAMC_PROTO_CONTROL,
		.hop_limit = DAMC_LINK_HOP_LIMIT,
		.traffic_class = DAMC_LIVENESS_CLASS,
	};
	struct sk_buff *skb;

	if (!args.src.len)
		return NULL;
	skb = damc_packet_alloc(&args);
	if (!skb)
		return NULL;
	memcpy(skb->data + damc_cb(skb)->pkt.header_len, hdr, sizeof(*hdr));
	/* Before data, where the queue knows of that. */
	skb->priority = TC_PRIO_CONTROL;
	return skb;
}

/**
 * damc_liveness_send() - send what was written
 * @l: the liveness, its lock not held
 * @out: the messages
 *
 * Where there is no way to the neighbour they are not, as silence is what tells.
 *
 * Context: under RCU.
 */
void damc_liveness_send(const struct damc_liveness *l,
			const struct damc_liveness_out *out)
{
	const struct damc_neigh *neigh = l->neigh;
	struct damc_net *dn = neigh->dev->dn;
	struct sk_buff *skb;
	struct damc_way way;
	unsigned int i;

	for (i = 0; i < out->n; i++) {
		/* Down is for packets, not for what may bring it up. */
		if (!neigh->encap->way(neigh, &way))
			return;
		skb = damc_liveness_packet(dn, &out->hdr[i]);
		if (!skb) {
			damc_way_leave(&way);
			return;
		}
		damc_stats_inc(dn->stats, DAMC_A_STATS_ORIGINATED);
		damc_neigh_xmit(neigh, skb, &way);
	}
}

/**
 * damc_liveness_claims() - whether a packet is a liveness message
 * @skb: the packet, from a link, checked
 */
bool damc_liveness_claims(struct sk_buff *skb)
{
	struct damc_name dst;

	if (damc_cb(skb)->pkt.next_proto != DAMC_PROTO_CONTROL)
		return false;
	dst = damc_dst(skb);
	return damc_name_equal(&dst, &damc_liveness_name);
}

static struct damc_liveness *damc_liveness_at(struct damc_dev *dev,
					      const struct damc_neigh_key *key)
{
	const struct damc_neigh *neigh = damc_neigh_find_rcu(dev, key);

	return neigh ? rcu_dereference(neigh->liveness) : NULL;
}

/* By who sent it; else who is known as the link's other end. */
static struct damc_liveness *damc_liveness_find(struct damc_dev *dev,
						struct sk_buff *skb)
{
	struct damc_neigh_key key = {};
	struct damc_liveness *l;
	struct damc_neigh *neigh;

	if (!dev->netdev) {
		neigh = xa_load(&dev->dn->neighs, damc_cb(skb)->neigh);
		return neigh ? rcu_dereference(neigh->liveness) : NULL;
	}
	key.lladdr = eth_hdr(skb)->h_source;
	key.lladdr_len = ETH_ALEN;
	l = damc_liveness_at(dev, &key);
	if (l)
		return l;
	key.lladdr = NULL;
	return damc_liveness_at(dev, &key);
}

/* Under the liveness' lock. */
static bool damc_liveness_decode(struct damc_liveness *l,
				 const struct damc_liveness_hdr *hdr,
				 struct damc_live_msg *msg)
{
	if (damc_live_read(hdr, msg, &l->key)) {
		l->rotating = false;
		return true;
	}
	return l->rotating && damc_live_read(hdr, msg, &l->old_key);
}

/* Whether the message was one that says something. */
static bool damc_liveness_take(struct damc_liveness *l,
			       const struct damc_liveness_hdr *hdr)
{
	u64 now = ktime_get_ns();
	struct damc_live_msg msg;
	unsigned int what;

	spin_lock(&l->lock);
	if (!damc_liveness_decode(l, hdr, &msg)) {
		spin_unlock(&l->lock);
		return false;
	}
	what = damc_live_receive(&l->live, &msg, now);
	damc_liveness_act(l, what, now);
	return !(what & DAMC_LIVE_REFUSED);
}

/**
 * damc_liveness_receive() - a liveness message came
 * @dev: where
 * @skb: the packet
 *
 * Context: softirq, under RCU. Consumes @skb.
 */
void damc_liveness_receive(struct damc_dev *dev, struct sk_buff *skb)
{
	const struct damc_pkt *pkt = &damc_cb(skb)->pkt;
	struct damc_liveness *l = damc_liveness_find(dev, skb);
	struct damc_liveness_hdr hdr;

	if (!l || pkt->payload_len != sizeof(hdr) ||
	    skb_copy_bits(skb, pkt->header_len, &hdr, sizeof(hdr)) ||
	    !damc_liveness_take(l, &hdr)) {
		damc_drop(dev->dn, skb, DAMC_A_STATS_DROP_LIVENESS);
		return;
	}
	damc_stats_inc(dev->dn->stats, DAMC_A_STATS_DELIVERED);
	consume_skb(skb);
}
