// SPDX-License-Identifier: GPL-2.0
/*
 * Bindings: the holder of a key says at which gateway a name is, that a grant
 * for the key allows at several. Documentation/objects.rst is normative.
 */
#include <errno.h>
#include <string.h>

#include "crypto.h"
#include "object.h"
#include "object_wire.h"

#define MS 1000ull

enum state {
	STATE_ENDED = 0,
	STATE_THERE = 1,
};

/* What comes before the key in the body. */
#define KEY_AT 2

uint32_t dc_binding_shard(uint8_t right, const struct dc_node_id *gateway)
{
	struct dc_hash hash;

	if (right != DC_RIGHT_MEMBER)
		return 0;
	dc_hash_bytes(&hash, gateway->byte, gateway->len);
	return (uint32_t)hash.byte[0] << 24 | hash.byte[1] << 16 |
	       hash.byte[2] << 8 | hash.byte[3];
}

const uint8_t *dc_binding_key(const struct dc_object *object)
{
	return object->body_len >= KEY_AT + DC_KEY_BYTES ?
	       object->body + KEY_AT : NULL;
}

static bool right_fits(uint8_t right, const struct damc_name *name)
{
	if (right == DC_RIGHT_NAME)
		return name->len;
	/* An instance's name is its pool's and one component. */
	return right == DC_RIGHT_MEMBER && name->len &&
	       name->len > 1u + name->wire[0];
}

/* A body says most of what its frame has to be. */
static bool frame_fits(const struct dc_object *object,
		       const struct dc_binding *binding)
{
	uint64_t from = object->seq.epoch * MS;
	struct dc_keyid issuer;

	dc_keyid_of(&issuer, binding->key);
	return !memcmp(&issuer, &object->issuer, sizeof(issuer)) &&
	       !object->seq.serial && !object->seq.counter &&
	       object->seq.epoch && object->not_after > from &&
	       object->not_after - from <= DC_BINDING_LIFE_S * MS &&
	       object->shard == dc_binding_shard(binding->right,
						 &binding->gateway) &&
	       right_fits(binding->right, &object->subject);
}

int dc_binding_read(struct dc_binding *binding, const struct dc_object *object)
{
	struct dc_in in = { .at = object->body, .left = object->body_len };
	uint8_t state = dc_get(&in, 1);

	memset(binding, 0, sizeof(*binding));
	binding->ended = state == STATE_ENDED;
	binding->right = dc_get(&in, 1);
	dc_get_bytes(&in, binding->key, DC_KEY_BYTES);
	dc_get_bytes(&in, binding->nonce, DC_BINDING_NONCE_BYTES);
	dc_get_node_id(&in, &binding->gateway);
	if (dc_in_end(&in) || state > STATE_THERE ||
	    !frame_fits(object, binding))
		return -EBADMSG;
	return 0;
}

int dc_binding_write(const struct dc_binding *binding, uint8_t *buf,
		     size_t size)
{
	struct dc_out out = { .at = buf, .room = size };

	if ((binding->right != DC_RIGHT_NAME &&
	     binding->right != DC_RIGHT_MEMBER) ||
	    !binding->gateway.len || binding->gateway.len > DC_NODE_ID_MAX)
		return -EINVAL;
	dc_put(&out, binding->ended ? STATE_ENDED : STATE_THERE, 1);
	dc_put(&out, binding->right, 1);
	dc_put_bytes(&out, binding->key, DC_KEY_BYTES);
	dc_put_bytes(&out, binding->nonce, DC_BINDING_NONCE_BYTES);
	dc_put_node_id(&out, &binding->gateway);
	return dc_out_end(&out);
}

int dc_binding_unsigned(const struct dc_binding *binding, uint64_t domain,
			const struct damc_name *name, uint32_t epoch,
			uint32_t life_s, uint8_t buf[DC_OBJECT_MAX])
{
	uint8_t body[DC_BINDING_MAX];
	struct dc_object object = {
		.type = DC_BINDING, .domain = domain, .subject = *name,
		.seq.epoch = epoch, .not_after = (epoch + life_s * 1ull) * MS,
		.shard = dc_binding_shard(binding->right, &binding->gateway),
		.body = body,
	};
	int len = dc_binding_write(binding, body, sizeof(body));

	if (len < 0)
		return len;
	object.body_len = len;
	dc_keyid_of(&object.issuer, binding->key);
	if (!frame_fits(&object, binding))
		return -EINVAL;
	return dc_object_write(&object, buf);
}

bool dc_grant_portable(const struct dc_grant *grant)
{
	return grant->has_key && grant->n_gateways != 1;
}
