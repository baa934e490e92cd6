// SPDX-License-Identifier: GPL-2.0
/* What commands show: JSON, or lines of words. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "spa_tool.h"

#define HEX_MAX 256

void tool_row(struct tool *tool, json_t *row)
{
	if (!tool->rows)
		tool->rows = json_array();
	json_array_append_new(tool->rows, row);
}

static void print_value(const json_t *value)
{
	const json_t *one;
	size_t i;

	if (json_is_string(value))
		fputs(json_string_value(value), stdout);
	else if (json_is_integer(value))
		printf("%lld", (long long)json_integer_value(value));
	else if (json_is_array(value))
		json_array_foreach(value, i, one) {
			if (i)
				putchar(',');
			print_value(one);
		}
	else
		fputs(json_is_true(value) ? "yes" : "no", stdout);
}

static bool is_empty(const json_t *value)
{
	return json_is_false(value) ||
	       (json_is_array(value) && !json_array_size(value)) ||
	       (json_is_string(value) && !*json_string_value(value));
}

static void print_row(json_t *row)
{
	const char *key, *between = "";
	json_t *value;

	json_object_foreach(row, key, value) {
		if (!*between) {
			print_value(value);
			between = " ";
			continue;
		}
		if (is_empty(value))
			continue;
		fputs(between, stdout);
		/* A sentence needs no name. */
		if (strcmp(key, "words"))
			printf("%s%s", key, json_is_true(value) ? "" : " ");
		if (!json_is_true(value))
			print_value(value);
	}
	putchar('\n');
}

void tool_show(struct tool *tool)
{
	json_t *row;
	size_t i;

	if (tool->json) {
		if (!tool->rows)
			tool->rows = json_array();
		json_dumpf(tool->rows, stdout, JSON_COMPACT);
		putchar('\n');
	} else {
		json_array_foreach(tool->rows, i, row)
			print_row(row);
	}
	json_decref(tool->rows);
	tool->rows = NULL;
}

const char *tool_name_text(const struct damc_name *name,
			   char buf[DAMC_NAME_TEXT_MAX])
{
	if (damc_name_format(name, buf, DAMC_NAME_TEXT_MAX) < 0)
		return "?";
	return buf;
}

json_t *tool_json_name(const struct damc_name *name)
{
	char text[DAMC_NAME_TEXT_MAX];

	return json_string(tool_name_text(name, text));
}

/* Its component, as a name writes it. */
json_t *tool_json_node(const struct dc_node_id *node)
{
	struct damc_name name = { 0 };
	char text[DAMC_NAME_TEXT_MAX];

	if (damc_name_append(&name, node->byte, node->len))
		return json_string("?");
	return json_string(tool_name_text(&name, text) + 1);
}

json_t *tool_json_hex(const void *bytes, size_t len)
{
	char text[HEX_MAX + 1];

	if (len > HEX_MAX / 2)
		return json_null();
	return json_string(sodium_bin2hex(text, sizeof(text), bytes, len));
}

static void add(json_t *array, uint8_t set, uint8_t bit, const char *word)
{
	if (set & bit)
		json_array_append_new(array, json_string(word));
}

json_t *tool_json_rights(uint8_t rights)
{
	json_t *array = json_array();

	add(array, rights, DC_RIGHT_NAME, "name");
	add(array, rights, DC_RIGHT_MEMBER, "member");
	add(array, rights, DC_RIGHT_TREE, "tree");
	return array;
}

json_t *tool_json_roles(uint8_t roles)
{
	json_t *array = json_array();

	add(array, roles, DC_ROLE_SG, "sg");
	add(array, roles, DC_ROLE_SR, "sr");
	add(array, roles, DC_ROLE_SPA, "spa");
	add(array, roles, DC_ROLE_SCSC, "scsc");
	return array;
}

json_t *tool_json_callers(const struct dc_call_rule *rule)
{
	json_t *array = json_array();
	uint32_t i;

	for (i = 0; i < rule->n; i++)
		json_array_append_new(array, tool_json_name(&rule->caller[i]));
	return array;
}

json_t *tool_json_time(uint64_t ms)
{
	time_t seconds = ms / 1000;
	char text[32] = "";
	struct tm tm;

	if (gmtime_r(&seconds, &tm))
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return json_string(text);
}

static uint64_t clock_us(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000000ull + now.tv_nsec / 1000;
}

uint64_t tool_wall_ms(void)
{
	return clock_us(CLOCK_REALTIME) / 1000;
}

uint64_t tool_now_us(void)
{
	return clock_us(CLOCK_BOOTTIME);
}
