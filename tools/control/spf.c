// SPDX-License-Identifier: GPL-2.0
/* Which runs there are, and what has to run when. */
#include <errno.h>
#include <stdlib.h>

#include "spf.h"

int dc_spf_init(struct dc_spf *spf, const struct dc_graph *graph)
{
	uint32_t i;

	memset(spf, 0, sizeof(*spf));
	spf->graph = graph;
	for (i = 0; i < DC_LINKS_MAX; i++)
		spf->root[i] = DC_NO_NODE;
	return dc_spf_reserve(spf);
}

void dc_spf_free(struct dc_spf *spf)
{
	uint32_t i;

	for (i = 0; i < DC_FOURS; i++)
		free(spf->from[i]);
	free(spf->dist);
	free(spf->mask);
	free(spf->backup);
	free(spf->changed);
	free(spf->queue.entry);
	free(spf->flag);
	free(spf->list);
	free(spf->lost);
	free(spf->had);
}

/* ---- memory ------------------------------------------------------------- */

/* Make an array larger; what is new in it is all @fill. */
static int enlarge(void *array, uint32_t old, uint32_t room, size_t size,
		   int fill)
{
	char *more;

	memcpy(&more, array, sizeof(more));
	more = realloc(more, room * size);
	if (!more)
		return -ENOMEM;
	memset(more + old * size, fill, (room - old) * size);
	memcpy(array, &more, sizeof(more));
	return 0;
}

static int reserve_nodes(struct dc_spf *spf)
{
	uint32_t old = spf->room, room = spf->graph->room, i;
	int err;

	if (old == room)
		return 0;
	err = enlarge(&spf->dist, old, room, sizeof(uint32_t), 0xff) ?:
	      enlarge(&spf->mask, old, room, sizeof(uint32_t), 0) ?:
	      enlarge(&spf->backup, old, room, sizeof(*spf->backup), 0) ?:
	      enlarge(&spf->changed, old, room, sizeof(uint32_t), 0) ?:
	      enlarge(&spf->flag, old, room, sizeof(uint8_t), 0) ?:
	      enlarge(&spf->list, old, room, sizeof(uint32_t), 0) ?:
	      enlarge(&spf->lost, old, room, sizeof(uint32_t), 0) ?:
	      enlarge(&spf->had, old, room, sizeof(dc_four), 0xff);
	for (i = 0; i < spf->fours && !err; i++)
		err = enlarge(&spf->from[i], old, room, sizeof(dc_four), 0xff);
	if (!err)
		spf->room = room;
	return err;
}

static bool first_to(const struct dc_graph *graph, const struct dc_vertex *v,
		     uint32_t i)
{
	uint32_t k;

	for (k = v->first; k < i; k++)
		if (graph->edge[k].to == graph->edge[i].to)
			return false;
	return true;
}

/* A run for each of this node's neighbours. */
static int reserve_runs(struct dc_spf *spf)
{
	const struct dc_graph *graph = spf->graph;
	const struct dc_vertex *v = &graph->vertex[graph->self];
	uint32_t n = 0, i;
	int err;

	for (i = v->first; i < v->first + v->n; i++)
		n += first_to(graph, v, i);
	while (spf->fours * DC_FOUR < n) {
		err = enlarge(&spf->from[spf->fours], 0, spf->room,
			      sizeof(dc_four), 0xff);
		if (err)
			return err;
		spf->fours++;
	}
	return 0;
}

/*
 * Each link puts a node into the queue once at most in a pass, and so does each
 * node itself and each change. Twice that, to do it seldom.
 */
static int reserve_queue(struct dc_spf *spf)
{
	uint32_t need = spf->graph->edges + 2 * spf->graph->room +
			DC_TOUCHED_MAX + 2;
	void *entry;

	if (spf->queue.room >= need)
		return 0;
	entry = realloc(spf->queue.entry, 2ul * need * sizeof(*spf->queue.entry));
	if (!entry)
		return -ENOMEM;
	spf->queue.entry = entry;
	spf->queue.room = 2 * need;
	return 0;
}

int dc_spf_reserve(struct dc_spf *spf)
{
	return reserve_nodes(spf) ?: reserve_runs(spf) ?: reserve_queue(spf);
}

void dc_spf_forget(struct dc_spf *spf, uint32_t node)
{
	uint32_t i;

	spf->dist[node] = DC_FAR;
	spf->mask[node] = 0;
	spf->flag[node] = 0;
	spf->backup[node] = (struct dc_backup){ DC_NO_BIT, DC_BACKUP_NO_WAY };
	for (i = 0; i < spf->fours * DC_FOUR; i++) {
		spf->from[i / DC_FOUR][node][i % DC_FOUR] = DC_FAR;
		if (spf->root[i] == node)
			dc_spf_clear(spf, i);
	}
}

/* ---- this node's links -------------------------------------------------- */

static bool has_link(const struct dc_spf *spf, uint32_t id)
{
	const struct dc_graph *graph = spf->graph;
	const struct dc_vertex *v = &graph->vertex[graph->self];
	uint32_t i;

	for (i = v->first; i < v->first + v->n; i++)
		if (graph->end[i].id == id)
			return true;
	return false;
}

static void free_bits(struct dc_spf *spf)
{
	uint32_t bit;

	for (bit = 0; bit < DC_SPF_BITS; bit++)
		if (spf->id_of[bit] && !has_link(spf, spf->id_of[bit]))
			spf->id_of[bit] = 0;
}

/* There are more bits than links. */
static uint8_t bit_of(struct dc_spf *spf, uint32_t id)
{
	uint32_t bit, unused = 0;

	for (bit = DC_SPF_BITS; bit--;) {
		if (spf->id_of[bit] == id)
			return bit;
		if (!spf->id_of[bit])
			unused = bit;
	}
	spf->id_of[unused] = id;
	spf->stale |= 1u << unused;
	return unused;
}

static bool is_neighbour(const struct dc_spf *spf, uint32_t node)
{
	uint32_t k;

	for (k = 0; k < spf->n_links; k++)
		if (spf->link[k].node == node)
			return true;
	return false;
}

static void read_links(struct dc_spf *spf)
{
	const struct dc_graph *graph = spf->graph;
	const struct dc_vertex *v = &graph->vertex[graph->self];
	uint32_t i;

	free_bits(spf);
	spf->n_links = 0;
	for (i = v->first; i < v->first + v->n; i++) {
		uint8_t bit;

		if (graph->edge[i].cost == DC_FAR)
			continue;
		bit = bit_of(spf, graph->end[i].id);
		spf->at_bit[bit] = spf->n_links;
		spf->link[spf->n_links++] = (struct dc_spf_link){
			.id = graph->end[i].id,
			.cost = graph->edge[i].cost,
			.node = graph->edge[i].to,
			.bit = bit,
		};
	}
}

/* ---- runs --------------------------------------------------------------- */

/*
 * The run from a neighbour; @begun if it has to begin from nothing. There is one
 * for each; one that has none yet takes that of who is no neighbour any more.
 */
static uint8_t run_of(struct dc_spf *spf, uint32_t node, uint32_t *begun)
{
	uint32_t i, unused = DC_LINKS_MAX, parked = 0;

	for (i = spf->fours * DC_FOUR; i--;) {
		if (spf->root[i] == node)
			return i;
		if (spf->root[i] == DC_NO_NODE)
			unused = i;
		else if (!is_neighbour(spf, spf->root[i]))
			parked = i;
	}
	if (unused == DC_LINKS_MAX)
		unused = parked;
	spf->root[unused] = node;
	*begun |= 1u << unused;
	return unused;
}

/* Bits of the runs that have to begin from nothing. */
static uint32_t assign_runs(struct dc_spf *spf)
{
	uint32_t begun = 0, i;

	for (i = 0; spf->graph->anew && i < spf->fours * DC_FOUR; i++)
		if (spf->root[i] != DC_NO_NODE)
			dc_spf_clear(spf, i);
	for (i = 0; i < spf->n_links; i++)
		spf->link[i].run = run_of(spf, spf->link[i].node, &begun);
	return begun;
}

/* Bits of four runs, but for those that are free. */
static uint32_t roots_of(const struct dc_spf *spf, uint32_t four)
{
	uint32_t bits = 0, i;

	for (i = four * DC_FOUR; i < (four + 1) * DC_FOUR; i++)
		if (spf->root[i] != DC_NO_NODE)
			bits |= 1u << i;
	return bits;
}

/*
 * After changes; bits of those that are not to be had so. Those of who is no
 * neighbour are kept for when the link is back.
 */
static uint32_t update_runs(struct dc_spf *spf, uint32_t begun)
{
	uint32_t bits, i;

	for (i = 0; i < spf->fours; i++) {
		bits = roots_of(spf, i);
		if (bits & ~begun && !dc_spf_update(spf, i))
			begun |= bits;
	}
	return begun;
}

/* On how far it is to this node and to its neighbours all backups depend. */
static bool moves_all(const struct dc_spf *spf)
{
	uint8_t flags = spf->flag[spf->graph->self];
	uint32_t k;

	for (k = 0; k < spf->n_links; k++)
		flags |= spf->flag[spf->link[k].node];
	return flags & DC_SPF_CHANGED;
}

/* The run that has a node nearest to its root, but for those in @begun. */
static uint32_t nearest_run(const struct dc_spf *spf, uint32_t node,
			    uint32_t begun)
{
	uint32_t best = DC_LINKS_MAX, i;

	for (i = 0; i < spf->fours * DC_FOUR; i++)
		if (spf->root[i] != DC_NO_NODE && !(begun & 1u << i) &&
		    (best == DC_LINKS_MAX || dc_spf_far(spf, i, node) <
					     dc_spf_far(spf, best, node)))
			best = i;
	return best;
}

/* What begins from nothing goes by way of another, if there is one. */
static void run_neighbours(struct dc_spf *spf)
{
	uint32_t begun = update_runs(spf, assign_runs(spf));

	spf->all |= begun || moves_all(spf);
	for (; begun; begun &= begun - 1) {
		uint32_t run = __builtin_ctz(begun);
		uint32_t by = nearest_run(spf, spf->root[run], begun);

		if (by < DC_LINKS_MAX)
			dc_spf_by(spf, run, by);
		else
			dc_spf_full(spf, run);
	}
}

/* That a node is overloaded, or is not any more, makes all anew. */
static void mark_ends(struct dc_spf *spf)
{
	const struct dc_vertex *vertex = spf->graph->vertex;
	uint32_t i;

	for (i = 0; i < spf->graph->n; i++)
		spf->flag[i] = vertex[i].overload ? DC_SPF_END : 0;
	spf->flag[spf->graph->self] = DC_SPF_END;
}

/* ---- all of it ---------------------------------------------------------- */

/* What all nodes' ways and backups depend on: it differs only if @all. */
static void look_at_links(struct dc_spf *spf)
{
	const struct dc_vertex *vertex = spf->graph->vertex;
	uint32_t self = spf->graph->self, k;

	for (k = 0; k < spf->n_links; k++) {
		struct dc_spf_link *link = &spf->link[k];

		link->overload = vertex[link->node].overload;
		link->home = vertex[self].overload ? DC_FAR :
			     dc_spf_far(spf, link->run, self);
	}
	dc_spf_ways_begin(spf);
}

static bool own_touched(const struct dc_graph *graph)
{
	uint32_t i;

	for (i = 0; i < graph->n_touched; i++)
		if (graph->touched[i] == graph->self)
			return true;
	return false;
}

void dc_spf_compute(struct dc_spf *spf)
{
	uint32_t i;

	spf->n_changed = 0;
	spf->all = spf->graph->anew || !spf->ran || own_touched(spf->graph);
	if (!spf->all && !spf->graph->n_touched)
		return;
	if (spf->all)
		read_links(spf);
	if (spf->graph->anew || !spf->ran)
		mark_ends(spf);
	run_neighbours(spf);
	for (i = 0; i < spf->n_changed; i++)
		spf->flag[spf->changed[i]] &= ~DC_SPF_CHANGED;
	if (spf->all)
		look_at_links(spf);
	dc_spf_ways(spf);
	spf->ran = true;
	spf->computed++;
}
