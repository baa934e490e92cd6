/* SPDX-License-Identifier: GPL-2.0 */
/* What router.c, router_port.c and router_start.c owe each other. */
#ifndef DAMCD_ROUTER_INT_H
#define DAMCD_ROUTER_INT_H

#include "identity.h"
#include "links.h"
#include "record_file.h"
#include "router.h"
#include "sets.h"

#define MS 1000ULL
#define S 1000000ULL

/* Of a place in words. */
#define ROUTER_PLACE_MAX 112

/**
 * struct port - where routers may be
 * @link: the node's number of it; 0: it is not there
 * @ifindex: its interface; 0 of one by UDP that may use any
 * @neigh: the kernel's number of one by UDP
 * @lacking: the kernel had no room for that; @up is what it would be
 */
struct port {
	struct config_fabric config;
	uint32_t link;
	uint32_t ifindex;
	uint32_t neigh;
	bool lacking;
	bool up;
};

struct router {
	struct daemon *daemon;
	struct damc_ctl *ctl;
	struct dc_identity identity;
	struct dc_node_id id;
	struct dc_node *node;
	struct record_file *record;
	struct links *links;
	struct wire *wire;
	struct table *table;
	struct event *timer;
	struct event *sweep;
	struct event *held;
	struct event *clock;
	struct event *full;
	struct event *leave;
	uint32_t n_ports;
	struct port port[CONFIG_FABRIC_MAX];
	/* That was opened for neighbours by UDP; 0: none. */
	uint32_t udp_port;
	/* The kernel's numbers of neighbours by UDP that are to go. */
	uint32_t n_leaving;
	uint32_t leaving[CONFIG_FABRIC_MAX];
	/*
	 * Of the call of the node that goes on: its beginning, when the first
	 * packet left, when so many changes were in the table.
	 */
	uint64_t call_us;
	uint64_t call_ms;
	uint64_t sent_us;
	uint64_t flushed_us;
	uint32_t flushed;
	struct dc_node_counts before;
	/* Ever heard of by the node, as far as names were seen to. */
	uint32_t revocations;
	/* Names of before this process stand, whoever offers them now. */
	bool names_held;
	uint64_t rebound;
	/* Changes of who may call whom, and names with rules, as far as seen to. */
	uint64_t recalled;
	uint32_t callees;
	/* The kernel has no room for some route: others are to pass by. */
	bool overload;
	/* What it had no room for is tried again after so long; 0: there is nothing. */
	uint32_t full_s;
	/* For a neighbour by UDP there was no room: its port is not there. */
	bool ports_lack;
	/* An operator wants them to. */
	bool drained;
	/* Of several packets in a row one was told of, and not yet the end. */
	bool in_packets;
	/* In the table, ever. */
	uint64_t changes;
	/* The first name that this call of the node changes in it, "": none yet. */
	char changed[DAMC_NAME_TEXT_MAX];
};

extern const struct dc_node_ops router_ops;

/* As the node wants them. */
void router_timers(const struct config *config, struct dc_node_config *node);

/* ---- router_port.c ----------------------------------------------------- */

/* As the configuration says now; interfaces are still to be told of. */
void router_ports(struct router *router);

/* Those for whose neighbour the kernel had no room, once more. */
void router_ports_retry(struct router *router);

/* Where a neighbour on the node's @link is to the kernel. */
void router_where(const struct router *router, uint32_t link,
		  const struct damc_lladdr *peer, struct damc_neigh *where);

/* A place in words for the log: @text. */
const char *router_place_text(const struct config_fabric *place,
			      char text[ROUTER_PLACE_MAX]);

void router_send(struct router *router, uint32_t link, const void *packet,
		 size_t len);
bool router_packet(void *arg, const struct wire_link *link, const void *packet,
		   size_t len);
void router_link(void *arg, const struct link *link);
/* Take out neighbours by UDP that the configuration has no more. */
void router_leaving(evutil_socket_t fd, short what, void *arg);

/* ------------------------------------------------------------------------ */

/* What the parts tell. */
/* The last of several packets came: whether any was worth it. */
bool router_packets_end(void *arg);
void router_timer(evutil_socket_t fd, short what, void *arg);
void router_sweep(evutil_socket_t fd, short what, void *arg);
void router_arm_full(struct router *router);
void router_full(evutil_socket_t fd, short what, void *arg);
void router_held(evutil_socket_t fd, short what, void *arg);

#endif /* DAMCD_ROUTER_INT_H */
