// SPDX-License-Identifier: GPL-2.0
/* damc rib, spf, convergence: what damcd made of its database, and how fast. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "daemon.h"
#include "print.h"

static const char rib_usage[] =
	"Usage: damc rib [ show ]\n"
	"       damc rib explain NAME\n"
	"explain: every gateway that offers NAME, and why it is used or not.\n";

static const char spf_usage[] =
	"Usage: damc [ -details ] spf [ show ]\n"
	"The routers that damcd here can reach, at which cost, and by which neighbours.\n";

static const char convergence_usage[] =
	"Usage: damc convergence [ show ]\n"
	"The last 64 changes: what happened, and the time from then until the first\n"
	"packet about it left, ways were computed, and the kernel had the last change.\n";

static void print_entry(const json_t *object)
{
	printf("%s", cli_member(object, "name"));
	if (json_is_true(json_object_get(object, "local")))
		printf(" local");
	if (json_is_true(json_object_get(object, "held")))
		printf(" held");
	cli_daemon_ways(object);
	if (cli_number(object, "pool-weight"))
		printf(" pool-weight %lld", cli_number(object, "pool-weight"));
	printf("\n");
}

static void print_candidate(const json_t *object)
{
	bool used = json_is_true(json_object_get(object, "used"));

	printf("\t%s %s %s", cli_member(object, "node"),
	       cli_member(object, "right"), used ? "used" : "not used");
	if (json_object_get(object, "cost"))
		printf(" cost %lld", cli_number(object, "cost"));
	if (json_object_get(object, "weight"))
		printf(" weight %lld", cli_number(object, "weight"));
	if (json_object_get(object, "why"))
		printf(" because %s", cli_member(object, "why"));
	printf("\n");
}

/* Why a name is in no pool is of use where somebody offers it to one. */
static bool is_offered_to_pool(const json_t *object)
{
	const json_t *candidate;
	size_t i;

	json_array_foreach(json_object_get(object, "candidates"), i, candidate) {
		if (!strcmp(cli_member(candidate, "right"), "member"))
			return true;
	}
	return false;
}

static void print_circumstances(const json_t *object)
{
	if (json_is_true(json_object_get(object, "held"))) {
		printf("\trefused for 5 seconds from when it could not be reached any more\n");
		return;
	}
	if (json_object_get(object, "not-in-pool") && is_offered_to_pool(object))
		printf("\tnot in its pool because %s\n",
		       cli_member(object, "not-in-pool"));
	if (json_object_get(object, "unprotected"))
		printf("\tno backup because %s\n",
		       cli_member(object, "unprotected"));
}

static void print_explained(const json_t *object)
{
	const json_t *candidate;
	size_t i;

	print_entry(object);
	print_circumstances(object);
	json_array_foreach(json_object_get(object, "candidates"), i, candidate)
		print_candidate(candidate);
}

static void print_node(const json_t *object)
{
	printf("%s cost %lld", cli_member(object, "node"),
	       cli_number(object, "cost"));
	cli_daemon_ways(object);
	printf("\n");
}

static void print_us(const json_t *object, const char *key, const char *word)
{
	if (json_object_get(object, key))
		printf(" %s %lldus", word, cli_number(object, key));
}

static void print_record(const json_t *object)
{
	long long ms = cli_number(object, "time-ms");
	time_t seconds = ms / 1000;
	char when[32];
	struct tm tm;

	localtime_r(&seconds, &tm);
	strftime(when, sizeof(when), "%H:%M:%S", &tm);
	printf("%s.%03lld %s", when, ms % 1000, cli_member(object, "event"));
	if (*cli_member(object, "about"))
		printf(" %s", cli_member(object, "about"));
	if (cli_number(object, "more"))
		printf(" and %lld more", cli_number(object, "more"));
	print_us(object, "flood-us", "flood");
	print_us(object, "spf-us", "spf");
	print_us(object, "fib-us", "fib");
	printf(" changes %lld\n", cli_number(object, "changes"));
}

static int ask(struct cli_args *args, const char *word,
	       void (*text)(const json_t *object))
{
	int ret = cli_end(args, CLI_NO_CHOICE);

	return ret ? ret : cli_daemon_show(json_pack("{s:s}", "do", word),
					   text);
}

static int rib_show(struct cli_args *args)
{
	return ask(args, "rib", print_entry);
}

static int rib_explain(struct cli_args *args)
{
	struct damc_name name;
	struct cli_text text;
	int ret;

	ret = cli_name_alone(args, &name);
	if (ret)
		return ret;
	return cli_daemon_show(json_pack("{s:s, s:s}", "do", "explain", "name",
					 cli_name(&name, &text)),
			       print_explained);
}

static int spf_show(struct cli_args *args)
{
	return ask(args, "spf", print_node);
}

static int convergence_show(struct cli_args *args)
{
	return ask(args, "convergence", print_record);
}

static const struct cli_verb rib_verbs[] = {
	{ "show", rib_show },
	{ "list", rib_show },
	{ "explain", rib_explain },
	{ NULL, NULL }
};

static const struct cli_verb spf_verbs[] = {
	{ "show", spf_show },
	{ "list", spf_show },
	{ NULL, NULL }
};

static const struct cli_verb convergence_verbs[] = {
	{ "show", convergence_show },
	{ "list", convergence_show },
	{ NULL, NULL }
};

const struct cli_object cli_rib = {
	.name = "rib", .usage = rib_usage, .verbs = rib_verbs, .run = rib_show
};

const struct cli_object cli_spf = {
	.name = "spf", .usage = spf_usage, .verbs = spf_verbs, .run = spf_show
};

const struct cli_object cli_convergence = {
	.name = "convergence", .usage = convergence_usage,
	.verbs = convergence_verbs, .run = convergence_show
};
