// SPDX-License-Identifier: GPL-2.0
/* The standalone command: ip's global options, then do_damc(). */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch.h"
#include "cli.h"
#include "print.h"

#ifndef DAMC_CLI_VERSION
#define DAMC_CLI_VERSION "unknown"
#endif

#define NETNS_DIR "/var/run/netns"

static const char *batch_file;
static int human;

static int enter_netns(const char *name)
{
	char path[PATH_MAX];
	int fd, err;

	snprintf(path, sizeof(path), "%s/%s", NETNS_DIR, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		fprintf(stderr, "Cannot open network namespace \"%s\": %s\n",
			name, strerror(errno));
		return CLI_USAGE;
	}
	err = setns(fd, CLONE_NEWNET);
	if (err)
		fprintf(stderr,
			"setting the network namespace \"%s\" failed: %s\n",
			name, strerror(errno));
	close(fd);
	return err ? CLI_KERNEL : CLI_OK;
}

/* In ip's order: where two begin alike, the first one has the short form. */
static const struct flag {
	const char *name;
	int *to;
} flags[] = {
	{ "-stats", &show_stats },
	{ "-statistics", &show_stats },
	{ "-details", &show_details },
	{ "-oneline", &oneline },
	{ "-timestamp", &timestamp },
	{ "-tshort", &timestamp_short },
	{ "-force", &force },
	{ "-brief", &brief },
	{ "-json", &json },
	{ "-pretty", &pretty },
	/* Nothing here is written in units: taken because ip takes it. */
	{ "-human-readable", &human },
	{ NULL, NULL }
};

static int bad_option(const char *option)
{
	fprintf(stderr, "Option \"%s\" is unknown, try \"damc -help\".\n",
		option);
	return CLI_USAGE;
}

/* Options with a value: whether @option was one, its outcome in *@ret. */
static bool value_option(const char *option, struct cli_args *args, int *ret)
{
	bool batch = cli_abbrev(option, "-batch");
	const char *value;

	if (!batch && !cli_abbrev(option, "-netns"))
		return false;
	value = cli_take(args);
	if (!value)
		*ret = cli_incomplete();
	else if (batch)
		batch_file = value;
	else
		*ret = enter_netns(value);
	return true;
}

static int take_option(const char *option, struct cli_args *args)
{
	const struct flag *flag;
	int ret = CLI_OK;

	/* A lone "-" is no abbreviation of anything. */
	if (!option[1])
		return bad_option(option);
	if (cli_abbrev(option, "-Version")) {
		printf("damc utility, damc-%s\n", DAMC_CLI_VERSION);
		exit(EXIT_SUCCESS);
	}
	/* Before -brief: -b is a batch, as for ip. */
	if (value_option(option, args, &ret))
		return ret;
	for (flag = flags; flag->name; flag++) {
		if (cli_abbrev(option, flag->name)) {
			(*flag->to)++;
			return CLI_OK;
		}
	}
	if (cli_abbrev(option, "-help"))
		exit(-do_damc(1, (char *[]){ "help", NULL }));
	if (!strcmp(option, "-echo")) {
		echo_request++;
		return CLI_OK;
	}
	return print_color_option(option) ? CLI_OK : bad_option(option);
}

static int take_options(struct cli_args *args)
{
	const char *word;
	int ret;

	while ((word = cli_peek(args)) && *word == '-') {
		cli_take(args);
		if (!strcmp(word, "--"))
			break;
		ret = take_option(word[1] == '-' ? word + 1 : word, args);
		if (ret)
			return ret;
	}
	return CLI_OK;
}

int main(int argc, char **argv)
{
	struct cli_args args = { .left = argc - 1, .next = argv + 1 };
	int ret;

	ret = take_options(&args);
	if (ret)
		return ret;
	timestamp += timestamp_short;
	print_color_start();
	if (batch_file)
		return batch_run(batch_file);
	return -do_damc(args.left, args.next);
}
