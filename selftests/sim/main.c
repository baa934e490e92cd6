// SPDX-License-Identifier: GPL-2.0
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "scenario.h"

#ifndef TOPOLOGIES
#define TOPOLOGIES NULL
#endif

/* One seed in so many has real signatures. */
#define ED25519_EACH 100
#define SIZES 16

/**
 * struct options - what the command line says
 * @sizes: how many seeds had up to 2, 4, 8 ... hosts
 * @tally: of all that ran
 * @crypto: 's'tand-in, 'e'd25519, or 0: by the seed
 */
struct options {
	const struct scenario *scenario;
	struct run run;
	char crypto;
	bool twice;
	bool verbose;
	bool first;
	double seconds;
	uint64_t count;
	struct tally tally;
	uint64_t sizes[SIZES];
};

static void usage(void)
{
	size_t i;

	fputs("How to: sim [OPTION]... SCENARIO SEED...\n"
	      "  --topology WHAT     a file, figure2, or ring:N line:N grid:N fattree:N\n"
	      "                      geometric:N random:N\n"
	      "  --topologies DIR    of *.links, for chaos\n"
	      "  --costs TEXT        as a run printed them; none; measured if not told\n"
	      "  --crypto stand-in|ed25519\n"
	      "  --count N           so many seeds from SEED on\n"
	      "  --seconds S         no new seed after so long\n"
	      "  --names N           of scenario join\n"
	      "  --twice             each seed again, and compare the logs\n"
	      "  --first             stop at the first that fails\n"
	      "  --quiet --trace\n"
	      "scenarios:\n", stderr);
	for (i = 0; i < n_scenarios; i++)
		fprintf(stderr, "  %-10s %s\n", scenarios[i].name,
			scenarios[i].help);
	exit(2);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static const struct scenario *scenario_of(const char *name)
{
	size_t i;

	for (i = 0; i < n_scenarios; i++)
		if (!strcmp(scenarios[i].name, name))
			return &scenarios[i];
	return NULL;
}

static void replay_with(const struct options *options, const struct run *run)
{
	char costs[COST_TEXT_MAX];

	cost_format(&run->config.cost, costs);
	printf("FAILED %s %llu: %s\n", options->scenario->name,
	       (unsigned long long)run->config.seed, run->first);
	printf("  again: selftests/sim/run --costs %s --crypto %s%s%s %s %llu\n",
	       costs,
	       run->config.crypto == &dc_ed25519 ? "ed25519" : "stand-in",
	       run->topology ? " --topology " : "",
	       run->topology ? run->topology : "", options->scenario->name,
	       (unsigned long long)run->config.seed);
}

static struct run one(const struct options *options, uint64_t seed)
{
	struct run run = options->run;
	char crypto = options->crypto;

	run.config.seed = seed;
	if (!crypto)
		crypto = seed % ED25519_EACH == ED25519_EACH - 1 ? 'e' : 's';
	run.config.crypto = crypto == 'e' ? &dc_ed25519 : &dc_stand_in;
	run.config.stand_in = crypto != 'e' && !options->scenario->timed;
	options->scenario->run(&run);
	return run;
}

static int size_class(uint32_t hosts)
{
	int class = 1;

	while (class < SIZES - 1 && hosts > 1u << class)
		class++;
	return class;
}

static void print_sizes(const struct options *options)
{
	int i;

	for (i = 1; i < SIZES; i++)
		if (options->sizes[i])
			printf("hosts: %12llu seeds with up to %u\n",
			       (unsigned long long)options->sizes[i], 1u << i);
}

static bool seed_passes(struct options *options, uint64_t seed)
{
	struct run run = one(options, seed), again;

	tally_add(&options->tally, &run.tally);
	options->sizes[size_class(run.hosts)]++;

	if (run.broken) {
		replay_with(options, &run);
		return false;
	}
	if (options->verbose)
		printf("%s %llu: log %016llx, %llu events\n",
		       options->scenario->name, (unsigned long long)seed,
		       (unsigned long long)run.log,
		       (unsigned long long)run.events);
	if (!options->twice)
		return true;
	again = one(options, seed);
	if (again.log == run.log && again.events == run.events)
		return true;
	printf("FAILED %s %llu: the second time it went another way\n",
	       options->scenario->name, (unsigned long long)seed);
	return false;
}

static const struct option longs[] = {
	{ "topology", required_argument, NULL, 't' },
	{ "topologies", required_argument, NULL, 'd' },
	{ "costs", required_argument, NULL, 'c' },
	{ "crypto", required_argument, NULL, 'y' },
	{ "count", required_argument, NULL, 'n' },
	{ "seconds", required_argument, NULL, 's' },
	{ "names", required_argument, NULL, 'N' },
	{ "twice", no_argument, NULL, '2' },
	{ "first", no_argument, NULL, '1' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "trace", no_argument, NULL, 'T' },
	{ 0 },
};

static void set(struct options *o, int c, bool *costs)
{
	switch (c) {
	case 't':
		o->run.topology = optarg;
		return;
	case 'd':
		o->run.dir = optarg;
		return;
	case 'c':
		*costs = cost_parse(&o->run.config.cost, optarg);
		if (!*costs)
			usage();
		return;
	case 'y':
		o->crypto = *optarg;
		return;
	case 'n':
		o->count = strtoull(optarg, NULL, 10);
		return;
	case 's':
		o->seconds = strtod(optarg, NULL);
		return;
	case 'N':
		o->run.names = strtoul(optarg, NULL, 10);
		return;
	case '2':
		o->twice = true;
		return;
	case '1':
		o->first = true;
		return;
	case 'q':
		o->run.quiet = true;
		o->verbose = false;
		return;
	case 'T':
		o->run.config.trace = true;
		return;
	default:
		usage();
	}
}

static int run_all(struct options *o, char **argv, int n)
{
	uint64_t passed = 0, failed = 0, i;
	double since = seconds();
	int j;

	for (j = 0; j < n; j++)
		for (i = 0; i < o->count; i++) {
			if (o->seconds && seconds() - since > o->seconds)
				break;
			if (o->first && failed)
				break;
			if (seed_passes(o, strtoull(argv[j], NULL, 10) + i))
				passed++;
			else
				failed++;
			fflush(stdout);
		}
	print_sizes(o);
	tally_print(stdout, &o->tally);
	printf("%s: %llu seeds in %.1f s\n", o->scenario->name,
	       (unsigned long long)(passed + failed), seconds() - since);
	printf("%llu passed, %llu failed, 0 skipped\n",
	       (unsigned long long)passed, (unsigned long long)failed);
	return failed || !passed;
}

int main(int argc, char **argv)
{
	struct options o = {
		.count = 1, .verbose = true,
		.run = { .dir = TOPOLOGIES,
			 .config.detect_ns = 30 * SIM_MS },
	};
	char text[COST_TEXT_MAX];
	bool costs = false;
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1)
		set(&o, c, &costs);
	if (argc - optind < 2)
		usage();
	o.scenario = scenario_of(argv[optind]);
	if (!o.scenario)
		usage();
	if (!costs)
		cost_measure(&o.run.config.cost);
	cost_format(&o.run.config.cost, text);
	printf("costs in ns: %s\n", text);
	return run_all(&o, argv + optind + 1, argc - optind - 1);
}
