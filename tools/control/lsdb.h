/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The database of signed objects: one entry for each thing that objects are
 * about, with its newest version. Entries are ordered by a hash of what they
 * are about, in 256 buckets of which each has a digest; revocations have
 * buckets of their own, before certificates, before all else.
 *
 * It judges nothing: what is put in was found valid (trust.h). It keeps time
 * only to say which entry is due next. Owned by node.c.
 */
#ifndef DC_LSDB_H
#define DC_LSDB_H

#include <sys/queue.h>

#include "damp.h"
#include "object.h"

#define LSDB_ENTRIES_MAX 65536
#define LSDB_BUCKETS 256
/*
 * The first bucket of certificates and their like; of most; of bindings, which
 * nobody believes before the grants that are among those.
 */
#define LSDB_BUCKET_CERTS 16
#define LSDB_BUCKET_REST 32
#define LSDB_BUCKET_BINDINGS 192
/* Keys that sign LSAs have a certificate each, so nobody picks their chains. */
#define LSDB_ISSUER_CHAINS 1024

struct flood_item;
struct grant_ref;

/**
 * struct lsdb_entry - one thing, and what was said last about it
 * @key: hash of what it is about; the first byte is its bucket
 * @hash: of the whole object
 * @type: of the object, or of what the tombstone in it ends
 * @bytes: the object; NULL when it has expired and only @seq is remembered
 * @expires_us: monotonic; UINT64_MAX: by domain time, see @not_after
 * @told: bit i: prefix i of it was told to the RIB (node_names.c)
 * @over: with it its origin has more names than it may
 * @rate: of newer versions that may still come
 * @heap: its place in the database's
 * @of_node: prefix LSAs of one node, if @listed (node_tally.c)
 * @of_issuer: LSAs, while there are bytes, by whose key signed them
 * @items: of neighbours' queues that mean it (flood.c)
 * @gone: out of the database, kept for @items' sake
 */
struct lsdb_entry {
	/* Most of what comes is here already, and looks at no more than this. */
	struct dc_hash key;
	struct dc_hash hash;
	struct dc_seq seq;
	uint8_t *bytes;
	size_t len;
	struct flood_item *items;

	enum dc_type type;
	bool tombstone;
	bool own;
	bool gone;
	bool over;
	bool listed;
	uint8_t urgency;
	uint32_t lifetime;
	uint64_t not_after;
	uint64_t expires_us;
	size_t heap;
	uint64_t told;
	struct budget rate;
	struct grant_ref *refs;

	LIST_ENTRY(lsdb_entry) of_node;
	LIST_ENTRY(lsdb_entry) of_issuer;
};

/* The key's first bytes stand beside the pointer, so that to look is one miss. */
struct lsdb_slot {
	uint64_t key;
	struct lsdb_entry *entry;
};

/* When to look at it again: expired, to be refreshed, to be forgotten. */
struct lsdb_due {
	uint64_t at_us;
	struct lsdb_entry *entry;
};

LIST_HEAD(lsdb_entries, lsdb_entry);

struct lsdb_bucket {
	struct lsdb_slot *slot;
	uint32_t n;
	uint32_t size;
	bool stale;
	uint64_t digest;
};

/**
 * struct lsdb - the database
 * @heap: which entry is due first (lsdb_due.c); @n of them
 * @bytes: of all objects
 * @digest: of all buckets, unless @stale: it goes with each keepalive
 */
struct lsdb {
	struct lsdb_bucket bucket[LSDB_BUCKETS];
	struct lsdb_due *heap;
	size_t n;
	size_t size;
	size_t bytes;
	bool stale;
	struct dc_hash digest;
	struct lsdb_entries issued[LSDB_ISSUER_CHAINS];
};

struct lsdb *lsdb_new(void);
void lsdb_free(struct lsdb *db);

/*
 * What @object is about: 0; 1 if that is itself, then its hash is in @hash; or
 * -EBADMSG for a tombstone that cannot be read.
 * @type: of what it is about.
 */
int lsdb_key(struct dc_hash *key, enum dc_type *type,
	     const struct dc_object *object, struct dc_hash *hash);

/* The key of an object that is found by type, subject and shard. */
void lsdb_key_of(struct dc_hash *key, enum dc_type type,
		 const struct damc_name *subject, uint32_t shard);
/* Of one that each issuer has its own of. */
void lsdb_key_of_issuers(struct dc_hash *key, enum dc_type type,
			 const struct damc_name *subject, uint32_t shard,
			 const struct dc_keyid *issuer);
/* The key of an object that is found by its hash: certificate, grant. */
void lsdb_key_of_hash(struct dc_hash *key, enum dc_type type,
		      const struct dc_hash *hash);

struct lsdb_entry *lsdb_find(struct lsdb *db, const struct dc_hash *key);
/* By the first 8 bytes of its key, as neighbours name it. */
struct lsdb_entry *lsdb_find_short(struct lsdb *db, uint64_t key);

/* A new entry with no object: NULL if there are too many, or no memory. */
struct lsdb_entry *lsdb_add(struct lsdb *db, const struct dc_hash *key,
			    enum dc_type type);
/* Put an object's bytes, copied, in the place of what was: 0 or -ENOMEM. */
int lsdb_put(struct lsdb *db, struct lsdb_entry *entry,
	     const struct dc_object *object, const struct dc_hash *hash);
/* Forget the bytes, remember the header. */
void lsdb_expire(struct lsdb *db, struct lsdb_entry *entry);
void lsdb_remove(struct lsdb *db, struct lsdb_entry *entry);
/* The last of an entry's items is gone. */
void lsdb_release(struct lsdb_entry *entry);

/* <0, 0, >0: an object of this sequence and hash is older, same, newer. */
int lsdb_cmp(const struct lsdb_entry *entry, const struct dc_seq *seq,
	     const struct dc_hash *hash);

void lsdb_due(struct lsdb *db, struct lsdb_entry *entry, uint64_t due_us);
/* When the first of all is due; UINT64_MAX: never. */
uint64_t lsdb_next(const struct lsdb *db);
/* The entry that is, or NULL. */
struct lsdb_entry *lsdb_first(const struct lsdb *db);

uint64_t lsdb_short(const struct dc_hash *hash);
/* Of what a bucket holds; of an empty one 0. */
uint64_t lsdb_bucket_digest(struct lsdb *db, unsigned int bucket);
/* Of all buckets. */
void lsdb_digest(struct lsdb *db, struct dc_hash *hash);

/* LSAs and their tombstones: all that the key signed are among them. */
struct lsdb_entries *lsdb_issued(struct lsdb *db, const struct dc_keyid *issuer);
/* Each entry; @each may not add or remove. Stops when it returns not 0. */
int lsdb_each(const struct lsdb *db,
	      int (*each)(struct lsdb_entry *entry, void *arg), void *arg);

#endif /* DC_LSDB_H */
