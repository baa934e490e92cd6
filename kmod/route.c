// SPDX-License-Identifier: GPL-2.0
/* Routes: changing the FIB as asked, or saying why not. */
#include <linux/netlink.h>
#include <linux/slab.h>

#include "dev.h"
#include "neigh.h"
#include "netns.h"
#include "notify.h"
#include "route.h"
#include "set.h"

/**
 * damc_route_explain() - put what the FIB or the bindings refused into words
 * @err: what they returned
 * @extack: gets the words, unless it has some
 */
void damc_route_explain(int err, struct netlink_ext_ack *extack)
{
	if (!extack || extack->_msg)
		return;
	switch (err) {
	case -EEXIST:
		NL_SET_ERR_MSG(extack, "The name has a route");
		break;
	case -EADDRINUSE:
		NL_SET_ERR_MSG(extack, "The name is bound or has a route");
		break;
	case -ENOSPC:
		NL_SET_ERR_MSG(extack, "The table is full");
		break;
	case -E2BIG:
		NL_SET_ERR_MSG(extack,
			       "Names of too many different depths; see damc(8), LIMITS");
		break;
	}
}

/* A pool is configured by its own requests. */
static int damc_route_is_pool(const struct damc_net *dn,
			      const struct damc_fib_entry *entry,
			      struct netlink_ext_ack *extack)
{
	if (!entry || !damc_entry_target(dn, entry)->pool)
		return 0;
	NL_SET_ERR_MSG(extack, "The name is a pool; see damc pool");
	return -EEXIST;
}

static void damc_route_drop(struct damc_net *dn, struct damc_fib_entry *entry)
{
	struct damc_target *target = damc_entry_target(dn, entry);

	damc_fib_remove(&dn->fib, entry);
	damc_target_put(dn, target);
}

/**
 * damc_route_remove() - take an entry out, and tell
 * @dn: the namespace
 * @entry: the entry
 */
void damc_route_remove(struct damc_net *dn, struct damc_fib_entry *entry)
{
	struct damc_target *target = damc_entry_target(dn, entry);
	struct damc_notice notice;

	damc_notice_route(&notice, dn, entry, DAMC_CMD_ROUTE_DEL_NTF);
	damc_fib_remove(&dn->fib, entry);
	damc_notice_send(&notice);
	/* Neighbours go after the route that led to them. */
	damc_target_put(dn, target);
}

/* What the kernel put in goes with its cause, not by a route command. */
static int damc_route_may_touch(const struct damc_fib_entry *entry,
				struct netlink_ext_ack *extack)
{
	if (entry->protocol != DAMC_ROUTE_PROTOCOL_KERNEL)
		return 0;
	NL_SET_ERR_MSG(extack,
		       "The name is this namespace's own, or is bound");
	return -EBUSY;
}

static struct damc_target *damc_spec_target(struct damc_net *dn,
					    const struct damc_route_spec *spec)
{
	if (!spec->target)
		return damc_target_get(dn, spec->type, spec->nexthops, spec->n);
	damc_target_hold(spec->target);
	return spec->target;
}

static int damc_route_insert(struct damc_net *dn,
			     const struct damc_route_spec *spec,
			     struct netlink_ext_ack *extack)
{
	struct damc_target *target;
	int err;

	target = damc_spec_target(dn, spec);
	if (IS_ERR(target))
		return PTR_ERR(target);
	err = damc_fib_insert(&dn->fib, &spec->name, spec->protocol, target);
	if (err) {
		damc_target_put(dn, target);
		damc_route_explain(err, extack);
	}
	return err;
}

static int damc_route_swap(struct damc_net *dn, struct damc_fib_entry *entry,
			   const struct damc_route_spec *spec,
			   struct damc_route_undo *undo,
			   struct netlink_ext_ack *extack)
{
	struct damc_target *new;
	int err;

	err = damc_route_may_touch(entry, extack);
	if (err)
		return err;
	new = damc_spec_target(dn, spec);
	if (IS_ERR(new))
		return PTR_ERR(new);
	undo->entry = entry;
	undo->target = damc_entry_target(dn, entry);
	undo->protocol = entry->protocol;
	rcu_assign_pointer(entry->target, new);
	WRITE_ONCE(entry->protocol, spec->protocol);
	return 0;
}

static bool damc_has_nexthop(const struct damc_nexthop *nexthops,
			     unsigned int n, const struct damc_neigh *neigh)
{
	while (n--)
		if (nexthops[n].neigh == neigh)
			return true;
	return false;
}

/* Old next hops first, then the new ones. */
static int damc_route_merge(const struct damc_target *old,
			    const struct damc_route_spec *more,
			    struct damc_route_spec *all,
			    struct netlink_ext_ack *extack)
{
	unsigned int i;

	if (old->type != DAMC_ROUTE_TYPE_UNICAST ||
	    more->type != DAMC_ROUTE_TYPE_UNICAST || old->set || more->target) {
		NL_SET_ERR_MSG(extack, "Only next hops can be appended, to next hops");
		return -EINVAL;
	}
	if (old->n + more->n > DAMC_NEXTHOPS_MAX) {
		NL_SET_ERR_MSG(extack, "Too many next hops");
		return -ENOSPC;
	}
	*all = *more;
	memcpy(all->nexthops, old->nexthop,
	       flex_array_size(old, nexthop, old->n));
	for (i = 0; i < more->n; i++) {
		if (damc_has_nexthop(old->nexthop, old->n,
				     more->nexthops[i].neigh)) {
			NL_SET_ERR_MSG(extack, "The route has this next hop");
			return -EEXIST;
		}
		all->nexthops[old->n + i] = more->nexthops[i];
	}
	all->n = old->n + more->n;
	return 0;
}

static int damc_route_append(struct damc_net *dn, struct damc_fib_entry *entry,
			     const struct damc_route_spec *spec,
			     struct damc_route_undo *undo,
			     struct netlink_ext_ack *extack)
{
	struct damc_route_spec *all;
	int err;

	all = kmalloc(sizeof(*all), GFP_KERNEL);
	if (!all)
		return -ENOMEM;
	err = damc_route_merge(damc_entry_target(dn, entry), spec, all, extack);
	if (!err)
		err = damc_route_swap(dn, entry, all, undo, extack);
	kfree(all);
	return err;
}

/* It goes when the change is final, for to put it back could fail. */
static int damc_route_del(struct damc_fib_entry *entry,
			  struct damc_route_undo *undo,
			  struct netlink_ext_ack *extack)
{
	int err;

	if (!entry || entry->protocol & DAMC_ROUTE_GOING) {
		NL_SET_ERR_MSG(extack, "The name has no route");
		return -ESRCH;
	}
	err = damc_route_may_touch(entry, extack);
	if (err)
		return err;
	WRITE_ONCE(entry->protocol, entry->protocol | DAMC_ROUTE_GOING);
	undo->entry = entry;
	return 0;
}

/**
 * damc_route_change() - add, replace, append or delete a route
 * @dn: the namespace
 * @spec: the route, for a deletion its name
 * @change: which
 * @undo: gets what damc_route_undo() or damc_route_commit() needs, of which
 *	one must follow in the same hold of the lock, if this succeeds; undone is
 *	in reverse order, all or none
 * @extack: says what is wrong
 *
 * Return: 0; -EEXIST, also for a pool; -ESRCH; -EBUSY for what the kernel put in; -EINVAL,
 * -ENOSPC, -E2BIG, -ENOMEM. On error nothing has changed.
 */
int damc_route_change(struct damc_net *dn, const struct damc_route_spec *spec,
		      enum damc_route_change change,
		      struct damc_route_undo *undo,
		      struct netlink_ext_ack *extack)
{
	struct damc_fib_entry *entry;
	int err;

	lockdep_assert_held(&dn->lock);
	*undo = (struct damc_route_undo){ .name = spec->name };
	if (change == DAMC_ROUTE_ADD)
		return damc_route_insert(dn, spec, extack);
	entry = damc_fib_find(&dn->fib, &spec->name);
	err = damc_route_is_pool(dn, entry, extack);
	if (err)
		return err;
	if (change == DAMC_ROUTE_DEL)
		return damc_route_del(entry, undo, extack);
	if (!entry)
		return damc_route_insert(dn, spec, extack);
	if (change == DAMC_ROUTE_APPEND)
		return damc_route_append(dn, entry, spec, undo, extack);
	return damc_route_swap(dn, entry, spec, undo, extack);
}

/**
 * damc_route_undo() - take a change back; cannot fail
 * @dn: the namespace
 * @undo: the change, the last one not taken back
 */
void damc_route_undo(struct damc_net *dn, const struct damc_route_undo *undo)
{
	struct damc_target *target;

	if (!undo->entry) {
		damc_route_drop(dn, damc_fib_find(&dn->fib, &undo->name));
	} else if (undo->target) {
		target = damc_entry_target(dn, undo->entry);
		rcu_assign_pointer(undo->entry->target, undo->target);
		WRITE_ONCE(undo->entry->protocol, undo->protocol);
		damc_target_put(dn, target);
	} else {
		WRITE_ONCE(undo->entry->protocol,
			   damc_entry_protocol(undo->entry));
	}
}

/**
 * damc_route_commit() - make a change final
 * @dn: the namespace
 * @undo: the change; damc_route_release() must follow
 */
void damc_route_commit(struct damc_net *dn, struct damc_route_undo *undo)
{
	if (!undo->entry || undo->target)
		return;
	undo->target = damc_entry_target(dn, undo->entry);
	damc_fib_remove(&dn->fib, undo->entry);
}

/**
 * damc_route_release() - let go of where an entry led before
 * @dn: the namespace
 * @undo: the change, final, and told; neighbours may go by this
 */
void damc_route_release(struct damc_net *dn, const struct damc_route_undo *undo)
{
	if (undo->target)
		damc_target_put(dn, undo->target);
}

/* The route without its next hops on @dev; false if none would be left. */
static bool damc_route_without(struct damc_net *dn,
			       struct damc_fib_entry *entry,
			       const struct damc_dev *dev,
			       struct damc_nexthop *left)
{
	struct damc_target *old = damc_entry_target(dn, entry), *new;
	unsigned int i, n = 0;

	for (i = 0; i < old->n; i++)
		if (old->nexthop[i].neigh->dev != dev)
			left[n++] = old->nexthop[i];
	if (!n)
		return false;
	new = damc_target_get(dn, old->type, left, n);
	if (IS_ERR(new))
		return false;
	rcu_assign_pointer(entry->target, new);
	damc_notify_route(dn, entry);
	damc_target_put(dn, old);
	return true;
}

/**
 * damc_route_flush_dev() - take an interface out of all sets and routes
 * @dev: the interface
 *
 * A route loses its next hops there; without any, or without memory to say so,
 * it goes.
 *
 * No prefix is on a list of those that lead to a neighbour: that would be two
 * pointers for each of a million. So where a route leads there by itself and not
 * by a set, all are walked through, under RTNL if the interface ends: 0.1 s for
 * a million. It ends with the last that leads there.
 */
void damc_route_flush_dev(struct damc_dev *dev)
{
	struct damc_nexthop left[DAMC_NEXTHOPS_MAX];
	struct damc_fib_entry *entry, *next;
	struct damc_net *dn = dev->dn;

	lockdep_assert_held(&dn->lock);
	/* Often all that leads there, however many routes lead to them. */
	if (dev->n_hops)
		damc_set_flush_dev(dev);
	if (!dev->n_hops)
		return;
	for (entry = damc_fib_first(&dn->fib); entry && dev->n_hops;
	     entry = next) {
		next = damc_fib_after(&dn->fib, entry->node.hash);
		if (damc_target_uses(damc_entry_target(dn, entry), dev) &&
		    !damc_route_without(dn, entry, dev, left))
			damc_route_remove(dn, entry);
		cond_resched();
	}
}

static int damc_self_insert(struct damc_net *dn, const struct damc_self *self,
			    struct netlink_ext_ack *extack)
{
	struct damc_name name = { .wire = self->wire, .len = self->len };
	int err;

	err = damc_fib_insert(&dn->fib, &name, DAMC_ROUTE_PROTOCOL_KERNEL,
			      damc_target_get(dn, DAMC_ROUTE_TYPE_LOCAL, NULL,
					      0));
	damc_route_explain(err, extack);
	if (!err)
		damc_notify_route(dn, damc_fib_find(&dn->fib, &name));
	return err;
}

static void damc_self_remove(struct damc_net *dn, struct damc_self *self)
{
	struct damc_name name = { .wire = self->wire, .len = self->len };

	damc_route_remove(dn, damc_fib_find(&dn->fib, &name));
	kfree_rcu(self, rcu);
}

/**
 * damc_route_set_self() - give a namespace its name
 * @dn: the namespace
 * @name: bindable, or the root to take its name away
 * @extack: says what is wrong
 *
 * Names that unbound sockets made below the old one stay theirs, but nothing
 * reaches them any more.
 *
 * Return: 0; -EEXIST if the name has a route; -ENOSPC, -E2BIG, -ENOMEM.
 */
int damc_route_set_self(struct damc_net *dn, const struct damc_name *name,
			struct netlink_ext_ack *extack)
{
	struct damc_self *old, *self = NULL;
	int err;

	old = rcu_dereference_protected(dn->self, lockdep_is_held(&dn->lock));
	if (old && old->len == name->len &&
	    !memcmp(old->wire, name->wire, name->len))
		return 0;
	if (name->len) {
		self = kzalloc(sizeof(*self), GFP_KERNEL_ACCOUNT);
		if (!self)
			return -ENOMEM;
		self->len = name->len;
		memcpy(self->wire, name->wire, name->len);
		err = damc_self_insert(dn, self, extack);
		if (err) {
			kfree(self);
			return err;
		}
	}
	rcu_assign_pointer(dn->self, self);
	if (old)
		damc_self_remove(dn, old);
	damc_notify_info(dn);
	/* They are asked for in this name. */
	damc_register_again(dn);
	return 0;
}
