/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Next-hop sets: what any number of routes lead to, by the id that user space
 * gave it. A set is a target (target.h) that the namespace's @sets hold, and with
 * it what it leads to. All under the namespace's lock, may sleep.
 */
#ifndef _DAMC_SET_H
#define _DAMC_SET_H

#include "target.h"

struct netlink_ext_ack;

enum damc_set_change {
	DAMC_SET_ADD,
	DAMC_SET_REPLACE,
	DAMC_SET_DEL,
};

/**
 * struct damc_set_spec - a set as asked for
 * @nexthops: neighbours, each held by whoever made this; the backup last
 * @n: how many, the backup not among them
 * @backup: 1 if there is one
 */
struct damc_set_spec {
	u32 id;
	u32 protocol;
	struct damc_nexthop nexthops[DAMC_NEXTHOPS_MAX + 1];
	unsigned int n;
	unsigned int backup;
};

/**
 * struct damc_set_undo - one change, until it is final
 * @set: what is changed; of a deletion only marked
 * @content: where it led before, held; NULL if it was not there or is to go
 * @protocol: whose it was
 * @made: it was not there before
 */
struct damc_set_undo {
	struct damc_target *set;
	struct damc_target *content;
	u32 protocol;
	bool made;
};

/* How many routes lead to a set. */
static inline u32 damc_set_routes(const struct damc_target *set)
{
	return refcount_read(&set->refs) - 1;
}

struct damc_target *damc_set_find(struct damc_net *dn, u32 id);
int damc_set_change(struct damc_net *dn, const struct damc_set_spec *spec,
		    enum damc_set_change change, struct damc_set_undo *undo,
		    struct netlink_ext_ack *extack);
void damc_set_undo(struct damc_net *dn, const struct damc_set_undo *undo);
void damc_set_commit(struct damc_net *dn, const struct damc_set_undo *undo);
void damc_set_flush_dev(struct damc_dev *dev);
void damc_set_flush(struct damc_net *dn);

#endif /* _DAMC_SET_H */
