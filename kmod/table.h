/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A hash table of names that can be walked in order.
 *
 * Buckets of one cache line; a bucket that overflows goes on in the next, and
 * says so, so that a miss reads one line. A table is grown by making another:
 * readers see one or the other whole. Nodes are ordered by their keyed hash,
 * which a walk resumes by, whatever came and went meanwhile.
 *
 * Readers hold rcu_read_lock(); they take no lock and allocate nothing. Writers
 * hold @lock and may sleep. The table owns its buckets; the nodes are their
 * owner's, who frees one only a grace period after taking it out.
 *
 * Pure: also compiled in user space, against a naive twin.
 */
#ifndef _DAMC_TABLE_H
#define _DAMC_TABLE_H

#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

#include "name.h"

struct damc_buckets;

/* Names looked up at once: as many lines as a CPU waits for together. */
#define DAMC_BATCH 8

/**
 * struct damc_node - a name in a table; last member of what it stands for
 * @hash: keyed hash of @wire
 * @len: bytes of @wire
 */
struct damc_node {
	u64 hash;
	u8 len;
	u8 wire[];
};

/**
 * struct damc_table - the table
 * @buckets: NULL until the first node
 * @lock: what writers hold
 * @key: secret: names are chosen by those who would like them to collide
 * @count: nodes
 */
struct damc_table {
	struct damc_buckets __rcu *buckets;
	/* of all but what readers follow by RCU */
	struct mutex *lock;
	siphash_key_t key;
	u32 count;
};

static inline struct damc_name damc_node_name(const struct damc_node *node)
{
	return (struct damc_name){ .wire = node->wire, .len = node->len };
}

/* Write a name and its hash into a node with room for it. */
static inline void damc_node_set(struct damc_node *node, u64 hash,
				 const struct damc_name *name)
{
	node->hash = hash;
	node->len = name->len;
	memcpy(node->wire, name->wire, name->len);
}

void damc_table_init(struct damc_table *table, struct mutex *lock,
		     const siphash_key_t *key);
void damc_table_free(struct damc_table *table);
void damc_node_init(const struct damc_table *table, struct damc_node *node,
		    const struct damc_name *name);
struct damc_node *damc_table_find(const struct damc_table *table, u64 hash,
				  const struct damc_name *name);
struct damc_node *damc_table_longest(const struct damc_table *table,
				     const struct damc_name *name, u64 depths);
void damc_table_longest_of(const struct damc_table *table,
			   const struct damc_name *names, unsigned int n,
			   u64 depths, struct damc_node **nodes);
int damc_table_insert(struct damc_table *table, struct damc_node *node);
void damc_table_remove(struct damc_table *table, struct damc_node *node);
struct damc_node *damc_table_first(const struct damc_table *table);
struct damc_node *damc_table_after(const struct damc_table *table, u64 hash);

#endif /* _DAMC_TABLE_H */
