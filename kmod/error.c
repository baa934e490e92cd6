// SPDX-License-Identifier: GPL-2.0
/* Errors: made about a refused packet, and received. */
#include "dev.h"
#include "error.h"
#include "error_limit.h"
#include "packet.h"
#include "sock.h"
#include "target.h"

/* Bytes of payload that a quote has room for, whatever the names. */
#define DAMC_QUOTE_MIN 72

/**
 * damc_error_errno() - what a refusal is to a socket
 * @code: enum damc_error_code
 *
 * Return: a negative errno.
 */
int damc_error_errno(u8 code)
{
	switch (code) {
	case DAMC_ERROR_CODE_NO_RESOURCES:
		return -ENOBUFS;
	case DAMC_ERROR_CODE_PROHIBITED:
		return -EACCES;
	case DAMC_ERROR_CODE_TOO_BIG:
		return -EMSGSIZE;
	case DAMC_ERROR_CODE_MALFORMED:
		return -EPROTO;
	case DAMC_ERROR_CODE_PIN_LOST:
		return -ECONNRESET;
	case DAMC_ERROR_CODE_NO_LISTENER:
		return -ECONNREFUSED;
	default:
		return -EHOSTUNREACH;
	}
}

/* Nothing is said about an answer, nor about a fragment that is not the first. */
static bool damc_payload_due(struct sk_buff *skb)
{
	const struct damc_pkt *pkt = &damc_cb(skb)->pkt;
	unsigned int at = pkt->header_len;
	u8 type, proto = pkt->next_proto;
	struct damc_fragment_hdr hdr;

	if (proto == DAMC_PROTO_FRAGMENT) {
		if (skb_copy_bits(skb, at, &hdr, sizeof(hdr)) || hdr.offset)
			return false;
		proto = hdr.next_proto;
		at += sizeof(hdr);
	}
	if (proto != DAMC_PROTO_ECHO)
		return true;
	return !skb_copy_bits(skb, at, &type, sizeof(type)) &&
	       type == DAMC_ECHO_REQUEST;
}

/* Told is whoever sent it: what is not one node or pod did not. */
static bool damc_error_reaches(struct damc_net *dn, struct sk_buff *skb)
{
	struct damc_name src = damc_src(skb);
	const struct damc_fib_entry *entry = damc_fib_lookup(&dn->fib, &src);

	if (!entry)
		return false;
	switch (rcu_dereference(entry->target)->type) {
	case DAMC_ROUTE_TYPE_UNICAST:
	case DAMC_ROUTE_TYPE_LOCAL:
	case DAMC_ROUTE_TYPE_EDGE:
		return true;
	default:
		return false;
	}
}

/*
 * Nothing is said about an error, and nothing to a whole link. That the edge it
 * came by may use its source was checked where it came in.
 */
static bool damc_error_due(struct damc_net *dn, struct sk_buff *skb)
{
	const struct damc_cb *cb = damc_cb(skb);
	struct damc_name dst = damc_dst(skb);

	return cb->in && cb->pkt.src_len &&
	       cb->pkt.next_proto != DAMC_PROTO_ERROR &&
	       damc_name_scope(&dst) != DAMC_SCOPE_LINK &&
	       damc_payload_due(skb) && damc_error_reaches(dn, skb);
}

static unsigned int damc_quote_names(const struct damc_pkt *pkt)
{
	return sizeof(struct damc_hdr) + pkt->dst_len + pkt->src_len;
}

/*
 * The quote is the refused packet's header, and as much of its payload as fits.
 * Of the TLVs only POOL is needed to know the packet by: it stays, unless there
 * would be no room for the payload that a receiver can count on.
 */
static unsigned int damc_quote_header(const struct damc_pkt *pkt,
				      unsigned int room)
{
	unsigned int names = damc_quote_names(pkt), with;

	with = ALIGN(names + 2 + pkt->pool_len, 4);
	return pkt->pool && with + DAMC_QUOTE_MIN <= room ? with :
							    ALIGN(names, 4);
}

static void damc_quote(u8 *to, unsigned int header, unsigned int len,
		       struct sk_buff *cause)
{
	const struct damc_pkt *pkt = &damc_cb(cause)->pkt;
	struct damc_name pool = damc_pkt_pool(pkt, damc_hdr(cause));
	unsigned int names = damc_quote_names(pkt);
	struct damc_hdr *hdr = (struct damc_hdr *)to;

	memcpy(to, damc_hdr(cause), names);
	memset(to + names, 0, header - names);
	if (header > ALIGN(names, 4)) {
		to[names] = DAMC_TLV_POOL;
		to[names + 1] = pool.len;
		memcpy(to + names + 2, pool.wire, pool.len);
	}
	hdr->header_len = header / 4;
	hdr->flags &= ~DAMC_F_HOP_TLV;
	/* Cannot fail: the caller counted what there is. */
	skb_copy_bits(cause, pkt->header_len, to + header, len - header);
}

static void damc_error_send(struct damc_net *dn, struct sk_buff *cause,
			    u8 code, u32 info)
{
	const struct damc_pkt *pkt = &damc_cb(cause)->pkt;
	struct damc_hdr_args args = {
		.dst = damc_src(cause),
		.src = damc_self_name(dn),
		.flow = pkt->flow,
		.next_proto = DAMC_PROTO_ERROR,
		.hop_limit = DAMC_HOP_LIMIT_DEFAULT,
		.traffic_class = pkt->traffic_class,
	};
	unsigned int header, quote, room;
	struct damc_error_hdr *error;
	struct sk_buff *skb;

	room = DAMC_ERROR_SIZE_MAX - damc_hdr_size(&args) - sizeof(*error);
	header = damc_quote_header(pkt, room);
	quote = header +
		min_t(unsigned int, pkt->payload_len, cause->len - pkt->header_len);
	quote = min(quote, room);
	args.payload_len = sizeof(*error) + quote;
	skb = damc_packet_alloc(&args);
	if (!skb) {
		damc_stats_inc(dn->stats, DAMC_A_STATS_DROP_MEMORY);
		return;
	}
	error = (void *)(skb->data + damc_cb(skb)->pkt.header_len);
	*error = (struct damc_error_hdr){
		.code = code,
		.info = cpu_to_be32(info),
	};
	damc_quote((u8 *)(error + 1), header, quote, cause);
	damc_stats_inc(dn->stats, DAMC_A_STATS_ERRORS_SENT);
	damc_output(dn, skb);
}

/**
 * damc_refuse() - drop a packet, and tell its source
 * @dn: the namespace
 * @skb: the packet
 * @why: counter to drop it under
 * @code: enum damc_error_code
 * @info: for too-big what the link carries, else 0
 *
 * Context: under RCU. Consumes @skb.
 * Return: @code as an errno; where the packet was made here, that is
 * how its source is told.
 */
int damc_refuse(struct damc_net *dn, struct sk_buff *skb, unsigned int why,
		u8 code, u32 info)
{
	if (damc_error_due(dn, skb)) {
		if (damc_error_allowed(dn, skb, code))
			damc_error_send(dn, skb, code, info);
		else
			damc_stats_inc(dn->stats, DAMC_A_STATS_ERRORS_LIMITED);
	}
	damc_drop(dn, skb, why);
	return damc_error_errno(code);
}

int damc_unreachable(struct damc_net *dn, const struct damc_target *target,
		     struct sk_buff *skb)
{
	return damc_refuse(dn, skb, DAMC_A_STATS_DROP_NO_ROUTE,
			   DAMC_ERROR_CODE_NO_ROUTE, 0);
}

int damc_prohibit(struct damc_net *dn, const struct damc_target *target,
		  struct sk_buff *skb)
{
	return damc_refuse(dn, skb, DAMC_A_STATS_DROP_PROHIBITED,
			   DAMC_ERROR_CODE_PROHIBITED, 0);
}

/* What is quoted of a message's first fragment is quoted of the message. */
static int damc_error_fragment(const u8 *quote, unsigned int len,
			       struct damc_pkt *quoted)
{
	const struct damc_fragment_hdr *hdr;

	if (quoted->next_proto != DAMC_PROTO_FRAGMENT)
		return 0;
	hdr = (const void *)(quote + quoted->header_len);
	if (len < quoted->header_len + sizeof(*hdr) || hdr->offset)
		return -EINVAL;
	quoted->next_proto = hdr->next_proto;
	quoted->header_len += sizeof(*hdr);
	return 0;
}

/* Check the quote: it must be of a packet that the error's receiver sent. */
static int damc_error_parse(struct sk_buff *skb, struct damc_sock_error *error)
{
	struct damc_pkt *pkt = &damc_cb(skb)->pkt;
	struct damc_name to = damc_dst(skb), quoted;
	const struct damc_error_hdr *hdr;
	const u8 *quote;

	if (pkt->payload_len < sizeof(*hdr) || skb_linearize(skb))
		return -EINVAL;
	hdr = (void *)(skb->data + pkt->header_len);
	quote = (const u8 *)(hdr + 1);
	/* Its payload is cut short, so only its header is held to its length. */
	if (damc_hdr_parse(quote, pkt->payload_len - sizeof(*hdr), SIZE_MAX / 2,
			   &error->quoted))
		return -EINVAL;
	to = damc_dst(skb);
	quoted = damc_pkt_src(&error->quoted, quote);
	if (!damc_name_equal(&to, &quoted) ||
	    damc_error_fragment(quote, pkt->payload_len - sizeof(*hdr),
				&error->quoted))
		return -EINVAL;
	error->code = hdr->code;
	error->info = be32_to_cpu(hdr->info);
	error->quote = quote - skb->data;
	return 0;
}

/**
 * damc_error_receive() - an error ends here
 * @dn: the namespace
 * @target: says so
 * @skb: the error
 *
 * Context: under RCU. Consumes @skb.
 */
int damc_error_receive(struct damc_net *dn, const struct damc_target *target,
		       struct sk_buff *skb)
{
	struct damc_sock_error error = {};
	struct sock *sk;

	if (damc_error_parse(skb, &error)) {
		damc_drop(dn, skb, DAMC_A_STATS_DROP_ERROR_UNKNOWN);
		return 0;
	}
	sk = damc_sock_lookup(dn, target, skb);
	if (!sk || sk->sk_protocol != error.quoted.next_proto) {
		damc_drop(dn, skb, DAMC_A_STATS_DROP_ERROR_UNKNOWN);
		return 0;
	}
	damc_stats_inc(dn->stats, DAMC_A_STATS_ERRORS_RECEIVED);
	damc_sock_error(sk, skb, &error);
	return 0;
}
