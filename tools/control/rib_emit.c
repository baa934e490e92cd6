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

/* Put a way in its place by number. */
static void put_nexthop(struct dc_fib_nexthop *nexthop, uint32_t i,
			struct dc_fib_nexthop way)
{
	for (; i && nexthop[i - 1].link > way.link; i--)
		nexthop[i] = nexthop[i - 1];
	nexthop[i] = way;
}

uint32_t dc_mask_nexthops(const struct dc_rib *rib, uint32_t mask,
			  const uint32_t *share,
			  struct dc_fib_nexthop *nexthop)
{
	struct dc_fib_nexthop ways[DC_SPF_BITS];
	uint32_t n = 0;

	for (; mask; mask &= mask - 1) {
		uint32_t bit = __builtin_ctz(mask);
		struct dc_fib_nexthop way = {
			.link = rib->spf.id_of[bit],
			.weight = share ? share[bit] : 1,
		};

		put_nexthop(ways, n++, way);
	}
	if (n > DC_FIB_NEXTHOPS_MAX)
		n = DC_FIB_NEXTHOPS_MAX;
	memcpy(nexthop, ways, n * sizeof(*nexthop));
	return n;
}

uint32_t dc_set_nexthops(const struct dc_rib *rib, const struct dc_set *set,
			 struct dc_fib_nexthop *nexthop)
{
	return dc_mask_nexthops(rib, set->ways.mask, set->share, nexthop);
}

void dc_emit_set(struct dc_rib *rib, const struct dc_set *set)
{
	struct dc_fib_change change = {
		.op = DC_FIB_SET,
		.set = set->number,
	};

	change.n = dc_set_nexthops(rib, set, change.nexthop);
	if (change.n)
		change.backup = dc_bit_link(rib, set->ways.backup.bit);
	change.unreachable = !change.n;
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
