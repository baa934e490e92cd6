// SPDX-License-Identifier: GPL-2.0
/* libFuzzer: any bytes as a packet, then what its names hash and print as. */
#include "header.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static const siphash_key_t key = { { 1, 2 } };
	char text[DAMC_NAME_TEXT_MAX];
	struct damc_prefix_hash hash;
	struct damc_name dst, src;
	struct damc_pkt pkt;
	u8 record[256];
	int len;

	if (size < sizeof(struct damc_hdr))
		return 0;
	len = damc_hdr_len((const struct damc_hdr *)data);
	if (len < 0 || (size_t)len > size)
		return 0;
	if (damc_hdr_parse(data, len, size, &pkt))
		return 0;
	dst = damc_pkt_dst(&pkt, data);
	src = damc_pkt_src(&pkt, data);
	damc_name_text(&dst, text, sizeof(text));
	damc_name_hash(&key, &src, 0x1ff, &hash);
	if (pkt.record) {
		memcpy(record, data + pkt.record, pkt.record_len);
		damc_record_append(record, pkt.record_len, &dst);
		if (record[0] + 2 > pkt.record_len)
			abort();
	}
	return 0;
}
