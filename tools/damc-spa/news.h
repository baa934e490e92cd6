/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an SPA has for nodes to flood: its certificate, a beacon, revocations,
 * call rules; and who asked for it lately. Answers are made here; who sends them
 * is serve.c.
 */
#ifndef SPA_NEWS_H
#define SPA_NEWS_H

#include "class3.h"
#include "desk.h"

#define NEWS_BEACON_MS 60000
/* One more, so long after the first revocation of which the last does not tell. */
#define NEWS_TOLD_MS 1000
/* Nodes that are called with news: the last to ask, for so long. */
#define NEWS_NODES_MAX 16
#define NEWS_NODE_MS 600000
/*
 * That a node did is written down no more often than this, and of all no more than
 * NEWS_STORES_PER_S: who asks may call itself as it likes.
 */
#define NEWS_STORE_MS (NEWS_NODE_MS / 2)
#define NEWS_STORES_PER_S 4
/* What could not be done is tried again after so long. */
#define NEWS_FAILED_MS 5000
/* Grants stay in the store for so long after their end. */
#define NEWS_KEPT_MS (30 * 86400000ull)

struct news_object {
	uint64_t number;
	size_t len;
	uint8_t bytes[DC_OBJECT_MAX];
};

/**
 * struct news_rule - a call rule, and what it says
 */
struct news_rule {
	struct dc_spa_call call;
	struct news_object object;
};

/**
 * struct news_node - who asked for news
 * @asked_ms: when (domain time), and when the store was told
 */
struct news_node {
	struct dc_node_id id;
	uint64_t asked_ms;
	uint64_t stored_ms;
};

/**
 * struct news - of one SPA
 * @told_ms: domain time of the first revocation that @beacon does not tell of, 0: none
 * @rule: call rules, signed, by rising number; @n_rules of them
 * @rules_end: domain time in ms at which they are to be signed anew
 * @rules_due: some are to be; not before @rules_next, where it was not possible
 * @rules_pushed: the last that nodes were called with
 * @n_restored: of @node, from the store
 * @store_second, @stores: how many were written down in which second
 */
struct news {
	struct desk *desk;
	struct news_object beacon;
	uint64_t beacon_ms;
	uint64_t told_ms;
	uint32_t n_rules;
	struct news_rule *rule;
	uint64_t rules_end;
	bool rules_due;
	uint64_t rules_next;
	uint64_t rules_pushed;
	struct news_node node[NEWS_NODES_MAX];
	uint32_t n_restored;
	uint64_t store_second;
	uint32_t stores;
};

/* A zeroed one, with what the store has of it: 0, or a negative errno and
 * desk->why.
 */
int news_open(struct news *news, struct desk *desk);
void news_close(struct news *news);

/*
 * Sign the call rules whose callers are others than before, all when they are half
 * over (rules.c): how many were, or a negative errno and desk->why. What once had a
 * rule and has none now is one that nobody may call.
 */
int news_sign_rules(struct news *news);

/*
 * What is due: 1 if there is news, so that nodes are to be called. Call rules that
 * cannot be signed are logged, and wait.
 */
int news_tick(struct news *news);

/* Answer method "objects": length, or -EBADMSG. */
int news_answer(struct news *news, const void *bytes, size_t len,
		uint8_t answer[DC_C3_OBJECTS_ANSWER_MAX]);

/* Method "object": what others signed is judged as a node does: 0 or -EBADMSG. */
int news_take(struct news *news, const void *bytes, size_t len);

/* What to call nodes with: beacon and the last of the revocations and rules. */
int news_push(struct news *news, uint8_t message[DC_C3_OBJECTS_ANSWER_MAX]);

#endif /* SPA_NEWS_H */
