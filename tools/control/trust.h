/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who may say what: the anchor, the certificates it signed, grants, revocations
 * and domain time (DESIGN 7). One per node. Remembers by hash what it has
 * verified, so that nothing is verified twice. Sans-I/O: time is an argument.
 *
 * Bounded: DC_TRUST_CERTS certificates, DC_TRUST_GRANTS grants, and so on; what
 * no longer counts makes room first. No function keeps a pointer to its input.
 */
#ifndef DC_TRUST_H
#define DC_TRUST_H

#include "crypto.h"
#include "object.h"

struct dc_trust;

enum dc_verdict {
	DC_VALID,
	/* Nothing wrong with it, but its issuer or its grant is not known (yet). */
	DC_UNKNOWN,
	DC_MALFORMED,
	DC_FOREIGN,		/* another domain's */
	DC_FORGED,		/* the signature is not its issuer's */
	DC_NOT_ALLOWED,		/* its issuer may not say this */
	DC_EXPIRED,
	DC_REVOKED,
	DC_FULL,		/* a cap is reached; see Documentation/control.rst */
};

const char *dc_verdict_text(enum dc_verdict verdict);

/**
 * struct dc_identity - what a node is, from the directory it joins with
 * @anchor: the domain's keys, the current and the next (all zero if none)
 * @cert: its own certificate, a whole object
 */
struct dc_identity {
	char domain[64];
	uint8_t anchor[2][DC_KEY_BYTES];
	uint8_t secret[DC_SECRET_BYTES];
	uint8_t cert[DC_OBJECT_MAX];
	size_t cert_len;
};

struct dc_trust *dc_trust_new(const struct dc_identity *identity,
			      const struct dc_crypto *crypto, uint64_t now_us,
			      uint64_t wall_ms);
void dc_trust_free(struct dc_trust *trust);

/**
 * dc_trust_check() - read an object and judge it
 * @object: set if the result is not DC_MALFORMED
 *
 * Certificates, grants, revocations and beacons that are valid are remembered
 * and take effect. Of a prefix LSA it is the signature and its issuer's caps
 * that count; each of its names is dc_trust_prefix()'s.
 */
enum dc_verdict dc_trust_check(struct dc_trust *trust, const void *bytes,
			       size_t len, struct dc_object *object,
			       uint64_t now_us);

/* Whether @node may announce this, by its certificate or by a grant. */
enum dc_verdict dc_trust_prefix(struct dc_trust *trust,
				const struct dc_node_id *node,
				const struct dc_prefix *prefix,
				uint64_t now_us);

/* The certificate that a key, or a node, has: NULL if unknown. */
const struct dc_cert *dc_trust_cert_of_key(const struct dc_trust *trust,
					   const struct dc_keyid *key);
const struct dc_cert *dc_trust_cert_of_node(const struct dc_trust *trust,
					    const struct dc_node_id *node);

/* Sign in the node's own name: whole object's bytes in @buf, its length. */
int dc_trust_sign(struct dc_trust *trust, const struct dc_object *object,
		  uint8_t buf[DC_OBJECT_MAX]);

/* Domain time in ms, and s since the last beacon (UINT32_MAX: none yet). */
uint64_t dc_trust_time(const struct dc_trust *trust, uint64_t now_us);
uint32_t dc_trust_beacon_age(const struct dc_trust *trust, uint64_t now_us);

/*
 * What ended since the last call, by time or revocation: hash of a grant or
 * certificate, one at a time; false if nothing did.
 */
bool dc_trust_ended(struct dc_trust *trust, struct dc_hash *hash,
		    uint64_t now_us);

/* How many signatures were really verified, and how many found remembered. */
struct dc_trust_counts {
	uint64_t verified;
	uint64_t remembered;
	uint64_t signed_;
	uint32_t certs;
	uint32_t grants;
	uint32_t revocations;
};

void dc_trust_counts(const struct dc_trust *trust,
		     struct dc_trust_counts *counts);

#endif /* DC_TRUST_H */
