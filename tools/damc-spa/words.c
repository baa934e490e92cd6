// SPDX-License-Identifier: GPL-2.0
/* Words of the command line, and what is said of wrong ones. */
#include <errno.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spa_tool.h"

struct value {
	const char *word;
	uint8_t bit;
};

static const struct value roles_known[] = {
	{ "sg", DC_ROLE_SG }, { "sr", DC_ROLE_SR }, { "spa", DC_ROLE_SPA },
	{ "scsc", DC_ROLE_SCSC }, { NULL, 0 }
};

static const struct value rights_known[] = {
	{ "name", DC_RIGHT_NAME }, { "member", DC_RIGHT_MEMBER },
	{ "tree", DC_RIGHT_TREE }, { NULL, 0 }
};

const char *tool_take(struct tool *tool)
{
	if (tool->left <= 0)
		return NULL;
	tool->left--;
	return *tool->next++;
}

const char *tool_peek(const struct tool *tool)
{
	return tool->left > 0 ? *tool->next : NULL;
}

bool tool_is(struct tool *tool, const char *word)
{
	const char *next = tool_peek(tool);

	if (!next || strcmp(next, word))
		return false;
	tool_take(tool);
	return true;
}

int tool_incomplete(void)
{
	fputs("Command line is not complete. Try option \"help\"\n", stderr);
	return TOOL_USAGE;
}

int tool_wrong(const char *word, const char *why)
{
	fprintf(stderr, "Error: argument \"%s\" is wrong: %s\n", word, why);
	return TOOL_USAGE;
}

int tool_end(const struct tool *tool)
{
	const char *word = tool_peek(tool);

	return word ? tool_wrong(word, "unknown, try \"damc-spa help\"") :
		TOOL_OK;
}

int tool_failed(const char *why, ...)
{
	va_list args;

	fputs("Error: ", stderr);
	va_start(args, why);
	vfprintf(stderr, why, args);
	va_end(args);
	fputc('\n', stderr);
	return TOOL_FAILED;
}

int tool_name(const char *word, struct damc_name *name)
{
	const char *why;

	if (!word)
		return tool_incomplete();
	return damc_name_parse(name, word, &why) ? tool_wrong(word, why) :
		TOOL_OK;
}

int tool_node(const char *word, struct dc_node_id *node)
{
	size_t len;

	if (!word)
		return tool_incomplete();
	len = strlen(word);
	if (!len || len > DC_NODE_ID_MAX || strchr(word, '/'))
		return tool_wrong(word, "a node is called by 1 to 32 bytes without \"/\"");
	memset(node, 0, sizeof(*node));
	node->len = len;
	memcpy(node->byte, word, len);
	return TOOL_OK;
}

int tool_number(const char *word, uint64_t *number, uint64_t max)
{
	char *end;

	if (!word)
		return tool_incomplete();
	errno = 0;
	*number = strtoull(word, &end, 10);
	if (*word < '0' || *word > '9' || *end || errno || *number > max)
		return tool_wrong(word, "not a number, or too large a one");
	return TOOL_OK;
}

int tool_key(const char *word, uint8_t key[DC_KEY_BYTES])
{
	const char *end;
	size_t len;

	if (!word)
		return tool_incomplete();
	if (sodium_hex2bin(key, DC_KEY_BYTES, word, strlen(word), NULL, &len,
			   &end) ||
	    len != DC_KEY_BYTES || *end)
		return tool_wrong(word, "a key is 64 hexadecimal digits");
	return TOOL_OK;
}

static uint32_t unit(const char *word)
{
	if (!*word || !strcmp(word, "s"))
		return 1;
	if (!strcmp(word, "m"))
		return 60;
	if (!strcmp(word, "h"))
		return 3600;
	return strcmp(word, "d") ? 0 : 86400;
}

bool tool_seconds_parse(const char *word, uint32_t *seconds)
{
	unsigned long long number;
	char *end;

	errno = 0;
	number = strtoull(word, &end, 10);
	if (*word < '0' || *word > '9' || errno || !unit(end) ||
	    number > UINT32_MAX / unit(end))
		return false;
	*seconds = number * unit(end);
	return true;
}

int tool_seconds(const char *word, uint32_t *seconds)
{
	if (!word)
		return tool_incomplete();
	if (!tool_seconds_parse(word, seconds))
		return tool_wrong(word, "a time is a number and s, m, h or d");
	return TOOL_OK;
}

static uint8_t find(const struct value *known, const char *word, size_t len)
{
	for (; known->word; known++) {
		if (strlen(known->word) == len &&
		    !strncmp(known->word, word, len))
			return known->bit;
	}
	return 0;
}

static int set_of(const char *word, const struct value *known, uint8_t *set,
		  const char *why)
{
	const char *at = word;
	size_t len;
	uint8_t bit;

	if (!word)
		return tool_incomplete();
	*set = 0;
	for (;; at += len + 1) {
		len = strcspn(at, ",");
		bit = find(known, at, len);
		if (!bit)
			return tool_wrong(word, why);
		*set |= bit;
		if (!at[len])
			return TOOL_OK;
	}
}

int tool_roles(const char *word, uint8_t *roles)
{
	return set_of(word, roles_known, roles,
		      "roles are sg, sr, spa, scsc, with commas between them");
}

int tool_rights(const char *word, uint8_t *rights)
{
	return set_of(word, rights_known, rights,
		      "rights are name, member, tree, with commas between them");
}

bool tool_right_parse(const char *word, uint8_t *right)
{
	*right = find(rights_known, word, strlen(word));
	return *right;
}
