// SPDX-License-Identifier: GPL-2.0
/* The RIB for people: every name, every candidate, and why it is not used. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rib_internal.h"

static const char no_way[] = "there is no way to its node";
static const char lower_epoch[] = "another node's binding has a higher epoch";
static const char higher_id[] =
	"its epoch is another node's too, whose id is lower";
static const char farther[] = "another node that has the name is nearer";
static const char drained[] = "its weight is 0, and another node's is not";
static const char is_name[] =
	"it is a pool's instance, and another node has it as a name of its own";
static const char own_serves[] = "this node serves the name itself";
static const char single[] = "its name has one component: there is no pool";
static const char not_member[] = "no node has it as a pool's instance";
static const char refused[] = "a name of its own is called as the pool is";
static const char pool_full[] = "the pool has 256 instances before it";

/* ---- candidates --------------------------------------------------------- */

/* The one of a list that is used: the first with a way there, or this node. */
static const struct dc_cand *winner(const struct dc_rib *rib,
				    const struct dc_rib_name *name)
{
	const struct dc_cand *cand = dc_name_cands(name);
	uint32_t i;

	for (i = 0; i < name->n && i < DC_ORIGINS_MAX; i++)
		if (cand[i].node == rib->graph.self ||
		    rib->spf.mask[cand[i].node])
			return &cand[i];
	return NULL;
}

static const char *why_not_first(const struct dc_rib *rib,
				 const struct dc_rib_name *name,
				 const struct dc_cand *cand)
{
	const struct dc_cand *best = winner(rib, name);

	if (cand->right == DC_RIGHT_MEMBER)
		return is_name;
	if (cand->node != rib->graph.self && !rib->spf.mask[cand->node])
		return no_way;
	if (cand == best)
		return NULL;
	return best->epoch > cand->epoch ? lower_epoch : higher_id;
}

static const char *why_not_nearest(const struct dc_rib *rib,
				   const struct dc_rib_name *name,
				   const struct dc_cand *cand)
{
	if (cand->node == rib->graph.self)
		return NULL;
	if (!rib->spf.mask[cand->node])
		return no_way;
	if (name->local)
		return own_serves;
	if (name->set && dc_set_uses(rib, name->set, cand->node))
		return NULL;
	return cand->weight ? farther : drained;
}

static void show_candidate(const struct dc_rib *rib,
			   const struct dc_rib_name *name,
			   const struct dc_cand *cand,
			   struct dc_rib_candidate *out)
{
	const char *why = dc_name_is_name(name) ?
			  why_not_first(rib, name, cand) :
			  why_not_nearest(rib, name, cand);

	*out = (struct dc_rib_candidate){
		.node = *dc_graph_id(&rib->graph, cand->node),
		.used = !why,
		.why = why,
		.cost = rib->spf.dist[cand->node],
		.epoch = cand->epoch,
		.weight = cand->weight,
		.right = cand->right,
	};
	if (cand->node == rib->graph.self)
		out->cost = 0;
}

/* ---- names -------------------------------------------------------------- */

static void show_set(const struct dc_rib *rib, const struct dc_set *set,
		     struct dc_rib_entry *entry)
{
	entry->set = set->number;
	entry->n = dc_set_nexthops(rib, set, entry->nexthop);
	entry->held = set->state == DC_SET_HOLD;
	entry->unprotected = NULL;
	if (dc_backup_there(set->ways.backup.kind))
		entry->protects = dc_backup_words(set->ways.backup.kind);
	else
		entry->unprotected = dc_backup_words(set->ways.backup.kind);
	entry->backup = dc_bit_link(rib, set->ways.backup.bit);
}

static const char *why_no_member(const struct dc_pool *pool,
				 const struct dc_member *member)
{
	if (pool->refused)
		return refused;
	if (member->local)
		return NULL;
	if (member - pool->member >= DC_POOL_TOLD_MAX)
		return pool_full;
	return member->told == DC_NOT_TOLD ? no_way : NULL;
}

static void show_pool(const struct dc_rib *rib, const struct dc_rib_name *name,
		      struct dc_rib_entry *entry)
{
	const struct dc_member *member;
	const struct dc_pool *pool;

	if (!name->n || dc_name_is_name(name) || !name->slot) {
		entry->not_in_pool = name->n && !dc_name_is_name(name) ?
				     single : not_member;
		return;
	}
	pool = dc_pool_find(rib, name->wire, dc_pool_len(name));
	member = &pool->member[name->slot - 1];
	entry->not_in_pool = why_no_member(pool, member);
	entry->member = !entry->not_in_pool;
	if (entry->member)
		entry->pool_weight = member->local ? member->weight :
						     member->told;
}

static void show(const struct dc_rib *rib, const struct dc_rib_name *name,
		 struct dc_rib_entry *entry)
{
	const struct dc_cand *cand = dc_name_cands(name);
	uint32_t i;

	memset(entry, 0, sizeof(*entry));
	entry->name.len = name->len;
	memcpy(entry->name.wire, name->wire, name->len);
	entry->local = dc_name_local(name);
	entry->unprotected = dc_backup_words(entry->local ? DC_BACKUP_SELF :
							    DC_BACKUP_NO_WAY);
	if (name->fib == DC_FIB_UNREACHABLE)
		entry->held = true;
	else if (name->fib != DC_FIB_NONE)
		show_set(rib, name->set, entry);
	show_pool(rib, name, entry);
	for (i = 0; i < name->n && i < DC_ORIGINS_MAX; i++)
		show_candidate(rib, name, &cand[i], &entry->candidate[i]);
	entry->n_candidates = i;
}

static int by_wire(const void *a, const void *b)
{
	const struct dc_rib_name *const *x = a, *const *y = b;
	uint8_t len = (*x)->len < (*y)->len ? (*x)->len : (*y)->len;

	return memcmp((*x)->wire, (*y)->wire, len) ?: (*x)->len - (*y)->len;
}

/* All names in order, to be freed; NULL: ENOMEM. */
static struct dc_rib_name **sorted(const struct dc_rib *rib)
{
	struct dc_rib_name **all;
	struct dc_entry *entry;
	uint32_t n = 0, i;

	all = malloc((rib->names.n + 1ul) * sizeof(struct dc_rib_name *));
	if (!all)
		return NULL;
	for (i = 0; i <= rib->names.mask; i++)
		for (entry = rib->names.bucket[i]; entry; entry = entry->next)
			all[n++] = dc_entry_of(entry, struct dc_rib_name);
	qsort(all, n, sizeof(struct dc_rib_name *), by_wire);
	return all;
}

int dc_rib_each(const struct dc_rib *rib,
		int (*each)(const struct dc_rib_entry *entry, void *arg),
		void *arg)
{
	struct dc_rib_name **all = sorted(rib);
	struct dc_rib_entry entry;
	uint32_t n = rib->names.n, i;
	int err = 0;

	if (!all)
		return -ENOMEM;
	for (i = 0; i < n && !err; i++) {
		show(rib, all[i], &entry);
		err = each(&entry, arg);
	}
	free(all);
	return err;
}

static bool leads(const struct dc_rib_name *name)
{
	return name->fib != DC_FIB_NONE || dc_name_local(name);
}

int dc_rib_explain(const struct dc_rib *rib, const struct damc_name *name,
		   struct dc_rib_entry *entry)
{
	struct dc_rib_name *known =
		dc_name_find(rib, name->wire, name->len);
	uint8_t ends[DAMC_COMPONENTS_MAX + 1];
	uint8_t at = 0, n = 0;

	for (; at < name->len && n < DAMC_COMPONENTS_MAX;
	     at += 1 + name->wire[at])
		ends[n++] = at;
	while (!known && n--) {
		known = dc_name_find(rib, name->wire, ends[n]);
		if (known && !leads(known))
			known = NULL;
	}
	if (!known)
		return -ENOENT;
	show(rib, known, entry);
	return 0;
}

/* ---- nodes -------------------------------------------------------------- */

static void show_node(const struct dc_rib *rib, uint32_t i,
		      struct dc_spf_node *node)
{
	const struct dc_spf *spf = &rib->spf;

	*node = (struct dc_spf_node){
		.node = *dc_graph_id(&rib->graph, i),
		.cost = spf->dist[i],
		.backup = dc_bit_link(rib, spf->backup[i].bit),
	};
	node->n = dc_mask_nexthops(rib, spf->mask[i], NULL, node->nexthop);
	if (dc_backup_there(spf->backup[i].kind))
		node->protects = dc_backup_words(spf->backup[i].kind);
	else
		node->unprotected = dc_backup_words(spf->backup[i].kind);
}

int dc_spf_each(const struct dc_rib *rib,
		int (*each)(const struct dc_spf_node *node, void *arg),
		void *arg)
{
	struct dc_spf_node node;
	uint32_t i;
	int err = 0;

	for (i = 0; i < rib->graph.n && !err; i++) {
		if (!rib->graph.id[i])
			continue;
		show_node(rib, i, &node);
		err = each(&node, arg);
	}
	return err;
}
