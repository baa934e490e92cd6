// SPDX-License-Identifier: GPL-2.0
/*
 * Seals of a session's packets: the tags that the daemon's own library makes, a
 * window beside a twin that remembers everything, forged and repeated packets.
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
	if (!damc_seal_fits(seal, &hdr))
		return false;
	damc_seal_note(seal, &hdr);
	return true;
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

static void window(void **state)
{
	struct twin *twin = calloc(1, sizeof(*twin));
	struct damc_seal seal;
	u64 at = 0, sequence;
	int i;

	damc_seal_init(&seal, key);
	for (i = 0; i < MANY; i++) {
		at += check_below(2);
		sequence = at + check_below(SPREAD);
		sequence = sequence > SPREAD / 2 ? sequence - SPREAD / 2 : 0;
		assert_int_equal(comes(&seal, sequence),
				 twin_comes(twin, sequence));
	}
	free(twin);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(once),
		cmocka_unit_test(forged),
		cmocka_unit_test(window),
	};

	check_seed();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
