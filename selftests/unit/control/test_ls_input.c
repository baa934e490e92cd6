// SPDX-License-Identifier: GPL-2.0
/*
 * Bad input to living nodes: forged, replayed, truncated, mutated. It is
 * counted and changes nothing; packets are kept from a real conversation.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "node_int.h"
#include "vnet.h"

#define S 1000000ull
#define KEPT_MAX 512

static struct vnet_packet kept[KEPT_MAX];
static unsigned int n_kept;

static bool keep(struct vnet_packet *packet, void *arg)
{
	(void)arg;
	if (n_kept < KEPT_MAX)
		kept[n_kept++] = *packet;
	return true;
}

/* Two nodes that are full, and what they said. */
static void set_up(struct vnet *net, uint64_t seed)
{
	struct lab_object grant;

	n_kept = 0;
	vnet_init(net, seed);
	net->tap = keep;
	vnet_add(net, "n1");
	vnet_add(net, "n2");
	vnet_join(net, 0, 1);
	assert_int_equal(vnet_announce(net, 0, "/svc", &grant), DC_VALID);
	vnet_run(net, 5 * S);
	assert_true(vnet_in_step(net));
	net->tap = NULL;
	assert_in_range(n_kept, 20, KEPT_MAX);
}

struct seen {
	struct dc_hash digest;
	unsigned long changes;
	unsigned long downs;
	uint64_t installed;
};

static struct seen look(struct vnet *net, unsigned int number)
{
	struct seen seen = {
		.changes = net->node[number].changes,
		.downs = net->node[number].downs,
		.installed = vnet_counts(net, number).installed,
	};

	dc_node_digest(net->node[number].node, &seen.digest);
	return seen;
}

static void assert_untouched(struct vnet *net, const struct seen *before)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		struct seen now = look(net, i);

		assert_memory_equal(&now, &before[i], sizeof(now));
		assert_string_equal(vnet_state(net, i, !i), "full");
	}
	vnet_run(net, 10 * S);
	assert_true(vnet_in_step(net));
	assert_int_equal(net->node[0].downs + net->node[1].downs, 0);
}

static uint64_t bad(struct vnet *net, unsigned int number)
{
	struct dc_node_counts c = vnet_counts(net, number);

	return c.malformed + c.bad_mac + c.replayed + c.forged + c.unknown;
}

static void what_was_said_before_is_nothing_new(void **state)
{
	struct seen before[2];
	struct vnet net;
	unsigned int i;

	(void)state;
	set_up(&net, 21);
	before[0] = look(&net, 0);
	before[1] = look(&net, 1);
	for (i = 0; i < n_kept; i++)
		vnet_put(&net, kept[i].link, kept[i].from, kept[i].to,
			 kept[i].bytes, kept[i].len);
	assert_true(bad(&net, 0) + bad(&net, 1) > n_kept / 2);
	assert_untouched(&net, before);
	vnet_free(&net);
}

/* Replayed at a node that was started since: its nonces are others. */
static void an_old_conversation_makes_no_neighbour(void **state)
{
	struct vnet net;
	unsigned int i;

	(void)state;
	set_up(&net, 22);
	vnet_kill(&net, 0);
	vnet_kill(&net, 1);
	net.node[0].config.epoch = 2;
	net.node[0].config.seed++;
	vnet_start(&net, 0);
	for (i = 0; i < n_kept; i++) {
		vnet_put(&net, kept[i].link, kept[i].from, kept[i].to,
			 kept[i].bytes, kept[i].len);
		vnet_run(&net, 1000);
	}
	assert_string_not_equal(vnet_state(&net, 0, 1), "exchange");
	assert_string_not_equal(vnet_state(&net, 0, 1), "full");
	assert_int_equal(vnet_objects(&net, 0, DC_LINK_LSA), 0);
	vnet_free(&net);
}

static void every_truncation_is_refused(void **state)
{
	struct seen before[2];
	struct vnet net;
	unsigned int i;
	uint64_t was;
	size_t len, n = 0;

	(void)state;
	set_up(&net, 23);
	before[0] = look(&net, 0);
	before[1] = look(&net, 1);
	was = bad(&net, 0) + bad(&net, 1);
	for (i = 0; i < n_kept; i += 3) {
		for (len = 0; len < kept[i].len; len += 7, n++)
			vnet_put(&net, kept[i].link, kept[i].from, kept[i].to,
				 kept[i].bytes, len);
	}
	/* Each was counted as what it is. */
	assert_int_equal(bad(&net, 0) + bad(&net, 1) - was, n);
	assert_untouched(&net, before);
	vnet_free(&net);
}

static unsigned int n_ahead;

/* Ahead of each packet of a session comes one that differs from it in one bit. */
static bool put_ahead(struct vnet_packet *packet, void *arg)
{
	struct vnet_packet changed = *packet;
	struct vnet *net = arg;

	if (packet->bytes[1] != LS_SESSION)
		return true;
	changed.bytes[LS_SESSION_HEAD + vnet_random(net) %
		      (changed.len - LS_SESSION_HEAD)] ^=
		1 << vnet_random(net) % 8;
	net->tap = NULL;
	vnet_put(net, changed.link, changed.from, changed.to, changed.bytes,
		 changed.len);
	net->tap = put_ahead;
	n_ahead++;
	return true;
}

/* What was not heard before: nothing but its MAC tells that it is another's. */
static void assert_mac_tells(struct vnet *net)
{
	uint64_t was = vnet_counts(net, 0).bad_mac + vnet_counts(net, 1).bad_mac;
	struct lab_object grant;

	n_ahead = 0;
	net->tap = put_ahead;
	net->tap_arg = net;
	assert_int_equal(vnet_announce(net, 0, "/more", &grant), DC_VALID);
	vnet_run(net, 20 * S);
	net->tap = NULL;
	assert_true(n_ahead > 20);
	assert_int_equal(vnet_counts(net, 0).bad_mac +
			 vnet_counts(net, 1).bad_mac - was, n_ahead);
	assert_true(vnet_in_step(net));
	assert_int_equal(net->node[0].downs + net->node[1].downs, 0);
}

static void mutations_change_nothing(void **state)
{
	struct seen before[2];
	struct vnet_packet packet;
	struct vnet net;
	unsigned int i, j, n;

	(void)state;
	set_up(&net, 24);
	before[0] = look(&net, 0);
	before[1] = look(&net, 1);
	for (i = 0; i < 20000; i++) {
		packet = kept[vnet_random(&net) % n_kept];
		n = 1 + vnet_random(&net) % 4;
		for (j = 0; j < n; j++)
			packet.bytes[vnet_random(&net) % packet.len] ^=
				1 << vnet_random(&net) % 8;
		vnet_put(&net, packet.link, packet.from, packet.to,
			 packet.bytes, packet.len);
	}
	assert_untouched(&net, before);
	assert_mac_tells(&net);
	vnet_free(&net);
}

static struct dc_hash cert_hash(struct vnet *net, unsigned int number)
{
	const struct dc_identity *identity = &net->node[number].identity;
	struct dc_object object;
	struct dc_hash hash;

	dc_object_read(&object, identity->cert, identity->cert_len, NULL);
	dc_object_hash(&object, &hash);
	return hash;
}

/* Someone with a key of its own, who says that it is n2. */
static void another_key_is_nobody(void **state)
{
	struct dc_node_counts was;
	struct vnet_packet packet;
	struct dc_hash cert;
	struct vnet net;
	unsigned int i, n = 0;

	(void)state;
	vnet_init(&net, 25);
	vnet_add(&net, "n1");
	vnet_add(&net, "n2");
	vnet_add(&net, "n3");
	net.tap = keep;
	n_kept = 0;
	vnet_join(&net, 0, 2);
	vnet_join(&net, 0, 1);
	vnet_run(&net, S);
	was = vnet_counts(&net, 0);
	cert = cert_hash(&net, 1);
	for (i = 0; i < n_kept; i++) {
		packet = kept[i];
		if (packet.bytes[1] != LS_HELLO || packet.from != 2)
			continue;
		memcpy(packet.bytes + LS_HEAD_BYTES + 2, "n2", 2);
		memcpy(packet.bytes + LS_HEAD_BYTES + 34, cert.byte,
		       DC_HASH_BYTES);
		vnet_put(&net, packet.link, 9, 0, packet.bytes, packet.len);
		n++;
	}
	assert_true(n > 0);
	assert_int_equal(vnet_counts(&net, 0).forged - was.forged, n);
	vnet_free(&net);
}

/*
 * Hellos that n2 did not sign: some are looked at, for the rest there is no
 * time, and n2 stays a neighbour.
 */
static void forged_hellos_are_looked_at_seldom(void **state)
{
	struct dc_node_counts was, is;
	struct vnet_packet packet;
	struct vnet net;
	unsigned int i;

	(void)state;
	set_up(&net, 27);
	for (i = 0; i < n_kept; i++)
		if (kept[i].bytes[1] == LS_HELLO && kept[i].from == 1)
			packet = kept[i];
	was = vnet_counts(&net, 0);
	for (i = 0; i < 2000; i++) {
		/* Its ephemeral key, behind the certificate and 8 bytes more. */
		ls_put16(packet.bytes + LS_HEAD_BYTES + 34 + DC_HASH_BYTES + 8,
			 i);
		dc_node_input(net.node[0].node, packet.link + 1,
			      &(struct damc_lladdr){ 1, { 2 } }, packet.bytes,
			      packet.len, net.now_us);
	}
	is = vnet_counts(&net, 0);
	assert_int_equal(is.forged - was.forged, 64);
	assert_int_equal(is.over_budget - was.over_budget, 1936);
	vnet_run(&net, 10 * S);
	assert_string_equal(vnet_state(&net, 0, 1), "full");
	vnet_free(&net);
}

/* What comes from a neighbour, as if its MAC had been found good. */
static enum dc_verdict offer(struct vnet *net, unsigned int number,
			     const struct lab_object *object)
{
	struct dc_node *node = net->node[number].node;

	node->now_us = net->now_us;
	vnet_record_forget(&net->node[number].record);
	return node_accept(node, node->adj[0], object->bytes, object->len,
			   UINT32_MAX);
}

/*
 * Bad signatures are checked 8 times a second, what else is not good 500 times;
 * good ones have no such limit.
 */
static void a_budget_bounds_bad_signatures(void **state)
{
	struct dc_node_counts was, is;
	struct lab_object grant;
	struct vnet net;
	unsigned int i;
	char name[32];

	(void)state;
	set_up(&net, 26);
	was = vnet_counts(&net, 0);
	for (i = 0; i < 2000; i++) {
		snprintf(name, sizeof(name), "/forged/%u", i);
		lab_grant(&net.lab, &net.spa, name, DC_RIGHT_NAME, "", &grant);
		grant.bytes[grant.len - 1] ^= 1;
		assert_int_not_equal(offer(&net, 0, &grant), DC_VALID);
	}
	is = vnet_counts(&net, 0);
	assert_int_equal(is.forged - was.forged, 8);
	assert_int_equal(is.over_budget - was.over_budget, 1992);
	assert_int_equal(is.installed, was.installed);
	assert_int_equal(vnet_events(&net, 0, "neighbour-lies"), 1);
	vnet_run(&net, S);
	was = vnet_counts(&net, 0);
	for (i = 0; i < 2000; i++) {
		lab_grant(&net.lab, &net.node[1].identity, name, DC_RIGHT_NAME,
			  "", &grant);
		assert_int_not_equal(offer(&net, 0, &grant), DC_VALID);
	}
	is = vnet_counts(&net, 0);
	assert_int_equal(is.not_allowed - was.not_allowed, 500);
	assert_int_equal(is.over_budget - was.over_budget, 1500);
	vnet_run(&net, S);
	for (i = 0; i < 2000; i++) {
		snprintf(name, sizeof(name), "/good/%u", i);
		lab_grant(&net.lab, &net.spa, name, DC_RIGHT_NAME, "", &grant);
		assert_int_equal(offer(&net, 0, &grant), DC_VALID);
	}
	assert_int_equal(vnet_objects(&net, 0, DC_GRANT), 2001);
	/* It was not sent back to n2, who has none of it: digests tell. */
	vnet_run(&net, 20 * S);
	assert_int_equal(vnet_objects(&net, 1, DC_GRANT), 2001);
	assert_true(vnet_in_step(&net));
	vnet_free(&net);
}

/* One that is refused once is not verified again, nor asked for again and again. */
static void what_was_refused_is_remembered(void **state)
{
	struct dc_node_counts was;
	struct lab_object grant;
	struct vnet net;

	(void)state;
	set_up(&net, 27);
	was = vnet_counts(&net, 0);
	lab_grant(&net.lab, &net.spa, "/forged", DC_RIGHT_NAME, "", &grant);
	grant.bytes[grant.len - 1] ^= 1;
	assert_int_equal(offer(&net, 0, &grant), DC_FORGED);
	assert_int_equal(offer(&net, 0, &grant), DC_VALID);
	assert_int_equal(vnet_counts(&net, 0).forged - was.forged, 1);
	assert_int_equal(vnet_objects(&net, 0, DC_GRANT), 1);
	vnet_free(&net);
}

/* Objects of an SPA that is not known yet wait for it, so many and no more. */
static void the_unknown_wait_in_a_bounded_room(void **state)
{
	struct dc_identity late = { 0 };
	struct lab_object grant;
	struct vnet net;
	unsigned int i;
	char name[32];

	(void)state;
	set_up(&net, 28);
	lab_enrol(&net.lab, &late, "late", DC_ROLE_SPA, "/");
	for (i = 0; i < NODE_WAITING_MAX + 100; i++) {
		snprintf(name, sizeof(name), "/late/%u", i);
		lab_grant(&net.lab, &late, name, DC_RIGHT_NAME, "", &grant);
		assert_int_equal(offer(&net, 0, &grant), DC_UNKNOWN);
	}
	assert_int_equal(net.node[0].node->n_waiting, NODE_WAITING_MAX);
	assert_int_equal(dc_node_object(net.node[0].node, late.cert,
					late.cert_len, net.now_us), DC_VALID);
	assert_int_equal(net.node[0].node->n_waiting, 0);
	assert_int_equal(vnet_objects(&net, 0, DC_GRANT),
			 1 + NODE_WAITING_MAX);
	vnet_run(&net, 5 * S);
	assert_true(vnet_in_step(&net));
	vnet_free(&net);
}

static bool change_some(struct vnet_packet *packet, void *arg)
{
	struct vnet *net = arg;

	if (packet->bytes[1] == LS_SESSION && vnet_random(net) % 5 == 0)
		packet->bytes[LS_SESSION_HEAD + vnet_random(net) %
			      (packet->len - LS_SESSION_HEAD)] ^= 0x10;
	return true;
}

/* Changed on its way: as good as lost, and so it is sent again. */
static void what_is_changed_on_its_way_is_lost(void **state)
{
	struct lab_object grant;
	struct vnet net;
	unsigned int i;
	char name[32];

	(void)state;
	vnet_init(&net, 42);
	net.tap = change_some;
	net.tap_arg = &net;
	vnet_add(&net, "n1");
	vnet_add(&net, "n2");
	vnet_join(&net, 0, 1);
	for (i = 0; i < 50; i++) {
		snprintf(name, sizeof(name), "/svc/%u", i);
		assert_int_equal(vnet_announce(&net, 0, name, &grant),
				 DC_VALID);
		vnet_run(&net, S / 10);
	}
	vnet_run(&net, 20 * S);
	assert_true(vnet_in_step(&net));
	assert_true(vnet_counts(&net, 1).bad_mac > 0);
	assert_int_equal(vnet_counts(&net, 1).forged, 0);
	assert_int_equal(vnet_ways(&net, 1, "/svc/49"), 1);
	vnet_free(&net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_said_before_is_nothing_new),
		cmocka_unit_test(an_old_conversation_makes_no_neighbour),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(mutations_change_nothing),
		cmocka_unit_test(another_key_is_nobody),
		cmocka_unit_test(forged_hellos_are_looked_at_seldom),
		cmocka_unit_test(a_budget_bounds_bad_signatures),
		cmocka_unit_test(what_was_refused_is_remembered),
		cmocka_unit_test(the_unknown_wait_in_a_bounded_room),
		cmocka_unit_test(what_is_changed_on_its_way_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
