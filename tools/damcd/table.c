// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "namemap.h"
#include "sets.h"
#include "table.h"
#include "table_pools.h"

/* Refusals of one flush that the log tells of; the rest is counted. */
#define TELL_MAX 10

/**
 * struct entry - a name's route
 * @set: where it is to lead
 * @wanted: it is to be in the kernel; @unreachable: without leading anywhere
 * @there: it is, as far as we know
 * @stale: an earlier process put it in, and nobody has confirmed it
 * @dirty: the kernel is to be told; then it is in @next's list
 */
struct entry {
	struct namemap_node node;
	struct entry *next;
	uint32_t set;
	bool wanted;
	bool unreachable;
	bool there;
	bool stale;
	bool dirty;
};

struct table {
	struct daemon *daemon;
	struct damc_ctl *ctl;
	struct sets *sets;
	struct table_pools *pools;
	struct namemap names;
	struct entry *dirty;
	uint32_t n_dirty;
	bool held;
	/* Refusals of this flush that were logged. */
	unsigned int told;
	/* There was no room for some route. */
	bool lacking;
	uint32_t retry_s;
	/* Routes that were taken out, ever; of all, those that retry_s knows of. */
	uint64_t removed;
	uint64_t known_removed;
	struct table_counts counts;
};

static void mark(struct table *table, struct entry *entry)
{
	if (entry->dirty)
		return;
	entry->dirty = true;
	entry->next = table->dirty;
	table->dirty = entry;
	table->n_dirty++;
}

static struct entry *entry_of(struct table *table, const struct damc_name *name)
{
	struct entry *entry = (void *)namemap_find(&table->names, name);

	if (entry)
		return entry;
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return NULL;
	entry->node.name = *name;
	namemap_add(&table->names, &entry->node);
	return entry;
}

/* ---- what an earlier process left -------------------------------------- */

static int adopt(const struct damc_route *route, void *arg)
{
	struct table *table = arg;
	struct entry *entry;

	if (route->protocol != DAMC_ROUTE_PROTOCOL_DAMCD ||
	    route->type == DAMC_ROUTE_TYPE_POOL)
		return 0;
	entry = entry_of(table, &route->name);
	if (!entry)
		return -ENOMEM;
	entry->there = true;
	entry->stale = true;
	table->counts.unconfirmed++;
	return 0;
}

struct table *table_new(struct daemon *daemon, struct damc_ctl *ctl)
{
	struct table *table = calloc(1, sizeof(*table));
	int err = -ENOMEM;

	if (!table)
		return NULL;
	table->daemon = daemon;
	table->ctl = ctl;
	table->sets = sets_new(daemon, ctl);
	table->pools = table_pools_new(daemon, ctl);
	if (table->sets && table->pools && !namemap_init(&table->names))
		err = damc_route_dump(ctl, adopt, table);
	if (!err)
		return table;
	table_free(table);
	errno = -err;
	return NULL;
}

static void free_entry(struct namemap_node *node, void *arg)
{
	(void)arg;
	free(node);
}

void table_free(struct table *table)
{
	if (!table)
		return;
	if (table->names.bucket)
		namemap_each(&table->names, free_entry, NULL);
	namemap_free(&table->names);
	table_pools_free(table->pools);
	sets_free(table->sets);
	free(table);
}

/* ---- what there is no room for ----------------------------------------- */

/* What it is, and in how long it is worth another try. */
static void look_for_room(struct table *table)
{
	struct sets_counts sets;
	uint64_t removed;

	sets_counts(table->sets, &sets);
	table->counts.full = table->lacking || sets.lacking;
	table->counts.lacking = sets.lacking +
				table_pools_lacking(table->pools);
	removed = table->removed + sets.removed +
		  table_pools_removed(table->pools);
	if (!table->counts.full && !table->counts.lacking)
		table->retry_s = 0;
	else if (!table->retry_s || removed != table->known_removed)
		table->retry_s = TABLE_RETRY_MIN_S;
	table->known_removed = removed;
}

/* ---- what is wanted ---------------------------------------------------- */

void table_neighbour(struct table *table, uint32_t link,
		     const struct damc_neigh *where,
		     const struct damc_neigh_config *config)
{
	sets_neighbour(table->sets, link, where, config);
	look_for_room(table);
}

uint32_t table_link_of(const struct table *table, uint32_t id)
{
	return sets_link_of(table->sets, id);
}

static void confirm(struct table *table, struct entry *entry)
{
	table->counts.unconfirmed -= entry->stale;
	entry->stale = false;
}

static void route(struct table *table, const struct dc_fib_change *change)
{
	struct entry *entry = entry_of(table, &change->name);

	if (!entry) {
		table->counts.refused++;
		return;
	}
	confirm(table, entry);
	entry->wanted = true;
	entry->set = change->set;
	entry->unreachable = change->unreachable;
	mark(table, entry);
}

static void route_del(struct table *table, const struct dc_fib_change *change)
{
	struct entry *entry = (void *)namemap_find(&table->names, &change->name);

	if (!entry)
		return;
	confirm(table, entry);
	entry->wanted = false;
	mark(table, entry);
}

void table_change(struct table *table, const struct dc_fib_change *change)
{
	table->counts.changes++;
	switch (change->op) {
	case DC_FIB_SET:
	case DC_FIB_SET_DEL:
		if (sets_change(table->sets, change))
			table->counts.refused++;
		return;
	case DC_FIB_ROUTE:
		route(table, change);
		return;
	case DC_FIB_ROUTE_DEL:
		route_del(table, change);
		return;
	case DC_FIB_MEMBER:
	case DC_FIB_MEMBER_DEL:
		if (table_pools_change(table->pools, change))
			table->counts.refused++;
		return;
	}
}

/* ---- into the kernel --------------------------------------------------- */

static void fill(const struct table *table, const struct entry *entry,
		 struct damc_route *to)
{
	memset(to, 0, sizeof(*to));
	to->name = entry->node.name;
	to->protocol = DAMC_ROUTE_PROTOCOL_DAMCD;
	to->type = DAMC_ROUTE_TYPE_UNREACHABLE;
	if (!entry->wanted || entry->unreachable)
		return;
	to->type = DAMC_ROUTE_TYPE_UNICAST;
	to->set = sets_id(table->sets, entry->set);
}

/* Alone, to know what becomes of it. */
static int tell_one(struct table *table, struct entry *entry)
{
	char name[DAMC_NAME_TEXT_MAX];
	struct damc_route to;
	int err;

	fill(table, entry, &to);
	if (entry->wanted)
		err = damc_route_replace(table->ctl, &to);
	else
		err = damc_route_del(table->ctl, &to.name);
	if (!err || (!entry->wanted && err == -ESRCH)) {
		table->removed += !entry->wanted && !err;
		entry->there = entry->wanted;
		return 0;
	}
	entry->there = false;
	/* Bound here: the binding counts, and table_unbound() follows it. */
	if (err == -EBUSY)
		return 0;
	if (sets_no_room(err))
		table->lacking = true;
	if (table->told++ >= TELL_MAX)
		return err;
	damc_name_format(&to.name, name, sizeof(name));
	log_event(&table->daemon->log, LOG_WARNING, "route-refused",
		  "name=%s error=\"%s\" reason=\"%s\"", name, strerror(-err),
		  damc_ctl_error(table->ctl));
	return err;
}

/* Many of one kind: those that a refusal took with it are told one by one. */
static unsigned int tell_singly(struct table *table, struct entry **list,
				unsigned long from, unsigned long to)
{
	unsigned int refused = 0;

	for (; from < to; from++)
		refused += tell_one(table, list[from]) != 0;
	return refused;
}

static unsigned int tell_batch(struct table *table, struct entry **list,
			       unsigned long n, enum damc_route_verb verb)
{
	struct damc_route_batch *batch = damc_route_batch_open(table->ctl, verb);
	struct damc_route to;
	unsigned long i, done;
	int err = 0;

	if (!batch)
		return tell_singly(table, list, 0, n);
	for (i = 0; !err && i < n; i++) {
		fill(table, list[i], &to);
		err = damc_route_batch_add(batch, &to);
	}
	if (!err)
		err = damc_route_batch_flush(batch);
	done = damc_route_batch_done(batch);
	damc_route_batch_close(batch);
	for (n = 0; n < done; n++)
		list[n]->there = list[n]->wanted;
	if (verb == DAMC_ROUTE_VERB_DEL)
		table->removed += done;
	if (!err)
		return 0;
	/* What is behind the one to blame goes on as a batch. */
	return tell_singly(table, list, done, i);
}

static unsigned int tell_kind(struct table *table, struct entry **list,
			      unsigned long n, enum damc_route_verb verb)
{
	unsigned int refused = 0;
	unsigned long at = 0, step;

	/* A refusal costs this much singly, and no more. */
	for (; at < n; at += step) {
		step = n - at < TABLE_BATCH ? n - at : TABLE_BATCH;
		refused += tell_batch(table, list + at, step, verb);
	}
	return refused;
}

static void forget(struct table *table, struct entry *entry)
{
	confirm(table, entry);
	namemap_remove(&table->names, &entry->node);
	free(entry);
}

/* Put those to write first and those to delete last; the number of the first. */
static unsigned long sort(struct table *table, struct entry **list)
{
	unsigned long first = 0, last = table->n_dirty;
	struct entry *entry;

	for (entry = table->dirty; entry; entry = entry->next) {
		entry->dirty = false;
		if (entry->wanted)
			list[first++] = entry;
		else
			list[--last] = entry;
	}
	return first;
}

static unsigned int tell_dirty(struct table *table)
{
	struct entry **list = calloc(table->n_dirty + 1, sizeof(*list));
	unsigned int refused, n = table->n_dirty, i;
	unsigned long writes;

	if (!list)
		return n;
	writes = sort(table, list);
	table->dirty = NULL;
	table->n_dirty = 0;
	refused = tell_kind(table, list, writes, DAMC_ROUTE_VERB_REPLACE);
	refused += tell_kind(table, list + writes, n - writes,
			     DAMC_ROUTE_VERB_DEL);
	for (i = writes; i < n; i++)
		forget(table, list[i]);
	free(list);
	return refused;
}

uint32_t table_retry_s(const struct table *table)
{
	return table->retry_s;
}

unsigned int table_flush(struct table *table)
{
	uint64_t from = clock_us();
	unsigned int refused;

	if (table->held)
		return 0;
	table->told = 0;
	refused = sets_flush(table->sets);
	refused += tell_dirty(table);
	refused += table_pools_flush(table->pools);
	sets_drop(table->sets);
	look_for_room(table);
	table->counts.refused += refused;
	table->counts.flushes++;
	table->counts.flush_us = clock_us() - from;
	return refused;
}

void table_hold(struct table *table, bool hold)
{
	table->held = hold;
	if (!hold)
		table_flush(table);
}

bool table_is_held(const struct table *table)
{
	return table->held;
}

/* ---- confirmation ------------------------------------------------------ */

static void sweep_one(struct namemap_node *node, void *arg)
{
	struct entry *entry = (void *)node;

	if (entry->stale)
		mark(arg, entry);
}

unsigned int table_sweep(struct table *table)
{
	unsigned int n = table->counts.unconfirmed;

	namemap_each(&table->names, sweep_one, table);
	n += table_pools_sweep(table->pools);
	if (n)
		table_flush(table);
	return n + sets_sweep(table->sets);
}

static void retry_one(struct namemap_node *node, void *arg)
{
	struct entry *entry = (void *)node;

	if (entry->wanted && !entry->there)
		mark(arg, entry);
}

void table_retry(struct table *table)
{
	uint32_t next = 2 * table->retry_s;

	if (next <= TABLE_RETRY_MAX_S)
		table->retry_s = next;
	table->lacking = false;
	sets_retry(table->sets);
	table_pools_retry(table->pools);
	namemap_each(&table->names, retry_one, table);
	table_flush(table);
}

void table_bound(struct table *table, const struct damc_name *name)
{
	struct entry *entry = (void *)namemap_find(&table->names, name);

	if (entry)
		entry->there = false;
}

void table_unbound(struct table *table, const struct damc_name *name)
{
	struct entry *entry = (void *)namemap_find(&table->names, name);

	if (!entry || !entry->wanted || entry->there)
		return;
	mark(table, entry);
	table_flush(table);
}

static void lose_one(struct namemap_node *node, void *arg)
{
	struct entry *entry = (void *)node;

	entry->there = false;
	if (entry->wanted)
		mark(arg, entry);
}

void table_lost(struct table *table)
{
	namemap_each(&table->names, lose_one, table);
	table_pools_lost(table->pools);
	sets_lost(table->sets);
	table_flush(table);
}

void table_counts(const struct table *table, struct table_counts *counts)
{
	*counts = table->counts;
	counts->routes = table->names.n;
	counts->pools = table_pools_count(table->pools);
}
