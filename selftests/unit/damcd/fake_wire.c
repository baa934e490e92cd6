// SPDX-License-Identifier: GPL-2.0
/*
 * A wire between processes: where DAMCD_WIRE names a directory each has a socket
 * there, and hears what all others send. What goes to a neighbour by UDP is heard by
 * those who know one of the same number. Without it nobody is on the wire.
 *
 * That of bindings leads to a test, where DAMC_FAKE_BIND names a unix socket:
 * datagrams of an interface index and the packet come there, and go to the same name
 * with ".pod".
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
	bool (*drained)(void *arg);
	void *arg;
	const char *dir;
	int fd;
	struct event *event;
	struct sockaddr_un own;
	struct sockaddr_un pod;
	struct wire_counts counts;
};

/* ---- between daemons --------------------------------------------------- */

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

static void send_to_all(struct wire *wire, const struct wire_link *link,
			const void *packet, size_t len)
{
	struct frame frame = { link->ifindex, link->neigh, getpid() };
	const struct iovec iov[] = {
		{ &frame, sizeof(frame) }, { (void *)packet, len },
	};
	DIR *dir = wire->dir ? opendir(wire->dir) : NULL;
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		send_to(wire, entry->d_name, iov);
	if (dir)
		closedir(dir);
}

/* ---- to a test --------------------------------------------------------- */

static void on_test(evutil_socket_t fd, short what, void *arg)
{
	struct wire_link link = { 0 };
	struct wire *wire = arg;
	uint8_t bytes[PACKET_MAX];
	ssize_t len = recv(fd, bytes, sizeof(bytes), 0);
	void *packet;

	(void)what;
	if (len < (ssize_t)sizeof(link.ifindex))
		return;
	memcpy(&link.ifindex, bytes, sizeof(link.ifindex));
	len -= sizeof(link.ifindex);
	/* Of its own size, so that a byte too far is seen. */
	packet = malloc(len + 1);
	memcpy(packet, bytes + sizeof(link.ifindex), len);
	packet = realloc(packet, len ? len : 1);
	wire->came(wire->arg, &link, packet, len);
	free(packet);
}

static void send_to_test(struct wire *wire, const struct wire_link *link,
			 const void *packet, size_t len)
{
	const struct iovec iov[] = {
		{ (void *)&link->ifindex, sizeof(link->ifindex) },
		{ (void *)packet, len },
	};
	struct msghdr msg = {
		.msg_name = &wire->pod, .msg_namelen = sizeof(wire->pod),
		.msg_iov = (struct iovec *)iov, .msg_iovlen = 2,
	};

	sendmsg(wire->fd, &msg, MSG_DONTWAIT);
}

/* ---- both -------------------------------------------------------------- */

static void listen_at(struct wire *wire, struct daemon *daemon,
		      event_callback_fn readable)
{
	wire->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			  0);
	unlink(wire->own.sun_path);
	if (bind(wire->fd, (void *)&wire->own, sizeof(wire->own)))
		abort();
	wire->event = event_new(daemon->base, wire->fd, EV_READ | EV_PERSIST,
				readable, wire);
	event_add(wire->event, NULL);
}

static void begin(struct wire *wire, struct daemon *daemon, bool bindings)
{
	const char *path = bindings ? getenv("DAMC_FAKE_BIND") :
				      getenv("DAMCD_WIRE");

	if (!path)
		return;
	wire->own.sun_family = AF_UNIX;
	wire->pod.sun_family = AF_UNIX;
	if (bindings) {
		snprintf(wire->own.sun_path, sizeof(wire->own.sun_path), "%s",
			 path);
		snprintf(wire->pod.sun_path, sizeof(wire->pod.sun_path),
			 "%s.pod", path);
		listen_at(wire, daemon, on_test);
		return;
	}
	wire->dir = path;
	snprintf(wire->own.sun_path, sizeof(wire->own.sun_path), "%s/%d", path,
		 getpid());
	listen_at(wire, daemon, on_readable);
}

struct wire *wire_new(struct daemon *daemon, const char *name, wire_came came,
		      bool (*drained)(void *arg), void *arg)
{
	struct wire *wire = calloc(1, sizeof(*wire));

	wire->came = came;
	wire->drained = drained;
	wire->arg = arg;
	wire->fd = -1;
	begin(wire, daemon, !strcmp(name, WIRE_BIND));
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

void wire_send(struct wire *wire, const struct wire_link *link,
	       const void *packet, size_t len)
{
	wire->counts.tx++;
	if (*wire->pod.sun_path)
		send_to_test(wire, link, packet, len);
	else
		send_to_all(wire, link, packet, len);
}

const struct wire_counts *wire_counts(const struct wire *wire)
{
	return &wire->counts;
}
