// SPDX-License-Identifier: GPL-2.0
/* From "damc OBJECT VERB" to the function that does it. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "print.h"

static const struct cli_object *const objects[] = {
	&cli_dev, &cli_neigh, &cli_route, &cli_bind, &cli_stats,
	&cli_info, &cli_monitor, &cli_ping, &cli_trace, &cli_call, &cli_serve,
	&cli_pool, &cli_set,
	&cli_router, &cli_lsdb, &cli_rib, &cli_spf, &cli_convergence, &cli_object,
	&cli_register, &cli_replay, &cli_apply, &cli_bugreport, &cli_policy,
};

/* One text for damc and for ip damc, whose output is meant to be equal. */
static const char usage[] =
	"Usage: damc [ OPTIONS ] OBJECT { COMMAND | help }\n"
	"       damc [ -force ] -batch FILE\n"
	"       ip [ OPTIONS ] damc OBJECT { COMMAND | help }\n"
	"where  OBJECT := { dev | neigh | set | route | bind | pool | stats |\n"
	"                   info | monitor | ping | trace | call | serve | router | lsdb |\n"
	"                   rib | spf | convergence | object | register | replay |\n"
	"                   apply | bugreport | policy | help }\n"
	"       OPTIONS := { -V[ersion] | -s[tats] | -d[etails] | -j[son] | -p[retty] |\n"
	"                    -o[neline] | -br[ief] | -t[imestamp] | -ts[hort] | -c[olor] |\n"
	"                    -echo | -n[etns] NAME | -b[atch] FILE | -force }\n";

static int help(FILE *to, const char *text)
{
	fputs(text, to);
	return to == stdout ? CLI_OK : CLI_USAGE;
}

static int run_verb(const struct cli_object *object, struct cli_args *args)
{
	const char *word = cli_take(args);
	const struct cli_verb *verb;

	for (verb = object->verbs; verb->name; verb++) {
		if (cli_abbrev(word, verb->name))
			return verb->run(args);
	}
	fprintf(stderr, "Command \"%s\" is unknown, try \"damc %s help\".\n",
		word, object->name);
	return CLI_USAGE;
}

int cli_object_run(const struct cli_object *object, struct cli_args *args)
{
	const char *word = cli_peek(args);

	if (word && cli_abbrev(word, "help"))
		return help(stdout, object->usage);
	if (word && object->verbs)
		return run_verb(object, args);
	return object->run(args);
}

static int run_object(struct cli_args *args)
{
	const char *word = cli_take(args);
	size_t i;

	if (!word)
		return help(stderr, usage);
	for (i = 0; i < ARRAY_SIZE(objects); i++) {
		if (cli_abbrev(word, objects[i]->name))
			return cli_object_run(objects[i], args);
	}
	if (cli_abbrev(word, "help"))
		return help(stdout, usage);
	fprintf(stderr, "Object \"%s\" is unknown, try \"damc help\".\n", word);
	return CLI_USAGE;
}

int do_damc(int argc, char **argv)
{
	struct cli_args args = { .left = argc, .next = argv };
	int code;

	cli_ifname_forget();
	code = run_object(&args);

	/* A full disk or a closed pipe is not success. */
	if (fflush(stdout) && !code) {
		perror("damc: standard output");
		code = CLI_KERNEL;
	}
	return -code;
}
