// SPDX-License-Identifier: GPL-2.0
/* Packets that end here: to a socket, to the echo responder, to errors. */
#include "bind.h"
#include "error.h"
#include "packet.h"
#include "sock.h"
#include "target.h"

/* The name ends here: it is bound, or is what the entry says, not just below. */
static bool damc_name_lives(struct damc_net *dn, struct sk_buff *skb)
{
	return damc_cb(skb)->match_len == damc_cb(skb)->pkt.dst_len ||
	       damc_sock_lookup(dn, skb);
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

static struct sk_buff *damc_echo_reply(struct sk_buff *skb)
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
	struct damc_echo_hdr *echo;
	struct sk_buff *reply;

	reply = damc_packet_alloc(&args);
	if (!reply)
		return NULL;
	echo = (void *)(reply->data + damc_cb(reply)->pkt.header_len);
	/* Cannot fail: input cut the packet to what its header says. */
	skb_copy_bits(skb, pkt->header_len, echo, pkt->payload_len);
	echo->type = DAMC_ECHO_REPLY;
	damc_echo_record(reply, skb);
	return reply;
}

static int damc_echo_answer(struct damc_net *dn, struct sk_buff *skb)
{
	struct sk_buff *reply;

	if (!damc_name_lives(dn, skb))
		return damc_refuse(dn, skb, DAMC_A_STATS_DROP_NO_LISTENER,
				   DAMC_ERROR_CODE_NO_LISTENER, 0);
	reply = damc_echo_reply(skb);
	if (!reply) {
		damc_drop(dn, skb, DAMC_A_STATS_DROP_MEMORY);
		return -ENOMEM;
	}
	consume_skb(skb);
	damc_stats_inc(dn->stats, DAMC_A_STATS_ECHO_REPLIES);
	damc_output(dn, reply);
	return 0;
}

static int damc_deliver_socket(struct damc_net *dn, struct sk_buff *skb)
{
	struct sock *sk = damc_sock_lookup(dn, skb);

	if (!sk)
		return damc_refuse(dn, skb, DAMC_A_STATS_DROP_NO_LISTENER,
				   DAMC_ERROR_CODE_NO_LISTENER, 0);
	return damc_sock_receive(dn, sk, skb);
}

/* The echo's own header becomes linear: a socket's reader is spared it. */
static int damc_deliver_echo(struct damc_net *dn, struct sk_buff *skb)
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
		return damc_echo_answer(dn, skb);
	return damc_deliver_socket(dn, skb);
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
		return damc_deliver_socket(dn, skb);
	case DAMC_PROTO_ECHO:
		return damc_deliver_echo(dn, skb);
	case DAMC_PROTO_ERROR:
		return damc_error_receive(dn, skb);
	default:
		return damc_refuse(dn, skb, DAMC_A_STATS_DROP_PROTOCOL,
				   DAMC_ERROR_CODE_NO_LISTENER, 0);
	}
}
