// SPDX-License-Identifier: GPL-2.0
/*
 * RMI on a simulated fabric: at most once, the right reply, an end in time,
 * over thousands of calls. Each failure names its seed; SEED=n SEEDS=1 repeats
 * it alone.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "damc.h"
#include "sim.h"

#define CALLS 100

static uint64_t first_seed;
static unsigned int seeds = 200;

static void print_result(const char *what, const struct sim_result *r)
{
	unsigned int i;

	print_message("# %s: %lu calls, %lu executed, %lu packets, ", what,
		      r->calls, r->executed, r->packets);
	print_message("%.2f transmissions a call, slowest reply %.1f s\n",
		      (double)r->transmissions / r->calls,
		      r->slowest_us / 1e6);
	for (i = 0; i < ARRAY_SIZE(r->status); i++)
		if (r->status[i])
			print_message("#   %6lu %s\n", r->status[i],
				      damc_rmi_strerror(i));
	print_message("#   %6lu executed by two servers, %lu in spite of a ",
		      r->executed_twice, r->executed_denied);
	print_message("status that says not\n");
}

/* A fabric drawn from the seed, anything from good to terrible. */
static struct sim_config draw(uint64_t seed)
{
	struct sim_config c = { .seed = seed };

	check_state = seed;
	c.clients = 1 + check_below(5);
	c.servers = 1 + check_below(3);
	c.calls = CALLS;
	c.open = 1 + check_below(8);
	c.loss = check_below(4) ? check_below(6000) : 0;
	c.bounces = check_below(2) ? check_below(2000) : 0;
	c.delay_min_us = 10 + check_below(20000);
	c.delay_max_us = c.delay_min_us + check_below(200000);
	c.deadline_min_ms = 1 + check_below(1000);
	c.deadline_max_ms = c.deadline_min_ms + check_below(30000);
	c.work_max_ms = check_below(2) ? check_below(3000) : 0;
	c.server_life_ms = check_below(3) ? 0 : 200 + check_below(10000);
	c.client_life_ms = check_below(3) ? 0 : 200 + check_below(10000);
	c.drift_ppm = check_below(2) ? check_below(200) : 0;
	c.small = !check_below(4);
	if (check_below(2))
		c.data_max = 1 + check_below(20000);
	return c;
}

/* A network that loses, delays and reorders, but makes no copies. */
static void test_no_copies(void **state)
{
	struct sim_result result = { 0 };
	unsigned int i;

	(void)state;
	for (i = 0; i < seeds; i++) {
		struct sim_config config = draw(first_seed + i);

		config.late = i % 2 ? 100 : 0;
		sim_run(&config, &result);
		if (result.executed_twice || result.executed_denied)
			fail_msg("SEED=%llu SEEDS=1: twice %lu, denied %lu",
				 (unsigned long long)config.seed,
				 result.executed_twice,
				 result.executed_denied);
	}
	print_result("no copies", &result);
}

/*
 * With copies, and copies that come minutes late. Within one incarnation
 * nothing changes. Across a restart, or after a refusal of one copy, the
 * protocol promises less: how often that is met is printed.
 */
static void test_copies(void **state)
{
	struct sim_result result = { 0 };
	unsigned int i;

	(void)state;
	for (i = 0; i < seeds; i++) {
		struct sim_config config = draw(first_seed + i);

		config.copies = 1 + check_below(4000);
		config.late = check_below(1000);
		sim_run(&config, &result);
	}
	print_result("copies", &result);
}

/* The same, servers that live on, no refusals: here copies change nothing. */
static void test_copies_no_restart(void **state)
{
	struct sim_result result = { 0 };
	unsigned int i;

	(void)state;
	for (i = 0; i < seeds; i++) {
		struct sim_config config = draw(first_seed + i);

		config.copies = 1 + check_below(4000);
		config.late = check_below(1000);
		config.server_life_ms = 0;
		config.bounces = 0;
		sim_run(&config, &result);
		if (result.executed_twice || result.executed_denied)
			fail_msg("SEED=%llu SEEDS=1: twice %lu, denied %lu",
				 (unsigned long long)config.seed,
				 result.executed_twice,
				 result.executed_denied);
	}
	print_result("copies, no restarts", &result);
}

/* Four links, each losing a fifth, there and back: 17 % of round trips. */
static void test_four_lossy_links(void **state)
{
	struct sim_config config = {
		.seed = first_seed, .clients = 4, .servers = 1, .calls = 10000,
		.open = 8, .loss = 10000 - 4096, .delay_min_us = 200,
		.delay_max_us = 2000, .deadline_min_ms = 30000,
		.deadline_max_ms = 30000,
	};
	struct sim_result result = { 0 };
	unsigned long good;

	(void)state;
	sim_run(&config, &result);
	print_result("four links of 20 % loss", &result);
	good = result.status[DAMC_RMI_OK] + result.status[DAMC_RMI_APPLICATION];
	assert_true(good >= 9990);
	assert_int_equal(result.executed_twice, 0);
}

/* Figure 2's way, five links, each losing a fifth and repeating a tenth. */
static void test_small_messages(void **state)
{
	struct sim_config config = {
		.seed = first_seed, .clients = 16, .servers = 1,
		.calls = 10000, .open = 8, .loss = 6723, .copies = 1000,
		.delay_min_us = 500, .delay_max_us = 5000,
		.deadline_min_ms = 30000, .deadline_max_ms = 30000,
		.data_max = 1024, .data_full = true, .eager = true,
	};
	struct sim_result result = { 0 };
	unsigned long good;

	(void)state;
	sim_run(&config, &result);
	print_result("1 KiB, five links of 20 % loss", &result);
	good = result.status[DAMC_RMI_OK] + result.status[DAMC_RMI_APPLICATION];
	assert_true(good >= 9990);
	assert_int_equal(result.executed_twice, 0);
}

/*
 * Figure 2's way, five links, each losing a fiftieth: of 57 parts of a message
 * one in ten is lost, so that all never come at once.
 */
static void test_large_messages(void **state)
{
	struct sim_config config = {
		.seed = first_seed, .clients = 2, .servers = 1, .calls = 1000,
		.open = 4, .loss = 961, .copies = 1000, .delay_min_us = 500,
		.delay_max_us = 5000, .deadline_min_ms = 30000,
		.deadline_max_ms = 30000, .data_max = 64000, .data_full = true,
		.eager = true,
	};
	struct sim_result result = { 0 };
	unsigned long good;

	(void)state;
	sim_run(&config, &result);
	print_result("64,000 bytes, five links of 2 % loss", &result);
	print_message("# all took %.1f s\n", result.took_us / 1e6);
	good = result.status[DAMC_RMI_OK] + result.status[DAMC_RMI_APPLICATION];
	assert_true(good >= 999);
	assert_int_equal(result.executed_twice, 0);
}

/* Jain's index of how equal the shares are: 1 if they are. */
static double fairness(const struct sim_result *r, unsigned int n)
{
	double sum = 0, squares = 0;
	unsigned int i;

	for (i = 0; i < n; i++) {
		sum += r->answered[i];
		squares += (double)r->answered[i] * r->answered[i];
	}
	return sum * sum / (n * squares);
}

/* Clients on one link: it is used, little is lost, and each has its share. */
static void share_link(unsigned int clients, bool refuses)
{
	struct sim_config config = {
		.seed = first_seed, .clients = clients, .servers = 1,
		.calls = 1000, .open = 16, .delay_min_us = 4000,
		.delay_max_us = 5000, .deadline_min_ms = 60000,
		.deadline_max_ms = 60000, .data_max = 40000, .data_full = true,
		.eager = true, .rate = 5000, .queue = 100, .refuses = refuses,
	};
	struct sim_result result = { 0 };
	double fair, used;

	sim_run(&config, &result);
	fair = fairness(&result, clients);
	/* 36 packets each way, and nothing else. */
	used = 1000.0 * 36 / config.rate / (result.took_us / 1e6);
	print_message("# %u clients, %s: fairness %.3f, link used %.2f, ",
		      clients, refuses ? "refused" : "dropped", fair, used);
	print_message("%.1f %% of %lu packets lost\n",
		      100.0 * result.dropped / result.packets, result.packets);
	assert_int_equal(result.executed, 1000);
	assert_int_equal(result.status[DAMC_RMI_OK] +
			 result.status[DAMC_RMI_APPLICATION], 1000);
	assert_true(fair > 0.9);
	assert_true(used > 0.6);
	assert_true(result.dropped * 10 < result.packets);
}

static void test_bottleneck(void **state)
{
	unsigned int clients;

	(void)state;
	for (clients = 1; clients <= 8; clients *= 2) {
		share_link(clients, false);
		share_link(clients, true);
	}
}

/* Nothing lost: one transmission for each call, and one to get acquainted. */
static void test_quiet_fabric(void **state)
{
	struct sim_config config = {
		.seed = first_seed, .clients = 4, .servers = 2, .calls = 10000,
		.open = 4, .delay_min_us = 100, .delay_max_us = 200,
		.deadline_min_ms = 1000, .deadline_max_ms = 1000,
		.drift_ppm = 100,
	};
	struct sim_result result = { 0 };

	(void)state;
	sim_run(&config, &result);
	print_result("quiet fabric", &result);
	assert_int_equal(result.executed, 10000);
	assert_true(result.transmissions <= 10000 + 4 * 2 * 4);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quiet_fabric),
		cmocka_unit_test(test_four_lossy_links),
		cmocka_unit_test(test_small_messages),
		cmocka_unit_test(test_large_messages),
		cmocka_unit_test(test_bottleneck),
		cmocka_unit_test(test_no_copies),
		cmocka_unit_test(test_copies_no_restart),
		cmocka_unit_test(test_copies),
	};
	const char *env = getenv("SEEDS");

	if (env)
		seeds = strtoul(env, NULL, 0);
	first_seed = check_seed();
	return cmocka_run_group_tests_name("rmi_sim", tests, NULL, NULL);
}
