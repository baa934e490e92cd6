// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets that send to where they sent before, connected and not: whatever has
 * changed since, the next send goes by it. One node; see testlib.h.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <linux/damc_netlink.h>
#include <linux/genetlink.h>

#include "../kselftest_harness.h"
#include "testlib.h"

/* Seconds; emulation with sanitizers is slow. */
#define LONG 300
#define PEER "/x/1"

/* Both send to PEER again and again; one is not connected to it. */
FIXTURE(resend) {
	struct dt_node node;
	int connected, other;
	uint8_t sent;
};

static int connected_to(const char *name)
{
	int fd = socket(AF_DAMC_DEFAULT, SOCK_DGRAM, 0);
	struct sockaddr_damc sa;

	if (connect(fd, (void *)&sa, dt_addr(&sa, name, 0))) {
		close(fd);
		return -1;
	}
	return fd;
}

FIXTURE_SETUP(resend)
{
	ASSERT_EQ(0, dt_node_open(&self->node, "up"));
	self->connected = connected_to(PEER);
	self->other = socket(AF_DAMC_DEFAULT, SOCK_DGRAM, 0);
	ASSERT_LE(0, self->connected);
	ASSERT_LE(0, self->other);
}

FIXTURE_TEARDOWN(resend)
{
	close(self->connected);
	close(self->other);
	close(self->node.v);
	close(self->node.w);
	close(self->node.nl.fd);
}

#define MUST(commands) ASSERT_EQ(0, dt_damc(commands "\n"))

/* Whether the frame that was got is PEER's of this number. */
static bool is_sent(const struct dt_node *node, ssize_t len, uint8_t sent)
{
	const struct damc_hdr *hdr = (const void *)node->got;

	return len > hdr->header_len * 4 && dt_packet_name(node->got, 0, PEER) &&
	       node->got[hdr->header_len * 4] == sent;
}

/* Which link it came out of: 'v', 'w'; '-' if of none. */
static int seen(struct dt_node *node, uint8_t sent)
{
	ssize_t len;
	int i;

	for (i = 0; i < 300; i++) {
		len = dt_frame_recv(node->v, node->got, sizeof(node->got), 5);
		if (is_sent(node, len, sent))
			return 'v';
		len = dt_frame_recv(node->w, node->got, sizeof(node->got), 5);
		if (is_sent(node, len, sent))
			return 'w';
	}
	return '-';
}

static ssize_t send_again(int fd, bool connected, uint8_t sent)
{
	return connected ? send(fd, &sent, 1, 0) : dt_send(fd, PEER, &sent, 1);
}

/* Where a packet goes to: 'v', 'w', or a negative errno. */
static int goes(struct dt_node *node, int fd, bool connected, uint8_t sent)
{
	return send_again(fd, connected, sent) < 0 ? -errno : seen(node, sent);
}

/* What both sockets send goes there. */
#define GOES(where) do {						\
	EXPECT_EQ(where, goes(&self->node, self->connected, true,	\
			      ++self->sent));				\
	EXPECT_EQ(where, goes(&self->node, self->other, false,		\
			      ++self->sent));				\
} while (0)

static bool heard(int fd, uint8_t sent)
{
	uint8_t data[8];

	return dt_readable(fd, 3000) && dt_recv(fd, data, sizeof(data), NULL) == 1 &&
	       data[0] == sent;
}

/* What both sockets send is heard by this one. */
#define HEARD_BY(fd) do {						\
	EXPECT_EQ(1, send_again(self->connected, true, ++self->sent));	\
	EXPECT_TRUE(heard(fd, self->sent));				\
	EXPECT_EQ(1, send_again(self->other, false, ++self->sent));	\
	EXPECT_TRUE(heard(fd, self->sent));				\
} while (0)

TEST_F_TIMEOUT(resend, a_route_leads_elsewhere, LONG)
{
	GOES(-EHOSTUNREACH);
	MUST("route add /x dev v0");
	GOES('v');
	MUST("route replace /x dev w0");
	GOES('w');
	MUST("route replace /x prohibit");
	GOES(-EACCES);
	MUST("route replace /x unreachable");
	GOES(-EHOSTUNREACH);
	MUST("route replace /x dev v0");
	GOES('v');
}

TEST_F_TIMEOUT(resend, another_entry_matches, LONG)
{
	MUST("route add /x dev v0");
	GOES('v');
	MUST("route add /x/1 dev w0");
	GOES('w');
	MUST("route del /x/1");
	GOES('v');
	/* Below it, so of no concern. */
	MUST("route add /x/1/2 prohibit");
	GOES('v');
	MUST("route add / dev w0");
	GOES('v');
	MUST("route del /x");
	GOES('w');
	MUST("route del /");
	GOES(-EHOSTUNREACH);
}

TEST_F_TIMEOUT(resend, a_set_has_other_next_hops, LONG)
{
	MUST("set add 1 nexthop dev v0\nroute add /x set 1");
	GOES('v');
	MUST("set replace 1 nexthop dev w0");
	GOES('w');
	MUST("set replace 1");
	GOES(-EHOSTUNREACH);
	MUST("set replace 1 nexthop dev v0");
	GOES('v');
}

TEST_F_TIMEOUT(resend, a_policy_comes_and_goes, LONG)
{
	/* Neighbour 1 is on w0, 2 on v0. */
	MUST("route add /x nexthop dev v0 nexthop dev w0");
	MUST("policy add /x neigh 1");
	GOES('w');
	MUST("policy replace /x neigh 2");
	GOES('v');
	MUST("policy add /x/1 prohibit");
	GOES(-EACCES);
	MUST("policy del /x/1");
	GOES('v');
}

TEST_F_TIMEOUT(resend, a_neighbour_is_down, LONG)
{
	MUST("set add 1 nexthop dev v0 backup dev w0\nroute add /x set 1");
	GOES('v');
	MUST("neigh set dev v0 admin down");
	GOES('w');
	MUST("neigh set dev v0 admin up");
	GOES('v');
	MUST("set replace 1 nexthop dev v0");
	GOES('v');
	MUST("neigh set dev v0 admin down");
	GOES(-EHOSTUNREACH);
}

TEST_F_TIMEOUT(resend, an_interface_goes, LONG)
{
	MUST("route add /x dev v0");
	GOES('v');
	ASSERT_EQ(0, dt_run("ip link set v0 down"));
	GOES(-EHOSTUNREACH);
	ASSERT_EQ(0, dt_run("ip link set v0 up"));
	GOES('v');
	/* Takes its neighbours along, and the routes there. */
	MUST("dev set v0 down");
	GOES(-EHOSTUNREACH);
	MUST("route add /x dev w0");
	GOES('w');
	ASSERT_EQ(0, dt_run("ip link del w0"));
	GOES(-EHOSTUNREACH);
}

TEST_F_TIMEOUT(resend, a_name_is_bound_and_let_go, LONG)
{
	int one, two;

	MUST("route add /x dev v0");
	GOES('v');
	one = dt_bound(0, PEER);
	ASSERT_LE(0, one);
	HEARD_BY(one);
	close(one);
	GOES('v');
	MUST("route del /x");
	one = dt_bound(0, "/x");
	ASSERT_LE(0, one);
	HEARD_BY(one);
	two = dt_bound(0, PEER);
	ASSERT_LE(0, two);
	HEARD_BY(two);
	close(two);
	HEARD_BY(one);
	close(one);
	GOES(-EHOSTUNREACH);
	/* The same name, another socket. */
	two = dt_bound(0, PEER);
	HEARD_BY(two);
	close(two);
	one = dt_bound(0, PEER);
	HEARD_BY(one);
	close(one);
}

/* Connected to a pool, then settled on its instance. */
TEST_F_TIMEOUT(resend, an_instance_goes, LONG)
{
	struct sockaddr_damc from;
	char data[8];
	int one, fd;

	MUST("route add /s/2 dev w0");
	one = dt_bound(0, "/s/1");
	MUST("pool add /s member /s/1");
	fd = connected_to("/s");
	ASSERT_EQ(2, send(fd, "hi", 2, 0));
	ASSERT_EQ(2, dt_recv(one, data, sizeof(data), &from));
	ASSERT_EQ(2, sendto(one, "ok", 2, 0, (struct sockaddr *)&from,
			    DAMC_SOCKADDR_MIN + from.sdamc_nlen));
	ASSERT_EQ(2, send(fd, "hi", 2, 0));
	close(one);
	/* Never another instance. */
	EXPECT_EQ(-1, send(fd, "hi", 2, 0));
	EXPECT_EQ(EHOSTUNREACH, errno);
	close(fd);
	MUST("pool replace /s member /s/2");
	fd = connected_to("/s");
	ASSERT_EQ(2, send(fd, "hi", 2, 0));
	MUST("pool replace /s member /s/3");
	/* The flow's instance is none any more; to begin anew finds no other. */
	EXPECT_EQ(-1, send(fd, "hi", 2, 0));
	EXPECT_EQ(ECONNRESET, errno);
	EXPECT_EQ(-1, send(fd, "hi", 2, 0));
	EXPECT_EQ(EHOSTUNREACH, errno);
	close(fd);
}

/* ---- while others send by the same sockets ---- */

struct sender {
	int connected, other;
	bool stop;
};

static void *sender(void *arg)
{
	struct sender *sender = arg;

	while (!__atomic_load_n(&sender->stop, __ATOMIC_RELAXED)) {
		send_again(sender->connected, true, 0);
		send_again(sender->other, false, 0);
		/* So that where it sent last is not always the same. */
		dt_send(sender->other, "/far/y", "y", 1);
	}
	return NULL;
}

static int change(struct dt_nl *nl, uint8_t cmd, uint32_t type)
{
	struct nlattr *nest;
	struct dt_msg msg;

	dt_msg_init(nl, &msg, cmd, 0);
	nest = dt_nest(&msg, DAMC_A_ROUTE);
	dt_put_name(&msg, DAMC_A_ROUTE_NAME, PEER);
	if (type)
		dt_put_u32(&msg, DAMC_A_ROUTE_TYPE, type);
	dt_nest_end(&msg, nest);
	return dt_talk(nl, &msg, NULL);
}

/* Both sockets' next send: 0, or the errno if it is the same one. */
static int both(int connected, int other)
{
	int one = send_again(connected, true, 1) < 0 ? errno : 0;
	int two = send_again(other, false, 1) < 0 ? errno : 0;

	return one == two ? one : -1;
}

#define ROUNDS 200

TEST_F_TIMEOUT(resend, each_change_at_once, LONG)
{
	struct sender state = {
		.connected = self->connected, .other = self->other,
	};
	struct dt_nl *nl = &self->node.nl;
	int i, fd, wrong = 0;
	pthread_t thread[2];

	MUST("route add /x unreachable");
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, sender, &state));
	for (i = 0; i < ROUNDS; i++) {
		wrong += !!change(nl, DAMC_CMD_ROUTE_ADD,
				  DAMC_ROUTE_TYPE_PROHIBIT);
		wrong += both(state.connected, state.other) != EACCES;
		wrong += !!change(nl, DAMC_CMD_ROUTE_DEL, 0);
		wrong += both(state.connected, state.other) != EHOSTUNREACH;
		fd = dt_bound(DAMC_PROTO_ECHO, PEER);
		/* There, and of another protocol. */
		wrong += both(state.connected, state.other) != ECONNREFUSED;
		close(fd);
		wrong += both(state.connected, state.other) != EHOSTUNREACH;
	}
	__atomic_store_n(&state.stop, true, __ATOMIC_RELAXED);
	for (i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	EXPECT_EQ(0, wrong);
}

TEST_HARNESS_MAIN
