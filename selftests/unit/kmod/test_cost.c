// SPDX-License-Identifier: GPL-2.0
/*
 * What a lookup costs at worst, in cache lines of the table and in names read,
 * counted: table.c is compiled into this file, each of its reads counted. Time
 * is printed beside, and nothing is said of it.
 */
#include <stdio.h>
#include <time.h>

#include "fib.h"
#include "names.h"

static unsigned long reads;

/* A bucket has 6 tags and then says whether to go on: 7 reads. */
#undef READ_ONCE
#define READ_ONCE(x) (reads++, *(volatile __typeof__(x) *)&(x))

#include "../../../kmod/table.c"

#define ROUTES 40000
#define COLLIDING 1024
#define FNV_BITS 10
#define MISSES 10000

struct damc_target {
	unsigned int number;
};

static struct damc_fib fib;
static struct mutex lock;
static struct damc_target target;
static unsigned int costs[ROUTES];

static int start(void **state)
{
	siphash_key_t key;

	check_seed();
	key.key[0] = check_random();
	key.key[1] = check_random();
	damc_fib_init(&fib, &lock, &key);
	shim_alloc_budget = -1;
	(void)state;
	return 0;
}

static void empty(void)
{
	struct damc_fib_entry *entry, *next;

	for (entry = damc_fib_first(&fib); entry; entry = next) {
		next = damc_fib_after(&fib, entry->node.hash);
		damc_fib_remove(&fib, entry);
	}
	damc_fib_free(&fib);
}

static struct test_name of_text(const char *text)
{
	struct test_name name = { .len = 0 };
	unsigned int len;

	while (*text == '/') {
		len = strcspn(++text, "/");
		name.wire[name.len++] = len;
		memcpy(name.wire + name.len, text, len);
		name.len += len;
		text += len;
	}
	return name;
}

static struct test_name route(unsigned int i)
{
	char text[64];

	snprintf(text, sizeof(text), "/org%u/team%u/service%u", i % 7,
		 i % 1013, i);
	return of_text(text);
}

static void insert(struct test_name name)
{
	struct damc_name view = test_view(&name);

	assert_int_equal(damc_fib_insert(&fib, &view, 2, &target), 0);
}

/* Buckets looked at. */
static unsigned int cost(struct test_name name, bool hit)
{
	struct damc_name view = test_view(&name);

	reads = 0;
	assert_int_equal(!!damc_fib_lookup(&fib, &view), hit);
	return (reads + DAMC_SLOTS) / (DAMC_SLOTS + 1);
}

static int by_value(const void *a, const void *b)
{
	return *(const unsigned int *)a - *(const unsigned int *)b;
}

static unsigned int median(unsigned int n)
{
	qsort(costs, n, sizeof(*costs), by_value);
	return costs[n / 2];
}

static double mean(unsigned int n)
{
	double sum = 0;
	unsigned int i;

	for (i = 0; i < n; i++)
		sum += costs[i];
	return sum / n;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

static double time_of(const struct test_name *names, unsigned int n)
{
	double begin = now();
	unsigned int i;

	for (i = 0; i < n; i++) {
		struct damc_name view = test_view(&names[i]);

		damc_fib_lookup(&fib, &view);
	}
	return (now() - begin) / n;
}

/* Names of one hash: "Aa" and "BB" are alike in base 31. */
static struct test_name polynomial(unsigned int i)
{
	char text[32] = "/x/";
	unsigned int bit;

	for (bit = 0; bit < 10; bit++)
		strcat(text, i >> bit & 1 ? "Aa" : "BB");
	strcat(text, "/s");
	return of_text(text);
}

/* The next name whose FNV-1a has these low bits zero. */
static struct test_name fnv(unsigned int *i)
{
	struct test_name name;
	char text[32];
	unsigned int at;
	u32 hash;

	do {
		snprintf(text, sizeof(text), "/y/%u/s", (*i)++);
		name = of_text(text);
		hash = 2166136261u;
		for (at = 0; at < name.len; at++)
			hash = (hash ^ name.wire[at]) * 16777619u;
	} while (hash & ((1 << FNV_BITS) - 1));
	return name;
}

static void fill(void)
{
	unsigned int i;

	for (i = 0; i < ROUTES; i++)
		insert(route(i));
}

/* Names that collide without a key cost what others do. */
static void colliding_names(void **state)
{
	static struct test_name bad[2 * COLLIDING], good[ROUTES];
	unsigned int i, next = 0, usual, n = 2 * COLLIDING;

	fill();
	for (i = 0; i < COLLIDING; i++) {
		bad[i] = polynomial(i);
		bad[COLLIDING + i] = fnv(&next);
		insert(bad[i]);
		insert(bad[COLLIDING + i]);
	}
	for (i = 0; i < ROUTES; i++) {
		good[i] = route(i);
		costs[i] = cost(good[i], true);
	}
	usual = median(ROUTES);
	for (i = 0; i < n; i++)
		costs[i] = cost(bad[i], true);
	print_message("buckets: %u, colliding names %.3f, at most %u; time %.2f of usual\n",
		      usual, mean(n), (median(n), costs[n - 1]),
		      time_of(bad, n) / time_of(good, n));
	assert_true(mean(n) <= 2 * usual);
	assert_true(median(n) <= 2 * usual);
	empty();
	(void)state;
}

/* A miss costs a bucket for each depth in use, however deep the name is. */
static void deep_misses(void **state)
{
	static struct test_name miss[MISSES], good[ROUTES];
	unsigned int i, c, usual;

	fill();
	/* All depths that there may be. */
	for (i = 0; i < DAMC_DEPTHS_MAX; i++)
		insert(of_text("/d/d/d/d/d/d/d/d" + 2 * i));
	for (i = 0; i < ROUTES; i++) {
		good[i] = route(i);
		costs[i] = cost(good[i], true);
	}
	usual = median(ROUTES);
	for (i = 0; i < MISSES; i++) {
		miss[i].len = 0;
		for (c = 0; c < DAMC_COMPONENTS_MAX; c++) {
			miss[i].wire[miss[i].len++] = 2;
			miss[i].wire[miss[i].len++] = check_random();
			miss[i].wire[miss[i].len++] = check_random();
		}
		costs[i] = cost(miss[i], false);
	}
	print_message("buckets: %u, missing 32 components %.3f; depths: %u; time %.2f of usual\n",
		      usual, mean(MISSES), hweight64(fib.depths.used),
		      time_of(miss, MISSES) / time_of(good, MISSES));
	assert_true(mean(MISSES) <= 3 * usual * hweight64(fib.depths.used));
	assert_true(median(MISSES) <= usual * hweight64(fib.depths.used) + 1);
	empty();
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(colliding_names, start),
		cmocka_unit_test_setup(deep_misses, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
