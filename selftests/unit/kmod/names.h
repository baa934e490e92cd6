/* SPDX-License-Identifier: GPL-2.0 */
/* Random names that share prefixes, as services' names do, and hostile ones. */
#ifndef NAMES_H
#define NAMES_H

#include "check.h"
#include "name.h"

struct test_name {
	u8 wire[DAMC_NAME_MAX];
	u8 len;
};

static inline struct damc_name test_view(const struct test_name *name)
{
	return (struct damc_name){ .wire = name->wire, .len = name->len };
}

/* Up to @depth components out of few, so that prefixes meet. */
static inline struct test_name test_name_random(unsigned int depth,
						unsigned int words)
{
	struct test_name name = { .len = 0 };
	unsigned int n = check_below(depth + 1);

	while (n--) {
		unsigned int word = check_below(words), len = 1 + word % 9;

		if (name.len + len + 1 > DAMC_NAME_MAX)
			break;
		name.wire[name.len++] = len;
		memset(name.wire + name.len, 'a' + word / 9, len);
		name.len += len;
	}
	return name;
}

/* Down to @depth components. */
static inline struct test_name test_name_cut(struct test_name name,
					     unsigned int depth)
{
	unsigned int at = 0;

	while (depth-- && at < name.len)
		at += name.wire[at] + 1;
	name.len = at;
	return name;
}

#endif /* NAMES_H */
