// SPDX-License-Identifier: GPL-2.0
/*
 * What a pod binds under bind-policy managed: asked for at its gateway, which is
 * this test at the uplink's other end; and what an edge lets through of it.
 */
#define _GNU_SOURCE
#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "testlib.h"

#define BIND "/localhop/damc/bind"
/* Only a test that fails waits for so long. */
#define WAIT_MS 20000

/* What a gateway says and hears. */
struct message {
	struct damc_bind_hdr hdr;
	uint8_t rest[DAMC_NAME_MAX + DAMC_BIND_REASON_MAX];
};

FIXTURE(claim) {
	struct dt_node node;
	struct message heard;
};

/* v0 leads to the gateway. */
FIXTURE_SETUP(claim)
{
	ASSERT_EQ(0, dt_node_open(&self->node, "up"));
	ASSERT_EQ(0, dt_run("damc dev set v0 down; damc dev set w0 down"));
	ASSERT_EQ(0, dt_damc("info set name /pod/g/1\ndev set v0 uplink\n"
			     "route replace / dev v0\n"
			     "info set bind-policy managed\n"));
}

FIXTURE_TEARDOWN(claim)
{
	close(self->node.v);
	close(self->node.w);
}

/* The next message about bindings that the pod sends; its type, or -1. */
static int hear(struct dt_node *node, struct message *heard, int ms)
{
	const struct damc_hdr *hdr = (const void *)node->got;
	ssize_t len;

	while ((len = dt_frame_recv(node->v, node->got, DT_FRAME_MAX, ms)) > 0) {
		if (!dt_packet_name(node->got, 0, BIND))
			continue;
		len -= hdr->header_len * 4;
		if (hdr->hop_limit != 255 ||
		    hdr->next_proto != DAMC_PROTO_CONTROL ||
		    !dt_packet_name(node->got, 1, "/pod/g/1") ||
		    len < (ssize_t)sizeof(heard->hdr) ||
		    len > (ssize_t)sizeof(*heard))
			return -1;
		memset(heard, 0, sizeof(*heard));
		memcpy(heard, node->got + hdr->header_len * 4, len);
		return heard->hdr.type;
	}
	return -1;
}

/* Of this type, sooner or later: on a slow machine what went before is repeated. */
static bool hears(struct dt_node *node, struct message *heard, int type)
{
	int got;

	do {
		got = hear(node, heard, WAIT_MS);
	} while (got != type && got > 0);
	return got == type;
}

static bool about(const struct message *heard, const char *text)
{
	uint8_t wire[DAMC_NAME_MAX];
	uint8_t len = dt_wire(text, wire);

	return heard->hdr.version == DAMC_BIND_VERSION &&
	       heard->hdr.name_len == len && !memcmp(heard->rest, wire, len);
}

/* The gateway's answer to what was heard, with @id instead if that is not 0. */
static int say(struct dt_node *node, const struct message *heard, int type,
	       uint64_t id, const char *reason)
{
	struct message msg = *heard;
	struct dt_packet packet = {
		.dst = BIND, .src = "/damc/node/g", .payload = &msg,
		.proto = DAMC_PROTO_CONTROL, .hop_limit = 255,
	};

	msg.hdr.type = type;
	if (id)
		msg.hdr.id = id;
	msg.hdr.reason_len = strlen(reason);
	memcpy(msg.rest + msg.hdr.name_len, reason, strlen(reason));
	packet.payload_len = sizeof(msg.hdr) + msg.hdr.name_len +
			     msg.hdr.reason_len;
	return dt_frame_send(node->v, node->packet,
			     dt_packet_write(node->packet, &packet));
}

/* A message to the socket, as the fabric would bring it. */
static int bring(struct dt_node *node, const char *to)
{
	struct dt_packet packet = {
		.dst = to, .src = "/a/1", .payload = "hello", .payload_len = 5,
		.proto = DAMC_PROTO_MESSAGE, .hop_limit = 9,
	};

	return dt_frame_send(node->v, node->packet,
			     dt_packet_write(node->packet, &packet));
}

static int events(int fd, int ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN | POLLOUT };

	return poll(&pfd, 1, ms) < 0 ? -1 : pfd.revents;
}

/* The error that a socket is told, sooner or later; it may be writable until then. */
static int error_of(int fd)
{
	struct pollfd pfd = { .fd = fd };
	socklen_t len = sizeof(int);
	int err = -1;

	poll(&pfd, 1, WAIT_MS);
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len);
	return err;
}

TEST_F(claim, granted)
{
	struct dt_node *node = &self->node;
	int fd = dt_bound(0, "/b/4"), left;
	char data[8];

	ASSERT_GE(fd, 0);
	ASSERT_TRUE(hears(node, &self->heard, DAMC_BIND_MSG_WANT));
	EXPECT_TRUE(about(&self->heard, "/b/4"));
	EXPECT_NE(0, self->heard.hdr.id);
	EXPECT_EQ(0, self->heard.hdr.weight);
	EXPECT_EQ(0, dt_run("damc bind show | grep -q '^/b/4 .*wanted'"));
	EXPECT_EQ(-1, dt_send(fd, "/a/1", "x", 1));
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_EQ(0, events(fd, 0));
	ASSERT_EQ(0, bring(node, "/b/4"));
	EXPECT_FALSE(dt_readable(fd, 100));
	/* Nobody knows the number who has not seen it. */
	ASSERT_EQ(0, say(node, &self->heard, DAMC_BIND_MSG_GRANTED, 1, ""));
	EXPECT_EQ(0, events(fd, 100));
	ASSERT_EQ(0, say(node, &self->heard, DAMC_BIND_MSG_GRANTED, 0, ""));
	EXPECT_EQ(POLLOUT, events(fd, WAIT_MS));
	EXPECT_EQ(0, dt_run("damc bind show | grep -q '^/b/4 .*granted'"));
	EXPECT_EQ(1, dt_send(fd, "/a/1", "x", 1));
	ASSERT_EQ(0, bring(node, "/b/4"));
	EXPECT_TRUE(dt_readable(fd, WAIT_MS));
	EXPECT_EQ(5, dt_recv(fd, data, sizeof(data), NULL));
	close(fd);
	ASSERT_TRUE(hears(node, &self->heard, DAMC_BIND_MSG_LEAVE));
	EXPECT_TRUE(about(&self->heard, "/b/4"));
	/* Until it is told that it is known; without that it says so five times. */
	ASSERT_EQ(0, say(node, &self->heard, DAMC_BIND_MSG_LEFT, 0, ""));
	for (left = 1; hear(node, &self->heard, 5000) > 0; left++)
		;
	EXPECT_LT(left, DAMC_BIND_LEAVE_TRIES);
}

TEST_F(claim, refused)
{
	struct dt_node *node = &self->node;
	int fd = dt_bound(0, "/b/4");

	ASSERT_GE(fd, 0);
	ASSERT_TRUE(hears(node, &self->heard, DAMC_BIND_MSG_WANT));
	ASSERT_EQ(0, say(node, &self->heard, DAMC_BIND_MSG_LATER, 0, "wait"));
	/* It asks on, and what is not printable is not taken. */
	ASSERT_TRUE(hears(node, &self->heard, DAMC_BIND_MSG_WANT));
	EXPECT_EQ(0, dt_run("damc bind show | grep -q 'wanted reason \"wait\"'"));
	ASSERT_EQ(0, say(node, &self->heard, DAMC_BIND_MSG_REFUSED, 0, "\033[2J"));
	EXPECT_EQ(0, events(fd, 100));
	ASSERT_EQ(0, say(node, &self->heard, DAMC_BIND_MSG_REFUSED, 0, "not yours"));
	EXPECT_EQ(EACCES, error_of(fd));
	EXPECT_EQ(-1, dt_send(fd, "/a/1", "x", 1));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(0, dt_run("damc bind show | grep -q 'refused reason \"not yours\"'"));
	/* The name is the socket's until it is closed; the gateway has nothing of it. */
	EXPECT_EQ(-1, dt_bound(0, "/b/4"));
	EXPECT_EQ(EADDRINUSE, errno);
	while (hear(node, &self->heard, 300) == DAMC_BIND_MSG_WANT)
		;
	close(fd);
	EXPECT_EQ(-1, hear(node, &self->heard, 500));
}

/* What was granted can be taken back, and is asked for again if the gateway says so. */
TEST_F(claim, again)
{
	struct dt_node *node = &self->node;
	struct message all = { .hdr.version = DAMC_BIND_VERSION };
	int fd = dt_bound(0, "/b/4");

	ASSERT_GE(fd, 0);
	ASSERT_TRUE(hears(node, &self->heard, DAMC_BIND_MSG_WANT));
	ASSERT_EQ(0, say(node, &self->heard, DAMC_BIND_MSG_GRANTED, 0, ""));
	ASSERT_EQ(POLLOUT, events(fd, WAIT_MS));
	while (hear(node, &self->heard, 500) == DAMC_BIND_MSG_WANT)
		;
	ASSERT_EQ(0, say(node, &all, DAMC_BIND_MSG_AGAIN, 0, ""));
	ASSERT_TRUE(hears(node, &self->heard, DAMC_BIND_MSG_WANT));
	/* It stays granted meanwhile. */
	EXPECT_EQ(1, dt_send(fd, "/a/1", "x", 1));
	ASSERT_EQ(0, say(node, &self->heard, DAMC_BIND_MSG_GRANTED, 0, ""));
	while (hear(node, &self->heard, 500) == DAMC_BIND_MSG_WANT)
		;
	ASSERT_EQ(0, dt_run("ip link set v0 down; ip link set v0 up"));
	ASSERT_TRUE(hears(node, &self->heard, DAMC_BIND_MSG_WANT));
	ASSERT_EQ(0, say(node, &self->heard, DAMC_BIND_MSG_REFUSED, 0, "revoked"));
	EXPECT_EQ(EACCES, error_of(fd));
	EXPECT_NE(0, dt_run("damc route show | grep -q '^/b/4 '"));
	close(fd);
}

/* What needs nobody's word, and what was bound before. */
TEST_F(claim, not_asked_for)
{
	struct dt_node *node = &self->node;
	int own, host, before;

	own = dt_bound(0, "/pod/g/1/x");
	ASSERT_GE(own, 0);
	host = dt_bound(0, "/localhost/x");
	ASSERT_GE(host, 0);
	ASSERT_EQ(0, dt_damc("info set bind-policy open\n"));
	before = dt_bound(0, "/b/4");
	ASSERT_GE(before, 0);
	ASSERT_EQ(0, dt_damc("info set bind-policy managed\n"));
	EXPECT_EQ(POLLOUT, events(own, 0));
	EXPECT_EQ(POLLOUT, events(host, 0));
	EXPECT_EQ(POLLOUT, events(before, 0));
	EXPECT_EQ(-1, hear(node, &self->heard, 500));
	close(before);
	EXPECT_EQ(-1, hear(node, &self->heard, 300));
}

/* An instance tells its weight; one that is bound again is left no more. */
TEST_F(claim, bound_again)
{
	struct dt_node *node = &self->node;
	int fd = dt_bound(0, "/b/4"), weight = 7;
	struct sockaddr_damc sa;
	socklen_t len = dt_addr(&sa, "/b/4", 0);

	ASSERT_GE(fd, 0);
	ASSERT_TRUE(hears(node, &self->heard, DAMC_BIND_MSG_WANT));
	close(fd);
	fd = socket(sa.sdamc_family, SOCK_DGRAM, 0);
	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, setsockopt(fd, SOL_DAMC, DAMC_MEMBER, &weight, sizeof(weight)));
	ASSERT_EQ(0, bind(fd, (void *)&sa, len));
	do {
		ASSERT_TRUE(hears(node, &self->heard, DAMC_BIND_MSG_WANT));
	} while (!self->heard.hdr.weight);
	EXPECT_EQ(7, be16toh(self->heard.hdr.weight));
	/* Nothing but this from now on. */
	EXPECT_EQ(DAMC_BIND_MSG_WANT, hear(node, &self->heard, WAIT_MS));
	EXPECT_EQ(DAMC_BIND_MSG_WANT, hear(node, &self->heard, WAIT_MS));
	EXPECT_EQ(7, be16toh(self->heard.hdr.weight));
	close(fd);
}

/* What a gateway's kernel lets its pod say: this, to it alone. */
TEST(edge)
{
	struct message msg = {
		.hdr = { .version = DAMC_BIND_VERSION, .type = DAMC_BIND_MSG_WANT },
	};
	struct dt_packet packet = {
		.dst = BIND, .src = "/p/1", .payload = &msg,
		.payload_len = sizeof(msg.hdr), .proto = DAMC_PROTO_CONTROL,
		.hop_limit = 255,
	};
	struct dt_node node;
	size_t len;
	int fd;

	ASSERT_EQ(0, dt_node_open(&node, "edge"));
	fd = dt_bound(DAMC_PROTO_CONTROL, BIND);
	ASSERT_GE(fd, 0);
	len = dt_packet_write(node.packet, &packet);
	ASSERT_EQ(0, dt_frame_send(node.v, node.packet, len));
	EXPECT_TRUE(dt_readable(fd, WAIT_MS));
	packet.src = "/q/1";
	len = dt_packet_write(node.packet, &packet);
	ASSERT_EQ(0, dt_frame_send(node.v, node.packet, len));
	EXPECT_EQ(1, dt_node_grew(&node, DAMC_A_STATS_DROP_EDGE_SOURCE));
	packet.src = "/p/1";
	packet.dst = "/localhop/damc/ls";
	len = dt_packet_write(node.packet, &packet);
	ASSERT_EQ(0, dt_frame_send(node.v, node.packet, len));
	EXPECT_EQ(1, dt_node_grew(&node, DAMC_A_STATS_DROP_EDGE_PROHIBITED));
	close(fd);
}

TEST_HARNESS_MAIN
