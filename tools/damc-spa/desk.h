/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An SPA at work: its identity, its policy, its store and the core that decides
 * (spa.h), put together. Commands and the server both work at one.
 */
#ifndef SPA_DESK_H
#define SPA_DESK_H

#include "config.h"
#include "spa.h"
#include "store.h"

/* Refusals that are written to the log, a second; the rest is counted. */
#define DESK_REFUSALS_PER_S 10
/* Among the store's numbers: the version of the policy that is in force. */
#define DESK_POLICY "policy"
/* A line of the audit log, its end included. */
#define AUDIT_LINE_BYTES 2048

/**
 * struct desk - an open one
 * @policy: as it was read last; nothing is allowed before
 * @version: of the store, as it was read last
 * @part: of the grants only those were read that bear on one that is wanted
 * @grants, @revocations: numbers of the last that were read
 * @unlogged: refusals since the log last had one
 */
struct desk {
	struct config config;
	struct dc_identity identity;
	struct dc_spa_policy policy;
	struct store *store;
	struct dc_spa *spa;
	uint64_t version;
	bool part;
	uint64_t grants;
	uint64_t revocations;
	uint64_t log_second;
	uint32_t logged;
	uint64_t unlogged;
	char why[DC_WHY_MAX];
};

/*
 * Each: 0, or a negative errno with @desk->why. Opening reads neither policy nor
 * grants, whatever their number: many a command needs neither.
 */
int desk_open(struct desk *desk, const char *config);
void desk_close(struct desk *desk);

/* Read the policy, which stays as it was if there is something wrong. */
int desk_read_policy(struct desk *desk);
/*
 * The same, and it is in force from now on: one of a lower version is refused then,
 * whoever reads it. For who decides by it, when an operator said so.
 */
int desk_enforce_policy(struct desk *desk);

/*
 * Take in what was written since, and at first all: 1 if there was something. Costs
 * by the number of new grants and revocations.
 */
int desk_sync(struct desk *desk);
/*
 * For who is about to give @wanted and to do no more: the grants that bear on it,
 * whatever the number of the others, unless there may be no room.
 */
int desk_sync_about(struct desk *desk, const struct dc_spa_holding *wanted);
/* What was written since either of them, and no more: 1 if there was something. */
int desk_follow(struct desk *desk);

uint64_t desk_time(const struct desk *desk);

/* A grant by hand: its object, or 0 with the reason in @decision. */
int desk_give(struct desk *desk, const struct dc_spa_wish *wish,
	      struct dc_spa_decision *decision, uint8_t bytes[DC_OBJECT_MAX]);

/*
 * End an object, which is a grant of this SPA (@grant its number) or not (0). Nothing
 * counts as ended unless it is stored.
 */
int desk_revoke(struct desk *desk, const uint8_t *bytes, size_t len,
		uint64_t grant, struct store_revocation *revocation);

/* A revocation counts from now on, if it is the next: else desk_sync() comes to it. */
void desk_take_revocation(struct desk *desk,
			  const struct store_revocation *revocation);

/* A beacon of now: its length. */
int desk_beacon(struct desk *desk, uint8_t bytes[DC_OBJECT_MAX]);

/* Whose a grant is, for people. */
void desk_holder(char *to, size_t size, const struct dc_grant *grant);

/* A line of the log: time, and @format's words. */
void desk_line(char *to, size_t size, uint64_t ms, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

#endif /* SPA_DESK_H */
