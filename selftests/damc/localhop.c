// SPDX-License-Identifier: GPL-2.0
/*
 * /localhop: messages to all on one link, without neighbour or route, and what
 * their receiver is told of the link. v0 is an edge to which /p is bound.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include "../kselftest_harness.h"
#include "testlib.h"

#define HELLO "/localhop/hello"

FIXTURE(localhop) {
	struct dt_node node;
	int fd;
};

FIXTURE_SETUP(localhop)
{
	int on = 1;

	ASSERT_EQ(0, dt_node_open(&self->node, "edge"));
	self->fd = dt_bound(0, HELLO);
	ASSERT_GE(self->fd, 0);
	ASSERT_EQ(0, setsockopt(self->fd, SOL_DAMC, DAMC_RECVPKTINFO, &on,
				sizeof(on)));
}

FIXTURE_TEARDOWN(localhop)
{
	close(self->fd);
	close(self->node.v);
	close(self->node.w);
}

/* With a control message of any length; @info NULL: without one. */
static ssize_t send_with(int fd, const char *to, uint32_t ifindex,
			 const struct damc_pktinfo *info, size_t info_len,
			 size_t len)
{
	char control[CMSG_SPACE(sizeof(*info) + 8)]
		__attribute__((aligned(8))) = { 0 };
	static char data[8192];
	struct sockaddr_damc sa;
	struct iovec iov = { data, len };
	struct msghdr msg = {
		.msg_name = &sa, .msg_namelen = dt_addr(&sa, to, 0),
		.msg_iov = &iov, .msg_iovlen = 1,
	};
	struct cmsghdr *cmsg;

	sa.sdamc_ifindex = ifindex;
	if (info) {
		msg.msg_control = control;
		msg.msg_controllen = CMSG_SPACE(info_len);
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_DAMC;
		cmsg->cmsg_type = DAMC_PKTINFO;
		cmsg->cmsg_len = CMSG_LEN(info_len);
		memcpy(CMSG_DATA(cmsg), info,
		       info_len < sizeof(*info) ? info_len : sizeof(*info));
	}
	return sendmsg(fd, &msg, MSG_DONTWAIT);
}

static ssize_t send_neigh(int fd, const char *to, uint32_t neigh)
{
	struct damc_pktinfo info = { .neigh = neigh };

	return send_with(fd, to, 0, &info, sizeof(info), 5);
}

static ssize_t send_info(int fd, const char *to, uint32_t ifindex)
{
	struct damc_pktinfo info = { .ifindex = ifindex };

	return send_with(fd, to, 0, &info, sizeof(info), 5);
}

/* A frame on the other end of v0 or w0: to the group, from the node, one hop. */
static bool link_sees(struct dt_node *node, int fd, size_t len)
{
	const struct damc_hdr *hdr = (const void *)node->got;
	ssize_t got = dt_frame_recv(fd, node->got, sizeof(node->got), 1000);

	return got == (ssize_t)len + hdr->header_len * 4 &&
	       hdr->hop_limit == 255 && dt_packet_name(node->got, 0, HELLO) &&
	       dt_packet_name(node->got, 1, "/damc/node/g");
}

/* Three ways to say which link; no neighbour is made by any. */
TEST_F(localhop, goes_to_its_link)
{
	uint32_t v = if_nametoindex("v0"), w = if_nametoindex("w0");
	struct dt_node *node = &self->node;

	ASSERT_EQ(0, dt_run("damc neigh show >/tmp/before"));
	ASSERT_EQ(5, send_info(self->fd, HELLO, w));
	EXPECT_TRUE(link_sees(node, node->w, 5));
	ASSERT_EQ(5, send_with(self->fd, HELLO, v, NULL, 0, 5));
	EXPECT_TRUE(link_sees(node, node->v, 5));
	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_BINDTODEVICE, "w0", 3));
	ASSERT_EQ(5, send_with(self->fd, HELLO, 0, NULL, 0, 5));
	EXPECT_TRUE(link_sees(node, node->w, 5));
	/* What is said for one message comes first. */
	ASSERT_EQ(5, send_info(self->fd, HELLO, v));
	EXPECT_TRUE(link_sees(node, node->v, 5));
	EXPECT_EQ(-1, dt_frame_recv(node->w, node->got, DT_FRAME_MAX, 50));
	EXPECT_EQ(4, dt_node_grew(node, DAMC_A_STATS_TX_PACKETS));
	EXPECT_EQ(0, dt_run("damc neigh show | cmp - /tmp/before"));
	EXPECT_EQ(0, dt_stats_balance(node->after));
}

/* Under the name it has, if that is not one of the link's. */
TEST_F(localhop, source)
{
	uint32_t w = if_nametoindex("w0");
	struct dt_node *node = &self->node;
	int fd = dt_bound(0, "/s");

	ASSERT_GE(fd, 0);
	ASSERT_EQ(5, send_info(fd, HELLO, w));
	ASSERT_LT(0, dt_frame_recv(node->w, node->got, DT_FRAME_MAX, 1000));
	EXPECT_TRUE(dt_packet_name(node->got, 1, "/s"));
	close(fd);
	ASSERT_EQ(0, dt_damc("info set name none\n"));
	EXPECT_EQ(-1, send_info(self->fd, HELLO, w));
	EXPECT_EQ(EADDRNOTAVAIL, errno);
}

TEST_F(localhop, large_ones_are_cut)
{
	struct damc_pktinfo info = { .ifindex = if_nametoindex("w0") };
	const struct damc_hdr *hdr = (const void *)self->node.got;
	struct dt_node *node = &self->node;
	int n;

	ASSERT_EQ(4000, send_with(self->fd, HELLO, 0, &info, sizeof(info), 4000));
	for (n = 0; dt_frame_recv(node->w, node->got, DT_FRAME_MAX, 200) > 0; n++) {
		EXPECT_EQ(DAMC_PROTO_FRAGMENT, hdr->next_proto);
		EXPECT_EQ(255, hdr->hop_limit);
	}
	EXPECT_EQ(3, n);
}

#define EXPECT_REFUSED(_errno, _call) do {		\
	errno = 0;					\
	EXPECT_EQ(-1, _call);				\
	EXPECT_EQ(_errno, errno);			\
} while (0)

TEST_F(localhop, refusals)
{
	struct damc_pktinfo info = { .ifindex = if_nametoindex("w0") };
	size_t size = sizeof(info);

	EXPECT_REFUSED(EINVAL, send_info(self->fd, "/far/x", info.ifindex));
	EXPECT_REFUSED(EINVAL, send_with(self->fd, "/far/x", info.ifindex, NULL,
					 0, 5));
	EXPECT_REFUSED(EINVAL, send_info(self->fd, HELLO, 0));
	EXPECT_REFUSED(EINVAL, send_with(self->fd, HELLO, 0, &info, size - 1, 5));
	EXPECT_REFUSED(EINVAL, send_with(self->fd, HELLO, 0, &info, size + 8, 5));
	info.hop_limit = 1;
	EXPECT_REFUSED(EINVAL, send_with(self->fd, HELLO, 0, &info, size, 5));
	info.hop_limit = 0;
	info.lladdr_len = 6;
	EXPECT_REFUSED(EINVAL, send_with(self->fd, HELLO, 0, &info, size, 5));
	info.lladdr_len = 0;
	info.lladdr[31] = 1;
	EXPECT_REFUSED(EINVAL, send_with(self->fd, HELLO, 0, &info, size, 5));
	info.lladdr[31] = 0;
	info.neigh = 1;
	EXPECT_REFUSED(EINVAL, send_with(self->fd, HELLO, 0, &info, size, 5));
	EXPECT_REFUSED(EINVAL, send_neigh(self->fd, "/far/x", 1));
	EXPECT_REFUSED(ENODEV, send_neigh(self->fd, HELLO, 12345));
	/* Neither is enabled; one is not there at all. */
	EXPECT_REFUSED(ENODEV, send_info(self->fd, HELLO, if_nametoindex("lo")));
	EXPECT_REFUSED(ENODEV, send_info(self->fd, HELLO, 12345));
	ASSERT_EQ(0, dt_run("ip link set w0 down"));
	EXPECT_REFUSED(ENETDOWN, send_info(self->fd, HELLO,
					   if_nametoindex("w0")));
	EXPECT_EQ(0, dt_node_grew(&self->node, DAMC_A_STATS_TX_PACKETS));
	EXPECT_EQ(0, dt_stats_balance(self->node.after));
}

static int inject(struct dt_node *node, int fd, const char *dst, uint8_t hops,
		  const void *lladdr)
{
	struct dt_packet packet = {
		.dst = dst, .src = "/p", .payload = "hello", .payload_len = 5,
		.hop_limit = hops,
	};

	return dt_frame_send_to(fd, lladdr ?: "\003DAMC\0", node->packet,
				dt_packet_write(node->packet, &packet));
}

/* The control message of one message; false if none came, or without one. */
static bool told(int fd, struct damc_pktinfo *info)
{
	char control[256] __attribute__((aligned(8))), data[16];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg;

	if (!dt_readable(fd, 1000) || recvmsg(fd, &msg, MSG_DONTWAIT) != 5)
		return false;
	for (cmsg = CMSG_FIRSTHDR(&msg); cmsg; cmsg = CMSG_NXTHDR(&msg, cmsg)) {
		if (cmsg->cmsg_level != SOL_DAMC ||
		    cmsg->cmsg_type != DAMC_PKTINFO ||
		    cmsg->cmsg_len != CMSG_LEN(sizeof(*info)))
			continue;
		memcpy(info, CMSG_DATA(cmsg), sizeof(*info));
		return true;
	}
	return false;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

TEST_F(localhop, receiver_is_told)
{
	struct dt_node *node = &self->node;
	struct ifreq ifr = { .ifr_name = "v1" };
	struct damc_pktinfo info;
	uint64_t before = now_ns();

	ASSERT_EQ(0, ioctl(node->v, SIOCGIFHWADDR, &ifr));
	ASSERT_EQ(0, inject(node, node->v, HELLO, 255, NULL));
	ASSERT_TRUE(told(self->fd, &info));
	EXPECT_EQ(if_nametoindex("v0"), info.ifindex);
	EXPECT_EQ(255, info.hop_limit);
	EXPECT_EQ(6, info.lladdr_len);
	EXPECT_EQ(0, memcmp(info.lladdr, ifr.ifr_hwaddr.sa_data, 6));
	EXPECT_EQ(0, info.neigh);
	EXPECT_LE(before, info.time_ns);
	EXPECT_GE(now_ns(), info.time_ns);
	/* For all on the link, and for this node alone: both are heard. */
	ASSERT_EQ(0, inject(node, node->v, HELLO, 255, "\377\377\377\377\377\377"));
	EXPECT_TRUE(told(self->fd, &info));
	EXPECT_EQ(2, dt_node_grew(node, DAMC_A_STATS_DELIVERED));
}

/* Whoever is further away cannot have sent it with 255 left. */
TEST_F(localhop, one_hop_only)
{
	struct dt_node *node = &self->node;

	ASSERT_EQ(0, inject(node, node->v, HELLO, 254, NULL));
	ASSERT_EQ(0, inject(node, node->v, HELLO, 1, NULL));
	EXPECT_EQ(2, dt_node_grew(node, DAMC_A_STATS_DROP_SCOPE));
	/* A default route does not take it further. */
	ASSERT_EQ(0, dt_damc("route add / dev w0\n"));
	ASSERT_EQ(0, inject(node, node->v, "/localhop/other", 255, NULL));
	EXPECT_EQ(3, dt_node_grew(node, DAMC_A_STATS_DROP_SCOPE));
	EXPECT_FALSE(dt_readable(self->fd, 50));
	EXPECT_EQ(0, dt_node_grew(node, DAMC_A_STATS_TX_PACKETS));
	EXPECT_EQ(0, dt_stats_balance(node->after));
}

TEST_F(localhop, socket_of_a_device_hears_it_alone)
{
	struct dt_node *node = &self->node;
	struct damc_pktinfo info;

	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_BINDTODEVICE, "w0", 3));
	ASSERT_EQ(0, inject(node, node->v, HELLO, 255, NULL));
	EXPECT_FALSE(dt_readable(self->fd, 100));
	EXPECT_EQ(1, dt_node_grew(node, DAMC_A_STATS_DROP_NO_LISTENER));
	ASSERT_EQ(0, inject(node, node->w, HELLO, 255, NULL));
	ASSERT_TRUE(told(self->fd, &info));
	EXPECT_EQ(if_nametoindex("w0"), info.ifindex);
}

/* The id of the neighbour that a command added; 0: it was not. */
static uint32_t neighbour(const char *where)
{
	unsigned int id = 0;
	FILE *file;

	if (dt_run("damc -echo neigh add %s >/tmp/neigh", where))
		return 0;
	file = fopen("/tmp/neigh", "r");
	if (!file || fscanf(file, "id %u", &id) != 1)
		id = 0;
	if (file)
		fclose(file);
	return id;
}

/* To one on a link: not to the group, and whether packets go there or not. */
TEST_F(localhop, goes_to_a_neighbour)
{
	struct dt_node *node = &self->node;
	uint32_t id;

	ASSERT_EQ(0, dt_run("ip link set w0 address 02:00:00:00:00:07"));
	id = neighbour("dev w0 lladdr 02:00:00:00:00:09");
	ASSERT_NE(0, id);
	ASSERT_EQ(5, send_neigh(self->fd, HELLO, id));
	EXPECT_TRUE(link_sees(node, node->w, 5));
	ASSERT_EQ(0, dt_run("damc neigh set id %u admin down", id));
	ASSERT_EQ(5, send_neigh(self->fd, HELLO, id));
	EXPECT_TRUE(link_sees(node, node->w, 5));
	EXPECT_EQ(-1, dt_frame_recv(node->v, node->got, DT_FRAME_MAX, 50));
	ASSERT_EQ(0, dt_run("ip link set w0 down"));
	EXPECT_REFUSED(ENETDOWN, send_neigh(self->fd, HELLO, id));
	EXPECT_EQ(0, dt_stats_balance(node->after));
}

/* By UDP, to this node itself: it is told which neighbour it came from. */
TEST_F(localhop, goes_by_udp)
{
	struct dt_node *node = &self->node;
	struct damc_pktinfo info;
	static char data[8192];
	uint32_t id;

	ASSERT_EQ(0, dt_run("ip link set lo up && damc info set udp-port 3625"));
	id = neighbour("udp 127.0.0.1");
	ASSERT_NE(0, id);
	ASSERT_EQ(5, send_neigh(self->fd, HELLO, id));
	ASSERT_TRUE(told(self->fd, &info));
	EXPECT_EQ(id, info.neigh);
	EXPECT_EQ(255, info.hop_limit);
	EXPECT_EQ(0, info.lladdr_len);
	EXPECT_EQ(1, dt_node_grew(node, DAMC_A_STATS_TX_PACKETS));
	/* Fragments find the same way, and what is joined came by it. */
	info = (struct damc_pktinfo){ .neigh = id };
	ASSERT_EQ(0, dt_run("ip link set lo mtu 1500"));
	ASSERT_EQ(4000, send_with(self->fd, HELLO, 0, &info, sizeof(info), 4000));
	ASSERT_TRUE(dt_readable(self->fd, 1000));
	EXPECT_EQ(4000, dt_recv(self->fd, data, sizeof(data), NULL));
	ASSERT_EQ(0, dt_run("damc neigh del id %u", id));
	EXPECT_REFUSED(ENODEV, send_neigh(self->fd, HELLO, id));
	EXPECT_EQ(0, dt_stats_balance(node->after));
}

/* What was sent here came by no link. */
TEST_F(localhop, own_message)
{
	struct damc_pktinfo info;
	int fd = dt_bound(0, "/s");

	ASSERT_GE(fd, 0);
	ASSERT_EQ(5, dt_send(fd, HELLO, "hello", 5));
	ASSERT_TRUE(told(self->fd, &info));
	EXPECT_EQ(0, info.ifindex);
	EXPECT_EQ(0, info.lladdr_len);
	EXPECT_NE(0, info.time_ns);
	close(fd);
}

TEST_HARNESS_MAIN
