/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hash tables whose keys others choose: SipHash with a key of each table's own.
 * An entry is part of what it finds, whose owner compares and frees.
 */
#ifndef DC_RIB_TABLE_H
#define DC_RIB_TABLE_H

#include <stddef.h>
#include <stdint.h>

#define DC_TABLE_KEY_BYTES 16

struct dc_entry {
	struct dc_entry *next;
	uint32_t hash;
};

struct dc_table {
	struct dc_entry **bucket;
	uint32_t mask;
	uint32_t n;
	uint8_t key[DC_TABLE_KEY_BYTES];
};

/* What an entry is part of. */
#define dc_entry_of(entry, type) \
	((type *)((char *)(entry) - offsetof(type, entry)))

/* 0 or -ENOMEM. */
int dc_table_init(struct dc_table *table);
void dc_table_free(struct dc_table *table);

uint32_t dc_table_hash(const struct dc_table *table, const void *key,
		       size_t len);

/* Cannot fail: where there is no memory to grow, chains do. */
void dc_table_add(struct dc_table *table, struct dc_entry *entry,
		  uint32_t hash);
void dc_table_del(struct dc_table *table, struct dc_entry *entry);

/* The first of those that may have this hash; the others by @next. */
static inline struct dc_entry *dc_table_first(const struct dc_table *table,
					      uint32_t hash)
{
	return table->bucket[hash & table->mask];
}

#endif /* DC_RIB_TABLE_H */
