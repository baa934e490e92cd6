// SPDX-License-Identifier: GPL-2.0
/* What a gateway that asks SPAs makes of their answers, and of none. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "c3_world.h"

static void granted(void **state)
{
	struct c3_world *world = *state;

	c3_ask_pod(world, "/shop/a");
	c3_run(world, 1, SECOND);
	assert_int_equal(world->code, DC_C3_GRANTED);
	assert_int_equal(world->heard[0], 2);
	/* The answer brought a nonce: one call less. */
	c3_ask_pod(world, "/shop/b");
	c3_run(world, 2, SECOND);
	assert_int_equal(world->granted, 2);
	assert_int_equal(world->heard[0], 3);
	assert_int_equal(world->heard[1], 0);
	assert_int_equal(c3_counts(world).wants, 2);
}

static void key_is_proven(void **state)
{
	struct c3_world *world = *state;

	c3_ask_key(world, "/k/1");
	c3_run(world, 1, SECOND);
	assert_int_equal(world->code, DC_C3_GRANTED);
	/* The first SPA has another subtree: a proof for each. */
	assert_int_equal(world->proofs, 2);
}

/* Other SPAs than those it began with: nonces of the old ones are forgotten. */
static void other_spas(void **state)
{
	struct c3_world *world = *state;
	struct damc_name spa[2];

	c3_name(&spa[0], "/damc/spa/2");
	c3_name(&spa[1], "/damc/spa/1");
	c3_ask_pod(world, "/shop/a");
	c3_run(world, 1, SECOND);
	assert_int_equal(world->heard[0], 2);
	assert_false(dc_c3_client_spas(world->client, spa, 0));
	assert_false(dc_c3_client_spas(world->client, spa, DC_C3_SPAS_MAX + 1));
	world->dead[1] = true;
	assert_true(dc_c3_client_spas(world->client, spa, 2));
	c3_ask_pod(world, "/shop/b");
	c3_run(world, 2, 5 * SECOND);
	assert_int_equal(world->granted, 2);
	assert_int_equal(world->heard[0], 4);
	/* One that was asked and is on the list no more. */
	world->dead[0] = true;
	c3_ask_pod(world, "/shop/c");
	c3_run(world, 3, 1500000);
	assert_true(dc_c3_client_spas(world->client, &spa[1], 1));
	world->dead[0] = false;
	c3_run(world, 3, 5 * SECOND);
	assert_int_equal(world->granted, 3);
}

static void no_proof(void **state)
{
	struct c3_world *world = *state;

	world->refuses = true;
	c3_ask_key(world, "/k/1");
	c3_run(world, 1, SECOND);
	assert_int_equal(world->code, DC_C3_PROOF);
	world->silent = true;
	c3_ask_key(world, "/k/1");
	c3_run(world, 2, 6 * SECOND);
	assert_int_equal(world->code, DC_C3_UNREACHABLE);
	assert_int_equal(c3_counts(world).wants, 0);
}

static void refused(void **state)
{
	struct c3_world *world = *state;

	c3_ask_pod(world, "/k/1");
	c3_run(world, 1, SECOND);
	assert_int_equal(world->code, DC_C3_NO_POLICY);
	assert_non_null(strstr(world->words, "no rule"));
	assert_int_equal(c3_counts(world).wants, 0);
	/* Of nobody's subtree: told once all said so. */
	c3_ask_pod(world, "/other");
	c3_run(world, 2, SECOND);
	assert_int_equal(world->code, DC_C3_SUBTREE);
	assert_true(world->heard[0] && world->heard[1]);
}

static void next_spa_if_one_is_dead(void **state)
{
	struct c3_world *world = *state;

	world->dead[0] = true;
	c3_ask_pod(world, "/shop/a");
	c3_run(world, 1, 5 * SECOND);
	assert_int_equal(world->code, DC_C3_GRANTED);
	assert_int_equal(world->heard[1], 2);
}

static void all_dead(void **state)
{
	struct c3_world *world = *state;

	world->dead[0] = true;
	world->dead[1] = true;
	c3_ask_pod(world, "/shop/a");
	c3_run(world, 1, 10 * SECOND);
	assert_int_equal(world->code, DC_C3_UNREACHABLE);
	assert_int_equal(world->now, 5 * SECOND);
	assert_int_equal(dc_c3_client_next(world->client), UINT64_MAX);
	/* One that is there again in time is found in the next round. */
	c3_ask_pod(world, "/shop/a");
	c3_run(world, 2, 2500000);
	world->dead[0] = false;
	c3_run(world, 2, 5 * SECOND);
	assert_int_equal(world->code, DC_C3_GRANTED);
}

/* One that cannot even be called is not waited for; the registrant is told why. */
static void no_call_can_be_made(void **state)
{
	struct c3_world *world = *state;

	world->cannot[0] = true;
	c3_ask_pod(world, "/shop/a");
	c3_run(world, 1, SECOND);
	assert_int_equal(world->code, DC_C3_GRANTED);
	assert_int_equal(world->now, 0);
	assert_int_equal(world->called[0], 1);
	/* And with the nonce of the second in stock. */
	world->cannot[1] = true;
	c3_ask_pod(world, "/shop/b");
	c3_run(world, 2, 10 * SECOND);
	assert_int_equal(world->code, DC_C3_UNREACHABLE);
	assert_int_equal(world->now, 5 * SECOND);
	assert_non_null(strstr(world->words, "could make no call"));
	/* Rounds: after 0.25 s at first, then twice as long. */
	assert_in_range(world->called[0], 4, 8);
	assert_int_equal(c3_counts(world).wants, 1);
	/* One that is called at last, and is not there, is another matter. */
	c3_ask_pod(world, "/shop/c");
	memset(world->cannot, false, sizeof(world->cannot));
	memset(world->dead, true, sizeof(world->dead));
	c3_run(world, 3, 10 * SECOND);
	assert_null(strstr(world->words, "could make no call"));
}

static void spa_forgot_its_nonces(void **state)
{
	struct c3_world *world = *state;

	c3_ask_pod(world, "/shop/a");
	c3_run(world, 1, SECOND);
	dc_spa_free(world->spa[0]);
	c3_start_spa(world, 0, "/shop");
	world->number = 100;
	c3_ask_pod(world, "/shop/b");
	c3_run(world, 2, SECOND);
	assert_int_equal(world->granted, 2);
}

static void flip(struct c3_world *world, uint8_t *bytes, int *len)
{
	bytes[(world->outcomes * 31 + world->heard[0] * 7) % *len] ^= 1;
}

static void truncate_it(struct c3_world *world, uint8_t *bytes, int *len)
{
	(void)world;
	(void)bytes;
	*len -= 1;
}

/* Whatever comes that no SPA said is as if nothing had come. */
static void forged_answers(void **state)
{
	struct c3_world *world = *state;
	int i;

	for (i = 0; i < 2; i++) {
		world->spoil = i ? truncate_it : flip;
		c3_ask_pod(world, "/shop/a");
		c3_run(world, i + 1, 10 * SECOND);
		assert_int_equal(world->code, DC_C3_UNREACHABLE);
	}
	assert_true(c3_counts(world).disbelieved > 0);
	assert_int_equal(world->granted, 0);
}

static uint8_t replay[DC_C3_ANSWER_MAX];
static int replay_len;

static void record(struct c3_world *world, uint8_t *bytes, int *len)
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
	struct c3_world *world = *state;

	replay_len = 0;
	world->spoil = record;
	c3_ask_pod(world, "/shop/a");
	c3_run(world, 1, SECOND);
	assert_int_equal(world->granted, 1);
	c3_ask_pod(world, "/shop/b");
	c3_run(world, 2, 10 * SECOND);
	assert_int_equal(world->code, DC_C3_UNREACHABLE);
	assert_true(c3_counts(world).disbelieved > 0);
}

static void late_and_strange_answers(void **state)
{
	struct c3_world *world = *state;
	uint64_t call, i;

	c3_ask_pod(world, "/shop/a");
	call = world->call[0].call;
	for (i = 0; i < 64; i++)
		dc_c3_client_answer(world->client, call ^ 1ull << i, NULL, 0,
				    world->now);
	assert_int_equal(c3_counts(world).late, 64);
	c3_run(world, 1, SECOND);
	assert_int_equal(world->code, DC_C3_GRANTED);
	dc_c3_client_answer(world->client, call, NULL, 0, world->now);
	dc_c3_client_answer(world->client, call, "x", 1, world->now);
	assert_int_equal(world->outcomes, 1);
	assert_int_equal(c3_counts(world).wants, 1);
	assert_int_equal(c3_counts(world).late, 66);
}

static void forgotten(void **state)
{
	struct c3_world *world = *state;
	uint64_t id = c3_ask_pod(world, "/shop/a"), other;

	dc_c3_client_forget(world->client, id);
	c3_run(world, 1, SECOND);
	assert_int_equal(world->outcomes, 0);
	assert_int_equal(c3_counts(world).wants, 0);
	/* Its place is another's, its id is not. */
	other = c3_ask_pod(world, "/shop/a");
	assert_int_not_equal(id, other);
	dc_c3_client_forget(world->client, id);
	c3_run(world, 1, SECOND);
	assert_int_equal(world->granted, 1);
}

/* Before half of the life, never later, and not all at once. */
static void renewed(void **state)
{
	struct c3_world *world = *state;
	uint64_t first, soonest = UINT64_MAX, latest = 0, at;
	char name[32];
	int i;

	for (i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "/shop/%d", i);
		c3_ask_pod(world, name);
	}
	c3_run(world, 40, SECOND);
	assert_int_equal(world->granted, 40);
	first = world->not_after;
	for (i = 0; i < 40; i++) {
		c3_run(world, 41 + i, 13 * HOUR);
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
	assert_int_equal(c3_counts(world).renewed, 40);
}

/* No SPA from just before a renewal on: nothing is lost for half a life. */
static void outage(void **state)
{
	struct c3_world *world = *state;
	uint64_t granted_until;

	c3_ask_pod(world, "/shop/a");
	c3_run(world, 1, SECOND);
	granted_until = (world->not_after - LAB_TIME_MS) * 1000;
	world->dead[0] = true;
	world->dead[1] = true;
	world->now = dc_c3_client_next(world->client);
	assert_true(granted_until - world->now >= 12 * HOUR);
	c3_run(world, 2, 11 * HOUR);
	assert_int_equal(world->outcomes, 1);
	world->dead[0] = false;
	c3_run(world, 2, HOUR);
	assert_int_equal(world->renewals, 1);
	assert_int_equal(world->code, DC_C3_GRANTED);
}

/* To renew is refused: told, tried again later, and over with the grant. */
static void renewal_refused(void **state)
{
	struct c3_world *world = *state;

	c3_ask_pod(world, "/shop/a");
	c3_run(world, 1, SECOND);
	world->policy.n_rules = 0;
	c3_run(world, 2, 13 * HOUR);
	assert_int_equal(world->code, DC_C3_NO_POLICY);
	assert_int_equal(world->renewals, 1);
	assert_int_equal(c3_counts(world).wants, 1);
	c3_run(world, 1000, 24 * HOUR);
	assert_int_equal(c3_counts(world).wants, 0);
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
	struct c3_world *world = *state;
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
	c3_run(world, 1, 4 * HOUR);
	assert_int_equal(world->now, 3 * HOUR);
	assert_int_equal(world->renewals, 1);
	assert_int_equal(world->code, DC_C3_GRANTED);
	/* From then on it is as any other. */
	assert_true(dc_c3_client_due(world->client, id) >= 12 * HOUR);
	held.not_after = LAB_TIME_MS;
	assert_int_equal(dc_c3_client_hold(world->client, &want, &held, &id,
					   world->now), -ESTALE);
	assert_int_equal(c3_counts(world).wants, 1);
}

/* A tenth of all calls is lost, some answers are spoilt: all are granted. */
static void over_a_bad_network(void **state)
{
	struct c3_world *world = *state;
	const char *text = getenv("SEED");
	unsigned int seed = text ? strtoul(text, NULL, 0) : 1;
	char name[32];
	int i, rounds;

	printf("SEED=%u\n", seed);
	for (i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "/shop/%d", i);
		c3_ask_pod(world, name);
		/* Its own outcome: time passes, and others are renewed meanwhile. */
		for (rounds = 0; world->outcomes - world->renewals == i;
		     rounds++) {
			assert_true(rounds < 1000);
			world->dead[0] = rand_r(&seed) % 10 == 0;
			world->spoil = rand_r(&seed) % 10 ? NULL : flip;
			if (world->n_calls) {
				c3_deliver_one(world);
				continue;
			}
			world->now = dc_c3_client_next(world->client);
			dc_c3_client_timer(world->client, world->now);
		}
		assert_int_equal(world->code, DC_C3_GRANTED);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, c3_setup, c3_teardown)

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
