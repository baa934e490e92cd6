/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All names of a simulation, each once: tables and oracles know them by number.
 * A name's parents are there too, so that a lookup goes up by numbers.
 */
#ifndef SIM_NAMES_H
#define SIM_NAMES_H

#include "damc.h"

/* The root, which has no parent. */
#define NAME_ROOT 0u
#define NAME_NONE UINT32_MAX

struct name {
	struct damc_name name;
	uint32_t parent;
	uint32_t next;		/* of the same bucket */
};

struct names {
	struct name *name;
	size_t n;
	size_t size;
	uint32_t *bucket;
	size_t buckets;
};

void book_init(struct names *names);
void book_free(struct names *names);
/* Its number, a new one if need be. */
uint32_t book_number(struct names *names, const struct damc_name *name);
/* As text, in @buf, which it returns. */
const char *book_text(const struct names *names, uint32_t number,
		      char buf[DAMC_NAME_TEXT_MAX]);

#endif /* SIM_NAMES_H */
