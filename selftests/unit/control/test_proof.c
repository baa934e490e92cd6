// SPDX-License-Identifier: GPL-2.0
/* A gateway's nonces, and bindings that come back signed, or not quite. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "lab.h"
#include "proof.h"

#define S 1000000ull
#define EVERY 3

struct world {
	struct lab lab;
	struct dc_identity spa, sg1;
	struct lab_holder holder, thief;
	struct dc_trust *trust;
	struct dc_proof *proof;
	struct dc_proof_claim claim;
	uint64_t now_us;
	uint32_t epoch;
	uint8_t bytes[DC_OBJECT_MAX];
	size_t len;
};

static struct dc_proof *new_proof(struct world *world, uint8_t secret)
{
	struct dc_proof_config config = {
		.crypto = world->lab.crypto, .trust = world->trust,
		.domain = dc_domain_of(LAB_DOMAIN), .gateway = lab_id("sg1"),
		.secret = { secret },
	};

	return dc_proof_new(&config);
}

static int setup(void **state)
{
	static struct world world;
	const struct dc_identity *others[] = { &world.spa };

	memset(&world, 0, sizeof(world));
	lab_init(&world.lab, &dc_ed25519, 1);
	lab_enrol(&world.lab, &world.spa, "spa1", DC_ROLE_SPA, "/");
	lab_enrol(&world.lab, &world.sg1, "sg1", DC_ROLE_SG, "");
	lab_keypair(&world.lab, world.holder.key, world.holder.secret);
	lab_keypair(&world.lab, world.thief.key, world.thief.secret);
	world.trust = lab_trust(&world.lab, &world.sg1, others, 1);
	world.proof = new_proof(&world, 1);
	world.claim.name = lab_name("/b/4");
	world.claim.right = DC_RIGHT_MEMBER;
	memcpy(world.claim.key, world.holder.key, DC_KEY_BYTES);
	*state = &world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;

	dc_proof_free(world->proof);
	dc_trust_free(world->trust);
	return 0;
}

static void sign(struct world *world, const struct lab_holder *holder)
{
	uint8_t message[DC_OBJECT_SIGNED_MAX];
	size_t n = dc_object_signed_bytes(message, world->bytes, world->len);

	world->lab.crypto->sign(world->bytes + world->len, message, n,
				holder->secret);
	world->len += DC_SIGNATURE_BYTES;
}

static void offer(struct world *world)
{
	int len = dc_proof_offer(world->proof, &world->claim, world->now_us,
				 &world->epoch, world->bytes);

	assert_true(len > 0);
	world->len = len;
}

static enum dc_proof_code take(struct world *world)
{
	struct dc_proof_claim claim = world->claim;
	struct dc_object object;
	enum dc_proof_code code;

	memset(claim.key, 0, sizeof(claim.key));
	code = dc_proof_take(world->proof, &claim, world->bytes, world->len,
			     world->now_us, &object);
	if (code != DC_PROOF_GOOD)
		return code;
	assert_memory_equal(claim.key, world->claim.key, DC_KEY_BYTES);
	assert_int_equal(object.seq.epoch, world->epoch);
	return code;
}

static void good_once(void **state)
{
	struct world *world = *state;

	offer(world);
	sign(world, &world->holder);
	assert_int_equal(take(world), DC_PROOF_GOOD);
	assert_int_equal(take(world), DC_PROOF_NONCE);
	offer(world);
	sign(world, &world->holder);
	assert_int_equal(take(world), DC_PROOF_GOOD);
}

static void good_for_a_minute(void **state)
{
	struct world *world = *state;

	offer(world);
	sign(world, &world->holder);
	world->now_us += DC_PROOF_NONCE_S * S;
	assert_int_equal(take(world), DC_PROOF_NONCE);
	offer(world);
	sign(world, &world->holder);
	world->now_us += DC_PROOF_NONCE_S * S - 1;
	assert_int_equal(take(world), DC_PROOF_GOOD);
}

static void another_runs_nonce_is_none(void **state)
{
	struct world *world = *state;

	offer(world);
	sign(world, &world->holder);
	dc_proof_free(world->proof);
	world->proof = new_proof(world, 2);
	assert_int_equal(take(world), DC_PROOF_NONCE);
}

/* Who has not got the key cannot use up a nonce that its holder was given. */
static void forged_and_then_right(void **state)
{
	struct world *world = *state;
	size_t unsigned_len;

	offer(world);
	unsigned_len = world->len;
	sign(world, &world->thief);
	assert_int_equal(take(world), DC_PROOF_FORGED);
	world->len = unsigned_len;
	sign(world, &world->holder);
	assert_int_equal(take(world), DC_PROOF_GOOD);
}

static void for_this_and_nothing_else(void **state)
{
	struct world *world = *state;
	struct lab_object elsewhere;

	offer(world);
	sign(world, &world->holder);
	world->claim.name = lab_name("/b/5");
	assert_int_equal(take(world), DC_PROOF_OTHER);
	world->claim.name = lab_name("/b/4");
	world->claim.right = DC_RIGHT_NAME;
	assert_int_equal(take(world), DC_PROOF_OTHER);
	world->claim.right = DC_RIGHT_MEMBER;
	assert_int_equal(take(world), DC_PROOF_GOOD);
	/* What another gateway was shown, and what ends. */
	lab_bind(&world->lab, &world->holder, "/b/4", DC_RIGHT_MEMBER, "sg2", 5,
		 false, &elsewhere);
	memcpy(world->bytes, elsewhere.bytes, elsewhere.len);
	world->len = elsewhere.len;
	assert_int_equal(take(world), DC_PROOF_OTHER);
	lab_bind(&world->lab, &world->holder, "/b/4", DC_RIGHT_MEMBER, "sg1", 5,
		 true, &elsewhere);
	memcpy(world->bytes, elsewhere.bytes, elsewhere.len);
	assert_int_equal(take(world), DC_PROOF_OTHER);
}

static void the_next_epoch_is_above_what_is_known(void **state)
{
	struct world *world = *state;
	struct lab_object grant, newer;
	struct dc_object object;

	lab_grant_key(&world->lab, &world->spa, "/b", DC_RIGHT_MEMBER, "",
		      &world->holder, &grant);
	assert_int_equal(dc_trust_check(world->trust, grant.bytes, grant.len,
					&object, 0), DC_VALID);
	offer(world);
	assert_int_equal(world->epoch, lab_epoch(0));
	sign(world, &world->holder);
	lab_bind(&world->lab, &world->holder, "/b/4", DC_RIGHT_MEMBER, "sg1", 7,
		 false, &newer);
	assert_int_equal(dc_trust_check(world->trust, newer.bytes, newer.len,
					&object, 0), DC_VALID);
	assert_int_equal(take(world), DC_PROOF_OLDER);
	offer(world);
	assert_int_equal(world->epoch, lab_epoch(8));
	sign(world, &world->holder);
	assert_int_equal(take(world), DC_PROOF_GOOD);
}

static void no_name_that_cannot_have_it(void **state)
{
	struct world *world = *state;

	world->claim.name = lab_name("/b");
	assert_int_equal(dc_proof_offer(world->proof, &world->claim, 0,
					&world->epoch, world->bytes), -EINVAL);
	world->claim.name.len = 0;
	world->claim.right = DC_RIGHT_NAME;
	assert_int_equal(dc_proof_offer(world->proof, &world->claim, 0,
					&world->epoch, world->bytes), -EINVAL);
}

/* Each bit, and each length: nothing of it is taken, and the nonce still is. */
static void nothing_that_was_changed(void **state)
{
	struct world *world = *state;
	size_t at, whole;

	offer(world);
	sign(world, &world->holder);
	whole = world->len;
	for (at = 0; at < whole; at += EVERY) {
		world->bytes[at] ^= 1 << at % 8;
		assert_int_not_equal(take(world), DC_PROOF_GOOD);
		world->bytes[at] ^= 1 << at % 8;
	}
	for (world->len = 0; world->len < whole; world->len++)
		assert_int_equal(take(world), DC_PROOF_MALFORMED);
	assert_int_equal(take(world), DC_PROOF_GOOD);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(good_once),
		TEST(good_for_a_minute),
		TEST(another_runs_nonce_is_none),
		TEST(forged_and_then_right),
		TEST(for_this_and_nothing_else),
		TEST(the_next_epoch_is_above_what_is_known),
		TEST(no_name_that_cannot_have_it),
		TEST(nothing_that_was_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
