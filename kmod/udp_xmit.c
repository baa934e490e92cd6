// SPDX-License-Identifier: GPL-2.0
/*
 * DAMC in UDP: the route to a neighbour, and sending it packets. The outer
 * packet is never fragmented, here or on its way.
 *
 * That IP hands a datagram to this host's own port again, and so on, ends by the
 * packet's hop limit: each turn is a turn of softirq, none a call deeper.
 */
#include <linux/jhash.h>
#include <net/ip6_route.h>
#include <net/ipv6_stubs.h>
#include <net/route.h>

#include "compat/udp_tunnel.h"
#include "packet.h"
#include "udp.h"

static struct dst_entry *damc_udp_route4(struct damc_udp_neigh *un,
					 const struct sock *sk,
					 struct in6_addr *src)
{
	struct flowi4 fl4 = {
		.flowi4_oif = un->key.ifindex,
		.flowi4_proto = IPPROTO_UDP,
		.daddr = un->key.remote.s6_addr32[3],
		.saddr = un->key.local.s6_addr32[3],
		.fl4_dport = un->key.port,
	};
	struct rtable *rt = dst_cache_get_ip4(&un->cache, &fl4.saddr);

	if (!rt) {
		rt = ip_route_output_key(sock_net(sk), &fl4);
		if (IS_ERR(rt))
			return NULL;
		dst_cache_set_ip4(&un->cache, &rt->dst, fl4.saddr);
	}
	ipv6_addr_set_v4mapped(fl4.saddr, src);
	return &rt->dst;
}

static struct dst_entry *damc_udp_route6(struct damc_udp_neigh *un,
					 const struct sock *sk,
					 struct in6_addr *src)
{
	struct flowi6 fl6 = {
		.flowi6_oif = un->key.ifindex,
		.flowi6_proto = IPPROTO_UDP,
		.daddr = un->key.remote,
		.saddr = un->key.local,
		.fl6_dport = un->key.port,
	};
	struct dst_entry *dst = dst_cache_get_ip6(&un->cache, &fl6.saddr);

	if (!dst) {
		dst = ipv6_stub->ipv6_dst_lookup_flow(sock_net(sk), sk, &fl6,
						      NULL);
		if (IS_ERR(dst))
			return NULL;
		dst_cache_set_ip6(&un->cache, dst, &fl6.saddr);
	}
	*src = fl6.saddr;
	return dst;
}

static struct sock *damc_udp_sk(const struct damc_neigh *neigh)
{
	const struct damc_udp_key *key = &damc_udp_neigh(neigh)->key;

	return damc_udp_of(neigh)->sock[damc_udp_family(key)]->sk;
}

static unsigned int damc_udp_overhead(const struct damc_neigh *neigh)
{
	return sizeof(struct udphdr) +
	       (damc_udp_sk(neigh)->sk_family == AF_INET ?
		sizeof(struct iphdr) : sizeof(struct ipv6hdr));
}

/**
 * damc_udp_way() - the route to a neighbour
 * @neigh: the neighbour
 * @way: gets it; its mtu is the route's and what ICMP told of it, less what goes
 *	around a packet
 *
 * Context: under RCU, or under the namespace's lock.
 * Return: whether there is one, by an interface that is up.
 */
bool damc_udp_way(const struct damc_neigh *neigh, struct damc_way *way)
{
	unsigned int overhead = damc_udp_overhead(neigh);
	struct damc_udp_neigh *un = damc_udp_neigh(neigh);
	struct sock *sk = damc_udp_sk(neigh);

	/* The cache asks for it. */
	local_bh_disable();
	way->dst = sk->sk_family == AF_INET ?
		   damc_udp_route4(un, sk, &way->src) :
		   damc_udp_route6(un, sk, &way->src);
	local_bh_enable();
	way->mtu = 0;
	if (!way->dst)
		return false;
	way->mtu = max(dst_mtu(way->dst), overhead) - overhead;
	if (netif_running(way->dst->dev) && netif_carrier_ok(way->dst->dev))
		return true;
	dst_release(way->dst);
	return false;
}

/**
 * damc_udp_headroom() - what goes in front of a packet to a neighbour
 * @neigh: the neighbour
 * @way: the route there
 *
 * Return: bytes, the link's header among them.
 */
unsigned int damc_udp_headroom(const struct damc_neigh *neigh,
			       const struct damc_way *way)
{
	return LL_RESERVED_SPACE(way->dst->dev) + way->dst->header_len +
	       damc_udp_overhead(neigh);
}

/* Packets of a flow have one, so that routers on the way keep them together. */
static __be16 damc_udp_source_port(const struct damc_udp *udp, u32 flow)
{
	u32 hash = jhash_1word(flow, udp->seed);

	return htons(DAMC_UDP_SOURCE_PORT_MIN +
		     reciprocal_scale(hash, U16_MAX + 1 -
				      DAMC_UDP_SOURCE_PORT_MIN));
}

/* Room in front, and nothing of where it came from. */
static int damc_udp_prepare(struct sk_buff *skb, unsigned int headroom)
{
	int err;

	err = skb_cow_head(skb, headroom);
	if (err)
		return err;
	skb_scrub_packet(skb, false);
	/* IP would take a socket of ours for one of its own. */
	skb_orphan(skb);
	/* Whose statistics a tunnel counts in; it has none. */
	skb->dev = NULL;
	return udp_tunnel_handle_offloads(skb, true);
}

static void damc_udp_push(const struct damc_neigh *neigh, struct sk_buff *skb,
			  struct damc_way *way)
{
	const struct damc_udp_key *key = &damc_udp_neigh(neigh)->key;
	const struct damc_pkt *pkt = &damc_cb(skb)->pkt;
	__be16 port = damc_udp_source_port(damc_udp_of(neigh), pkt->flow);
	struct in6_addr remote = key->remote;
	struct sock *sk = damc_udp_sk(neigh);
	u8 tos = pkt->traffic_class;

	if (sk->sk_family == AF_INET)
		damc_udp_tunnel_xmit((struct rtable *)way->dst, sk, skb,
				     way->src.s6_addr32[3], remote.s6_addr32[3],
				     tos, DAMC_UDP_TTL, htons(IP_DF), port,
				     key->port, false, false);
	else
		damc_udp_tunnel6_xmit(way->dst, sk, skb, NULL, &way->src,
				      &remote, tos, DAMC_UDP_TTL, 0, port,
				      key->port, false);
}

/**
 * damc_udp_xmit() - send a packet to a neighbour
 * @neigh: to whom
 * @skb: the packet
 * @way: the route there
 *
 * Context: under RCU. Consumes @skb and @way.
 * Return: 0; -ENOMEM.
 */
int damc_udp_xmit(const struct damc_neigh *neigh, struct sk_buff *skb,
		  struct damc_way *way)
{
	struct damc_net *dn = neigh->dev->dn;
	unsigned int len = skb->len;

	if (damc_udp_prepare(skb, damc_udp_headroom(neigh, way))) {
		dst_release(way->dst);
		damc_drop(dn, skb, DAMC_A_STATS_DROP_MEMORY);
		return -ENOMEM;
	}
	local_bh_disable();
	/* Takes the reference to the route, and tells nothing of what came. */
	damc_udp_push(neigh, skb, way);
	damc_neigh_sent(neigh, len);
	local_bh_enable();
	return 0;
}
