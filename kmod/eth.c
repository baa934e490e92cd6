// SPDX-License-Identifier: GPL-2.0
/* DAMC straight over a link: taking frames in, and sending them. */
#include <linux/etherdevice.h>
#include <linux/jhash.h>
#include <linux/netdevice.h>

#include "control.h"
#include "dev.h"
#include "eth.h"
#include "eth_find.h"
#include "neigh.h"
#include "netlink.h"
#include "packet.h"

const u8 damc_group_addr[MAX_ADDR_LEN] = { 0x03, 'D', 'A', 'M', 'C', 0x00 };

/* Whether a frame that arrived was sent to DAMC's own group address. */
bool damc_eth_is_group(const struct sk_buff *skb)
{
	return skb->pkt_type == PACKET_MULTICAST &&
	       ether_addr_equal(eth_hdr(skb)->h_dest, damc_group_addr);
}

/* A frame that is ours to change; NULL: there is no memory, and it is gone. */
static __always_inline struct sk_buff *damc_eth_own(struct damc_dev *dev,
						    struct sk_buff *skb)
{
	skb = skb_share_check(skb, GFP_ATOMIC);
	if (!skb) {
		damc_stats_inc(dev->dn->stats, DAMC_A_STATS_DROP_MEMORY);
		return NULL;
	}
	/* It has left its sender, who may be another namespace's socket. */
	skb_orphan(skb);
	memset(damc_cb(skb), 0, sizeof(struct damc_cb));
	return skb;
}

/* The core shows it to the interface below, too: not for that to hear. */
static bool damc_eth_is_below(const struct damc_dev *dev,
			      const struct sk_buff *skb)
{
	return unlikely(skb->dev != dev->netdev);
}

static void damc_eth_count(const struct damc_dev *dev, const struct sk_buff *skb)
{
	struct damc_stats __percpu *stats = dev->dn->stats;

	damc_stats_inc(stats, DAMC_A_STATS_RX_PACKETS);
	damc_stats_add(stats, DAMC_A_STATS_RX_BYTES, skb->len);
}

/* On a link of the fabric, and not seen at once to be no control. */
static bool damc_eth_may_be_control(const struct damc_dev *dev,
				    const struct sk_buff *skb)
{
	return damc_dev_mode(dev) == DAMC_DEV_MODE_UP &&
	       !damc_control_is_other(skb);
}

static noinline int damc_eth_pass(struct damc_dev *dev, struct sk_buff *skb)
{
	skb = damc_eth_own(dev, skb);
	if (skb)
		damc_input(dev, skb);
	return NET_RX_SUCCESS;
}

static noinline int damc_eth_control(struct damc_dev *dev, struct sk_buff *skb)
{
	int why = damc_control_from_link(dev, skb);

	if (!why)
		return damc_eth_pass(dev, skb);
	damc_drop_unread(dev->dn, skb, why);
	return NET_RX_SUCCESS;
}

/**
 * damc_eth_rcv() - packet handler of an enabled interface
 * @skb: the frame, data at its payload
 * @netdev: where it arrived, after VLANs, bonds and the like
 * @pt: the handler, part of its struct damc_dev
 * @orig: below @netdev
 *
 * Saves no registers: what needs them is another function's, called last.
 *
 * Context: softirq, under RCU. Consumes @skb.
 */
int damc_eth_rcv(struct sk_buff *skb, struct net_device *netdev,
		 struct packet_type *pt, struct net_device *orig)
{
	struct damc_dev *dev = container_of(pt, struct damc_dev, pt);

	if (damc_eth_is_below(dev, skb)) {
		consume_skb(skb);
		return NET_RX_SUCCESS;
	}
	damc_eth_count(dev, skb);
	if (unlikely(skb->pkt_type == PACKET_OTHERHOST)) {
		damc_drop_unread(dev->dn, skb, DAMC_A_STATS_DROP_NOT_FOR_US);
		return NET_RX_SUCCESS;
	}
	return damc_eth_may_be_control(dev, skb) ? damc_eth_control(dev, skb) :
						   damc_eth_pass(dev, skb);
}

/* The same of one that came with others; NULL: it is gone. */
static struct sk_buff *damc_eth_take(struct damc_dev *dev, struct sk_buff *skb)
{
	int why = 0;

	if (damc_eth_is_below(dev, skb)) {
		consume_skb(skb);
		return NULL;
	}
	damc_eth_count(dev, skb);
	if (unlikely(skb->pkt_type == PACKET_OTHERHOST))
		why = DAMC_A_STATS_DROP_NOT_FOR_US;
	else if (damc_eth_may_be_control(dev, skb))
		why = damc_control_from_link(dev, skb);
	if (!why)
		return damc_eth_own(dev, skb);
	damc_drop_unread(dev->dn, skb, why);
	return NULL;
}

/**
 * damc_eth_rcv_list() - the same for what a driver hands up together
 * @head: the frames, in order; none is left on it
 * @pt: as for damc_eth_rcv()
 * @orig: as for damc_eth_rcv()
 *
 * Context: softirq, under RCU. Consumes the frames.
 */
void damc_eth_rcv_list(struct list_head *head, struct packet_type *pt,
		       struct net_device *orig)
{
	struct damc_dev *dev = container_of(pt, struct damc_dev, pt);
	struct sk_buff *skbs[DAMC_BATCH], *skb, *next;
	unsigned int n = 0;

	list_for_each_entry_safe(skb, next, head, list) {
		skb_list_del_init(skb);
		skb = damc_eth_take(dev, skb);
		if (!skb)
			continue;
		skbs[n++] = skb;
		if (n == DAMC_BATCH) {
			damc_input_all(dev, skbs, n);
			n = 0;
		}
	}
	if (n)
		damc_input_all(dev, skbs, n);
}

static int damc_eth_header(const struct damc_dev *dev, const u8 *lladdr,
			   struct sk_buff *skb)
{
	struct net_device *netdev = dev->netdev;

	if (skb_cow_head(skb, LL_RESERVED_SPACE(netdev)))
		return -ENOMEM;
	skb->dev = netdev;
	skb->protocol = htons(damc_ethertype);
	if (dev_hard_header(skb, netdev, damc_ethertype, lladdr, NULL,
			    skb->len) < 0)
		return -ENOBUFS;
	return 0;
}

/* -ENOMEM; -ENOBUFS if the interface's queue refused it. */
static int damc_eth_send(const struct damc_dev *dev, const u8 *lladdr,
			 struct sk_buff *skb)
{
	int err = damc_eth_header(dev, lladdr, skb);

	if (err) {
		damc_drop(dev->dn, skb, err == -ENOMEM ?
			  DAMC_A_STATS_DROP_MEMORY : DAMC_A_STATS_DROP_XMIT);
		return err;
	}
	err = dev_queue_xmit(skb);
	if (err > 0)
		err = net_xmit_errno(err);
	if (err)
		damc_stats_inc(dev->dn->stats, DAMC_A_STATS_DROP_XMIT);
	return err;
}

static int damc_eth_xmit(const struct damc_neigh *neigh, struct sk_buff *skb,
			 struct damc_way *way)
{
	unsigned int len = skb->len;
	int err;

	err = damc_eth_send(neigh->dev, damc_eth_neigh(neigh)->lladdr, skb);
	if (!err)
		damc_neigh_sent(neigh, len);
	return err;
}

/**
 * damc_eth_send_group() - send a packet to all on a link
 * @dev: the link, by Ethernet
 * @skb: the packet, no larger than the link takes
 *
 * Context: under RCU. Consumes @skb.
 * Return: 0; -ENOMEM; -ENOBUFS if the interface's queue refused it.
 */
int damc_eth_send_group(struct damc_dev *dev, struct sk_buff *skb)
{
	unsigned int len = skb->len;
	int err;

	err = damc_eth_send(dev, damc_group_addr, skb);
	if (err)
		return err;
	damc_stats_inc(dev->dn->stats, DAMC_A_STATS_TX_PACKETS);
	damc_stats_add(dev->dn->stats, DAMC_A_STATS_TX_BYTES, len);
	return 0;
}

static int damc_eth_check(struct damc_dev *dev,
			  const struct damc_neigh_key *key,
			  struct netlink_ext_ack *extack)
{
	if (!key->lladdr)
		return 0;
	if (key->lladdr_len != dev->netdev->addr_len) {
		NL_SET_ERR_MSG(extack,
			       "Link address has not the interface's length");
		return -EINVAL;
	}
	if (!memcmp(key->lladdr, damc_group_addr, key->lladdr_len)) {
		NL_SET_ERR_MSG(extack,
			       "The group's address is meant by giving none");
		return -EINVAL;
	}
	return 0;
}

static u32 damc_eth_hash(const struct damc_neigh_key *key, u32 seed)
{
	if (!key->lladdr)
		return seed;
	return key->lladdr_len == ETH_ALEN ?
	       damc_eth_hash_addr(key->lladdr, seed) :
	       jhash(key->lladdr, key->lladdr_len, seed);
}

static bool damc_eth_match(const struct damc_neigh *neigh,
			   const struct damc_neigh_key *key)
{
	unsigned int len = neigh->dev->netdev->addr_len;

	if (!key->lladdr)
		return neigh->group;
	return key->lladdr_len == len &&
	       !memcmp(damc_eth_neigh(neigh)->lladdr, key->lladdr, len);
}

static int damc_eth_init(struct damc_neigh *neigh,
			 const struct damc_neigh_key *key)
{
	struct damc_eth_neigh *eth;

	eth = container_of(neigh, struct damc_eth_neigh, neigh);
	neigh->group = !key->lladdr;
	memcpy(eth->lladdr, key->lladdr ?: damc_group_addr,
	       neigh->dev->netdev->addr_len);
	return 0;
}

static bool damc_eth_way(const struct damc_neigh *neigh, struct damc_way *way)
{
	const struct net_device *netdev = neigh->dev->netdev;

	way->mtu = READ_ONCE(netdev->mtu);
	way->dst = NULL;
	return netif_running(netdev) && netif_carrier_ok(netdev);
}

static unsigned int damc_eth_headroom(const struct damc_neigh *neigh,
				      const struct damc_way *way)
{
	return LL_RESERVED_SPACE(neigh->dev->netdev);
}

static int damc_eth_put(struct sk_buff *skb, const struct damc_neigh *neigh,
			const struct damc_nl_neigh_attrs *attrs)
{
	const struct net_device *netdev = neigh->dev->netdev;

	if (nla_put_u32(skb, attrs->ifindex, netdev->ifindex))
		return -EMSGSIZE;
	/* A group's neighbour has no link address of its own to tell. */
	return neigh->group ? 0 : nla_put(skb, attrs->lladdr, netdev->addr_len,
					  damc_eth_neigh(neigh)->lladdr);
}

const struct damc_encap_ops damc_eth_ops = {
	.neigh_size = sizeof(struct damc_eth_neigh),
	.check = damc_eth_check,
	.hash = damc_eth_hash,
	.match = damc_eth_match,
	.init = damc_eth_init,
	.way = damc_eth_way,
	.headroom = damc_eth_headroom,
	.xmit = damc_eth_xmit,
	.put = damc_eth_put,
};
