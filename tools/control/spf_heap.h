/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A radix heap: a queue from which keys come out in order, for users who never
 * put in less than what they took out last. An entry lies in the bucket of the
 * highest bit in which its key differs from that; it moves down at most 32
 * times, and with the small costs of links hardly ever.
 *
 * Entries are not reused until dc_heap_clear(): the owner gives room for as many
 * as it puts in between.
 */
#ifndef DC_SPF_HEAP_H
#define DC_SPF_HEAP_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define DC_HEAP_BUCKETS 33

struct dc_heap_entry {
	uint32_t key;
	uint32_t value;
	uint32_t next;
};

/**
 * struct dc_heap - the queue
 * @head: of each bucket, an index of @entry, 0 if it is empty
 * @full: bit of each bucket that is not empty
 * @last: what came out last
 * @n: entries in use, the unused first included
 * @room: for entries
 */
struct dc_heap {
	uint32_t head[DC_HEAP_BUCKETS];
	uint64_t full;
	uint32_t last;
	uint32_t n;
	uint32_t room;
	struct dc_heap_entry *entry;
};

static inline void dc_heap_clear(struct dc_heap *heap)
{
	memset(heap->head, 0, sizeof(heap->head));
	heap->full = 0;
	heap->last = 0;
	heap->n = 1;
}

static inline void dc_heap_link(struct dc_heap *heap, uint32_t i)
{
	uint32_t differs = heap->entry[i].key ^ heap->last;
	uint32_t bucket = differs ? 32 - __builtin_clz(differs) : 0;

	heap->entry[i].next = heap->head[bucket];
	heap->head[bucket] = i;
	heap->full |= 1ull << bucket;
}

static inline void dc_heap_push(struct dc_heap *heap, uint32_t key,
				uint32_t value)
{
	uint32_t i = heap->n++;

	heap->entry[i].key = key;
	heap->entry[i].value = value;
	dc_heap_link(heap, i);
}

/* Make the least key the last, which moves all of its bucket below. */
static inline void dc_heap_spread(struct dc_heap *heap)
{
	uint32_t bucket = __builtin_ctzll(heap->full);
	uint32_t first = heap->head[bucket], least = UINT32_MAX, i, next;

	for (i = first; i; i = heap->entry[i].next)
		if (heap->entry[i].key < least)
			least = heap->entry[i].key;
	heap->last = least;
	heap->head[bucket] = 0;
	heap->full &= ~(1ull << bucket);
	for (i = first; i; i = next) {
		next = heap->entry[i].next;
		dc_heap_link(heap, i);
	}
}

/* The least key and its value; false if there is none. */
static inline bool dc_heap_pop(struct dc_heap *heap, uint32_t *key,
			       uint32_t *value)
{
	uint32_t i;

	if (!heap->head[0]) {
		if (!heap->full)
			return false;
		dc_heap_spread(heap);
	}
	i = heap->head[0];
	heap->head[0] = heap->entry[i].next;
	if (!heap->head[0])
		heap->full &= ~1ull;
	*key = heap->entry[i].key;
	*value = heap->entry[i].value;
	return true;
}

#endif /* DC_SPF_HEAP_H */
