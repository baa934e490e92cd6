// SPDX-License-Identifier: GPL-2.0
/*
 * Deleting what a dump finds. Names are gathered before the first goes, some at
 * a time: a table has a million, and the socket serves one request at once.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "print.h"

#define FLUSH_ROUND 16384

/* What a dump's callback returns to end it early; no errno is positive. */
#define ENOUGH 1

int cli_flush_take(struct cli_flush *flush, const struct damc_name *name)
{
	flush->names[flush->n++] = *name;
	return flush->n == FLUSH_ROUND ? ENOUGH : 0;
}

static int delete_gathered(struct damc_ctl *ctl, const struct cli_flush *flush)
{
	unsigned int i;
	int err;

	for (i = 0; i < flush->n; i++) {
		err = flush->del(ctl, &flush->names[i]);
		/* Somebody else was faster: gone is gone. */
		if (err && err != -ENOENT && err != -ESRCH)
			return cli_refused(err);
	}
	return CLI_OK;
}

static int rounds(struct damc_ctl *ctl, struct cli_flush *flush)
{
	unsigned long deleted = 0;
	int ret, more;

	do {
		flush->n = 0;
		more = flush->dump(ctl, flush);
		if (more < 0)
			return cli_refused(more);
		ret = delete_gathered(ctl, flush);
		if (ret)
			return ret;
		deleted += flush->n;
	} while (more == ENOUGH);

	if (show_stats)
		printf("%lu %s deleted\n", deleted, flush->what);
	return CLI_OK;
}

int cli_flush(struct cli_flush *flush)
{
	struct damc_ctl *ctl = cli_ctl();
	int ret;

	if (!ctl)
		return CLI_KERNEL;
	flush->names = calloc(FLUSH_ROUND, sizeof(*flush->names));
	if (!flush->names)
		return cli_failed("flush", ENOMEM);
	ret = rounds(ctl, flush);
	free(flush->names);
	return ret;
}

int cli_flush_which(struct cli_args *args, const char *object)
{
	const char *word = cli_peek(args);

	if (!word) {
		fprintf(stderr, "\"damc %s flush\" requires arguments.\n",
			object);
		return CLI_USAGE;
	}
	if (strcmp(word, "all"))
		return CLI_OK;
	cli_take(args);
	return cli_end(args, "nothing may follow all");
}
