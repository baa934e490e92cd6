// SPDX-License-Identifier: GPL-2.0
/*
 * Call rules, signed: what was said by hand, else what the policy says, else, of a
 * callee that once had a rule, that nobody may. So who takes one out closes it at
 * once, and a node that joins later hears of it, too.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "news.h"
#include "spa_tool.h"

/**
 * struct rules - the next ones
 * @changed: that were signed anew
 */
struct rules {
	struct news *news;
	struct news_rule *rule;
	uint32_t n;
	int changed;
};

static int store_fault(struct desk *desk, int err)
{
	snprintf(desk->why, sizeof(desk->why), "%s", err == -ENOSPC ?
		 "more names with call rules than nodes keep of one SPA" :
		 store_why(desk->store));
	return err;
}

/* ---- what they say ----------------------------------------------------- */

static int note_policy(struct desk *desk)
{
	const struct dc_spa_policy *policy = &desk->policy;
	uint32_t i;
	int err = 0;

	for (i = 0; i < policy->n_calls && !err; i++)
		err = store_note_rule(desk->store, &policy->call[i].callee);
	return err;
}

static int take_rule(const struct store_rule *stored, void *arg)
{
	struct rules *rules = arg;
	const struct dc_spa_policy *policy = &rules->news->desk->policy;
	struct dc_spa_call *call;
	uint32_t i;

	if (rules->n == STORE_RULES_MAX)
		return -ENOSPC;
	call = &rules->rule[rules->n++].call;
	*call = stored->call;
	for (i = 0; i < policy->n_calls && !stored->by_hand; i++)
		if (damc_name_equal(&policy->call[i].callee, &call->callee))
			*call = policy->call[i];
	return 0;
}

/* ---- signed ------------------------------------------------------------ */

static bool same_callers(const struct dc_call_rule *a,
			 const struct dc_call_rule *b)
{
	uint32_t i;

	if (a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++)
		if (!damc_name_equal(&a->caller[i], &b->caller[i]))
			return false;
	return true;
}

static const struct news_rule *find(const struct news *news,
				    const struct damc_name *callee)
{
	uint32_t i;

	for (i = 0; i < news->n_rules; i++)
		if (damc_name_equal(&news->rule[i].call.callee, callee))
			return &news->rule[i];
	return NULL;
}

static int sign(struct desk *desk, struct news_rule *rule)
{
	struct news_object *object = &rule->object;
	char name[DAMC_NAME_TEXT_MAX];
	int len;

	object->len = 0;
	if (store_number(desk->store, STORE_RULE, &object->number))
		return -EIO;
	if (!dc_spa_may(desk->spa, &rule->call.callee)) {
		log_event(&desk->config.log, LOG_WARNING, "rule-not-signed",
			  "callee=%s why=\"not of this SPA's subtrees\"",
			  tool_name_text(&rule->call.callee, name));
		return 0;
	}
	len = dc_spa_call_rule(desk->spa, &rule->call, object->number,
			       object->bytes, tool_now_us());
	if (len < 0)
		return len;
	object->len = len;
	return 0;
}

static int by_number(const void *a, const void *b)
{
	const struct news_rule *x = a, *y = b;

	return (x->object.number > y->object.number) -
	       (x->object.number < y->object.number);
}

/* What says the same as before stays as it was, unless @all are to be anew. */
static int sign_all(struct rules *rules, bool all)
{
	struct news *news = rules->news;
	const struct news_rule *old;
	uint32_t i;
	int err = 0;

	for (i = 0; i < rules->n && !err; i++) {
		old = all ? NULL : find(news, &rules->rule[i].call.callee);
		if (old && same_callers(&old->call.rule,
					&rules->rule[i].call.rule)) {
			rules->rule[i].object = old->object;
			continue;
		}
		rules->changed++;
		err = sign(news->desk, &rules->rule[i]);
	}
	qsort(rules->rule, rules->n, sizeof(*rules->rule), by_number);
	return err;
}

static int commit(const struct rules *rules, uint64_t now)
{
	struct desk *desk = rules->news->desk;
	char line[128];

	if (!rules->changed) {
		store_abort(desk->store);
		return 0;
	}
	desk_line(line, sizeof(line), now, "call rules %u signed %d", rules->n,
		  rules->changed);
	return store_commit(desk->store, line);
}

static int renew(struct rules *rules, uint64_t now)
{
	struct news *news = rules->news;
	struct store *store = news->desk->store;
	int err;

	err = store_begin(store);
	err = err ? err : note_policy(news->desk);
	err = err ? err : store_rules(store, take_rule, rules);
	err = err ? err : sign_all(rules, now >= news->rules_end);
	if (err)
		store_abort(store);
	else
		err = commit(rules, now);
	return err;
}

int news_sign_rules(struct news *news)
{
	uint64_t now = desk_time(news->desk);
	struct rules rules = { .news = news };
	int err = -ENOMEM;

	rules.rule = calloc(STORE_RULES_MAX, sizeof(*rules.rule));
	if (rules.rule)
		err = renew(&rules, now);
	news->rules_due = err;
	if (err) {
		free(rules.rule);
		return store_fault(news->desk, err);
	}
	if (now >= news->rules_end)
		news->rules_end = now + DC_SPA_LIFETIME_S * 1000ull / 2;
	free(news->rule);
	news->rule = rules.rule;
	news->n_rules = rules.n;
	return rules.changed;
}

void news_close(struct news *news)
{
	free(news->rule);
	news->rule = NULL;
}
