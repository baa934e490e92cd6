// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "queue.h"

#define CHILDREN 4
#define LINE 64
#define SIZE_MIN 1024
#define SLOTS_MAX (1u << QUEUE_SLOT_BITS)
#define ORDERS_MAX (1ull << (64 - QUEUE_SLOT_BITS))

_Static_assert(CHILDREN * sizeof(struct queue_key) == LINE,
	       "children lie in one line");

/* The first has no siblings: it is the last in its line. */
static struct queue_key *first_in(void *block)
{
	uintptr_t line = ((uintptr_t)block + LINE - 1) / LINE * LINE;

	return (struct queue_key *)line + CHILDREN - 1;
}

static void grow(struct queue *queue)
{
	size_t size = queue->size ? 2 * queue->size : SIZE_MIN;
	void *block = sim_alloc((size + CHILDREN) * sizeof(*queue->key) + LINE);
	struct queue_key *key = first_in(block);
	size_t room = queue->size, unused = queue->size;

	if (queue->n)
		memcpy(key, queue->key, queue->n * sizeof(*key));
	free(queue->block);
	queue->block = block;
	queue->key = key;
	queue->event = sim_grow(queue->event, size - 1, &room,
				sizeof(*queue->event));
	queue->unused = sim_grow(queue->unused, size - 1, &unused,
				 sizeof(*queue->unused));
	queue->size = size;
}

/* A place for an event: the one that was left last, which is still warm. */
static uint32_t take_slot(struct queue *queue)
{
	if (queue->n < queue->slots)
		return queue->unused[queue->slots - queue->n - 1];
	if (queue->slots == SLOTS_MAX || queue->added == ORDERS_MAX) {
		fputs("sim: too many events\n", stderr);
		abort();
	}
	return queue->slots++;
}

static bool before(const struct queue_key *a, const struct queue_key *b)
{
	return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void sift_up(struct queue *queue, size_t i, struct queue_key key)
{
	while (i) {
		size_t parent = (i - 1) / CHILDREN;

		if (!before(&key, &queue->key[parent]))
			break;
		queue->key[i] = queue->key[parent];
		i = parent;
	}
	queue->key[i] = key;
}

void queue_add(struct queue *queue, uint64_t at, queue_fn fn, void *arg,
	       uint64_t number)
{
	uint32_t slot;

	if (queue->n == queue->size)
		grow(queue);
	slot = take_slot(queue);
	queue->event[slot] = (struct event){
		.at = at, .fn = fn, .arg = arg, .number = number,
	};
	sift_up(queue, queue->n++, (struct queue_key){
		at, queue->added++ << QUEUE_SLOT_BITS | slot });
}

static size_t first_child(const struct queue *queue, size_t i)
{
	size_t child = i * CHILDREN + 1, best = child;
	size_t end = child + CHILDREN;

	if (end > queue->n)
		end = queue->n;
	while (++child < end)
		if (before(&queue->key[child], &queue->key[best]))
			best = child;
	return best;
}

static void sift_down(struct queue *queue, struct queue_key key)
{
	size_t i = 0;

	while (i * CHILDREN + 1 < queue->n) {
		size_t child = first_child(queue, i);

		if (!before(&queue->key[child], &key))
			break;
		queue->key[i] = queue->key[child];
		i = child;
	}
	queue->key[i] = key;
}

bool queue_take(struct queue *queue, struct event *event)
{
	uint32_t slot;

	if (!queue->n)
		return false;
	slot = queue->key[0].order & (SLOTS_MAX - 1);
	*event = queue->event[slot];
	queue->n--;
	queue->unused[queue->slots - queue->n - 1] = slot;
	if (queue->n)
		sift_down(queue, queue->key[queue->n]);
	return true;
}

uint64_t queue_next(const struct queue *queue)
{
	return queue->n ? queue->key[0].at : UINT64_MAX;
}

void queue_free(struct queue *queue)
{
	free(queue->block);
	free(queue->event);
	free(queue->unused);
	*queue = (struct queue){ 0 };
}
