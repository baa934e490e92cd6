// SPDX-License-Identifier: GPL-2.0
/* Targets: sharing equal ones, holding their neighbours, choosing a next hop. */
#include <linux/jhash.h>
#include <linux/rhashtable.h>

#include "dev.h"
#include "neigh.h"
#include "netns.h"
#include "policy.h"
#include "pool.h"
#include "target.h"

/* Targets of these types have no next hops, and no end. */
static struct damc_target damc_target_local = {
	.output = damc_deliver,
	.type = DAMC_ROUTE_TYPE_LOCAL,
};

static struct damc_target damc_target_unreachable = {
	.output = damc_unreachable,
	.type = DAMC_ROUTE_TYPE_UNREACHABLE,
};

static struct damc_target damc_target_prohibit = {
	.output = damc_prohibit,
	.type = DAMC_ROUTE_TYPE_PROHIBIT,
};

/* Of a set without any next hop: damc_forward() finds none usable. */
static struct damc_target damc_target_empty = {
	.output = damc_forward,
	.type = DAMC_ROUTE_TYPE_UNICAST,
};

static struct damc_target *damc_target_fixed(u32 type)
{
	switch (type) {
	case DAMC_ROUTE_TYPE_LOCAL:
		return &damc_target_local;
	case DAMC_ROUTE_TYPE_UNREACHABLE:
		return &damc_target_unreachable;
	case DAMC_ROUTE_TYPE_PROHIBIT:
		return &damc_target_prohibit;
	default:
		return NULL;
	}
}

static u32 damc_target_hash(const void *data, u32 len, u32 seed)
{
	const struct damc_target *target = data;
	unsigned int i;
	u32 hash = jhash_3words(target->type, target->n, target->backup, seed);

	for (i = 0; i < damc_target_hops(target); i++)
		hash = jhash_2words(target->nexthop[i].neigh->id,
				    target->nexthop[i].weight, hash);
	return hash;
}

static int damc_target_cmp(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct damc_target *a = arg->key, *b = obj;

	return a->type != b->type || a->n != b->n || a->backup != b->backup ||
	       memcmp(a->nexthop, b->nexthop,
		      flex_array_size(a, nexthop, damc_target_hops(a)));
}

static const struct rhashtable_params damc_target_params = {
	.head_offset = offsetof(struct damc_target, node),
	.hashfn = damc_target_hash,
	.obj_hashfn = damc_target_hash,
	.obj_cmpfn = damc_target_cmp,
	.automatic_shrinking = true,
};

/* Once held by nobody, such a target does not end. */
static bool damc_target_counted(const struct damc_target *target)
{
	return target->set || damc_target_hops(target);
}

static struct damc_target *damc_target_make(u32 type,
					    const struct damc_nexthop *nexthops,
					    unsigned int n, unsigned int backup)
{
	struct damc_target *target;
	unsigned int i;

	target = kzalloc(struct_size(target, nexthop, n + backup),
			 GFP_KERNEL_ACCOUNT);
	if (!target)
		return NULL;
	target->output = damc_forward;
	target->type = type;
	target->n = n;
	target->backup = backup;
	refcount_set(&target->refs, 1);
	for (i = 0; i < n + backup; i++) {
		/* Member by member: the padding takes part in comparing. */
		target->nexthop[i].neigh = nexthops[i].neigh;
		target->nexthop[i].weight = nexthops[i].weight;
		if (i < n)
			target->weight += nexthops[i].weight;
	}
	return target;
}

static struct damc_target *damc_target_share(struct damc_net *dn, u32 type,
					     const struct damc_nexthop *nexthops,
					     unsigned int n, unsigned int backup)
{
	struct damc_target *target, *old;
	unsigned int i;
	int err;

	target = damc_target_make(type, nexthops, n, backup);
	if (!target)
		return ERR_PTR(-ENOMEM);
	old = rhashtable_lookup_fast(&dn->targets, target, damc_target_params);
	if (old) {
		refcount_inc(&old->refs);
		kfree(target);
		return old;
	}
	err = rhashtable_insert_fast(&dn->targets, &target->node,
				     damc_target_params);
	if (err) {
		kfree(target);
		return ERR_PTR(err);
	}
	for (i = 0; i < n + backup; i++)
		damc_neigh_hold(nexthops[i].neigh);
	return target;
}

/**
 * damc_target_get() - the target of these next hops, made if need be
 * @dn: the namespace
 * @type: enum damc_route_type
 * @nexthops: 1..DAMC_NEXTHOPS_MAX of them for unicast and edge, else none
 * @n: how many
 *
 * Context: under the namespace's lock, may sleep.
 * Return: the target with a reference, or ERR_PTR(-ENOMEM).
 */
struct damc_target *damc_target_get(struct damc_net *dn, u32 type,
				    const struct damc_nexthop *nexthops,
				    unsigned int n)
{
	return damc_target_fixed(type) ?:
	       damc_target_share(dn, type, nexthops, n, 0);
}

/**
 * damc_target_get_backed() - the unicast target of these next hops, and a backup
 * @dn: the namespace
 * @nexthops: the next hops, the backup last
 * @n: 0..DAMC_NEXTHOPS_MAX, the backup not among them
 * @backup: 1 if there is one
 *
 * Context: under the namespace's lock, may sleep.
 * Return: the target with a reference, or ERR_PTR(-ENOMEM), not without any next
 * hop.
 */
struct damc_target *damc_target_get_backed(struct damc_net *dn,
					   const struct damc_nexthop *nexthops,
					   unsigned int n, unsigned int backup)
{
	if (!n && !backup)
		return &damc_target_empty;
	return damc_target_share(dn, DAMC_ROUTE_TYPE_UNICAST, nexthops, n,
				 backup);
}

/**
 * damc_target_of_set() - a target that leads where another does, at this time
 * @id: the set's
 * @protocol: enum damc_route_protocol
 * @content: that other, the set's from now on
 *
 * Context: may sleep.
 * Return: the target with its only reference, or NULL.
 */
struct damc_target *damc_target_of_set(u32 id, u32 protocol,
				       struct damc_target *content)
{
	struct damc_target *set = kzalloc(sizeof(*set), GFP_KERNEL_ACCOUNT);

	if (!set)
		return NULL;
	set->output = damc_forward;
	set->type = DAMC_ROUTE_TYPE_UNICAST;
	set->set = id;
	set->protocol = protocol;
	refcount_set(&set->refs, 1);
	RCU_INIT_POINTER(set->content, content);
	return set;
}

/**
 * damc_set_content() - where a set leads at this time
 * @dn: the namespace
 * @set: the set's target
 *
 * Context: under RCU, or under the namespace's lock.
 */
struct damc_target *damc_set_content(const struct damc_net *dn,
				     const struct damc_target *set)
{
	return rcu_dereference_check(set->content, lockdep_is_held(&dn->lock));
}

/**
 * damc_target_hold() - one more that leads to a target
 * @target: held by someone
 *
 * Context: under the namespace's lock.
 */
void damc_target_hold(struct damc_target *target)
{
	if (damc_target_counted(target))
		refcount_inc(&target->refs);
}

/**
 * damc_target_of_pool() - a target that leads to a pool's instances
 * @pool: the pool, the target's from now on
 *
 * Context: may sleep.
 * Return: the target with its only reference, or NULL.
 */
struct damc_target *damc_target_of_pool(struct damc_pool *pool)
{
	struct damc_target *target = kzalloc(sizeof(*target),
					     GFP_KERNEL_ACCOUNT);

	if (!target)
		return NULL;
	target->output = damc_pick;
	target->type = DAMC_ROUTE_TYPE_POOL;
	target->pool = pool;
	return target;
}

/**
 * damc_target_of_bind() - a target that leads to a socket
 * @bind: the socket's binding, which ends after its entry does
 *
 * So what the FIB matched needs no second search among the bindings.
 *
 * Context: may sleep.
 * Return: the target with its only reference, or ERR_PTR(-ENOMEM).
 */
struct damc_target *damc_target_of_bind(const struct damc_bind *bind)
{
	struct damc_target *target = kzalloc(sizeof(*target),
					     GFP_KERNEL_ACCOUNT);

	if (!target)
		return ERR_PTR(-ENOMEM);
	target->output = damc_deliver;
	target->type = DAMC_ROUTE_TYPE_LOCAL;
	target->bind = bind;
	return target;
}

static void damc_target_end(struct damc_net *dn, struct damc_target *target)
{
	unsigned int i;

	if (target->set) {
		damc_target_put(dn, damc_set_content(dn, target));
	} else {
		rhashtable_remove_fast(&dn->targets, &target->node,
				       damc_target_params);
		for (i = 0; i < damc_target_hops(target); i++)
			damc_neigh_put(target->nexthop[i].neigh);
	}
	kfree_rcu(target, rcu);
}

/**
 * damc_target_put() - let a target go
 * @dn: the namespace
 * @target: may be gone after this, and neighbours that only it led to
 *
 * Context: under the namespace's lock, may sleep.
 */
void damc_target_put(struct damc_net *dn, struct damc_target *target)
{
	lockdep_assert_held(&dn->lock);
	if (target->pool || target->bind) {
		damc_pool_free(target->pool);
		kfree_rcu(target, rcu);
		return;
	}
	if (damc_target_counted(target) && refcount_dec_and_test(&target->refs))
		damc_target_end(dn, target);
}

/**
 * damc_target_tell() - tell of neighbours that were made for this
 * @target: where an entry leads now
 *
 * Context: under the namespace's lock, may sleep.
 */
void damc_target_tell(const struct damc_target *target)
{
	unsigned int i;

	for (i = 0; i < damc_target_hops(target); i++)
		damc_neigh_tell(target->nexthop[i].neigh);
}

/**
 * damc_target_uses() - whether some next hop is on an interface
 * @target: the target
 * @dev: the interface
 */
bool damc_target_uses(const struct damc_target *target,
		      const struct damc_dev *dev)
{
	unsigned int i;

	for (i = 0; i < damc_target_hops(target); i++)
		if (target->nexthop[i].neigh->dev == dev)
			return true;
	return false;
}

/* Where a flow's turn among the next hops is, by their weights. */
static unsigned int damc_target_turn(const struct damc_net *dn,
				     const struct damc_target *target, u32 flow)
{
	unsigned int i = 0;
	u32 at;

	if (target->n < 2)
		return 0;
	at = reciprocal_scale(jhash_1word(flow, dn->fib.table.key.key[0]),
			      target->weight);
	while (at >= target->nexthop[i].weight)
		at -= target->nexthop[i++].weight;
	return i;
}

/*
 * The first next hop that is usable, from @i on and around; of those that a
 * policy names, if there is one.
 */
static const struct damc_neigh *
damc_target_usable(const struct damc_target *target, unsigned int i,
		   const struct damc_policy *policy, struct damc_way *way)
{
	const struct damc_neigh *neigh;
	unsigned int left;

	for (left = target->n; left; left--) {
		neigh = target->nexthop[i].neigh;
		if ((!policy || damc_policy_names(policy, neigh->id)) &&
		    damc_neigh_way(neigh, way))
			return neigh;
		i = i + 1 == target->n ? 0 : i + 1;
	}
	return NULL;
}

/**
 * damc_target_choose() - the next hop for a flow
 * @dn: the namespace
 * @target: unicast or edge
 * @policy: the one about the packet, or NULL
 * @flow: flow label
 * @way: gets the way to it, to be used or left
 *
 * A flow keeps its next hop while that is usable, then takes the next usable
 * one, and the backup if there is none. The namespace's key takes part, so that
 * routers in a row choose apart.
 *
 * A policy narrows the choice down and widens it never, so what it says cannot
 * lead in a circle; what it leaves out is passed over as if it were down. Where
 * nothing is left, it is as if there were no policy.
 *
 * Context: under RCU, or under the namespace's lock.
 * Return: the neighbour, or NULL if none is usable.
 */
const struct damc_neigh *damc_target_choose(const struct damc_net *dn,
					    const struct damc_target *target,
					    const struct damc_policy *policy,
					    u32 flow, struct damc_way *way)
{
	const struct damc_neigh *neigh = NULL;
	unsigned int i;

	if (target->set)
		target = damc_set_content(dn, target);
	i = damc_target_turn(dn, target, flow);
	if (policy && policy->action == DAMC_POLICY_ACTION_NEIGH)
		neigh = damc_target_usable(target, i, policy, way);
	if (!neigh)
		neigh = damc_target_usable(target, i, NULL, way);
	if (neigh || !target->backup)
		return neigh;
	neigh = target->nexthop[target->n].neigh;
	return damc_neigh_way(neigh, way) ? neigh : NULL;
}

/**
 * damc_target_obeys() - whether a choice is what a policy asks for
 * @policy: the policy
 * @neigh: what damc_target_choose() returned
 */
bool damc_target_obeys(const struct damc_policy *policy,
		       const struct damc_neigh *neigh)
{
	return policy->action != DAMC_POLICY_ACTION_NEIGH ||
	       (neigh && damc_policy_names(policy, neigh->id));
}

int damc_targets_init(struct damc_net *dn)
{
	return rhashtable_init(&dn->targets, &damc_target_params);
}

/* After the last FIB entry is gone. */
void damc_targets_free(struct damc_net *dn)
{
	rhashtable_destroy(&dn->targets);
}
