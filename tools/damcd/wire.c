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

/* Where nothing that came was worth it, until the next look. */
#define REST_MS 5

#define RECEIVE_BUFFER (2 * 1024 * 1024)

/* Where a packet and what the kernel says of it are put. */
struct slot {
	char control[CMSG_SPACE(sizeof(struct damc_pktinfo)) + 64]
		__attribute__((aligned(8)));
	uint8_t packet[DC_PACKET_MAX + 1];
	struct iovec iov;
};

struct wire {
	struct daemon *daemon;
	wire_came came;
	bool (*drained)(void *arg);
	void *arg;
	int fd;
	struct event *event;
	struct event *rested;
	struct sockaddr_damc sa;
	socklen_t sa_len;
	struct wire_counts counts;
};

static void take(struct wire *wire, struct msghdr *msg, const void *packet,
		 size_t len)
{
	struct damc_pktinfo info;
	struct wire_link link;

	wire->counts.rx++;
	if (damc_pktinfo(&info, msg) || !info.ifindex ||
	    info.hop_limit != HOP_LIMIT ||
	    info.lladdr_len > sizeof(link.from.addr)) {
		wire->counts.far++;
		return;
	}
	if (msg->msg_flags & MSG_TRUNC) {
		wire->counts.cut++;
		return;
	}
	link = (struct wire_link){
		.ifindex = info.ifindex, .neigh = info.neigh,
		.from.len = info.lladdr_len,
	};
	memcpy(link.from.addr, info.lladdr, info.lladdr_len);
	if (!wire->came(wire->arg, &link, packet, len))
		wire->counts.far++;
}

/* As many as have come, up to TAKE, by one call: how many. */
static int receive(struct wire *wire)
{
	struct slot slot[TAKE];
	struct mmsghdr msg[TAKE];
	int i, n;

	memset(msg, 0, sizeof(msg));
	for (i = 0; i < TAKE; i++) {
		slot[i].iov = (struct iovec){ slot[i].packet,
					      sizeof(slot[i].packet) };
		msg[i].msg_hdr.msg_iov = &slot[i].iov;
		msg[i].msg_hdr.msg_iovlen = 1;
		msg[i].msg_hdr.msg_control = slot[i].control;
		msg[i].msg_hdr.msg_controllen = sizeof(slot[i].control);
	}
	n = recvmmsg(wire->fd, msg, TAKE, MSG_DONTWAIT, NULL);
	for (i = 0; i < n; i++)
		take(wire, &msg[i].msg_hdr, slot[i].packet, msg[i].msg_len);
	return n;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct wire *wire = arg;

	static const struct timeval rest = { .tv_usec = REST_MS * 1000 };
	int n = receive(wire);

	(void)fd;
	(void)what;
	if (!wire->drained || wire->drained(wire->arg) || n == TAKE)
		return;
	event_del(wire->event);
	event_add(wire->rested, &rest);
}

static void on_rested(evutil_socket_t fd, short what, void *arg)
{
	struct wire *wire = arg;

	(void)fd;
	(void)what;
	event_add(wire->event, NULL);
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

static int make_events(struct wire *wire)
{
	struct event_base *base = wire->daemon->base;

	wire->event = event_new(base, wire->fd, EV_READ | EV_PERSIST,
				on_readable, wire);
	wire->rested = evtimer_new(base, on_rested, wire);
	if (!wire->event || !wire->rested || event_add(wire->event, NULL))
		return -ENOMEM;
	return 0;
}

struct wire *wire_new(struct daemon *daemon, const char *name, wire_came came,
		      bool (*drained)(void *arg), void *arg)
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
	if (!err)
		err = make_events(wire);
	if (!err)
		return wire;
	wire_free(wire);
	errno = -err;
	return NULL;
}

void wire_send(struct wire *wire, const struct wire_link *link,
	       const void *packet, size_t len)
{
	char control[CMSG_SPACE(sizeof(struct damc_pktinfo))]
		__attribute__((aligned(8))) = { 0 };
	struct damc_pktinfo info = {
		.ifindex = link->neigh ? 0 : link->ifindex,
		.neigh = link->neigh,
	};
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
	if (wire->rested)
		event_free(wire->rested);
	if (wire->fd >= 0)
		close(wire->fd);
	free(wire);
}
