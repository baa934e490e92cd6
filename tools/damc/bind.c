// SPDX-License-Identifier: GPL-2.0
/* damc bind: which socket or edge interface owns a name. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "print.h"

static const char usage[] =
	"Usage: damc bind [ show ]\n"
	"       damc bind add NAME dev DEV [ member [ weight WEIGHT ] ] [ over PROTO ]\n"
	"       damc bind del NAME\n"
	"member: the name is an instance of the pool that is called as it is without its\n"
	"last component. over: a route to it that PROTO put in makes room.\n";

static void print_socket(const struct damc_bind *bind)
{
	struct cli_text text;

	print_string(PRINT_ANY, "protocol", " %s",
		     cli_proto(bind->protocol, &text));
	print_uint(PRINT_ANY, "uid", " uid %u", bind->uid);
	print_uint(PRINT_ANY, "inode", " inode %u", bind->inode);
	print_uint(PRINT_ANY, "rx-queue", " rx-queue %u", bind->rx_queue);
	print_uint(PRINT_ANY, "tx-queue", " tx-queue %u", bind->tx_queue);
}

void cli_print_bind(const struct damc_bind *bind)
{
	static const struct damc_lladdr none;
	struct cli_text text;

	open_json_object(NULL);
	cli_print_event();
	print_color_string(PRINT_ANY, COLOR_INET6, "name", "%s",
			   cli_name(&bind->name, &text));
	print_string(PRINT_JSON, "kind", NULL,
		     cli_word(damc_spec_bind_kind, bind->kind, &text));
	if (bind->kind == DAMC_BIND_KIND_DEV) {
		cli_print_link(bind->ifindex, &none);
	} else {
		print_string(PRINT_FP, NULL, " %s",
			     cli_word(damc_spec_bind_kind, bind->kind, &text));
		print_socket(bind);
	}
	if (bind->weight)
		print_uint(PRINT_ANY, "weight", " member weight %u",
			   bind->weight);
	if (bind->standing)
		print_string(PRINT_ANY, "standing", " %s",
			     cli_word(damc_spec_bind_standing, bind->standing,
				      &text));
	if (*bind->reason)
		print_string(PRINT_ANY, "reason", " reason \"%s\"",
			     bind->reason);
	print_string(PRINT_FP, NULL, "%s", "\n");
	close_json_object();
}

struct list {
	unsigned int n;
	struct damc_bind *binds;
};

static int by_name(const void *a, const void *b)
{
	const struct damc_bind *left = a, *right = b;
	struct cli_text left_text, right_text;

	return strcmp(cli_name(&left->name, &left_text),
		      cli_name(&right->name, &right_text));
}

/* The kernel has no more of them than this, so all are sorted. */
static int gather(const struct damc_bind *bind, void *arg)
{
	struct list *list = arg;

	if (list->n == DAMC_BINDS_MAX)
		return -E2BIG;
	list->binds[list->n++] = *bind;
	return 0;
}

static int show_sorted(struct damc_ctl *ctl)
{
	struct list list = { 0 };
	unsigned int i;
	int err;

	list.binds = calloc(DAMC_BINDS_MAX, sizeof(*list.binds));
	if (!list.binds)
		return cli_failed("bind show", ENOMEM);
	err = damc_bind_dump(ctl, gather, &list);
	qsort(list.binds, list.n, sizeof(*list.binds), by_name);
	new_json_obj(json);
	for (i = 0; i < list.n; i++)
		cli_print_bind(&list.binds[i]);
	delete_json_obj();
	free(list.binds);
	return err ? cli_refused(err) : CLI_OK;
}

static int show(struct cli_args *args)
{
	struct damc_ctl *ctl;

	if (cli_end(args, CLI_NO_CHOICE))
		return CLI_USAGE;
	ctl = cli_ctl();
	return ctl ? show_sorted(ctl) : CLI_KERNEL;
}

static int add(struct cli_args *args)
{
	uint32_t ifindex = 0, weight = 0, over = 0;
	bool member = false;
	struct cli_key keys[] = {
		{ .key = "dev", .take = cli_take_dev, .to = &ifindex },
		{ .key = "member", .to = &member },
		{ .key = "weight", .take = cli_take_u32, .to = &weight,
		  .min = 1, .max = DAMC_WEIGHT_MAX },
		{ .key = "over", .take = cli_take_word, .to = &over,
		  .words = damc_spec_route_protocol },
		{ .key = NULL }
	};
	struct damc_name name;
	struct damc_ctl *ctl;
	int ret;

	ret = cli_name_arg(args, &name);
	if (!ret)
		ret = cli_keys(args, keys, NULL, "bind");
	if (ret)
		return ret;
	if (!ifindex)
		return cli_required("dev");
	if (weight && !member)
		return cli_required("member");
	if (member && !weight)
		weight = 1;
	ctl = cli_ctl();
	if (!ctl)
		return CLI_KERNEL;
	return cli_outcome(damc_bind_take(ctl, &name, ifindex, weight, over));
}

static int del(struct cli_args *args)
{
	struct damc_name name;
	struct damc_ctl *ctl;

	if (cli_name_alone(args, &name))
		return CLI_USAGE;
	ctl = cli_ctl();
	return ctl ? cli_outcome(damc_bind_del(ctl, &name)) : CLI_KERNEL;
}

static const struct cli_verb verbs[] = {
	{ "show", show },
	{ "list", show },
	{ "add", add },
	{ "delete", del },
	{ NULL, NULL }
};

const struct cli_object cli_bind = {
	.name = "bind", .usage = usage, .verbs = verbs, .run = show
};
