// SPDX-License-Identifier: GPL-2.0
/* YAML by libyaml's documents, walked by tables of keys. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spa_tool.h"
#include "yaml_read.h"

#define KEYS_MAX 32

int yaml_fault(struct yaml_read *yaml, const yaml_node_t *node,
	       const char *format, ...)
{
	char text[DC_WHY_MAX / 2];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	snprintf(yaml->why, DC_WHY_MAX, "%.120s:%zu:%zu: %s", yaml->path,
		 node->start_mark.line + 1, node->start_mark.column + 1, text);
	return -EINVAL;
}

/* ---- a document -------------------------------------------------------- */

static int parse_fault(struct yaml_read *yaml, const yaml_parser_t *parser)
{
	const yaml_mark_t *mark = &parser->problem_mark;

	snprintf(yaml->why, DC_WHY_MAX, "%.120s:%zu:%zu: %s", yaml->path,
		 mark->line + 1, mark->column + 1,
		 parser->problem ? parser->problem : "no YAML");
	return -EINVAL;
}

int yaml_read(const char *path, const void *bytes, size_t len, yaml_take take,
	      void *to, char why[DC_WHY_MAX])
{
	struct yaml_read yaml = { .path = path, .why = why };
	yaml_parser_t parser;
	yaml_node_t *root;
	int ret;

	if (!yaml_parser_initialize(&parser)) {
		snprintf(why, DC_WHY_MAX, "%.120s: no memory", path);
		return -ENOMEM;
	}
	yaml_parser_set_input_string(&parser, bytes, len);
	if (!yaml_parser_load(&parser, &yaml.document)) {
		ret = parse_fault(&yaml, &parser);
		yaml_parser_delete(&parser);
		return ret;
	}
	root = yaml_document_get_root_node(&yaml.document);
	if (root) {
		ret = take(&yaml, root, to);
	} else {
		snprintf(why, DC_WHY_MAX, "%.120s:1:1: nothing is there", path);
		ret = -EINVAL;
	}
	yaml_document_delete(&yaml.document);
	yaml_parser_delete(&parser);
	return ret;
}

char *yaml_file(const char *path, size_t *len, char why[DC_WHY_MAX])
{
	char *bytes = malloc(YAML_BYTES_MAX + 1);
	FILE *file = fopen(path, "re");

	if (!file || !bytes) {
		snprintf(why, DC_WHY_MAX, "%.200s: %s", path, strerror(errno));
		goto no;
	}
	*len = fread(bytes, 1, YAML_BYTES_MAX + 1, file);
	if (ferror(file) || *len > YAML_BYTES_MAX) {
		snprintf(why, DC_WHY_MAX, "%.200s: %s", path, ferror(file) ?
			 "cannot be read" : "is over 1 MiB");
		goto no;
	}
	fclose(file);
	return bytes;
no:
	if (file)
		fclose(file);
	free(bytes);
	return NULL;
}

/* ---- mappings and sequences -------------------------------------------- */

static const struct yaml_key *find_key(const struct yaml_key *keys,
				       const char *name)
{
	for (; keys->name; keys++) {
		if (!strcmp(keys->name, name))
			return keys;
	}
	return NULL;
}

static int check_required(struct yaml_read *yaml,
			  const yaml_node_t *node,
			  const struct yaml_key *keys,
			  const bool *seen)
{
	int i;

	for (i = 0; keys[i].name; i++) {
		if (keys[i].required && !seen[i])
			return yaml_fault(yaml, node, "\"%s\" is missing",
					  keys[i].name);
	}
	return 0;
}

static int take_pair(struct yaml_read *yaml, const yaml_node_pair_t *pair,
		     const struct yaml_key *keys, bool *seen, void *to)
{
	yaml_node_t *name, *value;
	const struct yaml_key *key;
	const char *text;

	name = yaml_document_get_node(&yaml->document, pair->key);
	value = yaml_document_get_node(&yaml->document, pair->value);
	text = yaml_text(yaml, name);
	if (!text)
		return -EINVAL;
	key = find_key(keys, text);
	if (!key)
		return yaml_fault(yaml, name, "\"%.40s\" is no key here", text);
	if (seen[key - keys])
		return yaml_fault(yaml, name, "\"%s\" is here twice", text);
	seen[key - keys] = true;
	return key->take(yaml, value, to);
}

int yaml_map(struct yaml_read *yaml, yaml_node_t *node,
	     const struct yaml_key *keys, void *to)
{
	bool seen[KEYS_MAX] = { false };
	yaml_node_pair_t *pair;
	int ret = 0;

	if (node->type != YAML_MAPPING_NODE)
		return yaml_fault(yaml, node, "a mapping is expected");
	for (pair = node->data.mapping.pairs.start;
	     pair < node->data.mapping.pairs.top && !ret; pair++)
		ret = take_pair(yaml, pair, keys, seen, to);
	return ret ? ret : check_required(yaml, node, keys, seen);
}

int yaml_pairs(struct yaml_read *yaml, yaml_node_t *node,
	       int (*take)(struct yaml_read *yaml, yaml_node_t *key,
			   yaml_node_t *value, void *to), void *to)
{
	yaml_document_t *document = &yaml->document;
	yaml_node_pair_t *pair;
	int ret = 0;

	if (node->type != YAML_MAPPING_NODE)
		return yaml_fault(yaml, node, "a mapping is expected");
	for (pair = node->data.mapping.pairs.start;
	     pair < node->data.mapping.pairs.top && !ret; pair++)
		ret = take(yaml, yaml_document_get_node(document, pair->key),
			   yaml_document_get_node(document, pair->value), to);
	return ret;
}

int yaml_list(struct yaml_read *yaml, yaml_node_t *node, yaml_take take,
	      void *to)
{
	yaml_node_item_t *item;
	int ret = 0;

	if (node->type != YAML_SEQUENCE_NODE)
		return take(yaml, node, to);
	for (item = node->data.sequence.items.start;
	     item < node->data.sequence.items.top && !ret; item++)
		ret = take(yaml, yaml_document_get_node(&yaml->document, *item),
			   to);
	return ret;
}

size_t yaml_count(const yaml_node_t *node)
{
	if (node->type != YAML_SEQUENCE_NODE)
		return 1;
	return node->data.sequence.items.top - node->data.sequence.items.start;
}

/* ---- scalars ----------------------------------------------------------- */

const char *yaml_text(struct yaml_read *yaml, yaml_node_t *node)
{
	if (node->type != YAML_SCALAR_NODE) {
		yaml_fault(yaml, node, "a plain value is expected");
		return NULL;
	}
	if (strlen((char *)node->data.scalar.value) !=
	    node->data.scalar.length) {
		yaml_fault(yaml, node, "a zero byte is in the value");
		return NULL;
	}
	return (char *)node->data.scalar.value;
}

int yaml_number(struct yaml_read *yaml, yaml_node_t *node, uint64_t *number,
		uint64_t max)
{
	const char *text = yaml_text(yaml, node);
	char *end;

	if (!text)
		return -EINVAL;
	errno = 0;
	*number = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || *number > max)
		return yaml_fault(yaml, node,
				  "a number from 0 to %llu is expected",
				  (unsigned long long)max);
	return 0;
}

int yaml_bool(struct yaml_read *yaml, yaml_node_t *node, bool *value)
{
	const char *text = yaml_text(yaml, node);

	if (!text)
		return -EINVAL;
	*value = !strcmp(text, "yes") || !strcmp(text, "true");
	if (!*value && strcmp(text, "no") && strcmp(text, "false"))
		return yaml_fault(yaml, node, "yes or no is expected");
	return 0;
}

int yaml_seconds(struct yaml_read *yaml, yaml_node_t *node, uint32_t *seconds,
		 uint32_t min, uint32_t max)
{
	const char *text = yaml_text(yaml, node);

	if (!text)
		return -EINVAL;
	if (!tool_seconds_parse(text, seconds) || *seconds < min ||
	    *seconds > max)
		return yaml_fault(yaml, node,
				  "a time from %us to %us is expected, like 90s, 30m, 12h, 1d",
				  min, max);
	return 0;
}
