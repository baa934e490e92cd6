/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of the RIB share: a world of routers, links and names; the RIB
 * of one of them that is told of it; a table to which the RIB's changes go, and
 * which refuses what could not be done in the order given; and what is right
 * (rib_oracle.c), found by Floyd and Warshall and the rules as they are written.
 */
#ifndef RIB_WORLD_H
#define RIB_WORLD_H

#include "check.h"
#include "rib.h"

#define WORLD_NODES 40
#define WORLD_LINKS 120
#define WORLD_NAMES 16
#define FAR UINT32_MAX

/* ---- the table ---------------------------------------------------------- */

struct model_set {
	bool there;
	uint32_t n;
	struct dc_fib_nexthop nexthop[DC_FIB_NEXTHOPS_MAX];
	uint32_t backup;
};

struct model_route {
	bool there;
	uint32_t set;		/* 0: unreachable by itself */
	bool member;
	uint32_t weight;
};

#define MODEL_SETS 512

/**
 * struct model - a forwarding table
 * @replaying: what is there already may be told again
 * @routes_told: how many of the changes were of names
 */
struct model {
	const struct world *world;
	struct model_set set[MODEL_SETS];
	struct model_route route[WORLD_NAMES];
	bool replaying;
	uint64_t told;
	uint64_t routes_told;
};

/* ---- the world ---------------------------------------------------------- */

/* Each end may tell of it or not, and has its own cost. */
struct world_link {
	uint32_t node[2];
	uint32_t id[2];
	uint32_t cost[2];
	bool told[2];
	bool usable;		/* as node 0, if it is at an end, finds it */
};

struct world_cand {
	bool there;
	uint8_t right;
	uint16_t weight;
	uint32_t epoch;
};

struct world {
	uint32_t n;
	struct dc_node_id id[WORLD_NODES];
	bool lsa[WORLD_NODES];
	bool overload[WORLD_NODES];
	uint32_t n_links;
	struct world_link link[WORLD_LINKS];
	uint32_t n_names;
	struct damc_name name[WORLD_NAMES];
	struct world_cand cand[WORLD_NAMES][WORLD_NODES];
	struct dc_rib *rib;
	struct model model;
	bool held[WORLD_NAMES];
	uint64_t now;
	uint64_t random;
};

uint32_t world_random(struct world *world, uint32_t below);
void world_init(struct world *world, uint32_t n, uint64_t seed);
void world_free(struct world *world);
void world_add_link(struct world *world, uint32_t a, uint32_t b, uint32_t cost);
uint32_t world_add_name(struct world *world, const char *text);
/* Tell the RIB of a node's links as they are: what dc_rib_links() returns. */
int world_tell(struct world *world, uint32_t node);
void world_tell_all(struct world *world);
void world_hold(struct world *world, uint32_t name);
void world_announce(struct world *world, uint32_t name, uint32_t node,
		    struct world_cand cand);
void world_withdraw(struct world *world, uint32_t name, uint32_t node);
/* Until no hold is left. */
void world_rest(struct world *world);
/* The links of a file of shared/topologies; false if it is not there. */
bool world_read(struct world *world, const char *path, uint64_t seed);

/* ---- what is right ------------------------------------------------------ */

struct oracle {
	uint32_t dist[WORLD_NODES][WORLD_NODES];
};

/* @share is of 1; @link in the order of numbers. */
struct oracle_ways {
	bool local;
	uint32_t cost;
	uint32_t n;
	uint32_t link[DC_LINKS_MAX];
	double share[DC_LINKS_MAX];
	uint32_t backup;
	bool used[WORLD_NODES];
};

void oracle_run(struct oracle *oracle, const struct world *world);
/* Where @name leads from @from. */
void oracle_name(const struct oracle *oracle, const struct world *world,
		 uint32_t from, uint32_t name, struct oracle_ways *ways);
void oracle_node(const struct oracle *oracle, const struct world *world,
		 uint32_t from, uint32_t node, struct oracle_ways *ways);
/* Weight in its pool as node 0's table should have it, or FAR. */
uint32_t oracle_weight(const struct oracle *oracle, const struct world *world,
		       uint32_t name);
/* Whether two nodes' link counts, so that a packet can take it. */
bool world_counts(const struct world *world, const struct world_link *link);

/*
 * Hold the RIB and the table against it. With @rested nothing is on hold; else
 * what has no way may be unreachable still.
 */
void oracle_check(const struct world *world, bool rested);

#endif /* RIB_WORLD_H */
