// SPDX-License-Identifier: GPL-2.0
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include "control.h"
#include "listen.h"

struct client {
	LIST_ENTRY(client) list;
	struct control *control;
	struct bufferevent *event;
};

struct control {
	struct daemon *daemon;
	char address[CONFIG_ADDRESS_MAX + sizeof("unix:")];
	struct evconnlistener *listener;
	LIST_HEAD(, client) clients;
	unsigned int n;
};

/* ---- answers ----------------------------------------------------------- */

void control_add(struct control_answer *answer, json_t *object)
{
	char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;

	json_decref(object);
	if (text)
		evbuffer_add_printf(answer->to, "%s\n", text);
	else
		control_fail(answer, "no memory");
	free(text);
}

void control_fail(struct control_answer *answer, const char *why, ...)
{
	va_list args;

	va_start(args, why);
	vsnprintf(answer->error, sizeof(answer->error), why, args);
	va_end(args);
}

static void answer_line(struct client *client, const char *line)
{
	struct control_answer answer = {
		.daemon = client->control->daemon,
		.to = bufferevent_get_output(client->event),
	};
	json_error_t error;
	json_t *request = json_loads(line, JSON_REJECT_DUPLICATES, &error);

	if (json_is_object(request))
		control_do(&answer, request);
	else
		control_fail(&answer, "a JSON object is expected: %s",
			     error.text);
	json_decref(request);
	if (*answer.error)
		control_add(&answer, json_pack("{s:s}", "error", answer.error));
	else
		control_add(&answer, json_pack("{s:b}", "end", 1));
}

/* ---- clients ----------------------------------------------------------- */

static void client_free(struct client *client)
{
	LIST_REMOVE(client, list);
	client->control->n--;
	evconnlistener_enable(client->control->listener);
	bufferevent_free(client->event);
	free(client);
}

static void on_read(struct bufferevent *event, void *arg)
{
	struct evbuffer *input = bufferevent_get_input(event);
	struct client *client = arg;
	char *line;

	while ((line = evbuffer_readln(input, NULL, EVBUFFER_EOL_LF))) {
		answer_line(client, line);
		free(line);
	}
	if (evbuffer_get_length(input) > CONTROL_LINE_MAX)
		client_free(client);
}

static void on_end(struct bufferevent *event, short what, void *arg)
{
	(void)event;
	(void)what;
	client_free(arg);
}

/* A socket of the namespace's own has no permissions; its peer has a user. */
static bool is_trusted(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) &&
	       (!peer.uid || peer.uid == geteuid());
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd,
		      struct sockaddr *sa, int len, void *arg)
{
	struct control *control = arg;
	struct client *client = NULL;

	(void)sa;
	(void)len;
	if (is_trusted(fd))
		client = calloc(1, sizeof(*client));
	if (client)
		client->event = bufferevent_socket_new(control->daemon->base,
						       fd,
						       BEV_OPT_CLOSE_ON_FREE);
	if (!client || !client->event) {
		free(client);
		evutil_closesocket(fd);
		return;
	}
	client->control = control;
	LIST_INSERT_HEAD(&control->clients, client, list);
	if (++control->n == CONTROL_CLIENTS_MAX)
		evconnlistener_disable(listener);
	bufferevent_setcb(client->event, on_read, NULL, on_end, client);
	bufferevent_enable(client->event, EV_READ | EV_WRITE);
}

/* ---- start and end ----------------------------------------------------- */

struct control *control_new(struct daemon *daemon)
{
	struct control *control = calloc(1, sizeof(*control));
	int fd;

	if (!control)
		return NULL;
	control->daemon = daemon;
	snprintf(control->address, sizeof(control->address), "unix:%s",
		 daemon->config.control);
	fd = listen_open(control->address, NULL, 0600);
	if (fd >= 0)
		control->listener = evconnlistener_new(daemon->base, on_accept,
						       control,
						       LEV_OPT_CLOSE_ON_FREE |
						       LEV_OPT_CLOSE_ON_EXEC,
						       0, fd);
	if (control->listener)
		return control;
	log_event(&daemon->log, LOG_ERROR, "no-control",
		  "address=%s error=\"%s\"", daemon->config.control,
		  strerror(fd < 0 ? -fd : ENOMEM));
	control_free(control);
	return NULL;
}

void control_free(struct control *control)
{
	if (!control)
		return;
	while (!LIST_EMPTY(&control->clients))
		client_free(LIST_FIRST(&control->clients));
	if (control->listener) {
		evconnlistener_free(control->listener);
		listen_remove(control->address);
	}
	free(control);
}
