// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <linux/pkt_sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node.h"
#include "wire.h"

/* A neighbour's hop limit, which no router has decremented. */
#define HOP_LIMIT 255

/* Packets taken before they are answered, and others have their turn. */
#define TAKE 16

#define RECEIVE_BUFFER (2 * 1024 * 1024)

struct wire {
	struct daemon *daemon;
	wire_came came;
	void (*drained)(void *arg);
	void *arg;
	int fd;
	struct event *event;
	struct sockaddr_damc sa;
	socklen_t sa_len;
	struct wire_counts counts;
};

static void take(struct wire *wire, struct msghdr *msg, const void *packet,
		 size_t len)
{
	struct damc_lladdr from = { 0 };
	struct damc_pktinfo info;

	wire->counts.rx++;
	if (damc_pktinfo(&info, msg) || !info.ifindex ||
	    info.hop_limit != HOP_LIMIT ||
	    info.lladdr_len > sizeof(from.addr)) {
		wire->counts.far++;
		return;
	}
	if (msg->msg_flags & MSG_TRUNC) {
		wire->counts.cut++;
		return;
	}
	from.len = info.lladdr_len;
	memcpy(from.addr, info.lladdr, from.len);
	wire->came(wire->arg, info.ifindex, &from, packet, len);
}

static bool receive(struct wire *wire)
{
	char control[CMSG_SPACE(sizeof(struct damc_pktinfo)) + 64]
		__attribute__((aligned(8)));
	uint8_t packet[DC_PACKET_MAX + 1];
	struct iovec iov = { packet, sizeof(packet) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	ssize_t len = recvmsg(wire->fd, &msg, MSG_DONTWAIT);

	if (len < 0)
		return errno == EINTR;
	take(wire, &msg, packet, len);
	return true;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct wire *wire = arg;
	int i;

	(void)fd;
	(void)what;
	for (i = 0; i < TAKE && receive(wire); i++)
		;
	if (wire->drained)
		wire->drained(wire->arg);
}

static int set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

static int open_socket(struct wire *wire, const char *text)
{
	struct damc_name name;

	damc_name_parse(&name, text, NULL);
	wire->fd = damc_socket(DAMC_PROTO_CONTROL);
	if (wire->fd < 0)
		return wire->fd;
	wire->sa_len = damc_sockaddr(&wire->sa, &name);
	/* The buffers and the class are a matter of speed alone. */
	set(wire->fd, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER);
	set(wire->fd, SOL_SOCKET, SO_PRIORITY, TC_PRIO_CONTROL);
	if (set(wire->fd, SOL_DAMC, DAMC_RECVPKTINFO, 1) ||
	    bind(wire->fd, (void *)&wire->sa, wire->sa_len))
		return -errno;
	return 0;
}

struct wire *wire_new(struct daemon *daemon, const char *name, wire_came came,
		      void (*drained)(void *arg), void *arg)
{
	struct wire *wire = calloc(1, sizeof(*wire));
	int err;

	if (!wire)
		return NULL;
	wire->daemon = daemon;
	wire->came = came;
	wire->drained = drained;
	wire->arg = arg;
	wire->fd = -1;
	err = open_socket(wire, name);
	if (!err) {
		wire->event = event_new(daemon->base, wire->fd,
					EV_READ | EV_PERSIST, on_readable,
					wire);
		if (wire->event && !event_add(wire->event, NULL))
			return wire;
		err = -ENOMEM;
	}
	wire_free(wire);
	errno = -err;
	return NULL;
}

void wire_send(struct wire *wire, uint32_t ifindex, const void *packet,
	       size_t len)
{
	char control[CMSG_SPACE(sizeof(struct damc_pktinfo))]
		__attribute__((aligned(8))) = { 0 };
	struct damc_pktinfo info = { .ifindex = ifindex };
	struct iovec iov = { (void *)packet, len };
	struct msghdr msg = {
		.msg_name = &wire->sa, .msg_namelen = wire->sa_len,
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_DAMC;
	cmsg->cmsg_type = DAMC_PKTINFO;
	cmsg->cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(cmsg), &info, sizeof(info));
	if (sendmsg(wire->fd, &msg, MSG_DONTWAIT) < 0)
		wire->counts.unsent++;
	else
		wire->counts.tx++;
}

const struct wire_counts *wire_counts(const struct wire *wire)
{
	return &wire->counts;
}

void wire_free(struct wire *wire)
{
	if (!wire)
		return;
	if (wire->event)
		event_free(wire->event);
	if (wire->fd >= 0)
		close(wire->fd);
	free(wire);
}
