// SPDX-License-Identifier: GPL-2.0
/*
 * The DAMC header: check and take apart, write, record a node passed, put an
 * instance in a pool's place.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/byteorder.h>

#include "header.h"

/**
 * damc_hdr_len() - length of a header of which only the fixed part is there
 * @hdr: the fixed part
 *
 * Return: bytes; -EPROTONOSUPPORT for a version not spoken; -EINVAL if too
 * short to hold the fixed part and both names.
 */
int damc_hdr_len(const struct damc_hdr *hdr)
{
	unsigned int len = hdr->header_len * 4;

	if (hdr->version != DAMC_VERSION << 4)
		return -EPROTONOSUPPORT;
	if (len < sizeof(*hdr) + hdr->dst_len + hdr->src_len)
		return -EINVAL;
	return len;
}

static int damc_tlv_record(const u8 *data, unsigned int at, u8 len,
			   struct damc_pkt *pkt)
{
	if (pkt->record || len < sizeof(struct damc_record) ||
	    data[at] > len - sizeof(struct damc_record))
		return -EINVAL;
	pkt->record = at;
	pkt->record_len = len;
	return 0;
}

/* The destination is the pool's name and one component. */
static int damc_tlv_pool(const u8 *data, unsigned int at, u8 len,
			 struct damc_pkt *pkt)
{
	const u8 *dst = data + sizeof(struct damc_hdr);

	if (pkt->pool || len >= pkt->dst_len || memcmp(data + at, dst, len) ||
	    damc_name_depth(data + at, len) <= 0 ||
	    1 + dst[len] != pkt->dst_len - len)
		return -EINVAL;
	pkt->pool = at;
	pkt->pool_len = len;
	return 0;
}

/*
 * Walk the TLVs in @data[@at, @end). A hop-by-hop TLV and its flag go together,
 * so that a node which does not see the flag need not walk.
 */
static int damc_tlv_parse(const u8 *data, unsigned int at, unsigned int end,
			  struct damc_pkt *pkt)
{
	bool hop = false;
	int err = 0;

	while (at < end) {
		u8 type = data[at++];
		u8 len;

		if (type == DAMC_TLV_PAD)
			continue;
		if (at == end)
			return -EINVAL;
		len = data[at++];
		if (len > end - at)
			return -EINVAL;
		if (type & DAMC_TLV_HOP)
			hop = true;
		if (type == DAMC_TLV_RECORD)
			err = damc_tlv_record(data, at, len, pkt);
		else if (type == DAMC_TLV_POOL)
			err = damc_tlv_pool(data, at, len, pkt);
		if (err)
			return err;
		at += len;
	}
	return hop == !!(pkt->flags & DAMC_F_HOP_TLV) ? 0 : -EINVAL;
}

/* Carried IP tells its own length; what else comes tells it here. */
static bool damc_own_length(u8 next_proto)
{
	return next_proto == DAMC_PROTO_IPV4 || next_proto == DAMC_PROTO_IPV6;
}

/**
 * damc_hdr_parse() - check a header and take it apart
 * @data: the packet's first byte
 * @header_len: bytes readable there, at least what damc_hdr_len() said
 * @packet_len: bytes of the whole packet, link padding included
 * @pkt: the result
 *
 * Return: 0; -EPROTONOSUPPORT for a version not spoken; -EINVAL if malformed:
 * a length runs past another, a name is none, the destination is the root or
 * the source of what is no error is.
 */
int damc_hdr_parse(const u8 *data, size_t header_len, size_t packet_len,
		   struct damc_pkt *pkt)
{
	const struct damc_hdr *hdr = (const struct damc_hdr *)data;
	unsigned int names = sizeof(*hdr);
	int len;

	if (header_len < sizeof(*hdr))
		return -EINVAL;
	len = damc_hdr_len(hdr);
	if (len < 0)
		return len;
	if (len > header_len || len > packet_len)
		return -EINVAL;

	*pkt = (struct damc_pkt){
		.header_len = len,
		.payload_len = be16_to_cpu(hdr->payload_len),
		.flow = be32_to_cpu(hdr->flow),
		.path = be32_to_cpu(hdr->path),
		.flags = hdr->flags,
		.hop_limit = hdr->hop_limit,
		.traffic_class = hdr->traffic_class,
		.next_proto = hdr->next_proto,
		.dst_len = hdr->dst_len,
		.src_len = hdr->src_len,
	};
	if (damc_name_depth(data + names, hdr->dst_len) <= 0)
		return -EINVAL;
	names += hdr->dst_len;
	if (damc_name_depth(data + names, hdr->src_len) < 0)
		return -EINVAL;
	names += hdr->src_len;
	/* Only a node without a name says nothing of itself, in an error. */
	if (!hdr->src_len && hdr->next_proto != DAMC_PROTO_ERROR)
		return -EINVAL;

	if (damc_own_length(hdr->next_proto)) {
		if (pkt->payload_len)
			return -EINVAL;
		pkt->payload_len = min_t(size_t, packet_len - len, U16_MAX);
	} else if (pkt->payload_len > packet_len - len) {
		return -EINVAL;
	}
	return damc_tlv_parse(data, names, len, pkt);
}

/**
 * damc_hdr_size() - bytes that damc_hdr_write() will write
 * @args: what the header is to say
 */
unsigned int damc_hdr_size(const struct damc_hdr_args *args)
{
	unsigned int len = sizeof(struct damc_hdr) + args->dst.len +
			   args->src.len;

	if (args->record_len)
		len += 2 + args->record_len;
	return ALIGN(len, 4);
}

/**
 * damc_hdr_write() - write a header
 * @data: room for damc_hdr_size() bytes
 * @args: what it is to say
 * @pkt: gets what damc_hdr_parse() would say of it
 */
void damc_hdr_write(u8 *data, const struct damc_hdr_args *args,
		    struct damc_pkt *pkt)
{
	unsigned int size = damc_hdr_size(args), at = sizeof(struct damc_hdr);
	struct damc_hdr *hdr = (struct damc_hdr *)data;

	memset(hdr, 0, sizeof(*hdr));
	*pkt = (struct damc_pkt){
		.header_len = size,
		.payload_len = args->payload_len,
		.flow = args->flow,
		.hop_limit = args->hop_limit,
		.traffic_class = args->traffic_class,
		.next_proto = args->next_proto,
		.dst_len = args->dst.len,
		.src_len = args->src.len,
		.flags = args->first ? DAMC_F_FIRST : 0,
	};
	hdr->version = DAMC_VERSION << 4;
	hdr->hop_limit = args->hop_limit;
	hdr->traffic_class = args->traffic_class;
	hdr->header_len = size / 4;
	hdr->next_proto = args->next_proto;
	hdr->payload_len = cpu_to_be16(args->payload_len);
	hdr->flow = cpu_to_be32(args->flow);
	hdr->dst_len = args->dst.len;
	hdr->src_len = args->src.len;
	memcpy(data + at, args->dst.wire, args->dst.len);
	at += args->dst.len;
	memcpy(data + at, args->src.wire, args->src.len);
	at += args->src.len;
	if (args->record_len) {
		pkt->flags |= DAMC_F_HOP_TLV;
		pkt->record = at + 2;
		pkt->record_len = args->record_len;
		data[at++] = DAMC_TLV_RECORD;
		data[at++] = args->record_len;
		memset(data + at, 0, args->record_len);
		at += args->record_len;
	}
	while (at < size)
		data[at++] = DAMC_TLV_PAD;
	hdr->flags = pkt->flags;
}

/**
 * damc_hdr_pick_size() - bytes that damc_hdr_pick() will add
 * @pool_len: of the pool's name
 * @member_len: of the instance's component, its length byte included
 */
unsigned int damc_hdr_pick_size(u8 pool_len, u8 member_len)
{
	return ALIGN(member_len + 2u + pool_len, 4);
}

/**
 * damc_hdr_pick() - put an instance in the place of a pool
 * @data: damc_hdr_pick_size() writable bytes, then the header, which has no
 *	POOL TLV; with them its length is at most DAMC_HDR_MAX
 * @pkt: what the header says; gets what it says then
 * @member: the instance's component, its length byte included
 * @member_len: bytes of it
 *
 * The pool's name stays in a POOL TLV, in front of the others, which need not
 * be moved.
 */
void damc_hdr_pick(u8 *data, struct damc_pkt *pkt, const u8 *member,
		   u8 member_len)
{
	unsigned int more = damc_hdr_pick_size(pkt->dst_len, member_len);
	unsigned int at = sizeof(struct damc_hdr) + pkt->dst_len, end;
	struct damc_hdr *hdr = (struct damc_hdr *)data;

	memmove(data, data + more, at);
	end = at + more + pkt->src_len;
	memmove(data + at + member_len, data + at + more, pkt->src_len);
	memcpy(data + at, member, member_len);
	at += member_len + pkt->src_len;
	data[at++] = DAMC_TLV_POOL;
	data[at++] = pkt->dst_len;
	memcpy(data + at, data + sizeof(*hdr), pkt->dst_len);
	pkt->pool = at;
	pkt->pool_len = pkt->dst_len;
	at += pkt->dst_len;
	memset(data + at, DAMC_TLV_PAD, end - at);
	pkt->dst_len += member_len;
	pkt->header_len += more;
	if (pkt->record)
		pkt->record += more;
	hdr->dst_len = pkt->dst_len;
	hdr->header_len = pkt->header_len / 4;
}

/**
 * damc_record_append() - write a node into a packet's record
 * @value: the RECORD TLV's value, writable
 * @len: its length, at least that of struct damc_record
 * @node: the node's name, the root if it has none
 *
 * A node that finds no room is counted, and so is each after it: what stands
 * in a record is the path's beginning without a gap.
 */
void damc_record_append(u8 *value, u8 len, const struct damc_name *node)
{
	struct damc_record *record = (struct damc_record *)value;
	unsigned int room = len - sizeof(*record);

	if (record->missed || record->used > room ||
	    node->len + 1 > room - record->used) {
		if (record->missed < U8_MAX)
			record->missed++;
		return;
	}
	record->entries[record->used] = node->len;
	memcpy(record->entries + record->used + 1, node->wire, node->len);
	record->used += node->len + 1;
}
