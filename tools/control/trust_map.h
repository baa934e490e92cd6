/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A growing table from 16 bytes (a hash, a key's id) to a pointer; and a heap of
 * such hashes by time. Buckets are found with a keyed hash, for an attacker has all
 * the time to look for hashes that meet in one.
 */
#ifndef DC_TRUST_MAP_H
#define DC_TRUST_MAP_H

#include "object.h"

#define DC_MAP_SEED_BYTES 16

struct dc_map_slot {
	struct dc_hash key;
	void *value;
};

/**
 * struct dc_map - open addressing, no slot is ever marked deleted
 * @n: in use
 * @size: slots, a power of two, at least 4/3 of @n; 0 as long as it is empty
 * @seed: of the hash; the owner's, who outlives the map
 */
struct dc_map {
	struct dc_map_slot *slot;
	uint32_t n;
	uint32_t size;
	const uint8_t *seed;
};

void dc_map_init(struct dc_map *map, const uint8_t seed[DC_MAP_SEED_BYTES]);
/* Forgets the keys; values are the owner's. */
void dc_map_clear(struct dc_map *map);

void *dc_map_get(const struct dc_map *map, const void *key);
/* Adds or replaces; @value is not NULL. 0 or -ENOMEM. */
int dc_map_put(struct dc_map *map, const void *key, void *value);
void dc_map_del(struct dc_map *map, const void *key);

/* The first value at or after slot @*at, and one past its slot; NULL: no more. */
void *dc_map_next(const struct dc_map *map, uint32_t *at);

/* ---- heap -------------------------------------------------------------- */

struct dc_heap_item {
	uint64_t when;
	struct dc_hash hash;
};

struct dc_heap {
	struct dc_heap_item *item;
	uint32_t n;
	uint32_t size;
};

/* 0 or -ENOMEM. */
int dc_heap_push(struct dc_heap *heap, uint64_t when,
		 const struct dc_hash *hash);
/* When the first is due; UINT64_MAX: there is none. */
uint64_t dc_heap_first(const struct dc_heap *heap);
/* Takes the first, if it is due at @now. */
bool dc_heap_pop(struct dc_heap *heap, uint64_t now, struct dc_hash *hash);
void dc_heap_clear(struct dc_heap *heap);

#endif /* DC_TRUST_MAP_H */
