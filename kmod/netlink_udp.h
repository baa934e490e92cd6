/* SPDX-License-Identifier: GPL-2.0 */
/* How requests and answers name neighbours that UDP reaches. */
#ifndef _DAMC_NETLINK_UDP_H
#define _DAMC_NETLINK_UDP_H

#include "neigh.h"

struct damc_nl_neigh_attrs;
struct nlattr;

int damc_nl_udp_key(const struct damc_net *dn, struct nlattr **tb,
		    const struct damc_nl_neigh_attrs *attrs,
		    struct damc_udp_key *key, struct netlink_ext_ack *extack);
int damc_nl_put_udp(struct sk_buff *skb, const struct damc_udp_key *key,
		    const struct damc_nl_neigh_attrs *attrs);

#endif /* _DAMC_NETLINK_UDP_H */
