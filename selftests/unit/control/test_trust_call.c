// SPDX-License-Identifier: GPL-2.0
/*
 * Call rules: who may call whom, what lapses, and that nothing lapses into being
 * allowed; against a twin that keeps all rules in a list and compares names.
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
#define MS_PER_S 1000
#define ROUNDS 60
#define STEPS 60

struct world {
	struct lab lab;
	struct dc_identity spa, other, node;
	struct dc_trust *trust;
	uint64_t counter;
};

static void begin(struct world *world)
{
	const struct dc_identity *others[] = { &world->spa, &world->other };

	memset(world, 0, sizeof(*world));
	lab_init(&world->lab, &dc_stand_in, 1);
	lab_enrol(&world->lab, &world->spa, "spa1", DC_ROLE_SPA, "/");
	lab_enrol(&world->lab, &world->other, "spa2", DC_ROLE_SPA, "/a");
	lab_enrol(&world->lab, &world->node, "sg1", DC_ROLE_SG, "");
	world->trust = lab_trust(&world->lab, &world->node, others, 2);
}

static void end(struct world *world)
{
	dc_trust_free(world->trust);
}

static enum dc_verdict give(struct world *world,
			    const struct lab_object *object, uint64_t now_us)
{
	struct dc_object read;

	return dc_trust_check(world->trust, object->bytes, object->len, &read,
			      now_us);
}

/* @callers: texts, separated by spaces. */
static struct dc_call_rule rule_for(const char *callers)
{
	struct dc_call_rule rule = { 0 };
	char text[256], *rest = NULL, *word;

	snprintf(text, sizeof(text), "%s", callers);
	for (word = strtok_r(text, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest))
		rule.caller[rule.n++] = lab_name(word);
	return rule;
}

/* From now on until @end_s; NULL for @rule: one that nobody can read. */
static void sign_rule(struct world *world, const struct dc_identity *spa,
		      const char *callee, const struct dc_call_rule *rule,
		      uint32_t end_s, struct lab_object *object)
{
	uint8_t body[DC_OBJECT_MAX] = "\xff";
	struct dc_object made = {
		.type = DC_CALL_RULE, .subject = lab_name(callee),
		.seq.counter = ++world->counter, .body = body, .body_len = 1,
		.not_after = LAB_TIME_MS + end_s * MS_PER_S,
	};

	if (rule)
		made.body_len = dc_call_rule_write(rule, body, sizeof(body));
	lab_sign(&world->lab, spa, &made, object);
}

static void let(struct world *world, const char *callee, const char *callers)
{
	struct dc_call_rule rule = rule_for(callers);
	struct lab_object object;

	sign_rule(world, &world->spa, callee, &rule, 3600, &object);
	assert_int_equal(give(world, &object, 0), DC_VALID);
}

static enum dc_call call(struct world *world, const char *caller,
			 const char *callee, uint64_t now_us)
{
	struct dc_caller *is = dc_caller_new(world->trust);
	struct damc_name name = lab_name(caller);
	enum dc_call call;

	assert_int_equal(dc_caller_is(is, &name), 0);
	name = lab_name(callee);
	call = dc_trust_call(world->trust, is, &name, now_us);
	dc_caller_free(is);
	return call;
}

static uint64_t changes(const struct world *world)
{
	struct dc_trust_counts counts;

	dc_trust_counts(world->trust, &counts);
	return counts.recalled;
}

static void without_rules_all_is_free(void **state)
{
	struct world world;

	(void)state;
	begin(&world);
	assert_int_equal(call(&world, "/pod/sg1/1", "/b", 0), DC_CALL_FREE);
	let(&world, "/a", "");
	assert_int_equal(call(&world, "/pod/sg1/1", "/b", 0), DC_CALL_FREE);
	assert_int_equal(call(&world, "/pod/sg1/1", "/ab", 0), DC_CALL_FREE);
	end(&world);
}

static void callers_and_what_is_below_them(void **state)
{
	struct world world;

	(void)state;
	begin(&world);
	let(&world, "/shop/cart", "/shop/web /pod/sg1");
	assert_int_equal(call(&world, "/pod/sg1/7", "/shop/cart", 0),
			 DC_CALL_ALLOWED);
	assert_int_equal(call(&world, "/shop/web", "/shop/cart/3", 0),
			 DC_CALL_ALLOWED);
	assert_int_equal(call(&world, "/shop/web/1", "/shop/cart/3/x", 0),
			 DC_CALL_ALLOWED);
	assert_int_equal(call(&world, "/shop", "/shop/cart", 0),
			 DC_CALL_REFUSED);
	assert_int_equal(call(&world, "/shop/webs", "/shop/cart", 0),
			 DC_CALL_REFUSED);
	assert_int_equal(call(&world, "/pod/sg2/7", "/shop/cart", 0),
			 DC_CALL_REFUSED);
	assert_int_equal(call(&world, "/pod/sg2/7", "/shop", 0), DC_CALL_FREE);
	end(&world);
}

static void the_nearest_rule_decides(void **state)
{
	struct world world;

	(void)state;
	begin(&world);
	let(&world, "/", "");
	let(&world, "/a", "/x");
	let(&world, "/a/b", "/");
	assert_int_equal(call(&world, "/y", "/a/b/c", 0), DC_CALL_ALLOWED);
	assert_int_equal(call(&world, "/y", "/a/c", 0), DC_CALL_REFUSED);
	assert_int_equal(call(&world, "/x", "/a/c", 0), DC_CALL_ALLOWED);
	assert_int_equal(call(&world, "/x", "/c", 0), DC_CALL_REFUSED);
	end(&world);
}

static void of_many_names_one_is_enough(void **state)
{
	struct damc_name one = lab_name("/pod/sg1/1"), two = lab_name("/x/1");
	struct damc_name callee = lab_name("/a");
	struct dc_caller *is;
	struct world world;

	(void)state;
	begin(&world);
	let(&world, "/a", "/x");
	is = dc_caller_new(world.trust);
	assert_int_equal(dc_caller_is(is, &one), 0);
	assert_int_equal(dc_trust_call(world.trust, is, &callee, 0),
			 DC_CALL_REFUSED);
	assert_int_equal(dc_caller_is(is, &two), 0);
	assert_int_equal(dc_trust_call(world.trust, is, &callee, 0),
			 DC_CALL_ALLOWED);
	dc_caller_free(is);
	end(&world);
}

static void a_name_gains_what_others_lack(void **state)
{
	struct damc_name pod = lab_name("/pod/sg1/1"), more = lab_name("/x/1");
	struct damc_name none = lab_name("/y/1");
	struct dc_caller *is;
	struct world world;

	(void)state;
	begin(&world);
	is = dc_caller_new(world.trust);
	assert_int_equal(dc_caller_is(is, &pod), 0);
	assert_false(dc_trust_call_gains(world.trust, is, &more, 0));
	let(&world, "/a", "/");
	let(&world, "/b", "/x");
	assert_true(dc_trust_call_gains(world.trust, is, &more, 0));
	assert_false(dc_trust_call_gains(world.trust, is, &none, 0));
	/* What has ended gives nothing, nor does what is there already. */
	assert_false(dc_trust_call_gains(world.trust, is, &more, 3600 * S));
	assert_int_equal(dc_caller_is(is, &more), 0);
	assert_false(dc_trust_call_gains(world.trust, is, &more, 0));
	dc_caller_free(is);
	end(&world);
}

static void the_newest_of_an_spa_counts(void **state)
{
	struct dc_call_rule rule = rule_for("/x"), later = rule_for("/y");
	struct lab_object old, new;
	struct world world;
	uint64_t was;

	(void)state;
	begin(&world);
	sign_rule(&world, &world.spa, "/a", &rule, 3600, &old);
	sign_rule(&world, &world.spa, "/a", &later, 3600, &new);
	assert_int_equal(give(&world, &new, 0), DC_VALID);
	was = changes(&world);
	assert_int_equal(give(&world, &old, 0), DC_VALID);
	assert_int_equal(give(&world, &new, 0), DC_VALID);
	assert_int_equal(changes(&world), was);
	assert_int_equal(call(&world, "/x", "/a", 0), DC_CALL_REFUSED);
	assert_int_equal(call(&world, "/y", "/a", 0), DC_CALL_ALLOWED);
	/* Said again, it is no change; what another SPA says comes beside. */
	sign_rule(&world, &world.spa, "/a", &later, 3600, &new);
	assert_int_equal(give(&world, &new, 0), DC_VALID);
	assert_int_equal(changes(&world), was);
	sign_rule(&world, &world.other, "/a", &rule, 3600, &old);
	assert_int_equal(give(&world, &old, 0), DC_VALID);
	assert_int_equal(changes(&world), was + 1);
	assert_int_equal(call(&world, "/x", "/a", 0), DC_CALL_ALLOWED);
	assert_int_equal(call(&world, "/y", "/a", 0), DC_CALL_ALLOWED);
	end(&world);
}

static void what_ended_refuses(void **state)
{
	struct dc_call_rule rule = rule_for("/x");
	struct lab_object object;
	struct world world;
	uint64_t was;

	(void)state;
	begin(&world);
	sign_rule(&world, &world.spa, "/a", &rule, 10, &object);
	assert_int_equal(give(&world, &object, 0), DC_VALID);
	was = changes(&world);
	assert_int_equal(call(&world, "/x", "/a", 9 * S), DC_CALL_ALLOWED);
	assert_int_equal(call(&world, "/x", "/a", 10 * S), DC_CALL_LAPSED);
	/* And is told of, once time passes in trust, too. */
	sign_rule(&world, &world.spa, "/b", &rule, 3600, &object);
	assert_int_equal(give(&world, &object, 10 * S), DC_VALID);
	assert_int_equal(changes(&world), was + 3);
	assert_int_equal(call(&world, "/x", "/a", 10 * S), DC_CALL_LAPSED);
	sign_rule(&world, &world.spa, "/a", &rule, 3600, &object);
	assert_int_equal(give(&world, &object, 11 * S), DC_VALID);
	assert_int_equal(call(&world, "/x", "/a", 11 * S), DC_CALL_ALLOWED);
	end(&world);
}

static void what_cannot_be_read_refuses(void **state)
{
	struct lab_object object;
	struct world world;

	(void)state;
	begin(&world);
	let(&world, "/a", "/x");
	sign_rule(&world, &world.spa, "/a", NULL, 3600, &object);
	assert_int_equal(give(&world, &object, 0), DC_VALID);
	assert_int_equal(call(&world, "/x", "/a", 0), DC_CALL_LAPSED);
	end(&world);
}

static void a_tombstone_refuses(void **state)
{
	struct dc_tombstone stone = { .type = DC_CALL_RULE };
	struct lab_object object;
	struct world world;
	uint8_t body[8];
	struct dc_object made = {
		.type = DC_TOMBSTONE, .subject = lab_name("/a"), .body = body,
		.lifetime = 60, .seq.counter = 100,
	};

	(void)state;
	begin(&world);
	let(&world, "/a", "/x");
	made.body_len = dc_tombstone_write(&stone, body, sizeof(body));
	lab_sign(&world.lab, &world.spa, &made, &object);
	assert_int_equal(give(&world, &object, 0), DC_VALID);
	assert_int_equal(call(&world, "/x", "/a", 0), DC_CALL_LAPSED);
	end(&world);
}

static void a_revoked_spa_opens_nothing(void **state)
{
	struct dc_call_rule rule = rule_for("/x");
	struct lab_object object;
	struct world world;
	uint64_t was;

	(void)state;
	begin(&world);
	sign_rule(&world, &world.other, "/a", &rule, 3600, &object);
	assert_int_equal(give(&world, &object, 0), DC_VALID);
	was = changes(&world);
	lab_revoke(&world.lab, &world.spa, world.other.cert,
		   world.other.cert_len, &object);
	assert_int_equal(give(&world, &object, 0), DC_VALID);
	assert_int_equal(call(&world, "/x", "/a", 0), DC_CALL_LAPSED);
	assert_true(changes(&world) > was);
	end(&world);
}

static void only_in_its_subtrees(void **state)
{
	struct dc_call_rule rule = rule_for("/");
	struct lab_object object;
	struct world world;

	(void)state;
	begin(&world);
	let(&world, "/b", "");
	sign_rule(&world, &world.other, "/b", &rule, 3600, &object);
	assert_int_equal(give(&world, &object, 0), DC_NOT_ALLOWED);
	sign_rule(&world, &world.node, "/b", &rule, 3600, &object);
	assert_int_equal(give(&world, &object, 0), DC_NOT_ALLOWED);
	assert_int_equal(call(&world, "/x", "/b", 0), DC_CALL_REFUSED);
	end(&world);
}

static int count_one(const struct damc_name *callee, void *arg)
{
	(void)callee;
	++*(int *)arg;
	return 0;
}

static void what_had_a_rule_is_remembered(void **state)
{
	struct damc_name name = lab_name("/a/b");
	struct world world;
	int n = 0;

	(void)state;
	begin(&world);
	dc_trust_call_had_rule(world.trust, &name);
	dc_trust_call_had_rule(world.trust, &name);
	assert_int_equal(call(&world, "/x", "/a/b", 0), DC_CALL_LAPSED);
	assert_int_equal(call(&world, "/x", "/a", 0), DC_CALL_FREE);
	let(&world, "/a/b", "/x");
	assert_int_equal(call(&world, "/x", "/a/b", 0), DC_CALL_ALLOWED);
	assert_int_equal(dc_trust_callees(world.trust, count_one, &n), 0);
	assert_int_equal(n, 1);
	end(&world);
}

static void too_many_refuse(void **state)
{
	struct dc_call_rule rule = rule_for("/x");
	struct dc_trust_counts counts;
	struct lab_object object;
	struct world world;
	char name[32];
	unsigned int i;

	(void)state;
	begin(&world);
	for (i = 0; i <= DC_TRUST_CALLEES_EACH; i++) {
		snprintf(name, sizeof(name), "/a/%u", i);
		sign_rule(&world, &world.other, name, &rule, 3600, &object);
		assert_int_equal(call(&world, "/x", "/a/none", 0),
				 DC_CALL_FREE);
		assert_int_equal(give(&world, &object, 0), DC_VALID);
	}
	dc_trust_counts(world.trust, &counts);
	assert_int_equal(counts.rules_unkept, 1);
	/* What is kept counts; in this SPA's subtrees nothing else is free. */
	assert_int_equal(call(&world, "/x", "/a/0", 0), DC_CALL_ALLOWED);
	assert_int_equal(call(&world, "/x", "/a/none", 0), DC_CALL_UNKNOWN);
	assert_int_equal(call(&world, "/x", "/b", 0), DC_CALL_FREE);
	end(&world);
}

/* ---- the twin ---------------------------------------------------------- */

/**
 * struct twin_rule - the newest rule of an SPA for a callee
 * @end_s: 0: it says nothing
 */
struct twin_rule {
	char callee[16];
	int spa;
	uint32_t end_s;
	struct dc_call_rule rule;
};

struct twin {
	struct twin_rule rule[STEPS];
	unsigned int n;
};

static uint64_t next(uint64_t *random)
{
	*random ^= *random << 13;
	*random ^= *random >> 7;
	*random ^= *random << 17;
	return *random;
}

static void any_name(uint64_t *random, char text[16])
{
	unsigned int i, depth = next(random) % 4;

	strcpy(text, "/");
	for (i = 0; i < depth; i++)
		sprintf(text + 2 * i, "/%c", (int)('a' + next(random) % 2));
}

static bool is_below(const char *name, const char *above)
{
	size_t len = strlen(above);

	return !strcmp(above, "/") ||
	       (!strncmp(name, above, len) && (!name[len] || name[len] == '/'));
}

static struct twin_rule *twin_find(struct twin *twin, const char *callee,
				   int spa)
{
	unsigned int i;

	for (i = 0; i < twin->n; i++)
		if (!strcmp(twin->rule[i].callee, callee) &&
		    twin->rule[i].spa == spa)
			return &twin->rule[i];
	twin->rule[twin->n] = (struct twin_rule){ .spa = spa };
	strcpy(twin->rule[twin->n].callee, callee);
	return &twin->rule[twin->n++];
}

static bool twin_names(const struct twin_rule *rule, const char *caller)
{
	char text[DAMC_NAME_TEXT_MAX];
	uint32_t i;

	for (i = 0; i < rule->rule.n; i++) {
		damc_name_format(&rule->rule.caller[i], text, sizeof(text));
		if (is_below(caller, text))
			return true;
	}
	return false;
}

static enum dc_call twin_call(const struct twin *twin, const char *caller,
			      const char *callee, uint32_t now_s)
{
	enum dc_call call = DC_CALL_LAPSED;
	const char *nearest = NULL;
	unsigned int i;

	for (i = 0; i < twin->n; i++)
		if (is_below(callee, twin->rule[i].callee) &&
		    (!nearest ||
		     strlen(twin->rule[i].callee) > strlen(nearest)))
			nearest = twin->rule[i].callee;
	if (!nearest)
		return DC_CALL_FREE;
	for (i = 0; i < twin->n; i++) {
		if (strcmp(twin->rule[i].callee, nearest) ||
		    twin->rule[i].end_s <= now_s)
			continue;
		if (twin_names(&twin->rule[i], caller))
			return DC_CALL_ALLOWED;
		call = DC_CALL_REFUSED;
	}
	return call;
}

static struct dc_call_rule any_rule(uint64_t *random)
{
	char text[64] = "", name[16];
	unsigned int i, n = next(random) % 3;

	for (i = 0; i < n; i++) {
		any_name(random, name);
		if (!strstr(text, name)) {
			strcat(text, name);
			strcat(text, " ");
		}
	}
	return rule_for(text);
}

static void step(struct world *world, struct twin *twin, uint64_t *random,
		 uint32_t now_s)
{
	struct dc_call_rule rule = any_rule(random);
	bool readable = next(random) % 8;
	uint32_t end_s = now_s + 1 + next(random) % STEPS;
	int spa = next(random) % 2;
	struct lab_object object;
	struct twin_rule *known;
	char callee[16];

	any_name(random, callee);
	sign_rule(world, spa ? &world->other : &world->spa, callee,
		  readable ? &rule : NULL, end_s, &object);
	if (give(world, &object, now_s * S) != DC_VALID) {
		assert_true(spa && !is_below(callee, "/a"));
		return;
	}
	known = twin_find(twin, callee, spa);
	known->end_s = readable ? end_s : 0;
	known->rule = rule;
}

static void says_what_its_twin_says(void **state)
{
	const char *text = getenv("SEED");
	uint64_t random = text ? strtoull(text, NULL, 0) : 1;
	char caller[16], callee[16];
	struct world world;
	unsigned int i, j, k;
	struct twin twin;

	(void)state;
	printf("# SEED=%llu\n", (unsigned long long)random);
	random = random * 2654435761 + 1;
	for (i = 0; i < ROUNDS; i++) {
		begin(&world);
		twin.n = 0;
		for (j = 0; j < STEPS; j++) {
			step(&world, &twin, &random, j);
			for (k = 0; k < 8; k++) {
				any_name(&random, caller);
				any_name(&random, callee);
				assert_int_equal(call(&world, caller, callee,
						      j * S),
						 twin_call(&twin, caller,
							   callee, j));
			}
		}
		end(&world);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_rules_all_is_free),
		cmocka_unit_test(callers_and_what_is_below_them),
		cmocka_unit_test(the_nearest_rule_decides),
		cmocka_unit_test(of_many_names_one_is_enough),
		cmocka_unit_test(a_name_gains_what_others_lack),
		cmocka_unit_test(the_newest_of_an_spa_counts),
		cmocka_unit_test(what_ended_refuses),
		cmocka_unit_test(what_cannot_be_read_refuses),
		cmocka_unit_test(a_tombstone_refuses),
		cmocka_unit_test(a_revoked_spa_opens_nothing),
		cmocka_unit_test(only_in_its_subtrees),
		cmocka_unit_test(what_had_a_rule_is_remembered),
		cmocka_unit_test(too_many_refuse),
		cmocka_unit_test(says_what_its_twin_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
