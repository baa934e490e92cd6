/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One name's way through reg.h: asked for, bound and announced, withdrawn,
 * unbound. Which names there are and who may ask what is reg.c's.
 */
#ifndef DC_REG_NAME_H
#define DC_REG_NAME_H

#include <sodium.h>
#include <sys/queue.h>

#include "due.h"
#include "reg.h"
#include "reg_grants.h"

#define REG_US 1000000ULL
#define REG_BUCKETS 16384
#define REG_NEVER UINT64_MAX

/* From one try to have an adopted name granted to the next: at first, at most. */
#define REG_AGAIN_US 500000ULL
#define REG_AGAIN_MAX_US (32 * REG_US)

/**
 * struct reg_name - an entry, and when it wants to be looked at
 * @due: the first member, for the heap gives it back
 * @adopted: an earlier process bound it, and this one has not announced it yet
 * @tries: to have it granted, all for nothing; @again_us: when the next one is
 * @unbind_us: when its draining ends
 */
struct reg_name {
	struct dc_due due;
	struct dc_reg_entry entry;
	bool adopted;
	unsigned int tries;
	uint64_t again_us;

	LIST_ENTRY(reg_name) chain;
	LIST_ENTRY(reg_name) held;
	struct dc_reg_holder *holder;
	uint64_t unbind_us;
};

LIST_HEAD(reg_names, reg_name);

struct dc_reg_holder {
	LIST_ENTRY(dc_reg_holder) list;
	struct reg_names names;
};

/**
 * struct dc_reg - all of a gateway's
 * @waiting: where who waits in dc_reg_add() wants to read the outcome
 */
struct dc_reg {
	struct dc_reg_config config;
	const struct dc_reg_ops *ops;
	void *arg;
	uint8_t key[crypto_shorthash_KEYBYTES];
	struct reg_names chain[REG_BUCKETS];
	LIST_HEAD(, dc_reg_holder) holders;
	struct dc_reg_grants *grants;
	struct dc_dues dues;
	uint64_t ticket;
	struct dc_reg_outcome *waiting;
	struct dc_reg_counts counts;
};

struct reg_name *reg_find(const struct dc_reg *reg,
			  const struct damc_name *name);

/* A new one, not asked for yet; NULL: no room. */
struct reg_name *reg_make(struct dc_reg *reg, const struct dc_reg_want *want);
/* Whose end ends it, too; NULL: nobody's. */
void reg_hold(struct reg_name *n, struct dc_reg_holder *holder);
/* When it is to be looked at, after a change of what that follows from. */
void reg_set_due(struct dc_reg *reg, struct reg_name *n);

void reg_outcome(struct dc_reg_outcome *outcome, enum dc_reg_code code,
		 const char *reason);

/* Those below may free @n. */

/* Have it granted, by a grant that is kept or by asking; then the rest. */
void reg_begin(struct dc_reg *reg, struct reg_name *n, uint64_t now_us);
/* Bind and announce it as it is now. */
void reg_establish(struct dc_reg *reg, struct reg_name *n, uint64_t now_us);
void reg_answered(struct dc_reg *reg, struct reg_name *n,
		  const struct dc_reg_answer *answer, uint64_t now_us);
/* Withdraw it; it drains. */
void reg_end(struct dc_reg *reg, struct reg_name *n, uint64_t now_us,
	     enum dc_reg_code code, const char *reason);
/* Unbind and forget what was withdrawn. */
void reg_bury(struct dc_reg *reg, struct reg_name *n);
/* The kernel has taken it away by itself: forget it, whatever its state. */
void reg_lose(struct dc_reg *reg, struct reg_name *n, uint64_t now_us,
	      const char *reason);

#endif /* DC_REG_NAME_H */
