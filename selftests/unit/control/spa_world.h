/* SPDX-License-Identifier: GPL-2.0 */
/* An SPA with two gateways that ask it, and what it stored last. */
#ifndef SPA_WORLD_H
#define SPA_WORLD_H

#include "c3_lab.h"
#include "lab.h"
#include "spa.h"

#define SECOND 1000000ull

struct spa_world {
	struct lab lab;
	struct dc_identity spa_id, sg1, sg2, router;
	struct dc_spa_rule rule[8];
	struct dc_spa_policy policy;
	struct dc_spa *spa;
	struct c3_key key, other_key;
	uint64_t now;
	uint64_t number;
	int keep_result;
	int kept, refused;
	struct dc_spa_decision last;
	/* The answer to the last request. */
	uint8_t bytes[DC_C3_ANSWER_MAX];
	struct dc_c3_answer answer;
};

/* Of each test: *@state is its world. */
int spa_setup(void **state);
int spa_teardown(void **state);
/* Another process of the same SPA. */
void spa_start(struct spa_world *world);

/* A rule is for pods like @pod. */
void spa_rule_pod(struct dc_spa_rule *rule, const char *pod);

void spa_fresh_nonce(struct spa_world *world, const char *gateway,
		     struct dc_c3_nonce *nonce);

/* A request of @gateway's, which is called @id, with a fresh nonce and no subject. */
void spa_basic(struct spa_world *world, struct dc_c3_request *request,
	       const struct dc_identity *gateway, const char *id,
	       const char *name, uint8_t right);
/* Of sg1, for a pod of its own; for who holds the world's key. */
void spa_for_pod(struct spa_world *world, struct dc_c3_request *request,
		 const char *pod, const char *name, uint8_t right);
void spa_for_key(struct spa_world *world, struct dc_c3_request *request,
		 const char *name);

/* Send it, signed by @gateway or by sg1, and read the answer: its code. */
int spa_ask_as(struct spa_world *world, const struct dc_c3_request *request,
	       const struct dc_identity *gateway);
int spa_ask(struct spa_world *world, const struct dc_c3_request *request);

#define SPA_TEST(name) \
	cmocka_unit_test_setup_teardown(name, spa_setup, spa_teardown)

#endif /* SPA_WORLD_H */
