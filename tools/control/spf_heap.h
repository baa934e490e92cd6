/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Buckets in levels, a radix heap of base 64: a queue from which keys come out
 * in order, for users who only put in more than what they took out last. An
 * entry lies on the level of the highest digit in which its key differs from
 * that, in the bucket of its own digit. It moves down five times at most, and
 * with the small costs of links hardly once.
 *
 * Entries are not reused until dc_heap_clear(): the owner gives room for as many
 * as it puts in between.
 */
#ifndef DC_SPF_HEAP_H
#define DC_SPF_HEAP_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define DC_HEAP_BITS 6
#define DC_HEAP_DIGITS (1u << DC_HEAP_BITS)
#define DC_HEAP_LEVELS 6

struct dc_heap_entry {
	uint32_t key;
	uint32_t value;
	uint32_t next;
};

/**
 * struct dc_heap - the queue
 * @head: of each bucket, an index of @entry; valid if its bit is set
 * @full: bit of each bucket of a level that is not empty
 * @levels: bit of each level that is not empty
 * @last: what came out last
 * @batch: the rest of those with this key, UINT32_MAX if there is none
 * @n: entries in use
 * @room: for entries
 */
struct dc_heap {
	uint32_t head[DC_HEAP_LEVELS][DC_HEAP_DIGITS];
	uint64_t full[DC_HEAP_LEVELS];
	uint32_t levels;
	uint32_t last;
	uint32_t batch;
	uint32_t n;
	uint32_t room;
	struct dc_heap_entry *entry;
};

static inline void dc_heap_clear(struct dc_heap *heap)
{
	memset(heap->full, 0, sizeof(heap->full));
	heap->levels = 0;
	heap->last = 0;
	heap->batch = UINT32_MAX;
	heap->n = 0;
}

static inline void dc_heap_link(struct dc_heap *heap, uint32_t i)
{
	uint32_t key = heap->entry[i].key, differs = key ^ heap->last;
	uint32_t level = (31 - __builtin_clz(differs | 1)) / DC_HEAP_BITS;
	uint32_t digit = key >> level * DC_HEAP_BITS & (DC_HEAP_DIGITS - 1);
	uint64_t bit = 1ull << digit;

	heap->entry[i].next = heap->full[level] & bit ?
			      heap->head[level][digit] : UINT32_MAX;
	heap->head[level][digit] = i;
	heap->full[level] |= bit;
	heap->levels |= 1u << level;
}

static inline void dc_heap_push(struct dc_heap *heap, uint32_t key,
				uint32_t value)
{
	uint32_t i = heap->n++;

	heap->entry[i].key = key;
	heap->entry[i].value = value;
	dc_heap_link(heap, i);
}

/* Take a bucket, the first of its level, off: the head of its entries. */
static inline uint32_t dc_heap_take(struct dc_heap *heap, uint32_t level,
				    uint32_t digit)
{
	heap->full[level] &= heap->full[level] - 1;
	if (!heap->full[level])
		heap->levels &= ~(1u << level);
	return heap->head[level][digit];
}

/* Go on to the first bucket of a level, which moves all that is in it below. */
static inline void dc_heap_spread(struct dc_heap *heap, uint32_t level)
{
	uint32_t digit = __builtin_ctzll(heap->full[level]), i, next;
	uint32_t shift = level * DC_HEAP_BITS;
	uint64_t above = (uint64_t)heap->last >> shift >> DC_HEAP_BITS;

	heap->last = (above << DC_HEAP_BITS | digit) << shift;
	for (i = dc_heap_take(heap, level, digit); i != UINT32_MAX; i = next) {
		next = heap->entry[i].next;
		dc_heap_link(heap, i);
	}
}

/* All with the least key; false if there is none. */
static inline bool dc_heap_refill(struct dc_heap *heap)
{
	uint32_t digit;

	if (!heap->levels)
		return false;
	while (!(heap->levels & 1))
		dc_heap_spread(heap, __builtin_ctz(heap->levels));
	digit = __builtin_ctzll(heap->full[0]);
	heap->batch = dc_heap_take(heap, 0, digit);
	heap->last = heap->entry[heap->batch].key;
	return true;
}

/* The least key and its value; false if there is none. */
static inline bool dc_heap_pop(struct dc_heap *heap, uint32_t *key,
			       uint32_t *value)
{
	const struct dc_heap_entry *entry;

	if (heap->batch == UINT32_MAX && !dc_heap_refill(heap))
		return false;
	entry = &heap->entry[heap->batch];
	heap->batch = entry->next;
	*key = entry->key;
	*value = entry->value;
	return true;
}

#endif /* DC_SPF_HEAP_H */
