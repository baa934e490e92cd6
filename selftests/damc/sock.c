// SPDX-License-Identifier: GPL-2.0
/* AF_DAMC sockets: making, binding, connecting, sending and receiving. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/capability.h>
#include <linux/sockios.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "../kselftest_harness.h"
#include "testlib.h"

/* Expect a call to fail with an errno. */
#define EXPECT_ERRNO(number, call) do {		\
	errno = 0;				\
	EXPECT_EQ(-1, (call));			\
	EXPECT_EQ(number, errno);		\
} while (0)

static int damc_socket(int protocol)
{
	return socket(AF_DAMC_DEFAULT, SOCK_DGRAM, protocol);
}

/* Give up every capability. */
static int drop_capabilities(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = {};

	return syscall(SYS_capset, &header, data);
}

/* A namespace without a name. */
FIXTURE(sock) {
	struct sockaddr_damc sa;
	socklen_t len;
	int fd;
};

FIXTURE_SETUP(sock)
{
	ASSERT_GE(dt_netns_new(), 0);
	ASSERT_EQ(0, dt_run("ip link set lo up"));
	self->fd = damc_socket(0);
	ASSERT_GE(self->fd, 0);
	self->len = dt_addr(&self->sa, "/s", 0);
}

FIXTURE_TEARDOWN(sock)
{
	close(self->fd);
}

static int do_bind(int fd, const struct sockaddr_damc *sa, socklen_t len)
{
	return bind(fd, (const void *)sa, len);
}

static int do_connect(int fd, const char *peer, uint32_t flow)
{
	struct sockaddr_damc sa;
	socklen_t len = dt_addr(&sa, peer, flow);

	return connect(fd, (void *)&sa, len);
}

TEST_F(sock, types)
{
	EXPECT_ERRNO(ESOCKTNOSUPPORT, socket(AF_DAMC_DEFAULT, SOCK_STREAM, 0));
	EXPECT_ERRNO(ESOCKTNOSUPPORT, socket(AF_DAMC_DEFAULT, SOCK_RAW, 0));
	EXPECT_ERRNO(ESOCKTNOSUPPORT, socket(AF_DAMC_DEFAULT, SOCK_SEQPACKET, 0));
}

TEST_F(sock, protocols)
{
	static const int refused[] = { 3, 4, 6, 41, 255, 256, 1 << 20, -1 };
	size_t i;
	int fd;

	for (i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		EXPECT_EQ(-1, damc_socket(refused[i]));
		EXPECT_TRUE(errno == EPROTONOSUPPORT || errno == EINVAL);
	}
	for (i = 1; i <= 5; i += i == 2 ? 3 : 1) {
		fd = damc_socket(i);
		EXPECT_GE(fd, 0);
		close(fd);
	}
}

TEST_F(sock, control_wants_capability)
{
	ASSERT_EQ(0, drop_capabilities());
	EXPECT_ERRNO(EPERM, damc_socket(DAMC_PROTO_CONTROL));
	EXPECT_LE(0, damc_socket(DAMC_PROTO_ECHO));
	EXPECT_LE(0, damc_socket(0));
}

TEST_F(sock, socket_calls_not_supported)
{
	int pair[2];

	EXPECT_EQ(-1, listen(self->fd, 1));
	EXPECT_EQ(-1, accept(self->fd, NULL, NULL));
	EXPECT_EQ(-1, socketpair(AF_DAMC_DEFAULT, SOCK_DGRAM, 0, pair));
	EXPECT_EQ(-1, shutdown(self->fd, SHUT_RDWR));
}

TEST_F(sock, bind_short_address)
{
	socklen_t len;

	for (len = 0; len < self->len; len++)
		EXPECT_ERRNO(EINVAL, do_bind(self->fd, &self->sa, len));
	EXPECT_ERRNO(EINVAL, do_bind(self->fd, &self->sa, 129));
	EXPECT_EQ(0, do_bind(self->fd, &self->sa, sizeof(self->sa)));
}

TEST_F(sock, bind_what_must_be_zero)
{
	struct sockaddr_damc sa = self->sa;

	sa.sdamc_family = AF_INET;
	EXPECT_ERRNO(EAFNOSUPPORT, do_bind(self->fd, &sa, self->len));
	sa = self->sa;
	sa.sdamc_flags = 1;
	EXPECT_ERRNO(EINVAL, do_bind(self->fd, &sa, self->len));
	sa = self->sa;
	sa.sdamc_ifindex = 1;
	EXPECT_ERRNO(EINVAL, do_bind(self->fd, &sa, self->len));
	sa = self->sa;
	sa.sdamc_flow = 1;
	EXPECT_ERRNO(EINVAL, do_bind(self->fd, &sa, self->len));
	sa = self->sa;
	sa.sdamc_reserved = 1;
	EXPECT_ERRNO(EINVAL, do_bind(self->fd, &sa, self->len));
	EXPECT_EQ(0, do_bind(self->fd, &self->sa, self->len));
}

TEST_F(sock, bind_malformed_name)
{
	struct sockaddr_damc sa = self->sa;

	sa.sdamc_name[0] = 0;
	EXPECT_ERRNO(EINVAL, do_bind(self->fd, &sa, self->len));
	sa.sdamc_name[0] = 2;
	EXPECT_ERRNO(EINVAL, do_bind(self->fd, &sa, self->len));
	sa.sdamc_name[0] = 255;
	EXPECT_ERRNO(EINVAL, do_bind(self->fd, &sa, self->len));
	sa.sdamc_nlen = 113;
	EXPECT_ERRNO(EINVAL, do_bind(self->fd, &sa, sizeof(sa)));
	sa.sdamc_nlen = 255;
	EXPECT_ERRNO(EINVAL, do_bind(self->fd, &sa, sizeof(sa)));
	/* 33 components of one byte. */
	memset(sa.sdamc_name, 1, sizeof(sa.sdamc_name));
	sa.sdamc_nlen = 66;
	EXPECT_ERRNO(EINVAL, do_bind(self->fd, &sa, sizeof(sa)));
}

TEST_F(sock, bind_lengths)
{
	struct sockaddr_damc sa = self->sa;

	sa.sdamc_nlen = 0;
	EXPECT_ERRNO(EADDRNOTAVAIL, do_bind(self->fd, &sa, DAMC_SOCKADDR_MIN));
	memset(sa.sdamc_name, 'x', sizeof(sa.sdamc_name));
	sa.sdamc_name[0] = 64;
	sa.sdamc_nlen = 65;
	EXPECT_ERRNO(ENAMETOOLONG, do_bind(self->fd, &sa, sizeof(sa)));
	sa.sdamc_name[0] = 63;
	sa.sdamc_name[64] = 36;
	sa.sdamc_nlen = 101;
	EXPECT_ERRNO(ENAMETOOLONG, do_bind(self->fd, &sa, sizeof(sa)));
	sa.sdamc_name[64] = 35;
	sa.sdamc_nlen = 100;
	EXPECT_EQ(0, do_bind(self->fd, &sa, sizeof(sa)));
}

static int bind_text(const char *text)
{
	int fd = dt_bound(0, text), err = errno;

	if (fd < 0)
		return err;
	close(fd);
	return 0;
}

TEST_F(sock, bind_reserved)
{
	static const char * const names[] = {
		"/damc", "/damc/x", "/localhost", "/localhost/x", "/localhop/x",
	};
	int i;

	for (i = 0; i < 5; i++)
		EXPECT_EQ(0, bind_text(names[i]));
	ASSERT_EQ(0, drop_capabilities());
	for (i = 0; i < 5; i++)
		EXPECT_EQ(EACCES, bind_text(names[i]));
	EXPECT_EQ(0, bind_text("/damcx"));
	EXPECT_EQ(0, bind_text("/x/damc"));
}

TEST_F(sock, bind_taken_and_free_again)
{
	ASSERT_EQ(0, do_bind(self->fd, &self->sa, self->len));
	EXPECT_EQ(EADDRINUSE, bind_text("/s"));
	EXPECT_EQ(0, bind_text("/s/below"));
	dt_addr(&self->sa, "/t", 0);
	EXPECT_ERRNO(EINVAL, do_bind(self->fd, &self->sa, self->len));
	close(self->fd);
	EXPECT_EQ(0, bind_text("/s"));
	self->fd = -1;
}

TEST_F(sock, bind_where_a_route_is)
{
	ASSERT_EQ(0, dt_damc("route add /s unreachable\n"));
	EXPECT_EQ(EADDRINUSE, bind_text("/s"));
	ASSERT_EQ(0, dt_damc("route del /s\n"));
	EXPECT_EQ(0, bind_text("/s"));
}

TEST_F(sock, names)
{
	struct sockaddr_damc sa;
	socklen_t len = sizeof(sa);

	memset(&sa, 0xff, sizeof(sa));
	ASSERT_EQ(0, getsockname(self->fd, (void *)&sa, &len));
	EXPECT_EQ(DAMC_SOCKADDR_MIN, len);
	EXPECT_TRUE(dt_addr_is(&sa, "/"));
	EXPECT_ERRNO(ENOTCONN, getpeername(self->fd, (void *)&sa, &len));
	ASSERT_EQ(0, do_bind(self->fd, &self->sa, self->len));
	ASSERT_EQ(0, do_connect(self->fd, "/peer/1", 99));
	len = sizeof(sa);
	ASSERT_EQ(0, getsockname(self->fd, (void *)&sa, &len));
	EXPECT_EQ(self->len, len);
	EXPECT_TRUE(dt_addr_is(&sa, "/s"));
	len = sizeof(sa);
	ASSERT_EQ(0, getpeername(self->fd, (void *)&sa, &len));
	EXPECT_TRUE(dt_addr_is(&sa, "/peer/1"));
	EXPECT_EQ(99, sa.sdamc_flow);
	/* A short buffer gets what fits, and is told how much there was. */
	len = 4;
	ASSERT_EQ(0, getpeername(self->fd, (void *)&sa, &len));
	EXPECT_EQ(DAMC_SOCKADDR_MIN + 7, len);
}

TEST_F(sock, unbound_needs_a_name)
{
	EXPECT_ERRNO(EADDRNOTAVAIL, dt_send(self->fd, "/x", "", 0));
	EXPECT_ERRNO(EADDRNOTAVAIL, do_connect(self->fd, "/x", 0));
	ASSERT_EQ(0, dt_damc("info set name /pod/a/1\n"));
	EXPECT_ERRNO(EHOSTUNREACH, dt_send(self->fd, "/x", "", 0));
	EXPECT_EQ(0, do_connect(self->fd, "/x", 0));
}

TEST_F(sock, ephemeral_name)
{
	struct sockaddr_damc sa, other;
	socklen_t len = sizeof(sa);
	int fd = damc_socket(0);
	uint8_t wire[112], n = dt_wire("/pod/a/1", wire);

	ASSERT_EQ(0, dt_damc("info set name /pod/a/1\n"));
	ASSERT_EQ(0, do_connect(self->fd, "/x", 0));
	ASSERT_EQ(0, do_connect(fd, "/x", 0));
	ASSERT_EQ(0, getsockname(self->fd, (void *)&sa, &len));
	len = sizeof(other);
	ASSERT_EQ(0, getsockname(fd, (void *)&other, &len));
	EXPECT_EQ(n + 10, sa.sdamc_nlen);
	EXPECT_EQ(0, memcmp(sa.sdamc_name, wire, n));
	EXPECT_EQ(9, sa.sdamc_name[n]);
	EXPECT_EQ('~', sa.sdamc_name[n + 1]);
	EXPECT_NE(0, memcmp(sa.sdamc_name, other.sdamc_name, n + 10));
	/* It has a name now: bind() is too late. */
	EXPECT_ERRNO(EINVAL, do_bind(fd, &self->sa, self->len));
	close(fd);
}

TEST_F(sock, ephemeral_is_answered)
{
	struct sockaddr_damc from;
	int fd = damc_socket(0);
	char got;

	ASSERT_EQ(0, dt_damc("info set name /pod/a/1\n"));
	ASSERT_EQ(0, do_bind(self->fd, &self->sa, self->len));
	ASSERT_EQ(1, dt_send(fd, "/s", "?", 1));
	ASSERT_EQ(1, dt_recv(self->fd, &got, 1, &from));
	ASSERT_EQ(1, sendto(self->fd, "!", 1, 0, (void *)&from, sizeof(from)));
	ASSERT_EQ(1, dt_recv(fd, &got, 1, &from));
	EXPECT_EQ('!', got);
	EXPECT_TRUE(dt_addr_is(&from, "/s"));
	close(fd);
}

/* Two sockets, /s and /t. */
FIXTURE(pair) {
	int s, t;
	char got[70000];
	struct sockaddr_damc from;
	struct dt_nl nl;
	uint64_t stats[DAMC_A_STATS_MAX + 1];
};

FIXTURE_SETUP(pair)
{
	ASSERT_GE(dt_netns_new(), 0);
	ASSERT_EQ(0, dt_nl_open(&self->nl));
	self->s = dt_bound(0, "/s");
	self->t = dt_bound(0, "/t");
	ASSERT_GE(self->s, 0);
	ASSERT_GE(self->t, 0);
}

FIXTURE_TEARDOWN(pair)
{
	close(self->s);
	close(self->t);
	close(self->nl.fd);
}

TEST_F(pair, content_and_source)
{
	ASSERT_EQ(5, dt_send(self->s, "/t", "hello", 5));
	ASSERT_EQ(5, dt_recv(self->t, self->got, 100, &self->from));
	EXPECT_EQ(0, memcmp(self->got, "hello", 5));
	EXPECT_TRUE(dt_addr_is(&self->from, "/s"));
	EXPECT_NE(0, self->from.sdamc_flow);
}

TEST_F(pair, flow_label)
{
	struct sockaddr_damc sa;
	socklen_t len = dt_addr(&sa, "/t", 0xdeadbeef);

	ASSERT_EQ(1, sendto(self->s, "x", 1, 0, (void *)&sa, len));
	ASSERT_EQ(1, dt_recv(self->t, self->got, 1, &self->from));
	EXPECT_EQ(0xdeadbeef, self->from.sdamc_flow);
	ASSERT_EQ(0, do_connect(self->s, "/t", 0x1234));
	ASSERT_EQ(1, send(self->s, "x", 1, 0));
	ASSERT_EQ(1, dt_recv(self->t, self->got, 1, &self->from));
	EXPECT_EQ(0x1234, self->from.sdamc_flow);
}

TEST_F(pair, below_the_name)
{
	ASSERT_EQ(1, dt_send(self->s, "/t/a/b/c", "x", 1));
	EXPECT_EQ(1, dt_recv(self->t, self->got, 1, NULL));
	EXPECT_ERRNO(EHOSTUNREACH, dt_send(self->s, "/tt", "x", 1));
}

TEST_F(pair, empty_datagram)
{
	ASSERT_EQ(0, dt_send(self->s, "/t", "", 0));
	EXPECT_EQ(0, dt_recv(self->t, self->got, 1, &self->from));
	EXPECT_TRUE(dt_addr_is(&self->from, "/s"));
	EXPECT_ERRNO(EAGAIN, recv(self->t, self->got, 1, MSG_DONTWAIT));
}

TEST_F(pair, peek)
{
	ASSERT_EQ(3, dt_send(self->s, "/t", "abc", 3));
	EXPECT_EQ(3, recv(self->t, self->got, 10, MSG_PEEK));
	EXPECT_EQ(2, recv(self->t, self->got, 2, MSG_PEEK));
	EXPECT_EQ(3, recv(self->t, self->got, 10, 0));
	EXPECT_ERRNO(EAGAIN, recv(self->t, self->got, 1,
				  MSG_PEEK | MSG_DONTWAIT));
}

/* As a flag, the length there was; in the answer, that not all was given. */
TEST_F(pair, truncation)
{
	struct iovec iov = { self->got, 4 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	ASSERT_EQ(8, dt_send(self->s, "/t", "01234567", 8));
	EXPECT_EQ(8, recvmsg(self->t, &msg, MSG_TRUNC | MSG_PEEK));
	EXPECT_TRUE(msg.msg_flags & MSG_TRUNC);
	EXPECT_EQ(4, recvmsg(self->t, &msg, 0));
	EXPECT_TRUE(msg.msg_flags & MSG_TRUNC);
	ASSERT_EQ(4, dt_send(self->s, "/t", "0123", 4));
	EXPECT_EQ(4, recvmsg(self->t, &msg, 0));
	EXPECT_FALSE(msg.msg_flags & MSG_TRUNC);
}

TEST_F(pair, wait_and_no_wait)
{
	struct timeval soon = { .tv_usec = 50000 };

	EXPECT_ERRNO(EAGAIN, recv(self->t, self->got, 1, MSG_DONTWAIT));
	ASSERT_EQ(0, setsockopt(self->t, SOL_SOCKET, SO_RCVTIMEO, &soon,
				sizeof(soon)));
	EXPECT_ERRNO(EAGAIN, recv(self->t, self->got, 1, 0));
	ASSERT_EQ(0, fcntl(self->t, F_SETFL, O_NONBLOCK));
	EXPECT_ERRNO(EAGAIN, recv(self->t, self->got, 1, 0));
}

TEST_F(pair, epoll)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int fd = epoll_create1(0);

	ASSERT_EQ(0, epoll_ctl(fd, EPOLL_CTL_ADD, self->t, &event));
	EXPECT_EQ(0, epoll_wait(fd, &event, 1, 0));
	ASSERT_EQ(1, dt_send(self->s, "/t", "x", 1));
	EXPECT_EQ(1, epoll_wait(fd, &event, 1, 3000));
	EXPECT_TRUE(event.events & EPOLLIN);
	EXPECT_EQ(1, recv(self->t, self->got, 1, MSG_DONTWAIT));
	event.events = EPOLLOUT;
	ASSERT_EQ(0, epoll_ctl(fd, EPOLL_CTL_MOD, self->t, &event));
	EXPECT_EQ(1, epoll_wait(fd, &event, 1, 0));
	close(fd);
}

TEST_F(pair, largest)
{
	char *large = calloc(1, 65536);
	int max = DAMC_MESSAGE_MAX;

	EXPECT_ERRNO(EMSGSIZE, dt_send(self->s, "/t", large, max + 1));
	EXPECT_EQ(max, dt_send(self->s, "/t", large, max));
	EXPECT_EQ(max, dt_recv(self->t, self->got, 70000, NULL));
	free(large);
}

TEST_F(pair, many_messages_a_call)
{
	struct mmsghdr msgs[3] = {};
	struct iovec iov = { "x", 1 };
	struct sockaddr_damc sa;
	int i;

	for (i = 0; i < 3; i++) {
		msgs[i].msg_hdr.msg_name = &sa;
		msgs[i].msg_hdr.msg_namelen = dt_addr(&sa, "/t", 0);
		msgs[i].msg_hdr.msg_iov = &iov;
		msgs[i].msg_hdr.msg_iovlen = 1;
	}
	EXPECT_EQ(3, sendmmsg(self->s, msgs, 3, 0));
	iov.iov_base = self->got;
	EXPECT_EQ(3, recvmmsg(self->t, msgs, 3, MSG_DONTWAIT, NULL));
}

TEST_F(pair, connected_hears_its_peer)
{
	int u = dt_bound(0, "/u");

	ASSERT_EQ(0, do_connect(self->t, "/s", 0));
	EXPECT_ERRNO(ECONNREFUSED, dt_send(u, "/t", "u", 1));
	EXPECT_EQ(1, dt_send(self->s, "/t", "s", 1));
	EXPECT_EQ(1, dt_recv(self->t, self->got, 1, NULL));
	EXPECT_EQ('s', self->got[0]);
	/* And hears everyone again. */
	self->from.sdamc_family = AF_UNSPEC;
	ASSERT_EQ(0, connect(self->t, (void *)&self->from, 2));
	EXPECT_EQ(1, dt_send(u, "/t", "u", 1));
	EXPECT_ERRNO(EDESTADDRREQ, send(self->t, "x", 1, 0));
	close(u);
}

TEST_F(pair, connect_refusals)
{
	struct sockaddr_damc sa;
	socklen_t len = dt_addr(&sa, "/t", 0);

	EXPECT_ERRNO(EINVAL, connect(self->s, (void *)&sa, len - 1));
	EXPECT_ERRNO(EINVAL, connect(self->s, (void *)&sa, 1));
	EXPECT_ERRNO(EDESTADDRREQ, do_connect(self->s, "/", 0));
	sa.sdamc_family = AF_INET;
	EXPECT_ERRNO(EAFNOSUPPORT, connect(self->s, (void *)&sa, len));
}

TEST_F(pair, local_refusal)
{
	ASSERT_EQ(0, dt_damc("route add /no/listener local\n"
			     "route add /no/access prohibit\n"
			     "route add /no/way unreachable\n"));
	EXPECT_ERRNO(ECONNREFUSED, dt_send(self->s, "/no/listener", "", 0));
	EXPECT_ERRNO(EACCES, dt_send(self->s, "/no/access", "", 0));
	EXPECT_ERRNO(EHOSTUNREACH, dt_send(self->s, "/no/way", "", 0));
	EXPECT_ERRNO(EHOSTUNREACH, dt_send(self->s, "/none", "", 0));
	EXPECT_ERRNO(EDESTADDRREQ, dt_send(self->s, "/", "", 0));
	ASSERT_EQ(0, dt_stats(&self->nl, self->stats));
	EXPECT_EQ(0, self->stats[DAMC_A_STATS_ERRORS_SENT]);
	EXPECT_EQ(0, dt_stats_balance(self->stats));
}

TEST_F(pair, other_protocol)
{
	int echo = dt_bound(DAMC_PROTO_ECHO, "/e");

	EXPECT_ERRNO(ECONNREFUSED, dt_send(self->s, "/e", "x", 1));
	/* The kernel answers for /t, whatever it speaks. */
	EXPECT_EQ(4, dt_send(echo, "/t", "ping", 4));
	EXPECT_EQ(4, dt_recv(echo, self->got, 100, &self->from));
	EXPECT_EQ(0, memcmp(self->got, "ping", 4));
	EXPECT_TRUE(dt_addr_is(&self->from, "/t"));
	EXPECT_FALSE(dt_readable(self->t, 0));
	close(echo);
}

TEST_F(pair, receive_buffer_full)
{
	int small = 1, i, told = 0;

	ASSERT_EQ(0, setsockopt(self->t, SOL_SOCKET, SO_RCVBUF, &small,
				sizeof(small)));
	for (i = 0; i < 100; i++) {
		if (dt_send(self->s, "/t", "x", 1) == 1)
			continue;
		EXPECT_EQ(ENOBUFS, errno);
		told++;
	}
	for (i = 0; recv(self->t, self->got, 1, MSG_DONTWAIT) == 1; i++)
		;
	EXPECT_LT(0, i);
	EXPECT_GT(100, i);
	ASSERT_EQ(0, dt_stats(&self->nl, self->stats));
	EXPECT_EQ(100 - i, told);
	EXPECT_EQ(100 - i, self->stats[DAMC_A_STATS_DROP_RCVBUF]);
	EXPECT_EQ(i, self->stats[DAMC_A_STATS_DELIVERED]);
	/* Emptied, it takes more. */
	EXPECT_EQ(1, dt_send(self->s, "/t", "x", 1));
	EXPECT_EQ(1, dt_recv(self->t, self->got, 1, NULL));
}

TEST_F(pair, queues_are_told)
{
	int n = -1;

	EXPECT_EQ(0, ioctl(self->t, SIOCINQ, &n));
	EXPECT_EQ(0, n);
	ASSERT_EQ(7, dt_send(self->s, "/t", "1234567", 7));
	ASSERT_EQ(2, dt_send(self->s, "/t", "12", 2));
	EXPECT_EQ(0, ioctl(self->t, SIOCINQ, &n));
	EXPECT_EQ(7, n);
	EXPECT_EQ(0, ioctl(self->s, SIOCOUTQ, &n));
	EXPECT_EQ(0, n);
	EXPECT_ERRNO(EFAULT, ioctl(self->s, SIOCINQ, NULL));
	EXPECT_ERRNO(ENOTTY, ioctl(self->s, 0x12345, &n));
}

TEST_F(pair, unsupported_flags)
{
	static const int send_flags[] = {
		MSG_OOB, MSG_MORE, MSG_DONTROUTE, MSG_FASTOPEN, MSG_ZEROCOPY,
	};
	size_t i;

	ASSERT_EQ(0, do_connect(self->s, "/t", 0));
	for (i = 0; i < sizeof(send_flags) / sizeof(*send_flags); i++)
		EXPECT_ERRNO(EOPNOTSUPP, send(self->s, "x", 1, send_flags[i]));
	EXPECT_ERRNO(EOPNOTSUPP, recv(self->t, self->got, 1,
				      MSG_OOB | MSG_DONTWAIT));
	EXPECT_EQ(1, send(self->s, "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT));
}

TEST_F(pair, bad_memory)
{
	struct sockaddr_damc sa;
	socklen_t len = dt_addr(&sa, "/t", 0);

	EXPECT_ERRNO(EFAULT, sendto(self->s, (void *)8, 1, 0, (void *)&sa, len));
	EXPECT_ERRNO(EFAULT, sendto(self->s, "x", 1, 0, (void *)8, len));
	ASSERT_EQ(1, dt_send(self->s, "/t", "x", 1));
	EXPECT_ERRNO(EFAULT, recv(self->t, (void *)8, 1, 0));
	EXPECT_FALSE(dt_readable(self->t, 0));
}

/* A forked child's descriptor keeps the name; the last close frees it. */
TEST_F(pair, fork_keeps_the_name)
{
	int pipes[2];
	pid_t child;
	char c;

	ASSERT_EQ(0, pipe(pipes));
	child = fork();
	if (!child) {
		close(pipes[1]);
		_exit(read(pipes[0], &c, 1) != 0);
	}
	close(pipes[0]);
	close(self->t);
	EXPECT_EQ(EADDRINUSE, bind_text("/t"));
	EXPECT_EQ(1, dt_send(self->s, "/t", "x", 1));
	close(pipes[1]);
	waitpid(child, NULL, 0);
	EXPECT_EQ(0, bind_text("/t"));
	EXPECT_ERRNO(EHOSTUNREACH, dt_send(self->s, "/t", "x", 1));
	self->t = -1;
}

static void *send_until_told(void *arg)
{
	volatile int *stop = arg;
	int fd = dt_bound(0, "/sender");

	while (!*stop)
		dt_send(fd, "/closing", "x", 1);
	close(fd);
	return NULL;
}

/* A name whose socket comes and goes while it is sent to. */
TEST_F(pair, close_while_packets_arrive)
{
	volatile int stop = 0;
	pthread_t thread;
	int i, fd;

	ASSERT_EQ(0, pthread_create(&thread, NULL, send_until_told,
				    (void *)&stop));
	for (i = 0; i < 300; i++) {
		fd = dt_bound(0, "/closing");
		EXPECT_GE(fd, 0);
		if (i % 2)
			dt_readable(fd, 1);
		close(fd);
	}
	stop = 1;
	pthread_join(thread, NULL);
	ASSERT_EQ(0, dt_stats(&self->nl, self->stats));
	EXPECT_EQ(0, dt_stats_balance(self->stats));
	EXPECT_LT(0, self->stats[DAMC_A_STATS_DELIVERED]);
}

TEST_HARNESS_MAIN
