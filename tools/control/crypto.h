/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What keys do. A table of functions, so that the simulator can put a keyed
 * hash in the place of Ed25519 and charge what that would have cost.
 */
#ifndef DC_CRYPTO_H
#define DC_CRYPTO_H

#include "object.h"
#include "tape.h"

#define DC_SECRET_BYTES 64
#define DC_MAC_BYTES 16
#define DC_SESSION_BYTES 32

/**
 * struct dc_crypto - one kind of signatures
 * @sign: over @len bytes; the domain separation is the caller's, in the bytes
 * @verify: whether @signature is @key's
 * @tape: listens to all that is done with it; NULL: nobody does
 */
struct dc_crypto {
	void (*sign)(uint8_t signature[DC_SIGNATURE_BYTES], const void *bytes,
		     size_t len, const uint8_t secret[DC_SECRET_BYTES]);
	bool (*verify)(const uint8_t signature[DC_SIGNATURE_BYTES],
		       const void *bytes, size_t len,
		       const uint8_t key[DC_KEY_BYTES]);
	void (*keypair)(uint8_t key[DC_KEY_BYTES],
			uint8_t secret[DC_SECRET_BYTES],
			const uint8_t seed[32]);
	const struct dc_tape *tape;
};

/* Sign, and let the tape know. */
void dc_sign(const struct dc_crypto *crypto,
	     uint8_t signature[DC_SIGNATURE_BYTES], const void *bytes,
	     size_t len, const uint8_t secret[DC_SECRET_BYTES]);

extern const struct dc_crypto dc_ed25519;

/* Needs nothing secret: whoever knows the key can sign. For simulation only. */
extern const struct dc_crypto dc_stand_in;

/**
 * dc_object_sign() - write an object whole, signed with any key
 * @object: as it is, but for the issuer, which is @key's
 *
 * Return: the object's length, or what dc_object_write() says.
 */
int dc_object_sign(const struct dc_object *object,
		   const struct dc_crypto *crypto,
		   const uint8_t key[DC_KEY_BYTES],
		   const uint8_t secret[DC_SECRET_BYTES],
		   uint8_t buf[DC_OBJECT_MAX]);
/*
 * What an object's signature is over: a context, and the @len bytes of the object
 * before its signature. Their number.
 */
#define DC_OBJECT_SIGNED_MAX (16 + DC_OBJECT_MAX)
size_t dc_object_signed_bytes(uint8_t buf[DC_OBJECT_SIGNED_MAX],
			      const uint8_t *bytes, size_t len);
/* Whether an object's signature is @key's; says nothing of what @key may. */
bool dc_object_verify(const struct dc_object *object,
		      const struct dc_crypto *crypto,
		      const uint8_t key[DC_KEY_BYTES]);

void dc_keyid_of(struct dc_keyid *id, const uint8_t key[DC_KEY_BYTES]);
void dc_hash_bytes(struct dc_hash *hash, const void *bytes, size_t len);
uint64_t dc_domain_of(const char *domain);

/* Between neighbours: an ephemeral pair each, and what both get out of it. */
void dc_exchange_pair(uint8_t public[32], uint8_t secret[32],
		      const uint8_t seed[32]);
/* False for a public value that gives nothing secret. */
bool dc_exchange(uint8_t session[DC_SESSION_BYTES], const uint8_t secret[32],
		 const uint8_t mine[32], const uint8_t theirs[32]);
void dc_mac(uint8_t mac[DC_MAC_BYTES], const void *bytes, size_t len,
	    const uint8_t session[DC_SESSION_BYTES]);
bool dc_mac_ok(const uint8_t mac[DC_MAC_BYTES], const void *bytes, size_t len,
	       const uint8_t session[DC_SESSION_BYTES]);

#endif /* DC_CRYPTO_H */
