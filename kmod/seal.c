// SPDX-License-Identifier: GPL-2.0
/* What a session's packets are told by: tags, and which sequences came. */
#include <asm/byteorder.h>
#include <linux/compiler.h>
#include <linux/string.h>

#include "seal.h"

static u64 damc_seal_sequence(const struct damc_session_hdr *hdr)
{
	return (u64)be32_to_cpu(hdr->sequence[0]) << 32 |
	       be32_to_cpu(hdr->sequence[1]);
}

static bool damc_seal_tag_is(const struct damc_seal *seal,
			     const struct damc_session_hdr *hdr)
{
	__le64 word;

	memcpy(&word, hdr->sequence, sizeof(word));
	return (u32)siphash_1u64(le64_to_cpu(word), &seal->key) ==
	       le32_to_cpu(hdr->tag);
}

/* Read while it may change: what comes of that is another bucket. */
static bool damc_seal_is_new(const struct damc_seal *seal, u64 sequence)
{
	u64 top = READ_ONCE(seal->top);

	if (sequence > top)
		return true;
	if (top - sequence >= DAMC_SEAL_WINDOW)
		return false;
	return !(READ_ONCE(seal->seen) >> (top - sequence) & 1);
}

/**
 * damc_seal_init() - begin with a session
 * @seal: gets all
 * @key: of its tags, 16 bytes
 */
void damc_seal_init(struct damc_seal *seal, const u8 *key)
{
	memset(seal, 0, sizeof(*seal));
	memcpy(&seal->key, key, sizeof(seal->key));
	le64_to_cpus(&seal->key.key[0]);
	le64_to_cpus(&seal->key.key[1]);
	/* There is no packet 0. */
	seal->seen = 1;
}

/**
 * damc_seal_fits() - whether a packet is the session's, and did not come yet
 * @seal: the session
 * @hdr: the packet's front
 *
 * What came before costs no hash.
 */
bool damc_seal_fits(const struct damc_seal *seal,
		    const struct damc_session_hdr *hdr)
{
	return damc_seal_is_new(seal, damc_seal_sequence(hdr)) &&
	       damc_seal_tag_is(seal, hdr);
}

/**
 * damc_seal_note() - a packet of the session came
 * @seal: the session; one caller at a time
 * @hdr: the packet's front, which fits
 */
void damc_seal_note(struct damc_seal *seal, const struct damc_session_hdr *hdr)
{
	u64 sequence = damc_seal_sequence(hdr), ahead;

	if (sequence <= seal->top) {
		ahead = seal->top - sequence;
		if (ahead < DAMC_SEAL_WINDOW)
			WRITE_ONCE(seal->seen, seal->seen | 1ULL << ahead);
		return;
	}
	ahead = sequence - seal->top;
	WRITE_ONCE(seal->seen, (ahead < DAMC_SEAL_WINDOW ?
				seal->seen << ahead : 0) | 1);
	WRITE_ONCE(seal->top, sequence);
}
