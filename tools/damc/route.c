// SPDX-License-Identifier: GPL-2.0
/* damc route: entries of the name FIB. */
#include <stdio.h>

#include "cli.h"
#include "route.h"

static const char usage[] =
	"Usage: damc route [ show [ NAME ] [ SELECTOR ] ]\n"
	"       damc route get NAME [ from NAME ] [ flow LABEL ]\n"
	"       damc route { add | replace | append } NAME TARGET [ proto PROTO ]\n"
	"       damc route del NAME\n"
	"       damc route flush { all | SELECTOR }\n"
	"SELECTOR := [ root NAME ] [ type TYPE ] [ proto PROTO ] [ dev DEV ]\n"
	"TARGET := { HOP | nexthop HOP [ nexthop HOP ] ... |\n"
	"            local | unreachable | prohibit }\n"
	"HOP := { dev DEV [ lladdr LLADDR ] | udp ADDR [ port PORT ] [ dev DEV ] |\n"
	"         neigh ID } [ weight NUMBER ]\n"
	"TYPE := { unicast | local | edge | unreachable | prohibit }\n"
	"PROTO := { kernel | static | damcd }\n";

typedef int (*change_fn)(struct damc_ctl *ctl, const struct damc_route *route);

static int change(struct cli_args *args, change_fn send)
{
	struct damc_route route;
	struct damc_ctl *ctl;
	int ret;

	ret = route_parse(args, &route);
	if (ret)
		return ret;
	ctl = cli_ctl();
	if (!ctl)
		return CLI_KERNEL;
	ret = send(ctl, &route);
	return ret ? cli_refused(ret) : CLI_OK;
}

static int add(struct cli_args *args)
{
	return change(args, damc_route_add);
}

static int replace(struct cli_args *args)
{
	return change(args, damc_route_replace);
}

static int append(struct cli_args *args)
{
	return change(args, damc_route_append);
}

static int del(struct cli_args *args)
{
	struct damc_name name;
	struct damc_ctl *ctl;
	int ret;

	ret = cli_name_arg(args, &name);
	if (ret)
		return ret;
	if (cli_peek(args))
		return cli_wrong(cli_peek(args), "nothing may follow the name");
	ctl = cli_ctl();
	if (!ctl)
		return CLI_KERNEL;
	ret = damc_route_del(ctl, &name);
	return ret ? cli_refused(ret) : CLI_OK;
}

static const struct cli_verb verbs[] = {
	{ "show", route_show },
	{ "list", route_show },
	{ "get", route_get },
	{ "add", add },
	{ "append", append },
	{ "replace", replace },
	{ "delete", del },
	{ "flush", route_flush },
	{ NULL, NULL }
};

const struct cli_object cli_route = {
	.name = "route", .usage = usage, .verbs = verbs, .run = route_show
};
