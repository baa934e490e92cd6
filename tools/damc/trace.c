// SPDX-License-Identifier: GPL-2.0
/* damc trace: the nodes on the way to a name. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "echo.h"
#include "ping.h"
#include "print.h"
#include "signals.h"

static const char usage[] =
	"Usage: damc trace NAME [ max-hops NUMBER ] [ queries NUMBER ]\n"
	"                  [ wait SECONDS ] [ from NAME ]\n"
	"Exit status: 0 if NAME answered, 1 if it did not, 2 on an error.\n";

enum { TRACE_REACHED = 0, TRACE_ENDED = 1, TRACE_ERROR = 2 };

#define MS 1000000LL

struct trace {
	struct echo echo;
	struct cli_signals signals;
	struct damc_name from;
	bool has_from;
	uint32_t max_hops;
	uint32_t queries;
	uint32_t wait_ms;
	uint32_t seq;
	/* Set by what came: no more hops need be asked. */
	bool reached;
	bool refused;
	/* Who answered last on this line of output. */
	struct damc_name shown;
	bool has_shown;
};

static int parse(struct cli_args *args, struct trace *trace)
{
	struct cli_key keys[] = {
		{ .key = "from", .take = cli_take_name, .to = &trace->from },
		{ .key = "max-hops", .take = cli_take_u32,
		  .to = &trace->max_hops, .min = 1, .max = 255 },
		{ .key = "queries", .take = cli_take_u32,
		  .to = &trace->queries, .min = 1, .max = 10 },
		{ .key = "wait", .take = cli_take_ms, .to = &trace->wait_ms,
		  .min = 1, .max = 60000 },
		{ .key = NULL }
	};
	int ret;

	ret = cli_name_arg(args, &trace->echo.target);
	if (!ret)
		ret = cli_keys(args, keys, NULL, "trace");
	trace->has_from = keys[0].seen;
	return ret;
}

/* 1 with what came of request @seq, 0 if nothing did in time, or -errno. */
static int await(struct trace *trace, uint32_t seq, struct echo_event *event)
{
	int64_t end = cli_now() + trace->wait_ms * MS;
	int64_t now;
	int ret;

	while (!cli_stopped()) {
		ret = echo_receive(&trace->echo, event);
		if (ret < 0 || (ret && event->seq == seq))
			return ret;
		if (ret)
			continue;
		now = cli_now();
		if (now >= end)
			return 0;
		cli_wait(&trace->signals, trace->echo.fd, end - now);
	}
	return 0;
}

static void print_source(struct trace *trace, const struct damc_name *name)
{
	struct cli_text text;

	if (is_json_context()) {
		print_string(PRINT_JSON, "from", NULL,
			     ping_offender(name, &text));
		return;
	}
	if (trace->has_shown && damc_name_equal(&trace->shown, name))
		return;
	trace->shown = *name;
	trace->has_shown = true;
	printf("  %s", ping_offender(name, &text));
}

/* What came is on the way there, the end of it, or a refusal. */
static void print_event(struct trace *trace, const struct echo_event *event,
			double ms)
{
	struct cli_text text;
	const char *word;

	print_source(trace, &event->from);
	print_float(PRINT_ANY, "time-ms", "  %.3f ms", ms);
	if (!event->code) {
		trace->reached = true;
		return;
	}
	word = cli_word(damc_spec_error_code, event->code, &text);
	print_string(PRINT_JSON, "error", NULL, word);
	if (event->code == DAMC_ERROR_CODE_HOP_LIMIT)
		return;
	trace->refused = true;
	print_string(PRINT_FP, NULL, " !%s", word);
	if (event->code == DAMC_ERROR_CODE_TOO_BIG)
		print_uint(PRINT_ANY, "mtu", " (%u bytes fit)", event->info);
}

static int query(struct trace *trace)
{
	struct echo_event event;
	uint32_t seq = ++trace->seq;
	int64_t sent = cli_now();
	int ret;

	open_json_object(NULL);
	ret = echo_send(&trace->echo, seq);
	if (ret) {
		/* Refused in this host: nothing farther can be learnt. */
		print_string(PRINT_ANY, "error", "  !%s", strerror(-ret));
		trace->refused = true;
		ret = 0;
	} else {
		ret = await(trace, seq, &event);
		if (ret > 0)
			print_event(trace, &event, (event.when - sent) / 1e6);
		else
			print_null(PRINT_ANY, "time-ms", "  %s", "*");
	}
	close_json_object();
	fflush(stdout);
	return ret < 0 ? ret : 0;
}

static int hop(struct trace *trace, unsigned int number)
{
	unsigned int i;
	int ret = 0;

	trace->has_shown = false;
	open_json_object(NULL);
	print_uint(PRINT_ANY, "hop", "%2u", number);
	open_json_array(PRINT_JSON, "queries");
	for (i = 0; i < trace->queries && !ret && !cli_stopped(); i++)
		ret = query(trace);
	close_json_array(PRINT_JSON, "queries");
	close_json_object();
	print_string(PRINT_FP, NULL, "%s", "\n");
	fflush(stdout);
	return ret;
}

static int hops(struct trace *trace)
{
	unsigned int number;
	int ret;

	for (number = 1; number <= trace->max_hops; number++) {
		if (echo_hop_limit(&trace->echo, number))
			return TRACE_ERROR;
		ret = hop(trace, number);
		if (ret) {
			cli_failed("receive", ret);
			return TRACE_ERROR;
		}
		if (trace->reached || trace->refused || cli_stopped())
			break;
	}
	return trace->reached ? TRACE_REACHED : TRACE_ENDED;
}

static int run_open(struct trace *trace)
{
	struct cli_text text;
	int ret;

	cli_signals_begin(&trace->signals);
	new_json_obj(json);
	open_json_object(NULL);
	print_string(PRINT_ANY, "target", "trace to %s",
		     cli_name(&trace->echo.target, &text));
	print_uint(PRINT_ANY, "max-hops", ", %u hops at most", trace->max_hops);
	print_string(PRINT_FP, NULL, "%s", "\n");
	open_json_array(PRINT_JSON, "hops");
	ret = hops(trace);
	close_json_array(PRINT_JSON, "hops");
	print_bool(PRINT_JSON, "reached", NULL, trace->reached);
	close_json_object();
	delete_json_obj();
	cli_signals_end(&trace->signals);
	return ret;
}

static int run(struct cli_args *args)
{
	struct trace trace = {
		.max_hops = 30, .queries = 3, .wait_ms = 1000,
		.echo.size = 60,
	};
	int ret;

	if (parse(args, &trace))
		return TRACE_ERROR;
	if (echo_open(&trace.echo, trace.has_from ? &trace.from : NULL, false))
		return TRACE_ERROR;
	ret = run_open(&trace);
	echo_close(&trace.echo);
	return ret;
}

const struct cli_object cli_trace = {
	.name = "trace", .usage = usage, .run = run
};
