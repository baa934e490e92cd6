// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "grpc_int.h"
#include "listen.h"
#include "registrar.h"

/* A pod's own: who can open the path is for its directory to say. */
#define LISTEN_MODE 0666

/* Seconds between two looks at what is late or idle. */
#define SWEEP_S 5
/* Seconds in which a peer has to take some of what is sent to it. */
#define STUCK_S 60
/* Bytes that wait in a connection's buffer before more are made. */
#define BUFFER_MAX 16384

static const struct h2_ops h2_ops;

/* ---- connections ------------------------------------------------------- */

static void peer_free(struct grpc_peer *peer)
{
	struct class1 *class1 = peer->edge->grpc->class1;
	struct registrar *registrar = class1->daemon->registrar;

	LIST_REMOVE(peer, list);
	peer->edge->n_peers--;
	if (peer->h2)
		h2_conn_free(peer->h2);
	if (peer->pump)
		event_free(peer->pump);
	if (peer->bev)
		bufferevent_free(peer->bev);
	if (peer->holder && !class1->abandoned) {
		dc_reg_holder_gone(registrar_reg(registrar), peer->holder,
				   clock_us());
		registrar_arm(registrar);
	}
	free(peer);
}

/* As much as its buffer takes: false if the connection is over. */
static bool fill(struct grpc_peer *peer, struct evbuffer *to)
{
	const uint8_t *bytes;
	int n = 1;

	while (n > 0 && evbuffer_get_length(to) < BUFFER_MAX) {
		n = h2_conn_output(peer->h2, &bytes);
		if (n > 0 && evbuffer_add(to, bytes, n))
			n = -ENOMEM;
	}
	return n >= 0 && (evbuffer_get_length(to) || !h2_conn_done(peer->h2));
}

/* Who does not read is not listened to, for each question makes an answer. */
static void pump(struct grpc_peer *peer)
{
	struct evbuffer *to = bufferevent_get_output(peer->bev);

	if (!fill(peer, to))
		peer_free(peer);
	else if (evbuffer_get_length(to) >= BUFFER_MAX)
		bufferevent_disable(peer->bev, EV_READ);
	else
		bufferevent_enable(peer->bev, EV_READ);
}

static void on_pump(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	pump(arg);
}

static void on_written(struct bufferevent *bev, void *arg)
{
	(void)bev;
	pump(arg);
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
	(void)bev;
	(void)what;
	peer_free(arg);
}

/* Somebody who speaks HTTP/1 is told where to go. */
static void send_hint(int fd)
{
	static const char text[] =
		"HTTP/1.1 505 HTTP Version Not Supported\r\n"
		"Content-Type: application/json\r\nConnection: close\r\n\r\n"
		"{\"code\": \"no-grpc\",\n"
		"\"message\": \"This address is for gRPC: HTTP/2 without TLS.\",\n"
		"\"do\": \"Use a gRPC client, or the address for HTTP/JSON.\"}\n";

	/* It is about to be closed: what the socket takes has to do. */
	send(fd, text, sizeof(text) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void on_read(struct bufferevent *bev, void *arg)
{
	struct evbuffer *from = bufferevent_get_input(bev);
	struct grpc_peer *peer = arg;
	uint64_t now = clock_us();
	struct evbuffer_iovec part;
	int err = 0;

	while (!err && evbuffer_get_length(from)) {
		evbuffer_peek(from, -1, NULL, &part, 1);
		err = h2_conn_input(peer->h2, part.iov_base, part.iov_len, now);
		evbuffer_drain(from, part.iov_len);
	}
	if (!err) {
		pump(peer);
		return;
	}
	if (err == -EPROTONOSUPPORT)
		send_hint(bufferevent_getfd(bev));
	peer_free(peer);
}

static void wake(void *arg)
{
	struct grpc_peer *peer = arg;

	/* The core is in the middle of something. */
	event_active(peer->pump, EV_TIMEOUT, 0);
}

static const struct h2_ops h2_ops = {
	.request = grpc_request,
	.ended = grpc_ended,
	.wake = wake,
};

static int peer_open(struct grpc_peer *peer, evutil_socket_t fd)
{
	struct event_base *base = peer->edge->grpc->class1->daemon->base;
	const struct h2_config config = {
		.ops = &h2_ops, .budget = &peer->edge->budget,
		.path = grpc_paths, .n_paths = grpc_n_paths,
	};
	static const struct timeval stuck = { .tv_sec = STUCK_S };

	peer->bev = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!peer->bev) {
		evutil_closesocket(fd);
		return -ENOMEM;
	}
	peer->pump = evtimer_new(base, on_pump, peer);
	peer->h2 = h2_conn_new(&config, peer, clock_us());
	if (!peer->pump || !peer->h2)
		return -ENOMEM;
	bufferevent_setcb(peer->bev, on_read, on_written, on_event, peer);
	bufferevent_set_timeouts(peer->bev, NULL, &stuck);
	return bufferevent_enable(peer->bev, EV_READ | EV_WRITE);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd,
		      struct sockaddr *sa, int len, void *arg)
{
	struct grpc_edge *edge = arg;
	struct grpc_peer *peer = NULL;

	(void)listener;
	(void)sa;
	(void)len;
	if (edge->n_peers < GRPC_CONNECTIONS_MAX)
		peer = calloc(1, sizeof(*peer));
	if (!peer) {
		evutil_closesocket(fd);
		return;
	}
	peer->edge = edge;
	edge->n_peers++;
	LIST_INSERT_HEAD(&edge->peers, peer, list);
	if (peer_open(peer, fd))
		peer_free(peer);
}

/* No descriptors left: to try again at once would do nothing else. */
static void on_accept_error(struct evconnlistener *listener, void *arg)
{
	struct grpc_edge *edge = arg;

	log_event(&edge->grpc->class1->daemon->log, LOG_WARNING,
		  "accept-failed", "edge=%s error=\"%s\"",
		  edge->edge->config.interface,
		  strerror(EVUTIL_SOCKET_ERROR()));
	evconnlistener_disable(listener);
}

/* ---- edges ------------------------------------------------------------- */

static int listen_at(struct grpc_edge *edge, uint32_t i)
{
	const struct config_edge *config = &edge->edge->config;
	int fd = listen_open(config->grpc.address[i], config->interface,
			     LISTEN_MODE);

	if (fd < 0)
		return fd;
	edge->listener[i] =
		evconnlistener_new(edge->grpc->class1->daemon->base, on_accept,
				   edge, LEV_OPT_CLOSE_ON_FREE |
				   LEV_OPT_CLOSE_ON_EXEC, 0, fd);
	if (!edge->listener[i]) {
		evutil_closesocket(fd);
		return -ENOMEM;
	}
	evconnlistener_set_error_cb(edge->listener[i], on_accept_error);
	return 0;
}

static void open_all(struct grpc_edge *edge)
{
	const struct log *log = &edge->grpc->class1->daemon->log;
	const struct config_edge *config = &edge->edge->config;
	uint32_t i;
	int err;

	for (i = 0; i < config->grpc.n; i++) {
		err = listen_at(edge, i);
		if (err)
			log_event(log, LOG_ERROR, "listen-failed",
				  "edge=%s address=%s protocol=grpc error=\"%s\"",
				  config->interface, config->grpc.address[i],
				  strerror(-err));
		else
			log_event(log, LOG_INFO, "listening",
				  "edge=%s address=%s protocol=grpc",
				  config->interface, config->grpc.address[i]);
	}
}

struct grpc_edge *grpc_edge_new(struct grpc *grpc, struct class1_edge *edge)
{
	struct grpc_edge *grpc_edge = calloc(1, sizeof(*grpc_edge));

	if (!grpc_edge)
		return NULL;
	grpc_edge->grpc = grpc;
	grpc_edge->edge = edge;
	grpc_edge->budget.max = GRPC_EDGE_BYTES_MAX;
	LIST_INSERT_HEAD(&grpc->edges, grpc_edge, list);
	open_all(grpc_edge);
	return grpc_edge;
}

void grpc_edge_free(struct grpc_edge *edge)
{
	uint32_t i;

	if (!edge)
		return;
	LIST_REMOVE(edge, list);
	while (!LIST_EMPTY(&edge->peers))
		peer_free(LIST_FIRST(&edge->peers));
	for (i = 0; i < edge->edge->config.grpc.n; i++) {
		if (edge->listener[i])
			evconnlistener_free(edge->listener[i]);
		listen_remove(edge->edge->config.grpc.address[i]);
	}
	free(edge);
}

static void sweep_edge(struct grpc_edge *edge, uint64_t now)
{
	struct grpc_peer *peer;
	uint32_t i;

	for (i = 0; i < edge->edge->config.grpc.n; i++)
		if (edge->listener[i])
			evconnlistener_enable(edge->listener[i]);
	LIST_FOREACH(peer, &edge->peers, list)
		if (h2_conn_tick(peer->h2, now) && !peer->holder)
			h2_conn_shut(peer->h2);
}

static void on_sweep(evutil_socket_t fd, short what, void *arg)
{
	struct grpc *grpc = arg;
	struct grpc_edge *edge;

	(void)fd;
	(void)what;
	LIST_FOREACH(edge, &grpc->edges, list)
		sweep_edge(edge, clock_us());
}

/* ---- start and end ----------------------------------------------------- */

struct grpc *grpc_new(struct class1 *class1)
{
	static const struct timeval period = { .tv_sec = SWEEP_S };
	struct grpc *grpc = calloc(1, sizeof(*grpc));

	if (!grpc)
		return NULL;
	grpc->class1 = class1;
	grpc->sweep = event_new(class1->daemon->base, -1, EV_PERSIST, on_sweep,
				grpc);
	if (!namemap_init(&grpc->held) && grpc->sweep &&
	    !event_add(grpc->sweep, &period))
		return grpc;
	grpc_free(grpc);
	return NULL;
}

void grpc_free(struct grpc *grpc)
{
	if (!grpc)
		return;
	if (grpc->sweep)
		event_free(grpc->sweep);
	namemap_free(&grpc->held);
	free(grpc);
}
