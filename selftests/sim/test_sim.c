// SPDX-License-Identifier: GPL-2.0
/*
 * The simulator itself: that it is in order, that a seed replays, and that each
 * check finds what it is for, in a fabric that was well and then is damaged.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "alloc.h"
#include "check.h"
#include "fault.h"
#include "scenario.h"
#include "service.h"
#include "stand_in.h"
#include "walk.h"

#define SETTLE_NS (120 * SIM_S)
#define EVENTS 5000

/* ---- parts ------------------------------------------------------------- */

static void nothing(struct sim *sim, void *arg, uint64_t number)
{
}

static void test_queue_order(void **state)
{
	struct queue queue = { 0 };
	struct event last = { 0 }, event;
	struct rng rng = { 7 };
	int i, n = 0;

	for (i = 0; i < EVENTS; i++)
		queue_add(&queue, rng_below(&rng, 100), nothing, NULL, i);
	while (queue_take(&queue, &event)) {
		assert_true(event.at > last.at || !n ||
			    (event.at == last.at &&
			     event.number > last.number));
		last = event;
		n++;
	}
	assert_int_equal(n, EVENTS);
	queue_free(&queue);
}

static void test_names(void **state)
{
	struct names names;
	struct damc_name name;
	uint32_t first, i;
	char text[DAMC_NAME_TEXT_MAX];

	book_init(&names);
	name = lab_name("/a/b/c");
	first = book_number(&names, &name);
	for (i = 0; i < EVENTS; i++) {
		snprintf(text, sizeof(text), "/a/b/%u", i);
		name = lab_name(text);
		book_number(&names, &name);
	}
	name = lab_name("/a/b/c");
	assert_int_equal(book_number(&names, &name), first);
	assert_string_equal(book_text(&names, names.name[first].parent, text),
			    "/a/b");
	assert_int_equal(names.n, EVENTS + 4);
	book_free(&names);
}

static void test_topologies(void **state)
{
	static const struct {
		const char *what;
		uint32_t nodes;
		size_t edges;
	} good[] = {
		{ "ring:5", 5, 5 }, { "line:5", 5, 4 }, { "grid:9", 9, 12 },
		{ "fattree:20", 20, 32 }, { "figure2", 7, 9 },
		{ "random:10", 10, 14 },
	};
	struct topo topo;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		assert_true(topo_get(&topo, good[i].what, 1));
		assert_int_equal(topo.n, good[i].nodes);
		assert_int_equal(topo.edges, good[i].edges);
		topo_free(&topo);
	}
	assert_false(topo_get(&topo, "moebius:4", 1));
	assert_false(topo_get(&topo, "ring:0", 1));
	assert_false(topo_get(&topo, "/dev/null", 1));
}

static void test_costs(void **state)
{
	const struct cost cost = { 1, 2, 3, 4, 5, 6 };
	char text[COST_TEXT_MAX];
	struct cost again;

	cost_format(&cost, text);
	assert_true(cost_parse(&again, text));
	assert_memory_equal(&again, &cost, sizeof(cost));
	assert_false(cost_parse(&again, "sign=1,verify=2"));
	assert_true(cost_parse(&again, "none"));
	assert_int_equal(again.verify, 0);
}

/* A kernel's table would refuse these. */
static void test_table_refuses(void **state)
{
	struct dc_fib_change set = { .op = DC_FIB_SET, .set = 1, .n = 1 };
	struct dc_fib_change route = { .op = DC_FIB_ROUTE, .set = 1 };
	struct dc_fib_change del = { .op = DC_FIB_SET_DEL, .set = 1 };
	struct table table = { 0 };
	struct names names;

	book_init(&names);
	route.name = lab_name("/a");
	set.nexthop[0].link = 9;
	assert_non_null(table_change(&table, &names, &set));
	assert_non_null(table_change(&table, &names, &route));
	assert_non_null(table_change(&table, &names, &del));
	table_neighbour(&table, 9, 1, 0, true);
	assert_null(table_change(&table, &names, &set));
	assert_null(table_change(&table, &names, &route));
	assert_non_null(table_change(&table, &names, &del));
	route.op = DC_FIB_ROUTE_DEL;
	assert_null(table_change(&table, &names, &route));
	assert_non_null(table_change(&table, &names, &route));
	assert_null(table_change(&table, &names, &del));
	table_free(&table);
	book_free(&names);
}

/* ---- hashes and key exchange that stand in ------------------------------ */

#define HASH_BYTES 32

static void hash(uint8_t out[HASH_BYTES], const uint8_t *in, size_t len,
		 uint8_t key)
{
	const uint8_t bytes[32] = { key };

	assert_int_equal(crypto_generichash_blake2b(out, HASH_BYTES, in, len,
						    bytes, sizeof(bytes)), 0);
}

/* Any bit, the length and the key count; so they are told apart by all bytes. */
static void test_stand_in_hash(void **state)
{
	uint8_t in[41] = { 0 }, out[HASH_BYTES], was[HASH_BYTES];
	size_t len, bit, i;

	stand_in_use(true);
	for (len = 0; len < sizeof(in); len++) {
		hash(was, in, len, 0);
		hash(out, in, len + 1, 0);
		assert_memory_not_equal(was, out, HASH_BYTES);
		hash(out, in, len, 1);
		for (i = 0; i < HASH_BYTES; i += 8)
			assert_memory_not_equal(was + i, out + i, 8);
		for (bit = 0; bit < 8 * len; bit++) {
			in[bit / 8] ^= 1 << bit % 8;
			hash(out, in, len, 0);
			for (i = 0; i < HASH_BYTES; i += 8)
				assert_memory_not_equal(was + i, out + i, 8);
			in[bit / 8] ^= 1 << bit % 8;
		}
		hash(out, in, len, 0);
		assert_memory_equal(was, out, HASH_BYTES);
	}
	stand_in_use(false);
}

/* Off, they are libsodium's: crypto_generichash() is called past the linker. */
static void test_stand_in_off(void **state)
{
	uint8_t in[100] = { 7 }, key[32] = { 3 }, out[32], is[32];

	stand_in_use(false);
	crypto_generichash(is, sizeof(is), in, sizeof(in), key, sizeof(key));
	hash(out, in, sizeof(in), 3);
	assert_memory_equal(out, is, sizeof(is));
	stand_in_use(true);
	hash(out, in, sizeof(in), 3);
	assert_memory_not_equal(out, is, sizeof(is));
	stand_in_use(false);
}

/* Both ends get the same, a third something else. */
static void test_stand_in_exchange(void **state)
{
	uint8_t public[3][32], secret[3][32], mine[32], theirs[32];
	uint8_t seed[32] = { 0 };
	int i;

	stand_in_use(true);
	for (i = 0; i < 3; i++) {
		seed[0] = i;
		dc_exchange_pair(public[i], secret[i], seed);
	}
	assert_true(dc_exchange(mine, secret[0], public[0], public[1]));
	assert_true(dc_exchange(theirs, secret[1], public[1], public[0]));
	assert_memory_equal(mine, theirs, sizeof(mine));
	assert_true(dc_exchange(theirs, secret[2], public[2], public[0]));
	assert_memory_not_equal(mine, theirs, sizeof(mine));
	stand_in_use(false);
}

/* ---- a fabric that is well, and then is not ---------------------------- */

struct fabric {
	struct topo topo;
	struct sim *sim;
	struct service service;
	struct oracle oracle;
};

static struct fabric *well_with(const char *topology, uint32_t lifetime_s,
				uint32_t loss_ppm)
{
	struct fabric *f = calloc(1, sizeof(*f));
	struct sim_config config = {
		.seed = 1, .detect_ns = 30 * SIM_MS,
		.node = { .lifetime_s = lifetime_s,
			  .refresh_s = lifetime_s / 3 },
	};

	assert_non_null(f);
	assert_true(topo_get(&f->topo, topology, 1));
	config.topo = &f->topo;
	f->sim = sim_new(&config);
	fault_noise(f->sim, loss_ppm, 0, 0);
	fault_start(f->sim, 0);
	service_beacons(f->sim);
	service_init(&f->service, "/shop/cart", DC_RIGHT_NAME);
	sim_pass(f->sim, SIM_S);
	service_register(&f->service, &f->sim->host[0]);
	assert_true(check_settle(f->sim, SETTLE_NS) != UINT64_MAX);
	oracle_init(&f->oracle, f->sim);
	return f;
}

static struct fabric *well(const char *topology)
{
	return well_with(topology, 0, 0);
}

static void done(struct fabric *f)
{
	oracle_free(&f->oracle);
	sim_free(f->sim);
	topo_free(&f->topo);
	free(f);
}

static void truth_again(struct fabric *f)
{
	oracle_free(&f->oracle);
	oracle_init(&f->oracle, f->sim);
}

/* The set by which a host sends for the service. */
static struct table_set *set_of(struct fabric *f, uint32_t host)
{
	struct table *table = &f->sim->host[host].table;
	uint32_t name = book_number(&f->sim->names, &f->service.name);
	const struct table_route *route = table_exact(table, name);

	assert_non_null(route);
	return &table->set[route->set];
}

static uint32_t link_to(struct fabric *f, uint32_t host, uint32_t peer)
{
	const struct table *table = &f->sim->host[host].table;
	size_t i;

	for (i = 0; i < table->neighbours; i++)
		if (table->neighbour[i].host == peer)
			return table->neighbour[i].link;
	fail();
	return 0;
}

static void test_finds_lost_adjacency(void **state)
{
	struct fabric *f = well("ring:5");

	f->sim->wire[2].cut = true;
	assert_int_equal(check_adjacent(f->sim, false), 2);
	done(f);
}

static void test_finds_other_database(void **state)
{
	struct fabric *f = well("ring:5");
	struct host *host = &f->sim->host[3];

	dc_node_overload(host->core, true, sim_us(f->sim));
	assert_int_equal(check_databases(f->sim, &f->oracle, NULL, false), 1);
	/* One version of its links here, another there. */
	assert_int_equal(check_differ(f->sim, &f->sim->host[0], host), 2);
	assert_int_equal(check_differ(f->sim, &f->sim->host[0],
				      &f->sim->host[1]), 0);
	done(f);
}

/* How many hosts lack what was there at the look before. */
static uint32_t behind(struct fabric *f, struct spread *spread)
{
	return check_databases(f->sim, &f->oracle, spread, false);
}

/* What is under way is not judged yet; what does not come is. */
static void test_finds_stuck_object(void **state)
{
	struct fabric *f = well("ring:5");
	struct spread spread = { 0 };
	struct host *host = &f->sim->host[3];

	dc_node_overload(host->core, true, sim_us(f->sim));
	/* Nothing was noted before, so all are to be equal. */
	assert_int_equal(behind(f, &spread), 1);
	f->sim->now += SPREAD_NS;
	assert_int_equal(behind(f, &spread), 4);
	/* A newer one is under way, and the older one has not come yet, either. */
	dc_node_overload(host->core, false, sim_us(f->sim));
	f->sim->now += SPREAD_NS;
	assert_int_equal(behind(f, &spread), 4);
	sim_pass(f->sim, SPREAD_NS);
	assert_int_equal(behind(f, &spread), 0);
	/* Noted too long ago. */
	dc_node_overload(host->core, true, sim_us(f->sim));
	assert_int_equal(behind(f, &spread), 0);
	f->sim->now += SPREAD_NS + 1;
	assert_int_equal(behind(f, &spread), 1);
	spread_free(&spread);
	done(f);
}

/* 50 LSAs a second, over links that lose: there is rest, but of who is stuck. */
static void test_rest_while_much_is_said(void **state)
{
	struct fabric *f = well_with("ring:50", 6, 50000);
	uint32_t looks, differ = 0;

	for (looks = 0; looks < 20; looks++) {
		sim_pass(f->sim, SPREAD_NS);
		differ += check_databases(f->sim, &f->oracle, NULL, false) > 0;
	}
	assert_int_equal(differ, looks);
	assert_true(check_settle(f->sim, SETTLE_NS) != UINT64_MAX);
	f->sim->config.sabotage = SABOTAGE_SLOW;
	assert_true(check_settle(f->sim, SETTLE_NS) == UINT64_MAX);
	assert_true(f->sim->tally.bad[CHECK_DATABASE] > 0);
	done(f);
}

static void test_finds_wrong_way(void **state)
{
	struct fabric *f = well("ring:5");

	set_of(f, 1)->link[0] = link_to(f, 1, 2);
	assert_true(check_tables(f->sim, &f->oracle, false) > 0);
	done(f);
}

static void test_finds_loop(void **state)
{
	struct fabric *f = well("ring:5");
	struct walk walk;

	set_of(f, 1)->link[0] = link_to(f, 1, 2);
	walk_init(&walk, &f->oracle);
	walk_name(&walk, book_number(&f->sim->names, &f->service.name));
	assert_int_equal(walk_from(&walk, 1), WALK_LOOP);
	assert_int_equal(walk_from(&walk, 4), WALK_DELIVERED);
	walk_free(&walk);
	assert_true(check_walks(f->sim, &f->oracle, false) > 0);
	done(f);
}

static void test_finds_lost_packet(void **state)
{
	struct fabric *f = well("ring:5");
	uint32_t name = book_number(&f->sim->names, &f->service.name);

	f->sim->host[2].table.route[name].kind = TABLE_UNREACHABLE;
	assert_int_equal(check_walks(f->sim, &f->oracle, false), 1);
	done(f);
}

/* Host 1's way to host 0 is direct; host 2 would send it back. */
static void test_finds_looping_backup(void **state)
{
	struct fabric *f = well("ring:5");

	assert_int_equal(check_backups(f->sim, &f->oracle, false), 0);
	set_of(f, 1)->backup = link_to(f, 1, 2);
	assert_true(check_backups(f->sim, &f->oracle, false) > 0);
	done(f);
}

static void test_finds_what_nobody_said(void **state)
{
	struct fabric *f = well("ring:5");
	struct damc_name name = lab_name("/nobody");
	struct table *table = &f->sim->host[1].table;
	struct dc_fib_change route = { .op = DC_FIB_ROUTE, .name = name };

	route.set = set_of(f, 1) - table->set;
	assert_null(table_change(table, &f->sim->names, &route));
	assert_int_equal(check_heard(f->sim, &f->sim->host[1], false), 1);
	assert_int_equal(check_heard(f->sim, &f->sim->host[2], false), 0);
	done(f);
}

/* What a RIB keeps of nobody; only the RIB's own word can be taken for it. */
static void test_finds_what_is_left(void **state)
{
	struct fabric *f = well("ring:5");
	struct dc_rib *rib = (struct dc_rib *)dc_node_rib(f->sim->host[1].core);
	struct dc_prefix prefix = {
		.name = f->service.name, .right = DC_RIGHT_NAME,
	};

	assert_int_equal(check_rib(f->sim, &f->sim->host[1], false), 0);
	assert_int_equal(dc_rib_prefix(rib, &f->sim->host[3].id, &prefix, true),
			 0);
	assert_int_equal(check_rib(f->sim, &f->sim->host[1], false), 1);
	assert_int_equal(check_rib(f->sim, &f->sim->host[2], false), 0);
	done(f);
}

/* What is revoked is in no table, and was in all. */
static void test_finds_revoked(void **state)
{
	struct fabric *f = well("ring:5");
	uint32_t name = book_number(&f->sim->names, &f->service.name);
	const struct table_route *route;
	struct table_route kept;

	kept = *table_exact(&f->sim->host[1].table, name);
	service_revoke(&f->service, &f->sim->host[3]);
	assert_true(check_settle(f->sim, SETTLE_NS) != UINT64_MAX);
	route = table_exact(&f->sim->host[1].table, name);
	assert_true(!route || route->kind != TABLE_SET);
	f->sim->host[1].table.route[name] = kept;
	assert_int_equal(check_heard(f->sim, &f->sim->host[1], false), 1);
	truth_again(f);
	assert_true(check_tables(f->sim, &f->oracle, false) > 0);
	done(f);
}

/* ---- hosts that do wrong ----------------------------------------------- */

#define SABOTAGE_SEEDS 3
#define FAULT_SEEDS 30

static struct tally chaos(enum sabotage sabotage, uint64_t seeds)
{
	struct tally sum = { 0 };
	uint64_t seed;

	for (seed = 1; seed <= seeds; seed++) {
		struct run run = {
			.config = { .seed = seed, .detect_ns = 30 * SIM_MS,
				    .sabotage = sabotage, .stand_in = true },
			.topology = "figure2", .quiet = true,
		};

		scenario_chaos(&run);
		tally_add(&sum, &run.tally);
	}
	return sum;
}

/* Each invariant is broken by somebody, and that is found. */
static void test_finds_sabotage(void **state)
{
	static const struct {
		enum sabotage sabotage;
		enum check check;
	} finds[] = {
		{ SABOTAGE_KEEP, CHECK_HEARD },
		{ SABOTAGE_KEEP, CHECK_TABLE },
		{ SABOTAGE_HOLE, CHECK_REACH },
		{ SABOTAGE_WAY, CHECK_TABLE },
		{ SABOTAGE_WAY, CHECK_LOOP },
		{ SABOTAGE_BACKUP, CHECK_BACKUP },
		{ SABOTAGE_BACK, CHECK_KERNEL },
		{ SABOTAGE_DEAF, CHECK_ADJACENT },
		{ SABOTAGE_SLOW, CHECK_DATABASE },
		{ SABOTAGE_COST, CHECK_TABLE },
	};
	struct tally tally = { 0 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(finds); i++) {
		if (!i || finds[i].sabotage != finds[i - 1].sabotage)
			tally = chaos(finds[i].sabotage, SABOTAGE_SEEDS);
		print_message("sabotage %d: check %d: %llu of %llu\n",
			      finds[i].sabotage, finds[i].check,
			      (unsigned long long)tally.bad[finds[i].check],
			      (unsigned long long)tally.judged[finds[i].check]);
		assert_true(tally.bad[finds[i].check] > 0);
	}
}

/* In so many seeds of chaos each kind of fault happens. */
static void test_draws_all_faults(void **state)
{
	struct tally tally = chaos(SABOTAGE_NONE, FAULT_SEEDS);
	int i;

	for (i = 0; i < FAULTS; i++)
		assert_true(tally.fault[i] > 0);
	for (i = 0; i < CHECKS; i++)
		assert_true(tally.judged[i] > 0 && !tally.bad[i]);
}

/* ---- replays ----------------------------------------------------------- */

static uint64_t log_of(uint64_t seed, bool stand_in)
{
	struct run run = {
		.config = { .seed = seed, .detect_ns = 30 * SIM_MS,
			    .stand_in = stand_in },
		.topology = "figure2", .quiet = true,
	};

	scenario_chaos(&run);
	assert_int_equal(run.broken, 0);
	return run.log;
}

static void test_replays(void **state)
{
	uint64_t log = log_of(5, true);

	assert_true(log == log_of(5, true));
	assert_true(log != log_of(6, true));
	assert_true(log != log_of(5, false));
	assert_true(log_of(5, false) == log_of(5, false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_queue_order),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_topologies),
		cmocka_unit_test(test_costs),
		cmocka_unit_test(test_table_refuses),
		cmocka_unit_test(test_stand_in_hash),
		cmocka_unit_test(test_stand_in_off),
		cmocka_unit_test(test_stand_in_exchange),
		cmocka_unit_test(test_finds_lost_adjacency),
		cmocka_unit_test(test_finds_other_database),
		cmocka_unit_test(test_finds_stuck_object),
		cmocka_unit_test(test_rest_while_much_is_said),
		cmocka_unit_test(test_finds_wrong_way),
		cmocka_unit_test(test_finds_loop),
		cmocka_unit_test(test_finds_lost_packet),
		cmocka_unit_test(test_finds_looping_backup),
		cmocka_unit_test(test_finds_what_nobody_said),
		cmocka_unit_test(test_finds_what_is_left),
		cmocka_unit_test(test_finds_revoked),
		cmocka_unit_test(test_finds_sabotage),
		cmocka_unit_test(test_draws_all_faults),
		cmocka_unit_test(test_replays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
