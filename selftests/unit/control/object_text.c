// SPDX-License-Identifier: GPL-2.0
/* See object_text.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "object_text.h"

struct text {
	char *at;
	size_t left;
};

__attribute__((format(printf, 2, 3)))
static void say(struct text *text, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text->at, text->left, format, args);
	va_end(args);
	if (len < 0 || (size_t)len >= text->left)
		len = text->left - 1;
	text->at += len;
	text->left -= len;
}

static void say_hex(struct text *text, const char *word, const uint8_t *bytes,
		    size_t len)
{
	size_t i;

	say(text, " %s=", word);
	for (i = 0; i < len; i++)
		say(text, "%02x", bytes[i]);
}

static void say_name(struct text *text, const char *word,
		     const struct damc_name *name)
{
	char buf[DAMC_NAME_TEXT_MAX];

	damc_name_format(name, buf, sizeof(buf));
	say(text, " %s=%s", word, buf);
}

static void say_id(struct text *text, const char *word,
		   const struct dc_node_id *id)
{
	say(text, " %s=%.*s", word, id->len, (const char *)id->byte);
}

static int say_cert(struct text *text, const struct dc_object *object)
{
	struct dc_cert cert;
	uint32_t i;

	if (dc_cert_read(&cert, object))
		return -EBADMSG;
	say(text, " roles=%u", cert.roles);
	say_hex(text, "key", cert.key, DC_KEY_BYTES);
	say(text, " prefixes=%u lsas=%u issued=%" PRIu64, cert.max_prefixes,
	    cert.max_lsas, cert.issued);
	for (i = 0; i < cert.n_subtrees; i++)
		say_name(text, "subtree", &cert.subtree[i]);
	return 0;
}

static int say_anchor(struct text *text, const struct dc_object *object)
{
	struct dc_anchor anchor;

	if (dc_anchor_read(&anchor, object))
		return -EBADMSG;
	say_hex(text, "current", anchor.key[0], DC_KEY_BYTES);
	say_hex(text, "next", anchor.key[1], DC_KEY_BYTES);
	say_hex(text, "proof", anchor.proof, DC_SIGNATURE_BYTES);
	return 0;
}

static int say_grant(struct text *text, const struct dc_object *object)
{
	struct dc_grant grant;
	uint32_t i;

	if (dc_grant_read(&grant, object))
		return -EBADMSG;
	say(text, " rights=%u number=%" PRIu64, grant.rights, grant.number);
	if (grant.has_key)
		say_hex(text, "key", grant.key, DC_KEY_BYTES);
	else
		say_name(text, "pod", &grant.pod);
	for (i = 0; i < grant.n_gateways; i++)
		say_id(text, "gateway", &grant.gateway[i]);
	return 0;
}

static int say_links(struct text *text, const struct dc_object *object)
{
	struct dc_link_lsa lsa;
	uint32_t i;

	if (dc_link_lsa_read(&lsa, object))
		return -EBADMSG;
	say(text, " flags=%u", lsa.flags);
	for (i = 0; i < lsa.n; i++) {
		const struct dc_link *link = &lsa.link[i];

		say_id(text, "peer", &link->peer);
		say(text, " id=%u peer-id=%u cost=%u delay=%u jitter=%u loss=%u",
		    link->id, link->peer_id, link->cost, link->delay_us,
		    link->jitter_us, link->loss_ppm);
	}
	return 0;
}

static int say_prefixes(struct text *text, const struct dc_object *object)
{
	struct dc_prefix_lsa lsa;
	uint32_t i;

	if (dc_prefix_lsa_read(&lsa, object))
		return -EBADMSG;
	for (i = 0; i < lsa.n; i++) {
		const struct dc_prefix *prefix = &lsa.prefix[i];

		say_name(text, "name", &prefix->name);
		say(text, " right=%u weight=%u epoch=%u", prefix->right,
		    prefix->weight, prefix->epoch);
		say_hex(text, "grant", prefix->grant.byte, DC_HASH_BYTES);
	}
	return 0;
}

static int say_tombstone(struct text *text, const struct dc_object *object)
{
	struct dc_tombstone stone;

	if (dc_tombstone_read(&stone, object))
		return -EBADMSG;
	say(text, " ends=%s", dc_type_text(stone.type));
	return 0;
}

static int say_revocation(struct text *text, const struct dc_object *object)
{
	struct dc_revocation revocation;

	if (dc_revocation_read(&revocation, object))
		return -EBADMSG;
	say(text, " number=%" PRIu64, revocation.number);
	say_hex(text, "target", revocation.target.byte, DC_HASH_BYTES);
	say(text, " until=%" PRIu64, revocation.until);
	return 0;
}

static int say_beacon(struct text *text, const struct dc_object *object)
{
	struct dc_beacon beacon;

	if (dc_beacon_read(&beacon, object))
		return -EBADMSG;
	say(text, " time=%" PRIu64 " revocations=%" PRIu64, beacon.time,
	    beacon.revocations);
	say_hex(text, "digest", beacon.digest.byte, DC_HASH_BYTES);
	return 0;
}

static int say_binding(struct text *text, const struct dc_object *object)
{
	struct dc_binding binding;

	if (dc_binding_read(&binding, object))
		return -EBADMSG;
	say(text, " ended=%u right=%u", binding.ended, binding.right);
	say_hex(text, "key", binding.key, DC_KEY_BYTES);
	say_hex(text, "nonce", binding.nonce, DC_BINDING_NONCE_BYTES);
	say_id(text, "gateway", &binding.gateway);
	return 0;
}

static int say_body(struct text *text, const struct dc_object *object)
{
	switch (object->type) {
	case DC_CERT:
		return say_cert(text, object);
	case DC_ANCHOR:
		return say_anchor(text, object);
	case DC_GRANT:
		return say_grant(text, object);
	case DC_LINK_LSA:
		return say_links(text, object);
	case DC_PREFIX_LSA:
		return say_prefixes(text, object);
	case DC_TOMBSTONE:
		return say_tombstone(text, object);
	case DC_REVOCATION:
		return say_revocation(text, object);
	case DC_BEACON:
		return say_beacon(text, object);
	case DC_BINDING:
		return say_binding(text, object);
	default:
		say_hex(text, "body", object->body, object->body_len);
		return 0;
	}
}

int object_text(const struct dc_object *object, char buf[OBJECT_TEXT_MAX])
{
	struct text text = { .at = buf, .left = OBJECT_TEXT_MAX };

	say(&text, "type=%s domain=%016" PRIx64, dc_type_text(object->type),
	    object->domain);
	say_hex(&text, "issuer", object->issuer.byte, DC_KEYID_BYTES);
	say(&text, " serial=%u epoch=%u counter=%" PRIu64 " lifetime=%u",
	    object->seq.serial, object->seq.epoch, object->seq.counter,
	    object->lifetime);
	say(&text, " not-after=%" PRIu64 " shard=%u", object->not_after,
	    object->shard);
	say_name(&text, "subject", &object->subject);
	return say_body(&text, object);
}

#define AGAIN(name) ({ \
	struct dc_##name again_; \
	dc_##name##_read(&again_, object) ? -EBADMSG : \
	dc_##name##_write(&again_, body, DC_OBJECT_MAX); \
})

int object_body_again(const struct dc_object *object,
		      uint8_t body[DC_OBJECT_MAX])
{
	switch (object->type) {
	case DC_CERT:
		return AGAIN(cert);
	case DC_ANCHOR:
		return AGAIN(anchor);
	case DC_GRANT:
		return AGAIN(grant);
	case DC_LINK_LSA:
		return AGAIN(link_lsa);
	case DC_PREFIX_LSA:
		return AGAIN(prefix_lsa);
	case DC_TOMBSTONE:
		return AGAIN(tombstone);
	case DC_REVOCATION:
		return AGAIN(revocation);
	case DC_BEACON:
		return AGAIN(beacon);
	case DC_BINDING:
		return AGAIN(binding);
	default:
		memcpy(body, object->body, object->body_len);
		return object->body_len;
	}
}
