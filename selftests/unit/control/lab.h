/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A domain in memory, for tests: an anchor that enrols nodes, SPAs that grant,
 * revoke and tell the time. A mistake in a test's own use aborts it.
 *
 *	struct dc_identity spa = { 0 }, n1 = { 0 };
 *	struct lab lab;
 *
 *	lab_init(&lab, &dc_stand_in, 1);
 *	lab_enrol(&lab, &spa, "spa1", DC_ROLE_SPA, "/");
 *	lab_enrol(&lab, &n1, "n1", DC_ROLE_SG | DC_ROLE_SR, "");
 *	lab_grant(&lab, &spa, "/b", DC_RIGHT_MEMBER, "n1", &grant);
 *
 * Everything signed has domain time lab.time_ms and ends lab.life_ms later.
 */
#ifndef DC_TEST_LAB_H
#define DC_TEST_LAB_H

#include "trust.h"

#define LAB_DOMAIN "lab"
/* Where lab.time_ms begins; also what to give dc_trust_new() as wall_ms. */
#define LAB_TIME_MS 1700000000000ull

struct lab {
	const struct dc_crypto *crypto;
	uint8_t anchor[DC_KEY_BYTES];
	uint8_t anchor_secret[DC_SECRET_BYTES];
	uint64_t seed;
	uint64_t time_ms;
	uint64_t life_ms;
	uint64_t cert_life_ms;
	uint64_t counter;
	uint64_t revocations;
	struct dc_hash digest;
};

/**
 * struct lab_object - a signed object and its hash
 */
struct lab_object {
	uint8_t bytes[DC_OBJECT_MAX];
	size_t len;
	struct dc_hash hash;
};

void lab_init(struct lab *lab, const struct dc_crypto *crypto, uint64_t seed);

/* A new key pair, another each time. */
void lab_keypair(struct lab *lab, uint8_t key[DC_KEY_BYTES],
		 uint8_t secret[DC_SECRET_BYTES]);

/**
 * lab_enrol() - a node with a new key and certificate
 * @identity: zeroed, or one of before: then the new one has the next serial
 * @id: its component in /damc/node/ID
 * @subtrees: texts of names, separated by spaces
 */
void lab_enrol(struct lab *lab, struct dc_identity *identity, const char *id,
	       uint8_t roles, const char *subtrees);
/* As that, but the body is the test's own (its key included). */
void lab_certify(struct lab *lab, struct dc_identity *identity, const char *id,
		 uint32_t serial, const struct dc_cert *cert);

/* A trust at lab.time_ms, now_us 0, that knows the certificates of @others. */
struct dc_trust *lab_trust(const struct lab *lab,
			   const struct dc_identity *self,
			   const struct dc_identity * const *others, size_t n);

/**
 * lab_grant() - a grant
 * @rights: enum dc_right, a set
 * @gateways: node ids, separated by spaces; "" for any
 */
void lab_grant(struct lab *lab, const struct dc_identity *spa, const char *name,
	       uint8_t rights, const char *gateways, struct lab_object *grant);
/* Who holds a key, and what it is granted or says. */
struct lab_holder {
	uint8_t key[DC_KEY_BYTES];
	uint8_t secret[DC_SECRET_BYTES];
};

/* As lab_grant(), for @holder's key. */
void lab_grant_key(struct lab *lab, const struct dc_identity *spa,
		   const char *name, uint8_t rights, const char *gateways,
		   const struct lab_holder *holder, struct lab_object *grant);
/*
 * A binding, for an hour from @epoch s after LAB_TIME_MS.
 * @ended: it is there no more
 */
void lab_bind(const struct lab *lab, const struct lab_holder *holder,
	      const char *name, enum dc_right right, const char *gateway,
	      uint32_t epoch, bool ended, struct lab_object *binding);
/* The epoch that means, as an LSA has it. */
uint32_t lab_epoch(uint32_t epoch);

/* A revocation of an object, which is a certificate or a grant. */
void lab_revoke(struct lab *lab, const struct dc_identity *spa,
		const void *target, size_t len, struct lab_object *revocation);
/* A beacon of lab.time_ms; with all that lab_revoke() made in its digest. */
void lab_beacon(struct lab *lab, const struct dc_identity *spa,
		struct lab_object *beacon);

/* Any object of @signer: domain, issuer and serial are filled in. */
void lab_sign(const struct lab *lab, const struct dc_identity *signer,
	      const struct dc_object *object, struct lab_object *signed_object);

/* One name to announce, by @grant or, if that is NULL, by certificate. */
struct dc_prefix lab_prefix(const char *name, enum dc_right right,
			    const struct lab_object *grant);
struct dc_node_id lab_id(const char *id);
struct damc_name lab_name(const char *text);

#endif /* DC_TEST_LAB_H */
