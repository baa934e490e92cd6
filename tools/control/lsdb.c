// SPDX-License-Identifier: GPL-2.0
/*
 * The database: sorted buckets and their digests. When entries are due is
 * lsdb_due.c's, what they are called lsdb_key.c's.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "crypto.h"
#include "lsdb.h"
#include "ls_msg.h"

/* A guess where a key is in a bucket is seldom off by more. */
#define GUESS_OFF 4

struct lsdb *lsdb_new(void)
{
	struct lsdb *db = calloc(1, sizeof(*db));

	if (db)
		db->stale = true;
	return db;
}

static void entry_free(struct lsdb_entry *entry)
{
	free(entry->bytes);
	free(entry);
}

void lsdb_free(struct lsdb *db)
{
	unsigned int i, j;

	if (!db)
		return;
	for (i = 0; i < LSDB_BUCKETS; i++) {
		for (j = 0; j < db->bucket[i].n; j++)
			entry_free(db->bucket[i].slot[j].entry);
		free(db->bucket[i].slot);
	}
	free(db->heap);
	free(db);
}

/*
 * Keys are hashes, so what is behind the byte that all of a bucket have says about
 * where a key is: bounds of that, which widen as long as the guess proves bad.
 */
static void bound(const struct lsdb_bucket *bucket, uint64_t key,
		  uint32_t *low, uint32_t *high)
{
	uint32_t from = key >> 24, step = GUESS_OFF;
	uint32_t guess = (uint64_t)from * bucket->n >> 32;

	*low = guess;
	*high = guess;
	for (; *low && bucket->slot[*low - 1].key >= key; step *= 2)
		*low -= step < *low ? step : *low;
	for (; *high < bucket->n && bucket->slot[*high].key < key; step *= 2)
		*high += step < bucket->n - *high ? step : bucket->n - *high;
}

/* The first whose key does not begin lower than @key. */
static uint32_t place_short(const struct lsdb_bucket *bucket, uint64_t key)
{
	uint32_t low, high;

	bound(bucket, key, &low, &high);
	while (low < high) {
		uint32_t mid = (low + high) / 2;

		if (bucket->slot[mid].key < key)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Where @key is or would be. */
static uint32_t place(const struct lsdb_bucket *bucket,
		      const struct dc_hash *key)
{
	uint64_t begin = lsdb_short(key);
	uint32_t i = place_short(bucket, begin);

	while (i < bucket->n && bucket->slot[i].key == begin &&
	       memcmp(bucket->slot[i].entry->key.byte, key->byte,
		      DC_HASH_BYTES) < 0)
		i++;
	return i;
}

struct lsdb_entry *lsdb_find(struct lsdb *db, const struct dc_hash *key)
{
	struct lsdb_bucket *bucket = &db->bucket[key->byte[0]];
	uint32_t i = place(bucket, key);

	if (i == bucket->n || bucket->slot[i].key != lsdb_short(key) ||
	    memcmp(bucket->slot[i].entry->key.byte, key->byte, DC_HASH_BYTES))
		return NULL;
	return bucket->slot[i].entry;
}

struct lsdb_entry *lsdb_find_short(struct lsdb *db, uint64_t key)
{
	struct lsdb_bucket *bucket = &db->bucket[key >> 56];
	uint32_t i = place_short(bucket, key);

	if (i == bucket->n || bucket->slot[i].key != key)
		return NULL;
	return bucket->slot[i].entry;
}

static void outdate(struct lsdb *db, const struct lsdb_entry *entry)
{
	db->bucket[entry->key.byte[0]].stale = true;
	db->stale = true;
}

static int bucket_grow(struct lsdb_bucket *bucket)
{
	uint32_t size = bucket->size ? bucket->size * 2 : 4;
	struct lsdb_slot *slot;

	if (bucket->n < bucket->size)
		return 0;
	slot = realloc(bucket->slot, size * sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	bucket->slot = slot;
	bucket->size = size;
	return 0;
}

static int heap_grow(struct lsdb *db)
{
	size_t size = db->size ? db->size * 2 : 16;
	struct lsdb_due *heap;

	if (db->n < db->size)
		return 0;
	heap = realloc(db->heap, size * sizeof(*heap));
	if (!heap)
		return -ENOMEM;
	db->heap = heap;
	db->size = size;
	return 0;
}

static void bucket_insert(struct lsdb_bucket *bucket, struct lsdb_entry *entry)
{
	uint32_t i = place(bucket, &entry->key);

	memmove(&bucket->slot[i + 1], &bucket->slot[i],
		(bucket->n - i) * sizeof(*bucket->slot));
	bucket->slot[i] = (struct lsdb_slot){ lsdb_short(&entry->key), entry };
	bucket->n++;
}

struct lsdb_entry *lsdb_add(struct lsdb *db, const struct dc_hash *key,
			    enum dc_type type)
{
	struct lsdb_bucket *bucket = &db->bucket[key->byte[0]];
	struct lsdb_entry *entry;

	if (db->n >= LSDB_ENTRIES_MAX || bucket_grow(bucket) || heap_grow(db))
		return NULL;
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return NULL;
	entry->key = *key;
	entry->type = type;
	bucket_insert(bucket, entry);
	entry->heap = db->n;
	db->heap[db->n++] = (struct lsdb_due){ UINT64_MAX, entry };
	return entry;
}

struct lsdb_entries *lsdb_issued(struct lsdb *db, const struct dc_keyid *issuer)
{
	return &db->issued[ls_get16(issuer->byte) % LSDB_ISSUER_CHAINS];
}

static void unlink_issued(struct lsdb_entry *entry)
{
	if (entry->bytes && dc_type_has_lifetime(entry->type))
		LIST_REMOVE(entry, of_issuer);
}

int lsdb_put(struct lsdb *db, struct lsdb_entry *entry,
	     const struct dc_object *object, const struct dc_hash *hash)
{
	uint8_t *bytes = malloc(object->len);

	if (!bytes)
		return -ENOMEM;
	memcpy(bytes, object->bytes, object->len);
	unlink_issued(entry);
	if (dc_type_has_lifetime(entry->type))
		LIST_INSERT_HEAD(lsdb_issued(db, &object->issuer), entry,
				 of_issuer);
	db->bytes += object->len;
	db->bytes -= entry->len;
	free(entry->bytes);
	entry->bytes = bytes;
	entry->len = object->len;
	entry->hash = *hash;
	entry->seq = object->seq;
	entry->lifetime = object->lifetime;
	entry->not_after = object->not_after;
	entry->tombstone = object->type == DC_TOMBSTONE;
	outdate(db, entry);
	return 0;
}

void lsdb_expire(struct lsdb *db, struct lsdb_entry *entry)
{
	unlink_issued(entry);
	db->bytes -= entry->len;
	free(entry->bytes);
	entry->bytes = NULL;
	entry->len = 0;
	outdate(db, entry);
}

void lsdb_release(struct lsdb_entry *entry)
{
	if (entry->gone && !entry->items)
		entry_free(entry);
}

void lsdb_remove(struct lsdb *db, struct lsdb_entry *entry)
{
	struct lsdb_bucket *bucket = &db->bucket[entry->key.byte[0]];
	uint32_t i = place(bucket, &entry->key);
	struct lsdb_due last;

	lsdb_expire(db, entry);
	bucket->n--;
	memmove(&bucket->slot[i], &bucket->slot[i + 1],
		(bucket->n - i) * sizeof(*bucket->slot));
	last = db->heap[--db->n];
	if (last.entry != entry) {
		last.entry->heap = entry->heap;
		lsdb_due(db, last.entry, last.at_us);
	}
	entry->gone = true;
	lsdb_release(entry);
}

int lsdb_cmp(const struct lsdb_entry *entry, const struct dc_seq *seq,
	     const struct dc_hash *hash)
{
	int cmp = dc_seq_cmp(seq, &entry->seq);

	/* Two of one sequence: all must prefer the same one. */
	return cmp ? cmp : memcmp(hash->byte, entry->hash.byte, DC_HASH_BYTES);
}

uint64_t lsdb_short(const struct dc_hash *hash)
{
	return ls_get64(hash->byte);
}

static uint64_t digest_of(const struct lsdb_bucket *bucket)
{
	uint8_t *bytes = calloc(bucket->n + 1, 2 * DC_HASH_BYTES), *p = bytes;
	struct dc_hash hash;
	bool any = false;
	uint32_t i;

	if (!bytes)
		return 0;
	for (i = 0; i < bucket->n; i++) {
		const struct lsdb_entry *entry = bucket->slot[i].entry;

		if (!entry->bytes)
			continue;
		any = true;
		memcpy(p, entry->key.byte, DC_HASH_BYTES);
		p += DC_HASH_BYTES;
		memcpy(p, entry->hash.byte, DC_HASH_BYTES);
		p += DC_HASH_BYTES;
	}
	dc_hash_bytes(&hash, bytes, p - bytes);
	free(bytes);
	return any ? lsdb_short(&hash) : 0;
}

uint64_t lsdb_bucket_digest(struct lsdb *db, unsigned int i)
{
	struct lsdb_bucket *bucket = &db->bucket[i];

	if (bucket->stale) {
		bucket->digest = digest_of(bucket);
		bucket->stale = false;
	}
	return bucket->digest;
}

void lsdb_digest(struct lsdb *db, struct dc_hash *hash)
{
	uint8_t bytes[LSDB_BUCKETS * 8];
	unsigned int i;

	if (db->stale) {
		for (i = 0; i < LSDB_BUCKETS; i++)
			ls_put64(bytes + 8 * i, lsdb_bucket_digest(db, i));
		dc_hash_bytes(&db->digest, bytes, sizeof(bytes));
		db->stale = false;
	}
	*hash = db->digest;
}

int lsdb_each(const struct lsdb *db,
	      int (*each)(struct lsdb_entry *entry, void *arg), void *arg)
{
	unsigned int i, j;
	int ret;

	for (i = 0; i < LSDB_BUCKETS; i++) {
		for (j = 0; j < db->bucket[i].n; j++) {
			ret = each(db->bucket[i].slot[j].entry, arg);
			if (ret)
				return ret;
		}
	}
	return 0;
}
