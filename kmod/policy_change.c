// SPDX-License-Identifier: GPL-2.0
/* Policies: changing them as asked, or saying why not; their end. */
#include <linux/hrtimer.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "neigh.h"
#include "notify.h"
#include "policy_change.h"

static struct damc_policy_stats __percpu *damc_policy_stats_alloc(void)
{
	struct damc_policy_stats __percpu *stats;
	int cpu;

	stats = alloc_percpu_gfp(struct damc_policy_stats, GFP_KERNEL_ACCOUNT);
	if (!stats)
		return NULL;
	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(stats, cpu)->sync);
	return stats;
}

/**
 * damc_policy_read_stats() - a policy's counters, summed over all processors
 * @policy: the policy
 * @sums: gets them
 */
void damc_policy_read_stats(const struct damc_policy *policy,
			    struct damc_policy_sums *sums)
{
	struct damc_policy_sums one;
	unsigned int start;
	int cpu;

	memset(sums, 0, sizeof(*sums));
	for_each_possible_cpu(cpu) {
		const struct damc_policy_stats *row;

		row = per_cpu_ptr(policy->stats, cpu);
		do {
			start = u64_stats_fetch_begin(&row->sync);
			one.packets = READ_ONCE(row->packets);
			one.bytes = READ_ONCE(row->bytes);
			one.inactive = READ_ONCE(row->inactive);
		} while (u64_stats_fetch_retry(&row->sync, start));
		sums->packets += one.packets;
		sums->bytes += one.bytes;
		sums->inactive += one.inactive;
	}
}

/**
 * damc_policy_left() - how long a policy lives on
 * @policy: one with an end
 *
 * Return: milliseconds, 0 if its time is over.
 */
u32 damc_policy_left(const struct damc_policy *policy)
{
	s64 left = policy->end - ktime_get_boottime_ns();

	return left > 0 ? div_u64(left, NSEC_PER_MSEC) : 0;
}

static struct damc_policy *damc_policy_make(const struct damc_policy_spec *spec)
{
	struct damc_policy *policy = kzalloc(sizeof(*policy),
					     GFP_KERNEL_ACCOUNT);

	if (!policy)
		return NULL;
	policy->action = spec->action;
	policy->protocol = spec->protocol;
	policy->class = spec->key.class;
	policy->src_len = spec->key.src.len;
	memcpy(policy->src, spec->key.src.wire, spec->key.src.len);
	policy->n = spec->n;
	memcpy(policy->neigh, spec->neigh, spec->n * sizeof(*spec->neigh));
	policy->lifetime_ms = spec->lifetime_ms;
	policy->end = spec->lifetime_ms ?
		      ktime_get_boottime_ns() +
			spec->lifetime_ms * (u64)NSEC_PER_MSEC : U64_MAX;
	return policy;
}

/* One that readers may still have. */
static void damc_policy_free_rcu(struct rcu_head *rcu)
{
	struct damc_policy *policy = container_of(rcu, struct damc_policy, rcu);

	free_percpu(policy->stats);
	kfree(policy);
}

static void damc_policy_explain(int err, struct netlink_ext_ack *extack)
{
	switch (err) {
	case -ENOSPC:
		NL_SET_ERR_MSG(extack,
			       "Too many policies about this destination prefix");
		break;
	case -E2BIG:
		NL_SET_ERR_MSG(extack,
			       "Names of too many different depths; see damc(8), LIMITS");
		break;
	}
}

/* Ids are not given out twice, or a dump that goes on would miss one. */
static int damc_policy_enter(struct damc_net *dn, const struct damc_name *dst,
			     struct damc_policy *policy,
			     struct netlink_ext_ack *extack)
{
	int err;

	if (dn->last_policy_id == U32_MAX) {
		NL_SET_ERR_MSG(extack, "The ids of policies are used up");
		return -ENOSPC;
	}
	policy->id = dn->last_policy_id + 1;
	err = xa_insert(&dn->policy_ids, policy->id, policy,
			GFP_KERNEL_ACCOUNT);
	if (err)
		return err;
	err = damc_policy_insert(&dn->policies, dst, policy);
	if (err) {
		xa_erase(&dn->policy_ids, policy->id);
		damc_policy_explain(err, extack);
		return err;
	}
	dn->last_policy_id++;
	dn->n_policies++;
	return 0;
}

/* Wake up when the next policy ends. */
static void damc_policy_arm(struct damc_net *dn)
{
	const struct damc_policy *policy;
	u64 next = U64_MAX;
	unsigned long id;

	xa_for_each(&dn->policy_ids, id, policy)
		next = min(next, policy->end);
	if (next != U64_MAX)
		hrtimer_start(&dn->policy_timer, ns_to_ktime(next),
			      HRTIMER_MODE_ABS_SOFT);
}

static void damc_policy_began(struct damc_net *dn,
			      const struct damc_policy *policy)
{
	if (policy->end != U64_MAX)
		damc_policy_arm(dn);
	damc_notify_policy(dn, policy);
}

static int damc_policy_insert_new(struct damc_net *dn,
				  const struct damc_policy_spec *spec,
				  struct netlink_ext_ack *extack)
{
	struct damc_policy *policy;
	int err = -ENOMEM;

	if (dn->n_policies == DAMC_POLICIES_MAX) {
		NL_SET_ERR_MSG(extack, "Too many policies");
		return -ENOSPC;
	}
	policy = damc_policy_make(spec);
	if (!policy)
		return -ENOMEM;
	policy->stats = damc_policy_stats_alloc();
	if (policy->stats)
		err = damc_policy_enter(dn, &spec->key.dst, policy, extack);
	if (err) {
		free_percpu(policy->stats);
		kfree(policy);
		return err;
	}
	damc_policy_began(dn, policy);
	return 0;
}

/**
 * damc_policy_add() - add a policy
 * @dn: the namespace
 * @spec: the policy
 * @extack: says what is wrong
 *
 * Return: 0; -EEXIST; -ENOSPC, -E2BIG at a limit; -ENOMEM. On error nothing has
 * changed.
 */
int damc_policy_add(struct damc_net *dn, const struct damc_policy_spec *spec,
		    struct netlink_ext_ack *extack)
{
	lockdep_assert_held(&dn->lock);
	if (damc_policy_find(&dn->policies, &spec->key)) {
		NL_SET_ERR_MSG(extack, "There is a policy about these packets");
		return -EEXIST;
	}
	return damc_policy_insert_new(dn, spec, extack);
}

/**
 * damc_policy_replace() - add a policy, or put it in another's place
 * @dn: the namespace
 * @spec: the policy; takes over its predecessor's id and counters
 * @extack: says what is wrong
 *
 * Return: as damc_policy_add(), without -EEXIST.
 */
int damc_policy_replace(struct damc_net *dn,
			const struct damc_policy_spec *spec,
			struct netlink_ext_ack *extack)
{
	struct damc_policy *old, *policy;

	lockdep_assert_held(&dn->lock);
	old = damc_policy_find(&dn->policies, &spec->key);
	if (!old)
		return damc_policy_insert_new(dn, spec, extack);
	policy = damc_policy_make(spec);
	if (!policy)
		return -ENOMEM;
	policy->id = old->id;
	policy->stats = old->stats;
	/* Cannot fail: the id is there. */
	xa_store(&dn->policy_ids, policy->id, policy, GFP_KERNEL_ACCOUNT);
	damc_policy_swap(&dn->policies, old, policy);
	kfree_rcu(old, rcu);
	damc_policy_began(dn, policy);
	return 0;
}

/**
 * damc_policy_del() - end a policy
 * @dn: the namespace
 * @policy: one of its policies
 */
void damc_policy_del(struct damc_net *dn, struct damc_policy *policy)
{
	struct damc_notice notice;

	lockdep_assert_held(&dn->lock);
	damc_notice_policy(&notice, dn, policy, DAMC_CMD_POLICY_DEL_NTF);
	xa_erase(&dn->policy_ids, policy->id);
	damc_policy_remove(&dn->policies, policy);
	dn->n_policies--;
	call_rcu(&policy->rcu, damc_policy_free_rcu);
	damc_notice_send(&notice);
}

/* End those whose time is over at @now. */
static void damc_policy_end_until(struct damc_net *dn, u64 now)
{
	struct damc_policy *policy;
	unsigned long id;

	xa_for_each(&dn->policy_ids, id, policy) {
		if (policy->end <= now)
			damc_policy_del(dn, policy);
		cond_resched();
	}
}

/**
 * damc_policy_flush() - end all policies
 * @dn: the namespace
 */
void damc_policy_flush(struct damc_net *dn)
{
	damc_policy_end_until(dn, U64_MAX);
}

/*
 * RTNL: the module's end waits by it for those who tell without having been
 * asked.
 */
static void damc_policy_over(struct work_struct *work)
{
	struct damc_net *dn = container_of(work, struct damc_net, policy_end);

	rtnl_lock();
	mutex_lock(&dn->lock);
	damc_policy_end_until(dn, ktime_get_boottime_ns());
	damc_policy_arm(dn);
	mutex_unlock(&dn->lock);
	rtnl_unlock();
}

static enum hrtimer_restart damc_policy_expire(struct hrtimer *timer)
{
	struct damc_net *dn = container_of(timer, struct damc_net,
					   policy_timer);

	schedule_work(&dn->policy_end);
	return HRTIMER_NORESTART;
}

void damc_policy_net_init(struct damc_net *dn)
{
	xa_init(&dn->policy_ids);
	hrtimer_init(&dn->policy_timer, CLOCK_BOOTTIME, HRTIMER_MODE_ABS_SOFT);
	dn->policy_timer.function = damc_policy_expire;
	INIT_WORK(&dn->policy_end, damc_policy_over);
}

/* After the last policy is gone, without the namespace's lock. */
void damc_policy_net_exit(struct damc_net *dn)
{
	hrtimer_cancel(&dn->policy_timer);
	cancel_work_sync(&dn->policy_end);
	damc_policies_free(&dn->policies);
	xa_destroy(&dn->policy_ids);
}
