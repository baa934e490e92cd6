// SPDX-License-Identifier: GPL-2.0
/*
 * DAMC in UDP: taking datagrams in. One is looked at only if it comes from a
 * neighbour, and not by an edge: what a pod sends must pass the edge's check.
 */
#include <linux/ipv6.h>
#include <net/inet_ecn.h>
#include <net/ip_tunnels.h>

#include "control.h"
#include "packet.h"
#include "udp.h"

/* What the outer headers say. */
struct damc_udp_outer {
	struct in6_addr src;
	struct in6_addr dst;
	int ifindex;
	u8 tos;
};

static void damc_udp_outer(const struct sock *sk, const struct sk_buff *skb,
			   struct damc_udp_outer *outer)
{
	if (sk->sk_family == AF_INET) {
		ipv6_addr_set_v4mapped(ip_hdr(skb)->saddr, &outer->src);
		ipv6_addr_set_v4mapped(ip_hdr(skb)->daddr, &outer->dst);
		outer->ifindex = IPCB(skb)->iif;
		outer->tos = ip_hdr(skb)->tos;
		return;
	}
	outer->src = ipv6_hdr(skb)->saddr;
	outer->dst = ipv6_hdr(skb)->daddr;
	outer->ifindex = IP6CB(skb)->iif;
	outer->tos = ipv6_get_dsfield(ipv6_hdr(skb));
}

/* A mark made on the way goes on inside (RFC 6040). */
static int damc_udp_congestion(struct sk_buff *skb, u8 tos)
{
	struct damc_hdr *hdr;
	bool mark = false;

	/* Too short for a header: input says so. */
	if (!pskb_may_pull(skb, sizeof(*hdr)))
		return 0;
	hdr = damc_hdr(skb);
	if (__INET_ECN_decapsulate(tos, hdr->traffic_class, &mark) > 1)
		return DAMC_A_STATS_DROP_UDP_CONGESTION;
	if (!mark || INET_ECN_is_ce(hdr->traffic_class))
		return 0;
	if (skb_ensure_writable(skb, sizeof(*hdr)))
		return DAMC_A_STATS_DROP_MEMORY;
	damc_hdr(skb)->traffic_class |= INET_ECN_CE;
	return 0;
}

/* From a datagram to the packet in it: 0, or the counter to drop it under. */
static int damc_udp_decap(const struct damc_udp *udp, const struct sock *sk,
			  struct sk_buff *skb)
{
	struct damc_udp_neigh *from;
	struct damc_udp_outer outer;
	int why;

	damc_udp_outer(sk, skb, &outer);
	/* It was IP's: nobody may find a name in it. */
	memset(damc_cb(skb), 0, sizeof(struct damc_cb));
	if (damc_udp_from_edge(udp->dev.dn, outer.ifindex))
		return DAMC_A_STATS_DROP_UDP_EDGE;
	from = damc_udp_find(udp, &outer.src, &outer.dst, outer.ifindex);
	if (!from)
		return DAMC_A_STATS_DROP_UDP_SOURCE;
	/* Many hosts got it. */
	if (skb->pkt_type != PACKET_HOST)
		return DAMC_A_STATS_DROP_GROUP;
	damc_cb(skb)->neigh = from->neigh.id;
	if (iptunnel_pull_header(skb, sizeof(struct udphdr),
				 htons(damc_ethertype), false))
		return DAMC_A_STATS_DROP_MEMORY;
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	skb->skb_iif = outer.ifindex;
	why = damc_control_from_neigh(&from->neigh, skb);
	return why ?: damc_udp_congestion(skb, outer.tos);
}

/**
 * damc_udp_rcv() - a datagram came to the port
 * @sk: of the port
 * @skb: the datagram, its checksum good, data at the UDP header
 *
 * Context: softirq, under RCU. Consumes @skb.
 * Return: 0: none is for a reader of the socket.
 */
int damc_udp_rcv(struct sock *sk, struct sk_buff *skb)
{
	struct damc_udp *udp = rcu_dereference_sk_user_data(sk);
	struct damc_net *dn;
	int why;

	if (!udp) {
		/* It is being closed. */
		kfree_skb(skb);
		return 0;
	}
	dn = udp->dev.dn;
	damc_stats_inc(dn->stats, DAMC_A_STATS_RX_PACKETS);
	damc_stats_add(dn->stats, DAMC_A_STATS_RX_BYTES,
		       skb->len - sizeof(struct udphdr));
	why = damc_udp_decap(udp, sk, skb);
	if (why)
		damc_drop(dn, skb, why);
	else
		damc_input(&udp->dev, skb);
	return 0;
}

/**
 * damc_udp_err_lookup() - an ICMP error came about a datagram to a DAMC port
 * @sk: of the port
 * @skb: the error, its network header that of the quoted datagram
 *
 * Source ports are entropy, so the core cannot tell whose it was. Where it was
 * ours the core learns the path's MTU from it.
 *
 * Context: softirq, under RCU.
 * Return: 0 if it was sent to a neighbour, else -ENOENT.
 */
int damc_udp_err_lookup(struct sock *sk, struct sk_buff *skb)
{
	struct damc_udp *udp = rcu_dereference_sk_user_data(sk);
	struct damc_udp_outer outer;

	if (!udp)
		return -ENOENT;
	damc_udp_outer(sk, skb, &outer);
	return damc_udp_find(udp, &outer.dst, &outer.src, outer.ifindex) ?
	       0 : -ENOENT;
}
