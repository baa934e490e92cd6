// SPDX-License-Identifier: GPL-2.0
/* Sending on a socket. */
#include "bind.h"
#include "packet.h"
#include "sock.h"

/* Headroom for any link's header, as packets made elsewhere have. */
#define DAMC_SOCK_HEADROOM LL_MAX_HEADER

/* What is in front of the sender's bytes: an echo's own header. */
static unsigned int damc_proto_header(const struct sock *sk)
{
	return sk->sk_protocol == DAMC_PROTO_ECHO ?
	       sizeof(struct damc_echo_hdr) : 0;
}

/**
 * struct damc_send - one sendmsg()
 * @args: the header to be
 * @wire: the destination's bytes
 */
struct damc_send {
	struct damc_hdr_args args;
	u8 wire[DAMC_NAME_MAX];
};

static void damc_send_to(struct damc_send *send, const u8 *wire, u8 len,
			 u32 flow)
{
	memcpy(send->wire, wire, len);
	send->args.dst.wire = send->wire;
	send->args.dst.len = len;
	send->args.flow = flow;
}

static int damc_send_dst(struct damc_sock *ds, const struct msghdr *msg,
			 struct damc_send *send)
{
	const struct sockaddr_damc *sa = msg->msg_name;
	const struct damc_peer *peer;
	int err;

	if (sa) {
		err = damc_sockaddr_check(sa, msg->msg_namelen);
		if (err)
			return err;
		damc_send_to(send, sa->sdamc_name, sa->sdamc_nlen,
			     sa->sdamc_flow ?: ds->flow);
	} else {
		peer = rcu_dereference_protected(ds->peer,
						 lockdep_sock_is_held(&ds->sk));
		if (!peer)
			return -EDESTADDRREQ;
		damc_send_to(send, peer->wire, peer->len,
			     peer->flow ?: ds->flow);
	}
	return send->args.dst.len ? 0 : -EDESTADDRREQ;
}

static int damc_send_cmsg(const struct cmsghdr *cmsg, struct damc_send *send)
{
	int value;

	if (cmsg->cmsg_len != CMSG_LEN(sizeof(value)))
		return -EINVAL;
	memcpy(&value, CMSG_DATA(cmsg), sizeof(value));
	switch (cmsg->cmsg_type) {
	case DAMC_HOP_LIMIT:
		if (value < 1 || value > U8_MAX)
			return -EINVAL;
		send->args.hop_limit = value;
		return 0;
	case DAMC_RECORD:
		if (value < 0 || value > DAMC_RECORD_MAX ||
		    (value && value < sizeof(struct damc_record)))
			return -EINVAL;
		send->args.record_len = value;
		return 0;
	default:
		return -EINVAL;
	}
}

static int damc_send_cmsgs(struct msghdr *msg, struct damc_send *send)
{
	struct cmsghdr *cmsg;
	int err;

	for_each_cmsghdr(cmsg, msg) {
		if (!CMSG_OK(msg, cmsg))
			return -EINVAL;
		if (cmsg->cmsg_level != SOL_DAMC)
			continue;
		err = damc_send_cmsg(cmsg, send);
		if (err)
			return err;
	}
	return 0;
}

static int damc_send_prepare(struct damc_sock *ds, struct msghdr *msg,
			     size_t len, struct damc_send *send)
{
	struct damc_bind *bind;
	int err;

	bind = damc_sock_autobind(ds);
	if (IS_ERR(bind))
		return PTR_ERR(bind);
	send->args = (struct damc_hdr_args){
		.src = damc_node_name(&bind->node),
		.payload_len = len + damc_proto_header(&ds->sk),
		.next_proto = ds->sk.sk_protocol,
		.hop_limit = ds->hop_limit,
		.record_len = ds->record,
	};
	err = damc_send_dst(ds, msg, send);
	return err ?: damc_send_cmsgs(msg, send);
}

/* May wait for room. */
static struct sk_buff *damc_send_alloc(struct sock *sk, struct msghdr *msg,
				       size_t len, unsigned int header,
				       int *err)
{
	unsigned int front = DAMC_SOCK_HEADROOM + header;
	unsigned int own = damc_proto_header(sk);
	struct sk_buff *skb;

	skb = sock_alloc_send_skb(sk, front + own + len,
				  msg->msg_flags & MSG_DONTWAIT, err);
	if (!skb)
		return NULL;
	skb_reserve(skb, front);
	memset(skb_put(skb, own), 0, own);
	*err = memcpy_from_msg(skb_put(skb, len), msg, len);
	if (!*err)
		return skb;
	kfree_skb(skb);
	return NULL;
}

static int damc_send(struct damc_net *dn, struct sk_buff *skb)
{
	int err;

	rcu_read_lock();
	err = damc_output(dn, skb);
	rcu_read_unlock();
	return err;
}

/**
 * damc_sendmsg() - send a datagram
 * @sock: the socket; an unbound one gets a name of its own
 * @msg: destination (if not connected), control messages, bytes
 * @len: how many bytes
 *
 * Context: process, may sleep.
 * Return: @len, or: -EDESTADDRREQ; -EINVAL; -EADDRNOTAVAIL if unbound and the
 * namespace has no name; -EAGAIN, -EMSGSIZE; what damc_output() returns.
 */
int damc_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	struct damc_net *dn = damc_net(sock_net(sock->sk));
	struct damc_sock *ds = damc_sk(sock->sk);
	struct damc_send send;
	struct sk_buff *skb;
	int err;

	if (msg->msg_flags & ~(MSG_DONTWAIT | MSG_NOSIGNAL | MSG_BATCH |
			       MSG_CMSG_COMPAT))
		return -EOPNOTSUPP;
	if (len > U16_MAX - sizeof(struct damc_echo_hdr))
		return -EMSGSIZE;

	lock_sock(&ds->sk);
	err = damc_send_prepare(ds, msg, len, &send);
	release_sock(&ds->sk);
	if (err)
		return err;
	/* The socket's name, once there, stays as long as the socket does. */
	skb = damc_send_alloc(&ds->sk, msg, len, damc_hdr_size(&send.args),
			      &err);
	if (!skb)
		return err;
	damc_packet_header(skb, &send.args);
	damc_stats_inc(dn->stats, DAMC_A_STATS_ORIGINATED);
	err = damc_send(dn, skb);
	return err ?: len;
}
