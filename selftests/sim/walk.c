// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "walk.h"

const struct table_route *walk_lookup(const struct oracle *oracle,
				      const struct host *host, uint32_t name,
				      const struct table **table, bool *local)
{
	const struct table_route *route;

	*local = false;
	for (; name != NAME_NONE; name = oracle->sim->names.name[name].parent) {
		*local = oracle_local(oracle, host->number, name);
		if (*local)
			return NULL;
		*table = &host->table;
		route = table_exact(*table, name);
		if (route)
			return route;
		*table = &host->old;
		route = table_exact(*table, name);
		if (route)
			return route;
	}
	return NULL;
}

/* The next hops that a kernel would use now: those alive, or else the backup. */
static uint32_t open_ways(const struct table *table, const struct table_set *set,
			  uint32_t host[DC_FIB_NEXTHOPS_MAX])
{
	const struct table_neighbour *peer;
	uint32_t i, n = 0;

	for (i = 0; i < set->n; i++) {
		peer = table_peer(table, set->link[i]);
		if (peer && peer->up && peer->alive)
			host[n++] = peer->host;
	}
	peer = n || !set->backup ? NULL : table_peer(table, set->backup);
	if (peer && peer->up && peer->alive)
		host[n++] = peer->host;
	return n;
}

static uint32_t ways(const struct walk *walk, uint32_t number,
		     uint32_t host[DC_FIB_NEXTHOPS_MAX], bool *local)
{
	const struct table *table;
	const struct table_route *route;

	route = walk_lookup(walk->oracle, &walk->oracle->sim->host[number],
			    walk->name, &table, local);
	if (!route || route->kind != TABLE_SET)
		return 0;
	return open_ways(table, &table->set[route->set], host);
}

enum walk_end walk_from(struct walk *walk, uint32_t host)
{
	uint32_t next[DC_FIB_NEXTHOPS_MAX], i, n;
	enum walk_end end = WALK_DELIVERED, one;
	bool local;

	if (walk->end[host] == WALK_UNDER_WAY)
		return WALK_LOOP;
	if (walk->end[host] != WALK_UNSEEN)
		return walk->end[host];
	walk->end[host] = WALK_UNDER_WAY;
	n = ways(walk, host, next, &local);
	if (!n && !local)
		end = WALK_LOST;
	for (i = 0; i < n; i++) {
		one = walk_from(walk, next[i]);
		if (one > end)
			end = one;
	}
	walk->end[host] = end;
	return end;
}

bool walk_visits(struct walk *walk, uint32_t via, uint32_t host)
{
	uint32_t next[DC_FIB_NEXTHOPS_MAX], i, n;
	bool local, found = false;

	if (via == host)
		return true;
	if (walk->end[via] != WALK_UNSEEN)
		return false;
	walk->end[via] = WALK_UNDER_WAY;
	n = ways(walk, via, next, &local);
	for (i = 0; i < n && !found; i++)
		found = walk_visits(walk, next[i], host);
	return found;
}

void walk_init(struct walk *walk, const struct oracle *oracle)
{
	*walk = (struct walk){ .oracle = oracle };
	walk->end = sim_zalloc(oracle->sim->hosts, 1);
}

void walk_free(struct walk *walk)
{
	free(walk->end);
}

void walk_name(struct walk *walk, uint32_t name)
{
	walk->name = name;
	memset(walk->end, WALK_UNSEEN, walk->oracle->sim->hosts);
}
