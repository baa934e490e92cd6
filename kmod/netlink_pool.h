/* SPDX-License-Identifier: GPL-2.0 */
/* Writing a pool, for a dump, an answer or a notice. */
#ifndef _DAMC_NETLINK_POOL_H
#define _DAMC_NETLINK_POOL_H

#include <linux/types.h>

struct damc_fib_entry;
struct damc_net;
struct sk_buff;

size_t damc_put_pool_size(const struct damc_net *dn,
			  const struct damc_fib_entry *entry);
int damc_put_pool(struct sk_buff *skb, const struct damc_net *dn,
		  const struct damc_fib_entry *entry);

#endif /* _DAMC_NETLINK_POOL_H */
