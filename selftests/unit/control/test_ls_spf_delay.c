// SPDX-License-Identifier: GPL-2.0
/*
 * RFC 8405's state machine.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "spf_delay.h"

#define MS 1000ull

static struct spf_delay fresh(void)
{
	struct spf_delay delay = {
		.config = {
			.initial = 0,
			.short_ = 50 * MS,
			.long_ = 500 * MS,
			.learn = 200 * MS,
			.holddown = 1000 * MS,
		},
	};

	return delay;
}

static void the_first_is_at_once(void **state)
{
	struct spf_delay delay = fresh();

	(void)state;
	assert_true(spf_delay_next(&delay) == UINT64_MAX);
	assert_false(spf_delay_timer(&delay, 0));
	spf_delay_event(&delay, 7);
	assert_int_equal(spf_delay_next(&delay), 7);
	assert_true(spf_delay_timer(&delay, 7));
	/* Said once. */
	assert_false(spf_delay_timer(&delay, 7));
	assert_int_equal(delay.state, SPF_SHORT_WAIT);
}

static void the_next_waits_shortly(void **state)
{
	struct spf_delay delay = fresh();

	(void)state;
	spf_delay_event(&delay, 0);
	assert_true(spf_delay_timer(&delay, 0));
	spf_delay_event(&delay, 10 * MS);
	/* More of them do not put it off. */
	spf_delay_event(&delay, 40 * MS);
	assert_int_equal(spf_delay_next(&delay), 60 * MS);
	assert_false(spf_delay_timer(&delay, 59 * MS));
	assert_true(spf_delay_timer(&delay, 60 * MS));
}

static void unrest_waits_long(void **state)
{
	struct spf_delay delay = fresh();

	(void)state;
	spf_delay_event(&delay, 0);
	spf_delay_timer(&delay, 0);
	spf_delay_event(&delay, 199 * MS);
	assert_false(spf_delay_timer(&delay, 200 * MS));
	assert_int_equal(delay.state, SPF_LONG_WAIT);
	/* That one was of before. */
	assert_true(spf_delay_timer(&delay, 249 * MS));
	spf_delay_event(&delay, 300 * MS);
	assert_false(spf_delay_timer(&delay, 799 * MS));
	assert_true(spf_delay_timer(&delay, 800 * MS));
}

static void quiet_again_after_holddown(void **state)
{
	struct spf_delay delay = fresh();

	(void)state;
	spf_delay_event(&delay, 0);
	spf_delay_timer(&delay, 0);
	spf_delay_event(&delay, 500 * MS);
	spf_delay_timer(&delay, 1000 * MS);
	assert_int_equal(delay.state, SPF_LONG_WAIT);
	assert_int_equal(spf_delay_next(&delay), 1500 * MS);
	assert_false(spf_delay_timer(&delay, 1500 * MS));
	assert_int_equal(delay.state, SPF_QUIET);
	assert_true(spf_delay_next(&delay) == UINT64_MAX);
	spf_delay_event(&delay, 1501 * MS);
	assert_true(spf_delay_timer(&delay, 1501 * MS));
}

/* Whatever comes, it is never computed more often than the delays allow. */
static void churn_is_bounded(void **state)
{
	struct spf_delay delay = fresh();
	unsigned int runs = 0;
	uint64_t t;

	(void)state;
	for (t = 0; t < 10000 * MS; t += MS) {
		spf_delay_event(&delay, t);
		runs += spf_delay_timer(&delay, t);
	}
	/* 1, then 4 in 200 ms, then one each 500 ms. */
	assert_in_range(runs, 20, 26);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_is_at_once),
		cmocka_unit_test(the_next_waits_shortly),
		cmocka_unit_test(unrest_waits_long),
		cmocka_unit_test(quiet_again_after_holddown),
		cmocka_unit_test(churn_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
