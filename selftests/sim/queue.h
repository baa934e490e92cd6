/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is to happen, by time. Of two events at one time that comes first which
 * was put in first, so that a seed replays exactly.
 */
#ifndef SIM_QUEUE_H
#define SIM_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim;

/* @arg and @number are what was given to queue_add(). */
typedef void (*queue_fn)(struct sim *sim, void *arg, uint64_t number);

/**
 * struct event - something that is to happen
 * @at: virtual time in ns
 */
struct event {
	uint64_t at;
	queue_fn fn;
	void *arg;
	uint64_t number;
};

/* An event's place in @event, below how many were added before it. */
#define QUEUE_SLOT_BITS 24

/**
 * struct queue_key - by which events are ordered
 * @order: among those of the same time, and QUEUE_SLOT_BITS of the place
 */
struct queue_key {
	uint64_t at;
	uint64_t order;
};

/**
 * struct queue - a heap of keys with four children each, which lie in one line
 * @key: in memory of @block's; @n of them
 * @event: by place; @unused: places that are free, @slots less @n
 * @added: how many ever were
 */
struct queue {
	void *block;
	struct queue_key *key;
	size_t n;
	size_t size;
	struct event *event;
	uint32_t *unused;
	uint32_t slots;
	uint64_t added;
};

void queue_add(struct queue *queue, uint64_t at, queue_fn fn, void *arg,
	       uint64_t number);
/* Take the first out: false if there is none. */
bool queue_take(struct queue *queue, struct event *event);
/* When the first is; UINT64_MAX: never. */
uint64_t queue_next(const struct queue *queue);
void queue_free(struct queue *queue);

#endif /* SIM_QUEUE_H */
