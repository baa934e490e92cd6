// SPDX-License-Identifier: GPL-2.0
/*
 * AF_DAMC sockets: options, control messages, errors from afar, and sending
 * when a link's queue is full. s, a socket on node /damc/node/g, sends to /far.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <netinet/in.h>
#include <linux/if_ether.h>
#include <linux/sockios.h>

#include "../kselftest_harness.h"
#include "testlib.h"

#define EXPECT_ERRNO(number, call) do {		\
	errno = 0;				\
	EXPECT_EQ(-1, (call));			\
	EXPECT_EQ(number, errno);		\
} while (0)

FIXTURE(opt) {
	struct dt_node node;
	int s;
};

FIXTURE_SETUP(opt)
{
	ASSERT_EQ(0, dt_node_open(&self->node, "up"));
	self->s = dt_bound(0, "/s");
	ASSERT_GE(self->s, 0);
}

FIXTURE_TEARDOWN(opt)
{
	close(self->s);
	close(self->node.v);
	close(self->node.w);
}

static int set(int fd, int name, int value)
{
	return setsockopt(fd, SOL_DAMC, name, &value, sizeof(value));
}

static int get(int fd, int name)
{
	socklen_t len = sizeof(int);
	int value = -1;

	return getsockopt(fd, SOL_DAMC, name, &value, &len) ? -errno : value;
}

static int do_connect(int fd, const char *peer)
{
	struct sockaddr_damc sa;
	socklen_t len = dt_addr(&sa, peer, 0);

	return connect(fd, (void *)&sa, len);
}

TEST_F(opt, values)
{
	static const struct {
		int name, initial, low, high, bad;
	} options[] = {
		{ DAMC_HOP_LIMIT, 64, 1, 255, 0 },
		{ DAMC_RECORD, 0, 2, 255, 1 },
		{ DAMC_RECVHOPLIMIT, 0, 0, 1, 2 },
		{ DAMC_RECVERR, 0, 0, 1, 2 },
	};
	size_t i;

	for (i = 0; i < 4; i++) {
		int name = options[i].name;

		EXPECT_EQ(options[i].initial, get(self->s, name));
		EXPECT_ERRNO(EINVAL, set(self->s, name, options[i].bad));
		EXPECT_ERRNO(EINVAL, set(self->s, name, options[i].high + 1));
		EXPECT_ERRNO(EINVAL, set(self->s, name, -1));
		EXPECT_ERRNO(EINVAL, set(self->s, name, 0x80000000));
		EXPECT_EQ(options[i].initial, get(self->s, name));
		EXPECT_EQ(0, set(self->s, name, options[i].low));
		EXPECT_EQ(options[i].low, get(self->s, name));
		EXPECT_EQ(0, set(self->s, name, options[i].high));
		EXPECT_EQ(options[i].high, get(self->s, name));
	}
}

TEST_F(opt, lengths)
{
	char value[16] = { 1 };
	socklen_t len;
	int i;

	for (i = 0; i < 16; i++)
		if (i != 4)
			EXPECT_ERRNO(EINVAL, setsockopt(self->s, SOL_DAMC,
							DAMC_HOP_LIMIT, value, i));
	for (len = 0; len < 4; len++) {
		socklen_t room = len;

		EXPECT_ERRNO(EINVAL, getsockopt(self->s, SOL_DAMC,
						DAMC_HOP_LIMIT, value, &room));
	}
	len = 16;
	EXPECT_EQ(0, getsockopt(self->s, SOL_DAMC, DAMC_HOP_LIMIT, value, &len));
	EXPECT_EQ(4, len);
	len = -1;
	EXPECT_ERRNO(EINVAL, getsockopt(self->s, SOL_DAMC, DAMC_HOP_LIMIT, value,
					&len));
	EXPECT_ERRNO(EFAULT, setsockopt(self->s, SOL_DAMC, DAMC_HOP_LIMIT,
					(void *)8, 4));
	len = 4;
	EXPECT_ERRNO(EFAULT, getsockopt(self->s, SOL_DAMC, DAMC_HOP_LIMIT,
					(void *)8, &len));
}

TEST_F(opt, unknown)
{
	int value = 1;

	EXPECT_ERRNO(ENOPROTOOPT, set(self->s, 0, 1));
	EXPECT_ERRNO(ENOPROTOOPT, set(self->s, 99, 1));
	EXPECT_EQ(-ENOPROTOOPT, get(self->s, 99));
	EXPECT_ERRNO(ENOPROTOOPT, setsockopt(self->s, SOL_DAMC + 1, 1, &value,
					     sizeof(value)));
}

TEST_F(opt, hop_limit_is_sent)
{
	const struct damc_hdr *hdr = (void *)self->node.got;

	ASSERT_EQ(0, set(self->s, DAMC_HOP_LIMIT, 9));
	ASSERT_EQ(1, dt_send(self->s, "/far/x", "x", 1));
	ASSERT_LT(0, dt_frame_recv(self->node.w, self->node.got, 9000, 3000));
	EXPECT_EQ(9, hdr->hop_limit);
	EXPECT_EQ(DAMC_F_FIRST, hdr->flags);
}

/* sendmsg() to /far/x with one control message of these bytes. */
static ssize_t send_cmsg(int fd, int level, int type, const void *data,
			 size_t len)
{
	char control[CMSG_SPACE(64)] __attribute__((aligned(8))) = {};
	struct sockaddr_damc sa;
	struct iovec iov = { "x", 1 };
	struct msghdr msg = {
		.msg_name = &sa, .msg_namelen = dt_addr(&sa, "/far/x", 0),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = CMSG_SPACE(len),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = level;
	cmsg->cmsg_type = type;
	cmsg->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(cmsg), data, len);
	return sendmsg(fd, &msg, 0);
}

static ssize_t send_cmsg_int(int fd, int type, int value)
{
	return send_cmsg(fd, SOL_DAMC, type, &value, sizeof(value));
}

TEST_F(opt, control_messages)
{
	const struct damc_hdr *hdr = (void *)self->node.got;

	EXPECT_EQ(1, send_cmsg_int(self->s, DAMC_HOP_LIMIT, 3));
	ASSERT_LT(0, dt_frame_recv(self->node.w, self->node.got, 9000, 3000));
	EXPECT_EQ(3, hdr->hop_limit);
	EXPECT_EQ(1, send_cmsg_int(self->s, DAMC_RECORD, 40));
	ASSERT_LT(0, dt_frame_recv(self->node.w, self->node.got, 9000, 3000));
	EXPECT_EQ(DAMC_F_FIRST | DAMC_F_HOP_TLV, hdr->flags);
	/* Of other levels: not ours to look at. */
	EXPECT_EQ(1, send_cmsg(self->s, IPPROTO_UDP, 99, "abcd", 4));
}

TEST_F(opt, bad_control_messages)
{
	EXPECT_ERRNO(EINVAL, send_cmsg_int(self->s, DAMC_HOP_LIMIT, 0));
	EXPECT_ERRNO(EINVAL, send_cmsg_int(self->s, DAMC_HOP_LIMIT, 256));
	EXPECT_ERRNO(EINVAL, send_cmsg_int(self->s, DAMC_RECORD, 1));
	EXPECT_ERRNO(EINVAL, send_cmsg_int(self->s, DAMC_RECORD, 256));
	EXPECT_ERRNO(EINVAL, send_cmsg_int(self->s, DAMC_RECORD, -1));
	EXPECT_ERRNO(EINVAL, send_cmsg_int(self->s, DAMC_RECVERR, 1));
	EXPECT_ERRNO(EINVAL, send_cmsg_int(self->s, 0, 1));
	EXPECT_ERRNO(EINVAL, send_cmsg(self->s, SOL_DAMC, DAMC_HOP_LIMIT,
				       "\1\0", 2));
	EXPECT_ERRNO(EINVAL, send_cmsg(self->s, SOL_DAMC, DAMC_HOP_LIMIT,
				       "\1\0\0\0\0\0\0\0", 8));
	EXPECT_ERRNO(EINVAL, send_cmsg(self->s, SOL_DAMC, DAMC_HOP_LIMIT, "", 0));
	EXPECT_EQ(0, dt_node_grew(&self->node, DAMC_A_STATS_ORIGINATED));
}

/* One message received: its control messages' values; their lengths returned. */
struct received {
	int hop_limit;
	uint8_t record[255];
	size_t record_len;
	struct damc_sock_err err;
	bool has_err;
	struct sockaddr_damc name;
	ssize_t len;
	int flags;
	char data[2048];
};

static void take_cmsg(struct received *got, const struct cmsghdr *cmsg)
{
	size_t len = cmsg->cmsg_len - CMSG_LEN(0);

	if (cmsg->cmsg_level != SOL_DAMC)
		return;
	if (cmsg->cmsg_type == DAMC_HOP_LIMIT && len == sizeof(int))
		memcpy(&got->hop_limit, CMSG_DATA(cmsg), len);
	if (cmsg->cmsg_type == DAMC_RECORD && len <= sizeof(got->record)) {
		memcpy(got->record, CMSG_DATA(cmsg), len);
		got->record_len = len;
	}
	if (cmsg->cmsg_type == DAMC_RECVERR && len == sizeof(got->err)) {
		memcpy(&got->err, CMSG_DATA(cmsg), len);
		got->has_err = true;
	}
}

static ssize_t receive(int fd, struct received *got, int flags)
{
	char control[1024] __attribute__((aligned(8)));
	struct iovec iov = { got->data, sizeof(got->data) };
	struct msghdr msg = {
		.msg_name = &got->name, .msg_namelen = sizeof(got->name),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg;

	memset(got, 0, sizeof(*got));
	got->hop_limit = -1;
	got->len = recvmsg(fd, &msg, flags | MSG_DONTWAIT);
	got->flags = msg.msg_flags;
	if (got->len < 0)
		return got->len;
	for (cmsg = CMSG_FIRSTHDR(&msg); cmsg; cmsg = CMSG_NXTHDR(&msg, cmsg))
		take_cmsg(got, cmsg);
	return got->len;
}

TEST_F(opt, hop_limit_is_received)
{
	struct received got;

	ASSERT_EQ(1, dt_send(self->s, "/s", "x", 1));
	ASSERT_EQ(1, receive(self->s, &got, 0));
	EXPECT_EQ(-1, got.hop_limit);
	ASSERT_EQ(0, set(self->s, DAMC_RECVHOPLIMIT, 1));
	ASSERT_EQ(1, dt_send(self->s, "/s", "x", 1));
	ASSERT_EQ(1, receive(self->s, &got, 0));
	EXPECT_EQ(64, got.hop_limit);
}

TEST_F(opt, record_is_received)
{
	static const uint8_t tlv[] = {
		DAMC_TLV_RECORD, 20, 10, 3, 9, 4, 'd', 'a', 'm', 'c', 3, 'a', 'b',
		'c', 0, 0, 0, 0, 0, 0, 0, 0,
	};
	struct dt_packet packet = {
		.dst = "/s", .src = "/p", .payload = "x", .payload_len = 1,
		.tlvs = tlv, .tlvs_len = sizeof(tlv), .flags = DAMC_F_HOP_TLV,
	};
	struct received got;

	ASSERT_EQ(0, dt_frame_send(self->node.v, self->node.packet,
				   dt_packet_write(self->node.packet, &packet)));
	ASSERT_TRUE(dt_readable(self->s, 3000));
	ASSERT_EQ(1, receive(self->s, &got, 0));
	EXPECT_EQ(20, got.record_len);
	EXPECT_EQ(0, memcmp(got.record, tlv + 2, 20));
}

/* Forwarding signs, or counts that there was no room. */
TEST_F(opt, record_is_signed)
{
	static uint8_t tlv[2 + 20] = { DAMC_TLV_RECORD, 20 };
	struct dt_packet packet = {
		.dst = "/far/x", .src = "/p", .tlvs = tlv, .tlvs_len = 22,
		.flags = DAMC_F_HOP_TLV,
	};
	struct dt_node *node = &self->node;
	const uint8_t *record = node->got + sizeof(struct damc_hdr) + 6 + 2 + 2;
	uint8_t name[112], len = dt_wire("/damc/node/g", name);

	ASSERT_EQ(0, dt_frame_send(node->v, node->packet,
				   dt_packet_write(node->packet, &packet)));
	ASSERT_LT(0, dt_frame_recv(node->w, node->got, 9000, 3000));
	EXPECT_EQ(len + 1, record[0]);
	EXPECT_EQ(0, record[1]);
	EXPECT_EQ(len, record[2]);
	EXPECT_EQ(0, memcmp(record + 3, name, len));
	tlv[2] = 18;
	ASSERT_EQ(0, dt_frame_send(node->v, node->packet,
				   dt_packet_write(node->packet, &packet)));
	ASSERT_LT(0, dt_frame_recv(node->w, node->got, 9000, 3000));
	EXPECT_EQ(18, record[0]);
	EXPECT_EQ(1, record[1]);
}

TEST_F(opt, fragments_beyond_the_link)
{
	static char large[1501];
	const struct damc_hdr *hdr = (void *)self->node.got;
	ssize_t len = sizeof(*hdr) + 6 + 2;
	int i;

	len = 1500 - ((len + 3) & ~3);
	EXPECT_EQ(len, dt_send(self->s, "/far/x", large, len));
	EXPECT_EQ(1500, dt_frame_recv(self->node.w, self->node.got, 9000, 3000));
	EXPECT_EQ(DAMC_PROTO_MESSAGE, hdr->next_proto);
	EXPECT_EQ(len + 1, dt_send(self->s, "/far/x", large, len + 1));
	for (i = 0; i < 2; i++) {
		EXPECT_GE(1500, dt_frame_recv(self->node.w, self->node.got, 9000,
					      3000));
		EXPECT_EQ(DAMC_PROTO_FRAGMENT, hdr->next_proto);
	}
	EXPECT_EQ(0, dt_node_grew(&self->node, DAMC_A_STATS_DROP_TOO_BIG));
}

/* Next protocol control is not cut: it must fit. */
TEST_F(opt, too_big)
{
	static char large[1500];
	const struct damc_hdr *hdr = (void *)self->node.got;
	ssize_t header = sizeof(*hdr) + 6 + 2;
	int fd = dt_bound(DAMC_PROTO_CONTROL, "/c");

	ASSERT_GE(fd, 0);
	header = (header + 3) & ~3;
	EXPECT_ERRNO(EMSGSIZE, dt_send(fd, "/far/x", large, 1500 - header + 1));
	EXPECT_EQ(1500 - header, dt_send(fd, "/far/x", large, 1500 - header));
	EXPECT_EQ(1500, dt_frame_recv(self->node.w, self->node.got, 9000, 3000));
	EXPECT_EQ(1, dt_node_grew(&self->node, DAMC_A_STATS_DROP_TOO_BIG));
	close(fd);
}

/* A refusal, from the far link's node, of what @self->s sent last. */
static int refuse(struct dt_node *node, uint8_t code, uint32_t info)
{
	uint8_t payload[2000] = { code };
	ssize_t len = dt_frame_recv(node->w, payload + 8, 1900, 3000);

	if (len < 0)
		return -1;
	info = htonl(info);
	memcpy(payload + 4, &info, sizeof(info));
	if (len > 200)
		len = 200;
	len = dt_packet_write(node->packet, &(struct dt_packet){
		.dst = "/s", .src = "/damc/node/z", .proto = DAMC_PROTO_ERROR,
		.payload = payload, .payload_len = 8 + len });
	return dt_frame_send(node->w, node->packet, len);
}

TEST_F(opt, remote_refusal_of_connected)
{
	static const struct {
		int code, number;
	} codes[] = {
		{ DAMC_ERROR_CODE_NO_ROUTE, EHOSTUNREACH },
		{ DAMC_ERROR_CODE_HOP_LIMIT, EHOSTUNREACH },
		{ DAMC_ERROR_CODE_NO_RESOURCES, ENOBUFS },
		{ DAMC_ERROR_CODE_PROHIBITED, EACCES },
		{ DAMC_ERROR_CODE_TOO_BIG, EMSGSIZE },
		{ DAMC_ERROR_CODE_MALFORMED, EPROTO },
		{ DAMC_ERROR_CODE_NO_INSTANCE, EHOSTUNREACH },
		{ DAMC_ERROR_CODE_PIN_LOST, ECONNRESET },
		{ DAMC_ERROR_CODE_NO_LISTENER, ECONNREFUSED },
		{ 255, EHOSTUNREACH }, { 0, EHOSTUNREACH },
	};
	char c;
	size_t i;

	ASSERT_EQ(0, do_connect(self->s, "/far/x"));
	for (i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
		ASSERT_EQ(1, send(self->s, "x", 1, 0));
		ASSERT_EQ(0, refuse(&self->node, codes[i].code, 0));
		EXPECT_ERRNO(codes[i].number, recv(self->s, &c, 1, MSG_DONTWAIT));
	}
	EXPECT_ERRNO(EAGAIN, recv(self->s, &c, 1, MSG_DONTWAIT));
	/* The next send fails in the same way. */
	ASSERT_EQ(1, send(self->s, "x", 1, 0));
	ASSERT_EQ(0, refuse(&self->node, DAMC_ERROR_CODE_NO_LISTENER, 0));
	EXPECT_ERRNO(ECONNREFUSED, send(self->s, "x", 1, 0));
	EXPECT_EQ(1, send(self->s, "x", 1, 0));
}

/* A label given with one message is as good as the socket's own. */
TEST_F(opt, refusal_under_another_flow_label)
{
	struct sockaddr_damc sa;
	socklen_t len = dt_addr(&sa, "/far/x", 0x1234);
	char c;

	ASSERT_EQ(0, do_connect(self->s, "/far/x"));
	ASSERT_EQ(1, sendto(self->s, "x", 1, 0, (void *)&sa, len));
	ASSERT_EQ(0, refuse(&self->node, DAMC_ERROR_CODE_PROHIBITED, 0));
	EXPECT_ERRNO(EACCES, recv(self->s, &c, 1, MSG_DONTWAIT));
}

TEST_F(opt, remote_refusal_of_unconnected)
{
	struct received got;
	char c;

	ASSERT_EQ(1, dt_send(self->s, "/far/x", "x", 1));
	ASSERT_EQ(0, refuse(&self->node, DAMC_ERROR_CODE_NO_ROUTE, 0));
	EXPECT_EQ(1, dt_node_grew(&self->node, DAMC_A_STATS_ERRORS_RECEIVED));
	EXPECT_ERRNO(EAGAIN, recv(self->s, &c, 1, MSG_DONTWAIT));
	EXPECT_EQ(-1, receive(self->s, &got, MSG_ERRQUEUE));
}

TEST_F(opt, error_queue)
{
	struct received got;
	char c;

	ASSERT_EQ(0, set(self->s, DAMC_RECVERR, 1));
	ASSERT_EQ(5, dt_send(self->s, "/far/x", "quote", 5));
	ASSERT_EQ(0, refuse(&self->node, DAMC_ERROR_CODE_TOO_BIG, 1234));
	/* It fails no other call. */
	EXPECT_ERRNO(EAGAIN, recv(self->s, &c, 1, MSG_DONTWAIT));
	ASSERT_EQ(5, receive(self->s, &got, MSG_ERRQUEUE));
	EXPECT_TRUE(got.flags & MSG_ERRQUEUE);
	EXPECT_EQ(0, memcmp(got.data, "quote", 5));
	EXPECT_TRUE(dt_addr_is(&got.name, "/far/x"));
	ASSERT_TRUE(got.has_err);
	EXPECT_EQ(EMSGSIZE, got.err.errno_code);
	EXPECT_EQ(DAMC_ERROR_CODE_TOO_BIG, got.err.code);
	EXPECT_EQ(1234, got.err.info);
	EXPECT_EQ(0, got.err.reserved);
	EXPECT_TRUE(dt_addr_is(&got.err.offender, "/damc/node/z"));
	EXPECT_ERRNO(EAGAIN, receive(self->s, &got, MSG_ERRQUEUE));
}

/* Neither more errors than the buffer holds, nor any after the close. */
TEST_F(opt, error_queue_is_bounded)
{
	struct received got;
	int small = 1, i, n = 0;

	ASSERT_EQ(0, set(self->s, DAMC_RECVERR, 1));
	ASSERT_EQ(0, setsockopt(self->s, SOL_SOCKET, SO_RCVBUF, &small,
				sizeof(small)));
	for (i = 0; i < 50; i++) {
		ASSERT_EQ(1, dt_send(self->s, "/far/x", "x", 1));
		ASSERT_EQ(0, refuse(&self->node, DAMC_ERROR_CODE_NO_ROUTE, 0));
	}
	while (receive(self->s, &got, MSG_ERRQUEUE) >= 0)
		n++;
	EXPECT_LT(0, n);
	EXPECT_GT(50, n);
	EXPECT_EQ(0, dt_stats(&self->node.nl, self->node.after));
	EXPECT_EQ(0, dt_stats_balance(self->node.after));
	ASSERT_EQ(1, dt_send(self->s, "/far/x", "x", 1));
	close(self->s);
	EXPECT_EQ(0, refuse(&self->node, DAMC_ERROR_CODE_NO_ROUTE, 0));
	EXPECT_LT(0, dt_node_grew(&self->node, DAMC_A_STATS_DROP_NO_ROUTE));
	self->s = -1;
}

/* What waits in a link's queue is charged to its sender. */
TEST_F(opt, send_buffer_full)
{
	int small = 1, n = 0, sent = 0;

	ASSERT_EQ(0, dt_run("tc qdisc replace dev w0 root tbf %s",
			    "rate 1kbit burst 1600 limit 1000000"));
	ASSERT_EQ(0, setsockopt(self->s, SOL_SOCKET, SO_SNDBUF, &small,
				sizeof(small)));
	ASSERT_EQ(0, do_connect(self->s, "/far/x"));
	while (sent < 1000 && send(self->s, "x", 1, MSG_DONTWAIT) == 1)
		sent++;
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_LT(0, sent);
	EXPECT_GT(1000, sent);
	EXPECT_EQ(0, ioctl(self->s, SIOCOUTQ, &n));
	EXPECT_LT(0, n);
	/* The link lets go of them: there is room again. */
	ASSERT_EQ(0, dt_run("tc qdisc del dev w0 root"));
	EXPECT_EQ(0, ioctl(self->s, SIOCOUTQ, &n));
	EXPECT_EQ(0, n);
	EXPECT_EQ(1, send(self->s, "x", 1, MSG_DONTWAIT));
}

/* Packets of a socket that is gone still wait in the link's queue. */
TEST_F(opt, close_with_packets_queued)
{
	int n;

	ASSERT_EQ(0, dt_run("tc qdisc replace dev w0 root netem delay 300ms"));
	for (n = 0; n < 10; n++)
		ASSERT_EQ(1, dt_send(self->s, "/far/x", "x", 1));
	close(self->s);
	self->s = dt_bound(0, "/s");
	EXPECT_LE(0, self->s);
	for (n = 0; n < 10; n++)
		EXPECT_LT(0, dt_frame_recv(self->node.w, self->node.got, 9000,
					   3000));
}

TEST_HARNESS_MAIN
