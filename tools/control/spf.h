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

/*
 * Four runs side by side: for each node what it is from four neighbours, so that
 * one look at a link serves all of them. In the order of runs.
 */
#define DC_FOUR 4
#define DC_FOURS (DC_LINKS_MAX / DC_FOUR)
_Static_assert(DC_LINKS_MAX % DC_FOUR == 0, "runs fill their fours");

/* Aligned as malloc() does it everywhere. */
typedef uint32_t dc_four
	__attribute__((vector_size(DC_FOUR * sizeof(uint32_t)), may_alias,
		       aligned(8)));
typedef uint64_t dc_halves
	__attribute__((vector_size(DC_FOUR * sizeof(uint32_t))));

/* Whether any bit of the four is set. */
static inline bool dc_any(dc_four four)
{
	dc_halves halves = (dc_halves)four;

	return halves[0] | halves[1];
}

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

/* Of a node; an update has more of its own, and takes them back (spf_update.c). */
enum {
	DC_SPF_END = 1,		/* reached, and not crossed */
	DC_SPF_CHANGED = 2,	/* is in @changed */
	DC_SPF_FLAGS = 4,
};

/* Nodes that differ in nothing but how far beyond the same node they are. */
#define DC_SPF_CLASS_BITS 6

/**
 * struct dc_spf_class - what such nodes have in common
 * @rel: how much farther than from the first link's end, of each run that counts
 * @over: as the cost from this node
 */
struct dc_spf_class {
	dc_four rel[DC_FOURS];
	uint32_t over;
	uint32_t mask;
	struct dc_backup backup;
};

/**
 * struct dc_spf - the result, and what it takes to find it
 * @room: of all arrays by node; grows with the graph's
 * @dist: from this node; @mask: bits of the first links of all best ways
 * @root: of each run, a neighbour, or who was one and may be again; DC_NO_NODE
 *	if the run is free, and then nothing is reached
 * @from: distances of runs, DC_FAR if there is no way; NULL from @fours on
 * @link: this node's links that count
 * @id_of: number of the link that has the bit, 0 if it is free
 * @at_bit: its place in @link, if it counts
 * @stale: bits that changed hands since the caller looked
 * @backup: of each node
 * @changed: nodes that may differ in cost, mask or backup; all if @all
 * @computed: times it ran
 * @class: those met last, by a hash of @rel; @classes: bits of those that hold
 * @near: distances below this have classes; @counts: all bits of the runs of links
 * @list, @lost, @had: of an update; @had is DC_FAR between updates
 */
struct dc_spf {
	const struct dc_graph *graph;
	uint32_t room;
	uint32_t *dist;
	uint32_t *mask;
	uint32_t root[DC_LINKS_MAX];
	dc_four *from[DC_FOURS];
	uint32_t fours;
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
	dc_four counts[DC_FOURS];

	struct dc_queue queue;
	uint8_t *flag;
	uint32_t *list;
	uint32_t *lost;
	dc_four *had;
};

/* How far a node is from a run's root. */
static inline uint32_t dc_spf_far(const struct dc_spf *spf, uint32_t run,
				  uint32_t node)
{
	return spf->from[run / DC_FOUR][node][run % DC_FOUR];
}

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
 * is quicker the nearer their roots are; nothing, when nobody is its root.
 */
void dc_spf_full(struct dc_spf *spf, uint32_t run);
void dc_spf_by(struct dc_spf *spf, uint32_t run, uint32_t by);
void dc_spf_clear(struct dc_spf *spf, uint32_t run);

/**
 * dc_spf_update() - four runs after changes (spf_update.c)
 *
 * Puts into @changed what moved.
 *
 * Return: false if they have to begin from nothing.
 */
bool dc_spf_update(struct dc_spf *spf, uint32_t four);

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
