// SPDX-License-Identifier: GPL-2.0
/* libFuzzer: any bytes as a name; what is one has a text, a scope and hashes. */
#include "name.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* A prefix hashes the same as a name of its own. */
static void check_hashes(const struct damc_name *name)
{
	static const siphash_key_t key = { { 3, 4 } };
	struct damc_prefix_hash hash;
	unsigned int i;

	damc_name_hash(&key, name, 0x1ff, &hash);
	for (i = 0; i < hash.n; i++) {
		struct damc_name prefix = { name->wire, hash.len[i] };

		if (hash.len[i] > name->len ||
		    damc_name_depth(prefix.wire, prefix.len) < 0 ||
		    damc_name_hash_whole(&key, &prefix) != hash.hash[i])
			abort();
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct damc_name name = { data, size };
	char text[DAMC_NAME_TEXT_MAX];

	if (size > DAMC_NAME_MAX || damc_name_depth(data, size) < 0)
		return 0;
	if (damc_name_text(&name, text, sizeof(text)) < 1)
		abort();
	damc_name_scope(&name);
	damc_name_bindable(&name);
	check_hashes(&name);
	return 0;
}
