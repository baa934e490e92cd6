// SPDX-License-Identifier: GPL-2.0
/*
 * How much of the link's own control is taken in, at v0: from a neighbour, from
 * strangers, and who of them can keep out whom. Frames come from addresses that
 * are made up; where a limit is one of time, how long it took is reckoned in.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <endian.h>
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

static size_t write_payload(const char *to, uint8_t proto, const void *payload,
			    size_t len, uint8_t *where)
{
	const struct dt_packet packet = {
		.dst = to, .src = "/damc/node/x", .proto = proto,
		.payload = payload, .payload_len = len, .hop_limit = 255,
	};

	return dt_packet_write(where, &packet);
}

/* The tag is all that is in it. */
static size_t write_control(const char *to, uint8_t proto, uint8_t tag,
			    uint8_t *where)
{
	return write_payload(to, proto, &tag, 1, where);
}

static const uint8_t group[ETH_ALEN] = { 3, 'D', 'A', 'M', 'C' };

/* The packet behind room for its frame's header, from an address that ends so. */
static bool send_frame(struct world *world, uint32_t who, size_t len)
{
	struct dt_node *node = &world->node;
	struct ethhdr *eth = (void *)node->packet;

	memcpy(eth->h_dest, group, ETH_ALEN);
	eth->h_source[0] = 2;
	eth->h_source[1] = 0;
	who = htonl(who);
	memcpy(eth->h_source + 2, &who, sizeof(who));
	eth->h_proto = htons(DAMC_ETHERTYPE_DEFAULT);
	while (send(world->raw, node->packet, sizeof(*eth) + len, 0) < 0)
		if (errno != ENOBUFS && errno != EAGAIN)
			return false;
	return true;
}

/* From a link address whose last bytes are so. */
static bool send_as(struct world *world, uint32_t who, const char *to,
		    uint8_t proto, uint8_t tag)
{
	uint8_t *at = world->node.packet + sizeof(struct ethhdr);

	return send_frame(world, who, write_control(to, proto, tag, at));
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
	uint8_t bytes[64];
	int64_t n = 0;
	ssize_t len;

	while ((len = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
		n += bytes[len - 1] == tag;
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

/* ---- sessions (Documentation/control.rst) ---------------------------------- */

#define SESSION_HEAD 24

static uint64_t rol(uint64_t x, int n)
{
	return x << n | x >> (64 - n);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rol(v[1], 13) ^ v[0];
	v[0] = rol(v[0], 32);
	v[2] += v[3];
	v[3] = rol(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rol(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rol(v[1], 17) ^ v[2];
	v[2] = rol(v[2], 32);
}

/* SipHash-2-4 of eight bytes (Aumasson and Bernstein, 2012). */
static uint64_t sip8(const uint8_t key[DAMC_CONTROL_KEY_SIZE], const uint8_t *of)
{
	static const uint64_t begin[4] = {
		0x736f6d6570736575, 0x646f72616e646f6d,
		0x6c7967656e657261, 0x7465646279746573,
	};
	uint64_t v[4], k[2], word[2] = { 0, 8ULL << 56 };
	int i;

	memcpy(k, key, sizeof(k));
	memcpy(word, of, sizeof(word[0]));
	k[0] = le64toh(k[0]);
	k[1] = le64toh(k[1]);
	word[0] = le64toh(word[0]);
	for (i = 0; i < 4; i++)
		v[i] = begin[i] ^ k[i % 2];
	for (i = 0; i < 2; i++) {
		v[3] ^= word[i];
		sip_round(v);
		sip_round(v);
		v[0] ^= word[i];
	}
	v[2] ^= 0xff;
	for (i = 0; i < 4; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static const uint8_t first_key[] = "first session's.";
static const uint8_t second_key[] = "second session's";
static const uint8_t no_key[DAMC_CONTROL_KEY_SIZE];

/* Of the neighbour's address, with the tag that this key makes; ends with @tag. */
static bool session_as(struct world *world, const uint8_t *key, uint64_t sequence,
		       uint8_t tag)
{
	uint8_t *at = world->node.packet + sizeof(struct ethhdr);
	uint8_t payload[SESSION_HEAD + 1] = { 1, 2 };
	uint32_t word;

	sequence = htobe64(sequence);
	memcpy(payload + 16, &sequence, sizeof(sequence));
	word = htole32(sip8(key, payload + 16));
	memcpy(payload + 12, &word, sizeof(word));
	payload[SESSION_HEAD] = tag;
	return send_frame(world, 1, write_payload(HEARD, DAMC_PROTO_CONTROL, payload,
						  sizeof(payload), at));
}

/* With a multiplier for liveness, too, if it is not 0. */
static int give(struct dt_node *node, const uint8_t *key, size_t len,
		uint32_t multiplier)
{
	struct dt_msg msg, reply;
	struct nlattr *nest;

	dt_msg_init(&node->nl, &msg, DAMC_CMD_NEIGH_SET, 0);
	nest = dt_nest(&msg, DAMC_A_NEIGH);
	dt_put_u32(&msg, DAMC_A_NEIGH_IFINDEX, if_nametoindex("v0"));
	dt_put(&msg, DAMC_A_NEIGH_LLADDR, "\x02\0\0\0\0\x01", ETH_ALEN);
	dt_put(&msg, DAMC_A_NEIGH_CONTROL_KEY, key, len);
	if (multiplier)
		dt_put_u32(&msg, DAMC_A_NEIGH_LIVE_MULTIPLIER, multiplier);
	dt_nest_end(&msg, nest);
	return dt_talk(&node->nl, &msg, &reply);
}

static int give_key(struct dt_node *node, const uint8_t *key, size_t len)
{
	return give(node, key, len, 0);
}

static int meet(struct world *world, const uint8_t *key)
{
	return dt_damc("neigh add dev v0 lladdr " NEIGHBOUR "\n") ?:
	       give_key(&world->node, key, DAMC_CONTROL_KEY_SIZE);
}

/* Who forges a neighbour's own address keeps out nothing of its session. */
TEST_F_TIMEOUT(control, session_is_heard_in_a_flood, LONG)
{
	struct dt_node *node = &self->world.node;
	uint32_t i, j;

	ASSERT_EQ(0, meet(&self->world, first_key));
	for (i = 1; i <= 500; i++) {
		for (j = 0; j < 10; j++) {
			ASSERT_TRUE(control_as(&self->world, 1, 'f'));
			ASSERT_TRUE(session_as(&self->world, second_key,
					       i + j, 'f'));
		}
		ASSERT_TRUE(session_as(&self->world, first_key, i, 'n'));
		/* Again, as who overheard it can. */
		ASSERT_TRUE(session_as(&self->world, first_key, i, 'f'));
	}
	ASSERT_LE(0, dt_node_grew(node, DAMC_A_STATS_DELIVERED));
	EXPECT_LT(0, dt_node_grew(node, DAMC_A_STATS_DROP_CONTROL_UNSEALED));
	EXPECT_EQ(0, dt_node_grew(node, DAMC_A_STATS_DROP_CONTROL_NEIGH));
	EXPECT_EQ(0, dt_stats_balance(node->after));
	EXPECT_EQ(500, heard(self->world.fd, 'n'));
}

/* Of the session, among what somebody forges. */
static bool session_in_flood(struct world *world, uint64_t sequence, uint8_t tag)
{
	uint32_t i;

	for (i = 0; i < 10; i++)
		if (!session_as(world, second_key, sequence + i, 'f'))
			return false;
	return session_as(world, first_key, sequence, tag);
}

/* More was lost in a row than the kernel knows tags for, and in a flood it goes on. */
TEST_F_TIMEOUT(control, session_is_found_again_in_a_flood, LONG)
{
	struct dt_node *node = &self->world.node;
	uint64_t at = 1000000;
	uint32_t i;

	ASSERT_EQ(0, meet(&self->world, first_key));
	for (i = 0; i < MANY; i++)
		ASSERT_TRUE(session_as(&self->world, second_key, i, 'f'));
	/* One in 16 is looked at, so that none of so many is would be less than 1 in 10^11. */
	for (i = 0; i < 400; i++)
		ASSERT_TRUE(session_in_flood(&self->world, at++, 'a'));
	heard(self->world.fd, 0);
	for (i = 0; i < 100; i++)
		ASSERT_TRUE(session_in_flood(&self->world, at++, 'n'));
	/* Late, and with 63 lost between. */
	at += 63;
	for (i = 0; i < 64; i++)
		ASSERT_TRUE(session_in_flood(&self->world, at - i, 'n'));
	ASSERT_LE(0, dt_node_grew(node, DAMC_A_STATS_DELIVERED));
	EXPECT_LT(0, dt_node_grew(node, DAMC_A_STATS_DROP_CONTROL_UNSEALED));
	EXPECT_EQ(0, dt_node_grew(node, DAMC_A_STATS_DROP_CONTROL_NEIGH));
	EXPECT_EQ(0, dt_stats_balance(node->after));
	EXPECT_EQ(164, heard(self->world.fd, 'n'));
}

/* What has no tag, or another's, is heard now and then, each apart. */
TEST_F_TIMEOUT(control, unsealed_is_bounded, LONG)
{
	struct dt_node *node = &self->world.node;
	int64_t tagged, others;
	uint32_t i;

	ASSERT_EQ(0, meet(&self->world, first_key));
	for (i = 0; i < MANY; i++)
		ASSERT_TRUE(session_as(&self->world, second_key, i, 't'));
	ASSERT_LE(0, dt_node_grew(node, DAMC_A_STATS_DELIVERED));
	tagged = heard(self->world.fd, 't');
	EXPECT_LE(DAMC_CONTROL_UNSEALED_BURST, tagged);
	EXPECT_GE(most(&self->world, DAMC_CONTROL_UNSEALED_RATE,
		       DAMC_CONTROL_UNSEALED_BURST), tagged);
	EXPECT_COUNTED(DAMC_A_STATS_DROP_CONTROL_UNSEALED, MANY, tagged);
	ASSERT_TRUE(flood_as(&self->world, 1, MANY));
	ASSERT_LE(0, dt_node_grew(node, DAMC_A_STATS_DELIVERED));
	others = heard(self->world.fd, 'f');
	EXPECT_LE(DAMC_CONTROL_UNSEALED_BURST, others);
	EXPECT_GE(most(&self->world, DAMC_CONTROL_UNSEALED_RATE,
		       DAMC_CONTROL_UNSEALED_BURST), others);
	EXPECT_EQ(tagged + others, neigh_says(node, DAMC_A_NEIGH_STATE_CONTROL));
	EXPECT_EQ(2 * MANY - tagged - others,
		  neigh_says(node, DAMC_A_NEIGH_STATE_CONTROL_DROPPED));
}

/* What is under way when a key changes is heard; without a key all is as before. */
TEST_F_TIMEOUT(control, sessions_follow_each_other, LONG)
{
	const uint32_t more = DAMC_CONTROL_UNSEALED_BURST + 1000;
	struct dt_node *node = &self->world.node;
	uint32_t i;

	ASSERT_EQ(0, meet(&self->world, first_key));
	ASSERT_TRUE(session_as(&self->world, first_key, 7, 'a'));
	ASSERT_EQ(0, give_key(node, second_key, DAMC_CONTROL_KEY_SIZE));
	ASSERT_EQ(0, give_key(node, second_key, DAMC_CONTROL_KEY_SIZE));
	for (i = 0; i < MANY; i++)
		ASSERT_TRUE(session_as(&self->world, no_key, i + 1, 'f'));
	heard(self->world.fd, 0);
	ASSERT_TRUE(session_as(&self->world, second_key, 1, 'a'));
	ASSERT_LE(0, dt_node_grew(node, DAMC_A_STATS_DELIVERED));
	EXPECT_EQ(1, heard(self->world.fd, 'a'));
	ASSERT_EQ(0, give_key(node, no_key, DAMC_CONTROL_KEY_SIZE));
	for (i = 0; i < more; i++)
		ASSERT_TRUE(session_as(&self->world, first_key, 1, 'b'));
	ASSERT_LE(0, dt_node_grew(node, DAMC_A_STATS_DELIVERED));
	EXPECT_EQ(more, heard(self->world.fd, 'b'));
}

/* Of 2 s, in which a machine may stand still, nothing else is to be seen. */
TEST_F_TIMEOUT(control, a_key_ends_after_its_session, LONG)
{
	struct dt_node *node = &self->world.node;
	uint32_t i;

	ASSERT_EQ(0, meet(&self->world, first_key));
	ASSERT_EQ(0, give_key(node, second_key, DAMC_CONTROL_KEY_SIZE));
	sleep(3);
	for (i = 1; i <= MANY; i++)
		ASSERT_TRUE(session_as(&self->world, first_key, i, 'o'));
	ASSERT_LE(0, dt_node_grew(node, DAMC_A_STATS_DELIVERED));
	EXPECT_GE(most(&self->world, DAMC_CONTROL_UNSEALED_RATE,
		       DAMC_CONTROL_UNSEALED_BURST),
		  heard(self->world.fd, 'o'));
}

TEST_F_TIMEOUT(control, keys_are_refused, LONG)
{
	struct dt_node *node = &self->world.node;
	struct dt_msg msg, reply;
	struct nlattr *nest;
	int cmd;

	ASSERT_EQ(0, meet(&self->world, first_key));
	EXPECT_EQ(-ERANGE, give_key(node, first_key, DAMC_CONTROL_KEY_SIZE - 1));
	EXPECT_EQ(-ERANGE, give_key(node, first_key, DAMC_CONTROL_KEY_SIZE + 1));
	ASSERT_EQ(0, dt_damc("neigh add dev v0\n"));
	for (cmd = 0; cmd < 2; cmd++) {
		/* Of one that is not there yet, and of the link's group. */
		dt_msg_init(&node->nl, &msg, cmd ? DAMC_CMD_NEIGH_SET :
						   DAMC_CMD_NEIGH_ADD, 0);
		nest = dt_nest(&msg, DAMC_A_NEIGH);
		dt_put_u32(&msg, DAMC_A_NEIGH_IFINDEX, if_nametoindex("v0"));
		if (!cmd)
			dt_put(&msg, DAMC_A_NEIGH_LLADDR, "\x02\0\0\0\0\x05",
			       ETH_ALEN);
		dt_put(&msg, DAMC_A_NEIGH_CONTROL_KEY, first_key,
		       DAMC_CONTROL_KEY_SIZE);
		dt_nest_end(&msg, nest);
		EXPECT_EQ(-EINVAL, dt_talk(&node->nl, &msg, &reply));
	}
}

/* Who is not watched has no multiplier; nor has that request's key come to be. */
TEST_F_TIMEOUT(control, a_refusal_changes_no_key, LONG)
{
	struct dt_node *node = &self->world.node;
	uint32_t i;

	ASSERT_EQ(0, meet(&self->world, first_key));
	EXPECT_EQ(-EINVAL, give(node, second_key, DAMC_CONTROL_KEY_SIZE, 3));
	for (i = 1; i <= MANY; i++) {
		ASSERT_TRUE(session_as(&self->world, second_key, i, 't'));
		if (i <= 100)
			ASSERT_TRUE(session_as(&self->world, first_key, i, 'n'));
	}
	ASSERT_LE(0, dt_node_grew(node, DAMC_A_STATS_DELIVERED));
	EXPECT_GE(most(&self->world, DAMC_CONTROL_UNSEALED_RATE,
		       DAMC_CONTROL_UNSEALED_BURST),
		  heard(self->world.fd, 't'));
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
