// SPDX-License-Identifier: GPL-2.0
/* The registration core, one rule at a time: asked, leased, held, refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "reg_world.h"

/* Neither bound nor announced before a yes; bound first then. */
static void test_yes(void **state)
{
	struct dc_reg_want want = world_want("/b", 1, 60);

	(void)state;
	assert_int_equal(world_add(&world, &want, NULL), DC_REG_ASKED);
	assert_string_equal(world_log(&world), "a");
	world_grant(&world, 5, UINT64_MAX);
	assert_string_equal(world_log(&world), "BA+");
	assert_int_equal(world.told_ticket, world.asked);
	assert_int_equal(world.name[0].grant.byte[0], 5);
	/* The same answer again is nobody's. */
	world_grant(&world, 6, UINT64_MAX);
	assert_string_equal(world_log(&world), "");
}

static void test_no(void **state)
{
	struct dc_reg_want want = world_want("/b", 1, 60);

	(void)state;
	world_add(&world, &want, NULL);
	world_refuse(&world, DC_REG_REFUSED);
	assert_string_equal(world_log(&world), "a-");
	assert_int_equal(world.told, DC_REG_REFUSED);
	assert_string_equal(world.reason, "so");
	assert_null(dc_reg_find(world.reg, &want.name));
	/* No is not remembered. */
	assert_int_equal(world_add(&world, &want, NULL), DC_REG_ASKED);
	world_refuse(&world, DC_REG_NO_SPA);
	assert_int_equal(world.told, DC_REG_NO_SPA);
}

/* An answer that comes too late changes nothing. */
static void test_late(void **state)
{
	struct dc_reg_want want = world_want("/b", 1, 60);
	uint64_t first;

	(void)state;
	world_add(&world, &want, NULL);
	first = world.asked;
	assert_int_equal(dc_reg_del(world.reg, &want.name, 1, world.now_us), 0);
	world_log(&world);
	world_grant(&world, 1, UINT64_MAX);
	assert_string_equal(world_log(&world), "");
	world_add(&world, &want, NULL);
	assert_int_not_equal(world.asked, first);
	world.asked = first;
	world_grant(&world, 1, UINT64_MAX);
	assert_string_equal(world_log(&world), "a");
}

static void test_kernel_refuses(void **state)
{
	struct dc_reg_want want = world_want("/b", 1, 60);

	(void)state;
	world.bind_err = -EINVAL;
	assert_int_equal(world_add(&world, &want, NULL), DC_REG_NOT_BOUND);
	assert_string_equal(world_log(&world), "aB-");
	assert_string_equal(world.reason, "the world");
	assert_null(dc_reg_find(world.reg, &want.name));
}

/* What could be bound and may not be announced is unbound again. */
static void test_node_refuses(void **state)
{
	struct dc_reg_want want = world_want("/b", 1, 60);

	(void)state;
	world.verdict = DC_NOT_ALLOWED;
	assert_int_equal(world_add(&world, &want, NULL), DC_REG_NOT_ANNOUNCED);
	assert_string_equal(world.reason, dc_verdict_text(DC_NOT_ALLOWED));
	assert_string_equal(world_log(&world), "aBA-");
	world_pass(&world, 3 * WORLD_US);
	assert_string_equal(world_log(&world), "U");
}

static void test_lease(void **state)
{
	struct dc_reg_want want = world_want("/b", 1, 60);

	(void)state;
	assert_int_equal(world_add(&world, &want, NULL), DC_REG_DONE);
	world_pass(&world, 59 * WORLD_US);
	assert_int_equal(dc_reg_renew(world.reg, &want.name, 1, 0,
				      world.now_us), 0);
	world_pass(&world, 59 * WORLD_US);
	assert_true(world_announced(&world, "/b"));
	world_log(&world);
	world_pass(&world, WORLD_US);
	/* Withdrawn first, unbound when what is under way has arrived. */
	assert_string_equal(world_log(&world), "W-");
	assert_int_equal(world.told, DC_REG_ENDED);
	world_pass(&world, 2 * WORLD_US - 1);
	assert_true(world_bound(&world, "/b"));
	world_pass(&world, 1);
	assert_false(world_bound(&world, "/b"));
	assert_int_equal(dc_reg_next(world.reg), UINT64_MAX);
}

static void test_renewal_sets_lease(void **state)
{
	struct dc_reg_want want = world_want("/b", 1, 60);

	(void)state;
	world_add(&world, &want, NULL);
	dc_reg_renew(world.reg, &want.name, 1, 10, world.now_us);
	world_pass(&world, 10 * WORLD_US);
	assert_false(world_announced(&world, "/b"));
	assert_int_equal(dc_reg_renew(world.reg, &want.name, 1, 0,
				      world.now_us), -ENOENT);
}

static void test_holder(void **state)
{
	struct dc_reg_holder *one = dc_reg_holder_new(world.reg);
	struct dc_reg_holder *two = dc_reg_holder_new(world.reg);
	struct dc_reg_want a = world_want("/a", 1, 0);
	struct dc_reg_want b = world_want("/b", 1, 0);
	struct dc_reg_want c = world_want("/c", 1, 60);

	(void)state;
	world_add(&world, &a, one);
	world_add(&world, &b, one);
	world_add(&world, &c, one);
	/* What another connection asks for again is that one's from then on. */
	world_add(&world, &b, two);
	world_pass(&world, 30 * WORLD_US);
	dc_reg_holder_gone(world.reg, one, world.now_us);
	assert_false(world_announced(&world, "/a"));
	assert_true(world_announced(&world, "/b"));
	assert_true(world_announced(&world, "/c"));
	dc_reg_holder_gone(world.reg, two, world.now_us);
	assert_false(world_announced(&world, "/b"));
}

/* A pod that renews what it held by connection does without that. */
static void test_holder_renews(void **state)
{
	struct dc_reg_holder *one = dc_reg_holder_new(world.reg);
	struct dc_reg_want a = world_want("/a", 1, 0);

	(void)state;
	world_add(&world, &a, one);
	dc_reg_renew(world.reg, &a.name, 1, 60, world.now_us);
	dc_reg_holder_gone(world.reg, one, world.now_us);
	assert_true(world_announced(&world, "/a"));
}

static void test_anothers(void **state)
{
	struct dc_reg_want mine = world_want("/b", 1, 60);
	struct dc_reg_want other = world_want("/b", 2, 60);

	(void)state;
	world_add(&world, &mine, NULL);
	assert_int_equal(world_add(&world, &other, NULL), DC_REG_TAKEN);
	assert_int_equal(dc_reg_del(world.reg, &mine.name, 2, world.now_us),
			 -EPERM);
	assert_int_equal(dc_reg_renew(world.reg, &mine.name, 2, 60,
				      world.now_us), -EPERM);
	assert_true(world_announced(&world, "/b"));
	/* What was given up is free, though it drains. */
	assert_int_equal(dc_reg_del(world.reg, &mine.name, 1, world.now_us), 0);
	assert_int_equal(world_add(&world, &other, NULL), DC_REG_DONE);
	assert_int_equal(world.name[0].edge, 2);
}

static void test_again(void **state)
{
	struct dc_reg_want want = world_want("/b/1", 1, 60);

	(void)state;
	want.right = DC_RIGHT_MEMBER;
	world_add(&world, &want, NULL);
	world_log(&world);
	/* Nothing new, nothing to do. */
	assert_int_equal(world_add(&world, &want, NULL), DC_REG_DONE);
	assert_string_equal(world_log(&world), "");
	want.weight = 9;
	want.epoch = 8;
	assert_int_equal(world_add(&world, &want, NULL), DC_REG_DONE);
	assert_string_equal(world_log(&world), "BA+");
	assert_int_equal(world.name[0].weight, 9);
	/* It is the same binding. */
	assert_int_equal(dc_reg_find(world.reg, &want.name)->want.epoch, 7);
}

/* While it drains: the binding stays, and nothing is asked. */
static void test_again_draining(void **state)
{
	struct dc_reg_want want = world_want("/b", 1, 60);

	(void)state;
	world_add(&world, &want, NULL);
	dc_reg_del(world.reg, &want.name, 1, world.now_us);
	world_log(&world);
	want.epoch = 8;
	assert_int_equal(world_add(&world, &want, NULL), DC_REG_DONE);
	assert_string_equal(world_log(&world), "BA+");
	assert_int_equal(dc_reg_find(world.reg, &want.name)->want.epoch, 8);
	world_pass(&world, 30 * WORLD_US);
	assert_true(world_bound(&world, "/b"));
}

static void test_other_right(void **state)
{
	struct dc_reg_want want = world_want("/b/1", 1, 60);

	(void)state;
	world_add(&world, &want, NULL);
	world_log(&world);
	want.right = DC_RIGHT_MEMBER;
	assert_int_equal(world_add(&world, &want, NULL), DC_REG_DONE);
	assert_string_equal(world_log(&world), "W-UaBA+");
}

#define TWENTY "abcdefghijabcdefghij"

static void test_reserved(void **state)
{
	static const char *const names[] = {
		"/", "/damc", "/damc/spa/x", "/localhost/x", "/localhop/damc/ls",
		"/pod/sg1/1", NULL
	};
	struct dc_reg_want want;
	size_t i;

	(void)state;
	for (i = 0; names[i]; i++) {
		want = world_want(names[i], 1, 60);
		assert_int_equal(world_add(&world, &want, NULL),
				 DC_REG_RESERVED);
	}
	want = world_want("/b", 1, 60);
	want.right = DC_RIGHT_MEMBER;
	assert_int_equal(world_add(&world, &want, NULL), DC_REG_RESERVED);
	want = world_want("/" TWENTY TWENTY TWENTY "1234", 1, 60);
	assert_int_equal(world_add(&world, &want, NULL), DC_REG_RESERVED);
	want = world_want("/" TWENTY TWENTY "/" TWENTY TWENTY "/" TWENTY, 1, 60);
	assert_int_equal(world_add(&world, &want, NULL), DC_REG_RESERVED);
	assert_string_equal(world_log(&world), "");
	want = world_want("/damcs", 1, 60);
	assert_int_equal(world_add(&world, &want, NULL), DC_REG_DONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		REG_ASKED(test_yes),
		REG_ASKED(test_no),
		REG_ASKED(test_late),
		REG_LAB(test_kernel_refuses),
		REG_LAB(test_node_refuses),
		REG_LAB(test_lease),
		REG_LAB(test_renewal_sets_lease),
		REG_LAB(test_holder),
		REG_LAB(test_holder_renews),
		REG_LAB(test_anothers),
		REG_LAB(test_again),
		REG_LAB(test_again_draining),
		REG_LAB(test_other_right),
		REG_LAB(test_reserved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
