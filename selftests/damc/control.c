// SPDX-License-Identifier: GPL-2.0
/*
 * How much of the link's own control is taken in, at v0: from a neighbour, from
 * strangers, and who of them can keep out whom. Frames come from addresses that
 * are made up; where a limit is one of time, how long it took is reckoned in.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <linux/damc_netlink.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include "../kselftest_harness.h"
#include "ear.h"
#include "testlib.h"

/* Seconds; emulation with sanitizers is slow. */
#define LONG 300
#define HEARD "/localhop/c"
#define SECOND 1000000000ULL
#define ROOM (16 << 20)
#define NEIGHBOUR "02:00:00:00:00:01"
#define MANY 3000

/**
 * struct world - a node, and who speaks to it
 * @random: of made-up addresses
 * @since: when all buckets were full
 * @fd: hears control at HEARD
 * @raw: sends whole frames to v0
 */
struct world {
	struct dt_node node;
	uint64_t random;
	uint64_t since;
	int fd;
	int raw;
};

FIXTURE(control) {
	struct world world;
};

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * SECOND + ts.tv_nsec;
}

static int raw_open(const char *dev)
{
	struct sockaddr_ll addr = {
		.sll_family = AF_PACKET, .sll_ifindex = if_nametoindex(dev),
	};
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	return bind(fd, (void *)&addr, sizeof(addr)) ? -1 : fd;
}

static int hear(int protocol, const char *name)
{
	int fd = dt_bound(protocol, name), room = ROOM;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)))
		return -1;
	return fd;
}

FIXTURE_SETUP(control)
{
	self->world.random = dt_seed();
	ASSERT_EQ(0, dt_node_open(&self->world.node, "up"));
	ASSERT_EQ(0, dt_netns_enter(self->world.node.outside));
	self->world.raw = raw_open("v1");
	ASSERT_EQ(0, dt_netns_enter(self->world.node.net));
	self->world.fd = hear(DAMC_PROTO_CONTROL, HEARD);
	ASSERT_LE(0, self->world.raw);
	ASSERT_LE(0, self->world.fd);
	self->world.since = now();
}

FIXTURE_TEARDOWN(control)
{
	close(self->world.fd);
	close(self->world.raw);
	close(self->world.node.v);
	close(self->world.node.w);
}

/* The tag is all that is in it. */
static size_t write_control(const char *to, uint8_t proto, uint8_t tag,
			    uint8_t *where)
{
	const struct dt_packet packet = {
		.dst = to, .src = "/damc/node/x", .proto = proto,
		.payload = &tag, .payload_len = 1, .hop_limit = 255,
	};

	return dt_packet_write(where, &packet);
}

static const uint8_t group[ETH_ALEN] = { 3, 'D', 'A', 'M', 'C' };

/* From a link address whose last bytes are so. */
static bool send_as(struct world *world, uint32_t who, const char *to,
		    uint8_t proto, uint8_t tag)
{
	struct dt_node *node = &world->node;
	struct ethhdr *eth = (void *)node->packet;
	size_t len;

	memcpy(eth->h_dest, group, ETH_ALEN);
	eth->h_source[0] = 2;
	eth->h_source[1] = 0;
	who = htonl(who);
	memcpy(eth->h_source + 2, &who, sizeof(who));
	eth->h_proto = htons(DAMC_ETHERTYPE_DEFAULT);
	len = sizeof(*eth) + write_control(to, proto, tag,
					   node->packet + sizeof(*eth));
	while (send(world->raw, node->packet, len, 0) < 0)
		if (errno != ENOBUFS && errno != EAGAIN)
			return false;
	return true;
}

static bool control_as(struct world *world, uint32_t who, uint8_t tag)
{
	return send_as(world, who, HEARD, DAMC_PROTO_CONTROL, tag);
}

static bool flood_as(struct world *world, uint32_t who, uint32_t n)
{
	while (n--)
		if (!control_as(world, who, 'f'))
			return false;
	return true;
}

/* Each from an address that nobody else has. */
static bool flood_random(struct world *world, uint32_t n)
{
	while (n--)
		if (!control_as(world, dt_random(&world->random) | 1 << 31, 'r'))
			return false;
	return true;
}

/* How many of a tag were received since. */
static int64_t heard(int fd, uint8_t tag)
{
	int64_t n = 0;
	uint8_t byte;

	while (recv(fd, &byte, 1, MSG_DONTWAIT) == 1)
		n += byte == tag;
	return n;
}

/* As many tokens as there can have been: what was full, and what time brought. */
static int64_t most(struct world *world, uint32_t rate, uint32_t burst)
{
	return burst + (now() - world->since) * rate / SECOND + 1;
}

/* All came, each was either heard or counted. */
#define EXPECT_COUNTED(_counter, _sent, _heard) do {			\
	EXPECT_EQ(_sent, dt_node_grew(&self->world.node,			\
				      DAMC_A_STATS_RX_PACKETS));	\
	EXPECT_EQ((_sent) - (_heard), dt_node_grew(&self->world.node, _counter)); \
	EXPECT_EQ(_heard, dt_node_grew(&self->world.node,			\
				       DAMC_A_STATS_DELIVERED));	\
	EXPECT_EQ(0, dt_stats_balance(self->world.node.after));		\
} while (0)

/* One that is no neighbour; whoever has another share is heard after it. */
TEST_F_TIMEOUT(control, stranger_has_a_share, LONG)
{
	int64_t first, others;
	uint32_t i;

	ASSERT_TRUE(flood_as(&self->world, 7, MANY));
	ASSERT_LE(0, dt_node_grew(&self->world.node, DAMC_A_STATS_DELIVERED));
	first = heard(self->world.fd, 'f');
	EXPECT_LE(DAMC_CONTROL_SHARE_BURST, first);
	EXPECT_GE(most(&self->world, DAMC_CONTROL_SHARE_RATE,
		       DAMC_CONTROL_SHARE_BURST), first);
	EXPECT_COUNTED(DAMC_A_STATS_DROP_CONTROL_STRANGER, MANY, first);
	for (i = 100; i < 116; i++)
		ASSERT_TRUE(control_as(&self->world, i, 'o'));
	ASSERT_LE(0, dt_node_grew(&self->world.node, DAMC_A_STATS_DELIVERED));
	others = heard(self->world.fd, 'o');
	/* One in 64 has the same share: that half of 16 do is not to be seen. */
	EXPECT_LT(8, others);
}

/* All strangers together get no more than what is theirs. */
TEST_F_TIMEOUT(control, strangers_are_bounded, LONG)
{
	int64_t n;

	ASSERT_TRUE(flood_random(&self->world, MANY));
	ASSERT_LE(0, dt_node_grew(&self->world.node, DAMC_A_STATS_DELIVERED));
	n = heard(self->world.fd, 'r');
	EXPECT_LE(DAMC_CONTROL_STRANGERS_BURST, n);
	EXPECT_GE(most(&self->world, DAMC_CONTROL_STRANGERS_RATE,
		       DAMC_CONTROL_STRANGERS_BURST), n);
	EXPECT_COUNTED(DAMC_A_STATS_DROP_CONTROL_STRANGER, MANY, n);
}

/* Another interface has a bucket of its own. */
TEST_F_TIMEOUT(control, interfaces_are_apart, LONG)
{
	struct dt_node *node = &self->world.node;
	size_t len = write_control(HEARD, DAMC_PROTO_CONTROL, 'w',
				   node->got);

	ASSERT_TRUE(flood_random(&self->world, MANY));
	ASSERT_EQ(0, dt_frame_send(node->w, node->got, len));
	ASSERT_LE(0, dt_node_grew(node, DAMC_A_STATS_DELIVERED));
	EXPECT_EQ(1, heard(self->world.fd, 'w'));
}

/* What is a neighbour's is never given to anybody else. */
TEST_F_TIMEOUT(control, neighbour_is_heard_in_a_flood, LONG)
{
	int i;

	ASSERT_EQ(0, dt_damc("neigh add dev v0 lladdr " NEIGHBOUR "\n"));
	for (i = 0; i < 500; i++) {
		ASSERT_TRUE(flood_random(&self->world, 10));
		ASSERT_TRUE(control_as(&self->world, 1, 'n'));
	}
	ASSERT_LE(0, dt_node_grew(&self->world.node, DAMC_A_STATS_DELIVERED));
	EXPECT_LT(0, dt_node_grew(&self->world.node,
				  DAMC_A_STATS_DROP_CONTROL_STRANGER));
	EXPECT_EQ(0, dt_node_grew(&self->world.node, DAMC_A_STATS_DROP_CONTROL_NEIGH));
	EXPECT_EQ(500, heard(self->world.fd, 'n'));
}

/* While strangers go on, who says hello again and again gets through. */
TEST_F_TIMEOUT(control, newcomer_is_heard_in_a_flood, LONG)
{
	bool got = false;
	int i;

	ASSERT_TRUE(flood_random(&self->world, MANY));
	heard(self->world.fd, 0);
	for (i = 0; i < 20000 && !got; i++) {
		ASSERT_TRUE(flood_random(&self->world, 20));
		ASSERT_TRUE(control_as(&self->world, 5, 'h'));
		usleep(1000);
		got = heard(self->world.fd, 'h');
	}
	EXPECT_TRUE(got);
}

static uint64_t neigh_says(struct dt_node *node, uint16_t what)
{
	const struct nlattr *state, *attr;
	struct dt_msg msg, reply;
	struct nlattr *nest;

	dt_msg_init(&node->nl, &msg, DAMC_CMD_NEIGH_GET, 0);
	nest = dt_nest(&msg, DAMC_A_NEIGH);
	dt_put_u32(&msg, DAMC_A_NEIGH_IFINDEX, if_nametoindex("v0"));
	dt_put(&msg, DAMC_A_NEIGH_LLADDR, "\x02\0\0\0\0\x01", ETH_ALEN);
	dt_nest_end(&msg, nest);
	if (dt_talk(&node->nl, &msg, &reply))
		return UINT64_MAX;
	state = dt_reply_find(&reply, DAMC_A_NEIGH_STATE);
	attr = state ? ear_inner(state, what) : NULL;
	return attr ? dt_uint(attr) : UINT64_MAX;
}

/* A neighbour that says too much silences itself alone. */
TEST_F_TIMEOUT(control, neighbour_is_bounded, LONG)
{
	const int sent = DAMC_CONTROL_BURST + MANY;
	struct dt_node *node = &self->world.node;
	int64_t n;

	ASSERT_EQ(0, dt_damc("neigh add dev v0 lladdr " NEIGHBOUR "\n"
			     "neigh add dev v0 lladdr 02:00:00:00:00:02\n"));
	ASSERT_TRUE(flood_as(&self->world, 1, sent));
	ASSERT_LE(0, dt_node_grew(node, DAMC_A_STATS_DELIVERED));
	n = heard(self->world.fd, 'f');
	EXPECT_LE(DAMC_CONTROL_BURST, n);
	EXPECT_GE(most(&self->world, DAMC_CONTROL_RATE, DAMC_CONTROL_BURST), n);
	EXPECT_COUNTED(DAMC_A_STATS_DROP_CONTROL_NEIGH, sent, n);
	EXPECT_EQ(n, neigh_says(node, DAMC_A_NEIGH_STATE_CONTROL));
	EXPECT_EQ(sent - n, neigh_says(node, DAMC_A_NEIGH_STATE_CONTROL_DROPPED));
	EXPECT_EQ(0, dt_run("damc -s neigh show | grep -q 'control %u control-dropped %u'",
			    (unsigned int)n, (unsigned int)(sent - n)));
	ASSERT_TRUE(control_as(&self->world, 2, 'm'));
	ASSERT_TRUE(control_as(&self->world, 3, 'm'));
	ASSERT_LE(0, dt_node_grew(node, DAMC_A_STATS_DELIVERED));
	EXPECT_EQ(2, heard(self->world.fd, 'm'));
}

/* Liveness has its own check, messages their socket's buffer. */
TEST_F_TIMEOUT(control, else_is_not_counted_in, LONG)
{
	struct dt_node *node = &self->world.node;
	int fd = hear(0, "/localhop/m");
	int i;

	ASSERT_LE(0, fd);
	for (i = 0; i < MANY; i++) {
		ASSERT_TRUE(send_as(&self->world, 9, "/localhop/m", DAMC_PROTO_MESSAGE,
				    'm'));
		ASSERT_TRUE(send_as(&self->world, 9, "/localhop/live",
				    DAMC_PROTO_CONTROL, 'l'));
		ASSERT_TRUE(send_as(&self->world, 9, "/damc/node/g",
				    DAMC_PROTO_CONTROL, 'g'));
	}
	EXPECT_EQ(MANY, dt_node_grew(node, DAMC_A_STATS_DROP_LIVENESS));
	EXPECT_EQ(MANY, heard(fd, 'm'));
	EXPECT_EQ(0, dt_node_grew(node, DAMC_A_STATS_DROP_CONTROL_STRANGER));
	close(fd);
}

/* Cut off where the claim is read: each is dropped under one reason. */
TEST_F_TIMEOUT(control, cut_off, LONG)
{
	struct dt_node *node = &self->world.node;
	size_t len = write_control(HEARD, DAMC_PROTO_CONTROL, 'w',
				   node->got), i;

	for (i = 0; i < len; i++)
		ASSERT_EQ(0, dt_frame_send(node->w, node->got, i));
	for (i = 0; i < 256; i++) {
		((struct damc_hdr *)node->got)->dst_len = i;
		ASSERT_EQ(0, dt_frame_send(node->w, node->got, len));
	}
	ASSERT_LE(0, dt_node_grew(node, DAMC_A_STATS_DELIVERED));
	EXPECT_EQ(0, dt_stats_balance(node->after));
	EXPECT_EQ(node->after[DAMC_A_STATS_DELIVERED] -
		  node->before[DAMC_A_STATS_DELIVERED], heard(self->world.fd, 'w'));
}

#define PORT 3625

static int udp_open(struct world *world)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(PORT),
	};
	int fd;

	inet_pton(AF_INET, "192.0.2.1", &to.sin_addr);
	if (dt_netns_enter(world->node.outside) ||
	    dt_run("ip addr add 192.0.2.2/24 dev v1"))
		return -1;
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (connect(fd, (void *)&to, sizeof(to)))
		return -1;
	return dt_netns_enter(world->node.net) ? -1 : fd;
}

/* By UDP a neighbour is known by its address. */
TEST_F_TIMEOUT(control, neighbour_by_udp, LONG)
{
	const int sent = DAMC_CONTROL_BURST + MANY;
	struct dt_node *node = &self->world.node;
	size_t len = write_control(HEARD, DAMC_PROTO_CONTROL, 'u',
				   node->got);
	int64_t n = 0;
	int i, fd;

	ASSERT_EQ(0, dt_run("ip addr add 192.0.2.1/24 dev v0"));
	ASSERT_EQ(0, dt_damc("info set udp-port 3625\n"
			     "neigh add udp 192.0.2.2\n"));
	fd = udp_open(&self->world);
	ASSERT_LE(0, fd);
	for (i = 0; i < sent; i++)
		ASSERT_EQ(len, send(fd, node->got, len, 0));
	ASSERT_LE(0, dt_node_grew(node, DAMC_A_STATS_DELIVERED));
	n = heard(self->world.fd, 'u');
	EXPECT_LE(DAMC_CONTROL_BURST, n);
	EXPECT_GE(most(&self->world, DAMC_CONTROL_RATE, DAMC_CONTROL_BURST), n);
	EXPECT_COUNTED(DAMC_A_STATS_DROP_CONTROL_NEIGH, sent, n);
	close(fd);
}

TEST_HARNESS_MAIN
