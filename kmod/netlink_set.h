/* SPDX-License-Identifier: GPL-2.0 */
/* Writing a set, for an answer or a notice. */
#ifndef _DAMC_NETLINK_SET_H
#define _DAMC_NETLINK_SET_H

struct damc_net;
struct damc_target;
struct sk_buff;

int damc_put_set(struct sk_buff *skb, const struct damc_net *dn,
		 const struct damc_target *set);

#endif /* _DAMC_NETLINK_SET_H */
