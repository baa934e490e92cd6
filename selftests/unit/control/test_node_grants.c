// SPDX-License-Identifier: GPL-2.0
/*
 * A grant ends while another of the same name is waiting to be said: a shard is
 * issued at most each 10 ms, so what is announced and what was said differ. Or a
 * new one is lost on the way, and the LSA that names it comes first.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "node_int.h"
#include "vnet.h"

#define S 1000000ull

struct saying {
	struct damc_name name;
	unsigned int n;
};

static int count_said(const struct dc_object *object, uint32_t left_s, void *arg)
{
	struct saying *saying = arg;
	struct dc_prefix_lsa lsa;
	uint32_t i;

	(void)left_s;
	if (object->type != DC_PREFIX_LSA || dc_prefix_lsa_read(&lsa, object))
		return 0;
	for (i = 0; i < lsa.n; i++)
		saying->n += damc_name_equal(&lsa.prefix[i].name,
					     &saying->name);
	return 0;
}

/* In how many prefix LSAs of its database a name is, allowed or not. */
static unsigned int said(struct vnet *net, unsigned int number,
			 const char *name)
{
	struct saying saying = { .name = lab_name(name) };

	dc_node_lsdb(net->node[number].node, count_said, &saying);
	return saying.n;
}

static void two_nodes(struct vnet *net, uint64_t seed)
{
	vnet_init(net, seed);
	vnet_add(net, "n1");
	vnet_add(net, "n2");
	vnet_join(net, 0, 1);
	assert_true(vnet_until(net, vnet_in_step, 20 * S));
	vnet_run(net, S);
}

/* The only shard is issued now, so what comes next waits. */
static void issue_now(struct vnet *net)
{
	struct lab_object grant;

	assert_int_equal(vnet_announce(net, 0, "/first", &grant), DC_VALID);
	assert_int_equal(said(net, 0, "/first"), 1);
}

static void revoke(struct vnet *net, const struct lab_object *grant)
{
	struct lab_object revocation;

	lab_revoke(&net->lab, &net->spa, grant->bytes, grant->len, &revocation);
	assert_int_equal(dc_node_object(net->node[0].node, revocation.bytes,
					revocation.len, net->now_us), DC_VALID);
}

static void an_old_grants_end_leaves_the_new_one(void **state)
{
	struct lab_object old, new;
	struct vnet net;

	(void)state;
	two_nodes(&net, 1);
	assert_int_equal(vnet_announce(&net, 0, "/svc", &old), DC_VALID);
	vnet_run(&net, S);
	assert_int_equal(vnet_ways(&net, 1, "/svc"), 1);
	issue_now(&net);
	assert_int_equal(vnet_announce(&net, 0, "/svc", &new), DC_VALID);
	revoke(&net, &old);
	assert_int_equal(vnet_events(&net, 0, "withdrawn"), 0);
	vnet_run(&net, S);
	assert_int_equal(vnet_ways(&net, 1, "/svc"), 1);
	/* Of the new one it is an end. */
	revoke(&net, &new);
	assert_int_equal(vnet_events(&net, 0, "withdrawn"), 1);
	vnet_run(&net, 10 * S);
	assert_int_equal(said(&net, 1, "/svc"), 0);
	assert_true(vnet_ways(&net, 1, "/svc") <= 0);
	vnet_free(&net);
}

static void what_ended_unsaid_is_not_said(void **state)
{
	struct lab_object grant;
	struct vnet net;

	(void)state;
	two_nodes(&net, 2);
	issue_now(&net);
	assert_int_equal(vnet_announce(&net, 0, "/svc", &grant), DC_VALID);
	revoke(&net, &grant);
	vnet_run(&net, S);
	assert_int_equal(said(&net, 1, "/svc"), 0);
	assert_int_equal(said(&net, 1, "/first"), 1);
	assert_int_equal(vnet_events(&net, 0, "withdrawn"), 1);
	vnet_free(&net);
}

/* ---- a grant that is lost on the way ----------------------------------- */

#define LOST 2

/* Packets that have one of these are lost. */
static bool lose(struct vnet_packet *packet, void *arg)
{
	const struct lab_object *lost = arg;
	int i;

	for (i = 0; i < LOST; i++)
		if (lost[i].len && memmem(packet->bytes, packet->len,
					  lost[i].bytes, lost[i].len))
			return false;
	return true;
}

static bool has_object(struct vnet *net, unsigned int number,
		       const struct lab_object *object)
{
	struct dc_hash key;

	lsdb_key_of_hash(&key, DC_GRANT, &object->hash);
	return lsdb_find(net->node[number].node->db, &key);
}

/* The newer LSA is there, what it names is not; nothing was seen meanwhile. */
static void lose_the_new_one(struct vnet *net, struct lab_object *old,
			     struct lab_object new[LOST])
{
	unsigned int i;

	memset(new, 0, LOST * sizeof(*new));
	net->tap = lose;
	net->tap_arg = new;
	assert_int_equal(vnet_announce(net, 0, "/svc", old), DC_VALID);
	vnet_run(net, S);
	issue_now(net);
	assert_int_equal(vnet_announce(net, 0, "/svc", new), DC_VALID);
	for (i = 0; i < 150; i++) {
		vnet_run(net, S / 1000);
		assert_int_equal(vnet_ways(net, 1, "/svc"), 1);
	}
	assert_false(has_object(net, 1, new));
}

static void an_lsa_before_its_grant_leaves_the_name(void **state)
{
	struct lab_object old, new[LOST];
	unsigned int i;
	struct vnet net;

	(void)state;
	two_nodes(&net, 3);
	lose_the_new_one(&net, &old, new);
	net.tap = NULL;
	for (i = 0; i < 1000; i++) {
		vnet_run(&net, S / 1000);
		assert_int_equal(vnet_ways(&net, 1, "/svc"), 1);
	}
	assert_true(has_object(&net, 1, &new[0]));
	/* It stands by the new one alone now, and falls with it. */
	revoke(&net, &old);
	vnet_run(&net, 20 * S);
	assert_int_equal(vnet_ways(&net, 1, "/svc"), 1);
	revoke(&net, &new[0]);
	vnet_run(&net, 10 * S);
	assert_true(vnet_ways(&net, 1, "/svc") <= 0);
	vnet_free(&net);
}

/* The name is away, until what was lost comes. */
static void gone_until_it_comes(struct vnet *net)
{
	vnet_run(net, S / 10);
	assert_true(vnet_ways(net, 1, "/svc") <= 0);
	net->tap = NULL;
	vnet_run(net, 5 * S);
	assert_int_equal(vnet_ways(net, 1, "/svc"), 1);
}

static void one_renewal_after_another_is_lost(void **state)
{
	struct lab_object old, new[LOST];
	struct vnet net;

	(void)state;
	two_nodes(&net, 4);
	lose_the_new_one(&net, &old, new);
	issue_now(&net);
	assert_int_equal(vnet_announce(&net, 0, "/svc", &new[1]), DC_VALID);
	vnet_run(&net, S / 10);
	assert_int_equal(vnet_ways(&net, 1, "/svc"), 1);
	assert_false(has_object(&net, 1, &new[1]));
	revoke(&net, &old);
	gone_until_it_comes(&net);
	vnet_free(&net);
}

static void what_stands_in_is_revoked(void **state)
{
	struct lab_object old, new[LOST];
	struct vnet net;

	(void)state;
	two_nodes(&net, 5);
	lose_the_new_one(&net, &old, new);
	revoke(&net, &old);
	gone_until_it_comes(&net);
	vnet_free(&net);
}

/* The old one stands in for what may come, not for what was taken back. */
static void what_did_not_come_is_revoked(void **state)
{
	struct lab_object old, new[LOST];
	struct lab_object revocation;
	struct vnet net;

	(void)state;
	two_nodes(&net, 6);
	lose_the_new_one(&net, &old, new);
	lab_revoke(&net.lab, &net.spa, new[0].bytes, new[0].len, &revocation);
	assert_int_equal(dc_node_object(net.node[1].node, revocation.bytes,
					revocation.len, net.now_us), DC_VALID);
	assert_true(vnet_ways(&net, 1, "/svc") <= 0);
	vnet_free(&net);
}

static void withdrawn_while_one_stands_in(void **state)
{
	struct lab_object old, new[LOST];
	struct vnet net;

	(void)state;
	two_nodes(&net, 7);
	lose_the_new_one(&net, &old, new);
	vnet_withdraw(&net, 0, "/svc");
	vnet_run(&net, S / 10);
	assert_true(vnet_ways(&net, 1, "/svc") <= 0);
	assert_int_equal(vnet_ways(&net, 1, "/first"), 1);
	vnet_free(&net);
}

static void what_never_comes_is_no_grant(void **state)
{
	struct lab_object old, new[LOST];
	struct vnet net;

	(void)state;
	two_nodes(&net, 8);
	lose_the_new_one(&net, &old, new);
	vnet_run(&net, 9 * S);
	assert_int_equal(vnet_ways(&net, 1, "/svc"), 1);
	vnet_run(&net, S);
	assert_true(vnet_ways(&net, 1, "/svc") <= 0);
	net.tap = NULL;
	vnet_run(&net, 10 * S);
	assert_int_equal(vnet_ways(&net, 1, "/svc"), 1);
	vnet_free(&net);
}

/* What was a name is a pool's member now, by a grant that does not come. */
static void what_stands_in_allows_no_more(void **state)
{
	struct lab_object old, new[LOST] = { 0 };
	struct dc_prefix member;
	struct vnet net;

	(void)state;
	two_nodes(&net, 9);
	assert_int_equal(vnet_announce(&net, 0, "/p/1", &old), DC_VALID);
	vnet_run(&net, S);
	assert_int_equal(vnet_ways(&net, 1, "/p/1"), 1);
	issue_now(&net);
	net.tap = lose;
	net.tap_arg = new;
	lab_grant(&net.lab, &net.spa, "/p", DC_RIGHT_MEMBER, "", &new[0]);
	member = lab_prefix("/p/1", DC_RIGHT_MEMBER, &new[0]);
	assert_int_equal(dc_node_announce(net.node[0].node, &member,
					  new[0].bytes, new[0].len, net.now_us),
			 DC_VALID);
	vnet_run(&net, S / 10);
	assert_true(vnet_ways(&net, 1, "/p/1") <= 0);
	net.tap = NULL;
	vnet_run(&net, 10 * S);
	assert_int_equal(vnet_ways(&net, 1, "/p/1"), 1);
	vnet_free(&net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_old_grants_end_leaves_the_new_one),
		cmocka_unit_test(what_ended_unsaid_is_not_said),
		cmocka_unit_test(an_lsa_before_its_grant_leaves_the_name),
		cmocka_unit_test(one_renewal_after_another_is_lost),
		cmocka_unit_test(what_stands_in_is_revoked),
		cmocka_unit_test(what_did_not_come_is_revoked),
		cmocka_unit_test(withdrawn_while_one_stands_in),
		cmocka_unit_test(what_never_comes_is_no_grant),
		cmocka_unit_test(what_stands_in_allows_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
