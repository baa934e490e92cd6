/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What grpc.c (sockets, connections) and grpc_service.c, grpc_watch.c (what is asked
 * of them) owe each other.
 */
#ifndef DAMCD_GRPC_INT_H
#define DAMCD_GRPC_INT_H

#include "grpc.h"
#include "grpc_h2.h"
#include "namemap.h"

struct bufferevent;
struct evconnlistener;

struct grpc_edge {
	LIST_ENTRY(grpc_edge) list;
	LIST_HEAD(, grpc_peer) peers;
	struct grpc *grpc;
	struct class1_edge *edge;
	struct h2_budget budget;
	struct evconnlistener *listener[CONFIG_LISTEN_MAX];
	uint32_t n_peers;
};

/**
 * struct grpc_peer - a connection
 * @holder: of the names that end with it, or NULL
 * @pump: soon, see what is to be sent
 */
struct grpc_peer {
	LIST_ENTRY(grpc_peer) list;
	struct grpc_edge *edge;
	struct bufferevent *bev;
	struct event *pump;
	struct h2_conn *h2;
	struct dc_reg_holder *holder;
};

/**
 * struct grpc_work - a call that is not answered yet
 * @held: under the name that a Hold has registered, while @holding
 * @holder: of that name, or NULL
 * @ticket: what @waiting is for
 * @below, @fabric: what @watching is for
 */
struct grpc_work {
	struct namemap_node held;

	LIST_ENTRY(grpc_work) waits;
	LIST_ENTRY(grpc_work) watches;
	struct grpc_peer *peer;
	struct h2_call *call;
	struct dc_reg_holder *holder;
	uint64_t ticket;
	struct damc_name below;
	bool fabric;
	bool waiting;
	bool watching;
	bool holding;
};

LIST_HEAD(grpc_works, grpc_work);

struct grpc {
	struct class1 *class1;
	struct event *sweep;
	LIST_HEAD(, grpc_edge) edges;
	struct grpc_works waits[CLASS1_BUCKETS];
	struct grpc_works watches;
	struct namemap held;
};

/* The service's paths, and what is done there. */
extern const char *const grpc_paths[];
extern const unsigned int grpc_n_paths;

void grpc_request(void *peer, struct h2_call *call, const void *bytes,
		  size_t len);
void grpc_ended(void *peer, struct h2_call *call);

#endif /* DAMCD_GRPC_INT_H */
