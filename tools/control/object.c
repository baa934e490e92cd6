// SPDX-License-Identifier: GPL-2.0
/*
 * The frame that all objects share: bytes to struct dc_object and back, nodes'
 * names. Documentation/objects.rst is normative; bodies are object_body.c's and
 * object_lsa.c's, signatures crypto.c's.
 */
#include <errno.h>
#include <string.h>

#include "crypto.h"
#include "object.h"
#include "object_wire.h"

#define VERSION 1

static const char * const type_text[] = {
	[DC_CERT] = "certificate",
	[DC_ANCHOR] = "anchor",
	[DC_GRANT] = "grant",
	[DC_LINK_LSA] = "link-lsa",
	[DC_PREFIX_LSA] = "prefix-lsa",
	[DC_TOMBSTONE] = "tombstone",
	[DC_REVOCATION] = "revocation",
	[DC_BEACON] = "beacon",
	[DC_CALL_RULE] = "call-rule",
	[DC_POLICY] = "policy",
	[DC_PATH] = "path",
	[DC_BINDING] = "binding",
};

static bool type_known(unsigned int type)
{
	return type >= DC_CERT && type <= DC_BINDING;
}

const char *dc_type_text(enum dc_type type)
{
	return type_known(type) ? type_text[type] : "unknown";
}

bool dc_type_has_lifetime(enum dc_type type)
{
	return type == DC_LINK_LSA || type == DC_PREFIX_LSA ||
	       type == DC_TOMBSTONE;
}

/* Exactly one of the two ways to end. */
static bool end_ok(const struct dc_object *object)
{
	if (dc_type_has_lifetime(object->type))
		return object->lifetime && !object->not_after &&
		       object->lifetime <= DC_LIFETIME_MAX;
	return !object->lifetime && object->not_after;
}

static void read_header(struct dc_in *in, struct dc_object *object)
{
	object->domain = dc_get(in, 8);
	dc_get_bytes(in, object->issuer.byte, DC_KEYID_BYTES);
	object->seq.serial = dc_get(in, 4);
	object->seq.epoch = dc_get(in, 4);
	object->seq.counter = dc_get(in, 8);
	object->lifetime = dc_get(in, 4);
	object->not_after = dc_get(in, 8);
	object->shard = dc_get(in, 4);
	dc_get_name(in, &object->subject);
}

/* NULL, or what is wrong. */
static const char *read_object(struct dc_object *object, struct dc_in *in)
{
	unsigned int version, type;

	if (in->left > DC_OBJECT_MAX)
		return "longer than 1200 bytes";
	version = dc_get(in, 1);
	type = dc_get(in, 1);
	object->body_len = dc_get(in, 2);
	if (in->bad)
		return "shorter than its header";
	if (version != VERSION)
		return "of another version";
	if (!type_known(type))
		return "of an unknown type";
	object->type = type;
	read_header(in, object);
	if (in->bad)
		return "shorter than its header, or a malformed subject";
	if (!end_ok(object))
		return "neither or both of lifetime and not-after, or too long";
	object->body = dc_take(in, object->body_len);
	if (!object->body || in->left != DC_SIGNATURE_BYTES)
		return "a length other than body and signature have";
	return NULL;
}

int dc_object_read(struct dc_object *object, const void *bytes, size_t len,
		   const char **why)
{
	struct dc_in in = { .at = bytes, .left = len };
	const char *fault;

	memset(object, 0, sizeof(*object));
	object->bytes = bytes;
	object->len = len;
	fault = read_object(object, &in);
	if (why)
		*why = fault;
	return fault ? -EBADMSG : 0;
}

int dc_object_write(const struct dc_object *object, uint8_t *buf)
{
	struct dc_out out = {
		.at = buf, .room = DC_OBJECT_MAX - DC_SIGNATURE_BYTES
	};
	struct damc_name subject;

	if (!type_known(object->type) || !end_ok(object) ||
	    damc_name_from_wire(&subject, object->subject.wire,
				object->subject.len))
		return -EINVAL;
	dc_put(&out, VERSION, 1);
	dc_put(&out, object->type, 1);
	dc_put(&out, object->body_len, 2);
	dc_put(&out, object->domain, 8);
	dc_put_bytes(&out, object->issuer.byte, DC_KEYID_BYTES);
	dc_put(&out, object->seq.serial, 4);
	dc_put(&out, object->seq.epoch, 4);
	dc_put(&out, object->seq.counter, 8);
	dc_put(&out, object->lifetime, 4);
	dc_put(&out, object->not_after, 8);
	dc_put(&out, object->shard, 4);
	dc_put_name(&out, &subject);
	dc_put_bytes(&out, object->body, object->body_len);
	return dc_out_end(&out);
}

void dc_object_hash(const struct dc_object *object, struct dc_hash *hash)
{
	dc_hash_bytes(hash, object->bytes, object->len);
}

int dc_seq_cmp(const struct dc_seq *a, const struct dc_seq *b)
{
	if (a->serial != b->serial)
		return a->serial < b->serial ? -1 : 1;
	if (a->epoch != b->epoch)
		return a->epoch < b->epoch ? -1 : 1;
	return (a->counter > b->counter) - (a->counter < b->counter);
}

/* ---- nodes' names ------------------------------------------------------ */

static const uint8_t node_prefix[] = "\4damc\4node";
#define NODE_PREFIX_LEN (sizeof(node_prefix) - 1)

int dc_node_id_of(struct dc_node_id *id, const struct damc_name *name)
{
	size_t len;

	if (name->len < NODE_PREFIX_LEN + 2 ||
	    memcmp(name->wire, node_prefix, NODE_PREFIX_LEN))
		return -EINVAL;
	len = name->wire[NODE_PREFIX_LEN];
	if (!len || len > DC_NODE_ID_MAX ||
	    name->len != NODE_PREFIX_LEN + 1 + len)
		return -EINVAL;
	memset(id, 0, sizeof(*id));
	id->len = len;
	memcpy(id->byte, &name->wire[NODE_PREFIX_LEN + 1], len);
	return 0;
}

int dc_node_name(struct damc_name *name, const struct dc_node_id *id)
{
	if (!id->len || id->len > DC_NODE_ID_MAX)
		return -EINVAL;
	memset(name, 0, sizeof(*name));
	memcpy(name->wire, node_prefix, NODE_PREFIX_LEN);
	name->len = NODE_PREFIX_LEN;
	return damc_name_append(name, id->byte, id->len);
}

bool dc_node_id_equal(const struct dc_node_id *a, const struct dc_node_id *b)
{
	return a->len == b->len && !memcmp(a->byte, b->byte, a->len);
}
