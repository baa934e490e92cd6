/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A pool's instances, and which of them a flow is for: weighted rendezvous hash.
 *
 * Of each instance a hash of flow and instance makes a number u, evenly between
 * 0 and 1; the instance with the least -log(u) / weight is picked. So each gets
 * flows in proportion to its weight, and when one comes, goes or changes its
 * weight, only those flows are picked for differently that it gains or loses. One
 * of weight 0 is picked for none: it drains, as it keeps the flows that it has.
 *
 * A pool is written once, before anybody can see it, and then only read; a
 * change makes another one. Pure: also compiled in user space, against a naive
 * twin that reckons in floating point.
 */
#ifndef _DAMC_POOL_H
#define _DAMC_POOL_H

#include <linux/types.h>

#include <linux/damc.h>

#include "name.h"

/* An instance is called as its pool is, and one component more. */
#define DAMC_MEMBER_WIRE_MAX (1 + DAMC_COMPONENT_BOUND_MAX)

/**
 * struct damc_member - an instance in a pool
 * @id: keyed hash of @wire
 * @weight: its share, 0..DAMC_WEIGHT_MAX
 * @bound: it was bound here, not configured
 * @len: bytes of @wire
 * @wire: its last component, the length byte included
 */
struct damc_member {
	u64 id;
	u32 weight;
	bool bound;
	u8 len;
	u8 wire[DAMC_MEMBER_WIRE_MAX];
};

/**
 * struct damc_pool - a pool
 * @n: how many instances, at most DAMC_POOL_MEMBERS_MAX
 * @room: how many there is room for
 * @member: the instances, in the order of their components' bytes
 */
struct damc_pool {
	u32 n;
	u32 room;
	struct damc_member member[];
};

/* Whether an instance can be reached; @arg is its caller's. */
typedef bool (*damc_member_usable_t)(const struct damc_member *member,
				     void *arg);

struct damc_pool *damc_pool_alloc(u32 room);
void damc_pool_free(struct damc_pool *pool);
int damc_pool_put(struct damc_pool *pool, const struct damc_member *member);
const struct damc_member *damc_pool_find(const struct damc_pool *pool,
					 const u8 *wire, u8 len);
const struct damc_member *damc_pool_pick(const struct damc_pool *pool, u64 flow,
					 damc_member_usable_t usable,
					 void *arg);
u64 damc_pool_cost(u64 hash);

static inline struct damc_name damc_member_name(const struct damc_member *member)
{
	return (struct damc_name){ .wire = member->wire, .len = member->len };
}

#endif /* _DAMC_POOL_H */
