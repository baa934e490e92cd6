// SPDX-License-Identifier: GPL-2.0
/* Packets that end here: to a socket, to the echo responder, to errors. */
#include "bind.h"
#include "error.h"
#include "fragment.h"
#include "packet.h"
#include "sock.h"
#include "target.h"

/* The name ends here: it is bound, or is what the entry says, not just below. */
static bool damc_name_lives(struct damc_net *dn,
			    const struct damc_target *target,
			    struct sk_buff *skb)
{
	return damc_cb(skb)->match_len == damc_cb(skb)->pkt.dst_len ||
	       damc_sock_lookup(dn, target, skb);
}

/* The way that the request recorded, its end, and room for the way back. */
static void damc_echo_record(struct sk_buff *reply, struct sk_buff *skb)
{
	const struct damc_pkt *from = &damc_cb(skb)->pkt;
	const struct damc_pkt *to = &damc_cb(reply)->pkt;
	struct damc_name end = damc_dst(skb);

	if (!from->record)
		return;
	memcpy(reply->data + to->record, (u8 *)damc_hdr(skb) + from->record,
	       from->record_len);
	damc_record_append(reply->data + to->record, to->record_len, &end);
}

static struct sk_buff *damc_echo_part(struct sk_buff *skb,
				      const struct damc_hdr_args *args,
				      const struct damc_fragment *part, u32 id)
{
	struct damc_echo_hdr *echo;
	struct sk_buff *reply;

	reply = damc_packet_room(damc_fragment_front(args, part) + part->len);
	if (!reply)
		return NULL;
	__skb_pull(reply, reply->len - part->len);
	echo = (void *)reply->data;
	/* Cannot fail: input cut the packet to what its header says. */
	skb_copy_bits(skb, damc_cb(skb)->pkt.header_len + part->offset, echo,
		      part->len);
	if (!part->offset)
		echo->type = DAMC_ECHO_REPLY;
	damc_fragment_header(reply, args, part, id);
	damc_echo_record(reply, skb);
	return reply;
}

/* In as many packets as the way back needs: at most DAMC_FRAGMENTS_MAX. */
static int damc_echo_parts(struct damc_net *dn, struct sk_buff *skb,
			   const struct damc_hdr_args *args, unsigned int size,
			   struct damc_match *match)
{
	struct damc_fragment part = { .total = args->payload_len };
	u32 id = size < part.total ? get_random_u32() : 0;
	struct sk_buff *reply;

	for (; part.offset < part.total; part.offset += part.len) {
		part.len = min_t(unsigned int, size, part.total - part.offset);
		reply = damc_echo_part(skb, args, &part, id);
		if (!reply)
			return -ENOMEM;
		if (!damc_fragment_is_whole(&part))
			damc_stats_inc(dn->stats, DAMC_A_STATS_FRAGMENTS_SENT);
		/* The first took the request's place. */
		if (part.offset)
			damc_stats_inc(dn->stats, DAMC_A_STATS_ORIGINATED);
		damc_output_again(dn, reply, match);
	}
	return 0;
}

static int damc_echo_reply(struct damc_net *dn, struct sk_buff *skb)
{
	const struct damc_pkt *pkt = &damc_cb(skb)->pkt;
	struct damc_hdr_args args = {
		.dst = damc_src(skb),
		.src = damc_dst(skb),
		.flow = pkt->flow,
		.payload_len = pkt->payload_len,
		.next_proto = DAMC_PROTO_ECHO,
		.hop_limit = DAMC_HOP_LIMIT_DEFAULT,
		.traffic_class = pkt->traffic_class,
		.record_len = pkt->record_len,
	};
	struct damc_match match = {};
	unsigned int size;

	size = damc_fragment_size(&args, damc_output_mtu(dn, &args, &match,
							 NULL));
	if (!size || pkt->payload_len > DAMC_MESSAGE_MAX)
		return -EMSGSIZE;
	return damc_echo_parts(dn, skb, &args, size, &match);
}

static int damc_echo_answer(struct damc_net *dn,
			    const struct damc_target *target,
			    struct sk_buff *skb)
{
	int err;

	if (!damc_name_lives(dn, target, skb))
		return damc_refuse(dn, skb, DAMC_A_STATS_DROP_NO_LISTENER,
				   DAMC_ERROR_CODE_NO_LISTENER, 0);
	err = damc_echo_reply(dn, skb);
	if (err) {
		damc_drop(dn, skb, err == -EMSGSIZE ?
			  DAMC_A_STATS_DROP_TOO_BIG : DAMC_A_STATS_DROP_MEMORY);
		return err;
	}
	consume_skb(skb);
	damc_stats_inc(dn->stats, DAMC_A_STATS_ECHO_REPLIES);
	return 0;
}

static int damc_deliver_socket(struct damc_net *dn,
			       const struct damc_target *target,
			       struct sk_buff *skb)
{
	struct sock *sk = damc_sock_lookup(dn, target, skb);

	if (!sk)
		return damc_refuse(dn, skb, DAMC_A_STATS_DROP_NO_LISTENER,
				   DAMC_ERROR_CODE_NO_LISTENER, 0);
	return damc_sock_receive(dn, sk, skb);
}

/* The echo's own header becomes linear: a socket's reader is spared it. */
static int damc_deliver_echo(struct damc_net *dn,
			     const struct damc_target *target,
			     struct sk_buff *skb)
{
	unsigned int header = damc_cb(skb)->pkt.header_len;
	const struct damc_echo_hdr *echo;

	if (damc_cb(skb)->pkt.payload_len < sizeof(*echo) ||
	    !pskb_may_pull(skb, header + sizeof(*echo))) {
		damc_drop(dn, skb, DAMC_A_STATS_DROP_MALFORMED);
		return -EPROTO;
	}
	echo = (const void *)(skb->data + header);
	if (echo->type == DAMC_ECHO_REQUEST)
		return damc_echo_answer(dn, target, skb);
	return damc_deliver_socket(dn, target, skb);
}

/* Nothing waits for a name that nobody has. */
static int damc_deliver_fragment(struct damc_net *dn,
				 const struct damc_target *target,
				 struct sk_buff *skb)
{
	if (!damc_name_lives(dn, target, skb))
		return damc_refuse(dn, skb, DAMC_A_STATS_DROP_NO_LISTENER,
				   DAMC_ERROR_CODE_NO_LISTENER, 0);
	skb = damc_reassemble(dn, skb);
	/* The whole is no fragment. */
	return skb ? damc_deliver(dn, target, skb) : 0;
}

/**
 * damc_deliver() - a packet ends here
 * @dn: the namespace
 * @target: says so
 * @skb: the packet
 *
 * Context: under RCU. Consumes @skb.
 * Return: 0, or why it was refused, as an errno.
 */
int damc_deliver(struct damc_net *dn, const struct damc_target *target,
		 struct sk_buff *skb)
{
	switch (damc_cb(skb)->pkt.next_proto) {
	case DAMC_PROTO_MESSAGE:
	case DAMC_PROTO_CONTROL:
		return damc_deliver_socket(dn, target, skb);
	case DAMC_PROTO_ECHO:
		return damc_deliver_echo(dn, target, skb);
	case DAMC_PROTO_FRAGMENT:
		return damc_deliver_fragment(dn, target, skb);
	case DAMC_PROTO_ERROR:
		return damc_error_receive(dn, target, skb);
	default:
		return damc_refuse(dn, skb, DAMC_A_STATS_DROP_PROTOCOL,
				   DAMC_ERROR_CODE_NO_LISTENER, 0);
	}
}
