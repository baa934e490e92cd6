// SPDX-License-Identifier: GPL-2.0
/*
 * Many calls by RMI, and a record of what was executed.
 *
 * usage: rmi_load serve NAME LOG
 *	  rmi_load call NAME CALLS SIZE CLIENTS OPEN DEADLINE_MS
 *	  rmi_load check LOG
 *
 * The server answers each call with its data, and appends to LOG which it was
 * and which server executed it. call has CLIENTS processes make CALLS calls in
 * all, OPEN at once each, of SIZE bytes. Both it and check print words and
 * numbers in turn.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <damc.h>

#define OPEN_MAX 256
#define STATUSES 16

/* One execution, in the log. */
struct execution {
	uint64_t server;
	uint64_t serial;
};

struct result {
	unsigned long status[STATUSES];
	unsigned long wrong;
	unsigned long late;
	unsigned long transmissions;
	unsigned long slowest_us;
};

struct open_call {
	struct damc_rmi_pending *pending;
	uint64_t serial;
	uint64_t begun;
};

struct caller {
	struct damc_rmi_client *client;
	struct damc_rmi_request request;
	uint8_t data[DAMC_RMI_DATA_MAX];
	struct open_call open[OPEN_MAX];
	unsigned int n_open, max_open;
	uint64_t next, end;
	struct result result;
};

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

static void fail(const char *what)
{
	fprintf(stderr, "rmi_load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000ull + ts.tv_nsec / 1000;
}

static struct damc_name parse_name(const char *text)
{
	struct damc_name name;
	const char *why;

	if (damc_name_parse(&name, text, &why)) {
		fprintf(stderr, "rmi_load: %s: %s\n", text, why);
		exit(1);
	}
	return name;
}

/* ---- serving ---- */

struct server {
	uint64_t number;
	int log;
};

static enum damc_rmi_status execute(const struct damc_rmi_call_info *call, void **data,
				    size_t *len, void *arg)
{
	const struct server *server = arg;
	struct execution execution = { .server = server->number };

	if (call->len < sizeof(execution.serial))
		return DAMC_RMI_APPLICATION;
	memcpy(&execution.serial, call->data, sizeof(execution.serial));
	if (write(server->log, &execution, sizeof(execution)) != sizeof(execution))
		fail("log");
	*data = malloc(call->len);
	if (!*data)
		return DAMC_RMI_REFUSED;
	memcpy(*data, call->data, call->len);
	*len = call->len;
	return DAMC_RMI_OK;
}

static int serve(const char *text, const char *log)
{
	struct damc_name name = parse_name(text);
	struct server server = { .log = open(log, O_WRONLY | O_APPEND | O_CREAT, 0600) };
	struct damc_rmi_server *rmi;
	struct pollfd pfd = { .events = POLLIN };

	if (server.log < 0 ||
	    getrandom(&server.number, sizeof(server.number), 0) != sizeof(server.number))
		fail(log);
	rmi = damc_rmi_server_open(&name, execute, &server);
	if (!rmi)
		fail(text);
	signal(SIGTERM, stop);
	printf("serving %s\n", text);
	fflush(stdout);
	pfd.fd = damc_rmi_server_fd(rmi);
	while (!stopped)
		if (poll(&pfd, 1, 1000) > 0 && damc_rmi_server_step(rmi) < 0)
			fail("step");
	damc_rmi_server_close(rmi);
	return 0;
}

/* ---- calling ---- */

/* The bytes follow from the number, so that no other call's would do. */
static void fill(struct caller *caller, uint64_t serial)
{
	size_t i;

	for (i = sizeof(serial); i < caller->request.len; i++)
		caller->data[i] = (serial + i) * 37 >> 3;
	memcpy(caller->data, &serial, sizeof(serial));
}

static void begin(struct caller *caller)
{
	struct open_call *open = &caller->open[caller->n_open++];

	open->serial = caller->next++;
	open->begun = now_us();
	fill(caller, open->serial);
	open->pending = damc_rmi_start(caller->client, &caller->request);
	if (!open->pending)
		fail("start");
}

static void end(struct caller *caller, struct open_call *open)
{
	struct result *result = &caller->result;
	uint64_t took = now_us() - open->begun;
	struct damc_rmi_reply reply;

	if (damc_rmi_finish(caller->client, open->pending, &reply))
		fail("finish");
	result->status[reply.status]++;
	result->transmissions += reply.transmissions;
	if (took > result->slowest_us)
		result->slowest_us = took;
	/* A second is what a busy machine may oversleep. */
	if (took > caller->request.deadline_ms * 1000ull + 1000000)
		result->late++;
	fill(caller, open->serial);
	if (reply.status == DAMC_RMI_OK &&
	    (reply.len != caller->request.len || memcmp(reply.data, caller->data, reply.len)))
		result->wrong++;
	damc_rmi_reply_free(&reply);
	*open = caller->open[--caller->n_open];
}

static void call_all(struct caller *caller)
{
	unsigned int i;

	while (caller->next < caller->end || caller->n_open) {
		while (caller->next < caller->end && caller->n_open < caller->max_open)
			begin(caller);
		if (damc_rmi_client_step(caller->client, -1))
			fail("client");
		for (i = 0; i < caller->n_open;)
			if (damc_rmi_ended(caller->open[i].pending))
				end(caller, &caller->open[i]);
			else
				i++;
	}
}

/* One client's share, in a process of its own; what came of it goes to @fd. */
static void run_client(struct caller *caller, int fd)
{
	caller->client = damc_rmi_client_open(NULL);
	if (!caller->client)
		fail("open");
	call_all(caller);
	damc_rmi_client_close(caller->client);
	if (write(fd, &caller->result, sizeof(caller->result)) != sizeof(caller->result))
		fail("result");
	exit(0);
}

static void add(struct result *sum, const struct result *part)
{
	int i;

	for (i = 0; i < STATUSES; i++)
		sum->status[i] += part->status[i];
	sum->wrong += part->wrong;
	sum->late += part->late;
	sum->transmissions += part->transmissions;
	if (part->slowest_us > sum->slowest_us)
		sum->slowest_us = part->slowest_us;
}

static void print_result(const struct result *result, unsigned long calls, uint64_t took)
{
	unsigned long ended = 0;
	int i;

	for (i = 0; i < STATUSES; i++)
		ended += result->status[i];
	printf("calls %lu ended %lu answered %lu application %lu refused %lu deadline %lu ", calls,
	       ended, result->status[DAMC_RMI_OK], result->status[DAMC_RMI_APPLICATION],
	       result->status[DAMC_RMI_REFUSED], result->status[DAMC_RMI_DEADLINE]);
	printf("outcome-unknown %lu unreachable %lu ", result->status[DAMC_RMI_OUTCOME_UNKNOWN],
	       result->status[DAMC_RMI_UNREACHABLE]);
	printf("wrong %lu late %lu transmissions %lu slowest-ms %lu took-ms %lu\n", result->wrong,
	       result->late, result->transmissions, result->slowest_us / 1000,
	       (unsigned long)(took / 1000));
}

static int call(char **argv)
{
	unsigned long calls = strtoul(argv[1], NULL, 10), clients = strtoul(argv[3], NULL, 10), i;
	static struct caller caller;
	struct result sum = { 0 }, part;
	uint64_t begun = now_us();
	int pipes[2];

	caller.request = (struct damc_rmi_request){
		.target = parse_name(argv[0]),
		.method = "count",
		.data = caller.data,
		.len = strtoul(argv[2], NULL, 10),
		.deadline_ms = strtoul(argv[5], NULL, 10),
	};
	caller.max_open = strtoul(argv[4], NULL, 10);
	if (caller.max_open > OPEN_MAX || caller.request.len > DAMC_RMI_DATA_MAX || !clients ||
	    pipe(pipes))
		return 2;
	for (i = 0; i < clients; i++) {
		caller.next = calls * i / clients;
		caller.end = calls * (i + 1) / clients;
		if (!fork())
			run_client(&caller, pipes[1]);
	}
	close(pipes[1]);
	while (read(pipes[0], &part, sizeof(part)) == sizeof(part))
		add(&sum, &part);
	print_result(&sum, calls, now_us() - begun);
	return 0;
}

/* ---- checking ---- */

static int compare(const void *a, const void *b)
{
	const struct execution *x = a, *y = b;

	if (x->serial != y->serial)
		return x->serial < y->serial ? -1 : 1;
	if (x->server != y->server)
		return x->server < y->server ? -1 : 1;
	return 0;
}

static int compare_servers(const void *a, const void *b)
{
	const struct execution *x = a, *y = b;

	return (x->server > y->server) - (x->server < y->server);
}

static unsigned long count_incarnations(struct execution *all, unsigned long n)
{
	unsigned long i, found = n > 0;

	qsort(all, n, sizeof(*all), compare_servers);
	for (i = 1; i < n; i++)
		found += all[i].server != all[i - 1].server;
	return found;
}

static int check(const char *log)
{
	unsigned long n, i, twice = 0, by_two = 0;
	struct execution *all = NULL;
	int fd = open(log, O_RDONLY);
	off_t size = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);

	if (size < 0)
		fail(log);
	n = size / sizeof(*all);
	all = malloc(size + 1);
	if (!all || pread(fd, all, size, 0) != size)
		fail(log);
	qsort(all, n, sizeof(*all), compare);
	for (i = 1; i < n; i++) {
		if (all[i].serial != all[i - 1].serial)
			continue;
		if (all[i].server == all[i - 1].server)
			twice++;
		else
			by_two++;
	}
	printf("executed %lu twice %lu by-two-servers %lu incarnations %lu\n", n, twice, by_two,
	       count_incarnations(all, n));
	free(all);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "serve"))
		return serve(argv[2], argv[3]);
	if (argc == 8 && !strcmp(argv[1], "call"))
		return call(argv + 2);
	if (argc == 3 && !strcmp(argv[1], "check"))
		return check(argv[2]);
	fprintf(stderr, "usage: rmi_load serve NAME LOG | check LOG |\n"
		"       call NAME CALLS SIZE CLIENTS OPEN DEADLINE_MS\n");
	return 2;
}
