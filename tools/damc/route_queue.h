/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lines of a batch that change routes alike go to the kernel together, and
 * fail as if each had gone alone: those before the failing one are in force,
 * those after it only with -force.
 */
#ifndef DAMC_CLI_ROUTE_QUEUE_H
#define DAMC_CLI_ROUTE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

/* Called for a line that failed, after the reason was written. */
typedef void (*route_queue_failed)(unsigned int line, void *arg);

/*
 * Take a line of @len bytes, as it was read: false if it is none for the queue,
 * for whatever reason, and must be run; then, and before waiting for lines, the
 * queue must be flushed. Where it is flushed to make room, *@ret is what came of
 * that.
 */
bool route_queue_take(char *text, size_t len, unsigned int line,
		      route_queue_failed failed, void *arg, int *ret);

/* 0, or not if a line failed. */
int route_queue_flush(route_queue_failed failed, void *arg);

#endif /* DAMC_CLI_ROUTE_QUEUE_H */
