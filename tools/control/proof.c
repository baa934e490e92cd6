// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "class3_nonce.h"
#include "proof.h"

#define MS_PER_S 1000

_Static_assert(DC_BINDING_NONCE_BYTES == DC_C3_NONCE_BYTES,
	       "a binding's nonce is one of class 3's");
_Static_assert(DC_PROOF_NONCE_S * MS_PER_S == DC_C3_NONCE_LIFETIME_MS,
	       "a binding's nonce lasts as long as class 3's");

struct dc_proof {
	struct dc_proof_config config;
	struct dc_c3_nonces *nonces;
};

struct dc_proof *dc_proof_new(const struct dc_proof_config *config)
{
	struct dc_proof *proof = calloc(1, sizeof(*proof));

	if (!proof)
		return NULL;
	proof->config = *config;
	proof->nonces = dc_c3_nonces_new(config->secret);
	sodium_memzero(proof->config.secret, sizeof(proof->config.secret));
	if (proof->nonces)
		return proof;
	free(proof);
	return NULL;
}

void dc_proof_free(struct dc_proof *proof)
{
	if (!proof)
		return;
	dc_c3_nonces_free(proof->nonces);
	free(proof);
}

static uint32_t known_epoch(const struct dc_proof *proof,
			    const struct dc_proof_claim *claim)
{
	return dc_trust_binding_epoch(proof->config.trust, claim->key,
				      &claim->name, claim->right,
				      &proof->config.gateway);
}

/* Now, but above what there is. */
static uint32_t next_epoch(const struct dc_proof *proof,
			   const struct dc_proof_claim *claim, uint64_t now_us)
{
	uint32_t now = dc_trust_time(proof->config.trust, now_us) / MS_PER_S;
	uint32_t known = known_epoch(proof, claim);

	return known >= now ? known + 1 : now;
}

int dc_proof_offer(struct dc_proof *proof, const struct dc_proof_claim *claim,
		   uint64_t now_us, uint32_t *epoch,
		   uint8_t binding[DC_OBJECT_MAX])
{
	struct dc_binding body = {
		.right = claim->right, .gateway = proof->config.gateway,
	};
	struct dc_c3_nonce nonce;

	memcpy(body.key, claim->key, sizeof(body.key));
	dc_c3_nonce_make(proof->nonces, &nonce, &proof->config.gateway, now_us);
	memcpy(body.nonce, nonce.byte, sizeof(body.nonce));
	*epoch = next_epoch(proof, claim, now_us);
	return dc_binding_unsigned(&body, proof->config.domain, &claim->name,
				   *epoch, DC_BINDING_LIFE_S, binding);
}

static bool is_of(const struct dc_proof *proof,
		  const struct dc_proof_claim *claim,
		  const struct dc_object *object,
		  const struct dc_binding *binding)
{
	return object->domain == proof->config.domain && !binding->ended &&
	       binding->right == claim->right &&
	       damc_name_equal(&object->subject, &claim->name) &&
	       dc_node_id_equal(&binding->gateway, &proof->config.gateway);
}

static enum dc_proof_code read_claimed(const struct dc_proof *proof,
				       struct dc_proof_claim *claim,
				       const void *bytes, size_t len,
				       struct dc_object *object,
				       struct dc_binding *binding)
{
	if (dc_object_read(object, bytes, len, NULL) ||
	    object->type != DC_BINDING || dc_binding_read(binding, object))
		return DC_PROOF_MALFORMED;
	if (!is_of(proof, claim, object, binding))
		return DC_PROOF_OTHER;
	memcpy(claim->key, binding->key, sizeof(claim->key));
	return DC_PROOF_GOOD;
}

enum dc_proof_code dc_proof_again(const struct dc_proof *proof,
				  struct dc_proof_claim *claim,
				  const void *bytes, size_t len,
				  struct dc_object *object)
{
	struct dc_binding binding;
	enum dc_proof_code code;

	code = read_claimed(proof, claim, bytes, len, object, &binding);
	if (code != DC_PROOF_GOOD)
		return code;
	return dc_object_verify(object, proof->config.crypto, binding.key) ?
	       DC_PROOF_GOOD : DC_PROOF_FORGED;
}

enum dc_proof_code dc_proof_take(struct dc_proof *proof,
				 struct dc_proof_claim *claim,
				 const void *bytes, size_t len, uint64_t now_us,
				 struct dc_object *object)
{
	const struct dc_node_id *gateway = &proof->config.gateway;
	struct dc_binding binding;
	struct dc_c3_nonce nonce;
	enum dc_proof_code code;
	int err;

	code = read_claimed(proof, claim, bytes, len, object, &binding);
	if (code != DC_PROOF_GOOD)
		return code;
	memcpy(nonce.byte, binding.nonce, sizeof(nonce.byte));
	if (!dc_c3_nonce_fresh(proof->nonces, &nonce, gateway, now_us))
		return DC_PROOF_NONCE;
	if (object->seq.epoch <= known_epoch(proof, claim))
		return DC_PROOF_OLDER;
	/* Whoever has no key uses up nobody's nonce. */
	if (!dc_object_verify(object, proof->config.crypto, binding.key))
		return DC_PROOF_FORGED;
	err = dc_c3_nonce_use(proof->nonces, &nonce, now_us);
	if (err)
		return err == -EEXIST ? DC_PROOF_NONCE : DC_PROOF_BUSY;
	return DC_PROOF_GOOD;
}

const char *dc_proof_text(enum dc_proof_code code)
{
	static const char *const text[] = {
		[DC_PROOF_GOOD] = "good",
		[DC_PROOF_MALFORMED] = "it is no binding",
		[DC_PROOF_OTHER] = "it is of another name, right or gateway",
		[DC_PROOF_NONCE] = "its nonce is old, or was used",
		[DC_PROOF_OLDER] = "its key has signed a newer one since",
		[DC_PROOF_FORGED] = "it is not signed with its key",
		[DC_PROOF_BUSY] = "more are used than a gateway remembers",
	};

	return code <= DC_PROOF_BUSY ? text[code] : "unknown";
}
