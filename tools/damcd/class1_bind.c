// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bind_msg.h"
#include "class1_bind.h"
#include "class1_edge.h"
#include "registrar.h"
#include "router.h"
#include "wire.h"

#define S 1000000ULL

/**
 * struct wait - a question to an SPA that is open
 * @ticket: the registry's
 * @id: the binding's that was asked for last
 */
struct wait {
	LIST_ENTRY(wait) list;
	const struct class1_edge *edge;
	uint64_t ticket;
	uint64_t id;
};

/**
 * struct class1_bind - class 1 by bind()
 * @busy: the pod's own message is what changes a name now
 */
struct class1_bind {
	struct class1 *class1;
	struct wire *wire;
	LIST_HEAD(, wait) waits;
	bool busy;
};

/* ---- answers ----------------------------------------------------------- */

static void say(struct class1_bind *bind, const struct class1_edge *edge,
		const struct bind_msg *msg)
{
	struct wire_link link = { .ifindex = edge->ifindex };
	uint8_t bytes[BIND_MSG_MAX];

	/* While it is gone, nobody is there to hear it. */
	if (edge->ifindex)
		wire_send(bind->wire, &link, bytes,
			  bind_msg_write(msg, bytes));
}

static void answer(struct class1_bind *bind, const struct class1_edge *edge,
		   const struct damc_name *name, uint64_t id,
		   const struct dc_reg_outcome *outcome)
{
	struct bind_msg msg = {
		.type = DAMC_BIND_MSG_GRANTED, .id = id, .name = *name,
	};
	struct class1_problem problem;

	if (outcome->code != DC_REG_DONE) {
		class1_problem_of(outcome, &problem);
		/* What ended, or may work later, is not refused for good. */
		msg.type = problem.status == 503 ||
			   outcome->code == DC_REG_ENDED ?
			   DAMC_BIND_MSG_LATER : DAMC_BIND_MSG_REFUSED;
		snprintf(msg.reason, sizeof(msg.reason), "%.*s",
			 DAMC_BIND_REASON_MAX,
			 *outcome->reason ? outcome->reason
					  : dc_reg_code_text(outcome->code));
	}
	say(bind, edge, &msg);
}

/* ---- questions that are open ------------------------------------------- */

static struct wait *wait_of(struct class1_bind *bind, uint64_t ticket)
{
	struct wait *wait;

	LIST_FOREACH(wait, &bind->waits, list)
		if (wait->ticket == ticket)
			return wait;
	return NULL;
}

static bool has_room(const struct class1_bind *bind,
		     const struct class1_edge *edge)
{
	const struct wait *wait;
	unsigned int n = 0;

	LIST_FOREACH(wait, &bind->waits, list)
		n += wait->edge == edge;
	return n < CLASS1_BIND_WAITS_MAX;
}

static void wait_for(struct class1_bind *bind, const struct class1_edge *edge,
		     uint64_t ticket, uint64_t id)
{
	struct wait *wait = wait_of(bind, ticket);

	if (!wait) {
		/* Without memory the next time it asks, it may be there. */
		wait = calloc(1, sizeof(*wait));
		if (!wait)
			return;
		LIST_INSERT_HEAD(&bind->waits, wait, list);
	}
	wait->edge = edge;
	wait->ticket = ticket;
	wait->id = id;
}

/* ---- questions --------------------------------------------------------- */

static struct dc_reg *reg_of(const struct class1_bind *bind)
{
	return registrar_reg(bind->class1->daemon->registrar);
}

/* It is registered as it is asked for: its lease ends no earlier than this one. */
static bool renewed(struct class1_bind *bind, const struct dc_reg_want *want)
{
	const struct dc_reg_entry *entry = dc_reg_find(reg_of(bind),
						       &want->name);
	uint64_t now = clock_us();

	if (!entry || entry->state != DC_REG_ACTIVE ||
	    entry->want.edge != want->edge || entry->want.right != want->right ||
	    (want->right == DC_RIGHT_MEMBER &&
	     entry->want.weight != want->weight))
		return false;
	if (entry->lease_us < now + want->lease_s * S)
		dc_reg_renew(reg_of(bind), &want->name, want->edge,
			     want->lease_s, now);
	return true;
}

static void add(struct class1_bind *bind, const struct class1_edge *edge,
		const struct dc_reg_want *want, uint64_t id)
{
	static const struct dc_reg_outcome crowded = {
		DC_REG_FULL, "64 names of this pod wait for an answer",
	};
	static const struct dc_reg_outcome done = { .code = DC_REG_DONE };
	struct dc_reg_outcome outcome;
	uint64_t ticket;

	if (renewed(bind, want)) {
		answer(bind, edge, &want->name, id, &done);
		return;
	}
	if (!dc_reg_find(reg_of(bind), &want->name) && !has_room(bind, edge)) {
		answer(bind, edge, &want->name, id, &crowded);
		return;
	}
	dc_reg_add(reg_of(bind), want, NULL, clock_us(), &ticket, &outcome);
	if (outcome.code == DC_REG_ASKED)
		wait_for(bind, edge, ticket, id);
	else
		answer(bind, edge, &want->name, id, &outcome);
}

static void wanted(struct class1_bind *bind, const struct class1_edge *edge,
		   const struct bind_msg *msg)
{
	struct dc_reg_want want = {
		.name = msg->name, .pod = edge->config.pod,
		.edge = edge->ifindex, .lease_s = CLASS1_BIND_LEASE_S,
		.right = msg->weight ? DC_RIGHT_MEMBER : DC_RIGHT_NAME,
		.weight = msg->weight ? msg->weight : 1,
		.epoch = router_time(bind->class1->daemon->router) / 1000,
	};

	add(bind, edge, &want, msg->id);
}

/* What another pod has, or nobody, is not this one's any more, either. */
static void left(struct class1_bind *bind, const struct class1_edge *edge,
		 const struct bind_msg *msg)
{
	struct bind_msg reply = {
		.type = DAMC_BIND_MSG_LEFT, .id = msg->id, .name = msg->name,
	};

	dc_reg_del(reg_of(bind), &msg->name, edge->ifindex, clock_us());
	say(bind, edge, &reply);
}

static struct class1_edge *edge_at(const struct class1_bind *bind,
				   uint32_t ifindex)
{
	struct class1_edge *edge;

	LIST_FOREACH(edge, &bind->class1->edges, list)
		if (edge->ifindex == ifindex)
			return edge;
	return NULL;
}

static bool on_packet(void *arg, const struct wire_link *link,
		      const void *packet, size_t len)
{
	struct class1_bind *bind = arg;
	const struct class1_edge *edge = edge_at(bind, link->ifindex);
	struct bind_msg msg;

	if (!edge)
		return false;
	if (bind_msg_read(&msg, packet, len))
		return true;
	bind->busy = true;
	if (msg.type == DAMC_BIND_MSG_WANT)
		wanted(bind, edge, &msg);
	else if (msg.type == DAMC_BIND_MSG_LEAVE)
		left(bind, edge, &msg);
	bind->busy = false;
	registrar_arm(bind->class1->daemon->registrar);
	return true;
}

/* ---- news -------------------------------------------------------------- */

static void ask_again(struct class1_bind *bind, const struct class1_edge *edge,
		      const struct damc_name *name)
{
	struct bind_msg msg = { .type = DAMC_BIND_MSG_AGAIN, .name = *name };

	say(bind, edge, &msg);
}

void class1_bind_edge_up(struct class1_bind *bind,
			 const struct class1_edge *edge)
{
	static const struct damc_name all;

	if (bind)
		ask_again(bind, edge, &all);
}

void class1_bind_told(struct class1_bind *bind, uint64_t ticket,
		      const struct dc_reg_entry *entry,
		      const struct dc_reg_outcome *outcome)
{
	struct wait *wait = bind && ticket ? wait_of(bind, ticket) : NULL;
	const struct class1_edge *edge;

	if (wait) {
		answer(bind, wait->edge, &entry->want.name, wait->id, outcome);
		LIST_REMOVE(wait, list);
		free(wait);
		return;
	}
	/* It ended, and not by its pod's word: a socket that has it is told why. */
	if (!bind || bind->busy || entry->state != DC_REG_DRAINING)
		return;
	edge = edge_at(bind, entry->want.edge);
	if (edge)
		ask_again(bind, edge, &entry->want.name);
}

/* ---- start and end ----------------------------------------------------- */

void class1_bind_edge_free(struct class1_bind *bind,
			   const struct class1_edge *edge)
{
	struct wait *wait, *next;

	if (!bind)
		return;
	for (wait = LIST_FIRST(&bind->waits); wait; wait = next) {
		next = LIST_NEXT(wait, list);
		if (edge && wait->edge != edge)
			continue;
		LIST_REMOVE(wait, list);
		free(wait);
	}
}

struct class1_bind *class1_bind_new(struct class1 *class1)
{
	struct class1_bind *bind = calloc(1, sizeof(*bind));

	if (!bind)
		return NULL;
	bind->class1 = class1;
	bind->wire = wire_new(class1->daemon, WIRE_BIND, on_packet, NULL, bind);
	if (bind->wire)
		return bind;
	log_event(&class1->daemon->log, LOG_ERROR, "no-bindings",
		  "name=%s error=\"%s\"", WIRE_BIND, strerror(errno));
	free(bind);
	return NULL;
}

void class1_bind_free(struct class1_bind *bind)
{
	if (!bind)
		return;
	class1_bind_edge_free(bind, NULL);
	wire_free(bind->wire);
	free(bind);
}
