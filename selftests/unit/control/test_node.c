// SPDX-License-Identifier: GPL-2.0
/*
 * Nodes among themselves: neighbours, flooding, what they agree on.
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

static void two_become_neighbours(void **state)
{
	struct vnet net;

	(void)state;
	vnet_init(&net, 1);
	vnet_add(&net, "n1");
	vnet_add(&net, "n2");
	vnet_join(&net, 0, 1);
	assert_true(vnet_until(&net, vnet_in_step, 5 * S));
	assert_string_equal(vnet_state(&net, 0, 1), "full");
	assert_string_equal(vnet_state(&net, 1, 0), "full");
	/* Both link LSAs, both prefix LSAs, and a way to each other. */
	vnet_run(&net, S);
	assert_int_equal(vnet_objects(&net, 0, DC_LINK_LSA), 2);
	assert_int_equal(vnet_objects(&net, 1, DC_PREFIX_LSA), 2);
	assert_int_equal(vnet_ways(&net, 0, "/damc/node/n2"), 1);
	assert_int_equal(vnet_ways(&net, 1, "/damc/node/n1"), 1);
	assert_true(vnet_in_step(&net));
	assert_int_equal(net.node[0].ups, 1);
	vnet_free(&net);
}

/* A hub with nodes 1..n-1, all on one link. */
static void one_link_many_nodes(void **state)
{
	struct vnet net;
	unsigned int i, j, link;

	(void)state;
	vnet_init(&net, 2);
	for (i = 0; i < 6; i++) {
		char id[16];

		snprintf(id, sizeof(id), "n%u", i);
		vnet_add(&net, id);
	}
	link = net.n_links++;
	for (i = 0; i < net.n; i++)
		vnet_attach(&net, link, i);
	assert_true(vnet_until(&net, vnet_in_step, 10 * S));
	for (i = 0; i < net.n; i++)
		for (j = 0; j < net.n; j++)
			assert_string_equal(vnet_state(&net, i, j),
					    i == j ? "" : "full");
	vnet_run(&net, S);
	assert_int_equal(vnet_ways(&net, 0, "/damc/node/n5"), 1);
	vnet_free(&net);
}

static void one_way_is_no_neighbour(void **state)
{
	struct vnet net;
	unsigned int link;

	(void)state;
	vnet_init(&net, 3);
	vnet_add(&net, "n1");
	vnet_add(&net, "n2");
	link = net.n_links;
	net.link[link].deaf[0][1] = true;
	vnet_join(&net, 0, 1);
	vnet_run(&net, 20 * S);
	assert_string_not_equal(vnet_state(&net, 0, 1), "full");
	assert_string_not_equal(vnet_state(&net, 0, 1), "exchange");
	assert_string_equal(vnet_state(&net, 1, 0), "");
	net.link[link].deaf[0][1] = false;
	assert_true(vnet_until(&net, vnet_in_step, 20 * S));
	/* One that turns one-way later ends, at both ends. */
	net.link[link].deaf[1][0] = true;
	vnet_run(&net, 20 * S);
	assert_string_not_equal(vnet_state(&net, 0, 1), "full");
	assert_string_not_equal(vnet_state(&net, 1, 0), "full");
	assert_true(vnet_ways(&net, 0, "/damc/node/n2") <= 0);
	vnet_free(&net);
}

static void floods_in_spite_of_loss(void **state)
{
	struct lab_object grant;
	struct vnet net;
	char name[32];
	unsigned int i;

	(void)state;
	vnet_init(&net, 4);
	net.loss = 1500;
	net.copies = 1000;
	net.delay_max_us = 30 * MS;
	vnet_ring(&net, 8);
	assert_true(vnet_until(&net, vnet_in_step, 60 * S));
	for (i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "/svc/%u", i);
		assert_int_equal(vnet_announce(&net, i % 8, name, &grant),
				 DC_VALID);
		vnet_run(&net, 20 * MS);
	}
	for (i = 0; i < 10; i++) {
		snprintf(name, sizeof(name), "/svc/%u", i);
		vnet_withdraw(&net, i % 8, name);
	}
	vnet_run(&net, 30 * S);
	assert_true(vnet_until(&net, vnet_in_step, 60 * S));
	for (i = 0; i < 8; i++) {
		snprintf(name, sizeof(name), "/svc/%u", 20 + (i + 1) % 8);
		assert_true(vnet_ways(&net, i, "/svc/3") <= 0);
		if ((20 + (i + 1) % 8) % 8 != i)
			assert_true(vnet_ways(&net, i, name) > 0);
	}
	vnet_free(&net);
}

/* Bytes that leave a node do not grow with what both have already. */
static void joins_and_gets_only_what_it_lacks(void **state)
{
	struct lab_object grant;
	struct vnet net;
	struct dc_node_counts before, after;
	unsigned int i, link, objects;
	char name[32];

	(void)state;
	vnet_init(&net, 5);
	vnet_add(&net, "n1");
	vnet_add(&net, "n2");
	for (i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "/svc/%u", i);
		lab_grant(&net.lab, &net.spa, name, DC_RIGHT_NAME, "", &grant);
		assert_int_equal(dc_node_object(net.node[0].node, grant.bytes,
						grant.len, net.now_us),
				 DC_VALID);
		if (i % 10 == 0)
			continue;
		dc_node_object(net.node[1].node, grant.bytes, grant.len,
			       net.now_us);
	}
	for (i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "/other/%u", i);
		lab_grant(&net.lab, &net.spa, name, DC_RIGHT_NAME, "", &grant);
		dc_node_object(net.node[1].node, grant.bytes, grant.len,
			       net.now_us);
		if (i % 10)
			dc_node_object(net.node[0].node, grant.bytes,
				       grant.len, net.now_us);
	}
	before = vnet_counts(&net, 0);
	link = vnet_join(&net, 0, 1);
	assert_true(vnet_until(&net, vnet_in_step, 30 * S));
	after = vnet_counts(&net, 0);
	/* 100 grants, its own certificate and LSAs, and what they race with. */
	assert_in_range(after.flooded - before.flooded, 100, 110);
	assert_int_equal(vnet_objects(&net, 1, DC_GRANT), 2000);
	printf("synchronised in %.1f ms, %lu packets, %lu bytes\n",
	       (net.now_us - 1000000) / 1000.0,
	       net.node[0].sent + net.node[1].sent,
	       net.node[0].sent_bytes + net.node[1].sent_bytes);
	/* A third that has nothing gets all of it, once. */
	vnet_add(&net, "n3");
	vnet_attach(&net, link, 2);
	assert_true(vnet_until(&net, vnet_in_step, 60 * S));
	objects = vnet_objects(&net, 2, DC_GRANT);
	assert_int_equal(objects, 2000);
	vnet_free(&net);
}

static void keys_rotate_under_a_neighbour(void **state)
{
	struct vnet net;

	(void)state;
	vnet_init(&net, 14);
	net.loss = 500;
	vnet_enrol(&net, "n1", DC_ROLE_SG | DC_ROLE_SR);
	net.node[0].config.rotate_s = 5;
	vnet_start(&net, 0);
	vnet_add(&net, "n2");
	vnet_join(&net, 0, 1);
	vnet_run(&net, 60 * S);
	assert_string_equal(vnet_state(&net, 0, 1), "full");
	assert_int_equal(net.node[0].downs + net.node[1].downs, 0);
	assert_int_equal(vnet_events(&net, 1, "neighbour-restarted"), 0);
	assert_int_equal(vnet_counts(&net, 1).bad_mac, 0);
	vnet_free(&net);
}

/* Session packets that a tap saw; of those, such whose tag is of no key told. */
static unsigned int n_tagged, n_unsealed;

static uint32_t tag_of(const uint8_t *key, const struct vnet_packet *packet)
{
	return adj_session_tag(key, ls_get64(packet->bytes + LS_HEAD_BYTES + 4));
}

/* Counts n2's packets that its kernel would not take for n2's. */
static bool check_tag(struct vnet_packet *packet, void *arg)
{
	const struct vnet_node *self = arg;
	uint32_t tag = ls_get32(packet->bytes + LS_HEAD_BYTES);

	if (packet->to != self->number || packet->bytes[1] != LS_SESSION)
		return true;
	n_tagged++;
	if (tag_of(self->tag_key, packet) != tag &&
	    tag_of(self->tag_key_old, packet) != tag)
		n_unsealed++;
	return true;
}

/*
 * What tells a kernel which packets are the neighbour's is told with each session
 * that comes into use: few are sent before it is.
 */
static void tags_are_told_with_each_session(void **state)
{
	unsigned long sessions;
	struct vnet net;

	(void)state;
	vnet_init(&net, 15);
	vnet_enrol(&net, "n1", DC_ROLE_SG | DC_ROLE_SR);
	net.node[0].config.rotate_s = 5;
	vnet_start(&net, 0);
	vnet_add(&net, "n2");
	vnet_join(&net, 0, 1);
	vnet_run(&net, 2 * S);
	assert_string_equal(vnet_state(&net, 0, 1), "full");
	sessions = net.node[0].sessions;
	assert_in_range(sessions, 1, 2);
	n_tagged = 0;
	n_unsealed = 0;
	net.tap = check_tag;
	net.tap_arg = &net.node[0];
	vnet_run(&net, 60 * S);
	assert_in_range(net.node[0].sessions - sessions, 8, 14);
	/* A first packet proves its session, and more may be under way with it. */
	assert_true(n_unsealed <= 2 * (net.node[0].sessions - sessions));
	assert_true(n_tagged > 4 * n_unsealed);
	vnet_free(&net);
}

/* Hellos may come rarer, or oftener, and nobody is lost on the way. */
static void timers_change_at_run_time(void **state)
{
	static const uint32_t hello_ms[] = { 100, 10000, 50, 1000 };
	struct dc_node_config config = { 0 };
	unsigned long often, rarely;
	struct vnet net;
	unsigned int i;

	(void)state;
	vnet_init(&net, 31);
	vnet_ring(&net, 3);
	assert_true(vnet_until(&net, vnet_in_step, 20 * S));
	for (i = 0; i < 4; i++) {
		config.hello_ms = hello_ms[i];
		dc_node_timers(net.node[0].node, &config, net.now_us);
		vnet_run(&net, 60 * S);
		assert_true(vnet_in_step(&net));
	}
	for (i = 0; i < 3; i++)
		assert_int_equal(net.node[i].downs, 0);
	config.hello_ms = 100;
	dc_node_timers(net.node[0].node, &config, net.now_us);
	often = net.node[0].sent;
	vnet_run(&net, 10 * S);
	often = net.node[0].sent - often;
	config.hello_ms = 1000;
	dc_node_timers(net.node[0].node, &config, net.now_us);
	rarely = net.node[0].sent;
	vnet_run(&net, 10 * S);
	rarely = net.node[0].sent - rarely;
	assert_true(often > 5 * rarely);
	/* Its neighbours wait for it as long as it says. */
	config.hello_ms = 10000;
	dc_node_timers(net.node[0].node, &config, net.now_us);
	vnet_run(&net, S);
	vnet_kill(&net, 0);
	vnet_run(&net, 35 * S);
	assert_string_equal(vnet_state(&net, 1, 0), "full");
	vnet_run(&net, 10 * S);
	assert_string_not_equal(vnet_state(&net, 1, 0), "full");
	vnet_free(&net);
}

static void shutdown_and_carrier_are_heard_at_once(void **state)
{
	struct vnet net;

	(void)state;
	vnet_init(&net, 15);
	vnet_ring(&net, 3);
	assert_true(vnet_until(&net, vnet_in_step, 20 * S));
	/* So that no SPF back-off is left of it. */
	vnet_run(&net, 5 * S);
	dc_node_shutdown(net.node[0].node, net.now_us);
	vnet_kill(&net, 0);
	/* Both neighbours must have said so: the second waits for SPF's delay. */
	vnet_run(&net, 60 * MS);
	assert_string_not_equal(vnet_state(&net, 1, 0), "full");
	assert_string_not_equal(vnet_state(&net, 2, 0), "full");
	assert_true(vnet_ways(&net, 1, "/damc/node/n0") <= 0);
	vnet_run(&net, 5 * S);
	/* Carrier: nobody has to be told. */
	dc_node_link(net.node[1].node, 2, false, 10, net.now_us);
	assert_true(vnet_ways(&net, 1, "/damc/node/n2") <= 0);
	vnet_free(&net);
}

struct find_link {
	struct vnet *net;
	unsigned int who;
	uint32_t link;
};

static int see_link(const struct dc_neighbour *neighbour, void *arg)
{
	struct find_link *find = arg;

	if (neighbour->lladdr.addr[0] == find->who + 1)
		find->link = neighbour->link;
	return 0;
}

static uint32_t link_to(struct vnet *net, unsigned int a, unsigned int b)
{
	struct find_link find = { .net = net, .who = b };

	dc_node_neighbours(net->node[a].node, see_link, &find);
	return find.link;
}

/* Its kernel goes on and its daemon does not: kept, and then not crossed. */
static void a_silent_daemon_is_kept_for_a_while(void **state)
{
	struct vnet net;
	uint32_t link;

	(void)state;
	vnet_init(&net, 16);
	/* n0 - n1 - n2 - n3 - n0, and from n1's end of it n0 - n4. */
	vnet_ring(&net, 4);
	vnet_add(&net, "n4");
	vnet_join(&net, 0, 4);
	assert_true(vnet_until(&net, vnet_in_step, 20 * S));
	vnet_run(&net, 5 * S);
	link = link_to(&net, 0, 1);
	dc_node_liveness(net.node[0].node, link, true, net.now_us);
	dc_node_liveness(net.node[2].node, link_to(&net, 2, 1), true,
			 net.now_us);
	assert_int_equal(vnet_ways(&net, 0, "/damc/node/n2"), 2);
	vnet_kill(&net, 1);
	vnet_run(&net, 20 * S);
	assert_string_equal(vnet_state(&net, 0, 1), "full");
	assert_int_equal(vnet_ways(&net, 0, "/damc/node/n2"), 2);
	/* The topology changes: it is reached and not crossed. */
	vnet_kill(&net, 4);
	vnet_run(&net, 10 * S);
	assert_int_equal(vnet_ways(&net, 0, "/damc/node/n2"), 1);
	assert_int_equal(vnet_ways(&net, 0, "/damc/node/n1"), 1);
	/* Its kernel dies, too: at once. */
	dc_node_liveness(net.node[0].node, link, false, net.now_us);
	dc_node_liveness(net.node[2].node, link_to(&net, 2, 1), false,
			 net.now_us);
	vnet_run(&net, S);
	assert_true(vnet_ways(&net, 0, "/damc/node/n1") <= 0);
	vnet_free(&net);
}

static void restart_time_ends(void **state)
{
	struct vnet net;

	(void)state;
	vnet_init(&net, 17);
	vnet_ring(&net, 3);
	assert_true(vnet_until(&net, vnet_in_step, 20 * S));
	dc_node_liveness(net.node[0].node, link_to(&net, 0, 1), true,
			 net.now_us);
	vnet_kill(&net, 1);
	vnet_run(&net, 110 * S);
	assert_string_equal(vnet_state(&net, 0, 1), "full");
	assert_string_not_equal(vnet_state(&net, 2, 1), "full");
	vnet_run(&net, 15 * S);
	assert_string_not_equal(vnet_state(&net, 0, 1), "full");
	vnet_free(&net);
}

/* A link that comes and goes: bad news at once, good news later each time. */
static void a_flapping_link_is_damped(void **state)
{
	struct vnet net;
	unsigned int i, up = 0;

	(void)state;
	vnet_init(&net, 18);
	vnet_ring(&net, 3);
	assert_true(vnet_until(&net, vnet_in_step, 20 * S));
	vnet_run(&net, 30 * S);
	for (i = 0; i < 20; i++) {
		dc_node_link(net.node[0].node, 1, false, 10, net.now_us);
		vnet_run(&net, S);
		dc_node_link(net.node[0].node, 1, true, 10, net.now_us);
		vnet_run(&net, S);
		up += vnet_ways(&net, 2, "/damc/node/n0") > 0;
	}
	/* Reached all the time, by the other way; few LSAs said so. */
	assert_int_equal(up, 20);
	assert_in_range(net.node[2].node->counts.installed, 1, 60);
	vnet_run(&net, 70 * S);
	assert_true(vnet_in_step(&net));
	assert_int_equal(vnet_objects(&net, 2, DC_LINK_LSA), 3);
	vnet_free(&net);
}

static void costs_change_at_run_time(void **state)
{
	struct vnet net;

	(void)state;
	vnet_init(&net, 19);
	vnet_ring(&net, 4);
	assert_true(vnet_until(&net, vnet_in_step, 20 * S));
	vnet_run(&net, 5 * S);
	assert_int_equal(vnet_ways(&net, 0, "/damc/node/n2"), 2);
	assert_int_equal(dc_node_link(net.node[0].node, 1, true, 50,
				      net.now_us), 0);
	vnet_run(&net, S);
	assert_int_equal(vnet_ways(&net, 0, "/damc/node/n2"), 1);
	dc_node_overload(net.node[3].node, true, net.now_us);
	vnet_run(&net, S);
	assert_int_equal(vnet_ways(&net, 0, "/damc/node/n2"), 1);
	/* An interface that goes is no neighbour's any more. */
	assert_int_equal(dc_node_link_gone(net.node[0].node, 1, net.now_us),
			 0);
	assert_string_equal(vnet_state(&net, 0, 1), "");
	assert_int_equal(dc_node_link_gone(net.node[0].node, 1, net.now_us),
			 -ENOENT);
	assert_int_equal(dc_node_link(net.node[0].node, 7, true, 0,
				      net.now_us), -EINVAL);
	vnet_free(&net);
}

static bool stuck(struct vnet_packet *packet, void *arg)
{
	(void)arg;
	/* Of node 1, only what is as short as a word gets through. */
	return packet->from != 1 || packet->len < 80 ||
	       packet->bytes[1] != LS_SESSION;
}

/* Hellos come and answers do not: it waits, and goes on where it was. */
static void a_stuck_neighbour_is_waited_for(void **state)
{
	struct lab_object grant;
	unsigned long sent;
	struct vnet net;
	unsigned int i;
	char name[32];

	(void)state;
	vnet_init(&net, 20);
	vnet_add(&net, "n1");
	vnet_add(&net, "n2");
	for (i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "/svc/%u", i);
		lab_grant(&net.lab, &net.spa, name, DC_RIGHT_NAME, "", &grant);
		dc_node_object(net.node[1].node, grant.bytes, grant.len,
			       net.now_us);
	}
	net.tap = stuck;
	vnet_join(&net, 0, 1);
	vnet_run(&net, 30 * S);
	assert_string_equal(vnet_state(&net, 0, 1), "exchange");
	sent = net.node[0].sent;
	vnet_run(&net, 60 * S);
	assert_in_range(net.node[0].sent - sent, 60, 300);
	assert_string_equal(vnet_state(&net, 0, 1), "exchange");
	net.tap = NULL;
	assert_true(vnet_until(&net, vnet_in_step, 15 * S));
	assert_int_equal(vnet_objects(&net, 0, DC_GRANT), 300);
	vnet_free(&net);
}

struct lost {
	const struct vnet *net;
	uint64_t until_us;
};

/* Lists that node 1 sends, for a while. */
static bool lists_lost(struct vnet_packet *packet, void *arg)
{
	const struct lost *lost = arg;
	struct ls_packet session;
	struct ls_record record;
	size_t pos = 0;

	if (packet->from != 1 ||
	    lost->net->now_us >= lost->until_us ||
	    ls_packet_read(&session, packet->bytes, packet->len) ||
	    session.kind != LS_SESSION)
		return true;
	while (ls_record_next(&record, &session, &pos) == 1)
		if (record.type == LS_LIST)
			return false;
	return true;
}

/*
 * What a lost list told of is asked for again, though all the while other
 * objects come of themselves.
 */
static void a_lost_list_is_made_good(void **state)
{
	struct lab_object grant;
	struct lost lost;
	struct vnet net;
	unsigned int i;
	char name[32];

	(void)state;
	vnet_init(&net, 52);
	vnet_add(&net, "n1");
	vnet_add(&net, "n2");
	vnet_announce(&net, 1, "/early", &grant);
	vnet_run(&net, S);
	lost = (struct lost){ &net, net.now_us + 500 * MS };
	net.tap = lists_lost;
	net.tap_arg = &lost;
	vnet_join(&net, 0, 1);
	for (i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "/more/%u", i);
		vnet_announce(&net, 1, name, &grant);
		vnet_run(&net, 50 * MS);
	}
	assert_string_equal(vnet_state(&net, 0, 1), "full");
	assert_true(vnet_ways(&net, 0, "/early") > 0);
	vnet_free(&net);
}

/* What several packets lead to is said together. */
static void more_packets_are_one_answer(void **state)
{
	struct lab_object grant;
	struct vnet net;
	unsigned long sent;
	unsigned int i;
	char name[32];

	(void)state;
	vnet_init(&net, 41);
	vnet_ring(&net, 3);
	assert_true(vnet_until(&net, vnet_in_step, 20 * S));
	sent = net.node[0].sent;
	dc_node_more(net.node[0].node, true, net.now_us);
	for (i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "/svc/%u", i);
		assert_int_equal(vnet_announce(&net, 0, name, &grant),
				 DC_VALID);
	}
	assert_int_equal(net.node[0].sent, sent);
	dc_node_more(net.node[0].node, false, net.now_us);
	/* 20 grants and one LSA, to two neighbours. */
	assert_in_range(net.node[0].sent - sent, 2, 16);
	vnet_run(&net, S);
	assert_true(vnet_in_step(&net));
	assert_int_equal(vnet_ways(&net, 1, "/svc/19"), 1);
	vnet_free(&net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_become_neighbours),
		cmocka_unit_test(one_link_many_nodes),
		cmocka_unit_test(one_way_is_no_neighbour),
		cmocka_unit_test(floods_in_spite_of_loss),
		cmocka_unit_test(joins_and_gets_only_what_it_lacks),
		cmocka_unit_test(keys_rotate_under_a_neighbour),
		cmocka_unit_test(tags_are_told_with_each_session),
		cmocka_unit_test(timers_change_at_run_time),
		cmocka_unit_test(shutdown_and_carrier_are_heard_at_once),
		cmocka_unit_test(a_silent_daemon_is_kept_for_a_while),
		cmocka_unit_test(restart_time_ends),
		cmocka_unit_test(a_flapping_link_is_damped),
		cmocka_unit_test(costs_change_at_run_time),
		cmocka_unit_test(a_stuck_neighbour_is_waited_for),
		cmocka_unit_test(a_lost_list_is_made_good),
		cmocka_unit_test(more_packets_are_one_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
