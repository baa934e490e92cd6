// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reg_name.h"

struct dc_reg *dc_reg_new(const struct dc_reg_config *config,
			  const struct dc_reg_ops *ops, void *arg)
{
	uint8_t seed[randombytes_SEEDBYTES] = { 0 };
	struct dc_reg *reg = calloc(1, sizeof(*reg));

	if (!reg)
		return NULL;
	reg->config = *config;
	reg->ops = ops;
	reg->arg = arg;
	memcpy(seed, &config->seed, sizeof(config->seed));
	randombytes_buf_deterministic(reg->key, sizeof(reg->key), seed);
	reg->grants = dc_reg_grants_new(reg->key, ops, arg);
	if (reg->grants)
		return reg;
	free(reg);
	return NULL;
}

void dc_reg_free(struct dc_reg *reg)
{
	struct dc_reg_holder *holder;
	struct reg_name *n;
	uint32_t i;

	if (!reg)
		return;
	for (i = 0; i < REG_BUCKETS; i++)
		while ((n = LIST_FIRST(&reg->chain[i]))) {
			LIST_REMOVE(n, chain);
			free(n);
		}
	while ((holder = LIST_FIRST(&reg->holders))) {
		LIST_REMOVE(holder, list);
		free(holder);
	}
	dc_dues_free(&reg->dues);
	dc_reg_grants_free(reg->grants);
	free(reg);
}

void dc_reg_set_drain(struct dc_reg *reg, uint64_t drain_us)
{
	reg->config.drain_us = drain_us;
}

/* ---- asking for a name ------------------------------------------------- */

static const char *const reserved[] = {
	"damc", "localhost", "localhop", "pod", NULL
};

bool dc_reg_reserved(const struct damc_name *name)
{
	size_t i, len;

	if (!name->len)
		return true;
	for (i = 0; reserved[i]; i++) {
		len = strlen(reserved[i]);
		if (name->wire[0] == len &&
		    !memcmp(name->wire + 1, reserved[i], len))
			return true;
	}
	return false;
}

/* NULL if a pod could have the name, else why not. */
static const char *unfit(const struct dc_reg_want *want)
{
	const struct damc_name *name = &want->name;
	unsigned int at, n = 0;

	if (dc_reg_reserved(name))
		return "the name is the fabric's or the host's";
	if (name->len > DAMC_NAME_BOUND_MAX)
		return "the name is longer than 100 bytes";
	for (at = 0; at < name->len; at += 1 + name->wire[at], n++)
		if (name->wire[at] > DAMC_COMPONENT_BOUND_MAX)
			return "a component is longer than 63 bytes";
	if (want->right == DC_RIGHT_MEMBER && n < 2)
		return "an instance's name is its pool's and one component";
	return NULL;
}

/* New terms for what the pod has, or is about to have. */
static void set_terms(struct reg_name *n, const struct dc_reg_want *want,
		      struct dc_reg_holder *holder, uint64_t now_us)
{
	uint32_t epoch = n->entry.want.epoch;

	n->entry.want = *want;
	/* The binding is the one that it was, unless it had ended or is proven. */
	if (n->entry.state != DC_REG_DRAINING && !want->has_key)
		n->entry.want.epoch = epoch;
	n->entry.lease_us = REG_NEVER;
	if (want->lease_s)
		n->entry.lease_us = now_us + want->lease_s * REG_US;
	reg_hold(n, want->lease_s ? NULL : holder);
}

/* Whether what is there under this name is the same binding on other terms. */
static bool same(const struct reg_name *n, const struct dc_reg_want *want)
{
	return n->entry.want.edge == want->edge &&
	       n->entry.want.right == want->right &&
	       dc_reg_same_subject(&n->entry.want, want);
}

/* Its own pod wants something else, or its key's holder is in another pod now. */
static bool moves(const struct reg_name *n, const struct dc_reg_want *want)
{
	return n->entry.want.edge == want->edge ||
	       (want->has_key && dc_reg_same_subject(&n->entry.want, want));
}

/*
 * What is there under this name and stays. What is there and does not makes
 * room, if it is nobody's any more or the same pod's; else the outcome says so.
 */
static struct reg_name *settle(struct dc_reg *reg,
			       const struct dc_reg_want *want, uint64_t now_us)
{
	struct dc_reg_outcome *outcome = reg->waiting;
	struct reg_name *n = reg_find(reg, &want->name);

	if (!n || same(n, want))
		return n;
	if (n->entry.state != DC_REG_DRAINING && !moves(n, want)) {
		reg_outcome(outcome, DC_REG_TAKEN,
			    "another pod of this gateway has it");
		return NULL;
	}
	reg->waiting = NULL;
	reg_end(reg, n, now_us, DC_REG_ENDED, "registered anew");
	reg->waiting = outcome;
	n = reg_find(reg, &want->name);
	if (n)
		reg_bury(reg, n);
	return NULL;
}

/* The same again from who has it. */
static void again(struct dc_reg *reg, struct reg_name *n,
		  const struct dc_reg_want *want, struct dc_reg_holder *holder,
		  uint64_t now_us)
{
	bool other = n->entry.want.weight != want->weight || want->has_key;

	set_terms(n, want, holder, now_us);
	reg_set_due(reg, n);
	if (n->entry.state == DC_REG_DRAINING ||
	    (n->entry.state == DC_REG_ASKING && !n->entry.ticket))
		reg_begin(reg, n, now_us);
	else if (n->entry.state == DC_REG_ACTIVE && other)
		reg_establish(reg, n, now_us);
	else if (n->entry.state == DC_REG_ACTIVE)
		reg_outcome(reg->waiting, DC_REG_DONE, "");
}

static void add(struct dc_reg *reg, const struct dc_reg_want *want,
		struct dc_reg_holder *holder, bool bound, uint64_t now_us)
{
	struct reg_name *n = settle(reg, want, now_us);

	if (reg->waiting->code == DC_REG_TAKEN)
		return;
	if (n) {
		again(reg, n, want, holder, now_us);
		return;
	}
	n = reg_make(reg, want);
	if (!n) {
		reg_outcome(reg->waiting, DC_REG_FULL,
			    "10,000 names are registered, or there is no memory");
		return;
	}
	n->entry.bound = bound;
	n->adopted = bound;
	set_terms(n, want, holder, now_us);
	reg_begin(reg, n, now_us);
}

static void add_for(struct dc_reg *reg, const struct dc_reg_want *want,
		    struct dc_reg_holder *holder, bool bound, uint64_t now_us,
		    struct dc_reg_outcome *outcome)
{
	const char *why = unfit(want);

	if (why) {
		reg_outcome(outcome, DC_REG_RESERVED, why);
		return;
	}
	reg_outcome(outcome, DC_REG_ASKED, "");
	reg->waiting = outcome;
	add(reg, want, holder, bound, now_us);
	reg->waiting = NULL;
}

void dc_reg_add(struct dc_reg *reg, const struct dc_reg_want *want,
		struct dc_reg_holder *holder, uint64_t now_us, uint64_t *ticket,
		struct dc_reg_outcome *outcome)
{
	const struct reg_name *n;

	add_for(reg, want, holder, false, now_us, outcome);
	n = reg_find(reg, &want->name);
	*ticket = n ? n->entry.ticket : 0;
}

void dc_reg_adopt(struct dc_reg *reg, const struct dc_reg_want *want,
		  uint64_t lease_us, uint64_t now_us)
{
	struct dc_reg_outcome outcome;
	struct reg_name *n;

	if (reg_find(reg, &want->name))
		return;
	add_for(reg, want, NULL, true, now_us, &outcome);
	n = reg_find(reg, &want->name);
	if (!n || !lease_us || n->entry.state == DC_REG_DRAINING)
		return;
	n->entry.lease_us = lease_us;
	reg_set_due(reg, n);
}

bool dc_reg_settled(const struct dc_reg *reg)
{
	const struct reg_name *n;
	uint32_t i;

	for (i = 0; i < REG_BUCKETS; i++)
		LIST_FOREACH(n, &reg->chain[i], chain)
			if (n->adopted && n->entry.state == DC_REG_ASKING)
				return false;
	return true;
}

int dc_reg_keep(struct dc_reg *reg, const struct dc_reg_want *want,
		const struct dc_reg_answer *answer)
{
	return dc_reg_grants_keep(reg->grants, want, answer);
}

int dc_reg_kept(const struct dc_reg *reg,
		int (*each)(const struct dc_reg_want *want, const void *grant,
			    size_t len, void *arg), void *arg)
{
	return dc_reg_grants_each(reg->grants, each, arg);
}

void dc_reg_answer(struct dc_reg *reg, const struct damc_name *name,
		   uint64_t ticket, const struct dc_reg_answer *answer,
		   uint64_t now_us)
{
	struct reg_name *n = reg_find(reg, name);

	if (n && ticket && n->entry.ticket == ticket)
		reg_answered(reg, n, answer, now_us);
}

/* ---- ends -------------------------------------------------------------- */

struct dc_reg_holder *dc_reg_holder_new(struct dc_reg *reg)
{
	struct dc_reg_holder *holder = calloc(1, sizeof(*holder));

	if (holder)
		LIST_INSERT_HEAD(&reg->holders, holder, list);
	return holder;
}

void dc_reg_holder_gone(struct dc_reg *reg, struct dc_reg_holder *holder,
			uint64_t now_us)
{
	struct reg_name *n;

	while ((n = LIST_FIRST(&holder->names)))
		reg_end(reg, n, now_us, DC_REG_ENDED,
			"the connection that held it ended");
	LIST_REMOVE(holder, list);
	free(holder);
}

void dc_reg_holder_abandon(struct dc_reg_holder *holder)
{
	struct reg_name *n;

	while ((n = LIST_FIRST(&holder->names)))
		reg_hold(n, NULL);
	LIST_REMOVE(holder, list);
	free(holder);
}

static int find_own(const struct dc_reg *reg, const struct damc_name *name,
		    uint32_t edge, struct reg_name **n)
{
	*n = reg_find(reg, name);
	if (!*n || (*n)->entry.state == DC_REG_DRAINING)
		return -ENOENT;
	return (*n)->entry.want.edge == edge ? 0 : -EPERM;
}

int dc_reg_renew(struct dc_reg *reg, const struct damc_name *name,
		 uint32_t edge, uint32_t lease_s, uint64_t now_us)
{
	struct reg_name *n;
	int err = find_own(reg, name, edge, &n);

	if (err)
		return err;
	if (lease_s) {
		n->entry.want.lease_s = lease_s;
		reg_hold(n, NULL);
	}
	if (n->entry.want.lease_s)
		n->entry.lease_us = now_us + n->entry.want.lease_s * REG_US;
	reg->counts.renewed++;
	reg_set_due(reg, n);
	return 0;
}

int dc_reg_del(struct dc_reg *reg, const struct damc_name *name, uint32_t edge,
	       uint64_t now_us)
{
	struct reg_name *n;
	int err = find_own(reg, name, edge, &n);

	if (!err)
		reg_end(reg, n, now_us, DC_REG_ENDED, "withdrawn by its pod");
	return err;
}

/* Each name, even if @each makes an end of it. */
static void for_all(struct dc_reg *reg,
		    void (*each)(struct dc_reg *reg, struct reg_name *n,
				 const void *what, uint64_t now_us),
		    const void *what, uint64_t now_us)
{
	struct reg_name *n, *next;
	uint32_t i;

	for (i = 0; i < REG_BUCKETS; i++)
		for (n = LIST_FIRST(&reg->chain[i]); n; n = next) {
			next = LIST_NEXT(n, chain);
			each(reg, n, what, now_us);
		}
}

static void edge_gone(struct dc_reg *reg, struct reg_name *n, const void *what,
		      uint64_t now_us)
{
	if (n->entry.want.edge == *(const uint32_t *)what)
		reg_lose(reg, n, now_us, "its interface is gone");
}

void dc_reg_edge_gone(struct dc_reg *reg, uint32_t edge, uint64_t now_us)
{
	for_all(reg, edge_gone, &edge, now_us);
}

static void edge_closed(struct dc_reg *reg, struct reg_name *n,
			const void *what, uint64_t now_us)
{
	if (n->entry.want.edge == *(const uint32_t *)what)
		reg_end(reg, n, now_us, DC_REG_ENDED,
			"its interface is no edge any more");
}

void dc_reg_edge_closed(struct dc_reg *reg, uint32_t edge, uint64_t now_us)
{
	for_all(reg, edge_closed, &edge, now_us);
}

/* Packets under way are not served, either: there is no draining. */
static void end_revoked(struct dc_reg *reg, struct reg_name *n, uint64_t now_us)
{
	const struct damc_name name = n->entry.want.name;

	dc_reg_grants_drop(reg->grants, &n->entry.grant);
	reg_end(reg, n, now_us, DC_REG_REFUSED, "an SPA has ended its grant");
	n = reg_find(reg, &name);
	if (n)
		reg_bury(reg, n);
}

struct review {
	enum dc_reg_review (*judge)(const struct dc_reg_entry *entry,
				    void *arg);
	void *arg;
};

static void review(struct dc_reg *reg, struct reg_name *n, const void *what,
		   uint64_t now_us)
{
	const struct review *is = what;

	switch (is->judge(&n->entry, is->arg)) {
	case DC_REG_STAYS:
		return;
	case DC_REG_REVOKED:
		end_revoked(reg, n, now_us);
		return;
	case DC_REG_MOVED:
		reg_end(reg, n, now_us, DC_REG_ENDED,
			"its key's holder has bound it elsewhere");
		return;
	}
}

void dc_reg_review(struct dc_reg *reg,
		   enum dc_reg_review (*judge)(const struct dc_reg_entry *entry,
					       void *arg),
		   void *arg, uint64_t now_us)
{
	const struct review what = { judge, arg };

	for_all(reg, review, &what, now_us);
}

static void renewed(struct dc_reg *reg, struct reg_name *n, const void *what,
		    uint64_t now_us)
{
	const struct dc_reg_want *want = what;
	struct damc_name own, renewed;

	dc_reg_grant_name(&n->entry.want, &own);
	dc_reg_grant_name(want, &renewed);
	if (n->entry.state == DC_REG_ACTIVE &&
	    n->entry.want.right == want->right &&
	    dc_reg_same_subject(&n->entry.want, want) &&
	    damc_name_equal(&own, &renewed))
		reg_establish(reg, n, now_us);
}

bool dc_reg_renewed(struct dc_reg *reg, const struct dc_reg_want *want,
		    const struct dc_reg_answer *answer, uint64_t now_us)
{
	if (!dc_reg_grants_has(reg->grants, want) ||
	    dc_reg_grants_keep(reg->grants, want, answer))
		return false;
	for_all(reg, renewed, want, now_us);
	return true;
}

static void replay(struct dc_reg *reg, struct reg_name *n, const void *what,
		   uint64_t now_us)
{
	(void)what;
	n->entry.bound = false;
	if (n->entry.state == DC_REG_DRAINING)
		reg_bury(reg, n);
	else if (n->entry.state == DC_REG_ACTIVE)
		reg_establish(reg, n, now_us);
}

void dc_reg_replay(struct dc_reg *reg, uint64_t now_us)
{
	for_all(reg, replay, NULL, now_us);
}

/* ---- time -------------------------------------------------------------- */

static void is_due(struct dc_reg *reg, struct reg_name *n, uint64_t now_us)
{
	if (n->entry.state == DC_REG_DRAINING) {
		reg_bury(reg, n);
	} else if (n->entry.lease_us <= now_us) {
		reg->counts.lapsed++;
		reg_end(reg, n, now_us, DC_REG_ENDED,
			"its lease was not renewed");
	} else if (n->entry.want.has_key &&
		   n->entry.want.proof.until_us <= now_us) {
		reg->counts.lapsed++;
		reg_end(reg, n, now_us, DC_REG_ENDED,
			"its key's holder did not prove it anew");
	} else if (n->again_us && n->again_us <= now_us) {
		reg_begin(reg, n, now_us);
	} else {
		reg_end(reg, n, now_us, DC_REG_NO_SPA,
			"its grant ended, and no SPA gave another");
	}
}

void dc_reg_timer(struct dc_reg *reg, uint64_t now_us)
{
	struct dc_due *due;

	while ((due = dc_due_first(&reg->dues)) && due->at <= now_us)
		is_due(reg, (struct reg_name *)due, now_us);
}

uint64_t dc_reg_next(const struct dc_reg *reg)
{
	const struct dc_due *due = dc_due_first(&reg->dues);

	return due ? due->at : REG_NEVER;
}

/* ---- for people -------------------------------------------------------- */

const struct dc_reg_entry *dc_reg_find(const struct dc_reg *reg,
				       const struct damc_name *name)
{
	const struct reg_name *n = reg_find(reg, name);

	return n ? &n->entry : NULL;
}

int dc_reg_each(const struct dc_reg *reg,
		int (*each)(const struct dc_reg_entry *entry, void *arg),
		void *arg)
{
	const struct reg_name *n;
	uint32_t i;
	int ret;

	for (i = 0; i < REG_BUCKETS; i++)
		LIST_FOREACH(n, &reg->chain[i], chain) {
			ret = each(&n->entry, arg);
			if (ret)
				return ret;
		}
	return 0;
}

void dc_reg_counts(const struct dc_reg *reg, struct dc_reg_counts *counts)
{
	*counts = reg->counts;
	counts->grants = dc_reg_grants_count(reg->grants);
}

const char *dc_reg_code_text(enum dc_reg_code code)
{
	static const char *const text[] = {
		[DC_REG_DONE] = "registered",
		[DC_REG_ASKED] = "asked",
		[DC_REG_TAKEN] = "name-taken",
		[DC_REG_RESERVED] = "name-not-allowed",
		[DC_REG_FULL] = "full",
		[DC_REG_REFUSED] = "refused",
		[DC_REG_NO_SPA] = "no-authority",
		[DC_REG_NOT_BOUND] = "not-bound",
		[DC_REG_NOT_ANNOUNCED] = "not-announced",
		[DC_REG_ENDED] = "ended",
	};

	return text[code];
}
