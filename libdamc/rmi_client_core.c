// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The calling side of RMI: starting and ending calls, and time. What is said
 * is rmi_client_output.c's, what is heard rmi_client_input.c's. The reasons are
 * in Documentation/rmi.rst.
 *
 * A call first needs the server's terms: its incarnation and its clock. They
 * are remembered per server; without them a HELLO, which can't be executed,
 * asks for them. A REQUEST then names the incarnation and, by the server's
 * clock, the end of its time. A call whose transmissions are all known not to
 * have been taken may begin anew under other terms; any other may not.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rmi_call.h"

/* ---- starting and ending ---- */

struct rmi_client_core *rmi_client_core_new(uint64_t seed)
{
	struct rmi_client_core *core = calloc(1, sizeof(*core));

	if (!core)
		return NULL;
	core->random = seed;
	do {
		core->client = rmi_core_random(core);
	} while (!core->client);
	return core;
}

void rmi_client_core_free(struct rmi_client_core *core)
{
	if (!core)
		return;
	while (core->first)
		rmi_call_free(core, core->first);
	rmi_peers_free(&core->peers);
	free(core);
}

static bool valid(const struct damc_rmi_request *request)
{
	size_t method_len = request->method ? strlen(request->method) : 0;
	struct damc_name name;

	return method_len && method_len <= DAMC_RMI_METHOD_MAX &&
	       request->deadline_ms &&
	       request->deadline_ms <= RMI_DEADLINE_MAX_MS &&
	       (request->data || !request->len) &&
	       !damc_name_from_wire(&name, request->target.wire,
				    request->target.len);
}

static bool too_long(const struct damc_rmi_request *request)
{
	return request->len > RMI_MESSAGE_MAX - RMI_HEADER_SIZE -
			      strlen(request->method);
}

static void begin(struct rmi_client_core *core, struct rmi_call *call,
		  const struct damc_rmi_request *request, uint64_t now)
{
	uint64_t deadline_us = request->deadline_ms * 1000ull;

	call->peer->calls++;
	rmi_core_link(core, call);
	core->n_calls++;
	call->flow = call->peer->flow;
	call->deadline = now + deadline_us;
	call->interval_max = rmi_interval_max(deadline_us);
	rmi_call_issue(core, call, now);
	if (too_long(request))
		rmi_call_end(call, DAMC_RMI_TOO_BIG);
}

struct rmi_call *rmi_client_core_start(struct rmi_client_core *core,
				       const struct damc_rmi_request *request,
				       uint64_t now)
{
	struct rmi_call *call;

	errno = EINVAL;
	if (!valid(request) || core->shutdown)
		return NULL;
	errno = ENOBUFS;
	if (core->n_calls >= RMI_CALLS_MAX)
		return NULL;
	errno = ENOMEM;
	call = rmi_call_new(request);
	if (!call)
		return NULL;
	call->peer = rmi_peer_get(&core->peers, &request->target,
				  rmi_core_flow(core), now);
	if (!call->peer) {
		rmi_call_destroy(call);
		return NULL;
	}
	begin(core, call, request, now);
	return call;
}

bool rmi_call_ended(const struct rmi_call *call)
{
	return call->ended;
}

static void path_result(struct damc_rmi_path *to,
			const struct damc_rmi_path *from)
{
	to->hops = 0;
	to->missed = 0;
	if (from)
		*to = *from;
}

int rmi_call_result(struct rmi_call *call, struct damc_rmi_reply *reply)
{
	reply->status = call->status;
	reply->error = call->error;
	reply->server = call->server;
	reply->data = call->reply;
	reply->len = call->reply_len;
	reply->transmissions = call->transmissions;
	reply->rtt_us = call->rtt_us;
	path_result(&reply->there, call->paths);
	path_result(&reply->back, call->paths ? call->paths + 1 : NULL);
	call->reply = NULL;
	return -call->err;
}

void rmi_call_free(struct rmi_client_core *core, struct rmi_call *call)
{
	rmi_call_ground(call);
	rmi_core_unlink(core, call);
	rmi_core_unhash(core, call);
	core->n_calls--;
	call->peer->calls--;
	rmi_call_destroy(call);
}

void rmi_client_core_shutdown(struct rmi_client_core *core)
{
	core->shutdown = true;
}

/* ---- time ---- */

static void deadline_passed(struct rmi_call *call)
{
	struct rmi_peer *peer = call->peer;

	if (!call->heard) {
		/* Perhaps another way will do better next time. */
		peer->incarnation = 0;
		peer->flow = peer->flow * 5 + 4;
	}
	if (call->taken || call->gone)
		rmi_call_end(call, DAMC_RMI_OUTCOME_UNKNOWN);
	else if (rmi_call_not_taken(call) && call->no_room)
		rmi_call_end(call, DAMC_RMI_REFUSED);
	else if (rmi_call_not_taken(call) && call->error)
		rmi_call_end(call, DAMC_RMI_UNREACHABLE);
	else
		rmi_call_end(call, DAMC_RMI_DEADLINE);
}

/* When a packet that left at @since is taken to be lost. */
static uint64_t lost_at(const struct rmi_call *call, uint64_t since)
{
	uint64_t wait = rmi_rtt_loss(&call->peer->rtt);

	if ((!rmi_call_is_whole(call) || call->in.buf) &&
	    wait < call->interval)
		wait = call->interval;
	return rmi_window_lost_at(&call->peer->window, since, wait);
}

/* Parts of one flight that are lost make the next wait longer once. */
static void parts_lost(struct rmi_call *call, uint64_t sent_at, uint64_t now)
{
	rmi_window_lost(&call->peer->window, sent_at, now);
	if ((rmi_call_is_whole(call) && !call->in.buf) ||
	    sent_at < call->backed_off)
		return;
	call->backed_off = now;
	rmi_call_back_off(call);
}

static void sending_timer(struct rmi_call *call, uint64_t now)
{
	unsigned int i;

	for (i = 0; i < call->n_parts; i++) {
		struct rmi_sending *sending = &call->sending[i];

		if (!sending->flight || now < lost_at(call, sending->sent_at))
			continue;
		sending->flight = false;
		parts_lost(call, sending->sent_at, now);
	}
}

static void asked_timer(struct rmi_call *call, uint64_t now)
{
	uint64_t bits;

	for (bits = call->asked; bits; bits &= bits - 1) {
		unsigned int index = __builtin_ctzll(bits);

		if (now < lost_at(call, call->asked_at[index]))
			continue;
		call->asked &= ~(1ull << index);
		parts_lost(call, call->asked_at[index], now);
	}
}

static void call_timer(struct rmi_call *call, uint64_t now)
{
	if (call->ended)
		return;
	if (now >= call->deadline || (call->gone && now >= call->at)) {
		deadline_passed(call);
		return;
	}
	sending_timer(call, now);
	asked_timer(call, now);
	if (now >= call->at && !call->gone)
		call->due = true;
}

void rmi_client_core_timer(struct rmi_client_core *core, uint64_t now)
{
	struct rmi_call *call;

	for (call = core->first; call; call = call->next)
		call_timer(call, now);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* When something under way will be taken for lost. */
static uint64_t next_loss(const struct rmi_call *call)
{
	uint64_t next = UINT64_MAX, since, bits;
	unsigned int i;

	for (i = 0; i < call->n_parts; i++)
		if (call->sending[i].flight)
			next = earlier(next,
				       lost_at(call, call->sending[i].sent_at));
	for (bits = call->asked; bits; bits &= bits - 1) {
		since = call->asked_at[__builtin_ctzll(bits)];
		next = earlier(next, lost_at(call, since));
	}
	return next;
}

/* It has something to send, if the window lets it. */
static bool wants_window(const struct rmi_call *call)
{
	const struct rmi_window *window = &call->peer->window;

	if (call->gone)
		return false;
	if (call->taken)
		return call->in.buf &&
		       rmi_call_wanted(call, window->flight < window->size ?
					     window->size - window->flight : 0);
	if (rmi_call_is_whole(call))
		return call->due;
	return rmi_call_next_part(call) >= 0;
}

/* A window that is full opens by an answer, or by a loss. */
static uint64_t window_opens(const struct rmi_call *call)
{
	const struct rmi_window *window = &call->peer->window;
	uint64_t at = window->flight < window->size ? window->pace_at :
						      UINT64_MAX;

	return at < call->at ? call->at : at;
}

static uint64_t next_of(const struct rmi_call *call)
{
	uint64_t next = earlier(call->deadline, next_loss(call));

	if (call->tx == UINT16_MAX)
		return next;
	if (wants_window(call))
		return earlier(next, window_opens(call));
	if (call->in.buf || (!rmi_call_is_whole(call) && !call->taken))
		return call->gone ? earlier(next, call->at) : next;
	return earlier(next, call->at);
}

uint64_t rmi_client_core_next(const struct rmi_client_core *core)
{
	const struct rmi_call *call;
	uint64_t next = UINT64_MAX;

	for (call = core->first; call; call = call->next)
		if (!call->ended)
			next = earlier(next, next_of(call));
	return next;
}
