/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The name FIB: longest-prefix match by component. One table holds prefixes of
 * all depths; a lookup hashes the name once and probes only the depths in use.
 *
 * Readers hold rcu_read_lock(). Writers hold the table's lock and may sleep. The
 * FIB owns its entries, and of what they lead to nothing: the caller takes and
 * drops references.
 *
 * Pure: also compiled in user space, against a naive twin.
 */
#ifndef _DAMC_FIB_H
#define _DAMC_FIB_H

#include <linux/atomic.h>

#include "depths.h"
#include "table.h"

struct damc_target;

/**
 * struct damc_fib_entry - a prefix and where it leads
 * @target: never NULL while the entry is in the table
 * @protocol: enum damc_route_protocol, who put it in
 * @node: the prefix
 */
struct damc_fib_entry {
	struct damc_target __rcu *target;
	u32 protocol;
	struct damc_node node;
};

/**
 * struct damc_fib - one namespace's FIB
 * @table: the entries
 * @generation: counts entries that came or went; never 0, never twice the same
 * @depths: of the entries
 */
struct damc_fib {
	struct damc_table table;
	atomic64_t generation;
	struct damc_depths depths;
};

/**
 * struct damc_match - what a lookup found, for the next one of the same name
 * @generation: of the FIB before that lookup; 0: there was none
 * @entry: the entry, or NULL
 *
 * The entry may be gone; it is there as long as the generation is the FIB's.
 */
struct damc_match {
	u64 generation;
	struct damc_fib_entry *entry;
};

void damc_fib_init(struct damc_fib *fib, struct mutex *lock,
		   const siphash_key_t *key);
void damc_fib_free(struct damc_fib *fib);

struct damc_fib_entry *damc_fib_lookup(const struct damc_fib *fib,
				       const struct damc_name *name);
struct damc_fib_entry *damc_fib_lookup_again(const struct damc_fib *fib,
					     const struct damc_name *name,
					     struct damc_match *match);
void damc_fib_lookup_all(const struct damc_fib *fib,
			 const struct damc_name *names, unsigned int n,
			 struct damc_fib_entry **entries);
struct damc_fib_entry *damc_fib_find(const struct damc_fib *fib,
				     const struct damc_name *name);
bool damc_fib_has_depth(const struct damc_fib *fib,
			const struct damc_name *name, unsigned int max);
int damc_fib_insert(struct damc_fib *fib, const struct damc_name *name,
		    u32 protocol, struct damc_target *target);
void damc_fib_remove(struct damc_fib *fib, struct damc_fib_entry *entry);
struct damc_fib_entry *damc_fib_first(const struct damc_fib *fib);
struct damc_fib_entry *damc_fib_after(const struct damc_fib *fib, u64 hash);

#endif /* _DAMC_FIB_H */
