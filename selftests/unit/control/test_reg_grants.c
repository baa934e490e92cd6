// SPDX-License-Identifier: GPL-2.0
/* The registration core: grants that are kept and renewed, keys that prove and move. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "reg_world.h"

static void test_grant_kept(void **state)
{
	struct dc_reg_want want = world_want("/b", 1, 60);
	struct dc_reg_counts counts;

	(void)state;
	world_add(&world, &want, NULL);
	world_grant(&world, 5, world.now_us + 1000 * WORLD_US);
	dc_reg_del(world.reg, &want.name, 1, world.now_us);
	world_pass(&world, 10 * WORLD_US);
	world_log(&world);
	/* No SPA is needed. */
	assert_int_equal(world_add(&world, &want, NULL), DC_REG_DONE);
	assert_string_equal(world_log(&world), "BA+");
	assert_int_equal(world.name[0].grant.byte[0], 5);
	/* It is this pod's. */
	dc_reg_del(world.reg, &want.name, 1, world.now_us);
	want = world_want("/b", 2, 60);
	assert_int_equal(world_add(&world, &want, NULL), DC_REG_ASKED);
	dc_reg_counts(world.reg, &counts);
	assert_int_equal(counts.cached, 1);
	assert_int_equal(counts.asked, 2);
	assert_int_equal(counts.grants, 1);
}

/* A pool's grant is good for each instance. */
static void test_grant_of_pool(void **state)
{
	struct dc_reg_want one = world_want("/shop/b/1", 1, 60);
	struct dc_reg_want two = world_want("/shop/b/2", 1, 60);
	struct damc_name name;
	char text[DAMC_NAME_TEXT_MAX];

	(void)state;
	one.right = DC_RIGHT_MEMBER;
	two.right = DC_RIGHT_MEMBER;
	dc_reg_grant_name(&one, &name);
	damc_name_format(&name, text, sizeof(text));
	assert_string_equal(text, "/shop/b");
	world_add(&world, &one, NULL);
	world_grant(&world, 5, UINT64_MAX);
	assert_int_equal(world_add(&world, &two, NULL), DC_REG_DONE);
	/* It is no grant of a name. */
	two = world_want("/shop/b", 1, 60);
	assert_int_equal(world_add(&world, &two, NULL), DC_REG_ASKED);
}

static void test_grant_ends(void **state)
{
	struct dc_reg_want want = world_want("/b", 1, 3600);

	(void)state;
	world_add(&world, &want, NULL);
	world_grant(&world, 5, world.now_us + 100 * WORLD_US);
	world_log(&world);
	world_pass(&world, 100 * WORLD_US - 1);
	assert_string_equal(world_log(&world), "");
	world_pass(&world, 1);
	assert_string_equal(world_log(&world), "W-");
	assert_int_equal(world.told, DC_REG_NO_SPA);
	assert_int_equal(world_add(&world, &want, NULL), DC_REG_ASKED);
	assert_string_equal(world_log(&world), "fa");
}

static struct dc_reg_answer renewal(uint8_t hash, uint64_t until_us)
{
	struct dc_reg_answer answer = {
		.code = DC_REG_DONE, .grant = "x", .grant_len = 1,
		.until_us = until_us,
	};

	memset(&answer.hash, hash, sizeof(answer.hash));
	return answer;
}

static void test_grant_renewed(void **state)
{
	struct dc_reg_want want = world_want("/b", 1, 3600);
	struct dc_reg_want never = world_want("/c", 1, 3600);
	struct dc_reg_answer answer;

	(void)state;
	world_add(&world, &want, NULL);
	world_grant(&world, 5, world.now_us + 100 * WORLD_US);
	world_pass(&world, 50 * WORLD_US);
	world_log(&world);
	answer = renewal(6, world.now_us + 100 * WORLD_US);
	assert_true(dc_reg_renewed(world.reg, &want, &answer, world.now_us));
	assert_string_equal(world_log(&world), "BA+");
	assert_int_equal(world.name[0].grant.byte[0], 6);
	world_pass(&world, 60 * WORLD_US);
	assert_true(world_announced(&world, "/b"));
	assert_false(dc_reg_renewed(world.reg, &never, &answer, world.now_us));
}

/* ---- keys -------------------------------------------------------------- */

static struct dc_reg_want keyed(const char *name, uint32_t edge, uint8_t key,
				uint32_t epoch, uint64_t seconds)
{
	struct dc_reg_want want = world_want(name, edge, 3600);

	want.has_key = true;
	want.epoch = epoch;
	memset(want.proof.key, key, sizeof(want.proof.key));
	want.proof.until_us = world.now_us + seconds * WORLD_US;
	return want;
}

/* What was proven lasts as long as the proof, unless it is proven anew. */
static void test_proof_ends(void **state)
{
	struct dc_reg_want want = keyed("/b", 1, 1, 10, 100);

	(void)state;
	world_add(&world, &want, NULL);
	world_grant(&world, 5, UINT64_MAX);
	world_pass(&world, 60 * WORLD_US);
	world_log(&world);
	want = keyed("/b", 1, 1, 11, 100);
	assert_int_equal(world_add(&world, &want, NULL), DC_REG_DONE);
	/* By the grant that is kept, with the new epoch. */
	assert_string_equal(world_log(&world), "BA+");
	assert_int_equal(dc_reg_find(world.reg, &want.name)->want.epoch, 11);
	world_pass(&world, 99 * WORLD_US);
	assert_true(world_announced(&world, "/b"));
	world_log(&world);
	world_pass(&world, 2 * WORLD_US);
	assert_string_equal(world_log(&world), "W-");
	assert_int_equal(world.told, DC_REG_ENDED);
}

/* A grant is its key's, whichever pod the holder is in; nobody else's. */
static void test_key_moves_here(void **state)
{
	struct dc_reg_want want = keyed("/b", 1, 1, 10, 100);
	struct dc_reg_want thief = keyed("/b", 2, 2, 11, 100);
	struct dc_reg_want plain = world_want("/b", 2, 60);
	struct dc_reg_want there = keyed("/b", 2, 1, 12, 100);

	(void)state;
	world_add(&world, &want, NULL);
	world_grant(&world, 5, UINT64_MAX);
	world_log(&world);
	assert_int_equal(world_add(&world, &thief, NULL), DC_REG_TAKEN);
	assert_int_equal(world_add(&world, &plain, NULL), DC_REG_TAKEN);
	assert_string_equal(world_log(&world), "");
	assert_int_equal(world_add(&world, &there, NULL), DC_REG_DONE);
	assert_string_equal(world_log(&world), "W-UBA+");
	assert_int_equal(world_find(&world, "/b")->edge, 2);
}

static void test_key_is_no_pod(void **state)
{
	struct dc_reg_want want = keyed("/b", 1, 1, 10, 100);
	struct dc_reg_want other = keyed("/b", 1, 2, 11, 100);
	struct dc_reg_want plain = world_want("/b", 1, 60);

	(void)state;
	world_add(&world, &want, NULL);
	world_grant(&world, 5, UINT64_MAX);
	/* Each has to have a grant of its own. */
	assert_int_equal(world_add(&world, &other, NULL), DC_REG_ASKED);
	world_refuse(&world, DC_REG_REFUSED);
	assert_int_equal(world_add(&world, &plain, NULL), DC_REG_ASKED);
}

static enum dc_reg_review moved(const struct dc_reg_entry *entry, void *arg)
{
	return damc_name_equal(&entry->want.name, arg) ? DC_REG_MOVED :
							 DC_REG_STAYS;
}

static void test_moved_away(void **state)
{
	struct dc_reg_want want = keyed("/b", 1, 1, 10, 100);

	(void)state;
	world_add(&world, &want, NULL);
	world_grant(&world, 5, UINT64_MAX);
	world_log(&world);
	dc_reg_review(world.reg, moved, &want.name, world.now_us);
	assert_string_equal(world_log(&world), "W-");
	/* What is under way to it still arrives. */
	assert_true(world_bound(&world, "/b"));
	world_pass(&world, 3 * WORLD_US);
	assert_false(world_bound(&world, "/b"));
}

static void test_key_grant_renewed(void **state)
{
	struct dc_reg_want want = keyed("/b", 1, 1, 10, 1000);
	struct dc_reg_answer answer;

	(void)state;
	world_add(&world, &want, NULL);
	world_grant(&world, 5, world.now_us + 100 * WORLD_US);
	world_log(&world);
	answer = renewal(6, world.now_us + 2000 * WORLD_US);
	assert_true(dc_reg_renewed(world.reg, &want, &answer, world.now_us));
	assert_string_equal(world_log(&world), "BA+");
	world_pass(&world, 999 * WORLD_US);
	assert_true(world_announced(&world, "/b"));
	world_pass(&world, 2 * WORLD_US);
	assert_false(world_announced(&world, "/b"));
}

/* By the byte that all of a grant's hash is. */
static enum dc_reg_review revoked(const struct dc_reg_entry *entry, void *arg)
{
	unsigned int *judged = arg;

	judged[1]++;
	return entry->grant.byte[0] == judged[0] ? DC_REG_REVOKED :
						   DC_REG_STAYS;
}

static void test_grant_revoked(void **state)
{
	struct dc_reg_want want = world_want("/b", 1, 3600);
	struct dc_reg_want other = world_want("/c", 1, 3600);
	unsigned int judged[2] = { 5, 0 };

	(void)state;
	world_add(&world, &want, NULL);
	world_grant(&world, 5, UINT64_MAX);
	world_add(&world, &other, NULL);
	world_grant(&world, 6, UINT64_MAX);
	world_log(&world);
	dc_reg_review(world.reg, revoked, judged, world.now_us);
	/* At once, and packets under way do not arrive. */
	assert_string_equal(world_log(&world), "fW-U");
	assert_int_equal(world.told, DC_REG_REFUSED);
	assert_true(world_announced(&world, "/c"));
	assert_int_equal(world_add(&world, &want, NULL), DC_REG_ASKED);
}

/* However many go, each is judged once. */
static void test_many_revoked(void **state)
{
	unsigned int judged[2] = { 5, 0 };
	struct dc_reg_want want;
	char text[32];
	int i;

	(void)state;
	for (i = 0; i < 200; i++) {
		snprintf(text, sizeof(text), "/many/%d", i);
		want = world_want(text, 1, 3600);
		world_add(&world, &want, NULL);
		world_grant(&world, i % 2 ? 5 : 6, UINT64_MAX);
	}
	dc_reg_review(world.reg, revoked, judged, world.now_us);
	assert_int_equal(judged[1], 200);
	assert_false(world_announced(&world, "/many/1"));
	assert_true(world_announced(&world, "/many/2"));
}

static void test_grants_bounded(void **state)
{
	struct dc_reg_counts counts;
	struct dc_reg_want want;
	char text[32];
	int i;

	(void)state;
	for (i = 0; i <= DC_REG_GRANTS_MAX; i++) {
		snprintf(text, sizeof(text), "/n/%d", i);
		want = world_want(text, 1, 5);
		assert_int_equal(world_add(&world, &want, NULL), DC_REG_ASKED);
		world_grant(&world, 1, UINT64_MAX);
		world_log(&world);
		dc_reg_del(world.reg, &want.name, 1, world.now_us);
		world_pass(&world, 2 * WORLD_US);
	}
	dc_reg_counts(world.reg, &counts);
	assert_int_equal(counts.grants, DC_REG_GRANTS_MAX);
	want = world_want("/n/1", 1, 5);
	assert_int_equal(world_add(&world, &want, NULL), DC_REG_DONE);
	want = world_want("/n/0", 1, 5);
	assert_int_equal(world_add(&world, &want, NULL), DC_REG_ASKED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		REG_ASKED(test_grant_kept),
		REG_ASKED(test_grant_of_pool),
		REG_ASKED(test_grant_ends),
		REG_ASKED(test_grant_renewed),
		REG_ASKED(test_proof_ends),
		REG_ASKED(test_key_moves_here),
		REG_ASKED(test_key_is_no_pod),
		REG_ASKED(test_moved_away),
		REG_ASKED(test_key_grant_renewed),
		REG_ASKED(test_grant_revoked),
		REG_ASKED(test_many_revoked),
		REG_ASKED(test_grants_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
