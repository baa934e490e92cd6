/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Class 3: what a service gateway and an SPA say to each other, by RMI
 * (Documentation/spa.rst). Bytes on one side, checked structs on the other;
 * nothing here believes what it reads, see spa.h and class3_client.h for that.
 *
 * Structs own what is in them but for certificates and objects, which point into
 * the bytes they were read from.
 */
#ifndef DC_CLASS3_H
#define DC_CLASS3_H

#include "crypto.h"
#include "object.h"

#define DC_C3_NONCE_BYTES 32
#define DC_C3_NONCES_MAX 16
#define DC_C3_FACTS_MAX 16
#define DC_C3_FACT_MAX 128
#define DC_C3_WORDS_MAX 200
#define DC_C3_OBJECTS_MAX 16

/* The longest of each, which Documentation/spa.rst adds up. */
#define DC_C3_REQUEST_MAX 4608
#define DC_C3_ANSWER_MAX 3072
#define DC_C3_NONCES_ANSWER_MAX 640
#define DC_C3_OBJECTS_ANSWER_MAX 20480
#define DC_C3_PROOF_MAX 256

/* What an SPA does, by the names that RMI calls it. */
#define DC_C3_METHOD_NONCE "nonce"
#define DC_C3_METHOD_GRANT "grant"
#define DC_C3_METHOD_OBJECTS "objects"
/* What a node does when an SPA calls it. */
#define DC_C3_METHOD_OBJECT "object"
/* Where: below its own name, which its certificate gives it with all below. */
#define DC_C3_NEWS "news"

/**
 * enum dc_c3_code - what came of asking for a grant
 * @DC_C3_UNREACHABLE: never on the wire: the client's deadline passed
 */
enum dc_c3_code {
	DC_C3_GRANTED = 0,
	DC_C3_MALFORMED = 1,
	DC_C3_GATEWAY = 2,	/* its certificate, role or signature is wrong */
	DC_C3_NONCE = 3,	/* old, used, or another SPA's: take a new one */
	DC_C3_RESERVED = 4,
	DC_C3_SUBTREE = 5,
	DC_C3_PROOF = 6,
	DC_C3_NO_POLICY = 7,
	DC_C3_TAKEN = 8,
	DC_C3_CAP = 9,
	DC_C3_BUSY = 10,	/* not now; it may be asked again */
	DC_C3_REVOKED = 11,	/* by hand; not before that grant's end */
	DC_C3_CODES,
	DC_C3_UNREACHABLE = 255,
};

/* A code's meaning in a few words, a constant; and its one word for JSON. */
const char *dc_c3_code_text(enum dc_c3_code code);
const char *dc_c3_code_word(enum dc_c3_code code);

struct dc_c3_nonce {
	uint8_t byte[DC_C3_NONCE_BYTES];
};

/**
 * struct dc_c3_fact - what a gateway's kernel knows of a pod
 * @text: "key=value", printable ASCII; the key is of [a-z0-9._-]
 */
struct dc_c3_fact {
	uint8_t len;
	char text[DC_C3_FACT_MAX];
};

/**
 * struct dc_c3_subject - who is to have the grant
 * @has_key: who holds @key; else the pod @pod
 * @binding_len: not 0: as @binding shows, an object of type 12 that was signed for
 *	the gateway's nonce; else as @proof does, over the SPA's nonce
 */
struct dc_c3_subject {
	bool has_key;
	uint8_t key[DC_KEY_BYTES];
	uint8_t proof[DC_SIGNATURE_BYTES];
	uint16_t binding_len;
	uint8_t binding[DC_BINDING_MAX];
	struct damc_name pod;
	uint32_t n_facts;
	struct dc_c3_fact fact[DC_C3_FACTS_MAX];
};

/**
 * struct dc_c3_request - a gateway asks for a grant
 * @gateway: who asks, and whose certificate @cert is
 * @nonce: the SPA's
 * @right: enum dc_right, a set
 * @lifetime: s, 0: what the SPA thinks right
 * @renews: hash of a grant that this one continues; all zero: none
 * @to: gateways that it may appear at; none: wherever the policy allows
 */
struct dc_c3_request {
	uint64_t domain;
	struct dc_node_id gateway;
	struct dc_c3_nonce nonce;
	struct damc_name name;
	uint8_t right;
	uint32_t lifetime;
	struct dc_hash renews;
	uint32_t n_to;
	struct dc_node_id to[DC_GATEWAYS_MAX];
	struct dc_c3_subject subject;
	const uint8_t *cert;
	size_t cert_len;
};

/**
 * struct dc_c3_answer - what an SPA says to that
 * @nonce: of the request that it answers
 * @next: for another request; all zero if there is none
 * @retry_ms: with DC_C3_BUSY, not before
 * @words: with a refusal, for people
 * @grant: with DC_C3_GRANTED, a whole object
 * @cert: the SPA's
 */
struct dc_c3_answer {
	enum dc_c3_code code;
	struct dc_node_id spa;
	struct dc_c3_nonce nonce;
	struct dc_c3_nonce next;
	uint32_t retry_ms;
	uint8_t words_len;
	char words[DC_C3_WORDS_MAX];
	const uint8_t *grant;
	size_t grant_len;
	const uint8_t *cert;
	size_t cert_len;
};

/* A gateway asks for nonces, an SPA gives some: they last @lifetime_ms. */
struct dc_c3_nonce_request {
	struct dc_node_id gateway;
	uint8_t count;
};

struct dc_c3_nonce_answer {
	struct dc_node_id spa;
	uint32_t lifetime_ms;
	uint32_t n;
	struct dc_c3_nonce nonce[DC_C3_NONCES_MAX];
};

/**
 * struct dc_c3_objects_request - a node asks for what it is to flood
 * @node: who asks, and is told of news from then on
 * @revocation: the number of the last revocation it has of this SPA
 * @rule: the number of the last call rule
 */
struct dc_c3_objects_request {
	struct dc_node_id node;
	uint64_t revocation;
	uint64_t rule;
};

/**
 * struct dc_c3_objects - certificate, beacon, revocations, call rules: in order
 * @more: there are more, ask again with @revocation and @rule
 */
struct dc_c3_objects {
	bool more;
	uint64_t revocation;
	uint64_t rule;
	uint32_t n;
	struct {
		const uint8_t *bytes;
		size_t len;
	} object[DC_C3_OBJECTS_MAX];
};

/*
 * Each reads what is one whole message and nothing more: 0 or -EBADMSG. Nothing
 * is verified but form.
 */
int dc_c3_request_read(struct dc_c3_request *request, const void *bytes,
		       size_t len);
int dc_c3_answer_read(struct dc_c3_answer *answer, const void *bytes,
		      size_t len);
int dc_c3_nonce_request_read(struct dc_c3_nonce_request *request,
			     const void *bytes, size_t len);
int dc_c3_nonce_answer_read(struct dc_c3_nonce_answer *answer,
			    const void *bytes, size_t len);
int dc_c3_objects_request_read(struct dc_c3_objects_request *request,
			       const void *bytes, size_t len);
int dc_c3_objects_read(struct dc_c3_objects *objects, const void *bytes,
		       size_t len);

/* Each writes to at most @size bytes: the length, or -EMSGSIZE. */
int dc_c3_nonce_request_write(const struct dc_c3_nonce_request *request,
			      uint8_t *buf, size_t size);
int dc_c3_nonce_answer_write(const struct dc_c3_nonce_answer *answer,
			     uint8_t *buf, size_t size);
int dc_c3_objects_request_write(const struct dc_c3_objects_request *request,
				uint8_t *buf, size_t size);
int dc_c3_objects_write(const struct dc_c3_objects *objects, uint8_t *buf,
			size_t size);

/* The same of what is signed, with @secret: the signature is written, too. */
int dc_c3_request_write(const struct dc_c3_request *request,
			const struct dc_crypto *crypto,
			const uint8_t secret[DC_SECRET_BYTES], uint8_t *buf,
			size_t size);
int dc_c3_answer_write(const struct dc_c3_answer *answer,
		       const struct dc_crypto *crypto,
		       const uint8_t secret[DC_SECRET_BYTES], uint8_t *buf,
		       size_t size);

/* Whether a message that was read is signed with the secret of @key. */
bool dc_c3_request_signed(const void *bytes, size_t len,
			  const struct dc_crypto *crypto,
			  const uint8_t key[DC_KEY_BYTES]);
bool dc_c3_answer_signed(const void *bytes, size_t len,
			 const struct dc_crypto *crypto,
			 const uint8_t key[DC_KEY_BYTES]);

/**
 * dc_c3_proof_bytes() - what the holder of a key signs to show that it is one
 * @nonce: the SPA's
 *
 * For one domain, nonce, gateway, name, right and key; good for nothing else.
 *
 * Return: bytes in @buf.
 */
size_t dc_c3_proof_bytes(uint8_t buf[DC_C3_PROOF_MAX], uint64_t domain,
			 const struct dc_c3_nonce *nonce,
			 const struct dc_node_id *gateway,
			 const struct damc_name *name, uint8_t right,
			 const uint8_t key[DC_KEY_BYTES]);

/* A set of rights that there can be: not both `name` and `member`. */
bool dc_c3_right_is_good(uint8_t right);

/*
 * Tell a fact of a pod. False, and it is left out: no message can have it, for the
 * value is not printable ASCII (as an interface's name need not be), or too long.
 */
bool dc_c3_fact_add(struct dc_c3_subject *subject, const char *key,
		    const char *value);

bool dc_c3_nonce_is_zero(const struct dc_c3_nonce *nonce);

#endif /* DC_CLASS3_H */
