// SPDX-License-Identifier: GPL-2.0
#include "counted.h"

static struct counted so_far;

static void sign_stand_in(uint8_t signature[DC_SIGNATURE_BYTES],
			  const void *bytes, size_t len,
			  const uint8_t secret[DC_SECRET_BYTES])
{
	so_far.signed_++;
	dc_stand_in.sign(signature, bytes, len, secret);
}

static bool verify_stand_in(const uint8_t signature[DC_SIGNATURE_BYTES],
			    const void *bytes, size_t len,
			    const uint8_t key[DC_KEY_BYTES])
{
	so_far.verified++;
	return dc_stand_in.verify(signature, bytes, len, key);
}

static void pair_stand_in(uint8_t key[DC_KEY_BYTES],
			  uint8_t secret[DC_SECRET_BYTES],
			  const uint8_t seed[32])
{
	dc_stand_in.keypair(key, secret, seed);
}

static void sign_ed25519(uint8_t signature[DC_SIGNATURE_BYTES],
			 const void *bytes, size_t len,
			 const uint8_t secret[DC_SECRET_BYTES])
{
	so_far.signed_++;
	dc_ed25519.sign(signature, bytes, len, secret);
}

static bool verify_ed25519(const uint8_t signature[DC_SIGNATURE_BYTES],
			   const void *bytes, size_t len,
			   const uint8_t key[DC_KEY_BYTES])
{
	so_far.verified++;
	return dc_ed25519.verify(signature, bytes, len, key);
}

static void pair_ed25519(uint8_t key[DC_KEY_BYTES],
			 uint8_t secret[DC_SECRET_BYTES],
			 const uint8_t seed[32])
{
	dc_ed25519.keypair(key, secret, seed);
}

const struct dc_crypto counted_stand_in = {
	.sign = sign_stand_in, .verify = verify_stand_in,
	.keypair = pair_stand_in,
};

const struct dc_crypto counted_ed25519 = {
	.sign = sign_ed25519, .verify = verify_ed25519,
	.keypair = pair_ed25519,
};

struct counted counted_so_far(void)
{
	return so_far;
}
