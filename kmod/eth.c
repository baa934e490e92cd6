// SPDX-License-Identifier: GPL-2.0
/* DAMC straight over a link: taking frames in, and sending them. */
#include <linux/netdevice.h>

#include "dev.h"
#include "eth.h"
#include "neigh.h"
#include "packet.h"
#include "trace.h"

const u8 damc_group_addr[MAX_ADDR_LEN] = { 0x03, 'D', 'A', 'M', 'C', 0x00 };

/**
 * damc_eth_rcv() - packet handler of an enabled interface
 * @skb: the frame, data at its payload
 * @netdev: where it arrived, after VLANs, bonds and the like
 * @pt: the handler, part of its struct damc_dev
 * @orig: below @netdev
 *
 * Context: softirq, under RCU. Consumes @skb.
 */
int damc_eth_rcv(struct sk_buff *skb, struct net_device *netdev,
		 struct packet_type *pt, struct net_device *orig)
{
	struct damc_dev *dev = container_of(pt, struct damc_dev, pt);
	struct damc_net *dn = dev->dn;

	/* The core shows it to the interface below, too: not for that to hear. */
	if (netdev != dev->netdev) {
		consume_skb(skb);
		return NET_RX_SUCCESS;
	}
	skb = skb_share_check(skb, GFP_ATOMIC);
	if (!skb) {
		damc_stats_inc(dn->stats, DAMC_A_STATS_DROP_MEMORY);
		return NET_RX_DROP;
	}
	damc_stats_inc(dn->stats, DAMC_A_STATS_RX_PACKETS);
	damc_stats_add(dn->stats, DAMC_A_STATS_RX_BYTES, skb->len);
	memset(damc_cb(skb), 0, sizeof(struct damc_cb));
	if (skb->pkt_type == PACKET_OTHERHOST) {
		damc_drop(dn, skb, DAMC_A_STATS_DROP_NOT_FOR_US);
		return NET_RX_DROP;
	}
	damc_input(dev, skb);
	return NET_RX_SUCCESS;
}

static int damc_eth_header(const struct damc_neigh *neigh, struct sk_buff *skb)
{
	struct net_device *netdev = neigh->dev->netdev;

	if (skb_cow_head(skb, LL_RESERVED_SPACE(netdev)))
		return -ENOMEM;
	skb->dev = netdev;
	skb->protocol = htons(damc_ethertype);
	if (dev_hard_header(skb, netdev, damc_ethertype, neigh->lladdr, NULL,
			    skb->len) < 0)
		return -ENOBUFS;
	return 0;
}

static void damc_eth_trace(const struct damc_neigh *neigh, struct sk_buff *skb)
{
	struct damc_name src, dst;

	if (!trace_damc_send_enabled())
		return;
	src = damc_src(skb);
	dst = damc_dst(skb);
	trace_damc_send(&src, &dst, neigh->id, neigh->dev->netdev->ifindex,
			damc_cb(skb)->pkt.hop_limit, skb->len);
}

static void damc_eth_sent(const struct damc_neigh *neigh, unsigned int len)
{
	struct damc_net *dn = neigh->dev->dn;

	local_bh_disable();
	damc_neigh_count(neigh, len);
	local_bh_enable();
	damc_stats_inc(dn->stats, DAMC_A_STATS_TX_PACKETS);
	damc_stats_add(dn->stats, DAMC_A_STATS_TX_BYTES, len);
}

/**
 * damc_eth_xmit() - send a packet to a neighbour
 * @neigh: to whom
 * @skb: the packet, no larger than the neighbour takes
 *
 * Context: under RCU. Consumes @skb.
 * Return: 0; -ENOMEM; -ENOBUFS if the interface's queue refused it.
 */
int damc_eth_xmit(const struct damc_neigh *neigh, struct sk_buff *skb)
{
	struct damc_net *dn = neigh->dev->dn;
	unsigned int len = skb->len;
	int err;

	damc_eth_trace(neigh, skb);
	err = damc_eth_header(neigh, skb);
	if (err) {
		damc_drop(dn, skb, err == -ENOMEM ? DAMC_A_STATS_DROP_MEMORY
						  : DAMC_A_STATS_DROP_XMIT);
		return err;
	}
	err = dev_queue_xmit(skb);
	if (err > 0)
		err = net_xmit_errno(err);
	if (err)
		damc_stats_inc(dn->stats, DAMC_A_STATS_DROP_XMIT);
	else
		damc_eth_sent(neigh, len);
	return err;
}
