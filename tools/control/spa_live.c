// SPDX-License-Identifier: GPL-2.0
/*
 * Live grants, found by number, by whose they are, and by which ends first; and
 * those that count, by name and rights: a pool's has as many as it has members,
 * and nothing walks over them. A member's grant is of its pool's name.
 */
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "due.h"
#include "spa_count.h"
#include "spa_live.h"
#include "trust_map.h"

/**
 * struct entry - a live grant
 * @counts: it is not revoked: counted, and one of those of its name and rights
 * @next, @before: of those
 */
struct entry {
	struct dc_due due;
	bool counts;
	struct entry *next;
	struct entry *before;
	struct dc_spa_holding holding;
};

/**
 * struct dc_spa_live - all of them
 * @number: each by its number
 * @same: each by name, rights and subject
 * @first: the first that counts by name and rights
 */
struct dc_spa_live {
	uint8_t secret[DC_MAP_SEED_BYTES];
	struct dc_map number;
	struct dc_map same;
	struct dc_map first;
	struct dc_dues ends;
	struct dc_spa_counts counts;
};

struct dc_spa_live *dc_spa_live_new(const uint8_t secret[16])
{
	struct dc_spa_live *live = calloc(1, sizeof(*live));

	if (!live)
		return NULL;
	memcpy(live->secret, secret, sizeof(live->secret));
	dc_map_init(&live->number, live->secret);
	dc_map_init(&live->same, live->secret);
	dc_map_init(&live->first, live->secret);
	return live;
}

/* ---- keys -------------------------------------------------------------- */

enum key {
	OF_RULE,		/* a rule */
	OF_EACH,		/* a rule and a subject */
	OF_NAME,		/* a name and rights */
	OF_SAME,		/* a name, rights and a subject */
};

/* Of a name's key that is without rights, or with them: the other one. */
static void turn_rights(struct dc_hash *key, uint8_t rights)
{
	key->byte[DC_HASH_BYTES - 1] ^= rights;
}

static void key_of(const struct dc_spa_live *live, enum key what,
		   const struct dc_spa_holding *holding, struct dc_hash *key)
{
	bool has_name = what == OF_NAME || what == OF_SAME;
	crypto_generichash_state state;
	uint8_t kind = what;

	crypto_generichash_init(&state, live->secret, sizeof(live->secret),
				sizeof(key->byte));
	crypto_generichash_update(&state, &kind, 1);
	if (has_name)
		crypto_generichash_update(&state, holding->name.wire,
					  holding->name.len);
	else
		crypto_generichash_update(&state,
					  (const uint8_t *)holding->label,
					  strlen(holding->label) + 1);
	if (what == OF_EACH || what == OF_SAME)
		crypto_generichash_update(&state, holding->subject.byte,
					  sizeof(holding->subject.byte));
	crypto_generichash_final(&state, key->byte, sizeof(key->byte));
	if (has_name)
		turn_rights(key, holding->rights);
}

static struct dc_hash number_key(uint64_t number)
{
	struct dc_hash key = { 0 };

	memcpy(key.byte, &number, sizeof(number));
	return key;
}

/* ---- what counts ------------------------------------------------------- */

static uint32_t count_of(const struct dc_spa_live *live, enum key what,
			 const struct dc_spa_holding *holding)
{
	struct dc_hash key;

	key_of(live, what, holding, &key);
	return dc_spa_count(&live->counts, &key);
}

static int count_up(struct dc_spa_live *live,
		    const struct dc_spa_holding *holding)
{
	struct dc_hash rule, each;

	key_of(live, OF_RULE, holding, &rule);
	key_of(live, OF_EACH, holding, &each);
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

	key_of(live, OF_RULE, holding, &key);
	dc_spa_count_down(&live->counts, &key);
	key_of(live, OF_EACH, holding, &key);
	dc_spa_count_down(&live->counts, &key);
}

static int put_first(struct dc_spa_live *live, struct entry *entry)
{
	struct dc_hash key;
	int err;

	key_of(live, OF_NAME, &entry->holding, &key);
	entry->next = dc_map_get(&live->first, &key);
	err = dc_map_put(&live->first, &key, entry);
	if (!err && entry->next)
		entry->next->before = entry;
	return err;
}

/* To have another first in a place that there is takes no memory. */
static void take_out(struct dc_spa_live *live, struct entry *entry)
{
	struct dc_hash key;

	key_of(live, OF_NAME, &entry->holding, &key);
	if (entry->before)
		entry->before->next = entry->next;
	else if (entry->next)
		dc_map_put(&live->first, &key, entry->next);
	else
		dc_map_del(&live->first, &key);
	if (entry->next)
		entry->next->before = entry->before;
}

static int begin_to_count(struct dc_spa_live *live, struct entry *entry)
{
	if (entry->holding.revoked)
		return 0;
	if (count_up(live, &entry->holding))
		return -ENOMEM;
	if (put_first(live, entry)) {
		count_down(live, &entry->holding);
		return -ENOMEM;
	}
	entry->counts = true;
	return 0;
}

static void end_to_count(struct dc_spa_live *live, struct entry *entry)
{
	if (!entry->counts)
		return;
	entry->counts = false;
	take_out(live, entry);
	count_down(live, &entry->holding);
}

/* ---- entries ----------------------------------------------------------- */

/* Unless another has taken its place. */
static void forget_key(struct dc_map *map, const struct dc_hash *key,
		       const struct entry *entry)
{
	if (dc_map_get(map, key) == entry)
		dc_map_del(map, key);
}

static void drop(struct dc_spa_live *live, struct entry *entry)
{
	struct dc_hash key = number_key(entry->holding.number);

	forget_key(&live->number, &key, entry);
	key_of(live, OF_SAME, &entry->holding, &key);
	forget_key(&live->same, &key, entry);
	end_to_count(live, entry);
	dc_due_clear(&live->ends, &entry->due);
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
	dc_map_clear(&live->number);
	dc_map_clear(&live->same);
	dc_map_clear(&live->first);
	free(live);
}

static struct entry *find_same(const struct dc_spa_live *live,
			       const struct dc_spa_holding *wanted)
{
	struct dc_hash key;

	key_of(live, OF_SAME, wanted, &key);
	return dc_map_get(&live->same, &key);
}

const struct dc_spa_holding *
dc_spa_live_same(const struct dc_spa_live *live,
		 const struct dc_spa_holding *wanted)
{
	struct entry *entry = find_same(live, wanted);

	return entry ? &entry->holding : NULL;
}

/* What can fail comes before what takes another's place. */
static int enter(struct dc_spa_live *live, struct entry *entry)
{
	struct dc_hash number = number_key(entry->holding.number), same;

	key_of(live, OF_SAME, &entry->holding, &same);
	if (dc_due_set(&live->ends, &entry->due, entry->holding.until) ||
	    begin_to_count(live, entry) ||
	    dc_map_put(&live->number, &number, entry) ||
	    dc_map_put(&live->same, &same, entry))
		return -ENOMEM;
	return 0;
}

int dc_spa_live_add(struct dc_spa_live *live,
		    const struct dc_spa_holding *holding)
{
	struct entry *same = find_same(live, holding);
	struct entry *entry;

	if (!same && live->same.n >= DC_SPA_LIVE_MAX)
		return -ENOSPC;
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return -ENOMEM;
	entry->holding = *holding;
	if (enter(live, entry)) {
		drop(live, entry);
		return -ENOMEM;
	}
	if (same)
		drop(live, same);
	return 0;
}

bool dc_spa_live_revoke(struct dc_spa_live *live, uint64_t number)
{
	struct dc_hash key = number_key(number);
	struct entry *entry = dc_map_get(&live->number, &key);

	if (!entry || entry->holding.revoked)
		return false;
	end_to_count(live, entry);
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

bool dc_spa_to_parent(struct damc_name *name)
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

static bool same_subject(const struct dc_spa_holding *a,
			 const struct dc_spa_holding *b)
{
	return !memcmp(&a->subject, &b->subject, sizeof(a->subject));
}

/*
 * One that counts, of the name in @key (without rights) and of @held rights; of
 * another subject, where @others says so. A subject has one of them at most.
 */
static const struct dc_spa_holding *
find_held(const struct dc_spa_live *live, struct dc_hash key, uint8_t held,
	  const struct dc_spa_holding *wanted, bool others)
{
	const struct entry *entry;

	turn_rights(&key, held);
	entry = dc_map_get(&live->first, &key);
	if (entry && others && same_subject(&entry->holding, wanted))
		entry = entry->next;
	return entry ? &entry->holding : NULL;
}

/*
 * What is held of the same name keeps @wanted from being had: members of a pool
 * are many, all else is one subject's; and a name is a pool or a `name`, whosever
 * both are.
 */
static const struct dc_spa_holding *
at_name(const struct dc_spa_live *live, const struct dc_hash *key,
	const struct dc_spa_holding *wanted)
{
	const struct dc_spa_holding *found = NULL;
	uint8_t held, both;
	bool is_mixed;

	for (held = 1; held <= DC_RIGHTS && !found; held++) {
		both = held | wanted->rights;
		is_mixed = both & DC_RIGHT_NAME && both & DC_RIGHT_MEMBER;
		if (both != DC_RIGHT_MEMBER)
			found = find_held(live, *key, held, wanted, !is_mixed);
	}
	return found;
}

/* One of another subject that has all below the name. */
static const struct dc_spa_holding *above(const struct dc_spa_live *live,
					  const struct dc_hash *key,
					  const struct dc_spa_holding *wanted)
{
	const struct dc_spa_holding *found = NULL;
	uint8_t held;

	for (held = 1; held <= DC_RIGHTS && !found; held++) {
		if (held & (DC_RIGHT_NAME | DC_RIGHT_TREE))
			found = find_held(live, *key, held, wanted, true);
	}
	return found;
}

const struct dc_spa_holding *
dc_spa_live_conflict(const struct dc_spa_live *live,
		     const struct dc_spa_holding *wanted)
{
	struct dc_spa_holding at = { .name = wanted->name };
	const struct dc_spa_holding *found;
	struct dc_hash key;

	key_of(live, OF_NAME, &at, &key);
	found = at_name(live, &key, wanted);
	while (!found && dc_spa_to_parent(&at.name)) {
		key_of(live, OF_NAME, &at, &key);
		found = above(live, &key, wanted);
	}
	return found;
}

void dc_spa_live_count(const struct dc_spa_live *live,
		       const struct dc_spa_holding *wanted,
		       struct dc_spa_live_counts *counts)
{
	counts->all = live->same.n;
	counts->rule = count_of(live, OF_RULE, wanted);
	counts->each = count_of(live, OF_EACH, wanted);
}
