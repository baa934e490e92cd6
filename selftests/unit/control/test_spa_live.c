// SPDX-License-Identifier: GPL-2.0
/* An SPA's live grants beside an array that is walked, and what they cost. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "c3_lab.h"
#include "check.h"
#include "spa_live.h"

#define SUBJECTS 5
#define STEPS 30000
#define TWINS 200
#define LIFE_MS 600

static const uint8_t secret[16] = { 7 };
static const uint8_t rights[] = {
	DC_RIGHT_NAME, DC_RIGHT_MEMBER, DC_RIGHT_TREE,
	DC_RIGHT_NAME | DC_RIGHT_TREE, DC_RIGHT_MEMBER | DC_RIGHT_TREE,
};

static const char * const names[] = {
	"/", "/a", "/a/b", "/a/b/c", "/a/c", "/b", "/b/c",
};

/* Those that have not ended; nobody's where number is 0. */
static struct dc_spa_holding twin[TWINS];

static bool is_same(const struct dc_spa_holding *a,
		    const struct dc_spa_holding *b)
{
	return a->number && a->rights == b->rights &&
	       damc_name_equal(&a->name, &b->name) &&
	       !memcmp(&a->subject, &b->subject, sizeof(a->subject));
}

/* As Documentation/spa.rst has it: *taken*. */
static bool stands_in_the_way(const struct dc_spa_holding *held,
			      const struct dc_spa_holding *wanted)
{
	bool others = memcmp(&held->subject, &wanted->subject,
			     sizeof(held->subject));
	uint8_t both = held->rights | wanted->rights;

	if (!held->number || held->revoked ||
	    !damc_name_below(&wanted->name, &held->name))
		return false;
	if (wanted->name.len > held->name.len)
		return others && held->rights != DC_RIGHT_MEMBER;
	if (both & DC_RIGHT_NAME && both & DC_RIGHT_MEMBER)
		return true;
	return others && both != DC_RIGHT_MEMBER;
}

static void twin_counts(const struct dc_spa_holding *wanted,
			struct dc_spa_live_counts *counts)
{
	uint32_t i;

	memset(counts, 0, sizeof(*counts));
	for (i = 0; i < TWINS; i++) {
		bool rule = twin[i].number && !twin[i].revoked &&
			    !strcmp(twin[i].label, wanted->label);

		counts->all += twin[i].number > 0;
		counts->rule += rule;
		counts->each += rule && !memcmp(&twin[i].subject,
						&wanted->subject,
						sizeof(wanted->subject));
	}
}

static void compare(const struct dc_spa_live *live,
		    const struct dc_spa_holding *wanted)
{
	const struct dc_spa_holding *found = dc_spa_live_conflict(live, wanted);
	const struct dc_spa_holding *same = dc_spa_live_same(live, wanted);
	struct dc_spa_live_counts have, expected;
	uint64_t number = 0;
	bool taken = false;
	uint32_t i;

	for (i = 0; i < TWINS; i++) {
		taken |= stands_in_the_way(&twin[i], wanted);
		if (is_same(&twin[i], wanted))
			number = twin[i].number;
	}
	assert_int_equal(taken, !!found);
	if (found)
		assert_true(stands_in_the_way(found, wanted));
	assert_int_equal(same ? same->number : 0, number);
	dc_spa_live_count(live, wanted, &have);
	twin_counts(wanted, &expected);
	assert_memory_equal(&have, &expected, sizeof(have));
}

static void any_holding(struct dc_spa_holding *holding)
{
	memset(holding, 0, sizeof(*holding));
	c3_name(&holding->name, names[check_below(ARRAY_SIZE(names))]);
	holding->rights = rights[check_below(ARRAY_SIZE(rights))];
	holding->subject.byte[0] = check_below(SUBJECTS);
	holding->label[0] = "xy"[check_below(2)];
}

static void add(struct dc_spa_live *live, struct dc_spa_holding *holding)
{
	uint32_t i, at = TWINS;

	for (i = TWINS; i--;) {
		if (!twin[i].number)
			at = i;
	}
	for (i = 0; i < TWINS; i++) {
		if (is_same(&twin[i], holding))
			at = i;
	}
	assert_int_not_equal(at, TWINS);
	twin[at] = *holding;
	assert_int_equal(dc_spa_live_add(live, holding), 0);
}

static void revoke(struct dc_spa_live *live, uint64_t number)
{
	bool found = false;
	uint32_t i;

	for (i = 0; i < TWINS; i++) {
		if (twin[i].number != number || twin[i].revoked)
			continue;
		twin[i].revoked = true;
		found = true;
	}
	assert_int_equal(dc_spa_live_revoke(live, number), found);
}

static void expire(struct dc_spa_live *live, uint64_t now)
{
	uint32_t i;

	for (i = 0; i < TWINS; i++) {
		if (twin[i].until <= now)
			memset(&twin[i], 0, sizeof(twin[i]));
	}
	dc_spa_live_expire(live, now);
}

static void live_is_as_an_array(void **state)
{
	struct dc_spa_live *live = dc_spa_live_new(secret);
	struct dc_spa_holding holding;
	uint64_t step;

	(void)state;
	for (step = 1; step < STEPS; step++) {
		any_holding(&holding);
		compare(live, &holding);
		holding.number = step;
		holding.until = step + 1 + check_below(LIFE_MS);
		holding.revoked = !check_below(20);
		if (check_below(2))
			add(live, &holding);
		if (!check_below(5))
			revoke(live, step - check_below(100));
		expire(live, step);
	}
	dc_spa_live_free(live);
}

/* ---- cost -------------------------------------------------------------- */

#define FEW 100
#define MANY 20000
#define ASKED 400
#define RUNS 5

static void member(struct dc_spa_holding *holding, uint64_t number)
{
	memset(holding, 0, sizeof(*holding));
	c3_name(&holding->name, "/pool");
	holding->rights = DC_RIGHT_MEMBER;
	memcpy(holding->subject.byte, &number, sizeof(number));
	holding->number = number;
	holding->until = UINT64_MAX;
}

/* What a registration does: who is in the way, whether it is a renewal, a new one. */
static void register_one(struct dc_spa_live *live, uint64_t number)
{
	struct dc_spa_holding holding, below;

	member(&holding, number);
	assert_null(dc_spa_live_conflict(live, &holding));
	assert_null(dc_spa_live_same(live, &holding));
	member(&below, number);
	c3_name(&below.name, "/pool/x/y");
	assert_null(dc_spa_live_conflict(live, &below));
	assert_int_equal(dc_spa_live_add(live, &holding), 0);
}

static uint64_t cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

/* The shortest of some runs over so many that are there. */
static uint64_t cost_among(uint64_t members)
{
	struct dc_spa_live *live = dc_spa_live_new(secret);
	struct dc_spa_holding holding;
	uint64_t i, run, from, took, least = UINT64_MAX, number = 1;

	for (; number <= members; number++) {
		member(&holding, number);
		assert_int_equal(dc_spa_live_add(live, &holding), 0);
	}
	for (run = 0; run < RUNS; run++) {
		from = cpu_ns();
		for (i = 0; i < ASKED; i++)
			register_one(live, number++);
		took = cpu_ns() - from;
		if (took < least)
			least = took;
	}
	dc_spa_live_free(live);
	return least;
}

/* One more member costs the same whatever their number: 200 times as many, not 8. */
static void members_do_not_add_up(void **state)
{
	uint64_t few = cost_among(FEW), many = cost_among(MANY);

	(void)state;
	print_message("# %d registrations: %llu us among %d, %llu us among %d\n",
		      ASKED, (unsigned long long)few / 1000, FEW,
		      (unsigned long long)many / 1000, MANY);
	assert_true(many < 8 * few);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(live_is_as_an_array),
		cmocka_unit_test(members_do_not_add_up),
	};

	check_seed();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
