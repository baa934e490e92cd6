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
/* Nodes that are called with news: the last to ask, for so long. */
#define NEWS_NODES_MAX 16
#define NEWS_NODE_MS 600000
/* Grants stay in the store for so long after their end. */
#define NEWS_KEPT_MS (30 * 86400000ull)

struct news_object {
	uint64_t number;
	size_t len;
	uint8_t bytes[DC_OBJECT_MAX];
};

/**
 * struct news - of one SPA
 * @rule: call rules of the policy, signed, by rising number
 * @rules_end: domain time in ms at which they are to be signed anew
 * @node: who asked, and when (ms of domain time)
 */
struct news {
	struct desk *desk;
	struct news_object beacon;
	uint64_t beacon_ms;
	uint32_t n_rules;
	struct news_object rule[DC_SPA_CALLS_MAX];
	uint64_t rules_end;
	struct {
		struct dc_node_id id;
		uint64_t asked_ms;
	} node[NEWS_NODES_MAX];
};

/* Sign the policy's call rules, under new numbers: 0 or desk->why. */
int news_sign_rules(struct news *news);

/* What is due: 1 if there is news, so that nodes are to be called. */
int news_tick(struct news *news);

/* Answer method "objects": length, or -EBADMSG. */
int news_answer(struct news *news, const void *bytes, size_t len,
		uint8_t answer[DC_C3_OBJECTS_ANSWER_MAX]);

/* Method "object": what others signed is judged as a node does: 0 or -EBADMSG. */
int news_take(struct news *news, const void *bytes, size_t len);

/* What to call nodes with: beacon and the last of the revocations and rules. */
int news_push(struct news *news, uint8_t message[DC_C3_OBJECTS_ANSWER_MAX]);

#endif /* SPA_NEWS_H */
