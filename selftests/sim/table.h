/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A model of one kernel's forwarding table, which takes what a core gives to
 * its dc_fib_ops and finds fault with what no kernel would take. Outlives the
 * core, as the kernel's does: a new core begins a new table, and the old one
 * goes on answering for what the new one does not know yet (struct host).
 */
#ifndef SIM_TABLE_H
#define SIM_TABLE_H

#include "fib.h"
#include "names.h"

#define TABLE_NO_HOST UINT32_MAX

/**
 * struct table_neighbour - who is behind a link number of the core
 * @link: the number
 * @ifindex: where
 * @host: TABLE_NO_HOST if nobody has that address
 * @up: the core says so; @alive: and the kernel's prober
 */
struct table_neighbour {
	uint32_t link;
	uint32_t ifindex;
	uint32_t host;
	bool up;
	bool alive;
};

/**
 * struct table_set - next hops
 * @link: link numbers, @n of them
 * @routes: names that lead here
 */
struct table_set {
	bool exists;
	uint8_t n;
	uint32_t backup;
	uint32_t routes;
	uint32_t *link;
};

enum table_kind {
	TABLE_NOTHING,
	TABLE_SET,
	TABLE_UNREACHABLE,
};

/**
 * struct table_route - where a name leads
 * @kind: enum table_kind
 * @weight: as an instance of the pool that is its parent, if @member
 */
struct table_route {
	uint32_t set;
	uint16_t weight;
	uint8_t kind;
	bool member;
};

/**
 * struct table - the table
 * @route: by number of the name
 * @changes, @flushes: that came in
 */
struct table {
	struct table_neighbour *neighbour;
	size_t neighbours;
	size_t neighbour_size;
	struct table_set *set;
	size_t sets;
	struct table_route *route;
	size_t routes;
	uint64_t changes;
	uint64_t flushes;
};

/* NULL, or what is wrong with the change: a constant. */
const char *table_change(struct table *table, struct names *names,
			 const struct dc_fib_change *change);
/* As the core's neighbour() said. */
void table_neighbour(struct table *table, uint32_t link, uint32_t ifindex,
		     uint32_t host, bool up);
/* NULL if there is none of that number. */
struct table_neighbour *table_peer(const struct table *table, uint32_t link);
/* Of exactly this name: NULL if there is nothing. */
const struct table_route *table_exact(const struct table *table, uint32_t name);
void table_free(struct table *table);

#endif /* SIM_TABLE_H */
