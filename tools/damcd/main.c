// SPDX-License-Identifier: GPL-2.0
/* damcd: the routing daemon of gateways and routers. */
#include <getopt.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon.h"

#define CONFIG "/etc/damc/damcd.conf"

#ifndef DAMCD_VERSION
#define DAMCD_VERSION "unknown"
#endif

static const char usage[] =
	"Usage: damcd [ --config FILE ] [ --role { sg | sr } ]\n"
	"       damcd --check FILE\n"
	"       damcd { --help | --version }\n"
	"--config FILE  the configuration, " CONFIG " unless told\n"
	"--role ROLE    refuse to start where the configuration says another one\n"
	"--check FILE   read FILE, say what is wrong with it, and do nothing else\n"
	"See damcd(8), damcd.conf(5).\n";

struct options {
	const char *config;
	const char *role;
	bool check;
};

enum { OPT_CONFIG = 'c', OPT_ROLE = 'r', OPT_CHECK = 'k', OPT_VERSION = 'V' };

static int wrong(void)
{
	fputs(usage, stderr);
	return EXIT_FAILURE;
}

/* -1 to go on, else the exit status. */
static int parse(int argc, char **argv, struct options *options)
{
	static const struct option list[] = {
		{ "config", required_argument, NULL, OPT_CONFIG },
		{ "role", required_argument, NULL, OPT_ROLE },
		{ "check", required_argument, NULL, OPT_CHECK },
		{ "version", no_argument, NULL, OPT_VERSION },
		{ "help", no_argument, NULL, 'h' },
		{ NULL }
	};
	int option;

	while ((option = getopt_long(argc, argv, "c:r:hV", list, NULL)) >= 0) {
		switch (option) {
		case OPT_CHECK:
		case OPT_CONFIG:
			options->check = option == OPT_CHECK;
			options->config = optarg;
			break;
		case OPT_ROLE:
			options->role = optarg;
			break;
		case OPT_VERSION:
			puts("damcd, damc-" DAMCD_VERSION);
			return EXIT_SUCCESS;
		case 'h':
			fputs(usage, stdout);
			return EXIT_SUCCESS;
		default:
			return wrong();
		}
	}
	return optind < argc ? wrong() : -1;
}

static bool role_fits(const struct options *options,
		      const struct config *config)
{
	const char *is = config->role == DC_ROLE_SG ? "sg" : "sr";

	if (!options->role || !strcmp(options->role, is))
		return true;
	fprintf(stderr, "damcd: %s says role %s, --role says %s\n",
		options->config, is, options->role);
	return false;
}

static int run(const struct options *options)
{
	struct config *config = malloc(sizeof(*config));
	int ret = EXIT_FAILURE;
	char error[512];

	if (!config)
		return ret;
	if (config_load(options->config, config, error, sizeof(error)))
		fprintf(stderr, "%s\n", error);
	else if (!role_fits(options, config))
		;
	else if (options->check)
		ret = EXIT_SUCCESS;
	else
		ret = daemon_run(options->config, config);
	free(config);
	return ret;
}

int main(int argc, char **argv)
{
	struct options options = { .config = CONFIG };
	int ret = parse(argc, argv, &options);

	if (ret >= 0)
		return ret;
	if (sodium_init() < 0) {
		fputs("damcd: libsodium does not start\n", stderr);
		return EXIT_FAILURE;
	}
	setvbuf(stderr, NULL, _IOLBF, 0);
	return run(&options);
}
