// SPDX-License-Identifier: GPL-2.0
/*
 * Four runs after changes, at once: from the last result, what the changes reach.
 *
 * First which nodes lost the ways they had, then what is left to them over their
 * neighbours, then whom that, or what came nearer, brings nearer in turn. Ways
 * from different roots differ near those, and are the same behind: there one look
 * at a link does for all four.
 *
 * A queue can follow the order of one run only. In the others a node may be taken
 * too early; then it is taken again, as often as it comes nearer. That ends where
 * the queue has no more room, and then runs begin from nothing.
 */
#include "spf.h"

enum {
	LOST = DC_SPF_FLAGS,	/* is in @lost */
	WAITS = LOST << 1,	/* is in @list, or in the queue */
};

/* The key of what is as far as it was; what is nearer has less. */
#define NO_FARTHER (1u << 31)

static const dc_four far = { DC_FAR, DC_FAR, DC_FAR, DC_FAR };

/**
 * struct update - what the functions below share
 * @dist: by node; @root: of each run
 * @n_lost: in @lost; @n_list: of those, in @list until those behind are asked
 */
struct update {
	struct dc_spf *spf;
	dc_four *dist;
	dc_four root;
	uint32_t n_lost;
	uint32_t n_list;
};

/* What is DC_FAR or more is DC_FAR. */
static inline dc_four plus(dc_four dist, uint32_t cost)
{
	dc_four sum = dist + cost;

	return sum | (dc_four)(sum < dist);
}

/* Bits of the runs that do not cross a node. */
static inline dc_four stops_at(const struct update *update, uint32_t node)
{
	if (!(update->spf->flag[node] & DC_SPF_END))
		return (dc_four){ 0 };
	return (dc_four)(update->root != node);
}

static void note(struct dc_spf *spf, uint32_t node)
{
	if (spf->flag[node] & DC_SPF_CHANGED)
		return;
	spf->flag[node] |= DC_SPF_CHANGED;
	spf->changed[spf->n_changed++] = node;
}

/* ---- ways that are lost ------------------------------------------------- */

/* To be asked, unless it waits for that already. */
static inline void ask(struct update *update, uint32_t node)
{
	struct dc_spf *spf = update->spf;

	if (spf->flag[node] & WAITS)
		return;
	spf->flag[node] |= WAITS;
	spf->list[update->n_list++] = node;
}

/*
 * In which runs nobody who is left leads to a node at no more than it had, and for
 * each of its links, in which it led the other end to no more than that has. (That
 * is less where the link is cheaper now: then the other end may have been kept by
 * it. A sum of DC_FAR or more comes out too small: then one is asked in vain.)
 */
static inline dc_four without_way(const struct update *update, uint32_t node,
				  dc_four *behind)
{
	const struct dc_graph *graph = update->spf->graph;
	const struct dc_vertex *v = &graph->vertex[node];
	const struct dc_edge *edge = graph->edge + v->first;
	dc_four had = update->dist[node];
	dc_four without = (dc_four)(had != far) & (dc_four)(update->root != node);
	uint32_t i;

	for (i = 0; i < v->n; i++) {
		dc_four dist = update->dist[edge[i].to];
		dc_four over = plus(dist, edge[i].back) |
			       stops_at(update, edge[i].to);

		without &= (dc_four)(over > had);
		behind[i] = (dc_four)(had + edge[i].cost <= dist) &
			    (dc_four)(dist != far);
	}
	return without;
}

static inline void lose(struct update *update, uint32_t node)
{
	struct dc_spf *spf = update->spf;
	const struct dc_vertex *v = &spf->graph->vertex[node];
	const struct dc_edge *edge = spf->graph->edge + v->first;
	dc_four behind[DC_LINKS_MAX], without;
	uint32_t i;

	without = without_way(update, node, behind);
	if (!dc_any(without))
		return;
	spf->had[node] &= update->dist[node] | ~without;
	update->dist[node] |= without;
	if (!(spf->flag[node] & LOST))
		spf->lost[update->n_lost++] = node;
	spf->flag[node] |= LOST;
	without &= ~stops_at(update, node);
	for (i = 0; i < v->n; i++)
		if (dc_any(behind[i] & without))
			ask(update, edge[i].to);
}

/*
 * Which nodes lost their ways: those next to a change, and then those behind
 * them. A node is asked again with each that it loses; who is left in the end
 * has one before it that is nearer and left, and so on up to the root.
 */
static void find_lost(struct update *update)
{
	struct dc_spf *spf = update->spf;
	const struct dc_graph *graph = spf->graph;
	uint32_t node, i;

	for (i = 0; i < graph->n_touched; i++)
		ask(update, graph->touched[i]);
	while (update->n_list) {
		node = spf->list[--update->n_list];
		spf->flag[node] &= ~WAITS;
		lose(update, node);
	}
}

/* ---- ways that are there ------------------------------------------------ */

static inline uint32_t least(dc_four dist)
{
	uint32_t a = dist[0] < dist[1] ? dist[0] : dist[1];
	uint32_t b = dist[2] < dist[3] ? dist[2] : dist[3];

	return a < b ? a : b;
}

/*
 * What a node's place in the queue goes by: how much farther it is than it was,
 * where that is least. No link makes that less, and one on the way there before
 * and now leaves it as it is: keys are few, and most nodes have that of the one
 * they were reached from. What was not reached before goes first.
 */
static inline uint32_t key_of(dc_four dist, dc_four had, dc_four asked)
{
	dc_four known = (dc_four)(had != far);

	return least((dist - (had & known) + (NO_FARTHER & known)) | ~asked);
}

/* A node is nearer in some runs than what it was or what it had left. */
static inline void come_nearer(struct update *update, uint32_t node,
			       dc_four dist, dc_four over, dc_four nearer)
{
	struct dc_spf *spf = update->spf;
	struct dc_queue *queue = &spf->queue;
	dc_four had = spf->had[node];
	uint32_t key;

	had &= dist | ~nearer | (dc_four)(had != far);
	spf->had[node] = had;
	update->dist[node] = (over & nearer) | (dist & ~nearer);
	note(spf, node);
	spf->flag[node] |= WAITS;
	key = key_of(over, had, nearer);
	if (key <= queue->last)
		dc_queue_push_next(queue, node);
	else
		dc_queue_push(queue, key, node);
}

/* A node's way over its neighbours as they are now. */
static inline void restart(struct update *update, uint32_t node)
{
	const struct dc_graph *graph = update->spf->graph;
	const struct dc_vertex *v = &graph->vertex[node];
	const struct dc_edge *edge = graph->edge + v->first;
	dc_four dist = update->dist[node], best = far, nearer;
	uint32_t i;

	for (i = 0; i < v->n; i++) {
		dc_four over = plus(update->dist[edge[i].to], edge[i].back) |
			       stops_at(update, edge[i].to);

		nearer = (dc_four)(over < best);
		best = (over & nearer) | (best & ~nearer);
	}
	nearer = (dc_four)(best < dist);
	if (dc_any(nearer))
		come_nearer(update, node, dist, best, nearer);
}

static inline void relax(struct update *update, uint32_t node)
{
	const struct dc_graph *graph = update->spf->graph;
	const struct dc_vertex *v = &graph->vertex[node];
	const struct dc_edge *edge = graph->edge + v->first;
	dc_four from = update->dist[node] | stops_at(update, node);
	uint32_t i;

	for (i = 0; i < v->n; i++) {
		dc_four dist = update->dist[edge[i].to];
		dc_four over = plus(from, edge[i].cost);
		dc_four nearer = (dc_four)(over < dist);

		if (dc_any(nearer))
			come_nearer(update, edge[i].to, dist, over, nearer);
	}
}

/* Whether a node that is not reached is next to one that is, in the same run. */
static inline bool is_edge(const struct update *update, uint32_t node)
{
	const struct dc_graph *graph = update->spf->graph;
	const struct dc_vertex *v = &graph->vertex[node];
	const struct dc_edge *edge = graph->edge + v->first;
	dc_four all = far;
	uint32_t i;

	for (i = 0; i < v->n; i++)
		all &= update->dist[edge[i].to];
	return dc_any(~all & (dc_four)(update->dist[node] == far));
}

/* Of the lost nodes those into @list that are; how many. */
static uint32_t find_edge(struct update *update)
{
	struct dc_spf *spf = update->spf;
	uint32_t n = 0, i;

	for (i = 0; i < update->n_lost; i++) {
		uint32_t node = spf->lost[i];

		spf->flag[node] &= ~LOST;
		note(spf, node);
		if (is_edge(update, node))
			spf->list[n++] = node;
	}
	return n;
}

static void restart_all(struct update *update)
{
	struct dc_spf *spf = update->spf;
	const struct dc_graph *graph = spf->graph;
	uint32_t n, i;

	dc_queue_clear(&spf->queue);
	n = find_edge(update);
	for (i = 0; i < n; i++)
		restart(update, spf->list[i]);
	for (i = 0; i < graph->n_touched; i++)
		restart(update, graph->touched[i]);
}

/* False if the queue has no room for what a node may bring. */
static bool settle(struct update *update)
{
	struct dc_spf *spf = update->spf;
	uint32_t key, node;

	while (dc_queue_pop(&spf->queue, &key, &node)) {
		if (!(spf->flag[node] & WAITS))
			continue;
		spf->flag[node] &= ~WAITS;
		if (spf->queue.room - spf->queue.n < DC_LINKS_MAX)
			return false;
		relax(update, node);
	}
	return true;
}

/* Leave no marks; nodes are in the queue yet if it was not settled. */
static void clean(struct dc_spf *spf)
{
	uint32_t i;

	for (i = 0; i < spf->n_changed; i++) {
		spf->had[spf->changed[i]] = far;
		spf->flag[spf->changed[i]] &= ~WAITS;
	}
}

bool dc_spf_update(struct dc_spf *spf, uint32_t four)
{
	const uint32_t *root = &spf->root[four * DC_FOUR];
	struct update update = {
		.spf = spf,
		.dist = spf->from[four],
		.root = { root[0], root[1], root[2], root[3] },
	};
	bool settled;

	find_lost(&update);
	restart_all(&update);
	settled = settle(&update);
	clean(spf);
	return settled;
}
