// SPDX-License-Identifier: GPL-2.0
/* damc-spa grant, revoke: what an operator does by hand. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "desk.h"
#include "identity_file.h"
#include "spa_tool.h"

static const char usage[] =
	"Usage: damc-spa grant add NAME right RIGHT[,RIGHT] { key HEX | pod NAME }\n"
	"                          [ gateway NODE ]... [ lifetime TIME ] [ out FILE ]\n"
	"       damc-spa grant show [ NAME | number NUMBER ]\n"
	"       damc-spa grant revoke { NAME | number NUMBER }\n"
	"RIGHT := { name | member | tree }\n"
	"add gives whatever the policy says, and never a reserved or a taken name.\n"
	"show NAME: it and what is below. revoke NAME: all grants of exactly it; who\n"
	"had one is refused that name until the grant would have ended.\n";

static const char revoke_usage[] =
	"Usage: damc-spa revoke { cert FILE | grant { NAME | number NUMBER } }\n"
	"Ends a node's certificate, or grants, before their time.\n";

/* Which grants: all, those of or below a name, or one. */
struct choice {
	struct tool *tool;
	struct desk *desk;
	bool has_name;
	struct damc_name name;
	uint64_t number;
	int done;
	int err;
};

static int choose(struct tool *tool, struct choice *choice)
{
	int ret = TOOL_OK;

	choice->tool = tool;
	if (tool_is(tool, "number")) {
		ret = tool_number(tool_take(tool), &choice->number, INT64_MAX);
	} else if (tool_peek(tool)) {
		choice->has_name = true;
		ret = tool_name(tool_take(tool), &choice->name);
	}
	return ret ? ret : tool_end(tool);
}

static int with_desk(struct tool *tool, int (*run)(struct desk *desk,
						   void *arg), void *arg)
{
	struct desk desk;
	int ret;

	if (desk_open(&desk, tool->config))
		ret = tool_failed("%s", desk.why);
	else
		ret = run(&desk, arg);
	desk_close(&desk);
	return ret;
}

/* ---- show -------------------------------------------------------------- */

static json_t *row_of(const struct store_grant *grant)
{
	const struct dc_spa_holding *holding = &grant->holding;
	json_t *row = json_object();

	json_object_set_new(row, "name", tool_json_name(&holding->name));
	json_object_set_new(row, "number", json_integer(holding->number));
	json_object_set_new(row, "right", tool_json_rights(holding->rights));
	json_object_set_new(row, "holder", json_string(grant->holder));
	json_object_set_new(row, "gateway", json_string(grant->gateway));
	json_object_set_new(row, "rule", json_string(holding->label));
	json_object_set_new(row, "not-after", tool_json_time(holding->until));
	if (grant->revoked)
		json_object_set_new(row, "revoked",
				    json_integer(grant->revoked));
	return row;
}

static int show_one(const struct store_grant *grant, void *arg)
{
	const struct choice *choice = arg;

	if ((choice->number && choice->number != grant->holding.number) ||
	    (choice->has_name &&
	     !damc_name_below(&grant->holding.name, &choice->name)))
		return 0;
	tool_row(choice->tool, row_of(grant));
	return 0;
}

static int show(struct desk *desk, void *arg)
{
	if (store_grants(desk->store, 0, desk_time(desk), show_one, arg))
		return tool_failed("%s", store_why(desk->store));
	return TOOL_OK;
}

/* ---- revoke ------------------------------------------------------------ */

/* Found first, ended afterwards: not while they are read. So many at a time. */
#define FOUND_MAX 256

struct found {
	const struct choice *choice;
	unsigned int n;
	struct store_grant grant[FOUND_MAX];
};

static int find_one(const struct store_grant *grant, void *arg)
{
	const struct choice *choice = ((struct found *)arg)->choice;
	struct found *found = arg;

	if (grant->revoked || found->n == FOUND_MAX)
		return 0;
	if (choice->number ? choice->number == grant->holding.number :
	    damc_name_equal(&choice->name, &grant->holding.name))
		found->grant[found->n++] = *grant;
	return 0;
}

static const char *revoke_fault(struct desk *desk, int err)
{
	switch (err) {
	case -ESTALE:
		return "it has ended by itself";
	case -EPERM:
		return "it is not of a subtree of this SPA";
	case -EBADMSG:
		return "it is no object";
	case -ENOSPC:
		return "there are as many revocations as nodes keep";
	default:
		return store_why(desk->store);
	}
}

static int revoke_one(struct tool *tool, struct desk *desk,
		      const uint8_t *bytes, size_t len, uint64_t number)
{
	struct store_revocation revocation = { 0 };
	struct dc_object object;
	json_t *row;
	int err;

	err = desk_revoke(desk, bytes, len, number, &revocation);
	if (err || dc_object_read(&object, bytes, len, NULL))
		return tool_failed("%s", revoke_fault(desk, err));
	row = json_object();
	json_object_set_new(row, "name", tool_json_name(&object.subject));
	json_object_set_new(row, "revocation",
			    json_integer(revocation.number));
	if (number)
		json_object_set_new(row, "grant", json_integer(number));
	json_object_set_new(row, "until", tool_json_time(revocation.until));
	tool_row(tool, row);
	return TOOL_OK;
}

static int revoke_some(struct desk *desk, struct found *found)
{
	int ret = TOOL_OK;
	unsigned int i;

	found->n = 0;
	if (store_grants(desk->store, 0, desk_time(desk), find_one, found))
		return tool_failed("%s", store_why(desk->store));
	for (i = 0; i < found->n && !ret; i++)
		ret = revoke_one(found->choice->tool, desk,
				 found->grant[i].bytes, found->grant[i].len,
				 found->grant[i].holding.number);
	return ret;
}

/* A pool's name has as many as it has members. */
static int revoke(struct desk *desk, void *arg)
{
	static struct found found;
	uint64_t n = 0;
	int ret;

	found.choice = arg;
	do {
		ret = revoke_some(desk, &found);
		n += found.n;
	} while (!ret && found.n == FOUND_MAX);
	return ret || n ? ret : tool_failed("no such grant");
}

static int run_revoke(struct tool *tool)
{
	struct choice choice = { 0 };
	int ret;

	if (!tool_peek(tool))
		return tool_incomplete();
	ret = choose(tool, &choice);
	return ret ? ret : with_desk(tool, revoke, &choice);
}

/* ---- add --------------------------------------------------------------- */

struct addition {
	struct tool *tool;
	struct dc_spa_wish wish;
	bool has_pod;
	const char *out;
};

static int take_pair(struct tool *tool, struct addition *addition)
{
	struct dc_grant *grant = &addition->wish.grant;
	const char *key = tool_take(tool);

	if (!strcmp(key, "right"))
		return tool_rights(tool_take(tool), &grant->rights);
	if (!strcmp(key, "lifetime"))
		return tool_seconds(tool_take(tool), &addition->wish.lifetime);
	if (!strcmp(key, "key")) {
		grant->has_key = true;
		return tool_key(tool_take(tool), grant->key);
	}
	if (!strcmp(key, "pod")) {
		addition->has_pod = true;
		return tool_name(tool_take(tool), &grant->pod);
	}
	if (!strcmp(key, "gateway") && grant->n_gateways < DC_GATEWAYS_MAX)
		return tool_node(tool_take(tool),
				 &grant->gateway[grant->n_gateways++]);
	if (!strcmp(key, "out")) {
		addition->out = tool_take(tool);
		return addition->out ? TOOL_OK : tool_incomplete();
	}
	return tool_wrong(key, "unknown key, try \"damc-spa grant help\"");
}

static int add(struct desk *desk, void *arg)
{
	struct addition *addition = arg;
	struct dc_spa_decision decision;
	struct store_grant shown = { 0 };
	uint8_t bytes[DC_OBJECT_MAX];
	char why[DC_WHY_MAX];
	int len;

	if (desk_read_policy(desk))
		return tool_failed("%s", desk->why);
	len = desk_give(desk, &addition->wish, &decision, bytes);
	if (len <= 0)
		return tool_failed("%s", decision.words);
	if (addition->out &&
	    dc_file_write(addition->out, bytes, len, 0644, false, why))
		return tool_failed("%s", why);
	shown.holding = decision.holding;
	desk_holder(shown.holder, sizeof(shown.holder), &addition->wish.grant);
	tool_row(addition->tool, row_of(&shown));
	return TOOL_OK;
}

static int run_add(struct tool *tool)
{
	struct addition addition = { .tool = tool };
	int ret = tool_name(tool_take(tool), &addition.wish.name);

	while (!ret && tool_peek(tool))
		ret = take_pair(tool, &addition);
	if (ret)
		return ret;
	if (!addition.wish.grant.rights ||
	    addition.has_pod == addition.wish.grant.has_key)
		return tool_incomplete();
	return with_desk(tool, add, &addition);
}

int cmd_grant(struct tool *tool)
{
	struct choice choice = { 0 };
	const char *verb = tool_take(tool);
	int ret;

	if (!verb || !strcmp(verb, "help")) {
		fputs(usage, verb ? stdout : stderr);
		return verb ? TOOL_OK : TOOL_USAGE;
	}
	if (!strcmp(verb, "add"))
		return run_add(tool);
	if (!strcmp(verb, "revoke"))
		return run_revoke(tool);
	if (strcmp(verb, "show"))
		return tool_wrong(verb, "unknown, try \"damc-spa grant help\"");
	ret = choose(tool, &choice);
	return ret ? ret : with_desk(tool, show, &choice);
}

/* ---- damc-spa revoke --------------------------------------------------- */

static int revoke_cert(struct desk *desk, void *arg)
{
	char bytes[DC_FILE_MAX], why[DC_WHY_MAX];
	struct dc_object object;
	struct tool *tool = arg;
	int len;

	len = dc_file_read(*(tool->next - 1), bytes, false, why);
	if (len < 0)
		return tool_failed("%s", why);
	if (dc_object_read(&object, bytes, len, NULL) || object.type != DC_CERT)
		return tool_failed("%s is no certificate", *(tool->next - 1));
	return revoke_one(tool, desk, object.bytes, object.len, 0);
}

int cmd_revoke(struct tool *tool)
{
	const char *what = tool_take(tool);

	if (!what || !strcmp(what, "help")) {
		fputs(revoke_usage, what ? stdout : stderr);
		return what ? TOOL_OK : TOOL_USAGE;
	}
	if (!strcmp(what, "grant"))
		return run_revoke(tool);
	if (strcmp(what, "cert"))
		return tool_wrong(what, "unknown, try \"damc-spa revoke help\"");
	if (!tool_take(tool))
		return tool_incomplete();
	return tool_end(tool) ? TOOL_USAGE : with_desk(tool, revoke_cert, tool);
}
