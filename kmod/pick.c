// SPDX-License-Identifier: GPL-2.0
/* Packets to a pool: picking an instance, or keeping to the flow's. See pick.h. */
#include "dev.h"
#include "error.h"
#include "neigh.h"
#include "packet.h"
#include "pick.h"
#include "policy_change.h"
#include "target.h"
#include "trace.h"

/* What becomes of a packet to a pool. */
enum damc_verdict {
	DAMC_VERDICT_GO,
	DAMC_VERDICT_NO_INSTANCE,
	DAMC_VERDICT_PIN_LOST,
	DAMC_VERDICT_PIN_LIMIT,
};

/* The entry of an instance itself, not one that covers it. */
static const struct damc_target *
damc_member_target(const struct damc_choice *choice,
		   const struct damc_name *name)
{
	struct damc_fib_entry *entry = damc_fib_find(&choice->dn->fib, name);

	return entry ? rcu_dereference_check(entry->target,
					     lockdep_is_held(&choice->dn->lock)) :
		       NULL;
}

/* A packet never goes back to the edge it came from. */
static bool damc_way_usable(const struct damc_choice *choice,
			    const struct damc_neigh *neigh)
{
	return neigh && (!choice->in || neigh->dev != choice->in);
}

/* By the policy that the packet will meet once it is the instance's. */
static const struct damc_neigh *
damc_member_neigh(const struct damc_choice *choice,
		  const struct damc_target *target,
		  const struct damc_name *name, struct damc_way *way)
{
	struct damc_policy_key key = {
		.dst = *name,
		.src = choice->src,
		.class = choice->class,
	};

	return damc_target_choose(choice->dn, target,
				  damc_policy_of(choice->dn, &key),
				  choice->label, way);
}

static bool damc_member_usable(const struct damc_member *member, void *arg)
{
	struct damc_choice *choice = arg;
	const struct damc_target *target;
	const struct damc_neigh *neigh;
	u8 wire[DAMC_NAME_MAX];
	struct damc_name name = { .wire = wire };
	struct damc_way way;

	memcpy(wire, choice->pool.wire, choice->pool.len);
	memcpy(wire + choice->pool.len, member->wire, member->len);
	name.len = choice->pool.len + member->len;
	target = damc_member_target(choice, &name);
	switch (target ? target->type : 0) {
	case DAMC_ROUTE_TYPE_LOCAL:
		choice->neigh = NULL;
		choice->mtu = UINT_MAX;
		return true;
	case DAMC_ROUTE_TYPE_UNICAST:
	case DAMC_ROUTE_TYPE_EDGE:
		neigh = damc_member_neigh(choice, target, &name, &way);
		if (neigh)
			damc_way_leave(&way);
		if (!damc_way_usable(choice, neigh))
			return false;
		choice->neigh = neigh;
		choice->mtu = way.mtu;
		return true;
	default:
		return false;
	}
}

/* The instance of a pin, if it is one still and can be reached. */
static bool damc_pick_pinned(const struct damc_pool *pool,
			     const struct damc_pin *pin,
			     struct damc_choice *choice)
{
	choice->reason = DAMC_PICK_REASON_PIN;
	choice->member = damc_pool_find(pool, pin->wire, pin->len);
	return choice->member && damc_member_usable(choice->member, choice);
}

static void damc_pick_hashed(const struct damc_pool *pool,
			     const struct damc_flow *flow,
			     struct damc_choice *choice)
{
	choice->reason = DAMC_PICK_REASON_HASH;
	choice->member = damc_pool_pick(pool, flow->hash, damc_member_usable,
					choice);
}

/**
 * damc_pick_peek() - which instance a first packet would go to
 * @target: the pool's
 * @choice: the question; gets the answer
 *
 * Context: under RCU.
 * Return: 0, or enum damc_error_code.
 */
int damc_pick_peek(const struct damc_target *target, struct damc_choice *choice)
{
	struct damc_flow flow = damc_flow_of(choice->dn, &choice->src,
					     &choice->pool, choice->label);
	const struct damc_pin *pin = damc_pin_find(choice->dn, &flow);

	if (pin)
		return damc_pick_pinned(target->pool, pin, choice) ?
		       0 : DAMC_ERROR_CODE_PIN_LOST;
	damc_pick_hashed(target->pool, &flow, choice);
	return choice->member ? 0 : DAMC_ERROR_CODE_NO_INSTANCE;
}

/**
 * damc_choice_mtu() - how large a packet may be to be sent on to an instance
 * @choice: the instance was found
 *
 * Return: bytes, before the instance is written into it; UINT_MAX if there is
 * no link in question.
 */
unsigned int damc_choice_mtu(const struct damc_choice *choice)
{
	unsigned int more;

	if (!choice->neigh)
		return UINT_MAX;
	more = damc_hdr_pick_size(choice->pool.len, choice->member->len);
	return choice->mtu > more ? choice->mtu - more : 0;
}

/* A pin that leads nowhere ends: what is lost stays lost. */
static enum damc_verdict damc_pick_keep(struct damc_net *dn,
					const struct damc_pool *pool,
					const struct damc_flow *flow,
					struct damc_pin *pin,
					struct damc_choice *choice)
{
	if (damc_pick_pinned(pool, pin, choice)) {
		damc_pin_touch(pin);
		return DAMC_VERDICT_GO;
	}
	damc_pin_end(dn, flow);
	return DAMC_VERDICT_PIN_LOST;
}

static enum damc_verdict damc_pick_new(struct damc_net *dn,
				       const struct damc_pool *pool,
				       const struct damc_flow *flow,
				       atomic_t *owner,
				       struct damc_choice *choice)
{
	struct damc_pin *pin;
	int err;

	damc_pick_hashed(pool, flow, choice);
	if (!choice->member)
		return DAMC_VERDICT_NO_INSTANCE;
	err = damc_pin_add(dn, flow, owner, choice->member);
	if (!err) {
		damc_stats_inc(dn->stats, DAMC_A_STATS_PINS_MADE);
		return DAMC_VERDICT_GO;
	}
	if (err != -EEXIST)
		return DAMC_VERDICT_PIN_LIMIT;
	/* Another packet of the flow was faster; it may have seen other instances. */
	pin = damc_pin_find(dn, flow);
	return pin ? damc_pick_keep(dn, pool, flow, pin, choice) :
		     DAMC_VERDICT_PIN_LOST;
}

/* Only from a pod or from here, only to the pool itself, and once. */
static bool damc_pick_due(struct sk_buff *skb)
{
	const struct damc_cb *cb = damc_cb(skb);

	return (!cb->in || damc_dev_mode(cb->in) == DAMC_DEV_MODE_EDGE) &&
	       cb->match_len == cb->pkt.dst_len && !cb->pkt.pool &&
	       cb->pkt.next_proto != DAMC_PROTO_ERROR;
}

/* Whose share of the pins a packet takes one of. */
static atomic_t *damc_pick_owner(struct damc_net *dn, struct sk_buff *skb)
{
	struct damc_dev *in = damc_cb(skb)->in;

	if (in)
		return &in->n_pins;
	return damc_pins_of_user(dn, skb->sk ? skb->sk->sk_uid :
					       GLOBAL_ROOT_UID);
}

static enum damc_verdict damc_pick_member(struct damc_net *dn,
					  const struct damc_pool *pool,
					  struct sk_buff *skb,
					  struct damc_choice *choice)
{
	const struct damc_pkt *pkt = &damc_cb(skb)->pkt;
	struct damc_flow flow;
	struct damc_pin *pin;

	if (!damc_pick_due(skb))
		return DAMC_VERDICT_NO_INSTANCE;
	flow = damc_flow_of(dn, &choice->src, &choice->pool, pkt->flow);
	pin = damc_pin_find(dn, &flow);
	if (pin)
		return damc_pick_keep(dn, pool, &flow, pin, choice);
	if (!(pkt->flags & DAMC_F_FIRST))
		return DAMC_VERDICT_PIN_LOST;
	return damc_pick_new(dn, pool, &flow, damc_pick_owner(dn, skb), choice);
}

static int damc_pick_refuse(struct damc_net *dn, struct sk_buff *skb,
			    enum damc_verdict verdict)
{
	switch (verdict) {
	case DAMC_VERDICT_PIN_LOST:
		return damc_refuse(dn, skb, DAMC_A_STATS_DROP_PIN_LOST,
				   DAMC_ERROR_CODE_PIN_LOST, 0);
	case DAMC_VERDICT_PIN_LIMIT:
		return damc_refuse(dn, skb, DAMC_A_STATS_DROP_PIN_LIMIT,
				   DAMC_ERROR_CODE_NO_RESOURCES, 0);
	default:
		return damc_refuse(dn, skb, DAMC_A_STATS_DROP_NO_INSTANCE,
				   DAMC_ERROR_CODE_NO_INSTANCE, 0);
	}
}

static void damc_trace_pick(const struct damc_choice *choice)
{
	struct damc_name member;

	if (!trace_damc_pick_enabled())
		return;
	member = damc_member_name(choice->member);
	trace_damc_pick(&choice->src, &choice->pool, &member, choice->label,
			choice->reason == DAMC_PICK_REASON_PIN);
}

/* Write the instance into the packet, and send that to where it leads. */
static int damc_pick_go(struct damc_net *dn, struct sk_buff *skb,
			const struct damc_choice *choice)
{
	const struct damc_member *member = choice->member;
	struct damc_pkt *pkt = &damc_cb(skb)->pkt;
	unsigned int more = damc_hdr_pick_size(pkt->dst_len, member->len);
	unsigned int mtu = damc_choice_mtu(choice);

	damc_trace_pick(choice);
	if (pkt->header_len + more > DAMC_HDR_MAX)
		mtu = 0;
	if (skb->len > mtu)
		return damc_refuse(dn, skb, DAMC_A_STATS_DROP_TOO_BIG,
				   DAMC_ERROR_CODE_TOO_BIG, mtu);
	if (skb_cow(skb, more)) {
		damc_drop(dn, skb, DAMC_A_STATS_DROP_MEMORY);
		return -ENOMEM;
	}
	skb_push(skb, more);
	skb_reset_network_header(skb);
	damc_hdr_pick(skb->data, pkt, member->wire, member->len);
	damc_stats_inc(dn->stats, DAMC_A_STATS_POOL_PICKS);
	return damc_output(dn, skb);
}

/**
 * damc_pick() - a packet to a pool, or to what is below it and is not there
 * @dn: the namespace
 * @target: the pool's
 * @skb: the packet, arrived or made here
 *
 * Context: under RCU. Consumes @skb.
 * Return: 0, or why it was refused, as an errno.
 */
int damc_pick(struct damc_net *dn, const struct damc_target *target,
	      struct sk_buff *skb)
{
	struct damc_choice choice = {
		.dn = dn,
		.in = damc_cb(skb)->in,
		.pool = damc_dst(skb),
		.src = damc_src(skb),
		.label = damc_cb(skb)->pkt.flow,
		.class = damc_class_selector(damc_cb(skb)->pkt.traffic_class),
	};
	enum damc_verdict verdict;

	verdict = damc_pick_member(dn, target->pool, skb, &choice);
	if (verdict == DAMC_VERDICT_GO)
		return damc_pick_go(dn, skb, &choice);
	return damc_pick_refuse(dn, skb, verdict);
}
