// SPDX-License-Identifier: GPL-2.0
/* A request file: "key HEX\nproof HEX\n". */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "identity_file.h"
#include "request_file.h"

static const char context[] = "damc-spa request";

#define SIGNED_BYTES (sizeof(context) + DC_KEY_BYTES)

static void signed_bytes(uint8_t to[SIGNED_BYTES], const uint8_t *key)
{
	memcpy(to, context, sizeof(context));
	memcpy(to + sizeof(context), key, DC_KEY_BYTES);
}

int request_write(const char *path, const uint8_t key[DC_KEY_BYTES],
		  const uint8_t secret[DC_SECRET_BYTES], char why[DC_WHY_MAX])
{
	uint8_t bytes[SIGNED_BYTES], proof[DC_SIGNATURE_BYTES];
	char hex[2 * DC_KEY_BYTES + 1], proof_hex[2 * DC_SIGNATURE_BYTES + 1];
	char text[512];
	int len;

	signed_bytes(bytes, key);
	dc_ed25519.sign(proof, bytes, sizeof(bytes), secret);
	sodium_bin2hex(hex, sizeof(hex), key, DC_KEY_BYTES);
	sodium_bin2hex(proof_hex, sizeof(proof_hex), proof, sizeof(proof));
	len = snprintf(text, sizeof(text), "key %s\nproof %s\n", hex,
		       proof_hex);
	return dc_file_write(path, text, len, 0644, false, why);
}

static bool take_hex(const char **at, const char *word, uint8_t *to, size_t n)
{
	size_t len = strlen(word), got;
	const char *end;

	if (strncmp(*at, word, len) || strlen(*at) < len + 2 * n ||
	    sodium_hex2bin(to, n, *at + len, 2 * n, NULL, &got, &end) ||
	    got != n)
		return false;
	*at += len + 2 * n;
	return true;
}

int request_read(const char *path, uint8_t key[DC_KEY_BYTES],
		 char why[DC_WHY_MAX])
{
	uint8_t bytes[SIGNED_BYTES], proof[DC_SIGNATURE_BYTES];
	char text[DC_FILE_MAX + 1];
	const char *at = text;
	int len;

	len = dc_file_read(path, text, false, why);
	if (len < 0)
		return len;
	text[len] = '\0';
	if (!take_hex(&at, "key ", key, DC_KEY_BYTES) ||
	    !take_hex(&at, "\nproof ", proof, DC_SIGNATURE_BYTES) ||
	    strcmp(at, "\n"))
		return dc_fault(why, -EINVAL, path,
				"is not what \"damc-spa key new\" wrote");
	signed_bytes(bytes, key);
	if (!dc_ed25519.verify(proof, bytes, sizeof(bytes), key))
		return dc_fault(why, -EBADMSG, path,
				"is not signed with the key that it names");
	return 0;
}
