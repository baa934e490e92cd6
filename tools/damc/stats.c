// SPDX-License-Identifier: GPL-2.0
/* damc stats: the namespace's counters. */
#include <stdio.h>

#include "cli.h"
#include "print.h"

static const char usage[] =
	"Usage: damc stats [ show ]\n"
	"Counters that are 0 are hidden unless -s; -d says what each one counts.\n";

/*
 * JSON has every counter always, so that a script finds its key; a person
 * looks for what has happened.
 */
static void print_counter(const struct damc_spec_word *word, uint64_t value)
{
	if (!is_json_context() && !value && !show_stats)
		return;

	print_string(PRINT_FP, NULL, "%-24s", word->name);
	print_u64(PRINT_ANY, word->name, " %12lu", value);
	if (show_details)
		print_string(PRINT_FP, NULL, "  %s", word->doc);
	print_nl();
}

static int show(struct cli_args *args)
{
	const struct damc_spec_word *word;
	struct damc_stats stats;
	struct damc_ctl *ctl;
	int err;

	if (cli_end(args, CLI_NO_CHOICE))
		return CLI_USAGE;
	ctl = cli_ctl();
	if (!ctl)
		return CLI_KERNEL;
	err = damc_stats_get(ctl, &stats);
	if (err)
		return cli_refused(err);

	new_json_obj(json);
	open_json_object(NULL);
	for (word = damc_spec_stats; word->name; word++)
		print_counter(word, stats.counter[word->value]);
	if (oneline)
		print_string(PRINT_FP, NULL, "%s", "\n");
	close_json_object();
	delete_json_obj();
	return CLI_OK;
}

static const struct cli_verb verbs[] = {
	{ "show", show },
	{ "list", show },
	{ NULL, NULL }
};

const struct cli_object cli_stats = {
	.name = "stats", .usage = usage, .verbs = verbs, .run = show
};
