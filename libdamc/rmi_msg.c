// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * RMI's messages: bytes to struct and back, and nothing else. What a message
 * means is in rmi_client_core.c and rmi_server_core.c.
 *
 * A message has one encoding: what is read and written again gives the same
 * bytes, so fields that mean nothing in a type must be 0.
 */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "rmi_msg.h"

/* As it travels. The first 24 bytes are the same in all versions. */
struct rmi_wire {
	uint8_t magic;
	uint8_t version;
	uint8_t type;
	uint8_t flags;
	uint16_t tx;
	uint8_t status;
	uint8_t method_len;
	uint64_t client;
	uint64_t call;
	uint64_t incarnation;
	uint64_t time;
	uint64_t oldest;
} __packed;

_Static_assert(sizeof(struct rmi_wire) == RMI_HEADER_SIZE, "header's size");

#define RMI_INVARIANT_SIZE offsetof(struct rmi_wire, incarnation)

/* As a PART has it after the header. */
struct rmi_wire_part {
	uint8_t whole;
	uint8_t index;
	uint16_t size;
	uint16_t total;
	uint16_t reserved;
} __packed;

_Static_assert(sizeof(struct rmi_wire_part) == RMI_PART_HEAD_SIZE,
	       "part header's size");

/*
 * What must be there in a type; what is not listed must be 0. @held: an oldest
 * call's place may hold a time.
 */
struct rmi_shape {
	uint8_t flags;
	uint8_t max_status;
	bool call;
	bool incarnation;
	bool time;
	bool oldest;
	bool held;
	bool method;
	bool data;
};

static const struct rmi_shape shapes[] = {
	[RMI_HELLO] = { .flags = RMI_F_RECORD, .call = true },
	[RMI_WELCOME] = { .call = true, .incarnation = true, .time = true },
	[RMI_REQUEST] = {
		.flags = RMI_F_URGE | RMI_F_RECORD, .call = true,
		.incarnation = true, .time = true, .oldest = true,
		.method = true, .data = true,
	},
	[RMI_WORKING] = {
		.call = true, .incarnation = true, .time = true, .held = true,
	},
	[RMI_REPLY] = {
		.flags = RMI_F_RECORD, .max_status = UINT8_MAX, .call = true,
		.incarnation = true, .time = true, .held = true, .data = true,
	},
	[RMI_REJECT] = {
		.max_status = UINT8_MAX, .call = true, .incarnation = true,
		.time = true,
	},
	[RMI_DONE] = { .incarnation = true, .oldest = true },
	[RMI_PART] = {
		.flags = RMI_F_URGE, .call = true, .incarnation = true,
		.time = true, .held = true, .data = true,
	},
	[RMI_ACK] = { .call = true, .incarnation = true, .time = true },
	[RMI_PULL] = { .call = true, .incarnation = true },
};

/* A field is there exactly where the type has it. */
static bool present(uint64_t value, bool wanted)
{
	return !value == !wanted;
}

/* A part of something larger than itself, and as long as its place asks. */
static bool fits_part(const struct rmi_msg *msg)
{
	const struct rmi_part *part = &msg->part;

	if (part->whole != RMI_REQUEST && part->whole != RMI_REPLY)
		return false;
	if (part->whole == RMI_REQUEST ? msg->oldest : msg->flags)
		return false;
	return part->size && part->total > part->size &&
	       part->total <= RMI_MESSAGE_MAX &&
	       rmi_parts(part) <= RMI_PARTS_MAX &&
	       part->index < rmi_parts(part) && msg->len == rmi_part_len(part);
}

static bool fits_shape(const struct rmi_msg *msg)
{
	const struct rmi_shape *shape;

	if (!msg->type || msg->type >= ARRAY_SIZE(shapes))
		return false;
	shape = &shapes[msg->type];
	if (msg->flags & ~shape->flags || msg->status > shape->max_status)
		return false;
	if (msg->type == RMI_REJECT && !msg->status)
		return false;
	return msg->client &&
	       present(msg->call, shape->call) &&
	       present(msg->tx, shape->call) &&
	       present(msg->incarnation, shape->incarnation) &&
	       present(msg->time, shape->time) &&
	       (shape->held || present(msg->oldest, shape->oldest)) &&
	       present(msg->method_len, shape->method) &&
	       (shape->data || !msg->len) &&
	       (msg->type != RMI_PART || fits_part(msg)) &&
	       (msg->type != RMI_REQUEST || msg->oldest <= msg->call);
}

static void read_invariant(struct rmi_msg *msg, const struct rmi_wire *wire)
{
	memset(msg, 0, sizeof(*msg));
	msg->version = wire->version;
	msg->type = wire->type;
	msg->tx = be16toh(wire->tx);
	msg->client = be64toh(wire->client);
	msg->call = be64toh(wire->call);
}

int rmi_decode_quote(struct rmi_msg *msg, const void *buf, size_t size)
{
	struct rmi_wire wire = { 0 };

	if (size < RMI_INVARIANT_SIZE)
		return -EBADMSG;
	memcpy(&wire, buf, RMI_INVARIANT_SIZE);
	if (wire.magic != RMI_MAGIC)
		return -EBADMSG;
	read_invariant(msg, &wire);
	return 0;
}

/* Take @len bytes off what is left of a message. */
static const uint8_t *take(const uint8_t **rest, size_t *left, size_t len)
{
	const uint8_t *start = *rest;

	if (*left < len)
		return NULL;
	*rest += len;
	*left -= len;
	return start;
}

static int decode_part(struct rmi_msg *msg, const uint8_t **rest, size_t *left)
{
	const uint8_t *from = take(rest, left, RMI_PART_HEAD_SIZE);
	struct rmi_wire_part wire;

	if (!from)
		return -EBADMSG;
	memcpy(&wire, from, sizeof(wire));
	msg->part.whole = wire.whole;
	msg->part.index = wire.index;
	msg->part.size = be16toh(wire.size);
	msg->part.total = be16toh(wire.total);
	return wire.reserved ? -EBADMSG : 0;
}

static int decode_bitmap(struct rmi_msg *msg, const uint8_t **rest,
			 size_t *left)
{
	const uint8_t *from = take(rest, left, RMI_BITMAP_SIZE);

	if (!from)
		return -EBADMSG;
	memcpy(&msg->bitmap, from, sizeof(msg->bitmap));
	msg->bitmap = be64toh(msg->bitmap);
	return 0;
}

/* What follows the header in some types only, before anything else. */
static int decode_extra(struct rmi_msg *msg, const uint8_t **rest, size_t *left)
{
	switch (msg->type) {
	case RMI_PART:
		return decode_part(msg, rest, left);
	case RMI_ACK:
	case RMI_PULL:
		return decode_bitmap(msg, rest, left);
	default:
		return 0;
	}
}

/* What follows the header: method, record with its length, data. */
static int decode_body(struct rmi_msg *msg, const uint8_t *rest, size_t left)
{
	const uint8_t *len;

	if (decode_extra(msg, &rest, &left))
		return -EBADMSG;

	msg->method = take(&rest, &left, msg->method_len);
	if (!msg->method)
		return -EBADMSG;
	if (msg->type == RMI_REPLY && msg->flags & RMI_F_RECORD) {
		len = take(&rest, &left, 1);
		if (!len || !*len)
			return -EBADMSG;
		msg->record_len = *len;
		msg->record = take(&rest, &left, msg->record_len);
		if (!msg->record)
			return -EBADMSG;
	}
	msg->data = rest;
	msg->len = left;
	return 0;
}

int rmi_decode(struct rmi_msg *msg, const void *buf, size_t size)
{
	struct rmi_wire wire;
	int err;

	err = rmi_decode_quote(msg, buf, size);
	if (err)
		return err;
	if (msg->version != RMI_VERSION)
		return -EPROTONOSUPPORT;
	if (size < sizeof(wire) || size > RMI_MESSAGE_MAX)
		return -EBADMSG;
	memcpy(&wire, buf, sizeof(wire));
	msg->flags = wire.flags;
	msg->status = wire.status;
	msg->method_len = wire.method_len;
	msg->incarnation = be64toh(wire.incarnation);
	msg->time = be64toh(wire.time);
	msg->oldest = be64toh(wire.oldest);
	err = decode_body(msg, (const uint8_t *)buf + sizeof(wire),
			  size - sizeof(wire));
	if (err)
		return err;
	return fits_shape(msg) ? 0 : -EBADMSG;
}

static uint8_t *put(uint8_t *to, const void *from, size_t len)
{
	if (len)
		memcpy(to, from, len);
	return to + len;
}

static void write_header(const struct rmi_msg *msg, uint8_t *buf)
{
	struct rmi_wire wire = {
		.magic = RMI_MAGIC,
		.version = RMI_VERSION,
		.type = msg->type,
		.flags = msg->flags,
		.tx = htobe16(msg->tx),
		.status = msg->status,
		.method_len = msg->method_len,
		.client = htobe64(msg->client),
		.call = htobe64(msg->call),
		.incarnation = htobe64(msg->incarnation),
		.time = htobe64(msg->time),
		.oldest = htobe64(msg->oldest),
	};

	memcpy(buf, &wire, sizeof(wire));
}

static size_t extra_size(const struct rmi_msg *msg)
{
	switch (msg->type) {
	case RMI_PART:
		return RMI_PART_HEAD_SIZE;
	case RMI_ACK:
	case RMI_PULL:
		return RMI_BITMAP_SIZE;
	default:
		return 0;
	}
}

static bool has_record(const struct rmi_msg *msg)
{
	return msg->type == RMI_REPLY && msg->flags & RMI_F_RECORD;
}

size_t rmi_size(const struct rmi_msg *msg)
{
	return RMI_HEADER_SIZE + extra_size(msg) + msg->method_len +
	       (has_record(msg) ? 1 + msg->record_len : 0) + msg->len;
}

static uint8_t *put_extra(uint8_t *to, const struct rmi_msg *msg)
{
	const struct rmi_wire_part part = {
		.whole = msg->part.whole,
		.index = msg->part.index,
		.size = htobe16(msg->part.size),
		.total = htobe16(msg->part.total),
	};
	uint64_t bitmap = htobe64(msg->bitmap);

	if (msg->type == RMI_PART)
		return put(to, &part, sizeof(part));
	return put(to, &bitmap, extra_size(msg));
}

int rmi_encode(const struct rmi_msg *msg, void *buf, size_t size)
{
	size_t total = rmi_size(msg);
	uint8_t *out = buf;

	if (total > size || total > RMI_MESSAGE_MAX)
		return -EMSGSIZE;
	write_header(msg, out);
	out = put_extra(out + RMI_HEADER_SIZE, msg);
	out = put(out, msg->method, msg->method_len);
	if (has_record(msg)) {
		*out++ = msg->record_len;
		out = put(out, msg->record, msg->record_len);
	}
	put(out, msg->data, msg->len);
	return total;
}

/* A stretch of a message that is never written as one piece. */
struct slice {
	uint8_t *to;
	size_t skip;
	size_t left;
};

static void put_slice(struct slice *slice, const void *from, size_t len)
{
	size_t n;

	if (slice->skip >= len) {
		slice->skip -= len;
		return;
	}
	n = len - slice->skip < slice->left ? len - slice->skip : slice->left;
	slice->to = put(slice->to, (const uint8_t *)from + slice->skip, n);
	slice->left -= n;
	slice->skip = 0;
}

int rmi_encode_part(const struct rmi_msg *part, const struct rmi_msg *whole,
		    void *buf, size_t size)
{
	uint8_t header[RMI_HEADER_SIZE], record_len = whole->record_len;
	size_t len = rmi_part_len(&part->part);
	struct slice slice = {
		.to = (uint8_t *)buf + RMI_HEADER_SIZE + RMI_PART_HEAD_SIZE,
		.skip = (size_t)part->part.index * part->part.size,
		.left = len,
	};

	if (RMI_HEADER_SIZE + RMI_PART_HEAD_SIZE + len > size)
		return -EMSGSIZE;
	write_header(part, buf);
	put_extra((uint8_t *)buf + RMI_HEADER_SIZE, part);
	write_header(whole, header);
	put_slice(&slice, header, sizeof(header));
	put_slice(&slice, whole->method, whole->method_len);
	if (has_record(whole)) {
		put_slice(&slice, &record_len, 1);
		put_slice(&slice, whole->record, whole->record_len);
	}
	put_slice(&slice, whole->data, whole->len);
	return RMI_HEADER_SIZE + RMI_PART_HEAD_SIZE + len;
}
