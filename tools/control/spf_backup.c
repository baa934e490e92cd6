// SPDX-License-Identifier: GPL-2.0
/*
 * Loop-free alternates (RFC 5286): who else would not send a packet back.
 *
 * A neighbour N is one for a destination D if N's way there does not lead over
 * this node S: dist(N, D) < dist(N, S) + dist(S, D), where dist(N, D) is that of
 * the way that does not cross S. It outlives the next hop E
 * as well as the link if it does not lead over E either: dist(N, D) < dist(N, E)
 * + dist(E, D). It is downstream if it is nearer than S: then not even several
 * such failures at once make a loop.
 */
#include "spf.h"

static const char *const words[] = {
	[DC_BACKUP_NO_WAY] = "there is no way there",
	[DC_BACKUP_SELF] = "it is this node",
	[DC_BACKUP_ECMP] = "no other; its next hops stand in for each other",
	[DC_BACKUP_NO_LINK] = "no other link is up",
	[DC_BACKUP_LOOP] = "each other neighbour's way may lead back here",
	[DC_BACKUP_OVERLOAD] = "other neighbours are overloaded",
	[DC_BACKUP_NO_OTHER_WAY] = "no other neighbour has a way there",
	[DC_BACKUP_LINK] = "protects from the link's failure",
	[DC_BACKUP_LINK_DOWNSTREAM] =
		"protects from the link's failure, downstream",
	[DC_BACKUP_NODE] = "protects from the link's and the node's failure",
	[DC_BACKUP_NODE_DOWNSTREAM] =
		"protects from the link's and the node's failure, downstream",
};

const char *dc_backup_words(enum dc_backup_kind kind)
{
	return words[kind];
}

/* What stood in the way, to say why there is none. */
struct refusals {
	bool loop;
	bool overload;
	bool other;
};

/* Whether N's way goes over none of the next hops' nodes. */
static bool protects_node(const struct dc_spf *spf, uint32_t mask,
			  const struct dc_spf_link *n, const uint32_t *dist)
{
	for (; mask; mask &= mask - 1) {
		const struct dc_spf_link *e =
			&spf->link[spf->at_bit[__builtin_ctz(mask)]];

		if ((uint64_t)dc_spf_far(spf, n->run, e->node) +
			    dist[e->run] <= dist[n->run])
			return false;
	}
	return true;
}

/* Whether a packet given to N stays clear of this node. */
static bool is_loop_free(const struct dc_spf_link *n, uint32_t cost,
			 uint32_t dist, struct refusals *refusals)
{
	uint64_t over = (uint64_t)n->home + cost;

	refusals->other = true;
	if (n->overload && dist) {
		refusals->overload = true;
		return false;
	}
	refusals->loop |= over <= dist && over < DC_FAR;
	return dist < over && dist < DC_FAR;
}

static enum dc_backup_kind refused(const struct refusals *refusals,
				   uint32_t mask)
{
	if (mask & (mask - 1))
		return DC_BACKUP_ECMP;
	if (refusals->loop)
		return DC_BACKUP_LOOP;
	if (refusals->overload)
		return DC_BACKUP_OVERLOAD;
	return refusals->other ? DC_BACKUP_NO_OTHER_WAY : DC_BACKUP_NO_LINK;
}

/* How good it is: the nodes' failure first, then cost, then number. */
struct rank {
	bool link_only;
	uint64_t cost;
	uint32_t id;
};

static bool better(const struct rank *a, const struct rank *b)
{
	if (a->link_only != b->link_only)
		return b->link_only;
	if (a->cost != b->cost)
		return a->cost < b->cost;
	return a->id < b->id;
}

static enum dc_backup_kind kind_of(bool link_only, bool downstream)
{
	if (link_only)
		return downstream ? DC_BACKUP_LINK_DOWNSTREAM : DC_BACKUP_LINK;
	return downstream ? DC_BACKUP_NODE_DOWNSTREAM : DC_BACKUP_NODE;
}

struct dc_backup dc_spf_backup(const struct dc_spf *spf, uint32_t mask,
			       uint32_t cost, const uint32_t *dist)
{
	struct dc_backup backup = { DC_NO_BIT, DC_BACKUP_NO_WAY };
	struct rank best = { true, UINT64_MAX, UINT32_MAX };
	struct refusals refusals = { 0 };
	uint32_t k;

	if (!mask)
		return backup;
	for (k = 0; k < spf->n_links; k++) {
		const struct dc_spf_link *n = &spf->link[k];
		uint32_t d = dist[n->run];
		struct rank rank;

		if (mask & 1u << n->bit ||
		    !is_loop_free(n, cost, d, &refusals))
			continue;
		rank = (struct rank){ !protects_node(spf, mask, n, dist),
				      (uint64_t)n->cost + d, n->id };
		if (!better(&rank, &best))
			continue;
		best = rank;
		backup.bit = n->bit;
		backup.kind = kind_of(rank.link_only, d < cost);
	}
	if (backup.bit == DC_NO_BIT)
		backup.kind = refused(&refusals, mask);
	return backup;
}
