// SPDX-License-Identifier: GPL-2.0
/*
 * A node, for people: neighbours, the database, counters.
 */
#include "node_int.h"

static const char * const state_text[] = {
	"down", "init", "exchange", "full"
};

static void describe(struct dc_neighbour *neighbour, const struct adj *adj)
{
	*neighbour = (struct dc_neighbour) {
		.id = adj->hello.id,
		.link = adj->link,
		.ifindex = adj->iface->ifindex,
		.lladdr = adj->lladdr,
		.state = state_text[adj->state],
		.cost = adj->iface->cost,
		.since_us = adj->since_us,
		.rx = adj->rx,
		.tx = adj->tx,
		.dropped = adj->dropped,
		.resent = adj->flood.resent,
	};
}

int dc_node_neighbours(const struct dc_node *node,
		       int (*each)(const struct dc_neighbour *neighbour,
				   void *arg), void *arg)
{
	struct dc_neighbour neighbour;
	uint32_t i;
	int ret;

	for (i = 0; i < node->n_adjs; i++) {
		describe(&neighbour, node->adj[i]);
		ret = each(&neighbour, arg);
		if (ret)
			return ret;
	}
	return 0;
}

void dc_node_twin(const struct dc_node *node, struct dc_node_twin *twin)
{
	*twin = node->twin;
	twin->silent_us = node->origin.silent_us;
}

struct show {
	const struct dc_node *node;
	int (*each)(const struct dc_object *object, uint32_t left_s, void *arg);
	void *arg;
};

static uint32_t left_s(const struct dc_node *node,
		       const struct lsdb_entry *entry)
{
	uint64_t time = dc_trust_time(node->trust, node->now_us), left;

	if (entry->expires_us != UINT64_MAX)
		return node_left_ms(node, entry) / 1000;
	left = entry->not_after > time ? (entry->not_after - time) / 1000 : 0;
	return left < UINT32_MAX ? left : UINT32_MAX;
}

static int show_entry(struct lsdb_entry *entry, void *arg)
{
	const struct show *show = arg;
	struct dc_object object;

	if (!entry->bytes ||
	    dc_object_read(&object, entry->bytes, entry->len, NULL))
		return 0;
	return show->each(&object, left_s(show->node, entry), show->arg);
}

int dc_node_lsdb(const struct dc_node *node,
		 int (*each)(const struct dc_object *object, uint32_t left_s,
			     void *arg), void *arg)
{
	struct show show = { node, each, arg };

	return lsdb_each(node->db, show_entry, &show);
}

const struct dc_rib *dc_node_rib(const struct dc_node *node)
{
	return node->rib;
}

struct dc_trust *dc_node_trust(struct dc_node *node)
{
	return node->trust;
}

void dc_node_digest(const struct dc_node *node, struct dc_hash *hash)
{
	lsdb_digest(node->db, hash);
}

void dc_node_counts(const struct dc_node *node, struct dc_node_counts *counts)
{
	uint32_t i;

	*counts = node->counts;
	for (i = 0; i < node->n_adjs; i++)
		counts->resent += node->adj[i]->flood.resent;
}
