/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Liveness, which is in the kernel: it watches neighbours and lets theirs watch
 * it. Here is what the two have to agree on, and what the node is told of it;
 * and the control lease, by which neighbours know this daemon from a dead one.
 */
#ifndef DAMCD_WATCH_H
#define DAMCD_WATCH_H

#include "daemon.h"
#include "node.h"

struct watch;

/* NULL: why is logged. */
struct watch *watch_new(struct daemon *daemon, struct damc_ctl *ctl);
/* Watching goes on, and the lease runs out by itself. */
void watch_free(struct watch *watch);

/*
 * How the kernel is to watch a neighbour: the key is one that only the two nodes
 * can make of their identities, so it outlasts both daemons.
 */
void watch_config(struct watch *watch, const struct dc_node_id *id,
		  struct damc_neigh_config *config);

/* The neighbour @link came, or went: what was known of it is not any more. */
void watch_anew(struct watch *watch, uint32_t link);

/* Tell the neighbours' kernels to send nothing here: for good. */
void watch_leave(struct watch *watch);

#endif /* DAMCD_WATCH_H */
