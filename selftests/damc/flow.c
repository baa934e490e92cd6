// SPDX-License-Identifier: GPL-2.0
/*
 * Flow control: who sends more than its link takes waits, or is told to; who
 * sends more than a receiver takes is told, now and then.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/sockios.h>

#include "../kselftest_harness.h"
#include "testlib.h"

#define MANY 1000

FIXTURE(flow) {
	struct dt_node node;
	int fd;
};

FIXTURE_SETUP(flow)
{
	ASSERT_EQ(0, dt_node_open(&self->node, "up"));
	self->fd = dt_bound(0, "/s");
	ASSERT_GE(self->fd, 0);
}

FIXTURE_TEARDOWN(flow)
{
	close(self->fd);
	close(self->node.v);
	close(self->node.w);
}

static ssize_t send_far(int fd, size_t len, int flags)
{
	static const char data[60000];
	struct sockaddr_damc sa;
	socklen_t sa_len = dt_addr(&sa, "/far/x", 0);

	return sendto(fd, data, len, flags, (void *)&sa, sa_len);
}

static short ready(int fd, int ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };

	poll(&pfd, 1, ms);
	return pfd.revents;
}

static int queued(int fd)
{
	int n = -1;

	return ioctl(fd, SIOCOUTQ, &n) ? -1 : n;
}

/* A link that takes next to nothing, and has room for all that comes. */
static int slow_link(void)
{
	return dt_run("tc qdisc add dev w0 root tbf rate 8kbit burst 2kb limit 16mb");
}

/* What waits for the link is the sender's, until it has left. */
TEST_F(flow, send_buffer)
{
	ssize_t sent = 0, n;
	int i;

	if (slow_link())
		SKIP(return, "no tbf");
	EXPECT_EQ(POLLOUT, ready(self->fd, 0));
	for (i = 0; i < MANY; i++) {
		n = send_far(self->fd, 1000, MSG_DONTWAIT);
		if (n < 0)
			break;
		sent += n;
	}
	ASSERT_GT(MANY, i);
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_LT(sent - 5000, queued(self->fd));
	EXPECT_EQ(0, ready(self->fd, 0));
	EXPECT_EQ(-1, send_far(self->fd, 1, MSG_DONTWAIT));
	EXPECT_EQ(EAGAIN, errno);
	/* The queue goes, and with it what it held. */
	ASSERT_EQ(0, dt_run("tc qdisc del dev w0 root"));
	EXPECT_EQ(POLLOUT, ready(self->fd, 5000));
	EXPECT_EQ(0, queued(self->fd));
	EXPECT_EQ(1, send_far(self->fd, 1, MSG_DONTWAIT));
}

/* A message in fragments waits as a whole, and is charged as a whole. */
TEST_F(flow, send_buffer_fragments)
{
	int i;

	if (slow_link())
		SKIP(return, "no tbf");
	for (i = 0; i < MANY && send_far(self->fd, 60000, MSG_DONTWAIT) > 0; i++)
		;
	ASSERT_GT(MANY, i);
	EXPECT_LT(1, i);
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_LT(50000 * i, queued(self->fd));
	ASSERT_EQ(0, dt_run("tc qdisc del dev w0 root"));
	EXPECT_EQ(POLLOUT, ready(self->fd, 5000));
	EXPECT_EQ(0, queued(self->fd));
}

/* Nothing is charged for what is delivered in the same namespace, or refused. */
TEST_F(flow, nothing_stays_charged)
{
	int t = dt_bound(0, "/t"), i;

	for (i = 0; i < 20; i++) {
		EXPECT_EQ(5, dt_send(self->fd, "/t", "hello", 5));
		EXPECT_EQ(-1, dt_send(self->fd, "/nobody", "hello", 5));
	}
	EXPECT_EQ(0, queued(self->fd));
	close(t);
}

static int inject(struct dt_node *node, uint8_t proto)
{
	struct dt_packet packet = {
		.dst = "/s", .src = "/p/1", .payload = "0123456789", .flow = 7,
		.proto = proto, .payload_len = 10,
	};

	return dt_frame_send(node->v, node->packet,
			     dt_packet_write(node->packet, &packet));
}

/* Errors of a code that came to /p/1, each a quote of what was injected. */
static int count_errors(struct dt_node *node, uint8_t code)
{
	const struct damc_hdr *hdr = (const void *)node->got;
	const struct damc_error_hdr *error;
	int n = 0;

	while (dt_frame_recv(node->v, node->got, sizeof(node->got), 200) > 0) {
		error = (const void *)(node->got + hdr->header_len * 4);
		if (hdr->next_proto != DAMC_PROTO_ERROR ||
		    !dt_packet_name(node->got, 0, "/p/1") || error->code != code)
			continue;
		hdr = (const void *)(error + 1);
		if (dt_packet_name((const void *)hdr, 0, "/s") &&
		    !memcmp((const uint8_t *)hdr + hdr->header_len * 4, "0123456789", 10))
			n++;
		hdr = (const void *)node->got;
	}
	return n;
}

TEST_F(flow, receive_buffer_full)
{
	int small = 1, i, errors, taken = 0;
	int64_t dropped, told;
	char byte;

	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_RCVBUF, &small,
				sizeof(small)));
	ASSERT_EQ(0, dt_node_mark(&self->node));
	for (i = 0; i < MANY; i++)
		ASSERT_EQ(0, inject(&self->node, DAMC_PROTO_MESSAGE));
	errors = count_errors(&self->node, DAMC_ERROR_CODE_NO_RESOURCES);
	dropped = dt_node_grew(&self->node, DAMC_A_STATS_DROP_RCVBUF);
	while (recv(self->fd, &byte, 1, MSG_DONTWAIT) >= 0)
		taken++;
	EXPECT_LT(0, taken);
	EXPECT_EQ(MANY, taken + dropped);
	/* Some are told, as far as errors may be sent; not all are kept for us to see. */
	told = dt_node_grew(&self->node, DAMC_A_STATS_ERRORS_SENT);
	EXPECT_LT(0, errors);
	EXPECT_LE(errors, told);
	EXPECT_EQ(dropped, told + dt_node_grew(&self->node, DAMC_A_STATS_ERRORS_LIMITED));
	EXPECT_EQ(0, dt_stats_balance(self->node.after));
}

TEST_HARNESS_MAIN
