/* SPDX-License-Identifier: GPL-2.0 */
/* Ops of a node whose table, neighbours and events nobody looks at. */
#ifndef DC_TEST_NODE_QUIET_H
#define DC_TEST_NODE_QUIET_H

#include "node.h"

static inline void quiet_change(void *arg, const struct dc_fib_change *change)
{
	(void)arg;
	(void)change;
}

static inline void quiet_neighbour(void *arg, uint32_t link, uint32_t ifindex,
				   const struct damc_lladdr *peer,
				   const struct dc_node_id *id, bool up)
{
	(void)arg;
	(void)link;
	(void)ifindex;
	(void)peer;
	(void)id;
	(void)up;
}

static inline void quiet_event(void *arg, const char *what, const char *words)
{
	(void)arg;
	(void)what;
	(void)words;
}

/* Beside what it sends. */
#define QUIET_OPS \
	.fib = { .change = quiet_change }, .neighbour = quiet_neighbour, \
	.event = quiet_event

#endif /* DC_TEST_NODE_QUIET_H */
