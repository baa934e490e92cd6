// SPDX-License-Identifier: GPL-2.0
/*
 * An echo socket without a kernel, for tests of ping and trace. It stands in
 * for the socket calls themselves, so that what is tested is the command's own
 * use of them. Three nodes are on the way to every target, and the target's
 * first component says what becomes of a request:
 *   /b       is answered
 *   /none    no route, at the second node
 *   /big     too big at the second node, 1280 bytes fit
 *   /lost    nothing comes
 *   /half    every second one is lost
 *   /dup     is answered twice
 *   /forged  is answered by somebody who doesn't know our mark
 *   /late    an answer to an earlier request comes in front of it
 *   /local   refused in this host, as sendto() tells it
 *   /short   an error that quotes nothing, and then the answer
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "damc.h"

#define NODES 3
#define QUEUE 64

struct packet {
	bool error;
	bool bare;
	struct damc_name from;
	uint32_t code;
	uint32_t info;
	size_t len;
	unsigned char data[2048];
};

static struct packet queue[QUEUE];
static unsigned int head, tail;
static int fd = -1;
static int hop_limit = 64, record, requests;
static bool pending_error;

int damc_socket(enum damc_proto proto)
{
	(void)proto;
	fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return fd;
}

socklen_t damc_sockaddr(struct sockaddr_damc *sa, const struct damc_name *name)
{
	memset(sa, 0, sizeof(*sa));
	sa->sdamc_nlen = name->len;
	memcpy(sa->sdamc_name, name->wire, name->len);
	return DAMC_SOCKADDR_MIN + name->len;
}

int damc_sockaddr_name(struct damc_name *name, const struct sockaddr_damc *sa,
		       socklen_t len)
{
	if (len < DAMC_SOCKADDR_MIN)
		return -EINVAL;
	name->len = sa->sdamc_nlen;
	memcpy(name->wire, sa->sdamc_name, name->len);
	return 0;
}

int setsockopt(int s, int level, int option, const void *value, socklen_t len)
{
	(void)s;
	if (level != SOL_DAMC || len != sizeof(int)) {
		errno = ENOPROTOOPT;
		return -1;
	}
	if (option == DAMC_HOP_LIMIT)
		memcpy(&hop_limit, value, len);
	if (option == DAMC_RECORD)
		memcpy(&record, value, len);
	return 0;
}

static struct packet *push(const void *data, size_t len)
{
	struct packet *packet = &queue[head++ % QUEUE];
	uint64_t one = 1;

	memset(packet, 0, sizeof(*packet));
	packet->len = len < sizeof(packet->data) ? len : sizeof(packet->data);
	memcpy(packet->data, data, packet->len);
	if (write(fd, &one, sizeof(one)) < 0)
		abort();
	return packet;
}

static struct damc_name router(unsigned int hop)
{
	struct damc_name name;

	damc_name_parse(&name, "/damc/node/n1", NULL);
	name.wire[name.len - 1] = '0' + hop;
	return name;
}

/* As the kernel does: the payload begins with the echo header. */
static void push_error(const void *data, size_t len, unsigned int hop,
		       uint32_t code, uint32_t info)
{
	unsigned char quote[2048] = { 0 };
	struct packet *packet;

	if (len > 128)
		len = 128;
	memcpy(quote + sizeof(struct damc_echo_hdr), data, len);
	packet = push(quote, len + sizeof(struct damc_echo_hdr));
	packet->error = true;
	packet->from = router(hop);
	packet->code = code;
	packet->info = info;
	pending_error = true;
}

static bool at(const struct sockaddr_damc *sa, const char *prefix)
{
	struct damc_name name, want;

	damc_sockaddr_name(&name, sa, sizeof(*sa));
	damc_name_parse(&want, prefix, NULL);
	return damc_name_below(&name, &want);
}

static void reply(const struct sockaddr_damc *sa, const void *data, size_t len)
{
	struct packet *packet = push(data, len);

	damc_sockaddr_name(&packet->from, sa, sizeof(*sa));
	if (at(sa, "/forged"))
		packet->data[0] ^= 1;
}

static void answer(const struct sockaddr_damc *sa, const void *data, size_t len)
{
	static unsigned char first[2048];

	if (requests == 1)
		memcpy(first, data, len < 2048 ? len : 2048);
	if (hop_limit <= NODES) {
		push_error(data, len, hop_limit, DAMC_ERROR_CODE_HOP_LIMIT, 0);
		return;
	}
	if (at(sa, "/lost") || (at(sa, "/half") && requests % 2))
		return;
	if (at(sa, "/late"))
		reply(sa, first, len);
	if (at(sa, "/short")) {
		push_error("", 0, 1, DAMC_ERROR_CODE_MALFORMED, 0);
		queue[(head - 1) % QUEUE].bare = true;
	}
	reply(sa, data, len);
	if (at(sa, "/dup"))
		reply(sa, data, len);
}

ssize_t sendto(int s, const void *data, size_t len, int flags,
	       const struct sockaddr *to, socklen_t to_len)
{
	const struct sockaddr_damc *sa = (const void *)to;

	(void)s;
	(void)flags;
	(void)to_len;
	/* An error that came meanwhile fails the next call, whatever it is. */
	if (pending_error) {
		pending_error = false;
		errno = EHOSTUNREACH;
		return -1;
	}
	if (at(sa, "/local")) {
		errno = ENETUNREACH;
		return -1;
	}
	requests++;
	if (at(sa, "/none") && hop_limit >= 2)
		push_error(data, len, 2, DAMC_ERROR_CODE_NO_ROUTE, 0);
	else if (at(sa, "/big") && hop_limit >= 2)
		push_error(data, len, 2, DAMC_ERROR_CODE_TOO_BIG, 1280);
	else
		answer(sa, data, len);
	return len;
}

static void put_cmsg(struct cmsghdr *cmsg, int type, const void *data,
		     size_t len)
{
	cmsg->cmsg_level = SOL_DAMC;
	cmsg->cmsg_type = type;
	cmsg->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(cmsg), data, len);
}

static void describe(struct msghdr *msg, const struct packet *packet)
{
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(msg);
	struct damc_sock_err err = {
		.code = packet->code, .info = packet->info,
	};
	/* Two nodes, and a third one whose length byte lies. */
	static const unsigned char path[] = {
		9, 1, 3, 2, 's', '1', 3, 2, 's', '2', 77, 1
	};
	int left = 64 - NODES;
	size_t used;

	memset(msg->msg_control, 0, msg->msg_controllen);
	if (packet->error) {
		damc_sockaddr(&err.offender, &packet->from);
		put_cmsg(cmsg, DAMC_RECVERR, &err, sizeof(err));
		msg->msg_controllen = CMSG_SPACE(sizeof(err));
		return;
	}
	put_cmsg(cmsg, DAMC_HOP_LIMIT, &left, sizeof(left));
	used = CMSG_SPACE(sizeof(left));
	if (record) {
		cmsg = (struct cmsghdr *)((char *)msg->msg_control + used);
		put_cmsg(cmsg, DAMC_RECORD, path, sizeof(path));
		used += CMSG_SPACE(sizeof(path));
	}
	msg->msg_controllen = used;
}

ssize_t recvmsg(int s, struct msghdr *msg, int flags)
{
	struct packet *packet = &queue[tail % QUEUE];
	uint64_t n;
	ssize_t len;

	if (tail == head || packet->error != !!(flags & MSG_ERRQUEUE)) {
		if (!(flags & MSG_ERRQUEUE) && pending_error) {
			pending_error = false;
			errno = EHOSTUNREACH;
			return -1;
		}
		errno = EAGAIN;
		return -1;
	}
	tail++;
	if (tail == head && read(s, &n, sizeof(n)) < 0)
		abort();
	len = packet->bare ? 0 : packet->len;
	memcpy(msg->msg_iov->iov_base, packet->data, len);
	msg->msg_namelen = damc_sockaddr(msg->msg_name, &packet->from);
	describe(msg, packet);
	return len;
}

int bind(int s, const struct sockaddr *addr, socklen_t len)
{
	(void)s;
	(void)addr;
	(void)len;
	return 0;
}
