// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"

static void *must(void *memory)
{
	if (!memory) {
		fputs("sim: out of memory\n", stderr);
		abort();
	}
	return memory;
}

void *sim_alloc(size_t size)
{
	return must(malloc(size ? size : 1));
}

void *sim_zalloc(size_t n, size_t size)
{
	return must(calloc(n ? n : 1, size));
}

void *sim_grow(void *array, size_t n, size_t *size, size_t each)
{
	if (n < *size)
		return array;
	while (*size <= n)
		*size = *size ? 2 * *size : 16;
	return must(realloc(array, *size * each));
}

void *sim_grow_zero(void *array, size_t n, size_t *size, size_t each)
{
	size_t old = *size;

	array = sim_grow(array, n, size, each);
	if (*size > old)
		memset((char *)array + old * each, 0, (*size - old) * each);
	return array;
}
