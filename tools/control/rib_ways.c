// SPDX-License-Identifier: GPL-2.0
/*
 * Where a set leads: the first of its origins that there is a way to, or all of
 * those at the least cost.
 *
 * Of the latter those of weight 0 count only where there is no other. Each gets
 * traffic by its weight, in equal parts over the links of its best ways.
 */
#include "rib_internal.h"

#define SHARE_MAX 65535u

static void first_ways(const struct dc_rib *rib, const struct dc_set *set,
		       struct dc_ways *ways)
{
	const struct dc_spf *spf = &rib->spf;
	uint32_t i;

	for (i = 0; i < set->n; i++) {
		uint32_t node = set->origin[i].node;

		if (!spf->mask[node])
			continue;
		ways->mask = spf->mask[node];
		ways->cost = spf->dist[node];
		ways->backup = spf->backup[node];
		return;
	}
	ways->local = set->self;
}

/* Whether those of weight 0 have to do. */
static bool all_drained(const struct dc_rib *rib, const struct dc_set *set)
{
	uint32_t i;

	for (i = 0; i < set->n; i++)
		if (set->origin[i].weight && rib->spf.mask[set->origin[i].node])
			return false;
	return true;
}

/* The least cost. */
static uint32_t nearest(const struct dc_rib *rib, const struct dc_set *set,
			bool drained)
{
	const uint32_t *dist = rib->spf.dist;
	uint32_t least = DC_FAR, i;

	for (i = 0; i < set->n; i++)
		if (!set->origin[i].weight == drained &&
		    dist[set->origin[i].node] < least)
			least = dist[set->origin[i].node];
	return least;
}

/* The least cost from a run's root. */
static uint32_t nearest_from(const struct dc_spf *spf, const struct dc_set *set,
			     uint32_t run, bool drained)
{
	uint32_t least = DC_FAR, i;

	for (i = 0; i < set->n; i++) {
		uint32_t dist = dc_spf_far(spf, run, set->origin[i].node);

		if (!set->origin[i].weight == drained && dist < least)
			least = dist;
	}
	return least;
}

static struct dc_backup nearest_backup(const struct dc_rib *rib,
				       const struct dc_set *set, bool drained,
				       const struct dc_ways *ways)
{
	const struct dc_spf *spf = &rib->spf;
	uint32_t dist[DC_LINKS_MAX], k;

	for (k = 0; k < spf->n_links; k++) {
		uint8_t run = spf->link[k].run;

		dist[run] = nearest_from(spf, set, run, drained);
	}
	return dc_spf_backup(spf, ways->mask, ways->cost, dist);
}

static uint32_t common_divisor(uint32_t a, uint32_t b)
{
	while (b) {
		uint32_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/* Shares of at most SHARE_MAX, as small as they can be written. */
static void reduce(uint64_t *raw, uint32_t mask, uint32_t *share)
{
	uint64_t most = 1;
	uint32_t divisor = 0, left;

	for (left = mask; left; left &= left - 1)
		if (raw[__builtin_ctz(left)] > most)
			most = raw[__builtin_ctz(left)];
	for (left = mask; left; left &= left - 1) {
		uint32_t bit = __builtin_ctz(left);

		share[bit] = raw[bit] * SHARE_MAX / most ?: 1;
		divisor = common_divisor(share[bit], divisor);
	}
	for (left = mask; left; left &= left - 1)
		share[__builtin_ctz(left)] /= divisor;
}

static void nearest_ways(const struct dc_rib *rib, const struct dc_set *set,
			 struct dc_ways *ways, uint32_t *share)
{
	const struct dc_spf *spf = &rib->spf;
	bool drained = all_drained(rib, set);
	uint64_t raw[DC_SPF_BITS] = { 0 };
	uint32_t i, left;

	ways->cost = nearest(rib, set, drained);
	if (ways->cost == DC_FAR)
		return;
	for (i = 0; i < set->n; i++) {
		const struct dc_origin *origin = &set->origin[i];
		uint32_t mask = spf->mask[origin->node];
		uint64_t part;

		if (!origin->weight != drained ||
		    spf->dist[origin->node] != ways->cost)
			continue;
		part = ((uint64_t)(origin->weight ?: 1) << 16) /
		       __builtin_popcount(mask);
		for (left = mask; left; left &= left - 1)
			raw[__builtin_ctz(left)] += part;
		ways->mask |= mask;
		if (origin->weight > ways->weight)
			ways->weight = origin->weight;
	}
	reduce(raw, ways->mask, share);
	ways->backup = nearest_backup(rib, set, drained, ways);
}

void dc_set_ways(const struct dc_rib *rib, const struct dc_set *set,
		 struct dc_ways *ways, uint32_t *share)
{
	*ways = (struct dc_ways){
		.cost = DC_FAR,
		.backup = { DC_NO_BIT, DC_BACKUP_NO_WAY },
	};
	if (set->kind == DC_SET_FIRST)
		first_ways(rib, set, ways);
	else
		nearest_ways(rib, set, ways, share);
}

bool dc_set_uses(const struct dc_rib *rib, const struct dc_set *set,
		 uint32_t node)
{
	bool drained;
	uint32_t i;

	if (set->kind == DC_SET_FIRST) {
		for (i = 0; i < set->n; i++)
			if (rib->spf.mask[set->origin[i].node])
				return set->origin[i].node == node;
		return false;
	}
	drained = all_drained(rib, set);
	for (i = 0; i < set->n; i++)
		if (set->origin[i].node == node)
			return !set->origin[i].weight == drained &&
			       rib->spf.mask[node] &&
			       rib->spf.dist[node] == set->ways.cost;
	return false;
}
