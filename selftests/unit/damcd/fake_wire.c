// SPDX-License-Identifier: GPL-2.0
/*
 * A wire between processes: where DAMCD_WIRE names a directory each has a socket
 * there, and hears what all others send. What goes to a neighbour by UDP is heard by
 * those who know one of the same number. Without it nobody is on the wire.
 */
#include <dirent.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "wire.h"

#define PACKET_MAX 2048

/* In front of each packet. */
struct frame {
	uint32_t ifindex;
	uint32_t neigh;
	uint32_t pid;
};

struct wire {
	wire_came came;
	void (*drained)(void *arg);
	void *arg;
	const char *dir;
	int fd;
	struct event *event;
	struct sockaddr_un own;
	struct wire_counts counts;
};

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	char bytes[sizeof(struct frame) + PACKET_MAX];
	struct frame *frame = (void *)bytes;
	ssize_t len = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	struct wire *wire = arg;
	struct wire_link link;

	(void)what;
	if (len < (ssize_t)sizeof(*frame))
		return;
	link = (struct wire_link){
		.ifindex = frame->ifindex, .neigh = frame->neigh,
	};
	if (!frame->neigh) {
		link.from.len = sizeof(frame->pid);
		memcpy(link.from.addr, &frame->pid, sizeof(frame->pid));
	}
	wire->counts.rx++;
	if (!wire->came(wire->arg, &link, frame + 1, len - sizeof(*frame)))
		wire->counts.far++;
	wire->drained(wire->arg);
}

static void join(struct wire *wire, struct daemon *daemon)
{
	wire->own.sun_family = AF_UNIX;
	snprintf(wire->own.sun_path, sizeof(wire->own.sun_path), "%s/%d",
		 wire->dir, getpid());
	wire->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	unlink(wire->own.sun_path);
	if (bind(wire->fd, (void *)&wire->own, sizeof(wire->own)))
		abort();
	wire->event = event_new(daemon->base, wire->fd, EV_READ | EV_PERSIST,
				on_readable, wire);
	event_add(wire->event, NULL);
}

struct wire *wire_new(struct daemon *daemon, wire_came came,
		      bool (*drained)(void *arg), void *arg)
{
	struct wire *wire = calloc(1, sizeof(*wire));

	wire->came = came;
	wire->drained = drained;
	wire->arg = arg;
	wire->dir = getenv("DAMCD_WIRE");
	wire->fd = -1;
	if (wire->dir)
		join(wire, daemon);
	return wire;
}

void wire_free(struct wire *wire)
{
	if (wire && wire->event) {
		event_free(wire->event);
		close(wire->fd);
		unlink(wire->own.sun_path);
	}
	free(wire);
}

static void send_to(struct wire *wire, const char *name,
		    const struct iovec iov[2])
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct msghdr msg = {
		.msg_name = &to, .msg_namelen = sizeof(to),
		.msg_iov = (struct iovec *)iov, .msg_iovlen = 2,
	};

	snprintf(to.sun_path, sizeof(to.sun_path), "%s/%.20s", wire->dir, name);
	if (*name != '.' && strcmp(to.sun_path, wire->own.sun_path))
		sendmsg(wire->fd, &msg, MSG_DONTWAIT);
}

void wire_send(struct wire *wire, const struct wire_link *link,
	       const void *packet, size_t len)
{
	struct frame frame = { link->ifindex, link->neigh, getpid() };
	const struct iovec iov[] = {
		{ &frame, sizeof(frame) }, { (void *)packet, len },
	};
	DIR *dir = wire->dir ? opendir(wire->dir) : NULL;
	struct dirent *entry;

	wire->counts.tx++;
	while (dir && (entry = readdir(dir)))
		send_to(wire, entry->d_name, iov);
	if (dir)
		closedir(dir);
}

const struct wire_counts *wire_counts(const struct wire *wire)
{
	return &wire->counts;
}
