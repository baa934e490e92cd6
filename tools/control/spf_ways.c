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
			dc_spf_far(spf, spf->link[k].run, node);
	find_way(spf, node, dist);
	spf->backup[node] = dc_spf_backup(spf, spf->mask[node],
					  spf->dist[node], dist);
}

/* ---- classes ------------------------------------------------------------ */

#define ODD 0x9e3779b97f4a7c15ull
#define CLASS_SHIFT (64 - DC_SPF_CLASS_BITS)

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

	memset(spf->counts, 0, sizeof(spf->counts));
	for (k = 0; k < spf->n_links; k++) {
		const struct dc_spf_link *link = &spf->link[k];

		spf->counts[link->run / DC_FOUR][link->run % DC_FOUR] = DC_FAR;
		most = farther(farther(most, link->cost), link->home);
		for (i = 0; i < spf->n_links; i++)
			most = farther(most, dc_spf_far(spf, link->run,
							spf->link[i].node));
	}
	/* The home of one link is compared with the cost over another. */
	spf->near = spf->n_links && most < DC_FAR / 4 ? DC_FAR / 2 : 0;
	spf->classes = 0;
}

/*
 * Read a node's differences into @rel and pick the place of their class. False:
 * it is a neighbour itself, of which overload does not matter, or some way is
 * so long, or missing, that differences do not say all.
 */
static inline __attribute__((always_inline))
bool differences(const struct dc_spf *spf, uint32_t fours, uint32_t node,
		 uint32_t base, dc_four *rel, uint32_t *place)
{
	dc_four odd = { 0 };
	uint64_t hash = 0;
	uint32_t i;

	for (i = 0; i < fours; i++) {
		dc_four dist = spf->from[i][node];

		odd |= (dc_four)(dist - 1 >= spf->near) & spf->counts[i];
		rel[i] = (dist - base) & spf->counts[i];
		hash = (hash ^ ((dc_halves)rel[i])[0]) * ODD;
		hash = (hash ^ ((dc_halves)rel[i])[1]) * ODD;
	}
	*place = hash >> CLASS_SHIFT;
	return !dc_any(odd);
}

static inline __attribute__((always_inline))
bool is_class(const struct dc_spf_class *class, const dc_four *rel,
	      uint32_t fours)
{
	dc_four differs = { 0 };
	uint32_t i;

	for (i = 0; i < fours; i++)
		differs |= class->rel[i] ^ rel[i];
	return !dc_any(differs);
}

static void learn(struct dc_spf *spf, uint32_t place, const dc_four *rel,
		  uint32_t base, uint32_t node)
{
	struct dc_spf_class *class = &spf->class[place];

	memcpy(class->rel, rel, spf->fours * sizeof(*rel));
	class->mask = spf->mask[node];
	class->over = spf->dist[node] - base;
	class->backup = spf->backup[node];
	spf->classes |= 1ull << place;
}

static inline __attribute__((always_inline))
void look_at(struct dc_spf *spf, uint32_t fours, uint32_t node)
{
	const struct dc_spf_class *class;
	dc_four rel[DC_FOURS];
	uint32_t base, place;

	base = dc_spf_far(spf, spf->link[0].run, node);
	if (!differences(spf, fours, node, base, rel, &place)) {
		look_alone(spf, node);
		return;
	}
	class = &spf->class[place];
	if (!(spf->classes & 1ull << place) ||
	    !is_class(class, rel, fours)) {
		look_alone(spf, node);
		if (spf->mask[node])
			learn(spf, place, rel, base, node);
		return;
	}
	spf->mask[node] = class->mask;
	spf->dist[node] = base + class->over;
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

static inline __attribute__((always_inline))
void look_at_all(struct dc_spf *spf, uint32_t fours)
{
	uint32_t i;

	if (spf->all)
		for (i = 0; i < spf->graph->n; i++)
			look_at(spf, fours, i);
	else
		for (i = 0; i < spf->n_changed; i++)
			look_at(spf, fours, spf->changed[i]);
}

static void look_at_none(struct dc_spf *spf)
{
	uint32_t i;

	for (i = 0; i < spf->graph->n; i++)
		look_alone(spf, i);
}

void dc_spf_ways(struct dc_spf *spf)
{
	if (!spf->n_links)
		look_at_none(spf);
	else if (spf->fours == 1)
		look_at_all(spf, 1);
	else
		look_at_all(spf, spf->fours);
	look_at_self(spf);
}
