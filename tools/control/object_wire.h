/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Cursors over bytes, big-endian, for the readers and writers of objects.
 *
 * A cursor that ran out stays so, and gives zeros or takes nothing more: who
 * uses it looks once, at the end.
 */
#ifndef DC_OBJECT_WIRE_H
#define DC_OBJECT_WIRE_H

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "object.h"

struct dc_in {
	const uint8_t *at;
	size_t left;
	bool bad;
};

/* @n bytes of the input, or NULL. */
static inline const uint8_t *dc_take(struct dc_in *in, size_t n)
{
	const uint8_t *at = in->at;

	if (in->bad || n > in->left) {
		in->bad = true;
		return NULL;
	}
	in->at += n;
	in->left -= n;
	return at;
}

/* @n is 1, 2, 4 or 8: a constant, so that of all this one load is left. */
static inline __attribute__((always_inline))
uint64_t dc_get(struct dc_in *in, size_t n)
{
	const uint8_t *byte = dc_take(in, n);
	uint64_t value = 0;

	if (!byte)
		return 0;
	memcpy((uint8_t *)&value + sizeof(value) - n, byte, n);
	return be64toh(value);
}

static inline void dc_get_bytes(struct dc_in *in, void *to, size_t n)
{
	const uint8_t *byte = dc_take(in, n);

	if (byte)
		memcpy(to, byte, n);
	else
		memset(to, 0, n);
}

/* A length byte and a name of that many. */
static inline void dc_get_name(struct dc_in *in, struct damc_name *name)
{
	size_t len = dc_get(in, 1);
	const uint8_t *wire = dc_take(in, len);

	if (!wire || damc_name_from_wire(name, wire, len)) {
		in->bad = true;
		memset(name, 0, sizeof(*name));
	}
}

static inline void dc_get_node_id(struct dc_in *in, struct dc_node_id *id)
{
	size_t len = dc_get(in, 1);

	memset(id, 0, sizeof(*id));
	if (!len || len > DC_NODE_ID_MAX) {
		in->bad = true;
		return;
	}
	id->len = len;
	dc_get_bytes(in, id->byte, len);
}

/* 0 if all was read and nothing is left. */
static inline int dc_in_end(const struct dc_in *in)
{
	return in->bad || in->left ? -EBADMSG : 0;
}

struct dc_out {
	uint8_t *at;
	size_t room;
	size_t len;
	bool full;
};

static inline void dc_put_bytes(struct dc_out *out, const void *from, size_t n)
{
	if (out->full || n > out->room - out->len) {
		out->full = true;
		return;
	}
	if (n)
		memcpy(out->at + out->len, from, n);
	out->len += n;
}

static inline void dc_put(struct dc_out *out, uint64_t value, size_t n)
{
	uint8_t byte[8];
	size_t i;

	for (i = 0; i < n; i++)
		byte[i] = value >> (8 * (n - 1 - i));
	dc_put_bytes(out, byte, n);
}

static inline void dc_put_name(struct dc_out *out, const struct damc_name *name)
{
	dc_put(out, name->len, 1);
	dc_put_bytes(out, name->wire, name->len);
}

static inline void dc_put_node_id(struct dc_out *out,
				  const struct dc_node_id *id)
{
	dc_put(out, id->len, 1);
	dc_put_bytes(out, id->byte, id->len);
}

static inline int dc_out_end(const struct dc_out *out)
{
	return out->full ? -EMSGSIZE : (int)out->len;
}

/* The order of bytes: the shorter one first where one begins the other. */
static inline int dc_bytes_cmp(const void *a, size_t a_len, const void *b,
			       size_t b_len)
{
	size_t shorter = a_len < b_len ? a_len : b_len;
	int diff = shorter ? memcmp(a, b, shorter) : 0;

	if (diff)
		return diff;
	return (a_len > b_len) - (a_len < b_len);
}

#endif /* DC_OBJECT_WIRE_H */
