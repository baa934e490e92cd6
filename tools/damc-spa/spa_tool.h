/* SPDX-License-Identifier: GPL-2.0 */
/* What the commands of damc-spa share: words, what is said, how it is shown. */
#ifndef SPA_TOOL_H
#define SPA_TOOL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "damc.h"
#include "identity.h"
#include "object.h"
#include "spa_policy.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* As iproute2's: the words are wrong; what they ask for can't be done. */
enum tool_exit {
	TOOL_OK = 0,
	TOOL_USAGE = 1,
	TOOL_FAILED = 2,
};

/**
 * struct tool - one run of the command
 * @left, @next: words not yet taken
 * @config: path of the configuration
 * @json: show as JSON
 * @rows: what is to be shown, an array
 */
struct tool {
	int left;
	char **next;
	const char *config;
	bool json;
	json_t *rows;
};

/* ---- words (words.c) --------------------------------------------------- */

/* The next word, taken, or NULL at the end. */
const char *tool_take(struct tool *tool);
const char *tool_peek(const struct tool *tool);
/* Whether the next word is @word: taken if so. */
bool tool_is(struct tool *tool, const char *word);

/* Each says on standard error what is wrong: TOOL_USAGE. */
int tool_incomplete(void);
int tool_wrong(const char *word, const char *why);
/* TOOL_OK if no word is left. */
int tool_end(const struct tool *tool);
/* TOOL_FAILED, after saying why. */
int tool_failed(const char *why, ...) __attribute__((format(printf, 1, 2)));

/* A whole value, or say what is wrong with it. */
int tool_name(const char *word, struct damc_name *name);
int tool_node(const char *word, struct dc_node_id *node);
int tool_number(const char *word, uint64_t *number, uint64_t max);
int tool_key(const char *word, uint8_t key[DC_KEY_BYTES]);
/* Seconds: a number and s, m, h or d; none: s. */
int tool_seconds(const char *word, uint32_t *seconds);
bool tool_seconds_parse(const char *word, uint32_t *seconds);
/* Words with commas between them. */
int tool_roles(const char *word, uint8_t *roles);
int tool_rights(const char *word, uint8_t *rights);
bool tool_right_parse(const char *word, uint8_t *right);

/* ---- shown (show.c) ---------------------------------------------------- */

/*
 * Rows are JSON objects; as text, the first member's value, and then the names
 * and values of the others. @row is taken.
 */
void tool_row(struct tool *tool, json_t *row);
void tool_show(struct tool *tool);

json_t *tool_json_name(const struct damc_name *name);
json_t *tool_json_node(const struct dc_node_id *node);
json_t *tool_json_hex(const void *bytes, size_t len);
json_t *tool_json_rights(uint8_t rights);
json_t *tool_json_roles(uint8_t roles);
json_t *tool_json_callers(const struct dc_call_rule *rule);
/* "2026-01-31T23:59:59Z" */
json_t *tool_json_time(uint64_t ms);

const char *tool_name_text(const struct damc_name *name,
			   char buf[DAMC_NAME_TEXT_MAX]);

uint64_t tool_wall_ms(void);
uint64_t tool_now_us(void);

/* ---- commands ---------------------------------------------------------- */

int cmd_anchor(struct tool *tool);
int cmd_key(struct tool *tool);
int cmd_enrol(struct tool *tool);
int cmd_join(struct tool *tool);
int cmd_grant(struct tool *tool);
int cmd_revoke(struct tool *tool);
int cmd_rule(struct tool *tool);
int cmd_policy(struct tool *tool);
int cmd_status(struct tool *tool);
int cmd_audit(struct tool *tool);
int cmd_serve(struct tool *tool);
int cmd_bench(struct tool *tool);

#endif /* SPA_TOOL_H */
