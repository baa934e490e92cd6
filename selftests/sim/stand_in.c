// SPDX-License-Identifier: GPL-2.0
/*
 * Two lanes of 64 bits, each multiplied with all that comes: as good as a hash
 * against chance, and no good against anybody.
 */
#include <stdint.h>
#include <string.h>

#include "rng.h"
#include "stand_in.h"

#define WORD sizeof(uint64_t)
#define EXCHANGE_BYTES 32
#define SHORT_BYTES 8

/* Odd, and with as many ones as zeros; any such would do. */
#define ODD_A 0x9e3779b97f4a7c15ull
#define ODD_B 0xc2b2ae3d27d4eb4full
#define ODD_C 0x165667b19e3779f9ull

struct lanes {
	uint64_t a;
	uint64_t b;
};

static bool used;

void stand_in_use(bool on)
{
	used = on;
}

static uint64_t fold(uint64_t x, uint64_t y)
{
	unsigned __int128 product = (unsigned __int128)x * y;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static void take(struct lanes *lanes, uint64_t x, uint64_t y)
{
	uint64_t a = lanes->a, b = lanes->b;

	lanes->a = fold(a ^ x, y ^ ODD_A) + b;
	lanes->b = fold(b ^ y, x ^ ODD_B) ^ a;
}

static uint64_t load(const unsigned char *bytes, size_t n)
{
	uint64_t word = 0;

	memcpy(&word, bytes, n < WORD ? n : WORD);
	return word;
}

static void take_bytes(struct lanes *lanes, const unsigned char *bytes,
		       size_t len)
{
	take(lanes, len, ODD_C);
	for (; len >= 2 * WORD; len -= 2 * WORD, bytes += 2 * WORD)
		take(lanes, load(bytes, WORD), load(bytes + WORD, WORD));
	if (len > WORD)
		take(lanes, load(bytes, WORD), load(bytes + WORD, len - WORD));
	else if (len)
		take(lanes, load(bytes, len), 0);
}

static void give_bytes(const struct lanes *lanes, unsigned char *out, size_t len)
{
	uint64_t word, i;

	for (i = 0; len; i++) {
		size_t n = len < WORD ? len : WORD;

		word = sim_mix(lanes->a + i * ODD_A) ^
			sim_mix(lanes->b ^ i * ODD_B);
		memcpy(out, &word, n);
		out += n;
		len -= n;
	}
}

static void hash(unsigned char *out, size_t out_len, const unsigned char *in,
		 size_t len, const unsigned char *key, size_t key_len)
{
	struct lanes lanes = { ODD_B + out_len, ODD_C };

	if (key_len)
		take_bytes(&lanes, key, key_len);
	take_bytes(&lanes, in, len);
	give_bytes(&lanes, out, out_len);
}

/* What spreads things over buckets, or is only compared: one lane is enough. */
static void hash_short(unsigned char *out, const unsigned char *in, size_t len,
		       const unsigned char *key)
{
	uint64_t a = load(key, WORD) ^ ODD_A, b = load(key + WORD, WORD) ^ ODD_B;
	size_t left = len;

	for (; left >= 2 * WORD; left -= 2 * WORD, in += 2 * WORD)
		a = fold(a ^ load(in, WORD), b ^ load(in + WORD, WORD));
	if (left > WORD)
		a = fold(a ^ load(in, WORD), b ^ load(in + WORD, left - WORD));
	else if (left)
		a = fold(a ^ load(in, left), b);
	a = fold(a ^ len, b ^ ODD_C);
	memcpy(out, &a, SHORT_BYTES);
}

/* ---- under libsodium's names ------------------------------------------- */

int __real_crypto_generichash_blake2b(unsigned char *out, size_t out_len,
				      const unsigned char *in,
				      unsigned long long len,
				      const unsigned char *key, size_t key_len);
int __wrap_crypto_generichash_blake2b(unsigned char *out, size_t out_len,
				      const unsigned char *in,
				      unsigned long long len,
				      const unsigned char *key, size_t key_len);
int __real_crypto_shorthash(unsigned char *out, const unsigned char *in,
			    unsigned long long len, const unsigned char *key);
int __wrap_crypto_shorthash(unsigned char *out, const unsigned char *in,
			    unsigned long long len, const unsigned char *key);
int __real_crypto_shorthash_siphash24(unsigned char *out,
				      const unsigned char *in,
				      unsigned long long len,
				      const unsigned char *key);
int __wrap_crypto_shorthash_siphash24(unsigned char *out,
				      const unsigned char *in,
				      unsigned long long len,
				      const unsigned char *key);
int __real_crypto_scalarmult_curve25519(unsigned char *shared,
					const unsigned char *secret,
					const unsigned char *public);
int __wrap_crypto_scalarmult_curve25519(unsigned char *shared,
					const unsigned char *secret,
					const unsigned char *public);
int __real_crypto_scalarmult_curve25519_base(unsigned char *public,
					     const unsigned char *secret);
int __wrap_crypto_scalarmult_curve25519_base(unsigned char *public,
					     const unsigned char *secret);

int __wrap_crypto_generichash_blake2b(unsigned char *out, size_t out_len,
				      const unsigned char *in,
				      unsigned long long len,
				      const unsigned char *key, size_t key_len)
{
	if (!used)
		return __real_crypto_generichash_blake2b(out, out_len, in, len,
							 key, key_len);
	hash(out, out_len, in, len, key, key_len);
	return 0;
}

int __wrap_crypto_shorthash(unsigned char *out, const unsigned char *in,
			    unsigned long long len, const unsigned char *key)
{
	if (!used)
		return __real_crypto_shorthash(out, in, len, key);
	hash_short(out, in, len, key);
	return 0;
}

int __wrap_crypto_shorthash_siphash24(unsigned char *out,
				      const unsigned char *in,
				      unsigned long long len,
				      const unsigned char *key)
{
	if (!used)
		return __real_crypto_shorthash_siphash24(out, in, len, key);
	hash_short(out, in, len, key);
	return 0;
}

/* What both ends get alike out of one secret and the other's public value. */
int __wrap_crypto_scalarmult_curve25519(unsigned char *shared,
					const unsigned char *secret,
					const unsigned char *public)
{
	unsigned char all = 0;
	size_t i;

	if (!used)
		return __real_crypto_scalarmult_curve25519(shared, secret,
							   public);
	for (i = 0; i < EXCHANGE_BYTES; i++) {
		shared[i] = secret[i] ^ public[i];
		all |= shared[i];
	}
	return all ? 0 : -1;
}

int __wrap_crypto_scalarmult_curve25519_base(unsigned char *public,
					     const unsigned char *secret)
{
	if (!used)
		return __real_crypto_scalarmult_curve25519_base(public, secret);
	memcpy(public, secret, EXCHANGE_BYTES);
	return 0;
}
