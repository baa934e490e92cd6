// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <sys/queue.h>

#include "rmi.h"

struct call {
	TAILQ_ENTRY(call) list;
	/* NULL: it could not be made. */
	struct damc_rmi_pending *pending;
	rmi_done done;
	void *arg;
	uint64_t call;
};

TAILQ_HEAD(calls, call);

/**
 * struct rmi - calls under way
 * @ended: those that are only to be told of
 */
struct rmi {
	struct daemon *daemon;
	struct damc_rmi_client *client;
	struct event *event;
	struct calls calls;
	struct calls ended;
};

static void arm(struct rmi *rmi)
{
	int ms = damc_rmi_client_timeout(rmi->client);
	struct timeval tv = { .tv_sec = ms / 1000,
			      .tv_usec = ms % 1000 * 1000 };

	/* What could not be made is told of at once, but not from rmi_call(). */
	if (!TAILQ_EMPTY(&rmi->ended))
		tv = (struct timeval){ 0 };
	else if (ms < 0)
		tv = (struct timeval){ .tv_sec = 3600 };
	event_add(rmi->event, &tv);
}

static void finish(struct rmi *rmi, struct call *call)
{
	struct damc_rmi_reply reply = { 0 };
	bool ok = call->pending &&
		  !damc_rmi_finish(rmi->client, call->pending, &reply) &&
		  reply.status == DAMC_RMI_OK;

	TAILQ_REMOVE(&rmi->ended, call, list);
	call->done(call->arg, call->call, ok ? reply.data ?: "" : NULL,
		   reply.len);
	damc_rmi_reply_free(&reply);
	free(call);
}

/* Each call is looked at once, however many of them ended: whether any did. */
static bool gather_ended(struct rmi *rmi)
{
	struct call *call, *next;

	for (call = TAILQ_FIRST(&rmi->calls); call; call = next) {
		next = TAILQ_NEXT(call, list);
		if (!damc_rmi_ended(call->pending))
			continue;
		TAILQ_REMOVE(&rmi->calls, call, list);
		TAILQ_INSERT_TAIL(&rmi->ended, call, list);
	}
	return !TAILQ_EMPTY(&rmi->ended);
}

static void on_event(evutil_socket_t fd, short what, void *arg)
{
	struct rmi *rmi = arg;
	struct call *call;

	(void)fd;
	(void)what;
	damc_rmi_client_step(rmi->client, 0);
	/* Done may begin others, and what comes then may end some: look again. */
	while (gather_ended(rmi))
		while ((call = TAILQ_FIRST(&rmi->ended)))
			finish(rmi, call);
	arm(rmi);
}

struct rmi *rmi_new(struct daemon *daemon)
{
	struct rmi *rmi = calloc(1, sizeof(*rmi));

	if (!rmi)
		return NULL;
	rmi->daemon = daemon;
	TAILQ_INIT(&rmi->calls);
	TAILQ_INIT(&rmi->ended);
	rmi->client = damc_rmi_client_open(NULL);
	if (rmi->client)
		rmi->event = event_new(daemon->base,
				       damc_rmi_client_fd(rmi->client),
				       EV_READ | EV_PERSIST, on_event, rmi);
	if (!rmi->event) {
		rmi_free(rmi);
		return NULL;
	}
	arm(rmi);
	return rmi;
}

void rmi_free(struct rmi *rmi)
{
	struct call *call;

	if (!rmi)
		return;
	TAILQ_CONCAT(&rmi->calls, &rmi->ended, list);
	while ((call = TAILQ_FIRST(&rmi->calls))) {
		TAILQ_REMOVE(&rmi->calls, call, list);
		if (call->pending)
			damc_rmi_cancel(rmi->client, call->pending);
		free(call);
	}
	if (rmi->event)
		event_free(rmi->event);
	if (rmi->client)
		damc_rmi_client_close(rmi->client);
	free(rmi);
}

bool rmi_call(struct rmi *rmi, const struct damc_rmi_request *request,
	      rmi_done done, void *arg, uint64_t number)
{
	struct call *call = calloc(1, sizeof(*call));

	if (!call)
		return false;
	call->done = done;
	call->arg = arg;
	call->call = number;
	call->pending = damc_rmi_start(rmi->client, request);
	if (call->pending)
		TAILQ_INSERT_TAIL(&rmi->calls, call, list);
	else
		TAILQ_INSERT_TAIL(&rmi->ended, call, list);
	damc_rmi_client_step(rmi->client, 0);
	arm(rmi);
	return true;
}
