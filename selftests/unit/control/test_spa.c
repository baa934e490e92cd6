// SPDX-License-Identifier: GPL-2.0
/* An SPA's decisions: what is granted, given by hand, kept, ended, signed. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "spa_world.h"

/* The grant in the answer, as @gateway's own trust sees it. */
static void believe(struct spa_world *world, struct dc_grant *grant,
		    struct dc_object *object)
{
	const struct dc_identity *others[] = { &world->spa_id };
	struct dc_trust *trust = lab_trust(&world->lab, &world->sg1, others, 1);

	assert_int_equal(dc_trust_check(trust, world->answer.grant,
					world->answer.grant_len, object, 0),
			 DC_VALID);
	assert_int_equal(dc_grant_read(grant, object), 0);
	dc_trust_free(trust);
}

static void pod_is_granted(void **state)
{
	struct spa_world *world = *state;
	struct dc_c3_request request;
	struct dc_object object;
	struct dc_grant grant;

	spa_for_pod(world, &request, "/pod/sg1/web", "/shop/cart/3", DC_RIGHT_NAME);
	assert_int_equal(spa_ask(world, &request), DC_C3_GRANTED);
	believe(world, &grant, &object);
	assert_true(damc_name_equal(&object.subject, &request.name));
	assert_int_equal(grant.rights, DC_RIGHT_NAME);
	assert_int_equal(grant.number, 1);
	assert_false(grant.has_key);
	assert_true(damc_name_equal(&grant.pod, &request.subject.pod));
	assert_int_equal(grant.n_gateways, 1);
	assert_true(dc_node_id_equal(&grant.gateway[0], &request.gateway));
	assert_int_equal(object.not_after,
			 LAB_TIME_MS + DC_SPA_LIFETIME_S * 1000ull);
	assert_int_equal(world->kept, 1);
	assert_string_equal(world->last.holding.label, "cart");
	assert_false(dc_c3_nonce_is_zero(&world->answer.next));
}

/* The answer brings the nonce of the next request. */
static void answer_brings_a_nonce(void **state)
{
	struct spa_world *world = *state;
	struct dc_c3_request request;

	spa_for_pod(world, &request, "/pod/sg1/web", "/shop/cart/3", DC_RIGHT_NAME);
	assert_int_equal(spa_ask(world, &request), DC_C3_GRANTED);
	request.nonce = world->answer.next;
	assert_int_equal(spa_ask(world, &request), DC_C3_GRANTED);
}

static void key_is_granted_anywhere(void **state)
{
	struct spa_world *world = *state;
	struct dc_c3_request request;
	struct dc_object object;
	struct dc_grant grant;

	spa_for_key(world, &request, "/shop/k/1");
	assert_int_equal(spa_ask(world, &request), DC_C3_GRANTED);
	believe(world, &grant, &object);
	assert_true(grant.has_key);
	assert_memory_equal(grant.key, world->key.key, DC_KEY_BYTES);
	assert_int_equal(grant.n_gateways, 0);
	spa_for_key(world, &request, "/shop/k/2");
	request.n_to = 1;
	c3_node(&request.to[0], "sg2");
	assert_int_equal(spa_ask(world, &request), DC_C3_GRANTED);
	believe(world, &grant, &object);
	assert_int_equal(grant.n_gateways, 1);
	assert_true(dc_node_id_equal(&grant.gateway[0], &request.to[0]));
}

static void bound(struct spa_world *world, struct dc_c3_request *request,
		  const char *name, enum dc_right right, const char *gateway,
		  uint32_t epoch)
{
	struct lab_holder holder;

	memcpy(holder.key, world->key.key, sizeof(holder.key));
	memcpy(holder.secret, world->key.secret, sizeof(holder.secret));
	memset(&request->subject, 0, sizeof(request->subject));
	c3_binding(&request->subject, &holder, name, right, gateway, epoch);
	spa_fresh_nonce(world, "sg1", &request->nonce);
}

static void key_proven_to_the_gateway(void **state)
{
	struct spa_world *world = *state;
	struct dc_c3_request request;

	spa_basic(world, &request, &world->sg1, "sg1", "/shop/k/1", DC_RIGHT_NAME);
	bound(world, &request, "/shop/k/1", DC_RIGHT_NAME, "sg1", 0);
	assert_int_equal(spa_ask(world, &request), DC_C3_GRANTED);
	/* Where a rule wants it fresh, the SPA's own nonce counts. */
	world->rule[2].fresh = true;
	spa_fresh_nonce(world, "sg1", &request.nonce);
	assert_int_equal(spa_ask(world, &request), DC_C3_NO_POLICY);
	spa_for_key(world, &request, "/shop/k/1");
	assert_int_equal(spa_ask(world, &request), DC_C3_GRANTED);
}

static void bound_elsewhere_or_otherwise(void **state)
{
	struct spa_world *world = *state;
	struct dc_c3_request request;

	spa_basic(world, &request, &world->sg1, "sg1", "/shop/k/1", DC_RIGHT_NAME);
	bound(world, &request, "/shop/k/1", DC_RIGHT_NAME, "sg2", 0);
	assert_int_equal(spa_ask(world, &request), DC_C3_PROOF);
	bound(world, &request, "/shop/k/2", DC_RIGHT_NAME, "sg1", 0);
	assert_int_equal(spa_ask(world, &request), DC_C3_PROOF);
	bound(world, &request, "/shop/k/1/2", DC_RIGHT_MEMBER, "sg1", 0);
	assert_int_equal(spa_ask(world, &request), DC_C3_PROOF);
	/* What is below a name is its holder's, too. */
	bound(world, &request, "/shop/k/1/2", DC_RIGHT_NAME, "sg1", 0);
	assert_int_equal(spa_ask(world, &request), DC_C3_GRANTED);
	bound(world, &request, "/shop/k/1", DC_RIGHT_NAME, "sg1", 0);
	request.subject.binding[request.subject.binding_len - 1] ^= 1;
	assert_int_equal(spa_ask(world, &request), DC_C3_PROOF);
	world->now += 3601 * SECOND;
	bound(world, &request, "/shop/k/1", DC_RIGHT_NAME, "sg1", 0);
	assert_int_equal(spa_ask(world, &request), DC_C3_PROOF);
	bound(world, &request, "/shop/k/1", DC_RIGHT_NAME, "sg1", 3600);
	assert_int_equal(spa_ask(world, &request), DC_C3_GRANTED);
}

static void members_are_many(void **state)
{
	struct spa_world *world = *state;
	struct dc_c3_request request;

	spa_for_pod(world, &request, "/pod/sg1/x", "/b", DC_RIGHT_MEMBER);
	assert_int_equal(spa_ask(world, &request), DC_C3_GRANTED);
	spa_for_pod(world, &request, "/pod/sg1/y", "/b", DC_RIGHT_MEMBER);
	assert_int_equal(spa_ask(world, &request), DC_C3_GRANTED);
	/* A name is a pool or a name. */
	world->rule[1].rights = DC_RIGHT_NAME;
	spa_for_pod(world, &request, "/pod/sg1/x", "/b", DC_RIGHT_NAME);
	assert_int_equal(spa_ask(world, &request), DC_C3_TAKEN);
}

static void shorter_if_asked(void **state)
{
	struct spa_world *world = *state;
	struct dc_c3_request request;
	struct dc_object object;
	struct dc_grant grant;

	spa_for_pod(world, &request, "/pod/sg1/web", "/shop/cart/3", DC_RIGHT_NAME);
	request.lifetime = 600;
	assert_int_equal(spa_ask(world, &request), DC_C3_GRANTED);
	believe(world, &grant, &object);
	assert_int_equal(object.not_after, LAB_TIME_MS + 600000);
	request.nonce = world->answer.next;
	request.lifetime = 10 * DC_SPA_LIFETIME_S;
	assert_int_equal(spa_ask(world, &request), DC_C3_GRANTED);
	believe(world, &grant, &object);
	assert_int_equal(object.not_after,
			 LAB_TIME_MS + DC_SPA_LIFETIME_S * 1000ull);
}

/* ---- by hand, and afterwards ------------------------------------------- */

static void given_by_hand(void **state)
{
	struct spa_world *world = *state;
	struct dc_spa_decision decision;
	struct dc_spa_wish wish = {
		.grant.rights = DC_RIGHT_NAME, .grant.has_key = true
	};
	uint8_t object[DC_OBJECT_MAX];

	c3_name(&wish.name, "/shop/by/hand");
	memcpy(wish.grant.key, world->key.key, DC_KEY_BYTES);
	assert_true(dc_spa_give(world->spa, &wish, &decision, object,
				world->now) > 0);
	memcpy(wish.grant.key, world->other_key.key, DC_KEY_BYTES);
	assert_int_equal(dc_spa_give(world->spa, &wish, &decision, object,
				     world->now), 0);
	assert_int_equal(decision.code, DC_C3_TAKEN);
	c3_name(&wish.name, "/damc/x");
	assert_int_equal(dc_spa_give(world->spa, &wish, &decision, object,
				     world->now), 0);
	assert_int_equal(decision.code, DC_C3_RESERVED);
	c3_name(&wish.name, "/b");
	wish.grant.rights = DC_RIGHT_NAME | DC_RIGHT_MEMBER;
	assert_int_equal(dc_spa_give(world->spa, &wish, &decision, object,
				     world->now), 0);
	assert_int_equal(decision.code, DC_C3_MALFORMED);
}

/* It is not to be had again by asking, by others it is. */
static void revoked_grant(void **state)
{
	struct spa_world *world = *state;
	struct dc_revocation what = { .number = 7 };
	struct dc_c3_request request;
	uint8_t bytes[DC_OBJECT_MAX];
	struct dc_object object;
	int len;

	spa_rule_pod(&world->rule[0], "/pod/**");
	spa_for_pod(world, &request, "/pod/sg1/web", "/shop/cart/3", DC_RIGHT_NAME);
	assert_int_equal(spa_ask(world, &request), DC_C3_GRANTED);
	dc_hash_bytes(&what.target, world->answer.grant,
		      world->answer.grant_len);
	what.until = world->last.holding.until;
	len = dc_spa_revocation(world->spa, &what, &request.name, bytes,
				world->now);
	assert_true(len > 0);
	assert_int_equal(dc_trust_check(dc_spa_trust(world->spa), bytes, len,
					&object, world->now), DC_VALID);
	dc_spa_revoked(world->spa, 1);
	request.nonce = world->answer.next;
	assert_int_equal(spa_ask(world, &request), DC_C3_REVOKED);
	spa_for_pod(world, &request, "/pod/sg1/b", "/shop/cart/3", DC_RIGHT_NAME);
	assert_int_equal(spa_ask(world, &request), DC_C3_GRANTED);
	/* What has ended need not be revoked. */
	world->now += (DC_SPA_LIFETIME_S + 1) * SECOND;
	assert_int_equal(dc_spa_revocation(world->spa, &what, &request.name,
					   bytes, world->now), -ESTALE);
	spa_for_pod(world, &request, "/pod/sg1/web", "/shop/cart/9", DC_RIGHT_NAME);
	assert_int_equal(spa_ask(world, &request), DC_C3_GRANTED);
}

/* A restart knows what is held, by what it is given of the store. */
static void restored(void **state)
{
	struct spa_world *world = *state;
	struct dc_spa_holding held;
	struct dc_c3_request request;

	spa_rule_pod(&world->rule[0], "/pod/**");
	spa_for_pod(world, &request, "/pod/sg1/a", "/shop/cart/3", DC_RIGHT_NAME);
	assert_int_equal(spa_ask(world, &request), DC_C3_GRANTED);
	held = world->last.holding;
	dc_spa_free(world->spa);
	spa_start(world);
	assert_int_equal(dc_spa_restore(world->spa, &held), 0);
	spa_for_pod(world, &request, "/pod/sg1/b", "/shop/cart/3", DC_RIGHT_NAME);
	assert_int_equal(spa_ask(world, &request), DC_C3_TAKEN);
}

/* Time goes by the beacon, for the SPA as for all others. */
static void beacon_is_believed(void **state)
{
	struct spa_world *world = *state;
	const struct dc_identity *others[] = { &world->spa_id };
	struct dc_trust *trust = lab_trust(&world->lab, &world->sg1, others, 1);
	struct dc_hash digest = { 0 };
	uint8_t bytes[DC_OBJECT_MAX];
	struct dc_object object;
	struct dc_beacon beacon;
	int len;

	world->now = 5 * SECOND;
	len = dc_spa_beacon(world->spa, 0, &digest, bytes, world->now);
	assert_true(len > 0);
	assert_int_equal(dc_trust_check(trust, bytes, len, &object, world->now),
			 DC_VALID);
	assert_int_equal(dc_beacon_read(&beacon, &object), 0);
	assert_int_equal(beacon.time, LAB_TIME_MS + 5000);
	assert_int_equal(dc_trust_beacon_age(trust, world->now), 0);
	dc_trust_free(trust);
}

static void call_rule_is_believed(void **state)
{
	struct spa_world *world = *state;
	const struct dc_identity *others[] = { &world->spa_id };
	struct dc_trust *trust = lab_trust(&world->lab, &world->sg1, others, 1);
	struct dc_spa_call call = { .rule.n = 2 };
	uint8_t bytes[DC_OBJECT_MAX];
	struct dc_object object;
	int len;

	c3_name(&call.callee, "/shop/cart");
	c3_name(&call.rule.caller[0], "/pod/sg1");
	c3_name(&call.rule.caller[1], "/shop/web");
	len = dc_spa_call_rule(world->spa, &call, 1, bytes, world->now);
	assert_true(len > 0);
	assert_int_equal(dc_trust_check(trust, bytes, len, &object, world->now),
			 DC_VALID);
	assert_int_equal(object.body[0], 2);
	dc_trust_free(trust);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SPA_TEST(pod_is_granted),
		SPA_TEST(answer_brings_a_nonce),
		SPA_TEST(key_is_granted_anywhere),
		SPA_TEST(key_proven_to_the_gateway),
		SPA_TEST(bound_elsewhere_or_otherwise),
		SPA_TEST(members_are_many),
		SPA_TEST(shorter_if_asked),
		SPA_TEST(given_by_hand),
		SPA_TEST(revoked_grant),
		SPA_TEST(restored),
		SPA_TEST(beacon_is_believed),
		SPA_TEST(call_rule_is_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
