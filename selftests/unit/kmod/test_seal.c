// SPDX-License-Identifier: GPL-2.0
/*
 * Seals of a session's packets: the tags that the daemon's own library makes, a
 * window beside a twin that remembers everything, forged and repeated packets,
 * and which are worth a hash.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "seal.h"
#include "check.h"

#define MANY 100000
#define SPREAD 200

static const u8 key[] = "1st session's key";

/* As Documentation/control.rst has it, and bytes are written. */
static void write_hdr(struct damc_session_hdr *hdr, const u8 *with, u64 sequence)
{
	siphash_key_t sip;
	u8 *bytes = (u8 *)hdr;
	u64 hash;
	int i;

	memset(hdr, 0, sizeof(*hdr));
	hdr->version = DAMC_SESSION_VERSION;
	hdr->kind = DAMC_SESSION_KIND;
	for (i = 0; i < 8; i++)
		bytes[16 + i] = sequence >> (56 - 8 * i);
	memcpy(&sip, with, sizeof(sip));
	sip.key[0] = le64toh(sip.key[0]);
	sip.key[1] = le64toh(sip.key[1]);
	hash = siphash(bytes + 16, 8, &sip);
	for (i = 0; i < 4; i++)
		bytes[12 + i] = hash >> 8 * i;
}

static bool comes(struct damc_seal *seal, u64 sequence)
{
	struct damc_session_hdr hdr;

	write_hdr(&hdr, key, sequence);
	return damc_seal_fits(seal, &hdr) && damc_seal_note(seal, &hdr);
}

static bool heeded(const struct damc_seal *seal, u64 sequence)
{
	struct damc_session_hdr hdr;

	write_hdr(&hdr, key, sequence);
	return damc_seal_heeds(seal, &hdr);
}

static void once(void **state)
{
	struct damc_seal seal;

	damc_seal_init(&seal, key);
	assert_false(comes(&seal, 0));
	assert_true(comes(&seal, 1));
	assert_false(comes(&seal, 1));
	assert_true(comes(&seal, 1 + DAMC_SEAL_WINDOW));
	assert_false(comes(&seal, 1));
	assert_true(comes(&seal, 2));
	assert_false(comes(&seal, 2));
	assert_true(comes(&seal, UINT64_MAX));
	assert_false(comes(&seal, UINT64_MAX - DAMC_SEAL_WINDOW));
	assert_true(comes(&seal, UINT64_MAX - DAMC_SEAL_WINDOW + 1));
	assert_false(comes(&seal, UINT64_MAX));
}

/* Neither another key's nor another sequence's, and no bit of either. */
static void forged(void **state)
{
	static const u8 other[] = "2nd session's key";
	struct damc_session_hdr hdr;
	struct damc_seal seal;
	int bit;

	damc_seal_init(&seal, key);
	write_hdr(&hdr, other, 7);
	assert_false(damc_seal_fits(&seal, &hdr));
	for (bit = 8 * 12; bit < 8 * 24; bit++) {
		write_hdr(&hdr, key, 7);
		assert_true(damc_seal_fits(&seal, &hdr));
		((u8 *)&hdr)[bit / 8] ^= 1 << bit % 8;
		assert_false(damc_seal_fits(&seal, &hdr));
	}
}

/* What it remembers, and what a window of it may. */
struct twin {
	u8 came[MANY + SPREAD];
	u64 top;
};

static bool twin_comes(struct twin *twin, u64 sequence)
{
	if (!sequence || twin->came[sequence] ||
	    sequence + DAMC_SEAL_WINDOW <= twin->top)
		return false;
	twin->came[sequence] = 1;
	if (sequence > twin->top)
		twin->top = sequence;
	return true;
}

/* One of 2^@bits of them, as far as chance tells. */
static void assert_share(u32 n, u32 of, u32 bits)
{
	assert_in_range(n, (of >> bits) / 2, (of >> bits) * 2);
}

/* None that is new costs more than a hash, but for a share of those far ahead. */
static void window(void **state)
{
	struct twin *twin = calloc(1, sizeof(*twin));
	struct damc_seal seal;
	u64 at = 0, sequence;
	u32 far = 0, drawn = 0;
	bool is, is_far, new;
	int i;

	damc_seal_init(&seal, key);
	for (i = 0; i < MANY; i++) {
		at += check_below(2);
		sequence = at + check_below(SPREAD);
		sequence = sequence > SPREAD / 2 ? sequence - SPREAD / 2 : 0;
		is = heeded(&seal, sequence);
		is_far = sequence > twin->top + DAMC_SEAL_WINDOW;
		new = twin_comes(twin, sequence);
		far += is_far;
		drawn += is_far && is;
		assert_true(is_far || is == new);
		assert_int_equal(comes(&seal, sequence), new);
	}
	assert_share(drawn, far, DAMC_SEAL_DRAW_BITS);
	free(twin);
}

/* Of @n sequences from @from the heeded ones, with a tag by chance or always one. */
static u32 heeded_of(const struct damc_seal *seal, u64 from, u32 n, bool chance)
{
	struct damc_session_hdr hdr;
	u32 i, sum = 0;
	u64 tag = 7;

	for (i = 0; i < n; i++) {
		write_hdr(&hdr, key, from + i);
		if (chance)
			tag = check_below(UINT64_MAX);
		memcpy(&hdr.tag, &tag, sizeof(hdr.tag));
		sum += damc_seal_heeds(seal, &hdr);
	}
	return sum;
}

static void few_forged_are_heeded(void **state)
{
	struct damc_session_hdr hdr;
	struct damc_seal seal;
	u32 i, sum = 0;
	u64 tag;

	damc_seal_init(&seal, key);
	assert_true(comes(&seal, MANY));
	for (i = 0; i < MANY; i++)
		sum += heeded_of(&seal, MANY + 1 + i % DAMC_SEAL_WINDOW, 1, true);
	assert_share(sum, MANY, 8);
	assert_share(heeded_of(&seal, 2 * MANY, MANY, true), MANY,
		     DAMC_SEAL_DRAW_BITS);
	assert_share(heeded_of(&seal, 2 * MANY, MANY, false), MANY,
		     DAMC_SEAL_DRAW_BITS);
	/* Nor does it help to choose what is multiplied. */
	for (i = 0, sum = 0; i < MANY; i++) {
		write_hdr(&hdr, key, 2 * MANY + i);
		tag = htole64(2 * MANY + i);
		memcpy(&hdr.tag, &tag, sizeof(hdr.tag));
		sum += damc_seal_heeds(&seal, &hdr);
	}
	assert_int_equal(0, sum);
}

/* Packets that come until one is heeded, of a session that has run so far ahead. */
static u32 until_found(struct damc_seal *seal, u64 sequence)
{
	u32 n = 1;

	while (!heeded(seal, sequence)) {
		sequence++;
		assert_in_range(++n, 1, 400);
	}
	assert_true(comes(seal, sequence));
	assert_true(heeded(seal, sequence + 1));
	assert_true(heeded(seal, sequence + DAMC_SEAL_WINDOW));
	assert_true(heeded(seal, sequence - 1));
	assert_true(heeded(seal, sequence - DAMC_SEAL_WINDOW + 1));
	assert_false(heeded(seal, sequence - DAMC_SEAL_WINDOW));
	return n;
}

/* However much was lost in a row. */
static void is_found_again(void **state)
{
	struct damc_seal seal;
	u32 sum = 0;
	int i;

	damc_seal_init(&seal, key);
	for (i = 0; i < 1000; i++)
		sum += until_found(&seal, seal.top + DAMC_SEAL_WINDOW + 1 +
				   check_below(i % 2 ? 1ull << 50 : 300));
	assert_in_range(sum, 12000, 20000);
	for (i = 0, sum = 0; i < MANY; i++) {
		assert_true(comes(&seal, seal.top + 1));
		sum += heeded(&seal, seal.top + DAMC_SEAL_WINDOW + 1);
	}
	assert_share(sum, MANY, DAMC_SEAL_DRAW_BITS);
}

static void ends(void **state)
{
	struct damc_seal seal;
	u64 i;

	damc_seal_init(&seal, key);
	assert_true(comes(&seal, UINT64_MAX - 3));
	for (i = 0; i < 2 * DAMC_SEAL_HINTS; i++)
		assert_false(heeded(&seal, i));
	assert_true(heeded(&seal, UINT64_MAX));
	assert_true(comes(&seal, UINT64_MAX));
	for (i = 0; i < 2 * DAMC_SEAL_HINTS; i++)
		assert_false(heeded(&seal, i));
	assert_true(heeded(&seal, UINT64_MAX - 1));
	assert_false(heeded(&seal, UINT64_MAX - 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(once),
		cmocka_unit_test(forged),
		cmocka_unit_test(window),
		cmocka_unit_test(few_forged_are_heeded),
		cmocka_unit_test(is_found_again),
		cmocka_unit_test(ends),
	};

	check_seed();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
