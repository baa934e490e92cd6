// SPDX-License-Identifier: GPL-2.0
#include "counted.h"

static struct counted so_far;
static const struct dc_crypto *by;

static void sign(uint8_t signature[DC_SIGNATURE_BYTES], const void *bytes,
		 size_t len, const uint8_t secret[DC_SECRET_BYTES])
{
	so_far.signed_++;
	by->sign(signature, bytes, len, secret);
}

static bool verify(const uint8_t signature[DC_SIGNATURE_BYTES],
		   const void *bytes, size_t len,
		   const uint8_t key[DC_KEY_BYTES])
{
	so_far.verified++;
	return by->verify(signature, bytes, len, key);
}

static void keypair(uint8_t key[DC_KEY_BYTES], uint8_t secret[DC_SECRET_BYTES],
		    const uint8_t seed[32])
{
	by->keypair(key, secret, seed);
}

static const struct dc_crypto counted = {
	.sign = sign, .verify = verify, .keypair = keypair,
};

const struct dc_crypto *counted_by(const struct dc_crypto *real)
{
	by = real;
	return &counted;
}

struct counted counted_so_far(void)
{
	return so_far;
}
