// SPDX-License-Identifier: GPL-2.0
/*
 * Where other routers may be: interfaces that the configuration names, followed
 * as they come and go, and neighbours by UDP. The node knows either as a link with
 * a number; that of one by UDP is no interface's.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "router_int.h"

/* No interface has such a number: theirs are positive ints. */
#define UDP_LINK 0x80000000u

/* Between two tries to take out neighbours that sets still lead to. */
#define LEAVING_S 1

static bool by_udp(const struct port *port)
{
	return port->config.remote.len;
}

/* ---- finding ----------------------------------------------------------- */

static struct port *find_place(struct router *router,
			       const struct config_fabric *place)
{
	uint32_t i;

	for (i = 0; i < router->n_ports; i++)
		if (config_same_place(&router->port[i].config, place))
			return &router->port[i];
	return NULL;
}

static const struct port *find_link(const struct router *router, uint32_t link)
{
	uint32_t i;

	for (i = 0; i < router->n_ports; i++)
		if (link && router->port[i].link == link)
			return &router->port[i];
	return NULL;
}

static const struct port *find_neigh(const struct router *router,
				     uint32_t neigh)
{
	uint32_t i;

	for (i = 0; i < router->n_ports; i++)
		if (router->port[i].neigh == neigh)
			return &router->port[i];
	return NULL;
}

const struct config_fabric *router_udp_at(const struct router *router,
					  uint32_t link)
{
	const struct port *port = find_link(router, link);

	return port && by_udp(port) ? &port->config : NULL;
}

/* What a neighbour's address is to the node. */
static struct damc_lladdr udp_lladdr(const struct port *port)
{
	struct damc_lladdr lladdr = { .len = port->config.remote.len };

	memcpy(lladdr.addr, port->config.remote.addr, lladdr.len);
	return lladdr;
}

void router_where(const struct router *router, uint32_t link,
		  const struct damc_lladdr *peer, struct damc_neigh *where)
{
	const struct port *port = find_link(router, link);

	if (!port || !by_udp(port)) {
		*where = (struct damc_neigh){
			.ifindex = link, .lladdr = *peer,
		};
		return;
	}
	*where = (struct damc_neigh){
		.ifindex = port->ifindex, .remote = port->config.remote,
		.local = port->config.local, .port = port->config.port,
	};
}

const char *router_place_text(const struct config_fabric *place,
			      char text[ROUTER_PLACE_MAX])
{
	char addr[INET6_ADDRSTRLEN];

	if (!place->remote.len) {
		snprintf(text, ROUTER_PLACE_MAX, "dev=%s", place->interface);
		return text;
	}
	inet_ntop(place->remote.len == sizeof(struct in_addr) ? AF_INET :
		  AF_INET6, place->remote.addr, addr, sizeof(addr));
	snprintf(text, ROUTER_PLACE_MAX, "udp=%s port=%u%s%s", addr,
		 place->port, *place->interface ? " dev=" : "",
		 place->interface);
	return text;
}

/* ---- by UDP ------------------------------------------------------------ */

static uint32_t hash_bytes(uint32_t hash, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	size_t i;

	for (i = 0; i < len; i++)
		hash = (hash ^ p[i]) * 16777619;
	return hash;
}

/* The same after a restart, whatever else the configuration has come to have. */
static uint32_t udp_link(const struct router *router, const struct port *port)
{
	const struct config_fabric *at = &port->config;
	uint32_t link = 2166136261u;

	link = hash_bytes(link, at->interface, strlen(at->interface));
	link = hash_bytes(link, at->remote.addr, at->remote.len);
	link = hash_bytes(link, at->local.addr, at->local.len);
	link = hash_bytes(link, &at->port, sizeof(at->port)) | UDP_LINK;
	while (find_link(router, link))
		link = (link + 1) | UDP_LINK;
	return link;
}

static bool is_leaving(const struct router *router, uint32_t neigh)
{
	uint32_t i;

	for (i = 0; i < router->n_leaving; i++)
		if (router->leaving[i] == neigh)
			return true;
	return false;
}

static void stays(struct router *router, uint32_t neigh)
{
	uint32_t i;

	for (i = 0; i < router->n_leaving; i++)
		if (router->leaving[i] == neigh)
			router->leaving[i--] =
				router->leaving[--router->n_leaving];
}

/*
 * What it sends is not to be taken any more. Sets may lead there until the node's
 * changes are written.
 */
static void leaves(struct router *router, uint32_t neigh)
{
	if (is_leaving(router, neigh))
		return;
	if (router->n_leaving == CONFIG_FABRIC_MAX)
		stays(router, router->leaving[0]);
	router->leaving[router->n_leaving++] = neigh;
	event_active(router->leave, EV_TIMEOUT, 0);
}

void router_leaving(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval again = { .tv_sec = LEAVING_S };
	struct damc_neigh which = { 0 };
	struct router *router = arg;
	uint32_t i = 0;

	(void)fd;
	(void)what;
	while (i < router->n_leaving) {
		which.id = router->leaving[i];
		if (damc_neigh_del(router->ctl, &which) == -EBUSY)
			i++;
		else
			stays(router, which.id);
	}
	if (router->n_leaving)
		event_add(router->leave, &again);
}

static void udp_refused(const struct router *router, uint32_t port, int err)
{
	log_event(&router->daemon->log, LOG_ERROR, "udp-refused",
		  "port=%u error=\"%s\" reason=\"%s\"", port, strerror(-err),
		  damc_ctl_error(router->ctl));
}

static uint32_t wanted_udp_port(const struct config *config)
{
	uint32_t i;

	for (i = 0; i < config->n_fabric; i++)
		if (config->fabric[i].remote.len)
			return config->udp_port;
	return 0;
}

static void port_gone(struct router *router, struct port *port);

/* Closing it ends all neighbours there, whatever leads to them. */
static void close_udp(struct router *router)
{
	uint32_t i;
	int err;

	for (i = 0; i < router->n_ports; i++)
		if (by_udp(&router->port[i]))
			port_gone(router, &router->port[i]);
	err = damc_info_set_udp_port(router->ctl, 0);
	if (err)
		udp_refused(router, 0, err);
	router->n_leaving = 0;
	router->udp_port = 0;
}

static void configure_udp(struct router *router)
{
	uint32_t want = wanted_udp_port(&router->daemon->config);
	int err;

	if (want == router->udp_port)
		return;
	if (router->udp_port)
		close_udp(router);
	err = want ? damc_info_set_udp_port(router->ctl, want) : 0;
	if (err)
		udp_refused(router, want, err);
	else
		router->udp_port = want;
}

/* ---- their comings and goings ------------------------------------------ */

static void port_gone(struct router *router, struct port *port)
{
	char text[ROUTER_PLACE_MAX];

	port->lacking = false;
	if (!port->link)
		return;
	router_place_text(&port->config, text);
	converge_begin(&router->daemon->converge, "link-gone",
		       by_udp(port) ? text : port->config.interface,
		       router->call_us, router->call_ms);
	log_event(&router->daemon->log, LOG_INFO, "link-gone", "%s", text);
	dc_node_link_gone(router->node, port->link, clock_us());
	if (port->neigh)
		leaves(router, port->neigh);
	port->neigh = 0;
	port->link = 0;
	port->ifindex = 0;
	port->up = false;
}

static bool enable_device(struct router *router, const struct port *port)
{
	int err = damc_dev_set(router->ctl, port->ifindex, DAMC_DEV_MODE_UP);

	if (err)
		log_event(&router->daemon->log, LOG_ERROR, "link-refused",
			  "dev=%s error=\"%s\" reason=\"%s\"",
			  port->config.interface, strerror(-err),
			  damc_ctl_error(router->ctl));
	return !err;
}

/* Nothing comes from a neighbour, or goes there, before the kernel knows it. */
static bool enable_udp(struct router *router, struct port *port)
{
	struct damc_neigh where;
	int err = -ENODEV;

	port->link = udp_link(router, port);
	router_where(router, port->link, NULL, &where);
	if (router->udp_port)
		err = sets_make_neighbour(router->daemon, router->ctl, &where,
					  &port->neigh);
	if (!err)
		stays(router, port->neigh);
	else
		port->link = 0;
	port->lacking = sets_no_room(err);
	return !err;
}

/* One that lacks only its neighbour is tried again now and then. */
static void ports_lack(struct router *router)
{
	bool before = router->ports_lack;
	uint32_t i;

	router->ports_lack = false;
	for (i = 0; i < router->n_ports; i++)
		router->ports_lack |= router->port[i].lacking;
	if (router->ports_lack && !before)
		router_arm_full(router);
}

static void port_is(struct router *router, struct port *port, uint32_t ifindex,
		    bool up)
{
	char text[ROUTER_PLACE_MAX];

	if (!port->link || port->ifindex != ifindex) {
		port_gone(router, port);
		port->ifindex = ifindex;
		if (by_udp(port) && !enable_udp(router, port)) {
			port->up = up;
			ports_lack(router);
			return;
		}
		if (!by_udp(port)) {
			port->link = ifindex;
			enable_device(router, port);
		}
	} else if (port->up == up) {
		return;
	}
	port->up = up;
	router_place_text(&port->config, text);
	converge_begin(&router->daemon->converge, up ? "link-up" : "link-down",
		       by_udp(port) ? text : port->config.interface,
		       router->call_us, router->call_ms);
	log_event(&router->daemon->log, LOG_INFO, up ? "link-up" : "link-down",
		  "%s ifindex=%u", text, ifindex);
	dc_node_link(router->node, port->link, up, port->config.cost,
		     clock_us());
}

void router_link(void *arg, const struct link *link)
{
	struct router *router = arg;
	uint32_t i;

	daemon_link(router->daemon, link);
	for (i = 0; i < router->n_ports; i++) {
		struct port *port = &router->port[i];

		if (strcmp(port->config.interface, link->name))
			continue;
		router_begin(router);
		if (link->gone)
			port_gone(router, port);
		else
			port_is(router, port, link->ifindex, link->up);
		router_end(router);
	}
}

void router_ports_retry(struct router *router)
{
	uint32_t i;

	if (!router->ports_lack)
		return;
	router_begin(router);
	for (i = 0; i < router->n_ports; i++) {
		struct port *port = &router->port[i];

		if (port->lacking)
			port_is(router, port, port->ifindex, port->up);
	}
	ports_lack(router);
	router_end(router);
}

/* ---- configuration ----------------------------------------------------- */

static bool configured(const struct config *config, const struct port *port)
{
	uint32_t i;

	for (i = 0; i < config->n_fabric; i++)
		if (config_same_place(&config->fabric[i], &port->config))
			return true;
	return false;
}

static void drop_ports(struct router *router)
{
	struct port *port;
	uint32_t i = 0;

	while (i < router->n_ports) {
		port = &router->port[i];
		if (configured(&router->daemon->config, port)) {
			i++;
			continue;
		}
		if (!by_udp(port) && port->ifindex)
			damc_dev_set(router->ctl, port->ifindex,
				     DAMC_DEV_MODE_DOWN);
		port_gone(router, port);
		*port = router->port[--router->n_ports];
	}
}

static void add_port(struct router *router, const struct config_fabric *fabric)
{
	struct port *port = find_place(router, fabric);

	if (!port) {
		port = &router->port[router->n_ports++];
		*port = (struct port){ .config = *fabric };
	} else if (port->config.cost != fabric->cost) {
		port->config.cost = fabric->cost;
		if (port->link)
			dc_node_link(router->node, port->link, port->up,
				     fabric->cost, clock_us());
	}
	/* Of one by any interface nobody will tell that it is there. */
	if (by_udp(port) && !*fabric->interface)
		port_is(router, port, 0, true);
}

void router_ports(struct router *router)
{
	const struct config *config = &router->daemon->config;
	uint32_t i;

	router_begin(router);
	drop_ports(router);
	configure_udp(router);
	for (i = 0; i < config->n_fabric; i++)
		add_port(router, &config->fabric[i]);
	router_end(router);
}

/* ---- packets ----------------------------------------------------------- */

void router_send(struct router *router, uint32_t link, const void *packet,
		 size_t len)
{
	const struct port *port = find_link(router, link);
	struct wire_link to = {
		.ifindex = link, .neigh = port ? port->neigh : 0,
	};

	wire_send(router->wire, &to, packet, len);
}

/* Several in a row are one call: what it costs to begin and end one is shared. */
bool router_packet(void *arg, const struct wire_link *link, const void *packet,
		   size_t len)
{
	struct router *router = arg;
	struct damc_lladdr from = link->from;
	uint32_t number = link->ifindex;

	if (link->neigh) {
		const struct port *port = find_neigh(router, link->neigh);

		if (!port)
			return false;
		from = udp_lladdr(port);
		number = port->link;
	}
	if (!router->in_packets) {
		router->in_packets = true;
		router_begin(router);
		dc_node_more(router->node, true, router->call_us);
	}
	dc_node_input(router->node, number, &from, packet, len,
		      router->call_us);
	return true;
}
