/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets of a daemon's session with a neighbour (class 2,
 * Documentation/control.rst), told from others by what only the two ends can
 * make: a tag of a sequence. It says nothing of the rest of a packet, which the
 * daemon's MAC is for, so it decides in which bucket a packet falls, no more.
 *
 * A hash for each packet that somebody forges would cost more than all else that
 * is done about it. So a byte of each tag that may come next is kept, and only
 * what has that byte is worth a hash (damc_seal_heeds()).
 *
 * Pure: no skb, no lock; also compiled in user space.
 */
#ifndef _DAMC_SEAL_H
#define _DAMC_SEAL_H

#include <asm/byteorder.h>
#include <linux/compiler.h>
#include <linux/siphash.h>
#include <linux/types.h>

/*
 * Sequences up to the highest of which it is known whether they came, and beyond
 * it of which a byte of the tag is known.
 */
#define DAMC_SEAL_WINDOW 64
#define DAMC_SEAL_HINTS (2 * DAMC_SEAL_WINDOW)

/* Of the packets beyond that, one of so many is worth a hash, as a power of 2. */
#define DAMC_SEAL_DRAW_BITS 4

#define DAMC_SESSION_VERSION 1
#define DAMC_SESSION_KIND 2

/**
 * struct damc_session_hdr - the front of a session's packet
 * @version: DAMC_SESSION_VERSION
 * @kind: DAMC_SESSION_KIND; others have no tag
 * @len: of the packet
 * @domain: not looked at
 * @tag: what SipHash-2-4 makes of @sequence as it is here: its first 4 bytes
 * @sequence: from 1, another in each packet
 */
struct damc_session_hdr {
	u8 version;
	u8 kind;
	__be16 len;
	__be32 domain[2];
	__le32 tag;
	__be32 sequence[2];
};

/**
 * struct damc_seal - a session's packets as they come
 * @key: of the tags
 * @draw: odd, known to who knows @key: which packets far ahead are worth a hash
 * @top: the highest sequence that came with a good tag
 * @seen: bit i: so did @top - i
 * @hint: the lowest byte of each tag from @top - 63 to @top + 64, by sequence
 */
struct damc_seal {
	siphash_key_t key;
	u64 draw;
	u64 top;
	u64 seen;
	u8 hint[DAMC_SEAL_HINTS];
};

static inline u64 damc_seal_sequence(const struct damc_session_hdr *hdr)
{
	return (u64)be32_to_cpu(hdr->sequence[0]) << 32 |
	       be32_to_cpu(hdr->sequence[1]);
}

/*
 * By the packet itself and what nobody else knows, so that no sender can choose,
 * and there is nothing to write down. All ones, since no bits at all stay zero.
 */
static inline bool damc_seal_is_drawn(const struct damc_seal *seal,
				      u32 tag, u64 sequence)
{
	return (tag ^ (u32)sequence) * seal->draw >> (64 - DAMC_SEAL_DRAW_BITS) ==
	       (1 << DAMC_SEAL_DRAW_BITS) - 1;
}

/**
 * damc_seal_heeds() - whether a packet is worth a hash
 * @seal: the session
 * @hdr: the packet's front
 *
 * All that are the session's and did not come yet are, but where more were lost
 * in a row than there are hints for: of what comes then one in 16 is, and after
 * the first of them all are again. What is forged is by luck: one in 256 or, far
 * ahead, in 16. What came before is not.
 *
 * Read while it may change: what comes of that is another bucket.
 */
static inline bool damc_seal_heeds(const struct damc_seal *seal,
				   const struct damc_session_hdr *hdr)
{
	u64 sequence = damc_seal_sequence(hdr), top = READ_ONCE(seal->top);
	u32 tag = le32_to_cpu(hdr->tag);

	if (sequence > top && sequence - top > DAMC_SEAL_WINDOW)
		return damc_seal_is_drawn(seal, tag, sequence);
	if (READ_ONCE(seal->hint[sequence % DAMC_SEAL_HINTS]) != (u8)tag)
		return false;
	return sequence > top || (top - sequence < DAMC_SEAL_WINDOW &&
				  !(READ_ONCE(seal->seen) >> (top - sequence) & 1));
}

void damc_seal_init(struct damc_seal *seal, const u8 *key);
bool damc_seal_fits(const struct damc_seal *seal,
		    const struct damc_session_hdr *hdr);
bool damc_seal_note(struct damc_seal *seal, const struct damc_session_hdr *hdr);

#endif /* _DAMC_SEAL_H */
