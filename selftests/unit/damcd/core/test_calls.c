// SPDX-License-Identifier: GPL-2.0
/* Calls from the event loop: each is told of once, at no more than a look or two. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <event2/event.h>

#include "fake_calls.h"
#include "rmi.h"

#define MANY 1000

struct told {
	struct daemon daemon;
	struct rmi *rmi;
	unsigned int n, without, again;
};

static void done(void *arg, uint64_t call, const void *data, size_t len);

static void call_one(struct told *told, uint64_t number)
{
	const struct damc_rmi_request request = { .method = "x" };

	assert_true(rmi_call(told->rmi, &request, done, told, number));
}

static void done(void *arg, uint64_t call, const void *data, size_t len)
{
	struct told *told = arg;

	(void)call;
	(void)len;
	told->n++;
	told->without += !data;
	if (told->again) {
		told->again--;
		call_one(told, 0);
	}
}

static int setup(void **state)
{
	static struct told told;

	memset(&fake_calls, 0, sizeof(fake_calls));
	memset(&told, 0, sizeof(told));
	told.daemon.base = event_base_new();
	assert_non_null(told.daemon.base);
	told.rmi = rmi_new(&told.daemon);
	assert_non_null(told.rmi);
	*state = &told;
	return 0;
}

static int teardown(void **state)
{
	struct told *told = *state;

	rmi_free(told->rmi);
	event_base_free(told->daemon.base);
	return 0;
}

/* Turns of the loop until @n were told of. */
static void turn(struct told *told, unsigned int n)
{
	while (told->n < n)
		assert_int_equal(event_base_loop(told->daemon.base,
						 EVLOOP_ONCE), 0);
}

/* Half of many stay, the other half end at once. */
static void many_end(void **state)
{
	struct told *told = *state;
	unsigned int i, looks;

	for (i = 0; i < MANY; i++)
		call_one(told, i);
	memset(fake_calls.ended + MANY / 2, 1, MANY / 2);
	looks = fake_calls.looks;
	turn(told, MANY / 2);
	assert_int_equal(told->n, MANY / 2);
	assert_int_equal(told->without, 0);
	/* All, and then those that stay. */
	assert_int_equal(fake_calls.looks - looks, MANY + MANY / 2);
}

/* What cannot be made is told of, too, and not from within the call. */
static void none_made(void **state)
{
	struct told *told = *state;

	fake_calls.none = true;
	call_one(told, 1);
	call_one(told, 2);
	assert_int_equal(told->n, 0);
	turn(told, 2);
	assert_int_equal(told->without, 2);
}

/* One that is told of may make another, which ends in the same turn. */
static void made_when_done(void **state)
{
	struct told *told = *state;

	memset(fake_calls.ended, 1, sizeof(fake_calls.ended));
	told->again = 3;
	call_one(told, 1);
	turn(told, 1);
	assert_int_equal(told->n, 4);
	assert_int_equal(fake_calls.n, 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(many_end),
		TEST(none_made),
		TEST(made_when_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
