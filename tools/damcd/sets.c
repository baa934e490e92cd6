// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "array.h"
#include "sets.h"

#define BUCKETS 1024

/* Sets in one request: well below what one may hold. */
#define BATCH 32

/* Numbers above are not given out anew before those below were. */
#define OFFSET_MAX 0x7fffffffu

/**
 * struct set - one
 * @lacking: the kernel had no room for it as it is
 */
struct set {
	LIST_ENTRY(set) chain;
	LIST_ENTRY(set) dirty;
	struct dc_fib_change is;
	bool is_dirty;
	bool dropped;
	bool lacking;
};

/**
 * struct neighbour - one
 * @id: the kernel's number, 0: it has none
 * @lacking: the kernel had no room for it
 * @where, @config: of one that is lacking: what it is to be
 */
struct neighbour {
	LIST_ENTRY(neighbour) chain;
	uint32_t link;
	uint32_t id;
	bool lacking;
	struct damc_neigh where;
	struct damc_neigh_config config;
};

LIST_HEAD(set_list, set);

struct sets {
	struct daemon *daemon;
	struct damc_ctl *ctl;
	uint32_t offset;
	uint32_t highest;
	uint32_t lowest;
	struct set_list set[BUCKETS];
	struct set_list dirty;
	LIST_HEAD(, neighbour) neighbour[BUCKETS];
	/* Of an earlier process: numbers. */
	void *stale;
	size_t n_stale;
	struct sets_counts counts;
	/* Too large for a stack, and in use during one call only. */
	struct damc_set batch[BATCH];
	struct set *batched[BATCH];
};

/* ---- start and end ----------------------------------------------------- */

static int adopt(const struct damc_set *set, void *arg)
{
	struct sets *sets = arg;

	if (set->id > sets->highest)
		sets->highest = set->id;
	if (set->id < sets->lowest)
		sets->lowest = set->id;
	if (set->protocol != DAMC_ROUTE_PROTOCOL_DAMCD)
		return 0;
	return array_append(&sets->stale, &sets->n_stale, &set->id,
			    sizeof(set->id));
}

struct sets *sets_new(struct daemon *daemon, struct damc_ctl *ctl)
{
	struct sets *sets = calloc(1, sizeof(*sets));
	int err;

	if (!sets)
		return NULL;
	sets->daemon = daemon;
	sets->ctl = ctl;
	sets->lowest = UINT32_MAX;
	err = damc_set_dump(ctl, adopt, sets);
	if (err) {
		sets_free(sets);
		errno = -err;
		return NULL;
	}
	if (sets->highest <= OFFSET_MAX || sets->lowest <= OFFSET_MAX)
		sets->offset = sets->highest;
	return sets;
}

void sets_free(struct sets *sets)
{
	struct neighbour *neighbour;
	struct set *set;
	int i;

	if (!sets)
		return;
	for (i = 0; i < BUCKETS; i++) {
		while ((set = LIST_FIRST(&sets->set[i]))) {
			LIST_REMOVE(set, chain);
			free(set);
		}
		while ((neighbour = LIST_FIRST(&sets->neighbour[i]))) {
			LIST_REMOVE(neighbour, chain);
			sodium_memzero(&neighbour->config,
				       sizeof(neighbour->config));
			free(neighbour);
		}
	}
	free(sets->stale);
	free(sets);
}

static struct set *find_set(const struct sets *sets, uint32_t id)
{
	struct set *set;

	LIST_FOREACH(set, &sets->set[id % BUCKETS], chain)
		if (set->is.set == id)
			return set;
	return NULL;
}

static void mark(struct sets *sets, struct set *set)
{
	if (set->is_dirty)
		return;
	set->is_dirty = true;
	LIST_INSERT_HEAD(&sets->dirty, set, dirty);
}

static void set_lacking(struct sets *sets, struct set *set, bool lacking)
{
	sets->counts.lacking += lacking - set->lacking;
	set->lacking = lacking;
}

uint32_t sets_id(const struct sets *sets, uint32_t set)
{
	return sets->offset + set;
}

/* ---- neighbours -------------------------------------------------------- */

static struct neighbour *find_neighbour(const struct sets *sets, uint32_t link)
{
	struct neighbour *neighbour;

	LIST_FOREACH(neighbour, &sets->neighbour[link % BUCKETS], chain)
		if (neighbour->link == link)
			return neighbour;
	return NULL;
}

static struct neighbour *neighbour_of(struct sets *sets, uint32_t link)
{
	struct neighbour *neighbour = find_neighbour(sets, link);

	if (neighbour)
		return neighbour;
	neighbour = calloc(1, sizeof(*neighbour));
	if (!neighbour)
		return NULL;
	neighbour->link = link;
	LIST_INSERT_HEAD(&sets->neighbour[link % BUCKETS], neighbour, chain);
	return neighbour;
}

static bool leads_by(const struct set *set, uint32_t link)
{
	uint32_t i;

	for (i = 0; i < set->is.n; i++)
		if (set->is.nexthop[i].link == link)
			return true;
	return set->is.backup == link;
}

/* Its neighbour in the kernel is another: sets with it are to be written anew. */
static void mark_by(struct sets *sets, uint32_t link)
{
	struct set *set;
	int i;

	for (i = 0; i < BUCKETS; i++)
		LIST_FOREACH(set, &sets->set[i], chain)
			if (leads_by(set, link))
				mark(sets, set);
}

int sets_make_neighbour(const struct daemon *daemon, struct damc_ctl *ctl,
			const struct damc_neigh *where, uint32_t *id)
{
	struct damc_neigh is;
	int err;

	err = damc_neigh_create(ctl, where, id);
	if (!err)
		return 0;
	if (err == -EEXIST && !damc_neigh_get(ctl, where, &is)) {
		*id = is.id;
		return 0;
	}
	*id = 0;
	log_event(&daemon->log, LOG_ERROR, "neighbour-refused",
		  "ifindex=%u error=\"%s\" reason=\"%s\"", where->ifindex,
		  strerror(-err), damc_ctl_error(ctl));
	return err;
}

/* One that is taken down is passed over at once: backups take its place. */
static int configure(struct sets *sets, uint32_t id,
		     const struct damc_neigh_config *config)
{
	struct damc_neigh key = { .id = id };
	int err = damc_neigh_set(sets->ctl, &key, config);

	/* That of an interface that is gone is gone as well. */
	if (err && config->admin == DAMC_NEIGH_ADMIN_UP)
		log_event(&sets->daemon->log, LOG_ERROR, "neighbour-refused",
			  "neigh=%u error=\"%s\" reason=\"%s\"", id,
			  strerror(-err), damc_ctl_error(sets->ctl));
	return err;
}

/* The key of its session may come after the kernel had no room for it. */
static void remember(struct neighbour *neighbour,
		     const struct damc_neigh *where,
		     const struct damc_neigh_config *config)
{
	if (config->has & DAMC_NEIGH_HAS_ADMIN) {
		neighbour->where = *where;
		neighbour->config = *config;
	} else if (neighbour->lacking) {
		neighbour->config.has |= config->has;
		memcpy(neighbour->config.control_key, config->control_key,
		       sizeof(config->control_key));
	}
}

static void neighbour_lacking(struct sets *sets, struct neighbour *neighbour,
			      bool lacking)
{
	sets->counts.lacking += lacking - neighbour->lacking;
	neighbour->lacking = lacking;
	if (!lacking)
		sodium_memzero(&neighbour->config, sizeof(neighbour->config));
}

static void apply(struct sets *sets, struct neighbour *neighbour,
		  const struct damc_neigh *where,
		  const struct damc_neigh_config *config)
{
	uint32_t id = neighbour->id;
	int err = 0;

	if (config->admin == DAMC_NEIGH_ADMIN_UP)
		err = sets_make_neighbour(sets->daemon, sets->ctl, where, &id);
	if (id)
		err = configure(sets, id, config);
	if (config->has & DAMC_NEIGH_HAS_ADMIN)
		neighbour_lacking(sets, neighbour,
				  config->admin == DAMC_NEIGH_ADMIN_UP &&
				  sets_no_room(err));
	if (id == neighbour->id)
		return;
	neighbour->id = id;
	mark_by(sets, neighbour->link);
}

void sets_neighbour(struct sets *sets, uint32_t link,
		    const struct damc_neigh *where,
		    const struct damc_neigh_config *config)
{
	struct neighbour *neighbour = neighbour_of(sets, link);

	if (!neighbour)
		return;
	remember(neighbour, where, config);
	apply(sets, neighbour, where, config);
}

static void retry_neighbours(struct sets *sets)
{
	struct neighbour *neighbour;
	struct damc_neigh_config config;
	int i;

	for (i = 0; i < BUCKETS; i++)
		LIST_FOREACH(neighbour, &sets->neighbour[i], chain) {
			if (!neighbour->lacking)
				continue;
			config = neighbour->config;
			apply(sets, neighbour, &neighbour->where, &config);
		}
	sodium_memzero(&config, sizeof(config));
}

uint32_t sets_link_of(const struct sets *sets, uint32_t id)
{
	const struct neighbour *neighbour;
	int i;

	for (i = 0; i < BUCKETS; i++)
		LIST_FOREACH(neighbour, &sets->neighbour[i], chain)
			if (neighbour->id == id)
				return neighbour->link;
	return 0;
}

/* ---- changes ----------------------------------------------------------- */

int sets_change(struct sets *sets, const struct dc_fib_change *change)
{
	struct set *set = find_set(sets, change->set);

	if (!set && change->op == DC_FIB_SET_DEL)
		return 0;
	if (!set) {
		set = calloc(1, sizeof(*set));
		if (!set)
			return -ENOMEM;
		LIST_INSERT_HEAD(&sets->set[change->set % BUCKETS], set, chain);
	}
	set->dropped = change->op == DC_FIB_SET_DEL;
	if (!set->dropped)
		set->is = *change;
	mark(sets, set);
	return 0;
}

static bool fill_hop(const struct sets *sets, uint32_t link, uint32_t weight,
		     struct damc_nexthop *hop)
{
	const struct neighbour *neighbour = find_neighbour(sets, link);

	*hop = (struct damc_nexthop){ .weight = weight };
	if (!neighbour || !neighbour->id)
		return false;
	hop->neigh_id = neighbour->id;
	return true;
}

static void fill(const struct sets *sets, const struct set *set,
		 struct damc_set *to)
{
	uint32_t i;

	memset(to, 0, sizeof(*to));
	to->id = sets_id(sets, set->is.set);
	to->protocol = DAMC_ROUTE_PROTOCOL_DAMCD;
	for (i = 0; i < set->is.n; i++)
		to->n_nexthops += fill_hop(sets, set->is.nexthop[i].link,
					   set->is.nexthop[i].weight ?: 1,
					   &to->nexthops[to->n_nexthops]);
	to->has_backup = set->is.backup &&
			 fill_hop(sets, set->is.backup, 0, &to->backup);
}

static unsigned int tell_singly(struct sets *sets, unsigned int n)
{
	unsigned int i, refused = 0;
	int err;

	for (i = 0; i < n; i++) {
		err = damc_set_replace(sets->ctl, &sets->batch[i]);
		set_lacking(sets, sets->batched[i], sets_no_room(err));
		if (!err)
			continue;
		refused++;
		log_event(&sets->daemon->log, LOG_WARNING, "set-refused",
			  "id=%u error=\"%s\" reason=\"%s\"",
			  sets->batch[i].id, strerror(-err),
			  damc_ctl_error(sets->ctl));
	}
	return refused;
}

static unsigned int tell(struct sets *sets, unsigned int n)
{
	unsigned int i;

	if (!n)
		return 0;
	if (damc_set_replace_all(sets->ctl, sets->batch, n))
		return tell_singly(sets, n);
	for (i = 0; i < n; i++)
		set_lacking(sets, sets->batched[i], false);
	return 0;
}

unsigned int sets_flush(struct sets *sets)
{
	unsigned int n = 0, refused = 0;
	struct set *set, *next;

	for (set = LIST_FIRST(&sets->dirty); set; set = next) {
		next = LIST_NEXT(set, dirty);
		if (set->dropped)
			continue;
		LIST_REMOVE(set, dirty);
		set->is_dirty = false;
		fill(sets, set, &sets->batch[n]);
		sets->batched[n] = set;
		if (++n == BATCH) {
			refused += tell(sets, n);
			n = 0;
		}
	}
	return refused + tell(sets, n);
}

void sets_drop(struct sets *sets)
{
	struct set *set;
	int err;

	/* What is left is dropped. */
	while ((set = LIST_FIRST(&sets->dirty))) {
		err = damc_set_del(sets->ctl, sets_id(sets, set->is.set));
		sets->counts.removed += !err;
		if (err && err != -ESRCH)
			log_event(&sets->daemon->log, LOG_WARNING,
				  "set-refused", "id=%u error=\"%s\"",
				  sets_id(sets, set->is.set), strerror(-err));
		set_lacking(sets, set, false);
		LIST_REMOVE(set, dirty);
		LIST_REMOVE(set, chain);
		free(set);
	}
}

static void mark_if(struct sets *sets, bool all)
{
	struct set *set;
	int i;

	for (i = 0; i < BUCKETS; i++)
		LIST_FOREACH(set, &sets->set[i], chain)
			if (all || set->lacking)
				mark(sets, set);
}

void sets_retry(struct sets *sets)
{
	if (!sets->counts.lacking)
		return;
	retry_neighbours(sets);
	mark_if(sets, false);
}

void sets_counts(const struct sets *sets, struct sets_counts *counts)
{
	*counts = sets->counts;
}

unsigned int sets_sweep(struct sets *sets)
{
	const uint32_t *stale = sets->stale;
	unsigned int n = 0;
	size_t i;

	for (i = 0; i < sets->n_stale; i++)
		n += !damc_set_del(sets->ctl, stale[i]);
	sets->n_stale = 0;
	sets->counts.removed += n;
	return n;
}

void sets_lost(struct sets *sets)
{
	mark_if(sets, true);
}
