// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli.h"
#include "echo.h"
#include "record.h"
#include "signals.h"

/* Starts the data of each request; the rest is a pattern. */
struct probe {
	uint64_t mark;
	uint32_t seq;
};

static int set_option(struct echo *echo, int option, int value)
{
	if (setsockopt(echo->fd, SOL_DAMC, option, &value, sizeof(value)))
		return cli_failed("setsockopt", errno);
	return CLI_OK;
}

static int set_options(struct echo *echo, bool record)
{
	int ret;

	ret = set_option(echo, DAMC_RECVERR, 1);
	if (!ret)
		ret = set_option(echo, DAMC_RECVHOPLIMIT, 1);
	if (!ret && record)
		ret = set_option(echo, DAMC_RECORD, DAMC_RECORD_MAX);
	return ret;
}

static int bind_to(struct echo *echo, const struct damc_name *name)
{
	struct sockaddr_damc sa;
	socklen_t len = damc_sockaddr(&sa, name);
	struct cli_text text;
	char what[sizeof(text.buf) + 16];

	if (!bind(echo->fd, (struct sockaddr *)&sa, len))
		return CLI_OK;
	snprintf(what, sizeof(what), "bind to %s", cli_name(name, &text));
	return cli_failed(what, errno);
}

int echo_open(struct echo *echo, const struct damc_name *from, bool record)
{
	int ret;

	if (getrandom(&echo->mark, sizeof(echo->mark), 0) < 0)
		return cli_failed("getrandom", errno);
	echo->fd = damc_socket(DAMC_PROTO_ECHO);
	if (echo->fd < 0)
		return cli_failed("socket", echo->fd);
	ret = set_options(echo, record);
	if (!ret && from)
		ret = bind_to(echo, from);
	if (ret)
		echo_close(echo);
	return ret;
}

void echo_close(struct echo *echo)
{
	close(echo->fd);
}

int echo_hop_limit(struct echo *echo, unsigned int hops)
{
	return set_option(echo, DAMC_HOP_LIMIT, hops);
}

static void fill(unsigned char *data, const struct echo *echo, uint32_t seq)
{
	struct probe probe = { .mark = echo->mark, .seq = htonl(seq) };
	unsigned int i;

	for (i = 0; i < echo->size; i++)
		data[i] = i;
	memcpy(data, &probe, sizeof(probe));
}

int echo_send(struct echo *echo, uint32_t seq)
{
	unsigned char data[ECHO_SIZE_MAX];
	struct sockaddr_damc sa;
	socklen_t len = damc_sockaddr(&sa, &echo->target);
	int tries;

	fill(data, echo, seq);
	/* The first failure may tell of an earlier request's refusal. */
	for (tries = 0; tries < 2; tries++) {
		if (sendto(echo->fd, data, echo->size, MSG_DONTWAIT,
			   (struct sockaddr *)&sa, len) >= 0)
			return 0;
	}
	return -errno;
}

/* Whether the data is of a request of ours, and of which one. */
static bool ours(const struct echo *echo, const unsigned char *data,
		 size_t len, uint32_t *seq)
{
	struct probe probe;

	if (len < sizeof(probe))
		return false;
	memcpy(&probe, data, sizeof(probe));
	*seq = ntohl(probe.seq);
	return probe.mark == echo->mark;
}

static void take_cmsg(struct echo_event *event, const struct cmsghdr *cmsg)
{
	const void *data = CMSG_DATA(cmsg);
	size_t len = cmsg->cmsg_len - CMSG_LEN(0);
	struct damc_sock_err err;

	if (cmsg->cmsg_level != SOL_DAMC)
		return;
	if (cmsg->cmsg_type == DAMC_HOP_LIMIT && len >= sizeof(int)) {
		memcpy(&event->hops, data, sizeof(int));
	} else if (cmsg->cmsg_type == DAMC_RECORD) {
		record_read(&event->path, data, len);
		event->has_path = true;
	} else if (cmsg->cmsg_type == DAMC_RECVERR && len >= sizeof(err)) {
		memcpy(&err, data, sizeof(err));
		event->code = err.code;
		event->info = err.info;
		/* A node without a name refuses as the root. */
		if (damc_sockaddr_name(&event->from, &err.offender,
				       sizeof(err.offender)))
			event->from.len = 0;
	}
}

/* 1 if it was ours, 0 if not, or a negative errno. */
static int receive(struct echo *echo, struct echo_event *event, int flags)
{
	unsigned char data[ECHO_SIZE_MAX + ECHO_HEADER];
	union {
		char buf[1024];
		struct cmsghdr align;
	} control;
	struct sockaddr_damc sa;
	struct iovec iov = { .iov_base = data, .iov_len = sizeof(data) };
	struct msghdr msg = {
		.msg_name = &sa, .msg_namelen = sizeof(sa),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control.buf,
		.msg_controllen = sizeof(control.buf),
	};
	struct cmsghdr *cmsg;
	ssize_t len = recvmsg(echo->fd, &msg, MSG_DONTWAIT | flags);

	if (len < 0)
		return -errno;
	memset(event, 0, sizeof(*event));
	event->when = cli_now();
	event->hops = -1;
	event->bytes = len;
	if (!flags && damc_sockaddr_name(&event->from, &sa, msg.msg_namelen))
		return 0;
	for (cmsg = CMSG_FIRSTHDR(&msg); cmsg; cmsg = CMSG_NXTHDR(&msg, cmsg))
		take_cmsg(event, cmsg);
	/* An error quotes the packet's payload, echo header first. */
	return ours(echo, data, len, &event->seq) ||
	       (flags && len > (ssize_t)ECHO_HEADER &&
		ours(echo, data + ECHO_HEADER, len - ECHO_HEADER, &event->seq));
}

int echo_receive(struct echo *echo, struct echo_event *event)
{
	int ret, tries;

	/* Refusals first: they also fail the next ordinary call, once each. */
	for (tries = 0; tries < 1000; tries++) {
		ret = receive(echo, event, MSG_ERRQUEUE);
		if (ret == -EAGAIN)
			ret = receive(echo, event, 0);
		if (ret == -EAGAIN)
			return 0;
		if (ret > 0 || (ret < 0 && tries == 999))
			return ret;
	}
	return 0;
}
