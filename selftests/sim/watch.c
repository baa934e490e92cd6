// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "watch.h"

/* What is looked at so often is not told apart any finer by the tables' times. */
#define STEP_NS (50 * SIM_US)

static bool as_wanted(const struct host *host, uint32_t name, bool way)
{
	const struct table_route *route = table_exact(&host->table, name);

	return way == (route && route->kind == TABLE_SET);
}

static bool all(const struct sim *sim, uint32_t name, uint32_t owner, bool way,
		uint64_t *last)
{
	uint32_t i;

	*last = 0;
	for (i = 0; i < sim->hosts; i++) {
		const struct host *host = &sim->host[i];

		if (i == owner || !host->core)
			continue;
		if (!as_wanted(host, name, way))
			return false;
		if (host->table_at > *last)
			*last = host->table_at;
	}
	return true;
}

uint64_t watch_name(struct sim *sim, const struct damc_name *name,
		    uint32_t owner, bool way, uint64_t most)
{
	uint32_t number = book_number(&sim->names, name);
	uint64_t end = sim->now + most, last;

	while (sim->now < end) {
		sim_pass(sim, STEP_NS);
		if (all(sim, number, owner, way, &last))
			return last;
	}
	return UINT64_MAX;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

uint64_t watch_median(uint64_t *value, uint32_t n)
{
	qsort(value, n, sizeof(*value), by_value);
	return value[n / 2];
}
