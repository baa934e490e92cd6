/* SPDX-License-Identifier: GPL-2.0 */
/*
 * That who registers a name holds a key: a gateway offers the binding that would
 * say so (object.h) with a nonce of its own in it, and takes it back signed, once.
 * Nothing is remembered of what was offered. Sans-I/O: time is an argument.
 */
#ifndef DC_PROOF_H
#define DC_PROOF_H

#include "crypto.h"
#include "object.h"
#include "trust.h"

/* How long an offer may be taken up. */
#define DC_PROOF_NONCE_S 60

struct dc_proof;

enum dc_proof_code {
	DC_PROOF_GOOD,
	DC_PROOF_MALFORMED,	/* no binding, or a name that can have none */
	DC_PROOF_OTHER,		/* of another name, right, gateway or domain */
	DC_PROOF_NONCE,		/* old, used, or not made here */
	DC_PROOF_OLDER,		/* a newer binding of this key is known */
	DC_PROOF_FORGED,	/* the signature is not the key's */
	DC_PROOF_BUSY,		/* too many in a minute, or no memory */
};

/**
 * struct dc_proof_config - what does not change
 * @trust: the node's, which outlives this; it knows which bindings there are
 * @gateway: the node itself
 * @secret: what nonces are keyed with, of this run alone
 */
struct dc_proof_config {
	const struct dc_crypto *crypto;
	struct dc_trust *trust;
	uint64_t domain;
	struct dc_node_id gateway;
	uint8_t secret[32];
};

/**
 * struct dc_proof_claim - who wants what
 * @right: DC_RIGHT_NAME or DC_RIGHT_MEMBER
 */
struct dc_proof_claim {
	struct damc_name name;
	uint8_t right;
	uint8_t key[DC_KEY_BYTES];
};

/* NULL: no memory. */
struct dc_proof *dc_proof_new(const struct dc_proof_config *config);
void dc_proof_free(struct dc_proof *proof);

/**
 * dc_proof_offer() - what the holder of the claim's key is to sign
 * @epoch: set to that of the binding
 * @binding: the object but for its signature
 *
 * Return: its length, or -EINVAL for a name that has no such right.
 */
int dc_proof_offer(struct dc_proof *proof, const struct dc_proof_claim *claim,
		   uint64_t now_us, uint32_t *epoch,
		   uint8_t binding[DC_OBJECT_MAX]);

/**
 * dc_proof_take() - a signed binding comes back, for a name and right
 * @claim: with the name and right that are registered; its key is set
 * @object: set if the result is DC_PROOF_GOOD; points into @bytes
 *
 * A good one is good once.
 */
enum dc_proof_code dc_proof_take(struct dc_proof *proof,
				 struct dc_proof_claim *claim,
				 const void *bytes, size_t len, uint64_t now_us,
				 struct dc_object *object);

/**
 * dc_proof_again() - a binding that was taken before this process began
 * @claim: as for dc_proof_take()
 * @object: as there
 *
 * Its nonce was used up then, and is not looked at: it is good as often as this is
 * called, so only for what nobody but the node itself brings. It may have ended.
 */
enum dc_proof_code dc_proof_again(const struct dc_proof *proof,
				  struct dc_proof_claim *claim,
				  const void *bytes, size_t len,
				  struct dc_object *object);

/* For people: a constant. */
const char *dc_proof_text(enum dc_proof_code code);

#endif /* DC_PROOF_H */
