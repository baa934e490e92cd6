// SPDX-License-Identifier: GPL-2.0
/*
 * Revocations. One names the object it ends and that object's subject, which
 * must be its signer's to decide about: so one that comes before its target is
 * judged at once, and one SPA cannot end what is another's.
 */
#include <stdlib.h>
#include <string.h>

#include "trust_state.h"

/* ms that one is kept after its end: SPAs' clocks differ, digests should not. */
#define GRACE_MS 120000

void trust_revocation_key(struct dc_hash *key, const struct dc_hash *hash,
			  const struct damc_name *subject)
{
	uint8_t bytes[DC_HASH_BYTES + DAMC_NAME_MAX];

	memcpy(bytes, hash->byte, DC_HASH_BYTES);
	memcpy(bytes + DC_HASH_BYTES, subject->wire, subject->len);
	dc_hash_bytes(key, bytes, DC_HASH_BYTES + subject->len);
}

bool trust_is_revoked(const struct dc_trust *trust, const struct dc_hash *key)
{
	return dc_map_get(&trust->revoked, key);
}

/* Of two that end the same, the one that lasts longer is found. */
static int enter(struct dc_trust *trust, struct trust_revocation *revocation)
{
	struct trust_revocation *other =
		dc_map_get(&trust->revoked, &revocation->what);
	uint64_t until = revocation->until;

	if ((!other || other->until < until) &&
	    dc_map_put(&trust->revoked, &revocation->what, revocation))
		return -1;
	until = until < UINT64_MAX - GRACE_MS ? until + GRACE_MS : UINT64_MAX;
	if (dc_heap_push(&trust->forgets, until, &revocation->hash))
		return -1;
	return dc_map_put(&trust->revocations, &revocation->hash, revocation);
}

static void leave(struct dc_trust *trust, struct trust_revocation *revocation)
{
	if (dc_map_get(&trust->revoked, &revocation->what) == revocation)
		dc_map_del(&trust->revoked, &revocation->what);
	dc_map_del(&trust->revocations, &revocation->hash);
	free(revocation);
}

/* The target, if it is here already. */
static void end_target(struct dc_trust *trust, const struct dc_hash *target,
		       const struct dc_hash *what)
{
	struct trust_item *item = dc_map_get(&trust->grants, target);

	if (!item)
		item = dc_map_get(&trust->certs, target);
	if (item && !memcmp(&item->revocation, what, sizeof(*what)))
		trust_end(trust, item, DC_REVOKED);
}

/* An SPA that fills the table cannot keep its own certificate from ending. */
static bool has_room(const struct dc_trust *trust,
		     const struct damc_name *subject)
{
	uint32_t cap = DC_TRUST_REVOCATIONS;
	struct dc_node_id id;

	if (!dc_node_id_of(&id, subject))
		cap += DC_TRUST_CERTS;
	return trust->revocations.n < cap;
}

enum dc_verdict trust_revoke(struct dc_trust *trust,
			     const struct dc_object *object,
			     const struct dc_hash *hash,
			     const struct trust_issuer *issuer)
{
	struct trust_revocation *revocation;
	struct dc_revocation body;

	if (dc_map_get(&trust->revocations, hash))
		return DC_VALID;
	if (dc_revocation_read(&body, object))
		return DC_MALFORMED;
	if (!has_room(trust, &object->subject))
		return DC_FULL;
	revocation = calloc(1, sizeof(*revocation));
	if (!revocation)
		return DC_FULL;
	revocation->hash = *hash;
	revocation->until = body.until;
	if (issuer->cert)
		revocation->by = issuer->cert->node;
	trust_revocation_key(&revocation->what, &body.target,
			     &object->subject);
	if (enter(trust, revocation)) {
		leave(trust, revocation);
		return DC_FULL;
	}
	end_target(trust, &body.target, &revocation->what);
	return DC_VALID;
}

bool trust_in_step(const struct dc_trust *trust, const struct dc_hash *by,
		   const struct dc_beacon *beacon)
{
	struct dc_hash digest = { 0 };
	struct trust_revocation *revocation;
	uint32_t at = 0;
	int i;

	while ((revocation = dc_map_next(&trust->revocations, &at))) {
		if (memcmp(&revocation->by, by, sizeof(*by)) ||
		    revocation->until <= beacon->time)
			continue;
		for (i = 0; i < DC_HASH_BYTES; i++)
			digest.byte[i] ^= revocation->hash.byte[i];
	}
	return !memcmp(&digest, &beacon->digest, sizeof(digest));
}

void trust_forget_revocations(struct dc_trust *trust, uint64_t now_ms)
{
	struct trust_revocation *revocation;
	struct dc_hash hash;

	while (dc_heap_pop(&trust->forgets, now_ms, &hash)) {
		revocation = dc_map_get(&trust->revocations, &hash);
		if (revocation)
			leave(trust, revocation);
	}
}
