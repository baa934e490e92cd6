// SPDX-License-Identifier: GPL-2.0
/*
 * Open addressing, at most half full. A slot whose count fell to 0 keeps its
 * hash, so that chains stay whole, until the table is built anew.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "spa_count.h"

#define SLOTS_MIN 64

struct dc_spa_count {
	struct dc_hash hash;
	uint32_t count;
	bool used;
};

static struct dc_spa_count *find(const struct dc_spa_counts *counts,
				 const struct dc_hash *hash)
{
	struct dc_spa_count *slot;
	size_t i;

	memcpy(&i, hash->byte, sizeof(i));
	for (;; i++) {
		slot = &counts->slot[i & (counts->slots - 1)];
		if (!slot->used || !memcmp(&slot->hash, hash, sizeof(*hash)))
			return slot;
	}
}

static size_t counted(const struct dc_spa_counts *counts)
{
	size_t i, n = 0;

	for (i = 0; i < counts->slots; i++)
		n += counts->slot[i].count > 0;
	return n;
}

/* To four slots for each thing that is still counted. */
static int rebuild(struct dc_spa_counts *counts)
{
	struct dc_spa_counts made = { .slots = SLOTS_MIN };
	size_t i;

	made.n = counted(counts);
	while (made.slots < 4 * made.n)
		made.slots *= 2;
	made.slot = calloc(made.slots, sizeof(*made.slot));
	if (!made.slot)
		return -ENOMEM;
	for (i = 0; i < counts->slots; i++) {
		if (counts->slot[i].count)
			*find(&made, &counts->slot[i].hash) = counts->slot[i];
	}
	free(counts->slot);
	*counts = made;
	return 0;
}

int dc_spa_count_up(struct dc_spa_counts *counts, const struct dc_hash *hash)
{
	struct dc_spa_count *slot;
	int err;

	if (2 * counts->n >= counts->slots) {
		err = rebuild(counts);
		if (err)
			return err;
	}
	slot = find(counts, hash);
	if (!slot->used) {
		slot->used = true;
		slot->hash = *hash;
		counts->n++;
	}
	slot->count++;
	return 0;
}

void dc_spa_count_down(struct dc_spa_counts *counts,
		       const struct dc_hash *hash)
{
	struct dc_spa_count *slot;

	if (!counts->slots)
		return;
	slot = find(counts, hash);
	if (slot->used && slot->count)
		slot->count--;
}

uint32_t dc_spa_count(const struct dc_spa_counts *counts,
		      const struct dc_hash *hash)
{
	const struct dc_spa_count *slot;

	if (!counts->slots)
		return 0;
	slot = find(counts, hash);
	return slot->used ? slot->count : 0;
}

void dc_spa_counts_free(struct dc_spa_counts *counts)
{
	free(counts->slot);
	*counts = (struct dc_spa_counts){ 0 };
}
