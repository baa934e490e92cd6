// SPDX-License-Identifier: GPL-2.0
/* An SPA: its life, and the answers to class 3's methods. */
#include <errno.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spa_core.h"

#define BUSY_RETRY_MS 200

/* What an SPA must know of its own certificate. */
static int read_own(struct dc_spa *spa)
{
	struct dc_object object;

	if (dc_object_read(&object, spa->identity.cert, spa->identity.cert_len,
			   NULL) ||
	    object.type != DC_CERT || dc_cert_read(&spa->cert, &object) ||
	    dc_node_id_of(&spa->id, &object.subject) ||
	    !(spa->cert.roles & DC_ROLE_SPA))
		return -EINVAL;
	spa->not_after = object.not_after;
	spa->serial = object.seq.serial;
	spa->domain = dc_domain_of(spa->identity.domain);
	return 0;
}

/* A secret for each purpose, from the one. */
static void derive(uint8_t *to, size_t len, const uint8_t secret[32],
		   uint64_t number)
{
	crypto_generichash(to, len, (const uint8_t *)&number, sizeof(number),
			   secret, 32);
}

static int build(struct dc_spa *spa, const struct dc_spa_config *config,
		 uint64_t now_us, uint64_t wall_ms)
{
	uint8_t nonces[32], live[16];

	if (read_own(spa))
		return -EINVAL;
	derive(nonces, sizeof(nonces), config->secret, 1);
	derive(live, sizeof(live), config->secret, 2);
	spa->nonces = dc_c3_nonces_new(nonces);
	spa->live = dc_spa_live_new(live);
	if (!spa->nonces || !spa->live)
		return -ENOMEM;
	spa->trust = dc_trust_new(&config->identity, config->crypto, now_us,
				  wall_ms);
	return spa->trust ? 0 : -EINVAL;
}

struct dc_spa *dc_spa_new(const struct dc_spa_config *config,
			  const struct dc_spa_ops *ops, void *arg,
			  uint64_t now_us, uint64_t wall_ms)
{
	struct dc_spa *spa = calloc(1, sizeof(*spa));
	int err;

	if (!spa)
		return NULL;
	spa->crypto = config->crypto;
	spa->policy = config->policy;
	spa->identity = config->identity;
	spa->ops = *ops;
	spa->arg = arg;
	err = build(spa, config, now_us, wall_ms);
	if (!err)
		return spa;
	dc_spa_free(spa);
	errno = -err;
	return NULL;
}

void dc_spa_free(struct dc_spa *spa)
{
	if (!spa)
		return;
	dc_trust_free(spa->trust);
	dc_c3_nonces_free(spa->nonces);
	dc_spa_live_free(spa->live);
	sodium_memzero(&spa->identity, sizeof(spa->identity));
	free(spa);
}

int dc_spa_restore(struct dc_spa *spa, const struct dc_spa_holding *holding)
{
	return dc_spa_live_add(spa->live, holding);
}

void dc_spa_revoked(struct dc_spa *spa, uint64_t number)
{
	dc_spa_live_revoke(spa->live, number);
}

void dc_spa_set_policy(struct dc_spa *spa, const struct dc_spa_policy *policy)
{
	spa->policy = policy;
}

struct dc_trust *dc_spa_trust(struct dc_spa *spa)
{
	return spa->trust;
}

const struct dc_node_id *dc_spa_id(const struct dc_spa *spa)
{
	return &spa->id;
}

void dc_spa_counts(const struct dc_spa *spa, struct dc_spa_counts *counts)
{
	const struct dc_spa_holding none = { .number = 0 };
	struct dc_spa_live_counts live;

	dc_spa_live_count(spa->live, &none, &live);
	*counts = spa->counts;
	counts->live = live.all;
}

void dc_spa_subject(struct dc_hash *subject, bool has_key,
		    const uint8_t key[DC_KEY_BYTES],
		    const struct damc_name *pod)
{
	uint8_t bytes[1 + DAMC_NAME_MAX + DC_KEY_BYTES] = { has_key };
	size_t len = has_key ? DC_KEY_BYTES : pod->len;

	memcpy(bytes + 1, has_key ? key : pod->wire, len);
	dc_hash_bytes(subject, bytes, 1 + len);
}

bool spa_refuse(struct dc_spa_decision *decision, enum dc_c3_code code,
		const char *words, ...)
{
	va_list args;

	decision->code = code;
	va_start(args, words);
	vsnprintf(decision->words, sizeof(decision->words), words, args);
	va_end(args);
	return false;
}

/* ---- method "nonce" ---------------------------------------------------- */

int dc_spa_nonce(struct dc_spa *spa, const void *bytes, size_t len,
		 uint8_t answer[DC_C3_NONCES_ANSWER_MAX], uint64_t now_us)
{
	struct dc_c3_nonce_answer given = {
		.spa = spa->id, .lifetime_ms = DC_C3_NONCE_LIFETIME_MS
	};
	struct dc_c3_nonce_request request;

	if (dc_c3_nonce_request_read(&request, bytes, len))
		return -EBADMSG;
	for (; given.n < request.count; given.n++)
		dc_c3_nonce_make(spa->nonces, &given.nonce[given.n],
				 &request.gateway, now_us);
	spa->counts.nonces += given.n;
	return dc_c3_nonce_answer_write(&given, answer,
					DC_C3_NONCES_ANSWER_MAX);
}

/* ---- method "grant" ---------------------------------------------------- */

static int write_answer(struct dc_spa *spa,
			const struct dc_spa_decision *decision,
			uint8_t *buf, uint64_t now_us)
{
	const struct dc_c3_request *request = decision->request;
	struct dc_c3_answer answer = {
		.code = decision->code,
		.spa = spa->id,
		.nonce = request->nonce,
		.grant = decision->grant,
		.grant_len = decision->grant_len,
		.cert = spa->identity.cert,
		.cert_len = spa->identity.cert_len,
	};

	if (decision->code != DC_C3_GRANTED) {
		answer.words_len = strlen(decision->words);
		memcpy(answer.words, decision->words, answer.words_len);
	}
	if (decision->code == DC_C3_BUSY)
		answer.retry_ms = BUSY_RETRY_MS;
	/* One that the gateway is not known for would only be a gift. */
	if (decision->code != DC_C3_GATEWAY)
		dc_c3_nonce_make(spa->nonces, &answer.next, &request->gateway,
				 now_us);
	return dc_c3_answer_write(&answer, spa->crypto, spa->identity.secret,
				  buf, DC_C3_ANSWER_MAX);
}

static void count(struct dc_spa *spa, const struct dc_spa_decision *decision)
{
	spa->counts.code[decision->code]++;
	spa->counts.observed += decision->observed;
	if (decision->code != DC_C3_GRANTED && spa->ops.refused)
		spa->ops.refused(spa->arg, decision);
}

int dc_spa_grant(struct dc_spa *spa, const void *bytes, size_t len,
		 uint8_t answer[DC_C3_ANSWER_MAX], uint64_t now_us)
{
	struct dc_spa_decision decision = { .code = DC_C3_MALFORMED };
	uint8_t object[DC_OBJECT_MAX];
	struct dc_c3_request request;
	struct dc_grant grant;

	if (dc_c3_request_read(&request, bytes, len)) {
		spa->counts.code[DC_C3_MALFORMED]++;
		return -EBADMSG;
	}
	decision.request = &request;
	if (spa_decide(spa, bytes, len, &decision, &grant, now_us))
		spa_make(spa, &decision, &grant, object, now_us);
	count(spa, &decision);
	return write_answer(spa, &decision, answer, now_us);
}

/* ---- by hand ----------------------------------------------------------- */

int dc_spa_give(struct dc_spa *spa, const struct dc_spa_wish *wish,
		struct dc_spa_decision *decision,
		uint8_t object[DC_OBJECT_MAX], uint64_t now_us)
{
	struct dc_spa_holding *holding = &decision->holding;
	struct dc_grant grant = wish->grant;
	uint32_t lifetime = wish->lifetime;

	memset(decision, 0, sizeof(*decision));
	if (!lifetime)
		lifetime = spa->policy->lifetime;
	holding->name = wish->name;
	holding->rights = grant.rights;
	holding->until = spa_until(spa, lifetime, now_us);
	dc_spa_subject(&holding->subject, grant.has_key, grant.key, &grant.pod);
	if (!dc_c3_right_is_good(grant.rights))
		spa_refuse(decision, DC_C3_MALFORMED,
			   "a name is a pool or a name, not both");
	else if (spa_may_be_had(spa, decision, now_us))
		spa_make(spa, decision, &grant, object, now_us);
	count(spa, decision);
	return decision->grant_len;
}
