// SPDX-License-Identifier: GPL-2.0
/* damc-spa status, audit: how it is, and what was done. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "audit.h"
#include "desk.h"
#include "spa_tool.h"

static const char status_usage[] =
	"Usage: damc-spa status\n"
	"outage-budget: seconds that the fabric loses nothing without this SPA, whatever\n"
	"was renewed when. first-end: when the first grant ends if nothing is renewed.\n";

static const char audit_usage[] =
	"Usage: damc-spa audit [ show | verify ]\n"
	"show writes the log; verify says whether all of it is there, unchanged.\n";

struct sums {
	uint64_t now;
	uint64_t policy;
	uint64_t beacon;
	uint64_t grants;
	uint64_t first_end;
	uint64_t revocations;
};

static int add_grant(const struct store_grant *grant, void *arg)
{
	struct sums *sums = arg;

	if (grant->revoked)
		return 0;
	sums->grants++;
	if (!sums->first_end || grant->holding.until < sums->first_end)
		sums->first_end = grant->holding.until;
	return 0;
}

/* Grants are renewed before half of their life is over: the other half is left. */
static uint32_t budget(const struct dc_spa_policy *policy)
{
	uint32_t least = policy->lifetime, i;

	for (i = 0; i < policy->n_rules; i++) {
		if (policy->rule[i].lifetime &&
		    policy->rule[i].lifetime < least)
			least = policy->rule[i].lifetime;
	}
	return least / 2;
}

static json_t *status_row(const struct desk *desk, const struct sums *sums)
{
	json_t *row = json_object(), *subtrees = json_array();
	struct dc_object object;
	struct dc_cert cert;
	uint32_t i;

	json_object_set_new(row, "spa", tool_json_node(dc_spa_id(desk->spa)));
	json_object_set_new(row, "domain", json_string(desk->identity.domain));
	if (!dc_object_read(&object, desk->identity.cert,
			    desk->identity.cert_len, NULL) &&
	    !dc_cert_read(&cert, &object)) {
		for (i = 0; i < cert.n_subtrees; i++)
			json_array_append_new(subtrees, tool_json_name
					      (&cert.subtree[i]));
		json_object_set_new(row, "certificate-end",
				    tool_json_time(object.not_after));
	}
	json_object_set_new(row, "subtree", subtrees);
	json_object_set_new(row, "mode", json_string(desk->policy.observe ?
						     "observe" : "enforce"));
	json_object_set_new(row, "policy", json_integer(sums->policy));
	if (desk->policy.version != sums->policy)
		json_object_set_new(row, "policy-file",
				    json_integer(desk->policy.version));
	json_object_set_new(row, "grants", json_integer(sums->grants));
	json_object_set_new(row, "revocations",
			    json_integer(sums->revocations));
	if (sums->beacon)
		json_object_set_new(row, "last-beacon",
				    tool_json_time(sums->beacon));
	json_object_set_new(row, "outage-budget",
			    json_integer(budget(&desk->policy)));
	if (sums->first_end)
		json_object_set_new(row, "first-end",
				    tool_json_time(sums->first_end));
	return row;
}

int cmd_status(struct tool *tool)
{
	struct sums sums = { 0 };
	struct desk desk;
	int ret = TOOL_OK;

	if (tool_is(tool, "help")) {
		fputs(status_usage, stdout);
		return TOOL_OK;
	}
	if (tool_end(tool))
		return TOOL_USAGE;
	if (desk_open(&desk, tool->config) || desk_read_policy(&desk)) {
		ret = tool_failed("%s", desk.why);
	} else {
		sums.now = desk_time(&desk);
		if (store_grants(desk.store, 0, sums.now, add_grant, &sums) ||
		    store_count_revocations(desk.store, sums.now,
					    &sums.revocations) ||
		    store_get(desk.store, DESK_POLICY, &sums.policy) ||
		    store_get(desk.store, "beacon", &sums.beacon))
			ret = tool_failed("%s", store_why(desk.store));
		else
			tool_row(tool, status_row(&desk, &sums));
	}
	desk_close(&desk);
	return ret;
}

/* ---- audit ------------------------------------------------------------- */

static void show_line(uint64_t line, const char *words, void *arg)
{
	json_t *row = json_object();

	json_object_set_new(row, "line", json_integer(line));
	json_object_set_new(row, "words", json_string(words));
	tool_row(arg, row);
}

/* To open the store compares the log's end with what it knows; this reads all. */
static int walk_log(struct tool *tool, bool show)
{
	char path[PATH_MAX + 16], why[DC_WHY_MAX];
	struct audit_head have;
	struct config config;
	struct store *store;
	uint64_t end;
	json_t *row;
	int err;

	if (config_load(&config, tool->config, why))
		return tool_failed("%s", why);
	store = store_open(config.state, config.sync, why);
	if (!store)
		return tool_failed("%s", why);
	snprintf(path, sizeof(path), "%s/audit.log", config.state);
	err = audit_walk(path, show ? show_line : NULL, tool, NULL, &have, &end,
			 why);
	store_close(store);
	if (err)
		return tool_failed("%s", why);
	if (show)
		return TOOL_OK;
	row = json_object();
	json_object_set_new(row, "log", json_string(path));
	json_object_set_new(row, "lines", json_integer(have.lines));
	json_object_set_new(row, "hash",
			    tool_json_hex(have.hash, sizeof(have.hash)));
	tool_row(tool, row);
	return TOOL_OK;
}

int cmd_audit(struct tool *tool)
{
	bool show = true;

	if (tool_is(tool, "help")) {
		fputs(audit_usage, stdout);
		return TOOL_OK;
	}
	if (tool_is(tool, "verify"))
		show = false;
	else
		tool_is(tool, "show");
	return tool_end(tool) ? TOOL_USAGE : walk_log(tool, show);
}
