// SPDX-License-Identifier: GPL-2.0
/*
 * A gateway's half of class 3 against real SPAs, over a network that is a queue:
 * calls are answered, lost, or answered with something else.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "c3_lab.h"
#include "class3_client.h"
#include "lab.h"
#include "spa.h"

#define SECOND 1000000ull
#define HOUR (3600 * SECOND)
#define CALLS_MAX 64

struct call {
	uint64_t call;
	int spa;
	bool grant;
	uint8_t bytes[DC_C3_REQUEST_MAX];
	size_t len;
};

struct world {
	struct lab lab;
	struct dc_identity sg, spa_id[2];
	struct dc_trust *trust;
	struct dc_spa_rule rule[2];
	struct dc_spa_policy policy;
	struct dc_spa *spa[2];
	struct dc_c3_client *client;
	struct c3_key key;
	uint64_t now;
	uint64_t number;
	/* Calls on their way; how many SPA n got, whether it is there at all. */
	struct call call[CALLS_MAX];
	int n_calls, heard[2];
	bool dead[2];
	/* SPA n was to be called so often; no call can be made. */
	int called[2];
	bool cannot[2];
	/* What is done to each answer on its way back. */
	void (*spoil)(struct world *world, uint8_t *bytes, int *len);
	/* A proof that is wished for, and how it is given. */
	bool silent, refuses;
	int proofs;
	/* Outcomes. */
	int outcomes, granted, renewals;
	enum dc_c3_code code;
	char words[256];
	uint64_t not_after;
};

static int next_number(void *arg, uint64_t *number)
{
	*number = ++((struct world *)arg)->number;
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
	struct world *world = arg;
	struct call *call = &world->call[world->n_calls];
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
	struct world *world = arg;

	world->proofs++;
	if (world->silent)
		return;
	dc_ed25519.sign(proof, bytes, len, world->key.secret);
	dc_c3_client_proof(world->client, id, world->refuses ? NULL : proof,
			   world->now);
}

static void on_done(void *arg, uint64_t id, const struct dc_c3_outcome *outcome)
{
	struct world *world = arg;

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

static void start_spa(struct world *world, int n, const char *subtrees)
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

static void start_client(struct world *world)
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

static int setup(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
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
	start_spa(world, 0, "/shop");
	start_spa(world, 1, "/shop /k");
	world->trust = lab_trust(&world->lab, &world->sg, NULL, 0);
	start_client(world);
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;

	dc_c3_client_free(world->client);
	dc_trust_free(world->trust);
	dc_spa_free(world->spa[0]);
	dc_spa_free(world->spa[1]);
	free(world);
	return 0;
}

/* ---- the network ------------------------------------------------------- */

static int spa_answers(struct world *world, const struct call *call,
		       uint8_t *to)
{
	struct dc_spa *spa = world->spa[call->spa];

	world->heard[call->spa]++;
	if (call->grant)
		return dc_spa_grant(spa, call->bytes, call->len, to,
				    world->now);
	return dc_spa_nonce(spa, call->bytes, call->len, to, world->now);
}

static void deliver_one(struct world *world)
{
	uint8_t bytes[DC_C3_ANSWER_MAX];
	struct call call = world->call[0];
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
static void run(struct world *world, int outcomes, uint64_t us)
{
	uint64_t end = world->now + us, next;

	while (world->outcomes < outcomes) {
		while (world->n_calls && world->outcomes < outcomes)
			deliver_one(world);
		next = dc_c3_client_next(world->client);
		if (world->outcomes >= outcomes || next > end)
			return;
		if (next > world->now)
			world->now = next;
		dc_c3_client_timer(world->client, world->now);
	}
}

static uint64_t ask_pod(struct world *world, const char *name)
{
	struct dc_c3_want want = { .right = DC_RIGHT_NAME };
	uint64_t id;

	c3_name(&want.name, name);
	c3_name(&want.subject.pod, "/pod/sg1/web");
	assert_int_equal(dc_c3_client_ask(world->client, &want, 5000, &id,
					  world->now), 0);
	return id;
}

static void ask_key(struct world *world, const char *name)
{
	struct dc_c3_want want = { .right = DC_RIGHT_NAME };
	uint64_t id;

	c3_name(&want.name, name);
	want.subject.has_key = true;
	memcpy(want.subject.key, world->key.key, DC_KEY_BYTES);
	assert_int_equal(dc_c3_client_ask(world->client, &want, 5000, &id,
					  world->now), 0);
}

static struct dc_c3_client_counts counts(const struct world *world)
{
	struct dc_c3_client_counts counts;

	dc_c3_client_counts(world->client, &counts);
	return counts;
}

/* ---- tests ------------------------------------------------------------- */

static void granted(void **state)
{
	struct world *world = *state;

	ask_pod(world, "/shop/a");
	run(world, 1, SECOND);
	assert_int_equal(world->code, DC_C3_GRANTED);
	assert_int_equal(world->heard[0], 2);
	/* The answer brought a nonce: one call less. */
	ask_pod(world, "/shop/b");
	run(world, 2, SECOND);
	assert_int_equal(world->granted, 2);
	assert_int_equal(world->heard[0], 3);
	assert_int_equal(world->heard[1], 0);
	assert_int_equal(counts(world).wants, 2);
}

static void key_is_proven(void **state)
{
	struct world *world = *state;

	ask_key(world, "/k/1");
	run(world, 1, SECOND);
	assert_int_equal(world->code, DC_C3_GRANTED);
	/* The first SPA has another subtree: a proof for each. */
	assert_int_equal(world->proofs, 2);
}

/* Other SPAs than those it began with: nonces of the old ones are forgotten. */
static void other_spas(void **state)
{
	struct world *world = *state;
	struct damc_name spa[2];

	c3_name(&spa[0], "/damc/spa/2");
	c3_name(&spa[1], "/damc/spa/1");
	ask_pod(world, "/shop/a");
	run(world, 1, SECOND);
	assert_int_equal(world->heard[0], 2);
	assert_false(dc_c3_client_spas(world->client, spa, 0));
	assert_false(dc_c3_client_spas(world->client, spa, DC_C3_SPAS_MAX + 1));
	world->dead[1] = true;
	assert_true(dc_c3_client_spas(world->client, spa, 2));
	ask_pod(world, "/shop/b");
	run(world, 2, 5 * SECOND);
	assert_int_equal(world->granted, 2);
	assert_int_equal(world->heard[0], 4);
	/* One that was asked and is on the list no more. */
	world->dead[0] = true;
	ask_pod(world, "/shop/c");
	run(world, 3, 1500000);
	assert_true(dc_c3_client_spas(world->client, &spa[1], 1));
	world->dead[0] = false;
	run(world, 3, 5 * SECOND);
	assert_int_equal(world->granted, 3);
}

static void no_proof(void **state)
{
	struct world *world = *state;

	world->refuses = true;
	ask_key(world, "/k/1");
	run(world, 1, SECOND);
	assert_int_equal(world->code, DC_C3_PROOF);
	world->silent = true;
	ask_key(world, "/k/1");
	run(world, 2, 6 * SECOND);
	assert_int_equal(world->code, DC_C3_UNREACHABLE);
	assert_int_equal(counts(world).wants, 0);
}

static void refused(void **state)
{
	struct world *world = *state;

	ask_pod(world, "/k/1");
	run(world, 1, SECOND);
	assert_int_equal(world->code, DC_C3_NO_POLICY);
	assert_non_null(strstr(world->words, "no rule"));
	assert_int_equal(counts(world).wants, 0);
	/* Of nobody's subtree: told once all said so. */
	ask_pod(world, "/other");
	run(world, 2, SECOND);
	assert_int_equal(world->code, DC_C3_SUBTREE);
	assert_true(world->heard[0] && world->heard[1]);
}

static void next_spa_if_one_is_dead(void **state)
{
	struct world *world = *state;

	world->dead[0] = true;
	ask_pod(world, "/shop/a");
	run(world, 1, 5 * SECOND);
	assert_int_equal(world->code, DC_C3_GRANTED);
	assert_int_equal(world->heard[1], 2);
}

static void all_dead(void **state)
{
	struct world *world = *state;

	world->dead[0] = true;
	world->dead[1] = true;
	ask_pod(world, "/shop/a");
	run(world, 1, 10 * SECOND);
	assert_int_equal(world->code, DC_C3_UNREACHABLE);
	assert_int_equal(world->now, 5 * SECOND);
	assert_int_equal(dc_c3_client_next(world->client), UINT64_MAX);
	/* One that is there again in time is found in the next round. */
	ask_pod(world, "/shop/a");
	run(world, 2, 2500000);
	world->dead[0] = false;
	run(world, 2, 5 * SECOND);
	assert_int_equal(world->code, DC_C3_GRANTED);
}

/* One that cannot even be called is not waited for; the registrant is told why. */
static void no_call_can_be_made(void **state)
{
	struct world *world = *state;

	world->cannot[0] = true;
	ask_pod(world, "/shop/a");
	run(world, 1, SECOND);
	assert_int_equal(world->code, DC_C3_GRANTED);
	assert_int_equal(world->now, 0);
	assert_int_equal(world->called[0], 1);
	/* And with the nonce of the second in stock. */
	world->cannot[1] = true;
	ask_pod(world, "/shop/b");
	run(world, 2, 10 * SECOND);
	assert_int_equal(world->code, DC_C3_UNREACHABLE);
	assert_int_equal(world->now, 5 * SECOND);
	assert_non_null(strstr(world->words, "could make no call"));
	/* Rounds: after 0.25 s at first, then twice as long. */
	assert_in_range(world->called[0], 4, 8);
	assert_int_equal(counts(world).wants, 1);
	/* One that is called at last, and is not there, is another matter. */
	ask_pod(world, "/shop/c");
	memset(world->cannot, false, sizeof(world->cannot));
	memset(world->dead, true, sizeof(world->dead));
	run(world, 3, 10 * SECOND);
	assert_null(strstr(world->words, "could make no call"));
}

static void spa_forgot_its_nonces(void **state)
{
	struct world *world = *state;

	ask_pod(world, "/shop/a");
	run(world, 1, SECOND);
	dc_spa_free(world->spa[0]);
	start_spa(world, 0, "/shop");
	world->number = 100;
	ask_pod(world, "/shop/b");
	run(world, 2, SECOND);
	assert_int_equal(world->granted, 2);
}

static void flip(struct world *world, uint8_t *bytes, int *len)
{
	bytes[(world->outcomes * 31 + world->heard[0] * 7) % *len] ^= 1;
}

static void truncate_it(struct world *world, uint8_t *bytes, int *len)
{
	(void)world;
	(void)bytes;
	*len -= 1;
}

/* Whatever comes that no SPA said is as if nothing had come. */
static void forged_answers(void **state)
{
	struct world *world = *state;
	int i;

	for (i = 0; i < 2; i++) {
		world->spoil = i ? truncate_it : flip;
		ask_pod(world, "/shop/a");
		run(world, i + 1, 10 * SECOND);
		assert_int_equal(world->code, DC_C3_UNREACHABLE);
	}
	assert_true(counts(world).disbelieved > 0);
	assert_int_equal(world->granted, 0);
}

static uint8_t replay[DC_C3_ANSWER_MAX];
static int replay_len;

static void record(struct world *world, uint8_t *bytes, int *len)
{
	(void)world;
	if (bytes[1] == 4 && !replay_len) {
		memcpy(replay, bytes, *len);
		replay_len = *len;
	} else if (bytes[1] == 4) {
		memcpy(bytes, replay, replay_len);
		*len = replay_len;
	}
}

/* An answer to one request is none to another, though an SPA signed it. */
static void replayed_answer(void **state)
{
	struct world *world = *state;

	replay_len = 0;
	world->spoil = record;
	ask_pod(world, "/shop/a");
	run(world, 1, SECOND);
	assert_int_equal(world->granted, 1);
	ask_pod(world, "/shop/b");
	run(world, 2, 10 * SECOND);
	assert_int_equal(world->code, DC_C3_UNREACHABLE);
	assert_true(counts(world).disbelieved > 0);
}

static void late_and_strange_answers(void **state)
{
	struct world *world = *state;
	uint64_t call, i;

	ask_pod(world, "/shop/a");
	call = world->call[0].call;
	for (i = 0; i < 64; i++)
		dc_c3_client_answer(world->client, call ^ 1ull << i, NULL, 0,
				    world->now);
	assert_int_equal(counts(world).late, 64);
	run(world, 1, SECOND);
	assert_int_equal(world->code, DC_C3_GRANTED);
	dc_c3_client_answer(world->client, call, NULL, 0, world->now);
	dc_c3_client_answer(world->client, call, "x", 1, world->now);
	assert_int_equal(world->outcomes, 1);
	assert_int_equal(counts(world).wants, 1);
	assert_int_equal(counts(world).late, 66);
}

static void forgotten(void **state)
{
	struct world *world = *state;
	uint64_t id = ask_pod(world, "/shop/a"), other;

	dc_c3_client_forget(world->client, id);
	run(world, 1, SECOND);
	assert_int_equal(world->outcomes, 0);
	assert_int_equal(counts(world).wants, 0);
	/* Its place is another's, its id is not. */
	other = ask_pod(world, "/shop/a");
	assert_int_not_equal(id, other);
	dc_c3_client_forget(world->client, id);
	run(world, 1, SECOND);
	assert_int_equal(world->granted, 1);
}

/* Before half of the life, never later, and not all at once. */
static void renewed(void **state)
{
	struct world *world = *state;
	uint64_t first, soonest = UINT64_MAX, latest = 0, at;
	char name[32];
	int i;

	for (i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "/shop/%d", i);
		ask_pod(world, name);
	}
	run(world, 40, SECOND);
	assert_int_equal(world->granted, 40);
	first = world->not_after;
	for (i = 0; i < 40; i++) {
		run(world, 41 + i, 13 * HOUR);
		at = world->now;
		soonest = at < soonest ? at : soonest;
		latest = at > latest ? at : latest;
	}
	assert_int_equal(world->renewals, 40);
	assert_int_equal(world->granted, 80);
	assert_true(world->not_after > first);
	assert_true(soonest >= 9 * HOUR);
	assert_true(latest <= 12 * HOUR);
	assert_true(latest - soonest > HOUR);
	assert_int_equal(counts(world).renewed, 40);
}

/* No SPA from just before a renewal on: nothing is lost for half a life. */
static void outage(void **state)
{
	struct world *world = *state;
	uint64_t granted_until;

	ask_pod(world, "/shop/a");
	run(world, 1, SECOND);
	granted_until = (world->not_after - LAB_TIME_MS) * 1000;
	world->dead[0] = true;
	world->dead[1] = true;
	world->now = dc_c3_client_next(world->client);
	assert_true(granted_until - world->now >= 12 * HOUR);
	run(world, 2, 11 * HOUR);
	assert_int_equal(world->outcomes, 1);
	world->dead[0] = false;
	run(world, 2, HOUR);
	assert_int_equal(world->renewals, 1);
	assert_int_equal(world->code, DC_C3_GRANTED);
}

/* To renew is refused: told, tried again later, and over with the grant. */
static void renewal_refused(void **state)
{
	struct world *world = *state;

	ask_pod(world, "/shop/a");
	run(world, 1, SECOND);
	world->policy.n_rules = 0;
	run(world, 2, 13 * HOUR);
	assert_int_equal(world->code, DC_C3_NO_POLICY);
	assert_int_equal(world->renewals, 1);
	assert_int_equal(counts(world).wants, 1);
	run(world, 1000, 24 * HOUR);
	assert_int_equal(counts(world).wants, 0);
	assert_true(world->outcomes < 20);
}

/*
 * What an earlier process was granted is not asked for again, but renewed when that
 * one would have: or at half of what is left, if it did not say.
 */
static void held(void **state)
{
	static const uint64_t said[] = { 3 * HOUR, UINT64_MAX, 20 * HOUR, 0 };
	static const uint64_t due[] = { 3 * HOUR, 8 * HOUR, 8 * HOUR, 0 };
	struct dc_c3_held held = {
		.not_after = LAB_TIME_MS + 16 * HOUR / 1000,
	};
	struct dc_c3_want want = { .right = DC_RIGHT_NAME };
	struct world *world = *state;
	uint64_t id;
	size_t i;

	c3_name(&want.name, "/shop/a");
	c3_name(&want.subject.pod, "/pod/sg1/web");
	for (i = 0; i < ARRAY_SIZE(said); i++) {
		held.renew_us = said[i];
		assert_int_equal(dc_c3_client_hold(world->client, &want, &held,
						   &id, world->now), 0);
		assert_int_equal(dc_c3_client_due(world->client, id), due[i]);
		assert_int_equal(dc_c3_client_next(world->client), due[i]);
		assert_int_equal(world->n_calls, 0);
		dc_c3_client_forget(world->client, id);
		assert_int_equal(dc_c3_client_due(world->client, id), 0);
	}
	held.renew_us = 3 * HOUR;
	assert_int_equal(dc_c3_client_hold(world->client, &want, &held, &id,
					   world->now), 0);
	run(world, 1, 4 * HOUR);
	assert_int_equal(world->now, 3 * HOUR);
	assert_int_equal(world->renewals, 1);
	assert_int_equal(world->code, DC_C3_GRANTED);
	/* From then on it is as any other. */
	assert_true(dc_c3_client_due(world->client, id) >= 12 * HOUR);
	held.not_after = LAB_TIME_MS;
	assert_int_equal(dc_c3_client_hold(world->client, &want, &held, &id,
					   world->now), -ESTALE);
	assert_int_equal(counts(world).wants, 1);
}

/* A tenth of all calls is lost, some answers are spoilt: all are granted. */
static void over_a_bad_network(void **state)
{
	struct world *world = *state;
	const char *text = getenv("SEED");
	unsigned int seed = text ? strtoul(text, NULL, 0) : 1;
	char name[32];
	int i, rounds;

	printf("SEED=%u\n", seed);
	for (i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "/shop/%d", i);
		ask_pod(world, name);
		/* Its own outcome: time passes, and others are renewed meanwhile. */
		for (rounds = 0; world->outcomes - world->renewals == i;
		     rounds++) {
			assert_true(rounds < 1000);
			world->dead[0] = rand_r(&seed) % 10 == 0;
			world->spoil = rand_r(&seed) % 10 ? NULL : flip;
			if (world->n_calls) {
				deliver_one(world);
				continue;
			}
			world->now = dc_c3_client_next(world->client);
			dc_c3_client_timer(world->client, world->now);
		}
		assert_int_equal(world->code, DC_C3_GRANTED);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(granted),
		TEST(key_is_proven),
		TEST(other_spas),
		TEST(no_proof),
		TEST(refused),
		TEST(next_spa_if_one_is_dead),
		TEST(all_dead),
		TEST(no_call_can_be_made),
		TEST(spa_forgot_its_nonces),
		TEST(forged_answers),
		TEST(replayed_answer),
		TEST(late_and_strange_answers),
		TEST(forgotten),
		TEST(renewed),
		TEST(outage),
		TEST(renewal_refused),
		TEST(held),
		TEST(over_a_bad_network),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
