/* SPDX-License-Identifier: GPL-2.0 */
/* How requests name interfaces and link addresses, for neighbours and routes. */
#ifndef _DAMC_NETLINK_NEIGH_H
#define _DAMC_NETLINK_NEIGH_H

#include "neigh.h"

struct nlattr;

struct damc_dev *damc_nl_neigh_dev(struct damc_net *dn,
				   const struct nlattr *attr,
				   struct netlink_ext_ack *extack);
struct damc_neigh_key damc_nl_neigh_key(const struct nlattr *attr);

#endif /* _DAMC_NETLINK_NEIGH_H */
