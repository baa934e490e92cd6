/* SPDX-License-Identifier: GPL-2.0 */
/*
 * AF_DAMC sockets.
 *
 * A socket's binding, hop limit, flow label and options change under its lock.
 * The receive path runs under RCU without it, and reads the peer through RCU.
 */
#ifndef _DAMC_SOCK_H
#define _DAMC_SOCK_H

#include <net/sock.h>

#include <linux/damc.h>

#include "fib.h"
#include "header.h"

struct damc_bind;
struct damc_net;
struct damc_target;

/**
 * struct damc_peer - whom a connected socket talks to
 * @lock: is held to settle
 * @flow: flow label of what goes there, 0 for the socket's own
 * @settled: the peer has answered, and it is clear who that is
 * @len: bytes of @wire; grows once at most, if a pool's instance settles
 * @wire: the name; what is there once stays there
 */
struct damc_peer {
	struct rcu_head rcu;
	/* of settling */
	spinlock_t lock;
	u32 flow;
	bool settled;
	u8 len;
	u8 wire[DAMC_NAME_MAX];
};

/* The peer's name now. Context: under RCU or the socket's lock. */
static inline struct damc_name damc_peer_name(const struct damc_peer *peer)
{
	return (struct damc_name){
		/* of the bytes, see damc_peer_settle() */
		.len = smp_load_acquire(&peer->len),
		.wire = peer->wire,
	};
}

/**
 * struct damc_sent - where a socket sent to last
 * @match: what the FIB has for it
 * @len: bytes of @wire
 * @wire: the name
 */
struct damc_sent {
	struct damc_match match;
	u8 len;
	u8 wire[DAMC_NAME_MAX];
};

/**
 * struct damc_sock - a socket
 * @sk: first, as struct proto wants it
 * @bind: its name, NULL before the first bind(), send or connect()
 * @peer: set by connect()
 * @flow: flow label of what it sends
 * @sent_flow: flow label of what it sent last
 * @hop_limit: hop limit of what it sends
 * @record: room for a record in what it sends, 0 for none
 * @recv_hop_limit: recvmsg() gives the hop limit
 * @recv_err: errors go to the error queue, too
 * @recv_pktinfo: recvmsg() tells how a packet came
 * @member: weight to bind a pool's instance with, 0 for none
 * @path_mtu: what a too-big error told, 0 if none did
 * @path_mtu_since: jiffies when it came
 * @sent: the destination of what it sent last
 */
struct damc_sock {
	struct sock sk;
	struct damc_bind *bind;
	struct damc_peer __rcu *peer;
	u32 flow;
	u32 sent_flow;
	u8 hop_limit;
	u8 record;
	bool recv_hop_limit;
	bool recv_err;
	bool recv_pktinfo;
	u32 member;
	u32 path_mtu;
	unsigned long path_mtu_since;
	struct damc_sent sent;
};

/**
 * struct damc_sock_error - an error that a socket is to be told
 * @quoted: the refused packet's header
 * @quote: where it begins in the error, from skb->data
 * @code: enum damc_error_code
 * @info: for too-big what the link carries
 */
struct damc_sock_error {
	struct damc_pkt quoted;
	unsigned int quote;
	u8 code;
	u32 info;
};

static inline struct damc_sock *damc_sk(struct sock *sk)
{
	return container_of(sk, struct damc_sock, sk);
}

extern int damc_family;

/* sock.c */
int damc_sock_register(void);
void damc_sock_unregister(void);
struct damc_bind *damc_sock_autobind(struct damc_sock *ds);

/* sock_rx.c */
struct sock *damc_sock_lookup(struct damc_net *dn,
			      const struct damc_target *target,
			      struct sk_buff *skb);
int damc_sock_receive(struct damc_net *dn, struct sock *sk,
		      struct sk_buff *skb);
void damc_sock_error(struct sock *sk, struct sk_buff *skb,
		     const struct damc_sock_error *error);
int damc_recvmsg(struct socket *sock, struct msghdr *msg, size_t len,
		 int flags);

/* sock_tx.c */
int damc_sendmsg(struct socket *sock, struct msghdr *msg, size_t len);

/* sock_opt.c */
int damc_setsockopt(struct socket *sock, int level, int name, sockptr_t value,
		    unsigned int len);
int damc_getsockopt(struct socket *sock, int level, int name,
		    char __user *value, int __user *len);

/* sock_peer.c */
struct damc_peer *damc_peer_make(const struct damc_name *name, u32 flow);
bool damc_sock_hears(const struct damc_sock *ds, struct sk_buff *skb);
bool damc_error_is_peers(const struct damc_sock *ds,
			 const struct damc_sock_error *error,
			 const void *quote);

/* sock_addr.c */
int damc_sockaddr_check(const struct sockaddr_damc *sa, int len, bool send);
void damc_sockaddr_fill(struct sockaddr_damc *sa, const struct damc_name *name,
			u32 flow);
int damc_sockaddr_len(const struct damc_name *name);

#endif /* _DAMC_SOCK_H */
