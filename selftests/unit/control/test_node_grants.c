// SPDX-License-Identifier: GPL-2.0
/*
 * A grant ends while another of the same name is waiting to be said: a shard is
 * issued at most each 10 ms, so what is announced and what was said differ.
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_old_grants_end_leaves_the_new_one),
		cmocka_unit_test(what_ended_unsaid_is_not_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
