/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A YAML file as a tree of which every error can say where it is. Each getter
 * fills the error once, and what comes after the first error does nothing.
 */
#ifndef DAMCD_YAML_TREE_H
#define DAMCD_YAML_TREE_H

#include <stdbool.h>
#include <stdint.h>
#include <yaml.h>

#include "damc.h"

/**
 * struct yaml_tree - a document being read
 * @error: "FILE:LINE:COLUMN: what is wrong", or "" as long as nothing is
 */
struct yaml_tree {
	const char *path;
	yaml_document_t document;
	char error[512];
};

/* 0, or -EINVAL and tree->error; after 0, end by yaml_tree_close(). */
int yaml_tree_open(struct yaml_tree *tree, const char *path);
/* The same of a text, which errors call @name. */
int yaml_tree_open_text(struct yaml_tree *tree, const char *name,
			const char *text);
void yaml_tree_close(struct yaml_tree *tree);

yaml_node_t *yaml_tree_root(struct yaml_tree *tree);

/* The first error counts: -EINVAL. */
int yaml_tree_fail(struct yaml_tree *tree, const yaml_node_t *node,
		   const char *why, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * struct yaml_key - a key of a mapping
 * @name: NULL ends the list
 * @take: reads the value into @to; an error is told by yaml_tree_fail()
 * @min, @max: for numbers and times
 * @must: it has to be there
 */
struct yaml_key {
	const char *name;
	int (*take)(struct yaml_tree *tree, yaml_node_t *node,
		    const struct yaml_key *key);
	void *to;
	uint64_t min;
	uint64_t max;
	bool must;
};

/* Read a mapping: each key at most once, none that is not in @keys. */
int yaml_take_map(struct yaml_tree *tree, yaml_node_t *node,
		  const struct yaml_key *keys);

/* Call @each for every item of a sequence. */
int yaml_take_list(struct yaml_tree *tree, yaml_node_t *node,
		   int (*each)(struct yaml_tree *tree, yaml_node_t *item,
			       void *arg),
		   void *arg);

/* The scalar's text, or NULL after an error. */
const char *yaml_text(struct yaml_tree *tree, const yaml_node_t *node);

/* Values; @to points to what the comment names. */
int yaml_take_text(struct yaml_tree *tree, yaml_node_t *node,
		   const struct yaml_key *key);	/* char[@max] */
int yaml_take_u32(struct yaml_tree *tree, yaml_node_t *node,
		  const struct yaml_key *key);	/* uint32_t */
int yaml_take_time(struct yaml_tree *tree, yaml_node_t *node,
		   const struct yaml_key *key);	/* uint32_t, ms */
int yaml_take_name(struct yaml_tree *tree, yaml_node_t *node,
		   const struct yaml_key *key);	/* struct damc_name */

#endif /* DAMCD_YAML_TREE_H */
