/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Targets: where FIB entries lead. All entries that lead to the same next hops
 * share one target, which never changes; a changed route gets another one.
 * A target is a function that consumes the packet. A pool's is nobody else's.
 *
 * Counted under the namespace's lock, read under RCU, freed a grace period
 * after the last entry let go. A target holds its neighbours.
 */
#ifndef _DAMC_TARGET_H
#define _DAMC_TARGET_H

#include <linux/refcount.h>
#include <linux/rhashtable-types.h>

#include <linux/damc_netlink.h>

struct damc_dev;
struct damc_neigh;
struct damc_net;
struct damc_pool;
struct damc_way;
struct sk_buff;

/**
 * struct damc_nexthop - one of a target's next hops
 * @neigh: the neighbour
 * @weight: its share
 */
struct damc_nexthop {
	struct damc_neigh *neigh;
	u32 weight;
};

/**
 * struct damc_target - where packets go
 * @output: sends a packet there, and consumes it
 * @node: in the namespace's targets
 * @refs: FIB entries that lead here
 * @type: enum damc_route_type
 * @weight: sum of the next hops' weights
 * @n: next hops
 * @pool: the pool whose instances it leads to, or NULL
 */
struct damc_target {
	int (*output)(struct damc_net *dn, const struct damc_target *target,
		      struct sk_buff *skb);
	struct rhash_head node;
	struct rcu_head rcu;
	refcount_t refs;
	u32 type;
	u32 weight;
	u32 n;
	struct damc_pool *pool;
	struct damc_nexthop nexthop[];
};

struct damc_target *damc_target_get(struct damc_net *dn, u32 type,
				    const struct damc_nexthop *nexthops,
				    unsigned int n);
void damc_target_hold(struct damc_target *target);
struct damc_target *damc_target_of_pool(struct damc_pool *pool);
void damc_target_put(struct damc_net *dn, struct damc_target *target);
void damc_target_tell(const struct damc_target *target);
bool damc_target_uses(const struct damc_target *target,
		      const struct damc_dev *dev);
const struct damc_neigh *damc_target_choose(const struct damc_net *dn,
					    const struct damc_target *target,
					    u32 flow, struct damc_way *way);
int damc_targets_init(struct damc_net *dn);
void damc_targets_free(struct damc_net *dn);

/* What targets do; each consumes the packet and returns 0 or an errno. */
int damc_forward(struct damc_net *dn, const struct damc_target *target,
		 struct sk_buff *skb);
int damc_deliver(struct damc_net *dn, const struct damc_target *target,
		 struct sk_buff *skb);
int damc_unreachable(struct damc_net *dn, const struct damc_target *target,
		     struct sk_buff *skb);
int damc_prohibit(struct damc_net *dn, const struct damc_target *target,
		  struct sk_buff *skb);
int damc_pick(struct damc_net *dn, const struct damc_target *target,
	      struct sk_buff *skb);

#endif /* _DAMC_TARGET_H */
