/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A hash table of what has a name; it grows as it fills. The key is secret, for
 * names are others' to choose.
 */
#ifndef DAMCD_NAMEMAP_H
#define DAMCD_NAMEMAP_H

#include <stdbool.h>

#include "damc.h"

/* To be the first member of what is kept. */
struct namemap_node {
	struct namemap_node *next;
	uint64_t hash;
	struct damc_name name;
};

struct namemap {
	uint8_t key[16];
	uint32_t n;
	uint32_t n_buckets;
	struct namemap_node **bucket;
};

/* 0 or -ENOMEM. */
int namemap_init(struct namemap *names);
/* Its buckets; what is in them is the owner's. */
void namemap_free(struct namemap *names);

struct namemap_node *namemap_find(const struct namemap *names,
				  const struct damc_name *name);
/* @node->name is set, and not there yet. */
void namemap_add(struct namemap *names, struct namemap_node *node);
void namemap_remove(struct namemap *names, struct namemap_node *node);

/* Each node, even if @each removes it. */
void namemap_each(const struct namemap *names,
		  void (*each)(struct namemap_node *node, void *arg), void *arg);

#endif /* DAMCD_NAMEMAP_H */
