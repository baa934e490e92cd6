// SPDX-License-Identifier: GPL-2.0
/*
 * Calls at a steady rate until told to end, whatever becomes of them.
 *
 * usage: steady NAME CALLS_PER_SECOND [FROM]
 *
 * All calls are one client's, each is begun when it is time, not when the one
 * before has ended. SIGUSR1 has a line printed about the calls that ended since
 * the last line; SIGTERM ends it, after the calls that are open, with a line
 * about all. A call that fails is told at once, to standard error.
 */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <damc.h>

#define S 1000000ull
#define OPEN_MAX 4096
#define DEADLINE_MS 10000

struct result {
	unsigned long answered;
	unsigned long failed;
	unsigned long transmissions;
	uint64_t slowest_us;
};

struct open_call {
	struct damc_rmi_pending *pending;
	uint64_t serial;
	uint64_t begun;
};

struct caller {
	struct damc_rmi_client *client;
	struct damc_rmi_request request;
	uint64_t data;
	struct open_call open[OPEN_MAX];
	unsigned int n_open;
	struct result part, sum;
};

static volatile sig_atomic_t stopped, asked;

static void on_signal(int signal)
{
	if (signal == SIGUSR1)
		asked = 1;
	else
		stopped = 1;
}

static void fail(const char *what)
{
	fprintf(stderr, "steady: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * S + ts.tv_nsec / 1000;
}

static void add(struct result *sum, const struct result *part)
{
	sum->answered += part->answered;
	sum->failed += part->failed;
	sum->transmissions += part->transmissions;
	if (part->slowest_us > sum->slowest_us)
		sum->slowest_us = part->slowest_us;
}

static void print(const struct result *result)
{
	printf("answered %lu failed %lu transmissions %lu slowest-ms %lu\n", result->answered,
	       result->failed, result->transmissions, (unsigned long)(result->slowest_us / 1000));
	fflush(stdout);
}

static void print_part(struct caller *caller)
{
	print(&caller->part);
	add(&caller->sum, &caller->part);
	memset(&caller->part, 0, sizeof(caller->part));
}

static void begin(struct caller *caller)
{
	struct open_call *open;

	if (caller->n_open == OPEN_MAX) {
		errno = ENOBUFS;
		fail("open calls");
	}
	open = &caller->open[caller->n_open++];
	open->serial = ++caller->data;
	open->begun = now_us();
	open->pending = damc_rmi_start(caller->client, &caller->request);
	if (!open->pending)
		fail("start");
}

static bool is_answer(const struct open_call *open, const struct damc_rmi_reply *reply)
{
	return reply->status == DAMC_RMI_OK && reply->len == sizeof(open->serial) &&
	       !memcmp(reply->data, &open->serial, sizeof(open->serial));
}

static void end(struct caller *caller, struct open_call *open)
{
	uint64_t took = now_us() - open->begun;
	struct damc_rmi_reply reply;

	if (damc_rmi_finish(caller->client, open->pending, &reply))
		fail("finish");
	if (is_answer(open, &reply)) {
		caller->part.answered++;
	} else {
		caller->part.failed++;
		fprintf(stderr, "call %lu after %lu ms: %s\n", (unsigned long)open->serial,
			(unsigned long)(took / 1000), damc_rmi_strerror(reply.status));
	}
	caller->part.transmissions += reply.transmissions;
	if (took > caller->part.slowest_us)
		caller->part.slowest_us = took;
	damc_rmi_reply_free(&reply);
	*open = caller->open[--caller->n_open];
}

static void end_all(struct caller *caller)
{
	unsigned int i;

	for (i = 0; i < caller->n_open;)
		if (damc_rmi_ended(caller->open[i].pending))
			end(caller, &caller->open[i]);
		else
			i++;
}

static void step(struct caller *caller, uint64_t until)
{
	uint64_t now = now_us();
	int err, timeout = until > now ? (until - now + 999) / 1000 : 0;

	err = damc_rmi_client_step(caller->client, timeout);
	if (err) {
		errno = -err;
		fail("client");
	}
	end_all(caller);
	if (asked) {
		asked = 0;
		print_part(caller);
	}
}

static void call(struct caller *caller, unsigned long rate)
{
	uint64_t next = now_us();

	while (!stopped) {
		for (; next <= now_us(); next += S / rate)
			begin(caller);
		step(caller, next);
	}
	while (caller->n_open)
		step(caller, now_us() + S);
}

static struct damc_name parse_name(const char *text)
{
	struct damc_name name;
	const char *why;

	if (damc_name_parse(&name, text, &why)) {
		fprintf(stderr, "steady: %s: %s\n", text, why);
		exit(2);
	}
	return name;
}

int main(int argc, char **argv)
{
	static struct caller caller;
	unsigned long rate = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
	struct damc_name from;

	if (argc > 4 || !rate || rate > 10000) {
		fputs("usage: steady NAME CALLS_PER_SECOND [FROM]\n", stderr);
		return 2;
	}
	caller.request = (struct damc_rmi_request){
		.target = parse_name(argv[1]), .method = "echo", .data = &caller.data,
		.len = sizeof(caller.data), .deadline_ms = DEADLINE_MS,
	};
	if (argc == 4)
		from = parse_name(argv[3]);
	signal(SIGUSR1, on_signal);
	signal(SIGTERM, on_signal);
	caller.client = damc_rmi_client_open(argc == 4 ? &from : NULL);
	if (!caller.client)
		fail("open");
	call(&caller, rate);
	damc_rmi_client_close(caller.client);
	print_part(&caller);
	printf("all: ");
	print(&caller.sum);
	return 0;
}
