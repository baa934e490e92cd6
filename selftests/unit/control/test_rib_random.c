// SPDX-License-Identifier: GPL-2.0
/*
 * Random worlds and random changes: after each, the RIB and the table that it
 * filled are what the oracle says, and no change was given that could not be
 * made or made no difference.
 */
#include <string.h>

#include "rib_world.h"

#define WORLDS 400
#define STEPS 60

static const char *const names[] = {
	"/a", "/a/b", "/c", "/p", "/p/1", "/p/2", "/p/3", "/q/1", "/q/2",
	"/q/3", "/x", "/", "/p/1/r", "/deep/er/1", "/deep/er/2",
};

static uint32_t random_cost(struct world *world)
{
	switch (world_random(world, 8)) {
	case 0:
		return world_random(world, 2) ?
		       1 + world_random(world, 0xffffff) :
		       FAR - 1 - world_random(world, 8);
	case 1 ... 4:
		return 1 + world_random(world, 3);
	default:
		return 1 + world_random(world, 20);
	}
}

static void random_links(struct world *world)
{
	uint32_t n = world->n + world_random(world, 2 * world->n), i;

	for (i = 1; i < world->n; i++)
		world_add_link(world, i, world_random(world, i),
			       random_cost(world));
	for (i = 0; i < n; i++)
		world_add_link(world, world_random(world, world->n),
			       world_random(world, world->n),
			       random_cost(world));
	for (i = 0; i < world->n_links; i++)
		if (!world_random(world, 4))
			world->link[i].cost[1] = random_cost(world);
}

static void grid_links(struct world *world, uint32_t width)
{
	uint32_t i;

	for (i = 0; i < world->n; i++) {
		if (i % width)
			world_add_link(world, i, i - 1, 1);
		if (i >= width)
			world_add_link(world, i, i - width, 1);
	}
}

static void ring_links(struct world *world)
{
	uint32_t i;

	for (i = 0; i < world->n; i++)
		world_add_link(world, i, (i + 1) % world->n,
			       1 + world_random(world, 3));
}

/* Hosts below, two layers of switches above, all ways alike. */
static void tree_links(struct world *world)
{
	uint32_t spines = 2 + world->n / 8, i, k;

	for (i = spines; i < world->n; i++)
		for (k = 0; k < spines; k++)
			world_add_link(world, i, k, 1);
}

static void make_links(struct world *world)
{
	switch (world_random(world, 8)) {
	case 0:
		grid_links(world, 2 + world_random(world, 3));
		break;
	case 1:
		ring_links(world);
		break;
	case 2:
		if (world->n > 4)
			tree_links(world);
		else
			random_links(world);
		break;
	default:
		random_links(world);
	}
}

static struct world_cand random_cand(struct world *world, uint32_t name)
{
	bool member = name >= 4 && name <= 9;

	if (name >= 13 || !world_random(world, 12))
		member = !member;
	return (struct world_cand){
		.right = member ? DC_RIGHT_MEMBER : DC_RIGHT_NAME,
		.weight = world_random(world, 3) ?
			  world_random(world, 5) : 65535,
		.epoch = world_random(world, 3),
	};
}

/* ---- changes ------------------------------------------------------------ */

static void change_name(struct world *world)
{
	uint32_t name = world_random(world, world->n_names);
	uint32_t node = world_random(world, world->n);
	struct dc_rib_counts before, after;

	dc_rib_counts(world->rib, &before);
	if (world->cand[name][node].there && world_random(world, 2)) {
		if (!world_random(world, 3))
			world_hold(world, name);
		world_withdraw(world, name, node);
	} else {
		world_announce(world, name, node, random_cand(world, name));
	}
	dc_rib_counts(world->rib, &after);
	assert_int_equal(before.computed, after.computed);
}

/* It has another number: what was said of the old one is forgotten. */
static void renumber(struct world_link *link)
{
	link->id[0] ^= 1024;
	if (!link->node[0])
		link->usable = true;
}

/* Which ends have something new to say of a link. */
static uint32_t change_link(struct world *world, struct world_link *link)
{
	uint32_t end = world_random(world, 2);

	switch (world_random(world, 5)) {
	case 0:
		link->cost[end] = random_cost(world);
		return 1u << end;
	case 1:
		link->told[0] = !link->told[0];
		link->told[1] = link->told[0];
		return 3;
	case 2:
		renumber(link);
		return 3;
	default:
		link->told[end] = !link->told[end];
		return 1u << end;
	}
}

static int tell_ends(struct world *world, const struct world_link *link,
		     uint32_t ends)
{
	int changed = 0;

	if (ends & 1)
		changed |= world_tell(world, link->node[0]);
	if (ends & 2)
		changed |= world_tell(world, link->node[1]);
	return changed;
}

static int change_own(struct world *world, struct world_link *link)
{
	uint32_t end = !link->node[1];

	if (link->node[end])
		return 0;
	link->usable = !link->usable;
	return dc_rib_adjacency(world->rib, link->id[end], link->usable);
}

static int change_topology(struct world *world)
{
	struct world_link *link =
		&world->link[world_random(world, world->n_links)];
	uint32_t node = world_random(world, world->n);

	switch (world_random(world, 8)) {
	case 0:
		world->overload[node] = !world->overload[node];
		return world_tell(world, node);
	case 1:
		world->lsa[node] = !world->lsa[node];
		return world_tell(world, node);
	case 2:
		return change_own(world, link);
	default:
		return tell_ends(world, link, change_link(world, link));
	}
}

static void counted(const struct world *world, uint32_t *state)
{
	uint32_t i;

	for (i = 0; i < world->n_links; i++) {
		const struct world_link *link = &world->link[i];
		bool there = world_counts(world, link);

		state[2 * i] = there ? link->cost[0] ^ link->id[0] << 8 : 0;
		state[2 * i + 1] = there ? link->cost[1] : 0;
	}
	for (i = 0; i < world->n; i++)
		state[2 * WORLD_LINKS + i] = world->overload[i] &&
					     world->lsa[i];
}

/* Overload is told by an LSA: without one there is none, nor links. */
static void change_some(struct world *world)
{
	uint32_t before[2 * WORLD_LINKS + WORLD_NODES] = { 0 };
	uint32_t after[2 * WORLD_LINKS + WORLD_NODES] = { 0 };
	uint32_t n = world_random(world, 4) ? 1 : world_random(world, 5);
	int changed = 0;

	counted(world, before);
	while (n--) {
		int now = change_topology(world);

		assert_true(now >= 0);
		changed |= now;
	}
	counted(world, after);
	if (memcmp(before, after, sizeof(before)))
		assert_int_equal(changed, 1);
	if (changed)
		dc_rib_compute(world->rib);
}

/* What could be reached and cannot any more is held, not uncovered. */
static void check_held(const struct world *world, const struct model *before)
{
	uint32_t i;

	for (i = 0; i < world->n_names; i++) {
		const struct model_route *route = &world->model.route[i];

		if (before->route[i].there && !route->there)
			assert_true(world->cand[i][0].there);
	}
}

static void step(struct world *world)
{
	struct model before = world->model;

	if (world_random(world, 2)) {
		change_name(world);
	} else {
		change_some(world);
		check_held(world, &before);
	}
	oracle_check(world, false);
	if (!world_random(world, 4)) {
		world_rest(world);
		oracle_check(world, true);
	}
}

static void check_replay(struct world *world)
{
	struct model was = world->model;

	memset(world->model.set, 0, sizeof(was.set));
	memset(world->model.route, 0, sizeof(was.route));
	world->model.replaying = true;
	dc_rib_replay(world->rib);
	world->model.replaying = false;
	assert_memory_equal(was.set, world->model.set, sizeof(was.set));
	assert_memory_equal(was.route, world->model.route, sizeof(was.route));
}

static void add_names(struct world *world)
{
	uint32_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		world_add_name(world, names[i]);
}

static void live(struct world *world, uint32_t steps)
{
	uint32_t i;

	add_names(world);
	for (i = 0; i < 10; i++)
		change_name(world);
	world_tell_all(world);
	dc_rib_compute(world->rib);
	oracle_check(world, false);
	for (i = 0; i < steps; i++) {
		step(world);
		if (!world_random(world, 16))
			check_replay(world);
	}
}

static void test_random_worlds(void **state)
{
	static struct world world;
	uint64_t seed = check_seed();
	uint32_t i;

	(void)state;
	for (i = 0; i < WORLDS; i++) {
		world_init(&world, 2 + (seed + i) % 17, seed + i);
		make_links(&world);
		live(&world, STEPS);
		world_free(&world);
	}
}

static void test_topologies(void **state)
{
	static const char *const files[] = {
		"Arpanet19719", "Nsfnet", "Geant2001", "Geant2010", "Internet2",
		"Cesnet201006", "Garr201109", "Bellsouth",
	};
	static struct world world;
	uint64_t seed = check_seed();
	char path[512];
	uint32_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), "%s/%s.links", TOPOLOGIES,
			 files[i]);
		if (!world_read(&world, path, seed + i))
			skip();
		live(&world, STEPS);
		world_free(&world);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_worlds),
		cmocka_unit_test(test_topologies),
	};

	return cmocka_run_group_tests_name("rib_random", tests, NULL, NULL);
}
