// SPDX-License-Identifier: GPL-2.0
/* damc set: next hops that any number of routes lead to. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "print.h"
#include "route.h"

static const char usage[] =
	"Usage: damc set [ show [ ID ] ]\n"
	"       damc set { add | replace } ID [ proto PROTO ] [ nexthop HOP ] ...\n"
	"                [ backup HOP ]\n"
	"       damc set del ID\n"
	"HOP := { dev DEV [ lladdr LLADDR ] | udp ADDR [ port PORT ] [ dev DEV ] |\n"
	"         neigh ID } [ weight NUMBER ]\n"
	"PROTO := { static | damcd }\n"
	"A backup, which has no weight, is for when no other can be used. Routes lead\n"
	"to a set by \"damc route add NAME set ID\".\n";

static void print_hop(const struct damc_nexthop *hop, const char *kind)
{
	print_nl();
	print_string(PRINT_FP, NULL, "\t%s", kind);
	route_print_nexthop(hop, hop->weight);
}

void cli_print_set(const struct damc_set *set)
{
	struct cli_text text;
	unsigned int i;

	open_json_object(NULL);
	cli_print_event();
	print_uint(PRINT_ANY, "id", "id %u", set->id);
	print_string(PRINT_ANY, "protocol", " proto %s",
		     cli_word(damc_spec_route_protocol, set->protocol, &text));
	print_uint(PRINT_ANY, "routes", " routes %u", set->routes);
	open_json_array(PRINT_JSON, "nexthops");
	for (i = 0; i < set->n_nexthops; i++) {
		open_json_object(NULL);
		print_hop(&set->nexthops[i], "nexthop");
		close_json_object();
	}
	close_json_array(PRINT_JSON, "nexthops");
	if (set->has_backup) {
		open_json_object("backup");
		print_hop(&set->backup, "backup");
		close_json_object();
	} else {
		print_null(PRINT_JSON, "backup", NULL, NULL);
	}
	print_string(PRINT_FP, NULL, "%s", "\n");
	close_json_object();
}

static int print_one(const struct damc_set *set, void *arg)
{
	(void)arg;
	cli_print_set(set);
	return 0;
}

static int take_id(struct cli_args *args, uint32_t *id)
{
	struct cli_key key = { .key = "ID", .to = id, .min = 1,
			       .max = UINT32_MAX };
	const char *word = cli_take(args);

	return word ? cli_take_u32(&key, word) : cli_incomplete();
}

static int show_one(struct damc_ctl *ctl, uint32_t id)
{
	struct damc_set set;
	int err = damc_set_get(ctl, id, &set);

	if (err)
		return cli_refused(err);
	new_json_obj(json);
	cli_print_set(&set);
	delete_json_obj();
	return CLI_OK;
}

static int show(struct cli_args *args)
{
	struct damc_ctl *ctl;
	uint32_t id = 0;
	int ret = CLI_OK;

	if (cli_peek(args))
		ret = take_id(args, &id);
	if (!ret)
		ret = cli_end(args, "nothing may follow the id");
	if (ret)
		return ret;
	ctl = cli_ctl();
	if (!ctl)
		return CLI_KERNEL;
	if (id)
		return show_one(ctl, id);
	new_json_obj(json);
	ret = damc_set_dump(ctl, print_one, NULL);
	delete_json_obj();
	return ret ? cli_refused(ret) : CLI_OK;
}

static bool begins_hop(const char *word)
{
	return !strcmp(word, "nexthop") || !strcmp(word, "backup");
}

/* The words up to where the next hop begins, taken. */
static struct cli_args take_hop(struct cli_args *args)
{
	struct cli_args hop = { .left = 0, .next = args->next };

	while (cli_peek(args) && !begins_hop(cli_peek(args))) {
		cli_take(args);
		hop.left++;
	}
	return hop;
}

static int parse_hop(struct cli_args *args, struct damc_nexthop *hop,
		     bool weighed)
{
	struct cli_key keys[] = {
		{ .key = "dev", .take = cli_take_dev, .to = &hop->ifindex },
		{ .key = "lladdr", .take = cli_take_lladdr,
		  .to = &hop->lladdr },
		{ .key = "neigh", .take = cli_take_u32, .to = &hop->neigh_id,
		  .min = 1, .max = UINT32_MAX },
		{ .key = "udp", .take = cli_take_inet, .to = &hop->remote },
		{ .key = "port", .take = cli_take_u32, .to = &hop->port,
		  .min = 1, .max = UINT16_MAX },
		{ .key = weighed ? "weight" : NULL, .take = cli_take_u32,
		  .to = &hop->weight, .min = 1, .max = DAMC_WEIGHT_MAX },
		{ .key = NULL }
	};
	struct cli_args words = take_hop(args);
	int ret = cli_keys(&words, keys, NULL, "set");

	return ret ? ret : route_check_hop(hop);
}

static int parse_nexthop(struct cli_args *args, struct damc_set *set)
{
	struct damc_nexthop *hop = &set->nexthops[set->n_nexthops];

	if (set->n_nexthops == DAMC_NEXTHOPS_MAX)
		return cli_wrong("nexthop", "16 at most");
	set->n_nexthops++;
	hop->weight = 0;
	return parse_hop(args, hop, true);
}

static int parse_backup(struct cli_args *args, struct damc_set *set)
{
	if (set->has_backup)
		return cli_wrong("backup", "one at most");
	set->has_backup = true;
	return parse_hop(args, &set->backup, false);
}

static int parse(struct cli_args *args, struct damc_set *set)
{
	unsigned int protocol = DAMC_ROUTE_PROTOCOL_STATIC;
	struct cli_key keys[] = {
		{ .key = "proto", .take = cli_take_word, .to = &protocol,
		  .words = damc_spec_route_protocol },
		{ .key = NULL }
	};
	struct cli_args words;
	int ret;

	ret = take_id(args, &set->id);
	if (ret)
		return ret;
	words = take_hop(args);
	ret = cli_keys(&words, keys, NULL, "set");
	while (!ret && cli_peek(args)) {
		if (!strcmp(cli_take(args), "backup"))
			ret = parse_backup(args, set);
		else
			ret = parse_nexthop(args, set);
	}
	set->protocol = protocol;
	return ret;
}

typedef int (*set_fn)(struct damc_ctl *ctl, const struct damc_set *set);

static int change(struct cli_args *args, set_fn fn)
{
	struct damc_set set = { 0 };
	struct damc_ctl *ctl;
	int ret;

	ret = parse(args, &set);
	if (ret)
		return ret;
	ctl = cli_ctl();
	if (!ctl)
		return CLI_KERNEL;
	return cli_outcome(fn(ctl, &set));
}

static int add(struct cli_args *args)
{
	return change(args, damc_set_add);
}

static int replace(struct cli_args *args)
{
	return change(args, damc_set_replace);
}

static int del(struct cli_args *args)
{
	struct damc_ctl *ctl;
	uint32_t id;
	int ret;

	ret = take_id(args, &id);
	if (!ret)
		ret = cli_end(args, "nothing may follow the id");
	if (ret)
		return ret;
	ctl = cli_ctl();
	if (!ctl)
		return CLI_KERNEL;
	return cli_outcome(damc_set_del(ctl, id));
}

static const struct cli_verb verbs[] = {
	{ "show", show },
	{ "list", show },
	{ "add", add },
	{ "replace", replace },
	{ "delete", del },
	{ NULL, NULL }
};

const struct cli_object cli_set = {
	.name = "set", .usage = usage, .verbs = verbs, .run = show
};
