/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Targets: where FIB entries lead. All entries that lead to the same next hops
 * share one target, which never changes; a changed route gets another one.
 * A target is a function that consumes the packet. A pool's is nobody else's,
 * nor is that of a socket's binding.
 *
 * A set's target has an id, no next hops, and leads to another target that has:
 * to give all routes to a set other next hops takes one store.
 *
 * Counted under the namespace's lock, read under RCU, freed a grace period
 * after the last entry let go. A target holds its neighbours.
 */
#ifndef _DAMC_TARGET_H
#define _DAMC_TARGET_H

#include <linux/refcount.h>
#include <linux/rhashtable-types.h>

#include <linux/damc_netlink.h>

struct damc_bind;
struct damc_dev;
struct damc_neigh;
struct damc_net;
struct damc_policy;
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
 * @weight: sum of the next hops' weights, the backup's not among them
 * @n: next hops, the backup not among them
 * @backup: 1 if there is one more for when no other is usable
 * @set: id of the set that this is; 0 if it is none
 * @protocol: of a set: who put it in
 * @content: of a set: the target with its next hops, held; read under RCU
 * @pool: the pool whose instances it leads to, or NULL
 * @bind: the socket's binding that it leads to, which outlives it, or NULL
 * @nexthop: the next hops, the backup last
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
	u32 backup;
	u32 set;
	u32 protocol;
	struct damc_target __rcu *content;
	struct damc_pool *pool;
	const struct damc_bind *bind;
	struct damc_nexthop nexthop[];
};

/* The next hops of all kinds; a set has none itself. */
static inline unsigned int damc_target_hops(const struct damc_target *target)
{
	return target->n + target->backup;
}

struct damc_target *damc_target_get(struct damc_net *dn, u32 type,
				    const struct damc_nexthop *nexthops,
				    unsigned int n);
struct damc_target *damc_target_get_backed(struct damc_net *dn,
					   const struct damc_nexthop *nexthops,
					   unsigned int n, unsigned int backup);
struct damc_target *damc_target_of_set(u32 id, u32 protocol,
				       struct damc_target *content);
struct damc_target *damc_set_content(const struct damc_net *dn,
				     const struct damc_target *set);
/* A set's is put as any other; the last to do so is who takes the set out. */
void damc_target_hold(struct damc_target *target);
struct damc_target *damc_target_of_pool(struct damc_pool *pool);
struct damc_target *damc_target_of_bind(const struct damc_bind *bind);
void damc_target_put(struct damc_net *dn, struct damc_target *target);
void damc_target_tell(const struct damc_target *target);
bool damc_target_uses(const struct damc_target *target,
		      const struct damc_dev *dev);
const struct damc_neigh *damc_target_choose(const struct damc_net *dn,
					    const struct damc_target *target,
					    const struct damc_policy *policy,
					    u32 flow, struct damc_way *way);
bool damc_target_obeys(const struct damc_policy *policy,
		       const struct damc_neigh *neigh);
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
