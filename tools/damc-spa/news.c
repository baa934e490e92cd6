// SPDX-License-Identifier: GPL-2.0
/* News for nodes to flood. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "news.h"
#include "spa_tool.h"

/* ---- call rules -------------------------------------------------------- */

static int sign_rule(struct news *news, const struct dc_spa_call *call)
{
	struct desk *desk = news->desk;
	struct news_object *rule = &news->rule[news->n_rules];
	char name[DAMC_NAME_TEXT_MAX];
	struct dc_object own;
	int len;

	if (store_number(desk->store, STORE_RULE, &rule->number))
		return -EIO;
	len = dc_spa_call_rule(desk->spa, call, rule->number, rule->bytes,
			       tool_now_us());
	if (len < 0)
		return len;
	rule->len = len;
	if (dc_trust_check(dc_spa_trust(desk->spa), rule->bytes, len, &own,
			   tool_now_us()))
		log_event(&desk->config.log, LOG_WARNING, "rule-not-signed",
			  "callee=%s why=\"not of this SPA's subtrees\"",
			  tool_name_text(&call->callee, name));
	else
		news->n_rules++;
	return 0;
}

static int sign_all(struct news *news)
{
	const struct dc_spa_policy *policy = &news->desk->policy;
	uint32_t i;
	int err = 0;

	news->n_rules = 0;
	for (i = 0; i < policy->n_calls && !err; i++)
		err = sign_rule(news, &policy->call[i]);
	return err;
}

int news_sign_rules(struct news *news)
{
	struct desk *desk = news->desk;
	uint64_t now = desk_time(desk);
	char line[128];
	int err;

	news->rules_end = now + DC_SPA_LIFETIME_S * 1000ull / 2;
	if (!desk->policy.n_calls) {
		news->n_rules = 0;
		return 0;
	}
	err = store_begin(desk->store);
	err = err ? err : sign_all(news);
	if (err) {
		store_abort(desk->store);
	} else {
		desk_line(line, sizeof(line), now, "call rules %u",
			  news->n_rules);
		err = store_commit(desk->store, line);
	}
	if (err)
		snprintf(desk->why, sizeof(desk->why), "%s",
			 store_why(desk->store));
	return err;
}

/* ---- what is due ------------------------------------------------------- */

static int new_beacon(struct news *news, uint64_t now)
{
	int len = desk_beacon(news->desk, news->beacon.bytes);

	if (len < 0 || store_prune(news->desk->store, now - NEWS_KEPT_MS))
		return -EIO;
	news->beacon.len = len;
	news->beacon_ms = now;
	return 1;
}

int news_tick(struct news *news)
{
	uint64_t before = news->desk->revocations;
	uint64_t now = desk_time(news->desk);
	int err;

	err = desk_sync(news->desk);
	if (err < 0)
		return err;
	if (now >= news->rules_end) {
		err = news_sign_rules(news);
		if (err)
			return err;
	}
	/* A beacon tells of the revocations that there are: one with each. */
	if (before != news->desk->revocations || !news->beacon.len ||
	    now - news->beacon_ms >= NEWS_BEACON_MS)
		return new_beacon(news, now);
	return 0;
}

/* ---- messages ---------------------------------------------------------- */

/**
 * struct draft - a message being filled
 * @revocation: room for those that it has, which the store lends for a moment
 */
struct draft {
	struct dc_c3_objects objects;
	struct store_revocation revocation[DC_C3_OBJECTS_MAX];
	uint32_t n;
};

static bool put(struct dc_c3_objects *objects, const void *bytes, size_t len)
{
	if (objects->n >= DC_C3_OBJECTS_MAX) {
		objects->more = true;
		return false;
	}
	objects->object[objects->n].bytes = bytes;
	objects->object[objects->n++].len = len;
	return true;
}

static int put_revocation(const struct store_revocation *revocation, void *arg)
{
	struct draft *draft = arg;

	if (draft->objects.n >= DC_C3_OBJECTS_MAX) {
		draft->objects.more = true;
		return 1;
	}
	draft->revocation[draft->n] = *revocation;
	put(&draft->objects, draft->revocation[draft->n].bytes,
	    revocation->len);
	draft->objects.revocation = revocation->number;
	draft->n++;
	return 0;
}

static void put_rules(struct draft *draft, const struct news *news)
{
	const struct news_object *rule;
	uint32_t i;

	for (i = 0; i < news->n_rules && !draft->objects.more; i++) {
		rule = &news->rule[i];
		if (rule->number > draft->objects.rule &&
		    put(&draft->objects, rule->bytes, rule->len))
			draft->objects.rule = rule->number;
	}
}

static int compose(struct news *news, uint64_t revocation, uint64_t rule,
		   uint8_t *to)
{
	struct desk *desk = news->desk;
	struct draft draft = {
		.objects = { .revocation = revocation, .rule = rule }
	};

	put(&draft.objects, desk->identity.cert, desk->identity.cert_len);
	if (news->beacon.len)
		put(&draft.objects, news->beacon.bytes, news->beacon.len);
	if (store_revocations(desk->store, revocation, desk_time(desk),
			      put_revocation, &draft) < 0)
		return -EIO;
	put_rules(&draft, news);
	return dc_c3_objects_write(&draft.objects, to,
				   DC_C3_OBJECTS_ANSWER_MAX);
}

int news_take(struct news *news, const void *bytes, size_t len)
{
	struct dc_c3_objects objects;
	struct dc_object object;
	uint32_t i;

	if (dc_c3_objects_read(&objects, bytes, len))
		return -EBADMSG;
	for (i = 0; i < objects.n; i++)
		dc_trust_check(dc_spa_trust(news->desk->spa),
			       objects.object[i].bytes, objects.object[i].len,
			       &object, tool_now_us());
	return 0;
}

/* In the place of itself, or of who asked longest ago. */
static void remember(struct news *news, const struct dc_node_id *id)
{
	int i, at = 0;

	for (i = 0; i < NEWS_NODES_MAX; i++) {
		if (dc_node_id_equal(&news->node[i].id, id)) {
			at = i;
			break;
		}
		if (news->node[i].asked_ms < news->node[at].asked_ms)
			at = i;
	}
	news->node[at].id = *id;
	news->node[at].asked_ms = desk_time(news->desk);
}

int news_answer(struct news *news, const void *bytes, size_t len,
		uint8_t answer[DC_C3_OBJECTS_ANSWER_MAX])
{
	struct dc_c3_objects_request request;

	if (dc_c3_objects_request_read(&request, bytes, len))
		return -EBADMSG;
	remember(news, &request.node);
	return compose(news, request.revocation, request.rule, answer);
}

/* The last ones only: who missed more sees it by the beacon, and asks. */
int news_push(struct news *news, uint8_t message[DC_C3_OBJECTS_ANSWER_MAX])
{
	uint64_t last = news->desk->revocations;
	uint64_t from = last > DC_C3_OBJECTS_MAX / 2 ?
		last - DC_C3_OBJECTS_MAX / 2 : 0;
	uint64_t rule = news->n_rules ?
		news->rule[news->n_rules - 1].number : 0;

	return compose(news, from, rule, message);
}
