// SPDX-License-Identifier: GPL-2.0
/*
 * What this node makes of the runs from its neighbours: cost, first links and
 * backup of each node.
 *
 * Only how much farther a node is from one neighbour than from another decides
 * over its first links and its backup. Most nodes have that in common with many:
 * all that are behind one node on everybody's ways. So what was found for one
 * holds for all of its class, and few classes have to be looked at.
 */
#include "spf.h"

/* ---- one node by itself ------------------------------------------------- */

/*
 * The best of what the neighbours have, each by its run in @dist. Over one that
 * is overloaded there is a way to itself only.
 */
static void find_way(struct dc_spf *spf, uint32_t node, const uint32_t *dist)
{
	uint64_t best = DC_FAR;
	uint32_t mask = 0, k;

	for (k = 0; k < spf->n_links; k++) {
		const struct dc_spf_link *link = &spf->link[k];
		uint64_t over = (uint64_t)link->cost + dist[link->run];

		if (over > best || over >= DC_FAR ||
		    (link->overload && dist[link->run]))
			continue;
		mask = (over == best ? mask : 0) | 1u << link->bit;
		best = over;
	}
	spf->dist[node] = best;
	spf->mask[node] = mask;
}

static void look_alone(struct dc_spf *spf, uint32_t node)
{
	uint32_t dist[DC_LINKS_MAX], k;

	for (k = 0; k < spf->n_links; k++)
		dist[spf->link[k].run] =
			spf->run[spf->link[k].run].dist[node];
	find_way(spf, node, dist);
	spf->backup[node] = dc_spf_backup(spf, spf->mask[node],
					  spf->dist[node], dist);
}

/* ---- classes ------------------------------------------------------------ */

#define ODD 0x9e3779b1u
#define CLASS_SHIFT (32 - DC_SPF_CLASS_BITS)

static uint32_t farther(uint32_t a, uint32_t b)
{
	return b != DC_FAR && b > a ? b : a;
}

/*
 * What is added to a node's distances to compare them: below the difference to
 * DC_FAR no sum comes near it, so only differences count.
 */
void dc_spf_ways_begin(struct dc_spf *spf)
{
	uint32_t most = 0, i, k;

	for (k = 0; k < spf->n_links; k++) {
		const struct dc_spf_link *link = &spf->link[k];

		most = farther(farther(most, link->cost), link->home);
		for (i = 0; i < spf->n_links; i++)
			most = farther(most, spf->run[link->run]
						     .dist[spf->link[i].node]);
	}
	/* The home of one link is compared with the cost over another. */
	spf->near = most < DC_FAR / 4 ? DC_FAR / 2 : 0;
	spf->classes = 0;
}

/*
 * Read a node's differences into @rel and pick the place of their class. False:
 * it is a neighbour itself, of which overload does not matter, or some way is
 * so long, or missing, that differences do not say all.
 */
static inline __attribute__((always_inline))
bool differences(const struct dc_spf *spf, const uint32_t *const *from,
		 uint32_t node, uint32_t *rel, uint32_t *place)
{
	uint32_t base = from[0][node], hash = 0, n = spf->n_links, k;
	bool plain = true;

	for (k = 0; k < n; k++) {
		uint32_t dist = from[k][node];

		plain &= dist - 1 < spf->near;
		rel[k] = dist - base;
		hash = (hash ^ rel[k]) * ODD;
	}
	*place = hash >> CLASS_SHIFT;
	return plain;
}

static inline __attribute__((always_inline))
bool is_class(const struct dc_spf_class *class, const uint32_t *rel, uint32_t n)
{
	uint32_t differs = 0, k;

	for (k = 0; k < n; k++)
		differs |= class->rel[k] ^ rel[k];
	return !differs;
}

static void learn(struct dc_spf *spf, uint32_t place, const uint32_t *rel,
		  uint32_t base, uint32_t node)
{
	struct dc_spf_class *class = &spf->class[place];

	memcpy(class->rel, rel, spf->n_links * sizeof(*rel));
	class->mask = spf->mask[node];
	class->over = spf->dist[node] - base;
	class->backup = spf->backup[node];
	spf->classes |= 1ull << place;
}

static inline __attribute__((always_inline))
void look_at(struct dc_spf *spf, const uint32_t *const *from, uint32_t node)
{
	const struct dc_spf_class *class;
	uint32_t rel[DC_LINKS_MAX], place;

	if (!differences(spf, from, node, rel, &place)) {
		look_alone(spf, node);
		return;
	}
	class = &spf->class[place];
	if (!(spf->classes & 1ull << place) ||
	    !is_class(class, rel, spf->n_links)) {
		look_alone(spf, node);
		if (spf->mask[node])
			learn(spf, place, rel, from[0][node], node);
		return;
	}
	spf->mask[node] = class->mask;
	spf->dist[node] = from[0][node] + class->over;
	spf->backup[node] = class->backup;
}

/* ---- all that may differ ------------------------------------------------ */

static void look_at_self(struct dc_spf *spf)
{
	uint32_t self = spf->graph->self;

	spf->dist[self] = 0;
	spf->mask[self] = 0;
	spf->backup[self] = (struct dc_backup){ DC_NO_BIT, DC_BACKUP_SELF };
}

void dc_spf_ways(struct dc_spf *spf)
{
	const uint32_t *from[DC_LINKS_MAX] = { spf->dist };
	uint32_t i, k;

	for (k = 0; k < spf->n_links; k++)
		from[k] = spf->run[spf->link[k].run].dist;
	if (spf->all)
		for (i = 0; i < spf->graph->n; i++)
			look_at(spf, from, i);
	else
		for (i = 0; i < spf->n_changed; i++)
			look_at(spf, from, spf->changed[i]);
	look_at_self(spf);
}
