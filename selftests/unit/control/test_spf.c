// SPDX-License-Identifier: GPL-2.0
/* Ways, one rule at a time: what counts as a link, ways, backups and why not. */
#include <string.h>

#include "rib_world.h"
#include "spf.h"

static struct world world;

/* A node as it is shown. */
struct shown {
	const struct dc_node_id *id;
	struct dc_spf_node node;
	bool found;
};

static int match(const struct dc_spf_node *node, void *arg)
{
	struct shown *shown = arg;

	if (node->node.len != shown->id->len ||
	    memcmp(node->node.byte, shown->id->byte, shown->id->len))
		return 0;
	shown->node = *node;
	shown->found = true;
	return 1;
}

static struct dc_spf_node node_of(uint32_t i)
{
	struct shown shown = { .id = &world.id[i] };

	dc_spf_each(world.rib, match, &shown);
	assert_true(shown.found);
	return shown.node;
}

static uint32_t cost_of(uint32_t i)
{
	return node_of(i).cost;
}

static void compute(void)
{
	dc_rib_compute(world.rib);
	oracle_check(&world, false);
}

static void begin(uint32_t n)
{
	world_init(&world, n, 1);
}

static void connect_nodes(uint32_t a, uint32_t b, uint32_t cost)
{
	world_add_link(&world, a, b, cost);
}

static uint32_t id_of(uint32_t link, uint32_t node)
{
	return world.link[link].id[world.link[link].node[1] == node];
}

/* ---- links -------------------------------------------------------------- */

static void test_both_ends_tell(void **state)
{
	(void)state;
	begin(2);
	connect_nodes(0, 1, 7);
	assert_int_equal(world_tell(&world, 0), 0);
	dc_rib_compute(world.rib);
	assert_int_equal(cost_of(1), FAR);
	assert_int_equal(world_tell(&world, 1), 1);
	compute();
	assert_int_equal(cost_of(1), 7);
	world_free(&world);
}

static void test_ids_crosswise(void **state)
{
	uint32_t good;

	(void)state;
	begin(2);
	connect_nodes(0, 1, 7);
	world_tell_all(&world);
	dc_rib_compute(world.rib);
	good = world.link[0].id[1];
	world.link[0].id[1] = good + 1;
	assert_int_equal(world_tell(&world, 1), 1);
	dc_rib_compute(world.rib);
	assert_int_equal(cost_of(1), FAR);
	world.link[0].id[1] = good;
	assert_int_equal(world_tell(&world, 1), 1);
	compute();
	assert_int_equal(cost_of(1), 7);
	world_free(&world);
}

/* What is measured steers nothing, and a refresh is no change. */
static void test_refresh_is_no_change(void **state)
{
	struct dc_rib_counts counts;

	(void)state;
	begin(3);
	connect_nodes(0, 1, 1);
	connect_nodes(1, 2, 1);
	world_tell_all(&world);
	compute();
	world_tell(&world, 1);
	assert_int_equal(world_tell(&world, 1), 0);
	assert_int_equal(world_tell(&world, 0), 0);
	assert_int_equal(dc_rib_adjacency(world.rib, id_of(0, 0), true), 0);
	assert_int_equal(dc_rib_adjacency(world.rib, 9999, false), 0);
	dc_rib_compute(world.rib);
	dc_rib_counts(world.rib, &counts);
	assert_int_equal(counts.computed, 1);
	world_free(&world);
}

static void test_costs_by_direction(void **state)
{
	(void)state;
	begin(3);
	connect_nodes(0, 1, 1);
	connect_nodes(1, 2, 1);
	connect_nodes(0, 2, 5);
	world.link[1].cost[0] = 100;	/* 1 to 2 */
	world_tell_all(&world);
	compute();
	assert_int_equal(cost_of(2), 5);
	world.link[1].cost[0] = 1;
	world.link[1].cost[1] = 100;
	assert_int_equal(world_tell(&world, 1), 1);
	assert_int_equal(world_tell(&world, 2), 1);
	compute();
	assert_int_equal(cost_of(2), 2);
	world_free(&world);
}

static void test_overload_is_not_crossed(void **state)
{
	(void)state;
	begin(3);
	connect_nodes(0, 1, 1);
	connect_nodes(1, 2, 1);
	connect_nodes(0, 2, 9);
	world.overload[1] = true;
	world_tell_all(&world);
	compute();
	assert_int_equal(cost_of(1), 1);
	assert_int_equal(cost_of(2), 9);
	world.overload[1] = false;
	assert_int_equal(world_tell(&world, 1), 1);
	compute();
	assert_int_equal(cost_of(2), 2);
	/* What it carries itself, it sends. */
	world.overload[0] = true;
	assert_int_equal(world_tell(&world, 0), 1);
	compute();
	assert_int_equal(cost_of(2), 2);
	world_free(&world);
}

/* Nor beyond the neighbours, by what each has computed from there. */
static void test_overload_farther_off(void **state)
{
	(void)state;
	begin(4);
	connect_nodes(0, 1, 1);
	connect_nodes(1, 2, 1);
	connect_nodes(2, 3, 1);
	connect_nodes(0, 3, 9);
	world.overload[2] = true;
	world_tell_all(&world);
	compute();
	assert_int_equal(cost_of(2), 2);
	assert_int_equal(cost_of(3), 9);
	world_free(&world);
}

static void test_own_link_down(void **state)
{
	(void)state;
	begin(3);
	connect_nodes(0, 1, 1);
	connect_nodes(1, 2, 1);
	connect_nodes(0, 2, 5);
	world_tell_all(&world);
	compute();
	world.link[0].usable = false;
	assert_int_equal(dc_rib_adjacency(world.rib, id_of(0, 0), false), 1);
	compute();
	assert_int_equal(cost_of(1), 6);
	world.link[0].usable = true;
	assert_int_equal(dc_rib_adjacency(world.rib, id_of(0, 0), true), 1);
	compute();
	assert_int_equal(cost_of(1), 1);
	world_free(&world);
}

static void test_parallel_links(void **state)
{
	struct dc_spf_node node;

	(void)state;
	begin(2);
	connect_nodes(0, 1, 4);
	connect_nodes(0, 1, 4);
	connect_nodes(0, 1, 6);
	world_tell_all(&world);
	compute();
	node = node_of(1);
	assert_int_equal(node.cost, 4);
	assert_int_equal(node.n, 2);
	assert_int_equal(node.nexthop[0].weight, node.nexthop[1].weight);
	assert_int_equal(node.backup, id_of(2, 0));
	assert_string_equal(node.protects,
			    "protects from the link's failure, downstream");
	world_free(&world);
}

static void test_sixteen_ways(void **state)
{
	struct dc_spf_node node;
	uint32_t i;

	(void)state;
	begin(2);
	for (i = 0; i < DC_LINKS_MAX; i++)
		connect_nodes(0, 1, 4);
	world_tell_all(&world);
	compute();
	node = node_of(1);
	assert_int_equal(node.n, DC_FIB_NEXTHOPS_MAX);
	assert_string_equal(node.unprotected,
			    "no other; its next hops stand in for each other");
	world_free(&world);
}

/*
 * Ten neighbours, a node behind all of them, and 28 behind one link of that: as
 * many ways change at once from each.
 */
static void test_all_ways_change(void **state)
{
	uint32_t i;

	(void)state;
	begin(40);
	for (i = 1; i <= 10; i++) {
		connect_nodes(0, i, 1);
		connect_nodes(i, 11, i);
	}
	connect_nodes(11, 12, 1);
	for (i = 13; i < 40; i++)
		connect_nodes(i < 26 ? 12 : 13, i, 1);
	connect_nodes(12, 13, 1);
	world_tell_all(&world);
	compute();
	world.link[20].cost[0] = 9;
	assert_int_equal(world_tell(&world, 11), 1);
	compute();
	assert_int_equal(cost_of(39), 13);
	world_free(&world);
}

/* ---- backups ------------------------------------------------------------ */

static void unprotected(uint32_t node, const char *why)
{
	assert_int_equal(node_of(node).backup, 0);
	assert_string_equal(node_of(node).unprotected, why);
}

static void test_backup_triangle(void **state)
{
	struct dc_spf_node node;

	(void)state;
	begin(3);
	connect_nodes(0, 1, 1);
	connect_nodes(1, 2, 1);
	connect_nodes(0, 2, 1);
	world_tell_all(&world);
	compute();
	node = node_of(1);
	assert_int_equal(node.backup, id_of(2, 0));
	assert_string_equal(node.protects, "protects from the link's failure");
	unprotected(0, "it is this node");
	world_free(&world);
}

/* 0 - 1 - 3 and 0 - 2 - 3, the latter longer: 2 outlives node 1. */
static void test_backup_outlives_node(void **state)
{
	struct dc_spf_node node;

	(void)state;
	begin(4);
	connect_nodes(0, 1, 1);
	connect_nodes(1, 3, 1);
	connect_nodes(0, 2, 2);
	connect_nodes(2, 3, 2);
	world_tell_all(&world);
	compute();
	node = node_of(3);
	assert_int_equal(node.backup, id_of(2, 0));
	assert_string_equal(node.protects,
			    "protects from the link's and the node's failure");
	world.link[3].cost[0] = 1;
	world.link[3].cost[1] = 1;
	world_tell_all(&world);
	compute();
	assert_string_equal(node_of(3).protects,
			    "protects from the link's and the node's failure, downstream");
	world_free(&world);
}

static void test_why_no_backup(void **state)
{
	(void)state;
	begin(5);
	connect_nodes(0, 1, 1);
	world_tell_all(&world);
	compute();
	unprotected(1, "no other link is up");
	/* A ring of five: who is next to us on the far side turns back. */
	connect_nodes(1, 2, 1);
	connect_nodes(2, 3, 1);
	connect_nodes(3, 4, 1);
	connect_nodes(4, 0, 1);
	world_tell_all(&world);
	compute();
	unprotected(1, "each other neighbour's way may lead back here");
	world.overload[4] = true;
	world_tell_all(&world);
	compute();
	unprotected(1, "other neighbours are overloaded");
	world_free(&world);
}

static void test_why_no_way(void **state)
{
	(void)state;
	begin(4);
	connect_nodes(0, 1, 1);
	connect_nodes(0, 2, 1);
	connect_nodes(1, 3, 1);
	/* Overloaded itself, it is crossed by nobody: 2 has no way to 1. */
	world.overload[0] = true;
	world_tell_all(&world);
	compute();
	unprotected(3, "no other neighbour has a way there");
	world.link[2].told[0] = false;
	world_tell_all(&world);
	compute();
	unprotected(3, "there is no way there");
	world_free(&world);
}

/* ---- extremes ----------------------------------------------------------- */

static void chain_id(struct dc_node_id *id, uint32_t i)
{
	memset(id, 0, sizeof(*id));
	id->len = snprintf((char *)id->byte, sizeof(id->byte), "%u", i);
}

static void chain_tell(struct dc_rib *rib, uint32_t i, uint32_t n)
{
	struct dc_link_lsa lsa = { .n = 0 };
	struct dc_node_id id;
	uint32_t peer;

	chain_id(&id, i);
	for (peer = i ? i - 1 : 1; peer <= i + 1 && peer < n; peer += 2) {
		struct dc_link *link = &lsa.link[lsa.n++];

		chain_id(&link->peer, peer);
		link->id = 1 + (peer > i);
		link->peer_id = 1 + (peer < i);
		link->cost = 0xffffff;
	}
	assert_true(dc_rib_links(rib, &id, &lsa) >= 0);
}

struct reach {
	uint32_t n;
	uint32_t most;
};

static int count_reached(const struct dc_spf_node *node, void *arg)
{
	struct reach *reach = arg;

	if (node->cost == FAR)
		return 0;
	reach->n++;
	if (node->cost > reach->most)
		reach->most = node->cost;
	return 0;
}

static void ignore(void *arg, const struct dc_fib_change *change)
{
	(void)arg;
	(void)change;
}

/* 2^32 costs do not come round to nought: what is farther is not there. */
static void test_far_is_no_way(void **state)
{
	static const struct dc_fib_ops ops = { .change = ignore };
	struct reach reach = { 0 };
	struct dc_node_id self;
	struct dc_rib *rib;
	uint32_t i;

	(void)state;
	chain_id(&self, 0);
	rib = dc_rib_new(&self, &ops, NULL);
	for (i = 0; i < 300; i++)
		chain_tell(rib, i, 300);
	dc_rib_compute(rib);
	dc_spf_each(rib, count_reached, &reach);
	assert_int_equal(reach.n, 257);
	assert_int_equal(reach.most, 256u * 0xffffff);
	dc_rib_free(rib);
}

/* Nodes that come and go leave nothing behind. */
static void test_nodes_are_forgotten(void **state)
{
	struct dc_rib_counts counts;
	uint32_t round, i;

	(void)state;
	begin(20);
	for (i = 1; i < 20; i++)
		connect_nodes(i, i - 1, i);
	for (round = 0; round < 50; round++) {
		for (i = 0; i < 20; i++)
			world.lsa[i] = !(round & 1);
		world_tell_all(&world);
		dc_rib_compute(world.rib);
		dc_rib_counts(world.rib, &counts);
		assert_int_equal(counts.nodes, round & 1 ? 1 : 20);
		assert_int_equal(counts.links, round & 1 ? 0 : 19);
	}
	world_free(&world);
}

/* ---- the queue ---------------------------------------------------------- */

#define KEYS 2000

static int by_key(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void test_queue(void **state)
{
	static struct dc_queue_entry entry[KEYS];
	static uint32_t keys[KEYS];
	struct dc_queue queue = { .entry = entry, .room = KEYS };
	uint32_t range, n, i, key, value;

	(void)state;
	check_seed();
	for (range = 1; range; range = range < 1u << 31 ? range * 2 : 0) {
		n = 1 + check_below(KEYS);
		dc_queue_clear(&queue);
		for (i = 0; i < n; i++) {
			keys[i] = check_below(range);
			dc_queue_push(&queue, keys[i], ~keys[i]);
		}
		qsort(keys, n, sizeof(keys[0]), by_key);
		for (i = 0; i < n; i++) {
			assert_true(dc_queue_pop(&queue, &key, &value));
			assert_int_equal(key, keys[i]);
			assert_int_equal(value, ~key);
		}
		assert_false(dc_queue_pop(&queue, &key, &value));
	}
}

/* What is put in as the next comes before the rest, in whatever order that is. */
static void test_queue_next(void **state)
{
	struct dc_queue_entry entry[8];
	struct dc_queue queue = { .entry = entry, .room = ARRAY_SIZE(entry) };
	uint32_t key, value, i;

	(void)state;
	dc_queue_clear(&queue);
	dc_queue_push(&queue, 7, 1);
	dc_queue_push(&queue, 7, 1);
	dc_queue_push(&queue, 900, 2);
	for (i = 0; i < 2; i++) {
		assert_true(dc_queue_pop(&queue, &key, &value));
		assert_int_equal(value, 1);
		dc_queue_push_next(&queue, 3);
		assert_true(dc_queue_pop(&queue, &key, &value));
		assert_int_equal(key, 7);
		assert_int_equal(value, 3);
	}
	assert_true(dc_queue_pop(&queue, &key, &value));
	assert_int_equal(key, 900);
	assert_int_equal(value, 2);
	assert_false(dc_queue_pop(&queue, &key, &value));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ends_tell),
		cmocka_unit_test(test_ids_crosswise),
		cmocka_unit_test(test_refresh_is_no_change),
		cmocka_unit_test(test_costs_by_direction),
		cmocka_unit_test(test_overload_is_not_crossed),
		cmocka_unit_test(test_overload_farther_off),
		cmocka_unit_test(test_own_link_down),
		cmocka_unit_test(test_parallel_links),
		cmocka_unit_test(test_sixteen_ways),
		cmocka_unit_test(test_all_ways_change),
		cmocka_unit_test(test_backup_triangle),
		cmocka_unit_test(test_backup_outlives_node),
		cmocka_unit_test(test_why_no_backup),
		cmocka_unit_test(test_why_no_way),
		cmocka_unit_test(test_far_is_no_way),
		cmocka_unit_test(test_nodes_are_forgotten),
		cmocka_unit_test(test_queue),
		cmocka_unit_test(test_queue_next),
	};

	return cmocka_run_group_tests_name("spf", tests, NULL, NULL);
}
