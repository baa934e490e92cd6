// SPDX-License-Identifier: GPL-2.0
/* The fake library, see fake.h: a monitor. */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "fake.h"

/* A monitor that is told of one thing each, and then that it was too slow. */
struct damc_monitor {
	unsigned int objects;
	int fds[2];
};

static struct damc_monitor the_monitor;

struct damc_monitor *damc_monitor_open(unsigned int objects)
{
	if (fake_is("eperm")) {
		errno = EPERM;
		return NULL;
	}
	if (pipe(the_monitor.fds) || write(the_monitor.fds[1], "", 1) != 1)
		return NULL;
	the_monitor.objects = objects;
	return &the_monitor;
}

void damc_monitor_close(struct damc_monitor *monitor)
{
	close(monitor->fds[0]);
	close(monitor->fds[1]);
}

int damc_monitor_fd(const struct damc_monitor *monitor)
{
	return monitor->fds[0];
}

static struct damc_event event_of(unsigned int object)
{
	static const struct damc_pool q = {
		.name = { .len = 2, .wire = "\1q" },
		.protocol = DAMC_ROUTE_PROTOCOL_KERNEL,
	};
	struct damc_event event = { .object = object };

	switch (object) {
	case DAMC_OBJECT_DEV:
		event.dev = (struct damc_dev){
			.ifindex = 1, .mode = DAMC_DEV_MODE_UP, .mtu = 65535,
		};
		break;
	case DAMC_OBJECT_NEIGH:
		event.neigh.id = 1;
		event.neigh.ifindex = 1;
		event.neigh.lladdr = fake_mac(1);
		break;
	case DAMC_OBJECT_ROUTE:
		event.route = fake_route();
		break;
	case DAMC_OBJECT_BIND:
		event.bind.name = fake_name("/pod/n/1");
		event.bind.ifindex = 99999;
		event.bind.kind = DAMC_BIND_KIND_DEV;
		break;
	case DAMC_OBJECT_INFO:
		damc_info_get(NULL, &event.info);
		break;
	case DAMC_OBJECT_POOL:
		event.pool = &q;
		break;
	case DAMC_OBJECT_SET:
		event.set = fake_set();
		break;
	case DAMC_OBJECT_POLICY:
		event.policy = fake_policy();
		break;
	}
	return event;
}

/* It stops itself, as the user does by Ctrl-C. */
int damc_monitor_step(struct damc_monitor *monitor,
		      int (*each)(const struct damc_event *event, void *arg),
		      void *arg)
{
	struct damc_event event;
	unsigned int object;

	raise(SIGINT);
	if (fake_is("broken"))
		return -ENOBUFS;
	for (object = 1; object < DAMC_OBJECT_ALL; object <<= 1) {
		if (!(monitor->objects & object))
			continue;
		event = event_of(object);
		each(&event, arg);
		/* The namespace stays. */
		event.deleted = object != DAMC_OBJECT_INFO;
		if (event.deleted)
			each(&event, arg);
	}
	return 0;
}
