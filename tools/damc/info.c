// SPDX-License-Identifier: GPL-2.0
/* damc info: the module's facts and the namespace's own name. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "print.h"

static const char usage[] =
	"Usage: damc info [ show ]\n"
	"       damc info set name { NAME | none }\n"
	"       damc info set udp-port { PORT | off }\n"
	"       damc info set forward { on | off }\n"
	"       damc info set lease MILLISECONDS\n"
	"       damc info set bind-policy { open | managed }\n";

void cli_print_info(const struct damc_info *info)
{
	struct cli_text text;

	open_json_object(NULL);
	cli_print_event();
	print_string(PRINT_ANY, "version", "version %s", info->version);
	print_uint(PRINT_ANY, "family", " family %u", info->family);
	print_0xhex(PRINT_ANY, "ethertype", " ethertype %#llx",
		    info->ethertype);
	print_nl();
	print_string(PRINT_FP, NULL, "%s", "name ");
	if (info->has_name)
		print_color_string(PRINT_ANY, COLOR_INET6, "name", "%s",
				   cli_name(&info->name, &text));
	else
		print_null(PRINT_ANY, "name", "%s", "none");
	if (info->udp_port)
		print_uint(PRINT_ANY, "udp-port", " udp-port %u",
			   info->udp_port);
	else
		print_null(PRINT_JSON, "udp-port", NULL, NULL);
	print_bool(PRINT_JSON, "forward", NULL, info->forward);
	print_string(PRINT_FP, NULL, "%s", info->forward ? "" : " forward off");
	if (is_json_context() || info->lease_ms)
		print_uint(PRINT_ANY, "lease-ms", " lease-ms %u",
			   info->lease_ms);
	if (is_json_context() ||
	    info->bind_policy == DAMC_BIND_POLICY_MANAGED)
		print_string(PRINT_ANY, "bind-policy", " bind-policy %s",
			     cli_word(damc_spec_bind_policy, info->bind_policy,
				      &text));
	print_nl();
	print_uint(PRINT_ANY, "routes", "routes %u", info->routes);
	print_uint(PRINT_ANY, "binds", " binds %u", info->binds);
	print_uint(PRINT_ANY, "neighs", " neighs %u", info->neighs);
	print_string(PRINT_FP, NULL, "%s", "\n");
	close_json_object();
}

static int show(struct cli_args *args)
{
	struct damc_info info;
	struct damc_ctl *ctl;
	int err;

	if (cli_end(args, CLI_NO_CHOICE))
		return CLI_USAGE;
	ctl = cli_ctl();
	if (!ctl)
		return CLI_KERNEL;
	err = damc_info_get(ctl, &info);
	if (err)
		return cli_refused(err);

	new_json_obj(json);
	cli_print_info(&info);
	delete_json_obj();
	return CLI_OK;
}

/* A name, or the word that takes it away, which no name can be. */
static int take_name_or_none(const struct cli_key *key, const char *value)
{
	struct damc_name *name = key->to;

	if (!strcmp(value, "none")) {
		name->len = 0;
		return CLI_OK;
	}
	if (!strcmp(value, "/"))
		return cli_wrong(value, "the root cannot be a node's own name");
	return cli_take_name(key, value);
}

static int take_port_or_off(const struct cli_key *key, const char *value)
{
	uint32_t *port = key->to;

	if (strcmp(value, "off"))
		return cli_take_u32(key, value);
	*port = 0;
	return CLI_OK;
}

static int take_on_or_off(const struct cli_key *key, const char *value)
{
	bool on = !strcmp(value, "on");

	if (!on && strcmp(value, "off"))
		return cli_wrong(value, "expected on or off");
	*(bool *)key->to = on;
	return CLI_OK;
}

static int set(struct cli_args *args)
{
	struct damc_name name;
	uint32_t port, lease, policy;
	bool forward;
	struct cli_key keys[] = {
		{ .key = "name", .take = take_name_or_none, .to = &name },
		{ .key = "udp-port", .take = take_port_or_off, .to = &port,
		  .min = 1, .max = UINT16_MAX },
		{ .key = "forward", .take = take_on_or_off, .to = &forward },
		{ .key = "lease", .take = cli_take_u32, .to = &lease,
		  .min = 0, .max = DAMC_LEASE_MAX_MS },
		{ .key = "bind-policy", .take = cli_take_word, .to = &policy,
		  .words = damc_spec_bind_policy },
		{ .key = NULL }
	};
	struct damc_ctl *ctl;
	int ret;

	if (!cli_peek(args))
		return cli_incomplete();
	ret = cli_keys(args, keys, NULL, "info");
	if (ret)
		return ret;
	ctl = cli_ctl();
	if (!ctl)
		return CLI_KERNEL;
	if (keys[0].seen)
		ret = damc_info_set_name(ctl, &name);
	if (!ret && keys[1].seen)
		ret = damc_info_set_udp_port(ctl, port);
	if (!ret && keys[2].seen)
		ret = damc_info_set_forward(ctl, forward);
	if (!ret && keys[3].seen)
		ret = damc_info_set_lease(ctl, lease);
	if (!ret && keys[4].seen)
		ret = damc_info_set_bind_policy(ctl, policy);
	return ret ? cli_refused(ret) : CLI_OK;
}

static const struct cli_verb verbs[] = {
	{ "show", show },
	{ "list", show },
	{ "set", set },
	{ NULL, NULL }
};

const struct cli_object cli_info = {
	.name = "info", .usage = usage, .verbs = verbs, .run = show
};
