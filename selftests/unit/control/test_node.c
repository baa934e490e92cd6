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

static void make_ring(struct vnet *net, unsigned int n)
{
	char id[16];
	unsigned int i;

	for (i = 0; i < n; i++) {
		snprintf(id, sizeof(id), "n%u", i);
		vnet_add(net, id);
	}
	for (i = 0; i < n; i++)
		vnet_join(net, i, (i + 1) % n);
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
	make_ring(&net, 8);
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

static void a_restarted_daemon_keeps_its_neighbours(void **state)
{
	struct lab_object grant;
	unsigned long downs, changes;
	struct vnet net;

	(void)state;
	vnet_init(&net, 6);
	make_ring(&net, 4);
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

static void a_revocation_withdraws_everywhere(void **state)
{
	struct lab_object grant, revocation;
	struct vnet net;
	unsigned int i;

	(void)state;
	vnet_init(&net, 9);
	make_ring(&net, 6);
	assert_int_equal(vnet_announce(&net, 2, "/svc", &grant), DC_VALID);
	assert_true(vnet_until(&net, vnet_in_step, 20 * S));
	vnet_run(&net, S);
	for (i = 0; i < 6; i++)
		if (i != 2)
			assert_true(vnet_ways(&net, i, "/svc") > 0);
	lab_revoke(&net.lab, &net.spa, grant.bytes, grant.len, &revocation);
	assert_int_equal(dc_node_object(net.node[5].node, revocation.bytes,
					revocation.len, net.now_us), DC_VALID);
	/* Half the ring, at 0.2 ms a hop. */
	vnet_run(&net, 5 * MS);
	for (i = 0; i < 6; i++)
		assert_true(vnet_ways(&net, i, "/svc") <= 0);
	assert_int_equal(vnet_events(&net, 2, "withdrawn"), 1);
	vnet_run(&net, 10 * S);
	assert_true(vnet_in_step(&net));
	assert_int_equal(vnet_objects(&net, 4, DC_GRANT), 0);
	assert_int_equal(vnet_objects(&net, 4, DC_REVOCATION), 1);
	/* It is not let in again. */
	assert_int_equal(vnet_announce(&net, 2, "/svc2", &grant), DC_VALID);
	vnet_free(&net);
}

static void a_revoked_certificate_ends_neighbours(void **state)
{
	struct lab_object revocation;
	struct vnet net;

	(void)state;
	vnet_init(&net, 10);
	make_ring(&net, 4);
	assert_true(vnet_until(&net, vnet_in_step, 20 * S));
	vnet_run(&net, S);
	lab_revoke(&net.lab, &net.spa, net.node[1].identity.cert,
		   net.node[1].identity.cert_len, &revocation);
	assert_int_equal(dc_node_object(net.node[3].node, revocation.bytes,
					revocation.len, net.now_us), DC_VALID);
	vnet_run(&net, S);
	assert_string_not_equal(vnet_state(&net, 0, 1), "full");
	assert_string_not_equal(vnet_state(&net, 2, 1), "full");
	assert_true(vnet_ways(&net, 0, "/damc/node/n1") <= 0);
	vnet_run(&net, 10 * S);
	assert_string_not_equal(vnet_state(&net, 0, 1), "full");
	assert_int_equal(vnet_objects(&net, 3, DC_LINK_LSA), 3);
	vnet_free(&net);
}

static void withdrawn_is_a_tombstone(void **state)
{
	struct lab_object grant;
	struct vnet net;

	(void)state;
	vnet_init(&net, 11);
	/* No name of its own, so the shard is empty after it. */
	make_ring(&net, 3);
	vnet_announce(&net, 0, "/svc", &grant);
	assert_true(vnet_until(&net, vnet_in_step, 20 * S));
	vnet_run(&net, S);
	assert_true(vnet_ways(&net, 1, "/svc") > 0);
	vnet_withdraw(&net, 0, "/svc");
	vnet_run(&net, 5 * MS);
	assert_true(vnet_ways(&net, 1, "/svc") <= 0);
	/* Back within 10 s: that has to wait, and comes. */
	vnet_announce(&net, 0, "/svc", &grant);
	vnet_run(&net, 5 * S);
	assert_true(vnet_ways(&net, 1, "/svc") <= 0);
	vnet_run(&net, 6 * S);
	assert_true(vnet_ways(&net, 1, "/svc") > 0);
	vnet_free(&net);
}

static void shards_split_and_one_change_is_one_object(void **state)
{
	struct dc_node_counts before, after;
	struct lab_object grant;
	struct dc_prefix prefix;
	struct vnet net;
	unsigned int i, shards;
	char name[64];

	(void)state;
	vnet_init(&net, 12);
	vnet_add(&net, "n1");
	vnet_add(&net, "n2");
	vnet_join(&net, 0, 1);
	vnet_run(&net, 2 * S);
	lab_grant(&net.lab, &net.spa, "/svc", DC_RIGHT_TREE, "", &grant);
	for (i = 0; i < 600; i++) {
		snprintf(name, sizeof(name), "/svc/%u", i);
		prefix = lab_prefix(name, DC_RIGHT_NAME, &grant);
		assert_int_equal(dc_node_announce(net.node[0].node, &prefix,
						  grant.bytes, grant.len,
						  net.now_us), DC_VALID);
	}
	vnet_run(&net, 2 * S);
	assert_true(vnet_in_step(&net));
	shards = vnet_objects(&net, 1, DC_PREFIX_LSA);
	assert_in_range(shards, 12, 80);
	for (i = 0; i < 600; i++) {
		snprintf(name, sizeof(name), "/svc/%u", i);
		assert_int_equal(vnet_ways(&net, 1, name), 1);
	}
	before = vnet_counts(&net, 0);
	vnet_withdraw(&net, 0, "/svc/77");
	vnet_run(&net, S);
	after = vnet_counts(&net, 0);
	assert_int_equal(after.flooded - before.flooded, 1);
	assert_true(vnet_ways(&net, 1, "/svc/77") <= 0);
	assert_int_equal(vnet_ways(&net, 1, "/svc/78"), 1);
	vnet_free(&net);
}

static void what_is_not_refreshed_expires(void **state)
{
	struct lab_object grant;
	struct vnet net;
	unsigned int i;

	(void)state;
	vnet_init(&net, 13);
	for (i = 0; i < 3; i++) {
		static const char * const id[] = { "n1", "n2", "n3" };

		vnet_enrol(&net, id[i], DC_ROLE_SG | DC_ROLE_SR);
		net.node[i].config.lifetime_s = 60;
		net.node[i].config.refresh_s = 30;
		vnet_start(&net, i);
	}
	vnet_join(&net, 0, 1);
	vnet_join(&net, 1, 2);
	vnet_announce(&net, 0, "/svc", &grant);
	vnet_run(&net, 200 * S);
	/* Refreshed: it is still there. */
	assert_true(vnet_ways(&net, 2, "/svc") > 0);
	assert_true(vnet_in_step(&net));
	vnet_kill(&net, 0);
	vnet_run(&net, 70 * S);
	assert_int_equal(vnet_objects(&net, 2, DC_LINK_LSA), 2);
	assert_true(vnet_in_step(&net));
	assert_int_equal(vnet_counts(&net, 2).expired, 2);
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
	make_ring(&net, 3);
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
	make_ring(&net, 3);
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

static uint32_t link_to(struct vnet *net, unsigned int a, unsigned int b);

/* Its kernel goes on and its daemon does not: kept, and then not crossed. */
static void a_silent_daemon_is_kept_for_a_while(void **state)
{
	struct vnet net;
	uint32_t link;

	(void)state;
	vnet_init(&net, 16);
	/* n0 - n1 - n2 - n3 - n0, and from n1's end of it n0 - n4. */
	make_ring(&net, 4);
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
	make_ring(&net, 4);
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

static void restart_time_ends(void **state)
{
	struct vnet net;

	(void)state;
	vnet_init(&net, 17);
	make_ring(&net, 3);
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
	make_ring(&net, 3);
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
	make_ring(&net, 4);
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

/* Names above the cap of its certificate, in all shards: those do not count. */
static void a_cap_is_on_all_shards(void **state)
{
	struct dc_cert cert = {
		.roles = DC_ROLE_SG | DC_ROLE_SR,
		.max_prefixes = 100, .max_lsas = 100, .n_subtrees = 1,
	};
	struct dc_prefix prefix;
	struct vnet net;
	unsigned int i, n;
	char name[32];

	(void)state;
	vnet_init(&net, 29);
	n = vnet_enrol(&net, "n1", DC_ROLE_SG);
	cert.issued = net.lab.time_ms;
	cert.subtree[0] = lab_name("/svc");
	lab_keypair(&net.lab, cert.key, net.node[n].identity.secret);
	lab_certify(&net.lab, &net.node[n].identity, "n1", 1, &cert);
	net.node[n].config.identity = net.node[n].identity;
	vnet_start(&net, n);
	/* The node itself keeps to it; one that does not: */
	net.node[n].node->cert.max_prefixes = 1000;
	vnet_record_forget(&net.node[n].record);
	vnet_add(&net, "n2");
	vnet_join(&net, 0, 1);
	vnet_run(&net, S);
	for (i = 0; i < 150; i++) {
		snprintf(name, sizeof(name), "/svc/%u", i);
		prefix = lab_prefix(name, DC_RIGHT_NAME, NULL);
		assert_int_equal(dc_node_announce(net.node[0].node, &prefix,
						  NULL, 0, net.now_us),
				 DC_VALID);
	}
	vnet_run(&net, 5 * S);
	assert_true(vnet_in_step(&net));
	assert_true(vnet_events(&net, 1, "too-many-prefixes") > 0);
	for (i = 0, n = 0; i < 150; i++) {
		snprintf(name, sizeof(name), "/svc/%u", i);
		n += vnet_ways(&net, 1, name) == 1;
	}
	assert_in_range(n, 30, 100);
	vnet_free(&net);
}

/* The same key, a new certificate: nobody goes, and new ones can come. */
static void a_certificate_is_renewed(void **state)
{
	struct dc_identity renewed;
	struct dc_object object;
	struct dc_cert cert;
	struct vnet net;

	(void)state;
	vnet_init(&net, 30);
	make_ring(&net, 3);
	assert_true(vnet_until(&net, vnet_in_step, 20 * S));
	vnet_run(&net, S);
	renewed = net.node[0].identity;
	dc_object_read(&object, renewed.cert, renewed.cert_len, NULL);
	assert_int_equal(dc_cert_read(&cert, &object), 0);
	lab_certify(&net.lab, &renewed, "n0", 2, &cert);
	assert_int_equal(dc_node_object(net.node[0].node, renewed.cert,
					renewed.cert_len, net.now_us),
			 DC_VALID);
	vnet_run(&net, 10 * S);
	assert_true(vnet_in_step(&net));
	assert_int_equal(net.node[0].downs + net.node[1].downs, 0);
	assert_int_equal(vnet_objects(&net, 1, DC_CERT), 4);
	vnet_add(&net, "n4");
	vnet_join(&net, 0, 3);
	assert_true(vnet_until(&net, vnet_in_step, 10 * S));
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
	make_ring(&net, 3);
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
		cmocka_unit_test(a_restarted_daemon_keeps_its_neighbours),
		cmocka_unit_test(a_restarted_daemon_holds_its_names),
		cmocka_unit_test(a_lost_epoch_costs_one_flood),
		cmocka_unit_test(a_clone_is_told_and_makes_no_storm),
		cmocka_unit_test(a_revocation_withdraws_everywhere),
		cmocka_unit_test(a_revoked_certificate_ends_neighbours),
		cmocka_unit_test(withdrawn_is_a_tombstone),
		cmocka_unit_test(shards_split_and_one_change_is_one_object),
		cmocka_unit_test(what_is_not_refreshed_expires),
		cmocka_unit_test(keys_rotate_under_a_neighbour),
		cmocka_unit_test(timers_change_at_run_time),
		cmocka_unit_test(shutdown_and_carrier_are_heard_at_once),
		cmocka_unit_test(a_silent_daemon_is_kept_for_a_while),
		cmocka_unit_test(restart_time_ends),
		cmocka_unit_test(a_flapping_link_is_damped),
		cmocka_unit_test(costs_change_at_run_time),
		cmocka_unit_test(a_stuck_neighbour_is_waited_for),
		cmocka_unit_test(a_cap_is_on_all_shards),
		cmocka_unit_test(a_certificate_is_renewed),
		cmocka_unit_test(more_packets_are_one_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
