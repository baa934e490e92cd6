// SPDX-License-Identifier: GPL-2.0
/* A world for the RIB: its links and names as told, and the table it fills. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rib_world.h"

uint32_t world_random(struct world *world, uint32_t below)
{
	world->random ^= world->random << 13;
	world->random ^= world->random >> 7;
	world->random ^= world->random << 17;
	return (world->random >> 16) % below;
}

/* ---- the table ---------------------------------------------------------- */

static uint32_t name_number(const struct world *world,
			    const struct damc_name *name)
{
	uint32_t i;

	for (i = 0; i < world->n_names; i++)
		if (damc_name_equal(&world->name[i], name))
			return i;
	fail_msg("a name that nobody has");
	return 0;
}

static void take_set(struct model *model, const struct dc_fib_change *change)
{
	struct model_set new = { .there = true, .n = change->n,
				 .backup = change->backup };
	uint32_t i;

	assert_in_range(change->set, 1, MODEL_SETS - 1);
	assert_in_range(change->n, 0, DC_FIB_NEXTHOPS_MAX);
	assert_int_equal(change->unreachable, !change->n);
	for (i = 0; i < change->n; i++) {
		new.nexthop[i] = change->nexthop[i];
		assert_true(new.nexthop[i].link && new.nexthop[i].weight);
		assert_true(new.nexthop[i].weight <= 65535);
		assert_true(!i || new.nexthop[i].link > new.nexthop[i - 1].link);
		assert_int_not_equal(new.nexthop[i].link, new.backup);
	}
	if (!model->replaying)
		assert_memory_not_equal(&new, &model->set[change->set],
					sizeof(new));
	model->set[change->set] = new;
}

static void drop_set(struct model *model, const struct dc_fib_change *change)
{
	uint32_t i;

	assert_in_range(change->set, 1, MODEL_SETS - 1);
	assert_true(model->set[change->set].there);
	for (i = 0; i < WORLD_NAMES; i++)
		assert_false(model->route[i].there &&
			     model->route[i].set == change->set);
	memset(&model->set[change->set], 0, sizeof(model->set[0]));
}

static void take_route(struct model *model, const struct dc_fib_change *change)
{
	struct model_route *route =
		&model->route[name_number(model->world, &change->name)];

	model->routes_told++;
	assert_int_equal(!change->set, change->unreachable);
	assert_true(change->set < MODEL_SETS);
	if (change->set)
		assert_true(model->set[change->set].there);
	if (!model->replaying)
		assert_false(route->there && route->set == change->set);
	route->there = true;
	route->set = change->set;
}

static void drop_route(struct model *model, const struct dc_fib_change *change)
{
	struct model_route *route =
		&model->route[name_number(model->world, &change->name)];

	model->routes_told++;
	assert_true(route->there);
	assert_false(route->member);
	memset(route, 0, sizeof(*route));
}

static void check_pool(const struct dc_fib_change *change)
{
	struct damc_name name = change->pool;
	uint8_t len = change->name.wire[change->pool.len];

	assert_true(change->pool.len);
	assert_int_equal(change->name.len, change->pool.len + 1 + len);
	assert_int_equal(damc_name_append(&name,
					  change->name.wire + name.len + 1,
					  len), 0);
	assert_true(damc_name_equal(&name, &change->name));
}

static void take_member(struct model *model, const struct dc_fib_change *change)
{
	struct model_route *route =
		&model->route[name_number(model->world, &change->name)];

	check_pool(change);
	assert_true(change->weight <= 65535);
	assert_true(route->there);
	if (!model->replaying)
		assert_false(route->member && route->weight == change->weight);
	route->member = true;
	route->weight = change->weight;
}

static void drop_member(struct model *model, const struct dc_fib_change *change)
{
	struct model_route *route =
		&model->route[name_number(model->world, &change->name)];

	check_pool(change);
	assert_true(route->there && route->member);
	route->member = false;
	route->weight = 0;
}

static void take_change(void *arg, const struct dc_fib_change *change)
{
	struct model *model = arg;

	model->told++;
	switch (change->op) {
	case DC_FIB_SET:
		take_set(model, change);
		break;
	case DC_FIB_SET_DEL:
		drop_set(model, change);
		break;
	case DC_FIB_ROUTE:
		take_route(model, change);
		break;
	case DC_FIB_ROUTE_DEL:
		drop_route(model, change);
		break;
	case DC_FIB_MEMBER:
		take_member(model, change);
		break;
	case DC_FIB_MEMBER_DEL:
		drop_member(model, change);
		break;
	}
}

static void no_flush(void *arg)
{
	(void)arg;
	fail_msg("the RIB does not flush");
}

/* ---- the world ---------------------------------------------------------- */

static void name_node(struct world *world, uint32_t i)
{
	struct dc_node_id *id = &world->id[i];

	/* So that the order of numbers is not that of ids. */
	id->len = snprintf((char *)id->byte, DC_NODE_ID_MAX, "%c%u",
			   'a' + world_random(world, 26), i);
}

void world_init(struct world *world, uint32_t n, uint64_t seed)
{
	static const struct dc_fib_ops ops = { take_change, no_flush };
	uint32_t i;

	memset(world, 0, sizeof(*world));
	assert_in_range(n, 1, WORLD_NODES);
	world->random = seed * 0x9e3779b97f4a7c15ull | 1;
	world->n = n;
	world->model.world = world;
	for (i = 0; i < n; i++) {
		name_node(world, i);
		world->lsa[i] = true;
	}
	world->rib = dc_rib_new(&world->id[0], &ops, &world->model);
	assert_non_null(world->rib);
}

void world_free(struct world *world)
{
	dc_rib_free(world->rib);
}

static uint32_t degree(const struct world *world, uint32_t node)
{
	uint32_t n = 0, i;

	for (i = 0; i < world->n_links; i++)
		n += world->link[i].node[0] == node ||
		     world->link[i].node[1] == node;
	return n;
}

/* Numbers of a node's links: its own, in no order, none twice. */
void world_add_link(struct world *world, uint32_t a, uint32_t b, uint32_t cost)
{
	struct world_link *link = &world->link[world->n_links];

	if (a == b || world->n_links == WORLD_LINKS ||
	    degree(world, a) == DC_LINKS_MAX ||
	    degree(world, b) == DC_LINKS_MAX)
		return;
	*link = (struct world_link){
		.node = { a, b },
		.id = { 1 + (world->n_links * 37) % 251,
			300 + (world->n_links * 101) % 251 },
		.cost = { cost, cost },
		.told = { true, true },
		.usable = true,
	};
	world->n_links++;
}

uint32_t world_add_name(struct world *world, const char *text)
{
	assert_true(world->n_names < WORLD_NAMES);
	assert_int_equal(damc_name_parse(&world->name[world->n_names], text,
					 NULL), 0);
	return world->n_names++;
}

/* What node 0 does not tell of any more is forgotten to be unusable. */
static void forget_unusable(struct world *world)
{
	uint32_t i;

	for (i = 0; i < world->n_links; i++) {
		struct world_link *link = &world->link[i];
		uint32_t end = !link->node[1];

		if (!link->node[end] && (!link->told[end] || !world->lsa[0]))
			link->usable = true;
	}
}

int world_tell(struct world *world, uint32_t node)
{
	struct dc_link_lsa lsa = { .n = 0 };
	uint32_t i, end;

	if (!node)
		forget_unusable(world);
	if (!world->lsa[node])
		return dc_rib_links(world->rib, &world->id[node], NULL);
	lsa.flags = world->overload[node] ? DC_LSA_OVERLOAD : 0;
	for (i = 0; i < 2 * world->n_links; i++) {
		const struct world_link *link = &world->link[i / 2];

		end = i & 1;
		if (link->node[end] != node || !link->told[end])
			continue;
		lsa.link[lsa.n++] = (struct dc_link){
			.peer = world->id[link->node[!end]],
			.id = link->id[end],
			.peer_id = link->id[!end],
			.cost = link->cost[end],
			.delay_us = world_random(world, 1000),
		};
	}
	return dc_rib_links(world->rib, &world->id[node], &lsa);
}

void world_tell_all(struct world *world)
{
	uint32_t i;

	for (i = 0; i < world->n; i++)
		assert_true(world_tell(world, i) >= 0);
}

void world_hold(struct world *world, uint32_t name)
{
	world->held[name] = true;
	assert_int_equal(dc_rib_hold(world->rib, &world->name[name],
				     world->now), 0);
}

static struct dc_prefix prefix_of(const struct world *world, uint32_t name,
				  const struct world_cand *cand)
{
	struct dc_prefix prefix = {
		.name = world->name[name],
		.right = cand->right,
		.weight = cand->weight,
		.epoch = cand->epoch,
	};

	return prefix;
}

void world_announce(struct world *world, uint32_t name, uint32_t node,
		    struct world_cand cand)
{
	struct dc_prefix prefix = prefix_of(world, name, &cand);

	cand.there = true;
	world->cand[name][node] = cand;
	assert_int_equal(dc_rib_prefix(world->rib, &world->id[node], &prefix,
				       true), 0);
}

void world_withdraw(struct world *world, uint32_t name, uint32_t node)
{
	struct dc_prefix prefix = prefix_of(world, name,
					    &world->cand[name][node]);

	world->cand[name][node].there = false;
	assert_int_equal(dc_rib_prefix(world->rib, &world->id[node], &prefix,
				       false), 0);
}

void world_rest(struct world *world)
{
	uint32_t i;

	for (i = 0; dc_rib_next(world->rib) != UINT64_MAX; i++) {
		if (dc_rib_next(world->rib) > world->now)
			world->now = dc_rib_next(world->rib);
		dc_rib_timer(world->rib, world->now);
		assert_true(i < 1000);
	}
	memset(world->held, 0, sizeof(world->held));
}

bool world_read(struct world *world, const char *path, uint64_t seed)
{
	FILE *file = fopen(path, "r");
	uint32_t links[WORLD_LINKS][2], n = 0, nodes = 0, i;
	char line[256];

	if (!file)
		return false;
	while (fgets(line, sizeof(line), file) && n < WORLD_LINKS) {
		if (sscanf(line, "%u %u", &links[n][0], &links[n][1]) != 2)
			continue;
		if (links[n][0] >= WORLD_NODES || links[n][1] >= WORLD_NODES)
			continue;
		for (i = 0; i < 2; i++)
			if (links[n][i] >= nodes)
				nodes = links[n][i] + 1;
		n++;
	}
	fclose(file);
	if (!n)
		return false;
	world_init(world, nodes, seed);
	for (i = 0; i < n; i++)
		world_add_link(world, links[i][0], links[i][1],
			       1 + world_random(world, 10));
	return true;
}
