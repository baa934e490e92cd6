// SPDX-License-Identifier: GPL-2.0
/* Hold the RIB, and the table it fills, against what is right. */
#include <math.h>
#include <string.h>

#include "rib_world.h"

struct check {
	const struct world *world;
	const struct oracle *oracle;
	bool rested;
	uint32_t n;
	struct damc_name last;
};

static void same_ways(const struct oracle_ways *ways, uint32_t n,
		      const struct dc_fib_nexthop *nexthop, uint32_t backup)
{
	uint32_t told = ways->n < DC_FIB_NEXTHOPS_MAX ? ways->n :
							DC_FIB_NEXTHOPS_MAX;
	double sum = 0;
	uint32_t i;

	assert_int_equal(n, told);
	assert_int_equal(backup, ways->backup);
	for (i = 0; i < n; i++)
		sum += nexthop[i].weight;
	for (i = 0; i < n; i++) {
		assert_int_equal(nexthop[i].link, ways->link[i]);
		assert_true(ways->n > n || fabs(nexthop[i].weight / sum -
						ways->share[i]) < 0.001);
	}
}

/* ---- the table ---------------------------------------------------------- */

static void check_route(const struct check *check, uint32_t name,
			const struct oracle_ways *ways)
{
	const struct world *world = check->world;
	const struct model_route *route = &world->model.route[name];
	const struct model_set *set = &world->model.set[route->set];

	if (ways->local) {
		assert_false(route->there);
	} else if (ways->cost != FAR) {
		assert_true(route->there && route->set && set->there);
		same_ways(ways, set->n, set->nexthop, set->backup);
	} else if (check->rested) {
		assert_false(route->there);
	} else {
		assert_true(route->there || !world->held[name]);
		assert_int_equal(set->n, 0);
	}
}

static void check_member(const struct check *check, uint32_t name)
{
	const struct model_route *route = &check->world->model.route[name];
	uint32_t weight = oracle_weight(check->oracle, check->world, name);

	if (weight != FAR) {
		assert_true(route->member);
		assert_int_equal(route->weight, weight);
	} else if (check->rested || !route->member) {
		assert_false(route->member);
	} else {
		assert_int_equal(check->world->model.set[route->set].n, 0);
		assert_int_equal(route->weight, 0);
	}
}

/* ---- no loops ----------------------------------------------------------- */

struct walk {
	const struct check *check;
	uint32_t name;
	bool avoid;		/* node 0, where a backup began */
	bool seen[WORLD_NODES];
	bool open[WORLD_NODES];
};

static void walk(struct walk *at, uint32_t node);

static void walk_on(struct walk *at, uint32_t node,
		    const struct oracle_ways *ways)
{
	const struct world *world = at->check->world;
	uint32_t i, k;

	for (i = 0; i < world->n_links; i++) {
		const struct world_link *link = &world->link[i];
		uint32_t end = link->node[1] == node;

		if (link->node[end] != node || !world_counts(world, link))
			continue;
		for (k = 0; k < ways->n; k++)
			if (ways->link[k] == link->id[end])
				walk(at, link->node[!end]);
	}
}

/* Where each router sends it on: somewhere, and nowhere twice. */
static void walk(struct walk *at, uint32_t node)
{
	struct oracle_ways ways;

	assert_false(at->avoid && !node);
	assert_false(at->open[node]);
	if (at->seen[node])
		return;
	at->seen[node] = true;
	at->open[node] = true;
	oracle_name(at->check->oracle, at->check->world, node, at->name, &ways);
	assert_true(ways.local || ways.n);
	if (!ways.local)
		walk_on(at, node, &ways);
	at->open[node] = false;
}

/* The rules themselves, followed by all routers, make no loop. */
static void walk_all(const struct check *check)
{
	const struct world *world = check->world;
	struct oracle_ways ways;
	uint32_t name, node;

	for (name = 0; name < world->n_names; name++) {
		struct walk at = { .check = check, .name = name };

		for (node = 0; node < world->n; node++) {
			oracle_name(check->oracle, world, node, name, &ways);
			if (ways.local || ways.n)
				walk(&at, node);
		}
	}
}

static void walk_backup(const struct check *check, uint32_t name,
			uint32_t backup)
{
	struct walk at = { .check = check, .name = name, .avoid = true };
	uint32_t i;

	for (i = 0; i < check->world->n_links; i++) {
		const struct world_link *link = &check->world->link[i];
		uint32_t end = !link->node[1];

		if (!link->node[end] && link->id[end] == backup)
			walk(&at, link->node[!end]);
	}
}

/* ---- what people are shown ---------------------------------------------- */

static uint32_t number_of(const struct world *world,
			  const struct dc_node_id *id)
{
	uint32_t i;

	for (i = 0; i < world->n; i++)
		if (world->id[i].len == id->len &&
		    !memcmp(world->id[i].byte, id->byte, id->len))
			return i;
	fail_msg("a node that is not there");
	return 0;
}

static void check_candidates(const struct check *check, uint32_t name,
			     const struct dc_rib_entry *entry,
			     const struct oracle_ways *ways)
{
	const struct world_cand *cand = check->world->cand[name];
	uint32_t n = 0, i;

	for (i = 0; i < check->world->n; i++)
		n += cand[i].there;
	assert_int_equal(entry->n_candidates, n < 32 ? n : 32);
	for (i = 0; i < entry->n_candidates; i++) {
		const struct dc_rib_candidate *shown = &entry->candidate[i];
		uint32_t node = number_of(check->world, &shown->node);

		assert_true(cand[node].there);
		assert_int_equal(shown->used, !shown->why);
		assert_int_equal(shown->epoch, cand[node].epoch);
		assert_int_equal(shown->weight, cand[node].weight);
		assert_int_equal(shown->right, cand[node].right);
		assert_int_equal(shown->cost, check->oracle->dist[0][node]);
		assert_int_equal(shown->used, ways->used[node]);
	}
}

static int check_entry(const struct dc_rib_entry *entry, void *arg)
{
	struct check *check = arg;
	const struct world *world = check->world;
	const struct model_route *route;
	const struct model_set *set;
	struct oracle_ways ways;
	uint32_t name;

	for (name = 0; !damc_name_equal(&world->name[name], &entry->name);)
		assert_true(++name < world->n_names);
	if (check->n++)
		assert_true(memcmp(check->last.wire, entry->name.wire,
				   DAMC_NAME_MAX) < 0);
	memset(&check->last, 0, sizeof(check->last));
	memcpy(check->last.wire, entry->name.wire, entry->name.len);
	oracle_name(check->oracle, world, 0, name, &ways);
	check_candidates(check, name, entry, &ways);
	route = &world->model.route[name];
	set = &world->model.set[route->set];
	assert_int_equal(entry->set, route->set);
	assert_int_equal(entry->local, ways.local);
	assert_int_equal(entry->n, set->n);
	assert_memory_equal(entry->nexthop, set->nexthop,
			    sizeof(set->nexthop));
	assert_int_equal(entry->held, route->there && !set->n);
	assert_int_equal(entry->backup, set->backup);
	assert_int_equal(!entry->backup, !!entry->unprotected);
	assert_int_equal(!entry->backup, !entry->protects);
	if (!ways.local) {
		assert_int_equal(entry->member, route->member);
		assert_int_equal(entry->pool_weight, route->weight);
	}
	assert_int_equal(entry->member, !entry->not_in_pool);
	if (entry->backup)
		walk_backup(check, name, entry->backup);
	return 0;
}

static int check_node(const struct dc_spf_node *node, void *arg)
{
	struct check *check = arg;
	struct oracle_ways ways;
	uint32_t i = number_of(check->world, &node->node);

	oracle_node(check->oracle, check->world, 0, i, &ways);
	assert_int_equal(node->cost, ways.cost);
	same_ways(&ways, node->n, node->nexthop, node->backup);
	assert_int_equal(!node->backup, !!node->unprotected);
	return 0;
}

static uint32_t known_names(const struct world *world)
{
	uint32_t n = 0, i, k;

	for (i = 0; i < world->n_names; i++) {
		for (k = 0; k < world->n; k++)
			if (world->cand[i][k].there)
				break;
		n += k < world->n || world->held[i];
	}
	return n;
}

static void check_counts(const struct world *world)
{
	struct dc_rib_counts counts;
	uint32_t sets = 0, links = 0, i;

	dc_rib_counts(world->rib, &counts);
	for (i = 0; i < MODEL_SETS; i++)
		sets += world->model.set[i].there;
	for (i = 0; i < world->n_links; i++)
		links += world_counts(world, &world->link[i]);
	assert_int_equal(counts.links, links);
	assert_int_equal(counts.changes, world->model.told);
	assert_true(counts.sets >= sets);
}

void oracle_check(const struct world *world, bool rested)
{
	struct oracle oracle;
	struct check check = {
		.world = world,
		.oracle = &oracle,
		.rested = rested,
	};
	struct oracle_ways ways;
	uint32_t i;

	oracle_run(&oracle, world);
	for (i = 0; i < world->n_names; i++) {
		oracle_name(&oracle, world, 0, i, &ways);
		check_route(&check, i, &ways);
		check_member(&check, i);
	}
	assert_int_equal(dc_rib_each(world->rib, check_entry, &check), 0);
	if (rested) {
		assert_int_equal(check.n, known_names(world));
		walk_all(&check);
	}
	assert_int_equal(dc_spf_each(world->rib, check_node, &check), 0);
	check_counts(world);
}
