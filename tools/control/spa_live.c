// SPDX-License-Identifier: GPL-2.0
/*
 * Live grants, found by name, by number, and by which ends first. A member's
 * grant is of its pool's name.
 */
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "due.h"
#include "spa_count.h"
#include "spa_live.h"

#define BUCKETS_MIN 1024

enum chain {
	BY_NAME,
	BY_NUMBER,
	CHAINS,
};

struct entry {
	struct dc_due due;
	struct entry *next[CHAINS];
	struct dc_spa_holding holding;
};

struct dc_spa_live {
	uint8_t secret[crypto_shorthash_KEYBYTES];
	struct entry **bucket[CHAINS];
	size_t buckets;
	uint32_t n;
	struct dc_dues ends;
	struct dc_spa_counts counts;
};

struct dc_spa_live *dc_spa_live_new(const uint8_t secret[16])
{
	struct dc_spa_live *live = calloc(1, sizeof(*live));

	if (live)
		memcpy(live->secret, secret, sizeof(live->secret));
	return live;
}

/* ---- the two tables ---------------------------------------------------- */

static size_t hash(const struct dc_spa_live *live, const void *bytes,
		   size_t len)
{
	uint64_t out;

	crypto_shorthash((uint8_t *)&out, bytes, len, live->secret);
	return out & (live->buckets - 1);
}

static struct entry **bucket_of(const struct dc_spa_live *live,
				enum chain chain,
				const struct dc_spa_holding *holding)
{
	size_t at;

	if (chain == BY_NAME)
		at = hash(live, holding->name.wire, holding->name.len);
	else
		at = hash(live, &holding->number, sizeof(holding->number));
	return &live->bucket[chain][at];
}

static void link_entry(struct dc_spa_live *live, struct entry *entry,
		       enum chain chain)
{
	struct entry **bucket = bucket_of(live, chain, &entry->holding);

	entry->next[chain] = *bucket;
	*bucket = entry;
}

static void unlink_entry(struct dc_spa_live *live, struct entry *entry,
			 enum chain chain)
{
	struct entry **at = bucket_of(live, chain, &entry->holding);

	while (*at != entry)
		at = &(*at)->next[chain];
	*at = entry->next[chain];
}

static int new_buckets(struct dc_spa_live *live, size_t buckets)
{
	struct entry **made[CHAINS];

	made[BY_NAME] = calloc(buckets, sizeof(*made[BY_NAME]));
	made[BY_NUMBER] = calloc(buckets, sizeof(*made[BY_NUMBER]));
	if (!made[BY_NAME] || !made[BY_NUMBER]) {
		free(made[BY_NAME]);
		free(made[BY_NUMBER]);
		return -ENOMEM;
	}
	free(live->bucket[BY_NAME]);
	free(live->bucket[BY_NUMBER]);
	memcpy(live->bucket, made, sizeof(made));
	live->buckets = buckets;
	return 0;
}

/* The heap of ends has every entry: what the chains are built from. */
static int grow(struct dc_spa_live *live)
{
	size_t buckets = live->buckets ? 2 * live->buckets : BUCKETS_MIN;
	struct entry *entry;
	size_t i;

	if (live->n < live->buckets)
		return 0;
	if (new_buckets(live, buckets))
		return -ENOMEM;
	for (i = 1; i <= live->ends.n; i++) {
		entry = (struct entry *)live->ends.heap[i];
		link_entry(live, entry, BY_NAME);
		link_entry(live, entry, BY_NUMBER);
	}
	return 0;
}

/* ---- what is counted --------------------------------------------------- */

enum counted {
	OF_RULE,
	OF_EACH,
};

static void count_key(const struct dc_spa_live *live, enum counted what,
		      const struct dc_spa_holding *holding,
		      struct dc_hash *key)
{
	crypto_generichash_state state;
	uint8_t kind = what;

	crypto_generichash_init(&state, live->secret, sizeof(live->secret),
				sizeof(key->byte));
	crypto_generichash_update(&state, &kind, 1);
	crypto_generichash_update(&state, (const uint8_t *)holding->label,
				  strlen(holding->label) + 1);
	if (what == OF_EACH)
		crypto_generichash_update(&state, holding->subject.byte,
					  sizeof(holding->subject.byte));
	crypto_generichash_final(&state, key->byte, sizeof(key->byte));
}

static uint32_t count_of(const struct dc_spa_live *live, enum counted what,
			 const struct dc_spa_holding *holding)
{
	struct dc_hash key;

	count_key(live, what, holding, &key);
	return dc_spa_count(&live->counts, &key);
}

static int count_up(struct dc_spa_live *live,
		    const struct dc_spa_holding *holding)
{
	struct dc_hash rule, each;

	count_key(live, OF_RULE, holding, &rule);
	count_key(live, OF_EACH, holding, &each);
	if (dc_spa_count_up(&live->counts, &rule))
		return -ENOMEM;
	if (!dc_spa_count_up(&live->counts, &each))
		return 0;
	dc_spa_count_down(&live->counts, &rule);
	return -ENOMEM;
}

static void count_down(struct dc_spa_live *live,
		       const struct dc_spa_holding *holding)
{
	struct dc_hash key;

	count_key(live, OF_RULE, holding, &key);
	dc_spa_count_down(&live->counts, &key);
	count_key(live, OF_EACH, holding, &key);
	dc_spa_count_down(&live->counts, &key);
}

/* ---- entries ----------------------------------------------------------- */

static void drop(struct dc_spa_live *live, struct entry *entry)
{
	unlink_entry(live, entry, BY_NAME);
	unlink_entry(live, entry, BY_NUMBER);
	dc_due_clear(&live->ends, &entry->due);
	if (!entry->holding.revoked)
		count_down(live, &entry->holding);
	live->n--;
	free(entry);
}

void dc_spa_live_free(struct dc_spa_live *live)
{
	size_t i;

	if (!live)
		return;
	for (i = 1; i <= live->ends.n; i++)
		free(live->ends.heap[i]);
	dc_dues_free(&live->ends);
	dc_spa_counts_free(&live->counts);
	free(live->bucket[BY_NAME]);
	free(live->bucket[BY_NUMBER]);
	free(live);
}

static bool same_subject(const struct dc_spa_holding *a,
			 const struct dc_spa_holding *b)
{
	return !memcmp(&a->subject, &b->subject, sizeof(a->subject));
}

static struct entry *find_same(const struct dc_spa_live *live,
			       const struct dc_spa_holding *wanted)
{
	struct entry *entry;

	if (!live->buckets)
		return NULL;
	entry = *bucket_of(live, BY_NAME, wanted);
	for (; entry; entry = entry->next[BY_NAME]) {
		if (entry->holding.rights == wanted->rights &&
		    same_subject(&entry->holding, wanted) &&
		    damc_name_equal(&entry->holding.name, &wanted->name))
			return entry;
	}
	return NULL;
}

const struct dc_spa_holding *
dc_spa_live_same(const struct dc_spa_live *live,
		 const struct dc_spa_holding *wanted)
{
	struct entry *entry = find_same(live, wanted);

	return entry ? &entry->holding : NULL;
}

static int enter(struct dc_spa_live *live, struct entry *entry)
{
	struct dc_spa_holding *holding = &entry->holding;

	if (dc_due_set(&live->ends, &entry->due, holding->until))
		return -ENOMEM;
	if (!holding->revoked && count_up(live, holding)) {
		dc_due_clear(&live->ends, &entry->due);
		return -ENOMEM;
	}
	return 0;
}

int dc_spa_live_add(struct dc_spa_live *live,
		    const struct dc_spa_holding *holding)
{
	struct entry *same = find_same(live, holding);
	struct entry *entry;

	if (!same && live->n >= DC_SPA_LIVE_MAX)
		return -ENOSPC;
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return -ENOMEM;
	entry->holding = *holding;
	if (grow(live) || enter(live, entry)) {
		free(entry);
		return -ENOMEM;
	}
	link_entry(live, entry, BY_NAME);
	link_entry(live, entry, BY_NUMBER);
	live->n++;
	if (same)
		drop(live, same);
	return 0;
}

bool dc_spa_live_revoke(struct dc_spa_live *live, uint64_t number)
{
	struct dc_spa_holding key = { .number = number };
	struct entry *entry;

	if (!live->buckets)
		return false;
	entry = *bucket_of(live, BY_NUMBER, &key);
	while (entry && entry->holding.number != number)
		entry = entry->next[BY_NUMBER];
	if (!entry || entry->holding.revoked)
		return false;
	count_down(live, &entry->holding);
	entry->holding.revoked = true;
	return true;
}

void dc_spa_live_expire(struct dc_spa_live *live, uint64_t now_ms)
{
	struct dc_due *first;

	while ((first = dc_due_first(&live->ends)) && first->at <= now_ms)
		drop(live, (struct entry *)first);
}

/* ---- who stands in the way --------------------------------------------- */

/* The name without its last component; false for the root. */
static bool to_parent(struct damc_name *name)
{
	size_t at = 0, last = 0;

	if (!name->len)
		return false;
	while (at < name->len) {
		last = at;
		at += 1 + name->wire[at];
	}
	name->len = last;
	return true;
}

/*
 * Whether what is held keeps @wanted, of the same name, from being had: members
 * of a pool are many, all else is one subject's; and a name is a pool or a
 * `name`, whosever both are.
 */
static bool excludes(const struct dc_spa_holding *held,
		     const struct dc_spa_holding *wanted)
{
	uint8_t both = held->rights | wanted->rights;

	if (held->revoked)
		return false;
	if (both & DC_RIGHT_NAME && both & DC_RIGHT_MEMBER)
		return true;
	return both != DC_RIGHT_MEMBER && !same_subject(held, wanted);
}

static const struct dc_spa_holding *
at_name(const struct dc_spa_live *live, const struct dc_spa_holding *wanted)
{
	const struct entry *entry = *bucket_of(live, BY_NAME, wanted);

	for (; entry; entry = entry->next[BY_NAME]) {
		if (damc_name_equal(&entry->holding.name, &wanted->name) &&
		    excludes(&entry->holding, wanted))
			return &entry->holding;
	}
	return NULL;
}

/* One of another subject that has all below @name. */
static const struct dc_spa_holding *above(const struct dc_spa_live *live,
					  const struct dc_spa_holding *wanted,
					  const struct damc_name *name)
{
	struct dc_spa_holding key = { .name = *name };
	const struct entry *entry = *bucket_of(live, BY_NAME, &key);

	for (; entry; entry = entry->next[BY_NAME]) {
		if (entry->holding.rights & (DC_RIGHT_NAME | DC_RIGHT_TREE) &&
		    !entry->holding.revoked &&
		    !same_subject(&entry->holding, wanted) &&
		    damc_name_equal(&entry->holding.name, name))
			return &entry->holding;
	}
	return NULL;
}

const struct dc_spa_holding *
dc_spa_live_conflict(const struct dc_spa_live *live,
		     const struct dc_spa_holding *wanted)
{
	const struct dc_spa_holding *found;
	struct damc_name name = wanted->name;

	if (!live->buckets)
		return NULL;
	found = at_name(live, wanted);
	while (!found && to_parent(&name))
		found = above(live, wanted, &name);
	return found;
}

void dc_spa_live_count(const struct dc_spa_live *live,
		       const struct dc_spa_holding *wanted,
		       struct dc_spa_live_counts *counts)
{
	counts->all = live->n;
	counts->rule = count_of(live, OF_RULE, wanted);
	counts->each = count_of(live, OF_EACH, wanted);
}
