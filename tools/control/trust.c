// SPDX-License-Identifier: GPL-2.0
/*
 * Judging objects: read, whose key, its signature, whether the key may say so,
 * whether it still counts, and then what follows. A signature that was found
 * good stays so, therefore its object's hash is remembered; all else is judged
 * each time.
 */
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "trust_state.h"

#define ROUTERS (DC_ROLE_SG | DC_ROLE_SR)

static const char * const verdict_text[] = {
	[DC_VALID] = "valid",
	[DC_UNKNOWN] = "issuer or grant not known",
	[DC_MALFORMED] = "malformed",
	[DC_FOREIGN] = "of another domain",
	[DC_FORGED] = "not signed by its issuer",
	[DC_NOT_ALLOWED] = "not its issuer's to say",
	[DC_EXPIRED] = "expired",
	[DC_REVOKED] = "revoked",
	[DC_FULL] = "no room",
};

const char *dc_verdict_text(enum dc_verdict verdict)
{
	return verdict <= DC_FULL ? verdict_text[verdict] : "unknown";
}

struct dc_hash trust_node_key(const struct dc_trust *trust,
			      const struct dc_node_id *id)
{
	struct dc_hash key;

	crypto_shorthash_siphashx24(key.byte, id->byte, id->len, trust->seed);
	return key;
}

bool trust_in_subtrees(const struct dc_cert *cert, const struct damc_name *name)
{
	uint32_t i;

	for (i = 0; i < cert->n_subtrees; i++)
		if (damc_name_below(name, &cert->subtree[i]))
			return true;
	return false;
}

/* ---- whose key, and is it its signature -------------------------------- */

/*
 * A host whose clock is ahead must still hear the beacon that puts it right: as
 * long as there was none, an SPA's certificate need be valid only then.
 */
static bool first_beacon(const struct dc_trust *trust,
			 const struct dc_object *object,
			 const struct trust_cert *cert)
{
	struct dc_beacon beacon;

	return object->type == DC_BEACON && !trust_has_time(trust) &&
	       cert->item.state == DC_EXPIRED && !cert->superseded &&
	       !dc_beacon_read(&beacon, object) &&
	       beacon.time < cert->item.not_after;
}

static enum dc_verdict find_issuer(const struct dc_trust *trust,
				   const struct dc_object *object,
				   struct trust_issuer *issuer)
{
	int number = trust_anchor_find(trust, &object->issuer);

	issuer->cert = NULL;
	if (number >= 0) {
		issuer->key = trust->anchor[number];
		return DC_VALID;
	}
	issuer->cert = trust_cert_of_key(trust, &object->issuer);
	if (!issuer->cert)
		return DC_UNKNOWN;
	issuer->key = issuer->cert->body.key;
	if (first_beacon(trust, object, issuer->cert))
		return DC_VALID;
	return issuer->cert->item.state;
}

/* Promote what is found in the older half, so that it outlives that. */
static void remember(struct dc_trust *trust, const struct dc_hash *hash)
{
	struct dc_map older;

	if (trust->seen[0].n >= DC_TRUST_SEEN / 2) {
		older = trust->seen[1];
		trust->seen[1] = trust->seen[0];
		trust->seen[0] = older;
		dc_map_clear(&trust->seen[0]);
	}
	/* Without memory, it is verified again next time. */
	dc_map_put(&trust->seen[0], hash, trust);
}

static bool remembered(struct dc_trust *trust, const struct dc_hash *hash)
{
	if (dc_map_get(&trust->seen[0], hash))
		return true;
	if (!dc_map_get(&trust->seen[1], hash))
		return false;
	remember(trust, hash);
	return true;
}

bool trust_verify(struct dc_trust *trust, const struct dc_object *object,
		  const struct dc_hash *hash, const uint8_t *key)
{
	trust->counts.verified++;
	if (!dc_object_verify(object, trust->crypto, key))
		return false;
	remember(trust, hash);
	return true;
}

/* ---- may it say so ----------------------------------------------------- */

static bool about_itself(const struct dc_object *object,
			 const struct trust_cert *cert)
{
	struct damc_name name;

	return !dc_node_name(&name, &cert->id) &&
	       damc_name_equal(&name, &object->subject);
}

static bool anchor_may(const struct dc_trust *trust,
		       const struct dc_object *object)
{
	struct dc_node_id id;

	switch (object->type) {
	case DC_CERT:
		return !dc_node_id_of(&id, &object->subject);
	case DC_ANCHOR:
		return !trust_anchor_find(trust, &object->issuer);
	case DC_REVOCATION:
		return true;
	default:
		return false;
	}
}

static bool cert_may(const struct dc_object *object, enum dc_type type,
		     const struct trust_cert *cert)
{
	uint8_t roles = cert->body.roles;

	switch (type) {
	case DC_LINK_LSA:
	case DC_PREFIX_LSA:
		return roles & ROUTERS && about_itself(object, cert);
	case DC_BEACON:
		return roles & DC_ROLE_SPA && about_itself(object, cert);
	case DC_GRANT:
		return roles & DC_ROLE_SPA &&
		       trust_grantable(&object->subject) &&
		       trust_in_subtrees(&cert->body, &object->subject);
	case DC_REVOCATION:
	case DC_CALL_RULE:
		return roles & DC_ROLE_SPA &&
		       trust_in_subtrees(&cert->body, &object->subject);
	case DC_POLICY:
	case DC_PATH:
		return roles & DC_ROLE_SCSC &&
		       trust_in_subtrees(&cert->body, &object->subject);
	default:
		return false;
	}
}

/* A tombstone is for who may sign what it ends. */
static bool may_say(const struct dc_trust *trust,
		    const struct dc_object *object,
		    const struct trust_cert *cert)
{
	enum dc_type type = object->type;
	struct dc_tombstone stone;

	if (!cert)
		return anchor_may(trust, object);
	if (object->seq.serial > cert->serial)
		return false;
	if (type == DC_PREFIX_LSA &&
	    dc_prefix_lsa_count(object) > cert->body.max_prefixes)
		return false;
	if (type == DC_TOMBSTONE) {
		if (dc_tombstone_read(&stone, object))
			return false;
		type = stone.type;
	}
	return cert_may(object, type, cert);
}

/* ---- judgement --------------------------------------------------------- */

/* An SPA's certificate that seems expired is kept for the first beacon's sake. */
static bool expired(const struct dc_trust *trust,
		    const struct dc_object *object, uint64_t now_ms)
{
	struct dc_cert cert;

	if (!object->not_after || object->not_after > now_ms)
		return false;
	if (trust_has_time(trust))
		return true;
	if (object->type == DC_CERT && !dc_cert_read(&cert, object))
		return !(cert.roles & DC_ROLE_SPA);
	return object->type != DC_BEACON;
}

static enum dc_verdict take_effect(struct dc_trust *trust,
				   const struct dc_object *object,
				   const struct dc_hash *hash,
				   const struct trust_issuer *issuer,
				   uint64_t now_us)
{
	switch (object->type) {
	case DC_CERT:
		return trust_cert_add(trust, object, hash);
	case DC_ANCHOR:
		return trust_anchor_change(trust, object);
	case DC_GRANT:
		return trust_grant_add(trust, object, hash);
	case DC_REVOCATION:
		return trust_revoke(trust, object, hash, issuer);
	case DC_BEACON:
		return trust_beacon(trust, object, issuer, now_us);
	case DC_CALL_RULE:
	case DC_TOMBSTONE:
		return trust_rule(trust, object, hash, issuer);
	default:
		return DC_VALID;
	}
}

enum dc_verdict dc_trust_judge(struct dc_trust *trust, const void *bytes,
			       size_t len, struct dc_object *object,
			       uint64_t now_us)
{
	uint64_t now_ms = trust_advance(trust, now_us);
	struct trust_issuer issuer;
	enum dc_verdict verdict;
	struct dc_hash hash;
	bool seen;

	if (dc_object_read(object, bytes, len, NULL))
		return DC_MALFORMED;
	if (object->domain != trust->domain)
		return DC_FOREIGN;
	dc_object_hash(object, &hash);
	seen = remembered(trust, &hash);
	if (!seen && dc_body_check(object))
		return DC_MALFORMED;
	if (object->type == DC_BINDING)
		return trust_bind(trust, object, &hash, seen, now_ms);
	verdict = find_issuer(trust, object, &issuer);
	if (verdict != DC_VALID)
		return verdict;
	trust->counts.remembered += seen;
	if (!seen && !trust_verify(trust, object, &hash, issuer.key))
		return DC_FORGED;
	if (!may_say(trust, object, issuer.cert))
		return DC_NOT_ALLOWED;
	if (expired(trust, object, now_ms))
		return DC_EXPIRED;
	return take_effect(trust, object, &hash, &issuer, now_us);
}

enum dc_verdict dc_trust_check(struct dc_trust *trust, const void *bytes,
			       size_t len, struct dc_object *object,
			       uint64_t now_us)
{
	struct dc_tape_input input = {
		.kind = DC_TAPE_KNOW, .now_us = now_us, .bytes = bytes,
		.len = len,
	};

	dc_tape_input(trust->crypto->tape, &input);
	return dc_trust_judge(trust, bytes, len, object, now_us);
}

/* ---- the node itself --------------------------------------------------- */

int dc_trust_sign(struct dc_trust *trust, const struct dc_object *object,
		  uint8_t buf[DC_OBJECT_MAX])
{
	struct dc_object mine = *object;
	int len;

	mine.domain = trust->domain;
	mine.seq.serial = trust->serial;
	len = dc_object_sign(&mine, trust->crypto, trust->key, trust->secret,
			     buf);
	if (len > 0)
		trust->counts.signed_++;
	return len;
}

static void init_maps(struct dc_trust *trust)
{
	dc_map_init(&trust->certs, trust->seed);
	dc_map_init(&trust->keys, trust->seed);
	dc_map_init(&trust->nodes, trust->seed);
	dc_map_init(&trust->grants, trust->seed);
	dc_map_init(&trust->revocations, trust->seed);
	dc_map_init(&trust->revoked, trust->seed);
	dc_map_init(&trust->spas, trust->seed);
	dc_map_init(&trust->holdings, trust->seed);
	dc_map_init(&trust->bindings, trust->seed);
	dc_map_init(&trust->callees, trust->seed);
	dc_map_init(&trust->rulers, trust->seed);
	dc_map_init(&trust->seen[0], trust->seed);
	dc_map_init(&trust->seen[1], trust->seed);
}

static void init(struct dc_trust *trust, const struct dc_identity *identity)
{
	struct dc_hash seed;
	int i;

	/* Nobody else knows the secret, so nobody else knows the seed. */
	dc_hash_bytes(&seed, identity->secret, sizeof(identity->secret));
	memcpy(trust->seed, seed.byte, sizeof(trust->seed));
	init_maps(trust);
	for (i = 0; i < TRUST_KINDS; i++) {
		TAILQ_INIT(&trust->ended[i]);
		TAILQ_INIT(&trust->stale[i]);
	}
	STAILQ_INIT(&trust->unbound);
	memcpy(trust->secret, identity->secret, sizeof(trust->secret));
	trust->domain = dc_domain_of(identity->domain);
	trust_anchor_set(trust, identity->anchor);
}

/* Its own certificate counts whatever the clock says: 0 or a negative errno. */
static int enter_own(struct dc_trust *trust, const struct dc_identity *identity,
		     struct dc_cert *cert)
{
	struct dc_object object;
	struct dc_hash hash;
	int number;

	if (dc_object_read(&object, identity->cert, identity->cert_len, NULL) ||
	    object.type != DC_CERT || dc_cert_read(cert, &object) ||
	    dc_node_id_of(&trust->self, &object.subject) ||
	    object.domain != trust->domain)
		return -EINVAL;
	number = trust_anchor_find(trust, &object.issuer);
	if (number < 0)
		return -EINVAL;
	dc_object_hash(&object, &hash);
	if (!trust_verify(trust, &object, &hash, trust->anchor[number]))
		return -EINVAL;
	memcpy(trust->key, cert->key, sizeof(trust->key));
	trust->serial = object.seq.serial;
	return trust_cert_add(trust, &object, &hash) == DC_VALID ? 0 : -ENOMEM;
}

static bool key_fits(const struct dc_trust *trust)
{
	static const char bytes[] = "DAMC own key";
	uint8_t signature[DC_SIGNATURE_BYTES];

	dc_sign(trust->crypto, signature, bytes, sizeof(bytes), trust->secret);
	return trust->crypto->verify(signature, bytes, sizeof(bytes),
				     trust->key);
}

struct dc_trust *dc_trust_new(const struct dc_identity *identity,
			      const struct dc_crypto *crypto, uint64_t now_us,
			      uint64_t wall_ms)
{
	struct dc_trust *trust = calloc(1, sizeof(*trust));
	struct dc_cert cert;
	int err;

	if (!trust || sodium_init() < 0) {
		free(trust);
		errno = ENOMEM;
		return NULL;
	}
	trust->crypto = crypto;
	init(trust, identity);
	err = enter_own(trust, identity, &cert);
	if (!err && !key_fits(trust))
		err = -EINVAL;
	if (err) {
		dc_trust_free(trust);
		errno = -err;
		return NULL;
	}
	trust->clock.base_us = now_us;
	trust->clock.base_ms = wall_ms;
	trust->clock.least_ms = cert.issued;
	return trust;
}

static void free_all(struct dc_map *map)
{
	uint32_t at = 0;
	void *value;

	while ((value = dc_map_next(map, &at)))
		free(value);
	dc_map_clear(map);
}

void dc_trust_free(struct dc_trust *trust)
{
	if (!trust)
		return;
	trust_bindings_free(trust);
	trust_calls_free(trust);
	free_all(&trust->certs);
	free_all(&trust->grants);
	free_all(&trust->revocations);
	free_all(&trust->spas);
	dc_map_clear(&trust->keys);
	dc_map_clear(&trust->nodes);
	dc_map_clear(&trust->revoked);
	dc_map_clear(&trust->seen[0]);
	dc_map_clear(&trust->seen[1]);
	dc_heap_clear(&trust->ends);
	dc_heap_clear(&trust->forgets);
	sodium_memzero(trust->secret, sizeof(trust->secret));
	free(trust);
}

void dc_trust_counts(const struct dc_trust *trust,
		     struct dc_trust_counts *counts)
{
	struct trust_spa *spa;
	uint32_t at = 0;

	*counts = trust->counts;
	counts->certs = trust->certs.n;
	counts->grants = trust->grants.n;
	counts->revocations = trust->revocations.n;
	counts->bindings = trust->bindings.n;
	counts->callees = trust->callees.n;
	counts->skew_ms = trust->clock.skew_ms;
	counts->behind = 0;
	while ((spa = dc_map_next(&trust->spas, &at)))
		counts->behind += spa->behind;
}
