// SPDX-License-Identifier: GPL-2.0
/* damc neigh: nodes and pods one link away. */
#include <stdio.h>

#include "neigh.h"
#include "print.h"

static const char usage[] =
	"Usage: damc neigh [ show [ dev DEV ] ]\n"
	"       damc neigh add WHERE\n"
	"       damc neigh del { id ID | WHERE }\n"
	"       damc neigh set { id ID | WHERE } [ admin { up | down } ]\n"
	"                      [ liveness { MSxTIMES | off } ] [ key HEX ]\n"
	"WHERE := { dev DEV [ lladdr LLADDR ] |\n"
	"           udp ADDR [ port PORT ] [ local ADDR ] [ dev DEV ] }\n"
	"Without lladdr the neighbour is the link's group address; without port, the\n"
	"UDP port that is open here.\n";

static void print_flags(uint32_t flags)
{
	const struct damc_spec_word *word;

	open_json_array(PRINT_JSON, "flags");
	for (word = damc_spec_neigh_flags; word->name; word++) {
		if (flags & word->value)
			print_string(PRINT_ANY, NULL, " %s", word->name);
		flags &= ~word->value;
	}
	close_json_array(PRINT_JSON, "flags");
	if (flags)
		print_0xhex(PRINT_ANY, "rawflags", " rawflags %#llx", flags);
}

static void print_status(const struct damc_neigh *neigh)
{
	enum color_attr color = neigh->status == DAMC_NEIGH_STATUS_UP ?
				COLOR_OPERSTATE_UP : COLOR_OPERSTATE_DOWN;
	struct cli_text text;

	print_color_string(PRINT_ANY, color, "status", " status %s",
			   cli_word(damc_spec_neigh_status, neigh->status,
				    &text));
	print_string(PRINT_JSON, "admin", NULL,
		     cli_word(damc_spec_neigh_admin, neigh->admin, &text));
}

static void print_stats(const struct damc_neigh *neigh)
{
	open_json_object("stats");
	print_nl();
	print_u64(PRINT_ANY, "tx-packets", "    tx-packets %lu",
		  neigh->tx_packets);
	print_u64(PRINT_ANY, "tx-bytes", " tx-bytes %lu", neigh->tx_bytes);
	print_u64(PRINT_ANY, "control", " control %lu", neigh->control);
	print_u64(PRINT_ANY, "control-dropped", " control-dropped %lu",
		  neigh->control_dropped);
	neigh_print_liveness_stats(&neigh->live);
	close_json_object();
}

void cli_print_neigh(const struct damc_neigh *neigh)
{
	open_json_object(NULL);
	cli_print_event();
	print_uint(PRINT_ANY, "id", "id %u", neigh->id);
	cli_print_udp(&neigh->remote, neigh->port, &neigh->local);
	cli_print_link(neigh->ifindex, &neigh->lladdr);
	print_uint(PRINT_ANY, "mtu", " mtu %u", neigh->mtu);
	print_status(neigh);
	print_flags(neigh->flags);
	neigh_print_liveness(&neigh->live);
	if (show_stats)
		print_stats(neigh);
	print_string(PRINT_FP, NULL, "%s", "\n");
	close_json_object();
}

static int print_neigh(const struct damc_neigh *neigh, void *arg)
{
	const uint32_t *ifindex = arg;

	if (!*ifindex || *ifindex == neigh->ifindex)
		cli_print_neigh(neigh);
	return 0;
}

static int show(struct cli_args *args)
{
	uint32_t ifindex = 0;
	struct cli_key keys[] = {
		{ .key = "dev", .take = cli_take_dev, .to = &ifindex },
		{ .key = NULL }
	};
	struct damc_ctl *ctl;
	int ret;

	ret = cli_keys(args, keys, NULL, "neigh");
	if (ret)
		return ret;
	ctl = cli_ctl();
	if (!ctl)
		return CLI_KERNEL;

	new_json_obj(json);
	ret = damc_neigh_dump(ctl, print_neigh, &ifindex);
	delete_json_obj();
	return ret ? cli_refused(ret) : CLI_OK;
}

/* What a command says of a neighbour, before it is known to make sense together. */
struct words {
	struct damc_neigh which;
	struct damc_neigh_config config;
	unsigned int admin;
};

/* Where "admin" stands among the keys below. */
#define KEY_ADMIN 6

/* "WHERE [ id ID [ CONFIG ] ]" */
static int parse_words(struct cli_args *args, struct words *words, bool id,
		       bool config)
{
	struct damc_neigh *which = &words->which;
	struct cli_key keys[] = {
		{ .key = "dev", .take = cli_take_dev, .to = &which->ifindex },
		{ .key = "lladdr", .take = cli_take_lladdr,
		  .to = &which->lladdr },
		{ .key = "udp", .take = cli_take_inet, .to = &which->remote },
		{ .key = "port", .take = cli_take_u32, .to = &which->port,
		  .min = 1, .max = UINT16_MAX },
		{ .key = "local", .take = cli_take_inet, .to = &which->local },
		{ .key = id ? "id" : NULL, .take = cli_take_u32,
		  .to = &which->id, .min = 1, .max = UINT32_MAX },
		{ .key = config ? "admin" : NULL, .take = cli_take_word,
		  .to = &words->admin, .words = damc_spec_neigh_admin },
		{ .key = "liveness", .take = neigh_take_liveness,
		  .to = &words->config },
		{ .key = "key", .take = neigh_take_key, .to = &words->config },
		{ .key = NULL }
	};
	int ret = cli_keys(args, keys, NULL, "neigh");

	if (keys[KEY_ADMIN].seen)
		words->config.has |= DAMC_NEIGH_HAS_ADMIN;
	words->config.admin = words->admin;
	return ret;
}

static int check_where(const struct damc_neigh *which)
{
	if (which->remote.len)
		return which->lladdr.len ?
			cli_wrong("lladdr", "either udp or lladdr, not both") :
			CLI_OK;
	if (which->port || which->local.len)
		return cli_required("udp");
	if (which->ifindex)
		return CLI_OK;
	return cli_required(which->lladdr.len ? "dev" : "dev or udp");
}

/* By its id, or by where it is, and not by both. */
static int check_which(const struct damc_neigh *which)
{
	bool where = which->ifindex || which->lladdr.len || which->remote.len ||
		     which->local.len || which->port;

	if (which->id)
		return where ?
			cli_wrong("id", "either id or where it is, not both") :
			CLI_OK;
	return where ? check_where(which) : cli_required("id, dev or udp");
}

static int add(struct cli_args *args)
{
	struct words words = { 0 };
	struct damc_ctl *ctl;
	uint32_t id = 0;
	int ret;

	ret = parse_words(args, &words, false, false);
	if (!ret)
		ret = check_where(&words.which);
	if (ret)
		return ret;
	ctl = cli_ctl();
	if (!ctl)
		return CLI_KERNEL;
	ret = damc_neigh_create(ctl, &words.which, &id);
	if (ret)
		return cli_refused(ret);
	if (!echo_request)
		return CLI_OK;

	/* The kernel chose it, so scripts may want to know. */
	new_json_obj(json);
	open_json_object(NULL);
	print_uint(PRINT_ANY, "id", "id %u\n", id);
	close_json_object();
	delete_json_obj();
	return CLI_OK;
}

static int del(struct cli_args *args)
{
	struct words words = { 0 };
	struct damc_ctl *ctl;
	int ret;

	ret = parse_words(args, &words, true, false);
	if (!ret)
		ret = check_which(&words.which);
	if (ret)
		return ret;
	ctl = cli_ctl();
	if (!ctl)
		return CLI_KERNEL;
	return cli_outcome(damc_neigh_del(ctl, &words.which));
}

static int set(struct cli_args *args)
{
	struct words words = { 0 };
	struct damc_ctl *ctl;
	int ret;

	ret = parse_words(args, &words, true, true);
	if (!ret)
		ret = check_which(&words.which);
	if (!ret && !words.config.has)
		ret = cli_incomplete();
	if (ret)
		return ret;
	ctl = cli_ctl();
	if (!ctl)
		return CLI_KERNEL;
	return cli_outcome(damc_neigh_set(ctl, &words.which, &words.config));
}

static const struct cli_verb verbs[] = {
	{ "show", show },
	{ "list", show },
	{ "add", add },
	{ "delete", del },
	{ "set", set },
	{ NULL, NULL }
};

const struct cli_object cli_neigh = {
	.name = "neigh", .usage = usage, .verbs = verbs, .run = show
};
