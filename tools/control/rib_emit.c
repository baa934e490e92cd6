// SPDX-License-Identifier: GPL-2.0
/* Changes as the forwarding table takes them. */
#include <string.h>

#include "rib_internal.h"

static void emit(struct dc_rib *rib, const struct dc_fib_change *change)
{
	rib->changes++;
	rib->ops.change(rib->arg, change);
}

uint32_t dc_bit_link(const struct dc_rib *rib, uint8_t bit)
{
	return bit == DC_NO_BIT ? 0 : rib->spf.id_of[bit];
}

/* Put a way in its place by number: too many push those of high numbers out. */
static void put_nexthop(struct dc_fib_nexthop *nexthop, uint32_t i,
			uint32_t link, uint32_t weight)
{
	for (; i && nexthop[i - 1].link > link; i--)
		if (i < DC_FIB_NEXTHOPS_MAX)
			nexthop[i] = nexthop[i - 1];
	if (i == DC_FIB_NEXTHOPS_MAX)
		return;
	nexthop[i].link = link;
	nexthop[i].weight = weight;
}

uint32_t dc_mask_nexthops(const struct dc_rib *rib, uint32_t mask,
			  const uint32_t *share,
			  struct dc_fib_nexthop *nexthop)
{
	uint32_t n = 0;

	for (; mask; mask &= mask - 1) {
		uint32_t bit = __builtin_ctz(mask);

		put_nexthop(nexthop, n, rib->spf.id_of[bit],
			    share ? share[bit] : 1);
		if (n < DC_FIB_NEXTHOPS_MAX)
			n++;
	}
	return n;
}

uint32_t dc_set_nexthops(const struct dc_rib *rib, const struct dc_set *set,
			 struct dc_fib_nexthop *nexthop)
{
	return dc_mask_nexthops(rib, set->ways.mask, set->share, nexthop);
}

void dc_emit_set(struct dc_rib *rib, const struct dc_set *set)
{
	struct dc_fib_change change;

	/* Hot after a failure: names, and next hops that are not, are the most. */
	change.op = DC_FIB_SET;
	change.set = set->number;
	change.n = dc_set_nexthops(rib, set, change.nexthop);
	change.backup = change.n ? dc_bit_link(rib, set->ways.backup.bit) : 0;
	change.unreachable = !change.n;
	change.name.len = 0;
	change.pool.len = 0;
	change.weight = 0;
	emit(rib, &change);
}

void dc_emit_set_del(struct dc_rib *rib, const struct dc_set *set)
{
	struct dc_fib_change change = {
		.op = DC_FIB_SET_DEL,
		.set = set->number,
	};

	emit(rib, &change);
}

static void name_of(struct damc_name *name, const uint8_t *wire, uint8_t len)
{
	name->len = len;
	memcpy(name->wire, wire, len);
}

void dc_emit_route(struct dc_rib *rib, const struct dc_rib_name *name)
{
	struct dc_fib_change change = { .op = DC_FIB_ROUTE };

	if (name->fib == DC_FIB_NONE)
		change.op = DC_FIB_ROUTE_DEL;
	else if (name->fib == DC_FIB_UNREACHABLE)
		change.unreachable = true;
	else
		change.set = name->fib;
	name_of(&change.name, name->wire, name->len);
	emit(rib, &change);
}

void dc_emit_member(struct dc_rib *rib, const struct dc_pool *pool,
		    const struct dc_member *member)
{
	struct dc_fib_change change = { .op = DC_FIB_MEMBER };

	if (member->told == DC_NOT_TOLD)
		change.op = DC_FIB_MEMBER_DEL;
	else
		change.weight = member->told;
	name_of(&change.name, member->name->wire, member->name->len);
	name_of(&change.pool, pool->wire, pool->len);
	emit(rib, &change);
}
