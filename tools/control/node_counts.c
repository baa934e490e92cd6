// SPDX-License-Identifier: GPL-2.0
/* A node's counters by name, for whoever lists them. See node.h. */
#include <assert.h>
#include <stddef.h>

#include "node.h"

#define COUNTER(name) { #name, offsetof(struct dc_node_counts, name) }

static const struct {
	const char *name;
	size_t offset;
} counters[] = {
	COUNTER(rx),
	COUNTER(tx),
	COUNTER(malformed),
	COUNTER(bad_mac),
	COUNTER(replayed),
	COUNTER(forged),
	COUNTER(unknown),
	COUNTER(not_allowed),
	COUNTER(expired),
	COUNTER(revoked),
	COUNTER(duplicate),
	COUNTER(older),
	COUNTER(over_budget),
	COUNTER(flooded),
	COUNTER(acked),
	COUNTER(resent),
	COUNTER(installed),
	COUNTER(spf_runs),
};

#define COUNTERS (sizeof(counters) / sizeof(*counters))

static_assert(sizeof(struct dc_node_counts) / sizeof(uint64_t) == COUNTERS,
	      "a counter without a name");

void dc_node_counts_each(const struct dc_node *node,
			 void (*each)(void *arg, const char *name,
				      uint64_t value), void *arg)
{
	struct dc_node_counts counts;
	size_t i;

	dc_node_counts(node, &counts);
	for (i = 0; i < COUNTERS; i++)
		each(arg, counters[i].name,
		     *(uint64_t *)((char *)&counts + counters[i].offset));
}
