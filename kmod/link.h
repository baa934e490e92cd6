/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /localhop: messages to all on one link, which need no route and no neighbour,
 * and what a packet's receiver is told of the link it came by.
 */
#ifndef _DAMC_LINK_H
#define _DAMC_LINK_H

#include <linux/types.h>

struct damc_net;
struct damc_pktinfo;
struct sk_buff;

/* What a packet to /localhop has, and still must have where it ends. */
#define DAMC_LINK_HOP_LIMIT 255

int damc_link_mtu(struct damc_net *dn, u32 ifindex);
int damc_link_output(struct damc_net *dn, u32 ifindex, struct sk_buff *skb);
void damc_link_info(struct sk_buff *skb, struct damc_pktinfo *info);

#endif /* _DAMC_LINK_H */
