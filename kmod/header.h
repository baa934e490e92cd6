/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The DAMC header (Documentation/protocol.rst): bytes to a checked struct, and
 * back. Pure: no skb, no netdev, no allocation; also compiled in user space.
 */
#ifndef _DAMC_HEADER_H
#define _DAMC_HEADER_H

#include <linux/types.h>

#include <linux/damc.h>

#include "name.h"

/* The largest header that the length byte can tell. */
#define DAMC_HDR_MAX (255 * 4)

/**
 * struct damc_pkt - what a checked header says
 * @header_len: bytes from the header's first to the payload's first
 * @payload_len: bytes of payload, as told or as there are
 * @flow: flow label
 * @path: path id, 0 is by name
 * @record: offset of the RECORD TLV's value, 0 if there is none
 * @record_len: its length
 * @pool: offset of the POOL TLV's value, 0 if there is none
 * @pool_len: its length
 *
 * Names follow the fixed part directly, so their lengths tell where they are.
 */
struct damc_pkt {
	u16 header_len;
	u16 payload_len;
	u32 flow;
	u32 path;
	u16 record;
	u16 pool;
	u8 record_len;
	u8 pool_len;
	u8 flags;
	u8 hop_limit;
	u8 traffic_class;
	u8 next_proto;
	u8 dst_len;
	u8 src_len;
};

/**
 * struct damc_hdr_args - what a new header is to say
 * @record_len: room to give a RECORD TLV's value, 0 for none
 * @first: the packet may make a pin
 */
struct damc_hdr_args {
	struct damc_name dst;
	struct damc_name src;
	u32 flow;
	u16 payload_len;
	u8 next_proto;
	u8 hop_limit;
	u8 traffic_class;
	u8 record_len;
	bool first;
};

static inline struct damc_name damc_pkt_dst(const struct damc_pkt *pkt,
					    const void *header)
{
	return (struct damc_name){
		.wire = (const u8 *)header + sizeof(struct damc_hdr),
		.len = pkt->dst_len,
	};
}

static inline struct damc_name damc_pkt_src(const struct damc_pkt *pkt,
					    const void *header)
{
	return (struct damc_name){
		.wire = (const u8 *)header + sizeof(struct damc_hdr) +
			pkt->dst_len,
		.len = pkt->src_len,
	};
}

/* The name that was sent to, if the destination was picked for it. */
static inline struct damc_name damc_pkt_pool(const struct damc_pkt *pkt,
					     const void *header)
{
	return (struct damc_name){
		.wire = (const u8 *)header + pkt->pool,
		.len = pkt->pool_len,
	};
}

/* The upper three bits of a traffic class' DSCP. */
static inline u8 damc_class_selector(u8 traffic_class)
{
	return traffic_class >> 5;
}

int damc_hdr_len(const struct damc_hdr *hdr);
int damc_hdr_parse(const u8 *data, size_t header_len, size_t packet_len,
		   struct damc_pkt *pkt);
unsigned int damc_hdr_size(const struct damc_hdr_args *args);
void damc_hdr_write(u8 *data, const struct damc_hdr_args *args,
		    struct damc_pkt *pkt);
bool damc_hdr_exceeds(const u8 *data, const struct damc_pkt *pkt, u8 class);
void damc_hdr_mask(u8 *data, struct damc_pkt *pkt, u8 class);
unsigned int damc_hdr_pick_size(u8 pool_len, u8 member_len);
void damc_hdr_pick(u8 *data, struct damc_pkt *pkt, const u8 *member,
		   u8 member_len);
void damc_record_append(u8 *value, u8 len, const struct damc_name *node);

#endif /* _DAMC_HEADER_H */
