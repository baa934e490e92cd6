// SPDX-License-Identifier: GPL-2.0
/*
 * damc-spa serve: class 3 by RMI. Gateways call; nodes that asked for news, and
 * those that the configuration names, are called when there is some.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "news.h"
#include "spa_tool.h"

/*
 * How often it is looked for what is due. Other processes' changes are told of
 * (store_watch()); where that cannot be, they wait so long.
 */
#define TICK_MS 100
#define PUSH_MS 2000
#define SERVERS_MAX (CONFIG_NAMES_MAX + 2)
#define CALLS_MAX (CONFIG_NAMES_MAX + NEWS_NODES_MAX + 1)

static const char usage[] =
	"Usage: damc-spa serve\n"
	"Answers gateways at /damc/spa/NODE and /localhost/damc/spa, and what names the\n"
	"configuration adds. SIGHUP reads the policy again; SIGTERM ends it.\n";

static volatile sig_atomic_t stopped, hung_up;

/**
 * struct serve - a running one
 * @watch: tells of changes to the store, or negative
 * @call: with news, that have not ended
 */
struct serve {
	struct desk desk;
	struct news news;
	int watch;
	struct damc_rmi_server *server[SERVERS_MAX];
	int n_servers;
	struct damc_rmi_client *client;
	struct damc_rmi_pending *call[CALLS_MAX];
};

static void on_signal(int number)
{
	if (number == SIGHUP)
		hung_up = 1;
	else
		stopped = 1;
}

/* ---- being called ------------------------------------------------------ */

static int answer(struct serve *serve, const struct damc_rmi_call_info *call,
		  uint8_t *to)
{
	uint64_t now = tool_now_us();

	if (!strcmp(call->method, DC_C3_METHOD_GRANT))
		return dc_spa_grant(serve->desk.spa, call->data, call->len, to,
				    now);
	if (!strcmp(call->method, DC_C3_METHOD_NONCE))
		return dc_spa_nonce(serve->desk.spa, call->data, call->len, to,
				    now);
	if (!strcmp(call->method, DC_C3_METHOD_OBJECT))
		return news_take(&serve->news, call->data, call->len);
	if (!strcmp(call->method, DC_C3_METHOD_OBJECTS))
		return news_answer(&serve->news, call->data, call->len, to);
	return -EOPNOTSUPP;
}

static enum damc_rmi_status method(const struct damc_rmi_call_info *call,
				   void **data, size_t *len, void *arg)
{
	uint8_t bytes[DC_C3_OBJECTS_ANSWER_MAX];
	int ret = answer(arg, call, bytes);

	*data = NULL;
	*len = 0;
	if (ret < 0)
		return ret == -EOPNOTSUPP ? DAMC_RMI_NO_METHOD : DAMC_RMI_REFUSED;
	*data = malloc(ret + 1);
	if (!*data)
		return DAMC_RMI_REFUSED;
	memcpy(*data, bytes, ret);
	*len = ret;
	return DAMC_RMI_OK;
}

/* ---- calling ----------------------------------------------------------- */

static void call_with(struct serve *serve, const struct damc_name *target,
		      const uint8_t *message, int len)
{
	struct damc_rmi_request request = {
		.target = *target, .method = DC_C3_METHOD_OBJECT,
		.data = message, .len = len, .deadline_ms = PUSH_MS
	};
	int i;

	for (i = 0; i < CALLS_MAX; i++) {
		if (!serve->call[i]) {
			serve->call[i] = damc_rmi_start(serve->client,
							&request);
			return;
		}
	}
}

static int news_name(struct damc_name *name, const struct dc_node_id *node)
{
	return dc_node_name(name, node) ?:
	       damc_name_append(name, DC_C3_NEWS, strlen(DC_C3_NEWS));
}

static bool is_called(const struct news_node *node, uint64_t now)
{
	return node->id.len && now - node->asked_ms < NEWS_NODE_MS;
}

static void push(struct serve *serve)
{
	const struct config *config = &serve->desk.config;
	const struct news_node *node = serve->news.node;
	uint64_t now = desk_time(&serve->desk);
	uint8_t message[DC_C3_OBJECTS_ANSWER_MAX];
	int len = news_push(&serve->news, message);
	struct damc_name name;
	uint32_t i, n = 0;

	if (len < 0)
		return;
	for (i = 0; i < config->n_push; i++)
		call_with(serve, &config->push[i], message, len);
	for (i = 0; i < NEWS_NODES_MAX; i++) {
		if (is_called(&node[i], now) && !news_name(&name, &node[i].id)) {
			call_with(serve, &name, message, len);
			n++;
		}
	}
	log_event(&config->log, LOG_DEBUG, "news",
		  "revocations=%llu nodes=%u named=%u",
		  (unsigned long long)serve->desk.revocations, n,
		  config->n_push);
}

/* What came of a call with news is its own business: who lacks some will ask. */
static void take_ended(struct serve *serve)
{
	struct damc_rmi_reply reply;
	int i;

	for (i = 0; i < CALLS_MAX; i++) {
		if (!serve->call[i] || !damc_rmi_ended(serve->call[i]))
			continue;
		if (!damc_rmi_finish(serve->client, serve->call[i], &reply))
			damc_rmi_reply_free(&reply);
		serve->call[i] = NULL;
	}
}

/* ---- the loop ---------------------------------------------------------- */

static void reload(struct serve *serve)
{
	hung_up = 0;
	if (desk_enforce_policy(&serve->desk)) {
		log_event(&serve->desk.config.log, LOG_ERROR, "policy-not-read",
			  "error=\"%s\"", serve->desk.why);
	} else {
		/* The next tick signs its call rules. */
		serve->news.rules_due = true;
		serve->news.rules_next = 0;
		log_event(&serve->desk.config.log, LOG_INFO, "policy",
			  "version=%llu",
			  (unsigned long long)serve->desk.policy.version);
	}
}

/* What cannot be stored is tried again: who asks meanwhile is told that it is busy. */
static uint64_t failed(const struct serve *serve)
{
	log_event(&serve->desk.config.log, LOG_ERROR, "no-news",
		  "error=\"%s\"", serve->desk.why);
	return NEWS_FAILED_MS;
}

/* In how many ms the next is due. */
static uint64_t tick(struct serve *serve)
{
	int news;

	if (hung_up) {
		reload(serve);
		serve->news.beacon.len = 0;
	}
	news = news_tick(&serve->news);
	if (news > 0)
		push(serve);
	return news < 0 ? failed(serve) : TICK_MS;
}

static int step(struct serve *serve, struct pollfd *fds)
{
	int i, ret = 0;

	if (poll(fds, serve->n_servers + 2, TICK_MS) < 0 && errno != EINTR)
		return -errno;
	for (i = 0; i < serve->n_servers && ret >= 0; i++)
		ret = damc_rmi_server_step(serve->server[i]);
	if (ret >= 0)
		ret = damc_rmi_client_step(serve->client, 0);
	take_ended(serve);
	return ret;
}

static uint64_t now_ms(void)
{
	return tool_now_us() / 1000;
}

static int loop(struct serve *serve)
{
	struct pollfd fds[SERVERS_MAX + 2] = { 0 };
	uint64_t next = 0, wait = 0;
	int i, ret = 0;
	bool watched;

	for (i = 0; i < serve->n_servers; i++)
		fds[i].fd = damc_rmi_server_fd(serve->server[i]);
	fds[i++].fd = damc_rmi_client_fd(serve->client);
	fds[i].fd = serve->watch;
	for (; i >= 0; i--)
		fds[i].events = POLLIN;
	while (!stopped && ret >= 0) {
		watched = store_watched(serve->watch) && wait <= TICK_MS;
		if (watched || hung_up || now_ms() >= next) {
			wait = tick(serve);
			next = now_ms() + wait;
		}
		ret = step(serve, fds);
	}
	return ret < 0 ? tool_failed("receive: %s", strerror(-ret)) : TOOL_OK;
}

/* ---- start ------------------------------------------------------------- */

static int open_server(struct serve *serve, const struct damc_name *name)
{
	struct damc_rmi_server *server;
	char text[DAMC_NAME_TEXT_MAX];

	server = damc_rmi_server_open(name, method, serve);
	if (!server)
		return tool_failed("serve %s: %s", tool_name_text(name, text),
				   strerror(errno));
	serve->server[serve->n_servers++] = server;
	log_event(&serve->desk.config.log, LOG_INFO, "serving", "name=%s",
		  tool_name_text(name, text));
	return TOOL_OK;
}

static int open_all(struct serve *serve)
{
	const struct dc_node_id *id = dc_spa_id(serve->desk.spa);
	struct damc_name name;
	uint32_t i;
	int ret;

	if (damc_name_parse(&name, "/damc/spa", NULL) ||
	    damc_name_append(&name, id->byte, id->len))
		return tool_failed("no name");
	ret = open_server(serve, &name);
	if (!ret && !damc_name_parse(&name, "/localhost/damc/spa", NULL))
		ret = open_server(serve, &name);
	for (i = 0; i < serve->desk.config.n_names && !ret; i++)
		ret = open_server(serve, &serve->desk.config.name[i]);
	if (ret)
		return ret;
	serve->client = damc_rmi_client_open(NULL);
	if (!serve->client)
		return tool_failed("call: %s", strerror(errno));
	return TOOL_OK;
}

static void close_all(struct serve *serve)
{
	int i;

	for (i = 0; i < CALLS_MAX; i++) {
		if (serve->call[i])
			damc_rmi_cancel(serve->client, serve->call[i]);
	}
	if (serve->client)
		damc_rmi_client_close(serve->client);
	while (serve->n_servers)
		damc_rmi_server_close(serve->server[--serve->n_servers]);
}

static int run(struct tool *tool, struct serve *serve)
{
	struct sigaction action = { .sa_handler = on_signal };
	int ret;

	if (desk_open(&serve->desk, tool->config) ||
	    desk_enforce_policy(&serve->desk) || desk_sync(&serve->desk) < 0)
		return tool_failed("%s", serve->desk.why);
	if (news_open(&serve->news, &serve->desk))
		return tool_failed("%s", serve->desk.why);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	serve->watch = store_watch(serve->desk.config.state);
	if (serve->watch < 0)
		log_event(&serve->desk.config.log, LOG_WARNING, "not-watched",
			  "error=\"%s\"", strerror(-serve->watch));
	ret = open_all(serve);
	ret = ret ? ret : loop(serve);
	close_all(serve);
	if (serve->watch >= 0)
		close(serve->watch);
	return ret;
}

int cmd_serve(struct tool *tool)
{
	struct serve *serve;
	int ret;

	if (tool_is(tool, "help")) {
		fputs(usage, stdout);
		return TOOL_OK;
	}
	/* Options may follow the command here, as unit files have it. */
	if (tool_is(tool, "--config")) {
		tool->config = tool_take(tool);
		if (!tool->config)
			return tool_incomplete();
	}
	if (tool_end(tool))
		return TOOL_USAGE;
	serve = calloc(1, sizeof(*serve));
	if (!serve)
		return tool_failed("%s", strerror(ENOMEM));
	ret = run(tool, serve);
	news_close(&serve->news);
	desk_close(&serve->desk);
	free(serve);
	return ret;
}
