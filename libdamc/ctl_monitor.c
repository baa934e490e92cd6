// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Control: being told what changes. A monitor has a socket of its own, because
 * what it is told comes at any time.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "ctl.h"

/* A table may change faster than a reader is scheduled. */
#define MONITOR_RCVBUF (4 << 20)

struct damc_monitor {
	struct damc_ctl *ctl;
};

static const struct {
	unsigned int object;
	const char *group;
} groups[] = {
	{ DAMC_OBJECT_DEV, DAMC_MCGRP_DEV },
	{ DAMC_OBJECT_NEIGH, DAMC_MCGRP_NEIGH },
	{ DAMC_OBJECT_ROUTE, DAMC_MCGRP_ROUTE },
	{ DAMC_OBJECT_BIND, DAMC_MCGRP_BIND },
	{ DAMC_OBJECT_INFO, DAMC_MCGRP_INFO },
	{ DAMC_OBJECT_POOL, DAMC_MCGRP_POOL },
	{ DAMC_OBJECT_SET, DAMC_MCGRP_SET },
	{ DAMC_OBJECT_POLICY, DAMC_MCGRP_POLICY },
};

static int join_all(struct damc_ctl *ctl, unsigned int objects)
{
	size_t i;
	int err;

	for (i = 0; i < ARRAY_SIZE(groups); i++) {
		if (!(objects & groups[i].object))
			continue;
		err = ctl_join(ctl, groups[i].group);
		if (err)
			return err;
	}
	return 0;
}

DAMC_PUBLIC
struct damc_monitor *damc_monitor_open(unsigned int objects)
{
	struct damc_monitor *monitor = calloc(1, sizeof(*monitor));
	int size = MONITOR_RCVBUF, err;

	if (!monitor)
		return NULL;
	monitor->ctl = damc_ctl_open();
	if (!monitor->ctl) {
		free(monitor);
		return NULL;
	}
	/* The first takes a privilege, the second gets what is allowed. */
	if (setsockopt(monitor->ctl->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size,
		       sizeof(size)))
		setsockopt(monitor->ctl->fd, SOL_SOCKET, SO_RCVBUF, &size,
			   sizeof(size));
	err = join_all(monitor->ctl, objects);
	if (err) {
		damc_monitor_close(monitor);
		errno = -err;
		return NULL;
	}
	return monitor;
}

DAMC_PUBLIC
void damc_monitor_close(struct damc_monitor *monitor)
{
	if (!monitor)
		return;
	damc_ctl_close(monitor->ctl);
	free(monitor);
}

DAMC_PUBLIC
int damc_monitor_fd(const struct damc_monitor *monitor)
{
	return monitor->ctl->fd;
}

typedef int (*event_fn)(const struct damc_event *event, void *arg);

static int each_route(const struct nlmsghdr *msg, struct damc_event *event,
		      event_fn each, void *arg)
{
	const struct nlattr *attr = NULL;
	int err;

	while ((attr = ctl_next_object(msg, attr, &err))) {
		if (mnl_attr_get_type(attr) != DAMC_A_ROUTE)
			continue;
		err = ctl_route_decode(attr, &event->route);
		if (!err)
			err = each(event, arg);
		if (err)
			return err;
	}
	return err;
}

static int each_pool(const struct nlmsghdr *msg, struct damc_event *event,
		     event_fn each, void *arg)
{
	struct damc_pool pool;
	int err;

	err = ctl_pool_decode(msg, &pool);
	if (err)
		return err;
	event->pool = &pool;
	return each(event, arg);
}

/* What object a command is about, and whether that is gone; 0: none we know. */
static unsigned int event_object(uint8_t cmd, bool *deleted)
{
	*deleted = cmd == DAMC_CMD_DEV_DEL_NTF || cmd == DAMC_CMD_NEIGH_DEL_NTF ||
		cmd == DAMC_CMD_ROUTE_DEL_NTF || cmd == DAMC_CMD_BIND_DEL_NTF ||
		cmd == DAMC_CMD_POOL_DEL_NTF || cmd == DAMC_CMD_SET_DEL_NTF ||
		cmd == DAMC_CMD_POLICY_DEL_NTF;
	switch (cmd) {
	case DAMC_CMD_DEV_NTF:
	case DAMC_CMD_DEV_DEL_NTF:
		return DAMC_OBJECT_DEV;
	case DAMC_CMD_NEIGH_NTF:
	case DAMC_CMD_NEIGH_DEL_NTF:
		return DAMC_OBJECT_NEIGH;
	case DAMC_CMD_ROUTE_NTF:
	case DAMC_CMD_ROUTE_DEL_NTF:
		return DAMC_OBJECT_ROUTE;
	case DAMC_CMD_BIND_NTF:
	case DAMC_CMD_BIND_DEL_NTF:
		return DAMC_OBJECT_BIND;
	case DAMC_CMD_INFO_NTF:
		return DAMC_OBJECT_INFO;
	case DAMC_CMD_POOL_NTF:
	case DAMC_CMD_POOL_DEL_NTF:
		return DAMC_OBJECT_POOL;
	case DAMC_CMD_SET_NTF:
	case DAMC_CMD_SET_DEL_NTF:
		return DAMC_OBJECT_SET;
	case DAMC_CMD_POLICY_NTF:
	case DAMC_CMD_POLICY_DEL_NTF:
		return DAMC_OBJECT_POLICY;
	}
	return 0;
}

int ctl_event(const struct nlmsghdr *msg, event_fn each, void *arg)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(msg);
	struct damc_event event = { .flags = msg->nlmsg_flags };
	int err = 0;

	if (mnl_nlmsg_get_payload_len(msg) < GENL_HDRLEN)
		return -EBADMSG;
	event.object = event_object(genl->cmd, &event.deleted);
	switch (event.object) {
	case DAMC_OBJECT_DEV:
		err = ctl_dev_decode(msg, &event.dev);
		break;
	case DAMC_OBJECT_NEIGH:
		err = ctl_neigh_decode(msg, &event.neigh);
		break;
	case DAMC_OBJECT_ROUTE:
		return each_route(msg, &event, each, arg);
	case DAMC_OBJECT_BIND:
		err = ctl_bind_decode(msg, &event.bind);
		break;
	case DAMC_OBJECT_INFO:
		err = ctl_info_decode(msg, &event.info);
		break;
	case DAMC_OBJECT_POOL:
		return each_pool(msg, &event, each, arg);
	case DAMC_OBJECT_SET:
		err = ctl_set_decode(msg, &event.set);
		break;
	case DAMC_OBJECT_POLICY:
		err = ctl_policy_decode_msg(msg, &event.policy);
		break;
	default:
		/* A newer module has more to tell. */
		return 0;
	}
	return err ? err : each(&event, arg);
}

DAMC_PUBLIC
int damc_monitor_step(struct damc_monitor *monitor,
		      int (*each)(const struct damc_event *event, void *arg),
		      void *arg)
{
	const struct nlmsghdr *msg = (const void *)monitor->ctl->reply;
	struct sockaddr_nl from;
	socklen_t len = sizeof(from);
	int left, err = 0;
	ssize_t n;

	n = recvfrom(monitor->ctl->fd, monitor->ctl->reply,
		     sizeof(monitor->ctl->reply), MSG_DONTWAIT | MSG_TRUNC,
		     (struct sockaddr *)&from, &len);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if ((size_t)n > sizeof(monitor->ctl->reply))
		return -EMSGSIZE;
	if (len == sizeof(from) && from.nl_pid)
		return 0;
	left = n;
	for (; !err && ctl_msg_ok(msg, left); msg = mnl_nlmsg_next(msg, &left))
		if (msg->nlmsg_type == monitor->ctl->family)
			err = ctl_event(msg, each, arg);
	return err;
}
