// SPDX-License-Identifier: GPL-2.0
/* damc ping: does a name answer, and how fast. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"
#include "echo.h"
#include "ping.h"
#include "print.h"
#include "signals.h"

static const char usage[] =
	"Usage: damc ping NAME [ count NUMBER ] [ interval SECONDS ]\n"
	"                 [ size BYTES ] [ deadline SECONDS ] [ from NAME ]\n"
	"                 [ hop-limit NUMBER ] [ record ]\n"
	"Exit status: 0 if anything replied, 1 if nothing did, 2 on an error.\n";

/* People know these codes from ping; they are not the other objects'. */
enum { PING_REPLY = 0, PING_SILENCE = 1, PING_ERROR = 2 };

#define MS 1000000LL

/* With the echo header 64 bytes, which people know as well. */
#define SIZE_DEFAULT 60

/* How long the last request is waited for, unless round trips are longer. */
#define LINGER (2000 * MS)

/* Requests remembered: one that is answered later counts as lost. */
#define WINDOW 8192

struct sent {
	uint32_t seq;
	bool answered;
	int64_t when;
};

struct ping {
	struct echo echo;
	struct cli_signals signals;
	struct ping_counts counts;
	struct sent *window;
	struct damc_name from;
	bool has_from;
	bool record;
	uint32_t count;
	uint32_t interval_ms;
	uint32_t deadline_ms;
	uint32_t hop_limit;
	/* Requests that a reply or an error came for. */
	uint32_t settled;
	int64_t next;
	int64_t last;
};

static int parse(struct cli_args *args, struct ping *ping)
{
	struct cli_key keys[] = {
		{ .key = "from", .take = cli_take_name, .to = &ping->from },
		{ .key = "count", .take = cli_take_u32, .to = &ping->count,
		  .min = 1, .max = UINT32_MAX },
		{ .key = "interval", .take = cli_take_ms,
		  .to = &ping->interval_ms, .min = 1, .max = 86400000 },
		{ .key = "size", .take = cli_take_u32, .to = &ping->echo.size,
		  .min = ECHO_SIZE_MIN, .max = ECHO_SIZE_MAX },
		{ .key = "deadline", .take = cli_take_ms,
		  .to = &ping->deadline_ms, .min = 1, .max = 86400000 },
		{ .key = "hop-limit", .take = cli_take_u32,
		  .to = &ping->hop_limit, .min = 1, .max = 255 },
		{ .key = "record", .to = &ping->record },
		{ .key = NULL }
	};
	int ret;

	ret = cli_name_arg(args, &ping->echo.target);
	if (!ret)
		ret = cli_keys(args, keys, NULL, "ping");
	ping->has_from = keys[0].seen;
	return ret;
}

static void send_one(struct ping *ping)
{
	uint32_t seq = ++ping->counts.sent;
	struct sent *sent = &ping->window[seq % WINDOW];
	int err;

	ping->last = cli_now();
	ping->next += ping->interval_ms * MS;
	if (ping->next < ping->last)
		ping->next = ping->last + ping->interval_ms * MS;
	*sent = (struct sent){ .seq = seq, .when = ping->last };
	err = echo_send(&ping->echo, seq);
	if (!err)
		return;
	sent->answered = true;
	ping->settled++;
	ping->counts.errors++;
	ping_report_send_error(seq, err);
}

static void count_reply(struct ping *ping, const struct echo_event *event,
			double ms, bool again)
{
	struct ping_counts *counts = &ping->counts;

	if (again)
		counts->duplicates++;
	else
		counts->received++;
	if (ms > counts->max)
		counts->max = ms;
	if (ms < counts->min || counts->received + counts->duplicates == 1)
		counts->min = ms;
	counts->sum += ms;
	counts->squares += ms * ms;
	ping_report_reply(event, ms, again);
}

static void take_event(struct ping *ping, const struct echo_event *event)
{
	struct sent *sent = &ping->window[event->seq % WINDOW];

	/* Too old, or made up. */
	if (!event->seq || sent->seq != event->seq)
		return;
	if (event->code) {
		ping->counts.errors++;
		ping_report_error(event);
	} else {
		count_reply(ping, event, (event->when - sent->when) / 1e6,
			    sent->answered);
	}
	if (!sent->answered)
		ping->settled++;
	sent->answered = true;
}

static int take_events(struct ping *ping)
{
	struct echo_event event;
	int ret;

	while ((ret = echo_receive(&ping->echo, &event)) > 0)
		take_event(ping, &event);
	return ret;
}

static bool all_sent(const struct ping *ping)
{
	return ping->count && ping->counts.sent == ping->count;
}

/* When there is no more to wait for. */
static int64_t end_time(const struct ping *ping)
{
	int64_t deadline = ping->deadline_ms ?
		ping->counts.began + ping->deadline_ms * MS : INT64_MAX;
	int64_t linger = 2 * ping->counts.max * MS;
	int64_t end = INT64_MAX;

	if (all_sent(ping) && ping->settled == ping->counts.sent)
		return ping->last;
	if (linger < LINGER)
		linger = LINGER;
	if (all_sent(ping))
		end = ping->last + linger;
	return end < deadline ? end : deadline;
}

static int loop(struct ping *ping)
{
	int64_t now, until;
	int ret;

	ping->counts.began = cli_now();
	ping->next = ping->counts.began;
	while (!cli_stopped()) {
		now = cli_now();
		if (now >= end_time(ping))
			break;
		if (!all_sent(ping) && now >= ping->next)
			send_one(ping);
		until = end_time(ping);
		if (!all_sent(ping) && ping->next < until)
			until = ping->next;
		now = cli_now();
		cli_wait(&ping->signals, ping->echo.fd,
			 until > now ? until - now : 0);
		ret = take_events(ping);
		if (ret < 0)
			return ret;
	}
	ping->counts.ended = cli_now();
	return 0;
}

static int run_open(struct ping *ping)
{
	int err;

	cli_signals_begin(&ping->signals);
	ping_report_begin(&ping->echo);
	err = loop(ping);
	ping_report_end(&ping->echo, &ping->counts);
	cli_signals_end(&ping->signals);
	if (err) {
		cli_failed("receive", err);
		return PING_ERROR;
	}
	return ping->counts.received ? PING_REPLY : PING_SILENCE;
}

static int run(struct cli_args *args)
{
	struct ping ping = { .interval_ms = 1000, .echo.size = SIZE_DEFAULT };
	int ret = PING_ERROR;

	if (parse(args, &ping))
		return PING_ERROR;
	if (echo_open(&ping.echo, ping.has_from ? &ping.from : NULL,
		      ping.record))
		return PING_ERROR;
	ping.window = calloc(WINDOW, sizeof(*ping.window));
	if (!ping.window)
		cli_failed("ping", ENOMEM);
	else if (!ping.hop_limit || !echo_hop_limit(&ping.echo, ping.hop_limit))
		ret = run_open(&ping);
	free(ping.window);
	echo_close(&ping.echo);
	return ret;
}

const struct cli_object cli_ping = {
	.name = "ping", .usage = usage, .run = run
};
