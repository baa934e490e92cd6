// SPDX-License-Identifier: GPL-2.0
/*
 * Dijkstra from a neighbour: from nothing, by way of another's result, and from
 * the last result.
 *
 * Costs are at least 1, so who comes before a node on a best way is strictly
 * nearer. An overloaded node is reached and not crossed, and so is this one. A
 * way that costs DC_FAR or more is none.
 */
#include <string.h>

#include "spf.h"

enum {
	LOST = DC_SPF_FLAGS,	/* no way of the old length is left */
	MOVED = LOST << 1,	/* is in spf->moved */
};

static inline bool crosses(const struct dc_spf *spf, uint32_t root,
			   uint32_t node)
{
	return !(spf->flag[node] & DC_SPF_END) || node == root;
}

/* ---- from nothing ------------------------------------------------------- */

static inline __attribute__((always_inline))
void relax(struct dc_spf *spf, struct dc_spf_run *run, uint32_t u, uint32_t d)
{
	const struct dc_vertex *v = &spf->graph->vertex[u];
	const struct dc_edge *edge = spf->graph->edge + v->first;
	uint32_t *dist = run->dist, i;

	for (i = 0; i < v->n; i++) {
		uint64_t nd = (uint64_t)d + edge[i].cost;
		uint32_t w = edge[i].to;

		if (nd < dist[w]) {
			dist[w] = nd;
			dc_queue_push(&spf->queue, nd, w);
		}
	}
}

static void begin(struct dc_spf *spf, struct dc_spf_run *run)
{
	dc_queue_clear(&spf->queue);
	memset(run->dist, 0xff, spf->graph->n * sizeof(*run->dist));
	run->dist[run->root] = 0;
}

void dc_spf_full(struct dc_spf *spf, struct dc_spf_run *run)
{
	uint32_t d, u;

	begin(spf, run);
	relax(spf, run, run->root, 0);
	while (dc_queue_pop(&spf->queue, &d, &u))
		if (d == run->dist[u] && crosses(spf, run->root, u))
			relax(spf, run, u, d);
}

/* ---- by way of another run ---------------------------------------------- */

/*
 * A node's place in the queue is what it is farther from the one root than from
 * the other, and what is between these. No edge that both cross makes that
 * less, and those on ways that both have leave it as it is: the keys are few
 * and small, and most nodes have that of the one that they were reached from:
 * these wait in @list, where a node comes once at most for each key.
 */
static inline uint64_t key_of(const struct dc_spf_run *run,
			      const struct dc_spf_run *by, uint32_t node)
{
	return (uint64_t)run->dist[node] + by->dist[run->root] -
	       by->dist[node];
}

/* Over @u, which is at @now as the @n in the list. False: a key has no room. */
static inline __attribute__((always_inline))
bool relax_by(struct dc_spf *spf, struct dc_spf_run *run,
	      const struct dc_spf_run *by, uint32_t u, uint32_t now,
	      uint32_t *n)
{
	const struct dc_vertex *v = &spf->graph->vertex[u];
	const struct dc_edge *edge = spf->graph->edge + v->first;
	uint32_t *dist = run->dist, d = dist[u], i;

	for (i = 0; i < v->n; i++) {
		uint64_t nd = (uint64_t)d + edge[i].cost, key;
		uint32_t w = edge[i].to;

		if (nd >= dist[w])
			continue;
		dist[w] = nd;
		key = key_of(run, by, w);
		if (key == now)
			spf->list[(*n)++] = w;
		else if (key <= UINT32_MAX)
			dc_queue_push(&spf->queue, key, w);
		else
			return false;
	}
	return true;
}

/* Nobody who is left is farther from this root than by way of the other. */
static void finish_by(struct dc_spf *spf, struct dc_spf_run *run,
		      const struct dc_spf_run *by)
{
	uint32_t between = run->dist[by->root], n = spf->graph->n, i;

	for (i = 0; i < n; i++) {
		uint32_t over = by->dist[i] < DC_FAR - between ?
			by->dist[i] + between : DC_FAR;

		run->dist[i] = over < run->dist[i] ? over : run->dist[i];
	}
}

static bool run_by(struct dc_spf *spf, struct dc_spf_run *run,
		   const struct dc_spf_run *by)
{
	uint32_t key = 0, n = 0, next = 0, u;

	begin(spf, run);
	if (!relax_by(spf, run, by, run->root, key, &n))
		return false;
	for (;;) {
		if (next < n && !dc_queue_more(&spf->queue))
			u = spf->list[next++];
		else if (!dc_queue_pop(&spf->queue, &key, &u))
			return true;
		if (next == n) {
			next = 0;
			n = 0;
		}
		if (key != key_of(run, by, u) ||
		    !crosses(spf, run->root, u))
			continue;
		if (u == by->root) {
			finish_by(spf, run, by);
			return true;
		}
		if (!relax_by(spf, run, by, u, key, &n))
			return false;
	}
}

void dc_spf_by(struct dc_spf *spf, struct dc_spf_run *run,
	       const struct dc_spf_run *by)
{
	/* What only the one crosses, or does not reach, promises nothing. */
	if (spf->graph->vertex[run->root].overload ||
	    by->dist[run->root] == DC_FAR || !run_by(spf, run, by))
		dc_spf_full(spf, run);
}

/* ---- after changes ------------------------------------------------------ */

/* Whether a way may come from there: not lost, and crossed. */
static inline bool leads_on(const struct dc_spf *spf, uint32_t root,
			    uint32_t node)
{
	return !(spf->flag[node] & (LOST | DC_SPF_END)) || node == root;
}

/* The least cost over those next to a node that are not lost. */
static uint32_t best_of(const struct dc_spf *spf, const struct dc_spf_run *run,
			uint32_t node)
{
	const struct dc_vertex *v = &spf->graph->vertex[node];
	const struct dc_edge *edge = spf->graph->edge + v->first;
	uint64_t best = DC_FAR;
	uint32_t i;

	for (i = 0; i < v->n; i++) {
		uint32_t from = edge[i].to;
		uint64_t over = (uint64_t)run->dist[from] + edge[i].back;

		if (over < best && leads_on(spf, run->root, from))
			best = over;
	}
	return best;
}

/* Whether it has a way that is as short as before, or shorter. */
static bool keeps_way(const struct dc_spf *spf, const struct dc_spf_run *run,
		      uint32_t node)
{
	const struct dc_vertex *v = &spf->graph->vertex[node];
	const struct dc_edge *edge = spf->graph->edge + v->first;
	uint32_t i;

	for (i = 0; i < v->n; i++) {
		uint32_t from = edge[i].to;

		if ((uint64_t)run->dist[from] + edge[i].back <=
		    run->dist[node] && leads_on(spf, run->root, from))
			return true;
	}
	return run->dist[node] == DC_FAR;
}

/* Put on the list if no node that kept its way leads there at no more. */
static uint32_t lose(struct dc_spf *spf, const struct dc_spf_run *run,
		     uint32_t node, uint32_t n)
{
	if (node == run->root || spf->flag[node] & LOST ||
	    keeps_way(spf, run, node))
		return n;
	spf->flag[node] |= LOST;
	spf->list[n] = node;
	return n + 1;
}

/*
 * Those that a lost node led to at no more than they have: to less where the link
 * is cheaper now, and then they may have been kept by it.
 */
static uint32_t lose_behind(struct dc_spf *spf, const struct dc_spf_run *run,
			    uint32_t node, uint32_t n)
{
	const struct dc_vertex *v = &spf->graph->vertex[node];
	const struct dc_edge *edge = spf->graph->edge + v->first;
	uint32_t i;

	if (!crosses(spf, run->root, node))
		return n;
	for (i = 0; i < v->n; i++)
		if ((uint64_t)run->dist[node] + edge[i].cost <=
		    run->dist[edge[i].to])
			n = lose(spf, run, edge[i].to, n);
	return n;
}

/*
 * Which nodes lost their ways: those next to a change, and then those behind
 * them. A node is asked again with each that it loses; who is left in the end
 * has one before it that is nearer and left, and so on up to the root.
 */
static uint32_t find_lost(struct dc_spf *spf, struct dc_spf_run *run)
{
	const struct dc_graph *graph = spf->graph;
	uint32_t n = 0, i;

	for (i = 0; i < graph->n_touched; i++)
		n = lose(spf, run, graph->touched[i], n);
	for (i = 0; i < n; i++)
		n = lose_behind(spf, run, spf->list[i], n);
	return n;
}

static void note(struct dc_spf *spf, uint32_t node)
{
	if (spf->flag[node] & MOVED)
		return;
	spf->flag[node] |= MOVED;
	spf->moved[spf->n_moved++] = node;
}

/* A node's way over its neighbours as they are now. */
static void restart(struct dc_spf *spf, struct dc_spf_run *run, uint32_t node)
{
	uint32_t best = best_of(spf, run, node);

	if (node == run->root || best >= run->dist[node])
		return;
	run->dist[node] = best;
	note(spf, node);
	dc_queue_push(&spf->queue, best, node);
}

static void relax_noting(struct dc_spf *spf, struct dc_spf_run *run, uint32_t u,
			 uint32_t d)
{
	const struct dc_vertex *v = &spf->graph->vertex[u];
	const struct dc_edge *edge = spf->graph->edge + v->first;
	uint32_t i;

	for (i = 0; i < v->n; i++) {
		uint64_t nd = (uint64_t)d + edge[i].cost;
		uint32_t w = edge[i].to;

		if (nd >= run->dist[w])
			continue;
		run->dist[w] = nd;
		note(spf, w);
		dc_queue_push(&spf->queue, nd, w);
	}
}

/* Dijkstra over the @n that are lost and what has come nearer. */
static void settle(struct dc_spf *spf, struct dc_spf_run *run, uint32_t n)
{
	const struct dc_graph *graph = spf->graph;
	uint32_t d, node, i;

	for (i = 0; i < n; i++) {
		run->dist[spf->list[i]] = DC_FAR;
		spf->flag[spf->list[i]] &= ~LOST;
		note(spf, spf->list[i]);
	}
	dc_queue_clear(&spf->queue);
	for (i = 0; i < n; i++)
		restart(spf, run, spf->list[i]);
	for (i = 0; i < graph->n_touched; i++)
		restart(spf, run, graph->touched[i]);
	while (dc_queue_pop(&spf->queue, &d, &node))
		if (d == run->dist[node] &&
		    crosses(spf, run->root, node))
			relax_noting(spf, run, node, d);
}

void dc_spf_update(struct dc_spf *spf, struct dc_spf_run *run)
{
	uint32_t i;

	spf->n_moved = 0;
	settle(spf, run, find_lost(spf, run));
	for (i = 0; i < spf->n_moved; i++)
		spf->flag[spf->moved[i]] &= ~MOVED;
}
