/* SPDX-License-Identifier: GPL-2.0 */
/* How requests name neighbours by where they are, for neighbours and routes. */
#ifndef _DAMC_NETLINK_NEIGH_H
#define _DAMC_NETLINK_NEIGH_H

#include "neigh.h"

struct damc_nl_neigh_attrs;
struct nlattr;
struct sk_buff;

struct damc_dev *damc_nl_neigh_dev(struct damc_net *dn,
				   const struct nlattr *attr,
				   struct netlink_ext_ack *extack);
struct damc_dev *damc_nl_neigh_where(struct damc_net *dn, struct nlattr **tb,
				     const struct damc_nl_neigh_attrs *attrs,
				     struct damc_neigh_key *key,
				     struct netlink_ext_ack *extack);
int damc_put_neigh(struct sk_buff *skb, const struct damc_neigh *neigh);

#endif /* _DAMC_NETLINK_NEIGH_H */
