// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "class3.h"
#include "news.h"
#include "rmi.h"
#include "router.h"

#define OWN_SPA "/localhost/damc/spa"
#define LOCAL "/localhost/damc/node"

#define S 1000000ull
#define ASK_S 5
#define CALL_MS 2000

/* s without a beacon before SPAs elsewhere are asked: two were missed. */
#define SILENCE_S 150

/*
 * s between two questions to one that pushes to who asked in the last 10 minutes:
 * so, and by flooding, news come before they are asked for. Up to as much again, at
 * random; when no answer came, less.
 */
#define SUBSCRIBE_S 240
#define RETRY_S 10

#define SERVERS 2

/**
 * struct source - an SPA to ask
 * @revocation, @rule: numbers of the last that it told
 * @asked: an answer is waited for
 * @next_us: when to ask it so that it goes on pushing
 */
struct source {
	struct news *news;
	struct damc_name name;
	uint64_t revocation;
	uint64_t rule;
	bool asked;
	uint64_t next_us;
};

struct server {
	struct news *news;
	struct damc_rmi_server *server;
	struct event *event;
};

struct news {
	struct daemon *daemon;
	struct rmi *rmi;
	struct event *timer;
	uint32_t n_sources;
	struct source source[CONFIG_SPAS_MAX];
	struct server server[SERVERS];
};

/* ---- objects ----------------------------------------------------------- */

static void take_object(struct news *news, const void *bytes, size_t len)
{
	struct router *router = news->daemon->router;
	enum dc_verdict verdict;

	router_begin(router);
	verdict = dc_node_object(router_node(router), bytes, len, clock_us());
	router_end(router);
	if (verdict != DC_VALID)
		log_event(&news->daemon->log, LOG_DEBUG, "news-refused",
			  "reason=\"%s\"", dc_verdict_text(verdict));
}

/* 0 or -EBADMSG. */
static int take(struct news *news, const void *bytes, size_t len,
		struct dc_c3_objects *objects)
{
	uint32_t i;

	if (dc_c3_objects_read(objects, bytes, len))
		return -EBADMSG;
	for (i = 0; i < objects->n; i++)
		take_object(news, objects->object[i].bytes,
			    objects->object[i].len);
	return 0;
}

/* ---- asking ------------------------------------------------------------ */

static void on_answer(void *arg, uint64_t call, const void *data, size_t len);

static void ask(struct source *source)
{
	struct news *news = source->news;
	struct dc_c3_objects_request question = {
		.node = *router_id(news->daemon->router),
		.revocation = source->revocation, .rule = source->rule,
	};
	struct damc_rmi_request request = {
		.target = source->name, .method = DC_C3_METHOD_OBJECTS,
		.deadline_ms = CALL_MS,
	};
	uint8_t bytes[DC_C3_REQUEST_MAX];
	int n = dc_c3_objects_request_write(&question, bytes, sizeof(bytes));

	if (n < 0 || source->asked)
		return;
	source->next_us = clock_us() + RETRY_S * S;
	request.data = bytes;
	request.len = n;
	source->asked = rmi_call(news->rmi, &request, on_answer, source, 0);
}

static void on_answer(void *arg, uint64_t call, const void *data, size_t len)
{
	struct source *source = arg;
	struct dc_c3_objects objects;

	(void)call;
	source->asked = false;
	if (!data || take(source->news, data, len, &objects))
		return;
	source->revocation = objects.revocation;
	source->rule = objects.rule;
	source->next_us = clock_us() + (SUBSCRIBE_S +
			  randombytes_uniform(SUBSCRIBE_S)) * S;
	if (objects.more)
		ask(source);
}

static bool is_silent(const struct news *news)
{
	struct dc_node *node = router_node(news->daemon->router);

	return dc_trust_beacon_age(dc_node_trust(node), clock_us()) > SILENCE_S;
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct news *news = arg;
	struct damc_name own;
	uint32_t i;

	(void)fd;
	(void)what;
	damc_name_parse(&own, OWN_SPA, NULL);
	for (i = 0; i < news->n_sources; i++)
		if (damc_name_equal(&news->source[i].name, &own) ||
		    is_silent(news) || clock_us() >= news->source[i].next_us)
			ask(&news->source[i]);
}

/* ---- being called ------------------------------------------------------ */

static enum damc_rmi_status method(const struct damc_rmi_call_info *call,
				   void **data, size_t *len, void *arg)
{
	struct server *server = arg;
	struct dc_c3_objects objects;

	*data = NULL;
	*len = 0;
	if (strcmp(call->method, DC_C3_METHOD_OBJECT))
		return DAMC_RMI_NO_METHOD;
	if (take(server->news, call->data, call->len, &objects))
		return DAMC_RMI_APPLICATION;
	log_event(&server->news->daemon->log, LOG_DEBUG, "news-pushed",
		  "objects=%u to=%s", objects.n,
		  server == &server->news->server[0] ? "node" : "host");
	return DAMC_RMI_OK;
}

static void on_call(evutil_socket_t fd, short what, void *arg)
{
	struct server *server = arg;

	(void)fd;
	(void)what;
	damc_rmi_server_step(server->server);
}

static int serve(struct news *news, struct server *server,
		 const struct damc_name *name)
{
	server->news = news;
	server->server = damc_rmi_server_open(name, method, server);
	if (!server->server)
		return -errno;
	server->event = event_new(news->daemon->base,
				  damc_rmi_server_fd(server->server),
				  EV_READ | EV_PERSIST, on_call, server);
	return server->event ? event_add(server->event, NULL) : -ENOMEM;
}

static int serve_all(struct news *news)
{
	struct damc_name name;
	int err;

	err = dc_node_name(&name, router_id(news->daemon->router));
	if (!err)
		err = damc_name_append(&name, DC_C3_NEWS, strlen(DC_C3_NEWS));
	if (!err)
		err = serve(news, &news->server[0], &name);
	damc_name_parse(&name, LOCAL, NULL);
	return err ? err : serve(news, &news->server[1], &name);
}

/* ---- configuration ----------------------------------------------------- */

static struct source *find_source(struct news *news,
				  const struct damc_name *name)
{
	uint32_t i;

	for (i = 0; i < news->n_sources; i++)
		if (damc_name_equal(&news->source[i].name, name))
			return &news->source[i];
	return NULL;
}

/* What is known of those that stay, is. */
static void list_sources(struct news *news)
{
	const struct config *config = &news->daemon->config;
	struct source list[CONFIG_SPAS_MAX];
	const struct source *old;
	uint32_t i;

	for (i = 0; i < config->n_spas; i++) {
		old = find_source(news, &config->spa[i]);
		list[i] = old ? *old : (struct source){
			.news = news, .name = config->spa[i],
		};
		list[i].asked = false;
	}
	memcpy(news->source, list, config->n_spas * sizeof(*list));
	news->n_sources = config->n_spas;
}

void news_configure(struct news *news)
{
	struct rmi *fresh = rmi_new(news->daemon);

	if (!fresh)
		return;
	/* Answers to what is under way are told to a place in the list. */
	rmi_free(news->rmi);
	news->rmi = fresh;
	list_sources(news);
}

/* ---- start and end ----------------------------------------------------- */

static int start(struct news *news)
{
	static const struct timeval period = { .tv_sec = ASK_S };

	news->rmi = rmi_new(news->daemon);
	if (!news->rmi)
		return -errno;
	news->timer = event_new(news->daemon->base, -1, EV_PERSIST, on_timer,
				news);
	if (!news->timer || event_add(news->timer, &period))
		return -ENOMEM;
	return serve_all(news);
}

struct news *news_new(struct daemon *daemon)
{
	struct news *news = calloc(1, sizeof(*news));
	int err;

	if (!news)
		return NULL;
	news->daemon = daemon;
	list_sources(news);
	err = start(news);
	if (!err)
		return news;
	log_event(&daemon->log, LOG_ERROR, "no-news", "error=\"%s\"",
		  strerror(-err));
	news_free(news);
	return NULL;
}

void news_free(struct news *news)
{
	int i;

	if (!news)
		return;
	for (i = 0; i < SERVERS; i++) {
		if (news->server[i].event)
			event_free(news->server[i].event);
		if (news->server[i].server)
			damc_rmi_server_close(news->server[i].server);
	}
	rmi_free(news->rmi);
	if (news->timer)
		event_free(news->timer);
	free(news);
}
