// SPDX-License-Identifier: GPL-2.0
/* damc policy: what becomes of packets by destination, source and class. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "print.h"

static const char usage[] =
	"Usage: damc policy [ show ]\n"
	"       damc policy { add | replace } PACKETS ACTION [ lifetime TIME ]\n"
	"                   [ proto PROTO ]\n"
	"       damc policy { del | get } { id ID | PACKETS }\n"
	"       damc policy flush\n"
	"PACKETS := NAME [ from NAME ] [ class 0-6 ]\n"
	"ACTION := { pass | prohibit | neigh ID [ neigh ID ] ... }\n"
	"PROTO := { static | damcd }\n"
	"Of the policies about a packet that with the longest destination counts, then\n"
	"with the longest source, then with a class. One with neighbours narrows the\n"
	"next hops of the packet's route down to these, and never beyond.\n";

static void print_neighs(const struct damc_policy *policy)
{
	unsigned int i;

	open_json_array(PRINT_JSON, "neighs");
	for (i = 0; i < policy->n_neighs; i++)
		print_uint(PRINT_ANY, NULL, " neigh %u", policy->neighs[i]);
	close_json_array(PRINT_JSON, "neighs");
}

static void print_stats(const struct damc_policy *policy)
{
	open_json_object("stats");
	print_nl();
	print_u64(PRINT_ANY, "packets", "    packets %lu", policy->packets);
	print_u64(PRINT_ANY, "bytes", " bytes %lu", policy->bytes);
	print_u64(PRINT_ANY, "inactive", " inactive %lu", policy->inactive);
	close_json_object();
}

static void print_lifetime(const struct damc_policy *policy)
{
	if (!policy->lifetime_ms)
		return;
	print_uint(PRINT_ANY, "lifetime", " lifetime %ums", policy->lifetime_ms);
	print_uint(PRINT_ANY, "left", " left %ums", policy->left_ms);
}

void cli_print_policy(const struct damc_policy *policy)
{
	struct cli_text text;

	open_json_object(NULL);
	cli_print_event();
	print_uint(PRINT_ANY, "id", "id %u", policy->id);
	print_color_string(PRINT_ANY, COLOR_INET6, "name", " %s",
			   cli_name(&policy->name, &text));
	if (policy->from.len)
		print_string(PRINT_ANY, "from", " from %s",
			     cli_name(&policy->from, &text));
	if (policy->has_class)
		print_uint(PRINT_ANY, "class", " class %u",
			   policy->class_selector);
	print_string(PRINT_JSON, "action", NULL,
		     cli_word(damc_spec_policy_action, policy->action, &text));
	if (policy->n_neighs || is_json_context())
		print_neighs(policy);
	else
		print_string(PRINT_FP, NULL, " %s",
			     cli_word(damc_spec_policy_action, policy->action,
				      &text));
	print_string(PRINT_ANY, "protocol", " proto %s",
		     cli_word(damc_spec_route_protocol, policy->protocol,
			      &text));
	print_lifetime(policy);
	if (show_stats)
		print_stats(policy);
	print_string(PRINT_FP, NULL, "%s", "\n");
	close_json_object();
}

static int print_one(const struct damc_policy *policy, void *arg)
{
	(void)arg;
	cli_print_policy(policy);
	return 0;
}

static int show(struct cli_args *args)
{
	struct damc_ctl *ctl;
	int ret;

	if (cli_end(args, CLI_NO_CHOICE))
		return CLI_USAGE;
	ctl = cli_ctl();
	if (!ctl)
		return CLI_KERNEL;
	new_json_obj(json);
	ret = damc_policy_dump(ctl, print_one, NULL);
	delete_json_obj();
	return ret ? cli_refused(ret) : CLI_OK;
}

/* Which policy: its id, or which packets it is about. */
static int parse_key(struct cli_args *args, struct damc_policy *policy)
{
	struct cli_key id[] = {
		{ .key = "id", .take = cli_take_u32, .to = &policy->id,
		  .min = 1, .max = UINT32_MAX },
		{ .key = NULL }
	};
	struct cli_key packets[] = {
		{ .key = "from", .take = cli_take_name, .to = &policy->from },
		{ .key = "class", .take = cli_take_u32,
		  .to = &policy->class_selector,
		  .max = DAMC_POLICY_CLASS_MAX },
		{ .key = NULL }
	};
	int ret;

	if (cli_peek(args) && !strcmp(cli_peek(args), "id"))
		return cli_keys(args, id, NULL, "policy");
	ret = cli_name_arg(args, &policy->name);
	if (!ret)
		ret = cli_keys(args, packets, NULL, "policy");
	policy->has_class = packets[1].seen;
	return ret;
}

static int get(struct cli_args *args)
{
	struct damc_policy key = { 0 }, policy;
	struct damc_ctl *ctl;
	int ret = parse_key(args, &key);

	if (ret)
		return ret;
	ctl = cli_ctl();
	if (!ctl)
		return CLI_KERNEL;
	ret = damc_policy_get(ctl, &key, &policy);
	if (ret)
		return cli_refused(ret);
	new_json_obj(json);
	cli_print_policy(&policy);
	delete_json_obj();
	return CLI_OK;
}

static int del(struct cli_args *args)
{
	struct damc_policy key = { 0 };
	struct damc_ctl *ctl;
	int ret = parse_key(args, &key);

	if (ret)
		return ret;
	ctl = cli_ctl();
	if (!ctl)
		return CLI_KERNEL;
	return cli_outcome(damc_policy_del(ctl, &key));
}

static int flush(struct cli_args *args)
{
	struct damc_ctl *ctl;

	if (cli_end(args, "nothing may follow: all of them go"))
		return CLI_USAGE;
	ctl = cli_ctl();
	if (!ctl)
		return CLI_KERNEL;
	return cli_outcome(damc_policy_flush(ctl));
}

/* "neigh ID", as often as there are neighbours. */
static int take_neigh(struct cli_args *args, struct damc_policy *policy)
{
	struct cli_key key = { .min = 1, .max = UINT32_MAX };
	const char *id;

	cli_take(args);
	id = cli_take(args);
	if (!id)
		return cli_incomplete();
	if (policy->n_neighs == DAMC_NEXTHOPS_MAX)
		return cli_wrong("neigh", "16 at most");
	key.to = &policy->neighs[policy->n_neighs++];
	return cli_take_u32(&key, id);
}

static int set_action(struct damc_policy *policy, bool pass, bool prohibit)
{
	if (pass + prohibit + !!policy->n_neighs != 1)
		return cli_required("one of pass, prohibit or neigh");
	policy->action = pass ? DAMC_POLICY_ACTION_PASS :
			 prohibit ? DAMC_POLICY_ACTION_PROHIBIT :
				    DAMC_POLICY_ACTION_NEIGH;
	return CLI_OK;
}

static int parse(struct cli_args *args, struct damc_policy *policy)
{
	unsigned int protocol = DAMC_ROUTE_PROTOCOL_STATIC;
	bool pass = false, prohibit = false;
	struct cli_key keys[] = {
		{ .key = "class", .take = cli_take_u32,
		  .to = &policy->class_selector,
		  .max = DAMC_POLICY_CLASS_MAX },
		{ .key = "from", .take = cli_take_name, .to = &policy->from },
		{ .key = "pass", .to = &pass },
		{ .key = "prohibit", .to = &prohibit },
		{ .key = "lifetime", .take = cli_take_ms,
		  .to = &policy->lifetime_ms, .min = 1, .max = UINT32_MAX },
		{ .key = "proto", .take = cli_take_word, .to = &protocol,
		  .words = damc_spec_route_protocol },
		{ .key = NULL }
	};
	int ret;

	ret = cli_name_arg(args, &policy->name);
	while (!ret && cli_peek(args)) {
		ret = cli_keys(args, keys, "neigh", "policy");
		if (!ret && cli_peek(args))
			ret = take_neigh(args, policy);
	}
	policy->has_class = keys[0].seen;
	policy->protocol = protocol;
	return ret ? ret : set_action(policy, pass, prohibit);
}

typedef int (*policy_fn)(struct damc_ctl *ctl,
			 const struct damc_policy *policy);

static int change(struct cli_args *args, policy_fn fn)
{
	struct damc_policy policy = { 0 };
	struct damc_ctl *ctl;
	int ret = parse(args, &policy);

	if (ret)
		return ret;
	ctl = cli_ctl();
	if (!ctl)
		return CLI_KERNEL;
	return cli_outcome(fn(ctl, &policy));
}

static int add(struct cli_args *args)
{
	return change(args, damc_policy_add);
}

static int replace(struct cli_args *args)
{
	return change(args, damc_policy_replace);
}

static const struct cli_verb verbs[] = {
	{ "show", show },
	{ "list", show },
	{ "get", get },
	{ "add", add },
	{ "replace", replace },
	{ "delete", del },
	{ "flush", flush },
	{ NULL, NULL }
};

const struct cli_object cli_policy = {
	.name = "policy", .usage = usage, .verbs = verbs, .run = show
};
