// SPDX-License-Identifier: GPL-2.0
/* Pools in the FIB: configuring them, and binding as their instance. */
#include <linux/mm.h>
#include <linux/netlink.h>

#include "netns.h"
#include "notify.h"
#include "pool_change.h"
#include "route.h"
#include "target.h"

/**
 * damc_entry_pool() - the pool that an entry stands for
 * @dn: the namespace
 * @entry: the entry, or NULL
 *
 * Return: the pool, or NULL if the entry is another's.
 */
const struct damc_pool *damc_entry_pool(const struct damc_net *dn,
					const struct damc_fib_entry *entry)
{
	return entry ? damc_entry_target(dn, entry)->pool : NULL;
}

/* Which instances of an old pool stay: both sorts, or those not in @less. */
struct damc_keep {
	bool bound;
	bool configured;
	const struct damc_pool *less;
};

static bool damc_keeps(const struct damc_keep *keep,
		       const struct damc_member *member)
{
	if (keep->less &&
	    damc_pool_find(keep->less, member->wire, member->len))
		return false;
	return member->bound ? keep->bound : keep->configured;
}

/* A new pool of what is kept of the old one, and of what is added. */
static struct damc_pool *damc_pool_build(const struct damc_pool *old,
					 const struct damc_keep *keep,
					 const struct damc_pool *more,
					 struct netlink_ext_ack *extack)
{
	struct damc_pool *pool;
	int err = 0;
	u32 i;

	pool = damc_pool_alloc((old ? old->n : 0) + (more ? more->n : 0));
	if (!pool)
		return ERR_PTR(-ENOMEM);
	for (i = 0; old && i < old->n; i++)
		if (damc_keeps(keep, &old->member[i]))
			damc_pool_put(pool, &old->member[i]);
	for (i = 0; more && i < more->n && !err; i++)
		err = damc_pool_put(pool, &more->member[i]);
	if (!err)
		return pool;
	if (err == -EEXIST)
		NL_SET_ERR_MSG(extack, "The pool has this instance");
	else
		NL_SET_ERR_MSG(extack, "Too many instances");
	kvfree(pool);
	return ERR_PTR(err);
}

static void damc_pool_remove(struct damc_net *dn, struct damc_fib_entry *entry)
{
	struct damc_notice notice;

	damc_notice_pool(&notice, dn, entry, DAMC_CMD_POOL_DEL_NTF);
	damc_route_remove(dn, entry);
	dn->n_pools--;
	damc_notice_send(&notice);
}

static int damc_pool_insert(struct damc_net *dn, const struct damc_name *name,
			    u32 protocol, struct damc_target *target,
			    struct netlink_ext_ack *extack)
{
	struct damc_fib_entry *entry;
	int err;

	err = damc_pins_prepare(dn);
	if (err)
		return err;
	err = damc_fib_insert(&dn->fib, name, protocol, target);
	if (err) {
		damc_route_explain(err, extack);
		return err;
	}
	dn->n_pools++;
	entry = damc_fib_find(&dn->fib, name);
	damc_notify_route(dn, entry);
	damc_notify_pool(dn, entry);
	return 0;
}

static void damc_pool_swap(struct damc_net *dn, struct damc_fib_entry *entry,
			   u32 protocol, struct damc_target *target)
{
	struct damc_target *old = damc_entry_target(dn, entry);

	rcu_assign_pointer(entry->target, target);
	damc_target_put(dn, old);
	if (entry->protocol != protocol) {
		WRITE_ONCE(entry->protocol, protocol);
		damc_notify_route(dn, entry);
	}
	damc_notify_pool(dn, entry);
}

/* Let a name be this pool; takes @pool in any case. */
static int damc_pool_install(struct damc_net *dn, const struct damc_name *name,
			     struct damc_fib_entry *entry, u32 protocol,
			     struct damc_pool *pool,
			     struct netlink_ext_ack *extack)
{
	struct damc_target *target;
	int err = 0;

	if (!pool->n && protocol == DAMC_ROUTE_PROTOCOL_KERNEL) {
		kvfree(pool);
		damc_pool_remove(dn, entry);
		return 0;
	}
	target = damc_target_of_pool(pool);
	if (!target) {
		kvfree(pool);
		return -ENOMEM;
	}
	if (entry)
		damc_pool_swap(dn, entry, protocol, target);
	else
		err = damc_pool_insert(dn, name, protocol, target, extack);
	if (err)
		damc_target_put(dn, target);
	return err;
}

/* Whether a name can be a pool here: what leads somewhere can't. */
static int damc_pool_possible(const struct damc_net *dn,
			      const struct damc_fib_entry *entry,
			      struct netlink_ext_ack *extack)
{
	if (dn->n_uplinks) {
		NL_SET_ERR_MSG(extack,
			       "There is an uplink here, and so no pools: its gateway picks");
		return -EBUSY;
	}
	if (entry && !damc_entry_pool(dn, entry)) {
		NL_SET_ERR_MSG(extack,
			       "The pool's name is bound or has a route, so it is no pool");
		return -EEXIST;
	}
	return 0;
}

/* What is asked to be deleted must be there, and not bound. */
static int damc_pool_check_less(const struct damc_pool *pool,
				const struct damc_pool *less,
				struct netlink_ext_ack *extack)
{
	const struct damc_member *member;
	u32 i;

	for (i = 0; i < less->n; i++) {
		member = damc_pool_find(pool, less->member[i].wire,
					less->member[i].len);
		if (!member) {
			NL_SET_ERR_MSG(extack, "The pool has no such instance");
			return -ESRCH;
		}
		if (member->bound) {
			NL_SET_ERR_MSG(extack,
				       "The instance is bound here, and goes with its binding");
			return -EBUSY;
		}
	}
	return 0;
}

static int damc_pool_del(struct damc_net *dn, struct damc_fib_entry *entry,
			 const struct damc_pool_spec *spec,
			 struct netlink_ext_ack *extack)
{
	const struct damc_pool *old = damc_entry_pool(dn, entry);
	bool some = spec->members->n;
	struct damc_keep keep = {
		.bound = true, .configured = some, .less = spec->members,
	};
	struct damc_pool *pool;
	int err;

	if (!old) {
		NL_SET_ERR_MSG(extack, "The name is no pool");
		return -ESRCH;
	}
	if (entry->protocol == DAMC_ROUTE_PROTOCOL_KERNEL) {
		NL_SET_ERR_MSG(extack,
			       "The pool's instances are bound here; it goes with the last");
		return -EBUSY;
	}
	err = damc_pool_check_less(old, spec->members, extack);
	if (err)
		return err;
	pool = damc_pool_build(old, &keep, NULL, extack);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	return damc_pool_install(dn, &spec->name, entry,
				 some ? entry->protocol :
					DAMC_ROUTE_PROTOCOL_KERNEL,
				 pool, extack);
}

static int damc_pool_configure(struct damc_net *dn,
			       struct damc_fib_entry *entry,
			       const struct damc_pool_spec *spec,
			       enum damc_pool_change change,
			       struct netlink_ext_ack *extack)
{
	struct damc_keep keep = {
		.bound = true, .configured = change == DAMC_POOL_APPEND,
	};
	struct damc_pool *pool;
	int err;

	err = damc_pool_possible(dn, entry, extack);
	if (err)
		return err;
	if (entry && change == DAMC_POOL_ADD &&
	    entry->protocol != DAMC_ROUTE_PROTOCOL_KERNEL) {
		NL_SET_ERR_MSG(extack, "The pool is configured");
		return -EEXIST;
	}
	pool = damc_pool_build(damc_entry_pool(dn, entry), &keep,
			       spec->members, extack);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	return damc_pool_install(dn, &spec->name, entry, spec->protocol, pool,
				 extack);
}

/**
 * damc_pool_change() - configure a pool
 * @dn: the namespace
 * @spec: the pool; for a deletion the instances to delete, or none for all that
 *	was configured
 * @change: which
 * @extack: says what is wrong
 *
 * Return: 0; -EEXIST, -ESRCH; -EBUSY for what bindings made, and where there is
 * an uplink; -ENOSPC, -E2BIG, -ENOMEM. On error nothing has changed.
 */
int damc_pool_change(struct damc_net *dn, const struct damc_pool_spec *spec,
		     enum damc_pool_change change,
		     struct netlink_ext_ack *extack)
{
	struct damc_fib_entry *entry = damc_fib_find(&dn->fib, &spec->name);

	lockdep_assert_held(&dn->lock);
	if (change == DAMC_POOL_DEL)
		return damc_pool_del(dn, entry, spec, extack);
	return damc_pool_configure(dn, entry, spec, change, extack);
}

/* A name without its last component; the root if it has but one. */
static struct damc_name damc_name_parent(const struct damc_name *name)
{
	struct damc_name parent = { .wire = name->wire };

	while (parent.len + 1 + name->wire[parent.len] < name->len)
		parent.len += 1 + name->wire[parent.len];
	return parent;
}

/* The last component, as it stands in a pool. */
static void damc_member_of(const struct damc_net *dn,
			   const struct damc_name *name,
			   const struct damc_name *pool,
			   struct damc_member *member)
{
	struct damc_name last;

	member->len = name->len - pool->len;
	memcpy(member->wire, name->wire + pool->len, member->len);
	last = damc_member_name(member);
	member->id = damc_name_hash_whole(&dn->pins.key, &last);
}

/* A pool of one instance, to add or to delete. */
static struct damc_pool *damc_pool_of_one(const struct damc_net *dn,
					  const struct damc_name *name,
					  const struct damc_name *parent,
					  u32 weight)
{
	struct damc_member member = { .weight = weight, .bound = true };
	struct damc_pool *pool = damc_pool_alloc(1);

	if (!pool)
		return NULL;
	damc_member_of(dn, name, parent, &member);
	damc_pool_put(pool, &member);
	return pool;
}

/* Whether a pool has the only instance of another one, as bound or configured. */
static bool damc_pool_has(const struct damc_pool *pool,
			  const struct damc_pool *one, bool bound)
{
	const struct damc_member *member;

	if (!pool)
		return false;
	member = damc_pool_find(pool, one->member[0].wire, one->member[0].len);
	return member && member->bound == bound;
}

/**
 * damc_pool_join() - a name is to be bound as a pool's instance
 * @dn: the namespace; one with an uplink has no pools, so nothing is done
 * @name: bindable
 * @weight: the instance's, at least 1
 * @extack: says what is wrong, or NULL
 *
 * Return: 0; -EINVAL if it is of one component; -EADDRINUSE if the pool's name
 * leads somewhere, or the pool has the instance; -ENOSPC, -E2BIG, -ENOMEM.
 */
int damc_pool_join(struct damc_net *dn, const struct damc_name *name,
		   u32 weight, struct netlink_ext_ack *extack)
{
	struct damc_keep keep = { .bound = true, .configured = true };
	struct damc_name parent = damc_name_parent(name);
	const struct damc_pool *old;
	struct damc_fib_entry *entry;
	struct damc_pool *one, *pool;
	int err;

	if (dn->n_uplinks)
		return 0;
	if (!parent.len) {
		NL_SET_ERR_MSG(extack,
			       "A name of one component is no pool's instance");
		return -EINVAL;
	}
	entry = damc_fib_find(&dn->fib, &parent);
	err = damc_pool_possible(dn, entry, extack);
	if (err)
		return -EADDRINUSE;
	one = damc_pool_of_one(dn, name, &parent, weight);
	if (!one)
		return -ENOMEM;
	old = damc_entry_pool(dn, entry);
	/* One that is there as bound was left behind: a name is bound once. */
	keep.less = damc_pool_has(old, one, true) ? one : NULL;
	pool = damc_pool_build(old, &keep, one, extack);
	kvfree(one);
	if (IS_ERR(pool))
		return pool == ERR_PTR(-EEXIST) ? -EADDRINUSE : PTR_ERR(pool);
	return damc_pool_install(dn, &parent, entry,
				 entry ? entry->protocol :
					 DAMC_ROUTE_PROTOCOL_KERNEL,
				 pool, extack);
}

/* The pool without an instance; without memory nothing changes. */
static void damc_pool_without(struct damc_net *dn,
			      const struct damc_name *parent,
			      struct damc_fib_entry *entry,
			      const struct damc_pool *one)
{
	struct damc_keep keep = {
		.bound = true, .configured = true, .less = one,
	};
	struct damc_pool *pool;

	pool = damc_pool_build(damc_entry_pool(dn, entry), &keep, NULL, NULL);
	if (!IS_ERR(pool))
		damc_pool_install(dn, parent, entry, entry->protocol, pool,
				  NULL);
}

/**
 * damc_pool_leave() - a pool's instance is not bound any more
 * @dn: the namespace
 * @name: what damc_pool_join() was called with; where there was an uplink, the
 *	instance is in no pool, or in one that was configured since
 *
 * Without memory for a smaller pool the instance stays, and leads nowhere.
 */
void damc_pool_leave(struct damc_net *dn, const struct damc_name *name)
{
	struct damc_name parent = damc_name_parent(name);
	struct damc_fib_entry *entry = damc_fib_find(&dn->fib, &parent);
	struct damc_pool *one;

	if (!damc_entry_pool(dn, entry))
		return;
	one = damc_pool_of_one(dn, name, &parent, 1);
	if (one && damc_pool_has(damc_entry_pool(dn, entry), one, true))
		damc_pool_without(dn, &parent, entry, one);
	kvfree(one);
}
