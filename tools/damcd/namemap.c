// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>

#include "namemap.h"

#define FIRST_BUCKETS 256

int namemap_init(struct namemap *names)
{
	randombytes_buf(names->key, sizeof(names->key));
	names->n = 0;
	names->n_buckets = FIRST_BUCKETS;
	names->bucket = calloc(FIRST_BUCKETS, sizeof(*names->bucket));
	return names->bucket ? 0 : -ENOMEM;
}

void namemap_free(struct namemap *names)
{
	free(names->bucket);
	names->bucket = NULL;
}

static uint64_t hash_of(const struct namemap *names, const struct damc_name *name)
{
	uint64_t hash;

	crypto_shorthash((void *)&hash, name->wire, name->len, names->key);
	return hash;
}

struct namemap_node *namemap_find(const struct namemap *names,
				  const struct damc_name *name)
{
	uint64_t hash = hash_of(names, name);
	struct namemap_node *node;

	for (node = names->bucket[hash % names->n_buckets]; node;
	     node = node->next)
		if (node->hash == hash && damc_name_equal(&node->name, name))
			return node;
	return NULL;
}

static void insert(struct namemap_node **buckets, uint32_t n,
		   struct namemap_node *node)
{
	struct namemap_node **bucket = &buckets[node->hash % n];

	node->next = *bucket;
	*bucket = node;
}

/* Without memory for it, it goes on being slow. */
static void grow(struct namemap *names)
{
	uint32_t n = 2 * names->n_buckets, i;
	struct namemap_node **buckets = calloc(n, sizeof(*buckets));
	struct namemap_node *node, *next;

	if (!buckets)
		return;
	for (i = 0; i < names->n_buckets; i++)
		for (node = names->bucket[i]; node; node = next) {
			next = node->next;
			insert(buckets, n, node);
		}
	free(names->bucket);
	names->bucket = buckets;
	names->n_buckets = n;
}

void namemap_add(struct namemap *names, struct namemap_node *node)
{
	if (names->n >= names->n_buckets)
		grow(names);
	node->hash = hash_of(names, &node->name);
	insert(names->bucket, names->n_buckets, node);
	names->n++;
}

void namemap_remove(struct namemap *names, struct namemap_node *node)
{
	struct namemap_node **at =
		&names->bucket[node->hash % names->n_buckets];

	while (*at != node)
		at = &(*at)->next;
	*at = node->next;
	names->n--;
}

void namemap_each(const struct namemap *names,
		  void (*each)(struct namemap_node *node, void *arg), void *arg)
{
	struct namemap_node *node, *next;
	uint32_t i;

	for (i = 0; i < names->n_buckets; i++)
		for (node = names->bucket[i]; node; node = next) {
			next = node->next;
			each(node, arg);
		}
}
