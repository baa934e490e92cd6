// SPDX-License-Identifier: GPL-2.0
/* See samples.h. */
#include <stdlib.h>
#include <string.h>

#include "samples.h"

static const uint8_t no_key[DC_KEY_BYTES];

void samples_anchor(const struct lab *lab, uint32_t serial,
		    const uint8_t current[DC_KEY_BYTES],
		    const uint8_t next[DC_KEY_BYTES],
		    const uint8_t proof[DC_SECRET_BYTES],
		    struct lab_object *change)
{
	uint8_t bytes[DC_ANCHOR_PROOF_MAX], body[DC_OBJECT_MAX];
	struct dc_object object = {
		.type = DC_ANCHOR, .domain = dc_domain_of(LAB_DOMAIN),
		.seq.serial = serial, .shard = serial, .body = body,
		.not_after = lab->time_ms + lab->cert_life_ms,
	};
	struct dc_anchor anchor = { 0 };
	int len;

	memcpy(anchor.key[0], current, DC_KEY_BYTES);
	memcpy(anchor.key[1], next ? next : no_key, DC_KEY_BYTES);
	len = dc_anchor_proof_bytes(&anchor, object.domain, serial, bytes);
	lab->crypto->sign(anchor.proof, bytes, len, proof);
	object.body_len = dc_anchor_write(&anchor, body, sizeof(body));
	len = dc_object_sign(&object, lab->crypto, lab->anchor,
			     lab->anchor_secret, change->bytes);
	if (len < 0)
		abort();
	change->len = len;
	dc_hash_bytes(&change->hash, change->bytes, change->len);
}

static void put(struct samples *samples, enum sample number,
		const struct dc_identity *signer, struct dc_object *object,
		const void *body, int body_len)
{
	object->seq.epoch = 3;
	object->seq.counter = ++samples->lab.counter;
	object->body = body;
	object->body_len = body_len;
	if (body_len < 0)
		abort();
	if (dc_type_has_lifetime(object->type))
		object->lifetime = 3600;
	else
		object->not_after = samples->lab.time_ms + samples->lab.life_ms;
	lab_sign(&samples->lab, signer, object, &samples->object[number]);
}

static void make_grants(struct samples *samples)
{
	struct dc_grant grant = {
		.rights = DC_RIGHT_NAME | DC_RIGHT_TREE, .number = 7,
		.has_key = true, .n_gateways = 2,
		.gateway = { lab_id("n1"), lab_id("edge-2") },
	};
	struct dc_object object = {
		.type = DC_GRANT, .subject = lab_name("/shop"),
	};
	uint8_t body[DC_OBJECT_MAX];

	memcpy(grant.key, samples->holder.key, sizeof(grant.key));
	put(samples, SAMPLE_GRANT_KEY, &samples->spa, &object, body,
	    dc_grant_write(&grant, body, sizeof(body)));
	grant = (struct dc_grant){
		.rights = DC_RIGHT_MEMBER, .number = 8,
		.pod = lab_name("/pod/n1/7"),
	};
	object.subject = lab_name("/b");
	put(samples, SAMPLE_GRANT_POD, &samples->spa, &object, body,
	    dc_grant_write(&grant, body, sizeof(body)));
}

static void make_lsas(struct samples *samples)
{
	struct dc_link_lsa links = {
		.flags = DC_LSA_OVERLOAD, .n = 2, .link = {
			{ .peer = lab_id("n3"), .id = 9, .peer_id = 4,
			  .cost = 0xffffff, .loss_ppm = 1000000 },
			{ .peer = lab_id("n2"), .id = 2, .peer_id = 1,
			  .cost = 10, .delay_us = 250, .jitter_us = 12 },
		},
	};
	struct dc_prefix_lsa prefixes = {
		.n = 4, .prefix = {
			lab_prefix("/shop/cart/3", DC_RIGHT_MEMBER,
				   &samples->object[SAMPLE_GRANT_KEY]),
			lab_prefix("/damc/node/n1", DC_RIGHT_NAME, NULL),
			lab_prefix("/shop/cart/12", DC_RIGHT_MEMBER,
				   &samples->object[SAMPLE_GRANT_KEY]),
			lab_prefix("/b/4", DC_RIGHT_MEMBER,
				   &samples->object[SAMPLE_GRANT_POD]),
		},
	};
	struct dc_object object = {
		.type = DC_LINK_LSA, .subject = lab_name("/damc/node/n1"),
	};
	struct dc_tombstone stone = { DC_PREFIX_LSA };
	uint8_t body[DC_OBJECT_MAX];

	prefixes.prefix[0].weight = 65535;
	prefixes.prefix[3].epoch = 70000;
	put(samples, SAMPLE_LINK_LSA, &samples->node, &object, body,
	    dc_link_lsa_write(&links, body, sizeof(body)));
	object.type = DC_PREFIX_LSA;
	object.shard = 5;
	put(samples, SAMPLE_PREFIX_LSA, &samples->node, &object, body,
	    dc_prefix_lsa_write(&prefixes, body, sizeof(body)));
	object.type = DC_TOMBSTONE;
	put(samples, SAMPLE_TOMBSTONE, &samples->node, &object, body,
	    dc_tombstone_write(&stone, body, sizeof(body)));
}

static void make_others(struct samples *samples)
{
	struct dc_object object = {
		.type = DC_CALL_RULE, .subject = lab_name("/shop/cart"),
	};

	put(samples, SAMPLE_CALL_RULE, &samples->spa, &object, "rule", 4);
	object.type = DC_POLICY;
	put(samples, SAMPLE_POLICY, &samples->scsc, &object, "policy", 6);
	object.type = DC_PATH;
	put(samples, SAMPLE_PATH, &samples->scsc, &object, "", 0);
}

static void make_cert(struct samples *samples, struct lab_object *object)
{
	memcpy(object->bytes, samples->node.cert, samples->node.cert_len);
	object->len = samples->node.cert_len;
	dc_hash_bytes(&object->hash, object->bytes, object->len);
}

void samples_make(struct samples *samples, const struct dc_crypto *crypto)
{
	struct lab *lab = &samples->lab;
	const struct lab_object *grant;

	memset(samples, 0, sizeof(*samples));
	lab_init(lab, crypto, 1);
	lab_enrol(lab, &samples->spa, "spa1", DC_ROLE_SPA, "/shop /b /c");
	lab_enrol(lab, &samples->node, "n1", DC_ROLE_SG | DC_ROLE_SR,
		  "/own /also/own");
	lab_enrol(lab, &samples->scsc, "c1", DC_ROLE_SCSC, "/");
	lab_keypair(lab, samples->next, samples->next_secret);
	lab_keypair(lab, samples->holder.key, samples->holder.secret);
	lab_bind(lab, &samples->holder, "/shop/cart/3", DC_RIGHT_MEMBER, "n1",
		 5, false, &samples->object[SAMPLE_BINDING]);
	make_cert(samples, &samples->object[SAMPLE_CERT]);
	samples_anchor(lab, 1, lab->anchor, samples->next,
		       samples->next_secret, &samples->object[SAMPLE_ANCHOR]);
	make_grants(samples);
	make_lsas(samples);
	grant = &samples->object[SAMPLE_GRANT_KEY];
	lab_revoke(lab, &samples->spa, grant->bytes, grant->len,
		   &samples->object[SAMPLE_REVOCATION]);
	lab_beacon(lab, &samples->spa, &samples->object[SAMPLE_BEACON]);
	make_others(samples);
}

struct dc_trust *samples_trust(const struct samples *samples)
{
	const struct dc_identity *others[] = { &samples->spa, &samples->scsc };

	return lab_trust(&samples->lab, &samples->node, others, 2);
}
