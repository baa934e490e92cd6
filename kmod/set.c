// SPDX-License-Identifier: GPL-2.0
/* Next-hop sets: changing them as asked, or saying why not. */
#include <linux/netlink.h>

#include "dev.h"
#include "neigh.h"
#include "netns.h"
#include "notify.h"
#include "set.h"

/**
 * damc_set_find() - the set of an id
 * @dn: the namespace
 * @id: as user space chose it
 *
 * Return: its target, not held; NULL if there is none.
 */
struct damc_target *damc_set_find(struct damc_net *dn, u32 id)
{
	lockdep_assert_held(&dn->lock);
	return xa_load(&dn->sets, id);
}

static int damc_set_enter(struct damc_net *dn, struct damc_target *set,
			  struct netlink_ext_ack *extack)
{
	int err;

	if (dn->n_sets >= DAMC_SETS_MAX) {
		NL_SET_ERR_MSG(extack, "Too many sets");
		return -ENOSPC;
	}
	err = xa_insert(&dn->sets, set->set, set, GFP_KERNEL_ACCOUNT);
	if (!err)
		dn->n_sets++;
	return err;
}

static void damc_set_leave(struct damc_net *dn, struct damc_target *set)
{
	xa_erase(&dn->sets, set->set);
	dn->n_sets--;
	damc_target_put(dn, set);
}

static struct damc_target *damc_set_aim(struct damc_net *dn,
					const struct damc_set_spec *spec)
{
	return damc_target_get_backed(dn, spec->nexthops, spec->n,
				      spec->backup);
}

static int damc_set_make(struct damc_net *dn, const struct damc_set_spec *spec,
			 struct damc_set_undo *undo,
			 struct netlink_ext_ack *extack)
{
	struct damc_target *content, *set;
	int err;

	content = damc_set_aim(dn, spec);
	if (IS_ERR(content))
		return PTR_ERR(content);
	set = damc_target_of_set(spec->id, spec->protocol, content);
	if (!set) {
		damc_target_put(dn, content);
		return -ENOMEM;
	}
	err = damc_set_enter(dn, set, extack);
	if (err) {
		damc_target_put(dn, set);
		return err;
	}
	undo->set = set;
	undo->made = true;
	return 0;
}

static int damc_set_swap(struct damc_net *dn, struct damc_target *set,
			 const struct damc_set_spec *spec,
			 struct damc_set_undo *undo)
{
	struct damc_target *content = damc_set_aim(dn, spec);

	if (IS_ERR(content))
		return PTR_ERR(content);
	undo->set = set;
	undo->content = damc_set_content(dn, set);
	undo->protocol = set->protocol;
	rcu_assign_pointer(set->content, content);
	set->protocol = spec->protocol;
	return 0;
}

/* It goes when the change is final; until then nothing else can use it. */
static int damc_set_going(struct damc_target *set, struct damc_set_undo *undo,
			  struct netlink_ext_ack *extack)
{
	if (damc_set_routes(set)) {
		NL_SET_ERR_MSG(extack, "Routes lead to the set");
		return -EBUSY;
	}
	/* Twice in a request: the second finds it in use by the first. */
	damc_target_hold(set);
	undo->set = set;
	return 0;
}

/**
 * damc_set_change() - add, replace or delete a set
 * @dn: the namespace
 * @spec: the set, for a deletion its id
 * @change: which
 * @undo: gets what damc_set_undo() or damc_set_commit() needs, of which one must
 *	follow in the same hold of the lock, if this succeeds; undone is in
 *	reverse order, all or none
 * @extack: says what is wrong
 *
 * Return: 0; -EEXIST; -ESRCH; -EBUSY while routes lead to it; -ENOSPC, -ENOMEM.
 * On error nothing has changed.
 */
int damc_set_change(struct damc_net *dn, const struct damc_set_spec *spec,
		    enum damc_set_change change, struct damc_set_undo *undo,
		    struct netlink_ext_ack *extack)
{
	struct damc_target *set = damc_set_find(dn, spec->id);

	*undo = (struct damc_set_undo){};
	if (change == DAMC_SET_ADD && set) {
		NL_SET_ERR_MSG(extack, "The set exists");
		return -EEXIST;
	}
	if (change == DAMC_SET_DEL && !set) {
		NL_SET_ERR_MSG(extack, "No such set");
		return -ESRCH;
	}
	if (change == DAMC_SET_DEL)
		return damc_set_going(set, undo, extack);
	if (set)
		return damc_set_swap(dn, set, spec, undo);
	return damc_set_make(dn, spec, undo, extack);
}

/**
 * damc_set_undo() - take a change back; cannot fail
 * @dn: the namespace
 * @undo: the change, the last one not taken back
 */
void damc_set_undo(struct damc_net *dn, const struct damc_set_undo *undo)
{
	struct damc_target *content;

	if (undo->made) {
		damc_set_leave(dn, undo->set);
	} else if (undo->content) {
		content = damc_set_content(dn, undo->set);
		rcu_assign_pointer(undo->set->content, undo->content);
		undo->set->protocol = undo->protocol;
		damc_target_put(dn, content);
	} else {
		damc_target_put(dn, undo->set);
	}
}

/**
 * damc_set_commit() - make a change final
 * @dn: the namespace
 * @undo: the change, told; neighbours may go by this
 */
void damc_set_commit(struct damc_net *dn, const struct damc_set_undo *undo)
{
	if (undo->made)
		return;
	if (undo->content) {
		damc_target_put(dn, undo->content);
		return;
	}
	damc_target_put(dn, undo->set);
	damc_set_leave(dn, undo->set);
}

/* What is left of a set without an interface, in @spec; false: all of it. */
static bool damc_set_without(const struct damc_target *content,
			     const struct damc_dev *dev,
			     struct damc_set_spec *spec)
{
	unsigned int i;

	spec->n = 0;
	spec->backup = 0;
	for (i = 0; i < damc_target_hops(content); i++) {
		if (content->nexthop[i].neigh->dev == dev)
			continue;
		spec->nexthops[spec->n + spec->backup] = content->nexthop[i];
		if (i < content->n)
			spec->n++;
		else
			spec->backup++;
	}
	return spec->n + spec->backup < damc_target_hops(content);
}

static void damc_set_reduce(struct damc_net *dn, struct damc_target *set,
			    struct damc_set_spec *left)
{
	struct damc_target *old = damc_set_content(dn, set), *new;

	new = damc_set_aim(dn, left);
	if (IS_ERR(new)) {
		left->n = 0;
		left->backup = 0;
		new = damc_set_aim(dn, left);
	}
	rcu_assign_pointer(set->content, new);
	damc_notify_set(dn, set);
	damc_target_put(dn, old);
}

/**
 * damc_set_flush_dev() - take an interface out of all sets
 * @dev: the interface
 *
 * A set loses its next hops there; without memory to say so, all. It stays, and
 * so do routes to it.
 */
void damc_set_flush_dev(struct damc_dev *dev)
{
	struct damc_net *dn = dev->dn;
	struct damc_set_spec left;
	struct damc_target *set;
	unsigned long id;

	lockdep_assert_held(&dn->lock);
	xa_for_each(&dn->sets, id, set) {
		if (damc_set_without(damc_set_content(dn, set), dev, &left))
			damc_set_reduce(dn, set, &left);
		cond_resched();
	}
}

/**
 * damc_set_flush() - end all sets
 * @dn: the namespace, which no route is left in
 */
void damc_set_flush(struct damc_net *dn)
{
	struct damc_target *set;
	unsigned long id;

	xa_for_each(&dn->sets, id, set) {
		damc_set_leave(dn, set);
		cond_resched();
	}
}
