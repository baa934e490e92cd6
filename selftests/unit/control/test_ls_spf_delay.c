// SPDX-License-Identifier: GPL-2.0
/*
 * RFC 8405's back-off with slopes: routers that hear of changes at nearly the
 * same times compute at nearly the same times.
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

/* An event, and what is due then is computed: when. */
static uint64_t computed(struct spf_delay *delay, uint64_t now_us)
{
	uint64_t when;

	spf_delay_event(delay, now_us);
	when = spf_delay_next(delay);
	assert_true(spf_delay_timer(delay, when));
	return when;
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
	assert_true(spf_delay_next(&delay) == UINT64_MAX);
}

static void the_next_waits_shortly(void **state)
{
	struct spf_delay delay = fresh();

	(void)state;
	computed(&delay, 0);
	spf_delay_event(&delay, 10 * MS);
	/* More of them do not put it off: 50 ms, less 10 of 1,000. */
	spf_delay_event(&delay, 40 * MS);
	assert_int_equal(spf_delay_next(&delay), 59 * MS + 500);
	assert_false(spf_delay_timer(&delay, 59 * MS));
	assert_true(spf_delay_timer(&delay, 59 * MS + 500));
}

/* What an event of now waits after such a row of them, one each ms. */
static uint64_t wait_after(uint64_t lasted)
{
	struct spf_delay delay = fresh();
	uint64_t t;

	for (t = 0; t < lasted; t++) {
		spf_delay_event(&delay, t * MS);
		spf_delay_timer(&delay, UINT64_MAX);
	}
	spf_delay_event(&delay, t * MS);
	return spf_delay_next(&delay) - t * MS;
}

static void unrest_waits_long(void **state)
{
	uint64_t lasted, wait, before = 0;

	(void)state;
	/* One failure is learnt of. */
	assert_in_range(wait_after(100), 49 * MS, 50 * MS);
	assert_in_range(wait_after(200), 49 * MS, 50 * MS);
	for (lasted = 1; lasted < 1000; lasted++) {
		wait = wait_after(lasted);
		/* It rises, by no more than 3 for each ms. */
		assert_true(wait >= before);
		assert_true(lasted == 1 || wait - before <= 3 * MS);
		before = wait;
	}
	assert_in_range(before, 495 * MS, 500 * MS);
}

static void quiet_again_after_holddown(void **state)
{
	struct spf_delay delay = fresh();

	(void)state;
	computed(&delay, 0);
	computed(&delay, 500 * MS);
	assert_int_equal(computed(&delay, 1500 * MS), 1500 * MS);
	/* All begins anew. */
	spf_delay_event(&delay, 1510 * MS);
	assert_int_equal(spf_delay_next(&delay), 1559 * MS + 500);
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
	/* 1, then 5 in 250 ms, some on the slope, then one each 500 ms. */
	assert_in_range(runs, 20, 27);
}

/*
 * Two routers hear of three changes, each up to 1 ms later than the other: they
 * compute the last within 10 ms, though some time is the end of the learning, or
 * of the hold-down. In RFC 8405's steps it is 0.5 s.
 */
static void what_is_heard_together_is_computed_together(void **state)
{
	uint64_t second, third, at, apart, pairs = 0;

	(void)state;
	for (second = 2; second < 1100; second += 7) {
		for (third = 2; third < 1100; third += 7) {
			struct spf_delay a = fresh(), b = fresh();

			computed(&a, 1 * MS);
			computed(&b, 0);
			at = computed(&a, second * MS);
			apart = computed(&b, (second + 1) * MS);
			if (at < apart)
				at = apart;
			/* One run is for both, in one of them or in both. */
			if ((second + third) * MS <= at)
				continue;
			at = computed(&a, (second + third + 1) * MS);
			apart = computed(&b, (second + third) * MS);
			apart = at > apart ? at - apart : apart - at;
			assert_true(apart <= 10 * MS);
			pairs++;
		}
	}
	assert_true(pairs > 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_is_at_once),
		cmocka_unit_test(the_next_waits_shortly),
		cmocka_unit_test(unrest_waits_long),
		cmocka_unit_test(quiet_again_after_holddown),
		cmocka_unit_test(churn_is_bounded),
		cmocka_unit_test(what_is_heard_together_is_computed_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
