// SPDX-License-Identifier: GPL-2.0
/* The topology: numbers of nodes, rows of links, which links count. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "graph.h"

#define NODES_MIN 64
#define EDGES_MIN 256
#define ROW_STEP 4

int dc_graph_init(struct dc_graph *graph, const struct dc_node_id *self)
{
	bool fresh;

	memset(graph, 0, sizeof(*graph));
	graph->free = DC_NO_NODE;
	if (dc_table_init(&graph->table))
		return -ENOMEM;
	graph->self = dc_graph_hold(graph, self, &fresh);
	if (graph->self == DC_NO_NODE) {
		dc_graph_free(graph);
		return -ENOMEM;
	}
	return 0;
}

void dc_graph_free(struct dc_graph *graph)
{
	uint32_t i;

	for (i = 0; i < graph->n; i++)
		free(graph->id[i]);
	free(graph->id);
	free(graph->vertex);
	free(graph->edge);
	free(graph->end);
	dc_table_free(&graph->table);
}

/* ---- numbers of nodes --------------------------------------------------- */

static struct dc_graph_id *find(const struct dc_graph *graph,
				const struct dc_node_id *id, uint32_t hash)
{
	struct dc_entry *entry = dc_table_first(&graph->table, hash);

	for (; entry; entry = entry->next) {
		struct dc_graph_id *known =
			dc_entry_of(entry, struct dc_graph_id);

		if (entry->hash == hash && known->id.len == id->len &&
		    !memcmp(known->id.byte, id->byte, id->len))
			return known;
	}
	return NULL;
}

uint32_t dc_graph_find(const struct dc_graph *graph,
		       const struct dc_node_id *id)
{
	uint32_t hash = dc_table_hash(&graph->table, id->byte, id->len);
	struct dc_graph_id *known = find(graph, id, hash);

	return known ? known->node : DC_NO_NODE;
}

static int grow_nodes(struct dc_graph *graph)
{
	uint32_t room = graph->room ? graph->room * 2 : NODES_MIN;
	void *vertex, *id;

	vertex = realloc(graph->vertex, room * sizeof(*graph->vertex));
	if (!vertex)
		return -ENOMEM;
	graph->vertex = vertex;
	id = realloc(graph->id, room * sizeof(*graph->id));
	if (!id)
		return -ENOMEM;
	graph->id = id;
	graph->room = room;
	return 0;
}

/* A number that is free: an old one if there is one. */
static uint32_t take_number(struct dc_graph *graph)
{
	uint32_t node = graph->free;

	if (node != DC_NO_NODE) {
		graph->free = graph->vertex[node].first;
		return node;
	}
	if (graph->n == graph->room && grow_nodes(graph))
		return DC_NO_NODE;
	return graph->n++;
}

static uint32_t add_node(struct dc_graph *graph, const struct dc_node_id *id,
			 uint32_t hash)
{
	struct dc_graph_id *known = calloc(1, sizeof(*known));
	uint32_t node = known ? take_number(graph) : DC_NO_NODE;

	if (node == DC_NO_NODE) {
		free(known);
		return DC_NO_NODE;
	}
	known->node = node;
	known->id.len = id->len;
	memcpy(known->id.byte, id->byte, id->len);
	graph->id[node] = known;
	memset(&graph->vertex[node], 0, sizeof(graph->vertex[node]));
	dc_table_add(&graph->table, &known->entry, hash);
	graph->n_nodes++;
	return node;
}

uint32_t dc_graph_hold(struct dc_graph *graph, const struct dc_node_id *id,
		       bool *fresh)
{
	uint32_t hash = dc_table_hash(&graph->table, id->byte, id->len);
	struct dc_graph_id *known = find(graph, id, hash);
	uint32_t node;

	*fresh = !known;
	node = known ? known->node : add_node(graph, id, hash);
	if (node != DC_NO_NODE)
		graph->id[node]->refs++;
	return node;
}

void dc_graph_release(struct dc_graph *graph, uint32_t node)
{
	struct dc_graph_id *known = graph->id[node];

	if (--known->refs)
		return;
	dc_table_del(&graph->table, &known->entry);
	free(known);
	graph->id[node] = NULL;
	graph->waste += graph->vertex[node].room;
	memset(&graph->vertex[node], 0, sizeof(graph->vertex[node]));
	graph->vertex[node].first = graph->free;
	graph->free = node;
	graph->n_nodes--;
}

/* ---- rows --------------------------------------------------------------- */

static int grow_edges(struct dc_graph *graph, uint32_t room)
{
	void *edge, *end;

	edge = realloc(graph->edge, room * sizeof(*graph->edge));
	if (!edge)
		return -ENOMEM;
	graph->edge = edge;
	end = realloc(graph->end, room * sizeof(*graph->end));
	if (!end)
		return -ENOMEM;
	graph->end = end;
	graph->edge_room = room;
	return 0;
}

/* Rows in the order of nodes, without what lies idle between them. */
static int compact(struct dc_graph *graph)
{
	struct dc_edge *edge = malloc(graph->edge_room * sizeof(*edge));
	struct dc_end *end = malloc(graph->edge_room * sizeof(*end));
	uint32_t at = 0, i;

	if (!edge || !end) {
		free(edge);
		free(end);
		return -ENOMEM;
	}
	for (i = 0; i < graph->n; i++) {
		struct dc_vertex *v = &graph->vertex[i];

		if (!graph->id[i])
			continue;
		memcpy(edge + at, graph->edge + v->first, v->n * sizeof(*edge));
		memcpy(end + at, graph->end + v->first, v->n * sizeof(*end));
		v->first = at;
		at += v->room;
	}
	free(graph->edge);
	free(graph->end);
	graph->edge = edge;
	graph->end = end;
	graph->edges = at;
	graph->waste = 0;
	return 0;
}

static int room_for(struct dc_graph *graph, uint32_t n)
{
	uint32_t room = graph->edge_room ? graph->edge_room : EDGES_MIN;
	int err;

	if (graph->waste > EDGES_MIN && graph->waste > graph->edges / 2) {
		err = compact(graph);
		if (err)
			return err;
	}
	if (graph->edge && graph->edge_room - graph->edges >= n)
		return 0;
	return grow_edges(graph, graph->edge ? room * 2 : room);
}

/* Room for @n links in a node's row, which moves if it has too little. */
static int widen(struct dc_graph *graph, uint32_t node, uint32_t n)
{
	struct dc_vertex *v = &graph->vertex[node];
	uint32_t room = (n + ROW_STEP - 1) / ROW_STEP * ROW_STEP;
	int err;

	if (v->room >= n)
		return 0;
	err = room_for(graph, room);
	if (err)
		return err;
	memcpy(graph->edge + graph->edges, graph->edge + v->first,
	       v->n * sizeof(*graph->edge));
	memcpy(graph->end + graph->edges, graph->end + v->first,
	       v->n * sizeof(*graph->end));
	graph->waste += v->room;
	v->first = graph->edges;
	v->room = room;
	graph->edges += room;
	return 0;
}

/* ---- which links count -------------------------------------------------- */

static void touch(struct dc_graph *graph, uint32_t node)
{
	uint32_t i;

	graph->changes++;
	if (graph->anew)
		return;
	for (i = 0; i < graph->n_touched; i++)
		if (graph->touched[i] == node)
			return;
	if (i == DC_TOUCHED_MAX)
		graph->anew = true;
	else
		graph->touched[graph->n_touched++] = node;
}

void dc_graph_settled(struct dc_graph *graph)
{
	graph->n_touched = 0;
	graph->anew = false;
}

static bool is_down(const struct dc_graph *graph, uint32_t node, uint32_t link)
{
	uint32_t i;

	if (node != graph->self)
		return false;
	for (i = 0; i < graph->n_down; i++)
		if (graph->down[i] == link)
			return true;
	return false;
}

/* The other end of a link, as its node tells of it; DC_FAR if it does not. */
static uint32_t twin(const struct dc_graph *graph, uint32_t node, uint32_t i)
{
	const struct dc_vertex *v = &graph->vertex[graph->edge[i].to];
	const struct dc_end *end = &graph->end[i];
	uint32_t j;

	for (j = v->first; j < v->first + v->n; j++) {
		if (graph->edge[j].to == node &&
		    graph->end[j].id == end->peer_id &&
		    graph->end[j].peer_id == end->id)
			return j;
	}
	return DC_FAR;
}

static void count(struct dc_graph *graph, uint32_t node, uint32_t i)
{
	uint32_t peer = graph->edge[i].to, j = twin(graph, node, i);

	if (j == DC_FAR || is_down(graph, node, graph->end[i].id) ||
	    is_down(graph, peer, graph->end[j].id))
		return;
	graph->edge[i].cost = graph->end[i].cost;
	graph->edge[i].back = graph->end[j].cost;
	graph->edge[j].cost = graph->end[j].cost;
	graph->edge[j].back = graph->end[i].cost;
	graph->links += 2;
	touch(graph, node);
	touch(graph, peer);
}

static void discount(struct dc_graph *graph, uint32_t node, uint32_t i)
{
	uint32_t j;

	if (graph->edge[i].cost == DC_FAR)
		return;
	j = twin(graph, node, i);
	graph->edge[i].cost = DC_FAR;
	graph->edge[i].back = DC_FAR;
	graph->edge[j].cost = DC_FAR;
	graph->edge[j].back = DC_FAR;
	graph->links -= 2;
	touch(graph, node);
	touch(graph, graph->edge[i].to);
}

/* A link that counts costs something else now. */
static void reprice(struct dc_graph *graph, uint32_t node, uint32_t i)
{
	struct dc_edge *edge = &graph->edge[i];

	if (edge->cost == DC_FAR || edge->cost == graph->end[i].cost)
		return;
	edge->cost = graph->end[i].cost;
	graph->edge[twin(graph, node, i)].back = edge->cost;
	touch(graph, node);
	touch(graph, edge->to);
}

/* ---- link LSAs ---------------------------------------------------------- */

/* A row as an LSA has it, before it is put in the place of the old. */
struct row {
	uint32_t n;
	struct dc_edge edge[DC_LINKS_MAX];
	struct dc_end end[DC_LINKS_MAX];
};

static bool has_id(const struct row *row, uint32_t id)
{
	uint32_t i;

	for (i = 0; i < row->n; i++)
		if (row->end[i].id == id)
			return true;
	return false;
}

/* Take a link over if it is one; of two with one number the first counts. */
static bool row_put(struct row *row, uint32_t node, const struct dc_link *link,
		    uint32_t peer)
{
	if (peer == node || !link->id || !link->cost ||
	    link->cost == DC_FAR || has_id(row, link->id))
		return false;
	row->edge[row->n] = (struct dc_edge){ peer, DC_FAR, DC_FAR };
	row->end[row->n] =
		(struct dc_end){ link->id, link->peer_id, link->cost };
	row->n++;
	return true;
}

static void row_read(struct dc_graph *graph, struct row *row, uint32_t node,
		     const struct dc_link_lsa *lsa, const uint32_t *peer)
{
	uint32_t i;

	row->n = 0;
	if (!lsa)
		return;
	for (i = 0; i < lsa->n && i < DC_LINKS_MAX; i++)
		if (!row_put(row, node, &lsa->link[i], peer[i]))
			dc_graph_release(graph, peer[i]);
}

static bool same_link(const struct dc_edge *edge, const struct dc_end *end,
		      const struct row *row, uint32_t i)
{
	return edge->to == row->edge[i].to && end->id == row->end[i].id &&
	       end->peer_id == row->end[i].peer_id;
}

/* Links that the new row lacks end; of those it has, the state is kept. */
static void row_keep(struct dc_graph *graph, uint32_t node, struct row *row)
{
	struct dc_vertex *v = &graph->vertex[node];
	uint32_t i, j;

	for (i = v->first; i < v->first + v->n; i++) {
		for (j = 0; j < row->n; j++)
			if (same_link(&graph->edge[i], &graph->end[i], row, j))
				break;
		if (j < row->n)
			row->edge[j] = graph->edge[i];
		else
			discount(graph, node, i);
	}
}

static void row_write(struct dc_graph *graph, uint32_t node,
		      const struct row *row)
{
	struct dc_vertex *v = &graph->vertex[node];
	uint32_t i;

	v->n = row->n;
	if (!row->n)
		return;
	memcpy(graph->edge + v->first, row->edge,
	       row->n * sizeof(*row->edge));
	memcpy(graph->end + v->first, row->end, row->n * sizeof(*row->end));
	for (i = v->first; i < v->first + v->n; i++) {
		if (graph->edge[i].cost == DC_FAR)
			count(graph, node, i);
		else
			reprice(graph, node, i);
	}
}

/* Forget what was said of links that this node has no more. */
static void prune_down(struct dc_graph *graph)
{
	const struct dc_vertex *v = &graph->vertex[graph->self];
	uint32_t i, j, n = 0;

	for (i = 0; i < graph->n_down; i++) {
		for (j = v->first; j < v->first + v->n; j++)
			if (graph->end[j].id == graph->down[i])
				break;
		if (j < v->first + v->n)
			graph->down[n++] = graph->down[i];
	}
	graph->n_down = n;
}

static void release_all(struct dc_graph *graph, const uint32_t *node,
			uint32_t n)
{
	while (n--)
		dc_graph_release(graph, node[n]);
}

static void set_overload(struct dc_graph *graph, uint32_t node, bool overload)
{
	if (graph->vertex[node].overload == overload)
		return;
	graph->vertex[node].overload = overload;
	graph->anew = true;
	graph->changes++;
}

/* The LSA itself holds its node. */
static void set_told(struct dc_graph *graph, uint32_t node, bool told)
{
	bool was = graph->id[node]->told;

	graph->id[node]->told = told;
	if (told && !was)
		graph->id[node]->refs++;
	else if (was && !told)
		dc_graph_release(graph, node);
}

int dc_graph_set(struct dc_graph *graph, uint32_t node,
		 const struct dc_link_lsa *lsa, const uint32_t *peer)
{
	uint32_t old[DC_LINKS_MAX], n_old = graph->vertex[node].n, i;
	uint64_t changes = graph->changes;
	struct row row;

	row_read(graph, &row, node, lsa, peer);
	if (widen(graph, node, row.n)) {
		for (i = 0; i < row.n; i++)
			dc_graph_release(graph, row.edge[i].to);
		return -ENOMEM;
	}
	for (i = 0; i < n_old; i++)
		old[i] = graph->edge[graph->vertex[node].first + i].to;
	row_keep(graph, node, &row);
	row_write(graph, node, &row);
	set_overload(graph, node, lsa && lsa->flags & DC_LSA_OVERLOAD);
	if (node == graph->self)
		prune_down(graph);
	release_all(graph, old, n_old);
	set_told(graph, node, lsa);
	return graph->changes != changes;
}

/* Which of this node's own links has this number; DC_FAR: none. */
static uint32_t own_link(const struct dc_graph *graph, uint32_t link)
{
	const struct dc_vertex *v = &graph->vertex[graph->self];
	uint32_t i;

	for (i = v->first; i < v->first + v->n; i++)
		if (graph->end[i].id == link)
			return i;
	return DC_FAR;
}

static void forget_down(struct dc_graph *graph, uint32_t link)
{
	uint32_t i;

	for (i = 0; i < graph->n_down; i++)
		if (graph->down[i] == link)
			graph->down[i--] = graph->down[--graph->n_down];
}

int dc_graph_usable(struct dc_graph *graph, uint32_t link, bool usable)
{
	uint64_t changes = graph->changes;
	uint32_t i = own_link(graph, link);

	if (!usable && !is_down(graph, graph->self, link)) {
		if (graph->n_down > DC_LINKS_MAX)
			prune_down(graph);
		graph->down[graph->n_down++] = link;
		if (i != DC_FAR)
			discount(graph, graph->self, i);
	} else if (usable && is_down(graph, graph->self, link)) {
		forget_down(graph, link);
		if (i != DC_FAR)
			count(graph, graph->self, i);
	}
	return graph->changes != changes;
}
