/* SPDX-License-Identifier: GPL-2.0 */
/* Next hops as requests and answers have them, for routes and sets. */
#ifndef _DAMC_NETLINK_NEXTHOP_H
#define _DAMC_NETLINK_NEXTHOP_H

#include "target.h"

struct netlink_ext_ack;
struct nlattr;

int damc_nl_nexthop(struct damc_net *dn, const struct nlattr *nest,
		    struct damc_nexthop *nexthops, unsigned int n,
		    struct netlink_ext_ack *extack);
int damc_nl_nexthops(struct damc_net *dn, const struct nlattr *object, int type,
		     struct damc_nexthop *nexthops, unsigned int *n,
		     struct netlink_ext_ack *extack);
bool damc_nexthops_news(const struct damc_nexthop *nexthops, unsigned int n);
void damc_nexthops_release(struct damc_nexthop *nexthops, unsigned int n);
int damc_put_nexthop(struct sk_buff *skb, int type,
		     const struct damc_nexthop *nexthop);

#endif /* _DAMC_NETLINK_NEXTHOP_H */
