/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Routes: what an administrator or a routing daemon wants of the FIB, and what
 * stands in the way of it. All under the namespace's lock, may sleep.
 */
#ifndef _DAMC_ROUTE_H
#define _DAMC_ROUTE_H

#include "fib.h"
#include "netns.h"
#include "target.h"

struct damc_dev;
struct netlink_ext_ack;

enum damc_route_change {
	DAMC_ROUTE_ADD,
	DAMC_ROUTE_REPLACE,
	DAMC_ROUTE_APPEND,
	DAMC_ROUTE_DEL,
};

/**
 * struct damc_route_spec - a route as asked for
 * @target: what leads there, held by whoever made this, or a set's; NULL if
 *	@type and @nexthops are to tell
 * @nexthops: neighbours, each held by whoever made this
 * @n: how many
 */
struct damc_route_spec {
	struct damc_name name;
	u32 type;
	u32 protocol;
	struct damc_target *target;
	struct damc_nexthop nexthops[DAMC_NEXTHOPS_MAX];
	unsigned int n;
};

/**
 * struct damc_route_undo - one change, until it is final
 * @entry: that was there before; NULL if there was none
 * @target: where it led, held; NULL if it is to be deleted
 * @protocol: whose it was
 * @name: its name, for as long as the request is there
 */
struct damc_route_undo {
	struct damc_fib_entry *entry;
	struct damc_target *target;
	u32 protocol;
	struct damc_name name;
};

/* In an entry's protocol: the request that holds the lock deletes it. */
#define DAMC_ROUTE_GOING BIT(31)

static inline u32 damc_entry_protocol(const struct damc_fib_entry *entry)
{
	return entry->protocol & ~DAMC_ROUTE_GOING;
}

/* Where an entry leads. Context: under the namespace's lock. */
static inline struct damc_target *
damc_entry_target(const struct damc_net *dn, const struct damc_fib_entry *entry)
{
	return rcu_dereference_protected(entry->target,
					 lockdep_is_held(&dn->lock));
}

int damc_route_change(struct damc_net *dn, const struct damc_route_spec *spec,
		      enum damc_route_change change,
		      struct damc_route_undo *undo,
		      struct netlink_ext_ack *extack);
void damc_route_undo(struct damc_net *dn, const struct damc_route_undo *undo);
void damc_route_commit(struct damc_net *dn, struct damc_route_undo *undo);
void damc_route_release(struct damc_net *dn,
			const struct damc_route_undo *undo);
void damc_route_remove(struct damc_net *dn, struct damc_fib_entry *entry);
void damc_route_flush_dev(struct damc_dev *dev);
int damc_route_set_self(struct damc_net *dn, const struct damc_name *name,
			struct netlink_ext_ack *extack);
void damc_route_explain(int err, struct netlink_ext_ack *extack);

#endif /* _DAMC_ROUTE_H */
