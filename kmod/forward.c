// SPDX-License-Identifier: GPL-2.0
/* Sending a packet to a next hop: policy, hop limit, record, size. */
#include "dev.h"
#include "error.h"
#include "neigh.h"
#include "packet.h"
#include "policy_change.h"
#include "target.h"

/* Only on /localhop's own link and inside the host do such names travel. */
static bool damc_leaves_scope(struct sk_buff *skb)
{
	struct damc_name dst = damc_dst(skb), src = damc_src(skb);

	return damc_name_scope(&dst) >= DAMC_SCOPE_LINK ||
	       damc_name_scope(&src) >= DAMC_SCOPE_LINK;
}

/* Spend a hop, forget how it came, and sign the packet's record if it keeps one. */
static int damc_forward_mark(const struct damc_net *dn, struct sk_buff *skb)
{
	struct damc_cb *cb = damc_cb(skb);

	if (skb_ensure_writable(skb, cb->pkt.header_len))
		return -ENOMEM;
	/* When it came; a queue would take it for when to send it. */
	skb_clear_tstamp(skb);
	skb->pkt_type = PACKET_HOST;
	cb->pkt.hop_limit--;
	damc_hdr(skb)->hop_limit = cb->pkt.hop_limit;
	if (cb->pkt.record) {
		struct damc_name self = damc_self_name(dn);

		damc_record_append((u8 *)damc_hdr(skb) + cb->pkt.record,
				   cb->pkt.record_len, &self);
	}
	return 0;
}

static int damc_forward_transit(struct damc_net *dn,
				const struct damc_neigh *neigh,
				struct sk_buff *skb, struct damc_way *way)
{
	const struct damc_dev *in = damc_cb(skb)->in;
	int err;

	/* What all on the link heard does not go back to it. */
	if (in == neigh->dev && (damc_dev_mode(in) == DAMC_DEV_MODE_EDGE ||
				 skb->pkt_type != PACKET_HOST)) {
		damc_way_leave(way);
		damc_drop(dn, skb, DAMC_A_STATS_DROP_SAME_LINK);
		return -EHOSTUNREACH;
	}
	if (damc_forward_mark(dn, skb)) {
		damc_way_leave(way);
		damc_drop(dn, skb, DAMC_A_STATS_DROP_MEMORY);
		return -ENOMEM;
	}
	err = damc_neigh_xmit(neigh, skb, way);
	if (!err)
		damc_stats_inc(dn->stats, DAMC_A_STATS_FORWARDED);
	return err;
}

/* Errors go the plain way: what becomes of packets is to be known. */
static const struct damc_policy *damc_forward_policy(const struct damc_net *dn,
						     struct sk_buff *skb)
{
	const struct damc_pkt *pkt = &damc_cb(skb)->pkt;
	struct damc_policy_key key;

	if (likely(!damc_policies_any(&dn->policies)) ||
	    pkt->next_proto == DAMC_PROTO_ERROR)
		return NULL;
	key.dst = damc_dst(skb);
	key.src = damc_src(skb);
	key.class = damc_class_selector(pkt->traffic_class);
	return damc_policy_match(&dn->policies, &key);
}

static int damc_forward_neigh(struct damc_net *dn,
			      const struct damc_target *target,
			      const struct damc_policy *policy,
			      struct sk_buff *skb)
{
	const struct damc_neigh *neigh;
	struct damc_way way;

	neigh = damc_target_choose(dn, target, policy, damc_cb(skb)->pkt.flow,
				   &way);
	if (policy && !damc_target_obeys(policy, neigh))
		damc_policy_count_inactive(policy);
	if (!neigh)
		return damc_refuse(dn, skb, DAMC_A_STATS_DROP_NEIGH_DOWN,
				   DAMC_ERROR_CODE_NO_ROUTE, 0);
	if (skb->len > way.mtu) {
		damc_way_leave(&way);
		return damc_refuse(dn, skb, DAMC_A_STATS_DROP_TOO_BIG,
				   DAMC_ERROR_CODE_TOO_BIG, way.mtu);
	}
	if (damc_cb(skb)->in)
		return damc_forward_transit(dn, neigh, skb, &way);
	return damc_neigh_xmit(neigh, skb, &way);
}

/**
 * damc_forward() - send a packet to one of a target's next hops
 * @dn: the namespace
 * @target: with next hops
 * @skb: the packet, arrived or made here
 *
 * Context: under RCU. Consumes @skb.
 * Return: 0 or an errno.
 */
int damc_forward(struct damc_net *dn, const struct damc_target *target,
		 struct sk_buff *skb)
{
	const struct damc_cb *cb = damc_cb(skb);
	const struct damc_policy *policy;

	if (damc_leaves_scope(skb)) {
		damc_drop(dn, skb, DAMC_A_STATS_DROP_SCOPE);
		return -EHOSTUNREACH;
	}
	/* A pod is no router: its default route would send it straight back. */
	if (cb->in && damc_dev_mode(cb->in) == DAMC_DEV_MODE_UPLINK)
		return damc_refuse(dn, skb, DAMC_A_STATS_DROP_NO_LISTENER,
				   DAMC_ERROR_CODE_NO_LISTENER, 0);
	if (cb->in && cb->pkt.hop_limit <= 1)
		return damc_refuse(dn, skb, DAMC_A_STATS_DROP_HOP_LIMIT,
				   DAMC_ERROR_CODE_HOP_LIMIT, 0);
	policy = damc_forward_policy(dn, skb);
	if (policy)
		damc_policy_count(policy, skb->len);
	if (policy && policy->action == DAMC_POLICY_ACTION_PROHIBIT)
		return damc_refuse(dn, skb, DAMC_A_STATS_DROP_POLICY,
				   DAMC_ERROR_CODE_PROHIBITED, 0);
	return damc_forward_neigh(dn, target, policy, skb);
}
