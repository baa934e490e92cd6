/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Graphs to simulate: read from files, or made.
 *
 * What a topology is called: a file's path; or KIND:NUMBER with the kinds below
 * and how many nodes; or "figure2", the draft's.
 */
#ifndef SIM_TOPO_H
#define SIM_TOPO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct topo_edge - a link between two nodes; there may be several
 * @delay_us: one way
 * @mbit: capacity
 * @cost: from @a to @b, @cost_back the other way
 */
struct topo_edge {
	uint32_t a;
	uint32_t b;
	uint32_t delay_us;
	uint32_t mbit;
	uint32_t cost;
	uint32_t cost_back;
};

struct topo {
	char name[64];
	uint32_t n;
	size_t edges;
	size_t size;
	struct topo_edge *edge;
};

/* False, and a word on stderr, if @what names none. */
bool topo_get(struct topo *topo, const char *what, uint64_t seed);
void topo_free(struct topo *topo);

/* Give each link a random cost, and some another on the way back. */
void topo_costs(struct topo *topo, uint64_t seed);

/* All that can be had, small and large, a random one for @seed. */
bool topo_any(struct topo *topo, const char *dir, uint64_t seed);

#endif /* SIM_TOPO_H */
