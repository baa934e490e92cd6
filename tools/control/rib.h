/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The RIB: what the databases say, and what a node makes of it: Dijkstra with
 * equal-cost ways and loop-free backups (RFC 5286) over the link LSAs, and for
 * each name where it leads. Changed names cost no Dijkstra, changed links no
 * walk over names: names of one set of origins share one set of next hops.
 *
 * Sans-I/O; when to compute is spf_delay.h's to say. No pointer is kept to what
 * is passed in. Owned by node.c.
 */
#ifndef DC_RIB_H
#define DC_RIB_H

#include "fib.h"
#include "object.h"

struct dc_rib;

struct dc_rib *dc_rib_new(const struct dc_node_id *self,
			  const struct dc_fib_ops *ops, void *arg);
void dc_rib_free(struct dc_rib *rib);

/**
 * dc_rib_links() - a node's link LSA is new, changed, or (NULL) gone
 *
 * A link counts if both ends tell of it (same ids crosswise) and neither end
 * is down. Costs may differ by direction. An overloaded node is reached and
 * not crossed.
 *
 * Return: 1 if the topology differs now and dc_rib_compute() is due; 0; -ENOMEM.
 */
int dc_rib_links(struct dc_rib *rib, const struct dc_node_id *node,
		 const struct dc_link_lsa *lsa);

/*
 * A link of this node's own is usable or not: as dc_rib_links(). Links are until
 * told otherwise; a link LSA of this node's without the link forgets it.
 */
int dc_rib_adjacency(struct dc_rib *rib, uint32_t link, bool up);

/**
 * dc_rib_prefix() - @node is, or (@present false) is no more, an origin of it
 *
 * Takes effect at once for what is known of the topology: changes go to the
 * ops' change(), and the caller flushes when it has no more. A node's own names
 * are in no set; they are told for the sake of others' bindings of the same.
 * Of two bindings of one name (not as members) the higher epoch wins, then the
 * lower node id. A name that several nodes have as members of a pool is one
 * candidate each. What a node said of a name last is what counts.
 *
 * Return: 0 or -ENOMEM: then the name may be out of the table.
 */
int dc_rib_prefix(struct dc_rib *rib, const struct dc_node_id *node,
		  const struct dc_prefix *prefix, bool present);

/*
 * A name that was refused or revoked: unreachable for 5 s rather than covered
 * by a shorter one (review-routing 14). To be said before dc_rib_prefix() takes
 * it away. Where another origin is left, the name leads there meanwhile. 0 or
 * -ENOMEM.
 *
 * Sets whose origins cannot be reached any more are held likewise, from the next
 * dc_rib_timer() on, for which dc_rib_next() then asks at once.
 */
int dc_rib_hold(struct dc_rib *rib, const struct damc_name *name,
		uint64_t now_us);
void dc_rib_timer(struct dc_rib *rib, uint64_t now_us);
uint64_t dc_rib_next(const struct dc_rib *rib);		/* UINT64_MAX: none */

/* Dijkstra, backups, and the sets that differ. */
void dc_rib_compute(struct dc_rib *rib);

/* Give all there is to the ops again: after the table was lost. */
void dc_rib_replay(struct dc_rib *rib);

/* ---- for people -------------------------------------------------------- */

/**
 * struct dc_rib_candidate - one origin of a name
 * @used: it is among those that the name leads to
 * @why: an English reason why not; a constant
 * @cost: to it, UINT32_MAX if there is no way
 */
struct dc_rib_candidate {
	struct dc_node_id node;
	bool used;
	const char *why;
	uint32_t cost;
	uint32_t epoch;
	uint16_t weight;
	uint8_t right;
};

/**
 * struct dc_rib_entry - one name of the RIB
 * @set: the set of next hops that it leads to, 0 if it is not in the table or
 *	is unreachable by itself
 * @backup: link, 0 if none, and then @unprotected says why
 * @protects: what the backup is good for; a constant, NULL without one
 * @held: unreachable for a while rather than covered by a shorter name
 * @local: this node serves it: no route, its binding counts
 * @member: it is an instance of the pool that is called as it is without its
 *	last component, and there of the weight @pool_weight; or
 * @not_in_pool: why not; a constant
 * @n_candidates: at most 32 are told, those that count first
 */
struct dc_rib_entry {
	struct damc_name name;
	uint32_t set;
	uint32_t n;
	struct dc_fib_nexthop nexthop[DC_FIB_NEXTHOPS_MAX];
	uint32_t backup;
	const char *unprotected;
	const char *protects;
	bool held;
	bool local;
	bool member;
	uint32_t pool_weight;
	const char *not_in_pool;
	uint32_t n_candidates;
	struct dc_rib_candidate candidate[32];
};

/*
 * Each name in canonical order: by the bytes of its wire form, what is shorter
 * first. -ENOMEM; stops when @each returns other than 0, and returns
 * that.
 */
int dc_rib_each(const struct dc_rib *rib,
		int (*each)(const struct dc_rib_entry *entry, void *arg),
		void *arg);
/*
 * What is known of @name itself, used or not; else the longest shorter name that
 * leads somewhere: 0 or -ENOENT.
 */
int dc_rib_explain(const struct dc_rib *rib, const struct damc_name *name,
		   struct dc_rib_entry *entry);

/* A node as Dijkstra saw it last: for `damc spf show`. */
struct dc_spf_node {
	struct dc_node_id node;
	uint32_t cost;
	uint32_t n;
	struct dc_fib_nexthop nexthop[DC_FIB_NEXTHOPS_MAX];
	uint32_t backup;
	const char *unprotected;
	const char *protects;
};

int dc_spf_each(const struct dc_rib *rib,
		int (*each)(const struct dc_spf_node *node, void *arg),
		void *arg);

struct dc_rib_counts {
	uint64_t computed;	/* times Dijkstra ran */
	uint64_t changes;	/* given to the ops */
	uint32_t nodes;
	uint32_t links;
	uint32_t names;
	uint32_t sets;
};

void dc_rib_counts(const struct dc_rib *rib, struct dc_rib_counts *counts);

#endif /* DC_RIB_H */
