/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets of a daemon's session with a neighbour (class 2,
 * Documentation/control.rst), told from others by what only the two ends can
 * make: a tag of a sequence. It says nothing of the rest of a packet, which the
 * daemon's MAC is for, so it decides in which bucket a packet falls, no more.
 *
 * Pure: no skb, no lock; also compiled in user space.
 */
#ifndef _DAMC_SEAL_H
#define _DAMC_SEAL_H

#include <linux/siphash.h>
#include <linux/types.h>

/* Sequences up to the highest of which it is known whether they came. */
#define DAMC_SEAL_WINDOW 64

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
 * @top: the highest sequence that came with a good tag
 * @seen: bit i: so did @top - i
 */
struct damc_seal {
	siphash_key_t key;
	u64 top;
	u64 seen;
};

void damc_seal_init(struct damc_seal *seal, const u8 *key);
bool damc_seal_fits(const struct damc_seal *seal,
		    const struct damc_session_hdr *hdr);
void damc_seal_note(struct damc_seal *seal, const struct damc_session_hdr *hdr);

#endif /* _DAMC_SEAL_H */
