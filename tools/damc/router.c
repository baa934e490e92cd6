// SPDX-License-Identifier: GPL-2.0
/* damc router: the routing daemon, and whom it has for neighbours. */
#include <stdio.h>

#include "cli.h"
#include "daemon.h"
#include "print.h"

static const char usage[] =
	"Usage: damc router [ show ]\n"
	"       damc router { status | names | reload | resync }\n"
	"       damc router drain [ off ]\n"
	"       damc router leave\n"
	"show: routers one link away, as damcd here sees them. names: what pods have\n"
	"registered. resync: write the kernel's table anew. drain: have others pass by\n"
	"this router, as far as they can, and instances here get no new flow. leave:\n"
	"tell neighbours, and stop damcd.\n";

static void print_stats(const json_t *object)
{
	printf("    rx %lld tx %lld dropped %lld resent %lld\n",
	       cli_number(object, "rx"), cli_number(object, "tx"),
	       cli_number(object, "dropped"), cli_number(object, "resent"));
}

static void print_neighbour(const json_t *object)
{
	printf("%s %s", cli_member(object, "node"),
	       cli_member(object, "state"));
	cli_daemon_place(object);
	if (json_object_get(object, "lladdr"))
		printf(" lladdr %s", cli_member(object, "lladdr"));
	printf(" cost %lld for %llds\n", cli_number(object, "cost"),
	       cli_number(object, "seconds"));
	if (show_stats)
		print_stats(object);
}

/* Another node has this one's id. */
static void print_duplicate(const json_t *duplicate)
{
	if (!duplicate)
		return;
	printf("duplicate node id, heard by %s %llds ago",
	       cli_member(duplicate, "heard"), cli_number(duplicate, "ago"));
	if (cli_number(duplicate, "silent"))
		printf(", silent for %llds", cli_number(duplicate, "silent"));
	printf("\n");
}

static void print_status(const json_t *object)
{
	const json_t *counters = json_object_get(object, "counters"), *value;
	const char *key;

	printf("node %s role %s up %llds digest %s\n"
	       "routes %lld pools %lld unconfirmed %lld refused %lld lacking %lld ",
	       cli_member(object, "node"), cli_member(object, "role"),
	       cli_number(object, "seconds"), cli_member(object, "digest"),
	       cli_number(object, "routes"), cli_number(object, "pools"),
	       cli_number(object, "unconfirmed"), cli_number(object, "refused"),
	       cli_number(object, "lacking"));
	printf("names %lld grants %lld\n", cli_number(object, "names"),
	       cli_number(object, "grants"));
	print_duplicate(json_object_get(object, "duplicate"));
	if (!show_stats)
		return;
	json_object_foreach((json_t *)counters, key, value)
		printf("%-16s %20lld\n", key,
		       (long long)json_integer_value(value));
}

static void print_name(const json_t *object)
{
	const json_t *lease = json_object_get(object, "lease");

	printf("%s %s %s pod %s", cli_member(object, "name"),
	       cli_member(object, "right"), cli_member(object, "state"),
	       cli_member(object, "pod"));
	if (cli_number(object, "weight"))
		printf(" weight %lld", cli_number(object, "weight"));
	if (json_is_string(lease))
		printf(" lease %s\n", json_string_value(lease));
	else
		printf(" lease %llds\n", cli_number(object, "lease"));
}

static int ask(struct cli_args *args, const char *word,
	       void (*text)(const json_t *object))
{
	int ret = cli_end(args, CLI_NO_CHOICE);

	return ret ? ret : cli_daemon_show(json_pack("{s:s}", "do", word),
					   text);
}

static int tell(struct cli_args *args, const char *word)
{
	int ret = cli_end(args, CLI_NO_CHOICE);

	return ret ? ret : cli_daemon(json_pack("{s:s}", "do", word), NULL);
}

static void print_only_duplicate(const json_t *object)
{
	print_duplicate(json_object_get(object, "duplicate"));
}

/* A list of neighbours, for programs; people are told of a namesake as well. */
static int show(struct cli_args *args)
{
	int ret = ask(args, "router", print_neighbour);

	if (ret || json)
		return ret;
	return cli_daemon(json_pack("{s:s}", "do", "status"),
			  print_only_duplicate);
}

static int status(struct cli_args *args)
{
	return ask(args, "status", print_status);
}

static int names(struct cli_args *args)
{
	return ask(args, "names", print_name);
}

static int reload(struct cli_args *args)
{
	return tell(args, "reload");
}

static int resync(struct cli_args *args)
{
	return tell(args, "resync");
}

static int leave(struct cli_args *args)
{
	return tell(args, "leave");
}

static int drain(struct cli_args *args)
{
	bool off = cli_peek(args) && cli_abbrev(cli_peek(args), "off");
	int ret;

	if (off)
		cli_take(args);
	ret = cli_end(args, "\"off\", or nothing");
	return ret ? ret : cli_daemon(json_pack("{s:s, s:b}", "do", "drain",
						"on", !off), NULL);
}

static const struct cli_verb verbs[] = {
	{ "show", show },
	{ "list", show },
	{ "status", status },
	{ "names", names },
	{ "reload", reload },
	{ "resync", resync },
	{ "drain", drain },
	{ "leave", leave },
	{ NULL, NULL }
};

const struct cli_object cli_router = {
	.name = "router", .usage = usage, .verbs = verbs, .run = show
};
