/* SPDX-License-Identifier: GPL-2.0 */
/* A node's counters by name, for whoever lists them. */
#ifndef DAMCD_COUNTERS_H
#define DAMCD_COUNTERS_H

#include "node.h"

/* Call @each for every counter, in the order of struct dc_node_counts. */
void counters_each(const struct dc_node *node,
		   void (*each)(void *arg, const char *name, uint64_t value),
		   void *arg);

#endif /* DAMCD_COUNTERS_H */
