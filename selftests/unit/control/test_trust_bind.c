// SPDX-License-Identifier: GPL-2.0
/*
 * Bindings: what a portable grant allows counts only where its holder says, and
 * what a node remembers does not depend on the order in which it heard things.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lab.h"

#define S 1000000ull
#define HOUR (3600 * S)
#define ROUNDS 100
#define STEPS 60

struct world {
	struct lab lab;
	struct dc_identity spa, other_spa, sg1, sg2, sg3, sr;
	struct lab_holder holder, thief;
	struct dc_trust *trust;
	struct lab_object grant;
};

static enum dc_verdict give(struct world *world,
			    const struct lab_object *object, uint64_t now_us)
{
	struct dc_object read;

	return dc_trust_check(world->trust, object->bytes, object->len, &read,
			      now_us);
}

static struct dc_trust *new_trust(struct world *world)
{
	const struct dc_identity *others[] = {
		&world->spa, &world->other_spa, &world->sg1, &world->sg2,
		&world->sg3,
	};

	return lab_trust(&world->lab, &world->sr, others, 5);
}

static void begin(struct world *world)
{
	memset(world, 0, sizeof(*world));
	lab_init(&world->lab, &dc_stand_in, 1);
	lab_enrol(&world->lab, &world->spa, "spa1", DC_ROLE_SPA, "/");
	lab_enrol(&world->lab, &world->other_spa, "spa2", DC_ROLE_SPA, "/");
	lab_enrol(&world->lab, &world->sg1, "sg1", DC_ROLE_SG, "");
	lab_enrol(&world->lab, &world->sg2, "sg2", DC_ROLE_SG, "");
	lab_enrol(&world->lab, &world->sg3, "sg3", DC_ROLE_SG, "");
	lab_enrol(&world->lab, &world->sr, "sr", DC_ROLE_SR, "");
	lab_keypair(&world->lab, world->holder.key, world->holder.secret);
	lab_keypair(&world->lab, world->thief.key, world->thief.secret);
	world->trust = new_trust(world);
}

static void end(struct world *world)
{
	dc_trust_free(world->trust);
}

static void grant(struct world *world, const char *name, uint8_t rights,
		  const char *gateways)
{
	lab_grant_key(&world->lab, &world->spa, name, rights, gateways,
		      &world->holder, &world->grant);
	assert_int_equal(give(world, &world->grant, 0), DC_VALID);
}

static enum dc_verdict bind_for(struct world *world, const char *name,
				enum dc_right right, const char *gateway,
				uint32_t epoch, uint64_t now_us)
{
	struct lab_object binding;

	lab_bind(&world->lab, &world->holder, name, right, gateway, epoch,
		 false, &binding);
	return give(world, &binding, now_us);
}

static enum dc_verdict claim(struct world *world, const char *gateway,
			     const char *name, enum dc_right right,
			     uint32_t epoch, uint64_t now_us)
{
	struct dc_prefix prefix = lab_prefix(name, right, &world->grant);
	struct dc_node_id node = lab_id(gateway);

	prefix.epoch = lab_epoch(epoch);
	return dc_trust_prefix(world->trust, &node, &prefix, now_us);
}

/* What is portable counts once it is bound, and not before. */
static void bound_counts(struct world *world)
{
	assert_int_equal(claim(world, "sg1", "/b", DC_RIGHT_NAME, 5, 0),
			 DC_UNKNOWN);
	assert_int_equal(bind_for(world, "/b", DC_RIGHT_NAME, "sg1", 5, 0),
			 DC_VALID);
	assert_int_equal(claim(world, "sg1", "/b", DC_RIGHT_NAME, 5, 0),
			 DC_VALID);
}

static void a_portable_grant_counts_where_it_is_bound(void **state)
{
	struct world world;

	(void)state;
	begin(&world);
	grant(&world, "/b", DC_RIGHT_NAME, "sg1 sg2");
	bound_counts(&world);
	assert_int_equal(claim(&world, "sg1", "/b", DC_RIGHT_NAME, 4, 0),
			 DC_VALID);
	/* No gateway claims more than was signed, or what is bound elsewhere. */
	assert_int_equal(claim(&world, "sg1", "/b", DC_RIGHT_NAME, 6, 0),
			 DC_NOT_ALLOWED);
	assert_int_equal(claim(&world, "sg2", "/b", DC_RIGHT_NAME, 5, 0),
			 DC_NOT_ALLOWED);
	assert_int_equal(claim(&world, "sg1", "/b/c", DC_RIGHT_NAME, 5, 0),
			 DC_UNKNOWN);
	end(&world);
}

static void a_grant_for_any_gateway_is_portable(void **state)
{
	struct world world;

	(void)state;
	begin(&world);
	grant(&world, "/b", DC_RIGHT_NAME, "");
	bound_counts(&world);
	end(&world);
}

static void a_grant_for_one_gateway_needs_none(void **state)
{
	struct world world;

	(void)state;
	begin(&world);
	grant(&world, "/b", DC_RIGHT_NAME, "sg1");
	assert_int_equal(claim(&world, "sg1", "/b", DC_RIGHT_NAME, 5, 0),
			 DC_VALID);
	assert_int_equal(bind_for(&world, "/b", DC_RIGHT_NAME, "sg1", 5, 0),
			 DC_UNKNOWN);
	end(&world);
}

static void the_higher_epoch_wins(void **state)
{
	struct world world;

	(void)state;
	begin(&world);
	grant(&world, "/b", DC_RIGHT_NAME, "sg1 sg2");
	assert_int_equal(bind_for(&world, "/b", DC_RIGHT_NAME, "sg2", 9, 0),
			 DC_VALID);
	/* Old, and so without effect. */
	assert_int_equal(bind_for(&world, "/b", DC_RIGHT_NAME, "sg1", 8, 0),
			 DC_VALID);
	assert_int_equal(claim(&world, "sg1", "/b", DC_RIGHT_NAME, 8, 0),
			 DC_NOT_ALLOWED);
	assert_int_equal(claim(&world, "sg2", "/b", DC_RIGHT_NAME, 9, 0),
			 DC_VALID);
	assert_int_equal(bind_for(&world, "/b", DC_RIGHT_NAME, "sg1", 10, 0),
			 DC_VALID);
	assert_int_equal(claim(&world, "sg1", "/b", DC_RIGHT_NAME, 10, 0),
			 DC_VALID);
	assert_int_equal(claim(&world, "sg2", "/b", DC_RIGHT_NAME, 9, 0),
			 DC_NOT_ALLOWED);
	end(&world);
}

static void members_coexist(void **state)
{
	struct world world;

	(void)state;
	begin(&world);
	grant(&world, "/b", DC_RIGHT_MEMBER, "sg1 sg2");
	assert_int_equal(bind_for(&world, "/b/4", DC_RIGHT_MEMBER, "sg1", 5,
				  0), DC_VALID);
	assert_int_equal(bind_for(&world, "/b/4", DC_RIGHT_MEMBER, "sg2", 9,
				  0), DC_VALID);
	assert_int_equal(claim(&world, "sg1", "/b/4", DC_RIGHT_MEMBER, 5, 0),
			 DC_VALID);
	assert_int_equal(claim(&world, "sg2", "/b/4", DC_RIGHT_MEMBER, 9, 0),
			 DC_VALID);
	end(&world);
}

static void what_is_ended_is_nowhere(void **state)
{
	struct lab_object binding;
	struct world world;

	(void)state;
	begin(&world);
	grant(&world, "/b", DC_RIGHT_NAME, "sg1 sg2");
	assert_int_equal(bind_for(&world, "/b", DC_RIGHT_NAME, "sg1", 5, 0),
			 DC_VALID);
	lab_bind(&world.lab, &world.holder, "/b", DC_RIGHT_NAME, "sg1", 6,
		 true, &binding);
	assert_int_equal(give(&world, &binding, 0), DC_VALID);
	assert_int_equal(claim(&world, "sg1", "/b", DC_RIGHT_NAME, 5, 0),
			 DC_NOT_ALLOWED);
	end(&world);
}

static void it_ends_with_its_time(void **state)
{
	struct dc_trust_counts counts;
	struct world world;

	(void)state;
	begin(&world);
	grant(&world, "/b", DC_RIGHT_NAME, "sg1 sg2");
	assert_int_equal(bind_for(&world, "/b", DC_RIGHT_NAME, "sg1", 0, 0),
			 DC_VALID);
	/* Said anew, it lasts longer. */
	assert_int_equal(bind_for(&world, "/b", DC_RIGHT_NAME, "sg1", 1800,
				  1800 * S), DC_VALID);
	assert_int_equal(claim(&world, "sg1", "/b", DC_RIGHT_NAME, 0, HOUR),
			 DC_VALID);
	assert_int_equal(claim(&world, "sg1", "/b", DC_RIGHT_NAME, 0,
			       HOUR + 1801 * S), DC_UNKNOWN);
	dc_trust_counts(world.trust, &counts);
	assert_int_equal(counts.bindings, 0);
	assert_int_equal(bind_for(&world, "/b", DC_RIGHT_NAME, "sg1", 1800,
				  3 * HOUR), DC_EXPIRED);
	/* Nobody binds what is to come, to win for hours. */
	assert_int_equal(bind_for(&world, "/b", DC_RIGHT_NAME, "sg1",
				  3 * 3600 + 601, 3 * HOUR), DC_NOT_ALLOWED);
	assert_int_equal(bind_for(&world, "/b", DC_RIGHT_NAME, "sg1",
				  3 * 3600 + 600, 3 * HOUR), DC_VALID);
	end(&world);
}

static void it_ends_with_its_last_grant(void **state)
{
	struct lab_object first, revocation;
	struct dc_trust_unbound unbound;
	struct dc_trust_counts counts;
	struct dc_hash hash;
	struct world world;

	(void)state;
	begin(&world);
	grant(&world, "/b", DC_RIGHT_NAME, "sg1 sg2");
	first = world.grant;
	assert_int_equal(bind_for(&world, "/b/x", DC_RIGHT_NAME, "sg1", 5, 0),
			 DC_VALID);
	grant(&world, "/b/x", DC_RIGHT_NAME, "sg1 sg2");
	lab_revoke(&world.lab, &world.spa, first.bytes, first.len,
		   &revocation);
	assert_int_equal(give(&world, &revocation, 0), DC_VALID);
	assert_false(dc_trust_unbound(world.trust, &unbound));
	/* The newer grant goes on. */
	assert_int_equal(claim(&world, "sg1", "/b/x", DC_RIGHT_NAME, 5, 0),
			 DC_VALID);
	lab_revoke(&world.lab, &world.spa, world.grant.bytes, world.grant.len,
		   &revocation);
	assert_int_equal(give(&world, &revocation, 0), DC_VALID);
	while (dc_trust_ended(world.trust, &hash, 0))
		;
	assert_true(dc_trust_unbound(world.trust, &unbound));
	assert_false(dc_trust_unbound(world.trust, &unbound));
	dc_trust_counts(world.trust, &counts);
	assert_int_equal(counts.bindings, 0);
	assert_int_equal(bind_for(&world, "/b/x", DC_RIGHT_NAME, "sg1", 6, 0),
			 DC_UNKNOWN);
	end(&world);
}

/* Whoever it is that signs: state and counts are as before. */
static void nobody_binds_what_is_anothers(void **state)
{
	struct dc_trust_counts before, after;
	struct lab_holder forger;
	struct lab_object binding;
	struct world world;

	(void)state;
	begin(&world);
	grant(&world, "/b", DC_RIGHT_NAME, "sg1 sg2");
	dc_trust_counts(world.trust, &before);
	lab_bind(&world.lab, &world.thief, "/b", DC_RIGHT_NAME, "sg2", 9,
		 false, &binding);
	assert_int_equal(give(&world, &binding, 0), DC_UNKNOWN);
	/* With the holder's key, but not its secret. */
	forger = world.thief;
	memcpy(forger.key, world.holder.key, sizeof(forger.key));
	lab_bind(&world.lab, &forger, "/b", DC_RIGHT_NAME, "sg2", 9, false,
		 &binding);
	binding.bytes[binding.len - 1] ^= 1;
	assert_int_equal(give(&world, &binding, 0), DC_FORGED);
	/* Beyond the grant: another right, gateway, name. */
	assert_int_equal(bind_for(&world, "/b/4", DC_RIGHT_MEMBER, "sg1", 9,
				  0), DC_UNKNOWN);
	assert_int_equal(bind_for(&world, "/b", DC_RIGHT_NAME, "sg3", 9, 0),
			 DC_UNKNOWN);
	assert_int_equal(bind_for(&world, "/c", DC_RIGHT_NAME, "sg1", 9, 0),
			 DC_UNKNOWN);
	dc_trust_counts(world.trust, &after);
	assert_int_equal(after.bindings, 0);
	assert_int_equal(after.rebound, before.rebound);
	assert_int_equal(claim(&world, "sg2", "/b", DC_RIGHT_NAME, 9, 0),
			 DC_UNKNOWN);
	end(&world);
}

static void a_key_binds_so_many_and_no_more(void **state)
{
	struct lab_object other, binding;
	struct dc_trust_counts counts;
	struct world world;
	char name[32];
	uint32_t i;

	(void)state;
	begin(&world);
	grant(&world, "/b", DC_RIGHT_TREE, "sg1 sg2");
	for (i = 0; i <= DC_TRUST_BINDINGS_EACH; i++) {
		snprintf(name, sizeof(name), "/b/%u", i);
		assert_int_equal(bind_for(&world, name, DC_RIGHT_NAME, "sg1",
					  5, 0), i < DC_TRUST_BINDINGS_EACH ?
				 DC_VALID : DC_FULL);
	}
	/* What is there can still be moved, and others have room. */
	assert_int_equal(bind_for(&world, "/b/7", DC_RIGHT_NAME, "sg2", 6, 0),
			 DC_VALID);
	lab_grant_key(&world.lab, &world.spa, "/c", DC_RIGHT_NAME, "",
		      &world.thief, &other);
	assert_int_equal(give(&world, &other, 0), DC_VALID);
	lab_bind(&world.lab, &world.thief, "/c", DC_RIGHT_NAME, "sg2", 9,
		 false, &binding);
	assert_int_equal(give(&world, &binding, 0), DC_VALID);
	dc_trust_counts(world.trust, &counts);
	assert_int_equal(counts.bindings, DC_TRUST_BINDINGS_EACH + 1);
	end(&world);
}

/* ---- in any order ------------------------------------------------------ */

struct deck {
	struct lab_object card[STEPS];
	unsigned int n;
};

static uint64_t next(uint64_t *random)
{
	*random ^= *random << 13;
	*random ^= *random >> 7;
	*random ^= *random << 17;
	return *random;
}

static void deal(struct world *world, struct deck *deck, uint64_t *random)
{
	static const char * const name[] = { "/b", "/b/x", "/b/x/y" };
	static const char * const at[] = { "sg1", "sg2", "sg3" };
	static const char * const where[] = { "", "sg1 sg2", "sg2 sg3" };
	struct lab_object *grants[STEPS];
	unsigned int n_grants = 0, kind;

	for (deck->n = 0; deck->n < STEPS; deck->n++) {
		struct lab_object *card = &deck->card[deck->n];

		kind = next(random) % 8;
		if (kind < 2) {
			lab_grant_key(&world->lab, &world->spa,
				      name[next(random) % 3], 1 << kind * 2,
				      where[next(random) % 3], &world->holder,
				      card);
			grants[n_grants++] = card;
		} else if (kind == 2 && n_grants) {
			const struct lab_object *target =
				grants[next(random) % n_grants];

			lab_revoke(&world->lab, &world->spa, target->bytes,
				   target->len, card);
		} else {
			lab_bind(&world->lab, &world->holder,
				 name[next(random) % 3], DC_RIGHT_NAME,
				 at[next(random) % 3], next(random) % 4,
				 !(next(random) % 4), card);
		}
	}
}

/* All of it until nothing changes any more, as waiting and asking again do. */
static void hear_all(struct world *world, const struct deck *deck,
		     uint64_t *random)
{
	unsigned int order[STEPS], i, j, turn;

	for (i = 0; i < deck->n; i++)
		order[i] = i;
	for (i = deck->n; i > 1; i--) {
		unsigned int other = next(random) % i, was = order[i - 1];

		order[i - 1] = order[other];
		order[other] = was;
	}
	for (turn = 0; turn < 3; turn++)
		for (j = 0; j < deck->n; j++)
			give(world, &deck->card[order[j]], 0);
}

/* A grant that came after its revocation is unknown, not revoked. */
static bool claims(struct world *world, const char *gateway, const char *name,
		   uint32_t epoch)
{
	return claim(world, gateway, name, DC_RIGHT_NAME, epoch, 0) == DC_VALID;
}

static void says_the_same(struct world *a, struct world *b,
			  const struct deck *deck)
{
	static const char * const name[] = { "/b", "/b/x", "/b/x/y" };
	static const char * const at[] = { "sg1", "sg2", "sg3" };
	struct dc_trust_counts ca, cb;
	unsigned int card, n, g;
	uint32_t epoch;
	bool valid[2];

	dc_trust_counts(a->trust, &ca);
	dc_trust_counts(b->trust, &cb);
	assert_int_equal(ca.bindings, cb.bindings);
	for (card = 0; card < deck->n; card++)
		for (n = 0; n < 3; n++)
			for (g = 0; g < 3; g++)
				for (epoch = 0; epoch < 5; epoch++) {
					a->grant = deck->card[card];
					b->grant = deck->card[card];
					valid[0] = claims(a, at[g], name[n],
							  epoch);
					valid[1] = claims(b, at[g], name[n],
							  epoch);
					assert_int_equal(valid[0], valid[1]);
				}
}

static void order_does_not_matter(void **state)
{
	const char *text = getenv("SEED");
	uint64_t random = text ? strtoull(text, NULL, 0) : 1;
	static struct deck deck;
	struct world a, b;
	unsigned int i;

	(void)state;
	printf("# SEED=%llu\n", (unsigned long long)random);
	random = random * 2654435761 + 1;
	begin(&a);
	b = a;
	for (i = 0; i < ROUNDS; i++) {
		dc_trust_free(a.trust);
		a.trust = new_trust(&a);
		b.trust = new_trust(&b);
		deal(&a, &deck, &random);
		hear_all(&a, &deck, &random);
		hear_all(&b, &deck, &random);
		says_the_same(&a, &b, &deck);
		dc_trust_free(b.trust);
	}
	end(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_portable_grant_counts_where_it_is_bound),
		cmocka_unit_test(a_grant_for_any_gateway_is_portable),
		cmocka_unit_test(a_grant_for_one_gateway_needs_none),
		cmocka_unit_test(the_higher_epoch_wins),
		cmocka_unit_test(members_coexist),
		cmocka_unit_test(what_is_ended_is_nowhere),
		cmocka_unit_test(it_ends_with_its_time),
		cmocka_unit_test(it_ends_with_its_last_grant),
		cmocka_unit_test(nobody_binds_what_is_anothers),
		cmocka_unit_test(a_key_binds_so_many_and_no_more),
		cmocka_unit_test(order_does_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
