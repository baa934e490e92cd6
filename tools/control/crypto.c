// SPDX-License-Identifier: GPL-2.0
/*
 * Keys, by libsodium: Ed25519 signatures, X25519 between neighbours, BLAKE2b
 * for hashes and MACs. What is signed is a context and then the bytes, so that
 * no signature made for one purpose serves another.
 */
#include <sodium.h>
#include <string.h>

#include "crypto.h"
#include "object_wire.h"

static const char object_context[] = "DAMC object 1";
#define CONTEXT_LEN (sizeof(object_context) - 1)

_Static_assert(CONTEXT_LEN + DC_OBJECT_MAX <= DC_OBJECT_SIGNED_MAX,
	       "room for what is signed");

void dc_hash_bytes(struct dc_hash *hash, const void *bytes, size_t len)
{
	crypto_generichash_blake2b(hash->byte, sizeof(hash->byte), bytes, len,
				   NULL, 0);
}

void dc_keyid_of(struct dc_keyid *id, const uint8_t key[DC_KEY_BYTES])
{
	crypto_generichash_blake2b(id->byte, sizeof(id->byte), key,
				   DC_KEY_BYTES, NULL, 0);
}

uint64_t dc_domain_of(const char *domain)
{
	struct dc_hash hash;
	struct dc_in in = { .at = hash.byte, .left = sizeof(hash.byte) };

	dc_hash_bytes(&hash, domain, strlen(domain));
	return dc_get(&in, 8);
}

void dc_sign(const struct dc_crypto *crypto,
	     uint8_t signature[DC_SIGNATURE_BYTES], const void *bytes,
	     size_t len, const uint8_t secret[DC_SECRET_BYTES])
{
	crypto->sign(signature, bytes, len, secret);
	dc_tape_draw(crypto->tape, DC_TAPE_SIGNATURE, signature);
}

/* ---- objects ----------------------------------------------------------- */

size_t dc_object_signed_bytes(uint8_t buf[DC_OBJECT_SIGNED_MAX],
			      const uint8_t *bytes, size_t len)
{
	memcpy(buf, object_context, CONTEXT_LEN);
	memcpy(buf + CONTEXT_LEN, bytes, len);
	return CONTEXT_LEN + len;
}

int dc_object_sign(const struct dc_object *object,
		   const struct dc_crypto *crypto,
		   const uint8_t key[DC_KEY_BYTES],
		   const uint8_t secret[DC_SECRET_BYTES],
		   uint8_t buf[DC_OBJECT_MAX])
{
	uint8_t message[DC_OBJECT_SIGNED_MAX];
	struct dc_object mine = *object;
	int len;

	dc_keyid_of(&mine.issuer, key);
	len = dc_object_write(&mine, buf);
	if (len < 0)
		return len;
	dc_sign(crypto, buf + len, message,
		dc_object_signed_bytes(message, buf, len), secret);
	return len + DC_SIGNATURE_BYTES;
}

bool dc_object_verify(const struct dc_object *object,
		      const struct dc_crypto *crypto,
		      const uint8_t key[DC_KEY_BYTES])
{
	uint8_t message[DC_OBJECT_SIGNED_MAX];
	size_t len = object->len - DC_SIGNATURE_BYTES;

	return crypto->verify(object->bytes + len, message,
			      dc_object_signed_bytes(message, object->bytes, len),
			      key);
}

/* ---- Ed25519 ----------------------------------------------------------- */

static void ed25519_sign(uint8_t signature[DC_SIGNATURE_BYTES],
			 const void *bytes, size_t len,
			 const uint8_t secret[DC_SECRET_BYTES])
{
	crypto_sign_ed25519_detached(signature, NULL, bytes, len, secret);
}

static bool ed25519_verify(const uint8_t signature[DC_SIGNATURE_BYTES],
			   const void *bytes, size_t len,
			   const uint8_t key[DC_KEY_BYTES])
{
	return !crypto_sign_ed25519_verify_detached(signature, bytes, len, key);
}

static void ed25519_keypair(uint8_t key[DC_KEY_BYTES],
			    uint8_t secret[DC_SECRET_BYTES],
			    const uint8_t seed[32])
{
	crypto_sign_ed25519_seed_keypair(key, secret, seed);
}

const struct dc_crypto dc_ed25519 = {
	.sign = ed25519_sign,
	.verify = ed25519_verify,
	.keypair = ed25519_keypair,
};

/* ---- stand-in: a hash keyed with what everybody knows ------------------- */

static void stand_in_hash(uint8_t signature[DC_SIGNATURE_BYTES],
			  const void *bytes, size_t len,
			  const uint8_t key[DC_KEY_BYTES])
{
	crypto_generichash_blake2b(signature, DC_SIGNATURE_BYTES, bytes, len,
				   key, DC_KEY_BYTES);
}

/* As in Ed25519's, the key is the secret's second half. */
static void stand_in_sign(uint8_t signature[DC_SIGNATURE_BYTES],
			  const void *bytes, size_t len,
			  const uint8_t secret[DC_SECRET_BYTES])
{
	stand_in_hash(signature, bytes, len, secret + DC_KEY_BYTES);
}

static bool stand_in_verify(const uint8_t signature[DC_SIGNATURE_BYTES],
			    const void *bytes, size_t len,
			    const uint8_t key[DC_KEY_BYTES])
{
	uint8_t expected[DC_SIGNATURE_BYTES];

	stand_in_hash(expected, bytes, len, key);
	return !memcmp(expected, signature, sizeof(expected));
}

static void stand_in_keypair(uint8_t key[DC_KEY_BYTES],
			     uint8_t secret[DC_SECRET_BYTES],
			     const uint8_t seed[32])
{
	crypto_generichash_blake2b(key, DC_KEY_BYTES, seed, 32, NULL, 0);
	memcpy(secret, seed, 32);
	memcpy(secret + 32, key, DC_KEY_BYTES);
}

const struct dc_crypto dc_stand_in = {
	.sign = stand_in_sign,
	.verify = stand_in_verify,
	.keypair = stand_in_keypair,
};

/* ---- between neighbours ------------------------------------------------ */

void dc_exchange_pair(uint8_t public[32], uint8_t secret[32],
		      const uint8_t seed[32])
{
	crypto_generichash_blake2b(secret, 32, seed, 32, NULL, 0);
	crypto_scalarmult_curve25519_base(public, secret);
}

/* Both ends hash the same: the lower of the public values first. */
bool dc_exchange(uint8_t session[DC_SESSION_BYTES], const uint8_t secret[32],
		 const uint8_t mine[32], const uint8_t theirs[32])
{
	bool mine_first = memcmp(mine, theirs, 32) < 0;
	uint8_t input[96];

	if (crypto_scalarmult_curve25519(input, secret, theirs))
		return false;
	memcpy(input + 32, mine_first ? mine : theirs, 32);
	memcpy(input + 64, mine_first ? theirs : mine, 32);
	crypto_generichash_blake2b(session, DC_SESSION_BYTES, input,
				   sizeof(input), NULL, 0);
	sodium_memzero(input, sizeof(input));
	return true;
}

void dc_mac(uint8_t mac[DC_MAC_BYTES], const void *bytes, size_t len,
	    const uint8_t session[DC_SESSION_BYTES])
{
	crypto_generichash_blake2b(mac, DC_MAC_BYTES, bytes, len, session,
				   DC_SESSION_BYTES);
}

bool dc_mac_ok(const uint8_t mac[DC_MAC_BYTES], const void *bytes, size_t len,
	       const uint8_t session[DC_SESSION_BYTES])
{
	uint8_t expected[DC_MAC_BYTES];

	dc_mac(expected, bytes, len, session);
	return !sodium_memcmp(expected, mac, sizeof(expected));
}
