// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reg_name.h"

static uint64_t bucket_of(const struct dc_reg *reg,
			  const struct damc_name *name)
{
	uint64_t hash;

	crypto_shorthash((void *)&hash, name->wire, name->len, reg->key);
	return hash % REG_BUCKETS;
}

struct reg_name *reg_find(const struct dc_reg *reg,
			  const struct damc_name *name)
{
	struct reg_name *n;

	LIST_FOREACH(n, &reg->chain[bucket_of(reg, name)], chain)
		if (damc_name_equal(&n->entry.want.name, name))
			return n;
	return NULL;
}

struct reg_name *reg_make(struct dc_reg *reg, const struct dc_reg_want *want)
{
	struct reg_name *n;

	if (reg->counts.names == DC_REG_NAMES_MAX)
		return NULL;
	n = calloc(1, sizeof(*n));
	/* Queued from now on: no lease is to fail for want of memory. */
	if (!n || dc_due_set(&reg->dues, &n->due, REG_NEVER)) {
		free(n);
		return NULL;
	}
	n->entry.want = *want;
	n->entry.until_us = REG_NEVER;
	LIST_INSERT_HEAD(&reg->chain[bucket_of(reg, &want->name)], n, chain);
	reg->counts.names++;
	return n;
}

void reg_hold(struct reg_name *n, struct dc_reg_holder *holder)
{
	if (n->holder)
		LIST_REMOVE(n, held);
	n->holder = holder;
	if (holder)
		LIST_INSERT_HEAD(&holder->names, n, held);
}

void reg_set_due(struct dc_reg *reg, struct reg_name *n)
{
	const struct dc_reg_entry *entry = &n->entry;
	uint64_t at = entry->lease_us;

	if (entry->state == DC_REG_DRAINING)
		at = n->unbind_us;
	else if (entry->until_us < at)
		at = entry->until_us;
	if (entry->state == DC_REG_ASKING && n->again_us && n->again_us < at)
		at = n->again_us;
	dc_due_set(&reg->dues, &n->due, at);
}

void reg_outcome(struct dc_reg_outcome *outcome, enum dc_reg_code code,
		 const char *reason)
{
	outcome->code = code;
	snprintf(outcome->reason, sizeof(outcome->reason), "%s", reason);
}

/* ---- the end ----------------------------------------------------------- */

static void forget(struct dc_reg *reg, struct reg_name *n)
{
	dc_due_clear(&reg->dues, &n->due);
	reg_hold(n, NULL);
	LIST_REMOVE(n, chain);
	reg->counts.names--;
	free(n);
}

void reg_bury(struct dc_reg *reg, struct reg_name *n)
{
	if (n->entry.bound)
		reg->ops->unbind(reg->arg, &n->entry);
	forget(reg, n);
}

static void tell(struct dc_reg *reg, struct reg_name *n, uint64_t ticket,
		 const struct dc_reg_outcome *outcome)
{
	if (reg->waiting)
		*reg->waiting = *outcome;
	reg->ops->told(reg->arg, ticket, &n->entry, outcome);
}

/* It is no more, for the reason given; what is under way to it still arrives. */
static void end(struct dc_reg *reg, struct reg_name *n, uint64_t now_us,
		const struct dc_reg_outcome *outcome)
{
	struct dc_reg_entry *entry = &n->entry;
	uint64_t ticket = entry->ticket;

	if (entry->state == DC_REG_DRAINING)
		return;
	if (entry->state == DC_REG_ACTIVE)
		reg->ops->withdraw(reg->arg, entry);
	entry->state = DC_REG_DRAINING;
	entry->ticket = 0;
	reg_hold(n, NULL);
	tell(reg, n, ticket, outcome);
	n->unbind_us = now_us + reg->config.drain_us;
	if (entry->bound)
		reg_set_due(reg, n);
	else
		forget(reg, n);
}

void reg_end(struct dc_reg *reg, struct reg_name *n, uint64_t now_us,
	     enum dc_reg_code code, const char *reason)
{
	struct dc_reg_outcome outcome;

	reg_outcome(&outcome, code, reason);
	end(reg, n, now_us, &outcome);
}

void reg_lose(struct dc_reg *reg, struct reg_name *n, uint64_t now_us,
	      const char *reason)
{
	n->entry.bound = false;
	if (n->entry.state == DC_REG_DRAINING)
		forget(reg, n);
	else
		reg_end(reg, n, now_us, DC_REG_ENDED, reason);
}

/* ---- the beginning ----------------------------------------------------- */

/*
 * A process that has just begun may not know its SPAs yet, nor reach one. What an
 * earlier one bound serves meanwhile, and is tried again.
 */
static bool put_off(struct dc_reg *reg, struct reg_name *n, uint64_t now_us,
		    const struct dc_reg_outcome *outcome)
{
	uint64_t wait = REG_AGAIN_US << (n->tries < 16 ? n->tries : 16);
	uint64_t ticket = n->entry.ticket;

	if (!n->adopted)
		return false;
	n->tries++;
	n->again_us = now_us + (wait < REG_AGAIN_MAX_US ? wait
							: REG_AGAIN_MAX_US);
	n->entry.until_us = REG_NEVER;
	n->entry.ticket = 0;
	reg_set_due(reg, n);
	tell(reg, n, ticket, outcome);
	return true;
}

/*
 * Bind, then announce: nothing is told to the fabric that does not work here.
 * False if it may work later.
 */
static bool bring_up(struct dc_reg *reg, struct reg_name *n, const void *grant,
		     size_t len, struct dc_reg_outcome *outcome)
{
	struct dc_reg_entry *entry = &n->entry;
	enum dc_verdict verdict;

	reg_outcome(outcome, DC_REG_NOT_BOUND, "");
	if (reg->ops->bind(reg->arg, entry, outcome))
		return true;
	entry->bound = true;
	verdict = reg->ops->announce(reg->arg, entry, grant, len);
	if (verdict != DC_VALID) {
		reg_outcome(outcome, DC_REG_NOT_ANNOUNCED,
			    dc_verdict_text(verdict));
		return verdict != DC_UNKNOWN;
	}
	entry->state = DC_REG_ACTIVE;
	n->adopted = false;
	reg_outcome(outcome, DC_REG_DONE, "");
	return true;
}

/* The grant's end, or the proof's. */
static uint64_t until(const struct dc_reg_want *want, uint64_t grant_us)
{
	return want->has_key && want->proof.until_us < grant_us ?
	       want->proof.until_us : grant_us;
}

/* A yes, with what it stands on: into effect, and told. */
static void granted(struct dc_reg *reg, struct reg_name *n,
		    const struct dc_reg_answer *answer, uint64_t now_us)
{
	struct dc_reg_outcome outcome;
	uint64_t ticket = n->entry.ticket;

	n->entry.until_us = until(&n->entry.want, answer->until_us);
	n->entry.grant = answer->hash;
	if (!bring_up(reg, n, answer->grant, answer->grant_len, &outcome) &&
	    put_off(reg, n, now_us, &outcome))
		return;
	if (outcome.code != DC_REG_DONE) {
		end(reg, n, now_us, &outcome);
		return;
	}
	n->entry.ticket = 0;
	reg_set_due(reg, n);
	tell(reg, n, ticket, &outcome);
}

void reg_answered(struct dc_reg *reg, struct reg_name *n,
		  const struct dc_reg_answer *answer, uint64_t now_us)
{
	struct dc_reg_outcome outcome;

	if (answer->code == DC_REG_DONE) {
		reg->counts.granted++;
		/* Kept or not: without memory the next one asks again. */
		dc_reg_grants_keep(reg->grants, &n->entry.want, answer);
		granted(reg, n, answer, now_us);
		return;
	}
	reg->counts.refused += answer->code == DC_REG_REFUSED;
	reg_outcome(&outcome, answer->code, answer->reason);
	if (answer->code != DC_REG_NO_SPA || !put_off(reg, n, now_us, &outcome))
		end(reg, n, now_us, &outcome);
}

static void ask(struct dc_reg *reg, struct reg_name *n, uint64_t now_us)
{
	struct dc_reg_answer answer = { 0 };

	n->entry.ticket = ++reg->ticket;
	n->entry.until_us = REG_NEVER;
	reg_set_due(reg, n);
	reg->counts.asked++;
	if (reg->ops->ask(reg->arg, n->entry.ticket, &n->entry, &answer))
		reg_answered(reg, n, &answer, now_us);
}

/* By a grant that is kept: true if there is one. */
static bool from_kept(struct dc_reg *reg, struct reg_name *n, uint64_t now_us)
{
	struct dc_reg_answer answer = { .code = DC_REG_DONE };
	struct dc_reg_grant grant;

	if (!dc_reg_grants_find(reg->grants, &n->entry.want, now_us, &grant))
		return false;
	reg->counts.cached++;
	answer.grant = grant.len ? grant.bytes : NULL;
	answer.grant_len = grant.len;
	answer.hash = grant.hash;
	answer.until_us = grant.until_us;
	granted(reg, n, &answer, now_us);
	return true;
}

void reg_begin(struct dc_reg *reg, struct reg_name *n, uint64_t now_us)
{
	n->entry.state = DC_REG_ASKING;
	n->again_us = 0;
	if (!from_kept(reg, n, now_us))
		ask(reg, n, now_us);
}

void reg_establish(struct dc_reg *reg, struct reg_name *n, uint64_t now_us)
{
	if (!from_kept(reg, n, now_us))
		ask(reg, n, now_us);
}
