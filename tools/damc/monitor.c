// SPDX-License-Identifier: GPL-2.0
/* damc monitor: what changes, as it changes. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "print.h"
#include "signals.h"

static const char usage[] =
	"Usage: damc monitor [ all | OBJECT ] ...\n"
	"OBJECT := { dev | neigh | set | route | bind | pool | info |\n"
	"            policy }\n";

static const struct {
	unsigned int object;
	const char *word;
	const char *label;
} objects[] = {
	{ DAMC_OBJECT_DEV, "dev", "[DEV]" },
	{ DAMC_OBJECT_NEIGH, "neigh", "[NEIGH]" },
	{ DAMC_OBJECT_ROUTE, "route", "[ROUTE]" },
	{ DAMC_OBJECT_BIND, "bind", "[BIND]" },
	{ DAMC_OBJECT_INFO, "info", "[INFO]" },
	{ DAMC_OBJECT_POOL, "pool", "[POOL]" },
	{ DAMC_OBJECT_SET, "set", "[SET]" },
	{ DAMC_OBJECT_POLICY, "policy", "[POLICY]" },
	{ DAMC_OBJECT_ALL, "all", "" },
};

/* What is being written; whether its kind must be told. */
static const struct damc_event *event;
static bool labelled;

static size_t kind_of(unsigned int object)
{
	size_t i = 0;

	while (objects[i].object != object)
		i++;
	return i;
}

void cli_print_event(void)
{
	size_t kind;

	if (!event)
		return;
	kind = kind_of(event->object);
	if (timestamp && !is_json_context())
		print_timestamp(stdout);
	print_string(PRINT_JSON, "object", NULL, objects[kind].word);
	if (labelled)
		print_string(PRINT_FP, NULL, "%s", objects[kind].label);
	if (event->deleted)
		print_bool(PRINT_ANY, "deleted", "Deleted ", true);
}

static int print_event(const struct damc_event *given, void *arg)
{
	(void)arg;
	/* Interfaces come and go while this runs. */
	cli_ifname_forget();
	event = given;
	switch (given->object) {
	case DAMC_OBJECT_DEV:
		cli_print_dev(&given->dev);
		break;
	case DAMC_OBJECT_NEIGH:
		cli_print_neigh(&given->neigh);
		break;
	case DAMC_OBJECT_ROUTE:
		cli_print_route(&given->route);
		break;
	case DAMC_OBJECT_BIND:
		cli_print_bind(&given->bind);
		break;
	case DAMC_OBJECT_INFO:
		cli_print_info(&given->info);
		break;
	case DAMC_OBJECT_POOL:
		cli_print_pool(given->pool);
		break;
	case DAMC_OBJECT_SET:
		cli_print_set(&given->set);
		break;
	case DAMC_OBJECT_POLICY:
		cli_print_policy(&given->policy);
		break;
	}
	event = NULL;
	return 0;
}

/* One datagram; what was lost is said, and no reason to end. */
static int step(struct damc_monitor *monitor)
{
	int err = damc_monitor_step(monitor, print_event, NULL);

	if (err == -ENOBUFS) {
		fprintf(stderr, "Events were lost: changes came too fast.\n");
		return CLI_OK;
	}
	if (err)
		return cli_failed("monitor", err);
	/* A closed pipe ends it. */
	return fflush(stdout) ? CLI_KERNEL : CLI_OK;
}

static int follow(struct damc_monitor *monitor)
{
	struct cli_signals saved;
	int ret = CLI_OK;

	cli_signals_begin(&saved);
	new_json_obj(json);
	fflush(stdout);
	while (!ret && !cli_stopped())
		if (cli_wait(&saved, damc_monitor_fd(monitor), -1) > 0)
			ret = step(monitor);
	delete_json_obj();
	cli_signals_end(&saved);
	return ret;
}

static int parse(struct cli_args *args, unsigned int *wanted)
{
	const char *word;
	size_t i;

	while ((word = cli_take(args))) {
		for (i = 0; i < ARRAY_SIZE(objects); i++)
			if (cli_abbrev(word, objects[i].word))
				break;
		if (i == ARRAY_SIZE(objects))
			return cli_wrong(word,
					 "expected one of dev neigh set route bind pool info policy all");
		*wanted |= objects[i].object;
	}
	if (!*wanted)
		*wanted = DAMC_OBJECT_ALL;
	return CLI_OK;
}

static int run(struct cli_args *args)
{
	struct damc_monitor *monitor;
	unsigned int wanted = 0;
	int ret;

	ret = parse(args, &wanted);
	if (ret)
		return ret;
	/* Says what there is to say of a module that is not there. */
	if (!cli_ctl())
		return CLI_KERNEL;
	monitor = damc_monitor_open(wanted);
	if (!monitor)
		return cli_failed("monitor", errno);
	labelled = wanted & (wanted - 1);
	ret = follow(monitor);
	damc_monitor_close(monitor);
	return ret;
}

const struct cli_object cli_monitor = {
	.name = "monitor", .usage = usage, .run = run
};
