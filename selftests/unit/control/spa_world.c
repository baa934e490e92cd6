// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "spa_world.h"

static int next_number(void *arg, uint64_t *number)
{
	struct spa_world *world = arg;

	*number = ++world->number;
	return 0;
}

static int keep(void *arg, const struct dc_spa_decision *decision)
{
	struct spa_world *world = arg;

	world->kept++;
	world->last = *decision;
	return world->keep_result;
}

static void refused(void *arg, const struct dc_spa_decision *decision)
{
	struct spa_world *world = arg;

	world->refused++;
	world->last = *decision;
}

static const struct dc_spa_ops ops = { next_number, keep, refused };

static struct dc_spa_rule *add_rule(struct spa_world *world, const char *label,
				    const char *name, uint8_t rights)
{
	struct dc_spa_rule *rule = &world->rule[world->policy.n_rules++];

	memset(rule, 0, sizeof(*rule));
	strcpy(rule->label, label);
	assert_int_equal(dc_spa_pattern_parse(&rule->name, name, NULL), 0);
	rule->rights = rights;
	return rule;
}

void spa_rule_pod(struct dc_spa_rule *rule, const char *pod)
{
	assert_int_equal(dc_spa_pattern_parse(&rule->pod, pod, NULL), 0);
}

static void to_key(struct dc_spa_rule *rule, const struct c3_key *key)
{
	rule->has_key = true;
	memcpy(rule->key, key->key, DC_KEY_BYTES);
}

void spa_start(struct spa_world *world)
{
	struct dc_spa_config config = {
		.identity = world->spa_id, .crypto = world->lab.crypto,
		.policy = &world->policy, .secret = { 5 },
	};

	world->spa = dc_spa_new(&config, &ops, world, world->now,
				LAB_TIME_MS + world->now / 1000);
	assert_non_null(world->spa);
}

int spa_setup(void **state)
{
	struct spa_world *world = calloc(1, sizeof(*world));
	struct dc_spa_rule *rule;

	assert_non_null(world);
	lab_init(&world->lab, &dc_ed25519, 1);
	lab_enrol(&world->lab, &world->spa_id, "spa1", DC_ROLE_SPA,
		  "/shop /b");
	lab_enrol(&world->lab, &world->sg1, "sg1", DC_ROLE_SG, "");
	lab_enrol(&world->lab, &world->sg2, "sg2", DC_ROLE_SG, "");
	lab_enrol(&world->lab, &world->router, "sr1", DC_ROLE_SR, "");
	c3_key_make(&world->key, 1);
	c3_key_make(&world->other_key, 2);
	world->policy.rule = world->rule;
	world->policy.version = 3;
	world->policy.lifetime = DC_SPA_LIFETIME_S;
	rule = add_rule(world, "cart", "/shop/cart/**", DC_RIGHT_NAME);
	spa_rule_pod(rule, "/pod/*/web");
	rule = add_rule(world, "b", "/b", DC_RIGHT_MEMBER | DC_RIGHT_TREE);
	spa_rule_pod(rule, "/pod/**");
	rule = add_rule(world, "keyed", "/shop/k/*", DC_RIGHT_NAME);
	to_key(rule, &world->key);
	rule->portable = true;
	spa_start(world);
	*state = world;
	return 0;
}

int spa_teardown(void **state)
{
	struct spa_world *world = *state;

	dc_spa_free(world->spa);
	free(world);
	return 0;
}

/* ---- asking ------------------------------------------------------------ */

void spa_fresh_nonce(struct spa_world *world, const char *gateway,
		     struct dc_c3_nonce *nonce)
{
	struct dc_c3_nonce_request ask = { .count = 1 };
	uint8_t bytes[64], answer[DC_C3_NONCES_ANSWER_MAX];
	struct dc_c3_nonce_answer given;
	int len;

	c3_node(&ask.gateway, gateway);
	len = dc_c3_nonce_request_write(&ask, bytes, sizeof(bytes));
	len = dc_spa_nonce(world->spa, bytes, len, answer, world->now);
	assert_true(len > 0);
	assert_int_equal(dc_c3_nonce_answer_read(&given, answer, len), 0);
	*nonce = given.nonce[0];
}

void spa_basic(struct spa_world *world, struct dc_c3_request *request,
	       const struct dc_identity *gateway, const char *id,
	       const char *name, uint8_t right)
{
	memset(request, 0, sizeof(*request));
	request->domain = dc_domain_of(LAB_DOMAIN);
	c3_node(&request->gateway, id);
	c3_name(&request->name, name);
	request->right = right;
	request->cert = gateway->cert;
	request->cert_len = gateway->cert_len;
	spa_fresh_nonce(world, id, &request->nonce);
}

void spa_for_pod(struct spa_world *world, struct dc_c3_request *request,
		 const char *pod, const char *name, uint8_t right)
{
	spa_basic(world, request, &world->sg1, "sg1", name, right);
	c3_name(&request->subject.pod, pod);
}

static void prove(struct dc_c3_request *request, const struct c3_key *key)
{
	struct dc_c3_subject *subject = &request->subject;
	uint8_t bytes[DC_C3_PROOF_MAX];
	size_t len;

	subject->has_key = true;
	memcpy(subject->key, key->key, DC_KEY_BYTES);
	len = dc_c3_proof_bytes(bytes, request->domain, &request->nonce,
				&request->gateway, &request->name,
				request->right, key->key);
	dc_ed25519.sign(subject->proof, bytes, len, key->secret);
}

void spa_for_key(struct spa_world *world, struct dc_c3_request *request,
		 const char *name)
{
	spa_basic(world, request, &world->sg1, "sg1", name, DC_RIGHT_NAME);
	prove(request, &world->key);
}

int spa_ask_as(struct spa_world *world, const struct dc_c3_request *request,
	       const struct dc_identity *gateway)
{
	uint8_t bytes[DC_C3_REQUEST_MAX];
	int len;

	len = dc_c3_request_write(request, world->lab.crypto, gateway->secret,
				  bytes, sizeof(bytes));
	assert_true(len > 0);
	len = dc_spa_grant(world->spa, bytes, len, world->bytes, world->now);
	assert_true(len > 0);
	assert_int_equal(dc_c3_answer_read(&world->answer, world->bytes, len),
			 0);
	assert_memory_equal(&world->answer.nonce, &request->nonce,
			    DC_C3_NONCE_BYTES);
	return world->answer.code;
}

int spa_ask(struct spa_world *world, const struct dc_c3_request *request)
{
	return spa_ask_as(world, request, &world->sg1);
}
