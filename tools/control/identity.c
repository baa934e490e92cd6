// SPDX-License-Identifier: GPL-2.0
/* See identity.h. Text files are read strictly: a typing error is told, not guessed. */
#include <errno.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "identity_file.h"

#define SEED_BYTES 32
#define HEX_LEN (2 * DC_KEY_BYTES)
#define YEAR_MS (365ull * 24 * 3600 * 1000)
#define LAB_PREFIXES 1000000
#define LAB_LSAS 1000

static const uint8_t no_key[DC_KEY_BYTES];

/* 32 bytes from 64 hexadecimal digits, the whole of @text. */
static bool from_hex(uint8_t *bytes, const char *text)
{
	size_t len;
	const char *end;

	return strlen(text) == HEX_LEN &&
	       !sodium_hex2bin(bytes, DC_KEY_BYTES, text, HEX_LEN, NULL, &len,
			       &end) &&
	       len == DC_KEY_BYTES;
}

static int join(char path[PATH_MAX], const char *dir, const char *file,
		char why[DC_WHY_MAX])
{
	if (snprintf(path, PATH_MAX, "%s/%s", dir, file) >= PATH_MAX)
		return dc_fault(why, -ENAMETOOLONG, dir, "is too long a path");
	return 0;
}

/* ---- anchor.txt -------------------------------------------------------- */

/* "WORD VALUE": what is wrong, or NULL. */
static const char *anchor_line(struct dc_identity *identity, char *line)
{
	char *value = strchr(line, ' ');

	if (!value)
		return "is not a word, a space and a value";
	*value++ = '\0';
	if (!strcmp(line, "domain")) {
		if (!*value || strlen(value) >= sizeof(identity->domain))
			return "has a domain of no or more than 63 bytes";
		strcpy(identity->domain, value);
		return NULL;
	}
	if (!strcmp(line, "anchor"))
		return from_hex(identity->anchor[0], value) ? NULL :
			"has no key of 64 hexadecimal digits";
	if (!strcmp(line, "next"))
		return from_hex(identity->anchor[1], value) ? NULL :
			"has no key of 64 hexadecimal digits";
	return "begins with none of domain, anchor, next";
}

int dc_anchor_load(struct dc_identity *identity, const char *path,
		   char why[DC_WHY_MAX])
{
	char text[DC_FILE_MAX + 1], *line, *at = text;
	const char *fault;
	unsigned int number = 0;
	int len;

	len = dc_file_read(path, text, false, why);
	if (len < 0)
		return len;
	text[len] = '\0';
	if (strlen(text) != (size_t)len)
		return dc_fault(why, -EINVAL, path, "is not text");
	memset(identity->domain, 0, sizeof(identity->domain));
	memset(identity->anchor, 0, sizeof(identity->anchor));
	while ((line = strsep(&at, "\n"))) {
		number++;
		if (!*line || *line == '#')
			continue;
		fault = anchor_line(identity, line);
		if (fault)
			return dc_fault(why, -EINVAL, path, "line %u %s",
					number, fault);
	}
	if (!identity->domain[0])
		return dc_fault(why, -EINVAL, path, "has no domain");
	if (!memcmp(identity->anchor[0], no_key, DC_KEY_BYTES))
		return dc_fault(why, -EINVAL, path, "has no anchor");
	return 0;
}

int dc_anchor_store(const struct dc_identity *identity, const char *path,
		    char why[DC_WHY_MAX])
{
	char hex[HEX_LEN + 1], text[DC_FILE_MAX];
	int len;

	sodium_bin2hex(hex, sizeof(hex), identity->anchor[0], DC_KEY_BYTES);
	len = snprintf(text, sizeof(text), "domain %s\nanchor %s\n",
		       identity->domain, hex);
	if (memcmp(identity->anchor[1], no_key, DC_KEY_BYTES)) {
		sodium_bin2hex(hex, sizeof(hex), identity->anchor[1],
			       DC_KEY_BYTES);
		len += snprintf(text + len, sizeof(text) - len, "next %s\n",
				hex);
	}
	return dc_file_write(path, text, len, 0644, false, why);
}

/* ---- key --------------------------------------------------------------- */

void dc_key_new(uint8_t key[DC_KEY_BYTES], uint8_t secret[DC_SECRET_BYTES])
{
	uint8_t seed[SEED_BYTES];

	randombytes_buf(seed, sizeof(seed));
	dc_ed25519.keypair(key, secret, seed);
	sodium_memzero(seed, sizeof(seed));
}

int dc_key_load(uint8_t key[DC_KEY_BYTES], uint8_t secret[DC_SECRET_BYTES],
		const char *path, char why[DC_WHY_MAX])
{
	uint8_t seed[SEED_BYTES];
	char text[DC_FILE_MAX + 1];
	int len = dc_file_read(path, text, true, why);
	bool good;

	if (len < 0)
		return len;
	text[len] = '\0';
	if (len && text[len - 1] == '\n')
		text[len - 1] = '\0';
	good = from_hex(seed, text);
	if (good)
		dc_ed25519.keypair(key, secret, seed);
	sodium_memzero(seed, sizeof(seed));
	sodium_memzero(text, sizeof(text));
	return good ? 0 : dc_fault(why, -EINVAL, path,
				   "has no key of 64 hexadecimal digits");
}

int dc_key_store(const uint8_t secret[DC_SECRET_BYTES], const char *path,
		 char why[DC_WHY_MAX])
{
	uint8_t key[DC_KEY_BYTES], there[DC_SECRET_BYTES];
	char hex[HEX_LEN + 2];
	int err;

	/* The secret's first half is the seed, in Ed25519 as libsodium has it. */
	sodium_bin2hex(hex, sizeof(hex), secret, SEED_BYTES);
	strcat(hex, "\n");
	err = dc_file_write(path, hex, strlen(hex), 0600, true, why);
	sodium_memzero(hex, sizeof(hex));
	if (err != -EEXIST)
		return err;
	err = dc_key_load(key, there, path, why);
	if (!err && sodium_memcmp(there, secret, DC_SECRET_BYTES))
		err = dc_fault(why, -EEXIST, path, "is another key");
	sodium_memzero(there, sizeof(there));
	return err;
}

/* ---- all three --------------------------------------------------------- */

static int load_cert(struct dc_identity *identity, struct dc_object *cert,
		     const char *path, char why[DC_WHY_MAX])
{
	char bytes[DC_FILE_MAX];
	int len = dc_file_read(path, bytes, false, why);
	const char *fault;

	if (len < 0)
		return len;
	if (len > DC_OBJECT_MAX)
		return dc_fault(why, -EINVAL, path, "is longer than an object");
	memcpy(identity->cert, bytes, len);
	identity->cert_len = len;
	if (dc_object_read(cert, identity->cert, identity->cert_len, &fault))
		return dc_fault(why, -EINVAL, path, "is no object: %s", fault);
	return 0;
}

/* Against the anchor and the key: NULL, or what is wrong with it. */
static const char *judge_cert(const struct dc_identity *identity,
			      const struct dc_object *object,
			      const uint8_t key[DC_KEY_BYTES])
{
	struct dc_node_id id;
	struct dc_cert cert;
	int i;

	if (object->type != DC_CERT || dc_cert_read(&cert, object) ||
	    dc_node_id_of(&id, &object->subject))
		return "is not a node's certificate";
	if (object->domain != dc_domain_of(identity->domain))
		return "is of another domain than anchor.txt";
	if (memcmp(cert.key, key, DC_KEY_BYTES))
		return "is for another key than the one here";
	for (i = 0; i < 2; i++)
		if (memcmp(identity->anchor[i], no_key, DC_KEY_BYTES) &&
		    dc_object_verify(object, &dc_ed25519, identity->anchor[i]))
			return NULL;
	return "is not signed by the anchor";
}

int dc_identity_load(struct dc_identity *identity, const char *dir,
		     char why[DC_WHY_MAX])
{
	uint8_t key[DC_KEY_BYTES];
	struct dc_object cert;
	char path[PATH_MAX];
	const char *fault;
	int err;

	memset(identity, 0, sizeof(*identity));
	err = join(path, dir, "anchor.txt", why);
	err = err ? err : dc_anchor_load(identity, path, why);
	err = err ? err : join(path, dir, "key", why);
	err = err ? err : dc_key_load(key, identity->secret, path, why);
	err = err ? err : join(path, dir, "cert.damc", why);
	err = err ? err : load_cert(identity, &cert, path, why);
	if (err)
		return err;
	fault = judge_cert(identity, &cert, key);
	return fault ? dc_fault(why, -EINVAL, path, "%s", fault) : 0;
}

int dc_identity_store(const struct dc_identity *identity, const char *dir,
		      char why[DC_WHY_MAX])
{
	char path[PATH_MAX];
	int err;

	if (mkdir(dir, 0700) && errno != EEXIST)
		return dc_fault(why, -errno, dir, "%s", strerror(errno));
	err = join(path, dir, "key", why);
	err = err ? err : dc_key_store(identity->secret, path, why);
	err = err ? err : join(path, dir, "anchor.txt", why);
	err = err ? err : dc_anchor_store(identity, path, why);
	err = err ? err : join(path, dir, "cert.damc", why);
	return err ? err : dc_file_write(path, identity->cert,
					 identity->cert_len, 0644, false, why);
}

/* ---- insecure-lab ------------------------------------------------------ */

/* A key that follows from words everybody knows. */
static void lab_key(uint8_t key[DC_KEY_BYTES], uint8_t secret[DC_SECRET_BYTES],
		    const struct dc_crypto *crypto, const char *domain,
		    const struct dc_node_id *id)
{
	static const char context[] = "DAMC insecure lab 1";
	crypto_generichash_state state;
	uint8_t seed[SEED_BYTES];

	crypto_generichash_init(&state, NULL, 0, sizeof(seed));
	crypto_generichash_update(&state, (const void *)context,
				  sizeof(context));
	crypto_generichash_update(&state, (const void *)domain,
				  strlen(domain) + 1);
	if (id)
		crypto_generichash_update(&state, id->byte, id->len);
	crypto_generichash_final(&state, seed, sizeof(seed));
	crypto->keypair(key, secret, seed);
}

int dc_identity_lab(struct dc_identity *identity, const char *domain,
		    const struct dc_node_id *id, uint8_t roles,
		    const struct dc_crypto *crypto, uint64_t now_ms)
{
	/* No two of one serial, or a daemon that starts twice in a second is stuck. */
	uint64_t now_s = now_ms / 1000;
	struct dc_cert cert = {
		.roles = roles, .max_prefixes = LAB_PREFIXES,
		.max_lsas = LAB_LSAS, .issued = now_s * 1000,
		/* One subtree: all there is. */
		.n_subtrees = 1,
	};
	uint8_t body[DC_OBJECT_MAX], secret[DC_SECRET_BYTES];
	struct dc_object object = {
		.type = DC_CERT, .body = body, .seq.serial = now_s,
		.not_after = now_s * 1000 + YEAR_MS,
	};
	int len;

	if (!*domain || strlen(domain) >= sizeof(identity->domain) ||
	    dc_node_name(&object.subject, id))
		return -EINVAL;
	memset(identity, 0, sizeof(*identity));
	strcpy(identity->domain, domain);
	lab_key(identity->anchor[0], secret, crypto, domain, NULL);
	lab_key(cert.key, identity->secret, crypto, domain, id);
	len = dc_cert_write(&cert, body, sizeof(body));
	if (len < 0)
		return len;
	object.domain = dc_domain_of(domain);
	object.body_len = len;
	len = dc_object_sign(&object, crypto, identity->anchor[0], secret,
			     identity->cert);
	if (len < 0)
		return len;
	identity->cert_len = len;
	return 0;
}
