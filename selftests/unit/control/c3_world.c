// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "c3_world.h"

static int next_number(void *arg, uint64_t *number)
{
	*number = ++((struct c3_world *)arg)->number;
	return 0;
}

static int keep(void *arg, const struct dc_spa_decision *decision)
{
	(void)arg;
	(void)decision;
	return 0;
}

static const struct dc_spa_ops spa_ops = { next_number, keep, NULL };

static bool on_call(void *arg, uint64_t number, const struct damc_name *target,
		    const char *method, const void *bytes, size_t len,
		    uint32_t deadline_ms)
{
	struct c3_world *world = arg;
	struct c3_call *call = &world->call[world->n_calls];
	int spa = target->wire[target->len - 1] - '1';

	world->called[spa]++;
	if (world->cannot[spa])
		return false;
	world->n_calls++;
	assert_true(world->n_calls <= CALLS_MAX);
	assert_true(deadline_ms > 0 && deadline_ms <= DC_C3_CALL_MS);
	call->call = number;
	call->spa = spa;
	call->grant = !strcmp(method, DC_C3_METHOD_GRANT);
	memcpy(call->bytes, bytes, len);
	call->len = len;
	return true;
}

static void on_prove(void *arg, uint64_t id, const void *bytes, size_t len)
{
	uint8_t proof[DC_SIGNATURE_BYTES];
	struct c3_world *world = arg;

	world->proofs++;
	if (world->silent)
		return;
	dc_ed25519.sign(proof, bytes, len, world->key.secret);
	dc_c3_client_proof(world->client, id, world->refuses ? NULL : proof,
			   world->now);
}

static void on_done(void *arg, uint64_t id, const struct dc_c3_outcome *outcome)
{
	struct c3_world *world = arg;

	assert_true(id > 0);
	world->outcomes++;
	world->code = outcome->code;
	world->granted += outcome->code == DC_C3_GRANTED;
	world->renewals += outcome->renewal;
	world->not_after = outcome->not_after;
	snprintf(world->words, sizeof(world->words), "%s", outcome->words);
	assert_true((outcome->code == DC_C3_GRANTED) == !!outcome->grant);
	assert_true(outcome->code == DC_C3_GRANTED || *outcome->words);
}

static const struct dc_c3_client_ops client_ops = {
	on_call, on_prove, on_done
};

void c3_start_spa(struct c3_world *world, int n, const char *subtrees)
{
	struct dc_spa_config config = {
		.crypto = world->lab.crypto, .policy = &world->policy,
		.secret = { n },
	};

	lab_enrol(&world->lab, &world->spa_id[n], n ? "spa2" : "spa1",
		  DC_ROLE_SPA, subtrees);
	config.identity = world->spa_id[n];
	world->spa[n] = dc_spa_new(&config, &spa_ops, world, world->now,
				   LAB_TIME_MS + world->now / 1000);
	assert_non_null(world->spa[n]);
}

static void start_client(struct c3_world *world)
{
	struct dc_c3_client_config config = {
		.identity = world->sg, .crypto = world->lab.crypto,
		.trust = world->trust, .n_spas = 2, .seed = 1,
	};

	c3_name(&config.spa[0], "/damc/spa/1");
	c3_name(&config.spa[1], "/damc/spa/2");
	world->client = dc_c3_client_new(&config, &client_ops, world);
	assert_non_null(world->client);
}

int c3_setup(void **state)
{
	struct c3_world *world = calloc(1, sizeof(*world));
	struct dc_spa_rule *rule;

	assert_non_null(world);
	lab_init(&world->lab, &dc_ed25519, 1);
	lab_enrol(&world->lab, &world->sg, "sg1", DC_ROLE_SG, "");
	c3_key_make(&world->key, 1);
	world->policy.rule = world->rule;
	world->policy.lifetime = DC_SPA_LIFETIME_S;
	world->policy.n_rules = 2;
	rule = &world->rule[0];
	strcpy(rule->label, "pods");
	dc_spa_pattern_parse(&rule->pod, "/pod/**", NULL);
	dc_spa_pattern_parse(&rule->name, "/shop/**", NULL);
	rule->rights = DC_RIGHT_NAME;
	rule = &world->rule[1];
	strcpy(rule->label, "key");
	rule->has_key = true;
	memcpy(rule->key, world->key.key, DC_KEY_BYTES);
	dc_spa_pattern_parse(&rule->name, "/k/**", NULL);
	rule->rights = DC_RIGHT_NAME;
	c3_start_spa(world, 0, "/shop");
	c3_start_spa(world, 1, "/shop /k");
	world->trust = lab_trust(&world->lab, &world->sg, NULL, 0);
	start_client(world);
	*state = world;
	return 0;
}

int c3_teardown(void **state)
{
	struct c3_world *world = *state;

	dc_c3_client_free(world->client);
	dc_trust_free(world->trust);
	dc_spa_free(world->spa[0]);
	dc_spa_free(world->spa[1]);
	free(world);
	return 0;
}

/* ---- the network ------------------------------------------------------- */

static int spa_answers(struct c3_world *world, const struct c3_call *call,
		       uint8_t *to)
{
	struct dc_spa *spa = world->spa[call->spa];

	world->heard[call->spa]++;
	if (call->grant)
		return dc_spa_grant(spa, call->bytes, call->len, to,
				    world->now);
	return dc_spa_nonce(spa, call->bytes, call->len, to, world->now);
}

void c3_deliver_one(struct c3_world *world)
{
	uint8_t bytes[DC_C3_ANSWER_MAX];
	struct c3_call call = world->call[0];
	int len;

	memmove(&world->call[0], &world->call[1],
		--world->n_calls * sizeof(call));
	if (world->dead[call.spa])
		return;
	len = spa_answers(world, &call, bytes);
	if (world->spoil && len > 0)
		world->spoil(world, bytes, &len);
	dc_c3_client_answer(world->client, call.call, len > 0 ? bytes : NULL,
			    len > 0 ? len : 0, world->now);
}

/* Deliver, and let time pass, until there is an outcome or @seconds are over. */
void c3_run(struct c3_world *world, int outcomes, uint64_t us)
{
	uint64_t end = world->now + us, next;

	while (world->outcomes < outcomes) {
		while (world->n_calls && world->outcomes < outcomes)
			c3_deliver_one(world);
		next = dc_c3_client_next(world->client);
		if (world->outcomes >= outcomes || next > end)
			return;
		if (next > world->now)
			world->now = next;
		dc_c3_client_timer(world->client, world->now);
	}
}

uint64_t c3_ask_pod(struct c3_world *world, const char *name)
{
	struct dc_c3_want want = { .right = DC_RIGHT_NAME };
	uint64_t id;

	c3_name(&want.name, name);
	c3_name(&want.subject.pod, "/pod/sg1/web");
	assert_int_equal(dc_c3_client_ask(world->client, &want, 5000, &id,
					  world->now), 0);
	return id;
}

void c3_ask_key(struct c3_world *world, const char *name)
{
	struct dc_c3_want want = { .right = DC_RIGHT_NAME };
	uint64_t id;

	c3_name(&want.name, name);
	want.subject.has_key = true;
	memcpy(want.subject.key, world->key.key, DC_KEY_BYTES);
	assert_int_equal(dc_c3_client_ask(world->client, &want, 5000, &id,
					  world->now), 0);
}

struct dc_c3_client_counts c3_counts(const struct c3_world *world)
{
	struct dc_c3_client_counts counts;

	dc_c3_client_counts(world->client, &counts);
	return counts;
}
