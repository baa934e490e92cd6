// SPDX-License-Identifier: GPL-2.0
/* What a session's packets are told by: tags, and which sequences came. */
#include <linux/string.h>

#include "seal.h"

/* @word: the sequence as it is in a packet. */
static u32 damc_seal_tag(const struct damc_seal *seal, __be64 word)
{
	__le64 bytes;

	memcpy(&bytes, &word, sizeof(bytes));
	return siphash_1u64(le64_to_cpu(bytes), &seal->key);
}

/* Hints of the @n sequences that end with the last that there is one for. */
static void damc_seal_hint(struct damc_seal *seal, u64 n)
{
	u64 sequence = seal->top + DAMC_SEAL_WINDOW;

	for (n = min_t(u64, n, DAMC_SEAL_HINTS); n; n--, sequence--)
		WRITE_ONCE(seal->hint[sequence % DAMC_SEAL_HINTS],
			   damc_seal_tag(seal, cpu_to_be64(sequence)));
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
	/* There is no packet 0, so nobody is shown anything of its hash. */
	seal->draw = siphash_1u64(0, &seal->key) | 1;
	seal->seen = 1;
	damc_seal_hint(seal, DAMC_SEAL_WINDOW);
}

/**
 * damc_seal_fits() - whether a packet's tag is the session's
 * @seal: the session
 * @hdr: the packet's front
 *
 * One word is compared with another, which takes as long whatever they are.
 */
bool damc_seal_fits(const struct damc_seal *seal,
		    const struct damc_session_hdr *hdr)
{
	u64 sequence = damc_seal_sequence(hdr);

	return damc_seal_tag(seal, cpu_to_be64(sequence)) ==
	       le32_to_cpu(hdr->tag);
}

/**
 * damc_seal_note() - a packet of the session came
 * @seal: the session; one caller at a time
 * @hdr: the packet's front, which fits
 *
 * Each sequence costs a hash here, those that were lost in a row at once, 128 of
 * them at most.
 *
 * Return: false if it came before, or may have.
 */
bool damc_seal_note(struct damc_seal *seal, const struct damc_session_hdr *hdr)
{
	u64 sequence = damc_seal_sequence(hdr), ahead;

	if (sequence <= seal->top) {
		ahead = seal->top - sequence;
		if (ahead >= DAMC_SEAL_WINDOW || seal->seen >> ahead & 1)
			return false;
		WRITE_ONCE(seal->seen, seal->seen | 1ULL << ahead);
		return true;
	}
	ahead = sequence - seal->top;
	WRITE_ONCE(seal->seen, (ahead < DAMC_SEAL_WINDOW ?
				seal->seen << ahead : 0) | 1);
	WRITE_ONCE(seal->top, sequence);
	damc_seal_hint(seal, ahead);
	return true;
}
