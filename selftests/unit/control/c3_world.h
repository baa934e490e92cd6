/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A gateway's half of class 3 against real SPAs, over a network that is a queue:
 * calls are answered, lost, or answered with something else.
 */
#ifndef C3_WORLD_H
#define C3_WORLD_H

#include "c3_lab.h"
#include "class3_client.h"
#include "lab.h"
#include "spa.h"

#define SECOND 1000000ull
#define HOUR (3600 * SECOND)
#define CALLS_MAX 64

struct c3_call {
	uint64_t call;
	int spa;
	bool grant;
	uint8_t bytes[DC_C3_REQUEST_MAX];
	size_t len;
};

struct c3_world {
	struct lab lab;
	struct dc_identity sg, spa_id[2];
	struct dc_trust *trust;
	struct dc_spa_rule rule[2];
	struct dc_spa_policy policy;
	struct dc_spa *spa[2];
	struct dc_c3_client *client;
	struct c3_key key;
	uint64_t now;
	uint64_t number;
	/* Calls on their way; how many SPA n got, whether it is there at all. */
	struct c3_call call[CALLS_MAX];
	int n_calls, heard[2];
	bool dead[2];
	/* SPA n was to be called so often; no call can be made. */
	int called[2];
	bool cannot[2];
	/* What is done to each answer on its way back. */
	void (*spoil)(struct c3_world *world, uint8_t *bytes, int *len);
	/* A proof that is wished for, and how it is given. */
	bool silent, refuses;
	int proofs;
	/* Outcomes. */
	int outcomes, granted, renewals;
	enum dc_c3_code code;
	char words[256];
	uint64_t not_after;
};

/* Of each test: *@state is its world. */
int c3_setup(void **state);
int c3_teardown(void **state);
/* SPA @n, or another process of it. */
void c3_start_spa(struct c3_world *world, int n, const char *subtrees);

/* The call that is longest on its way. */
void c3_deliver_one(struct c3_world *world);
/* Deliver, and let time pass, until there are so many outcomes or @us are over. */
void c3_run(struct c3_world *world, int outcomes, uint64_t us);

/* Ask for a name for a pod, for who holds the world's key: its id. */
uint64_t c3_ask_pod(struct c3_world *world, const char *name);
void c3_ask_key(struct c3_world *world, const char *name);

struct dc_c3_client_counts c3_counts(const struct c3_world *world);

#endif /* C3_WORLD_H */
