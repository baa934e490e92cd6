// SPDX-License-Identifier: GPL-2.0
/*
 * A daemon that comes back, with what it knew or without, and one that is there twice.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "node_int.h"
#include "vnet.h"

#define S 1000000ull
#define MS 1000ull

static void a_restarted_daemon_keeps_its_neighbours(void **state)
{
	struct lab_object grant;
	unsigned long downs, changes;
	struct vnet net;

	(void)state;
	vnet_init(&net, 6);
	vnet_ring(&net, 4);
	vnet_announce(&net, 1, "/svc", &grant);
	assert_true(vnet_until(&net, vnet_in_step, 20 * S));
	vnet_run(&net, 5 * S);
	downs = net.node[0].downs;
	changes = net.node[0].changes;
	vnet_kill(&net, 1);
	vnet_run(&net, 500 * MS);
	net.node[1].config.epoch = 2;
	net.node[1].config.seed = vnet_random(&net);
	vnet_start(&net, 1);
	assert_int_equal(vnet_announce(&net, 1, "/svc", &grant), DC_VALID);
	vnet_run(&net, 5 * S);
	assert_true(vnet_in_step(&net));
	assert_int_equal(net.node[0].downs, downs);
	assert_int_equal(vnet_events(&net, 0, "neighbour-restarted"), 1);
	/* No route of others' moved. */
	assert_int_equal(net.node[0].changes, changes);
	assert_true(vnet_ways(&net, 3, "/svc") > 0);
	vnet_free(&net);
}

/*
 * Its daemon is there again, its neighbours have told it all, and it does not know
 * yet which names it still has: those stay, until it does.
 */
static void a_restarted_daemon_holds_its_names(void **state)
{
	struct lab_object grant, gone;
	unsigned long changes;
	struct vnet net;

	(void)state;
	vnet_init(&net, 26);
	vnet_ring(&net, 4);
	vnet_announce(&net, 1, "/svc", &grant);
	vnet_announce(&net, 1, "/gone", &gone);
	assert_true(vnet_until(&net, vnet_in_step, 20 * S));
	vnet_run(&net, 5 * S);
	changes = net.node[0].changes;
	vnet_kill(&net, 1);
	net.node[1].config.epoch = 2;
	net.node[1].config.seed = vnet_random(&net);
	vnet_start(&net, 1);
	dc_node_hold(net.node[1].node, true, net.now_us);
	vnet_run(&net, 15 * S);
	assert_true(vnet_in_step(&net));
	assert_true(vnet_ways(&net, 3, "/svc") > 0);
	assert_true(vnet_ways(&net, 3, "/gone") > 0);
	assert_int_equal(vnet_announce(&net, 1, "/svc", &grant), DC_VALID);
	vnet_run(&net, S);
	assert_int_equal(net.node[0].changes, changes);
	dc_node_hold(net.node[1].node, false, net.now_us);
	vnet_run(&net, S);
	assert_true(vnet_in_step(&net));
	assert_true(vnet_ways(&net, 3, "/svc") > 0);
	assert_true(vnet_ways(&net, 3, "/gone") <= 0);
	vnet_free(&net);
}

static void a_lost_epoch_costs_one_flood(void **state)
{
	struct vnet net;

	(void)state;
	vnet_init(&net, 7);
	vnet_enrol(&net, "n1", DC_ROLE_SG | DC_ROLE_SR);
	net.node[0].config.epoch = 57;
	vnet_start(&net, 0);
	vnet_add(&net, "n2");
	vnet_join(&net, 0, 1);
	assert_true(vnet_until(&net, vnet_in_step, 5 * S));
	vnet_kill(&net, 0);
	vnet_run(&net, 10 * S);
	assert_string_equal(vnet_state(&net, 1, 0), "down");
	net.node[0].config.epoch = 1;
	vnet_start(&net, 0);
	vnet_run(&net, 15 * S);
	assert_true(vnet_in_step(&net));
	assert_int_equal(vnet_events(&net, 0, "epoch"), 1);
	assert_int_equal(vnet_events(&net, 0, "duplicate-node-id"), 0);
	assert_true(vnet_ways(&net, 1, "/damc/node/n1") > 0);
	vnet_free(&net);
}

static void a_clone_is_told_and_makes_no_storm(void **state)
{
	struct dc_node_twin twin;
	struct vnet net;
	unsigned long sent;
	unsigned int i, n;

	(void)state;
	vnet_init(&net, 8);
	for (i = 0; i < 4; i++) {
		char id[16];

		snprintf(id, sizeof(id), "n%u", i);
		vnet_add(&net, id);
	}
	n = vnet_enrol(&net, "n0", DC_ROLE_SG | DC_ROLE_SR);
	net.node[n].identity = net.node[0].identity;
	net.node[n].config.identity = net.node[0].identity;
	vnet_start(&net, n);
	for (i = 0; i < 4; i++)
		vnet_join(&net, i, i + 1);
	vnet_run(&net, 30 * S);
	assert_true(vnet_events(&net, 0, "duplicate-node-id") +
		    vnet_events(&net, n, "duplicate-node-id") > 0);
	dc_node_twin(net.node[0].node, &twin);
	if (!vnet_events(&net, 0, "duplicate-node-id"))
		dc_node_twin(net.node[n].node, &twin);
	assert_string_equal(twin.by, "lsa");
	assert_in_range(twin.heard_us, 1, net.now_us);
	assert_in_range(twin.silent_us, net.now_us, twin.heard_us + 60 * S);
	sent = net.node[1].sent;
	vnet_run(&net, 20 * S);
	/* Words between neighbours: 2 a second and a few. */
	assert_in_range(net.node[1].sent - sent, 1, 200);
	vnet_free(&net);
}

/* What tells node 0 the other's number of their link is lost. */
static bool numbers_lost(struct vnet_packet *sent, void *arg)
{
	struct ls_record record;
	struct ls_packet packet;
	size_t pos = 0;

	(void)arg;
	if (sent->to || ls_packet_read(&packet, sent->bytes, sent->len))
		return true;
	if (packet.kind == LS_HELLO)
		return !packet.mac;
	while (packet.kind == LS_SESSION &&
	       ls_record_next(&record, &packet, &pos) > 0)
		if (record.type == LS_KEEPALIVE)
			return false;
	return true;
}

/* A link is told of as soon as its number at the other end is known, however late. */
static void a_links_number_comes_late(void **state)
{
	struct vnet net;

	(void)state;
	vnet_init(&net, 9);
	vnet_add(&net, "n0");
	vnet_add(&net, "n1");
	vnet_join(&net, 0, 1);
	assert_true(vnet_until(&net, vnet_in_step, 5 * S));
	net.tap = numbers_lost;
	vnet_kill(&net, 0);
	net.node[0].config.epoch = 2;
	net.node[0].config.seed = vnet_random(&net);
	vnet_start(&net, 0);
	vnet_run(&net, 2 * S);
	assert_string_equal(vnet_state(&net, 0, 1), "full");
	assert_true(vnet_ways(&net, 0, "/damc/node/n1") <= 0);
	/* The first word with it is a hello. */
	net.tap = NULL;
	vnet_kill(&net, 1);
	net.node[1].config.epoch = 2;
	net.node[1].config.seed = vnet_random(&net);
	vnet_start(&net, 1);
	vnet_run(&net, 5 * S);
	assert_int_equal(vnet_ways(&net, 0, "/damc/node/n1"), 1);
	vnet_free(&net);
}

static uint64_t time_of(struct vnet *net, unsigned int number)
{
	return dc_trust_time(dc_node_trust(net->node[number].node),
			     net->now_us);
}

/* The SPA said its last word half an hour ago; the wall clock is as far behind. */
static void neighbours_tell_it_the_time(void **state)
{
	struct lab_object beacon;
	struct vnet net;

	(void)state;
	vnet_init(&net, 8);
	vnet_ring(&net, 4);
	assert_true(vnet_until(&net, vnet_in_step, 20 * S));
	net.lab.time_ms = LAB_TIME_MS + 60000;
	lab_beacon(&net.lab, &net.spa, &beacon);
	assert_int_equal(dc_node_object(net.node[0].node, beacon.bytes,
					beacon.len, net.now_us), DC_VALID);
	vnet_run(&net, 1800 * S);
	vnet_kill(&net, 2);
	net.node[2].config.epoch = 2;
	net.node[2].config.seed = vnet_random(&net);
	vnet_start(&net, 2);
	assert_int_equal(time_of(&net, 2), LAB_TIME_MS);
	vnet_run(&net, 10 * S);
	assert_in_range(time_of(&net, 0), LAB_TIME_MS + 1870000,
			LAB_TIME_MS + 1870100);
	assert_in_range(time_of(&net, 2) + 100, time_of(&net, 0),
			time_of(&net, 0) + 200);
	/* And it tells who comes after it, however long that takes. */
	vnet_kill(&net, 3);
	vnet_kill(&net, 0);
	vnet_run(&net, 600 * S);
	net.node[3].config.epoch = 2;
	net.node[3].config.seed = vnet_random(&net);
	vnet_start(&net, 3);
	vnet_run(&net, 10 * S);
	assert_in_range(time_of(&net, 3), LAB_TIME_MS + 2479900,
			LAB_TIME_MS + 2480200);
	vnet_free(&net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_restarted_daemon_keeps_its_neighbours),
		cmocka_unit_test(a_restarted_daemon_holds_its_names),
		cmocka_unit_test(a_lost_epoch_costs_one_flood),
		cmocka_unit_test(a_clone_is_told_and_makes_no_storm),
		cmocka_unit_test(a_links_number_comes_late),
		cmocka_unit_test(neighbours_tell_it_the_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
