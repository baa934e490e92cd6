// SPDX-License-Identifier: GPL-2.0
#include <event2/buffer.h>
#include <event2/http.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority.h"
#include "listen.h"
#include "metrics.h"
#include "registrar.h"
#include "router.h"

/* Nobody asks for more than that here. */
#define BODY_MAX 1024
#define HEADER_MAX 8192
#define IDLE_S 30

struct metrics {
	struct daemon *daemon;
	struct evhttp *http;
};

static void put(struct evbuffer *to, const char *type, const char *name,
		uint64_t value)
{
	evbuffer_add_printf(to, "# TYPE damcd_%s %s\ndamcd_%s %" PRIu64 "\n",
			    name, type, name, value);
}

static void put_counter(void *to, const char *counter, uint64_t value)
{
	char name[64];

	snprintf(name, sizeof(name), "node_%s_total", counter);
	put(to, "counter", name, value);
}

static void put_table(struct evbuffer *to, const struct router *router)
{
	const struct wire_counts *wire = router_wire_counts(router);
	struct table_counts table;

	router_table_counts(router, &table);
	put(to, "gauge", "table_routes", table.routes);
	put(to, "gauge", "table_pools", table.pools);
	put(to, "gauge", "table_unconfirmed", table.unconfirmed);
	put(to, "gauge", "table_lacking", table.lacking);
	put(to, "counter", "table_changes_total", table.changes);
	put(to, "counter", "table_refused_total", table.refused);
	put(to, "gauge", "table_flush_microseconds", table.flush_us);
	put(to, "counter", "wire_received_total", wire->rx);
	put(to, "counter", "wire_sent_total", wire->tx);
	put(to, "counter", "wire_unsent_total", wire->unsent);
	put(to, "counter", "wire_far_total", wire->far);
}

static void put_reg(struct evbuffer *to, struct registrar *registrar)
{
	struct dc_reg_counts reg;

	dc_reg_counts(registrar_reg(registrar), &reg);
	put(to, "gauge", "names", reg.names);
	put(to, "gauge", "grants_kept", reg.grants);
	put(to, "counter", "grants_asked_total", reg.asked);
	put(to, "counter", "grants_given_total", reg.granted);
	put(to, "counter", "grants_cached_total", reg.cached);
	put(to, "counter", "grants_refused_total", reg.refused);
	put(to, "counter", "leases_lapsed_total", reg.lapsed);
	put(to, "counter", "leases_renewed_total", reg.renewed);
}

static void put_class3(struct evbuffer *to, const struct authority *authority)
{
	struct dc_c3_client_counts spa;

	authority_counts(authority, &spa);
	put(to, "gauge", "class3_wants", spa.wants);
	put(to, "counter", "class3_asked_total", spa.asked);
	put(to, "counter", "class3_granted_total", spa.granted);
	put(to, "counter", "class3_renewed_total", spa.renewed);
	put(to, "counter", "class3_refused_total", spa.refused);
	put(to, "counter", "class3_unanswered_total", spa.unanswered);
	put(to, "counter", "class3_disbelieved_total", spa.disbelieved);
	put(to, "counter", "class3_late_total", spa.late);
}

static int count_neighbour(const struct dc_neighbour *neighbour, void *arg)
{
	uint64_t *full = arg;

	*full += !strcmp(neighbour->state, "full");
	return 0;
}

static void reply(struct evhttp_request *request, int status,
		  struct evbuffer *body)
{
	evhttp_add_header(evhttp_request_get_output_headers(request),
			  "Content-Type", "text/plain; version=0.0.4");
	evhttp_send_reply(request, status, NULL, body);
}

static void on_metrics(struct evhttp_request *request, void *arg)
{
	struct evbuffer *to = evbuffer_new();
	struct daemon *daemon = arg;
	uint64_t full = 0;

	if (!to) {
		evhttp_send_error(request, HTTP_INTERNAL, NULL);
		return;
	}
	put(to, "gauge", "up_seconds",
	    (clock_us() - daemon->started_us) / 1000000);
	dc_node_neighbours(router_node(daemon->router), count_neighbour, &full);
	put(to, "gauge", "neighbours_full", full);
	dc_node_counts_each(router_node(daemon->router), put_counter, to);
	put_table(to, daemon->router);
	put_reg(to, daemon->registrar);
	put_class3(to, daemon->authority);
	reply(request, 200, to);
	evbuffer_free(to);
}

static void say(struct evhttp_request *request, int status, const char *text)
{
	struct evbuffer *to = evbuffer_new();

	if (to)
		evbuffer_add_printf(to, "%s\n", text);
	reply(request, status, to);
	if (to)
		evbuffer_free(to);
}

/* That it answers is the answer: there is one thread. */
static void on_health(struct evhttp_request *request, void *arg)
{
	(void)arg;
	say(request, 200, "ok");
}

static void on_ready(struct evhttp_request *request, void *arg)
{
	struct daemon *daemon = arg;
	uint64_t full = 0;

	dc_node_neighbours(router_node(daemon->router), count_neighbour, &full);
	if (daemon->ready && (full || !daemon->config.n_fabric))
		say(request, 200, "ready");
	else
		say(request, 503, "no neighbour yet");
}

struct metrics *metrics_new(struct daemon *daemon)
{
	struct metrics *metrics = calloc(1, sizeof(*metrics));
	int fd;

	if (!metrics)
		return NULL;
	metrics->daemon = daemon;
	metrics->http = evhttp_new(daemon->base);
	fd = listen_open(daemon->config.metrics, NULL, 0600);
	if (!metrics->http || fd < 0 ||
	    !evhttp_accept_socket_with_handle(metrics->http, fd)) {
		log_event(&daemon->log, LOG_ERROR, "no-metrics",
			  "address=%s error=\"%s\"", daemon->config.metrics,
			  fd < 0 ? strerror(-fd) : "no memory");
		metrics_free(metrics);
		return NULL;
	}
	evhttp_set_allowed_methods(metrics->http, EVHTTP_REQ_GET);
	evhttp_set_max_body_size(metrics->http, BODY_MAX);
	evhttp_set_max_headers_size(metrics->http, HEADER_MAX);
	evhttp_set_timeout(metrics->http, IDLE_S);
	evhttp_set_cb(metrics->http, "/metrics", on_metrics, daemon);
	evhttp_set_cb(metrics->http, "/healthz", on_health, daemon);
	evhttp_set_cb(metrics->http, "/readyz", on_ready, daemon);
	return metrics;
}

void metrics_free(struct metrics *metrics)
{
	if (!metrics)
		return;
	if (metrics->http)
		evhttp_free(metrics->http);
	free(metrics);
}
