// SPDX-License-Identifier: GPL-2.0
/* Pools as sockets see them: instances, callers, how many pins they may have. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "pools.h"

#define FIRST DAMC_F_FIRST

FIXTURE(pool_sock) {
	struct dt_node node;
};

FIXTURE_SETUP(pool_sock)
{
	ASSERT_EQ(0, pools_open(&self->node));
}

FIXTURE_TEARDOWN(pool_sock)
{
	close(self->node.v);
	close(self->node.w);
}

static int open_member(const char *name, int weight)
{
	struct sockaddr_damc sa;
	int fd = socket(AF_DAMC_DEFAULT, SOCK_DGRAM, 0);
	socklen_t len = dt_addr(&sa, name, 0);

	if (setsockopt(fd, SOL_DAMC, DAMC_MEMBER, &weight, sizeof(weight)) ||
	    bind(fd, (struct sockaddr *)&sa, len)) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool peer_is(int fd, const char *name)
{
	struct sockaddr_damc sa;
	socklen_t len = sizeof(sa);

	return !getpeername(fd, (struct sockaddr *)&sa, &len) &&
	       dt_addr_is(&sa, name);
}

/* Receive on @fd, and answer whoever it was with @text. */
static int answer(int fd, const char *text)
{
	struct sockaddr_damc from;
	char data[64];

	if (!dt_readable(fd, 3000) || dt_recv(fd, data, sizeof(data), &from) < 0)
		return -1;
	return sendto(fd, text, strlen(text), 0, (struct sockaddr *)&from,
		      DAMC_SOCKADDR_MIN + from.sdamc_nlen) < 0 ? -1 : 0;
}

TEST_F(pool_sock, connected_socket_settles)
{
	int one = open_member("/s/1", 1), two = open_member("/s/2", 1);
	int fd = pools_connected("/s"), is, other;
	char data[64];

	ASSERT_GE(one, 0);
	ASSERT_GE(two, 0);
	ASSERT_GE(fd, 0);
	ASSERT_EQ(2, send(fd, "hi", 2, 0));
	is = dt_readable(one, 500) ? one : two;
	other = is == one ? two : one;
	EXPECT_FALSE(dt_readable(other, 100));
	EXPECT_TRUE(peer_is(fd, "/s"));
	/* Unsettled it stays with one, too. */
	ASSERT_EQ(2, send(fd, "hi", 2, 0));
	ASSERT_EQ(0, answer(is, "ok"));
	ASSERT_EQ(0, answer(is, "ok"));
	ASSERT_EQ(2, dt_recv(fd, data, sizeof(data), NULL));
	ASSERT_EQ(2, dt_recv(fd, data, sizeof(data), NULL));
	EXPECT_TRUE(peer_is(fd, is == one ? "/s/1" : "/s/2"));
	/* It hears that one alone now, and sends to it by name. */
	dt_node_mark(&self->node);
	ASSERT_EQ(2, send(fd, "hi", 2, 0));
	EXPECT_EQ(0, dt_node_grew(&self->node, DAMC_A_STATS_POOL_PICKS));
	EXPECT_TRUE(dt_readable(is, 3000));
}

/* Who else may be called so has not been asked: the flow label tells. */
TEST_F(pool_sock, settles_by_flow_label)
{
	int one = open_member("/s/1", 1), fd = pools_connected("/s");
	struct sockaddr_damc from, me;
	socklen_t len = sizeof(me);
	char data[8];

	ASSERT_EQ(0, getsockname(fd, (struct sockaddr *)&me, &len));
	/* Not the label that /s is called under. */
	me.sdamc_flow = 12345;
	EXPECT_LT(sendto(one, "ha", 2, 0, (struct sockaddr *)&me, len), 0);
	EXPECT_EQ(ECONNREFUSED, errno);
	EXPECT_TRUE(peer_is(fd, "/s"));
	ASSERT_EQ(2, send(fd, "hi", 2, 0));
	ASSERT_EQ(2, dt_recv(one, data, sizeof(data), &from));
	EXPECT_EQ(2, sendto(one, "ok", 2, 0, (struct sockaddr *)&from,
			    DAMC_SOCKADDR_MIN + from.sdamc_nlen));
	EXPECT_TRUE(peer_is(fd, "/s/1"));
}

TEST_F(pool_sock, errno_says_it)
{
	int one = open_member("/s/1", 1), fd = pools_connected("/s");

	ASSERT_EQ(2, send(fd, "hi", 2, 0));
	/* A second instance keeps the pool. */
	ASSERT_GE(open_member("/s/2", 1), 0);
	close(one);
	EXPECT_LT(send(fd, "hi", 2, 0), 0);
	EXPECT_EQ(ECONNRESET, errno);
	/* Told once, it may begin anew. */
	EXPECT_EQ(2, send(fd, "hi", 2, 0));
	EXPECT_LT(dt_send(fd, "/s/9", "hi", 2), 0);
	EXPECT_EQ(EHOSTUNREACH, errno);
}

/* Errors from afar: by the pool's name, whatever was picked. */
TEST_F(pool_sock, errors_find_the_socket)
{
	struct dt_node *node = &self->node;
	const struct damc_hdr *hdr = (const void *)node->got;
	struct damc_error_hdr error = { .code = DAMC_ERROR_CODE_NO_LISTENER };
	uint8_t payload[256];
	struct dt_packet packet = {
		.dst = "/c", .src = "/far/x", .proto = DAMC_PROTO_ERROR,
		.payload = payload,
	};
	struct sockaddr_damc sa;
	int fd, len;

	fd = dt_bound(0, "/c");
	len = dt_addr(&sa, "/b", 0);
	ASSERT_EQ(0, connect(fd, (struct sockaddr *)&sa, len));
	ASSERT_EQ(2, send(fd, "hi", 2, 0));
	len = dt_frame_recv(node->w, node->got, sizeof(node->got), 3000);
	ASSERT_GT(len, 0);
	EXPECT_EQ(FIRST, hdr->flags);
	memcpy(payload, &error, sizeof(error));
	memcpy(payload + sizeof(error), node->got, len);
	packet.payload_len = sizeof(error) + len;
	len = dt_packet_write(node->packet, &packet);
	ASSERT_EQ(0, dt_frame_send(node->w, node->packet, len));
	EXPECT_LT(recv(fd, payload, sizeof(payload), 0), 0);
	EXPECT_EQ(ECONNREFUSED, errno);
}

/* All fragments go where the first goes, each marked, none too large. */
TEST_F(pool_sock, fragments_follow)
{
	static char message[5000];
	struct dt_node *node = &self->node;
	const struct damc_hdr *hdr = (const void *)node->got;
	int fd = pools_connected("/b"), first, i, n;

	ASSERT_EQ((int)sizeof(message), send(fd, message, sizeof(message), 0));
	first = pools_instance(node, 3000);
	ASSERT_GT(first, 0);
	for (i = 1, n = 0; i < 20; i++) {
		EXPECT_EQ(DAMC_PROTO_FRAGMENT, hdr->next_proto);
		EXPECT_EQ(FIRST, hdr->flags);
		n = pools_instance(node, 500);
		if (!n)
			break;
		EXPECT_EQ(first, n);
	}
	EXPECT_EQ(4, i);
	EXPECT_EQ(0, dt_node_grew(node, DAMC_A_STATS_DROP_TOO_BIG));
	EXPECT_EQ(1, dt_node_grew(node, DAMC_A_STATS_PINS_MADE));
}

/* Root there, too, or "damc" would have no rights. */
static bool be_root(void)
{
	int fd = open("/proc/self/uid_map", O_WRONLY);
	bool ok = fd >= 0 && write(fd, "0 0 1", 5) == 5;

	close(fd);
	return ok;
}

/* A packet that may make a pin for flow @label: 0 or an errno. */
static int call_flow(int fd, uint32_t label)
{
	struct sockaddr_damc sa;
	socklen_t len = dt_addr(&sa, "/s", label);

	return sendto(fd, "", 0, 0, (struct sockaddr *)&sa, len) < 0 ? errno : 0;
}

/* How many pins this process' socket can have to /s, which is @member's. */
static int fill_own_pins(int member)
{
	int fd = socket(AF_DAMC_DEFAULT, SOCK_DGRAM, 0), n, err;
	char byte;

	for (n = 0; n <= DAMC_PINS_OWNER_MAX; n++) {
		err = call_flow(fd, n + 1);
		if (err)
			return err == ENOBUFS ? n : -1;
		/* A full buffer would refuse, too. */
		recv(member, &byte, 1, MSG_DONTWAIT);
	}
	return n;
}

/* In another user namespace: what fill_own_pins() says, then wait for the end. */
static int foreign_process(int to, int until)
{
	int member, n = -1;

	if (!unshare(CLONE_NEWUSER | CLONE_NEWNET) && be_root() &&
	    !dt_damc("info set name /n\n")) {
		member = open_member("/s/1", 1);
		n = member < 0 ? -1 : fill_own_pins(member);
	}
	if (write(to, &n, sizeof(n)) != sizeof(n))
		return 1;
	return read(until, &n, sizeof(n)) != 0;
}

/* Whether another user has pins to be had in @pid's namespace: 0 or an errno. */
static int other_user(pid_t pid)
{
	char path[64];
	int net, fd;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	net = open(path, O_RDONLY);
	if (net < 0 || setns(net, CLONE_NEWNET))
		return errno;
	setfsuid(12345);
	fd = socket(AF_DAMC_DEFAULT, SOCK_DGRAM, 0);
	setfsuid(0);
	return fd < 0 ? errno : call_flow(fd, DAMC_PINS_OWNER_MAX);
}

/* What one user's sockets take, another's still have. */
TEST(foreign_pins_are_fewer)
{
	int status, result[2], end[2], n = 0;
	pid_t pid;

	ASSERT_EQ(0, pipe(result));
	ASSERT_EQ(0, pipe(end));
	pid = fork();
	if (!pid) {
		close(end[1]);
		_exit(foreign_process(result[1], end[0]));
	}
	ASSERT_EQ((ssize_t)sizeof(n), read(result[0], &n, sizeof(n)));
	EXPECT_EQ(DAMC_PINS_OWNER_MAX / DAMC_FOREIGN_SHARE, n);
	EXPECT_EQ(0, other_user(pid));
	close(end[1]);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

TEST_HARNESS_MAIN
