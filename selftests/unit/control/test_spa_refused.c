// SPDX-License-Identifier: GPL-2.0
/* An SPA's decisions: each refusal, and what it leaves behind. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "spa_world.h"

static void replayed_nonce(void **state)
{
	struct spa_world *world = *state;
	struct dc_c3_request request;

	spa_for_pod(world, &request, "/pod/sg1/web", "/shop/cart/3", DC_RIGHT_NAME);
	assert_int_equal(spa_ask(world, &request), DC_C3_GRANTED);
	assert_int_equal(spa_ask(world, &request), DC_C3_NONCE);
	assert_int_equal(world->kept, 1);
}

static void old_nonce(void **state)
{
	struct spa_world *world = *state;
	struct dc_c3_request request;

	spa_for_pod(world, &request, "/pod/sg1/web", "/shop/cart/3", DC_RIGHT_NAME);
	world->now += 61 * SECOND;
	assert_int_equal(spa_ask(world, &request), DC_C3_NONCE);
	/* Of a run before this one. */
	spa_for_pod(world, &request, "/pod/sg1/web", "/shop/cart/3", DC_RIGHT_NAME);
	request.nonce.byte[31] ^= 1;
	assert_int_equal(spa_ask(world, &request), DC_C3_NONCE);
	assert_int_equal(world->kept, 0);
}

/* Whoever reads a request on its way can use no part of it. */
static void stolen_proof(void **state)
{
	struct spa_world *world = *state;
	struct dc_c3_request request, stolen;

	/* By another gateway, which has a nonce of its own ... */
	spa_for_key(world, &request, "/shop/k/1");
	spa_basic(world, &stolen, &world->sg2, "sg2", "/shop/k/1", DC_RIGHT_NAME);
	stolen.subject = request.subject;
	assert_int_equal(spa_ask_as(world, &stolen, &world->sg2), DC_C3_PROOF);
	/* ... or takes that, too. */
	stolen.nonce = request.nonce;
	assert_int_equal(spa_ask_as(world, &stolen, &world->sg2), DC_C3_NONCE);
	/* For another name, right or key; over another nonce. */
	spa_for_key(world, &request, "/shop/k/1");
	c3_name(&request.name, "/shop/k/2");
	assert_int_equal(spa_ask(world, &request), DC_C3_PROOF);
	spa_for_key(world, &request, "/shop/k/1");
	request.right = DC_RIGHT_NAME | DC_RIGHT_TREE;
	assert_int_equal(spa_ask(world, &request), DC_C3_PROOF);
	spa_for_key(world, &request, "/shop/k/1");
	memcpy(request.subject.key, world->other_key.key, DC_KEY_BYTES);
	assert_int_equal(spa_ask(world, &request), DC_C3_PROOF);
	spa_for_key(world, &request, "/shop/k/1");
	spa_fresh_nonce(world, "sg1", &request.nonce);
	assert_int_equal(spa_ask(world, &request), DC_C3_PROOF);
	assert_int_equal(world->kept, 0);
}

static void wrong_gateway(void **state)
{
	struct spa_world *world = *state;
	struct dc_c3_request request;
	struct dc_identity stranger = { 0 };
	struct lab other;

	/* Signed by another than the certificate's. */
	spa_for_pod(world, &request, "/pod/sg1/web", "/shop/cart/3", DC_RIGHT_NAME);
	assert_int_equal(spa_ask_as(world, &request, &world->sg2), DC_C3_GATEWAY);
	assert_true(dc_c3_nonce_is_zero(&world->answer.next));
	/* That burnt no nonce of the one it says it is. */
	assert_int_equal(spa_ask(world, &request), DC_C3_GRANTED);
	/* With another's certificate. */
	spa_for_pod(world, &request, "/pod/sg1/web", "/shop/cart/3", DC_RIGHT_NAME);
	request.cert = world->sg2.cert;
	request.cert_len = world->sg2.cert_len;
	assert_int_equal(spa_ask(world, &request), DC_C3_GATEWAY);
	/* Of a router that is no gateway. */
	spa_basic(world, &request, &world->router, "sr1", "/shop/cart/3",
		  DC_RIGHT_NAME);
	c3_name(&request.subject.pod, "/pod/sr1/web");
	assert_int_equal(spa_ask_as(world, &request, &world->router),
			 DC_C3_GATEWAY);
	/* Of another domain's anchor, and for another domain. */
	lab_init(&other, &dc_ed25519, 99);
	lab_enrol(&other, &stranger, "sg1", DC_ROLE_SG, "");
	spa_basic(world, &request, &stranger, "sg1", "/shop/cart/3",
		  DC_RIGHT_NAME);
	assert_int_equal(spa_ask_as(world, &request, &stranger), DC_C3_GATEWAY);
	spa_for_pod(world, &request, "/pod/sg1/web", "/shop/cart/3", DC_RIGHT_NAME);
	request.domain++;
	assert_int_equal(spa_ask(world, &request), DC_C3_GATEWAY);
}

static void revoked_gateway(void **state)
{
	struct spa_world *world = *state;
	struct dc_c3_request request;
	struct lab_object revocation;
	struct dc_object object;
	struct dc_identity root = { 0 };

	lab_enrol(&world->lab, &root, "spa9", DC_ROLE_SPA, "/");
	dc_trust_check(dc_spa_trust(world->spa), root.cert, root.cert_len,
		       &object, world->now);
	lab_revoke(&world->lab, &root, world->sg1.cert, world->sg1.cert_len,
		   &revocation);
	spa_for_pod(world, &request, "/pod/sg1/web", "/shop/cart/3", DC_RIGHT_NAME);
	assert_int_equal(dc_trust_check(dc_spa_trust(world->spa),
					revocation.bytes, revocation.len,
					&object, world->now), DC_VALID);
	assert_int_equal(spa_ask(world, &request), DC_C3_GATEWAY);
}

static void anothers_pod(void **state)
{
	static const char * const pods[] = {
		"/pod/sg2/web", "/pod/sg1", "/pod/sg1/web/x", "/shop", "/"
	};
	struct spa_world *world = *state;
	struct dc_c3_request request;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(pods); i++) {
		spa_for_pod(world, &request, pods[i], "/shop/cart/3",
			    DC_RIGHT_NAME);
		assert_int_equal(spa_ask(world, &request), DC_C3_PROOF);
	}
	spa_for_pod(world, &request, "/pod/sg1/web", "/shop/cart/3", DC_RIGHT_NAME);
	request.n_to = 1;
	c3_node(&request.to[0], "sg2");
	assert_int_equal(spa_ask(world, &request), DC_C3_PROOF);
}

static void reserved_names(void **state)
{
	static const char * const names[] = {
		"/", "/damc", "/damc/spa/x", "/localhost", "/localhost/a",
		"/localhop/a", "/pod", "/pod/sg1/web"
	};
	struct spa_world *world = *state;
	struct dc_c3_request request;
	size_t i;

	/* Whatever the policy and the certificate say. */
	lab_enrol(&world->lab, &world->spa_id, "spa1", DC_ROLE_SPA, "/");
	dc_spa_free(world->spa);
	spa_start(world);
	world->policy.observe = true;
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		spa_for_pod(world, &request, "/pod/sg1/web", names[i],
			    DC_RIGHT_TREE);
		assert_int_equal(spa_ask(world, &request), DC_C3_RESERVED);
	}
	assert_int_equal(world->kept, 0);
}

static void another_subtree(void **state)
{
	struct spa_world *world = *state;
	struct dc_c3_request request;

	spa_for_pod(world, &request, "/pod/sg1/web", "/shops", DC_RIGHT_NAME);
	assert_int_equal(spa_ask(world, &request), DC_C3_SUBTREE);
}

static void no_policy(void **state)
{
	struct spa_world *world = *state;
	struct dc_c3_request request;

	/* Another name, right, pod; an attribute that is missing. */
	spa_for_pod(world, &request, "/pod/sg1/web", "/shop/cart", DC_RIGHT_NAME);
	assert_int_equal(spa_ask(world, &request), DC_C3_NO_POLICY);
	assert_true(world->answer.words_len > 0);
	spa_for_pod(world, &request, "/pod/sg1/web", "/shop/cart/3", DC_RIGHT_TREE);
	assert_int_equal(spa_ask(world, &request), DC_C3_NO_POLICY);
	spa_for_pod(world, &request, "/pod/sg1/db", "/shop/cart/3", DC_RIGHT_NAME);
	assert_int_equal(spa_ask(world, &request), DC_C3_NO_POLICY);
	world->rule[0].n_facts = 1;
	world->rule[0].fact[0].len = 8;
	memcpy(world->rule[0].fact[0].text, "uid=1000", 8);
	spa_for_pod(world, &request, "/pod/sg1/web", "/shop/cart/3", DC_RIGHT_NAME);
	c3_fact(&request.subject, "uid=10000");
	assert_int_equal(spa_ask(world, &request), DC_C3_NO_POLICY);
	request.nonce = world->answer.next;
	c3_fact(&request.subject, "uid=1000");
	assert_int_equal(spa_ask(world, &request), DC_C3_GRANTED);
	/* A gateway that the rule does not name. */
	world->rule[0].n_at = 1;
	c3_node(&world->rule[0].at[0], "sg2");
	request.nonce = world->answer.next;
	assert_int_equal(spa_ask(world, &request), DC_C3_NO_POLICY);
}

static void name_is_taken(void **state)
{
	struct spa_world *world = *state;
	struct dc_c3_request request;

	spa_rule_pod(&world->rule[0], "/pod/**");
	spa_for_pod(world, &request, "/pod/sg1/a", "/shop/cart/3", DC_RIGHT_NAME);
	assert_int_equal(spa_ask(world, &request), DC_C3_GRANTED);
	spa_for_pod(world, &request, "/pod/sg1/b", "/shop/cart/3", DC_RIGHT_NAME);
	assert_int_equal(spa_ask(world, &request), DC_C3_TAKEN);
	/* So is what is below it ... */
	spa_for_pod(world, &request, "/pod/sg1/b", "/shop/cart/3/x", DC_RIGHT_NAME);
	assert_int_equal(spa_ask(world, &request), DC_C3_TAKEN);
	/* ... but not beside it, nor to its holder, nor after its end. */
	spa_for_pod(world, &request, "/pod/sg1/b", "/shop/cart/4", DC_RIGHT_NAME);
	assert_int_equal(spa_ask(world, &request), DC_C3_GRANTED);
	spa_for_pod(world, &request, "/pod/sg1/a", "/shop/cart/3/x", DC_RIGHT_NAME);
	assert_int_equal(spa_ask(world, &request), DC_C3_GRANTED);
	world->now += (DC_SPA_LIFETIME_S + 1) * SECOND;
	spa_for_pod(world, &request, "/pod/sg1/b", "/shop/cart/3", DC_RIGHT_NAME);
	assert_int_equal(spa_ask(world, &request), DC_C3_GRANTED);
}

static void over_a_cap(void **state)
{
	struct spa_world *world = *state;
	struct dc_c3_request request;
	struct dc_spa_counts counts;

	world->rule[0].max_each = 1;
	world->rule[1].max = 2;
	spa_for_pod(world, &request, "/pod/sg1/web", "/shop/cart/3", DC_RIGHT_NAME);
	assert_int_equal(spa_ask(world, &request), DC_C3_GRANTED);
	/* To renew it is no second one. */
	request.nonce = world->answer.next;
	assert_int_equal(spa_ask(world, &request), DC_C3_GRANTED);
	spa_for_pod(world, &request, "/pod/sg1/web", "/shop/cart/4", DC_RIGHT_NAME);
	assert_int_equal(spa_ask(world, &request), DC_C3_CAP);
	spa_for_pod(world, &request, "/pod/sg1/x", "/b", DC_RIGHT_MEMBER);
	assert_int_equal(spa_ask(world, &request), DC_C3_GRANTED);
	spa_for_pod(world, &request, "/pod/sg1/y", "/b", DC_RIGHT_MEMBER);
	assert_int_equal(spa_ask(world, &request), DC_C3_GRANTED);
	spa_for_pod(world, &request, "/pod/sg1/z", "/b", DC_RIGHT_MEMBER);
	assert_int_equal(spa_ask(world, &request), DC_C3_CAP);
	world->rule[1].max = 0;
	world->policy.max = 3;
	request.nonce = world->answer.next;
	assert_int_equal(spa_ask(world, &request), DC_C3_CAP);
	dc_spa_counts(world->spa, &counts);
	assert_int_equal(counts.live, 3);
	assert_int_equal(counts.code[DC_C3_CAP], 3);
}

/* As many as there may be: neither a hand nor a policy that observes stores one more. */
static void as_many_as_there_may_be(void **state)
{
	struct spa_world *world = *state;
	struct dc_spa_holding holding = {
		.rights = DC_RIGHT_MEMBER, .until = UINT64_MAX
	};
	struct dc_spa_wish wish = {
		.grant.rights = DC_RIGHT_NAME, .grant.has_key = true
	};
	struct dc_spa_decision decision;
	struct dc_c3_request request;
	uint8_t object[DC_OBJECT_MAX];

	c3_name(&holding.name, "/shop/many");
	/* Each of another name: "many" is four bytes. */
	for (; holding.number < DC_SPA_LIVE_MAX; holding.number++) {
		memcpy(holding.name.wire + 6, &holding.number, 4);
		assert_int_equal(dc_spa_restore(world->spa, &holding), 0);
	}
	world->policy.observe = true;
	spa_for_pod(world, &request, "/pod/sg1/web", "/shop/cart/3", DC_RIGHT_NAME);
	assert_int_equal(spa_ask(world, &request), DC_C3_CAP);
	c3_name(&wish.name, "/shop/by/hand");
	assert_int_equal(dc_spa_give(world->spa, &wish, &decision, object,
				     world->now), 0);
	assert_int_equal(decision.code, DC_C3_CAP);
	assert_int_equal(world->kept, 0);
}

static void observed(void **state)
{
	struct spa_world *world = *state;
	struct dc_c3_request request;

	world->policy.observe = true;
	spa_for_pod(world, &request, "/pod/sg1/db", "/shop/other", DC_RIGHT_NAME);
	assert_int_equal(spa_ask(world, &request), DC_C3_GRANTED);
	assert_true(world->last.observed);
	assert_true(strlen(world->last.words) > 0);
	assert_int_equal(world->answer.words_len, 0);
	spa_for_pod(world, &request, "/pod/sg1/web", "/shop/cart/3", DC_RIGHT_NAME);
	assert_int_equal(spa_ask(world, &request), DC_C3_GRANTED);
	assert_false(world->last.observed);
	/* It says nothing of what has nothing to do with policy. */
	spa_for_pod(world, &request, "/pod/sg2/db", "/shop/more", DC_RIGHT_NAME);
	assert_int_equal(spa_ask(world, &request), DC_C3_PROOF);
}

/* What is not stored is not granted, and holds nothing. */
static void store_fails(void **state)
{
	struct spa_world *world = *state;
	struct dc_c3_request request;
	struct dc_spa_counts counts;

	world->keep_result = -EIO;
	spa_for_pod(world, &request, "/pod/sg1/web", "/shop/cart/3", DC_RIGHT_NAME);
	assert_int_equal(spa_ask(world, &request), DC_C3_BUSY);
	assert_true(world->answer.retry_ms > 0);
	assert_int_equal(world->answer.grant_len, 0);
	dc_spa_counts(world->spa, &counts);
	assert_int_equal(counts.live, 0);
}

/* Whatever is changed on the way changes nothing here. */
static void mutated_requests(void **state)
{
	struct spa_world *world = *state;
	const char *text = getenv("SEED");
	unsigned int seed = text ? strtoul(text, NULL, 0) : 1;
	uint8_t bytes[DC_C3_REQUEST_MAX], changed[DC_C3_REQUEST_MAX];
	struct dc_c3_request request;
	int i, len, n;

	printf("SEED=%u\n", seed);
	spa_for_key(world, &request, "/shop/k/1");
	len = dc_c3_request_write(&request, world->lab.crypto,
				  world->sg1.secret, bytes, sizeof(bytes));
	for (i = 0; i < 3000; i++) {
		memcpy(changed, bytes, len);
		for (n = 1 + rand_r(&seed) % 3; n; n--)
			changed[rand_r(&seed) % len] ^= 1 + rand_r(&seed) % 255;
		if (memcmp(changed, bytes, len))
			dc_spa_grant(world->spa, changed,
				     rand_r(&seed) % 8 ? len :
				     (int)(rand_r(&seed) % len),
				     world->bytes, world->now);
	}
	assert_int_equal(world->kept, 0);
	assert_int_equal(spa_ask(world, &request), DC_C3_GRANTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SPA_TEST(replayed_nonce),
		SPA_TEST(old_nonce),
		SPA_TEST(stolen_proof),
		SPA_TEST(wrong_gateway),
		SPA_TEST(revoked_gateway),
		SPA_TEST(anothers_pod),
		SPA_TEST(reserved_names),
		SPA_TEST(another_subtree),
		SPA_TEST(no_policy),
		SPA_TEST(name_is_taken),
		SPA_TEST(over_a_cap),
		SPA_TEST(as_many_as_there_may_be),
		SPA_TEST(observed),
		SPA_TEST(store_fails),
		SPA_TEST(mutated_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
