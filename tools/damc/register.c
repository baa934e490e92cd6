// SPDX-License-Identifier: GPL-2.0
/*
 * damc register: offer a name at this pod's gateway (class 1), as the pod or as
 * the holder of a key, and keep it for as long as this runs.
 */
#include <errno.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "crypto.h"
#include "http.h"
#include "identity.h"

/* How long, and how often, a gateway that has gone is looked for. */
#define BACK_S 60
#define BACK_MS 200

#define MEMBER "member"
#define NAMES "/v1/names"
#define NONCE "/v1/nonce"

static const char usage[] =
	"Usage: damc register NAME [ member [ weight WEIGHT ] ] [ key FILE ]\n"
	"                     [ lease SECONDS ] [ at ADDRESS ]\n"
	"Registers NAME at this pod's gateway, prints its answer, and keeps the name until\n"
	"it is stopped; with lease, ends at once: the name then lasts for SECONDS.\n"
	"key: for the holder of the key in FILE (\"damc-spa key new DIR\" makes DIR/key),\n"
	"not for the pod; it is proven anew as long as this runs. A gateway that ends the\n"
	"connection is asked again for a minute.\n"
	"at: unix:PATH or HOST:PORT; else what DAMC_GATEWAY says.\n";

/**
 * struct reg - what is to be registered
 * @key_path: NULL: for the pod
 * @lasts: s until the key is to be proven anew; 0: never
 */
struct reg {
	struct damc_name name;
	char text[DAMC_NAME_TEXT_MAX];
	bool member;
	uint32_t weight;
	uint32_t lease;
	const char *key_path;
	const char *address;
	uint8_t key[DC_KEY_BYTES];
	uint8_t secret[DC_SECRET_BYTES];
	json_int_t lasts;
	int fd;
};

static int failed(const char *what, const char *why)
{
	fprintf(stderr, "damc: %s: %s\n", what, why);
	return CLI_KERNEL;
}

/* What a gateway says where it says no. */
static int refused(const json_t *answer)
{
	const char *hint = json_string_value(json_object_get(answer, "do"));
	const char *what = json_string_value(json_object_get(answer,
							     "message"));

	fprintf(stderr, "damc: the gateway: %s\n", what ?: "no");
	if (hint)
		fprintf(stderr, "%s\n", hint);
	return CLI_KERNEL;
}

static json_t *post(struct reg *reg, const char *path, json_t *body, int *ret)
{
	int status = 0;
	json_t *answer = http_post(reg->fd, path, body, &status);

	*ret = CLI_OK;
	if (!answer)
		*ret = failed(reg->address, strerror(errno));
	else if (status < 200 || status > 299)
		*ret = refused(answer);
	if (!*ret)
		return answer;
	json_decref(answer);
	return NULL;
}

/* ---- with a key -------------------------------------------------------- */

/* Nobody signs what he has not read: it is of this name, right and key. */
static bool is_as_wanted(const struct reg *reg, const uint8_t *message,
			 size_t len)
{
	uint8_t context[DC_OBJECT_SIGNED_MAX], bytes[DC_OBJECT_SIGNED_MAX];
	size_t before = dc_object_signed_bytes(context, context, 0);
	struct dc_binding binding;
	struct dc_object object;

	if (len <= before || len - before > DC_BINDING_MAX - DC_SIGNATURE_BYTES ||
	    memcmp(message, context, before))
		return false;
	memset(bytes, 0, sizeof(bytes));
	memcpy(bytes, message + before, len - before);
	return !dc_object_read(&object, bytes,
			       len - before + DC_SIGNATURE_BYTES, NULL) &&
	       object.type == DC_BINDING && !dc_binding_read(&binding, &object) &&
	       !binding.ended &&
	       binding.right == (reg->member ? DC_RIGHT_MEMBER :
				 DC_RIGHT_NAME) &&
	       damc_name_equal(&object.subject, &reg->name) &&
	       !memcmp(binding.key, reg->key, sizeof(reg->key));
}

static json_t *make_proof(const struct reg *reg, const char *text)
{
	const int variant = sodium_base64_VARIANT_ORIGINAL;
	uint8_t message[DC_OBJECT_SIGNED_MAX], signature[DC_SIGNATURE_BYTES];
	char made[sodium_base64_ENCODED_LEN(DC_SIGNATURE_BYTES,
					    sodium_base64_VARIANT_ORIGINAL)];
	size_t len;

	if (sodium_base642bin(message, sizeof(message), text, strlen(text),
			      NULL, &len, NULL, variant) ||
	    !is_as_wanted(reg, message, len)) {
		failed(reg->address, "what it gives to sign is something else");
		return NULL;
	}
	dc_ed25519.sign(signature, message, len, reg->secret);
	sodium_bin2base64(made, sizeof(made), signature, sizeof(signature),
			  variant);
	return json_pack("{s:s, s:s}", "signed", text, "signature", made);
}

static const char *right_of(const struct reg *reg)
{
	return reg->member ? MEMBER : "name";
}

static json_t *prove(struct reg *reg, int *ret)
{
	char key[2 * DC_KEY_BYTES + 1];
	json_t *answer, *proof = NULL;
	const char *text;

	sodium_bin2hex(key, sizeof(key), reg->key, sizeof(reg->key));
	answer = post(reg, NONCE,
		      json_pack("{s:s, s:s, s:s}", "name", reg->text, "right",
				right_of(reg), "key", key), ret);
	if (!answer)
		return NULL;
	text = json_string_value(json_object_get(answer, "sign"));
	if (text)
		proof = make_proof(reg, text);
	if (!proof)
		*ret = CLI_KERNEL;
	json_decref(answer);
	return proof;
}

/* ---- registering ------------------------------------------------------- */

static json_t *body_of(const struct reg *reg, json_t *proof)
{
	json_t *body = json_pack("{s:s, s:s}", "name", reg->text, "right",
				 right_of(reg));

	if (!body)
		return NULL;
	if (reg->member)
		json_object_set_new(body, "weight", json_integer(reg->weight));
	if (reg->lease)
		json_object_set_new(body, "lease", json_integer(reg->lease));
	if (proof)
		json_object_set_new(body, "proof", proof);
	return body;
}

static int register_once(struct reg *reg, bool tell)
{
	json_t *answer, *proof = NULL;
	int ret = CLI_OK;

	if (reg->key_path) {
		proof = prove(reg, &ret);
		if (!proof)
			return ret;
	}
	answer = post(reg, NAMES, body_of(reg, proof), &ret);
	if (!answer)
		return ret;
	reg->lasts = json_integer_value(json_object_get(answer, "proof-lasts"));
	if (tell) {
		json_dumpf(answer, stdout, JSON_COMPACT);
		putchar('\n');
		fflush(stdout);
	}
	json_decref(answer);
	return CLI_OK;
}

/* Wait until the proof's half, or the connection's end: whether that is over. */
static bool lost(const struct reg *reg)
{
	struct pollfd poll_fd = { .fd = reg->fd, .events = POLLIN };

	return poll(&poll_fd, 1, reg->lasts ? reg->lasts * 500 : -1);
}

/* A gateway that is started anew takes the name again. */
static int come_back(struct reg *reg)
{
	unsigned int i;
	int fd;

	failed(reg->address, "it ended the connection");
	for (i = 0; i < BACK_S * 1000 / BACK_MS; i++) {
		usleep(BACK_MS * 1000);
		fd = http_open(reg->address);
		if (fd < 0)
			continue;
		close(reg->fd);
		reg->fd = fd;
		if (!register_once(reg, true))
			return CLI_OK;
	}
	return CLI_KERNEL;
}

static int keep(struct reg *reg)
{
	int ret = CLI_OK;

	while (!ret)
		ret = lost(reg) ? come_back(reg) : register_once(reg, false);
	return ret;
}

static int run_at(struct reg *reg)
{
	int ret;

	reg->fd = http_open(reg->address);
	if (reg->fd < 0)
		return failed(reg->address, strerror(-reg->fd));
	ret = register_once(reg, true);
	if (!ret && !reg->lease)
		ret = keep(reg);
	close(reg->fd);
	return ret;
}

static int load_key(struct reg *reg)
{
	char why[DC_WHY_MAX];

	if (!reg->key_path ||
	    !dc_key_load(reg->key, reg->secret, reg->key_path, why))
		return CLI_OK;
	return failed("key", why);
}

static int read_args(struct cli_args *args, struct reg *reg)
{
	char *key = NULL, *at = getenv("DAMC_GATEWAY");
	struct cli_key keys[] = {
		{ .key = "weight", .take = cli_take_u32, .to = &reg->weight,
		  .min = 1, .max = DAMC_WEIGHT_MAX },
		{ .key = "key", .take = cli_take_text, .to = &key },
		{ .key = "lease", .take = cli_take_u32, .to = &reg->lease,
		  .min = 5, .max = 86400 },
		{ .key = "at", .take = cli_take_text, .to = &at },
		{ 0 },
	};
	const char *word;
	int ret = cli_name_arg(args, &reg->name);

	if (ret)
		return ret;
	word = cli_peek(args);
	if (word && !strcmp(word, MEMBER)) {
		cli_take(args);
		reg->member = true;
	}
	ret = cli_keys(args, keys, NULL, "register");
	if (ret)
		return ret;
	if (!reg->member && keys[0].seen)
		return cli_wrong("weight", "only a member has one");
	if (!at)
		return cli_required("at");
	reg->key_path = key;
	reg->address = at;
	return CLI_OK;
}

static int run(struct cli_args *args)
{
	struct reg reg = { .weight = 1 };
	int ret = read_args(args, &reg);

	if (ret)
		return ret;
	if (damc_name_format(&reg.name, reg.text, sizeof(reg.text)) < 0)
		return cli_incomplete();
	ret = load_key(&reg);
	if (!ret)
		ret = run_at(&reg);
	sodium_memzero(reg.secret, sizeof(reg.secret));
	return ret;
}

const struct cli_object cli_register = {
	.name = "register",
	.usage = usage,
	.run = run,
};
