// SPDX-License-Identifier: GPL-2.0
#include <netinet/in.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "class1_json.h"
#include "object_json.h"

static bool fail(struct class1_problem *problem, int status, const char *code,
		 const char *hint, const char *message, ...)
	__attribute__((format(printf, 5, 6)));

/* What is quoted may be cut within a character, and JSON takes none that is. */
static void to_ascii(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= 0x80)
			*text = '?';
}

static bool fail(struct class1_problem *problem, int status, const char *code,
		 const char *hint, const char *message, ...)
{
	va_list args;

	problem->status = status;
	problem->code = code;
	problem->hint = hint;
	va_start(args, message);
	vsnprintf(problem->message, sizeof(problem->message), message, args);
	va_end(args);
	to_ascii(problem->message);
	return false;
}

bool class1_name(struct damc_name *name, const char *text, size_t len,
		 struct class1_problem *problem)
{
	const char *why = "it is too long";
	char copy[DAMC_NAME_TEXT_MAX];

	if (len < sizeof(copy)) {
		memcpy(copy, text, len);
		copy[len] = '\0';
		if (strlen(copy) == len && !damc_name_parse(name, copy, &why))
			return true;
	}
	return fail(problem, 400, "bad-name",
		    "A name is a path such as /shop/cart/3; what is no letter, digit or -._~ is written %XX.",
		    "This is no name: %s.", why ?: "it is too long");
}

static bool is_bad(struct class1_problem *problem, const char *key,
		   const char *what)
{
	return fail(problem, 400, "bad-request",
		    "See class1.yaml, the API's description.",
		    "\"%s\" has to be %s.", key, what);
}

static bool take_name(struct damc_name *name, json_t *value,
		      struct class1_problem *problem)
{
	if (!json_is_string(value))
		return is_bad(problem, "name", "a text");
	return class1_name(name, json_string_value(value),
			   json_string_length(value), problem);
}

static bool take_right(uint8_t *right, json_t *value,
		       struct class1_problem *problem)
{
	const char *word = value ? json_string_value(value) : "name";

	if (word && !strcmp(word, "name"))
		*right = DC_RIGHT_NAME;
	else if (word && !strcmp(word, "member"))
		*right = DC_RIGHT_MEMBER;
	else
		return is_bad(problem, "right", "\"name\" or \"member\"");
	return true;
}

static bool take_number(uint32_t *to, json_t *value, json_int_t min,
			json_int_t max, const char *key, const char *what,
			struct class1_problem *problem)
{
	if (!value)
		return true;
	if (!json_is_integer(value) || json_integer_value(value) < min ||
	    json_integer_value(value) > max)
		return is_bad(problem, key, what);
	*to = json_integer_value(value);
	return true;
}

static bool take_lease(uint32_t *lease_s, json_t *value,
		       struct class1_problem *problem)
{
	const char *word = json_string_value(value);

	if (word && !strcmp(word, "connection")) {
		*lease_s = 0;
		return true;
	}
	if (word)
		value = json_null();
	return take_number(lease_s, value, DC_REG_LEASE_MIN, DC_REG_LEASE_MAX,
			   "lease", "\"connection\" or 5 to 86400 seconds",
			   problem);
}

static bool take_protocol(uint8_t *protocol, json_t *value,
			  struct class1_problem *problem)
{
	const char *word = value ? json_string_value(value) : "";

	if (word && !*word)
		*protocol = 0;
	else if (word && !strcmp(word, "tcp"))
		*protocol = IPPROTO_TCP;
	else if (word && !strcmp(word, "udp"))
		*protocol = IPPROTO_UDP;
	else
		return is_bad(problem, "protocol", "\"tcp\" or \"udp\"");
	return true;
}

/* A typing error is not to register something else than was meant. */
static bool known(json_t *body, const char *const *keys,
		  struct class1_problem *problem)
{
	const char *key;
	json_t *value;
	int i;

	json_object_foreach(body, key, value) {
		for (i = 0; keys[i] && strcmp(keys[i], key); i++)
			;
		if (!keys[i])
			return fail(problem, 400, "bad-request",
				    "See class1.yaml, the API's description.",
				    "There is no key \"%.40s\".", key);
	}
	return true;
}

static json_t *parse(const void *body, size_t len,
		     struct class1_problem *problem)
{
	json_error_t error;
	json_t *json;

	json = json_loadb(body, len, JSON_REJECT_DUPLICATES, &error);
	if (json_is_object(json))
		return json;
	fail(problem, 400, "bad-json",
	     "Send a JSON object, with Content-Type: application/json.",
	     "This is no JSON object (line %d, column %d: %.80s).",
	     json ? 1 : error.line, json ? 1 : error.column,
	     json ? "something else" : error.text);
	json_decref(json);
	return NULL;
}

/* Base64 as openssl and base64(1) write it: the bytes' number, -1 for none. */
static int from_base64(uint8_t *to, size_t size, json_t *value)
{
	const char *text = json_string_value(value);
	size_t len;

	if (!text ||
	    sodium_base642bin(to, size, text, json_string_length(value), " \r\n",
			      &len, NULL, sodium_base64_VARIANT_ORIGINAL))
		return -1;
	return len;
}

/* What was signed begins with what all objects' signatures begin with. */
const char *class1_proof(struct dc_reg_proof *proof, const void *text,
			 size_t len, const void *signature,
			 size_t signature_len)
{
	uint8_t context[DC_OBJECT_SIGNED_MAX];
	size_t before = dc_object_signed_bytes(context, (const uint8_t *)"", 0);

	if (len <= before || memcmp(text, context, before) ||
	    len - before > DC_BINDING_MAX - DC_SIGNATURE_BYTES)
		return "signed";
	if (signature_len != DC_SIGNATURE_BYTES)
		return "signature";
	len -= before;
	memcpy(proof->binding, (const uint8_t *)text + before, len);
	memcpy(proof->binding + len, signature, signature_len);
	proof->binding_len = len + signature_len;
	return NULL;
}

static bool take_proof(struct dc_reg_proof *proof, json_t *value,
		       struct class1_problem *problem)
{
	static const char *const keys[] = { "signed", "signature", NULL };
	uint8_t text[DC_OBJECT_SIGNED_MAX], signature[DC_SIGNATURE_BYTES];
	const char *none;
	int len, n;

	proof->binding_len = 0;
	if (!value)
		return true;
	if (!json_is_object(value))
		return is_bad(problem, "proof", "an object");
	if (!known(value, keys, problem))
		return false;
	len = from_base64(text, sizeof(text), json_object_get(value, "signed"));
	n = from_base64(signature, sizeof(signature),
			json_object_get(value, "signature"));
	none = class1_proof(proof, text, len < 0 ? 0 : len, signature,
			    n < 0 ? 0 : n);
	if (!none)
		return true;
	if (!strcmp(none, "signed"))
		return is_bad(problem, none,
			      "what POST /v1/nonce gave as \"sign\"");
	return is_bad(problem, none, "64 bytes in base64");
}

static bool take_want(struct dc_reg_want *want, json_t *body,
		      struct class1_problem *problem)
{
	static const char *const keys[] = {
		"name", "right", "weight", "lease", "protocol", "port",
		"proof", NULL
	};
	uint32_t weight = 1, port = 0;

	want->lease_s = 0;
	if (!known(body, keys, problem) ||
	    !take_name(&want->name, json_object_get(body, "name"), problem) ||
	    !take_right(&want->right, json_object_get(body, "right"),
			problem) ||
	    !take_number(&weight, json_object_get(body, "weight"), 1,
			 DAMC_WEIGHT_MAX, "weight", "1 to 65535", problem) ||
	    !take_lease(&want->lease_s, json_object_get(body, "lease"),
			problem) ||
	    !take_protocol(&want->protocol, json_object_get(body, "protocol"),
			   problem) ||
	    !take_number(&port, json_object_get(body, "port"), 1, 65535,
			 "port", "1 to 65535", problem) ||
	    !take_proof(&want->proof, json_object_get(body, "proof"), problem))
		return false;
	want->weight = weight;
	want->port = port;
	return true;
}

bool class1_want(struct dc_reg_want *want, const void *body, size_t len,
		 struct class1_problem *problem)
{
	json_t *json = parse(body, len, problem);
	struct dc_reg_want read = *want;
	bool ok = json && take_want(&read, json, problem);

	json_decref(json);
	if (ok)
		*want = read;
	return ok;
}

static bool take_key(uint8_t key[DC_KEY_BYTES], json_t *value,
		     struct class1_problem *problem)
{
	const char *text = json_string_value(value);
	const char *end;
	size_t len;

	if (!text || sodium_hex2bin(key, DC_KEY_BYTES, text, strlen(text), NULL,
				    &len, &end) || *end || len != DC_KEY_BYTES)
		return is_bad(problem, "key",
			      "an Ed25519 public key, 64 hexadecimal digits");
	return true;
}

bool class1_claim(struct dc_proof_claim *claim, const void *body, size_t len,
		  struct class1_problem *problem)
{
	static const char *const keys[] = { "name", "right", "key", NULL };
	json_t *json = parse(body, len, problem);
	bool ok;

	ok = json && known(json, keys, problem) &&
	     take_name(&claim->name, json_object_get(json, "name"), problem) &&
	     take_right(&claim->right, json_object_get(json, "right"),
			problem) &&
	     take_key(claim->key, json_object_get(json, "key"), problem);
	json_decref(json);
	return ok;
}

bool class1_renewal(json_t **names, uint32_t *lease_s, const void *body,
		    size_t len, struct class1_problem *problem)
{
	static const char *const keys[] = { "names", "lease", NULL };
	json_t *json = parse(body, len, problem);
	bool ok;

	*lease_s = 0;
	*names = json_object_get(json, "names");
	ok = json && known(json, keys, problem) &&
	     take_number(lease_s, json_object_get(json, "lease"),
			 DC_REG_LEASE_MIN, DC_REG_LEASE_MAX, "lease",
			 "5 to 86400 seconds", problem);
	if (ok && !json_is_array(*names))
		ok = is_bad(problem, "names", "a list of names");
	if (ok)
		json_incref(*names);
	json_decref(json);
	return ok;
}

static const struct {
	int status;
	const char *message;
	const char *hint;
} problems[] = {
	[DC_REG_TAKEN] = { 409, "The name is in use",
		"End the other registration, or take another name; instances are members." },
	[DC_REG_RESERVED] = { 403, "No pod may register this name",
		"Take one not below /damc, /pod, /localhost or /localhop, of 100 bytes at most." },
	[DC_REG_FULL] = { 503, "There is no room",
		"Withdraw names that are not needed, or use another gateway." },
	[DC_REG_REFUSED] = { 403, "The registration is not authorised",
		"Ask who runs the domain for a grant of this name and right (damc-spa)." },
	[DC_REG_NO_SPA] = { 503, "Nobody could authorise the registration",
		"Try again later: no SPA answered, and no grant of this name is kept here." },
	[DC_REG_NOT_BOUND] = { 409, "The gateway's kernel did not take the name",
		"See the reason; a name that is a pool can't be a name as well." },
	[DC_REG_NOT_ANNOUNCED] = { 503, "The gateway may not announce the name",
		"Its certificate or the grant does not cover it: ask who runs the gateway." },
	[DC_REG_ENDED] = { 409, "The registration ended before it was answered",
		"Register again if the name is still wanted." },
};

void class1_problem_of(const struct dc_reg_outcome *outcome,
		       struct class1_problem *problem)
{
	const char *reason = outcome->reason;

	fail(problem, problems[outcome->code].status,
	     dc_reg_code_text(outcome->code), problems[outcome->code].hint,
	     "%s%s%s.", problems[outcome->code].message, *reason ? ": " : "",
	     reason);
}

void class1_problem_of_proof(enum dc_proof_code code,
			     struct class1_problem *problem)
{
	bool busy = code == DC_PROOF_BUSY;

	fail(problem, busy ? 503 : 403, busy ? "full" : "bad-proof",
	     "Ask for a new nonce, sign what comes with it, and register within a minute.",
	     "The proof does not count: %s.", dc_proof_text(code));
}

json_t *class1_offer_json(const struct dc_node_id *gateway, uint32_t epoch,
			  const uint8_t *binding, size_t len)
{
	uint8_t message[DC_OBJECT_SIGNED_MAX];
	size_t n = dc_object_signed_bytes(message, binding, len);
	char text[sodium_base64_ENCODED_LEN(DC_OBJECT_SIGNED_MAX,
					    sodium_base64_VARIANT_ORIGINAL)];

	sodium_bin2base64(text, sizeof(text), message, n,
			  sodium_base64_VARIANT_ORIGINAL);
	return json_pack("{s:s, s:I, s:o, s:i, s:i}", "sign", text, "epoch",
			 (json_int_t)epoch, "gateway", object_id_json(gateway),
			 "seconds", DC_PROOF_NONCE_S, "lasts",
			 DC_BINDING_LIFE_S);
}

json_t *class1_problem_json(const struct class1_problem *problem)
{
	return json_pack("{s:s, s:s, s:s}", "code", problem->code, "message",
			 problem->message, "do", problem->hint);
}

static json_t *lease_json(const struct dc_reg_entry *entry, uint64_t now_us)
{
	if (entry->lease_us == UINT64_MAX)
		return json_string("connection");
	if (entry->lease_us <= now_us)
		return json_integer(0);
	return json_integer((entry->lease_us - now_us + 999999) / 1000000);
}

uint32_t class1_proof_lasts(const struct dc_reg_want *want, uint64_t now_us)
{
	uint64_t until_us = want->proof.until_us;

	return until_us > now_us ? (until_us - now_us) / 1000000 : 0;
}

static const char *state_text(enum dc_reg_state state)
{
	static const char *const text[] = {
		[DC_REG_ASKING] = "asking",
		[DC_REG_ACTIVE] = "registered",
		[DC_REG_DRAINING] = "draining",
	};

	return text[state];
}

json_t *class1_entry_json(const struct dc_reg_entry *entry, bool own,
			  uint64_t now_us)
{
	const struct dc_reg_want *want = &entry->want;
	bool member = want->right == DC_RIGHT_MEMBER;
	char name[DAMC_NAME_TEXT_MAX];
	json_t *json;

	damc_name_format(&want->name, name, sizeof(name));
	json = json_pack("{s:s, s:s, s:s}", "name", name, "right",
			 member ? "member" : "name", "state",
			 state_text(entry->state));
	if (!json)
		return NULL;
	if (member)
		json_object_set_new(json, "weight", json_integer(want->weight));
	if (want->protocol == IPPROTO_TCP)
		json_object_set_new(json, "protocol", json_string("tcp"));
	if (want->protocol == IPPROTO_UDP)
		json_object_set_new(json, "protocol", json_string("udp"));
	if (want->port)
		json_object_set_new(json, "port", json_integer(want->port));
	if (own)
		json_object_set_new(json, "lease", lease_json(entry, now_us));
	if (own && want->has_key)
		json_object_set_new(json, "proof-lasts",
				    json_integer(class1_proof_lasts(want,
								    now_us)));
	return json;
}
