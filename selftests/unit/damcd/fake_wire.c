// SPDX-License-Identifier: GPL-2.0
/*
 * A wire that nobody is on. That of bindings leads to a test, where DAMC_FAKE_BIND
 * names a unix socket: datagrams of an interface index and the packet come there,
 * and go to the same name with ".pod".
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "wire.h"

struct wire {
	struct wire_counts counts;
	int fd;
	struct event *event;
	struct sockaddr_un pod;
	wire_came came;
	void *arg;
};

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	static const struct damc_lladdr nobody;
	struct wire *wire = arg;
	uint8_t bytes[2048];
	uint32_t ifindex;
	ssize_t len = recv(fd, bytes, sizeof(bytes), 0);
	void *packet;

	(void)what;
	if (len < (ssize_t)sizeof(ifindex))
		return;
	memcpy(&ifindex, bytes, sizeof(ifindex));
	len -= sizeof(ifindex);
	/* Of its own size, so that a byte too far is seen. */
	packet = malloc(len + 1);
	memcpy(packet, bytes + sizeof(ifindex), len);
	packet = realloc(packet, len ? len : 1);
	wire->came(wire->arg, ifindex, &nobody, packet, len);
	free(packet);
}

static void to_test(struct wire *wire, struct daemon *daemon, const char *path)
{
	struct sockaddr_un own = { .sun_family = AF_UNIX };

	wire->pod = own;
	snprintf(own.sun_path, sizeof(own.sun_path), "%s", path);
	snprintf(wire->pod.sun_path, sizeof(own.sun_path), "%s.pod", path);
	unlink(path);
	wire->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	if (bind(wire->fd, (void *)&own, sizeof(own)))
		abort();
	wire->event = event_new(daemon->base, wire->fd, EV_READ | EV_PERSIST,
				on_readable, wire);
	event_add(wire->event, NULL);
}

struct wire *wire_new(struct daemon *daemon, const char *name, wire_came came,
		      void (*drained)(void *arg), void *arg)
{
	struct wire *wire = calloc(1, sizeof(struct wire));
	const char *path = getenv("DAMC_FAKE_BIND");

	(void)drained;
	wire->fd = -1;
	wire->came = came;
	wire->arg = arg;
	if (path && !strcmp(name, WIRE_BIND))
		to_test(wire, daemon, path);
	return wire;
}

void wire_free(struct wire *wire)
{
	if (wire && wire->event) {
		event_free(wire->event);
		close(wire->fd);
	}
	free(wire);
}

void wire_send(struct wire *wire, uint32_t ifindex, const void *packet,
	       size_t len)
{
	uint8_t bytes[2048];

	wire->counts.tx++;
	if (wire->fd < 0 || len > sizeof(bytes) - sizeof(ifindex))
		return;
	memcpy(bytes, &ifindex, sizeof(ifindex));
	memcpy(bytes + sizeof(ifindex), packet, len);
	sendto(wire->fd, bytes, sizeof(ifindex) + len, 0, (void *)&wire->pod,
	       sizeof(wire->pod));
}

const struct wire_counts *wire_counts(const struct wire *wire)
{
	return &wire->counts;
}
