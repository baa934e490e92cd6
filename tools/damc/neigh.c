// SPDX-License-Identifier: GPL-2.0
/* damc neigh: nodes and pods one link away. */
#include <stdio.h>

#include "cli.h"
#include "print.h"

static const char usage[] =
	"Usage: damc neigh [ show [ dev DEV ] ]\n"
	"       damc neigh add dev DEV [ lladdr LLADDR ]\n"
	"       damc neigh del { id ID | dev DEV [ lladdr LLADDR ] }\n"
	"Without lladdr the neighbour is the link's group address.\n";

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

static void print_stats(const struct damc_neigh *neigh)
{
	open_json_object("stats");
	print_nl();
	print_u64(PRINT_ANY, "tx-packets", "    tx-packets %lu",
		  neigh->tx_packets);
	print_u64(PRINT_ANY, "tx-bytes", " tx-bytes %lu", neigh->tx_bytes);
	close_json_object();
}

static int print_neigh(const struct damc_neigh *neigh, void *arg)
{
	const uint32_t *ifindex = arg;

	if (*ifindex && *ifindex != neigh->ifindex)
		return 0;

	open_json_object(NULL);
	print_uint(PRINT_ANY, "id", "id %u", neigh->id);
	cli_print_link(neigh->ifindex, &neigh->lladdr);
	print_uint(PRINT_ANY, "mtu", " mtu %u", neigh->mtu);
	print_flags(neigh->flags);
	if (show_stats)
		print_stats(neigh);
	print_string(PRINT_FP, NULL, "%s", "\n");
	close_json_object();
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

static int add(struct cli_args *args)
{
	struct damc_lladdr lladdr = { 0 };
	uint32_t ifindex = 0, id = 0;
	struct cli_key keys[] = {
		{ .key = "dev", .take = cli_take_dev, .to = &ifindex },
		{ .key = "lladdr", .take = cli_take_lladdr, .to = &lladdr },
		{ .key = NULL }
	};
	struct damc_ctl *ctl;
	int ret;

	ret = cli_keys(args, keys, NULL, "neigh");
	if (ret)
		return ret;
	if (!ifindex)
		return cli_required("dev");
	ctl = cli_ctl();
	if (!ctl)
		return CLI_KERNEL;
	ret = damc_neigh_add(ctl, ifindex, &lladdr, &id);
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
	struct damc_neigh which = { 0 };
	struct cli_key keys[] = {
		{ .key = "id", .take = cli_take_u32, .to = &which.id,
		  .min = 1, .max = UINT32_MAX },
		{ .key = "dev", .take = cli_take_dev, .to = &which.ifindex },
		{ .key = "lladdr", .take = cli_take_lladdr,
		  .to = &which.lladdr },
		{ .key = NULL }
	};
	struct damc_ctl *ctl;
	int ret;

	ret = cli_keys(args, keys, NULL, "neigh");
	if (ret)
		return ret;
	if (which.id && (which.ifindex || which.lladdr.len))
		return cli_wrong("id", "either id or dev, not both");
	if (!which.id && !which.ifindex)
		return cli_required(which.lladdr.len ? "dev" : "id or dev");
	ctl = cli_ctl();
	if (!ctl)
		return CLI_KERNEL;
	ret = damc_neigh_del(ctl, &which);
	return ret ? cli_refused(ret) : CLI_OK;
}

static const struct cli_verb verbs[] = {
	{ "show", show },
	{ "list", show },
	{ "add", add },
	{ "delete", del },
	{ NULL, NULL }
};

const struct cli_object cli_neigh = {
	.name = "neigh", .usage = usage, .verbs = verbs, .run = show
};
