// SPDX-License-Identifier: GPL-2.0
/* What an SPA tells nodes: revocations, beacons, call rules; and who asked. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "c3_lab.h"
#include "news.h"
#include "place.h"

/* How many of @type. */
static int find_object(const struct dc_c3_objects *objects, enum dc_type type)
{
	struct dc_object object;
	uint32_t i;
	int n = 0;

	for (i = 0; i < objects->n; i++) {
		assert_int_equal(dc_object_read(&object,
						objects->object[i].bytes,
						objects->object[i].len, NULL),
				 0);
		n += object.type == type;
	}
	return n;
}

static void open_news(struct news *news, struct desk *desk)
{
	memset(news, 0, sizeof(*news));
	assert_int_equal(news_open(news, desk), 0);
}

/* All that there is comes, in as many messages as it takes. */
static void news_in_pieces(void **state)
{
	static uint8_t bytes[DC_C3_OBJECTS_ANSWER_MAX];
	static struct news news;
	struct dc_c3_objects_request want = { 0 };
	struct store_revocation revocation;
	struct place *place = *state;
	struct dc_c3_objects objects;
	struct dc_c3_answer answer;
	struct desk desk;
	uint8_t ask_bytes[64];
	int i, len, revocations = 0, rules = 0, pieces = 0;

	place_write(place, "policy.yaml",
		    "version: 2\ndomain: " LAB_DOMAIN "\nallow:\n"
		    "  - { rule: all, pod: /pod/**, name: /shop/**, right: name }\n"
		    "calls: [ { callee: /shop/a, callers: [ /x ] },\n"
		    "  { callee: /shop/b, callers: [ /y, /z ] } ]\n");
	place_open(&desk, place);
	memset(&news, 0, sizeof(news));
	news.desk = &desk;
	assert_int_equal(news_tick(&news), 1);
	assert_int_equal(news_tick(&news), 0);
	for (i = 0; i < 40; i++) {
		assert_int_equal(place_ask(place, &desk, i, &answer), 0);
		assert_int_equal(desk_revoke(&desk, answer.grant,
					     answer.grant_len,
					     place_number(&answer), &revocation),
				 0);
	}
	c3_node(&want.node, "sg1");
	do {
		len = dc_c3_objects_request_write(&want, ask_bytes,
						  sizeof(ask_bytes));
		len = news_answer(&news, ask_bytes, len, bytes);
		assert_int_equal(dc_c3_objects_read(&objects, bytes, len), 0);
		assert_int_equal(find_object(&objects, DC_CERT), 1);
		assert_int_equal(find_object(&objects, DC_BEACON), 1);
		revocations += find_object(&objects, DC_REVOCATION);
		rules += find_object(&objects, DC_CALL_RULE);
		want.revocation = objects.revocation;
		want.rule = objects.rule;
		assert_true(++pieces < 10);
	} while (objects.more);
	assert_int_equal(revocations, 40);
	assert_int_equal(rules, 2);
	assert_int_equal(want.revocation, 40);
	assert_true(news_push(&news, bytes) > 0);
	assert_int_equal(news_take(&news, bytes, 3), -EBADMSG);
	news_close(&news);
	desk_close(&desk);
}

/* ---- revocations ------------------------------------------------------- */

static void revoke_one(const struct place *place, struct desk *desk, int number)
{
	struct store_revocation revocation;
	struct dc_c3_answer answer;

	/* Busy, where another process changed the store meanwhile. */
	do {
		assert_int_equal(place_ask(place, desk, number, &answer), 0);
	} while (answer.code == DC_C3_BUSY);
	assert_int_equal(desk_revoke(desk, answer.grant, answer.grant_len,
				     place_number(&answer), &revocation), 0);
}

/* The beacon that nodes are called with, and how many revocations. */
static int push_of(struct news *news, struct dc_beacon *beacon)
{
	static uint8_t bytes[DC_C3_OBJECTS_ANSWER_MAX];
	struct dc_c3_objects objects;
	struct dc_object object;
	int len = news_push(news, bytes);
	uint32_t i;

	assert_int_equal(dc_c3_objects_read(&objects, bytes, len), 0);
	for (i = 0; i < objects.n; i++) {
		assert_int_equal(dc_object_read(&object,
						objects.object[i].bytes,
						objects.object[i].len, NULL),
				 0);
		if (object.type == DC_BEACON)
			assert_int_equal(dc_beacon_read(beacon, &object), 0);
	}
	return find_object(&objects, DC_REVOCATION);
}

/* At once, and no beacon is made for each: one a second later tells of them all. */
static void revocations_before_their_beacon(void **state)
{
	struct place *place = *state;
	struct dc_beacon beacon;
	struct desk desk, other;
	struct news news;
	uint64_t first;
	int i;

	place_open(&desk, place);
	place_open(&other, place);
	open_news(&news, &desk);
	assert_int_equal(news_tick(&news), 1);
	assert_int_equal(push_of(&news, &beacon), 0);
	assert_int_equal(beacon.revocations, 0);
	first = beacon.time;
	for (i = 1; i <= 3; i++) {
		revoke_one(place, &other, i);
		assert_int_equal(news_tick(&news), 1);
		assert_int_equal(push_of(&news, &beacon), i);
		assert_true(beacon.time == first);
		assert_int_equal(news_tick(&news), 0);
	}
	/* However many more there are. */
	news.told_ms -= NEWS_TOLD_MS;
	revoke_one(place, &other, i);
	assert_int_equal(news_tick(&news), 1);
	assert_int_equal(push_of(&news, &beacon), i);
	assert_int_equal(beacon.revocations, i);
	assert_int_equal(news.told_ms, 0);
	assert_int_equal(news_tick(&news), 0);
	news_close(&news);
	desk_close(&other);
	desk_close(&desk);
}

/* ---- call rules -------------------------------------------------------- */

static const char calls[] =
	"domain: " LAB_DOMAIN "\n"
	"calls: [ { callee: /shop/a, callers: [ /x ] },\n"
	"  { callee: /shop/b, callers: [ /y, /z ] } ]\n";

/* What nodes are called with: how many rules, and who may call @callee. */
static uint32_t pushed(struct news *news, const char *callee,
		       struct dc_call_rule *rule)
{
	static uint8_t bytes[DC_C3_OBJECTS_ANSWER_MAX];
	struct dc_c3_objects objects;
	struct dc_object object;
	struct damc_name name;
	uint32_t i, n = 0;
	int len;

	c3_name(&name, callee);
	memset(rule, 0, sizeof(*rule));
	len = news_push(news, bytes);
	assert_int_equal(dc_c3_objects_read(&objects, bytes, len), 0);
	for (i = 0; i < objects.n; i++) {
		assert_int_equal(dc_object_read(&object,
						objects.object[i].bytes,
						objects.object[i].len, NULL),
				 0);
		if (object.type != DC_CALL_RULE)
			continue;
		n++;
		if (damc_name_equal(&object.subject, &name))
			assert_int_equal(dc_call_rule_read(rule, &object), 0);
	}
	return n;
}

static void policy_of(const struct place *place, int version, const char *text)
{
	char policy[1024];

	snprintf(policy, sizeof(policy), "version: %d\n%s", version, text);
	place_write(place, "policy.yaml", policy);
}

/* Only what says something else is signed, and pushed; what is taken out closes. */
static void rules_of_the_policy(void **state)
{
	struct place *place = *state;
	struct dc_call_rule rule;
	struct news news;
	struct desk desk;

	policy_of(place, 2, calls);
	place_open(&desk, place);
	open_news(&news, &desk);
	assert_int_equal(news_tick(&news), 1);
	assert_int_equal(pushed(&news, "/shop/b", &rule), 2);
	assert_int_equal(rule.n, 2);
	assert_int_equal(news_sign_rules(&news), 0);
	policy_of(place, 3, "domain: " LAB_DOMAIN "\n"
		  "calls: [ { callee: /shop/a, callers: [ /x ] } ]\n");
	assert_int_equal(desk_enforce_policy(&desk), 0);
	assert_int_equal(news_sign_rules(&news), 1);
	assert_int_equal(pushed(&news, "/shop/b", &rule), 1);
	assert_int_equal(rule.n, 0);
	news_close(&news);
	desk_close(&desk);
	/* Another process knows what was closed, too. */
	place_open(&desk, place);
	open_news(&news, &desk);
	assert_int_equal(news_tick(&news), 1);
	assert_int_equal(pushed(&news, "/shop/b", &rule), 2);
	assert_int_equal(rule.n, 0);
	news_close(&news);
	desk_close(&desk);
}

static void by_hand(struct desk *desk, const char *callee, const char *caller,
		    bool is_by_hand)
{
	struct store_rule rule = { .by_hand = is_by_hand };

	c3_name(&rule.call.callee, callee);
	if (caller)
		c3_name(&rule.call.rule.caller[rule.call.rule.n++], caller);
	assert_int_equal(store_begin(desk->store), 0);
	assert_int_equal(store_put_rule(desk->store, &rule), 0);
	assert_int_equal(store_commit(desk->store, "rule"), 0);
}

/* What an operator says at the command line counts, until it is taken back. */
static void rules_by_hand(void **state)
{
	struct place *place = *state;
	struct desk desk, other;
	struct dc_call_rule rule;
	struct news news;

	policy_of(place, 2, calls);
	place_open(&desk, place);
	place_open(&other, place);
	open_news(&news, &desk);
	assert_int_equal(news_tick(&news), 1);
	assert_int_equal(pushed(&news, "/shop/a", &rule), 2);
	by_hand(&other, "/shop/a", "/w", true);
	by_hand(&other, "/shop/c", "/w", true);
	assert_int_equal(news_tick(&news), 1);
	assert_int_equal(pushed(&news, "/shop/a", &rule), 2);
	assert_int_equal(rule.n, 1);
	assert_int_equal(rule.caller[0].wire[1], 'w');
	by_hand(&other, "/shop/a", NULL, false);
	by_hand(&other, "/shop/c", NULL, false);
	assert_int_equal(news_tick(&news), 1);
	assert_int_equal(pushed(&news, "/shop/a", &rule), 2);
	assert_int_equal(rule.caller[0].wire[1], 'x');
	assert_int_equal(news_tick(&news), 0);
	news_close(&news);
	desk_close(&other);
	desk_close(&desk);
}

/* Rules that could not be stored are nobody's. */
static void rules_not_stored(void **state)
{
	struct place *place = *state;
	struct dc_trust_counts counts;
	struct dc_call_rule rule;
	struct news news;
	struct desk desk;
	char path[128];

	policy_of(place, 2, calls);
	place_open(&desk, place);
	open_news(&news, &desk);
	snprintf(path, sizeof(path), "%s/state/audit.log", place->dir);
	assert_int_equal(truncate(path, 1), 0);
	assert_true(news_sign_rules(&news) < 0);
	assert_int_equal(pushed(&news, "/shop/b", &rule), 0);
	dc_trust_counts(dc_spa_trust(desk.spa), &counts);
	assert_int_equal(counts.callees, 0);
	news_close(&news);
	desk_close(&desk);
}

/* More than nodes keep: none is signed, and all else goes on. */
static void too_many_rules(void **state)
{
	struct store_rule rule = { .by_hand = true };
	struct place *place = *state;
	struct news news;
	struct desk desk;
	char name[64];
	unsigned int i;

	place_open(&desk, place);
	open_news(&news, &desk);
	assert_int_equal(store_begin(desk.store), 0);
	for (i = 0; i <= STORE_RULES_MAX; i++) {
		snprintf(name, sizeof(name), "/shop/%u", i);
		c3_name(&rule.call.callee, name);
		assert_int_equal(store_put_rule(desk.store, &rule), 0);
	}
	assert_int_equal(store_commit(desk.store, "rules"), 0);
	assert_int_equal(news_tick(&news), 1);
	assert_true(news.beacon.len > 0);
	assert_int_equal(news.n_rules, 0);
	assert_true(news.rules_due);
	/* It is not tried at each tick. */
	assert_int_equal(news_tick(&news), 0);
	news_close(&news);
	desk_close(&desk);
}

static int count_asked(const struct dc_node_id *id, uint64_t ms, void *arg)
{
	(void)id;
	(void)ms;
	++*(int *)arg;
	return 0;
}

/* Who asked for news is called with it by the next process, too. */
static void who_asked_is_remembered(void **state)
{
	static uint8_t answer[DC_C3_OBJECTS_ANSWER_MAX];
	struct dc_c3_objects_request want = { 0 };
	struct place *place = *state;
	uint8_t bytes[64];
	struct news news;
	struct desk desk;
	int len, n = 0;

	place_open(&desk, place);
	open_news(&news, &desk);
	assert_int_equal(news.n_restored, 0);
	for (int i = 0; i < 3; i++) {
		c3_node(&want.node, i ? "sg2" : "sg1");
		len = dc_c3_objects_request_write(&want, bytes, sizeof(bytes));
		assert_true(news_answer(&news, bytes, len, answer) > 0);
	}
	news_close(&news);
	desk_close(&desk);
	place_open(&desk, place);
	open_news(&news, &desk);
	assert_int_equal(news.n_restored, 2);
	c3_node(&want.node, "sg1");
	assert_true(dc_node_id_equal(&news.node[0].id, &want.node) ||
		    dc_node_id_equal(&news.node[1].id, &want.node));
	/* Who did long ago is not. */
	assert_int_equal(store_asked(desk.store, desk_time(&desk) + 1,
				     count_asked, &n), 0);
	assert_int_equal(n, 0);
	news_close(&news);
	desk_close(&desk);
	place_open(&desk, place);
	open_news(&news, &desk);
	assert_int_equal(news.n_restored, 0);
	news_close(&news);
	desk_close(&desk);
}

/* Who asks under ever new names fills no store, and forgets nobody who asked later. */
static void who_asked_is_bounded(void **state)
{
	static uint8_t answer[DC_C3_OBJECTS_ANSWER_MAX];
	struct dc_c3_objects_request want = { 0 };
	struct place *place = *state;
	uint8_t bytes[64];
	struct news news;
	struct desk desk;
	int i, len, n = 0;
	uint64_t later;
	char id[16];

	place_open(&desk, place);
	open_news(&news, &desk);
	later = desk_time(&desk) + 3600000;
	for (i = 0; i < 1000; i++) {
		snprintf(id, sizeof(id), "sg%d", i);
		c3_node(&want.node, id);
		len = dc_c3_objects_request_write(&want, bytes, sizeof(bytes));
		assert_true(news_answer(&news, bytes, len, answer) > 0);
	}
	assert_int_equal(store_asked(desk.store, 0, count_asked, &n), 0);
	assert_in_range(n, 1, NEWS_NODES_MAX);
	for (i = 0, n = 0; i < 3 * NEWS_NODES_MAX; i++) {
		snprintf(id, sizeof(id), "sr%d", i);
		c3_node(&want.node, id);
		assert_int_equal(store_put_asked(desk.store, &want.node,
						 later + 1 + i,
						 NEWS_NODES_MAX), 0);
	}
	assert_int_equal(store_asked(desk.store, later, count_asked, &n), 0);
	assert_int_equal(n, NEWS_NODES_MAX);
	news_close(&news);
	desk_close(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE_TEST(news_in_pieces),
		PLACE_TEST(revocations_before_their_beacon),
		PLACE_TEST(rules_of_the_policy),
		PLACE_TEST(rules_by_hand),
		PLACE_TEST(rules_not_stored),
		PLACE_TEST(too_many_rules),
		PLACE_TEST(who_asked_is_remembered),
		PLACE_TEST(who_asked_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
