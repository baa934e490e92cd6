// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "log.h"
#include "yaml_tree.h"

static void say(struct yaml_tree *tree, yaml_mark_t mark, const char *why)
{
	if (*tree->error)
		return;
	snprintf(tree->error, sizeof(tree->error), "%s:%zu:%zu: %s", tree->path,
		 mark.line + 1, mark.column + 1, why);
}

int yaml_tree_fail(struct yaml_tree *tree, const yaml_node_t *node,
		   const char *why, ...)
{
	char text[384];
	va_list args;

	va_start(args, why);
	vsnprintf(text, sizeof(text), why, args);
	va_end(args);
	say(tree, node->start_mark, text);
	return -EINVAL;
}

/* ---- a document -------------------------------------------------------- */

static int file_fault(struct yaml_tree *tree, const char *why)
{
	snprintf(tree->error, sizeof(tree->error), "%s: %s", tree->path, why);
	return -EINVAL;
}

int yaml_tree_file(struct yaml_tree *tree, const char *path, char **bytes,
		   size_t *len)
{
	FILE *file = fopen(path, "re");
	int err = 0;

	*tree = (struct yaml_tree){ .path = path };
	*bytes = NULL;
	if (!file)
		return file_fault(tree, strerror(errno));
	*bytes = malloc(YAML_BYTES_MAX + 1);
	if (*bytes)
		*len = fread(*bytes, 1, YAML_BYTES_MAX + 1, file);
	if (!*bytes)
		err = file_fault(tree, strerror(ENOMEM));
	else if (ferror(file))
		err = file_fault(tree, "cannot be read");
	else if (*len > YAML_BYTES_MAX)
		err = file_fault(tree, "is over 1 MiB");
	fclose(file);
	if (err) {
		free(*bytes);
		*bytes = NULL;
	}
	return err;
}

static int load(struct yaml_tree *tree, const void *bytes, size_t len)
{
	yaml_parser_t parser;
	int ok;

	if (!yaml_parser_initialize(&parser)) {
		say(tree, (yaml_mark_t){ 0 }, "no memory");
		return -ENOMEM;
	}
	yaml_parser_set_input_string(&parser, bytes, len);
	ok = yaml_parser_load(&parser, &tree->document);
	if (!ok)
		say(tree, parser.problem_mark, parser.problem ?: "no memory");
	yaml_parser_delete(&parser);
	return ok ? 0 : -EINVAL;
}

int yaml_tree_open_bytes(struct yaml_tree *tree, const char *name,
			 const void *bytes, size_t len)
{
	int err;

	*tree = (struct yaml_tree){ .path = name };
	err = load(tree, bytes, len);
	if (err || yaml_document_get_root_node(&tree->document))
		return err;
	say(tree, (yaml_mark_t){ 0 }, "the file is empty");
	yaml_document_delete(&tree->document);
	return -EINVAL;
}

int yaml_tree_open(struct yaml_tree *tree, const char *path)
{
	char *bytes;
	size_t len;
	int err;

	err = yaml_tree_file(tree, path, &bytes, &len);
	if (err)
		return err;
	err = yaml_tree_open_bytes(tree, path, bytes, len);
	free(bytes);
	return err;
}

void yaml_tree_close(struct yaml_tree *tree)
{
	yaml_document_delete(&tree->document);
}

yaml_node_t *yaml_tree_root(struct yaml_tree *tree)
{
	return yaml_document_get_root_node(&tree->document);
}

/* ---- mappings and sequences -------------------------------------------- */

const char *yaml_text(struct yaml_tree *tree, const yaml_node_t *node)
{
	const char *text = (const char *)node->data.scalar.value;

	if (node->type != YAML_SCALAR_NODE ||
	    strlen(text) != node->data.scalar.length) {
		yaml_tree_fail(tree, node, "one word is expected here");
		return NULL;
	}
	return text;
}

static int find_key(const struct yaml_key *keys, const char *name)
{
	int i;

	for (i = 0; keys[i].name; i++)
		if (!strcmp(keys[i].name, name))
			return i;
	return -1;
}

static void list_keys(const struct yaml_key *keys, char *to, size_t size)
{
	size_t at = 0;
	int i;

	*to = '\0';
	for (i = 0; keys[i].name && at < size; i++)
		at += snprintf(to + at, size - at, "%s%s", i ? ", " : "",
			       keys[i].name);
}

static int take_pair(struct yaml_tree *tree, const yaml_node_pair_t *pair,
		     const struct yaml_key *keys, uint64_t *seen)
{
	yaml_node_t *key = yaml_document_get_node(&tree->document, pair->key);
	yaml_node_t *value = yaml_document_get_node(&tree->document,
						    pair->value);
	const char *name = yaml_text(tree, key);
	char known[256];
	int i;

	if (!name)
		return -EINVAL;
	i = find_key(keys, name);
	if (i < 0) {
		list_keys(keys, known, sizeof(known));
		return yaml_tree_fail(tree, key, "no key \"%s\"; there are: %s",
				      name, known);
	}
	if (*seen & 1ULL << i)
		return yaml_tree_fail(tree, key, "\"%s\" comes twice", name);
	*seen |= 1ULL << i;
	return keys[i].take(tree, value, &keys[i]);
}

int yaml_take_map(struct yaml_tree *tree, yaml_node_t *node,
		  const struct yaml_key *keys)
{
	const yaml_node_pair_t *pair;
	uint64_t seen = 0;
	int i, err;

	if (node->type != YAML_MAPPING_NODE)
		return yaml_tree_fail(tree, node, "keys are expected here");
	for (pair = node->data.mapping.pairs.start;
	     pair < node->data.mapping.pairs.top; pair++) {
		err = take_pair(tree, pair, keys, &seen);
		if (err)
			return err;
	}
	for (i = 0; keys[i].name; i++)
		if (keys[i].must && !(seen & 1ULL << i))
			return yaml_tree_fail(tree, node, "\"%s\" is missing",
					      keys[i].name);
	return 0;
}

int yaml_take_pairs(struct yaml_tree *tree, yaml_node_t *node,
		    int (*each)(struct yaml_tree *tree, yaml_node_t *key,
				yaml_node_t *value, void *arg),
		    void *arg)
{
	yaml_document_t *document = &tree->document;
	const yaml_node_pair_t *pair;
	int err = 0;

	if (node->type != YAML_MAPPING_NODE)
		return yaml_tree_fail(tree, node, "keys are expected here");
	for (pair = node->data.mapping.pairs.start;
	     pair < node->data.mapping.pairs.top && !err; pair++)
		err = each(tree, yaml_document_get_node(document, pair->key),
			   yaml_document_get_node(document, pair->value), arg);
	return err;
}

int yaml_take_list(struct yaml_tree *tree, yaml_node_t *node,
		   int (*each)(struct yaml_tree *tree, yaml_node_t *item,
			       void *arg),
		   void *arg)
{
	const yaml_node_item_t *item;
	int err;

	if (node->type != YAML_SEQUENCE_NODE)
		return yaml_tree_fail(tree, node, "a list is expected here");
	for (item = node->data.sequence.items.start;
	     item < node->data.sequence.items.top; item++) {
		err = each(tree, yaml_document_get_node(&tree->document, *item),
			   arg);
		if (err)
			return err;
	}
	return 0;
}

int yaml_take_some(struct yaml_tree *tree, yaml_node_t *node,
		   int (*each)(struct yaml_tree *tree, yaml_node_t *item,
			       void *arg),
		   void *arg)
{
	return node->type == YAML_SEQUENCE_NODE ?
		yaml_take_list(tree, node, each, arg) : each(tree, node, arg);
}

size_t yaml_count(const yaml_node_t *node)
{
	if (node->type != YAML_SEQUENCE_NODE)
		return 1;
	return node->data.sequence.items.top - node->data.sequence.items.start;
}

/* ---- values ------------------------------------------------------------ */

int yaml_take_text(struct yaml_tree *tree, yaml_node_t *node,
		   const struct yaml_key *key)
{
	const char *text = yaml_text(tree, node);

	if (!text)
		return -EINVAL;
	if (!*text || strlen(text) >= key->max)
		return yaml_tree_fail(tree, node, "1 to %llu bytes, please",
				      (unsigned long long)key->max - 1);
	strcpy(key->to, text);
	return 0;
}

int yaml_take_u64(struct yaml_tree *tree, yaml_node_t *node,
		  const struct yaml_key *key)
{
	const char *text = yaml_text(tree, node);
	unsigned long long value;
	char *end;

	if (!text)
		return -EINVAL;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || *end || *text < '0' || *text > '9' || value < key->min ||
	    value > key->max)
		return yaml_tree_fail(tree, node, "a number from %llu to %llu",
				      (unsigned long long)key->min,
				      (unsigned long long)key->max);
	*(uint64_t *)key->to = value;
	return 0;
}

int yaml_take_u32(struct yaml_tree *tree, yaml_node_t *node,
		  const struct yaml_key *key)
{
	struct yaml_key wide = *key;
	uint64_t value;
	int err;

	wide.to = &value;
	err = yaml_take_u64(tree, node, &wide);
	if (!err)
		*(uint32_t *)key->to = value;
	return err;
}

int yaml_take_bool(struct yaml_tree *tree, yaml_node_t *node,
		   const struct yaml_key *key)
{
	const char *text = yaml_text(tree, node);
	bool yes;

	if (!text)
		return -EINVAL;
	yes = !strcmp(text, "yes") || !strcmp(text, "true");
	if (!yes && strcmp(text, "no") && strcmp(text, "false"))
		return yaml_tree_fail(tree, node, "yes or no");
	*(bool *)key->to = yes;
	return 0;
}

static const struct {
	const char *text;
	uint32_t ms;
} units[] = {
	{ "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 },
};

int yaml_take_time(struct yaml_tree *tree, yaml_node_t *node,
		   const struct yaml_key *key)
{
	const char *text = yaml_text(tree, node);
	unsigned long long value;
	size_t i;
	char *end;

	if (!text)
		return -EINVAL;
	errno = 0;
	value = strtoull(text, &end, 10);
	for (i = 0; i < ARRAY_SIZE(units); i++) {
		if (errno || *text < '0' || *text > '9' ||
		    strcmp(end, units[i].text) || value > UINT32_MAX)
			continue;
		value *= units[i].ms;
		if (value < key->min || value > key->max)
			break;
		*(uint32_t *)key->to = value;
		return 0;
	}
	return yaml_tree_fail(tree, node,
			      "a time with ms, s, m or h, from %llums to %llums",
			      (unsigned long long)key->min,
			      (unsigned long long)key->max);
}

int yaml_take_name(struct yaml_tree *tree, yaml_node_t *node,
		   const struct yaml_key *key)
{
	const char *text = yaml_text(tree, node), *why = NULL;

	if (!text)
		return -EINVAL;
	if (damc_name_parse(key->to, text, &why))
		return yaml_tree_fail(tree, node, "\"%s\" is no name: %s", text,
				      why ?: "?");
	return 0;
}

int yaml_take_level(struct yaml_tree *tree, yaml_node_t *node,
		    const struct yaml_key *key)
{
	const char *word = yaml_text(tree, node);
	int level = word ? log_level_of(word) : -1;

	if (level < 0)
		return yaml_tree_fail(tree, node,
				      "error, warning, info or debug");
	*(enum log_level *)key->to = level;
	return 0;
}

int yaml_take_format(struct yaml_tree *tree, yaml_node_t *node,
		     const struct yaml_key *key)
{
	const char *word = yaml_text(tree, node);
	int format = word ? log_format_of(word) : -1;

	if (format < 0)
		return yaml_tree_fail(tree, node, "logfmt or json");
	*(enum log_format *)key->to = format;
	return 0;
}
