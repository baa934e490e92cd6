// SPDX-License-Identifier: GPL-2.0
/* The header: what a pod may not choose in it, found and taken away. */
#include <linux/kernel.h>
#include <linux/string.h>

#include "header.h"

/* Of the traffic class. */
#define DAMC_CLASS_ECN 0x03

#define DAMC_FLAGS_GRANTED (DAMC_F_FIRST | DAMC_F_HOP_TLV)

/* Documentation/protocol.rst, "Forwarding", has the list. */
static bool damc_tlv_granted(u8 type)
{
	return type == DAMC_TLV_PAD || type == DAMC_TLV_RECORD;
}

static unsigned int damc_tlv_start(const struct damc_pkt *pkt)
{
	return sizeof(struct damc_hdr) + pkt->dst_len + pkt->src_len;
}

static unsigned int damc_tlv_size(const u8 *tlv)
{
	return tlv[0] == DAMC_TLV_PAD ? 1 : 2 + tlv[1];
}

/**
 * damc_hdr_exceeds() - whether there is anything that a pod may not choose
 * @data: the header
 * @pkt: what damc_hdr_parse() found in it
 * @class: the highest class selector that is granted
 */
bool damc_hdr_exceeds(const u8 *data, const struct damc_pkt *pkt, u8 class)
{
	const struct damc_hdr *hdr = (const struct damc_hdr *)data;
	unsigned int at;

	if (pkt->path || hdr->reserved || pkt->flags & ~DAMC_FLAGS_GRANTED ||
	    damc_class_selector(pkt->traffic_class) > class)
		return true;
	for (at = damc_tlv_start(pkt); at < pkt->header_len;
	     at += damc_tlv_size(data + at))
		if (!damc_tlv_granted(data[at]))
			return true;
	return false;
}

/* What is not granted becomes pad bytes. */
static void damc_tlv_mask(u8 *data, const struct damc_pkt *pkt)
{
	unsigned int at, size;

	for (at = damc_tlv_start(pkt); at < pkt->header_len; at += size) {
		size = damc_tlv_size(data + at);
		if (!damc_tlv_granted(data[at]))
			memset(data + at, DAMC_TLV_PAD, size);
	}
}

/**
 * damc_hdr_mask() - take away what a pod may not choose
 * @data: the header, writable
 * @pkt: what damc_hdr_parse() found in it; is changed with it
 * @class: the highest class selector that is granted
 *
 * Path and reserved become 0, a class above @class best effort, TLVs that are
 * not on the list pad bytes. RECORD is the only hop-by-hop one on it.
 */
void damc_hdr_mask(u8 *data, struct damc_pkt *pkt, u8 class)
{
	struct damc_hdr *hdr = (struct damc_hdr *)data;

	damc_tlv_mask(data, pkt);
	pkt->path = 0;
	pkt->flags &= DAMC_F_FIRST;
	if (pkt->record)
		pkt->flags |= DAMC_F_HOP_TLV;
	if (damc_class_selector(pkt->traffic_class) > class)
		pkt->traffic_class &= DAMC_CLASS_ECN;
	hdr->path = 0;
	hdr->reserved = 0;
	hdr->flags = pkt->flags;
	hdr->traffic_class = pkt->traffic_class;
}
