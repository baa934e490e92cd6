/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The topology: nodes by number, and each one's links in a row of one array, so
 * that Dijkstra walks memory forwards. A node's link LSA rewrites its own row
 * and the ends of its links at others; nothing is built anew.
 *
 * A node is there while somebody holds it: its LSA, a link that tells of it, or
 * a user of dc_graph_hold().
 */
#ifndef DC_GRAPH_H
#define DC_GRAPH_H

#include "object.h"
#include "rib_table.h"

/* No way; also the cost of a link that does not count. */
#define DC_FAR UINT32_MAX
#define DC_NO_NODE UINT32_MAX

/* Changed ends that are remembered; with more, all is computed anew. */
#define DC_TOUCHED_MAX 128

/**
 * struct dc_edge - a link in one direction
 * @to: the node at its other end
 * @cost: to go there; DC_FAR if the link does not count
 * @back: to come back; DC_FAR likewise
 */
struct dc_edge {
	uint32_t to;
	uint32_t cost;
	uint32_t back;
};

/* The same link's numbers at both ends, and what its node says it costs. */
struct dc_end {
	uint32_t id;
	uint32_t peer_id;
	uint32_t cost;
};

/* A node's row: @n of dc_edge and dc_end from @first. */
struct dc_vertex {
	uint32_t first;
	uint8_t n;
	uint8_t room;
	bool overload;
};

/* Who has the number; for lookup by id. */
struct dc_graph_id {
	struct dc_entry entry;
	uint32_t node;
	uint32_t refs;
	bool told;		/* by a link LSA of its own */
	struct dc_node_id id;
};

/**
 * struct dc_graph - the topology
 * @n: numbers in use, free ones among them included
 * @room: of @vertex and @id
 * @self: this node's number
 * @edges: in use in @edge and @end, @edge_room there are, @waste lie idle
 * @links: that count, each direction for itself
 * @touched: nodes to which a link came, went or changed its cost since
 *	dc_graph_settled()
 * @anew: more changed than that
 * @changes: how often anything changed that a way depends on
 * @free: first of the free numbers, chained by their vertex's @first
 * @down: this node's own links that cannot be used
 */
struct dc_graph {
	struct dc_table table;
	struct dc_vertex *vertex;
	struct dc_graph_id **id;
	struct dc_edge *edge;
	struct dc_end *end;
	uint32_t n;
	uint32_t room;
	uint32_t n_nodes;
	uint32_t self;
	uint32_t edges;
	uint32_t edge_room;
	uint32_t waste;
	uint32_t links;
	uint32_t n_touched;
	uint32_t touched[DC_TOUCHED_MAX];
	bool anew;
	uint64_t changes;
	uint32_t free;
	uint32_t n_down;
	uint32_t down[DC_LINKS_MAX + 1];
};

/* Node 0 is @self. 0 or -ENOMEM. */
int dc_graph_init(struct dc_graph *graph, const struct dc_node_id *self);
void dc_graph_free(struct dc_graph *graph);

/* A node's number, or DC_NO_NODE. */
uint32_t dc_graph_find(const struct dc_graph *graph,
		       const struct dc_node_id *id);
/* The same, made if it was not there (@fresh), and held; DC_NO_NODE: ENOMEM. */
uint32_t dc_graph_hold(struct dc_graph *graph, const struct dc_node_id *id,
		       bool *fresh);
void dc_graph_release(struct dc_graph *graph, uint32_t node);

/**
 * dc_graph_set() - a node's link LSA; NULL: it has none any more
 * @peer: number of each link's peer, held by the caller for the graph, which
 *	releases them when it needs them no more, also on error
 *
 * Return: 1 if a link or a node's overload changed; 0; -ENOMEM.
 */
int dc_graph_set(struct dc_graph *graph, uint32_t node,
		 const struct dc_link_lsa *lsa, const uint32_t *peer);

/*
 * One of this node's own links is usable or not: 1 if that changed anything. A
 * link LSA of this node's that lacks the link forgets what was said of it.
 */
int dc_graph_usable(struct dc_graph *graph, uint32_t link, bool usable);

/* What changed has been looked at. */
void dc_graph_settled(struct dc_graph *graph);

static inline const struct dc_node_id *dc_graph_id(const struct dc_graph *graph,
						   uint32_t node)
{
	return &graph->id[node]->id;
}

#endif /* DC_GRAPH_H */
