// SPDX-License-Identifier: GPL-2.0
/*
 * Pods that register or withdraw names over HTTP, as fast as they are answered.
 *
 * usage: registrations_load PORT CONNECTIONS NAMES WINDOW { post | delete }
 *
 * Each of CONNECTIONS keep-alive connections to 127.0.0.1 has NAMES of its own and
 * at most WINDOW requests without an answer. All requests are there before the clock
 * starts. Prints the seconds that passed, and those of this process's CPU.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define REQUEST_MAX 192
#define ANSWERS_MAX 65536
#define LENGTH "Content-Length: "

/**
 * struct pod - a connection
 * @text: its requests, one after the other; @end: where each ends
 * @sent, @answered: how many were
 * @got: bytes of answers that are not whole yet, @n_got of them
 */
struct pod {
	int fd;
	char *text;
	size_t *end;
	unsigned int sent;
	unsigned int answered;
	size_t n_got;
	char got[ANSWERS_MAX + 1];
};

struct load {
	unsigned int names;
	unsigned int window;
	const char *status;
};

static void fail(const char *what)
{
	fprintf(stderr, "registrations_load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double seconds(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static int request(char *to, unsigned int pod, unsigned int name, bool post)
{
	char body[64];
	int len;

	if (!post)
		return snprintf(to, REQUEST_MAX,
				"DELETE /v1/names/bench/%u-%u HTTP/1.1\r\n"
				"Host: x\r\n\r\n", pod, name);
	len = snprintf(body, sizeof(body),
		       "{\"name\": \"/bench/%u-%u\", \"lease\": 600}", pod,
		       name);
	return snprintf(to, REQUEST_MAX, "POST /v1/names HTTP/1.1\r\nHost: x\r\n"
			LENGTH "%d\r\n\r\n%s", len, body);
}

static void pod_open(struct pod *pod, unsigned int number, int port,
		     unsigned int names, bool post)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	unsigned int i;
	size_t len = 0;

	pod->text = malloc(names * REQUEST_MAX);
	pod->end = calloc(names, sizeof(*pod->end));
	if (!pod->text || !pod->end)
		fail("memory");
	for (i = 0; i < names; i++) {
		len += request(pod->text + len, number, i, post);
		pod->end[i] = len;
	}
	pod->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (pod->fd < 0 || connect(pod->fd, (void *)&to, sizeof(to)))
		fail("connect");
}

/* As many as may be on their way, in one write. */
static void pod_send(struct pod *pod, const struct load *load)
{
	unsigned int until = pod->answered + load->window;
	size_t from = pod->sent ? pod->end[pod->sent - 1] : 0;
	ssize_t n;

	if (until > load->names)
		until = load->names;
	if (until <= pod->sent)
		return;
	while (from < pod->end[until - 1]) {
		n = send(pod->fd, pod->text + from, pod->end[until - 1] - from,
			 0);
		if (n < 0)
			fail("send");
		from += n;
	}
	pod->sent = until;
}

/* How long the first answer is; 0: not whole yet. */
static size_t answer_length(const struct load *load, const char *text,
			    size_t size)
{
	const char *end = strstr(text, "\r\n\r\n"), *length;
	size_t len;

	if (!end)
		return 0;
	if (strncmp(text + strlen("HTTP/1.1 "), load->status, 3)) {
		fprintf(stderr, "registrations_load: %s\n", text);
		exit(1);
	}
	len = end + 4 - text;
	length = strstr(text, LENGTH);
	if (length && length < end)
		len += strtoul(length + strlen(LENGTH), NULL, 10);
	return len <= size ? len : 0;
}

/* True once it has all of its answers. */
static bool pod_receive(struct pod *pod, const struct load *load)
{
	ssize_t n = recv(pod->fd, pod->got + pod->n_got,
			 ANSWERS_MAX - pod->n_got, 0);
	size_t at = 0, len;

	if (n <= 0)
		fail("receive");
	pod->n_got += n;
	pod->got[pod->n_got] = '\0';
	while ((len = answer_length(load, pod->got + at, pod->n_got - at))) {
		at += len;
		pod->answered++;
	}
	pod->n_got -= at;
	memmove(pod->got, pod->got + at, pod->n_got);
	if (pod->answered == load->names)
		return true;
	pod_send(pod, load);
	return false;
}

static void run(struct pod *pod, unsigned int pods, const struct load *load)
{
	struct epoll_event events[64], event = { .events = EPOLLIN };
	int epoll = epoll_create1(0), n, i;
	unsigned int left = pods, p;

	for (p = 0; p < pods; p++) {
		event.data.ptr = &pod[p];
		if (epoll_ctl(epoll, EPOLL_CTL_ADD, pod[p].fd, &event))
			fail("epoll");
		pod_send(&pod[p], load);
	}
	while (left) {
		n = epoll_wait(epoll, events, 64, 60000);
		if (n <= 0)
			fail("no answer");
		for (i = 0; i < n; i++)
			left -= pod_receive(events[i].data.ptr, load);
	}
	close(epoll);
}

int main(int argc, char **argv)
{
	double wall, cpu;
	struct load load;
	unsigned int pods, i;
	struct pod *pod;
	bool post;

	if (argc != 6)
		return 2;
	pods = strtoul(argv[2], NULL, 10);
	load.names = strtoul(argv[3], NULL, 10);
	load.window = strtoul(argv[4], NULL, 10);
	post = !strcmp(argv[5], "post");
	load.status = post ? "201" : "204";
	pod = calloc(pods, sizeof(*pod));
	if (!pod || !load.names)
		fail("memory");
	for (i = 0; i < pods; i++)
		pod_open(&pod[i], i, atoi(argv[1]), load.names, post);
	wall = seconds(CLOCK_MONOTONIC);
	cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
	run(pod, pods, &load);
	printf("%.6f %.6f\n", seconds(CLOCK_MONOTONIC) - wall,
	       seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu);
	return 0;
}
