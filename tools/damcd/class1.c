// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>

#include "class1_edge.h"
#include "grpc.h"
#include "links.h"
#include "listen.h"
#include "registrar.h"

/* A pod's own: who can open the path is for its directory to say. */
#define LISTEN_MODE 0666

/* Seconds that a connection without a request may last; one with, see below. */
#define IDLE_S 60
/* Those that hold a name or watch: for as long as they like. */
#define HOLD_S (365 * 86400)
#define METHODS (EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_DELETE | \
		 EVHTTP_REQ_HEAD | EVHTTP_REQ_PUT | EVHTTP_REQ_PATCH)
/* A watcher that is gone is found out by writing to it. */
#define ALIVE_S 20

/* ---- connections ------------------------------------------------------- */

static struct class1_conns *chain_of(struct class1 *class1,
				     const struct evhttp_connection *evcon)
{
	return &class1->chain[(uintptr_t)evcon / 64 % CLASS1_BUCKETS];
}

/*
 * A request that was not answered when its connection ended is ours to free, if
 * the server has let go of it.
 */
static void request_free(struct evhttp_request *request)
{
	if (request && !evhttp_request_get_connection(request))
		evhttp_request_free(request);
}

static void conn_free(struct class1_conn *conn)
{
	struct registrar *registrar = conn->edge->class1->daemon->registrar;
	struct dc_reg_holder *holder = conn->holder;
	bool abandoned;

	LIST_REMOVE(conn, chain);
	conn->edge->connections--;
	if (conn->waiting)
		LIST_REMOVE(conn, waits);
	if (conn->watch) {
		LIST_REMOVE(conn, watches);
		conn->edge->watches--;
	}
	abandoned = conn->edge->class1->abandoned;
	request_free(conn->waiting);
	request_free(conn->watch);
	free(conn);
	if (!holder)
		return;
	if (abandoned) {
		dc_reg_holder_abandon(holder);
		return;
	}
	dc_reg_holder_gone(registrar_reg(registrar), holder, clock_us());
	registrar_arm(registrar);
}

static void on_close(struct evhttp_connection *evcon, void *arg)
{
	evhttp_connection_set_closecb(evcon, NULL, NULL);
	conn_free(arg);
}

struct class1_conn *class1_conn(struct class1_edge *edge,
				struct evhttp_request *request)
{
	struct evhttp_connection *evcon =
		evhttp_request_get_connection(request);
	struct class1_conns *chain = chain_of(edge->class1, evcon);
	struct class1_conn *conn;

	LIST_FOREACH(conn, chain, chain)
		if (conn->evcon == evcon)
			return conn;
	if (edge->connections == CLASS1_CONNECTIONS_MAX)
		return NULL;
	conn = calloc(1, sizeof(*conn));
	if (!conn)
		return NULL;
	edge->connections++;
	conn->edge = edge;
	conn->evcon = evcon;
	LIST_INSERT_HEAD(chain, conn, chain);
	evhttp_connection_set_closecb(evcon, on_close, conn);
	evhttp_connection_set_timeout(evcon, HOLD_S);
	return conn;
}

struct dc_reg_holder *class1_holder(struct class1_conn *conn)
{
	struct registrar *registrar = conn->edge->class1->daemon->registrar;

	if (!conn->holder)
		conn->holder = dc_reg_holder_new(registrar_reg(registrar));
	return conn->holder;
}

/* ---- what became of a name --------------------------------------------- */

static void answer_waiting(struct class1 *class1, uint64_t ticket,
			   const struct dc_reg_entry *entry,
			   const struct dc_reg_outcome *outcome)
{
	struct class1_conn *conn, *next;
	struct evhttp_request *request;

	for (conn = LIST_FIRST(&class1->waits[ticket % CLASS1_BUCKETS]); conn;
	     conn = next) {
		next = LIST_NEXT(conn, waits);
		if (conn->ticket != ticket)
			continue;
		LIST_REMOVE(conn, waits);
		request = conn->waiting;
		conn->waiting = NULL;
		class1_reply_outcome(conn->edge, request, entry, outcome);
	}
}

static size_t unread(const struct class1_conn *conn)
{
	struct bufferevent *bev = evhttp_connection_get_bufferevent(conn->evcon);

	return evbuffer_get_length(bufferevent_get_output(bev));
}

/* Who does not read is no reason to keep ever more; it ends once nobody is in the lists. */
static void watch_write(struct class1_conn *conn, const char *text, size_t len)
{
	struct evbuffer *buffer;

	if (unread(conn) > conn->unread_max) {
		conn->slow = true;
		event_active(conn->edge->class1->slow, EV_TIMEOUT, 0);
		return;
	}
	buffer = evbuffer_new();
	if (!buffer)
		return;
	evbuffer_add(buffer, text, len);
	evhttp_send_reply_chunk(conn->watch, buffer);
	evbuffer_free(buffer);
}

void class1_watch_line(struct class1_conn *conn, const char *text)
{
	watch_write(conn, text, strlen(text));
	watch_write(conn, "\n", 1);
}

/* @edge: whose name it is, 0: nobody's here. */
static bool is_told(struct class1_conn *conn, const struct damc_name *name,
		    uint32_t edge)
{
	if (!damc_name_below(name, &conn->below) || (!edge && !conn->fabric))
		return false;
	return (edge && edge == conn->edge->ifindex) ||
	       class1_may_see(conn->edge, name);
}

/* A line for those whom it is of interest to; takes the reference. */
static void tell_watches(struct class1 *class1, const struct damc_name *name,
			 json_t *json, uint32_t edge)
{
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	struct class1_conn *conn;

	json_decref(json);
	if (!text)
		return;
	LIST_FOREACH(conn, &class1->watches, watches)
		if (is_told(conn, name, edge))
			class1_watch_line(conn, text);
	free(text);
}

static json_t *change_json(const struct dc_reg_entry *entry,
			   const struct dc_reg_outcome *outcome)
{
	json_t *json = class1_entry_json(entry, false, clock_us());
	bool up = outcome->code == DC_REG_DONE;

	json_object_set_new(json, "event", json_string(up ? "up" : "down"));
	if (!up)
		json_object_set_new(json, "why",
				    json_string(dc_reg_code_text(outcome->code)));
	return json;
}

void class1_route(struct class1 *class1, const struct damc_name *name, bool up)
{
	char text[DAMC_NAME_TEXT_MAX];

	if (!class1)
		return;
	grpc_route(class1->grpc, name, up);
	if (LIST_EMPTY(&class1->watches) || dc_reg_reserved(name))
		return;
	damc_name_format(name, text, sizeof(text));
	tell_watches(class1, name,
		     json_pack("{s:s, s:s, s:b}", "name", text, "event",
			       up ? "up" : "down", "fabric", 1), 0);
}

void class1_told(struct class1 *class1, uint64_t ticket,
		 const struct dc_reg_entry *entry,
		 const struct dc_reg_outcome *outcome)
{
	if (!class1)
		return;
	class1_calls_told(class1, entry, outcome->code == DC_REG_DONE);
	grpc_told(class1->grpc, ticket, entry, outcome);
	class1_bind_told(class1->bind, ticket, entry, outcome);
	if (ticket)
		answer_waiting(class1, ticket, entry, outcome);
	if (!LIST_EMPTY(&class1->watches))
		tell_watches(class1, &entry->want.name,
			     change_json(entry, outcome), entry->want.edge);
}

static void on_alive(evutil_socket_t fd, short what, void *arg)
{
	struct class1 *class1 = arg;
	struct class1_conn *conn;

	(void)fd;
	(void)what;
	LIST_FOREACH(conn, &class1->watches, watches)
		watch_write(conn, "\n", 1);
}

static void on_slow(evutil_socket_t fd, short what, void *arg)
{
	struct class1_conn *conn, *next;
	struct class1 *class1 = arg;

	(void)fd;
	(void)what;
	for (conn = LIST_FIRST(&class1->watches); conn; conn = next) {
		next = LIST_NEXT(conn, watches);
		if (!conn->slow)
			continue;
		log_event(&class1->daemon->log, LOG_INFO, "watch-too-slow",
			  "edge=%s", conn->edge->config.interface);
		evhttp_connection_free(conn->evcon);
	}
}

/* ---- servers ----------------------------------------------------------- */

static int edge_listen(struct class1_edge *edge, const char *address)
{
	int fd = listen_open(address, edge->config.interface, LISTEN_MODE);

	if (fd < 0)
		return fd;
	if (!evhttp_accept_socket_with_handle(edge->http, fd)) {
		evutil_closesocket(fd);
		return -ENOMEM;
	}
	return 0;
}

static void edge_open(struct class1_edge *edge)
{
	struct daemon *daemon = edge->class1->daemon;
	uint32_t i;
	int err;

	for (i = 0; i < edge->config.listen.n; i++) {
		err = edge_listen(edge, edge->config.listen.address[i]);
		if (err)
			log_event(&daemon->log, LOG_ERROR, "listen-failed",
				  "edge=%s address=%s error=\"%s\"",
				  edge->config.interface,
				  edge->config.listen.address[i],
				  strerror(-err));
		else
			log_event(&daemon->log, LOG_INFO, "listening",
				  "edge=%s address=%s", edge->config.interface,
				  edge->config.listen.address[i]);
	}
}

static struct class1_edge *edge_new(struct class1 *class1,
				    const struct config_edge *config)
{
	struct class1_edge *edge = calloc(1, sizeof(*edge));

	if (!edge)
		return NULL;
	edge->class1 = class1;
	edge->config = *config;
	edge->http = evhttp_new(class1->daemon->base);
	if (!edge->http) {
		free(edge);
		return NULL;
	}
	evhttp_set_max_body_size(edge->http, CLASS1_BODY_MAX);
	evhttp_set_max_headers_size(edge->http, CLASS1_HEADER_MAX);
	evhttp_set_timeout(edge->http, IDLE_S);
	/* Others are refused in JSON, too. */
	evhttp_set_allowed_methods(edge->http, METHODS);
	evhttp_set_gencb(edge->http, class1_request, edge);
	LIST_INSERT_HEAD(&class1->edges, edge, list);
	edge_open(edge);
	edge->grpc = grpc_edge_new(class1->grpc, edge);
	return edge;
}

/* It has no interface from now on: @end tells what becomes of names. */
static void edge_unlink(struct class1_edge *edge,
			void (*end)(const struct registrar_edge *edge))
{
	struct registrar_edge gone = {
		edge->class1->daemon->registrar, edge->ifindex,
		&edge->config.pod,
	};

	edge->ifindex = 0;
	if (gone.ifindex)
		end(&gone);
}

/* @ends: it is no edge any more; else what is leased stays with its interface. */
static void edge_free(struct class1_edge *edge, bool ends)
{
	uint32_t i;

	LIST_REMOVE(edge, list);
	/* Ends its connections, and so their names: they are known by its interface. */
	grpc_edge_free(edge->grpc);
	evhttp_free(edge->http);
	class1_bind_edge_free(edge->class1->bind, edge);
	if (ends && !edge->class1->abandoned)
		edge_unlink(edge, registrar_edge_closed);
	for (i = 0; i < edge->config.listen.n; i++)
		listen_remove(edge->config.listen.address[i]);
	dc_caller_free(edge->caller);
	free(edge);
}

void class1_link(struct class1 *class1, const struct link *link)
{
	struct registrar *registrar = class1->daemon->registrar;
	struct registrar_edge up = { registrar, link->ifindex, NULL };
	struct class1_edge *edge;

	LIST_FOREACH(edge, &class1->edges, list) {
		if (strcmp(edge->config.interface, link->name) ||
		    (!link->gone && edge->ifindex == link->ifindex))
			continue;
		edge_unlink(edge, registrar_edge_gone);
		if (link->gone)
			continue;
		up.pod = &edge->config.pod;
		edge->ifindex = link->ifindex;
		if (registrar_edge_up(&up))
			edge->ifindex = 0;
		else
			class1_bind_edge_up(class1->bind, edge);
	}
}

static struct class1_edge *find_edge(struct class1 *class1,
				     const struct config_edge *config)
{
	struct class1_edge *edge;

	LIST_FOREACH(edge, &class1->edges, list)
		if (!memcmp(&edge->config, config, sizeof(*config)))
			return edge;
	return NULL;
}

/* Which of the configured is the same pod behind the same interface; or none. */
static uint32_t find_successor(const struct config *config,
			       const struct config_edge *of)
{
	uint32_t i;

	for (i = 0; i < config->n_edges; i++)
		if (!strcmp(config->edge[i].interface, of->interface) &&
		    damc_name_equal(&config->edge[i].pod, &of->pod))
			break;
	return i;
}

/*
 * What is not configured as it is: connections end, and what they held. Where only
 * the terms are others, leases are the pod's and go on: @ifindex is where.
 */
static void free_unseen(struct class1 *class1, uint32_t *ifindex)
{
	const struct config *config = &class1->daemon->config;
	struct class1_edge *edge, *next;
	uint32_t i;

	for (edge = LIST_FIRST(&class1->edges); edge; edge = next) {
		next = LIST_NEXT(edge, list);
		if (edge->seen)
			continue;
		i = find_successor(config, &edge->config);
		if (i < config->n_edges)
			ifindex[i] = edge->ifindex;
		edge_free(edge, i == config->n_edges);
	}
}

void class1_configure(struct class1 *class1)
{
	const struct config *config = &class1->daemon->config;
	uint32_t ifindex[CONFIG_EDGES_MAX] = { 0 }, i;
	struct class1_edge *edge;

	for (i = 0; i < config->n_edges; i++) {
		edge = find_edge(class1, &config->edge[i]);
		if (edge)
			edge->seen = true;
	}
	free_unseen(class1, ifindex);
	for (i = 0; i < config->n_edges; i++) {
		edge = find_edge(class1, &config->edge[i]);
		if (!edge)
			edge = edge_new(class1, &config->edge[i]);
		if (!edge)
			continue;
		edge->seen = false;
		if (!ifindex[i])
			continue;
		edge->ifindex = ifindex[i];
		class1_bind_edge_up(class1->bind, edge);
	}
}

struct class1 *class1_new(struct daemon *daemon)
{
	static const struct timeval period = { .tv_sec = ALIVE_S };
	struct class1 *class1 = calloc(1, sizeof(*class1));

	if (!class1)
		return NULL;
	class1->daemon = daemon;
	class1->alive = event_new(daemon->base, -1, EV_PERSIST, on_alive,
				  class1);
	class1->slow = evtimer_new(daemon->base, on_slow, class1);
	class1->grpc = grpc_new(class1);
	class1->bind = class1_bind_new(class1);
	if (class1_calls_new(class1) || !class1->alive || !class1->slow ||
	    !class1->grpc ||
	    event_add(class1->alive, &period)) {
		class1_free(class1);
		return NULL;
	}
	class1_configure(class1);
	return class1;
}

void class1_abandon(struct class1 *class1)
{
	if (class1)
		class1->abandoned = true;
}

void class1_free(struct class1 *class1)
{
	if (!class1)
		return;
	while (!LIST_EMPTY(&class1->edges))
		edge_free(LIST_FIRST(&class1->edges), true);
	grpc_free(class1->grpc);
	class1_bind_free(class1->bind);
	if (class1->alive)
		event_free(class1->alive);
	if (class1->slow)
		event_free(class1->slow);
	class1_calls_free(class1);
	free(class1);
}
