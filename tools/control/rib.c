// SPDX-License-Identifier: GPL-2.0
/* The RIB as its owner sees it: what it is told, and what it has to do. */
#include <errno.h>
#include <stdlib.h>

#include "rib_internal.h"

struct dc_rib *dc_rib_new(const struct dc_node_id *self,
			  const struct dc_fib_ops *ops, void *arg)
{
	struct dc_rib *rib = calloc(1, sizeof(*rib));
	uint32_t node;

	if (!rib)
		return NULL;
	rib->ops = *ops;
	rib->arg = arg;
	if (dc_graph_init(&rib->graph, self)) {
		free(rib);
		return NULL;
	}
	if (dc_spf_init(&rib->spf, &rib->graph) ||
	    dc_table_init(&rib->names) || dc_table_init(&rib->sets) ||
	    dc_table_init(&rib->pools) || dc_rib_node(rib, self, &node)) {
		dc_rib_free(rib);
		return NULL;
	}
	dc_graph_release(&rib->graph, node);
	dc_spf_forget(&rib->spf, node);
	return rib;
}

static void free_names(struct dc_rib *rib)
{
	struct dc_entry *entry, *next;
	uint32_t i;

	for (i = 0; rib->names.bucket && i <= rib->names.mask; i++) {
		for (entry = rib->names.bucket[i]; entry; entry = next) {
			struct dc_rib_name *name =
				dc_entry_of(entry, struct dc_rib_name);

			next = entry->next;
			free(name->hold);
			dc_name_free(name);
		}
	}
	dc_table_free(&rib->names);
}

static void free_pools(struct dc_rib *rib)
{
	struct dc_entry *entry, *next;
	uint32_t i;

	for (i = 0; rib->pools.bucket && i <= rib->pools.mask; i++) {
		for (entry = rib->pools.bucket[i]; entry; entry = next) {
			next = entry->next;
			dc_pool_free(dc_entry_of(entry, struct dc_pool));
		}
	}
	dc_table_free(&rib->pools);
}

static void free_sets(struct dc_rib *rib)
{
	uint32_t i;

	for (i = 1; i < rib->numbers; i++)
		if (rib->set[i])
			dc_set_free(rib->set[i]);
	for (i = 0; i < rib->at_room; i++)
		free(rib->at[i].set);
	free(rib->set);
	free(rib->unused);
	free(rib->at);
	dc_table_free(&rib->sets);
}

void dc_rib_free(struct dc_rib *rib)
{
	if (!rib)
		return;
	free_names(rib);
	free_pools(rib);
	free_sets(rib);
	dc_spf_free(&rib->spf);
	dc_graph_free(&rib->graph);
	free(rib);
}

/* ---- the topology ------------------------------------------------------- */

/* Numbers of the peers of a node's links, each held: 0 or -ENOMEM. */
static int hold_peers(struct dc_rib *rib, const struct dc_link_lsa *lsa,
		      uint32_t *peer)
{
	uint32_t i;
	int err;

	for (i = 0; i < lsa->n && i < DC_LINKS_MAX; i++) {
		err = dc_rib_node(rib, &lsa->link[i].peer, &peer[i]);
		if (!err)
			continue;
		while (i--)
			dc_graph_release(&rib->graph, peer[i]);
		return err;
	}
	return 0;
}

int dc_rib_links(struct dc_rib *rib, const struct dc_node_id *node,
		 const struct dc_link_lsa *lsa)
{
	uint32_t peer[DC_LINKS_MAX], number;
	int err = dc_rib_node(rib, node, &number);

	if (err)
		return err;
	if (lsa)
		err = hold_peers(rib, lsa, peer);
	if (!err)
		err = dc_graph_set(&rib->graph, number, lsa, peer);
	if (err >= 0 && dc_spf_reserve(&rib->spf)) {
		dc_graph_set(&rib->graph, number, NULL, NULL);
		err = -ENOMEM;
	}
	dc_graph_release(&rib->graph, number);
	return err;
}

int dc_rib_adjacency(struct dc_rib *rib, uint32_t link, bool up)
{
	return dc_graph_usable(&rib->graph, link, up);
}

void dc_rib_compute(struct dc_rib *rib)
{
	dc_spf_compute(&rib->spf);
	dc_graph_settled(&rib->graph);
	dc_sets_update(rib);
	rib->spf.stale = 0;
	rib->spf.all = false;
	rib->spf.n_changed = 0;
}

/* ---- all again ---------------------------------------------------------- */

static void replay_sets(struct dc_rib *rib)
{
	struct dc_rib_name *name;
	uint32_t i;

	for (i = 1; i < rib->numbers; i++) {
		const struct dc_set *set = rib->set[i];

		if (!set || (set->state != DC_SET_UP &&
			     set->state != DC_SET_HOLD))
			continue;
		dc_emit_set(rib, set);
		for (name = set->names; name; name = name->next)
			dc_emit_route(rib, name);
	}
}

static void replay_members(struct dc_rib *rib)
{
	uint32_t i, k;

	for (i = 1; i < rib->numbers; i++) {
		const struct dc_set *set = rib->set[i];

		for (k = 0; set && k < set->n_members; k++) {
			const struct dc_pool *pool = set->member[k].pool;
			const struct dc_member *member =
				&pool->member[set->member[k].name->slot - 1];

			if (member->told != DC_NOT_TOLD)
				dc_emit_member(rib, pool, member);
		}
	}
}

void dc_rib_replay(struct dc_rib *rib)
{
	struct dc_name_hold *hold;

	replay_sets(rib);
	for (hold = rib->held_first; hold; hold = hold->next)
		if (hold->name->fib == DC_FIB_UNREACHABLE)
			dc_emit_route(rib, hold->name);
	replay_members(rib);
}

void dc_rib_counts(const struct dc_rib *rib, struct dc_rib_counts *counts)
{
	*counts = (struct dc_rib_counts){
		.computed = rib->spf.computed,
		.changes = rib->changes,
		.nodes = rib->graph.n_nodes,
		.links = rib->graph.links / 2,
		.names = rib->names.n,
		.sets = rib->sets.n,
	};
}
