// SPDX-License-Identifier: GPL-2.0
/* The registration core, one rule at a time; then at random, beside a twin. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "reg_world.h"

static struct world world;

static int setup_asked(void **state)
{
	(void)state;
	world_open(&world, false);
	return 0;
}

static int setup_lab(void **state)
{
	(void)state;
	world_open(&world, true);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_close(&world);
	return 0;
}

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

/* ---- grants ------------------------------------------------------------ */

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

static void test_moved_away(void **state)
{
	struct dc_reg_want want = keyed("/b", 1, 1, 10, 100);

	(void)state;
	world_add(&world, &want, NULL);
	world_grant(&world, 5, UINT64_MAX);
	world_log(&world);
	dc_reg_moved(world.reg, &want.name, world.now_us);
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

static void test_grant_revoked(void **state)
{
	struct dc_reg_want want = world_want("/b", 1, 3600);
	struct dc_reg_want other = world_want("/c", 1, 3600);
	struct dc_hash hash;

	(void)state;
	world_add(&world, &want, NULL);
	world_grant(&world, 5, UINT64_MAX);
	world_add(&world, &other, NULL);
	world_grant(&world, 6, UINT64_MAX);
	world_log(&world);
	memset(&hash, 5, sizeof(hash));
	dc_reg_revoked(world.reg, &hash, world.now_us);
	/* At once, and packets under way do not arrive. */
	assert_string_equal(world_log(&world), "fW-U");
	assert_int_equal(world.told, DC_REG_REFUSED);
	assert_true(world_announced(&world, "/c"));
	assert_int_equal(world_add(&world, &want, NULL), DC_REG_ASKED);
	/* A hash of zeros is that of no grant. */
	memset(&hash, 0, sizeof(hash));
	dc_reg_revoked(world.reg, &hash, world.now_us);
	assert_true(world_announced(&world, "/c"));
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

/* ---- what happens to many ---------------------------------------------- */

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

/* ---- at random, beside a twin ------------------------------------------ */

#define NAMES 8
#define EDGES 3
#define HOLDERS 4
#define STEPS 20000

/* What the core should think, in the plainest way. */
struct twin {
	bool active;
	uint32_t edge;
	int holder;
	uint64_t lease_us;
};

static struct twin twins[NAMES];
static struct dc_reg_holder *holders[HOLDERS];

static uint32_t pick(unsigned int *seed, uint32_t below)
{
	return (uint32_t)rand_r(seed) % below;
}

static void twin_expire(void)
{
	int i;

	for (i = 0; i < NAMES; i++)
		if (twins[i].active && twins[i].lease_us <= world.now_us)
			twins[i].active = false;
}

static void step_add(unsigned int *seed, int i, const char *text)
{
	uint32_t edge = 1 + pick(seed, EDGES);
	int holder = pick(seed, 2) ? (int)pick(seed, HOLDERS) : -1;
	uint32_t lease = holder < 0 ? 5 + pick(seed, 30) : 0;
	struct dc_reg_want want = world_want(text, edge, lease);
	bool other = twins[i].active && twins[i].edge != edge;

	assert_int_equal(world_add(&world, &want,
				   holder < 0 ? NULL : holders[holder]),
			 other ? DC_REG_TAKEN : DC_REG_DONE);
	if (other)
		return;
	twins[i] = (struct twin){
		true, edge, holder,
		lease ? world.now_us + lease * WORLD_US : UINT64_MAX,
	};
}

static void step_del(unsigned int *seed, int i, const char *text)
{
	uint32_t edge = 1 + pick(seed, EDGES);
	struct dc_reg_want want = world_want(text, edge, 1);
	int want_ret = !twins[i].active ? -ENOENT :
		       twins[i].edge != edge ? -EPERM : 0;

	assert_int_equal(dc_reg_del(world.reg, &want.name, edge, world.now_us),
			 want_ret);
	if (!want_ret)
		twins[i].active = false;
}

static void step_holder(unsigned int *seed)
{
	int i, gone = pick(seed, HOLDERS);

	dc_reg_holder_gone(world.reg, holders[gone], world.now_us);
	holders[gone] = dc_reg_holder_new(world.reg);
	for (i = 0; i < NAMES; i++)
		if (twins[i].holder == gone)
			twins[i].active = false;
}

static void step(unsigned int *seed)
{
	char text[16];
	int i = pick(seed, NAMES);

	snprintf(text, sizeof(text), "/n/%d", i);
	switch (pick(seed, 8)) {
	case 0:
		step_del(seed, i, text);
		break;
	case 1:
		step_holder(seed);
		break;
	case 2:
	case 3:
		world_pass(&world, pick(seed, 4 * WORLD_US));
		twin_expire();
		break;
	default:
		step_add(seed, i, text);
	}
}

static void compare(int step)
{
	char text[16];
	int i;

	for (i = 0; i < NAMES; i++) {
		snprintf(text, sizeof(text), "/n/%d", i);
		if (world_announced(&world, text) != twins[i].active)
			fail_msg("step %d: %s is %d", step, text,
				 !twins[i].active);
		if (twins[i].active)
			assert_int_equal(world_find(&world, text)->edge,
					 twins[i].edge);
	}
}

static void test_random(void **state)
{
	const char *text = getenv("SEED");
	unsigned int seed = text ? strtoul(text, NULL, 10) : 4711, first = seed;
	int i;

	(void)state;
	print_message("SEED=%u\n", first);
	memset(twins, 0, sizeof(twins));
	for (i = 0; i < HOLDERS; i++)
		holders[i] = dc_reg_holder_new(world.reg);
	for (i = 0; i < STEPS; i++) {
		step(&seed);
		compare(i);
		world_log(&world);
	}
	for (i = 0; i < HOLDERS; i++)
		dc_reg_holder_gone(world.reg, holders[i], world.now_us);
	/* All ends, and nothing is left bound. */
	world_pass(&world, 100 * WORLD_US);
	for (i = 0; i < (int)world.n; i++)
		assert_false(world.name[i].bound);
	assert_int_equal(dc_reg_next(world.reg), UINT64_MAX);
}

#define ASKED(f) cmocka_unit_test_setup_teardown(f, setup_asked, teardown)
#define LAB(f) cmocka_unit_test_setup_teardown(f, setup_lab, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ASKED(test_yes),
		ASKED(test_no),
		ASKED(test_late),
		LAB(test_kernel_refuses),
		LAB(test_node_refuses),
		LAB(test_lease),
		LAB(test_renewal_sets_lease),
		LAB(test_holder),
		LAB(test_holder_renews),
		LAB(test_anothers),
		LAB(test_again),
		LAB(test_again_draining),
		LAB(test_other_right),
		LAB(test_reserved),
		ASKED(test_grant_kept),
		ASKED(test_grant_of_pool),
		ASKED(test_grant_ends),
		ASKED(test_grant_renewed),
		ASKED(test_proof_ends),
		ASKED(test_key_moves_here),
		ASKED(test_key_is_no_pod),
		ASKED(test_moved_away),
		ASKED(test_key_grant_renewed),
		ASKED(test_grant_revoked),
		ASKED(test_grants_bounded),
		LAB(test_edge_gone),
		LAB(test_adopt),
		ASKED(test_adopt_refused),
		LAB(test_adopt_lease),
		ASKED(test_adopt_no_spa),
		ASKED(test_adopt_no_spa_ends),
		ASKED(test_adopt_kept),
		ASKED(test_adopt_kept_refused),
		LAB(test_replay),
		LAB(test_full),
		LAB(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
