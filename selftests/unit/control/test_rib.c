// SPDX-License-Identifier: GPL-2.0
/* Names, one rule at a time: who wins, what is held, what pools are given. */
#include <errno.h>
#include <string.h>

#include "rib_world.h"

#define HOLD_US 5000000ull

static struct world world;

/* A ring of @n whose links cost 1: nodes 1 and @n - 1 are next to node 0. */
static void ring(uint32_t n)
{
	uint32_t i;

	world_init(&world, n, 1);
	for (i = 0; i < n; i++)
		world_add_link(&world, i, (i + 1) % n, 1);
	world_tell_all(&world);
	dc_rib_compute(world.rib);
}

static void own(uint32_t name, uint32_t node, uint32_t epoch)
{
	world_announce(&world, name, node, (struct world_cand){
		.right = DC_RIGHT_NAME, .epoch = epoch });
}

static void member(uint32_t name, uint32_t node, uint16_t weight)
{
	world_announce(&world, name, node, (struct world_cand){
		.right = DC_RIGHT_MEMBER, .weight = weight });
}

static struct dc_rib_entry entry_of(uint32_t name)
{
	struct dc_rib_entry entry;

	assert_int_equal(dc_rib_explain(world.rib, &world.name[name], &entry),
			 0);
	assert_true(damc_name_equal(&entry.name, &world.name[name]));
	return entry;
}

static bool is_node(const struct dc_node_id *id, uint32_t node)
{
	return id->len == world.id[node].len &&
	       !memcmp(id->byte, world.id[node].byte, id->len);
}

/* Why a node is not used for a name; NULL if it is. */
static const char *why(uint32_t name, uint32_t node)
{
	struct dc_rib_entry entry = entry_of(name);
	uint32_t i;

	for (i = 0; i < entry.n_candidates; i++)
		if (is_node(&entry.candidate[i].node, node))
			return entry.candidate[i].why;
	fail_msg("no candidate");
	return NULL;
}

static uint32_t lower_id(uint32_t a, uint32_t b)
{
	return memcmp(world.id[a].byte, world.id[b].byte,
		      DC_NODE_ID_MAX) < 0 ? a : b;
}

static void cut(uint32_t link)
{
	world.link[link].told[0] = false;
	world.link[link].told[1] = false;
	assert_true(world_tell(&world, world.link[link].node[0]) >= 0);
	assert_true(world_tell(&world, world.link[link].node[1]) >= 0);
	dc_rib_compute(world.rib);
	oracle_check(&world, false);
}

static void mend(uint32_t link)
{
	world.link[link].told[0] = true;
	world.link[link].told[1] = true;
	world_tell_all(&world);
	dc_rib_compute(world.rib);
	oracle_check(&world, false);
}

/* ---- sets --------------------------------------------------------------- */

static void test_names_share_a_set(void **state)
{
	struct dc_rib_counts counts;
	uint32_t i;

	(void)state;
	ring(5);
	for (i = 0; i < 8; i++) {
		char text[8];

		snprintf(text, sizeof(text), "/n%u", i);
		own(world_add_name(&world, text), 2, i);
	}
	dc_rib_counts(world.rib, &counts);
	assert_int_equal(counts.sets, 1);
	assert_int_equal(world.model.told, 9);
	/* A failure is one change, whatever the number of names. */
	cut(1);
	assert_int_equal(world.model.told, 10);
	assert_int_equal(world.model.routes_told, 8);
	world_free(&world);
}

static void test_withdrawn_is_gone_at_once(void **state)
{
	uint32_t name;

	(void)state;
	ring(3);
	name = world_add_name(&world, "/a");
	own(name, 1, 0);
	assert_true(world.model.route[name].there);
	world_withdraw(&world, name, 1);
	assert_false(world.model.route[name].there);
	assert_int_equal(world.model.told, 4);
	world_withdraw(&world, name, 1);
	assert_int_equal(world.model.told, 4);
	oracle_check(&world, true);
	world_free(&world);
}

static void test_said_twice_is_no_change(void **state)
{
	uint32_t name;

	(void)state;
	ring(3);
	name = world_add_name(&world, "/a");
	own(name, 1, 0);
	own(name, 1, 0);
	own(name, 1, 7);
	assert_int_equal(world.model.told, 2);
	assert_int_equal(entry_of(name).candidate[0].epoch, 7);
	world_free(&world);
}

/* ---- several nodes ------------------------------------------------------ */

static void test_epoch_then_id(void **state)
{
	uint32_t name, first;

	(void)state;
	ring(5);
	name = world_add_name(&world, "/a");
	own(name, 1, 3);
	own(name, 2, 4);
	assert_string_equal(why(name, 1),
			    "another node's binding has a higher epoch");
	assert_null(why(name, 2));
	own(name, 1, 4);
	first = lower_id(1, 2);
	assert_null(why(name, first));
	assert_string_equal(why(name, 3 - first),
			    "its epoch is another node's too, whose id is lower");
	oracle_check(&world, true);
	world_free(&world);
}

static void test_next_where_first_is_cut_off(void **state)
{
	uint32_t name;

	(void)state;
	ring(4);
	name = world_add_name(&world, "/a");
	own(name, 2, 9);
	own(name, 1, 1);
	assert_null(why(name, 2));
	cut(1);
	cut(2);
	assert_string_equal(why(name, 2), "there is no way to its node");
	assert_null(why(name, 1));
	assert_int_equal(world.model.routes_told, 2);
	mend(1);
	assert_null(why(name, 2));
	world_free(&world);
}

static void test_own_name_wins_or_loses(void **state)
{
	uint32_t name;

	(void)state;
	ring(3);
	name = world_add_name(&world, "/a");
	own(name, 1, 5);
	own(name, 0, 6);
	assert_false(world.model.route[name].there);
	assert_true(entry_of(name).local);
	assert_null(why(name, 0));
	own(name, 1, 7);
	assert_true(world.model.route[name].there);
	assert_string_equal(why(name, 0),
			    "another node's binding has a higher epoch");
	/* Who is cut off does not win: what is here is served here. */
	cut(0);
	cut(1);
	assert_false(world.model.route[name].there);
	assert_true(entry_of(name).local);
	mend(0);
	assert_true(world.model.route[name].there);
	world_free(&world);
}

static void test_anycast_member(void **state)
{
	uint32_t name;

	(void)state;
	ring(7);
	name = world_add_name(&world, "/p/1");
	member(name, 2, 1);
	member(name, 5, 3);
	member(name, 3, 1);
	assert_int_equal(entry_of(name).n, 2);
	assert_int_equal(entry_of(name).nexthop[0].weight +
			 entry_of(name).nexthop[1].weight, 4);
	assert_string_equal(why(name, 3),
			    "another node that has the name is nearer");
	member(name, 5, 0);
	assert_int_equal(entry_of(name).n, 1);
	assert_string_equal(why(name, 5),
			    "its weight is 0, and another node's is not");
	own(name, 3, 0);
	assert_string_equal(why(name, 2),
			    "it is a pool's instance, and another node has it as a name of its own");
	assert_string_equal(entry_of(name).not_in_pool,
			    "no node has it as a pool's instance");
	world_withdraw(&world, name, 3);
	member(name, 0, 1);
	assert_string_equal(why(name, 2), "this node serves the name itself");
	oracle_check(&world, true);
	world_free(&world);
}

/* ---- holds -------------------------------------------------------------- */

static void test_cut_off_is_held(void **state)
{
	uint32_t name;

	(void)state;
	ring(3);
	name = world_add_name(&world, "/a");
	own(name, 1, 0);
	assert_true(dc_rib_next(world.rib) == UINT64_MAX);
	cut(0);
	cut(1);
	assert_true(entry_of(name).held);
	assert_int_equal(entry_of(name).n, 0);
	assert_int_equal(dc_rib_next(world.rib), 0);
	dc_rib_timer(world.rib, 1000);
	assert_int_equal(dc_rib_next(world.rib), 1000 + HOLD_US);
	dc_rib_timer(world.rib, 1000 + HOLD_US - 1);
	assert_true(world.model.route[name].there);
	dc_rib_timer(world.rib, 1000 + HOLD_US);
	assert_false(world.model.route[name].there);
	assert_true(dc_rib_next(world.rib) == UINT64_MAX);
	assert_string_equal(why(name, 1), "there is no way to its node");
	/* It comes back with its names. */
	mend(0);
	assert_true(world.model.route[name].there);
	world_free(&world);
}

static void test_back_before_the_end(void **state)
{
	uint32_t name;

	(void)state;
	ring(3);
	name = world_add_name(&world, "/a");
	own(name, 1, 0);
	cut(0);
	cut(1);
	dc_rib_timer(world.rib, 1);
	mend(1);
	assert_true(dc_rib_next(world.rib) == UINT64_MAX);
	assert_int_equal(world.model.routes_told, 1);
	world_free(&world);
}

/* Review-routing 14: no shorter name covers it meanwhile. */
static void test_refused_is_held(void **state)
{
	struct dc_rib_entry entry;
	uint32_t name, shorter;

	(void)state;
	ring(3);
	name = world_add_name(&world, "/b/4");
	shorter = world_add_name(&world, "/b");
	own(shorter, 2, 0);
	own(name, 1, 0);
	world_hold(&world, name);
	world_withdraw(&world, name, 1);
	assert_true(world.model.route[name].there);
	assert_int_equal(world.model.route[name].set, 0);
	assert_true(entry_of(name).held);
	dc_rib_timer(world.rib, HOLD_US - 1);
	assert_true(world.model.route[name].there);
	dc_rib_timer(world.rib, HOLD_US);
	assert_false(world.model.route[name].there);
	/* Now the shorter is what matches. */
	assert_int_equal(dc_rib_explain(world.rib, &world.name[name], &entry),
			 0);
	assert_true(damc_name_equal(&entry.name, &world.name[shorter]));
	world_free(&world);
}

static void test_hold_gives_way(void **state)
{
	uint32_t name;

	(void)state;
	ring(4);
	name = world_add_name(&world, "/a");
	world_hold(&world, name);
	assert_true(entry_of(name).held);
	own(name, 1, 0);
	assert_false(entry_of(name).held);
	assert_int_equal(entry_of(name).n, 1);
	world.now = 1000;
	world_hold(&world, name);
	assert_int_equal(dc_rib_next(world.rib), 1000 + HOLD_US);
	world_rest(&world);
	oracle_check(&world, true);
	world_free(&world);
}

static void test_explain_what_is_not_there(void **state)
{
	struct dc_rib_entry entry;
	uint32_t name;

	(void)state;
	ring(3);
	name = world_add_name(&world, "/a");
	assert_int_equal(dc_rib_explain(world.rib, &world.name[name], &entry),
			 -ENOENT);
	own(world_add_name(&world, "/"), 1, 0);
	assert_int_equal(dc_rib_explain(world.rib, &world.name[name], &entry),
			 0);
	assert_int_equal(entry.name.len, 0);
	world_free(&world);
}

/* ---- pools -------------------------------------------------------------- */

static void test_nearest_instance(void **state)
{
	uint32_t near, far, drained;

	(void)state;
	ring(7);
	near = world_add_name(&world, "/p/1");
	far = world_add_name(&world, "/p/2");
	drained = world_add_name(&world, "/p/3");
	member(far, 3, 9);
	assert_int_equal(world.model.route[far].weight, 9);
	member(near, 1, 4);
	member(drained, 6, 0);
	assert_int_equal(world.model.route[near].weight, 4);
	assert_int_equal(world.model.route[far].weight, 0);
	assert_true(world.model.route[far].member);
	assert_int_equal(world.model.route[drained].weight, 0);
	/* The nearest is ill: new flows go to the next. */
	member(near, 1, 0);
	assert_int_equal(world.model.route[far].weight, 9);
	member(near, 1, 4);
	cut(0);
	assert_int_equal(world.model.route[far].weight, 9);
	assert_int_equal(world.model.route[near].weight, 0);
	assert_true(world.model.route[near].member);
	world_free(&world);
}

static void test_own_instance_first(void **state)
{
	uint32_t here, there;

	(void)state;
	ring(3);
	here = world_add_name(&world, "/p/1");
	there = world_add_name(&world, "/p/2");
	member(there, 1, 5);
	member(here, 0, 5);
	assert_false(world.model.route[here].member);
	assert_true(entry_of(here).member);
	assert_int_equal(entry_of(here).pool_weight, 5);
	assert_int_equal(world.model.route[there].weight, 0);
	member(here, 0, 0);
	assert_int_equal(world.model.route[there].weight, 5);
	world_free(&world);
}

static void test_pool_or_name(void **state)
{
	uint32_t instance, name;

	(void)state;
	ring(3);
	instance = world_add_name(&world, "/p/1");
	name = world_add_name(&world, "/p");
	member(instance, 1, 5);
	own(name, 2, 0);
	assert_false(world.model.route[instance].member);
	assert_true(world.model.route[instance].there);
	assert_string_equal(entry_of(instance).not_in_pool,
			    "a name of its own is called as the pool is");
	world_withdraw(&world, name, 2);
	assert_true(world.model.route[instance].member);
	assert_null(entry_of(instance).not_in_pool);
	/* What is an instance itself can be a pool's name, too. */
	member(name, 2, 1);
	assert_true(world.model.route[instance].member);
	assert_string_equal(entry_of(name).not_in_pool,
			    "its name has one component: there is no pool");
	world_free(&world);
}

/* More nodes than a set has room for: the first 32 by id, for every router. */
static void test_too_many_nodes(void **state)
{
	struct dc_rib_entry entry;
	uint32_t name, i, k, shown = 0;

	(void)state;
	ring(40);
	name = world_add_name(&world, "/p/1");
	for (i = 1; i < 40; i++)
		member(name, i, 1);
	entry = entry_of(name);
	assert_int_equal(entry.n_candidates, 32);
	assert_in_range(entry.n, 1, 2);
	for (i = 1; i < 40; i++) {
		uint32_t before = 0;

		for (k = 1; k < 40; k++)
			before += k != i && lower_id(i, k) == k;
		for (k = 0; k < 32; k++)
			shown += is_node(&entry.candidate[k].node, i) &&
				 before < 32;
	}
	assert_int_equal(shown, 32);
	world_free(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_share_a_set),
		cmocka_unit_test(test_withdrawn_is_gone_at_once),
		cmocka_unit_test(test_said_twice_is_no_change),
		cmocka_unit_test(test_epoch_then_id),
		cmocka_unit_test(test_next_where_first_is_cut_off),
		cmocka_unit_test(test_own_name_wins_or_loses),
		cmocka_unit_test(test_anycast_member),
		cmocka_unit_test(test_cut_off_is_held),
		cmocka_unit_test(test_back_before_the_end),
		cmocka_unit_test(test_refused_is_held),
		cmocka_unit_test(test_hold_gives_way),
		cmocka_unit_test(test_explain_what_is_not_there),
		cmocka_unit_test(test_nearest_instance),
		cmocka_unit_test(test_own_instance_first),
		cmocka_unit_test(test_pool_or_name),
		cmocka_unit_test(test_too_many_nodes),
	};

	return cmocka_run_group_tests_name("rib", tests, NULL, NULL);
}
