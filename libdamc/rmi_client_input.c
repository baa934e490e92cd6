// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The calling side of RMI: what refusals and answers mean, and how a call ends
 * by them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rmi_call.h"
#include "rmi_server_core.h"

/* Refusals of one call that routing may mend, before it is believed. */
#define BOUNCES_MAX 3
#define BOUNCE_WAIT_US 50000

/* Times that a call begins anew without waiting for its timer. */
#define ISSUES_MAX 4

/* A server's clock beyond this is nonsense. */
#define TIME_MAX_MS (1ull << 52)

/* ---- refusals by the fabric ---- */

/* Try again soon, or believe it. What was sent together counts once. */
static void bounced(struct rmi_client_core *core, struct rmi_call *call,
		    enum damc_error_code code, uint16_t tx, uint64_t now)
{
	uint64_t soon;

	if (tx <= call->bounce_tx)
		return;
	call->bounce_tx = call->tx;
	if (++call->bounces >= BOUNCES_MAX && rmi_call_not_taken(call)) {
		call->peer->incarnation = 0;
		rmi_call_end(call, DAMC_RMI_UNREACHABLE);
		return;
	}
	if (code == DAMC_ERROR_CODE_PIN_LOST && rmi_call_not_taken(call)) {
		call->peer->flow = rmi_core_flow(core);
		call->flow = call->peer->flow;
	}
	soon = now + rmi_core_jitter(core, BOUNCE_WAIT_US * call->bounces);
	if (!call->gone && (call->at > soon || !rmi_call_is_whole(call)))
		call->at = soon;
}

/* The call matters more than the record of its path, which takes room. */
static void without_record(struct rmi_call *call, uint64_t now)
{
	call->record = false;
	if (!call->gone)
		call->at = now;
}

/* Somewhere is too much: wait twice as long. The window was halved. */
static void no_resources(struct rmi_call *call, uint64_t now)
{
	if (call->gone)
		return;
	if (rmi_call_is_whole(call))
		call->at += call->at > now ? call->at - now : 0;
	else
		call->at = now + call->interval;
}

static void take_refusal(struct rmi_client_core *core, struct rmi_call *call,
			 enum damc_error_code code, uint16_t tx, uint64_t now)
{
	switch (code) {
	case DAMC_ERROR_CODE_NO_RESOURCES:
		no_resources(call, now);
		break;
	case DAMC_ERROR_CODE_TOO_BIG:
		if (call->record)
			without_record(call, now);
		else if (rmi_call_not_taken(call))
			rmi_call_end(call, DAMC_RMI_TOO_BIG);
		break;
	case DAMC_ERROR_CODE_NO_LISTENER:
	case DAMC_ERROR_CODE_NO_INSTANCE:
		call->peer->incarnation = 0;
		if (rmi_call_not_taken(call))
			rmi_call_end(call, DAMC_RMI_UNREACHABLE);
		else
			rmi_call_server_gone(call, now);
		break;
	case DAMC_ERROR_CODE_PROHIBITED:
	case DAMC_ERROR_CODE_MALFORMED:
		if (rmi_call_not_taken(call))
			rmi_call_end(call, DAMC_RMI_UNREACHABLE);
		break;
	default:
		bounced(core, call, code, tx, now);
	}
}

static struct rmi_call *find_call(struct rmi_client_core *core,
				  const struct rmi_msg *msg)
{
	if (msg->client != core->client)
		return NULL;
	return rmi_core_find(core, msg->call);
}

static bool is_ours(const struct rmi_msg *msg)
{
	return msg->type == RMI_HELLO || msg->type == RMI_REQUEST ||
	       msg->type == RMI_PART || msg->type == RMI_PULL;
}

/* A packet of the call's that was refused is under way no more. */
static void land_refused(struct rmi_call *call, uint16_t tx,
			 enum damc_error_code code, uint64_t now)
{
	struct rmi_sending *sending = rmi_call_sending(call, tx);
	struct rmi_window *window = &call->peer->window;

	rmi_call_account(call, tx);
	if (!sending || !sending->flight || sending->tx != tx)
		return;
	sending->flight = false;
	if (code == DAMC_ERROR_CODE_NO_RESOURCES)
		rmi_window_lost(window, sending->sent_at, now);
	else
		rmi_window_forget(window);
}

void rmi_client_core_refused(struct rmi_client_core *core, const void *quote,
			     size_t len, enum damc_error_code code,
			     const struct damc_name *offender, uint64_t now)
{
	struct rmi_call *call;
	struct rmi_msg msg;

	if (rmi_decode_quote(&msg, quote, len) || !is_ours(&msg))
		return;
	call = find_call(core, &msg);
	if (!call)
		return;
	land_refused(call, msg.tx, code, now);
	call->error = code;
	call->server = *offender;
	take_refusal(core, call, code, msg.tx, now);
}

static enum damc_error_code code_of_errno(int err)
{
	switch (err) {
	case EMSGSIZE:
		return DAMC_ERROR_CODE_TOO_BIG;
	case ENETUNREACH:
	case EHOSTUNREACH:
		return DAMC_ERROR_CODE_NO_ROUTE;
	case ECONNREFUSED:
		return DAMC_ERROR_CODE_NO_LISTENER;
	case EACCES:
	case EPERM:
		return DAMC_ERROR_CODE_PROHIBITED;
	case EPROTO:
		return DAMC_ERROR_CODE_MALFORMED;
	case ECONNRESET:
		return DAMC_ERROR_CODE_PIN_LOST;
	}
	return DAMC_ERROR_CODE_NONE;
}

/*
 * What doesn't leave has not been transmitted. Of what a queue below the
 * socket refused (ENOBUFS), that isn't sure: it counts as sent, and will be
 * found lost.
 */
void rmi_client_core_unsent(struct rmi_client_core *core,
			    struct rmi_call *call, int err, uint64_t now)
{
	enum damc_error_code code = code_of_errno(err);

	if (err == ENOBUFS || rmi_client_core_undo(call, err, now))
		return;
	if (code) {
		call->error = code;
		memset(&call->server, 0, sizeof(call->server));
		take_refusal(core, call, code, call->tx, now);
	} else {
		call->err = err;
		rmi_call_end(call, DAMC_RMI_PROTOCOL);
	}
}

/* ---- answers ---- */

static void take_welcome(struct rmi_client_core *core, struct rmi_call *call,
			 const struct rmi_msg *msg,
			 const struct damc_name *from, uint64_t now)
{
	if (call->incarnation)
		return;
	call->peer->instance = *from;
	rmi_peer_learn(call->peer, msg, false, now);
	rmi_call_issue(core, call, now);
}

/* Ask again, with a few bytes, as often as the request would have been sent. */
static void take_working(struct rmi_client_core *core, struct rmi_call *call,
			 const struct rmi_msg *msg, uint64_t now)
{
	if (msg->incarnation != call->incarnation)
		return;
	rmi_peer_learn(call->peer, msg, false, now);
	rmi_call_taken(call);
	if (!call->gone && !call->in.buf)
		call->at = now + rmi_core_jitter(core, call->interval);
}

static void take_ack(struct rmi_call *call, const struct rmi_msg *msg,
		     uint64_t now)
{
	uint64_t come = msg->bitmap;
	unsigned int i;

	if (msg->incarnation != call->incarnation || rmi_call_is_whole(call))
		return;
	rmi_peer_learn(call->peer, msg, false, now);
	for (i = 0; i < call->n_parts; i++) {
		struct rmi_sending *sending = &call->sending[i];

		if (!(come >> i & 1) || sending->acked || !sending->tx)
			continue;
		sending->acked = true;
		call->interval = rmi_peer_timeout(call->peer);
		if (sending->flight)
			rmi_window_answered(&call->peer->window, 0);
		sending->flight = false;
	}
}

static bool status_from_server(uint8_t status)
{
	switch (status) {
	case DAMC_RMI_OK:
	case DAMC_RMI_APPLICATION:
	case DAMC_RMI_NO_METHOD:
	case DAMC_RMI_REFUSED:
	case DAMC_RMI_REPLY_TOO_BIG:
		return true;
	}
	return false;
}

/* Copy the answer's data: false if there is no memory. */
static bool keep_data(struct rmi_call *call, const struct rmi_msg *msg)
{
	if (!msg->len)
		return true;
	call->reply = malloc(msg->len);
	if (!call->reply)
		return false;
	memcpy(call->reply, msg->data, msg->len);
	call->reply_len = msg->len;
	return true;
}

/* What came, and how. */
struct heard {
	const struct damc_name *from;
	const void *record;
	size_t record_len;
};

static void keep_way_back(struct rmi_call *call, const struct heard *heard)
{
	if (call->paths && heard->record_len)
		rmi_path_decode(call->paths + 1, heard->record,
				heard->record_len);
}

static void take_reply(struct rmi_call *call, const struct rmi_msg *msg,
		       const struct heard *heard, uint64_t now)
{
	if (msg->incarnation != call->incarnation)
		return;
	rmi_peer_learn(call->peer, msg, false, now);
	call->error = DAMC_ERROR_CODE_NONE;
	call->server = *heard->from;
	call->rtt_us = now - call->first_sent;
	if (!status_from_server(msg->status)) {
		rmi_call_end(call, DAMC_RMI_PROTOCOL);
		return;
	}
	/* Without memory for it the reply is as good as lost. */
	if (!keep_data(call, msg))
		return;
	if (call->paths && msg->record_len)
		rmi_path_decode(call->paths, msg->record, msg->record_len);
	keep_way_back(call, heard);
	rmi_call_end(call, msg->status);
}

/* The first part to come: those that the server sends unasked are under way. */
static bool begin_gather(struct rmi_call *call, const struct rmi_msg *msg,
			 uint64_t now)
{
	uint64_t all = rmi_parts_all(rmi_parts(&msg->part));
	uint64_t bits;

	if (!call->asked_at)
		call->asked_at = calloc(RMI_PARTS_MAX, sizeof(*call->asked_at));
	if (!call->asked_at || rmi_gather_init(&call->in, &msg->part))
		return false;
	rmi_call_taken(call);
	call->at = now;
	call->asked = all & rmi_parts_all(RMI_PARTS_UNASKED);
	for (bits = call->asked; bits; bits &= bits - 1) {
		call->asked_at[__builtin_ctzll(bits)] = now;
		rmi_peer_sent(call->peer, now);
	}
	return true;
}

/* A reply that shrank on its way begins anew. */
static bool other_gather(struct rmi_call *call, const struct rmi_msg *msg,
			 uint64_t now)
{
	rmi_call_ground(call);
	rmi_gather_free(&call->in);
	return begin_gather(call, msg, now) &&
	       rmi_gather_add(&call->in, msg) > 0;
}

static void reply_complete(struct rmi_call *call, const struct heard *heard,
			   uint64_t now)
{
	struct rmi_msg whole;

	if (!rmi_decode(&whole, call->in.buf, call->in.part.total) &&
	    whole.type == RMI_REPLY && whole.call == call->id)
		take_reply(call, &whole, heard, now);
	else
		rmi_call_end(call, DAMC_RMI_PROTOCOL);
}

static void take_part(struct rmi_call *call, const struct rmi_msg *msg,
		      const struct heard *heard, uint64_t now)
{
	uint64_t bit = 1ull << msg->part.index;
	int ret;

	if (msg->incarnation != call->incarnation ||
	    msg->part.whole != RMI_REPLY)
		return;
	rmi_peer_learn(call->peer, msg, false, now);
	if (!call->in.buf && !begin_gather(call, msg, now))
		return;
	ret = rmi_gather_add(&call->in, msg);
	if (ret < 0)
		ret = other_gather(call, msg, now);
	if (ret <= 0)
		return;
	call->interval = rmi_peer_timeout(call->peer);
	if (call->asked & bit)
		rmi_window_answered(&call->peer->window,
				    call->asked_at[msg->part.index]);
	call->asked &= ~bit;
	keep_way_back(call, heard);
	if (!rmi_gather_missing(&call->in))
		reply_complete(call, heard, now);
}

/* The server that answers is not the one that the call was meant for. */
static void take_other(struct rmi_client_core *core, struct rmi_call *call,
		       const struct rmi_msg *msg,
		       const struct damc_name *from, uint64_t now)
{
	if (msg->incarnation == call->incarnation)
		return;
	call->peer->instance = *from;
	rmi_peer_learn(call->peer, msg, false, now);
	if (!rmi_call_not_taken(call))
		rmi_call_server_gone(call, now);
	else if (++call->issues <= ISSUES_MAX)
		rmi_call_issue(core, call, now);
}

static void take_expired(struct rmi_client_core *core, struct rmi_call *call,
			 const struct rmi_msg *msg, uint64_t now)
{
	if (msg->incarnation != call->incarnation)
		return;
	rmi_peer_learn(call->peer, msg, true, now);
	if (rmi_call_not_taken(call) && now < call->deadline &&
	    ++call->issues <= ISSUES_MAX)
		rmi_call_issue(core, call, now);
}

static void take_no_room(struct rmi_client_core *core, struct rmi_call *call,
			 uint64_t now)
{
	call->no_room = true;
	call->interval = call->interval_max;
	if (!rmi_call_is_whole(call) && !call->gone)
		call->at = now + rmi_core_jitter(core, call->interval);
}

static void take_reject(struct rmi_client_core *core, struct rmi_call *call,
			const struct rmi_msg *msg,
			const struct damc_name *from, uint64_t now)
{
	rmi_call_account(call, msg->tx);
	switch (msg->status) {
	case RMI_OTHER_INCARNATION:
		take_other(core, call, msg, from, now);
		break;
	case RMI_EXPIRED:
		take_expired(core, call, msg, now);
		break;
	case RMI_NO_ROOM:
		take_no_room(core, call, now);
		break;
	default:
		call->peer->incarnation = 0;
		rmi_call_end(call, DAMC_RMI_PROTOCOL);
	}
}

/* How long the answer waited in the server, which says nothing of the way. */
static uint64_t held(const struct rmi_msg *msg)
{
	switch (msg->type) {
	case RMI_WORKING:
	case RMI_REPLY:
	case RMI_PART:
		return msg->oldest;
	}
	return 0;
}

static void sample(struct rmi_call *call, const struct rmi_msg *msg,
		   uint64_t sent_at, uint64_t now)
{
	uint64_t took = now - sent_at, waited = held(msg);

	rmi_rtt_sample(&call->peer->rtt, took > waited ? took - waited : 0);
}

/*
 * An answer says how long the way is, if it names the last transmission of what
 * it answers; and that transmission is under way no more.
 */
static void measure(struct rmi_call *call, const struct rmi_msg *msg,
		    uint64_t now)
{
	struct rmi_sending *sending = rmi_call_sending(call, msg->tx);

	call->heard = true;
	call->bounces = 0;
	if (msg->tx == call->pull_tx)
		sample(call, msg, call->pull_at, now);
	if (!sending || sending->tx != msg->tx)
		return;
	sample(call, msg, sending->sent_at, now);
	if (!sending->flight)
		return;
	sending->flight = false;
	rmi_window_answered(&call->peer->window, sending->sent_at);
}

static void take(struct rmi_client_core *core, struct rmi_call *call,
		 const struct rmi_msg *msg, const struct heard *heard,
		 uint64_t now)
{
	switch (msg->type) {
	case RMI_WELCOME:
		take_welcome(core, call, msg, heard->from, now);
		break;
	case RMI_WORKING:
		take_working(core, call, msg, now);
		break;
	case RMI_ACK:
		take_ack(call, msg, now);
		break;
	case RMI_PART:
		take_part(call, msg, heard, now);
		break;
	case RMI_REPLY:
		take_reply(call, msg, heard, now);
		break;
	case RMI_REJECT:
		take_reject(core, call, msg, heard->from, now);
		break;
	}
}

/* A pool's members answer under their own names, below the pool's. */
void rmi_client_core_input(struct rmi_client_core *core,
			   const struct damc_name *from, const void *buf,
			   size_t len, const void *record, size_t record_len,
			   uint64_t now)
{
	const struct heard heard = { from, record, record_len };
	struct rmi_call *call;
	struct rmi_msg msg;

	if (rmi_decode(&msg, buf, len) || msg.time > TIME_MAX_MS)
		return;
	call = find_call(core, &msg);
	if (!call || !damc_name_below(from, &call->peer->target))
		return;
	measure(call, &msg, now);
	take(core, call, &msg, &heard, now);
}
