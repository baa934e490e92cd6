// SPDX-License-Identifier: GPL-2.0
/* The name FIB: longest-prefix match and change. See fib.h. */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>

#include "fib.h"

static struct damc_fib_entry *damc_entry_of(struct damc_node *node)
{
	return node ? container_of(node, struct damc_fib_entry, node) : NULL;
}

/**
 * damc_fib_init() - make a FIB without entries
 * @fib: the FIB
 * @lock: what writers hold
 * @key: the table's secret
 */
void damc_fib_init(struct damc_fib *fib, struct mutex *lock,
		   const siphash_key_t *key)
{
	memset(fib, 0, sizeof(*fib));
	damc_table_init(&fib->table, lock, key);
	atomic64_set(&fib->generation, 1);
}

/**
 * damc_fib_free() - free an empty FIB's table
 * @fib: out of every reader's reach
 */
void damc_fib_free(struct damc_fib *fib)
{
	damc_table_free(&fib->table);
}

/**
 * damc_fib_lookup() - the longest prefix of a name
 * @fib: the FIB
 * @name: well formed
 *
 * Context: under rcu_read_lock() or the writers' lock.
 * Return: the entry, or NULL.
 */
struct damc_fib_entry *damc_fib_lookup(const struct damc_fib *fib,
				       const struct damc_name *name)
{
	return damc_entry_of(damc_table_longest(&fib->table, name,
						READ_ONCE(fib->depths.used)));
}

/**
 * damc_fib_lookup_again() - the longest prefix of a name that was asked before
 * @fib: the FIB
 * @name: well formed
 * @match: what was found for this name before; gets what is found now
 *
 * Where the entry leads is the caller's to read anew: a route that leads
 * elsewhere is still the same entry.
 *
 * Context: under rcu_read_lock() or the writers' lock.
 * Return: the entry, or NULL: what damc_fib_lookup() returns.
 */
struct damc_fib_entry *damc_fib_lookup_again(const struct damc_fib *fib,
					     const struct damc_name *name,
					     struct damc_match *match)
{
	/* First, so that what is found is never older than it. */
	u64 generation = atomic64_read_acquire(&fib->generation);

	if (match->generation != generation) {
		match->entry = damc_fib_lookup(fib, name);
		match->generation = generation;
	}
	return match->entry;
}

/**
 * damc_fib_lookup_all() - the longest prefixes of several names
 * @fib: the FIB
 * @names: well formed
 * @n: how many, at most DAMC_BATCH
 * @entries: gets the entry of each, or NULL
 *
 * Context: under rcu_read_lock() or the writers' lock.
 */
void damc_fib_lookup_all(const struct damc_fib *fib,
			 const struct damc_name *names, unsigned int n,
			 struct damc_fib_entry **entries)
{
	struct damc_node *nodes[DAMC_BATCH];
	unsigned int i;

	damc_table_longest_of(&fib->table, names, n, READ_ONCE(fib->depths.used),
			      nodes);
	for (i = 0; i < n; i++)
		entries[i] = damc_entry_of(nodes[i]);
}

/**
 * damc_fib_find() - the entry of exactly this name
 * @fib: the FIB
 * @name: well formed
 *
 * Context: under rcu_read_lock() or the writers' lock.
 * Return: the entry, or NULL.
 */
struct damc_fib_entry *damc_fib_find(const struct damc_fib *fib,
				     const struct damc_name *name)
{
	u64 hash = damc_name_hash_whole(&fib->table.key, name);

	return damc_entry_of(damc_table_find(&fib->table, hash, name));
}

/**
 * damc_fib_has_depth() - whether an entry could be of a name's depth
 * @fib: the FIB
 * @name: well formed
 * @max: depths that may be in use then, if it would be a new one
 *
 * Context: under the writers' lock.
 */
bool damc_fib_has_depth(const struct damc_fib *fib,
			const struct damc_name *name, unsigned int max)
{
	return damc_depths_allow(&fib->depths,
				 damc_name_depth(name->wire, name->len), max);
}

/*
 * An entry has come or gone: what was found before counts no more. A reader that
 * sees the new generation sees the change; one that does not, and uses an entry
 * it remembers, is one that the entry's grace period waits for.
 */
static void damc_fib_changed(struct damc_fib *fib)
{
	atomic64_inc_return_release(&fib->generation);
}

/**
 * damc_fib_insert() - add an entry
 * @fib: the FIB
 * @name: well formed, copied
 * @protocol: enum damc_route_protocol
 * @target: where it leads; the caller's reference becomes the entry's
 *
 * Context: under the writers' lock, may sleep.
 * Return: 0; -EEXIST; -ENOSPC at DAMC_ROUTES_MAX; -E2BIG if it would be of one
 * depth more than DAMC_DEPTHS_MAX; -ENOMEM. On error nothing has changed.
 */
int damc_fib_insert(struct damc_fib *fib, const struct damc_name *name,
		    u32 protocol, struct damc_target *target)
{
	unsigned int depth = damc_name_depth(name->wire, name->len);
	u64 hash = damc_name_hash_whole(&fib->table.key, name);
	struct damc_fib_entry *entry;
	int err;

	if (damc_table_find(&fib->table, hash, name))
		return -EEXIST;
	if (fib->table.count >= DAMC_ROUTES_MAX)
		return -ENOSPC;
	if (!damc_depths_allow(&fib->depths, depth, DAMC_DEPTHS_MAX))
		return -E2BIG;
	entry = kmalloc(struct_size(entry, node.wire, name->len),
			GFP_KERNEL_ACCOUNT);
	if (!entry)
		return -ENOMEM;
	RCU_INIT_POINTER(entry->target, target);
	entry->protocol = protocol;
	damc_node_set(&entry->node, hash, name);
	err = damc_table_insert(&fib->table, &entry->node);
	if (err) {
		kfree(entry);
		return err;
	}
	damc_depths_add(&fib->depths, depth);
	damc_fib_changed(fib);
	return 0;
}

/**
 * damc_fib_remove() - take an entry out and free it after a grace period
 * @fib: the FIB
 * @entry: one that is in it; its target's reference is the caller's again
 *
 * Context: under the writers' lock, may sleep.
 */
void damc_fib_remove(struct damc_fib *fib, struct damc_fib_entry *entry)
{
	damc_depths_del(&fib->depths,
			damc_name_depth(entry->node.wire, entry->node.len));
	damc_table_remove(&fib->table, &entry->node);
	damc_fib_changed(fib);
	kvfree_rcu_mightsleep(entry);
}

/**
 * damc_fib_first() - the first entry in the order of hashes
 * @fib: the FIB
 *
 * Context: under the writers' lock.
 */
struct damc_fib_entry *damc_fib_first(const struct damc_fib *fib)
{
	return damc_entry_of(damc_table_first(&fib->table));
}

/**
 * damc_fib_after() - the next entry in the order of hashes
 * @fib: the FIB
 * @hash: that of the last one, which need not be there any more
 *
 * Context: under the writers' lock.
 */
struct damc_fib_entry *damc_fib_after(const struct damc_fib *fib, u64 hash)
{
	return damc_entry_of(damc_table_after(&fib->table, hash));
}
