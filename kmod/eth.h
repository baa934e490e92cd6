/* SPDX-License-Identifier: GPL-2.0 */
/* DAMC straight over a link: frames of its EtherType, in and out. */
#ifndef _DAMC_ETH_H
#define _DAMC_ETH_H

#include <linux/netdevice.h>

#include "encap.h"

/* Every DAMC node and pod on a link: a locally administered group address. */
extern const u8 damc_group_addr[MAX_ADDR_LEN];

extern const struct damc_encap_ops damc_eth_ops;

bool damc_eth_is_group(const struct sk_buff *skb);
int damc_eth_send_group(struct damc_dev *dev, struct sk_buff *skb);
int damc_eth_rcv(struct sk_buff *skb, struct net_device *netdev,
		 struct packet_type *pt, struct net_device *orig);
void damc_eth_rcv_list(struct list_head *head, struct packet_type *pt,
		       struct net_device *orig);

#endif /* _DAMC_ETH_H */
