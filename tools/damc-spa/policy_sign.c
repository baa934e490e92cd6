// SPDX-License-Identifier: GPL-2.0
/* A policy file's signature: 128 hexadecimal digits in FILE.sig. */
#include <errno.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "identity_file.h"
#include "policy_file.h"

#define HEX_LEN (2 * DC_SIGNATURE_BYTES)

/* A context, the domain and the file's hash: 32 bytes that are signed. */
static void digest(uint8_t to[32], const struct policy_file *file,
		   const char *domain)
{
	static const char context[] = "damc-spa policy file";
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, 32);
	crypto_generichash_update(&state, (const uint8_t *)context,
				  sizeof(context));
	crypto_generichash_update(&state, (const uint8_t *)domain,
				  strlen(domain) + 1);
	crypto_generichash_update(&state, (const uint8_t *)file->bytes,
				  file->len);
	crypto_generichash_final(&state, to, 32);
}

static void sig_path(char to[PATH_MAX], const char *path)
{
	snprintf(to, PATH_MAX, "%s.sig", path);
}

int policy_sign(const struct policy_file *file, const char *domain,
		const uint8_t secret[DC_SECRET_BYTES], char why[DC_WHY_MAX])
{
	uint8_t hash[32], signature[DC_SIGNATURE_BYTES];
	char sig[PATH_MAX], hex[HEX_LEN + 2];

	digest(hash, file, domain);
	dc_ed25519.sign(signature, hash, sizeof(hash), secret);
	sodium_bin2hex(hex, sizeof(hex), signature, sizeof(signature));
	strcat(hex, "\n");
	sig_path(sig, file->path);
	return dc_file_write(sig, hex, strlen(hex), 0644, false, why);
}

static bool read_signature(uint8_t signature[DC_SIGNATURE_BYTES], char *text,
			   int len)
{
	const char *end;
	size_t got;

	if (len && text[len - 1] == '\n')
		len--;
	return len == HEX_LEN &&
	       !sodium_hex2bin(signature, DC_SIGNATURE_BYTES, text, len, NULL,
			       &got, &end) && got == DC_SIGNATURE_BYTES;
}

int policy_verify(const struct policy_file *file,
		  const struct dc_identity *identity, char why[DC_WHY_MAX])
{
	uint8_t hash[32], signature[DC_SIGNATURE_BYTES];
	char sig[PATH_MAX], text[DC_FILE_MAX];
	int len, i;

	sig_path(sig, file->path);
	len = dc_file_read(sig, text, false, why);
	if (len < 0)
		return len;
	if (!read_signature(signature, text, len))
		return dc_fault(why, -EINVAL, sig,
				"is no signature of %d hexadecimal digits",
				HEX_LEN);
	digest(hash, file, identity->domain);
	for (i = 0; i < 2; i++) {
		if (!sodium_is_zero(identity->anchor[i], DC_KEY_BYTES) &&
		    dc_ed25519.verify(signature, hash, sizeof(hash),
				      identity->anchor[i]))
			return 0;
	}
	return dc_fault(why, -EBADMSG, file->path,
			"is not what the domain's anchor signed");
}
