// SPDX-License-Identifier: GPL-2.0
/* How long a change took: which record what happens belongs to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "converge.h"

#define S 1000000ull

/* As router_end() has it. */
static void object(struct converge *converge, uint64_t now_us)
{
	if (!converge_waits(converge, now_us))
		converge_begin(converge, CONVERGE_OBJECT, "", now_us, now_us / 1000);
}

/* A grant, and then what leans on it: one change, of which the name is told. */
static void one_record(void **state)
{
	struct converge converge = { 0 };
	const struct converge_record *record = converge.record;

	(void)state;
	object(&converge, 5 * S);
	object(&converge, 5 * S + 100);
	converge_flooded(&converge, 5 * S + 200);
	converge_done(&converge, "/svc", 1, 5 * S + 300);
	assert_int_equal(converge.n, 1);
	assert_string_equal(record->words, "/svc");
	assert_int_equal(record->wall_ms, 5000);
	assert_int_equal(record->flood_us, 200);
	assert_int_equal(record->fib_us, 300);
	assert_false(converge_waits(&converge, 5 * S + 400));
	/* What is said at the beginning stays. */
	converge_begin(&converge, "announced", "/b/4", 6 * S, 6000);
	converge_done(&converge, "/b/5", 1, 6 * S + 1);
	assert_string_equal(converge.record[1].words, "/b/4");
}

/* What changed nothing is not what a change began with that comes later. */
static void old_object(void **state)
{
	struct converge converge = { 0 };
	const struct converge_record *record = converge.record;

	(void)state;
	object(&converge, 5 * S);
	object(&converge, 5 * S + 900000);
	assert_int_equal(record->wall_ms, 5000);
	object(&converge, 7 * S);
	converge_done(&converge, "/svc", 1, 7 * S + 300);
	assert_int_equal(converge.n, 1);
	assert_int_equal(record->wall_ms, 7000);
	assert_int_equal(record->fib_us, 300);
}

/* What this host does itself is told, whatever came just before. */
static void behind_an_object(void **state)
{
	struct converge converge = { 0 };
	const struct converge_record *record = converge.record;

	(void)state;
	object(&converge, 5 * S);
	converge_begin(&converge, "announced", "/b/4", 5 * S + 100, 5000);
	object(&converge, 5 * S + 150);
	converge_done(&converge, "/b/4", 0, 5 * S + 200);
	assert_int_equal(converge.n, 1);
	assert_string_equal(record->what, "announced");
	assert_string_equal(record->words, "/b/4");
	assert_int_equal(record->fib_us, 100);
	assert_false(converge_waits(&converge, 5 * S + 300));
}

/* The node's call began before the registration was told of: it is the same. */
static void call_began_before(void **state)
{
	struct converge converge = { 0 };

	(void)state;
	converge_begin(&converge, "announced", "/b/4", 5 * S + 10, 5000);
	object(&converge, 5 * S);
	converge_done(&converge, "/b/4", 0, 5 * S + 200);
	assert_int_equal(converge.n, 1);
	assert_string_equal(converge.record->what, "announced");
}

/* A neighbour takes its time. */
static void slow_neighbour(void **state)
{
	struct converge converge = { 0 };
	const struct converge_record *record = converge.record;

	(void)state;
	converge_begin(&converge, "neighbour-up", "id=n1", 5 * S, 5000);
	object(&converge, 12 * S);
	converge_done(&converge, "/svc", 1, 13 * S);
	assert_int_equal(converge.n, 1);
	assert_string_equal(record->words, "id=n1");
	assert_int_equal(record->fib_us, 8 * S);
	converge_begin(&converge, "neighbour-down", "id=n1", 20 * S, 20000);
	assert_true(converge_waits(&converge, 30 * S));
	assert_false(converge_waits(&converge, 30 * S + 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_record),
		cmocka_unit_test(old_object),
		cmocka_unit_test(behind_an_object),
		cmocka_unit_test(call_began_before),
		cmocka_unit_test(slow_neighbour),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
