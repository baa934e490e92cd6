/* SPDX-License-Identifier: GPL-2.0 */
/* Class 1's JSON: bytes from a pod to a checked struct, and answers to text. */
#ifndef DAMCD_CLASS1_JSON_H
#define DAMCD_CLASS1_JSON_H

#include <jansson.h>

#include "proof.h"
#include "reg.h"

/**
 * struct class1_problem - why a request fails, for a developer
 * @status: of HTTP
 * @code: a word for programs
 * @message: what is wrong, @hint: what to do about it
 */
struct class1_problem {
	int status;
	const char *code;
	char message[DC_REG_REASON_MAX + 64];
	const char *hint;
};

/* Those that are always the same (class1_problems.c). */
extern const struct class1_problem class1_no_interface;
extern const struct class1_problem class1_no_memory;
extern const struct class1_problem class1_too_many_connections;
extern const struct class1_problem class1_not_registered;
extern const struct class1_problem class1_not_yours;
extern const struct class1_problem class1_recalled_problem;
extern const struct class1_problem class1_too_many;
extern const struct class1_problem class1_too_many_watches;
extern const struct class1_problem class1_too_often;

/* A name's text of @len bytes: false and @problem if it is none. */
bool class1_name(struct damc_name *name, const char *text, size_t len,
		 struct class1_problem *problem);

/*
 * A registration's body into @want, as far as a pod has a say; false and
 * @problem if it is none. Whatever came, the rest of @want is unchanged. A proof is
 * put into @want->proof.binding and not believed: see registrar_prove().
 */
bool class1_want(struct dc_reg_want *want, const void *body, size_t len,
		 struct class1_problem *problem);

/*
 * What was signed and its signature into @proof: NULL, or which of both is none,
 * "signed" or "signature".
 */
const char *class1_proof(struct dc_reg_proof *proof, const void *text,
			 size_t len, const void *signature,
			 size_t signature_len);

/* Seconds until its key has to be proven anew. */
uint32_t class1_proof_lasts(const struct dc_reg_want *want, uint64_t now_us);

/* Who asks for a nonce, and for what; false and @problem if it is none. */
bool class1_claim(struct dc_proof_claim *claim, const void *body, size_t len,
		  struct class1_problem *problem);

/* What to say of a proof that is not DC_PROOF_GOOD. */
void class1_problem_of_proof(enum dc_proof_code code,
			     struct class1_problem *problem);

/* What @binding's holder is to sign, and for how long it may; a new reference. */
json_t *class1_offer_json(const struct dc_node_id *gateway, uint32_t epoch,
			  const uint8_t *binding, size_t len);

/* The names and the lease (0: as before) of a request to renew; @names is new. */
bool class1_renewal(json_t **names, uint32_t *lease_s, const void *body,
		    size_t len, struct class1_problem *problem);

/* What to say of an outcome that is none of DONE and ASKED. */
void class1_problem_of(const struct dc_reg_outcome *outcome,
		       struct class1_problem *problem);

/* New references. */
json_t *class1_problem_json(const struct class1_problem *problem);
json_t *class1_entry_json(const struct dc_reg_entry *entry, bool own,
			  uint64_t now_us);

#endif /* DAMCD_CLASS1_JSON_H */
