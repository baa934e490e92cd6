// SPDX-License-Identifier: GPL-2.0
/*
 * The anchor's keys, the current and the next, and their change: each is signed
 * by both of the keys it is about. First the next is introduced, later it takes
 * the current one's place; certificates of a key that left end.
 */
#include <string.h>

#include "trust_state.h"

static const uint8_t no_key[DC_KEY_BYTES];

static bool key_equal(const uint8_t *a, const uint8_t *b)
{
	return !memcmp(a, b, DC_KEY_BYTES);
}

void trust_anchor_set(struct dc_trust *trust,
		      const uint8_t key[2][DC_KEY_BYTES])
{
	int i;

	memcpy(trust->anchor, key, sizeof(trust->anchor));
	for (i = 0; i < 2; i++)
		dc_keyid_of(&trust->anchor_id[i], trust->anchor[i]);
}

int trust_anchor_find(const struct dc_trust *trust, const struct dc_keyid *key)
{
	int i;

	for (i = 0; i < 2; i++)
		if (!key_equal(trust->anchor[i], no_key) &&
		    !memcmp(&trust->anchor_id[i], key, sizeof(*key)))
			return i;
	return -1;
}

/* The key that proves itself in @change, or NULL if this is no such step. */
static const uint8_t *other_key(const struct dc_trust *trust,
				const struct dc_anchor *change)
{
	if (key_equal(change->key[0], trust->anchor[0]) &&
	    !key_equal(change->key[1], no_key))
		return change->key[1];
	if (key_equal(change->key[0], trust->anchor[1]) &&
	    key_equal(change->key[1], no_key))
		return change->key[0];
	return NULL;
}

static bool proven(const struct dc_trust *trust, const struct dc_anchor *change,
		   const struct dc_object *object, const uint8_t *key)
{
	uint8_t bytes[DC_ANCHOR_PROOF_MAX];
	size_t len = dc_anchor_proof_bytes(change, object->domain,
					   object->seq.serial, bytes);

	return trust->crypto->verify(change->proof, bytes, len, key);
}

static void end_certs(struct dc_trust *trust)
{
	struct trust_cert *cert;
	uint32_t at = 0;

	while ((cert = dc_map_next(&trust->certs, &at)))
		if (trust_anchor_find(trust, &cert->item.issuer) < 0)
			trust_end(trust, &cert->item, DC_EXPIRED);
}

enum dc_verdict trust_anchor_change(struct dc_trust *trust,
				    const struct dc_object *object)
{
	struct dc_anchor change;
	const uint8_t *key;

	if (dc_anchor_read(&change, object))
		return DC_MALFORMED;
	if (object->seq.serial <= trust->anchor_serial)
		return DC_VALID;
	key = other_key(trust, &change);
	if (!key)
		return DC_UNKNOWN;
	if (!proven(trust, &change, object, key))
		return DC_FORGED;
	trust->anchor_serial = object->seq.serial;
	trust_anchor_set(trust, change.key);
	end_certs(trust);
	return DC_VALID;
}
