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

/**
 * struct damc_link - where a message of a link's own goes
 * @ifindex: to all on this interface
 * @neigh: or, where it is not 0, to the neighbour of this id alone
 *
 * Both are 0 where the message's name says where it goes.
 */
struct damc_link {
	u32 ifindex;
	u32 neigh;
};

static inline bool damc_link_given(const struct damc_link *link)
{
	return link->ifindex || link->neigh;
}

int damc_link_mtu(struct damc_net *dn, const struct damc_link *link);
int damc_link_output(struct damc_net *dn, const struct damc_link *link,
		     struct sk_buff *skb);
void damc_link_info(struct sk_buff *skb, struct damc_pktinfo *info);

#endif /* _DAMC_LINK_H */
