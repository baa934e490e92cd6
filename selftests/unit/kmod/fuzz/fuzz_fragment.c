// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer: any bytes as fragments of one message, 6 each. What is taken never
 * overlaps, and the message is complete when, and only when, all is there.
 */
#include "reassembly_map.h"

static u8 there[DAMC_MESSAGE_MAX];

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static unsigned int mark(const struct damc_fragment *f)
{
	unsigned int i;

	for (i = f->offset; i < (unsigned int)f->offset + f->len; i++) {
		if (there[i])
			abort();
		there[i] = 1;
	}
	return f->len;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct damc_reassembly_map map = {};
	enum damc_reassembly_verdict verdict;
	struct damc_fragment f;
	unsigned int got = 0;

	memset(there, 0, sizeof(there));
	for (; size >= 6; data += 6, size -= 6) {
		f = (struct damc_fragment){ data[0] << 8 | data[1],
					    data[2] << 8 | data[3],
					    data[4] << 8 | data[5] };
		if (!damc_fragment_valid(&f))
			continue;
		verdict = damc_reassembly_map_add(&map, &f);
		if (verdict == DAMC_REASSEMBLY_CONFLICT)
			return 0;
		if (verdict != DAMC_REASSEMBLY_DUPLICATE)
			got += mark(&f);
		if (got != map.got)
			abort();
		if (verdict == DAMC_REASSEMBLY_COMPLETE || got == f.total) {
			if (verdict != DAMC_REASSEMBLY_COMPLETE ||
			    got != f.total)
				abort();
			return 0;
		}
	}
	return 0;
}
