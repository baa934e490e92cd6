// SPDX-License-Identifier: GPL-2.0
#include <sodium.h>

#include "object_json.h"

#define HEX_MAX 64

json_t *object_name_json(const struct damc_name *name)
{
	char text[DAMC_NAME_TEXT_MAX];

	if (damc_name_format(name, text, sizeof(text)) < 0)
		return json_null();
	return json_string(text);
}

json_t *object_id_json(const struct dc_node_id *id)
{
	struct damc_name name = { 0 };
	char text[DAMC_NAME_TEXT_MAX];

	if (damc_name_append(&name, id->byte, id->len) ||
	    damc_name_format(&name, text, sizeof(text)) < 0)
		return json_null();
	return json_string(text + 1);
}

json_t *object_hex_json(const void *bytes, size_t len)
{
	char text[2 * HEX_MAX + 1];

	if (len > HEX_MAX)
		len = HEX_MAX;
	return json_string(sodium_bin2hex(text, sizeof(text), bytes, len));
}

static json_t *hash_json(const struct dc_hash *hash)
{
	return object_hex_json(hash->byte, sizeof(hash->byte));
}

/* ---- bodies ------------------------------------------------------------ */

struct word {
	unsigned int bit;
	const char *word;
};

static json_t *words_json(unsigned int set, const struct word *words)
{
	json_t *list = json_array();

	for (; words->bit; words++)
		if (set & words->bit)
			json_array_append_new(list, json_string(words->word));
	return list;
}

static json_t *cert_json(const struct dc_object *object)
{
	static const struct word roles[] = {
		{ DC_ROLE_SG, "sg" }, { DC_ROLE_SR, "sr" },
		{ DC_ROLE_SPA, "spa" }, { DC_ROLE_SCSC, "scsc" }, { 0 }
	};
	json_t *subtrees = json_array();
	struct dc_cert cert;
	uint32_t i;

	if (dc_cert_read(&cert, object)) {
		json_decref(subtrees);
		return NULL;
	}
	for (i = 0; i < cert.n_subtrees; i++)
		json_array_append_new(subtrees,
				      object_name_json(&cert.subtree[i]));
	return json_pack("{s:o, s:o, s:I, s:I, s:I, s:o}", "roles",
			 words_json(cert.roles, roles), "key",
			 object_hex_json(cert.key, sizeof(cert.key)),
			 "max-prefixes", (json_int_t)cert.max_prefixes,
			 "max-lsas", (json_int_t)cert.max_lsas, "issued",
			 (json_int_t)cert.issued, "subtrees", subtrees);
}

static json_t *grant_json(const struct dc_object *object)
{
	static const struct word rights[] = {
		{ DC_RIGHT_NAME, "name" }, { DC_RIGHT_MEMBER, "member" },
		{ DC_RIGHT_TREE, "tree" }, { 0 }
	};
	json_t *gateways = json_array(), *json;
	struct dc_grant grant;
	uint32_t i;

	if (dc_grant_read(&grant, object)) {
		json_decref(gateways);
		return NULL;
	}
	for (i = 0; i < grant.n_gateways; i++)
		json_array_append_new(gateways,
				      object_id_json(&grant.gateway[i]));
	json = json_pack("{s:o, s:I, s:o}", "rights",
			 words_json(grant.rights, rights), "number",
			 (json_int_t)grant.number, "gateways", gateways);
	if (grant.has_key)
		json_object_set_new(json, "key",
				    object_hex_json(grant.key,
						    sizeof(grant.key)));
	else
		json_object_set_new(json, "pod", object_name_json(&grant.pod));
	return json;
}

static json_t *link_json(const struct dc_link *link)
{
	return json_pack("{s:o, s:I, s:I, s:I}", "peer",
			 object_id_json(&link->peer), "id",
			 (json_int_t)link->id, "peer-id",
			 (json_int_t)link->peer_id, "cost",
			 (json_int_t)link->cost);
}

static json_t *link_lsa_json(const struct dc_object *object)
{
	json_t *links = json_array();
	struct dc_link_lsa lsa;
	uint32_t i;

	if (dc_link_lsa_read(&lsa, object)) {
		json_decref(links);
		return NULL;
	}
	for (i = 0; i < lsa.n; i++)
		json_array_append_new(links, link_json(&lsa.link[i]));
	return json_pack("{s:b, s:o}", "overload",
			 !!(lsa.flags & DC_LSA_OVERLOAD), "links", links);
}

static json_t *prefix_json(const struct dc_prefix *prefix)
{
	bool member = prefix->right == DC_RIGHT_MEMBER;
	json_t *json = json_pack("{s:o, s:s, s:I}", "name",
				 object_name_json(&prefix->name), "right",
				 member ? "member" : "name", "epoch",
				 (json_int_t)prefix->epoch);

	if (member)
		json_object_set_new(json, "weight",
				    json_integer(prefix->weight));
	if (!sodium_is_zero(prefix->grant.byte, sizeof(prefix->grant.byte)))
		json_object_set_new(json, "grant", hash_json(&prefix->grant));
	return json;
}

static json_t *prefix_lsa_json(const struct dc_object *object)
{
	json_t *prefixes = json_array();
	struct dc_prefix_lsa lsa;
	uint32_t i;

	if (dc_prefix_lsa_read(&lsa, object)) {
		json_decref(prefixes);
		return NULL;
	}
	for (i = 0; i < lsa.n; i++)
		json_array_append_new(prefixes, prefix_json(&lsa.prefix[i]));
	return json_pack("{s:o}", "prefixes", prefixes);
}

static json_t *tombstone_json(const struct dc_object *object)
{
	struct dc_tombstone stone;

	if (dc_tombstone_read(&stone, object))
		return NULL;
	return json_pack("{s:s}", "ends", dc_type_text(stone.type));
}

static json_t *revocation_json(const struct dc_object *object)
{
	struct dc_revocation revocation;

	if (dc_revocation_read(&revocation, object))
		return NULL;
	return json_pack("{s:I, s:o, s:I}", "number",
			 (json_int_t)revocation.number, "target",
			 hash_json(&revocation.target), "until",
			 (json_int_t)revocation.until);
}

static json_t *beacon_json(const struct dc_object *object)
{
	struct dc_beacon beacon;

	if (dc_beacon_read(&beacon, object))
		return NULL;
	return json_pack("{s:I, s:I, s:o}", "time", (json_int_t)beacon.time,
			 "revocations", (json_int_t)beacon.revocations,
			 "digest", hash_json(&beacon.digest));
}

static json_t *binding_json(const struct dc_object *object)
{
	struct dc_binding binding;

	if (dc_binding_read(&binding, object))
		return NULL;
	return json_pack("{s:o, s:s, s:b, s:o, s:o}", "gateway",
			 object_id_json(&binding.gateway), "right",
			 binding.right == DC_RIGHT_MEMBER ? "member" : "name",
			 "ended", binding.ended, "key",
			 object_hex_json(binding.key, sizeof(binding.key)),
			 "nonce", object_hex_json(binding.nonce,
						  sizeof(binding.nonce)));
}

static json_t *call_rule_json(const struct dc_object *object)
{
	json_t *callers = json_array();
	struct dc_call_rule rule;
	uint32_t i;

	if (dc_call_rule_read(&rule, object)) {
		json_decref(callers);
		return NULL;
	}
	for (i = 0; i < rule.n; i++)
		json_array_append_new(callers,
				      object_name_json(&rule.caller[i]));
	return json_pack("{s:o}", "callers", callers);
}

static json_t *body_json(const struct dc_object *object)
{
	switch (object->type) {
	case DC_CERT:
		return cert_json(object);
	case DC_GRANT:
		return grant_json(object);
	case DC_LINK_LSA:
		return link_lsa_json(object);
	case DC_PREFIX_LSA:
		return prefix_lsa_json(object);
	case DC_TOMBSTONE:
		return tombstone_json(object);
	case DC_REVOCATION:
		return revocation_json(object);
	case DC_BEACON:
		return beacon_json(object);
	case DC_CALL_RULE:
		return call_rule_json(object);
	case DC_BINDING:
		return binding_json(object);
	default:
		return NULL;
	}
}

json_t *object_json(const struct dc_object *object, bool details)
{
	json_t *json, *body;
	struct dc_hash hash;

	dc_object_hash(object, &hash);
	json = json_pack("{s:s, s:o, s:I, s:I, s:I, s:I, s:I, s:o, s:o}",
			 "type", dc_type_text(object->type),
			 "subject", object_name_json(&object->subject),
			 "shard", (json_int_t)object->shard,
			 "serial", (json_int_t)object->seq.serial,
			 "epoch", (json_int_t)object->seq.epoch,
			 "counter", (json_int_t)object->seq.counter,
			 "bytes", (json_int_t)object->len,
			 "issuer", object_hex_json(object->issuer.byte,
						   sizeof(object->issuer.byte)),
			 "hash", hash_json(&hash));
	if (!json)
		return NULL;
	if (object->lifetime)
		json_object_set_new(json, "lifetime",
				    json_integer(object->lifetime));
	else
		json_object_set_new(json, "not-after",
				    json_integer(object->not_after));
	body = details ? body_json(object) : NULL;
	if (body)
		json_object_set_new(json, "body", body);
	return json;
}
