// SPDX-License-Identifier: GPL-2.0
/*
 * Objects and bodies from any bytes: read without harm, and what was read writes
 * the same bytes again. The first byte chooses between an object as it is and a
 * body of a type behind a header that is right, so that bodies are reached.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto.h"
#include "object.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

union body {
	struct dc_cert cert;
	struct dc_anchor anchor;
	struct dc_grant grant;
	struct dc_link_lsa links;
	struct dc_prefix_lsa prefixes;
	struct dc_tombstone stone;
	struct dc_revocation revocation;
	struct dc_beacon beacon;
	struct dc_binding binding;
};

#define AGAIN(name, field) \
	(dc_##name##_read(&body.field, object) ? -1 : \
	 dc_##name##_write(&body.field, out, sizeof(out)))

/* The body is refused, or is the one encoding of its content. */
static void check_body(const struct dc_object *object)
{
	static union body body;
	uint8_t out[DC_OBJECT_MAX];
	int len = -1;

	switch (object->type) {
	case DC_CERT:
		len = AGAIN(cert, cert);
		break;
	case DC_ANCHOR:
		len = AGAIN(anchor, anchor);
		break;
	case DC_GRANT:
		len = AGAIN(grant, grant);
		break;
	case DC_LINK_LSA:
		len = AGAIN(link_lsa, links);
		break;
	case DC_PREFIX_LSA:
		len = AGAIN(prefix_lsa, prefixes);
		if (len >= 0)
			must(dc_prefix_lsa_count(object) == body.prefixes.n);
		break;
	case DC_TOMBSTONE:
		len = AGAIN(tombstone, stone);
		break;
	case DC_REVOCATION:
		len = AGAIN(revocation, revocation);
		break;
	case DC_BEACON:
		len = AGAIN(beacon, beacon);
		break;
	case DC_BINDING:
		len = AGAIN(binding, binding);
		break;
	default:
		must(!dc_body_check(object));
		return;
	}
	must((len >= 0) == !dc_body_check(object));
	if (len >= 0)
		must((size_t)len == object->body_len &&
		     !memcmp(out, object->body, len));
}

/* The frame that a binding's body asks for, so that it is not all refused. */
static void fit_binding(struct dc_object *object)
{
	const uint8_t *key = dc_binding_key(object);
	struct dc_node_id gateway = { 0 };
	size_t at = 2 + DC_KEY_BYTES + DC_BINDING_NONCE_BYTES;

	object->seq = (struct dc_seq){ .epoch = 1 };
	object->not_after = 2000;
	object->subject = (struct damc_name){ 4, "\1a\1b" };
	if (key)
		dc_keyid_of(&object->issuer, key);
	if (object->body_len <= at)
		return;
	gateway.len = object->body[at];
	if (gateway.len > DC_NODE_ID_MAX ||
	    gateway.len > object->body_len - at - 1)
		return;
	memcpy(gateway.byte, object->body + at + 1, gateway.len);
	object->shard = dc_binding_shard(object->body[1], &gateway);
}

static void check_object(const uint8_t *bytes, size_t len)
{
	uint8_t out[DC_OBJECT_MAX];
	struct dc_object object;
	const char *why = NULL;
	int signed_len;

	if (dc_object_read(&object, bytes, len, &why)) {
		must(why);
		return;
	}
	must(!why);
	signed_len = dc_object_write(&object, out);
	must(signed_len + DC_SIGNATURE_BYTES == (int)len &&
	     !memcmp(out, bytes, signed_len));
	check_body(&object);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dc_object object = { .not_after = 1000, .shard = 1,
				    .seq.serial = 1 };
	uint8_t *copy;

	if (size < 1 || size > DC_OBJECT_MAX)
		return 0;
	/* Its own allocation, for reads past its end to be seen. */
	copy = malloc(size);
	must(copy);
	memcpy(copy, data, size);
	if (*data < 128) {
		check_object(copy + 1, size - 1);
	} else {
		object.type = 1 + *data % DC_BINDING;
		object.body = copy + 1;
		object.body_len = size - 1;
		if (object.type == DC_BINDING)
			fit_binding(&object);
		check_body(&object);
	}
	free(copy);
	return 0;
}
