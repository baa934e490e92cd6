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
	"TARGET := { HOP | nexthop HOP [ nexthop HOP ] ... | set ID |\n"
	"            local | unreachable | prohibit }\n"
	"HOP := { dev DEV [ lladdr LLADDR ] | udp ADDR [ port PORT ] [ dev DEV ] |\n"
	"         neigh ID } [ weight NUMBER ]\n"
	"TYPE := { unicast | local | edge | unreachable | prohibit }\n"
	"PROTO := { kernel | static | damcd }\n";

int route_parse_for(int verb, struct cli_args *args, struct damc_route *route)
{
	return verb == DAMC_ROUTE_VERB_DEL ?
	       cli_name_alone(args, &route->name) : route_parse(args, route);
}

static int send_one(struct damc_ctl *ctl, int verb, const struct damc_route *route)
{
	switch (verb) {
	case DAMC_ROUTE_VERB_ADD:
		return damc_route_add(ctl, route);
	case DAMC_ROUTE_VERB_REPLACE:
		return damc_route_replace(ctl, route);
	case DAMC_ROUTE_VERB_APPEND:
		return damc_route_append(ctl, route);
	default:
		return damc_route_del(ctl, &route->name);
	}
}

static int change(int verb, struct cli_args *args)
{
	struct damc_route route;
	struct damc_ctl *ctl;
	int ret = route_parse_for(verb, args, &route);

	if (ret)
		return ret;
	ctl = cli_ctl();
	if (!ctl)
		return CLI_KERNEL;
	return cli_outcome(send_one(ctl, verb, &route));
}

static int add(struct cli_args *args)
{
	return change(DAMC_ROUTE_VERB_ADD, args);
}

static int replace(struct cli_args *args)
{
	return change(DAMC_ROUTE_VERB_REPLACE, args);
}

static int append(struct cli_args *args)
{
	return change(DAMC_ROUTE_VERB_APPEND, args);
}

static int del(struct cli_args *args)
{
	return change(DAMC_ROUTE_VERB_DEL, args);
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

int route_verb(const char *word)
{
	const struct cli_verb *verb = verbs;

	while (verb->name && !cli_abbrev(word, verb->name))
		verb++;
	if (verb->run == add)
		return DAMC_ROUTE_VERB_ADD;
	if (verb->run == replace)
		return DAMC_ROUTE_VERB_REPLACE;
	if (verb->run == append)
		return DAMC_ROUTE_VERB_APPEND;
	return verb->run == del ? DAMC_ROUTE_VERB_DEL : -1;
}

const struct cli_object cli_route = {
	.name = "route", .usage = usage, .verbs = verbs, .run = route_show
};
