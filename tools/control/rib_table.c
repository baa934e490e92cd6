// SPDX-License-Identifier: GPL-2.0
/* Chains in a number of buckets that doubles as entries come. */
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>

#include "rib_table.h"

#define BUCKETS_MIN 64

int dc_table_init(struct dc_table *table)
{
	table->bucket = calloc(BUCKETS_MIN, sizeof(*table->bucket));
	if (!table->bucket)
		return -ENOMEM;
	table->mask = BUCKETS_MIN - 1;
	table->n = 0;
	randombytes_buf(table->key, sizeof(table->key));
	return 0;
}

void dc_table_free(struct dc_table *table)
{
	free(table->bucket);
	table->bucket = NULL;
}

uint32_t dc_table_hash(const struct dc_table *table, const void *key,
		       size_t len)
{
	union {
		unsigned char bytes[crypto_shorthash_BYTES];
		uint32_t hash;
	} out;

	crypto_shorthash(out.bytes, key, len, table->key);
	return out.hash;
}

static void put(struct dc_entry **bucket, uint32_t mask, struct dc_entry *entry)
{
	entry->next = bucket[entry->hash & mask];
	bucket[entry->hash & mask] = entry;
}

static void grow(struct dc_table *table)
{
	uint32_t mask = table->mask * 2 + 1, i;
	struct dc_entry **bucket = calloc((size_t)mask + 1, sizeof(*bucket));
	struct dc_entry *entry, *next;

	if (!bucket)
		return;
	for (i = 0; i <= table->mask; i++) {
		for (entry = table->bucket[i]; entry; entry = next) {
			next = entry->next;
			put(bucket, mask, entry);
		}
	}
	free(table->bucket);
	table->bucket = bucket;
	table->mask = mask;
}

void dc_table_add(struct dc_table *table, struct dc_entry *entry, uint32_t hash)
{
	if (table->n > table->mask && table->mask < UINT32_MAX / 2)
		grow(table);
	entry->hash = hash;
	put(table->bucket, table->mask, entry);
	table->n++;
}

void dc_table_del(struct dc_table *table, struct dc_entry *entry)
{
	struct dc_entry **at = &table->bucket[entry->hash & table->mask];

	while (*at != entry)
		at = &(*at)->next;
	*at = entry->next;
	table->n--;
}
