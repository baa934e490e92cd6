// SPDX-License-Identifier: GPL-2.0
/* A gateway's wants, many of them: their ids, and what one more costs. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "c3_lab.h"
#include "check.h"
#include "class3_client.h"
#include "lab.h"

#define FEW 64
/* Half of what there may be. */
#define MANY 16384
#define TIMES 400
#define RUNS 5

struct world {
	struct lab lab;
	struct dc_identity sg;
	struct dc_trust *trust;
	struct dc_c3_client *client;
	uint64_t id[MANY];
};

static const struct dc_c3_client_ops no_ops;

static int setup(void **state)
{
	struct dc_c3_client_config config = { .n_spas = 1 };
	struct world *world = calloc(1, sizeof(*world));

	assert_non_null(world);
	lab_init(&world->lab, &dc_ed25519, 1);
	lab_enrol(&world->lab, &world->sg, "sg1", DC_ROLE_SG, "");
	world->trust = lab_trust(&world->lab, &world->sg, NULL, 0);
	config.identity = world->sg;
	config.crypto = world->lab.crypto;
	config.trust = world->trust;
	c3_name(&config.spa[0], "/damc/spa/1");
	world->client = dc_c3_client_new(&config, &no_ops, world);
	assert_non_null(world->client);
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;

	dc_c3_client_free(world->client);
	dc_trust_free(world->trust);
	free(world);
	return 0;
}

static int hold(struct world *world, uint64_t *id)
{
	struct dc_c3_held held = {
		.not_after = LAB_TIME_MS + 3600000, .renew_us = UINT64_MAX
	};
	struct dc_c3_want want = { .right = DC_RIGHT_NAME };

	return dc_c3_client_hold(world->client, &want, &held, id, 0);
}

static void fill(struct world *world, uint32_t from, uint32_t to)
{
	for (; from < to; from++)
		assert_int_equal(hold(world, &world->id[from]), 0);
}

/* As many as there may be; an id that was given up is nobody's, and none is two's. */
static void ids_are_one_each(void **state)
{
	struct world *world = *state;
	struct dc_c3_client_counts counts;
	uint64_t gone, id;
	uint32_t i;

	fill(world, 0, MANY);
	for (i = 0; i < 10000; i++) {
		uint32_t at = check_below(MANY);

		gone = world->id[at];
		dc_c3_client_forget(world->client, gone);
		assert_int_equal(dc_c3_client_due(world->client, gone), 0);
		assert_int_equal(hold(world, &world->id[at]), 0);
		assert_int_not_equal(world->id[at], gone);
	}
	for (i = MANY; i < DC_C3_CLIENT_MAX; i++)
		assert_int_equal(hold(world, &id), 0);
	assert_int_equal(hold(world, &id), -ENOSPC);
	for (i = 0; i < MANY; i++) {
		assert_true(dc_c3_client_due(world->client, world->id[i]) > 0);
		dc_c3_client_forget(world->client, world->id[i]);
		assert_int_equal(dc_c3_client_due(world->client, world->id[i]),
				 0);
	}
	dc_c3_client_counts(world->client, &counts);
	assert_int_equal(counts.wants, DC_C3_CLIENT_MAX - MANY);
	fill(world, 0, MANY);
	assert_int_equal(hold(world, &id), -ENOSPC);
}

static uint64_t cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

/* The first goes and comes again, then the last: the shortest of some runs. */
static uint64_t cost_among(struct world *world, uint32_t n)
{
	uint64_t least = UINT64_MAX, from, took;
	uint32_t run, i, at;

	for (run = 0; run < RUNS; run++) {
		from = cpu_ns();
		for (i = 0; i < TIMES; i++) {
			at = i & 1 ? n - 1 : 0;
			dc_c3_client_forget(world->client, world->id[at]);
			assert_int_equal(hold(world, &world->id[at]), 0);
		}
		took = cpu_ns() - from;
		if (took < least)
			least = took;
	}
	return least;
}

/* 256 times as many, not 2. */
static void one_more_costs_the_same(void **state)
{
	struct world *world = *state;
	uint64_t few, many;

	fill(world, 0, FEW);
	few = cost_among(world, FEW);
	fill(world, FEW, MANY);
	many = cost_among(world, MANY);
	print_message("# %d times: %llu us among %d, %llu us among %d\n", TIMES,
		      (unsigned long long)few / 1000, FEW,
		      (unsigned long long)many / 1000, MANY);
	assert_true(many < 2 * few);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ids_are_one_each),
		TEST(one_more_costs_the_same),
	};

	check_seed();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
