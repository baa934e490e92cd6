// SPDX-License-Identifier: GPL-2.0
/* damc-spa rule: who may call whom, by hand. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "desk.h"
#include "spa_tool.h"

static const char usage[] =
	"Usage: damc-spa rule add CALLEE [ caller NAME ]...\n"
	"       damc-spa rule del CALLEE\n"
	"       damc-spa rule show [ NAME ]\n"
	"add says who may call CALLEE and what is below it, whatever the policy says:\n"
	"8 callers at most, each with what is below it; / is everybody, none is nobody.\n"
	"del leaves it to the policy again; what that says nothing of nobody may call,\n"
	"for nothing lapses into being allowed. show: NAME and what is below it.\n";

/**
 * struct work - one command
 * @rule: to be put, or of which the callee is to be found
 * @n: how many there are, of which one may be @found
 */
struct work {
	struct tool *tool;
	struct desk *desk;
	struct store_rule rule;
	uint32_t n;
	bool found;
};

/* ---- show -------------------------------------------------------------- */

static const struct dc_spa_call *of_policy(const struct desk *desk,
					   const struct damc_name *callee)
{
	uint32_t i;

	for (i = 0; i < desk->policy.n_calls; i++)
		if (damc_name_equal(&desk->policy.call[i].callee, callee))
			return &desk->policy.call[i];
	return NULL;
}

static int show_one(const struct store_rule *rule, void *arg)
{
	const struct work *work = arg;
	const struct dc_spa_call *call = NULL;
	const char *from = "hand";
	json_t *row;

	if (!damc_name_below(&rule->call.callee, &work->rule.call.callee))
		return 0;
	if (!rule->by_hand) {
		call = of_policy(work->desk, &rule->call.callee);
		from = call ? "policy" : "nobody";
	}
	call = call ? call : &rule->call;
	row = json_object();
	json_object_set_new(row, "callee", tool_json_name(&call->callee));
	json_object_set_new(row, "by", json_string(from));
	json_object_set_new(row, "callers", tool_json_callers(&call->rule));
	tool_row(work->tool, row);
	return 0;
}

static int show(struct work *work)
{
	if (store_rules(work->desk->store, show_one, work))
		return tool_failed("%s", store_why(work->desk->store));
	return TOOL_OK;
}

/* ---- change ------------------------------------------------------------ */

static int look_for(const struct store_rule *rule, void *arg)
{
	struct work *work = arg;

	work->n++;
	if (damc_name_equal(&rule->call.callee, &work->rule.call.callee))
		work->found = true;
	return 0;
}

static void log_line(const struct work *work, char line[AUDIT_LINE_BYTES])
{
	const struct dc_call_rule *rule = &work->rule.call.rule;
	char name[DAMC_NAME_TEXT_MAX], callers[AUDIT_LINE_BYTES / 2] = "";
	size_t len = 0;
	uint32_t i;

	for (i = 0; i < rule->n && len < sizeof(callers); i++)
		len += snprintf(callers + len, sizeof(callers) - len, " %s",
				tool_name_text(&rule->caller[i], name));
	desk_line(line, AUDIT_LINE_BYTES, desk_time(work->desk),
		  "rule %s %s%s", tool_name_text(&work->rule.call.callee, name),
		  work->rule.by_hand ? "callers" : "by the policy", callers);
}

static int put(struct work *work)
{
	struct store *store = work->desk->store;
	char line[AUDIT_LINE_BYTES];
	int err;

	log_line(work, line);
	err = store_put_rule(store, &work->rule);
	if (err)
		store_abort(store);
	else
		err = store_commit(store, line);
	return err ? tool_failed("%s", store_why(store)) : show(work);
}

static int change(struct work *work)
{
	struct store *store = work->desk->store;
	char name[DAMC_NAME_TEXT_MAX];
	const char *why = NULL;

	if (store_begin(store) || store_rules(store, look_for, work))
		return tool_failed("%s", store_why(store));
	if (!dc_spa_may(work->desk->spa, &work->rule.call.callee))
		why = "not of a subtree of this SPA's certificate";
	else if (!work->rule.by_hand && !work->found)
		why = "has no call rule";
	else if (!work->found && work->n >= STORE_RULES_MAX)
		why = "more names with call rules than nodes keep of one SPA";
	if (!why)
		return put(work);
	store_abort(store);
	return tool_failed("%s: %s",
			   tool_name_text(&work->rule.call.callee, name), why);
}

/* ---- words ------------------------------------------------------------- */

static int take_callers(struct tool *tool, struct dc_call_rule *rule)
{
	const char *word;
	uint32_t i;
	int ret;

	while (tool_is(tool, "caller")) {
		word = tool_take(tool);
		if (!word)
			return tool_incomplete();
		if (rule->n == DC_CALLERS_MAX)
			return tool_wrong(word, "8 callers at most");
		ret = tool_name(word, &rule->caller[rule->n]);
		if (ret)
			return ret;
		for (i = 0; i < rule->n; i++)
			if (damc_name_equal(&rule->caller[i],
					    &rule->caller[rule->n]))
				return tool_wrong(word, "it is here twice");
		rule->n++;
	}
	return tool_end(tool);
}

static int with_desk(struct tool *tool, struct work *work,
		     int (*run)(struct work *work))
{
	struct desk desk;
	int ret;

	work->tool = tool;
	work->desk = &desk;
	if (desk_open(&desk, tool->config) || desk_read_policy(&desk))
		ret = tool_failed("%s", desk.why);
	else
		ret = run(work);
	desk_close(&desk);
	return ret;
}

int cmd_rule(struct tool *tool)
{
	const char *verb = tool_take(tool);
	struct work work = { 0 };
	bool add, shown;
	int ret = TOOL_OK;

	if (!verb || !strcmp(verb, "help")) {
		fputs(usage, verb ? stdout : stderr);
		return verb ? TOOL_OK : TOOL_USAGE;
	}
	add = !strcmp(verb, "add");
	shown = !strcmp(verb, "show");
	if (!add && !shown && strcmp(verb, "del"))
		return tool_wrong(verb, "unknown, try \"damc-spa rule help\"");
	if (!tool_peek(tool) && !shown)
		return tool_incomplete();
	if (tool_peek(tool))
		ret = tool_name(tool_take(tool), &work.rule.call.callee);
	work.rule.by_hand = add;
	if (!ret)
		ret = add ? take_callers(tool, &work.rule.call.rule)
			  : tool_end(tool);
	return ret ? ret : with_desk(tool, &work, shown ? show : change);
}
