// SPDX-License-Identifier: GPL-2.0
/* Class 3: asking for a grant, and the answer. */
#include <errno.h>
#include <stdio.h>

#include "class3.h"
#include "class3_msg.h"

/* What is said of who is to have the grant. */
enum subject_kind {
	SUBJECT_POD = 1,
	SUBJECT_KEY_SPA_NONCE = 2,
	SUBJECT_KEY_BOUND = 3,
};

static const char proof_context[] = "damc class 3 proof";
static const char request_context[] = "damc class 3 request";
static const char answer_context[] = "damc class 3 answer";

static const struct {
	const char *word;
	const char *text;
} codes[DC_C3_CODES] = {
	[DC_C3_GRANTED] = { "granted", "granted" },
	[DC_C3_MALFORMED] = { "malformed", "the request breaks the protocol" },
	[DC_C3_GATEWAY] = {
		"gateway", "the gateway is not one that the domain knows"
	},
	[DC_C3_NONCE] = { "nonce", "the nonce is old, used, or of another SPA" },
	[DC_C3_RESERVED] = { "reserved", "no pod may have a reserved name" },
	[DC_C3_SUBTREE] = { "subtree", "not of a subtree that is this SPA's" },
	[DC_C3_PROOF] = { "proof", "the proof of the subject is wrong" },
	[DC_C3_NO_POLICY] = { "no-policy", "no policy allows it" },
	[DC_C3_TAKEN] = { "taken", "the name is another's" },
	[DC_C3_CAP] = { "cap", "over a cap of the policy" },
	[DC_C3_BUSY] = { "busy", "the SPA can't just now" },
	[DC_C3_REVOKED] = { "revoked", "it was revoked" },
};

const char *dc_c3_code_text(enum dc_c3_code code)
{
	if (code == DC_C3_UNREACHABLE)
		return "no SPA answered by the deadline";
	return code < DC_C3_CODES ? codes[code].text : "a code that is none";
}

const char *dc_c3_code_word(enum dc_c3_code code)
{
	if (code == DC_C3_UNREACHABLE)
		return "unreachable";
	return code < DC_C3_CODES ? codes[code].word : "unknown";
}

bool dc_c3_nonce_is_zero(const struct dc_c3_nonce *nonce)
{
	static const struct dc_c3_nonce zero;

	return !memcmp(nonce, &zero, sizeof(zero));
}

/* ---- signatures -------------------------------------------------------- */

/* The context and its zero go before what is signed: nothing else has them. */
static size_t signed_bytes(uint8_t *to, const char *context, size_t context_len,
			   const void *bytes, size_t len)
{
	memcpy(to, context, context_len);
	memcpy(to + context_len, bytes, len);
	return context_len + len;
}

static int finish(struct dc_out *out, const struct dc_crypto *crypto,
		  const uint8_t *secret, const char *context,
		  size_t context_len)
{
	uint8_t whole[DC_C3_REQUEST_MAX + sizeof(request_context)];
	uint8_t signature[DC_SIGNATURE_BYTES];
	size_t len;

	if (out->full || out->len > DC_C3_REQUEST_MAX)
		return -EMSGSIZE;
	len = signed_bytes(whole, context, context_len, out->at,
			   out->len);
	crypto->sign(signature, whole, len, secret);
	dc_put_bytes(out, signature, sizeof(signature));
	return dc_out_end(out);
}

static bool is_signed(const void *bytes, size_t len,
		      const struct dc_crypto *crypto, const uint8_t *key,
		      const char *context, size_t context_len)
{
	uint8_t whole[DC_C3_REQUEST_MAX + sizeof(request_context)];
	size_t body;

	if (len < DC_SIGNATURE_BYTES || len > DC_C3_REQUEST_MAX)
		return false;
	body = len - DC_SIGNATURE_BYTES;
	return crypto->verify((const uint8_t *)bytes + body, whole,
			      signed_bytes(whole, context, context_len, bytes,
					   body), key);
}

bool dc_c3_request_signed(const void *bytes, size_t len,
			  const struct dc_crypto *crypto,
			  const uint8_t key[DC_KEY_BYTES])
{
	return is_signed(bytes, len, crypto, key, request_context,
			 sizeof(request_context));
}

bool dc_c3_answer_signed(const void *bytes, size_t len,
			 const struct dc_crypto *crypto,
			 const uint8_t key[DC_KEY_BYTES])
{
	return is_signed(bytes, len, crypto, key, answer_context,
			 sizeof(answer_context));
}

size_t dc_c3_proof_bytes(uint8_t buf[DC_C3_PROOF_MAX], uint64_t domain,
			 const struct dc_c3_nonce *nonce,
			 const struct dc_node_id *gateway,
			 const struct damc_name *name, uint8_t right,
			 const uint8_t key[DC_KEY_BYTES])
{
	struct dc_out out = { .at = buf, .room = DC_C3_PROOF_MAX };

	dc_put_bytes(&out, proof_context, sizeof(proof_context));
	dc_put(&out, domain, 8);
	dc_put_bytes(&out, nonce->byte, sizeof(nonce->byte));
	dc_put_node_id(&out, gateway);
	dc_put_name(&out, name);
	dc_put(&out, right, 1);
	dc_put_bytes(&out, key, DC_KEY_BYTES);
	return out.len;
}

/* ---- a request --------------------------------------------------------- */

static bool is_key_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
	       c == '_' || c == '-';
}

static bool fact_is_good(const struct dc_c3_fact *fact)
{
	size_t i = 0;

	while (i < fact->len && is_key_char(fact->text[i]))
		i++;
	if (!i || i == fact->len || fact->text[i] != '=')
		return false;
	for (; i < fact->len; i++) {
		if (fact->text[i] < ' ' || fact->text[i] > '~')
			return false;
	}
	return true;
}

bool dc_c3_fact_add(struct dc_c3_subject *subject, const char *key,
		    const char *value)
{
	char text[DC_C3_FACT_MAX + 1];
	int len = snprintf(text, sizeof(text), "%s=%s", key, value);
	struct dc_c3_fact fact = { .len = len };

	if (len < 0 || len > DC_C3_FACT_MAX ||
	    subject->n_facts == DC_C3_FACTS_MAX)
		return false;
	memcpy(fact.text, text, len);
	if (!fact_is_good(&fact))
		return false;
	subject->fact[subject->n_facts++] = fact;
	return true;
}

static void take_fact(struct dc_in *in, struct dc_c3_fact *fact)
{
	size_t len = dc_get(in, 1);

	if (len > DC_C3_FACT_MAX) {
		in->bad = true;
		return;
	}
	fact->len = len;
	dc_get_bytes(in, fact->text, len);
	if (!in->bad && !fact_is_good(fact))
		in->bad = true;
}

static void take_pod(struct dc_in *in, struct dc_c3_subject *subject)
{
	uint32_t i;

	dc_get_name(in, &subject->pod);
	subject->n_facts = dc_get(in, 1);
	if (subject->n_facts > DC_C3_FACTS_MAX)
		in->bad = true;
	for (i = 0; !in->bad && i < subject->n_facts; i++)
		take_fact(in, &subject->fact[i]);
}

static void take_key(struct dc_in *in, struct dc_c3_subject *subject)
{
	subject->has_key = true;
	dc_get_bytes(in, subject->key, sizeof(subject->key));
	dc_get_bytes(in, subject->proof, sizeof(subject->proof));
}

static void take_binding(struct dc_in *in, struct dc_c3_subject *subject)
{
	struct dc_binding binding;
	struct dc_object object;
	const uint8_t *bytes;
	size_t len;

	subject->has_key = true;
	bytes = c3_get_long(in, &len, DC_BINDING_MAX);
	if (in->bad || dc_object_read(&object, bytes, len, NULL) ||
	    object.type != DC_BINDING || dc_binding_read(&binding, &object)) {
		in->bad = true;
		return;
	}
	memcpy(subject->key, binding.key, sizeof(subject->key));
	memcpy(subject->binding, bytes, len);
	subject->binding_len = len;
}

static void take_subject(struct dc_in *in, struct dc_c3_subject *subject)
{
	switch (dc_get(in, 1)) {
	case SUBJECT_POD:
		take_pod(in, subject);
		break;
	case SUBJECT_KEY_BOUND:
		take_binding(in, subject);
		break;
	case SUBJECT_KEY_SPA_NONCE:
		take_key(in, subject);
		break;
	default:
		in->bad = true;
	}
}

/* A set has nothing twice. */
static bool is_twice(const struct dc_c3_request *request, uint32_t index)
{
	uint32_t i;

	for (i = 0; i < index; i++) {
		if (dc_node_id_equal(&request->to[i], &request->to[index]))
			return true;
	}
	return false;
}

/* A name is a pool or a `name`. */
bool dc_c3_right_is_good(uint8_t right)
{
	const uint8_t both = DC_RIGHT_NAME | DC_RIGHT_MEMBER;

	return right && !(right & ~DC_RIGHTS) && (right & both) != both;
}

static void take_gateways(struct dc_in *in, struct dc_c3_request *request)
{
	uint32_t i;

	request->n_to = dc_get(in, 1);
	if (request->n_to > DC_GATEWAYS_MAX)
		in->bad = true;
	for (i = 0; !in->bad && i < request->n_to; i++) {
		dc_get_node_id(in, &request->to[i]);
		if (is_twice(request, i))
			in->bad = true;
	}
}

int dc_c3_request_read(struct dc_c3_request *request, const void *bytes,
		       size_t len)
{
	struct dc_in in;

	memset(request, 0, sizeof(*request));
	c3_open(&in, bytes, len, C3_GRANT_REQUEST);
	request->domain = dc_get(&in, 8);
	dc_get_node_id(&in, &request->gateway);
	dc_get_bytes(&in, request->nonce.byte, sizeof(request->nonce.byte));
	dc_get_name(&in, &request->name);
	request->right = dc_get(&in, 1);
	request->lifetime = dc_get(&in, 4);
	dc_get_bytes(&in, request->renews.byte, sizeof(request->renews.byte));
	take_gateways(&in, request);
	take_subject(&in, &request->subject);
	request->cert = c3_get_long(&in, &request->cert_len, DC_OBJECT_MAX);
	dc_take(&in, DC_SIGNATURE_BYTES);
	if (!dc_c3_right_is_good(request->right))
		return -EBADMSG;
	return dc_in_end(&in);
}

static void put_pod(struct dc_out *out, const struct dc_c3_subject *subject)
{
	uint32_t i;

	dc_put(out, SUBJECT_POD, 1);
	dc_put_name(out, &subject->pod);
	dc_put(out, subject->n_facts, 1);
	for (i = 0; i < subject->n_facts; i++) {
		dc_put(out, subject->fact[i].len, 1);
		dc_put_bytes(out, subject->fact[i].text, subject->fact[i].len);
	}
}

static void put_subject(struct dc_out *out, const struct dc_c3_subject *subject)
{
	if (!subject->has_key) {
		put_pod(out, subject);
		return;
	}
	if (subject->binding_len) {
		dc_put(out, SUBJECT_KEY_BOUND, 1);
		c3_put_long(out, subject->binding, subject->binding_len);
		return;
	}
	dc_put(out, SUBJECT_KEY_SPA_NONCE, 1);
	dc_put_bytes(out, subject->key, sizeof(subject->key));
	dc_put_bytes(out, subject->proof, sizeof(subject->proof));
}

int dc_c3_request_write(const struct dc_c3_request *request,
			const struct dc_crypto *crypto,
			const uint8_t secret[DC_SECRET_BYTES], uint8_t *buf,
			size_t size)
{
	struct dc_out out;
	uint32_t i;

	c3_begin(&out, buf, size, C3_GRANT_REQUEST);
	dc_put(&out, request->domain, 8);
	dc_put_node_id(&out, &request->gateway);
	dc_put_bytes(&out, request->nonce.byte, sizeof(request->nonce.byte));
	dc_put_name(&out, &request->name);
	dc_put(&out, request->right, 1);
	dc_put(&out, request->lifetime, 4);
	dc_put_bytes(&out, request->renews.byte, sizeof(request->renews.byte));
	dc_put(&out, request->n_to, 1);
	for (i = 0; i < request->n_to; i++)
		dc_put_node_id(&out, &request->to[i]);
	put_subject(&out, &request->subject);
	c3_put_long(&out, request->cert, request->cert_len);
	return finish(&out, crypto, secret, request_context,
		      sizeof(request_context));
}

/* ---- an answer --------------------------------------------------------- */

static void take_words(struct dc_in *in, struct dc_c3_answer *answer)
{
	size_t len = dc_get(in, 1);
	size_t i;

	if (len > DC_C3_WORDS_MAX) {
		in->bad = true;
		return;
	}
	answer->words_len = len;
	dc_get_bytes(in, answer->words, len);
	for (i = 0; i < len; i++) {
		if (answer->words[i] < ' ' || answer->words[i] > '~')
			in->bad = true;
	}
}

int dc_c3_answer_read(struct dc_c3_answer *answer, const void *bytes,
		      size_t len)
{
	struct dc_in in;
	bool granted;

	memset(answer, 0, sizeof(*answer));
	c3_open(&in, bytes, len, C3_GRANT_ANSWER);
	answer->code = dc_get(&in, 1);
	dc_get_node_id(&in, &answer->spa);
	dc_get_bytes(&in, answer->nonce.byte, sizeof(answer->nonce.byte));
	dc_get_bytes(&in, answer->next.byte, sizeof(answer->next.byte));
	answer->retry_ms = dc_get(&in, 4);
	take_words(&in, answer);
	answer->grant = c3_get_long(&in, &answer->grant_len, DC_OBJECT_MAX);
	answer->cert = c3_get_long(&in, &answer->cert_len, DC_OBJECT_MAX);
	dc_take(&in, DC_SIGNATURE_BYTES);
	granted = answer->code == DC_C3_GRANTED;
	if (answer->code >= DC_C3_CODES || granted == !answer->grant_len)
		return -EBADMSG;
	return dc_in_end(&in);
}

int dc_c3_answer_write(const struct dc_c3_answer *answer,
		       const struct dc_crypto *crypto,
		       const uint8_t secret[DC_SECRET_BYTES], uint8_t *buf,
		       size_t size)
{
	struct dc_out out;

	c3_begin(&out, buf, size, C3_GRANT_ANSWER);
	dc_put(&out, answer->code, 1);
	dc_put_node_id(&out, &answer->spa);
	dc_put_bytes(&out, answer->nonce.byte, sizeof(answer->nonce.byte));
	dc_put_bytes(&out, answer->next.byte, sizeof(answer->next.byte));
	dc_put(&out, answer->retry_ms, 4);
	dc_put(&out, answer->words_len, 1);
	dc_put_bytes(&out, answer->words, answer->words_len);
	c3_put_long(&out, answer->grant, answer->grant_len);
	c3_put_long(&out, answer->cert, answer->cert_len);
	return finish(&out, crypto, secret, answer_context,
		      sizeof(answer_context));
}
