/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How the RIB is made (rib.h says what it does):
 *
 *   name -> set of origins -> nodes of the topology
 *
 * A set has a number, by which the forwarding table knows it, and is found by
 * its content; names in it hang on a list that only the end and the return of
 * all its origins walk. A node knows the sets that it is in.
 *
 * Changes are given out in an order in which each can be made: a set, the names
 * that lead there, members of pools; and backwards when they go.
 */
#ifndef DC_RIB_INTERNAL_H
#define DC_RIB_INTERNAL_H

#include "rib.h"
#include "rib_table.h"
#include "spf.h"

/* Origins of one set; of more nodes that have a name these are the first. */
#define DC_ORIGINS_MAX 32
/* Members of a pool in the table, this node's own ones among them. */
#define DC_POOL_TOLD_MAX DAMC_POOL_MEMBERS_MAX
#define DC_HOLD_US 5000000ull
/* Names taken away in one call of dc_rib_timer(), but for the last set's. */
#define DC_SWEEP_MAX 4096

/* What the forwarding table has for a name, if not a set's number. */
#define DC_FIB_NONE 0u
#define DC_FIB_UNREACHABLE UINT32_MAX
/* What it has for a member, if not a weight. */
#define DC_NOT_TOLD UINT32_MAX

enum dc_set_kind {
	DC_SET_FIRST,		/* the first that there is a way to */
	DC_SET_NEAREST,		/* all at the least cost */
};

enum dc_set_state {
	DC_SET_GONE,		/* no way; not in the forwarding table */
	DC_SET_UP,
	DC_SET_HOLD,		/* no way; unreachable for a while */
	DC_SET_LOCAL,		/* this node itself is the first */
};

struct dc_origin {
	uint32_t node;
	uint32_t weight;
};

/**
 * struct dc_set_key - what a set is found by
 * @self: this node comes behind the last of them
 */
struct dc_set_key {
	uint32_t n;
	uint8_t kind;
	uint8_t self;
	struct dc_origin origin[DC_ORIGINS_MAX];
};

/**
 * struct dc_ways - where a set leads
 * @mask: bits of the links
 * @weight: the best of the origins used, of several
 */
struct dc_ways {
	uint32_t mask;
	uint32_t cost;
	struct dc_backup backup;
	uint32_t weight;
	bool local;
};

/* A member that hangs on a set. */
struct dc_set_member {
	struct dc_pool *pool;
	struct dc_rib_name *name;
};

/**
 * struct dc_set - names with the same origins
 * @ways: as the forwarding table has them
 * @share: weight of each bit, if there are several origins
 * @dirty: on a list of those to look at
 * @next: on the list that it is on while the sets are updated
 * @until: end of the hold; 0 while it has not begun
 */
struct dc_set {
	struct dc_entry entry;
	uint32_t number;
	uint8_t kind;
	uint8_t state;
	uint8_t self;
	bool dirty;
	struct dc_ways ways;
	uint32_t *share;
	struct dc_rib_name *names;
	uint32_t n_members;
	uint32_t members_room;
	struct dc_set_member *member;
	struct dc_set *next;
	struct dc_set *hold_next, *hold_prev;
	uint64_t until;
	uint32_t n;
	struct dc_origin origin[];
};

/* A node that has a name. */
struct dc_cand {
	uint32_t node;
	uint32_t epoch;
	uint16_t weight;
	uint8_t right;
};

/**
 * struct dc_rib_name - a name
 * @fib: what the forwarding table has
 * @set: NULL if there is no other node's, or this node's own counts
 * @one: if @n is 1, else @many, best first
 * @slot: 1 + its place in its pool, 0 if it is in none
 * @local: this node itself is the one that counts
 * @named: some node has it as its own, as its pool knows
 */
struct dc_rib_name {
	struct dc_entry entry;
	uint32_t fib;
	struct dc_rib_name *next, *prev;
	struct dc_set *set;
	union {
		struct dc_cand one;
		struct dc_cand *many;
	};
	struct dc_name_hold *hold;
	uint32_t slot;
	uint32_t n;
	bool local;
	bool named;
	uint8_t len;
	uint8_t wire[];
};

struct dc_name_hold {
	struct dc_name_hold *next, *prev;
	struct dc_rib_name *name;
	uint64_t until;
};

/**
 * struct dc_member - an instance in a pool
 * @set: as its name's
 * @at: its place in the set's @member
 * @told: the weight that the forwarding table has
 */
struct dc_member {
	struct dc_rib_name *name;
	struct dc_set *set;
	uint32_t at;
	uint32_t told;
	uint16_t weight;
	bool local;
};

/**
 * struct dc_pool - a pool
 * @refused: a name of its own is called so
 * @member: the first DC_POOL_TOLD_MAX have places in the table, the others wait
 * @looked: of those that wait, the last that was looked at for a free place
 */
struct dc_pool {
	struct dc_entry entry;
	struct dc_pool *next_dirty;
	bool dirty;
	bool refused;
	uint32_t n;
	uint32_t room;
	uint32_t looked;
	struct dc_member *member;
	uint8_t len;
	uint8_t wire[];
};

/* The sets that a node is in. */
struct dc_node_sets {
	struct dc_set **set;
	uint32_t n;
	uint32_t room;
};

struct dc_rib {
	struct dc_fib_ops ops;
	void *arg;
	struct dc_graph graph;
	struct dc_spf spf;
	struct dc_table names;
	struct dc_table sets;
	struct dc_table pools;
	uint32_t at_room;
	struct dc_node_sets *at;
	/* By number; those below @numbers that are NULL are in @unused. */
	struct dc_set **set;
	uint32_t numbers;
	uint32_t numbers_room;
	uint32_t *unused;
	uint32_t n_unused;
	struct dc_pool *dirty_pools;
	/* Holds in the order of their ends; those of sets begin at the timer. */
	struct dc_set *hold_first, *hold_last;
	struct dc_set *hold_new;
	struct dc_name_hold *held_first, *held_last;
	uint64_t changes;
};

/* rib_emit.c: each gives one change to the table */
void dc_emit_set(struct dc_rib *rib, const struct dc_set *set);
void dc_emit_set_del(struct dc_rib *rib, const struct dc_set *set);
void dc_emit_route(struct dc_rib *rib, const struct dc_rib_name *name);
void dc_emit_member(struct dc_rib *rib, const struct dc_pool *pool,
		    const struct dc_member *member);
/* A set's next hops by link number; how many. */
uint32_t dc_set_nexthops(const struct dc_rib *rib, const struct dc_set *set,
			 struct dc_fib_nexthop *nexthop);
uint32_t dc_mask_nexthops(const struct dc_rib *rib, uint32_t mask,
			  const uint32_t *share,
			  struct dc_fib_nexthop *nexthop);
uint32_t dc_bit_link(const struct dc_rib *rib, uint8_t bit);

/* rib_set.c */
int dc_rib_node(struct dc_rib *rib, const struct dc_node_id *id,
		uint32_t *node);
/* The set, made and told to the table if it was not there; NULL: ENOMEM. */
struct dc_set *dc_set_get(struct dc_rib *rib, const struct dc_set_key *key);
/* Gone if no name is left. */
void dc_set_put(struct dc_rib *rib, struct dc_set *set);
void dc_set_free(struct dc_set *set);
void dc_set_link(struct dc_set *set, struct dc_rib_name *name);
void dc_set_unlink(struct dc_set *set, struct dc_rib_name *name);
/* After Dijkstra: what differs, in order. */
void dc_sets_update(struct dc_rib *rib);

/* rib_ways.c */
void dc_set_ways(const struct dc_rib *rib, const struct dc_set *set,
		 struct dc_ways *ways, uint32_t *share);
/* Whether an origin is one of those that the set leads to. */
bool dc_set_uses(const struct dc_rib *rib, const struct dc_set *set,
		 uint32_t node);

/* rib_name.c */
struct dc_rib_name *dc_name_find(const struct dc_rib *rib, const uint8_t *wire,
				 uint8_t len);
struct dc_rib_name *dc_name_make(struct dc_rib *rib, const uint8_t *wire,
				 uint8_t len);
/* The table gets what it should have for the name. */
void dc_name_update(struct dc_rib *rib, struct dc_rib_name *name);
/* Free it if nothing is known of it any more. */
void dc_name_tidy(struct dc_rib *rib, struct dc_rib_name *name);
void dc_name_free(struct dc_rib_name *name);
const struct dc_cand *dc_name_cands(const struct dc_rib_name *name);
/* Whether this node itself is the one that counts. */
bool dc_name_local(const struct dc_rib_name *name);
/* Whether a node has it as a name of its own. */
bool dc_name_is_name(const struct dc_rib_name *name);

/* rib_pool.c */
struct dc_pool *dc_pool_find(const struct dc_rib *rib, const uint8_t *wire,
			     uint8_t len);
/* The name joins, changes in or leaves its pool, as what it has says. */
int dc_pool_follow(struct dc_rib *rib, struct dc_rib_name *name);
/* A name of the pool's name came or went. */
void dc_pool_refuse(struct dc_rib *rib, const struct dc_rib_name *name);
void dc_pool_touch(struct dc_rib *rib, const struct dc_set *set);
void dc_pools_update(struct dc_rib *rib);
void dc_pool_free(struct dc_pool *pool);
/* Bytes of the pool's name; 0 if the name can be in none. */
uint8_t dc_pool_len(const struct dc_rib_name *name);

/* rib_hold.c */
void dc_hold_set(struct dc_rib *rib, struct dc_set *set);
void dc_unhold_set(struct dc_rib *rib, struct dc_set *set);
void dc_unhold_name(struct dc_rib *rib, struct dc_rib_name *name);

#endif /* DC_RIB_INTERNAL_H */
