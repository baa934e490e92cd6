/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A namespace's policies: changing them as asked, ending those whose time is
 * over, and following them. Changes under the namespace's lock, may sleep.
 */
#ifndef _DAMC_POLICY_CHANGE_H
#define _DAMC_POLICY_CHANGE_H

#include "netns.h"
#include "policy.h"
#include "stats.h"

struct netlink_ext_ack;

/* A processor's part of a policy's counters. */
struct damc_policy_stats {
	u64 packets;
	u64 bytes;
	u64 inactive;
	struct u64_stats_sync sync;
};

/**
 * struct damc_policy_sums - a policy's counters
 */
struct damc_policy_sums {
	u64 packets;
	u64 bytes;
	u64 inactive;
};

/**
 * struct damc_policy_spec - a policy as asked for
 * @key: which packets it is about
 * @lifetime_ms: 0 is without end
 * @n: neighbours
 * @neigh: their ids
 */
struct damc_policy_spec {
	struct damc_policy_key key;
	u32 action;
	u32 protocol;
	u32 lifetime_ms;
	u32 n;
	u32 neigh[DAMC_NEXTHOPS_MAX];
};

int damc_policy_add(struct damc_net *dn, const struct damc_policy_spec *spec,
		    struct netlink_ext_ack *extack);
int damc_policy_replace(struct damc_net *dn,
			const struct damc_policy_spec *spec,
			struct netlink_ext_ack *extack);
void damc_policy_del(struct damc_net *dn, struct damc_policy *policy);
void damc_policy_flush(struct damc_net *dn);
u32 damc_policy_left(const struct damc_policy *policy);
void damc_policy_read_stats(const struct damc_policy *policy,
			    struct damc_policy_sums *sums);
void damc_policy_net_init(struct damc_net *dn);
void damc_policy_net_exit(struct damc_net *dn);

/*
 * The policy that counts for a packet, or NULL. Context: under RCU, or under the
 * namespace's lock.
 */
static inline const struct damc_policy *
damc_policy_of(const struct damc_net *dn, const struct damc_policy_key *key)
{
	if (likely(!damc_policies_any(&dn->policies)))
		return NULL;
	return damc_policy_match(&dn->policies, key);
}

/* A packet that a policy is about. Context: under RCU, not in hard interrupts. */
static inline void damc_policy_count(const struct damc_policy *policy,
				     unsigned int bytes)
{
	damc_percpu_add(&policy->stats->packets, &policy->stats->sync, 1);
	damc_percpu_add(&policy->stats->bytes, &policy->stats->sync, bytes);
}

/* And that it could not be followed for. */
static inline void damc_policy_count_inactive(const struct damc_policy *policy)
{
	damc_percpu_add(&policy->stats->inactive, &policy->stats->sync, 1);
}

#endif /* _DAMC_POLICY_CHANGE_H */
