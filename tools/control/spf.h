/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shortest ways over the topology: from each neighbour, without crossing this
 * node. What this node has is the best of those, with the first links of all ways
 * of least cost; and from the same, for each node, the backup (spf_backup.c).
 *
 * As no run crosses this node, its own links change none of them.
 *
 * After few changes only what they reach is looked at again. The result is the
 * same as of a run from nothing, and the tests hold it against one.
 */
#ifndef DC_SPF_H
#define DC_SPF_H

#include "graph.h"
#include "spf_queue.h"

/* This node's links have a bit each, which they keep as long as they exist. */
#define DC_SPF_BITS 32
#define DC_NO_BIT 0xff

/* Why there is no backup, or what it is good for. */
enum dc_backup_kind {
	DC_BACKUP_NO_WAY,
	DC_BACKUP_SELF,
	DC_BACKUP_ECMP,
	DC_BACKUP_NO_LINK,
	DC_BACKUP_LOOP,
	DC_BACKUP_OVERLOAD,
	DC_BACKUP_NO_OTHER_WAY,
	DC_BACKUP_LINK,
	DC_BACKUP_LINK_DOWNSTREAM,
	DC_BACKUP_NODE,
	DC_BACKUP_NODE_DOWNSTREAM,
};

struct dc_backup {
	uint8_t bit;
	uint8_t kind;
};

/**
 * struct dc_spf_link - a link of this node's own that counts
 * @node: its other end; @run: the run from there
 * @home: from there to this node; DC_FAR if nobody crosses this node
 * @overload: @node is not crossed
 */
struct dc_spf_link {
	uint32_t id;
	uint32_t cost;
	uint32_t node;
	uint32_t home;
	uint8_t bit;
	uint8_t run;
	bool overload;
};

/* Of a node; runs have more of their own, and take them back (spf_run.c). */
enum {
	DC_SPF_END = 1,		/* reached, and not crossed */
	DC_SPF_CHANGED = 2,	/* is in @changed */
	DC_SPF_FLAGS = 4,
};

/**
 * struct dc_spf_run - ways from one neighbour
 * @root: the neighbour, DC_NO_NODE if the run is free
 * @dist: to each node, DC_FAR if there is none
 */
struct dc_spf_run {
	uint32_t root;
	uint32_t *dist;
};

/* Nodes that differ in nothing but how far beyond the same node they are. */
#define DC_SPF_CLASS_BITS 6

/**
 * struct dc_spf_class - what such nodes have in common
 * @rel: how much farther than from the first link's end, from each link's
 * @over: as the cost from this node
 */
struct dc_spf_class {
	uint32_t rel[DC_LINKS_MAX];
	uint32_t over;
	uint32_t mask;
	struct dc_backup backup;
};

/**
 * struct dc_spf - the result, and what it takes to find it
 * @room: of all arrays by node; grows with the graph's
 * @dist: from this node; @mask: bits of the first links of all best ways
 * @run: from neighbours, and from those that were and may be again
 * @link: this node's links that count
 * @id_of: number of the link that has the bit, 0 if it is free
 * @at_bit: its place in @link, if it counts
 * @stale: bits that changed hands since the caller looked
 * @backup: of each node
 * @changed: nodes that may differ in cost, mask or backup; all if @all
 * @computed: times it ran
 * @class: those met last, by a hash of @rel; @classes: bits of those that hold
 * @near: distances below this have classes
 */
struct dc_spf {
	const struct dc_graph *graph;
	uint32_t room;
	uint32_t *dist;
	uint32_t *mask;
	struct dc_spf_run run[DC_LINKS_MAX];
	uint32_t n_links;
	struct dc_spf_link link[DC_LINKS_MAX];
	uint32_t id_of[DC_SPF_BITS];
	uint8_t at_bit[DC_SPF_BITS];
	uint32_t stale;
	struct dc_backup *backup;
	uint32_t *changed;
	uint32_t n_changed;
	bool all;
	bool ran;
	uint64_t computed;
	struct dc_spf_class class[1 << DC_SPF_CLASS_BITS];
	uint64_t classes;
	uint32_t near;

	struct dc_queue queue;
	uint8_t *flag;
	uint32_t *list;
	uint32_t *moved;
	uint32_t n_moved;
};

int dc_spf_init(struct dc_spf *spf, const struct dc_graph *graph);
void dc_spf_free(struct dc_spf *spf);

/* Memory for all that dc_spf_compute() may need now: 0 or -ENOMEM. */
int dc_spf_reserve(struct dc_spf *spf);
/* A number is another node's now. */
void dc_spf_forget(struct dc_spf *spf, uint32_t node);

/* Look at what the graph says has changed. */
void dc_spf_compute(struct dc_spf *spf);

/*
 * One run (spf_run.c): from nothing; the same by way of another that is done, which
 * is quicker the nearer their roots are; or after changes.
 */
void dc_spf_full(struct dc_spf *spf, struct dc_spf_run *run);
void dc_spf_by(struct dc_spf *spf, struct dc_spf_run *run,
	       const struct dc_spf_run *by);
void dc_spf_update(struct dc_spf *spf, struct dc_spf_run *run);

/*
 * Cost, first links and backup of each node that may differ (spf_ways.c); begun
 * anew when links, or what is between their ends and this node, may.
 */
void dc_spf_ways_begin(struct dc_spf *spf);
void dc_spf_ways(struct dc_spf *spf);

/**
 * dc_spf_backup() - the best loop-free alternate (RFC 5286)
 * @mask: of the next hops, @cost to the destination over them
 * @dist: from each run's root to the destination
 */
struct dc_backup dc_spf_backup(const struct dc_spf *spf, uint32_t mask,
			       uint32_t cost, const uint32_t *dist);
const char *dc_backup_words(enum dc_backup_kind kind);
static inline bool dc_backup_there(enum dc_backup_kind kind)
{
	return kind >= DC_BACKUP_LINK;
}

#endif /* DC_SPF_H */
