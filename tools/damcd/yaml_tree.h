/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A YAML file as a tree of which every error can say where it is; damc-spa's reader,
 * too. Each getter fills the error once, and what comes after the first error does
 * nothing. Strict: a key is known, and comes once.
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

#define YAML_BYTES_MAX (1 << 20)

/* A whole file, for who frees it: 0, or -EINVAL and tree->error. */
int yaml_tree_file(struct yaml_tree *tree, const char *path, char **bytes,
		   size_t *len);

/* 0, or -EINVAL and tree->error; after 0, end by yaml_tree_close(). */
int yaml_tree_open(struct yaml_tree *tree, const char *path);
/* The same of bytes, which errors call @name and which are not needed afterwards. */
int yaml_tree_open_bytes(struct yaml_tree *tree, const char *name,
			 const void *bytes, size_t len);
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

/* A mapping of any keys: @each gets the node of each key and of its value. */
int yaml_take_pairs(struct yaml_tree *tree, yaml_node_t *node,
		    int (*each)(struct yaml_tree *tree, yaml_node_t *key,
				yaml_node_t *value, void *arg),
		    void *arg);

/* Call @each for every item of a sequence. */
int yaml_take_list(struct yaml_tree *tree, yaml_node_t *node,
		   int (*each)(struct yaml_tree *tree, yaml_node_t *item,
			       void *arg),
		   void *arg);

/* The same, or for one that stands alone. */
int yaml_take_some(struct yaml_tree *tree, yaml_node_t *node,
		   int (*each)(struct yaml_tree *tree, yaml_node_t *item,
			       void *arg),
		   void *arg);
/* How many yaml_take_some() would come to. */
size_t yaml_count(const yaml_node_t *node);

/* The scalar's text, or NULL after an error. */
const char *yaml_text(struct yaml_tree *tree, const yaml_node_t *node);

/* Values; @to points to what the comment names. */
int yaml_take_text(struct yaml_tree *tree, yaml_node_t *node,
		   const struct yaml_key *key);	/* char[@max] */
int yaml_take_u32(struct yaml_tree *tree, yaml_node_t *node,
		  const struct yaml_key *key);	/* uint32_t */
int yaml_take_u64(struct yaml_tree *tree, yaml_node_t *node,
		  const struct yaml_key *key);	/* uint64_t */
int yaml_take_bool(struct yaml_tree *tree, yaml_node_t *node,
		   const struct yaml_key *key);	/* bool */
int yaml_take_time(struct yaml_tree *tree, yaml_node_t *node,
		   const struct yaml_key *key);	/* uint32_t, ms */
int yaml_take_name(struct yaml_tree *tree, yaml_node_t *node,
		   const struct yaml_key *key);	/* struct damc_name */
int yaml_take_level(struct yaml_tree *tree, yaml_node_t *node,
		    const struct yaml_key *key);	/* enum log_level */
int yaml_take_format(struct yaml_tree *tree, yaml_node_t *node,
		     const struct yaml_key *key);	/* enum log_format */

#endif /* DAMCD_YAML_TREE_H */
