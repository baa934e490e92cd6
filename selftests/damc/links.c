// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel around the module does to frames: VLANs, checksums left to the
 * device, receive times, queues that refuse. v0 is a fabric link, w0 leads to
 * /far.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/ethtool.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <linux/virtio_net.h>

#include "../kselftest_harness.h"
#include "testlib.h"

FIXTURE(links) {
	struct dt_node node;
};

FIXTURE_SETUP(links)
{
	ASSERT_EQ(0, dt_node_open(&self->node, "up"));
}

FIXTURE_TEARDOWN(links)
{
	close(self->node.v);
	close(self->node.w);
}

static const struct dt_packet message = { .dst = "/far/x", .src = "/p/victim" };

static ssize_t far_sees(struct dt_node *node, int ms)
{
	return dt_frame_recv(node->w, node->got, sizeof(node->got), ms);
}

/* Other end of a VLAN on v0, which the node has too. */
static int vlan_open(struct dt_node *node)
{
	int fd;

	if (dt_run("ip link add link v0 name v0.10 type vlan id 10 && ip link set v0.10 up") ||
	    dt_netns_enter(node->outside))
		return -1;
	if (dt_run("ip link add link v1 name v1.10 type vlan id 10 && ip link set v1.10 up"))
		return -1;
	fd = dt_frames_open("v1.10");
	return dt_netns_enter(node->net) ? -1 : fd;
}

/* v0.10 is not enabled; that v0 is, is no reason to look at its frames. */
TEST_F(links, vlan_is_another_link)
{
	struct dt_node *node = &self->node;
	int fd = vlan_open(node);
	size_t len = dt_packet_write(node->packet, &message);

	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, dt_frame_send(fd, node->packet, len));
	EXPECT_EQ(-1, far_sees(node, 200));
	EXPECT_EQ(0, dt_node_grew(node, DAMC_A_STATS_RX_PACKETS));
}

/* A pod on v0.10 gains nothing by v0's being trusted. */
TEST_F(links, vlan_edge_is_checked)
{
	struct dt_node *node = &self->node;
	int fd = vlan_open(node);
	size_t len = dt_packet_write(node->packet, &message);

	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, dt_damc("dev set v0.10 edge\nbind add /pod dev v0.10\n"));
	ASSERT_EQ(0, dt_frame_send(fd, node->packet, len));
	EXPECT_EQ(-1, far_sees(node, 200));
	EXPECT_EQ(1, dt_node_grew(node, DAMC_A_STATS_RX_PACKETS));
	EXPECT_EQ(1, dt_node_grew(node, DAMC_A_STATS_DROP_EDGE_SOURCE));
}

/* A socket on v1 whose frames begin with what the device is to do to them. */
static int offload_open(struct dt_node *node)
{
	int fd = socket(AF_PACKET, SOCK_RAW, 0), one = 1;
	struct sockaddr_ll ll;
	socklen_t len = sizeof(ll);

	if (getsockname(node->v, (void *)&ll, &len) ||
	    setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof(one)) ||
	    bind(fd, (void *)&ll, sizeof(ll)))
		return -1;
	return fd;
}

static ssize_t offload_send(struct dt_node *node, struct virtio_net_hdr *vnet,
			    size_t len)
{
	static uint8_t frame[sizeof(*vnet) + ETH_HLEN + DT_FRAME_MAX];
	uint8_t *at = frame + sizeof(*vnet);
	ssize_t sent;
	int fd;

	memcpy(frame, vnet, sizeof(*vnet));
	memcpy(at, "\003DAMC\0\2\0\0\0\0\1\x88\xb5", ETH_HLEN);
	memcpy(at + ETH_HLEN, node->packet, len);
	if (dt_netns_enter(node->outside))
		return -1;
	fd = offload_open(node);
	sent = write(fd, frame, sizeof(*vnet) + ETH_HLEN + len);
	close(fd);
	return dt_netns_enter(node->net) ? -1 : sent;
}

/* A "checksum" that would be written over the source after it was checked. */
TEST_F(links, checksum_rewrites_nothing)
{
	struct virtio_net_hdr vnet = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.csum_start = ETH_HLEN + sizeof(struct damc_hdr) + 6 + 2,
		.csum_offset = 2,
	};
	struct dt_node *node = &self->node;
	size_t len = dt_packet_write(node->packet, &message);

	/* So that it is computed here, as by most devices. */
	ASSERT_EQ(0, dt_run("ethtool -K w0 tx off >/dev/null"));
	ASSERT_LT(0, offload_send(node, &vnet, len));
	ASSERT_LE(0, far_sees(node, 500));
	EXPECT_TRUE(dt_packet_name(node->got, 1, "/p/victim"));
}

/* The same, from before the packet's first byte. */
TEST_F(links, checksum_from_outside)
{
	struct virtio_net_hdr vnet = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.csum_start = 0,
		.csum_offset = ETH_HLEN + sizeof(struct damc_hdr) + 6 + 4,
	};
	struct dt_node *node = &self->node;
	size_t len = dt_packet_write(node->packet, &message);

	ASSERT_EQ(0, dt_run("ethtool -K w0 tx off >/dev/null"));
	if (offload_send(node, &vnet, len) < 0)
		SKIP(return, "this kernel's AF_PACKET does not send such frames");
	ASSERT_LE(0, far_sees(node, 500));
	EXPECT_TRUE(dt_packet_name(node->got, 1, "/p/victim"));
}

/* Asks to be cut up. Nothing here can be; refused, here or by the sender's. */
TEST_F(links, segments_are_refused)
{
	static uint8_t payload[1200];
	struct virtio_net_hdr vnet = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = VIRTIO_NET_HDR_GSO_UDP,
		.gso_size = 100,
		.hdr_len = ETH_HLEN + 80,
		.csum_start = ETH_HLEN + 60,
		.csum_offset = 6,
	};
	struct dt_packet large = message;
	struct dt_node *node = &self->node;

	large.payload = payload;
	large.payload_len = sizeof(payload);
	if (offload_send(node, &vnet, dt_packet_write(node->packet, &large)) < 0)
		SKIP(return, "this kernel's AF_PACKET does not send such frames");
	EXPECT_EQ(0, dt_node_grew(node, DAMC_A_STATS_FORWARDED));
	EXPECT_EQ(0, dt_stats_balance(node->after));
	EXPECT_EQ(-1, far_sees(node, 200));
}

/* fq takes a packet's time for when to send it; a receive time is none. */
TEST_F(links, receive_time_does_not_delay)
{
	struct dt_node *node = &self->node;
	int fd = socket(AF_INET, SOCK_DGRAM, 0), one = 1;
	size_t len = dt_packet_write(node->packet, &message);

	ASSERT_EQ(0, dt_run("tc qdisc replace dev w0 root fq"));
	ASSERT_EQ(0, setsockopt(fd, SOL_SOCKET, SO_TIMESTAMP, &one, sizeof(one)));
	usleep(200000);
	ASSERT_EQ(0, dt_frame_send(node->v, node->packet, len));
	EXPECT_EQ(len, far_sees(node, 2000));
	close(fd);
}

/* A packet that the queue refused was not forwarded: it is counted once. */
TEST_F(links, refused_by_queue)
{
	struct dt_node *node = &self->node;
	size_t len = dt_packet_write(node->packet, &message);

	ASSERT_EQ(0, dt_run("tc qdisc replace dev w0 root pfifo limit 0"));
	ASSERT_EQ(0, dt_frame_send(node->v, node->packet, len));
	EXPECT_EQ(1, dt_node_grew(node, DAMC_A_STATS_DROP_XMIT));
	EXPECT_EQ(0, dt_node_grew(node, DAMC_A_STATS_FORWARDED));
	EXPECT_EQ(0, dt_stats_balance(node->after));
}

static int offload_set(const char *dev, uint32_t what, uint32_t on)
{
	struct ethtool_value value = { .cmd = what, .data = on };
	struct ifreq ifr = { .ifr_data = (void *)&value };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	int err;

	strcpy(ifr.ifr_name, dev);
	err = fd < 0 ? -1 : ioctl(fd, SIOCETHTOOL, &ifr);
	close(fd);
	return err;
}

/*
 * What is sent to v0 is kept, let go at once, and handed up in lists: by GRO,
 * in which a veth takes nothing from a peer that leaves cutting segments to it.
 */
static int lists_on(struct dt_node *node)
{
	if (offload_set("v0", ETHTOOL_SGRO, 1) ||
	    dt_netns_enter(node->outside) ||
	    offload_set("v1", ETHTOOL_STSO, 0) ||
	    dt_run("tc qdisc add dev v1 root netem delay 300ms"))
		return -1;
	return dt_netns_enter(node->net);
}

#define LIST 50

/* Every fifth leads nowhere, and every seventh is none. */
static void list_send(struct __test_metadata *_metadata, struct dt_node *node)
{
	struct dt_packet packet = message;
	size_t len;
	uint8_t i;

	packet.payload = &i;
	packet.payload_len = 1;
	for (i = 0; i < LIST; i++) {
		packet.dst = i % 5 ? "/far/x" : "/nowhere";
		len = dt_packet_write(node->packet, &packet);
		if (i % 7 == 0)
			node->packet[0] = 0;
		ASSERT_EQ(0, dt_frame_send(node->v, node->packet, len));
	}
}

/* What comes in a list fares as it would alone, and in order. */
TEST_F(links, lists)
{
	struct dt_node *node = &self->node;
	int i, bad = 0, lost = 0;

	ASSERT_EQ(0, lists_on(node));
	list_send(_metadata, node);
	for (i = 0; i < LIST; i++) {
		ssize_t len;

		bad += i % 7 == 0;
		lost += i % 7 && i % 5 == 0;
		if (i % 7 == 0 || i % 5 == 0)
			continue;
		len = far_sees(node, 2000);
		ASSERT_LT(0, len) TH_LOG("message %d", i);
		EXPECT_EQ(i, node->got[len - 1]);
	}
	EXPECT_EQ(LIST, dt_node_grew(node, DAMC_A_STATS_RX_PACKETS));
	EXPECT_EQ(bad, dt_node_grew(node, DAMC_A_STATS_DROP_VERSION));
	EXPECT_EQ(lost, dt_node_grew(node, DAMC_A_STATS_DROP_NO_ROUTE));
	EXPECT_EQ(LIST - bad - lost, dt_node_grew(node, DAMC_A_STATS_FORWARDED));
}

TEST_HARNESS_MAIN
