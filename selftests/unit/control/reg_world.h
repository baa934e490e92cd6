/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A world for the registration core: remembers what the core did to it, refuses
 * what a test wants refused, and breaks off where what was done makes no sense:
 * announced and not bound, withdrawn and not announced, bound twice elsewhere.
 */
#ifndef REG_WORLD_H
#define REG_WORLD_H

#include "reg.h"

#define WORLD_US 1000000ULL
#define WORLD_NAMES 64
#define WORLD_LOG 256

struct world_name {
	struct damc_name name;
	uint32_t edge;
	uint16_t weight;
	bool bound;
	bool announced;
	struct dc_hash grant;
};

/**
 * struct world - what the core's ops do something to
 * @n: names ever seen; those of @strict worlds are remembered
 * @log: what was done, a letter each: ask, Bind, Announce, Withdraw, Unbind,
 *	told (+ or -), forget
 * @answers: ask() is answered at once, by @answer
 * @bind_err: of the next bind(), 0: it works
 * @verdict: of the next announce()
 */
struct world {
	struct dc_reg *reg;
	uint64_t now_us;
	unsigned int n;
	struct world_name name[WORLD_NAMES];
	char log[WORLD_LOG + 1];
	unsigned int n_log;
	bool answers;
	struct dc_reg_answer answer;
	uint64_t asked;
	struct damc_name asked_name;
	unsigned int n_asked;
	int bind_err;
	enum dc_verdict verdict;
	enum dc_reg_code told;
	uint64_t told_ticket;
	char reason[DC_REG_REASON_MAX];
};

void world_open(struct world *world, bool answers);
void world_close(struct world *world);

/* What was done since the last time one asked. */
const char *world_log(struct world *world);

struct dc_reg_want world_want(const char *name, uint32_t edge, uint32_t lease_s);
/* Ask, in @world's time. */
enum dc_reg_code world_add(struct world *world, const struct dc_reg_want *want,
			   struct dc_reg_holder *holder);
/* Answer the last question: with a grant whose hash is all @hash. */
void world_grant(struct world *world, uint8_t hash, uint64_t until_us);
void world_refuse(struct world *world, enum dc_reg_code code);
/* Go on for so long, a timer at a time. */
void world_pass(struct world *world, uint64_t us);

/* NULL if it was never seen. */
struct world_name *world_find(struct world *world, const char *name);
bool world_bound(struct world *world, const char *name);
bool world_announced(struct world *world, const char *name);

/* The world that a test is in: its SPA is asked, or answers yes at once. */
extern struct world world;

int world_setup_asked(void **state);
int world_setup_lab(void **state);
int world_teardown(void **state);

#define REG_ASKED(f) \
	cmocka_unit_test_setup_teardown(f, world_setup_asked, world_teardown)
#define REG_LAB(f) \
	cmocka_unit_test_setup_teardown(f, world_setup_lab, world_teardown)

#endif /* REG_WORLD_H */
