// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <netlink/cache.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "links.h"

/* Room for a storm of events; beyond that all are read anew. */
#define RECEIVE_BUFFER (1024 * 1024)

struct links {
	struct daemon *daemon;
	links_told told;
	void *arg;
	struct nl_sock *socket;
	struct nl_cache_mngr *manager;
	struct nl_cache *cache;
	struct event *event;
};

static void tell(struct links *links, struct rtnl_link *of, bool gone)
{
	const unsigned int want = IFF_UP | IFF_RUNNING;
	struct link link = {
		.ifindex = rtnl_link_get_ifindex(of), .gone = gone,
		.up = !gone && (rtnl_link_get_flags(of) & want) == want,
	};

	snprintf(link.name, sizeof(link.name), "%s",
		 rtnl_link_get_name(of) ?: "");
	links->told(links->arg, &link);
}

static void on_change(struct nl_cache *cache, struct nl_object *object,
		      int action, void *arg)
{
	(void)cache;
	tell(arg, (struct rtnl_link *)object, action == NL_ACT_DEL);
}

/* Events were lost: compare what is known with what there is. */
static int read_anew(struct links *links)
{
	struct nl_sock *socket = nl_socket_alloc();
	int err = socket ? nl_connect(socket, NETLINK_ROUTE) : -NLE_NOMEM;

	if (!err)
		err = nl_cache_resync(socket, links->cache, on_change, links);
	nl_socket_free(socket);
	return err;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct links *links = arg;
	int err = nl_cache_mngr_data_ready(links->manager);

	(void)fd;
	(void)what;
	if (err >= 0)
		return;
	log_event(&links->daemon->log, LOG_WARNING, "link-events-lost",
		  "error=\"%s\"", nl_geterror(err));
	err = read_anew(links);
	if (err)
		log_event(&links->daemon->log, LOG_ERROR, "links-unread",
			  "error=\"%s\"", nl_geterror(err));
}

static int open_manager(struct links *links)
{
	int err;

	links->socket = nl_socket_alloc();
	if (!links->socket)
		return -NLE_NOMEM;
	err = nl_cache_mngr_alloc(links->socket, NETLINK_ROUTE, 0,
				  &links->manager);
	if (err)
		return err;
	nl_socket_set_buffer_size(links->socket, RECEIVE_BUFFER, 0);
	return nl_cache_mngr_add(links->manager, "route/link", on_change, links,
				 &links->cache);
}

struct links *links_new(struct daemon *daemon, links_told told, void *arg)
{
	struct links *links = calloc(1, sizeof(*links));
	int err;

	if (!links)
		return NULL;
	links->daemon = daemon;
	links->told = told;
	links->arg = arg;
	err = open_manager(links);
	if (!err)
		links->event = event_new(daemon->base,
					 nl_cache_mngr_get_fd(links->manager),
					 EV_READ | EV_PERSIST, on_readable,
					 links);
	if (links->event && !event_add(links->event, NULL))
		return links;
	links_free(links);
	errno = ENOMEM;
	return NULL;
}

static void each(struct nl_object *object, void *arg)
{
	tell(arg, (struct rtnl_link *)object, false);
}

void links_each(struct links *links)
{
	nl_cache_foreach(links->cache, each, links);
}

void links_free(struct links *links)
{
	if (!links)
		return;
	if (links->event)
		event_free(links->event);
	if (links->manager)
		nl_cache_mngr_free(links->manager);
	nl_socket_free(links->socket);
	free(links);
}
