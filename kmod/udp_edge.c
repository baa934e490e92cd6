// SPDX-License-Identifier: GPL-2.0
/*
 * DAMC in UDP: keeping pods out. A pod has IP reach to its gateway and perhaps
 * beyond: what it sends to the DAMC port would pass by the edge's check. The
 * gateway's own port refuses it in udp_rcv.c; here, what would be routed on.
 */
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <net/ipv6.h>

#include "netns.h"
#include "udp.h"

/**
 * damc_udp_from_edge() - whether an interface is an edge
 * @dn: the namespace
 * @ifindex: the interface
 *
 * Context: under RCU, or under the namespace's lock.
 */
bool damc_udp_from_edge(const struct damc_net *dn, unsigned long ifindex)
{
	const struct damc_dev *dev;
	bool edge;

	rcu_read_lock();
	dev = xa_load((struct xarray *)&dn->devs, ifindex);
	edge = dev && damc_dev_mode(dev) == DAMC_DEV_MODE_EDGE;
	rcu_read_unlock();
	return edge;
}

#if IS_ENABLED(CONFIG_NETFILTER)

/* Where no UDP header is: there is none, or it is in another fragment. */
#define DAMC_UDP_NONE (-1)
/* Headers that do not end: an honest sender has no such packet. */
#define DAMC_UDP_BROKEN (-2)

/* Where the UDP header is, or one of these. */
static int damc_udp_offset4(const struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);

	if (iph->protocol != IPPROTO_UDP || iph->frag_off & htons(IP_OFFSET))
		return DAMC_UDP_NONE;
	return skb_network_offset(skb) + ip_hdrlen(skb);
}

static int damc_udp_offset6(const struct sk_buff *skb)
{
	unsigned short fragment = 0;
	unsigned int offset = 0;

	switch (ipv6_find_hdr(skb, &offset, IPPROTO_UDP, &fragment, NULL)) {
	case IPPROTO_UDP:
		return fragment ? DAMC_UDP_NONE : offset;
	case -EBADMSG:
		return DAMC_UDP_BROKEN;
	default:
		return DAMC_UDP_NONE;
	}
}

static unsigned int damc_udp_verdict(const struct damc_udp *udp,
				     const struct sk_buff *skb, int offset)
{
	struct damc_net *dn = udp->dev.dn;
	struct udphdr buf, *hdr;

	if (offset == DAMC_UDP_NONE)
		return NF_ACCEPT;
	hdr = offset < 0 ? NULL :
	      skb_header_pointer(skb, offset, sizeof(buf), &buf);
	if (hdr && hdr->dest != udp->port)
		return NF_ACCEPT;
	damc_stats_inc(dn->stats, DAMC_A_STATS_DROP_UDP_EDGE);
	return NF_DROP;
}

static unsigned int damc_udp_forward4(void *priv, struct sk_buff *skb,
				      const struct nf_hook_state *state)
{
	const struct damc_udp *udp = priv;

	if (!damc_udp_from_edge(udp->dev.dn, IPCB(skb)->iif))
		return NF_ACCEPT;
	return damc_udp_verdict(udp, skb, damc_udp_offset4(skb));
}

static unsigned int damc_udp_forward6(void *priv, struct sk_buff *skb,
				      const struct nf_hook_state *state)
{
	const struct damc_udp *udp = priv;

	if (!damc_udp_from_edge(udp->dev.dn, IP6CB(skb)->iif))
		return NF_ACCEPT;
	return damc_udp_verdict(udp, skb, damc_udp_offset6(skb));
}

/**
 * damc_udp_guard() - let nothing be routed from an edge to the port's number
 * @udp: the port
 *
 * Last of the forward hooks: after any rule that rewrites ports.
 *
 * Context: may sleep.
 */
int damc_udp_guard(struct damc_udp *udp)
{
	udp->hooks[DAMC_UDP_V4] = (struct nf_hook_ops){
		.hook = damc_udp_forward4,
		.priv = udp,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_FORWARD,
		.priority = NF_IP_PRI_LAST,
	};
	udp->hooks[DAMC_UDP_V6] = (struct nf_hook_ops){
		.hook = damc_udp_forward6,
		.priv = udp,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_FORWARD,
		.priority = NF_IP6_PRI_LAST,
	};
	return nf_register_net_hooks(udp->dev.dn->net, udp->hooks,
				     ARRAY_SIZE(udp->hooks));
}

/* The caller waits a grace period before it ends the port. */
void damc_udp_unguard(struct damc_udp *udp)
{
	nf_unregister_net_hooks(udp->dev.dn->net, udp->hooks,
				ARRAY_SIZE(udp->hooks));
}

#endif
