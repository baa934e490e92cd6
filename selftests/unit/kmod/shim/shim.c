// SPDX-License-Identifier: GPL-2.0
/* Memory for the shim: counted, and failing on demand; SipHash. */
#include "shim.h"

int shim_alloc_budget = -1;
long shim_allocated;

void *shim_alloc(size_t size)
{
	void *p;

	if (!shim_alloc_budget)
		return NULL;
	if (shim_alloc_budget > 0)
		shim_alloc_budget--;
	/* Cache lines as the kernel's allocator aligns them. */
	p = aligned_alloc(64, ALIGN(size, (size_t)64));
	if (!p)
		return NULL;
	memset(p, 0, size);
	shim_allocated++;
	return p;
}

void shim_free(const void *p)
{
	if (!p)
		return;
	shim_allocated--;
	free((void *)p);
}

u64 siphash(const void *data, size_t len, const siphash_key_t *key)
{
	u64 a = SIPHASH_CONST_0 ^ key->key[0], b = SIPHASH_CONST_1 ^ key->key[1];
	u64 c = SIPHASH_CONST_2 ^ key->key[0], d = SIPHASH_CONST_3 ^ key->key[1];
	const u8 *at = data;
	size_t i, left;
	u64 word;

	for (i = 0; i <= len; i += 8) {
		left = len - i;
		word = left < 8 ? (u64)len << 56 : 0;
		for (left = left < 8 ? left : 8; left--;)
			word |= (u64)at[i + left] << 8 * left;
		d ^= word;
		SIPHASH_PERMUTATION(a, b, c, d);
		SIPHASH_PERMUTATION(a, b, c, d);
		a ^= word;
	}
	c ^= 0xff;
	for (i = 0; i < 4; i++)
		SIPHASH_PERMUTATION(a, b, c, d);
	return a ^ b ^ c ^ d;
}

u64 siphash_1u64(u64 first, const siphash_key_t *key)
{
	u64 word = cpu_to_le64(first);

	return siphash(&word, sizeof(word), key);
}
