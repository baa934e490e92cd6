/* SPDX-License-Identifier: GPL-2.0 */
/*
 * YAML read strictly: each key of a mapping is known, and there once; whatever
 * is wrong is told with its file, line and column.
 */
#ifndef SPA_YAML_READ_H
#define SPA_YAML_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <yaml.h>

#include "identity.h"

#define YAML_BYTES_MAX (1 << 20)

struct yaml_read {
	const char *path;
	yaml_document_t document;
	char *why;
};

/* What a key's value is for; -EINVAL after yaml_fault(). */
typedef int (*yaml_take)(struct yaml_read *yaml, yaml_node_t *value, void *to);

/**
 * struct yaml_key - a key that a mapping may have
 * @take: reads its value; @to is what yaml_map() was given
 */
struct yaml_key {
	const char *name;
	yaml_take take;
	bool required;
};

/* Read @len bytes as one document, whose root @take reads. */
int yaml_read(const char *path, const void *bytes, size_t len, yaml_take take,
	      void *to, char why[DC_WHY_MAX]);

/* Say what is wrong where @node is: -EINVAL. */
int yaml_fault(struct yaml_read *yaml, const yaml_node_t *node,
	       const char *format, ...) __attribute__((format(printf, 3, 4)));

/* A mapping; @keys ends with an entry without a name. */
int yaml_map(struct yaml_read *yaml, yaml_node_t *node,
	     const struct yaml_key *keys, void *to);
/* A mapping of any keys: @take gets each key's node, then its value's. */
int yaml_pairs(struct yaml_read *yaml, yaml_node_t *node,
	       int (*take)(struct yaml_read *yaml, yaml_node_t *key,
			   yaml_node_t *value, void *to), void *to);
/* Each of a sequence, or one that stands alone. */
int yaml_list(struct yaml_read *yaml, yaml_node_t *node, yaml_take take,
	      void *to);
/* How many yaml_list() would take. */
size_t yaml_count(const yaml_node_t *node);

/* NULL after yaml_fault(). */
const char *yaml_text(struct yaml_read *yaml, yaml_node_t *node);
int yaml_number(struct yaml_read *yaml, yaml_node_t *node, uint64_t *number,
		uint64_t max);
int yaml_bool(struct yaml_read *yaml, yaml_node_t *node, bool *value);
int yaml_seconds(struct yaml_read *yaml, yaml_node_t *node, uint32_t *seconds,
		 uint32_t min, uint32_t max);

/* A whole file: malloc'ed bytes and their number; NULL with @why. */
char *yaml_file(const char *path, size_t *len, char why[DC_WHY_MAX]);

#endif /* SPA_YAML_READ_H */
