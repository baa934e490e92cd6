// SPDX-License-Identifier: GPL-2.0
/*
 * What nodes say of names, for how long it counts, and what ends it.
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

static void a_revocation_withdraws_everywhere(void **state)
{
	struct lab_object grant, revocation;
	struct vnet net;
	unsigned int i;

	(void)state;
	vnet_init(&net, 9);
	vnet_ring(&net, 6);
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
	vnet_ring(&net, 4);
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
	vnet_ring(&net, 3);
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

static void announce_by(struct vnet *net, const struct lab_object *grant,
			unsigned int i)
{
	struct dc_prefix prefix;
	char name[64];

	snprintf(name, sizeof(name), "/svc/%u", i);
	prefix = lab_prefix(name, DC_RIGHT_NAME, grant);
	assert_int_equal(dc_node_announce(net->node[0].node, &prefix,
					  grant->bytes, grant->len,
					  net->now_us), DC_VALID);
}

/*
 * Ten a millisecond are told of by shards that take turns, 1,000 a second beyond
 * the first 64 and halves of those that are split; bad news in their midst, and
 * the first and the last by themselves, at once.
 */
static void many_names_are_told_of_together(void **state)
{
	struct dc_node_counts before, after;
	struct lab_object grant;
	struct vnet net;
	unsigned int i;

	(void)state;
	vnet_init(&net, 51);
	vnet_ring(&net, 2);
	vnet_run(&net, 2 * S);
	lab_grant(&net.lab, &net.spa, "/svc", DC_RIGHT_TREE, "", &grant);
	announce_by(&net, &grant, 0);
	vnet_run(&net, 3 * MS);
	assert_true(vnet_ways(&net, 1, "/svc/0") > 0);
	before = vnet_counts(&net, 1);
	for (i = 1; i < 3000; i++) {
		announce_by(&net, &grant, i);
		if (i == 2500)
			vnet_withdraw(&net, 0, "/svc/0");
		if (!(i % 10))
			vnet_run(&net, MS);
		if (i == 2550)
			assert_true(vnet_ways(&net, 1, "/svc/0") <= 0);
	}
	vnet_run(&net, S);
	after = vnet_counts(&net, 1);
	assert_in_range(after.installed - before.installed, 300, 1000);
	for (i = 1; i < 3000; i++) {
		char name[64];

		snprintf(name, sizeof(name), "/svc/%u", i);
		assert_true(vnet_ways(&net, 1, name) > 0);
	}
	announce_by(&net, &grant, i);
	vnet_run(&net, 3 * MS);
	assert_true(vnet_ways(&net, 1, "/svc/3000") > 0);
	vnet_free(&net);
}

static uint32_t names_at(struct vnet *net, unsigned int number)
{
	struct dc_rib_counts counts;

	dc_rib_counts(dc_node_rib(net->node[number].node), &counts);
	return counts.names;
}

static void what_is_not_refreshed_expires(void **state)
{
	struct lab_object grant;
	struct vnet net;
	unsigned int i;
	uint32_t names;

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
	names = names_at(&net, 2);
	vnet_kill(&net, 0);
	vnet_run(&net, 70 * S);
	/* Its own and /svc: not only the way there is gone. */
	assert_int_equal(names_at(&net, 2), names - 2);
	assert_int_equal(vnet_objects(&net, 2, DC_LINK_LSA), 2);
	assert_true(vnet_in_step(&net));
	assert_int_equal(vnet_counts(&net, 2).expired, 2);
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
	vnet_ring(&net, 3);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_revocation_withdraws_everywhere),
		cmocka_unit_test(a_revoked_certificate_ends_neighbours),
		cmocka_unit_test(withdrawn_is_a_tombstone),
		cmocka_unit_test(shards_split_and_one_change_is_one_object),
		cmocka_unit_test(many_names_are_told_of_together),
		cmocka_unit_test(what_is_not_refreshed_expires),
		cmocka_unit_test(a_cap_is_on_all_shards),
		cmocka_unit_test(a_certificate_is_renewed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
