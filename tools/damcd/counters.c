// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "counters.h"

#define COUNTER_MAX 32
#define WORD(name) #name " "

void counters_each(const struct dc_node *node,
		   void (*each)(void *arg, const char *name, uint64_t value),
		   void *arg)
{
	static const char words[] = DC_COUNTERS(WORD);
	struct dc_node_counts counts;
	/* Nothing else is in there. */
	const uint64_t *value = (const uint64_t *)&counts;
	const char *at, *end;
	char name[COUNTER_MAX];

	dc_node_counts(node, &counts);
	for (at = words; *at; at = end + 1) {
		end = strchr(at, ' ');
		memcpy(name, at, end - at);
		name[end - at] = '\0';
		each(arg, name, *value++);
	}
}
