// SPDX-License-Identifier: GPL-2.0
/* Sets of origins: found by content, known by number, followed by node. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rib_internal.h"

/* ---- nodes -------------------------------------------------------------- */

static int reserve_at(struct dc_rib *rib)
{
	uint32_t room = rib->graph.room;
	struct dc_node_sets *at;

	if (room == rib->at_room)
		return 0;
	at = realloc(rib->at, room * sizeof(*at));
	if (!at)
		return -ENOMEM;
	memset(at + rib->at_room, 0, (room - rib->at_room) * sizeof(*at));
	rib->at = at;
	rib->at_room = room;
	return 0;
}

int dc_rib_node(struct dc_rib *rib, const struct dc_node_id *id, uint32_t *node)
{
	bool fresh;

	*node = dc_graph_hold(&rib->graph, id, &fresh);
	if (*node == DC_NO_NODE)
		return -ENOMEM;
	if (dc_spf_reserve(&rib->spf) || reserve_at(rib)) {
		dc_graph_release(&rib->graph, *node);
		return -ENOMEM;
	}
	if (fresh)
		dc_spf_forget(&rib->spf, *node);
	return 0;
}

static int node_add(struct dc_rib *rib, uint32_t node, struct dc_set *set)
{
	struct dc_node_sets *at = &rib->at[node];
	uint32_t room = at->room ? at->room * 2 : 1;
	struct dc_set **more;

	if (at->n == at->room) {
		more = realloc(at->set, room * sizeof(struct dc_set *));
		if (!more)
			return -ENOMEM;
		at->set = more;
		at->room = room;
	}
	at->set[at->n++] = set;
	rib->graph.id[node]->refs++;
	return 0;
}

static void node_del(struct dc_rib *rib, uint32_t node, struct dc_set *set)
{
	struct dc_node_sets *at = &rib->at[node];
	uint32_t i;

	for (i = 0; at->set[i] != set; i++)
		;
	at->set[i] = at->set[--at->n];
	if (!at->n) {
		free(at->set);
		memset(at, 0, sizeof(*at));
	}
	dc_graph_release(&rib->graph, node);
}

/* ---- numbers ------------------------------------------------------------ */

static int grow_numbers(struct dc_rib *rib)
{
	uint32_t room = rib->numbers_room ? rib->numbers_room * 2 : 64;
	void *set, *unused;

	set = realloc(rib->set, room * sizeof(*rib->set));
	if (!set)
		return -ENOMEM;
	rib->set = set;
	unused = realloc(rib->unused, room * sizeof(*rib->unused));
	if (!unused)
		return -ENOMEM;
	rib->unused = unused;
	rib->numbers_room = room;
	if (!rib->numbers)
		rib->set[rib->numbers++] = NULL;	/* 0 is no set's */
	return 0;
}

static int take_number(struct dc_rib *rib, struct dc_set *set)
{
	if (rib->n_unused) {
		set->number = rib->unused[--rib->n_unused];
	} else {
		if (rib->numbers == rib->numbers_room && grow_numbers(rib))
			return -ENOMEM;
		set->number = rib->numbers++;
	}
	rib->set[set->number] = set;
	return 0;
}

static void give_number(struct dc_rib *rib, struct dc_set *set)
{
	rib->set[set->number] = NULL;
	rib->unused[rib->n_unused++] = set->number;
}

/* ---- sets --------------------------------------------------------------- */

static size_t key_len(const struct dc_set_key *key)
{
	return offsetof(struct dc_set_key, origin) +
	       key->n * sizeof(key->origin[0]);
}

static struct dc_set *find(const struct dc_rib *rib,
			   const struct dc_set_key *key, uint32_t hash)
{
	struct dc_entry *entry = dc_table_first(&rib->sets, hash);

	for (; entry; entry = entry->next) {
		struct dc_set *set = dc_entry_of(entry, struct dc_set);

		if (entry->hash == hash && set->n == key->n &&
		    set->kind == key->kind && set->self == key->self &&
		    !memcmp(set->origin, key->origin,
			    key->n * sizeof(key->origin[0])))
			return set;
	}
	return NULL;
}

void dc_set_free(struct dc_set *set)
{
	free(set->share);
	free(set->member);
	free(set);
}

static struct dc_set *alloc_set(const struct dc_set_key *key)
{
	size_t origins = key->n * sizeof(key->origin[0]);
	struct dc_set *set = calloc(1, sizeof(*set) + origins);

	if (!set)
		return NULL;
	set->kind = key->kind;
	set->self = key->self;
	set->n = key->n;
	memcpy(set->origin, key->origin, origins);
	if (key->kind != DC_SET_NEAREST)
		return set;
	set->share = calloc(DC_SPF_BITS, sizeof(*set->share));
	if (set->share)
		return set;
	free(set);
	return NULL;
}

static int add_origins(struct dc_rib *rib, struct dc_set *set)
{
	uint32_t i;

	for (i = 0; i < set->n; i++)
		if (node_add(rib, set->origin[i].node, set))
			break;
	if (i == set->n)
		return 0;
	while (i--)
		node_del(rib, set->origin[i].node, set);
	return -ENOMEM;
}

/* It begins without a hold: nothing of it was ever reachable. */
static void begin(struct dc_rib *rib, struct dc_set *set)
{
	dc_set_ways(rib, set, &set->ways, set->share);
	if (set->ways.mask) {
		set->state = DC_SET_UP;
		dc_emit_set(rib, set);
	} else {
		set->state = set->ways.local ? DC_SET_LOCAL : DC_SET_GONE;
	}
}

struct dc_set *dc_set_get(struct dc_rib *rib, const struct dc_set_key *key)
{
	uint32_t hash = dc_table_hash(&rib->sets, key, key_len(key));
	struct dc_set *set = find(rib, key, hash);

	if (set)
		return set;
	set = alloc_set(key);
	if (!set)
		return NULL;
	if (take_number(rib, set)) {
		dc_set_free(set);
		return NULL;
	}
	if (add_origins(rib, set)) {
		give_number(rib, set);
		dc_set_free(set);
		return NULL;
	}
	dc_table_add(&rib->sets, &set->entry, hash);
	begin(rib, set);
	return set;
}

static bool in_fib(const struct dc_set *set)
{
	return set->state == DC_SET_UP || set->state == DC_SET_HOLD;
}

void dc_set_put(struct dc_rib *rib, struct dc_set *set)
{
	uint32_t i;

	if (set->names)
		return;
	if (in_fib(set))
		dc_emit_set_del(rib, set);
	if (set->state == DC_SET_HOLD)
		dc_unhold_set(rib, set);
	dc_table_del(&rib->sets, &set->entry);
	for (i = 0; i < set->n; i++)
		node_del(rib, set->origin[i].node, set);
	give_number(rib, set);
	dc_set_free(set);
}

void dc_set_link(struct dc_set *set, struct dc_rib_name *name)
{
	name->set = set;
	name->prev = NULL;
	name->next = set->names;
	if (name->next)
		name->next->prev = name;
	set->names = name;
}

void dc_set_unlink(struct dc_set *set, struct dc_rib_name *name)
{
	if (name->prev)
		name->prev->next = name->next;
	else
		set->names = name->next;
	if (name->next)
		name->next->prev = name->prev;
	name->set = NULL;
}

/* ---- after Dijkstra ----------------------------------------------------- */

static bool differ(const struct dc_rib *rib, const struct dc_set *set,
		   const struct dc_ways *old, const uint32_t *share)
{
	const struct dc_ways *ways = &set->ways;
	uint32_t all = old->mask | ways->mask;

	if (old->mask != ways->mask || old->backup.bit != ways->backup.bit)
		return true;
	if (ways->backup.bit != DC_NO_BIT)
		all |= 1u << ways->backup.bit;
	if (all & rib->spf.stale)
		return true;
	return set->share &&
	       memcmp(set->share, share, DC_SPF_BITS * sizeof(*share));
}

static void update_names(struct dc_rib *rib, struct dc_set *set)
{
	struct dc_rib_name *name;

	for (name = set->names; name; name = name->next)
		dc_name_update(rib, name);
}

/* There is a way: told if it is another than before, names if they were off. */
static void came_up(struct dc_rib *rib, struct dc_set *set, bool differs)
{
	uint8_t was = set->state;

	set->state = DC_SET_UP;
	if (was == DC_SET_HOLD)
		dc_unhold_set(rib, set);
	if (was != DC_SET_UP || differs)
		dc_emit_set(rib, set);
	if (was == DC_SET_GONE || was == DC_SET_LOCAL)
		update_names(rib, set);
}

/* There is none: hold what was there; what this node serves goes later. */
static bool went_down(struct dc_rib *rib, struct dc_set *set)
{
	if (set->state != DC_SET_UP)
		return false;
	if (set->ways.local)
		return true;
	set->state = DC_SET_HOLD;
	dc_emit_set(rib, set);
	dc_hold_set(rib, set);
	return false;
}

/* Put on @local if its names have to go from the table when all else is done. */
static void update_set(struct dc_rib *rib, struct dc_set *set,
		       struct dc_set **local)
{
	struct dc_ways old = set->ways;
	uint32_t share[DC_SPF_BITS];
	bool differs, priced;

	if (set->share)
		memset(share, 0, sizeof(share));
	dc_set_ways(rib, set, &set->ways, share);
	differs = differ(rib, set, &old, share);
	priced = old.cost != set->ways.cost || old.weight != set->ways.weight;
	if (set->share)
		memcpy(set->share, share, sizeof(share));
	if (set->ways.mask) {
		came_up(rib, set, differs);
	} else if (went_down(rib, set)) {
		set->next = *local;
		*local = set;
	}
	if (differs || priced)
		dc_pool_touch(rib, set);
}

static void goes_local(struct dc_rib *rib, struct dc_set *set)
{
	set->state = DC_SET_LOCAL;
	update_names(rib, set);
	dc_emit_set_del(rib, set);
}

/* What is left to do when all sets have been looked at. */
static void finish(struct dc_rib *rib, struct dc_set *local)
{
	struct dc_set *set;

	for (set = local; set; set = set->next)
		set->state = DC_SET_GONE;
	dc_pools_update(rib);
	for (set = local; set; set = set->next)
		goes_local(rib, set);
}

/* Each set once that has one of the nodes that changed as an origin. */
static struct dc_set *update_some(struct dc_rib *rib)
{
	const struct dc_spf *spf = &rib->spf;
	struct dc_set *dirty = NULL, *local = NULL, *next;
	uint32_t i, k;

	for (i = 0; i < spf->n_changed; i++) {
		const struct dc_node_sets *at = &rib->at[spf->changed[i]];

		for (k = 0; k < at->n; k++) {
			if (at->set[k]->dirty)
				continue;
			at->set[k]->dirty = true;
			at->set[k]->next = dirty;
			dirty = at->set[k];
		}
	}
	for (; dirty; dirty = next) {
		next = dirty->next;
		dirty->dirty = false;
		update_set(rib, dirty, &local);
	}
	return local;
}

/* Sets lie anywhere: so many are on their way from memory. */
#define SETS_AHEAD 8

static struct dc_set *update_all(struct dc_rib *rib)
{
	struct dc_set *local = NULL;
	uint32_t i;

	for (i = 1; i < rib->numbers; i++) {
		if (i + SETS_AHEAD < rib->numbers)
			__builtin_prefetch(rib->set[i + SETS_AHEAD]);
		if (rib->set[i])
			update_set(rib, rib->set[i], &local);
	}
	return local;
}

void dc_sets_update(struct dc_rib *rib)
{
	finish(rib, rib->spf.all ? update_all(rib) : update_some(rib));
}
