// SPDX-License-Identifier: GPL-2.0
/* See trust_map.h. */
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "trust_map.h"

#define FIRST_SIZE 16

void dc_map_init(struct dc_map *map, const uint8_t seed[DC_MAP_SEED_BYTES])
{
	memset(map, 0, sizeof(*map));
	map->seed = seed;
}

void dc_map_clear(struct dc_map *map)
{
	free(map->slot);
	map->slot = NULL;
	map->n = 0;
	map->size = 0;
}

static uint32_t home_of(const struct dc_map *map, const void *key)
{
	uint64_t hash;

	crypto_shorthash_siphash24((uint8_t *)&hash, key, DC_HASH_BYTES,
				   map->seed);
	return hash & (map->size - 1);
}

/* The key's slot, or the free one where it would go. The map is not empty. */
static uint32_t slot_of(const struct dc_map *map, const void *key)
{
	uint32_t i = home_of(map, key);

	while (map->slot[i].value &&
	       memcmp(map->slot[i].key.byte, key, DC_HASH_BYTES))
		i = (i + 1) & (map->size - 1);
	return i;
}

void *dc_map_get(const struct dc_map *map, const void *key)
{
	return map->size ? map->slot[slot_of(map, key)].value : NULL;
}

static int grow(struct dc_map *map)
{
	struct dc_map wider = *map;
	uint32_t i;

	wider.size = map->size ? 2 * map->size : FIRST_SIZE;
	wider.slot = calloc(wider.size, sizeof(*wider.slot));
	if (!wider.slot)
		return -ENOMEM;
	for (i = 0; i < map->size; i++) {
		const struct dc_map_slot *slot = &map->slot[i];

		if (slot->value)
			wider.slot[slot_of(&wider, slot->key.byte)] = *slot;
	}
	free(map->slot);
	*map = wider;
	return 0;
}

int dc_map_put(struct dc_map *map, const void *key, void *value)
{
	struct dc_map_slot *slot;
	int err;

	/* In the place of another it takes none. */
	if (4 * (map->n + 1) > 3 * map->size && !dc_map_get(map, key)) {
		err = grow(map);
		if (err)
			return err;
	}
	slot = &map->slot[slot_of(map, key)];
	if (!slot->value) {
		memcpy(slot->key.byte, key, DC_HASH_BYTES);
		map->n++;
	}
	slot->value = value;
	return 0;
}

/* What follows the hole moves up, unless that would be before its home. */
static void close_hole(struct dc_map *map, uint32_t hole)
{
	uint32_t mask = map->size - 1, i = hole;

	for (;;) {
		i = (i + 1) & mask;
		if (!map->slot[i].value)
			break;
		if (((i - home_of(map, map->slot[i].key.byte)) & mask) <
		    ((i - hole) & mask))
			continue;
		map->slot[hole] = map->slot[i];
		hole = i;
	}
	map->slot[hole].value = NULL;
}

void dc_map_del(struct dc_map *map, const void *key)
{
	uint32_t i;

	if (!map->size)
		return;
	i = slot_of(map, key);
	if (!map->slot[i].value)
		return;
	map->n--;
	close_hole(map, i);
}

void *dc_map_next(const struct dc_map *map, uint32_t *at)
{
	while (*at < map->size) {
		void *value = map->slot[(*at)++].value;

		if (value)
			return value;
	}
	return NULL;
}

/* ---- heap -------------------------------------------------------------- */

static void swap(struct dc_heap_item *a, struct dc_heap_item *b)
{
	struct dc_heap_item c = *a;

	*a = *b;
	*b = c;
}

static int heap_grow(struct dc_heap *heap)
{
	uint32_t size = heap->size ? 2 * heap->size : FIRST_SIZE;
	struct dc_heap_item *item;

	item = realloc(heap->item, size * sizeof(*item));
	if (!item)
		return -ENOMEM;
	heap->item = item;
	heap->size = size;
	return 0;
}

int dc_heap_push(struct dc_heap *heap, uint64_t when,
		 const struct dc_hash *hash)
{
	uint32_t i = heap->n;

	if (heap->n == heap->size && heap_grow(heap))
		return -ENOMEM;
	heap->item[heap->n++] = (struct dc_heap_item){ when, *hash };
	while (i && heap->item[(i - 1) / 2].when > heap->item[i].when) {
		swap(&heap->item[i], &heap->item[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	return 0;
}

static void sink(struct dc_heap *heap, uint32_t i)
{
	for (;;) {
		uint32_t first = i, child = 2 * i + 1, end = child + 2;

		for (; child < end && child < heap->n; child++)
			if (heap->item[child].when < heap->item[first].when)
				first = child;
		if (first == i)
			return;
		swap(&heap->item[i], &heap->item[first]);
		i = first;
	}
}

uint64_t dc_heap_first(const struct dc_heap *heap)
{
	return heap->n ? heap->item[0].when : UINT64_MAX;
}

bool dc_heap_pop(struct dc_heap *heap, uint64_t now, struct dc_hash *hash)
{
	if (!heap->n || heap->item[0].when > now)
		return false;
	*hash = heap->item[0].hash;
	heap->item[0] = heap->item[--heap->n];
	sink(heap, 0);
	return true;
}

void dc_heap_clear(struct dc_heap *heap)
{
	free(heap->item);
	memset(heap, 0, sizeof(*heap));
}
