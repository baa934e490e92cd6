// SPDX-License-Identifier: GPL-2.0
/*
 * What the route computation and the model of the kernel's table cost: measured
 * on a grid, by the core's own RIB.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "cost.h"
#include "domain.h"
#include "measure.h"
#include "rib.h"
#include "table.h"

#define SIDE 24
#define ROUNDS 5

/* Keeps what the table is to be given. */
struct sink {
	struct dc_fib_change *change;
	size_t n;
	size_t size;
};

static void take(void *arg, const struct dc_fib_change *change)
{
	struct sink *sink = arg;

	sink->change = sim_grow(sink->change, sink->n, &sink->size,
				sizeof(*change));
	sink->change[sink->n++] = *change;
}

static void flush(void *arg)
{
}

static const struct dc_fib_ops ops = { .change = take, .flush = flush };

/* Links are numbered by direction: 1 right, 2 left, 3 down, 4 up. */
static void link_lsa(struct dc_link_lsa *lsa, uint32_t x, uint32_t y)
{
	static const int step[4][2] = { { 1, 0 }, { -1, 0 }, { 0, 1 }, { 0, -1 } };
	uint32_t i;

	*lsa = (struct dc_link_lsa){ 0 };
	for (i = 0; i < 4; i++) {
		uint32_t to_x = x + step[i][0], to_y = y + step[i][1];
		struct dc_link *link = &lsa->link[lsa->n];

		if (to_x >= SIDE || to_y >= SIDE)
			continue;
		*link = (struct dc_link){ .id = i + 1, .cost = 10 };
		link->peer_id = (i ^ 1) + 1;
		domain_host_id(&link->peer, to_y * SIDE + to_x);
		lsa->n++;
	}
}

static struct dc_rib *grid(struct sink *sink)
{
	struct dc_node_id id;
	struct dc_rib *rib;
	uint32_t i;

	domain_host_id(&id, 0);
	rib = dc_rib_new(&id, &ops, sink);
	if (!rib)
		abort();
	for (i = 0; i < SIDE * SIDE; i++) {
		struct dc_prefix prefix = { .right = DC_RIGHT_NAME };
		struct dc_link_lsa lsa;

		link_lsa(&lsa, i % SIDE, i / SIDE);
		domain_host_id(&id, i);
		domain_host_name(&prefix.name, i);
		dc_rib_links(rib, &id, &lsa);
		dc_rib_prefix(rib, &id, &prefix, true);
	}
	for (i = 1; i <= 4; i++)
		dc_rib_adjacency(rib, i, true);
	return rib;
}

/* A link of its own goes and comes: the dearest case. */
static uint64_t spf_ns(struct dc_rib *rib)
{
	uint64_t best = UINT64_MAX, since;
	int i;

	for (i = 0; i < 2 * ROUNDS; i++) {
		dc_rib_adjacency(rib, 1, i % 2);
		since = measure_cpu();
		dc_rib_compute(rib);
		since = measure_cpu() - since;
		if (since < best)
			best = since;
	}
	return best;
}

/* In the model of a kernel's table: what was given in the beginning. */
static uint64_t change_ns(const struct sink *sink, size_t n)
{
	struct table table = { 0 };
	struct names names;
	uint64_t since;
	uint32_t i;

	book_init(&names);
	for (i = 1; i <= 4; i++)
		table_neighbour(&table, i, i, i, true);
	since = measure_cpu();
	for (i = 0; i < n; i++)
		table_change(&table, &names, &sink->change[i]);
	since = measure_cpu() - since;
	table_free(&table);
	book_free(&names);
	return since / n;
}

void cost_measure_core(struct cost *cost)
{
	struct dc_rib_counts counts;
	struct sink sink = { 0 };
	struct dc_rib *rib;

	rib = grid(&sink);
	dc_rib_compute(rib);
	cost->change = sink.n ? change_ns(&sink, sink.n) : 0;
	dc_rib_counts(rib, &counts);
	cost->spf = spf_ns(rib) / (counts.nodes + counts.links + 1);
	dc_rib_free(rib);
	free(sink.change);
}
