// SPDX-License-Identifier: GPL-2.0
/* Receiving on a socket: messages, and errors. */
#include <linux/errqueue.h>

#include "bind.h"
#include "error.h"
#include "link.h"
#include "packet.h"
#include "sock.h"
#include "target.h"

/**
 * damc_sock_lookup() - the socket that a packet is for
 * @dn: the namespace
 * @target: of the entry that matched
 * @skb: a packet that ends here
 *
 * That is the destination's own, or else the one bound to the prefix that
 * matched: what is bound is a name and all below it. Only what has no entry of
 * its own has to be searched for: names that unbound sockets were given, and
 * those that wait for their gateway's word.
 *
 * Context: under RCU, for as long as the socket is used.
 * Return: the socket, or NULL.
 */
struct sock *damc_sock_lookup(struct damc_net *dn,
			      const struct damc_target *target,
			      struct sk_buff *skb)
{
	const struct damc_bind *bind = target->bind;
	struct damc_name name = damc_dst(skb);

	if (damc_cb(skb)->match_len < name.len)
		bind = damc_bind_find(dn, &name) ?: bind;
	return bind && damc_bind_usable(bind) ? bind->sk : NULL;
}

/* A socket bound to a device hears that device only. */
static bool damc_sock_listens(const struct sock *sk, const struct sk_buff *skb)
{
	int ifindex = READ_ONCE(sk->sk_bound_dev_if);

	return !ifindex || ifindex == skb->skb_iif;
}

/* A message that its reader sees from its first byte. */
static void damc_sock_pull(struct sock *sk, struct sk_buff *skb)
{
	skb_pull(skb, damc_cb(skb)->pkt.header_len);
	if (sk->sk_protocol == DAMC_PROTO_ECHO)
		skb_pull(skb, sizeof(struct damc_echo_hdr));
}

/* Its source is told of a full buffer, so that it sends less. */
static int damc_sock_full(struct damc_net *dn, struct sk_buff *skb,
			  struct damc_dev *in)
{
	__skb_push(skb, skb->data - skb_network_header(skb));
	damc_cb(skb)->in = in;
	return damc_refuse(dn, skb, DAMC_A_STATS_DROP_RCVBUF,
			   DAMC_ERROR_CODE_NO_RESOURCES, 0);
}

/**
 * damc_sock_receive() - queue a packet to a socket
 * @dn: the namespace
 * @sk: the socket
 * @skb: the packet
 *
 * Context: under RCU. Consumes @skb.
 * Return: 0, or why it was refused, as an errno.
 */
int damc_sock_receive(struct damc_net *dn, struct sock *sk, struct sk_buff *skb)
{
	struct damc_cb *cb = damc_cb(skb);
	struct damc_dev *in = cb->in;
	int err;

	if (sk->sk_protocol != cb->pkt.next_proto)
		return damc_refuse(dn, skb, DAMC_A_STATS_DROP_PROTOCOL,
				   DAMC_ERROR_CODE_NO_LISTENER, 0);
	if (!damc_sock_hears(damc_sk(sk), skb) || !damc_sock_listens(sk, skb))
		return damc_refuse(dn, skb, DAMC_A_STATS_DROP_NO_LISTENER,
				   DAMC_ERROR_CODE_NO_LISTENER, 0);
	cb->in = NULL;
	if (READ_ONCE(damc_sk(sk)->recv_pktinfo) && !skb->tstamp)
		__net_timestamp(skb);
	damc_sock_pull(sk, skb);
	err = sock_queue_rcv_skb(sk, skb);
	if (err == -ENOMEM || err == -ENOBUFS)
		return damc_sock_full(dn, skb, in);
	if (err) {
		damc_drop(dn, skb, DAMC_A_STATS_DROP_FILTER);
		return 0;
	}
	damc_stats_inc(dn->stats, DAMC_A_STATS_DELIVERED);
	return 0;
}

/* Where the rest is read from: the error's header stays in front. */
static void damc_error_queue(struct sock *sk, struct sk_buff *skb,
			     const struct damc_sock_error *error)
{
	struct sock_extended_err *ee = &SKB_EXT_ERR(skb)->ee;
	unsigned int front = error->quote + error->quoted.header_len;

	memset(SKB_EXT_ERR(skb), 0, sizeof(*SKB_EXT_ERR(skb)));
	ee->ee_errno = -damc_error_errno(error->code);
	ee->ee_code = error->code;
	ee->ee_info = error->info;
	ee->ee_data = error->quote;
	skb_pull(skb, front);
	if (sock_queue_err_skb(sk, skb))
		kfree_skb(skb);
}

/* How much larger a packet was made on its way, for an instance's name. */
static unsigned int damc_error_grown(const struct damc_pkt *quoted)
{
	return quoted->pool ?
	       damc_hdr_pick_size(quoted->pool_len,
				  quoted->dst_len - quoted->pool_len) : 0;
}

/*
 * What follows is cut smaller. Nodes forward what they did before, so that one
 * who forges it gains no more than smaller packets.
 */
static void damc_error_learn(struct damc_sock *ds,
			     const struct damc_sock_error *error)
{
	if (error->code != DAMC_ERROR_CODE_TOO_BIG ||
	    error->info < DAMC_PATH_MTU_MIN)
		return;
	WRITE_ONCE(ds->path_mtu_since, jiffies);
	WRITE_ONCE(ds->path_mtu, error->info - damc_error_grown(&error->quoted));
}

/**
 * damc_sock_error() - tell a socket that a packet of its was refused
 * @sk: the socket
 * @skb: the error, linear
 * @error: what it says
 *
 * As with UDP, an unconnected socket hears of it only if it asked to.
 *
 * Context: under RCU. Consumes @skb.
 */
void damc_sock_error(struct sock *sk, struct sk_buff *skb,
		     const struct damc_sock_error *error)
{
	struct damc_sock *ds = damc_sk(sk);

	damc_error_learn(ds, error);
	if (READ_ONCE(ds->recv_err)) {
		damc_error_queue(sk, skb, error);
		return;
	}
	if (damc_error_is_peers(ds, error, skb->data + error->quote)) {
		WRITE_ONCE(sk->sk_err, -damc_error_errno(error->code));
		sk_error_report(sk);
	}
	consume_skb(skb);
}

static void damc_recv_name(struct msghdr *msg, const struct damc_name *name,
			   u32 flow)
{
	DECLARE_SOCKADDR(struct sockaddr_damc *, sa, msg->msg_name);

	if (!sa)
		return;
	damc_sockaddr_fill(sa, name, flow);
	msg->msg_namelen = damc_sockaddr_len(name);
}

static void damc_recv_cmsgs(struct sock *sk, struct msghdr *msg,
			    struct sk_buff *skb)
{
	const struct damc_pkt *pkt = &damc_cb(skb)->pkt;
	int hop_limit = pkt->hop_limit;
	struct damc_pktinfo info;

	sock_recv_cmsgs(msg, sk, skb);
	if (READ_ONCE(damc_sk(sk)->recv_pktinfo)) {
		damc_link_info(skb, &info);
		put_cmsg(msg, SOL_DAMC, DAMC_PKTINFO, sizeof(info), &info);
	}
	if (READ_ONCE(damc_sk(sk)->recv_hop_limit))
		put_cmsg(msg, SOL_DAMC, DAMC_HOP_LIMIT, sizeof(hop_limit),
			 &hop_limit);
	if (pkt->record)
		put_cmsg(msg, SOL_DAMC, DAMC_RECORD, pkt->record_len,
			 (u8 *)damc_hdr(skb) + pkt->record);
}

static int damc_recv_copy(struct msghdr *msg, struct sk_buff *skb, size_t len)
{
	if (len < skb->len)
		msg->msg_flags |= MSG_TRUNC;
	return skb_copy_datagram_msg(skb, 0, msg, min_t(size_t, len, skb->len));
}

/* Told: the refused payload's start, its destination, and by whom and why. */
static int damc_recv_error(struct sock *sk, struct msghdr *msg, size_t len)
{
	struct sock_extended_err ee;
	struct damc_sock_err told = {};
	struct damc_pkt pkt, quoted;
	struct damc_name name;
	struct sk_buff *skb;
	u8 *header;
	int err;

	skb = sock_dequeue_err_skb(sk);
	if (!skb)
		return -EAGAIN;
	ee = SKB_EXT_ERR(skb)->ee;
	header = skb_network_header(skb);
	/* The control block was spent on ee; both headers were checked before. */
	if (damc_hdr_parse(header, ee.ee_data, SIZE_MAX / 2, &pkt) ||
	    damc_hdr_parse(header + ee.ee_data, skb->data - header - ee.ee_data,
			   SIZE_MAX / 2, &quoted)) {
		err = -EPROTO;
		goto free;
	}
	err = damc_recv_copy(msg, skb, len);
	if (err)
		goto free;
	/* What it was sent to, not what was picked for it. */
	name = quoted.pool ? damc_pkt_pool(&quoted, header + ee.ee_data) :
			     damc_pkt_dst(&quoted, header + ee.ee_data);
	damc_recv_name(msg, &name, quoted.flow);
	told.errno_code = ee.ee_errno;
	told.code = ee.ee_code;
	told.info = ee.ee_info;
	name = damc_pkt_src(&pkt, header);
	damc_sockaddr_fill(&told.offender, &name, pkt.flow);
	put_cmsg(msg, SOL_DAMC, DAMC_RECVERR, sizeof(told), &told);
	msg->msg_flags |= MSG_ERRQUEUE;
	err = min_t(size_t, len, skb->len);
free:
	consume_skb(skb);
	return err;
}

/**
 * damc_recvmsg() - receive a datagram, or an error
 * @sock: the socket
 * @msg: gets the source, control messages, bytes
 * @len: room for how many bytes
 * @flags: MSG_PEEK, MSG_TRUNC, MSG_DONTWAIT, MSG_ERRQUEUE
 *
 * Context: process, may sleep.
 * Return: bytes, with MSG_TRUNC the datagram's own; or an errno.
 */
int damc_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags)
{
	struct sock *sk = sock->sk;
	struct damc_name src;
	struct sk_buff *skb;
	int err;

	if (flags & ~(MSG_DONTWAIT | MSG_PEEK | MSG_TRUNC | MSG_ERRQUEUE |
		      MSG_CMSG_CLOEXEC | MSG_CMSG_COMPAT | MSG_NOSIGNAL))
		return -EOPNOTSUPP;
	if (flags & MSG_ERRQUEUE)
		return damc_recv_error(sk, msg, len);
	skb = skb_recv_datagram(sk, flags, &err);
	if (!skb)
		return err;
	err = damc_recv_copy(msg, skb, len);
	if (!err) {
		src = damc_src(skb);
		damc_recv_name(msg, &src, damc_cb(skb)->pkt.flow);
		damc_recv_cmsgs(sk, msg, skb);
		err = flags & MSG_TRUNC ? skb->len : min_t(size_t, len,
							   skb->len);
	}
	skb_free_datagram(sk, skb);
	return err;
}
