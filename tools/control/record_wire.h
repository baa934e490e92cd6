/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A record's bytes (Documentation/damcd.rst, "The flight recorder"): what the
 * recorder writes and the replay reads.
 */
#ifndef DC_RECORD_WIRE_H
#define DC_RECORD_WIRE_H

#include "node.h"

#define RECORD_MAGIC "DAMCREC1"
#define RECORD_MAGIC_LEN 8
/* One that begins in the middle of the node's life: inputs alone. */
#define RECORD_MIDDLE "DAMCMID1"

/*
 * An entry's first byte: 0 is the end, an input's kind, DRAW and what was drawn,
 * or SUM: 4 bytes of what was done for the input before, and how many things.
 */
#define RECORD_DRAW 0x20
#define RECORD_SUM 0x40
#define RECORD_SUM_BYTES 4

/*
 * The last packets, by where they came from and how long they were: the next one
 * of the kind is told by its difference.
 */
#define RECORD_SLOTS 64
#define RECORD_WHOLE 0x80	/* in the slot's byte: not by difference */

struct record_slot {
	uint32_t ifindex;
	struct damc_lladdr from;
	size_t len;
	uint8_t bytes[DC_PACKET_MAX];
};

/* Bytes of a draw; 0: there is none such. */
size_t record_draw_len(unsigned int what);

#endif /* DC_RECORD_WIRE_H */
