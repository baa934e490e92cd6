// SPDX-License-Identifier: GPL-2.0
/* A grant by hand: what it is held against, and what that costs. */
#include <errno.h>
#include <string.h>

#include "c3_lab.h"
#include "check.h"
#include "place.h"
#include "spa_tool.h"
#include "store_db.h"

/* As the command does: in a process of its own, and nothing was read. */
static int give(const struct place *place, const char *name, uint8_t rights,
		const char *pod, uint64_t *work)
{
	struct dc_spa_wish wish = { .grant.rights = rights };
	struct dc_spa_decision decision;
	uint8_t object[DC_OBJECT_MAX];
	struct desk desk;
	uint64_t before;
	int len;

	assert_int_equal(desk_open(&desk, place->config), 0);
	assert_int_equal(desk_read_policy(&desk), 0);
	c3_name(&wish.name, name);
	c3_name(&wish.grant.pod, pod);
	before = place_steps(desk.store);
	len = desk_give(&desk, &wish, &decision, object);
	assert_int_equal(len > 0, decision.code == DC_C3_GRANTED);
	if (work)
		*work = place_steps(desk.store) - before;
	desk_close(&desk);
	return decision.code;
}

/* What is not of the name, or above it, is counted at most. */
static void given_whatever_there_is(void **state)
{
	static const char many[] = "WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL\n"
		" SELECT i + 1 FROM n WHERE i < 11999) INSERT INTO grants\n"
		" SELECT i, cast('name' || i AS BLOB), 1, zeroblob(16),\n"
		" 9000000000000, '', '', '', 0, x'00' FROM n";
	struct place *place = *state;
	uint64_t few, among;
	struct desk desk;

	assert_int_equal(give(place, "/shop/a", DC_RIGHT_NAME, "/pod/sg1/a",
			      NULL), DC_C3_GRANTED);
	assert_int_equal(give(place, "/shop/b", DC_RIGHT_NAME, "/pod/sg1/a",
			      &few), DC_C3_GRANTED);
	assert_int_equal(desk_open(&desk, place->config), 0);
	assert_int_equal(sqlite3_exec(desk.store->db, many, NULL, NULL, NULL),
			 SQLITE_OK);
	desk_close(&desk);
	assert_int_equal(give(place, "/shop/c", DC_RIGHT_NAME, "/pod/sg1/a",
			      &among), DC_C3_GRANTED);
	print_message("# %llu steps, %llu among 10,000\n",
		      (unsigned long long)few, (unsigned long long)among);
	assert_true(among < few + 5 * 10000);
}

/* Each of another process than the last. */
static void given_against_what_is_held(void **state)
{
	static const struct {
		const char *name;
		uint8_t rights;
		const char *pod;
		enum dc_c3_code code;
	} steps[] = {
		{ "/shop/a", DC_RIGHT_NAME, "/pod/sg1/a", DC_C3_GRANTED },
		{ "/shop/a", DC_RIGHT_NAME, "/pod/sg1/a", DC_C3_GRANTED },
		{ "/shop/a", DC_RIGHT_NAME, "/pod/sg1/b", DC_C3_TAKEN },
		{ "/shop/a/x/y", DC_RIGHT_NAME, "/pod/sg1/b", DC_C3_TAKEN },
		{ "/shop/a/x/y", DC_RIGHT_NAME, "/pod/sg1/a", DC_C3_GRANTED },
		{ "/shop/a", DC_RIGHT_MEMBER, "/pod/sg1/a", DC_C3_TAKEN },
		{ "/shop/p", DC_RIGHT_MEMBER, "/pod/sg1/a", DC_C3_GRANTED },
		{ "/shop/p", DC_RIGHT_MEMBER, "/pod/sg1/b", DC_C3_GRANTED },
		{ "/shop/p", DC_RIGHT_NAME, "/pod/sg1/a", DC_C3_TAKEN },
		{ "/shop/p/x", DC_RIGHT_NAME, "/pod/sg1/c", DC_C3_GRANTED },
		{ "/shop/t", DC_RIGHT_TREE, "/pod/sg1/a", DC_C3_GRANTED },
		{ "/shop/t/x", DC_RIGHT_MEMBER, "/pod/sg1/b", DC_C3_TAKEN },
		{ "/shop", DC_RIGHT_NAME, "/pod/sg1/b", DC_C3_GRANTED },
		{ "/shop/new", DC_RIGHT_NAME, "/pod/sg1/a", DC_C3_TAKEN },
	};
	uint32_t i;

	for (i = 0; i < ARRAY_SIZE(steps); i++)
		assert_int_equal(give(*state, steps[i].name, steps[i].rights,
				      steps[i].pod, NULL), steps[i].code);
}

/* Who was revoked can be given it again, and so can another. */
static void given_after_a_revocation(void **state)
{
	struct place *place = *state;
	struct store_revocation revocation;
	struct dc_c3_answer answer;
	struct desk desk;

	place_open(&desk, place);
	assert_int_equal(place_ask(place, &desk, 1, &answer), 0);
	assert_int_equal(give(place, "/shop/1", DC_RIGHT_NAME, "/pod/sg1/else",
			      NULL), DC_C3_TAKEN);
	assert_int_equal(desk_revoke(&desk, answer.grant, answer.grant_len,
				     place_number(&answer), &revocation), 0);
	assert_int_equal(give(place, "/shop/1", DC_RIGHT_NAME, "/pod/sg1/else",
			      NULL), DC_C3_GRANTED);
	/* Who serves hears of it. */
	assert_int_equal(desk_sync(&desk), 1);
	assert_int_equal(place_ask(place, &desk, 1, &answer), 0);
	assert_int_equal(answer.code, DC_C3_TAKEN);
	desk_close(&desk);
}

/* One desk that gives, goes on giving, and is then asked. */
static void part_and_whole(void **state)
{
	struct dc_spa_wish wish = { .grant.rights = DC_RIGHT_NAME };
	struct place *place = *state;
	struct store_revocation revocation;
	struct dc_spa_decision decision;
	uint8_t object[DC_OBJECT_MAX];
	struct dc_c3_answer answer;
	struct desk desk, other;

	place_open(&other, place);
	assert_int_equal(desk_open(&desk, place->config), 0);
	assert_int_equal(desk_enforce_policy(&desk), 0);
	c3_name(&wish.grant.pod, "/pod/sg1/else");
	c3_name(&wish.name, "/shop/1");
	assert_true(desk_sync(&other) >= 0);
	assert_int_equal(place_ask(place, &other, 1, &answer), 0);
	assert_int_equal(answer.code, DC_C3_GRANTED);
	assert_int_equal(desk_give(&desk, &wish, &decision, object), 0);
	assert_int_equal(decision.code, DC_C3_TAKEN);
	assert_true(desk.part);
	assert_int_equal(desk_revoke(&other, answer.grant, answer.grant_len,
				     place_number(&answer), &revocation), 0);
	assert_true(desk_give(&desk, &wish, &decision, object) > 0);
	desk_sync(&other);
	assert_int_equal(place_ask(place, &other, 2, &answer), 0);
	assert_int_equal(answer.code, DC_C3_GRANTED);
	assert_int_equal(desk_sync(&desk), 1);
	assert_false(desk.part);
	assert_int_equal(desk.revocations, 1);
	assert_int_equal(place_ask(place, &desk, 1, &answer), 0);
	assert_int_equal(answer.code, DC_C3_TAKEN);
	assert_int_equal(place_ask(place, &desk, 2, &answer), 0);
	assert_int_equal(answer.code, DC_C3_GRANTED);
	desk_close(&desk);
	desk_close(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE_TEST(given_whatever_there_is),
		PLACE_TEST(given_against_what_is_held),
		PLACE_TEST(given_after_a_revocation),
		PLACE_TEST(part_and_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
