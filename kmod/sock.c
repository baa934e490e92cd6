// SPDX-License-Identifier: GPL-2.0
/* AF_DAMC sockets: family, making and ending them, names, peers. */
#include <linux/module.h>
#include <linux/net.h>
#include <linux/sockios.h>

#include <asm/ioctls.h>

#include "bind.h"
#include "netns.h"
#include "packet.h"
#include "sock.h"

/* AF_ASH: its implementation left Linux long ago, and none took its place. */
int damc_family = AF_DAMC_DEFAULT;
module_param_named(family, damc_family, int, 0444);
MODULE_PARM_DESC(family, "address family to take (default 18)");

static struct damc_net *damc_sock_net(const struct sock *sk)
{
	return damc_net(sock_net(sk));
}

/**
 * damc_sock_autobind() - a socket's binding, made if it has none
 * @ds: the socket
 *
 * Context: under the socket's lock, may sleep.
 * Return: the binding, or ERR_PTR(): what damc_bind_ephemeral() returns.
 */
struct damc_bind *damc_sock_autobind(struct damc_sock *ds)
{
	struct damc_net *dn = damc_sock_net(&ds->sk);
	struct damc_bind *bind;

	if (ds->bind)
		return ds->bind;
	mutex_lock(&dn->lock);
	bind = damc_bind_ephemeral(dn, &ds->sk);
	mutex_unlock(&dn->lock);
	if (!IS_ERR(bind))
		ds->bind = bind;
	return bind;
}

/* Depths are few, and routes need them: some are not for everyone to take. */
static bool damc_bind_depth_allowed(const struct damc_net *dn,
				    const struct damc_name *name)
{
	return damc_fib_has_depth(&dn->fib, name, DAMC_DEPTHS_OPEN) ||
	       ns_capable(dn->net->user_ns, CAP_NET_ADMIN);
}

static int damc_bind_name(struct damc_sock *ds, const struct damc_name *name)
{
	struct damc_net *dn = damc_sock_net(&ds->sk);
	struct damc_bind *bind;
	int err;

	if (ds->bind)
		return -EINVAL;
	mutex_lock(&dn->lock);
	err = damc_bind_permitted(dn, name, &ds->sk);
	if (!err && !damc_bind_depth_allowed(dn, name))
		err = -E2BIG;
	bind = err ? ERR_PTR(err) :
		     damc_bind_sock(dn, name, ds->member, &ds->sk);
	mutex_unlock(&dn->lock);
	if (IS_ERR(bind))
		return PTR_ERR(bind);
	/* Pairs with damc_poll(). */
	smp_store_release(&ds->bind, bind);
	return 0;
}

static int damc_sock_bind(struct socket *sock, struct sockaddr *addr, int len)
{
	const struct sockaddr_damc *sa = (const struct sockaddr_damc *)addr;
	struct sock *sk = sock->sk;
	struct damc_name name;
	int err;

	err = damc_sockaddr_check(sa, len, false);
	if (err)
		return err;
	if (sa->sdamc_flow)
		return -EINVAL;
	name.wire = sa->sdamc_name;
	name.len = sa->sdamc_nlen;
	lock_sock(sk);
	err = damc_bind_name(damc_sk(sk), &name);
	release_sock(sk);
	return err;
}

static void damc_peer_set(struct damc_sock *ds, struct damc_peer *peer)
{
	struct damc_peer *old;

	old = rcu_replace_pointer(ds->peer, peer,
				  lockdep_sock_is_held(&ds->sk));
	if (old)
		kfree_rcu(old, rcu);
}

static int damc_connect_peer(struct damc_sock *ds,
			     const struct sockaddr_damc *sa)
{
	struct damc_name name = { .wire = sa->sdamc_name, .len = sa->sdamc_nlen };
	struct damc_bind *bind = damc_sock_autobind(ds);
	struct damc_peer *peer;

	if (IS_ERR(bind))
		return PTR_ERR(bind);
	peer = damc_peer_make(&name, sa->sdamc_flow);
	if (!peer)
		return -ENOMEM;
	damc_peer_set(ds, peer);
	return 0;
}

static int damc_sock_disconnect(struct socket *sock)
{
	lock_sock(sock->sk);
	damc_peer_set(damc_sk(sock->sk), NULL);
	sock->state = SS_UNCONNECTED;
	release_sock(sock->sk);
	return 0;
}

static int damc_sock_connect(struct socket *sock, struct sockaddr *addr,
			     int len, int flags)
{
	const struct sockaddr_damc *sa = (const struct sockaddr_damc *)addr;
	int err;

	if (len >= (int)sizeof(sa->sdamc_family) &&
	    sa->sdamc_family == AF_UNSPEC)
		return damc_sock_disconnect(sock);
	err = damc_sockaddr_check(sa, len, false);
	if (err)
		return err;
	if (!sa->sdamc_nlen)
		return -EDESTADDRREQ;
	lock_sock(sock->sk);
	err = damc_connect_peer(damc_sk(sock->sk), sa);
	if (!err)
		sock->state = SS_CONNECTED;
	release_sock(sock->sk);
	return err;
}

static int damc_name_peer(struct damc_sock *ds, struct sockaddr_damc *sa)
{
	const struct damc_peer *peer;
	struct damc_name name;

	peer = rcu_dereference_protected(ds->peer,
					 lockdep_sock_is_held(&ds->sk));
	if (!peer)
		return -ENOTCONN;
	name = damc_peer_name(peer);
	damc_sockaddr_fill(sa, &name, peer->flow);
	return damc_sockaddr_len(&name);
}

static int damc_name_own(const struct damc_sock *ds, struct sockaddr_damc *sa)
{
	struct damc_name name = {};

	if (ds->bind)
		name = damc_node_name(&ds->bind->node);
	damc_sockaddr_fill(sa, &name, 0);
	return damc_sockaddr_len(&name);
}

static int damc_sock_getname(struct socket *sock, struct sockaddr *addr,
			     int peer)
{
	struct sockaddr_damc *sa = (struct sockaddr_damc *)addr;
	int len;

	lock_sock(sock->sk);
	len = peer ? damc_name_peer(damc_sk(sock->sk), sa) :
		     damc_name_own(damc_sk(sock->sk), sa);
	release_sock(sock->sk);
	return len;
}

/* Nothing can be sent before the name is granted. */
static __poll_t damc_poll(struct file *file, struct socket *sock,
			  poll_table *wait)
{
	__poll_t mask = datagram_poll(file, sock, wait);
	/* Pairs with damc_bind_name(); it stays as long as the socket does. */
	const struct damc_bind *bind = smp_load_acquire(&damc_sk(sock->sk)->bind);

	if (bind && READ_ONCE(bind->standing) == DAMC_BIND_STANDING_WANTED)
		mask &= ~(EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND);
	return mask;
}

/* After this no packet finds the socket that was not on its way already. */
static void damc_sock_unbind(struct damc_sock *ds)
{
	struct damc_net *dn = damc_sock_net(&ds->sk);

	if (!ds->bind)
		return;
	mutex_lock(&dn->lock);
	damc_bind_release(dn, ds->bind);
	mutex_unlock(&dn->lock);
	ds->bind = NULL;
}

static int damc_sock_release(struct socket *sock)
{
	struct sock *sk = sock->sk;

	if (!sk)
		return 0;
	lock_sock(sk);
	damc_sock_unbind(damc_sk(sk));
	damc_peer_set(damc_sk(sk), NULL);
	sock_orphan(sk);
	release_sock(sk);
	sock->sk = NULL;
	sock_put(sk);
	return 0;
}

/* A grace period after release: what was on its way has arrived. */
static void damc_sock_destruct(struct sock *sk)
{
	skb_queue_purge(&sk->sk_receive_queue);
	skb_queue_purge(&sk->sk_error_queue);
}

static int damc_sock_ioctl(struct socket *sock, unsigned int cmd,
			   unsigned long arg)
{
	struct sock *sk = sock->sk;
	struct sk_buff *skb;
	int n;

	switch (cmd) {
	case SIOCOUTQ:
		n = sk_wmem_alloc_get(sk);
		break;
	case SIOCINQ:
		spin_lock_bh(&sk->sk_receive_queue.lock);
		skb = skb_peek(&sk->sk_receive_queue);
		n = skb ? skb->len : 0;
		spin_unlock_bh(&sk->sk_receive_queue.lock);
		break;
	default:
		return -ENOIOCTLCMD;
	}
	return put_user(n, (int __user *)arg);
}

static struct proto damc_proto = {
	.name = "DAMC",
	.owner = THIS_MODULE,
	.obj_size = sizeof(struct damc_sock),
};

static const struct proto_ops damc_dgram_ops = {
	.family = AF_DAMC_DEFAULT,
	.owner = THIS_MODULE,
	.release = damc_sock_release,
	.bind = damc_sock_bind,
	.connect = damc_sock_connect,
	.socketpair = sock_no_socketpair,
	.accept = sock_no_accept,
	.getname = damc_sock_getname,
	.poll = damc_poll,
	.ioctl = damc_sock_ioctl,
	.gettstamp = sock_gettstamp,
	.listen = sock_no_listen,
	.shutdown = sock_no_shutdown,
	.setsockopt = damc_setsockopt,
	.getsockopt = damc_getsockopt,
	.sendmsg = damc_sendmsg,
	.recvmsg = damc_recvmsg,
	.mmap = sock_no_mmap,
};

static int damc_create_allowed(const struct net *net, int *protocol)
{
	switch (*protocol) {
	case 0:
		*protocol = DAMC_PROTO_MESSAGE;
		return 0;
	case DAMC_PROTO_MESSAGE:
	case DAMC_PROTO_ECHO:
		return 0;
	case DAMC_PROTO_CONTROL:
		return ns_capable(net->user_ns, CAP_NET_ADMIN) ? 0 : -EPERM;
	default:
		return -EPROTONOSUPPORT;
	}
}

static int damc_sock_begin(struct damc_net *dn)
{
	int err;

	/* Pairs with damc_net_begin(). */
	if (smp_load_acquire(&dn->begun))
		return 0;
	mutex_lock(&dn->lock);
	err = damc_net_begin(dn);
	mutex_unlock(&dn->lock);
	return err;
}

static int damc_sock_create(struct net *net, struct socket *sock, int protocol,
			    int kern)
{
	struct damc_sock *ds;
	struct sock *sk;
	int err;

	if (sock->type != SOCK_DGRAM)
		return -ESOCKTNOSUPPORT;
	err = damc_create_allowed(net, &protocol) ?: damc_sock_begin(damc_net(net));
	if (err)
		return err;
	sk = sk_alloc(net, damc_family, GFP_KERNEL, &damc_proto, kern);
	if (!sk)
		return -ENOMEM;
	sock->ops = &damc_dgram_ops;
	sock_init_data(sock, sk);
	sock_set_flag(sk, SOCK_RCU_FREE);
	sk->sk_protocol = protocol;
	sk->sk_destruct = damc_sock_destruct;
	ds = damc_sk(sk);
	ds->bind = NULL;
	RCU_INIT_POINTER(ds->peer, NULL);
	ds->flow = get_random_u32() ?: 1;
	ds->sent_flow = ds->flow;
	ds->hop_limit = DAMC_HOP_LIMIT_DEFAULT;
	ds->record = 0;
	ds->recv_hop_limit = false;
	ds->recv_err = false;
	ds->recv_pktinfo = false;
	ds->member = 0;
	ds->path_mtu = 0;
	ds->sent.len = 0;
	ds->sent.match = (struct damc_match){};
	return 0;
}

static struct net_proto_family damc_proto_family = {
	.create = damc_sock_create,
	.owner = THIS_MODULE,
};

int damc_sock_register(void)
{
	int err;

	err = proto_register(&damc_proto, 1);
	if (err)
		return err;
	damc_proto_family.family = damc_family;
	err = sock_register(&damc_proto_family);
	if (err) {
		pr_err("address family %d is not to be had (%d): try another, as in: modprobe damc family=19\n",
		       damc_family, err);
		proto_unregister(&damc_proto);
	}
	return err;
}

void damc_sock_unregister(void)
{
	sock_unregister(damc_family);
	proto_unregister(&damc_proto);
}

MODULE_ALIAS_NETPROTO(AF_DAMC_DEFAULT);
