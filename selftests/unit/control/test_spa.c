// SPDX-License-Identifier: GPL-2.0
/* An SPA's decisions: what is granted, each refusal, and what is kept. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "c3_lab.h"
#include "lab.h"
#include "spa.h"

#define SECOND 1000000ull

/* An SPA with two gateways, and what it stored last. */
struct world {
	struct lab lab;
	struct dc_identity spa_id, sg1, sg2, router;
	struct dc_spa_rule rule[8];
	struct dc_spa_policy policy;
	struct dc_spa *spa;
	struct c3_key key, other_key;
	uint64_t now;
	uint64_t number;
	int keep_result;
	int kept, refused;
	struct dc_spa_decision last;
	/* The answer to the last request. */
	uint8_t bytes[DC_C3_ANSWER_MAX];
	struct dc_c3_answer answer;
};

static int next_number(void *arg, uint64_t *number)
{
	struct world *world = arg;

	*number = ++world->number;
	return 0;
}

static int keep(void *arg, const struct dc_spa_decision *decision)
{
	struct world *world = arg;

	world->kept++;
	world->last = *decision;
	return world->keep_result;
}

static void refused(void *arg, const struct dc_spa_decision *decision)
{
	struct world *world = arg;

	world->refused++;
	world->last = *decision;
}

static const struct dc_spa_ops ops = { next_number, keep, refused };

static struct dc_spa_rule *add_rule(struct world *world, const char *label,
				    const char *name, uint8_t rights)
{
	struct dc_spa_rule *rule = &world->rule[world->policy.n_rules++];

	memset(rule, 0, sizeof(*rule));
	strcpy(rule->label, label);
	assert_int_equal(dc_spa_pattern_parse(&rule->name, name, NULL), 0);
	rule->rights = rights;
	return rule;
}

static void to_pod(struct dc_spa_rule *rule, const char *pod)
{
	assert_int_equal(dc_spa_pattern_parse(&rule->pod, pod, NULL), 0);
}

static void to_key(struct dc_spa_rule *rule, const struct c3_key *key)
{
	rule->has_key = true;
	memcpy(rule->key, key->key, DC_KEY_BYTES);
}

static void start(struct world *world)
{
	struct dc_spa_config config = {
		.identity = world->spa_id, .crypto = world->lab.crypto,
		.policy = &world->policy, .secret = { 5 },
	};

	world->spa = dc_spa_new(&config, &ops, world, world->now,
				LAB_TIME_MS + world->now / 1000);
	assert_non_null(world->spa);
}

static int setup(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
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
	to_pod(rule, "/pod/*/web");
	rule = add_rule(world, "b", "/b", DC_RIGHT_MEMBER | DC_RIGHT_TREE);
	to_pod(rule, "/pod/**");
	rule = add_rule(world, "keyed", "/shop/k/*", DC_RIGHT_NAME);
	to_key(rule, &world->key);
	rule->portable = true;
	start(world);
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;

	dc_spa_free(world->spa);
	free(world);
	return 0;
}

/* ---- asking ------------------------------------------------------------ */

static void fresh_nonce(struct world *world, const char *gateway,
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

static void basic(struct world *world, struct dc_c3_request *request,
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
	fresh_nonce(world, id, &request->nonce);
}

/* Of sg1, for a pod of its own. */
static void for_pod(struct world *world, struct dc_c3_request *request,
		    const char *pod, const char *name, uint8_t right)
{
	basic(world, request, &world->sg1, "sg1", name, right);
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

static void for_key(struct world *world, struct dc_c3_request *request,
		    const char *name)
{
	basic(world, request, &world->sg1, "sg1", name, DC_RIGHT_NAME);
	prove(request, &world->key);
}

/* Send it, signed by @gateway, and read the answer: its code. */
static int ask_as(struct world *world, const struct dc_c3_request *request,
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

static int ask(struct world *world, const struct dc_c3_request *request)
{
	return ask_as(world, request, &world->sg1);
}

/* The grant in the answer, as @gateway's own trust sees it. */
static void believe(struct world *world, struct dc_grant *grant,
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

/* ---- yes --------------------------------------------------------------- */

static void pod_is_granted(void **state)
{
	struct world *world = *state;
	struct dc_c3_request request;
	struct dc_object object;
	struct dc_grant grant;

	for_pod(world, &request, "/pod/sg1/web", "/shop/cart/3", DC_RIGHT_NAME);
	assert_int_equal(ask(world, &request), DC_C3_GRANTED);
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
	struct world *world = *state;
	struct dc_c3_request request;

	for_pod(world, &request, "/pod/sg1/web", "/shop/cart/3", DC_RIGHT_NAME);
	assert_int_equal(ask(world, &request), DC_C3_GRANTED);
	request.nonce = world->answer.next;
	assert_int_equal(ask(world, &request), DC_C3_GRANTED);
}

static void key_is_granted_anywhere(void **state)
{
	struct world *world = *state;
	struct dc_c3_request request;
	struct dc_object object;
	struct dc_grant grant;

	for_key(world, &request, "/shop/k/1");
	assert_int_equal(ask(world, &request), DC_C3_GRANTED);
	believe(world, &grant, &object);
	assert_true(grant.has_key);
	assert_memory_equal(grant.key, world->key.key, DC_KEY_BYTES);
	assert_int_equal(grant.n_gateways, 0);
	for_key(world, &request, "/shop/k/2");
	request.n_to = 1;
	c3_node(&request.to[0], "sg2");
	assert_int_equal(ask(world, &request), DC_C3_GRANTED);
	believe(world, &grant, &object);
	assert_int_equal(grant.n_gateways, 1);
	assert_true(dc_node_id_equal(&grant.gateway[0], &request.to[0]));
}

static void bound(struct world *world, struct dc_c3_request *request,
		  const char *name, enum dc_right right, const char *gateway,
		  uint32_t epoch)
{
	struct lab_holder holder;

	memcpy(holder.key, world->key.key, sizeof(holder.key));
	memcpy(holder.secret, world->key.secret, sizeof(holder.secret));
	memset(&request->subject, 0, sizeof(request->subject));
	c3_binding(&request->subject, &holder, name, right, gateway, epoch);
	fresh_nonce(world, "sg1", &request->nonce);
}

static void key_proven_to_the_gateway(void **state)
{
	struct world *world = *state;
	struct dc_c3_request request;

	basic(world, &request, &world->sg1, "sg1", "/shop/k/1", DC_RIGHT_NAME);
	bound(world, &request, "/shop/k/1", DC_RIGHT_NAME, "sg1", 0);
	assert_int_equal(ask(world, &request), DC_C3_GRANTED);
	/* Where a rule wants it fresh, the SPA's own nonce counts. */
	world->rule[2].fresh = true;
	fresh_nonce(world, "sg1", &request.nonce);
	assert_int_equal(ask(world, &request), DC_C3_NO_POLICY);
	for_key(world, &request, "/shop/k/1");
	assert_int_equal(ask(world, &request), DC_C3_GRANTED);
}

static void bound_elsewhere_or_otherwise(void **state)
{
	struct world *world = *state;
	struct dc_c3_request request;

	basic(world, &request, &world->sg1, "sg1", "/shop/k/1", DC_RIGHT_NAME);
	bound(world, &request, "/shop/k/1", DC_RIGHT_NAME, "sg2", 0);
	assert_int_equal(ask(world, &request), DC_C3_PROOF);
	bound(world, &request, "/shop/k/2", DC_RIGHT_NAME, "sg1", 0);
	assert_int_equal(ask(world, &request), DC_C3_PROOF);
	bound(world, &request, "/shop/k/1/2", DC_RIGHT_MEMBER, "sg1", 0);
	assert_int_equal(ask(world, &request), DC_C3_PROOF);
	/* What is below a name is its holder's, too. */
	bound(world, &request, "/shop/k/1/2", DC_RIGHT_NAME, "sg1", 0);
	assert_int_equal(ask(world, &request), DC_C3_GRANTED);
	bound(world, &request, "/shop/k/1", DC_RIGHT_NAME, "sg1", 0);
	request.subject.binding[request.subject.binding_len - 1] ^= 1;
	assert_int_equal(ask(world, &request), DC_C3_PROOF);
	world->now += 3601 * SECOND;
	bound(world, &request, "/shop/k/1", DC_RIGHT_NAME, "sg1", 0);
	assert_int_equal(ask(world, &request), DC_C3_PROOF);
	bound(world, &request, "/shop/k/1", DC_RIGHT_NAME, "sg1", 3600);
	assert_int_equal(ask(world, &request), DC_C3_GRANTED);
}

static void members_are_many(void **state)
{
	struct world *world = *state;
	struct dc_c3_request request;

	for_pod(world, &request, "/pod/sg1/x", "/b", DC_RIGHT_MEMBER);
	assert_int_equal(ask(world, &request), DC_C3_GRANTED);
	for_pod(world, &request, "/pod/sg1/y", "/b", DC_RIGHT_MEMBER);
	assert_int_equal(ask(world, &request), DC_C3_GRANTED);
	/* A name is a pool or a name. */
	world->rule[1].rights = DC_RIGHT_NAME;
	for_pod(world, &request, "/pod/sg1/x", "/b", DC_RIGHT_NAME);
	assert_int_equal(ask(world, &request), DC_C3_TAKEN);
}

static void shorter_if_asked(void **state)
{
	struct world *world = *state;
	struct dc_c3_request request;
	struct dc_object object;
	struct dc_grant grant;

	for_pod(world, &request, "/pod/sg1/web", "/shop/cart/3", DC_RIGHT_NAME);
	request.lifetime = 600;
	assert_int_equal(ask(world, &request), DC_C3_GRANTED);
	believe(world, &grant, &object);
	assert_int_equal(object.not_after, LAB_TIME_MS + 600000);
	request.nonce = world->answer.next;
	request.lifetime = 10 * DC_SPA_LIFETIME_S;
	assert_int_equal(ask(world, &request), DC_C3_GRANTED);
	believe(world, &grant, &object);
	assert_int_equal(object.not_after,
			 LAB_TIME_MS + DC_SPA_LIFETIME_S * 1000ull);
}

/* ---- no ---------------------------------------------------------------- */

static void replayed_nonce(void **state)
{
	struct world *world = *state;
	struct dc_c3_request request;

	for_pod(world, &request, "/pod/sg1/web", "/shop/cart/3", DC_RIGHT_NAME);
	assert_int_equal(ask(world, &request), DC_C3_GRANTED);
	assert_int_equal(ask(world, &request), DC_C3_NONCE);
	assert_int_equal(world->kept, 1);
}

static void old_nonce(void **state)
{
	struct world *world = *state;
	struct dc_c3_request request;

	for_pod(world, &request, "/pod/sg1/web", "/shop/cart/3", DC_RIGHT_NAME);
	world->now += 61 * SECOND;
	assert_int_equal(ask(world, &request), DC_C3_NONCE);
	/* Of a run before this one. */
	for_pod(world, &request, "/pod/sg1/web", "/shop/cart/3", DC_RIGHT_NAME);
	request.nonce.byte[31] ^= 1;
	assert_int_equal(ask(world, &request), DC_C3_NONCE);
	assert_int_equal(world->kept, 0);
}

/* Whoever reads a request on its way can use no part of it. */
static void stolen_proof(void **state)
{
	struct world *world = *state;
	struct dc_c3_request request, stolen;

	/* By another gateway, which has a nonce of its own ... */
	for_key(world, &request, "/shop/k/1");
	basic(world, &stolen, &world->sg2, "sg2", "/shop/k/1", DC_RIGHT_NAME);
	stolen.subject = request.subject;
	assert_int_equal(ask_as(world, &stolen, &world->sg2), DC_C3_PROOF);
	/* ... or takes that, too. */
	stolen.nonce = request.nonce;
	assert_int_equal(ask_as(world, &stolen, &world->sg2), DC_C3_NONCE);
	/* For another name, right or key; over another nonce. */
	for_key(world, &request, "/shop/k/1");
	c3_name(&request.name, "/shop/k/2");
	assert_int_equal(ask(world, &request), DC_C3_PROOF);
	for_key(world, &request, "/shop/k/1");
	request.right = DC_RIGHT_NAME | DC_RIGHT_TREE;
	assert_int_equal(ask(world, &request), DC_C3_PROOF);
	for_key(world, &request, "/shop/k/1");
	memcpy(request.subject.key, world->other_key.key, DC_KEY_BYTES);
	assert_int_equal(ask(world, &request), DC_C3_PROOF);
	for_key(world, &request, "/shop/k/1");
	fresh_nonce(world, "sg1", &request.nonce);
	assert_int_equal(ask(world, &request), DC_C3_PROOF);
	assert_int_equal(world->kept, 0);
}

static void wrong_gateway(void **state)
{
	struct world *world = *state;
	struct dc_c3_request request;
	struct dc_identity stranger = { 0 };
	struct lab other;

	/* Signed by another than the certificate's. */
	for_pod(world, &request, "/pod/sg1/web", "/shop/cart/3", DC_RIGHT_NAME);
	assert_int_equal(ask_as(world, &request, &world->sg2), DC_C3_GATEWAY);
	assert_true(dc_c3_nonce_is_zero(&world->answer.next));
	/* That burnt no nonce of the one it says it is. */
	assert_int_equal(ask(world, &request), DC_C3_GRANTED);
	/* With another's certificate. */
	for_pod(world, &request, "/pod/sg1/web", "/shop/cart/3", DC_RIGHT_NAME);
	request.cert = world->sg2.cert;
	request.cert_len = world->sg2.cert_len;
	assert_int_equal(ask(world, &request), DC_C3_GATEWAY);
	/* Of a router that is no gateway. */
	basic(world, &request, &world->router, "sr1", "/shop/cart/3",
	      DC_RIGHT_NAME);
	c3_name(&request.subject.pod, "/pod/sr1/web");
	assert_int_equal(ask_as(world, &request, &world->router),
			 DC_C3_GATEWAY);
	/* Of another domain's anchor, and for another domain. */
	lab_init(&other, &dc_ed25519, 99);
	lab_enrol(&other, &stranger, "sg1", DC_ROLE_SG, "");
	basic(world, &request, &stranger, "sg1", "/shop/cart/3",
	      DC_RIGHT_NAME);
	assert_int_equal(ask_as(world, &request, &stranger), DC_C3_GATEWAY);
	for_pod(world, &request, "/pod/sg1/web", "/shop/cart/3", DC_RIGHT_NAME);
	request.domain++;
	assert_int_equal(ask(world, &request), DC_C3_GATEWAY);
}

static void revoked_gateway(void **state)
{
	struct world *world = *state;
	struct dc_c3_request request;
	struct lab_object revocation;
	struct dc_object object;
	struct dc_identity root = { 0 };

	lab_enrol(&world->lab, &root, "spa9", DC_ROLE_SPA, "/");
	dc_trust_check(dc_spa_trust(world->spa), root.cert, root.cert_len,
		       &object, world->now);
	lab_revoke(&world->lab, &root, world->sg1.cert, world->sg1.cert_len,
		   &revocation);
	for_pod(world, &request, "/pod/sg1/web", "/shop/cart/3", DC_RIGHT_NAME);
	assert_int_equal(dc_trust_check(dc_spa_trust(world->spa),
					revocation.bytes, revocation.len,
					&object, world->now), DC_VALID);
	assert_int_equal(ask(world, &request), DC_C3_GATEWAY);
}

static void anothers_pod(void **state)
{
	static const char * const pods[] = {
		"/pod/sg2/web", "/pod/sg1", "/pod/sg1/web/x", "/shop", "/"
	};
	struct world *world = *state;
	struct dc_c3_request request;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(pods); i++) {
		for_pod(world, &request, pods[i], "/shop/cart/3",
			DC_RIGHT_NAME);
		assert_int_equal(ask(world, &request), DC_C3_PROOF);
	}
	for_pod(world, &request, "/pod/sg1/web", "/shop/cart/3", DC_RIGHT_NAME);
	request.n_to = 1;
	c3_node(&request.to[0], "sg2");
	assert_int_equal(ask(world, &request), DC_C3_PROOF);
}

static void reserved_names(void **state)
{
	static const char * const names[] = {
		"/", "/damc", "/damc/spa/x", "/localhost", "/localhost/a",
		"/localhop/a", "/pod", "/pod/sg1/web"
	};
	struct world *world = *state;
	struct dc_c3_request request;
	size_t i;

	/* Whatever the policy and the certificate say. */
	lab_enrol(&world->lab, &world->spa_id, "spa1", DC_ROLE_SPA, "/");
	dc_spa_free(world->spa);
	start(world);
	world->policy.observe = true;
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		for_pod(world, &request, "/pod/sg1/web", names[i],
			DC_RIGHT_TREE);
		assert_int_equal(ask(world, &request), DC_C3_RESERVED);
	}
	assert_int_equal(world->kept, 0);
}

static void another_subtree(void **state)
{
	struct world *world = *state;
	struct dc_c3_request request;

	for_pod(world, &request, "/pod/sg1/web", "/shops", DC_RIGHT_NAME);
	assert_int_equal(ask(world, &request), DC_C3_SUBTREE);
}

static void no_policy(void **state)
{
	struct world *world = *state;
	struct dc_c3_request request;

	/* Another name, right, pod; an attribute that is missing. */
	for_pod(world, &request, "/pod/sg1/web", "/shop/cart", DC_RIGHT_NAME);
	assert_int_equal(ask(world, &request), DC_C3_NO_POLICY);
	assert_true(world->answer.words_len > 0);
	for_pod(world, &request, "/pod/sg1/web", "/shop/cart/3", DC_RIGHT_TREE);
	assert_int_equal(ask(world, &request), DC_C3_NO_POLICY);
	for_pod(world, &request, "/pod/sg1/db", "/shop/cart/3", DC_RIGHT_NAME);
	assert_int_equal(ask(world, &request), DC_C3_NO_POLICY);
	world->rule[0].n_facts = 1;
	world->rule[0].fact[0].len = 8;
	memcpy(world->rule[0].fact[0].text, "uid=1000", 8);
	for_pod(world, &request, "/pod/sg1/web", "/shop/cart/3", DC_RIGHT_NAME);
	c3_fact(&request.subject, "uid=10000");
	assert_int_equal(ask(world, &request), DC_C3_NO_POLICY);
	request.nonce = world->answer.next;
	c3_fact(&request.subject, "uid=1000");
	assert_int_equal(ask(world, &request), DC_C3_GRANTED);
	/* A gateway that the rule does not name. */
	world->rule[0].n_at = 1;
	c3_node(&world->rule[0].at[0], "sg2");
	request.nonce = world->answer.next;
	assert_int_equal(ask(world, &request), DC_C3_NO_POLICY);
}

static void name_is_taken(void **state)
{
	struct world *world = *state;
	struct dc_c3_request request;

	to_pod(&world->rule[0], "/pod/**");
	for_pod(world, &request, "/pod/sg1/a", "/shop/cart/3", DC_RIGHT_NAME);
	assert_int_equal(ask(world, &request), DC_C3_GRANTED);
	for_pod(world, &request, "/pod/sg1/b", "/shop/cart/3", DC_RIGHT_NAME);
	assert_int_equal(ask(world, &request), DC_C3_TAKEN);
	/* So is what is below it ... */
	for_pod(world, &request, "/pod/sg1/b", "/shop/cart/3/x", DC_RIGHT_NAME);
	assert_int_equal(ask(world, &request), DC_C3_TAKEN);
	/* ... but not beside it, nor to its holder, nor after its end. */
	for_pod(world, &request, "/pod/sg1/b", "/shop/cart/4", DC_RIGHT_NAME);
	assert_int_equal(ask(world, &request), DC_C3_GRANTED);
	for_pod(world, &request, "/pod/sg1/a", "/shop/cart/3/x", DC_RIGHT_NAME);
	assert_int_equal(ask(world, &request), DC_C3_GRANTED);
	world->now += (DC_SPA_LIFETIME_S + 1) * SECOND;
	for_pod(world, &request, "/pod/sg1/b", "/shop/cart/3", DC_RIGHT_NAME);
	assert_int_equal(ask(world, &request), DC_C3_GRANTED);
}

static void over_a_cap(void **state)
{
	struct world *world = *state;
	struct dc_c3_request request;
	struct dc_spa_counts counts;

	world->rule[0].max_each = 1;
	world->rule[1].max = 2;
	for_pod(world, &request, "/pod/sg1/web", "/shop/cart/3", DC_RIGHT_NAME);
	assert_int_equal(ask(world, &request), DC_C3_GRANTED);
	/* To renew it is no second one. */
	request.nonce = world->answer.next;
	assert_int_equal(ask(world, &request), DC_C3_GRANTED);
	for_pod(world, &request, "/pod/sg1/web", "/shop/cart/4", DC_RIGHT_NAME);
	assert_int_equal(ask(world, &request), DC_C3_CAP);
	for_pod(world, &request, "/pod/sg1/x", "/b", DC_RIGHT_MEMBER);
	assert_int_equal(ask(world, &request), DC_C3_GRANTED);
	for_pod(world, &request, "/pod/sg1/y", "/b", DC_RIGHT_MEMBER);
	assert_int_equal(ask(world, &request), DC_C3_GRANTED);
	for_pod(world, &request, "/pod/sg1/z", "/b", DC_RIGHT_MEMBER);
	assert_int_equal(ask(world, &request), DC_C3_CAP);
	world->rule[1].max = 0;
	world->policy.max = 3;
	request.nonce = world->answer.next;
	assert_int_equal(ask(world, &request), DC_C3_CAP);
	dc_spa_counts(world->spa, &counts);
	assert_int_equal(counts.live, 3);
	assert_int_equal(counts.code[DC_C3_CAP], 3);
}

static void observed(void **state)
{
	struct world *world = *state;
	struct dc_c3_request request;

	world->policy.observe = true;
	for_pod(world, &request, "/pod/sg1/db", "/shop/other", DC_RIGHT_NAME);
	assert_int_equal(ask(world, &request), DC_C3_GRANTED);
	assert_true(world->last.observed);
	assert_true(strlen(world->last.words) > 0);
	assert_int_equal(world->answer.words_len, 0);
	for_pod(world, &request, "/pod/sg1/web", "/shop/cart/3", DC_RIGHT_NAME);
	assert_int_equal(ask(world, &request), DC_C3_GRANTED);
	assert_false(world->last.observed);
	/* It says nothing of what has nothing to do with policy. */
	for_pod(world, &request, "/pod/sg2/db", "/shop/more", DC_RIGHT_NAME);
	assert_int_equal(ask(world, &request), DC_C3_PROOF);
}

/* What is not stored is not granted, and holds nothing. */
static void store_fails(void **state)
{
	struct world *world = *state;
	struct dc_c3_request request;
	struct dc_spa_counts counts;

	world->keep_result = -EIO;
	for_pod(world, &request, "/pod/sg1/web", "/shop/cart/3", DC_RIGHT_NAME);
	assert_int_equal(ask(world, &request), DC_C3_BUSY);
	assert_true(world->answer.retry_ms > 0);
	assert_int_equal(world->answer.grant_len, 0);
	dc_spa_counts(world->spa, &counts);
	assert_int_equal(counts.live, 0);
}

/* ---- by hand, and afterwards ------------------------------------------- */

static void given_by_hand(void **state)
{
	struct world *world = *state;
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
	struct world *world = *state;
	struct dc_revocation what = { .number = 7 };
	struct dc_c3_request request;
	uint8_t bytes[DC_OBJECT_MAX];
	struct dc_object object;
	int len;

	to_pod(&world->rule[0], "/pod/**");
	for_pod(world, &request, "/pod/sg1/web", "/shop/cart/3", DC_RIGHT_NAME);
	assert_int_equal(ask(world, &request), DC_C3_GRANTED);
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
	assert_int_equal(ask(world, &request), DC_C3_REVOKED);
	for_pod(world, &request, "/pod/sg1/b", "/shop/cart/3", DC_RIGHT_NAME);
	assert_int_equal(ask(world, &request), DC_C3_GRANTED);
	/* What has ended need not be revoked. */
	world->now += (DC_SPA_LIFETIME_S + 1) * SECOND;
	assert_int_equal(dc_spa_revocation(world->spa, &what, &request.name,
					   bytes, world->now), -ESTALE);
	for_pod(world, &request, "/pod/sg1/web", "/shop/cart/9", DC_RIGHT_NAME);
	assert_int_equal(ask(world, &request), DC_C3_GRANTED);
}

/* A restart knows what is held, by what it is given of the store. */
static void restored(void **state)
{
	struct world *world = *state;
	struct dc_spa_holding held;
	struct dc_c3_request request;

	to_pod(&world->rule[0], "/pod/**");
	for_pod(world, &request, "/pod/sg1/a", "/shop/cart/3", DC_RIGHT_NAME);
	assert_int_equal(ask(world, &request), DC_C3_GRANTED);
	held = world->last.holding;
	dc_spa_free(world->spa);
	start(world);
	assert_int_equal(dc_spa_restore(world->spa, &held), 0);
	for_pod(world, &request, "/pod/sg1/b", "/shop/cart/3", DC_RIGHT_NAME);
	assert_int_equal(ask(world, &request), DC_C3_TAKEN);
}

/* Time goes by the beacon, for the SPA as for all others. */
static void beacon_is_believed(void **state)
{
	struct world *world = *state;
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
	struct world *world = *state;
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

/* Whatever is changed on the way changes nothing here. */
static void mutated_requests(void **state)
{
	struct world *world = *state;
	const char *text = getenv("SEED");
	unsigned int seed = text ? strtoul(text, NULL, 0) : 1;
	uint8_t bytes[DC_C3_REQUEST_MAX], changed[DC_C3_REQUEST_MAX];
	struct dc_c3_request request;
	int i, len, n;

	printf("SEED=%u\n", seed);
	for_key(world, &request, "/shop/k/1");
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
	assert_int_equal(ask(world, &request), DC_C3_GRANTED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(pod_is_granted),
		TEST(answer_brings_a_nonce),
		TEST(key_is_granted_anywhere),
		TEST(key_proven_to_the_gateway),
		TEST(bound_elsewhere_or_otherwise),
		TEST(members_are_many),
		TEST(shorter_if_asked),
		TEST(replayed_nonce),
		TEST(old_nonce),
		TEST(stolen_proof),
		TEST(wrong_gateway),
		TEST(revoked_gateway),
		TEST(anothers_pod),
		TEST(reserved_names),
		TEST(another_subtree),
		TEST(no_policy),
		TEST(name_is_taken),
		TEST(over_a_cap),
		TEST(observed),
		TEST(store_fails),
		TEST(given_by_hand),
		TEST(revoked_grant),
		TEST(restored),
		TEST(beacon_is_believed),
		TEST(call_rule_is_believed),
		TEST(mutated_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
