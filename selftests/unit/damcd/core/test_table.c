// SPDX-License-Identifier: GPL-2.0
/* The kernel's table when there is no room in it: what waits, and gets there later. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "full_kernel.h"
#include "table.h"

static struct daemon daemon_is = { .log.level = LOG_ERROR };

static void neighbour(struct table *table, uint32_t link,
		      enum damc_neigh_admin admin)
{
	const struct damc_neigh_config config = {
		.has = DAMC_NEIGH_HAS_ADMIN, .admin = admin
	};
	const struct damc_neigh where = { .ifindex = link };

	table_neighbour(table, link, &where, &config);
}

static int setup(void **state)
{
	full_kernel = (struct full_kernel){
		.sets_max = FULL_KERNEL_MAX, .pools_max = FULL_KERNEL_MAX,
		.routes_max = FULL_KERNEL_MAX,
		.neighs_max = FULL_KERNEL_MAX, .error = -ENOSPC
	};
	*state = table_new(&daemon_is, NULL);
	assert_non_null(*state);
	neighbour(*state, 1, DAMC_NEIGH_ADMIN_UP);
	return 0;
}

static int teardown(void **state)
{
	table_free(*state);
	return 0;
}

static void change_set(struct table *table, enum dc_fib_op op, uint32_t set)
{
	struct dc_fib_change change = {
		.op = op, .set = set, .n = 1, .nexthop[0].link = 1
	};

	table_change(table, &change);
}

static void change_route(struct table *table, enum dc_fib_op op,
			 const char *name, uint32_t set)
{
	struct dc_fib_change change = { .op = op, .set = set };

	assert_int_equal(damc_name_parse(&change.name, name, NULL), 0);
	table_change(table, &change);
}

static void change_member(struct table *table, enum dc_fib_op op,
			  const char *pool, const char *name)
{
	struct dc_fib_change change = { .op = op, .weight = 1 };

	assert_int_equal(damc_name_parse(&change.pool, pool, NULL), 0);
	assert_int_equal(damc_name_parse(&change.name, name, NULL), 0);
	table_change(table, &change);
}

static uint32_t lacking(const struct table *table, bool *full)
{
	struct table_counts counts;

	table_counts(table, &counts);
	*full = counts.full;
	return counts.lacking;
}

/* A set that there was no room for gets there when another one went, its route, too. */
static void set_refused(void **state)
{
	struct table *table = *state;
	bool full;

	full_kernel.sets_max = 1;
	change_set(table, DC_FIB_SET, 1);
	change_route(table, DC_FIB_ROUTE, "/a", 1);
	assert_int_equal(table_flush(table), 0);
	assert_int_equal(table_retry_s(table), 0);
	change_set(table, DC_FIB_SET, 2);
	change_route(table, DC_FIB_ROUTE, "/b", 2);
	assert_int_equal(table_flush(table), 2);
	assert_int_equal(lacking(table, &full), 1);
	assert_true(full);
	assert_int_equal(table_retry_s(table), TABLE_RETRY_MIN_S);
	table_retry(table);
	assert_int_equal(lacking(table, &full), 1);
	assert_false(full_kernel_has_route("/b"));
	change_route(table, DC_FIB_ROUTE_DEL, "/a", 0);
	change_set(table, DC_FIB_SET_DEL, 1);
	assert_int_equal(table_flush(table), 0);
	assert_int_equal(table_retry_s(table), TABLE_RETRY_MIN_S);
	table_retry(table);
	assert_true(full_kernel_has_route("/b"));
	assert_int_equal(lacking(table, &full), 0);
	assert_false(full);
	assert_int_equal(table_retry_s(table), 0);
}

/* One that is not wanted any more waits for nothing. */
static void set_refused_and_gone(void **state)
{
	struct table *table = *state;
	bool full;

	full_kernel.sets_max = 0;
	full_kernel.error = -ENOBUFS;
	change_set(table, DC_FIB_SET, 1);
	assert_int_equal(table_flush(table), 1);
	assert_int_equal(lacking(table, &full), 1);
	change_set(table, DC_FIB_SET_DEL, 1);
	assert_int_equal(table_flush(table), 0);
	assert_int_equal(lacking(table, &full), 0);
	assert_int_equal(table_retry_s(table), 0);
}

/* The same of pools; what transit does not need is no reason to pass by. */
static void pool_refused(void **state)
{
	struct table *table = *state;
	bool full;

	full_kernel.pools_max = 1;
	change_member(table, DC_FIB_MEMBER, "/p", "/p/1");
	change_member(table, DC_FIB_MEMBER, "/q", "/q/1");
	assert_int_equal(table_flush(table), 1);
	assert_int_equal(lacking(table, &full), 1);
	assert_false(full);
	table_retry(table);
	assert_int_equal(lacking(table, &full), 1);
	change_member(table, DC_FIB_MEMBER_DEL, full_kernel_has_pool("/p") ?
		      "/p" : "/q", full_kernel_has_pool("/p") ? "/p/1" : "/q/1");
	assert_int_equal(table_flush(table), 0);
	assert_int_equal(full_kernel.n_pools, 0);
	assert_int_equal(table_retry_s(table), TABLE_RETRY_MIN_S);
	table_retry(table);
	assert_int_equal(full_kernel.n_pools, 1);
	assert_int_equal(lacking(table, &full), 0);
	assert_int_equal(table_retry_s(table), 0);
}

/* A neighbour, too; until then others are to pass by. */
static void neighbour_refused(void **state)
{
	const struct damc_neigh_config session = {
		.has = DAMC_NEIGH_HAS_CONTROL_KEY, .control_key = { 7 }
	};
	const struct damc_neigh where = { .ifindex = 2 };
	struct dc_fib_change change = {
		.op = DC_FIB_SET, .set = 1, .n = 2,
		.nexthop = { { .link = 1 }, { .link = 2 } }
	};
	struct table *table = *state;
	bool full;

	full_kernel.neighs_max = 1;
	neighbour(table, 2, DAMC_NEIGH_ADMIN_UP);
	assert_int_equal(lacking(table, &full), 1);
	assert_true(full);
	assert_int_equal(table_retry_s(table), TABLE_RETRY_MIN_S);
	/* Its session began meanwhile. */
	table_neighbour(table, 2, &where, &session);
	table_change(table, &change);
	assert_int_equal(table_flush(table), 0);
	assert_int_equal(full_kernel_hops(1), 1);
	table_retry(table);
	assert_int_equal(lacking(table, &full), 1);
	full_kernel.neighs_max = 2;
	table_retry(table);
	assert_int_equal(lacking(table, &full), 0);
	assert_false(full);
	assert_int_equal(table_retry_s(table), 0);
	assert_int_equal(full_kernel_hops(1), 2);
	assert_int_equal(full_kernel.neigh[2].admin, DAMC_NEIGH_ADMIN_UP);
	assert_true(full_kernel.neigh[2].has & DAMC_NEIGH_HAS_CONTROL_KEY);
	assert_int_equal(full_kernel.neigh[2].control_key[0], 7);
}

/* One that went down, or that is refused for another reason, waits for nothing. */
static void neighbour_refused_and_gone(void **state)
{
	struct table *table = *state;
	bool full;

	full_kernel.neighs_max = 1;
	neighbour(table, 2, DAMC_NEIGH_ADMIN_UP);
	assert_int_equal(lacking(table, &full), 1);
	neighbour(table, 2, DAMC_NEIGH_ADMIN_DOWN);
	assert_int_equal(lacking(table, &full), 0);
	assert_int_equal(table_retry_s(table), 0);
	full_kernel.error = -EINVAL;
	neighbour(table, 2, DAMC_NEIGH_ADMIN_UP);
	assert_int_equal(lacking(table, &full), 0);
	assert_false(full);
}

/* Tries in vain come further and further apart; what is no lack is not tried again. */
static void backs_off(void **state)
{
	struct table *table = *state;
	uint32_t last = TABLE_RETRY_MIN_S;
	unsigned int tries;
	int i;

	full_kernel.sets_max = 0;
	change_set(table, DC_FIB_SET, 1);
	table_flush(table);
	for (i = 0; i < 10; i++) {
		assert_int_equal(table_retry_s(table), last);
		table_retry(table);
		last = 2 * last > TABLE_RETRY_MAX_S ? last : 2 * last;
	}
	assert_int_equal(last, TABLE_RETRY_MAX_S);
	/* A route that is taken out may have made room. */
	change_route(table, DC_FIB_ROUTE, "/u", 0);
	table_flush(table);
	change_route(table, DC_FIB_ROUTE_DEL, "/u", 0);
	table_flush(table);
	assert_int_equal(table_retry_s(table), TABLE_RETRY_MIN_S);
	full_kernel.error = -EINVAL;
	table_retry(table);
	assert_int_equal(table_retry_s(table), 0);
	tries = full_kernel.tries;
	table_retry(table);
	assert_int_equal(full_kernel.tries, tries);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(set_refused),
		TEST(set_refused_and_gone),
		TEST(pool_refused),
		TEST(neighbour_refused),
		TEST(neighbour_refused_and_gone),
		TEST(backs_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
