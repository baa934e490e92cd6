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

/* What must be there in a type; what is not listed must be 0. */
struct rmi_shape {
	uint8_t flags;
	uint8_t max_status;
	bool call;
	bool incarnation;
	bool time;
	bool oldest;
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
	[RMI_WORKING] = { .call = true, .incarnation = true, .time = true },
	[RMI_REPLY] = {
		.flags = RMI_F_RECORD, .max_status = UINT8_MAX, .call = true,
		.incarnation = true, .time = true, .data = true,
	},
	[RMI_REJECT] = {
		.max_status = UINT8_MAX, .call = true, .incarnation = true,
		.time = true,
	},
	[RMI_DONE] = { .incarnation = true, .oldest = true },
};

/* A field is there exactly where the type has it. */
static bool present(uint64_t value, bool wanted)
{
	return !value == !wanted;
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
	       present(msg->oldest, shape->oldest) &&
	       present(msg->method_len, shape->method) &&
	       (shape->data || !msg->len) &&
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

/* What follows the header: method, record with its length, data. */
static int decode_body(struct rmi_msg *msg, const uint8_t *rest, size_t left)
{
	const uint8_t *len;

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

int rmi_encode(const struct rmi_msg *msg, void *buf, size_t size)
{
	bool record = msg->type == RMI_REPLY && msg->flags & RMI_F_RECORD;
	size_t total = RMI_HEADER_SIZE + msg->method_len + msg->len;
	uint8_t *out = buf;

	if (record)
		total += 1 + msg->record_len;
	if (total > size || total > RMI_MESSAGE_MAX)
		return -EMSGSIZE;
	write_header(msg, out);
	out = put(out + RMI_HEADER_SIZE, msg->method, msg->method_len);
	if (record) {
		*out++ = msg->record_len;
		out = put(out, msg->record, msg->record_len);
	}
	put(out, msg->data, msg->len);
	return total;
}
