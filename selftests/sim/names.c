// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "names.h"
#include "rng.h"

#define BUCKETS_MIN 1024

static uint64_t hash(const struct damc_name *name)
{
	uint64_t h = name->len, word;
	size_t i, n;

	for (i = 0; i < name->len; i += sizeof(word)) {
		n = name->len - i;
		word = 0;
		memcpy(&word, name->wire + i, n < sizeof(word) ? n : sizeof(word));
		h = sim_mix(h ^ word) + i;
	}
	return h;
}

static void rehash(struct names *names)
{
	size_t i;

	names->buckets = names->buckets ? 2 * names->buckets : BUCKETS_MIN;
	free(names->bucket);
	names->bucket = sim_alloc(names->buckets * sizeof(*names->bucket));
	memset(names->bucket, 0xff, names->buckets * sizeof(*names->bucket));
	for (i = 0; i < names->n; i++) {
		struct name *name = &names->name[i];
		size_t at = hash(&name->name) & (names->buckets - 1);

		name->next = names->bucket[at];
		names->bucket[at] = i;
	}
}

/* A name without its last component. */
static void parent_of(struct damc_name *parent, const struct damc_name *name)
{
	size_t at = 0, last = 0;

	while (at < name->len) {
		last = at;
		at += 1 + name->wire[at];
	}
	parent->len = last;
	memcpy(parent->wire, name->wire, last);
}

static uint32_t insert(struct names *names, const struct damc_name *name)
{
	uint32_t parent = NAME_NONE, number;
	struct damc_name up;
	size_t at;

	if (name->len) {
		parent_of(&up, name);
		parent = book_number(names, &up);
	}
	names->name = sim_grow(names->name, names->n, &names->size,
			       sizeof(*names->name));
	number = names->n++;
	if (names->n > names->buckets) {
		names->name[number] = (struct name){ *name, parent, NAME_NONE };
		rehash(names);
		return number;
	}
	at = hash(name) & (names->buckets - 1);
	names->name[number] = (struct name){ *name, parent, names->bucket[at] };
	names->bucket[at] = number;
	return number;
}

uint32_t book_number(struct names *names, const struct damc_name *name)
{
	uint32_t i = names->bucket[hash(name) & (names->buckets - 1)];

	for (; i != NAME_NONE; i = names->name[i].next)
		if (damc_name_equal(&names->name[i].name, name))
			return i;
	return insert(names, name);
}

void book_init(struct names *names)
{
	const struct damc_name root = { .len = 0 };

	*names = (struct names){ 0 };
	rehash(names);
	insert(names, &root);
}

void book_free(struct names *names)
{
	free(names->name);
	free(names->bucket);
	*names = (struct names){ 0 };
}

const char *book_text(const struct names *names, uint32_t number,
		      char buf[DAMC_NAME_TEXT_MAX])
{
	damc_name_format(&names->name[number].name, buf, DAMC_NAME_TEXT_MAX);
	return buf;
}
