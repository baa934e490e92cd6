// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The calling side of RMI: when to transmit, what answers and refusals mean,
 * how a call ends. The reasons are in Documentation/rmi.rst.
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

#include "rmi_client_core.h"
#include "rmi_rtt.h"

/*
 * A transmission that is not among the first so many is never accounted for.
 * Calls of up to RMI_INTERVALS * RMI_INTERVAL_MAX make fewer.
 */
#define TRACKED_TX 128

/* Refusals of one call that routing may mend, before it is believed. */
#define BOUNCES_MAX 3
#define BOUNCE_WAIT_US 50000

/* How long after a full send queue to try again. */
#define QUEUE_WAIT_US 10000

/* Times that a call begins anew without waiting for its timer. */
#define ISSUES_MAX 4

/* A server's clock beyond this is nonsense. */
#define TIME_MAX_MS (1ull << 52)

/* The estimate of a server's clock loses this much of the time it ages. */
#define CLOCK_DRIFT 4096

/*
 * A server, as calls to @target under @flow find it; incarnation 0: unknown.
 * @instance is who has that incarnation: the target, or a pool's instance.
 */
struct peer {
	struct peer *next;
	struct damc_name target;
	struct damc_name instance;
	uint32_t flow;
	uint64_t incarnation;
	int64_t clock_us;
	uint64_t clock_at;
	struct rmi_rtt rtt;
	uint64_t used_at;
	unsigned int calls;
	bool owes_done;
};

struct rmi_call {
	struct rmi_call *next;
	struct peer *peer;
	/* What is asked. */
	uint8_t *data;
	size_t len;
	uint8_t method[DAMC_RMI_METHOD_MAX];
	uint8_t method_len;
	bool record;
	uint32_t flow;
	/* Times. */
	uint64_t deadline;
	uint64_t first_sent;
	uint64_t last_sent;
	uint64_t at;
	uint64_t interval;
	uint64_t interval_max;
	/* The terms it runs under, with whom; incarnation 0: it asks for them. */
	struct damc_name to;
	uint64_t id;
	uint64_t incarnation;
	uint64_t not_after;
	uint16_t tx;
	uint64_t open_tx[TRACKED_TX / 64];
	bool untracked_tx;
	unsigned int issues;
	/* What has been heard. */
	bool heard;
	bool taken;
	bool gone;
	bool no_room;
	unsigned int bounces;
	bool due;
	bool ended;
	int err;
	struct damc_rmi_reply reply;
};

struct rmi_client_core {
	uint64_t client;
	uint64_t random;
	uint64_t last_id;
	struct peer *peers;
	unsigned int n_peers;
	struct rmi_call *calls;
	unsigned int n_calls;
	bool shutdown;
};

/* splitmix64: for jitter, labels and numbers that only must differ. */
static uint64_t next_random(struct rmi_client_core *core)
{
	uint64_t z = core->random += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static uint64_t next_random_nonzero(struct rmi_client_core *core)
{
	uint64_t value;

	do {
		value = next_random(core);
	} while (!value);
	return value;
}

static uint32_t new_flow(struct rmi_client_core *core)
{
	return (uint32_t)next_random(core) | 1;
}

/* ---- servers ---- */

static void forget_peer(struct rmi_client_core *core, struct peer *peer)
{
	struct peer **p = &core->peers;

	while (*p != peer)
		p = &(*p)->next;
	*p = peer->next;
	core->n_peers--;
	free(peer);
}

static void forget_idle_peer(struct rmi_client_core *core)
{
	struct peer *oldest = NULL;
	struct peer *peer;

	for (peer = core->peers; peer; peer = peer->next)
		if (!peer->calls &&
		    (!oldest || peer->used_at < oldest->used_at))
			oldest = peer;
	if (oldest)
		forget_peer(core, oldest);
}

static struct peer *get_peer(struct rmi_client_core *core,
			     const struct damc_name *target, uint64_t now)
{
	struct peer *peer;

	for (peer = core->peers; peer; peer = peer->next)
		if (damc_name_equal(&peer->target, target))
			break;
	if (!peer) {
		if (core->n_peers >= RMI_PEERS_MAX)
			forget_idle_peer(core);
		peer = calloc(1, sizeof(*peer));
		if (!peer)
			return NULL;
		peer->target = *target;
		peer->flow = new_flow(core);
		peer->next = core->peers;
		core->peers = peer;
		core->n_peers++;
	}
	peer->used_at = now;
	return peer;
}

/*
 * The server's clock now, as far as is known: never ahead of it, if clocks
 * drift apart by less than 1 in CLOCK_DRIFT, since a reading is old when it
 * comes.
 */
static int64_t peer_clock(const struct peer *peer, uint64_t now)
{
	uint64_t age = now - peer->clock_at;

	return peer->clock_us + (int64_t)(age - age / CLOCK_DRIFT);
}

static void learn(struct peer *peer, const struct rmi_msg *msg, bool exactly,
		  uint64_t now)
{
	int64_t reading = msg->time * 1000;

	if (peer->incarnation == msg->incarnation && !exactly &&
	    peer_clock(peer, now) > reading)
		return;
	peer->incarnation = msg->incarnation;
	peer->clock_us = reading;
	peer->clock_at = now;
}

/* ---- how a call goes ---- */

static void end_call(struct rmi_call *call, enum damc_rmi_status status)
{
	call->ended = true;
	call->due = false;
	call->reply.status = status;
}

/* No transmission was, or will be, executed. */
static bool not_taken(const struct rmi_call *call)
{
	return !call->incarnation ||
	       (!call->open_tx[0] && !call->open_tx[1] &&
		!call->untracked_tx && !call->taken);
}

/* A transmission leaves that may be executed. */
static void track(struct rmi_call *call, uint16_t tx)
{
	if (tx > TRACKED_TX)
		call->untracked_tx = true;
	else
		call->open_tx[(tx - 1) / 64] |= 1ull << (tx - 1) % 64;
}

/* Transmission @tx was not taken. */
static void account(struct rmi_call *call, uint16_t tx)
{
	if (tx && tx <= TRACKED_TX)
		call->open_tx[(tx - 1) / 64] &= ~(1ull << (tx - 1) % 64);
}

/* A call of this server's, below which none is of interest any more. */
static uint64_t oldest_call(const struct rmi_client_core *core,
			    uint64_t incarnation)
{
	uint64_t oldest = core->last_id + 1;
	const struct rmi_call *call;

	for (call = core->calls; call; call = call->next)
		if (!call->ended && call->incarnation == incarnation &&
		    call->id < oldest)
			oldest = call->id;
	return oldest;
}

static uint64_t jitter(struct rmi_client_core *core, uint64_t interval)
{
	return interval - interval / 4 +
	       next_random(core) % (interval / 2 + 1);
}

/*
 * Begin under the terms that are known now, or ask for them. The number is
 * new, so nothing said about former transmissions is taken for these, and
 * numbers a server sees rise in the order of their first REQUEST.
 */
static void issue(struct rmi_client_core *core, struct rmi_call *call,
		  uint64_t now)
{
	struct peer *peer = call->peer;

	call->id = ++core->last_id;
	call->incarnation = peer->incarnation;
	call->to = call->incarnation ? peer->instance : peer->target;
	if (call->incarnation)
		call->not_after = (peer_clock(peer, now) +
				   (int64_t)(call->deadline - now)) / 1000;
	call->tx = 0;
	memset(call->open_tx, 0, sizeof(call->open_tx));
	call->untracked_tx = false;
	call->taken = false;
	call->gone = false;
	call->interval = rmi_rtt_timeout(&peer->rtt);
	if (call->interval_max < call->interval)
		call->interval_max = call->interval;
	call->at = now;
	call->due = true;
}

/*
 * The server that may have taken it is gone. What is under way still, an
 * answer or the rest of the refusals, gets a moment to arrive.
 */
static void server_gone(struct rmi_call *call, uint64_t now)
{
	if (call->gone)
		return;
	call->gone = true;
	call->due = false;
	call->at = now + 2 * rmi_rtt_timeout(&call->peer->rtt);
}

static void deadline_passed(struct rmi_call *call)
{
	struct peer *peer = call->peer;

	if (!call->heard) {
		/* Perhaps another way will do better next time. */
		peer->incarnation = 0;
		peer->flow = peer->flow * 5 + 4;
	}
	if (call->taken || call->gone)
		end_call(call, DAMC_RMI_OUTCOME_UNKNOWN);
	else if (not_taken(call) && call->no_room)
		end_call(call, DAMC_RMI_REFUSED);
	else if (not_taken(call) && call->reply.error)
		end_call(call, DAMC_RMI_UNREACHABLE);
	else
		end_call(call, DAMC_RMI_DEADLINE);
}

/* ---- starting and ending ---- */

struct rmi_client_core *rmi_client_core_new(uint64_t seed)
{
	struct rmi_client_core *core = calloc(1, sizeof(*core));

	if (!core)
		return NULL;
	core->random = seed;
	core->client = next_random_nonzero(core);
	return core;
}

void rmi_client_core_free(struct rmi_client_core *core)
{
	if (!core)
		return;
	while (core->calls)
		rmi_call_free(core, core->calls);
	while (core->peers)
		forget_peer(core, core->peers);
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

static struct rmi_call *new_call(const struct damc_rmi_request *request)
{
	struct rmi_call *call = calloc(1, sizeof(*call));

	if (!call)
		return NULL;
	call->method_len = strlen(request->method);
	memcpy(call->method, request->method, call->method_len);
	call->record = request->record;
	call->len = request->len;
	call->data = malloc(request->len ? request->len : 1);
	if (!call->data) {
		free(call);
		return NULL;
	}
	if (request->len)
		memcpy(call->data, request->data, request->len);
	return call;
}

static bool too_long(const struct damc_rmi_request *request)
{
	return request->len > RMI_MESSAGE_MAX - RMI_HEADER_SIZE -
			      strlen(request->method);
}

struct rmi_call *rmi_client_core_start(struct rmi_client_core *core,
				       const struct damc_rmi_request *request,
				       uint64_t now)
{
	uint64_t deadline_us = request->deadline_ms * 1000ull;
	struct rmi_call *call;

	errno = EINVAL;
	if (!valid(request) || core->shutdown)
		return NULL;
	errno = ENOBUFS;
	if (core->n_calls >= RMI_CALLS_MAX)
		return NULL;
	errno = ENOMEM;
	call = new_call(request);
	if (!call)
		return NULL;
	call->peer = get_peer(core, &request->target, now);
	if (!call->peer) {
		free(call->data);
		free(call);
		return NULL;
	}
	call->peer->calls++;
	call->next = core->calls;
	core->calls = call;
	core->n_calls++;
	call->flow = call->peer->flow;
	call->deadline = now + deadline_us;
	call->interval_max = rmi_interval_max(deadline_us);
	issue(core, call, now);
	if (too_long(request))
		end_call(call, DAMC_RMI_TOO_BIG);
	return call;
}

bool rmi_call_ended(const struct rmi_call *call)
{
	return call->ended;
}

int rmi_call_result(struct rmi_call *call, struct damc_rmi_reply *reply)
{
	*reply = call->reply;
	call->reply.data = NULL;
	return -call->err;
}

void rmi_call_free(struct rmi_client_core *core, struct rmi_call *call)
{
	struct rmi_call **p = &core->calls;

	while (*p != call)
		p = &(*p)->next;
	*p = call->next;
	core->n_calls--;
	call->peer->calls--;
	free(call->reply.data);
	free(call->data);
	free(call);
}

void rmi_client_core_shutdown(struct rmi_client_core *core)
{
	core->shutdown = true;
}

/* ---- what goes out ---- */

static void count_transmission(struct rmi_client_core *core,
			       struct rmi_call *call, uint64_t now)
{
	call->tx++;
	if (call->incarnation)
		track(call, call->tx);
	if (!call->reply.transmissions++)
		call->first_sent = now;
	call->last_sent = now;
	call->due = false;
	call->at = now + jitter(core, call->interval);
	call->interval *= 2;
	if (call->interval > call->interval_max)
		call->interval = call->interval_max;
}

static int encode_call(struct rmi_client_core *core, struct rmi_call *call,
		       void *buf, size_t size)
{
	struct rmi_msg msg = {
		.type = RMI_HELLO,
		.flags = call->record ? RMI_F_RECORD : 0,
		.tx = call->tx + 1,
		.client = core->client,
		.call = call->id,
	};

	if (call->incarnation) {
		msg.type = RMI_REQUEST;
		if (call->tx)
			msg.flags |= RMI_F_URGE;
		msg.incarnation = call->incarnation;
		msg.time = call->not_after;
		msg.oldest = oldest_call(core, call->incarnation);
		msg.method = call->method;
		msg.method_len = call->method_len;
		msg.data = call->data;
		msg.len = call->len;
		call->peer->owes_done = true;
	}
	return rmi_encode(&msg, buf, size);
}

static bool output_call(struct rmi_client_core *core, struct rmi_call *call,
			struct rmi_packet *packet, void *buf, size_t size,
			uint64_t now)
{
	int len = encode_call(core, call, buf, size);

	if (len < 0) {
		end_call(call, DAMC_RMI_TOO_BIG);
		return false;
	}
	packet->call = call;
	packet->to = call->to;
	packet->flow = call->flow;
	packet->record = call->record;
	packet->len = len;
	count_transmission(core, call, now);
	return true;
}

/* Say that no reply of the server's is wanted any more, once. */
static bool output_done(struct rmi_client_core *core, struct peer *peer,
			struct rmi_packet *packet, void *buf, size_t size)
{
	struct rmi_msg msg = {
		.type = RMI_DONE,
		.client = core->client,
		.incarnation = peer->incarnation,
		.oldest = core->last_id + 1,
	};
	int len;

	peer->owes_done = false;
	if (!peer->incarnation)
		return false;
	len = rmi_encode(&msg, buf, size);
	if (len < 0)
		return false;
	memset(packet, 0, sizeof(*packet));
	packet->to = peer->instance;
	packet->flow = peer->flow;
	packet->len = len;
	return true;
}

bool rmi_client_core_output(struct rmi_client_core *core,
			    struct rmi_packet *packet, void *buf, size_t size,
			    uint64_t now)
{
	struct rmi_call *call;
	struct peer *peer;

	for (call = core->calls; call && !core->shutdown; call = call->next)
		if (call->due &&
		    output_call(core, call, packet, buf, size, now))
			return true;
	for (peer = core->peers; peer && core->shutdown; peer = peer->next)
		if (peer->owes_done &&
		    output_done(core, peer, packet, buf, size))
			return true;
	return false;
}

/* ---- refusals by the fabric ---- */

/* Try again soon, or believe it. */
static void bounced(struct rmi_client_core *core, struct rmi_call *call,
		    enum damc_error_code code, uint64_t now)
{
	uint64_t soon = now + jitter(core, BOUNCE_WAIT_US * ++call->bounces);

	if (call->bounces >= BOUNCES_MAX && not_taken(call)) {
		call->peer->incarnation = 0;
		end_call(call, DAMC_RMI_UNREACHABLE);
		return;
	}
	if (code == DAMC_ERROR_CODE_PIN_LOST && not_taken(call)) {
		call->peer->flow = new_flow(core);
		call->flow = call->peer->flow;
	}
	if (call->at > soon && !call->gone)
		call->at = soon;
}

/* The call matters more than the record of its path, which takes room. */
static void without_record(struct rmi_call *call, uint64_t now)
{
	call->record = false;
	if (!call->gone)
		call->at = now;
}

static void take_refusal(struct rmi_client_core *core, struct rmi_call *call,
			 enum damc_error_code code, uint64_t now)
{
	switch (code) {
	case DAMC_ERROR_CODE_NO_RESOURCES:
		/* Somewhere is too much: wait twice as long. */
		if (!call->gone)
			call->at += call->at - call->last_sent;
		break;
	case DAMC_ERROR_CODE_TOO_BIG:
		if (call->record)
			without_record(call, now);
		else if (not_taken(call))
			end_call(call, DAMC_RMI_TOO_BIG);
		break;
	case DAMC_ERROR_CODE_NO_LISTENER:
	case DAMC_ERROR_CODE_NO_INSTANCE:
		call->peer->incarnation = 0;
		if (not_taken(call))
			end_call(call, DAMC_RMI_UNREACHABLE);
		else
			server_gone(call, now);
		break;
	case DAMC_ERROR_CODE_PROHIBITED:
	case DAMC_ERROR_CODE_MALFORMED:
		if (not_taken(call))
			end_call(call, DAMC_RMI_UNREACHABLE);
		break;
	default:
		bounced(core, call, code, now);
	}
}

static struct rmi_call *find_call(struct rmi_client_core *core,
				  const struct rmi_msg *msg)
{
	struct rmi_call *call;

	if (msg->client != core->client)
		return NULL;
	for (call = core->calls; call; call = call->next)
		if (call->id == msg->call)
			return call->ended ? NULL : call;
	return NULL;
}

void rmi_client_core_refused(struct rmi_client_core *core, const void *quote,
			     size_t len, enum damc_error_code code,
			     const struct damc_name *offender, uint64_t now)
{
	struct rmi_call *call;
	struct rmi_msg msg;

	if (rmi_decode_quote(&msg, quote, len) ||
	    (msg.type != RMI_HELLO && msg.type != RMI_REQUEST))
		return;
	call = find_call(core, &msg);
	if (!call)
		return;
	account(call, msg.tx);
	call->reply.error = code;
	call->reply.server = *offender;
	take_refusal(core, call, code, now);
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
 * socket refused (ENOBUFS), that isn't sure: it counts as sent, and lost.
 */
void rmi_client_core_unsent(struct rmi_client_core *core,
			    struct rmi_call *call, int err, uint64_t now)
{
	enum damc_error_code code = code_of_errno(err);

	if (err == ENOBUFS)
		return;
	call->reply.transmissions--;
	if (call->tx > TRACKED_TX)
		call->untracked_tx = call->tx - 1 > TRACKED_TX;
	account(call, call->tx);
	if (err == EAGAIN || err == ENOMEM) {
		call->at = now + QUEUE_WAIT_US;
		call->interval = rmi_rtt_timeout(&call->peer->rtt);
		call->tx--;
	} else if (code) {
		call->reply.error = code;
		memset(&call->reply.server, 0, sizeof(call->reply.server));
		take_refusal(core, call, code, now);
	} else {
		call->err = err;
		end_call(call, DAMC_RMI_PROTOCOL);
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
	learn(call->peer, msg, false, now);
	issue(core, call, now);
}

static void take_working(struct rmi_client_core *core, struct rmi_call *call,
			 const struct rmi_msg *msg, uint64_t now)
{
	if (msg->incarnation != call->incarnation)
		return;
	learn(call->peer, msg, false, now);
	call->taken = true;
	if (!call->gone)
		call->at = now + jitter(core, call->interval_max);
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
static bool keep_data(struct damc_rmi_reply *reply, const struct rmi_msg *msg)
{
	if (!msg->len)
		return true;
	reply->data = malloc(msg->len);
	if (!reply->data)
		return false;
	memcpy(reply->data, msg->data, msg->len);
	reply->len = msg->len;
	return true;
}

static void take_reply(struct rmi_call *call, const struct rmi_msg *msg,
		       const struct damc_name *from, const void *record,
		       size_t record_len, uint64_t now)
{
	struct damc_rmi_reply *reply = &call->reply;

	if (msg->incarnation != call->incarnation)
		return;
	learn(call->peer, msg, false, now);
	reply->error = DAMC_ERROR_CODE_NONE;
	reply->server = *from;
	reply->rtt_us = now - call->first_sent;
	if (!status_from_server(msg->status)) {
		end_call(call, DAMC_RMI_PROTOCOL);
		return;
	}
	/* Without memory for it the reply is as good as lost. */
	if (!keep_data(reply, msg))
		return;
	if (msg->record_len)
		rmi_path_decode(&reply->there, msg->record, msg->record_len);
	if (record_len)
		rmi_path_decode(&reply->back, record, record_len);
	end_call(call, msg->status);
}

/* The server that answers is not the one that the call was meant for. */
static void take_other(struct rmi_client_core *core, struct rmi_call *call,
		       const struct rmi_msg *msg,
		       const struct damc_name *from, uint64_t now)
{
	if (msg->incarnation == call->incarnation)
		return;
	call->peer->instance = *from;
	learn(call->peer, msg, false, now);
	if (!not_taken(call))
		server_gone(call, now);
	else if (++call->issues <= ISSUES_MAX)
		issue(core, call, now);
}

static void take_expired(struct rmi_client_core *core, struct rmi_call *call,
			 const struct rmi_msg *msg, uint64_t now)
{
	if (msg->incarnation != call->incarnation)
		return;
	learn(call->peer, msg, true, now);
	if (not_taken(call) && now < call->deadline &&
	    ++call->issues <= ISSUES_MAX)
		issue(core, call, now);
}

static void take_reject(struct rmi_client_core *core, struct rmi_call *call,
			const struct rmi_msg *msg,
			const struct damc_name *from, uint64_t now)
{
	account(call, msg->tx);
	switch (msg->status) {
	case RMI_OTHER_INCARNATION:
		take_other(core, call, msg, from, now);
		break;
	case RMI_EXPIRED:
		take_expired(core, call, msg, now);
		break;
	case RMI_NO_ROOM:
		call->no_room = true;
		call->interval = call->interval_max;
		break;
	default:
		call->peer->incarnation = 0;
		end_call(call, DAMC_RMI_PROTOCOL);
	}
}

/* An answer says how long the way is, if it names the last transmission. */
static void measure(struct rmi_call *call, const struct rmi_msg *msg,
		    uint64_t now)
{
	call->heard = true;
	call->bounces = 0;
	if (msg->tx == call->tx)
		rmi_rtt_sample(&call->peer->rtt, now - call->last_sent);
}

/* A pool's members answer under their own names, below the pool's. */
void rmi_client_core_input(struct rmi_client_core *core,
			   const struct damc_name *from, const void *buf,
			   size_t len, const void *record, size_t record_len,
			   uint64_t now)
{
	struct rmi_call *call;
	struct rmi_msg msg;

	if (rmi_decode(&msg, buf, len) || msg.time > TIME_MAX_MS)
		return;
	call = find_call(core, &msg);
	if (!call || !damc_name_below(from, &call->peer->target))
		return;
	measure(call, &msg, now);
	switch (msg.type) {
	case RMI_WELCOME:
		take_welcome(core, call, &msg, from, now);
		break;
	case RMI_WORKING:
		take_working(core, call, &msg, now);
		break;
	case RMI_REPLY:
		take_reply(call, &msg, from, record, record_len, now);
		break;
	case RMI_REJECT:
		take_reject(core, call, &msg, from, now);
		break;
	}
}

/* ---- time ---- */

static void call_timer(struct rmi_call *call, uint64_t now)
{
	if (call->ended)
		return;
	if (now >= call->deadline || (call->gone && now >= call->at))
		deadline_passed(call);
	else if (now >= call->at && !call->gone && call->tx < UINT16_MAX)
		call->due = true;
}

void rmi_client_core_timer(struct rmi_client_core *core, uint64_t now)
{
	struct rmi_call *call;

	for (call = core->calls; call; call = call->next)
		call_timer(call, now);
}

uint64_t rmi_client_core_next(const struct rmi_client_core *core)
{
	const struct rmi_call *call;
	uint64_t next = UINT64_MAX;

	for (call = core->calls; call; call = call->next) {
		if (call->ended)
			continue;
		if (call->deadline < next)
			next = call->deadline;
		if (call->at < next && call->tx < UINT16_MAX)
			next = call->at;
	}
	return next;
}
