// SPDX-License-Identifier: GPL-2.0
/* The fake library, see fake.h: sets of next hops. */
#include <errno.h>
#include <stdio.h>

#include "fake.h"

static int say_set(const char *verb, const struct damc_set *set)
{
	unsigned int i;

	fprintf(stderr, "fake: set %s %u protocol %d", verb, set->id,
		set->protocol);
	for (i = 0; i < set->n_nexthops; i++)
		fake_say_hop(&set->nexthops[i]);
	if (set->has_backup) {
		fprintf(stderr, " backup");
		fake_say_hop(&set->backup);
	}
	return fake_change();
}

int damc_set_add(struct damc_ctl *ctl, const struct damc_set *set)
{
	(void)ctl;
	return say_set("add", set);
}

int damc_set_replace(struct damc_ctl *ctl, const struct damc_set *set)
{
	(void)ctl;
	return say_set("replace", set);
}

int damc_set_del(struct damc_ctl *ctl, uint32_t id)
{
	(void)ctl;
	fprintf(stderr, "fake: set del %u", id);
	return fake_change();
}

struct damc_set fake_set(void)
{
	const struct damc_route route = fake_route();

	return (struct damc_set){
		.id = 4294967295, .protocol = DAMC_ROUTE_PROTOCOL_DAMCD,
		.routes = 3, .n_nexthops = 2,
		.nexthops = { route.nexthops[0], route.nexthops[1] },
		.has_backup = true,
		.backup = { .neigh_id = 4, .remote = { 4, { 192, 0, 2, 1 } },
			    .port = 3625 },
	};
}

int damc_set_dump(struct damc_ctl *ctl,
		  int (*each)(const struct damc_set *set, void *arg), void *arg)
{
	struct damc_set sets[] = {
		{ .id = 1, .protocol = DAMC_ROUTE_PROTOCOL_STATIC },
		fake_set(),
	};
	int i;

	(void)ctl;
	for (i = 0; i < 2 && !fake_is("empty"); i++)
		each(&sets[i], arg);
	return fake_end();
}

int damc_set_get(struct damc_ctl *ctl, uint32_t id, struct damc_set *set)
{
	(void)ctl;
	fake_words("");
	*set = fake_set();
	return id == set->id ? 0 : -ESRCH;
}
