// SPDX-License-Identifier: GPL-2.0
/* damc-spa policy: see that a policy file is right, sign it, show it, try it. */
#include <stdio.h>
#include <string.h>

#include "anchor_dir.h"
#include "policy_file.h"
#include "spa_tool.h"

static const char usage[] =
	"Usage: damc-spa policy check FILE\n"
	"       damc-spa policy show FILE\n"
	"       damc-spa policy try FILE NAME right RIGHT[,RIGHT] at NODE\n"
	"                           { key HEX | pod NAME [ with KEY=VALUE ]... }\n"
	"       damc-spa policy sign FILE anchor DIR\n"
	"check says where a mistake is, by line and column. try says which rule would\n"
	"allow a request, caps and who holds the name left aside. sign writes FILE.sig,\n"
	"without which no SPA goes by FILE.\n";

static json_t *pattern(const struct dc_spa_pattern *from)
{
	char text[DAMC_NAME_TEXT_MAX + 4] = "";
	struct damc_name one = { 0 };
	char part[DAMC_NAME_TEXT_MAX];
	size_t at, index = 0;

	for (at = 0; at < from->name.len; at += 1 + from->name.wire[at]) {
		one.len = 1 + from->name.wire[at];
		memcpy(one.wire, from->name.wire + at, one.len);
		strcat(text, index < 32 && from->wild & 1u << index ? "/*" :
		       tool_name_text(&one, part));
		index++;
	}
	if (from->rest)
		strcat(text, "/**");
	return json_string(*text ? text : "/");
}

static json_t *facts(const struct dc_spa_rule *rule)
{
	json_t *array = json_array();
	uint32_t i;

	for (i = 0; i < rule->n_facts; i++)
		json_array_append_new(array, json_stringn(rule->fact[i].text,
							  rule->fact[i].len));
	return array;
}

static json_t *gateways(const struct dc_spa_rule *rule)
{
	json_t *array = json_array();
	uint32_t i;

	for (i = 0; i < rule->n_at; i++)
		json_array_append_new(array, tool_json_node(&rule->at[i]));
	return array;
}

static json_t *rule_row(const struct dc_spa_rule *rule)
{
	json_t *row = json_object();

	json_object_set_new(row, "rule", json_string(rule->label));
	json_object_set_new(row, "name", pattern(&rule->name));
	json_object_set_new(row, "right", tool_json_rights(rule->rights));
	if (rule->has_key)
		json_object_set_new(row, "key",
				    tool_json_hex(rule->key, DC_KEY_BYTES));
	else
		json_object_set_new(row, "pod", pattern(&rule->pod));
	json_object_set_new(row, "with", facts(rule));
	json_object_set_new(row, "at", gateways(rule));
	json_object_set_new(row, "portable", json_boolean(rule->portable));
	json_object_set_new(row, "fresh", json_boolean(rule->fresh));
	if (rule->max)
		json_object_set_new(row, "max", json_integer(rule->max));
	if (rule->max_each)
		json_object_set_new(row, "max-each",
				    json_integer(rule->max_each));
	if (rule->lifetime)
		json_object_set_new(row, "lifetime",
				    json_integer(rule->lifetime));
	return row;
}

static json_t *call_row(const struct dc_spa_call *call)
{
	json_t *row = json_object();

	json_object_set_new(row, "callee", tool_json_name(&call->callee));
	json_object_set_new(row, "callers", tool_json_callers(&call->rule));
	return row;
}

static json_t *head_row(const struct dc_spa_policy *policy)
{
	json_t *row = json_object();

	json_object_set_new(row, "mode", json_string(policy->observe ?
						     "observe" : "enforce"));
	json_object_set_new(row, "version", json_integer(policy->version));
	json_object_set_new(row, "lifetime", json_integer(policy->lifetime));
	json_object_set_new(row, "rules", json_integer(policy->n_rules));
	json_object_set_new(row, "calls", json_integer(policy->n_calls));
	return row;
}

static void show(struct tool *tool, const struct dc_spa_policy *policy)
{
	uint32_t i;

	tool_row(tool, head_row(policy));
	for (i = 0; i < policy->n_rules; i++)
		tool_row(tool, rule_row(&policy->rule[i]));
	for (i = 0; i < policy->n_calls; i++)
		tool_row(tool, call_row(&policy->call[i]));
}

/* ---- try --------------------------------------------------------------- */

static int take_fact(struct tool *tool, struct dc_c3_subject *subject)
{
	const char *word = tool_take(tool);
	struct dc_c3_fact *fact;

	if (!word)
		return tool_incomplete();
	if (subject->n_facts >= DC_C3_FACTS_MAX ||
	    strlen(word) > DC_C3_FACT_MAX || !strchr(word, '='))
		return tool_wrong(word, "an attribute is KEY=VALUE, of 128 bytes at most");
	fact = &subject->fact[subject->n_facts++];
	fact->len = strlen(word);
	memcpy(fact->text, word, fact->len);
	return TOOL_OK;
}

static int take_pair(struct tool *tool, struct dc_c3_request *request)
{
	const char *key = tool_take(tool);

	if (!strcmp(key, "right"))
		return tool_rights(tool_take(tool), &request->right);
	if (!strcmp(key, "at"))
		return tool_node(tool_take(tool), &request->gateway);
	if (!strcmp(key, "pod"))
		return tool_name(tool_take(tool), &request->subject.pod);
	if (!strcmp(key, "with"))
		return take_fact(tool, &request->subject);
	if (strcmp(key, "key"))
		return tool_wrong(key, "unknown key, try \"damc-spa policy help\"");
	request->subject.has_key = true;
	return tool_key(tool_take(tool), request->subject.key);
}

static int try(struct tool *tool, const struct dc_spa_policy *policy)
{
	struct dc_c3_request request = { 0 };
	const struct dc_spa_rule *rule;
	int ret = tool_name(tool_take(tool), &request.name);

	while (!ret && tool_peek(tool))
		ret = take_pair(tool, &request);
	if (ret)
		return ret;
	if (!request.right || !request.gateway.len)
		return tool_incomplete();
	if (dc_spa_reserved(&request.name))
		return tool_failed("%s", dc_c3_code_text(DC_C3_RESERVED));
	rule = dc_spa_policy_match(policy, &request);
	if (!rule)
		return tool_failed("%s", dc_c3_code_text(DC_C3_NO_POLICY));
	tool_row(tool, rule_row(rule));
	return TOOL_OK;
}

/* ---- sign -------------------------------------------------------------- */

/* What is signed is what was read, and found right. */
static int sign_read(struct anchor_dir *dir, const struct policy_file *file)
{
	struct dc_spa_policy policy;

	if (policy_load(&policy, file, dir->identity.domain, dir->why))
		return tool_failed("%s", dir->why);
	dc_spa_policy_clear(&policy);
	if (policy_sign(file, dir->identity.domain, dir->secret[dir->signer],
			dir->why))
		return tool_failed("%s", dir->why);
	if (store_log(dir->store, "policy sign"))
		return tool_failed("%s", store_why(dir->store));
	return TOOL_OK;
}

static int sign_file(struct tool *tool, const struct policy_file *file)
{
	struct anchor_dir dir;
	const char *anchor;
	int ret;

	if (!tool_is(tool, "anchor"))
		return tool_incomplete();
	anchor = tool_take(tool);
	if (!anchor)
		return tool_incomplete();
	if (tool_end(tool))
		return TOOL_USAGE;
	ret = anchor_dir_open(&dir, anchor) ? tool_failed("%s", dir.why) :
		sign_read(&dir, file);
	anchor_dir_close(&dir);
	return ret;
}

static int look_at(struct tool *tool, const char *verb,
		   const struct policy_file *file)
{
	struct dc_spa_policy policy;
	char why[DC_WHY_MAX];
	int ret = TOOL_OK;

	if (policy_load(&policy, file, NULL, why)) {
		fprintf(stderr, "%s\n", why);
		return TOOL_FAILED;
	}
	if (!strcmp(verb, "try"))
		ret = try(tool, &policy);
	else if (tool_end(tool))
		ret = TOOL_USAGE;
	else if (!strcmp(verb, "show"))
		show(tool, &policy);
	else if (!strcmp(verb, "check"))
		tool_row(tool, head_row(&policy));
	else
		ret = tool_wrong(verb, "unknown, try \"damc-spa policy help\"");
	dc_spa_policy_clear(&policy);
	return ret;
}

int cmd_policy(struct tool *tool)
{
	const char *verb = tool_take(tool), *path;
	struct policy_file file;
	char why[DC_WHY_MAX];
	int ret;

	if (!verb || !strcmp(verb, "help")) {
		fputs(usage, verb ? stdout : stderr);
		return verb ? TOOL_OK : TOOL_USAGE;
	}
	path = tool_take(tool);
	if (!path)
		return tool_incomplete();
	if (policy_file_read(&file, path, why)) {
		fprintf(stderr, "%s\n", why);
		return TOOL_FAILED;
	}
	ret = strcmp(verb, "sign") ? look_at(tool, verb, &file) :
		sign_file(tool, &file);
	policy_file_free(&file);
	return ret;
}
