// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>

#include "full_kernel.h"

#define UNUSED __attribute__((unused))

struct full_kernel full_kernel;

struct damc_route_batch {
	enum damc_route_verb verb;
	unsigned long done;
};

const char *damc_ctl_error(UNUSED const struct damc_ctl *ctl)
{
	return "no room";
}

/* ---- lists ------------------------------------------------------------- */

static int find(const struct damc_name *list, unsigned int n,
		const struct damc_name *name)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (damc_name_equal(&list[i], name))
			return i;
	return -1;
}

static int put(struct damc_name *list, unsigned int *n, unsigned int max,
	       const struct damc_name *name)
{
	full_kernel.tries++;
	if (find(list, *n, name) >= 0)
		return 0;
	if (*n == max)
		return full_kernel.error;
	list[(*n)++] = *name;
	return 0;
}

static int take_out(struct damc_name *list, unsigned int *n,
		    const struct damc_name *name)
{
	int at = find(list, *n, name);

	if (at < 0)
		return -ESRCH;
	list[at] = list[--*n];
	return 0;
}

static bool has(const struct damc_name *list, unsigned int n, const char *text)
{
	struct damc_name name;

	return !damc_name_parse(&name, text, NULL) && find(list, n, &name) >= 0;
}

bool full_kernel_has_route(const char *name)
{
	return has(full_kernel.route, full_kernel.n_routes, name);
}

bool full_kernel_has_pool(const char *name)
{
	return has(full_kernel.pool, full_kernel.n_pools, name);
}

/* ---- sets and neighbours ------------------------------------------------- */

static int find_set(uint32_t id)
{
	unsigned int i;

	for (i = 0; i < full_kernel.n_sets; i++)
		if (full_kernel.set[i] == id)
			return i;
	return -1;
}

int damc_set_replace(UNUSED struct damc_ctl *ctl, const struct damc_set *set)
{
	int at = find_set(set->id);

	full_kernel.tries++;
	if (at < 0 && full_kernel.n_sets == full_kernel.sets_max)
		return full_kernel.error;
	if (at < 0)
		at = full_kernel.n_sets++;
	full_kernel.set[at] = set->id;
	full_kernel.set_hops[at] = set->n_nexthops;
	return 0;
}

uint32_t full_kernel_hops(uint32_t id)
{
	int at = find_set(id);

	return at < 0 ? 0 : full_kernel.set_hops[at];
}

/* All or none. */
int damc_set_replace_all(struct damc_ctl *ctl, const struct damc_set *sets,
			 size_t n)
{
	struct full_kernel before = full_kernel;
	size_t i;
	int err = 0;

	for (i = 0; i < n && !err; i++)
		err = damc_set_replace(ctl, &sets[i]);
	if (err)
		full_kernel = before;
	return err;
}

int damc_set_del(UNUSED struct damc_ctl *ctl, uint32_t id)
{
	int at = find_set(id);

	if (at < 0)
		return -ESRCH;
	full_kernel.set[at] = full_kernel.set[--full_kernel.n_sets];
	full_kernel.set_hops[at] = full_kernel.set_hops[full_kernel.n_sets];
	return 0;
}

int damc_set_dump(UNUSED struct damc_ctl *ctl,
		  UNUSED int (*each)(const struct damc_set *set, void *arg),
		  UNUSED void *arg)
{
	return 0;
}

int damc_neigh_create(UNUSED struct damc_ctl *ctl, const struct damc_neigh *key,
		      uint32_t *id)
{
	full_kernel.tries++;
	*id = key->ifindex;
	if (full_kernel.neigh[*id].has)
		return -EEXIST;
	if (full_kernel.n_neighs == full_kernel.neighs_max)
		return full_kernel.error;
	full_kernel.n_neighs++;
	return 0;
}

int damc_neigh_get(UNUSED struct damc_ctl *ctl,
		   const struct damc_neigh *key, struct damc_neigh *neigh)
{
	*neigh = *key;
	neigh->id = key->ifindex;
	return 0;
}

int damc_neigh_set(UNUSED struct damc_ctl *ctl,
		   const struct damc_neigh *key,
		   const struct damc_neigh_config *config)
{
	full_kernel.neigh[key->id] = *config;
	return 0;
}

/* ---- routes ------------------------------------------------------------ */

int damc_route_replace(UNUSED struct damc_ctl *ctl,
		       const struct damc_route *route)
{
	if (route->set && find_set(route->set) < 0)
		return -ENOENT;
	return put(full_kernel.route, &full_kernel.n_routes,
		   full_kernel.routes_max, &route->name);
}

int damc_route_del(UNUSED struct damc_ctl *ctl, const struct damc_name *name)
{
	return take_out(full_kernel.route, &full_kernel.n_routes, name);
}

int damc_route_dump(UNUSED struct damc_ctl *ctl,
		    UNUSED int (*each)(const struct damc_route *route,
				       void *arg),
		    UNUSED void *arg)
{
	return 0;
}

struct damc_route_batch *damc_route_batch_open(UNUSED struct damc_ctl *ctl,
					       enum damc_route_verb verb)
{
	struct damc_route_batch *batch = calloc(1, sizeof(*batch));

	if (batch)
		batch->verb = verb;
	return batch;
}

void damc_route_batch_close(struct damc_route_batch *batch)
{
	free(batch);
}

int damc_route_batch_add(struct damc_route_batch *batch,
			 const struct damc_route *route)
{
	int err = batch->verb == DAMC_ROUTE_VERB_DEL ?
		damc_route_del(NULL, &route->name) :
		damc_route_replace(NULL, route);

	batch->done += !err;
	return err;
}

int damc_route_batch_flush(UNUSED struct damc_route_batch *batch)
{
	return 0;
}

unsigned long damc_route_batch_done(const struct damc_route_batch *batch)
{
	return batch->done;
}

/* ---- pools ------------------------------------------------------------- */

int damc_pool_replace(UNUSED struct damc_ctl *ctl, const struct damc_pool *pool)
{
	return put(full_kernel.pool, &full_kernel.n_pools,
		   full_kernel.pools_max, &pool->name);
}

int damc_pool_del(UNUSED struct damc_ctl *ctl, const struct damc_pool *pool)
{
	return take_out(full_kernel.pool, &full_kernel.n_pools, &pool->name);
}

int damc_pool_dump(UNUSED struct damc_ctl *ctl,
		   UNUSED int (*each)(const struct damc_pool *pool, void *arg),
		   UNUSED void *arg)
{
	return 0;
}
