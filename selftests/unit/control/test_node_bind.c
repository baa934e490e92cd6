// SPDX-License-Identifier: GPL-2.0
/*
 * Portable names in a fabric: where one is bound it is reached, whoever else
 * announces it; after a partition the higher epoch wins; a joiner learns of it in
 * whatever order things come.
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
#define MANY 400

struct fabric {
	struct vnet net;
	struct lab_holder holder;
	struct lab_object grant;
};

static struct fabric fabric;

/* n1 - n2 - n3 - n4, and a grant that n1, n2 and n4 may use. */
static void begin(uint64_t seed, uint8_t rights)
{
	struct vnet *net = &fabric.net;
	char id[8];
	int i;

	vnet_init(net, seed);
	for (i = 0; i < 4; i++) {
		snprintf(id, sizeof(id), "n%d", i + 1);
		vnet_add(net, id);
		if (i)
			vnet_join(net, i - 1, i);
	}
	assert_true(vnet_until(net, vnet_in_step, 20 * S));
	vnet_run(net, S);
	lab_keypair(&net->lab, fabric.holder.key, fabric.holder.secret);
	lab_grant_key(&net->lab, &net->spa, "/svc", rights, "n1 n2 n4",
		      &fabric.holder, &fabric.grant);
}

static enum dc_verdict give(unsigned int number,
			    const struct lab_object *object)
{
	struct vnet *net = &fabric.net;

	return dc_node_object(net->node[number].node, object->bytes,
			      object->len, net->now_us);
}

static enum dc_verdict bind_at(unsigned int number, const char *name,
			       uint32_t epoch)
{
	struct lab_object binding;
	char id[8];

	snprintf(id, sizeof(id), "n%u", number + 1);
	lab_bind(&fabric.net.lab, &fabric.holder, name, DC_RIGHT_NAME, id,
		 epoch, false, &binding);
	return give(number, &binding);
}

static enum dc_verdict announce(unsigned int number, const char *name,
				uint32_t epoch)
{
	struct dc_prefix prefix = lab_prefix(name, DC_RIGHT_NAME,
					     &fabric.grant);
	struct vnet *net = &fabric.net;

	prefix.epoch = lab_epoch(epoch);
	return dc_node_announce(net->node[number].node, &prefix,
				fabric.grant.bytes, fabric.grant.len,
				net->now_us);
}

static void serve(unsigned int number, const char *name, uint32_t epoch)
{
	give(number, &fabric.grant);
	assert_int_equal(bind_at(number, name, epoch), DC_VALID);
	assert_int_equal(announce(number, name, epoch), DC_VALID);
}

/* Which node n3 has the name from; 0: none. */
static unsigned int origin(unsigned int at, const char *text)
{
	const struct dc_rib *rib = dc_node_rib(fabric.net.node[at].node);
	struct damc_name name = lab_name(text);
	struct dc_rib_entry entry;
	uint32_t i;

	if (dc_rib_explain(rib, &name, &entry) ||
	    !damc_name_equal(&entry.name, &name))
		return 0;
	for (i = 0; i < entry.n_candidates; i++)
		if (entry.candidate[i].used)
			return entry.candidate[i].node.byte[1] - '0';
	return entry.local ? at + 1 : 0;
}

static void cut(bool off)
{
	fabric.net.link[1].deaf[1][2] = off;
	fabric.net.link[1].deaf[2][1] = off;
}

static void only_where_it_is_bound(void **state)
{
	(void)state;
	begin(1, DC_RIGHT_NAME);
	give(0, &fabric.grant);
	assert_int_equal(announce(0, "/svc", 5), DC_UNKNOWN);
	serve(0, "/svc", 5);
	vnet_run(&fabric.net, S);
	assert_int_equal(origin(2, "/svc"), 1);
	assert_int_equal(announce(1, "/svc", 9), DC_NOT_ALLOWED);
	vnet_run(&fabric.net, S);
	assert_int_equal(origin(2, "/svc"), 1);
	vnet_free(&fabric.net);
}

/* The new place counts from the moment it is heard of; the old one says no more. */
static void a_moved_one_is_where_it_went(void **state)
{
	(void)state;
	begin(2, DC_RIGHT_NAME);
	serve(0, "/svc", 5);
	vnet_run(&fabric.net, S);
	serve(3, "/svc", 6);
	vnet_run(&fabric.net, S);
	assert_int_equal(origin(1, "/svc"), 4);
	assert_int_equal(origin(2, "/svc"), 4);
	assert_int_equal(vnet_events(&fabric.net, 0, "withdrawn"), 1);
	/* It cannot say it anew. */
	assert_int_equal(announce(0, "/svc", 5), DC_NOT_ALLOWED);
	vnet_run(&fabric.net, 10 * S);
	assert_int_equal(vnet_ways(&fabric.net, 0, "/svc"), 1);
	assert_true(vnet_in_step(&fabric.net));
	vnet_free(&fabric.net);
}

static void after_a_partition_the_higher_epoch_wins(void **state)
{
	(void)state;
	begin(3, DC_RIGHT_NAME);
	serve(0, "/svc", 5);
	vnet_run(&fabric.net, S);
	cut(true);
	vnet_run(&fabric.net, 200 * S);
	/* Both sides have it, each where it was told of last. */
	serve(3, "/svc", 6);
	vnet_run(&fabric.net, 5 * S);
	assert_int_equal(origin(1, "/svc"), 1);
	assert_int_equal(origin(2, "/svc"), 4);
	cut(false);
	assert_true(vnet_until(&fabric.net, vnet_in_step, 60 * S));
	vnet_run(&fabric.net, 10 * S);
	assert_int_equal(origin(0, "/svc"), 4);
	assert_int_equal(origin(1, "/svc"), 4);
	assert_int_equal(origin(2, "/svc"), 4);
	assert_int_equal(vnet_events(&fabric.net, 0, "withdrawn"), 1);
	assert_int_equal(vnet_events(&fabric.net, 3, "withdrawn"), 0);
	assert_true(vnet_in_step(&fabric.net));
	vnet_free(&fabric.net);
}

static void an_ended_grant_takes_its_bindings_along(void **state)
{
	struct lab_object revocation;
	struct vnet *net = &fabric.net;
	unsigned int i;

	(void)state;
	begin(4, DC_RIGHT_NAME);
	serve(0, "/svc", 5);
	vnet_run(net, S);
	for (i = 0; i < 4; i++)
		assert_int_equal(vnet_objects(net, i, DC_BINDING), 1);
	lab_revoke(&net->lab, &net->spa, fabric.grant.bytes, fabric.grant.len,
		   &revocation);
	assert_int_equal(give(3, &revocation), DC_VALID);
	vnet_run(net, 10 * S);
	for (i = 0; i < 4; i++) {
		assert_int_equal(vnet_objects(net, i, DC_BINDING), 0);
		assert_int_equal(origin(i, "/svc"), 0);
	}
	assert_true(vnet_in_step(net));
	vnet_free(net);
}

static void what_lapses_is_reached_no_more(void **state)
{
	struct vnet *net = &fabric.net;

	(void)state;
	begin(5, DC_RIGHT_NAME);
	serve(0, "/svc", 5);
	vnet_run(net, 3000 * S);
	assert_int_equal(origin(2, "/svc"), 1);
	vnet_run(net, 700 * S);
	assert_int_equal(vnet_objects(net, 2, DC_BINDING), 0);
	assert_int_equal(origin(2, "/svc"), 0);
	assert_int_equal(vnet_events(net, 0, "withdrawn"), 1);
	vnet_free(net);
}

/* Bindings come last, so that none waits for its grant in vain. */
static void a_joiner_learns_all(void **state)
{
	struct vnet *net = &fabric.net;
	unsigned int i, joiner;
	char name[32];

	(void)state;
	begin(6, DC_RIGHT_TREE);
	for (i = 0; i < MANY; i++) {
		struct lab_object grant;

		snprintf(name, sizeof(name), "/many/%u", i);
		lab_grant_key(&net->lab, &net->spa, name, DC_RIGHT_NAME, "",
			      &fabric.holder, &grant);
		assert_int_equal(give(0, &grant), DC_VALID);
		assert_int_equal(bind_at(0, name, 5), DC_VALID);
	}
	vnet_run(net, 5 * S);
	net->loss = 500;
	joiner = vnet_add(net, "n5");
	vnet_join(net, 3, joiner);
	assert_true(vnet_until(net, vnet_in_step, 30 * S));
	assert_int_equal(vnet_objects(net, joiner, DC_BINDING), MANY);
	vnet_free(net);
}

/* What is forged, stale or cut short is counted and changes nothing. */
static void what_is_no_binding_changes_nothing(void **state)
{
	struct lab_object good, old, bad;
	struct dc_node_counts before, after;
	struct vnet *net = &fabric.net;

	(void)state;
	begin(7, DC_RIGHT_NAME);
	serve(0, "/svc", 5);
	vnet_run(net, S);
	before = vnet_counts(net, 2);
	lab_bind(&net->lab, &fabric.holder, "/svc", DC_RIGHT_NAME, "n2", 9,
		 false, &good);
	lab_bind(&net->lab, &fabric.holder, "/svc", DC_RIGHT_NAME, "n2", 4,
		 false, &old);
	bad = good;
	bad.bytes[bad.len - 1] ^= 1;
	assert_int_equal(give(2, &bad), DC_FORGED);
	bad = good;
	bad.len--;
	assert_int_equal(give(2, &bad), DC_MALFORMED);
	assert_int_equal(give(2, &old), DC_VALID);
	after = vnet_counts(net, 2);
	assert_int_equal(after.forged, before.forged + 1);
	assert_int_equal(after.malformed, before.malformed + 1);
	assert_int_equal(after.older, before.older + 1);
	assert_int_equal(after.installed, before.installed);
	vnet_run(net, S);
	assert_int_equal(origin(2, "/svc"), 1);
	vnet_free(net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_where_it_is_bound),
		cmocka_unit_test(a_moved_one_is_where_it_went),
		cmocka_unit_test(after_a_partition_the_higher_epoch_wins),
		cmocka_unit_test(an_ended_grant_takes_its_bindings_along),
		cmocka_unit_test(what_lapses_is_reached_no_more),
		cmocka_unit_test(a_joiner_learns_all),
		cmocka_unit_test(what_is_no_binding_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
