// SPDX-License-Identifier: GPL-2.0
/* Making packets, and sending one to where the FIB leads. */
#include "error.h"
#include "neigh.h"
#include "packet.h"
#include "pick.h"
#include "policy_change.h"
#include "target.h"
#include "trace.h"

/**
 * damc_packet_header() - write the header in front of a packet's payload
 * @skb: holds the payload, with room in front
 * @args: what the header is to say
 */
void damc_packet_header(struct sk_buff *skb, const struct damc_hdr_args *args)
{
	memset(damc_cb(skb), 0, sizeof(struct damc_cb));
	skb_push(skb, damc_hdr_size(args));
	skb_reset_network_header(skb);
	damc_hdr_write(skb->data, args, &damc_cb(skb)->pkt);
}

/**
 * damc_packet_room() - make a packet that is yet without a header
 * @len: bytes of header and payload
 *
 * Context: any.
 * Return: the packet, @len bytes of it yet to be written, or NULL.
 */
struct sk_buff *damc_packet_room(unsigned int len)
{
	struct sk_buff *skb = alloc_skb(DAMC_HEADROOM_ANY + len, GFP_ATOMIC);

	if (!skb)
		return NULL;
	skb_reserve(skb, DAMC_HEADROOM_ANY);
	skb_put(skb, len);
	return skb;
}

/**
 * damc_packet_alloc() - make a packet with a header and room for its payload
 * @args: what the header is to say
 *
 * Context: any.
 * Return: the packet, @args->payload_len bytes of it yet to be written, or
 * NULL.
 */
struct sk_buff *damc_packet_alloc(const struct damc_hdr_args *args)
{
	unsigned int header = damc_hdr_size(args);
	struct sk_buff *skb;

	skb = damc_packet_room(header + args->payload_len);
	if (!skb)
		return NULL;
	__skb_pull(skb, header);
	damc_packet_header(skb, args);
	return skb;
}

/**
 * damc_drop() - drop a packet, and count why
 * @dn: the namespace
 * @skb: the packet, its control block valid; without names if those were not
 *	checked
 * @why: DAMC_A_STATS_DROP_*
 *
 * Context: any but hard interrupts. Consumes @skb.
 */
void damc_drop(struct damc_net *dn, struct sk_buff *skb, unsigned int why)
{
	if (trace_damc_drop_enabled()) {
		struct damc_name src = damc_src(skb), dst = damc_dst(skb);

		trace_damc_drop(&src, &dst, why);
	}
	damc_stats_inc(dn->stats, why);
	kfree_skb(skb);
}

/* Apart, so that where nobody listens no register is saved for it. */
static noinline void damc_drop_traced(struct sk_buff *skb, unsigned int why)
{
	static const struct damc_name none;

	trace_damc_drop(&none, &none, why);
	kfree_skb(skb);
}

/**
 * damc_drop_unread() - drop a packet of which nothing was kept, and count why
 * @dn: the namespace
 * @skb: the packet, maybe shared; its control block is not looked at
 * @why: DAMC_A_STATS_DROP_*
 *
 * Context: any but hard interrupts. Consumes @skb.
 */
void damc_drop_unread(struct damc_net *dn, struct sk_buff *skb,
		      unsigned int why)
{
	damc_stats_inc(dn->stats, why);
	if (trace_damc_drop_enabled())
		damc_drop_traced(skb, why);
	else
		kfree_skb(skb);
}

static noinline void damc_trace_lookup(const struct damc_name *dst,
				       const struct damc_fib_entry *entry)
{
	static const struct damc_name none;
	struct damc_name prefix;

	prefix = entry ? damc_node_name(&entry->node) : none;
	trace_damc_lookup(dst, &prefix,
			  entry ? rcu_dereference(entry->target)->type : 0);
}

/* Send a packet to where an entry leads, if there is one. */
static int damc_output_entry(struct damc_net *dn, struct sk_buff *skb,
			     const struct damc_name *dst,
			     const struct damc_fib_entry *entry)
{
	const struct damc_target *target;

	if (trace_damc_lookup_enabled())
		damc_trace_lookup(dst, entry);
	if (!entry)
		return damc_refuse(dn, skb, DAMC_A_STATS_DROP_NO_ROUTE,
				   DAMC_ERROR_CODE_NO_ROUTE, 0);
	damc_cb(skb)->match_len = entry->node.len;
	target = rcu_dereference(entry->target);
	return target->output(dn, target, skb);
}

/**
 * damc_output() - send a packet to where the FIB leads
 * @dn: the namespace
 * @skb: the packet, arrived or made here
 *
 * Context: under RCU. Consumes @skb.
 * Return: 0, or why it was refused, as an errno.
 */
int damc_output(struct damc_net *dn, struct sk_buff *skb)
{
	struct damc_name dst = damc_dst(skb);

	return damc_output_entry(dn, skb, &dst,
				 damc_fib_lookup(&dn->fib, &dst));
}

/**
 * damc_output_again() - damc_output() of a packet to where one went before
 * @dn: the namespace
 * @skb: the packet
 * @match: what was found for its destination; gets what is found now
 *
 * Context: under RCU. Consumes @skb.
 * Return: 0, or why it was refused, as an errno.
 */
int damc_output_again(struct damc_net *dn, struct sk_buff *skb,
		      struct damc_match *match)
{
	struct damc_name dst = damc_dst(skb);

	return damc_output_entry(dn, skb, &dst,
				 damc_fib_lookup_again(&dn->fib, &dst, match));
}

/**
 * damc_output_all() - send several packets, in order
 * @dn: the namespace
 * @skbs: the packets
 * @n: how many, at most DAMC_BATCH
 *
 * Context: under RCU. Consumes all of @skbs.
 */
void damc_output_all(struct damc_net *dn, struct sk_buff **skbs, unsigned int n)
{
	struct damc_fib_entry *entries[DAMC_BATCH];
	struct damc_name dst[DAMC_BATCH];
	unsigned int i;

	for (i = 0; i < n; i++)
		dst[i] = damc_dst(skbs[i]);
	damc_fib_lookup_all(&dn->fib, dst, n, entries);
	for (i = 0; i < n; i++)
		damc_output_entry(dn, skbs[i], &dst[i], entries[i]);
}

/* Before there is a pin this foretells it. */
static unsigned int damc_output_pool_mtu(const struct damc_net *dn,
					 const struct damc_target *target,
					 const struct damc_hdr_args *args)
{
	struct damc_choice choice = {
		.dn = dn, .pool = args->dst, .src = args->src,
		.label = args->flow,
		.class = damc_class_selector(args->traffic_class),
	};

	if (damc_pick_peek(target, &choice))
		return UINT_MAX;
	return damc_choice_mtu(&choice);
}

/**
 * damc_output_mtu() - how large a packet may be to be sent from here
 * @dn: the namespace
 * @args: its header
 * @match: what was found for its destination before; gets what is found now
 * @headroom: gets what its link wants free in front of it, if one is in question;
 *	may be NULL
 *
 * Context: under RCU.
 * Return: bytes, UINT_MAX if there is no link in question.
 */
unsigned int damc_output_mtu(struct damc_net *dn,
			     const struct damc_hdr_args *args,
			     struct damc_match *match, unsigned int *headroom)
{
	struct damc_policy_key key = {
		.dst = args->dst,
		.src = args->src,
		.class = damc_class_selector(args->traffic_class),
	};
	const struct damc_target *target;
	const struct damc_neigh *neigh;
	struct damc_fib_entry *entry;
	struct damc_way way;

	entry = damc_fib_lookup_again(&dn->fib, &args->dst, match);
	if (!entry)
		return UINT_MAX;
	target = rcu_dereference(entry->target);
	if (target->pool)
		return damc_output_pool_mtu(dn, target, args);
	if (target->output != damc_forward)
		return UINT_MAX;
	neigh = damc_target_choose(dn, target, damc_policy_of(dn, &key),
				   args->flow, &way);
	if (!neigh)
		return UINT_MAX;
	if (headroom)
		*headroom = neigh->encap->headroom(neigh, &way);
	damc_way_leave(&way);
	return way.mtu;
}
