// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "alloc.h"
#include "queue.h"

#define CHILDREN 4

static bool before(const struct event *a, const struct event *b)
{
	return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void sift_up(struct queue *queue, size_t i, const struct event *event)
{
	while (i) {
		size_t parent = (i - 1) / CHILDREN;

		if (!before(event, &queue->event[parent]))
			break;
		queue->event[i] = queue->event[parent];
		i = parent;
	}
	queue->event[i] = *event;
}

void queue_add(struct queue *queue, uint64_t at, queue_fn fn, void *arg,
	       uint64_t number)
{
	struct event event = {
		.at = at, .order = queue->added++,
		.fn = fn, .arg = arg, .number = number,
	};

	queue->event = sim_grow(queue->event, queue->n, &queue->size,
				sizeof(*queue->event));
	sift_up(queue, queue->n++, &event);
}

static size_t first_child(const struct queue *queue, size_t i)
{
	size_t child = i * CHILDREN + 1, best = child;
	size_t end = child + CHILDREN;

	if (end > queue->n)
		end = queue->n;
	while (++child < end)
		if (before(&queue->event[child], &queue->event[best]))
			best = child;
	return best;
}

static void sift_down(struct queue *queue, const struct event *event)
{
	size_t i = 0;

	while (i * CHILDREN + 1 < queue->n) {
		size_t child = first_child(queue, i);

		if (!before(&queue->event[child], event))
			break;
		queue->event[i] = queue->event[child];
		i = child;
	}
	queue->event[i] = *event;
}

bool queue_take(struct queue *queue, struct event *event)
{
	struct event last;

	if (!queue->n)
		return false;
	*event = queue->event[0];
	last = queue->event[--queue->n];
	if (queue->n)
		sift_down(queue, &last);
	return true;
}

uint64_t queue_next(const struct queue *queue)
{
	return queue->n ? queue->event[0].at : UINT64_MAX;
}

void queue_free(struct queue *queue)
{
	free(queue->event);
	*queue = (struct queue){ 0 };
}
