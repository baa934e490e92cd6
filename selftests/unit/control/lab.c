// SPDX-License-Identifier: GPL-2.0
/* See lab.h. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab.h"

#define DAY_MS (24 * 3600 * 1000ull)
#define BEACON_LIFE_MS (30 * 86400 * 1000ull)
#define LIST_MAX 1024
#define BINDING_LIFE_S 3600

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "lab: %s\n", what);
	abort();
}

struct damc_name lab_name(const char *text)
{
	struct damc_name name;

	must(!damc_name_parse(&name, text, NULL), text);
	return name;
}

struct dc_node_id lab_id(const char *id)
{
	struct dc_node_id node = { .len = strlen(id) };

	must(node.len && node.len <= DC_NODE_ID_MAX, id);
	memcpy(node.byte, id, node.len);
	return node;
}

void lab_keypair(struct lab *lab, uint8_t key[DC_KEY_BYTES],
		 uint8_t secret[DC_SECRET_BYTES])
{
	uint8_t seed[32];

	crypto_generichash(seed, sizeof(seed), (const void *)&lab->seed,
			   sizeof(lab->seed), NULL, 0);
	lab->seed++;
	lab->crypto->keypair(key, secret, seed);
}

void lab_init(struct lab *lab, const struct dc_crypto *crypto, uint64_t seed)
{
	must(sodium_init() >= 0, "no libsodium");
	memset(lab, 0, sizeof(*lab));
	lab->crypto = crypto;
	lab->seed = seed << 32;
	lab->time_ms = LAB_TIME_MS;
	lab->life_ms = DAY_MS;
	lab->cert_life_ms = 365 * DAY_MS;
	lab_keypair(lab, lab->anchor, lab->anchor_secret);
}

/* Each word of @list, one after the other; NULL at its end. */
static const char *word(char *buf, const char *list, char **at)
{
	if (list) {
		must(strlen(list) < LIST_MAX, list);
		strcpy(buf, list);
	}
	return strtok_r(list ? buf : NULL, " ", at);
}

/* ---- objects ----------------------------------------------------------- */

static void finish(struct lab_object *result, int len)
{
	must(len > 0, "no such object can be written");
	result->len = len;
	dc_hash_bytes(&result->hash, result->bytes, result->len);
}

static const uint8_t *key_of(const struct dc_identity *identity,
			     struct dc_object *cert, struct dc_cert *body)
{
	must(!dc_object_read(cert, identity->cert, identity->cert_len, NULL) &&
	     !dc_cert_read(body, cert), "an identity without a certificate");
	return body->key;
}

void lab_sign(const struct lab *lab, const struct dc_identity *signer,
	      const struct dc_object *object, struct lab_object *signed_object)
{
	struct dc_object mine = *object, cert;
	struct dc_cert body;
	const uint8_t *key = key_of(signer, &cert, &body);

	mine.domain = cert.domain;
	mine.seq.serial = cert.seq.serial;
	finish(signed_object, dc_object_sign(&mine, lab->crypto, key,
					     signer->secret,
					     signed_object->bytes));
}

/* ---- nodes ------------------------------------------------------------- */

void lab_certify(struct lab *lab, struct dc_identity *identity, const char *id,
		 uint32_t serial, const struct dc_cert *cert)
{
	uint8_t body[DC_OBJECT_MAX];
	struct dc_node_id node = lab_id(id);
	int len = dc_cert_write(cert, body, sizeof(body));
	struct dc_object object = {
		.type = DC_CERT, .domain = dc_domain_of(LAB_DOMAIN),
		.seq.serial = serial, .not_after = cert->issued +
			lab->cert_life_ms,
		.body = body, .body_len = len,
	};

	must(len > 0, "no such certificate can be written");
	must(!dc_node_name(&object.subject, &node), id);
	strcpy(identity->domain, LAB_DOMAIN);
	memset(identity->anchor, 0, sizeof(identity->anchor));
	memcpy(identity->anchor[0], lab->anchor, DC_KEY_BYTES);
	len = dc_object_sign(&object, lab->crypto, lab->anchor,
			     lab->anchor_secret, identity->cert);
	must(len > 0, "no such certificate can be signed");
	identity->cert_len = len;
}

void lab_enrol(struct lab *lab, struct dc_identity *identity, const char *id,
	       uint8_t roles, const char *subtrees)
{
	struct dc_cert cert = {
		.roles = roles, .max_prefixes = 1000000, .max_lsas = 1000,
		.issued = lab->time_ms,
	};
	char buf[LIST_MAX], *at = NULL;
	struct dc_object old;
	const char *text;
	uint32_t serial = 1;

	if (!dc_object_read(&old, identity->cert, identity->cert_len <=
			    DC_OBJECT_MAX ? identity->cert_len : 0, NULL))
		serial = old.seq.serial + 1;
	for (text = word(buf, subtrees, &at); text;
	     text = word(buf, NULL, &at)) {
		must(cert.n_subtrees < DC_SUBTREES_MAX, subtrees);
		cert.subtree[cert.n_subtrees++] = lab_name(text);
	}
	lab_keypair(lab, cert.key, identity->secret);
	lab_certify(lab, identity, id, serial, &cert);
}

struct dc_trust *lab_trust(const struct lab *lab,
			   const struct dc_identity *self,
			   const struct dc_identity * const *others, size_t n)
{
	struct dc_trust *trust = dc_trust_new(self, lab->crypto, 0,
					      lab->time_ms);
	struct dc_object object;
	size_t i;

	must(trust, "no trust");
	for (i = 0; i < n; i++)
		must(dc_trust_check(trust, others[i]->cert, others[i]->cert_len,
				    &object, 0) == DC_VALID,
		     "a certificate is not valid");
	return trust;
}

/* ---- what SPAs sign ---------------------------------------------------- */

static void make_grant(struct lab *lab, const struct dc_identity *spa,
		       const char *name, const char *gateways,
		       struct dc_grant *body, struct lab_object *grant)
{
	struct dc_object object = {
		.type = DC_GRANT, .seq.counter = lab->counter,
		.not_after = lab->time_ms + lab->life_ms,
		.subject = lab_name(name),
	};
	char buf[LIST_MAX], *at = NULL;
	uint8_t bytes[DC_OBJECT_MAX];
	const char *id;

	for (id = word(buf, gateways, &at); id; id = word(buf, NULL, &at)) {
		must(body->n_gateways < DC_GATEWAYS_MAX, gateways);
		body->gateway[body->n_gateways++] = lab_id(id);
	}
	object.body = bytes;
	object.body_len = dc_grant_write(body, bytes, sizeof(bytes));
	lab_sign(lab, spa, &object, grant);
}

void lab_grant(struct lab *lab, const struct dc_identity *spa, const char *name,
	       uint8_t rights, const char *gateways, struct lab_object *grant)
{
	struct dc_grant body = { .rights = rights, .number = ++lab->counter };

	make_grant(lab, spa, name, gateways, &body, grant);
}

void lab_grant_key(struct lab *lab, const struct dc_identity *spa,
		   const char *name, uint8_t rights, const char *gateways,
		   const struct lab_holder *holder, struct lab_object *grant)
{
	struct dc_grant body = {
		.rights = rights, .number = ++lab->counter, .has_key = true,
	};

	memcpy(body.key, holder->key, sizeof(body.key));
	make_grant(lab, spa, name, gateways, &body, grant);
}

uint32_t lab_epoch(uint32_t epoch)
{
	return LAB_TIME_MS / 1000 + epoch;
}

void lab_bind(const struct lab *lab, const struct lab_holder *holder,
	      const char *name, enum dc_right right, const char *gateway,
	      uint32_t epoch, bool ended, struct lab_object *binding)
{
	struct dc_binding body = {
		.ended = ended, .right = right, .gateway = lab_id(gateway),
	};
	struct damc_name subject = lab_name(name);
	uint8_t message[DC_OBJECT_SIGNED_MAX];
	size_t n;
	int len;

	memcpy(body.key, holder->key, sizeof(body.key));
	len = dc_binding_unsigned(&body, dc_domain_of(LAB_DOMAIN), &subject,
				  lab_epoch(epoch), BINDING_LIFE_S,
				  binding->bytes);
	must(len > 0, "no binding");
	n = dc_object_signed_bytes(message, binding->bytes, len);
	lab->crypto->sign(binding->bytes + len, message, n, holder->secret);
	binding->len = len + DC_SIGNATURE_BYTES;
	dc_hash_bytes(&binding->hash, binding->bytes, binding->len);
}

void lab_revoke(struct lab *lab, const struct dc_identity *spa,
		const void *target, size_t len, struct lab_object *revocation)
{
	struct dc_object ended, object = { .type = DC_REVOCATION };
	struct dc_revocation body = { .number = ++lab->revocations };
	uint8_t bytes[DC_OBJECT_MAX];
	int i;

	must(!dc_object_read(&ended, target, len, NULL), "no object");
	dc_object_hash(&ended, &body.target);
	body.until = ended.not_after;
	object.seq.counter = ++lab->counter;
	object.not_after = ended.not_after;
	object.shard = body.number;
	object.subject = ended.subject;
	object.body = bytes;
	object.body_len = dc_revocation_write(&body, bytes, sizeof(bytes));
	lab_sign(lab, spa, &object, revocation);
	for (i = 0; i < DC_HASH_BYTES; i++)
		lab->digest.byte[i] ^= revocation->hash.byte[i];
}

void lab_beacon(struct lab *lab, const struct dc_identity *spa,
		struct lab_object *beacon)
{
	struct dc_beacon body = {
		.time = lab->time_ms, .revocations = lab->revocations,
		.digest = lab->digest,
	};
	struct dc_object cert, object = {
		.type = DC_BEACON, .seq.counter = ++lab->counter,
		.not_after = lab->time_ms + BEACON_LIFE_MS,
	};
	uint8_t bytes[DC_OBJECT_MAX];
	struct dc_cert own;

	key_of(spa, &cert, &own);
	object.subject = cert.subject;
	object.body = bytes;
	object.body_len = dc_beacon_write(&body, bytes, sizeof(bytes));
	lab_sign(lab, spa, &object, beacon);
}

struct dc_prefix lab_prefix(const char *name, enum dc_right right,
			    const struct lab_object *grant)
{
	struct dc_prefix prefix = { .name = lab_name(name), .right = right };

	if (grant)
		prefix.grant = grant->hash;
	return prefix;
}
