/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Policies: what is to become of packets, by destination, source and class.
 *
 * One table holds the destination prefixes; each leads to the policies about it,
 * longest source prefix first, those with a class before those without. So the
 * first one that matches, from the longest destination up, is the one that
 * counts. The policies of one prefix are at most DAMC_POLICIES_PREFIX_MAX.
 *
 * Readers hold rcu_read_lock(): no lock, no allocation. Writers hold the table's
 * lock and may sleep. The policies are their owner's, who frees one only a grace
 * period after taking it out.
 *
 * Pure: also compiled in user space, against a naive twin.
 */
#ifndef _DAMC_POLICY_H
#define _DAMC_POLICY_H

#include <linux/damc_netlink.h>

#include "depths.h"
#include "table.h"

struct damc_policy_prefix;
struct damc_policy_stats;

/* Of a policy that is about packets of any class. */
#define DAMC_POLICY_CLASS_ANY U8_MAX

/**
 * struct damc_policy_key - what policies look at
 * @dst: destination; of a policy itself: its prefix
 * @src: source
 * @class: class selector
 */
struct damc_policy_key {
	struct damc_name dst;
	struct damc_name src;
	u8 class;
};

/**
 * struct damc_policy - a policy; never changes but for who follows it
 * @next: the next one about the same destination prefix
 * @prefix: that prefix
 * @stats: its owner's: what it was about
 * @action: enum damc_policy_action
 * @n: neighbours
 * @class: class selector, or DAMC_POLICY_CLASS_ANY
 * @src_len: bytes of @src
 * @src: source prefix
 * @neigh: ids of the neighbours
 * @id: by which user space knows it
 * @protocol: enum damc_route_protocol, who put it in
 * @lifetime_ms: as it was asked for, 0 is without end
 * @end: when it ends, in ns of CLOCK_BOOTTIME, U64_MAX is never
 * @rcu: its owner's, for freeing it
 */
struct damc_policy {
	struct damc_policy __rcu *next;
	struct damc_policy_prefix *prefix;
	struct damc_policy_stats __percpu *stats;
	u32 action;
	u32 n;
	u8 class;
	u8 src_len;
	u8 src[DAMC_NAME_MAX];
	u32 neigh[DAMC_NEXTHOPS_MAX];
	u32 id;
	u32 protocol;
	u32 lifetime_ms;
	u64 end;
	struct rcu_head rcu;
};

/**
 * struct damc_policies - one namespace's policies
 * @table: the destination prefixes
 * @depths: of these
 * @root: the empty one, which takes no hash to find; NULL if there is none
 */
struct damc_policies {
	struct damc_table table;
	struct damc_depths depths;
	struct damc_policy_prefix __rcu *root;
};

void damc_policies_init(struct damc_policies *policies, struct mutex *lock,
			const siphash_key_t *key);
void damc_policies_free(struct damc_policies *policies);

struct damc_name damc_policy_dst(const struct damc_policy *policy);
const struct damc_policy *
damc_policy_match(const struct damc_policies *policies,
		  const struct damc_policy_key *key);
struct damc_policy *damc_policy_find(const struct damc_policies *policies,
				     const struct damc_policy_key *key);
int damc_policy_insert(struct damc_policies *policies,
		       const struct damc_name *dst, struct damc_policy *policy);
void damc_policy_swap(struct damc_policies *policies, struct damc_policy *old,
		      struct damc_policy *new);
void damc_policy_remove(struct damc_policies *policies,
			struct damc_policy *policy);

/* Whether an id is among others. */
static inline bool damc_policy_ids_have(const u32 *ids, u32 n, u32 id)
{
	while (n--)
		if (ids[n] == id)
			return true;
	return false;
}

/* Whether a policy of action neigh leads to a neighbour. */
static inline bool damc_policy_names(const struct damc_policy *policy, u32 neigh)
{
	return damc_policy_ids_have(policy->neigh, policy->n, neigh);
}

/* Whether there is any: what most lookups cost. */
static inline bool damc_policies_any(const struct damc_policies *policies)
{
	return READ_ONCE(policies->depths.used);
}

#endif /* _DAMC_POLICY_H */
