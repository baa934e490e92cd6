// SPDX-License-Identifier: GPL-2.0
/* damc dev: what an interface is to DAMC. */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "print.h"

static const char usage[] =
	"Usage: damc dev [ show [ DEV ] ]\n"
	"       damc dev set DEV { up | edge [ EDGE ] | uplink | down }\n"
	"EDGE := [ lladdr { LLADDR | any } ] [ rate { PPS | off } ]\n"
	"        [ burst PACKETS ] [ class 0..6 ]\n";

/* What is not as with any edge, or all of it on request. */
static void print_edge(const struct damc_edge *edge)
{
	bool all = show_details || is_json_context();
	struct cli_text text;

	if (edge->has & DAMC_EDGE_LLADDR) {
		print_string(PRINT_FP, NULL, "%s", " lladdr ");
		print_color_string(PRINT_ANY, COLOR_MAC, "lladdr", "%s",
				   cli_lladdr(&edge->lladdr, &text));
	}
	if (edge->has & DAMC_EDGE_RATE && edge->rate) {
		print_uint(PRINT_ANY, "rate", " rate %u", edge->rate);
		print_uint(PRINT_ANY, "burst", " burst %u", edge->burst);
	}
	if (edge->has & DAMC_EDGE_CLASS &&
	    (all || edge->class_max != DAMC_EDGE_CLASS_MAX))
		print_uint(PRINT_ANY, "class", " class %u", edge->class_max);
}

void cli_print_dev(const struct damc_dev *dev)
{
	const char *fmt = brief ? "%-16s" : "%s";
	enum color_attr color = dev->mode == DAMC_DEV_MODE_DOWN ?
		COLOR_OPERSTATE_DOWN : COLOR_OPERSTATE_UP;
	struct cli_text text;

	open_json_object(NULL);
	cli_print_event();
	print_uint(PRINT_JSON, "ifindex", NULL, dev->ifindex);
	print_color_string(PRINT_ANY, COLOR_IFNAME, "dev", fmt,
			   cli_ifname(dev->ifindex, &text));
	print_color_string(PRINT_ANY, color, "mode", brief ? " %-6s" : " %s",
			   cli_word(damc_spec_dev_mode, dev->mode, &text));
	if (!brief)
		print_edge(&dev->edge);
	print_uint(PRINT_ANY, "mtu", brief ? " %u" : " mtu %u", dev->mtu);
	if (show_details)
		print_string(PRINT_FP, NULL, " (%s)",
			     cli_word_doc(damc_spec_dev_mode, dev->mode));
	print_string(PRINT_FP, NULL, "%s", "\n");
	close_json_object();
}

static int print_dev(const struct damc_dev *dev, void *arg)
{
	(void)arg;
	cli_print_dev(dev);
	return 0;
}

static int show_one(struct damc_ctl *ctl, const char *name)
{
	uint32_t ifindex = if_nametoindex(name);
	struct damc_dev dev;
	int err;

	if (!ifindex) {
		fprintf(stderr, "Device \"%s\" does not exist.\n", name);
		return CLI_USAGE;
	}
	err = damc_dev_get(ctl, ifindex, &dev);
	if (err)
		return cli_refused(err);
	new_json_obj(json);
	cli_print_dev(&dev);
	delete_json_obj();
	return CLI_OK;
}

static int show_all(struct damc_ctl *ctl)
{
	int err;

	new_json_obj(json);
	err = damc_dev_dump(ctl, print_dev, NULL);
	delete_json_obj();
	return err ? cli_refused(err) : CLI_OK;
}

static int show(struct cli_args *args)
{
	const char *name = cli_take(args);
	struct damc_ctl *ctl;

	if (cli_peek(args))
		return cli_wrong(cli_peek(args), "one interface at most");
	ctl = cli_ctl();
	if (!ctl)
		return CLI_KERNEL;
	return name ? show_one(ctl, name) : show_all(ctl);
}

static int take_lladdr(const struct cli_key *key, const char *value)
{
	return strcmp(value, "any") ? cli_take_lladdr(key, value) : CLI_OK;
}

static int take_rate(const struct cli_key *key, const char *value)
{
	return strcmp(value, "off") ? cli_take_u32(key, value) : CLI_OK;
}

/* "any" and "off" are what is there before. */
static int parse_edge(struct cli_args *args, struct damc_edge *edge)
{
	struct cli_key keys[] = {
		{ .key = "lladdr", .take = take_lladdr, .to = &edge->lladdr },
		{ .key = "rate", .take = take_rate, .to = &edge->rate,
		  .min = 1, .max = DAMC_EDGE_RATE_MAX },
		{ .key = "burst", .take = cli_take_u32, .to = &edge->burst,
		  .min = 1, .max = DAMC_EDGE_BURST_MAX },
		{ .key = "class", .take = cli_take_u32, .to = &edge->class_max,
		  .max = DAMC_EDGE_CLASS_MAX },
		{ .key = NULL }
	};
	unsigned int i;
	int ret;

	ret = cli_keys(args, keys, NULL, "dev");
	/* The keys' order is that of DAMC_EDGE_*. */
	for (i = 0; keys[i].key; i++)
		if (keys[i].seen)
			edge->has |= 1u << i;
	return ret;
}

static int set_mode(uint32_t ifindex, unsigned int mode,
		    const struct damc_edge *edge)
{
	struct damc_ctl *ctl = cli_ctl();
	int err;

	if (!ctl)
		return CLI_KERNEL;
	err = edge->has ? damc_edge_set(ctl, ifindex, edge)
			: damc_dev_set(ctl, ifindex, mode);
	return err ? cli_refused(err) : CLI_OK;
}

static int set(struct cli_args *args)
{
	uint32_t ifindex;
	unsigned int mode;
	struct damc_edge edge = { 0 };
	struct cli_key dev = { .to = &ifindex };
	struct cli_key word = { .to = &mode, .words = damc_spec_dev_mode };
	const char *name = cli_take(args);
	const char *value = cli_take(args);
	int ret = CLI_OK;

	if (!name || !value)
		return cli_incomplete();
	if (cli_take_word(&word, value) || cli_take_dev(&dev, name))
		return CLI_USAGE;
	if (mode == DAMC_DEV_MODE_EDGE)
		ret = parse_edge(args, &edge);
	else if (cli_peek(args))
		ret = cli_wrong(cli_peek(args), "nothing may follow the mode");
	return ret ? ret : set_mode(ifindex, mode, &edge);
}

static const struct cli_verb verbs[] = {
	{ "show", show },
	{ "list", show },
	{ "set", set },
	{ NULL, NULL }
};

const struct cli_object cli_dev = {
	.name = "dev", .usage = usage, .verbs = verbs, .run = show
};
