// SPDX-License-Identifier: GPL-2.0
/* Hash table of names: buckets, change, lookup, ordered walk. See table.h. */
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/prefetch.h>
#include <linux/slab.h>

#include "table.h"

#define DAMC_SLOTS 7
/* Nodes to a bucket on average, at most. */
#define DAMC_LOAD 5

/*
 * A table starts with so many buckets, for which kmalloc() rounds up to a power
 * of two and so keeps them on cache lines; doubles; then grows by half.
 */
#define DAMC_BUCKETS_FIRST 4
#define DAMC_BUCKETS_SMALL 64

/**
 * struct damc_bucket - one cache line of slots
 * @tags: in its bytes, lowest first, the lowest byte of each slot's hash, which
 *	leaves most other nodes unread; in the highest, how many nodes stored
 *	past this bucket a lookup passes it for, U8_MAX for that many or more
 * @slot: the nodes, NULL where there is none
 *
 * The tags are one word so that a lookup compares them at once. A reader may see
 * it before or after its slot has changed, and finds a node that stays.
 */
struct damc_bucket {
	u64 tags;
	struct damc_node __rcu *slot[DAMC_SLOTS];
} __aligned(64);

#define DAMC_TAG_BITS 8
#define DAMC_PAST_SHIFT (DAMC_SLOTS * DAMC_TAG_BITS)
/* A tag's lowest bit in each slot's byte, and its highest. */
#define DAMC_TAGS_LOW (0x0101010101010101ULL & ((1ULL << DAMC_PAST_SHIFT) - 1))
#define DAMC_TAGS_HIGH (DAMC_TAGS_LOW << (DAMC_TAG_BITS - 1))

/**
 * struct damc_buckets - what a table is made of
 * @n: how many, at least 1
 * @bucket: the buckets
 */
struct damc_buckets {
	u32 n;
	struct damc_bucket bucket[];
};

/* For writers. */
#define damc_held(table, pointer) \
	rcu_dereference_protected(pointer, lockdep_is_held((table)->lock))

/* For readers and writers. */
#define damc_deref(table, pointer) \
	rcu_dereference_check(pointer, lockdep_is_held((table)->lock))

/* Where a node belongs: grows with the hash, whatever the number of buckets. */
static u32 damc_home(const struct damc_buckets *buckets, u64 hash)
{
	return ((hash >> 32) * buckets->n) >> 32;
}

static u32 damc_next(const struct damc_buckets *buckets, u32 at)
{
	return ++at == buckets->n ? 0 : at;
}

/* How many nodes a lookup passes this bucket for. */
static u8 damc_past(u64 tags)
{
	return tags >> DAMC_PAST_SHIFT;
}

/* Once there are too many to count it stays so, and costs lookups a line. */
static void damc_past_add(struct damc_bucket *bucket, int n)
{
	u64 tags = bucket->tags;

	if (damc_past(tags) != U8_MAX)
		WRITE_ONCE(bucket->tags,
			   tags + ((u64)n << DAMC_PAST_SHIFT));
}

static void damc_tag_set(struct damc_bucket *bucket, unsigned int i, u64 hash)
{
	unsigned int shift = i * DAMC_TAG_BITS;
	u64 tags = bucket->tags & ~((u64)U8_MAX << shift);

	WRITE_ONCE(bucket->tags, tags | (u64)(u8)hash << shift);
}

/*
 * Bit i * 8 + 7 is set for each slot i whose tag is this hash's. Where a lower
 * one is, a higher one may be set that is not: nodes are compared anyway.
 */
static u64 damc_tags_like(u64 tags, u64 hash)
{
	u64 apart = tags ^ (u8)hash * DAMC_TAGS_LOW;

	return (apart - DAMC_TAGS_LOW) & ~apart & DAMC_TAGS_HIGH;
}

static struct damc_buckets *damc_buckets_alloc(u32 n)
{
	struct damc_buckets *buckets;

	buckets = kvzalloc(struct_size(buckets, bucket, n), GFP_KERNEL_ACCOUNT);
	if (buckets)
		buckets->n = n;
	return buckets;
}

/* The load is bounded by damc_buckets_reserve(): some bucket has room. */
static void damc_buckets_put(const struct damc_table *table,
			     struct damc_buckets *buckets,
			     struct damc_node *node)
{
	u32 at = damc_home(buckets, node->hash);
	struct damc_bucket *bucket;
	unsigned int i;

	for (;; at = damc_next(buckets, at)) {
		bucket = &buckets->bucket[at];
		for (i = 0; i < DAMC_SLOTS; i++)
			if (!damc_held(table, bucket->slot[i]))
				goto found;
		damc_past_add(bucket, 1);
	}
found:
	rcu_assign_pointer(bucket->slot[i], node);
	damc_tag_set(bucket, i, node->hash);
}

static void damc_buckets_take(const struct damc_table *table,
			      const struct damc_node *node)
{
	struct damc_buckets *buckets = damc_held(table, table->buckets);
	u32 at = damc_home(buckets, node->hash);
	struct damc_bucket *bucket;
	unsigned int i;

	for (;; at = damc_next(buckets, at)) {
		bucket = &buckets->bucket[at];
		for (i = 0; i < DAMC_SLOTS; i++)
			if (damc_held(table, bucket->slot[i]) == node)
				goto found;
		damc_past_add(bucket, -1);
	}
found:
	RCU_INIT_POINTER(bucket->slot[i], NULL);
}

/* Readers may stay in the old buckets, and miss what comes, for one lookup. */
static int damc_buckets_resize(struct damc_table *table, u32 n)
{
	struct damc_buckets *old = damc_held(table, table->buckets);
	struct damc_buckets *new = damc_buckets_alloc(n);
	u32 at, i;

	if (!new)
		return -ENOMEM;
	for (at = 0; old && at < old->n; at++)
		for (i = 0; i < DAMC_SLOTS; i++) {
			struct damc_node *node;

			node = damc_held(table, old->bucket[at].slot[i]);
			if (node)
				damc_buckets_put(table, new, node);
		}
	rcu_assign_pointer(table->buckets, new);
	if (old)
		kvfree_rcu_mightsleep(old);
	return 0;
}

/* Room for one more. */
static int damc_buckets_reserve(struct damc_table *table)
{
	struct damc_buckets *buckets = damc_held(table, table->buckets);
	u32 n = buckets ? buckets->n : 0;

	if (table->count < n * DAMC_LOAD)
		return 0;
	if (n < DAMC_BUCKETS_SMALL)
		return damc_buckets_resize(table, n ? n * 2 : DAMC_BUCKETS_FIRST);
	return damc_buckets_resize(table, n + n / 2);
}

/* Failing to shrink costs memory only. */
static void damc_buckets_shrink(struct damc_table *table)
{
	u32 n = damc_held(table, table->buckets)->n;

	if (n >= DAMC_BUCKETS_SMALL && table->count < n)
		damc_buckets_resize(table, n / 2);
}

/**
 * damc_table_init() - make a table without nodes
 * @table: the table
 * @lock: what writers hold
 * @key: its secret
 */
void damc_table_init(struct damc_table *table, struct mutex *lock,
		     const siphash_key_t *key)
{
	memset(table, 0, sizeof(*table));
	table->key = *key;
	table->lock = lock;
}

/**
 * damc_table_free() - free what a table is made of
 * @table: without nodes, and out of every reader's reach
 */
void damc_table_free(struct damc_table *table)
{
	kvfree(rcu_dereference_protected(table->buckets, 1));
	RCU_INIT_POINTER(table->buckets, NULL);
}

/**
 * damc_node_init() - write the name into a node
 * @table: the table that it is for
 * @node: with room for the name
 * @name: well formed, copied
 */
void damc_node_init(const struct damc_table *table, struct damc_node *node,
		    const struct damc_name *name)
{
	damc_node_set(node, damc_name_hash_whole(&table->key, name), name);
}

static __always_inline bool damc_node_is(const struct damc_node *node, u64 hash,
					 const struct damc_name *name)
{
	struct damc_name own;

	if (!node || node->hash != hash)
		return false;
	own = damc_node_name(node);
	return damc_name_equal(&own, name);
}

/* The bucket's node of this name, or NULL. */
static __always_inline struct damc_node *
damc_bucket_find(const struct damc_table *table,
		 const struct damc_bucket *bucket, u64 tags, u64 hash,
		 const struct damc_name *name)
{
	struct damc_node *node;
	u64 like;

	for (like = damc_tags_like(tags, hash); like; like &= like - 1) {
		node = damc_deref(table,
				  bucket->slot[__ffs64(like) / DAMC_TAG_BITS]);
		if (damc_node_is(node, hash, name))
			return node;
	}
	return NULL;
}

/* In the buckets after its own, as far as there are nodes that passed them. */
static noinline struct damc_node *
damc_table_find_past(const struct damc_table *table,
		     const struct damc_buckets *buckets, u64 hash,
		     const struct damc_name *name)
{
	u32 at = damc_home(buckets, hash), left;
	const struct damc_bucket *bucket;
	struct damc_node *node;
	u64 tags;

	for (left = buckets->n - 1; left; left--) {
		at = damc_next(buckets, at);
		bucket = &buckets->bucket[at];
		tags = READ_ONCE(bucket->tags);
		node = damc_bucket_find(table, bucket, tags, hash, name);
		if (node || !damc_past(tags))
			return node;
	}
	return NULL;
}

static __always_inline struct damc_node *
damc_buckets_find(const struct damc_table *table,
		  const struct damc_buckets *buckets, u64 hash,
		  const struct damc_name *name)
{
	const struct damc_bucket *bucket;
	struct damc_node *node;
	u64 tags;

	bucket = &buckets->bucket[damc_home(buckets, hash)];
	tags = READ_ONCE(bucket->tags);
	node = damc_bucket_find(table, bucket, tags, hash, name);
	if (node || !damc_past(tags))
		return node;
	return damc_table_find_past(table, buckets, hash, name);
}

/**
 * damc_table_find() - the node of exactly this name
 * @table: the table
 * @hash: of @name, under the table's key
 * @name: well formed
 *
 * Context: under rcu_read_lock() or the writers' lock.
 * Return: the node, or NULL.
 */
struct damc_node *damc_table_find(const struct damc_table *table, u64 hash,
				  const struct damc_name *name)
{
	const struct damc_buckets *buckets = damc_deref(table, table->buckets);

	return buckets ? damc_buckets_find(table, buckets, hash, name) : NULL;
}

static __always_inline struct damc_node *
damc_buckets_longest(const struct damc_table *table,
		     const struct damc_buckets *buckets,
		     const struct damc_name *name,
		     const struct damc_prefix_hash *prefix)
{
	struct damc_name part = { .wire = name->wire };
	struct damc_node *node;
	unsigned int i;

	for (i = prefix->n; i--;) {
		part.len = prefix->len[i];
		node = damc_buckets_find(table, buckets, prefix->hash[i], &part);
		if (node)
			return node;
	}
	return NULL;
}

/**
 * damc_table_longest() - the node of a name's longest prefix
 * @table: the table
 * @name: well formed
 * @depths: bit n set: there may be nodes of n components
 *
 * Context: under rcu_read_lock() or the writers' lock.
 * Return: the node, or NULL.
 */
struct damc_node *damc_table_longest(const struct damc_table *table,
				     const struct damc_name *name, u64 depths)
{
	const struct damc_buckets *buckets = damc_deref(table, table->buckets);
	struct damc_prefix_hash prefix;

	if (!buckets)
		return NULL;
	damc_name_hash(&table->key, name, depths, &prefix);
	return damc_buckets_longest(table, buckets, name, &prefix);
}

/* The lines that a search of these prefixes begins with. */
static void damc_buckets_prefetch(const struct damc_buckets *buckets,
				  const struct damc_prefix_hash *prefix)
{
	unsigned int i;

	for (i = prefix->n; i--;)
		prefetch(&buckets->bucket[damc_home(buckets, prefix->hash[i])]);
}

/* The node that such a search most likely ends at. */
static void damc_node_prefetch(const struct damc_table *table,
			       const struct damc_buckets *buckets,
			       const struct damc_prefix_hash *prefix)
{
	const struct damc_bucket *bucket;
	unsigned int i;
	u64 like;

	for (i = prefix->n; i--;) {
		bucket = &buckets->bucket[damc_home(buckets, prefix->hash[i])];
		like = damc_tags_like(READ_ONCE(bucket->tags), prefix->hash[i]);
		if (!like)
			continue;
		prefetch(damc_deref(table, bucket->slot[__ffs64(like) /
							DAMC_TAG_BITS]));
		return;
	}
}

/**
 * damc_table_longest_of() - damc_table_longest() of several names
 * @table: the table
 * @names: well formed
 * @n: how many, at most DAMC_BATCH
 * @depths: bit n set: there may be nodes of n components
 * @nodes: gets the node of each, or NULL
 *
 * What one name waits for from memory, the others wait for at the same time.
 *
 * Context: under rcu_read_lock() or the writers' lock.
 */
void damc_table_longest_of(const struct damc_table *table,
			   const struct damc_name *names, unsigned int n,
			   u64 depths, struct damc_node **nodes)
{
	const struct damc_buckets *buckets = damc_deref(table, table->buckets);
	struct damc_prefix_hash prefix[DAMC_BATCH];
	unsigned int i;

	memset(nodes, 0, n * sizeof(*nodes));
	if (!buckets)
		return;
	for (i = 0; i < n; i++) {
		damc_name_hash(&table->key, &names[i], depths, &prefix[i]);
		damc_buckets_prefetch(buckets, &prefix[i]);
	}
	for (i = 0; i < n; i++)
		damc_node_prefetch(table, buckets, &prefix[i]);
	for (i = 0; i < n; i++)
		nodes[i] = damc_buckets_longest(table, buckets, &names[i],
						&prefix[i]);
}

/**
 * damc_table_insert() - add a node
 * @table: the table, without a node of this name
 * @node: made by damc_node_init()
 *
 * Context: under the writers' lock, may sleep.
 * Return: 0, or -ENOMEM.
 */
int damc_table_insert(struct damc_table *table, struct damc_node *node)
{
	int err = damc_buckets_reserve(table);

	if (err)
		return err;
	damc_buckets_put(table, damc_held(table, table->buckets), node);
	table->count++;
	return 0;
}

/**
 * damc_table_remove() - take a node out
 * @table: the table
 * @node: one that is in it; readers may use it for a grace period more
 *
 * Context: under the writers' lock, may sleep.
 */
void damc_table_remove(struct damc_table *table, struct damc_node *node)
{
	damc_buckets_take(table, node);
	table->count--;
	damc_buckets_shrink(table);
}

/* The node of least hash from @floor up among those that belong at @home. */
static struct damc_node *damc_home_least(const struct damc_table *table,
					 const struct damc_buckets *buckets,
					 u32 home, u64 floor)
{
	struct damc_node *best = NULL;
	u32 at = home, left;
	unsigned int i;

	for (left = buckets->n; left; left--) {
		const struct damc_bucket *bucket = &buckets->bucket[at];

		for (i = 0; i < DAMC_SLOTS; i++) {
			struct damc_node *node;

			node = damc_held(table, bucket->slot[i]);
			if (!node || damc_home(buckets, node->hash) != home)
				continue;
			if (node->hash >= floor &&
			    (!best || node->hash < best->hash))
				best = node;
		}
		if (!damc_past(bucket->tags))
			break;
		at = damc_next(buckets, at);
	}
	return best;
}

static struct damc_node *damc_walk(const struct damc_table *table, u64 floor)
{
	const struct damc_buckets *buckets = damc_held(table, table->buckets);
	struct damc_node *node = NULL;
	u32 home;

	if (!buckets)
		return NULL;
	for (home = damc_home(buckets, floor); home < buckets->n && !node;
	     home++)
		node = damc_home_least(table, buckets, home, floor);
	return node;
}

/**
 * damc_table_first() - the first node in the order of hashes
 * @table: the table
 *
 * Context: under the writers' lock.
 */
struct damc_node *damc_table_first(const struct damc_table *table)
{
	return damc_walk(table, 0);
}

/**
 * damc_table_after() - the next node in the order of hashes
 * @table: the table
 * @hash: that of the last one, which need not be there any more
 *
 * A node that stays is met exactly once, whatever else comes and goes. (Of two
 * names with one 64-bit keyed hash one would be missed; nobody can seek them.)
 *
 * Context: under the writers' lock.
 */
struct damc_node *damc_table_after(const struct damc_table *table, u64 hash)
{
	return hash == U64_MAX ? NULL : damc_walk(table, hash + 1);
}
