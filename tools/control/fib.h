/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a routing core asks of a forwarding table: sets of next hops, and names
 * that lead to a set, so that a failure rewrites sets and no names (DESIGN 5).
 * Whoever has the table answers each list of changes with a verdict.
 */
#ifndef DC_FIB_H
#define DC_FIB_H

#include "damc.h"

#define DC_FIB_NEXTHOPS_MAX 16

enum dc_fib_op {
	DC_FIB_SET,		/* make or replace @set */
	DC_FIB_SET_DEL,		/* nothing leads there any more */
	DC_FIB_ROUTE,		/* @name leads to @set, or is @unreachable */
	DC_FIB_ROUTE_DEL,
	/* @name is an instance of pool @pool, of @weight; no more than
	 * DAMC_POOL_MEMBERS_MAX at any time
	 */
	DC_FIB_MEMBER,
	DC_FIB_MEMBER_DEL,
};

/**
 * struct dc_fib_nexthop - a way
 * @link: the node's own number of the link and neighbour, never 0
 * @weight: its share
 */
struct dc_fib_nexthop {
	uint32_t link;
	uint32_t weight;
};

/**
 * struct dc_fib_change - one change
 * @set: its number, never 0
 * @n: next hops of the set, by equal cost, in the order of their numbers; 0:
 *	names that lead there are unreachable
 * @backup: link to use when all of @nexthop are down; 0: none
 * @unreachable: instead of a set, or of a set that has no next hop
 * @weight: of a member, 0..65535; with 0 flows that it has stay, and it is
 *	picked for no new one
 */
struct dc_fib_change {
	enum dc_fib_op op;
	uint32_t set;
	uint32_t n;
	struct dc_fib_nexthop nexthop[DC_FIB_NEXTHOPS_MAX];
	uint32_t backup;
	bool unreachable;
	struct damc_name name;
	struct damc_name pool;
	uint32_t weight;
};

/*
 * Takes one change; the table's owner gathers them until @flush. In the order
 * given, each can be made: a set is there before what leads there, and goes
 * after it; a member's route is there before the member.
 */
struct dc_fib_ops {
	void (*change)(void *arg, const struct dc_fib_change *change);
	void (*flush)(void *arg);
};

#endif /* DC_FIB_H */
