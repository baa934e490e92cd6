// SPDX-License-Identifier: GPL-2.0
/*
 * Class 2's packets, read and written. Lengths first; what is reserved is zero.
 */
#include <errno.h>
#include <string.h>

#include "ls_msg.h"

#define HELLO_BYTES 190
#define HELLO_HAS_MAC 1u
#define KEEPALIVE_BYTES 17
#define OBJECT_MIN 5

static const char hello_label[] = "DAMC hello 1";

uint16_t ls_get16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

uint32_t ls_get32(const uint8_t *p)
{
	return (uint32_t)ls_get16(p) << 16 | ls_get16(p + 2);
}

uint64_t ls_get64(const uint8_t *p)
{
	return (uint64_t)ls_get32(p) << 32 | ls_get32(p + 4);
}

void ls_put16(uint8_t *p, uint16_t v)
{
	p[0] = v >> 8;
	p[1] = v;
}

void ls_put32(uint8_t *p, uint32_t v)
{
	ls_put16(p, v >> 16);
	ls_put16(p + 2, v);
}

void ls_put64(uint8_t *p, uint64_t v)
{
	ls_put32(p, v >> 32);
	ls_put32(p + 4, v);
}

/* ---- reading ----------------------------------------------------------- */

static int read_session(struct ls_packet *packet, size_t len)
{
	if (len < LS_SESSION_HEAD + DC_MAC_BYTES)
		return -EBADMSG;
	packet->tag = ls_get32(packet->bytes + LS_HEAD_BYTES);
	packet->seq = ls_get64(packet->bytes + LS_HEAD_BYTES + 4);
	packet->body = packet->bytes + LS_SESSION_HEAD;
	packet->body_len = len - LS_SESSION_HEAD - DC_MAC_BYTES;
	packet->mac = packet->body + packet->body_len;
	return 0;
}

static int read_hello_size(struct ls_packet *packet)
{
	uint8_t flags;

	if (packet->body_len < HELLO_BYTES)
		return -EBADMSG;
	flags = packet->body[0];
	if (flags & ~HELLO_HAS_MAC)
		return -EBADMSG;
	if (packet->body_len != HELLO_BYTES + (flags ? DC_MAC_BYTES : 0))
		return -EBADMSG;
	packet->body_len = HELLO_BYTES;
	packet->mac = flags ? packet->body + HELLO_BYTES : NULL;
	return 0;
}

static int read_rest(struct ls_packet *packet, size_t len)
{
	packet->body = packet->bytes + LS_HEAD_BYTES;
	packet->body_len = len - LS_HEAD_BYTES;
	packet->mac = NULL;
	switch (packet->kind) {
	case LS_HELLO:
		return read_hello_size(packet);
	case LS_SESSION:
		return read_session(packet, len);
	case LS_CERT_ASK:
		return packet->body_len == DC_HASH_BYTES ? 0 : -EBADMSG;
	case LS_CERT:
		return packet->body_len && packet->body_len <= DC_OBJECT_MAX ?
			0 : -EBADMSG;
	}
	return -EBADMSG;
}

int ls_packet_read(struct ls_packet *packet, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;

	if (len < LS_HEAD_BYTES || len > DC_PACKET_MAX)
		return -EBADMSG;
	if (p[0] != LS_VERSION || ls_get16(p + 2) != len)
		return -EBADMSG;
	memset(packet, 0, sizeof(*packet));
	packet->bytes = p;
	packet->kind = p[1];
	packet->domain = ls_get64(p + 4);
	return read_rest(packet, len);
}

static int read_id(struct dc_node_id *id, const uint8_t *p)
{
	unsigned int i;

	id->len = p[0];
	if (!id->len || id->len > DC_NODE_ID_MAX)
		return -EBADMSG;
	memcpy(id->byte, p + 1, DC_NODE_ID_MAX);
	for (i = id->len; i < DC_NODE_ID_MAX; i++)
		if (id->byte[i])
			return -EBADMSG;
	return 0;
}

int ls_hello_read(struct ls_hello *hello, const struct ls_packet *packet)
{
	const uint8_t *p = packet->body + 1;

	if (read_id(&hello->id, p))
		return -EBADMSG;
	p += 1 + DC_NODE_ID_MAX;
	memcpy(hello->cert.byte, p, DC_HASH_BYTES);
	hello->incarnation = ls_get64(p + 16);
	memcpy(hello->public, p + 24, 32);
	memcpy(hello->signature, p + 56, DC_SIGNATURE_BYTES);
	memcpy(hello->nonce, p + 120, LS_NONCE_BYTES);
	memcpy(hello->echo, p + 136, LS_NONCE_BYTES);
	hello->link = ls_get32(p + 152);
	return 0;
}

int ls_keepalive_read(struct ls_keepalive *alive,
		      const struct ls_record *record)
{
	const uint8_t *p = record->body;

	alive->flags = p[0];
	alive->link = ls_get32(p + 1);
	alive->hold_ms = ls_get32(p + 5);
	alive->digest = ls_get64(p + 9);
	return alive->link && !(alive->flags & ~LS_GOING) ? 0 : -EBADMSG;
}

int ls_list_read(struct ls_list *list, const struct ls_record *record)
{
	const uint8_t *p = record->body;
	uint32_t i;

	list->bucket = p[0];
	list->part = p[1];
	list->parts = p[2];
	list->round = p[3];
	list->digest = ls_get64(p + 4);
	list->n = (record->len - LS_LIST_HEAD) / LS_LISTED_BYTES;
	if (!list->parts || list->parts > 64 ||
	    list->part >= list->parts || list->n > LS_LISTED_MAX)
		return -EBADMSG;
	for (i = 0, p += LS_LIST_HEAD; i < list->n; i++, p += LS_LISTED_BYTES) {
		list->entry[i].key = ls_get64(p);
		list->entry[i].seq.serial = ls_get32(p + 8);
		list->entry[i].seq.epoch = ls_get32(p + 12);
		list->entry[i].seq.counter = ls_get64(p + 16);
		list->entry[i].hash = ls_get64(p + 24);
	}
	return 0;
}

static bool steps(size_t len, size_t head, size_t step)
{
	return len >= head && (len - head) % step == 0;
}

static bool record_len_ok(enum ls_type type, size_t len)
{
	switch (type) {
	case LS_KEEPALIVE:
		return len == KEEPALIVE_BYTES;
	case LS_ACK:
	case LS_ASK:
		return steps(len, 0, LS_ACK_BYTES);
	case LS_OBJECT:
		return len >= OBJECT_MIN && len <= DC_OBJECT_MAX + 4;
	case LS_SUM:
		return steps(len, LS_SUM_HEAD, LS_SUM_BYTES);
	case LS_SAME:
		return len >= LS_SAME_HEAD;
	case LS_LIST:
		return steps(len, LS_LIST_HEAD, LS_LISTED_BYTES);
	}
	return false;
}

int ls_record_next(struct ls_record *record, const struct ls_packet *packet,
		   size_t *pos)
{
	const uint8_t *p = packet->body + *pos;
	size_t left = packet->body_len - *pos;

	if (!left)
		return 0;
	if (left < LS_RECORD_HEAD)
		return -EBADMSG;
	record->type = p[0];
	record->len = ls_get16(p + 1);
	record->body = p + LS_RECORD_HEAD;
	if (record->len > left - LS_RECORD_HEAD ||
	    !record_len_ok(record->type, record->len))
		return -EBADMSG;
	*pos += LS_RECORD_HEAD + record->len;
	return 1;
}

/* ---- writing ----------------------------------------------------------- */

static uint8_t *begin(struct ls_out *out, enum ls_kind kind, uint64_t domain,
		      size_t body)
{
	memset(out->buf, 0, LS_HEAD_BYTES + body);
	out->len = LS_HEAD_BYTES + body;
	out->urgent = false;
	out->buf[0] = LS_VERSION;
	out->buf[1] = kind;
	ls_put16(out->buf + 2, out->len);
	ls_put64(out->buf + 4, domain);
	return out->buf + LS_HEAD_BYTES;
}

/* Node, certificate, incarnation and key: as in the packet. */
static uint8_t *put_signed(uint8_t *p, const struct ls_hello *hello)
{
	p[0] = hello->id.len;
	memset(p + 1, 0, DC_NODE_ID_MAX);
	memcpy(p + 1, hello->id.byte, hello->id.len);
	p += 1 + DC_NODE_ID_MAX;
	memcpy(p, hello->cert.byte, DC_HASH_BYTES);
	ls_put64(p + 16, hello->incarnation);
	memcpy(p + 24, hello->public, 32);
	return p + 56;
}

size_t ls_hello_signed(uint8_t buf[LS_SIGNED_MAX], uint64_t domain,
		       const struct ls_hello *hello)
{
	size_t label = sizeof(hello_label) - 1;

	memcpy(buf, hello_label, label);
	ls_put64(buf + label, domain);
	return put_signed(buf + label + 8, hello) - buf;
}

void ls_hello_write(struct ls_out *out, uint64_t domain,
		    const struct ls_hello *hello)
{
	uint8_t *p = put_signed(begin(out, LS_HELLO, domain, HELLO_BYTES) + 1,
				hello);

	memcpy(p, hello->signature, DC_SIGNATURE_BYTES);
	memcpy(p + 64, hello->nonce, LS_NONCE_BYTES);
	memcpy(p + 80, hello->echo, LS_NONCE_BYTES);
	ls_put32(p + 96, hello->link);
	out->urgent = true;
}

void ls_cert_ask_write(struct ls_out *out, uint64_t domain,
		       const struct dc_hash *cert)
{
	memcpy(begin(out, LS_CERT_ASK, domain, DC_HASH_BYTES), cert->byte,
	       DC_HASH_BYTES);
}

void ls_cert_write(struct ls_out *out, uint64_t domain, const void *bytes,
		   size_t len)
{
	memcpy(begin(out, LS_CERT, domain, len), bytes, len);
}

void ls_session_begin(struct ls_out *out, uint64_t domain)
{
	begin(out, LS_SESSION, domain, LS_SESSION_HEAD - LS_HEAD_BYTES);
}

uint8_t *ls_record_add(struct ls_out *out, enum ls_type type, size_t len)
{
	uint8_t *p = out->buf + out->len;

	if (out->len + LS_RECORD_HEAD + len + DC_MAC_BYTES > DC_PACKET_MAX)
		return NULL;
	p[0] = type;
	ls_put16(p + 1, len);
	out->len += LS_RECORD_HEAD + len;
	return p + LS_RECORD_HEAD;
}

void ls_keepalive_write(struct ls_out *out, const struct ls_keepalive *alive)
{
	uint8_t *p = ls_record_add(out, LS_KEEPALIVE, KEEPALIVE_BYTES);

	p[0] = alive->flags;
	ls_put32(p + 1, alive->link);
	ls_put32(p + 5, alive->hold_ms);
	ls_put64(p + 9, alive->digest);
}

void ls_list_write(struct ls_out *out, const struct ls_list *list)
{
	uint8_t *p = ls_record_add(out, LS_LIST, LS_LIST_HEAD +
				   list->n * LS_LISTED_BYTES);
	uint32_t i;

	p[0] = list->bucket;
	p[1] = list->part;
	p[2] = list->parts;
	p[3] = list->round;
	ls_put64(p + 4, list->digest);
	for (i = 0, p += LS_LIST_HEAD; i < list->n; i++, p += LS_LISTED_BYTES) {
		ls_put64(p, list->entry[i].key);
		ls_put32(p + 8, list->entry[i].seq.serial);
		ls_put32(p + 12, list->entry[i].seq.epoch);
		ls_put64(p + 16, list->entry[i].seq.counter);
		ls_put64(p + 24, list->entry[i].hash);
	}
}

void ls_seal(struct ls_out *out, uint32_t tag, uint64_t seq,
	     const uint8_t key[DC_SESSION_BYTES])
{
	size_t len = out->len;

	if (out->buf[1] == LS_HELLO) {
		out->buf[LS_HEAD_BYTES] = HELLO_HAS_MAC;
	} else {
		ls_put32(out->buf + LS_HEAD_BYTES, tag);
		ls_put64(out->buf + LS_HEAD_BYTES + 4, seq);
	}
	out->len += DC_MAC_BYTES;
	ls_put16(out->buf + 2, out->len);
	dc_mac(out->buf + len, out->buf, len, key);
}
