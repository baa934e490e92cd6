// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"

int array_append(void **items, size_t *n, const void *item, size_t size)
{
	void *more;

	if (!(*n & (*n - 1))) {
		more = reallocarray(*items, *n ? *n * 2 : 1, size);
		if (!more)
			return -ENOMEM;
		*items = more;
	}
	memcpy((char *)*items + *n * size, item, size);
	++*n;
	return 0;
}
