/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Buckets in levels, a radix heap of base 256: a queue from which keys come out
 * in order, for users who only put in more than what they took out last. An
 * entry lies on the level of the highest digit in which its key differs from
 * that, in the bucket of its own digit. It moves down three times at most, and
 * with the small costs of links hardly once.
 *
 * Entries are not reused until dc_queue_clear(): the owner gives room for as many
 * as it puts in between.
 */
#ifndef DC_SPF_QUEUE_H
#define DC_SPF_QUEUE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define DC_QUEUE_BITS 8
#define DC_QUEUE_DIGITS (1u << DC_QUEUE_BITS)
#define DC_QUEUE_LEVELS 4
/* Buckets that a word has a bit each of. */
#define DC_QUEUE_WORD 64
#define DC_QUEUE_WORDS (DC_QUEUE_DIGITS / DC_QUEUE_WORD)

struct dc_queue_entry {
	uint32_t key;
	uint32_t value;
	uint32_t next;
};

/**
 * struct dc_queue - the queue
 * @head: of each bucket, an index of @entry; valid if its bit is set
 * @full: bit of each bucket of a level that is not empty
 * @words: bit of each word of @full that is not 0; 0: the level is empty
 * @last: what came out last
 * @batch: the rest of those with this key, UINT32_MAX if there is none
 * @n: entries in use
 * @room: for entries
 */
struct dc_queue {
	uint32_t head[DC_QUEUE_LEVELS][DC_QUEUE_DIGITS];
	uint64_t full[DC_QUEUE_LEVELS][DC_QUEUE_WORDS];
	uint8_t words[DC_QUEUE_LEVELS];
	uint32_t last;
	uint32_t batch;
	uint32_t n;
	uint32_t room;
	struct dc_queue_entry *entry;
};

static inline void dc_queue_clear(struct dc_queue *queue)
{
	memset(queue->full, 0, sizeof(queue->full));
	memset(queue->words, 0, sizeof(queue->words));
	queue->last = 0;
	queue->batch = UINT32_MAX;
	queue->n = 0;
}

static inline void dc_queue_link(struct dc_queue *queue, uint32_t i)
{
	uint32_t key = queue->entry[i].key, differs = key ^ queue->last;
	uint32_t level = (31 - __builtin_clz(differs | 1)) / DC_QUEUE_BITS;
	uint32_t digit = key >> level * DC_QUEUE_BITS & (DC_QUEUE_DIGITS - 1);
	uint32_t word = digit / DC_QUEUE_WORD;
	uint64_t bit = 1ull << digit % DC_QUEUE_WORD;

	queue->entry[i].next = queue->full[level][word] & bit ?
			      queue->head[level][digit] : UINT32_MAX;
	queue->head[level][digit] = i;
	queue->full[level][word] |= bit;
	queue->words[level] |= 1u << word;
}

static inline void dc_queue_push(struct dc_queue *queue, uint32_t key,
				 uint32_t value)
{
	uint32_t i = queue->n++;

	queue->entry[i].key = key;
	queue->entry[i].value = value;
	dc_queue_link(queue, i);
}

/* One that comes out next: before all with the key of the last that did. */
static inline void dc_queue_push_next(struct dc_queue *queue, uint32_t value)
{
	uint32_t i = queue->n++;

	queue->entry[i].key = queue->last;
	queue->entry[i].value = value;
	queue->entry[i].next = queue->batch;
	queue->batch = i;
}

/* Take the first bucket of a level that has some off: its digit. */
static inline uint32_t dc_queue_take(struct dc_queue *queue, uint32_t level)
{
	uint32_t word = __builtin_ctz(queue->words[level]);
	uint64_t *full = &queue->full[level][word];
	uint32_t digit = word * DC_QUEUE_WORD + __builtin_ctzll(*full);

	*full &= *full - 1;
	if (!*full)
		queue->words[level] &= queue->words[level] - 1;
	return digit;
}

/* Go on to the first bucket of a level, which moves all that is in it below. */
static inline void dc_queue_spread(struct dc_queue *queue, uint32_t level)
{
	uint32_t digit = dc_queue_take(queue, level), i, next;
	uint32_t shift = level * DC_QUEUE_BITS;
	uint64_t above = (uint64_t)queue->last >> shift >> DC_QUEUE_BITS;

	queue->last = (above << DC_QUEUE_BITS | digit) << shift;
	for (i = queue->head[level][digit]; i != UINT32_MAX; i = next) {
		next = queue->entry[i].next;
		dc_queue_link(queue, i);
	}
}

/* All with the least key; false if there is none. Apart: the rest is short. */
static __attribute__((noinline, unused))
bool dc_queue_refill(struct dc_queue *queue)
{
	uint32_t level = 0;

	while (!queue->words[level])
		if (++level == DC_QUEUE_LEVELS)
			return false;
	while (level) {
		dc_queue_spread(queue, level);
		for (level = 0; !queue->words[level]; level++)
			;
	}
	queue->batch = queue->head[0][dc_queue_take(queue, 0)];
	queue->last = queue->entry[queue->batch].key;
	return true;
}

/* Whether the next has the key of the last that came out. */
static inline bool dc_queue_more(const struct dc_queue *queue)
{
	return queue->batch != UINT32_MAX;
}

/* The least key and its value; false if there is none. */
static inline __attribute__((always_inline))
bool dc_queue_pop(struct dc_queue *queue, uint32_t *key, uint32_t *value)
{
	const struct dc_queue_entry *entry;

	if (queue->batch == UINT32_MAX && !dc_queue_refill(queue))
		return false;
	entry = &queue->entry[queue->batch];
	queue->batch = entry->next;
	*key = entry->key;
	*value = entry->value;
	return true;
}

#endif /* DC_SPF_QUEUE_H */
