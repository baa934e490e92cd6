// SPDX-License-Identifier: GPL-2.0
/*
 * Which names a pod is told of: its own, and those that call rules let it call,
 * as its own name and as all that it has registered. A watch whose pod may call
 * others than before ends, and says so: what it was told is not kept, so nobody
 * could say what is new to it and what is gone.
 */
#include <event2/event.h>
#include <event2/http.h>
#include <stdio.h>
#include <stdlib.h>

#include "class1_edge.h"
#include "grpc.h"
#include "registrar.h"
#include "router.h"

/* Of several rules that come at once, one end of a watch is enough. */
#define RECALL_US 100000

/* ---- as whom a pod calls ----------------------------------------------- */

static struct dc_trust *trust_of(const struct class1 *class1)
{
	return dc_node_trust(router_node(class1->daemon->router));
}

struct roll {
	struct class1_edge *edge;
	int err;
};

static int add_own(const struct dc_reg_entry *entry, void *arg)
{
	struct roll *roll = arg;

	if (entry->want.edge == roll->edge->ifindex &&
	    entry->state == DC_REG_ACTIVE)
		roll->err = dc_caller_is(roll->edge->caller,
					 &entry->want.name);
	return roll->err;
}

static void forget_caller(struct class1_edge *edge)
{
	dc_caller_free(edge->caller);
	edge->caller = NULL;
}

/* NULL: no memory. */
static const struct dc_caller *caller_of(struct class1_edge *edge)
{
	struct roll roll = { .edge = edge };

	if (edge->caller)
		return edge->caller;
	edge->caller = dc_caller_new(trust_of(edge->class1));
	if (!edge->caller)
		return NULL;
	roll.err = dc_caller_is(edge->caller, &edge->config.pod);
	if (!roll.err)
		dc_reg_each(registrar_reg(edge->class1->daemon->registrar),
			    add_own, &roll);
	if (roll.err)
		forget_caller(edge);
	return edge->caller;
}

enum dc_call class1_call(struct class1_edge *edge, const struct damc_name *name)
{
	struct dc_trust *trust = trust_of(edge->class1);
	const struct dc_caller *caller = caller_of(edge);

	if (!caller)
		return DC_CALL_UNKNOWN;
	return dc_trust_call(trust, caller, name, clock_us());
}

bool class1_may_see(struct class1_edge *edge, const struct damc_name *name)
{
	return dc_call_may(class1_call(edge, name));
}

void class1_problem_of_call(struct class1_problem *problem, enum dc_call call)
{
	*problem = (struct class1_problem){
		403, "not-callable", "",
		"Ask who runs the domain to name this pod, or a name that it has, among the callers (damc-spa rule).",
	};
	snprintf(problem->message, sizeof(problem->message),
		 "This pod may not call the name: %s.", dc_call_text(call));
}

/* ---- it has changed ---------------------------------------------------- */

static void end_watch(struct class1_conn *conn)
{
	struct evhttp_request *request = conn->watch;
	json_t *json = class1_problem_json(&class1_recalled_problem);
	char *text;

	json_object_set_new(json, "event", json_string("end"));
	text = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	if (text)
		class1_watch_line(conn, text);
	free(text);
	LIST_REMOVE(conn, watches);
	conn->edge->watches--;
	conn->watch = NULL;
	evhttp_send_reply_end(request);
}

static void on_recall(evutil_socket_t fd, short what, void *arg)
{
	struct class1_conn *conn, *next;
	struct class1 *class1 = arg;
	struct class1_edge *edge;

	(void)fd;
	(void)what;
	for (conn = LIST_FIRST(&class1->watches); conn; conn = next) {
		next = LIST_NEXT(conn, watches);
		if (conn->edge->recalled)
			end_watch(conn);
	}
	grpc_recalled(class1->grpc);
	LIST_FOREACH(edge, &class1->edges, list)
		edge->recalled = false;
}

static void recall(struct class1_edge *edge)
{
	static const struct timeval soon = { .tv_usec = RECALL_US };

	if (!edge->watches || edge->recalled)
		return;
	edge->recalled = true;
	event_add(edge->class1->recall, &soon);
}

void class1_recalled(struct class1 *class1)
{
	struct class1_edge *edge;

	if (!class1)
		return;
	LIST_FOREACH(edge, &class1->edges, list)
		recall(edge);
}

static void has_name(struct class1_edge *edge, const struct damc_name *name)
{
	/* Until somebody asks, nothing is kept of it. */
	if (!edge->caller)
		return;
	if (dc_trust_call_gains(trust_of(edge->class1), edge->caller, name,
				clock_us()))
		recall(edge);
	if (dc_caller_is(edge->caller, name))
		forget_caller(edge);
}

static void lost_name(struct class1_edge *edge, const struct damc_name *name)
{
	const struct dc_caller *caller;

	if (!edge->caller)
		return;
	forget_caller(edge);
	if (!edge->watches)
		return;
	caller = caller_of(edge);
	if (!caller || dc_trust_call_gains(trust_of(edge->class1), caller,
					   name, clock_us()))
		recall(edge);
}

void class1_calls_told(struct class1 *class1, const struct dc_reg_entry *entry,
		       bool up)
{
	struct class1_edge *edge;

	LIST_FOREACH(edge, &class1->edges, list) {
		if (edge->ifindex != entry->want.edge)
			continue;
		if (up)
			has_name(edge, &entry->want.name);
		else
			lost_name(edge, &entry->want.name);
	}
}

int class1_calls_new(struct class1 *class1)
{
	class1->recall = evtimer_new(class1->daemon->base, on_recall, class1);
	return class1->recall ? 0 : -1;
}

void class1_calls_free(struct class1 *class1)
{
	if (class1->recall)
		event_free(class1->recall);
}
