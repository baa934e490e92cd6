// SPDX-License-Identifier: GPL-2.0
/*
 * Bodies of objects, but for the LSAs' (object_lsa.c). Each has one encoding
 * for one content; Documentation/objects.rst is normative.
 */
#include <errno.h>
#include <string.h>

#include "object.h"
#include "object_wire.h"

#define ROLES (DC_ROLE_SG | DC_ROLE_SR | DC_ROLE_SPA | DC_ROLE_SCSC)

/* Who a grant is for. */
enum holder {
	HOLDER_POD = 0,
	HOLDER_KEY = 1,
};

static struct dc_in body_of(const struct dc_object *object)
{
	return (struct dc_in){ .at = object->body, .left = object->body_len };
}

static int name_cmp(const struct damc_name *a, const struct damc_name *b)
{
	return dc_bytes_cmp(a->wire, a->len, b->wire, b->len);
}

static int id_cmp(const struct dc_node_id *a, const struct dc_node_id *b)
{
	return dc_bytes_cmp(a->byte, a->len, b->byte, b->len);
}

static bool all_zero(const void *bytes, size_t len)
{
	const uint8_t *byte = bytes;
	size_t i;

	for (i = 0; i < len; i++)
		if (byte[i])
			return false;
	return true;
}

/* ---- lists of names ---------------------------------------------------- */

/* Their number, a byte, and as many in rising order; beyond @max it is bad. */
static uint32_t get_names(struct dc_in *in, struct damc_name *name,
			  uint32_t max)
{
	uint32_t i, n = dc_get(in, 1);

	if (n > max)
		in->bad = true;
	for (i = 0; i < n && !in->bad; i++) {
		dc_get_name(in, &name[i]);
		if (i && name_cmp(&name[i - 1], &name[i]) >= 0)
			in->bad = true;
	}
	return in->bad ? 0 : n;
}

static void put_names(struct dc_out *out, const struct damc_name *name,
		      uint32_t n)
{
	uint32_t i;

	dc_put(out, n, 1);
	for (i = 0; i < n; i++)
		dc_put_name(out, &name[i]);
}

/* By their bytes; -EINVAL if there are two of one. */
static int sort_names(struct damc_name *name, uint32_t n)
{
	uint32_t i, j;

	for (i = 1; i < n; i++) {
		struct damc_name one = name[i];

		for (j = i; j && name_cmp(&one, &name[j - 1]) < 0; j--)
			name[j] = name[j - 1];
		if (j && !name_cmp(&one, &name[j - 1]))
			return -EINVAL;
		name[j] = one;
	}
	return 0;
}

/* ---- certificate ------------------------------------------------------- */

int dc_cert_read(struct dc_cert *cert, const struct dc_object *object)
{
	struct dc_in in = body_of(object);

	memset(cert, 0, sizeof(*cert));
	cert->roles = dc_get(&in, 1);
	dc_get_bytes(&in, cert->key, DC_KEY_BYTES);
	cert->max_prefixes = dc_get(&in, 4);
	cert->max_lsas = dc_get(&in, 4);
	cert->issued = dc_get(&in, 8);
	cert->n_subtrees = get_names(&in, cert->subtree, DC_SUBTREES_MAX);
	if (!cert->roles || cert->roles & ~ROLES)
		return -EBADMSG;
	return dc_in_end(&in);
}

int dc_cert_write(const struct dc_cert *cert, uint8_t *buf, size_t size)
{
	struct dc_out out = { .at = buf, .room = size };
	struct dc_cert sorted = *cert;

	if (!cert->roles || cert->roles & ~ROLES ||
	    cert->n_subtrees > DC_SUBTREES_MAX ||
	    sort_names(sorted.subtree, sorted.n_subtrees))
		return -EINVAL;
	dc_put(&out, cert->roles, 1);
	dc_put_bytes(&out, cert->key, DC_KEY_BYTES);
	dc_put(&out, cert->max_prefixes, 4);
	dc_put(&out, cert->max_lsas, 4);
	dc_put(&out, cert->issued, 8);
	put_names(&out, sorted.subtree, sorted.n_subtrees);
	return dc_out_end(&out);
}

/* ---- grant ------------------------------------------------------------- */

static void read_gateways(struct dc_grant *grant, struct dc_in *in)
{
	uint32_t i;

	grant->n_gateways = dc_get(in, 1);
	if (grant->n_gateways > DC_GATEWAYS_MAX)
		in->bad = true;
	for (i = 0; i < grant->n_gateways && !in->bad; i++) {
		dc_get_node_id(in, &grant->gateway[i]);
		if (i && id_cmp(&grant->gateway[i - 1],
				&grant->gateway[i]) >= 0)
			in->bad = true;
	}
}

int dc_grant_read(struct dc_grant *grant, const struct dc_object *object)
{
	struct dc_in in = body_of(object);
	uint8_t holder;

	memset(grant, 0, sizeof(*grant));
	grant->rights = dc_get(&in, 1);
	grant->number = dc_get(&in, 8);
	holder = dc_get(&in, 1);
	grant->has_key = holder == HOLDER_KEY;
	if (grant->has_key)
		dc_get_bytes(&in, grant->key, DC_KEY_BYTES);
	else
		dc_get_name(&in, &grant->pod);
	read_gateways(grant, &in);
	if (!grant->rights || grant->rights & ~DC_RIGHTS || holder > HOLDER_KEY)
		return -EBADMSG;
	return dc_in_end(&in);
}

/* Gateways by their bytes; -EINVAL for one twice, or none. */
static int sort_gateways(struct dc_grant *grant)
{
	uint32_t i, j;

	for (i = 0; i < grant->n_gateways; i++) {
		struct dc_node_id id = grant->gateway[i];

		if (!id.len || id.len > DC_NODE_ID_MAX)
			return -EINVAL;
		for (j = i; j && id_cmp(&id, &grant->gateway[j - 1]) < 0; j--)
			grant->gateway[j] = grant->gateway[j - 1];
		if (j && !id_cmp(&id, &grant->gateway[j - 1]))
			return -EINVAL;
		grant->gateway[j] = id;
	}
	return 0;
}

int dc_grant_write(const struct dc_grant *grant, uint8_t *buf, size_t size)
{
	struct dc_out out = { .at = buf, .room = size };
	struct dc_grant sorted = *grant;
	uint32_t i;

	if (!grant->rights || grant->rights & ~DC_RIGHTS ||
	    grant->n_gateways > DC_GATEWAYS_MAX || sort_gateways(&sorted))
		return -EINVAL;
	dc_put(&out, grant->rights, 1);
	dc_put(&out, grant->number, 8);
	dc_put(&out, grant->has_key ? HOLDER_KEY : HOLDER_POD, 1);
	if (grant->has_key)
		dc_put_bytes(&out, grant->key, DC_KEY_BYTES);
	else
		dc_put_name(&out, &grant->pod);
	dc_put(&out, sorted.n_gateways, 1);
	for (i = 0; i < sorted.n_gateways; i++)
		dc_put_node_id(&out, &sorted.gateway[i]);
	return dc_out_end(&out);
}

/* ---- anchor ------------------------------------------------------------ */

int dc_anchor_read(struct dc_anchor *anchor, const struct dc_object *object)
{
	struct dc_in in = body_of(object);

	dc_get_bytes(&in, anchor->key, sizeof(anchor->key));
	dc_get_bytes(&in, anchor->proof, sizeof(anchor->proof));
	if (dc_in_end(&in) || all_zero(anchor->key[0], DC_KEY_BYTES) ||
	    !memcmp(anchor->key[0], anchor->key[1], DC_KEY_BYTES) ||
	    object->subject.len || object->shard != object->seq.serial)
		return -EBADMSG;
	return 0;
}

int dc_anchor_write(const struct dc_anchor *anchor, uint8_t *buf, size_t size)
{
	struct dc_out out = { .at = buf, .room = size };

	if (all_zero(anchor->key[0], DC_KEY_BYTES) ||
	    !memcmp(anchor->key[0], anchor->key[1], DC_KEY_BYTES))
		return -EINVAL;
	dc_put_bytes(&out, anchor->key, sizeof(anchor->key));
	dc_put_bytes(&out, anchor->proof, sizeof(anchor->proof));
	return dc_out_end(&out);
}

size_t dc_anchor_proof_bytes(const struct dc_anchor *anchor, uint64_t domain,
			     uint32_t serial, uint8_t buf[DC_ANCHOR_PROOF_MAX])
{
	static const char context[] = "DAMC anchor 1";
	struct dc_out out = { .at = buf, .room = DC_ANCHOR_PROOF_MAX };

	dc_put_bytes(&out, context, sizeof(context) - 1);
	dc_put(&out, domain, 8);
	dc_put(&out, serial, 4);
	dc_put_bytes(&out, anchor->key, sizeof(anchor->key));
	return out.len;
}

/* ---- tombstone, revocation, beacon ------------------------------------- */

static bool can_be_ended(unsigned int type)
{
	return type == DC_LINK_LSA || type == DC_PREFIX_LSA ||
	       type == DC_CALL_RULE || type == DC_POLICY || type == DC_PATH;
}

int dc_tombstone_read(struct dc_tombstone *stone,
		      const struct dc_object *object)
{
	struct dc_in in = body_of(object);
	unsigned int type = dc_get(&in, 1);

	if (dc_in_end(&in) || !can_be_ended(type))
		return -EBADMSG;
	stone->type = type;
	return 0;
}

int dc_tombstone_write(const struct dc_tombstone *stone, uint8_t *buf,
		       size_t size)
{
	struct dc_out out = { .at = buf, .room = size };

	if (!can_be_ended(stone->type))
		return -EINVAL;
	dc_put(&out, stone->type, 1);
	return dc_out_end(&out);
}

int dc_revocation_read(struct dc_revocation *revocation,
		       const struct dc_object *object)
{
	struct dc_in in = body_of(object);

	revocation->number = dc_get(&in, 8);
	dc_get_bytes(&in, revocation->target.byte, DC_HASH_BYTES);
	revocation->until = dc_get(&in, 8);
	if (!revocation->number || revocation->until != object->not_after)
		return -EBADMSG;
	return dc_in_end(&in);
}

int dc_revocation_write(const struct dc_revocation *revocation, uint8_t *buf,
			size_t size)
{
	struct dc_out out = { .at = buf, .room = size };

	if (!revocation->number || !revocation->until)
		return -EINVAL;
	dc_put(&out, revocation->number, 8);
	dc_put_bytes(&out, revocation->target.byte, DC_HASH_BYTES);
	dc_put(&out, revocation->until, 8);
	return dc_out_end(&out);
}

int dc_beacon_read(struct dc_beacon *beacon, const struct dc_object *object)
{
	struct dc_in in = body_of(object);

	beacon->time = dc_get(&in, 8);
	beacon->revocations = dc_get(&in, 8);
	dc_get_bytes(&in, beacon->digest.byte, DC_HASH_BYTES);
	if (!beacon->time || beacon->time >= object->not_after)
		return -EBADMSG;
	return dc_in_end(&in);
}

int dc_beacon_write(const struct dc_beacon *beacon, uint8_t *buf, size_t size)
{
	struct dc_out out = { .at = buf, .room = size };

	if (!beacon->time)
		return -EINVAL;
	dc_put(&out, beacon->time, 8);
	dc_put(&out, beacon->revocations, 8);
	dc_put_bytes(&out, beacon->digest.byte, DC_HASH_BYTES);
	return dc_out_end(&out);
}

/* ---- call rule --------------------------------------------------------- */

int dc_call_rule_read(struct dc_call_rule *rule, const struct dc_object *object)
{
	struct dc_in in = body_of(object);

	rule->n = get_names(&in, rule->caller, DC_CALLERS_MAX);
	return dc_in_end(&in);
}

int dc_call_rule_write(const struct dc_call_rule *rule, uint8_t *buf,
		       size_t size)
{
	struct dc_out out = { .at = buf, .room = size };
	struct dc_call_rule sorted = *rule;

	if (rule->n > DC_CALLERS_MAX || sort_names(sorted.caller, sorted.n))
		return -EINVAL;
	put_names(&out, sorted.caller, sorted.n);
	return dc_out_end(&out);
}

/* ---- any --------------------------------------------------------------- */

int dc_body_check(const struct dc_object *object)
{
	union {
		struct dc_cert cert;
		struct dc_anchor anchor;
		struct dc_grant grant;
		struct dc_link_lsa links;
		struct dc_prefix_lsa prefixes;
		struct dc_tombstone stone;
		struct dc_revocation revocation;
		struct dc_beacon beacon;
		struct dc_binding binding;
	} body;

	switch (object->type) {
	case DC_CERT:
		return dc_cert_read(&body.cert, object);
	case DC_ANCHOR:
		return dc_anchor_read(&body.anchor, object);
	case DC_GRANT:
		return dc_grant_read(&body.grant, object);
	case DC_LINK_LSA:
		return dc_link_lsa_read(&body.links, object);
	case DC_PREFIX_LSA:
		return dc_prefix_lsa_read(&body.prefixes, object);
	case DC_TOMBSTONE:
		return dc_tombstone_read(&body.stone, object);
	case DC_REVOCATION:
		return dc_revocation_read(&body.revocation, object);
	case DC_BEACON:
		return dc_beacon_read(&body.beacon, object);
	case DC_BINDING:
		return dc_binding_read(&body.binding, object);
	default:
		return 0;
	}
}
