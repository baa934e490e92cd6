/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A gateway's half of class 3: asks SPAs for the grants it wants, one after the
 * other until one answers, and renews what it has before half of its life is
 * over. Sans-I/O: calls, wishes for proofs and outcomes leave by the ops, during
 * a call and never later; time is monotonic, in us.
 *
 * Believes an answer only if it is signed by an SPA that the node's trust knows,
 * names the nonce that was sent, and, if it grants, holds a grant of exactly what
 * was asked for. Anything else counts as no answer.
 */
#ifndef DC_CLASS3_CLIENT_H
#define DC_CLASS3_CLIENT_H

#include "class3.h"
#include "trust.h"

#define DC_C3_SPAS_MAX 8
/* Grants that a gateway keeps; 5 KB each at most. */
#define DC_C3_CLIENT_MAX 32768
/* How long one SPA is waited for, before the next is asked. */
#define DC_C3_CALL_MS 1000

struct dc_c3_client;

/**
 * struct dc_c3_want - what a gateway wants
 * @subject: of a key: with @proof if over the gateway's nonce; else the ops' are
 *	asked for one
 * @to, @lifetime: as struct dc_c3_request's
 */
struct dc_c3_want {
	struct damc_name name;
	uint8_t right;
	uint32_t lifetime;
	uint32_t n_to;
	struct dc_node_id to[DC_GATEWAYS_MAX];
	struct dc_c3_subject subject;
};

/**
 * struct dc_c3_outcome - what came of it
 * @renewal: of one that was granted before; if it was refused, that still lasts
 * @words: why not, with an ending zero
 * @grant: a whole object, or NULL; as @hash, in the trust it was checked with
 * @not_after: its end in domain time, ms
 */
struct dc_c3_outcome {
	enum dc_c3_code code;
	bool renewal;
	const char *words;
	const uint8_t *grant;
	size_t grant_len;
	struct dc_hash hash;
	uint64_t not_after;
};

/**
 * struct dc_c3_client_ops - what a client does to the world
 * @call: a method of @target's; dc_c3_client_answer() tells what came of it. False:
 *	it could not be made, and nothing will
 * @prove: have the holder of the want's key sign @bytes, dc_c3_client_proof()
 * @done: a want was granted or refused, or one was renewed, or not. The client
 *	must not be called from here.
 */
struct dc_c3_client_ops {
	bool (*call)(void *arg, uint64_t call, const struct damc_name *target,
		     const char *method, const void *bytes, size_t len,
		     uint32_t deadline_ms);
	void (*prove)(void *arg, uint64_t id, const void *bytes, size_t len);
	void (*done)(void *arg, uint64_t id,
		     const struct dc_c3_outcome *outcome);
};

/**
 * struct dc_c3_client_config - what does not change
 * @identity: the gateway's; copied
 * @trust: the node's; kept by its owner, and outlives the client
 * @spa: whom to ask, in this order
 * @seed: of the jitter
 */
struct dc_c3_client_config {
	struct dc_identity identity;
	const struct dc_crypto *crypto;
	struct dc_trust *trust;
	uint32_t n_spas;
	struct damc_name spa[DC_C3_SPAS_MAX];
	uint64_t seed;
};

/* NULL and errno: EINVAL for an identity that is none, or no SPA; ENOMEM. */
struct dc_c3_client *
dc_c3_client_new(const struct dc_c3_client_config *config,
		 const struct dc_c3_client_ops *ops, void *arg);
void dc_c3_client_free(struct dc_c3_client *client);
/* The gateway's certificate was renewed, for the same key: questions name this. */
void dc_c3_client_cert(struct dc_c3_client *client,
		       const struct dc_identity *identity);

/**
 * dc_c3_client_ask() - have something granted, and keep it so
 * @deadline_ms: by which there is an outcome; afterwards, renewals have theirs
 * @id: set before any op is called for it; never 0
 *
 * A want that was refused, or not answered, is gone with its outcome.
 *
 * Return: 0, -ENOSPC, -ENOMEM, -EINVAL for rights that are none.
 */
int dc_c3_client_ask(struct dc_c3_client *client, const struct dc_c3_want *want,
		     uint32_t deadline_ms, uint64_t *id, uint64_t now_us);

/**
 * struct dc_c3_held - a grant of before this process
 * @hash: of the object
 * @not_after: its end in domain time, ms
 * @renew_us: when to ask for the next, as dc_c3_client_due() told it before; it
 *	is asked for at half of what is left, if that comes first
 */
struct dc_c3_held {
	struct dc_hash hash;
	uint64_t not_after;
	uint64_t renew_us;
};

/**
 * dc_c3_client_hold() - keep something granted that was granted already
 * @id: set before any op is called for it; never 0
 *
 * Nothing is asked until it is due. Whether the grant is good is not judged: it
 * is renewed as if it were.
 *
 * Return: as dc_c3_client_ask(), and -ESTALE for one that has ended.
 */
int dc_c3_client_hold(struct dc_c3_client *client, const struct dc_c3_want *want,
		      const struct dc_c3_held *held, uint64_t *id,
		      uint64_t now_us);

/* When what is held will be renewed, us; 0: it is not held, or being renewed. */
uint64_t dc_c3_client_due(const struct dc_c3_client *client, uint64_t id);

/* Ask others from now on; false if there are none, or too many. */
bool dc_c3_client_spas(struct dc_c3_client *client, const struct damc_name *spa,
		       uint32_t n);

/* Its subject was proven anew: what is asked from now on has that. */
void dc_c3_client_subject(struct dc_c3_client *client, uint64_t id,
			  const struct dc_c3_subject *subject);

/* It is not wanted any more: no outcome. */
void dc_c3_client_forget(struct dc_c3_client *client, uint64_t id);

/* What came of a call: @bytes is NULL if nothing did. Late ones do no harm. */
void dc_c3_client_answer(struct dc_c3_client *client, uint64_t call,
			 const void *bytes, size_t len, uint64_t now_us);

/* The proof that was wished for; NULL if its holder gives none. */
void dc_c3_client_proof(struct dc_c3_client *client, uint64_t id,
			const uint8_t proof[DC_SIGNATURE_BYTES],
			uint64_t now_us);

/* What is due at @now_us; when to come again (UINT64_MAX: never). */
void dc_c3_client_timer(struct dc_c3_client *client, uint64_t now_us);
uint64_t dc_c3_client_next(const struct dc_c3_client *client);

struct dc_c3_client_counts {
	uint64_t asked;
	uint64_t granted;
	uint64_t refused;
	uint64_t unanswered;
	uint64_t renewed;
	uint64_t disbelieved;	/* answers that were not an SPA's, or wrong */
	uint64_t late;		/* answers to a call that is over, or never was */
	uint32_t wants;
};

void dc_c3_client_counts(const struct dc_c3_client *client,
			 struct dc_c3_client_counts *counts);

#endif /* DC_CLASS3_CLIENT_H */
