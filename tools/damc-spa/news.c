// SPDX-License-Identifier: GPL-2.0
/* News for nodes to flood. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "news.h"
#include "spa_tool.h"

/* ---- what is due ------------------------------------------------------- */

static int new_beacon(struct news *news, uint64_t now)
{
	int len = desk_beacon(news->desk, news->beacon.bytes);

	if (len < 0 || store_prune(news->desk->store, now - NEWS_KEPT_MS))
		return -EIO;
	news->beacon.len = len;
	news->beacon_ms = now;
	news->told_ms = 0;
	return 1;
}

static bool beacon_is_due(const struct news *news, uint64_t now)
{
	return !news->beacon.len || now - news->beacon_ms >= NEWS_BEACON_MS ||
	       (news->told_ms && now - news->told_ms >= NEWS_TOLD_MS);
}

/* How many were. Whatever keeps them from it, beacons and revocations go on. */
static int sign_rules(struct news *news, uint64_t now)
{
	int rules;

	if (now >= news->rules_end)
		news->rules_due = true;
	if (!news->rules_due || now < news->rules_next)
		return 0;
	rules = news_sign_rules(news);
	if (rules >= 0)
		return rules;
	news->rules_next = now + NEWS_FAILED_MS;
	log_event(&news->desk->config.log, LOG_ERROR, "rules-not-signed",
		  "error=\"%s\"", news->desk->why);
	return 0;
}

/*
 * Nodes act on a revocation, and need its beacon only to see that they lack none: what
 * is to be signed and judged for that keeps nobody waiting, and is for all of a second.
 */
int news_tick(struct news *news)
{
	uint64_t before = news->desk->revocations;
	uint64_t now = desk_time(news->desk);
	int synced, rules, beacon = 0;
	bool revoked;

	synced = desk_sync(news->desk);
	if (synced < 0)
		return synced;
	news->rules_due |= synced;
	rules = sign_rules(news, now);
	revoked = before != news->desk->revocations;
	if (revoked && !news->told_ms)
		news->told_ms = now;
	if (beacon_is_due(news, now))
		beacon = new_beacon(news, now);
	/* A beacon that failed is tried again; what is to be told is told once. */
	return revoked || rules ? 1 : beacon;
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
		rule = &news->rule[i].object;
		/* One without bytes is not this SPA's to sign. */
		if (rule->len && rule->number > draft->objects.rule &&
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

/* ---- who asked --------------------------------------------------------- */

/* Its own place, or that of who asked longest ago. */
static struct news_node *place_of(struct news *news,
				  const struct dc_node_id *id)
{
	struct news_node *at = news->node;
	int i;

	for (i = 0; i < NEWS_NODES_MAX; i++) {
		if (dc_node_id_equal(&news->node[i].id, id))
			return &news->node[i];
		if (news->node[i].asked_ms < at->asked_ms)
			at = &news->node[i];
	}
	*at = (struct news_node){ .id = *id };
	return at;
}

static bool may_store(struct news *news, uint64_t second)
{
	if (second != news->store_second) {
		news->store_second = second;
		news->stores = 0;
	}
	return news->stores++ < NEWS_STORES_PER_S;
}

/* What is not written down is forgotten when this process ends, and asks again. */
static void remember(struct news *news, const struct dc_node_id *id)
{
	struct news_node *node = place_of(news, id);

	node->asked_ms = desk_time(news->desk);
	if (node->asked_ms - node->stored_ms < NEWS_STORE_MS ||
	    !may_store(news, node->asked_ms / 1000) ||
	    store_put_asked(news->desk->store, id, node->asked_ms,
			    NEWS_NODES_MAX))
		return;
	node->stored_ms = node->asked_ms;
}

static int take_asked(const struct dc_node_id *id, uint64_t ms, void *arg)
{
	struct news *news = arg;

	if (news->n_restored == NEWS_NODES_MAX)
		return 1;
	news->node[news->n_restored++] = (struct news_node){
		.id = *id, .asked_ms = ms, .stored_ms = ms,
	};
	return 0;
}

int news_open(struct news *news, struct desk *desk)
{
	uint64_t now = desk_time(desk);

	news->desk = desk;
	if (store_asked(desk->store, now > NEWS_NODE_MS ? now - NEWS_NODE_MS : 0,
			take_asked, news) >= 0)
		return 0;
	snprintf(desk->why, sizeof(desk->why), "%s", store_why(desk->store));
	return -EIO;
}

/* ---- answers ----------------------------------------------------------- */

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
	uint64_t rule = news->rules_pushed;

	if (news->n_rules)
		news->rules_pushed =
			news->rule[news->n_rules - 1].object.number;
	return compose(news, from, rule, message);
}
