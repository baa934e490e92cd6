// SPDX-License-Identifier: GPL-2.0
/*
 * Names: who has them, and which set of origins that makes.
 *
 * Of nodes that have a name as their own the one with the highest epoch comes
 * first, then the lowest id: the set is a list in this order, cut where this
 * node itself stands. Of nodes that have it as a pool's member all count. Where
 * there are both, the members do not.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rib_internal.h"

/* ---- the table ---------------------------------------------------------- */

struct dc_rib_name *dc_name_find(const struct dc_rib *rib, const uint8_t *wire,
				 uint8_t len)
{
	uint32_t hash = dc_table_hash(&rib->names, wire, len);
	struct dc_entry *entry = dc_table_first(&rib->names, hash);

	for (; entry; entry = entry->next) {
		struct dc_rib_name *name =
			dc_entry_of(entry, struct dc_rib_name);

		if (entry->hash == hash && name->len == len &&
		    !memcmp(name->wire, wire, len))
			return name;
	}
	return NULL;
}

struct dc_rib_name *dc_name_make(struct dc_rib *rib, const uint8_t *wire,
				 uint8_t len)
{
	struct dc_rib_name *name = dc_name_find(rib, wire, len);

	if (name)
		return name;
	name = calloc(1, offsetof(struct dc_rib_name, wire) + len);
	if (!name)
		return NULL;
	name->len = len;
	memcpy(name->wire, wire, len);
	dc_table_add(&rib->names, &name->entry,
		     dc_table_hash(&rib->names, wire, len));
	return name;
}

void dc_name_free(struct dc_rib_name *name)
{
	if (name->n > 1)
		free(name->many);
	free(name);
}

void dc_name_tidy(struct dc_rib *rib, struct dc_rib_name *name)
{
	if (name->n || name->hold)
		return;
	dc_table_del(&rib->names, &name->entry);
	dc_name_free(name);
}

bool dc_name_local(const struct dc_rib_name *name)
{
	return name->local || (name->set && name->set->state == DC_SET_LOCAL);
}

static uint32_t wanted(const struct dc_rib_name *name)
{
	if (dc_name_local(name))
		return DC_FIB_NONE;
	if (name->set && name->set->state != DC_SET_GONE)
		return name->set->number;
	return name->hold ? DC_FIB_UNREACHABLE : DC_FIB_NONE;
}

void dc_name_update(struct dc_rib *rib, struct dc_rib_name *name)
{
	uint32_t want = wanted(name);

	if (want == name->fib)
		return;
	name->fib = want;
	dc_emit_route(rib, name);
}

/* ---- candidates --------------------------------------------------------- */

const struct dc_cand *dc_name_cands(const struct dc_rib_name *name)
{
	return name->n > 1 ? name->many : &name->one;
}

static struct dc_cand *cands(struct dc_rib_name *name)
{
	return name->n > 1 ? name->many : &name->one;
}

bool dc_name_is_name(const struct dc_rib_name *name)
{
	return name->n && dc_name_cands(name)->right != DC_RIGHT_MEMBER;
}

static int id_cmp(const struct dc_node_id *a, const struct dc_node_id *b)
{
	uint8_t len = a->len < b->len ? a->len : b->len;

	return memcmp(a->byte, b->byte, len) ?: a->len - b->len;
}

/* Whether @a comes before @b. */
static bool before(const struct dc_rib *rib, const struct dc_cand *a,
		   const struct dc_cand *b)
{
	bool member = a->right == DC_RIGHT_MEMBER;

	if (member != (b->right == DC_RIGHT_MEMBER))
		return !member;
	if (member && !a->weight != !b->weight)
		return a->weight;
	if (!member && a->epoch != b->epoch)
		return a->epoch > b->epoch;
	return id_cmp(dc_graph_id(&rib->graph, a->node),
		      dc_graph_id(&rib->graph, b->node)) < 0;
}

static uint32_t cand_of(const struct dc_rib_name *name, uint32_t node)
{
	const struct dc_cand *cand = dc_name_cands(name);
	uint32_t i;

	for (i = 0; i < name->n; i++)
		if (cand[i].node == node)
			break;
	return i;
}

/* Room for one more; whoever has one has it in the name itself. */
static int widen(struct dc_rib_name *name)
{
	uint32_t n = name->n;
	struct dc_cand *many;

	if (!n)
		return 0;
	if (n > 1 && n & (n - 1))
		return 0;
	many = realloc(n > 1 ? name->many : NULL, 2ul * n * sizeof(*many));
	if (!many)
		return -ENOMEM;
	if (n == 1)
		many[0] = name->one;
	name->many = many;
	return 0;
}

static int cand_add(struct dc_rib *rib, struct dc_rib_name *name,
		    const struct dc_cand *cand)
{
	struct dc_cand *at;
	uint32_t i;

	if (widen(name))
		return -ENOMEM;
	i = name->n++;
	at = cands(name);
	for (; i && before(rib, cand, &at[i - 1]); i--)
		at[i] = at[i - 1];
	at[i] = *cand;
	return 0;
}

static void cand_del(struct dc_rib_name *name, uint32_t i)
{
	struct dc_cand *many = name->many, *at = cands(name);

	memmove(at + i, at + i + 1, (name->n - i - 1) * sizeof(*at));
	if (name->n-- != 2)
		return;
	name->one = many[0];
	free(many);
}

/* ---- from candidates to a set ------------------------------------------- */

static void key_put(struct dc_set_key *key, uint32_t node, uint32_t weight)
{
	key->origin[key->n++] = (struct dc_origin){ node, weight };
}

/* The list of those before this node; false if it is the first itself. */
static bool key_first(const struct dc_rib *rib, const struct dc_rib_name *name,
		      struct dc_set_key *key)
{
	const struct dc_cand *cand = dc_name_cands(name);
	uint32_t i;

	for (i = 0; i < name->n && key->n < DC_ORIGINS_MAX; i++) {
		if (cand[i].right == DC_RIGHT_MEMBER)
			break;
		if (cand[i].node == rib->graph.self) {
			key->self = true;
			break;
		}
		key_put(key, cand[i].node, 0);
	}
	return key->n;
}

static int by_node(const void *a, const void *b)
{
	const struct dc_origin *x = a, *y = b;

	return x->node < y->node ? -1 : x->node > y->node;
}

/* All of them; false if this node is among them. */
static bool key_nearest(const struct dc_rib *rib,
			const struct dc_rib_name *name, struct dc_set_key *key)
{
	const struct dc_cand *cand = dc_name_cands(name);
	uint32_t i;

	for (i = 0; i < name->n; i++) {
		if (cand[i].node == rib->graph.self)
			return false;
		if (key->n < DC_ORIGINS_MAX)
			key_put(key, cand[i].node, cand[i].weight);
	}
	if (key->n == 1) {
		key->origin[0].weight = 0;
		return true;
	}
	key->kind = DC_SET_NEAREST;
	qsort(key->origin, key->n, sizeof(key->origin[0]), by_node);
	return true;
}

/* The set that a name should be in: 0; -ENOMEM, as if there were none. */
static int choose(struct dc_rib *rib, struct dc_rib_name *name,
		  struct dc_set **set)
{
	struct dc_set_key key;
	bool other;

	*set = NULL;
	name->local = false;
	if (!name->n)
		return 0;
	memset(&key, 0, sizeof(key));
	other = dc_name_is_name(name) ? key_first(rib, name, &key) :
					key_nearest(rib, name, &key);
	name->local = !other;
	if (!other)
		return 0;
	*set = dc_set_get(rib, &key);
	return *set ? 0 : -ENOMEM;
}

static void move(struct dc_rib_name *name, struct dc_set *set)
{
	if (name->set == set)
		return;
	if (name->set)
		dc_set_unlink(name->set, name);
	if (set)
		dc_set_link(set, name);
}

/*
 * What is known of a name has changed. A route is there before the pool's
 * member is, and goes after it; a set that nothing leads to goes last.
 */
static int settle(struct dc_rib *rib, struct dc_rib_name *name)
{
	struct dc_set *old = name->set, *set;
	int err = choose(rib, name, &set);
	int pool_err;

	move(name, set);
	if (wanted(name) != DC_FIB_NONE)
		dc_name_update(rib, name);
	pool_err = dc_pool_follow(rib, name);
	if (name->named != dc_name_is_name(name)) {
		name->named = !name->named;
		dc_pool_refuse(rib, name);
	}
	dc_name_update(rib, name);
	if (old && old != set)
		dc_set_put(rib, old);
	return err ?: pool_err;
}

/* ---- what is told ------------------------------------------------------- */

static int forget(struct dc_rib *rib, const struct dc_node_id *id,
		  const struct damc_name *wire)
{
	struct dc_rib_name *name = dc_name_find(rib, wire->wire, wire->len);
	uint32_t node = dc_graph_find(&rib->graph, id), i;
	int err;

	if (!name || node == DC_NO_NODE)
		return 0;
	i = cand_of(name, node);
	if (i == name->n)
		return 0;
	cand_del(name, i);
	err = settle(rib, name);
	dc_name_tidy(rib, name);
	dc_graph_release(&rib->graph, node);
	return err;
}

/*
 * Put a candidate in, or in the place of what the node said before. It takes
 * over the hold on its node.
 */
static int put(struct dc_rib *rib, struct dc_rib_name *name,
	       const struct dc_cand *cand)
{
	uint32_t i = cand_of(name, cand->node);
	int err;

	if (i < name->n) {
		const struct dc_cand *old = dc_name_cands(name) + i;
		bool same = old->epoch == cand->epoch &&
			    old->right == cand->right &&
			    old->weight == cand->weight;

		dc_graph_release(&rib->graph, cand->node);
		if (same)
			return 0;
		cand_del(name, i);
	}
	err = cand_add(rib, name, cand);
	if (err)
		dc_graph_release(&rib->graph, cand->node);
	return settle(rib, name) ?: err;
}

static int learn(struct dc_rib *rib, const struct dc_node_id *id,
		 const struct dc_prefix *prefix)
{
	struct dc_cand cand = {
		.epoch = prefix->epoch,
		.weight = prefix->weight,
		.right = prefix->right,
	};
	struct dc_rib_name *name;
	int err;

	if (dc_rib_node(rib, id, &cand.node))
		return -ENOMEM;
	name = dc_name_make(rib, prefix->name.wire, prefix->name.len);
	if (!name) {
		dc_graph_release(&rib->graph, cand.node);
		return -ENOMEM;
	}
	err = put(rib, name, &cand);
	dc_name_tidy(rib, name);
	return err;
}

int dc_rib_prefix(struct dc_rib *rib, const struct dc_node_id *node,
		  const struct dc_prefix *prefix, bool present)
{
	if (present)
		return learn(rib, node, prefix);
	return forget(rib, node, &prefix->name);
}
