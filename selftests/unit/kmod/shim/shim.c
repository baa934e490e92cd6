// SPDX-License-Identifier: GPL-2.0
/* Memory for the shim: counted, and failing on demand. */
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
