/* SPDX-License-Identifier: GPL-2.0 */
/* What router.c and router_start.c owe each other. */
#ifndef DAMCD_ROUTER_INT_H
#define DAMCD_ROUTER_INT_H

#include "identity.h"
#include "links.h"
#include "record_file.h"
#include "router.h"

#define MS 1000ULL
#define S 1000000ULL

/* An interface that routers may be on; @ifindex 0: it is not there. */
struct port {
	struct config_fabric config;
	uint32_t ifindex;
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
	struct event *full;
	uint32_t n_ports;
	struct port port[CONFIG_FABRIC_MAX];
	/*
	 * Of the call of the node that goes on: its beginning, when the first
	 * packet left, when so many changes were in the table.
	 */
	uint64_t call_us;
	uint64_t sent_us;
	uint64_t flushed_us;
	uint32_t flushed;
	struct dc_node_counts before;
	/* Ever heard of by the node, as far as names were seen to. */
	uint32_t revocations;
	/* Names of before this process stand, whoever offers them now. */
	bool names_held;
	uint64_t rebound;
	/* The kernel has no room for some route: others are to pass by. */
	bool overload;
	/* An operator wants them to. */
	bool drained;
	/* Of several packets in a row one was told of, and not yet the end. */
	bool in_packets;
	/* In the table, ever. */
	uint64_t changes;
};

extern const struct dc_node_ops router_ops;

/* As the node wants them. */
void router_timers(const struct config *config, struct dc_node_config *node);

/* What the parts tell. */
void router_packet(void *arg, uint32_t ifindex, const struct damc_lladdr *from,
		   const void *packet, size_t len);
/* The last of several packets came: whether any was worth it. */
bool router_packets_end(void *arg);
void router_link(void *arg, const struct link *link);
void router_timer(evutil_socket_t fd, short what, void *arg);
void router_sweep(evutil_socket_t fd, short what, void *arg);
void router_full(evutil_socket_t fd, short what, void *arg);
void router_held(evutil_socket_t fd, short what, void *arg);

#endif /* DAMCD_ROUTER_INT_H */
