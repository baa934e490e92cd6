// SPDX-License-Identifier: GPL-2.0
/*
 * Sending to all on a link, or to one neighbour; and telling of the link that a
 * packet came by.
 */
#include <linux/etherdevice.h>

#include "dev.h"
#include "eth.h"
#include "link.h"
#include "neigh.h"
#include "packet.h"
#include "trace.h"

static bool damc_link_runs(const struct damc_dev *dev)
{
	return netif_running(dev->netdev) && netif_carrier_ok(dev->netdev);
}

static int damc_link_dev_mtu(struct damc_net *dn, u32 ifindex)
{
	const struct damc_dev *dev = xa_load(&dn->devs, ifindex);

	return dev ? READ_ONCE(dev->netdev->mtu) : -ENODEV;
}

static int damc_link_neigh_mtu(struct damc_net *dn, u32 id)
{
	const struct damc_neigh *neigh = xa_load(&dn->neighs, id);
	int mtu = neigh ? damc_neigh_mtu(neigh) : -ENODEV;

	return mtu ?: -ENETDOWN;
}

/**
 * damc_link_mtu() - how large a packet a link takes
 * @dn: the namespace
 * @link: an enabled interface, or a neighbour
 *
 * Return: bytes; -ENODEV if there is no such link; -ENETDOWN if there is no way
 * to the neighbour.
 */
int damc_link_mtu(struct damc_net *dn, const struct damc_link *link)
{
	int mtu;

	rcu_read_lock();
	mtu = link->neigh ? damc_link_neigh_mtu(dn, link->neigh) :
			    damc_link_dev_mtu(dn, link->ifindex);
	rcu_read_unlock();
	return mtu;
}

static void damc_link_trace(const struct damc_dev *dev, struct sk_buff *skb)
{
	struct damc_name src = damc_src(skb), dst = damc_dst(skb);

	/* No neighbour has id 0. */
	trace_damc_send(&src, &dst, 0, dev->netdev->ifindex,
			damc_cb(skb)->pkt.hop_limit, skb->len);
}

/* To all on a link. */
static int damc_link_output_dev(struct damc_net *dn, u32 ifindex,
				struct sk_buff *skb)
{
	struct damc_dev *dev = xa_load(&dn->devs, ifindex);

	if (!dev || !damc_link_runs(dev)) {
		damc_drop(dn, skb, DAMC_A_STATS_DROP_NEIGH_DOWN);
		return dev ? -ENETDOWN : -ENODEV;
	}
	if (skb->len > READ_ONCE(dev->netdev->mtu)) {
		damc_drop(dn, skb, DAMC_A_STATS_DROP_TOO_BIG);
		return -EMSGSIZE;
	}
	if (trace_damc_send_enabled())
		damc_link_trace(dev, skb);
	return damc_eth_send_group(dev, skb);
}

static int damc_link_output_neigh(struct damc_net *dn, u32 id,
				  struct sk_buff *skb)
{
	const struct damc_neigh *neigh = xa_load(&dn->neighs, id);
	struct damc_way way;

	/* Down is for packets, not for what may bring it up. */
	if (!neigh || !neigh->encap->way(neigh, &way)) {
		damc_drop(dn, skb, DAMC_A_STATS_DROP_NEIGH_DOWN);
		return neigh ? -ENETDOWN : -ENODEV;
	}
	if (skb->len > way.mtu) {
		damc_way_leave(&way);
		damc_drop(dn, skb, DAMC_A_STATS_DROP_TOO_BIG);
		return -EMSGSIZE;
	}
	return damc_neigh_xmit(neigh, skb, &way);
}

/**
 * damc_link_output() - send a packet to all on a link, or to one neighbour
 * @dn: the namespace
 * @link: which
 * @skb: the packet, made here
 *
 * Context: under RCU. Consumes @skb.
 * Return: 0; -ENODEV if it is not enabled, or there is no such neighbour;
 * -ENETDOWN; -EMSGSIZE; -ENOMEM; -ENOBUFS.
 */
int damc_link_output(struct damc_net *dn, const struct damc_link *link,
		     struct sk_buff *skb)
{
	return link->neigh ? damc_link_output_neigh(dn, link->neigh, skb) :
			     damc_link_output_dev(dn, link->ifindex, skb);
}

/*
 * A frame's own header still stands in front of the packet's. What UDP brought
 * has none: there both began at one place, until fragments were joined.
 */
static bool damc_link_has_lladdr(const struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct damc_fragment_hdr) >= ETH_HLEN);
	return skb_mac_header_was_set(skb) &&
	       skb_network_header(skb) >= skb_mac_header(skb) + ETH_HLEN;
}

/**
 * damc_link_info() - how a packet came
 * @skb: the packet; ended here
 * @info: gets it; all zero of one that was sent here
 */
void damc_link_info(struct sk_buff *skb, struct damc_pktinfo *info)
{
	memset(info, 0, sizeof(*info));
	info->ifindex = skb->skb_iif;
	info->hop_limit = damc_cb(skb)->pkt.hop_limit;
	info->time_ns = ktime_to_ns(skb->tstamp);
	info->neigh = damc_cb(skb)->neigh;
	if (!skb->skb_iif || !damc_link_has_lladdr(skb))
		return;
	info->lladdr_len = ETH_ALEN;
	memcpy(info->lladdr, eth_hdr(skb)->h_source, ETH_ALEN);
}
