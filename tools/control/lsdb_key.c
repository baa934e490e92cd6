// SPDX-License-Identifier: GPL-2.0
/*
 * What objects are about, as a hash: their subject and shard, or themselves.
 * Its first byte is the bucket, so that what must be known first comes first.
 */
#include <errno.h>
#include <string.h>

#include "crypto.h"
#include "lsdb.h"
#include "ls_msg.h"

static uint8_t bucket_of(enum dc_type type, uint8_t byte)
{
	switch (type) {
	case DC_REVOCATION:
		return byte % LSDB_BUCKET_CERTS;
	case DC_CERT:
	case DC_ANCHOR:
	case DC_BEACON:
		return LSDB_BUCKET_CERTS +
			byte % (LSDB_BUCKET_REST - LSDB_BUCKET_CERTS);
	case DC_BINDING:
		return LSDB_BUCKET_BINDINGS +
			byte % (LSDB_BUCKETS - LSDB_BUCKET_BINDINGS);
	default:
		return LSDB_BUCKET_REST +
			byte % (LSDB_BUCKET_BINDINGS - LSDB_BUCKET_REST);
	}
}

/* Of what several may say something about, each one's word is one thing. */
static void key_of(struct dc_hash *key, enum dc_type type,
		   const struct damc_name *subject, uint32_t shard,
		   const struct dc_keyid *issuer)
{
	uint8_t bytes[5 + DAMC_NAME_MAX + DC_KEYID_BYTES];
	size_t len = 5 + subject->len;

	bytes[0] = type;
	ls_put32(bytes + 1, shard);
	memcpy(bytes + 5, subject->wire, subject->len);
	if (issuer) {
		memcpy(bytes + len, issuer->byte, DC_KEYID_BYTES);
		len += DC_KEYID_BYTES;
	}
	dc_hash_bytes(key, bytes, len);
	key->byte[0] = bucket_of(type, key->byte[0]);
}

void lsdb_key_of(struct dc_hash *key, enum dc_type type,
		 const struct damc_name *subject, uint32_t shard)
{
	key_of(key, type, subject, shard, NULL);
}

void lsdb_key_of_issuers(struct dc_hash *key, enum dc_type type,
			 const struct damc_name *subject, uint32_t shard,
			 const struct dc_keyid *issuer)
{
	key_of(key, type, subject, shard, issuer);
}

void lsdb_key_of_hash(struct dc_hash *key, enum dc_type type,
		      const struct dc_hash *hash)
{
	*key = *hash;
	key->byte[0] = bucket_of(type, hash->byte[0]);
}

int lsdb_key(struct dc_hash *key, enum dc_type *type,
	     const struct dc_object *object, struct dc_hash *hash)
{
	struct dc_tombstone stone;

	*type = object->type;
	switch (object->type) {
	case DC_CERT:
	case DC_GRANT:
	case DC_REVOCATION:
		dc_object_hash(object, hash);
		lsdb_key_of_hash(key, *type, hash);
		return 1;
	case DC_TOMBSTONE:
		if (dc_tombstone_read(&stone, object))
			return -EBADMSG;
		*type = stone.type;
		break;
	default:
		break;
	}
	key_of(key, *type, &object->subject, object->shard,
	       *type >= DC_CALL_RULE ? &object->issuer : NULL);
	return 0;
}
