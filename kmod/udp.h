/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DAMC in UDP: one port a namespace, open over IPv4 and IPv6 from the time an
 * administrator sets it until he sets it to 0 or the namespace ends.
 *
 * A struct damc_udp is made and ended under the namespace's lock. Sockets point
 * to it, and hold no reference to the namespace; packets read it under RCU, and
 * so do its neighbours, which it outlives. An interface's name for all this is
 * @dev: what arrives by UDP came by it, neighbours belong to it.
 */
#ifndef _DAMC_UDP_H
#define _DAMC_UDP_H

#include <linux/netfilter.h>
#include <net/dst_cache.h>
#include <net/udp.h>

#include "dev.h"
#include "neigh.h"

struct damc_net;

enum damc_udp_family {
	DAMC_UDP_V4,
	DAMC_UDP_V6,
	DAMC_UDP_FAMILIES,
};

/**
 * struct damc_udp - an open port
 * @dev: of mode up, without a netdev
 * @sock: one a family; IPv6's is NULL where the kernel runs without it
 * @port: as set
 * @seed: of @hash and of source ports
 * @hooks: keep pods' datagrams from being routed to the port
 * @hash: struct damc_udp_neigh by remote address; changed under the namespace's
 *	lock, read under RCU
 */
struct damc_udp {
	struct damc_dev dev;
	struct socket *sock[DAMC_UDP_FAMILIES];
	__be16 port;
	u32 seed;
	struct nf_hook_ops hooks[DAMC_UDP_FAMILIES];
	struct hlist_head hash[1 << DAMC_UDP_HASH_BITS];
};

/**
 * struct damc_udp_neigh - a neighbour that UDP reaches
 * @neigh: what all neighbours have
 * @node: in the port's @hash
 * @key: where it is
 * @cache: the route there
 */
struct damc_udp_neigh {
	struct damc_neigh neigh;
	struct hlist_node node;
	struct damc_udp_key key;
	struct dst_cache cache;
};

/* Not const: looking up the route fills the cache. */
static inline struct damc_udp_neigh *
damc_udp_neigh(const struct damc_neigh *neigh)
{
	return container_of((struct damc_neigh *)neigh, struct damc_udp_neigh,
			    neigh);
}

static inline struct damc_udp *damc_udp_of(const struct damc_neigh *neigh)
{
	return container_of(neigh->dev, struct damc_udp, dev);
}

static inline enum damc_udp_family
damc_udp_family(const struct damc_udp_key *key)
{
	return ipv6_addr_v4mapped(&key->remote) ? DAMC_UDP_V4 : DAMC_UDP_V6;
}

/* udp.c */
int damc_udp_set_port(struct damc_net *dn, u16 port,
		      struct netlink_ext_ack *extack);
void damc_udp_close(struct damc_net *dn);

/* udp_neigh.c */
extern const struct damc_encap_ops damc_udp_ops;

struct damc_udp_neigh *damc_udp_find(const struct damc_udp *udp,
				     const struct in6_addr *remote,
				     const struct in6_addr *local, int ifindex);

/* udp_rcv.c */
int damc_udp_rcv(struct sock *sk, struct sk_buff *skb);
int damc_udp_err_lookup(struct sock *sk, struct sk_buff *skb);

/* udp_xmit.c */
unsigned int damc_udp_headroom(const struct damc_neigh *neigh,
			       const struct damc_way *way);
bool damc_udp_way(const struct damc_neigh *neigh, struct damc_way *way);
int damc_udp_xmit(const struct damc_neigh *neigh, struct sk_buff *skb,
		  struct damc_way *way);

/* udp_edge.c */
bool damc_udp_from_edge(const struct damc_net *dn, unsigned long ifindex);
#if IS_ENABLED(CONFIG_NETFILTER)
int damc_udp_guard(struct damc_udp *udp);
void damc_udp_unguard(struct damc_udp *udp);
#else
static inline int damc_udp_guard(struct damc_udp *udp)
{
	return 0;
}

static inline void damc_udp_unguard(struct damc_udp *udp)
{
}
#endif

#endif /* _DAMC_UDP_H */
