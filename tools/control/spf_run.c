// SPDX-License-Identifier: GPL-2.0
/*
 * Dijkstra from one node: from nothing, and from the last result.
 *
 * Costs are at least 1, so who comes before a node on a best way is strictly
 * nearer, and one pass in the order of distance settles each node once. An
 * overloaded node is reached and not crossed. A way that costs DC_FAR or more
 * is none.
 */
#include <string.h>

#include "spf.h"

enum {
	QUEUED = 1,		/* is or was in the queue of this pass */
	LOST = 2,		/* no way of the old length is left */
	MOVED = 4,		/* is in spf->moved */
};

static bool crosses(const struct dc_graph *graph, uint32_t root, uint32_t node)
{
	return node == root || !graph->vertex[node].overload;
}

/* Bits of this node's own links in the order of its row. */
static void own_bits(const struct dc_spf *spf, uint32_t *bits)
{
	const struct dc_graph *graph = spf->graph;
	const struct dc_vertex *v = &graph->vertex[graph->self];
	uint32_t i, k;

	for (i = 0; i < v->n; i++) {
		bits[i] = 0;
		for (k = 0; k < spf->n_links; k++)
			if (spf->link[k].id == graph->end[v->first + i].id)
				bits[i] = 1u << spf->link[k].bit;
	}
}

static inline __attribute__((always_inline))
void relax(struct dc_spf *spf, struct dc_spf_run *run, uint32_t u, uint32_t d,
	   uint32_t *mask, const uint32_t *bits)
{
	const struct dc_vertex *v = &spf->graph->vertex[u];
	const struct dc_edge *edge = spf->graph->edge + v->first;
	uint32_t *dist = run->dist, i;

	for (i = 0; i < v->n; i++) {
		uint64_t nd = (uint64_t)d + edge[i].cost;
		uint32_t w = edge[i].to;

		if (nd < dist[w]) {
			dist[w] = nd;
			if (mask)
				mask[w] = bits ? bits[i] : mask[u];
			dc_queue_push(&spf->queue, nd, w);
		} else if (mask && nd == dist[w] && nd < DC_FAR) {
			mask[w] |= bits ? bits[i] : mask[u];
		}
	}
}

static inline __attribute__((always_inline))
void run_full(struct dc_spf *spf, struct dc_spf_run *run, uint32_t *mask)
{
	uint32_t bits[DC_LINKS_MAX], d, u;

	dc_queue_clear(&spf->queue);
	memset(run->dist, 0xff, spf->graph->n * sizeof(*run->dist));
	run->dist[run->root] = 0;
	if (mask) {
		memset(mask, 0, spf->graph->n * sizeof(*mask));
		own_bits(spf, bits);
	}
	relax(spf, run, run->root, 0, mask, mask ? bits : NULL);
	while (dc_queue_pop(&spf->queue, &d, &u)) {
		if (d == run->dist[u] && !spf->graph->vertex[u].overload)
			relax(spf, run, u, d, mask, NULL);
	}
}

void dc_spf_full(struct dc_spf *spf, struct dc_spf_run *run, uint32_t *mask)
{
	if (mask)
		run_full(spf, run, mask);
	else
		run_full(spf, run, NULL);
}

/* The links to a neighbour that are on best ways: their bits, and what they cost. */
static uint32_t bits_to(const struct dc_spf *spf, uint32_t node, uint32_t *cost)
{
	uint32_t bits = 0, k;

	*cost = DC_FAR;
	for (k = 0; k < spf->n_links; k++) {
		if (spf->link[k].node != node)
			continue;
		bits |= 1u << spf->link[k].bit;
		if (spf->link[k].cost < *cost)
			*cost = spf->link[k].cost;
	}
	return bits;
}

/*
 * What this node reaches over the neighbour is as far from that as the rest of
 * the way is long, and nothing is farther than by way of this node.
 */
static void bound(const struct dc_spf *spf, struct dc_spf_run *run,
		  uint32_t back, uint32_t bits, uint32_t cost)
{
	const uint32_t *dist = spf->main.dist;
	uint32_t n = spf->graph->n, i;

	for (i = 0; i < n; i++) {
		uint32_t over = dist[i] < DC_FAR - back ? dist[i] + back :
							  DC_FAR;

		run->dist[i] = spf->mask[i] & bits ? dist[i] - cost : over;
	}
	run->dist[run->root] = 0;
}

void dc_spf_reroot(struct dc_spf *spf, struct dc_spf_run *run, uint32_t back)
{
	const struct dc_graph *graph = spf->graph;
	uint32_t cost, bits = bits_to(spf, run->root, &cost), d, u;

	bound(spf, run, back, bits, cost);
	dc_queue_clear(&spf->queue);
	relax(spf, run, run->root, 0, NULL, NULL);
	for (u = 0; u < graph->n; u++)
		if (spf->mask[u] & bits && !graph->vertex[u].overload)
			relax(spf, run, u, run->dist[u], NULL, NULL);
	while (dc_queue_pop(&spf->queue, &d, &u)) {
		if (d == run->dist[u] && !graph->vertex[u].overload)
			relax(spf, run, u, d, NULL, NULL);
	}
}

/* ---- after changes ------------------------------------------------------ */

static void enqueue(struct dc_spf *spf, const struct dc_spf_run *run,
		    uint32_t node)
{
	if (run->dist[node] == DC_FAR || spf->flag[node] & QUEUED ||
	    node == run->root)
		return;
	spf->flag[node] |= QUEUED;
	dc_queue_push(&spf->queue, run->dist[node], node);
}

/* Those that a node is on a best way to. */
static void enqueue_behind(struct dc_spf *spf, const struct dc_spf_run *run,
			   uint32_t node)
{
	const struct dc_vertex *v = &spf->graph->vertex[node];
	const struct dc_edge *edge = spf->graph->edge + v->first;
	uint32_t i;

	if (!crosses(spf->graph, run->root, node))
		return;
	for (i = 0; i < v->n; i++)
		if (edge[i].cost < DC_FAR - run->dist[node] &&
		    run->dist[node] + edge[i].cost == run->dist[edge[i].to])
			enqueue(spf, run, edge[i].to);
}

/* The least cost over those next to a node that are not lost. */
static uint32_t best_of(const struct dc_spf *spf, const struct dc_spf_run *run,
			uint32_t node)
{
	const struct dc_vertex *v = &spf->graph->vertex[node];
	const struct dc_edge *edge = spf->graph->edge + v->first;
	uint32_t best = DC_FAR, i;

	for (i = 0; i < v->n; i++) {
		uint32_t from = edge[i].to, d = run->dist[from];

		if (edge[i].back >= DC_FAR - d || spf->flag[from] & LOST ||
		    !crosses(spf->graph, run->root, from))
			continue;
		if (d + edge[i].back < best)
			best = d + edge[i].back;
	}
	return best;
}

static void note(struct dc_spf *spf, uint32_t node)
{
	if (spf->flag[node] & MOVED)
		return;
	spf->flag[node] |= MOVED;
	dc_spf_note(spf, node);
}

/*
 * Which nodes lost their ways: those next to a change, and then those behind
 * them, that no node which kept its own reaches at no more than before.
 */
static uint32_t find_lost(struct dc_spf *spf, struct dc_spf_run *run)
{
	const struct dc_graph *graph = spf->graph;
	uint32_t n = 0, d, node, i;

	dc_queue_clear(&spf->queue);
	for (i = 0; i < graph->n_touched; i++)
		enqueue(spf, run, graph->touched[i]);
	while (dc_queue_pop(&spf->queue, &d, &node)) {
		spf->flag[node] &= ~QUEUED;
		if (best_of(spf, run, node) <= d)
			continue;
		spf->flag[node] |= LOST;
		spf->list[n++] = node;
		enqueue_behind(spf, run, node);
	}
	return n;
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
		uint32_t w = edge[i].to;

		if (edge[i].cost >= DC_FAR - d ||
		    d + edge[i].cost >= run->dist[w])
			continue;
		run->dist[w] = d + edge[i].cost;
		note(spf, w);
		dc_queue_push(&spf->queue, run->dist[w], w);
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
		    crosses(graph, run->root, node))
			relax_noting(spf, run, node, d);
}

static uint32_t mask_of(const struct dc_spf *spf, const struct dc_spf_run *run,
			const uint32_t *mask, uint32_t node)
{
	const struct dc_graph *graph = spf->graph;
	const struct dc_vertex *v = &graph->vertex[node];
	uint32_t result = 0, i, k;

	for (i = v->first; i < v->first + v->n; i++) {
		uint32_t from = graph->edge[i].to, d = run->dist[from];

		if (graph->edge[i].back >= DC_FAR - d ||
		    d + graph->edge[i].back != run->dist[node])
			continue;
		if (from != run->root) {
			if (!graph->vertex[from].overload)
				result |= mask[from];
			continue;
		}
		for (k = 0; k < spf->n_links; k++)
			if (spf->link[k].id == graph->end[i].peer_id)
				result |= 1u << spf->link[k].bit;
	}
	return result;
}

static void queue_mask(struct dc_spf *spf, const struct dc_spf_run *run,
		       uint32_t *mask, uint32_t node)
{
	if (run->dist[node] == DC_FAR)
		mask[node] = 0;
	else
		enqueue(spf, run, node);
}

/* First links again, of what moved and of what hangs on that. */
static void update_masks(struct dc_spf *spf, const struct dc_spf_run *run,
			 uint32_t *mask)
{
	const struct dc_graph *graph = spf->graph;
	uint32_t n = spf->n_moved, d, node, i;

	dc_queue_clear(&spf->queue);
	for (i = 0; i < graph->n_touched; i++)
		queue_mask(spf, run, mask, graph->touched[i]);
	for (i = 0; i < n; i++)
		queue_mask(spf, run, mask, spf->moved[i]);
	while (dc_queue_pop(&spf->queue, &d, &node)) {
		uint32_t now = mask_of(spf, run, mask, node);

		spf->flag[node] &= ~QUEUED;
		if (now == mask[node])
			continue;
		mask[node] = now;
		note(spf, node);
		enqueue_behind(spf, run, node);
	}
}

/*
 * Nodes that a lost one was on a way to, but not the only: their first links
 * change although their cost does not. They are next to it.
 */
static void note_next_to(struct dc_spf *spf, uint32_t n)
{
	const struct dc_graph *graph = spf->graph;
	uint32_t i, k;

	for (i = 0; i < n; i++) {
		const struct dc_vertex *v = &graph->vertex[spf->moved[i]];

		for (k = v->first; k < v->first + v->n; k++)
			note(spf, graph->edge[k].to);
	}
}

void dc_spf_update(struct dc_spf *spf, struct dc_spf_run *run, uint32_t *mask)
{
	uint32_t i, n;

	spf->n_moved = 0;
	n = find_lost(spf, run);
	settle(spf, run, n);
	if (mask) {
		note_next_to(spf, spf->n_moved);
		update_masks(spf, run, mask);
	}
	for (i = 0; i < spf->n_moved; i++)
		spf->flag[spf->moved[i]] &= ~MOVED;
}
