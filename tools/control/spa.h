/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An SPA's decisions, without I/O: class 3's messages, a policy and the time go
 * in; answers, and what is to be stored before they are sent, come out. What it
 * signs otherwise: revocations, beacons, call rules.
 *
 * Time is monotonic, in us; domain time is in ms (trust.h).
 */
#ifndef DC_SPA_H
#define DC_SPA_H

#include "class3.h"
#include "spa_live.h"
#include "spa_policy.h"
#include "trust.h"

struct dc_spa;

/**
 * struct dc_spa_decision - what was decided, and why
 * @request: NULL where there was none that could be read, or for who asked by
 *	hand
 * @observed: refused by the policy, and allowed because that only observes
 * @words: why not; of an @observed one, why it would not be
 * @holding: of a grant: what it says; of a refusal: what was asked for
 * @body: of a grant
 * @grant: a whole object, or NULL
 */
struct dc_spa_decision {
	enum dc_c3_code code;
	const struct dc_c3_request *request;
	bool observed;
	char words[DC_C3_WORDS_MAX + 1];
	struct dc_spa_holding holding;
	const struct dc_grant *body;
	const uint8_t *grant;
	size_t grant_len;
};

/**
 * struct dc_spa_ops - what outlives the process
 * @number: sets the number of a new grant, one that this SPA never used; 0 or
 *	negative errno
 * @keep: store a grant; an answer is sent only if this returned 0
 * @refused: for the log
 */
struct dc_spa_ops {
	int (*number)(void *arg, uint64_t *number);
	int (*keep)(void *arg, const struct dc_spa_decision *decision);
	void (*refused)(void *arg, const struct dc_spa_decision *decision);
};

/**
 * struct dc_spa_config - what does not change while it runs
 * @identity: who it is; its certificate has the role spa
 * @policy: kept by its owner as long as it is in force
 * @secret: random bytes of this run
 */
struct dc_spa_config {
	struct dc_identity identity;
	const struct dc_crypto *crypto;
	const struct dc_spa_policy *policy;
	uint8_t secret[32];
};

/* NULL and errno: EINVAL for an identity that is none, or of no SPA; ENOMEM. */
struct dc_spa *dc_spa_new(const struct dc_spa_config *config,
			  const struct dc_spa_ops *ops, void *arg,
			  uint64_t now_us, uint64_t wall_ms);
void dc_spa_free(struct dc_spa *spa);

/* From the store, at the start: as dc_spa_live_add(). */
int dc_spa_restore(struct dc_spa *spa, const struct dc_spa_holding *holding);
/* A grant was revoked, here or by another process. */
void dc_spa_revoked(struct dc_spa *spa, uint64_t number);
void dc_spa_set_policy(struct dc_spa *spa, const struct dc_spa_policy *policy);

/* Answer method "nonce": length, or -EBADMSG. */
int dc_spa_nonce(struct dc_spa *spa, const void *bytes, size_t len,
		 uint8_t answer[DC_C3_NONCES_ANSWER_MAX], uint64_t now_us);

/* Answer method "grant": length, or -EBADMSG for what can't be answered. */
int dc_spa_grant(struct dc_spa *spa, const void *bytes, size_t len,
		 uint8_t answer[DC_C3_ANSWER_MAX], uint64_t now_us);

/**
 * struct dc_spa_wish - a grant that an operator gives, whatever the policy says
 * @grant: without its number
 * @lifetime: s, 0: the policy's
 */
struct dc_spa_wish {
	struct damc_name name;
	struct dc_grant grant;
	uint32_t lifetime;
};

/* Reserved names and others' are refused all the same. Length of @object, or 0
 * with the reason in @decision.
 */
int dc_spa_give(struct dc_spa *spa, const struct dc_spa_wish *wish,
		struct dc_spa_decision *decision,
		uint8_t object[DC_OBJECT_MAX], uint64_t now_us);

/*
 * Each: a whole object's length, or a negative errno; -ESTALE: what a revocation
 * is to end has ended. @subject: that of what it ends.
 */
int dc_spa_revocation(struct dc_spa *spa, const struct dc_revocation *what,
		      const struct damc_name *subject,
		      uint8_t object[DC_OBJECT_MAX], uint64_t now_us);
int dc_spa_beacon(struct dc_spa *spa, uint64_t revocations,
		  const struct dc_hash *digest, uint8_t object[DC_OBJECT_MAX],
		  uint64_t now_us);
int dc_spa_call_rule(struct dc_spa *spa, const struct dc_spa_call *call,
		     uint64_t number, uint8_t object[DC_OBJECT_MAX],
		     uint64_t now_us);

/*
 * Whether its certificate counts, and has @name in a subtree: what it may sign grants,
 * revocations and call rules of.
 */
bool dc_spa_may(const struct dc_spa *spa, const struct damc_name *name);

struct dc_trust *dc_spa_trust(struct dc_spa *spa);
const struct dc_node_id *dc_spa_id(const struct dc_spa *spa);

/* Counted by code. */
struct dc_spa_counts {
	uint64_t code[DC_C3_CODES];
	uint64_t observed;
	uint64_t nonces;
	uint32_t live;
};

void dc_spa_counts(const struct dc_spa *spa, struct dc_spa_counts *counts);

/* Of a key, of a pod's name: what struct dc_spa_holding calls a subject. */
void dc_spa_subject(struct dc_hash *subject, bool has_key,
		    const uint8_t key[DC_KEY_BYTES],
		    const struct damc_name *pod);

#endif /* DC_SPA_H */
