// SPDX-License-Identifier: GPL-2.0
/* Sending on a socket. */
#include "bind.h"
#include "fragment.h"
#include "link.h"
#include "packet.h"
#include "sock.h"

/* What is in front of the sender's bytes: an echo's own header. */
static unsigned int damc_proto_header(const struct sock *sk)
{
	return sk->sk_protocol == DAMC_PROTO_ECHO ?
	       sizeof(struct damc_echo_hdr) : 0;
}

/**
 * struct damc_send - one sendmsg()
 * @args: the header to be
 * @link: that the message goes to; none: it goes where its name does
 * @match: what the FIB has for the destination
 * @headroom: what is left free in front of each packet
 * @wire: the destination's bytes, if it is the peer, which may be another soon
 * @self: the source's, if that is the namespace's own name
 */
struct damc_send {
	struct damc_hdr_args args;
	struct damc_link link;
	struct damc_match match;
	unsigned int headroom;
	u8 wire[DAMC_NAME_MAX];
	u8 self[DAMC_NAME_BOUND_MAX];
};

static int damc_send_to(struct damc_sock *ds, const struct msghdr *msg,
			struct damc_send *send)
{
	const struct sockaddr_damc *sa = msg->msg_name;
	int err;

	err = damc_sockaddr_check(sa, msg->msg_namelen, true);
	if (err)
		return err;
	send->link.ifindex = sa->sdamc_ifindex;
	send->args.dst.wire = sa->sdamc_name;
	send->args.dst.len = sa->sdamc_nlen;
	send->args.flow = sa->sdamc_flow ?: ds->flow;
	send->args.first = true;
	return 0;
}

/* Until it is settled who the peer is, what goes there may make a pin. */
static int damc_send_to_peer(struct damc_sock *ds, struct damc_send *send)
{
	const struct damc_peer *peer;
	struct damc_name name;

	peer = rcu_dereference_protected(ds->peer,
					 lockdep_sock_is_held(&ds->sk));
	if (!peer)
		return -EDESTADDRREQ;
	name = damc_peer_name(peer);
	memcpy(send->wire, name.wire, name.len);
	send->args.dst.wire = send->wire;
	send->args.dst.len = name.len;
	send->args.flow = peer->flow ?: ds->flow;
	send->args.first = !READ_ONCE(peer->settled);
	return 0;
}

static int damc_send_dst(struct damc_sock *ds, const struct msghdr *msg,
			 struct damc_send *send)
{
	int err = msg->msg_name ? damc_send_to(ds, msg, send) :
				  damc_send_to_peer(ds, send);

	if (err)
		return err;
	return send->args.dst.len ? 0 : -EDESTADDRREQ;
}

static int damc_send_pktinfo(const struct cmsghdr *cmsg, struct damc_send *send)
{
	struct damc_pktinfo info, only = {};

	if (cmsg->cmsg_len != CMSG_LEN(sizeof(info)))
		return -EINVAL;
	memcpy(&info, CMSG_DATA(cmsg), sizeof(info));
	only.ifindex = info.ifindex;
	only.neigh = info.neigh;
	if (!info.ifindex == !info.neigh || memcmp(&info, &only, sizeof(info)))
		return -EINVAL;
	send->link.ifindex = info.ifindex;
	send->link.neigh = info.neigh;
	return 0;
}

static int damc_send_cmsg(const struct cmsghdr *cmsg, struct damc_send *send)
{
	int value;

	if (cmsg->cmsg_type == DAMC_PKTINFO)
		return damc_send_pktinfo(cmsg, send);
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

/* As the namespace: a name of the link's own does not say who on it speaks. */
static int damc_send_as_self(struct damc_net *dn, struct damc_send *send)
{
	struct damc_name self;

	rcu_read_lock();
	self = damc_self_name(dn);
	memcpy(send->self, self.wire, self.len);
	rcu_read_unlock();
	send->args.src = (struct damc_name){
		.wire = send->self, .len = self.len,
	};
	return self.len ? 0 : -EADDRNOTAVAIL;
}

/* A link belongs to a name of the link's own, and to no other. */
static int damc_send_link(struct damc_sock *ds, struct damc_send *send)
{
	bool link = damc_name_scope(&send->args.dst) == DAMC_SCOPE_LINK;

	if (!link)
		return damc_link_given(&send->link) ? -EINVAL : 0;
	if (!damc_link_given(&send->link))
		send->link.ifindex = READ_ONCE(ds->sk.sk_bound_dev_if);
	if (!damc_link_given(&send->link))
		return 0;
	send->args.hop_limit = DAMC_LINK_HOP_LIMIT;
	if (damc_name_scope(&send->args.src) != DAMC_SCOPE_LINK)
		return 0;
	return damc_send_as_self(damc_net(sock_net(&ds->sk)), send);
}

static int damc_send_prepare(struct damc_sock *ds, struct msghdr *msg,
			     size_t len, struct damc_send *send)
{
	struct damc_bind *bind;
	int err;

	bind = damc_sock_autobind(ds);
	if (IS_ERR(bind))
		return PTR_ERR(bind);
	if (!damc_bind_usable(bind))
		return READ_ONCE(bind->standing) == DAMC_BIND_STANDING_REFUSED ?
		       -EACCES : -EAGAIN;
	send->args = (struct damc_hdr_args){
		.src = damc_node_name(&bind->node),
		.payload_len = len + damc_proto_header(&ds->sk),
		.next_proto = ds->sk.sk_protocol,
		.hop_limit = ds->hop_limit,
		.record_len = ds->record,
	};
	send->link = (struct damc_link){};
	send->headroom = DAMC_HEADROOM_ANY;
	err = damc_send_dst(ds, msg, send) ?: damc_send_cmsgs(msg, send);
	WRITE_ONCE(ds->sent_flow, send->args.flow);
	return err ?: damc_send_link(ds, send);
}

/*
 * Sockets mostly send to where they sent last, connected or not: what the FIB
 * had for it then, it has still, unless entries came or went.
 */
static void damc_send_recall(struct damc_sent *sent, struct damc_send *send)
{
	const struct damc_name *dst = &send->args.dst;
	struct damc_name last = { .wire = sent->wire, .len = sent->len };

	if (!damc_name_equal(&last, dst)) {
		memcpy(sent->wire, dst->wire, dst->len);
		sent->len = dst->len;
		sent->match = (struct damc_match){};
	}
	send->match = sent->match;
}

/* What the link takes, or less if something on the way was found to. */
static unsigned int damc_send_mtu(struct damc_net *dn,
				  const struct damc_sock *ds,
				  struct damc_send *send)
{
	unsigned int mtu, learned = READ_ONCE(ds->path_mtu);
	unsigned long since = READ_ONCE(ds->path_mtu_since);
	int link;

	if (damc_link_given(&send->link)) {
		link = damc_link_mtu(dn, &send->link);
		/* That there is none, damc_link_output() says. */
		return link < 0 ? UINT_MAX : link;
	}
	rcu_read_lock();
	mtu = damc_output_mtu(dn, &send->args, &send->match, &send->headroom);
	rcu_read_unlock();
	if (mtu == UINT_MAX || !learned ||
	    time_after(jiffies, since + msecs_to_jiffies(DAMC_PATH_MTU_MS)))
		return mtu;
	/* Whoever says that it is less, does not keep us from sending. */
	return min(mtu, max(learned, damc_fragment_packet_min(&send->args)));
}

/*
 * The first packet of a message may wait for room; the others take it, so that
 * no message is sent in part: its size is bounded by the buffer's.
 */
static struct sk_buff *damc_send_room(struct sock *sk, struct msghdr *msg,
				      size_t size, bool first, int *err)
{
	struct sk_buff *skb;

	if (first)
		return sock_alloc_send_skb(sk, size,
					   msg->msg_flags & MSG_DONTWAIT, err);
	skb = sock_wmalloc(sk, size, 1, sk->sk_allocation);
	*err = skb ? 0 : -ENOBUFS;
	return skb;
}

/* A part of the payload, which begins with the protocol's own header. */
static struct sk_buff *damc_send_part(struct sock *sk, struct msghdr *msg,
				      const struct damc_send *send,
				      const struct damc_fragment *part,
				      int *err)
{
	unsigned int front = send->headroom +
			     damc_fragment_front(&send->args, part);
	unsigned int own = part->offset ? 0 : damc_proto_header(sk);
	struct sk_buff *skb;

	skb = damc_send_room(sk, msg, front + part->len, !part->offset, err);
	if (!skb)
		return NULL;
	skb_reserve(skb, front);
	memset(skb_put(skb, own), 0, own);
	*err = memcpy_from_msg(skb_put(skb, part->len - own), msg,
			       part->len - own);
	if (!*err)
		return skb;
	kfree_skb(skb);
	return NULL;
}

/* Queue the payload as packets of @size bytes; all, or an errno and none. */
static int damc_send_build(struct sock *sk, struct msghdr *msg,
			   const struct damc_send *send, unsigned int size,
			   struct sk_buff_head *queue)
{
	const struct damc_hdr_args *args = &send->args;
	struct damc_fragment part = { .total = args->payload_len };
	u32 id = size < part.total ? get_random_u32() : 0;
	struct sk_buff *skb;
	int err;

	do {
		part.len = min_t(unsigned int, size, part.total - part.offset);
		skb = damc_send_part(sk, msg, send, &part, &err);
		if (!skb) {
			__skb_queue_purge(queue);
			return err;
		}
		damc_fragment_header(skb, args, &part, id);
		__skb_queue_tail(queue, skb);
		part.offset += part.len;
	} while (part.offset < part.total);
	return 0;
}

/* Empties the queue. What is left after an error would be of no use. */
static int damc_send_queue(struct damc_net *dn, struct damc_send *send,
			   struct sk_buff_head *queue)
{
	bool fragments = skb_queue_len(queue) > 1;
	struct sk_buff *skb;
	int err = 0;

	while (!err && (skb = __skb_dequeue(queue))) {
		damc_stats_inc(dn->stats, DAMC_A_STATS_ORIGINATED);
		if (fragments)
			damc_stats_inc(dn->stats, DAMC_A_STATS_FRAGMENTS_SENT);
		rcu_read_lock();
		err = damc_link_given(&send->link) ?
		      damc_link_output(dn, &send->link, skb) :
		      damc_output_again(dn, skb, &send->match);
		rcu_read_unlock();
	}
	__skb_queue_purge(queue);
	return err;
}

/*
 * Next protocol control is not cut: the edge could not tell it from a message.
 * 0 if the message cannot be sent.
 */
static unsigned int damc_send_size(struct damc_net *dn, struct damc_sock *ds,
				   struct damc_send *send)
{
	const struct damc_hdr_args *args = &send->args;
	unsigned int size;

	if (ds->sk.sk_protocol == DAMC_PROTO_CONTROL)
		return args->payload_len;
	size = damc_fragment_size(args, damc_send_mtu(dn, ds, send));
	if (size < args->payload_len &&
	    args->payload_len > READ_ONCE(ds->sk.sk_sndbuf))
		return 0;
	return size;
}

/* What is sent, and in which parts: all that takes the socket's lock. */
static int damc_send_plan(struct damc_sock *ds, struct msghdr *msg, size_t len,
			  struct damc_send *send, unsigned int *size)
{
	int err;

	lock_sock(&ds->sk);
	err = damc_send_prepare(ds, msg, len, send);
	if (!err) {
		damc_send_recall(&ds->sent, send);
		*size = damc_send_size(damc_net(sock_net(&ds->sk)), ds, send);
		ds->sent.match = send->match;
		if (!*size && send->args.payload_len)
			err = -EMSGSIZE;
	}
	release_sock(&ds->sk);
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
 * namespace has no name; -EAGAIN if what was sent fills the send buffer until it
 * has left its link's queue, or until the gateway grants the name; -EACCES if it
 * refused that; -EMSGSIZE; what damc_output() or damc_link_output()
 * returns, after which a part of a message cut into fragments may have been sent.
 */
int damc_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	struct damc_net *dn = damc_net(sock_net(sock->sk));
	struct damc_sock *ds = damc_sk(sock->sk);
	struct sk_buff_head queue;
	struct damc_send send;
	unsigned int size;
	int err;

	if (msg->msg_flags & ~(MSG_DONTWAIT | MSG_NOSIGNAL | MSG_BATCH |
			       MSG_CMSG_COMPAT))
		return -EOPNOTSUPP;
	if (len > DAMC_MESSAGE_MAX - damc_proto_header(&ds->sk))
		return -EMSGSIZE;

	err = damc_send_plan(ds, msg, len, &send, &size);
	if (err)
		return err;
	/* The socket's name, once there, stays as long as the socket does. */
	__skb_queue_head_init(&queue);
	err = damc_send_build(&ds->sk, msg, &send, size, &queue);
	if (!err)
		err = damc_send_queue(dn, &send, &queue);
	return err ?: len;
}
