// SPDX-License-Identifier: GPL-2.0
/* The registration core: edges that go, what an earlier process left, and limits. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "reg_world.h"

static void test_edge_gone(void **state)
{
	struct dc_reg_want a = world_want("/a", 1, 60);
	struct dc_reg_want b = world_want("/b", 2, 60);
	struct dc_reg_want c = world_want("/c", 1, 60);

	(void)state;
	world_add(&world, &a, NULL);
	world_add(&world, &b, NULL);
	world_add(&world, &c, NULL);
	dc_reg_del(world.reg, &c.name, 1, world.now_us);
	world_log(&world);
	/* The kernel has unbound them. */
	world_find(&world, "/a")->bound = false;
	world_find(&world, "/c")->bound = false;
	dc_reg_edge_gone(world.reg, 1, world.now_us);
	assert_string_equal(world_log(&world), "W-");
	assert_true(world_announced(&world, "/b"));
	world_pass(&world, 10 * WORLD_US);
	assert_string_equal(world_log(&world), "");
}

static void test_adopt(void **state)
{
	struct dc_reg_want want = world_want("/b", 1, 60);

	(void)state;
	dc_reg_adopt(world.reg, &want, 0, world.now_us);
	assert_string_equal(world_log(&world), "aBA+");
	/* The pod comes back. */
	world_pass(&world, 30 * WORLD_US);
	assert_int_equal(world_add(&world, &want, NULL), DC_REG_DONE);
	world_pass(&world, 59 * WORLD_US);
	assert_true(world_announced(&world, "/b"));
	/* It does not, and what was bound before this process is unbound. */
	world_pass(&world, 10 * WORLD_US);
	assert_false(world_bound(&world, "/b"));
}

static void test_adopt_refused(void **state)
{
	struct dc_reg_want want = world_want("/b", 1, 60);

	(void)state;
	dc_reg_adopt(world.reg, &want, 0, world.now_us);
	world.n = 1;
	world.name[0] = (struct world_name){
		.name = want.name, .edge = 1, .bound = true,
	};
	world_log(&world);
	world_refuse(&world, DC_REG_REFUSED);
	assert_string_equal(world_log(&world), "-");
	world_pass(&world, 10 * WORLD_US);
	assert_string_equal(world_log(&world), "U");
}

/* As an earlier process left it. */
static void bound_before(const struct dc_reg_want *want)
{
	world.n = 1;
	world.name[0] = (struct world_name){
		.name = want->name, .edge = want->edge, .bound = true,
	};
}

/* Its lease is the one it had, not another for as long. */
static void test_adopt_lease(void **state)
{
	struct dc_reg_want want = world_want("/b", 1, 600);

	(void)state;
	bound_before(&want);
	dc_reg_adopt(world.reg, &want, world.now_us + 200 * WORLD_US,
		     world.now_us);
	world_pass(&world, 199 * WORLD_US);
	assert_true(world_announced(&world, "/b"));
	world_pass(&world, 10 * WORLD_US);
	assert_false(world_bound(&world, "/b"));
	/* A renewal is for as long as it was taken for. */
	bound_before(&want);
	dc_reg_adopt(world.reg, &want, world.now_us + 200 * WORLD_US,
		     world.now_us);
	dc_reg_renew(world.reg, &want.name, 1, 0, world.now_us);
	world_pass(&world, 599 * WORLD_US);
	assert_true(world_announced(&world, "/b"));
}

/* While no SPA answers it serves on, and is tried again. */
static void test_adopt_no_spa(void **state)
{
	struct dc_reg_want want = world_want("/b", 1, 600);
	unsigned int asked;

	(void)state;
	bound_before(&want);
	dc_reg_adopt(world.reg, &want, 0, world.now_us);
	assert_false(dc_reg_settled(world.reg));
	for (asked = 1; asked < 6; asked++) {
		assert_int_equal(world.n_asked, asked);
		world_refuse(&world, DC_REG_NO_SPA);
		assert_true(world_bound(&world, "/b"));
		world_pass(&world, 32 * WORLD_US);
	}
	/* The pod asks, too, and is told; that ends nothing. */
	world_refuse(&world, DC_REG_NO_SPA);
	assert_int_equal(world_add(&world, &want, NULL), DC_REG_ASKED);
	world_refuse(&world, DC_REG_NO_SPA);
	assert_int_equal(world.told, DC_REG_NO_SPA);
	assert_true(world_bound(&world, "/b"));
	world_pass(&world, 32 * WORLD_US);
	assert_false(dc_reg_settled(world.reg));
	world_grant(&world, 1, UINT64_MAX);
	assert_true(world_announced(&world, "/b"));
	assert_true(dc_reg_settled(world.reg));
}

static void test_adopt_no_spa_ends(void **state)
{
	struct dc_reg_want want = world_want("/b", 1, 60);

	(void)state;
	bound_before(&want);
	dc_reg_adopt(world.reg, &want, 0, world.now_us);
	world_refuse(&world, DC_REG_NO_SPA);
	world_pass(&world, 59 * WORLD_US);
	world_refuse(&world, DC_REG_NO_SPA);
	assert_true(world_bound(&world, "/b"));
	world_pass(&world, 10 * WORLD_US);
	assert_false(world_bound(&world, "/b"));
	assert_true(dc_reg_settled(world.reg));
}

/* By a grant of before, once the node knows who signed it; nobody is asked. */
static void test_adopt_kept(void **state)
{
	struct dc_reg_want want = world_want("/b", 1, 600);
	static const uint8_t grant[300];
	struct dc_reg_answer answer = {
		.code = DC_REG_DONE, .grant = grant,
		.grant_len = sizeof(grant), .hash.byte = { 3 },
		.until_us = world.now_us + 1000 * WORLD_US,
	};

	(void)state;
	bound_before(&want);
	assert_int_equal(dc_reg_keep(world.reg, &want, &answer), 0);
	world.verdict = DC_UNKNOWN;
	dc_reg_adopt(world.reg, &want, 0, world.now_us);
	world_pass(&world, 5 * WORLD_US);
	assert_true(world_bound(&world, "/b"));
	assert_false(dc_reg_settled(world.reg));
	world.verdict = DC_VALID;
	world_pass(&world, 10 * WORLD_US);
	assert_true(world_announced(&world, "/b"));
	assert_true(dc_reg_settled(world.reg));
	assert_int_equal(world.n_asked, 0);
}

/* One that the node judges and refuses ends at once. */
static void test_adopt_kept_refused(void **state)
{
	struct dc_reg_want want = world_want("/b", 1, 600);
	static const uint8_t grant[300];
	struct dc_reg_answer answer = {
		.code = DC_REG_DONE, .grant = grant,
		.grant_len = sizeof(grant), .until_us = UINT64_MAX,
	};

	(void)state;
	bound_before(&want);
	dc_reg_keep(world.reg, &want, &answer);
	world.verdict = DC_REVOKED;
	dc_reg_adopt(world.reg, &want, 0, world.now_us);
	world_pass(&world, 10 * WORLD_US);
	assert_false(world_bound(&world, "/b"));
}

static void test_replay(void **state)
{
	struct dc_reg_want want = world_want("/b", 1, 60);

	(void)state;
	world_add(&world, &want, NULL);
	world_log(&world);
	world.name[0].bound = false;
	dc_reg_replay(world.reg, world.now_us);
	assert_string_equal(world_log(&world), "BA+");
	assert_true(world_bound(&world, "/b"));
}

static void test_full(void **state)
{
	struct dc_reg_want want;
	char text[32];
	int i;

	(void)state;
	for (i = 0; i < DC_REG_NAMES_MAX; i++) {
		snprintf(text, sizeof(text), "/n/%d", i);
		want = world_want(text, 1, 60);
		assert_int_equal(world_add(&world, &want, NULL), DC_REG_DONE);
		world_log(&world);
	}
	want = world_want("/more", 1, 60);
	assert_int_equal(world_add(&world, &want, NULL), DC_REG_FULL);
	world_pass(&world, 62 * WORLD_US);
	assert_int_equal(world_add(&world, &want, NULL), DC_REG_DONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		REG_LAB(test_edge_gone),
		REG_LAB(test_adopt),
		REG_ASKED(test_adopt_refused),
		REG_LAB(test_adopt_lease),
		REG_ASKED(test_adopt_no_spa),
		REG_ASKED(test_adopt_no_spa_ends),
		REG_ASKED(test_adopt_kept),
		REG_ASKED(test_adopt_kept_refused),
		REG_LAB(test_replay),
		REG_LAB(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
