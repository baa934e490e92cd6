/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which parts of a message have come (Documentation/protocol.rst, "Fragments").
 * Pure: no skb, no allocation; also compiled in user space.
 */
#ifndef _DAMC_REASSEMBLY_MAP_H
#define _DAMC_REASSEMBLY_MAP_H

#include <linux/types.h>

#include <linux/damc.h>

/* Fragments of the longest message, all but its last of the least size. */
#define DAMC_FRAGMENTS_MAX \
	((DAMC_MESSAGE_MAX + DAMC_FRAGMENT_MIN - 1) / DAMC_FRAGMENT_MIN)

/* Bits of which words of the map are made. */
#define DAMC_REASSEMBLY_WORD 64
#define DAMC_REASSEMBLY_WORDS \
	((DAMC_FRAGMENTS_MAX + DAMC_REASSEMBLY_WORD - 1) / DAMC_REASSEMBLY_WORD)

/**
 * struct damc_fragment - a fragment's place in its message
 * @offset: of its first byte
 * @len: how many bytes, not 0
 * @total: bytes of the whole
 */
struct damc_fragment {
	u16 offset;
	u16 len;
	u16 total;
};

/**
 * struct damc_reassembly_map - which parts of a message are there
 * @total: bytes of the whole, 0 while there is none
 * @size: bytes of each fragment but the last, 0 while only that is there
 * @last: offset of the last, 0 while it is not there
 * @got: bytes that are there
 * @have: by offset divided by @size, the last apart
 */
struct damc_reassembly_map {
	u16 total;
	u16 size;
	u16 last;
	u16 got;
	u64 have[DAMC_REASSEMBLY_WORDS];
};

enum damc_reassembly_verdict {
	DAMC_REASSEMBLY_TAKEN,
	DAMC_REASSEMBLY_COMPLETE,
	/* The very same place is taken: the fragment is not wanted. */
	DAMC_REASSEMBLY_DUPLICATE,
	/* It contradicts what is there: the message is not to be trusted. */
	DAMC_REASSEMBLY_CONFLICT,
};

bool damc_fragment_valid(const struct damc_fragment *fragment);
enum damc_reassembly_verdict
damc_reassembly_map_add(struct damc_reassembly_map *map,
			const struct damc_fragment *fragment);

#endif /* _DAMC_REASSEMBLY_MAP_H */
