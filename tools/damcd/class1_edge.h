/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What class1.c (servers, connections) and class1_request.c (what is asked of
 * them) owe each other.
 */
#ifndef DAMCD_CLASS1_EDGE_H
#define DAMCD_CLASS1_EDGE_H

#include <event2/http.h>
#include <sys/queue.h>

#include "class1.h"
#include "class1_bind.h"
#include "class1_json.h"

#define CLASS1_BUCKETS 4096

/**
 * struct class1_edge - a pod and its server
 * @ifindex: 0 while there is no such interface
 * @caller: as whom the pod calls, once somebody asked (class1_calls.c)
 * @recalled: it may call others than before, its watches are to end
 */
struct class1_edge {
	LIST_ENTRY(class1_edge) list;
	struct class1 *class1;
	struct config_edge config;
	uint32_t ifindex;
	struct evhttp *http;
	struct grpc_edge *grpc;
	uint32_t connections;
	uint32_t watches;
	uint64_t fabric_us;
	bool seen;
	struct dc_caller *caller;
	bool recalled;
};

/**
 * struct class1_conn - a connection that more than one request is about
 * @holder: of the names that end with it, or NULL
 * @waiting: a request that waits for the answer named @ticket, or NULL
 * @watch: one that watches, or NULL; @below what is of interest to it, @fabric
 *	if names elsewhere are
 * @unread_max: bytes that it may leave unread, what it began with among them
 * @slow: it left more, and is about to end
 */
struct class1_conn {
	LIST_ENTRY(class1_conn) chain;
	LIST_ENTRY(class1_conn) waits;
	LIST_ENTRY(class1_conn) watches;
	struct class1_edge *edge;
	struct evhttp_connection *evcon;
	struct dc_reg_holder *holder;
	struct evhttp_request *waiting;
	uint64_t ticket;
	struct evhttp_request *watch;
	struct damc_name below;
	bool fabric;
	size_t unread_max;
	bool slow;
};

LIST_HEAD(class1_conns, class1_conn);

struct class1 {
	struct daemon *daemon;
	struct grpc *grpc;
	struct class1_bind *bind;
	struct event *alive;
	struct event *recall;
	struct event *slow;
	LIST_HEAD(, class1_edge) edges;
	struct class1_conns chain[CLASS1_BUCKETS];
	struct class1_conns waits[CLASS1_BUCKETS];
	struct class1_conns watches;
	bool abandoned;
};

/* What is known of a request's connection, made if need be; NULL: no memory. */
struct class1_conn *class1_conn(struct class1_edge *edge,
				struct evhttp_request *request);

/* Its holder, made if need be. */
struct dc_reg_holder *class1_holder(struct class1_conn *conn);

/* A request, from evhttp; @arg is the edge. */
void class1_request(struct evhttp_request *request, void *arg);

/**
 * struct class1_offer - a name that other gateways offer
 * @member: it is a pool's instance, and has @weight
 * @gateway: those of them that calls from here are sent to
 */
struct class1_offer {
	const struct damc_name *name;
	bool member;
	uint32_t weight;
	uint32_t n;
	const struct dc_node_id *gateway[32];
};

/*
 * Each name at or below @below that other gateways offer (class1_fabric.c):
 * false if the edge asked for them too often.
 */
bool class1_fabric(struct class1_edge *edge, const struct damc_name *below,
		   void (*each)(const struct class1_offer *offer, void *arg),
		   void *arg);
/* The same, added to @names. */
bool class1_fabric_json(struct class1_edge *edge, const struct damc_name *below,
			json_t *names);

/* 0 or -1, no memory. */
int class1_calls_new(struct class1 *class1);
void class1_calls_free(struct class1 *class1);

/* What call rules say of the edge's pod's calling @name, and if it may. */
enum dc_call class1_call(struct class1_edge *edge, const struct damc_name *name);
bool class1_may_see(struct class1_edge *edge, const struct damc_name *name);
void class1_problem_of_call(struct class1_problem *problem, enum dc_call call);
/* A pod has a name more, or less. */
void class1_calls_told(struct class1 *class1, const struct dc_reg_entry *entry,
		       bool up);

/* A line for who watches. */
void class1_watch_line(struct class1_conn *conn, const char *text);

/* Answer with JSON, and let go of it. */
void class1_reply(struct evhttp_request *request, int status, json_t *json);
void class1_reply_problem(struct evhttp_request *request,
			  const struct class1_problem *problem);
/* What became of a registration. */
void class1_reply_outcome(struct class1_edge *edge,
			  struct evhttp_request *request,
			  const struct dc_reg_entry *entry,
			  const struct dc_reg_outcome *outcome);

#endif /* DAMCD_CLASS1_EDGE_H */
