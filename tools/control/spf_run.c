// SPDX-License-Identifier: GPL-2.0
/*
 * Dijkstra from a neighbour: from nothing, and by way of another's result.
 *
 * Costs are at least 1, so who comes before a node on a best way is strictly
 * nearer. An overloaded node is reached and not crossed, and so is this one. A
 * way that costs DC_FAR or more is none.
 */
#include <string.h>

#include "spf.h"

/**
 * struct run - one of four
 * @dist: to node n at n * DC_FOUR
 */
struct run {
	uint32_t root;
	uint32_t *dist;
};

static struct run run_at(const struct dc_spf *spf, uint32_t i)
{
	struct run run = { .root = spf->root[i] };

	/* Four numbers in a row: as an array of them it may be read as well. */
	run.dist = (uint32_t *)spf->from[i / DC_FOUR] + i % DC_FOUR;
	return run;
}

static inline uint32_t *dist_of(const struct run *run, uint32_t node)
{
	return &run->dist[(size_t)node * DC_FOUR];
}

static inline bool crosses(const struct dc_spf *spf, uint32_t root,
			   uint32_t node)
{
	return !(spf->flag[node] & DC_SPF_END) || node == root;
}

static void begin(struct dc_spf *spf, const struct run *run)
{
	uint32_t i;

	dc_queue_clear(&spf->queue);
	for (i = 0; i < spf->graph->n; i++)
		*dist_of(run, i) = DC_FAR;
}

void dc_spf_clear(struct dc_spf *spf, uint32_t i)
{
	struct run run = run_at(spf, i);

	spf->root[i] = DC_NO_NODE;
	begin(spf, &run);
}

/* ---- from nothing ------------------------------------------------------- */

static inline __attribute__((always_inline))
void relax(struct dc_spf *spf, const struct run *run, uint32_t u, uint32_t d)
{
	const struct dc_vertex *v = &spf->graph->vertex[u];
	const struct dc_edge *edge = spf->graph->edge + v->first;
	uint32_t i;

	for (i = 0; i < v->n; i++) {
		uint64_t nd = (uint64_t)d + edge[i].cost;
		uint32_t *dist = dist_of(run, edge[i].to);

		if (nd < *dist) {
			*dist = nd;
			dc_queue_push(&spf->queue, nd, edge[i].to);
		}
	}
}

void dc_spf_full(struct dc_spf *spf, uint32_t i)
{
	struct run run = run_at(spf, i);
	uint32_t d, u;

	begin(spf, &run);
	*dist_of(&run, run.root) = 0;
	relax(spf, &run, run.root, 0);
	while (dc_queue_pop(&spf->queue, &d, &u))
		if (d == *dist_of(&run, u) && crosses(spf, run.root, u))
			relax(spf, &run, u, d);
}

/* ---- by way of another run ---------------------------------------------- */

/*
 * A node's place in the queue is what it is farther from the one root than from
 * the other, and what is between these. No edge that both cross makes that
 * less, and those on ways that both have leave it as it is: the keys are few
 * and small, and most nodes have that of the one that they were reached from:
 * these wait in @list, where a node comes once at most for each key.
 */
static inline uint64_t key_of(const struct run *run, const struct run *by,
			      uint32_t node)
{
	return (uint64_t)*dist_of(run, node) + *dist_of(by, run->root) -
	       *dist_of(by, node);
}

/* Over @u, which is at @now as the @n in the list. False: a key has no room. */
static inline __attribute__((always_inline))
bool relax_by(struct dc_spf *spf, const struct run *run, const struct run *by,
	      uint32_t u, uint32_t now, uint32_t *n)
{
	const struct dc_vertex *v = &spf->graph->vertex[u];
	const struct dc_edge *edge = spf->graph->edge + v->first;
	uint32_t d = *dist_of(run, u), i;

	for (i = 0; i < v->n; i++) {
		uint64_t nd = (uint64_t)d + edge[i].cost, key;
		uint32_t w = edge[i].to;

		if (nd >= *dist_of(run, w))
			continue;
		*dist_of(run, w) = nd;
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
static void finish_by(struct dc_spf *spf, const struct run *run,
		      const struct run *by)
{
	uint32_t between = *dist_of(run, by->root), n = spf->graph->n, i;

	for (i = 0; i < n; i++) {
		uint32_t over = *dist_of(by, i) < DC_FAR - between ?
			*dist_of(by, i) + between : DC_FAR;
		uint32_t *dist = dist_of(run, i);

		*dist = over < *dist ? over : *dist;
	}
}

static bool run_by(struct dc_spf *spf, const struct run *run,
		   const struct run *by)
{
	uint32_t key = 0, n = 0, next = 0, u;

	begin(spf, run);
	*dist_of(run, run->root) = 0;
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

void dc_spf_by(struct dc_spf *spf, uint32_t i, uint32_t k)
{
	struct run run = run_at(spf, i), by = run_at(spf, k);

	/* What only the one crosses, or does not reach, promises nothing. */
	if (spf->graph->vertex[run.root].overload ||
	    *dist_of(&by, run.root) == DC_FAR || !run_by(spf, &run, &by))
		dc_spf_full(spf, i);
}
