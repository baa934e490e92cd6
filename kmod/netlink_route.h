/* SPDX-License-Identifier: GPL-2.0 */
/* Writing an entry of the FIB, for a dump or beside a decision. */
#ifndef _DAMC_NETLINK_ROUTE_H
#define _DAMC_NETLINK_ROUTE_H

struct damc_fib_entry;
struct damc_net;
struct sk_buff;

int damc_put_route(struct sk_buff *skb, const struct damc_net *dn,
		   const struct damc_fib_entry *entry);

#endif /* _DAMC_NETLINK_ROUTE_H */
