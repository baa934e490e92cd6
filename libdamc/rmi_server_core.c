// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The answering side of RMI: which requests are executed, and what is kept so
 * that none is executed twice. The reasons are in Documentation/rmi.rst.
 *
 * A caller is a client object under a name. Its calls are remembered until
 * their time, which the request gives by this server's own clock, has passed:
 * after that the clock refuses what memory no longer can. Nothing is thrown
 * out to make room; what there is no room for is refused.
 *
 * What is remembered, and the room for it, is rmi_memory.c's.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rmi_server_answer.h"

/* Between two looks through all that is remembered. */
#define SWEEP_US 1000000
#define SWEEP_FULL_US 100000

const struct rmi_limits rmi_limits_default = {
	.callers = 16384,
	.calls = 65536,
	.refusals = 16384,
	.caller_calls = 4096,
	.bytes = 64 << 20,
	.source_share = 4,
};

static void sweep(struct rmi_server_core *core, uint64_t interval,
		  uint64_t now)
{
	if (now - core->swept < interval)
		return;
	core->swept = now;
	rmi_memory_sweep(&core->memory, rmi_server_clock_ms(core, now));
}

/* The caller wants nothing below @oldest any more. */
static void raise_floor(struct rmi_server_core *core,
			struct rmi_caller *caller, uint64_t oldest,
			uint64_t now)
{
	if (oldest <= caller->floor)
		return;
	caller->floor = oldest;
	rmi_memory_sweep_caller(&core->memory, caller, rmi_server_clock_ms(core, now));
}

struct rmi_server_core *rmi_server_core_new(uint64_t incarnation,
					    const struct rmi_limits *limits,
					    uint64_t now)
{
	struct rmi_server_core *core = calloc(1, sizeof(*core));

	if (!core)
		return NULL;
	core->incarnation = incarnation;
	core->memory.limits = *limits;
	core->started = now;
	core->swept = now;
	return core;
}

void rmi_server_core_free(struct rmi_server_core *core)
{
	if (!core)
		return;
	rmi_memory_free(&core->memory);
	free(core);
}

struct rmi_server_use rmi_server_core_use(const struct rmi_server_core *core)
{
	return (struct rmi_server_use){
		.callers = core->memory.n_callers,
		.calls = core->memory.n_calls,
		.bytes = core->memory.bytes,
	};
}

uint32_t rmi_server_core_remaining(const struct rmi_server_core *core,
				   const struct rmi_execution *execution,
				   uint64_t now)
{
	uint64_t clock = rmi_server_clock_ms(core, now);

	return execution->not_after > clock ? execution->not_after - clock : 0;
}

/* ---- requests ---- */

/* A packet that asks: the message, and what came with it. */
struct asked {
	const struct damc_name *from;
	const struct rmi_msg *msg;
	const void *record;
	size_t record_len;
};

/* Keep the record of a request's path, for the reply; it may be lost. */
static void keep_path(struct rmi_execution *call, const struct asked *asked)
{
	size_t len = asked->record_len;

	if (call->path || !len || len > UINT8_MAX)
		return;
	call->path = malloc(len);
	if (!call->path)
		return;
	memcpy(call->path, asked->record, len);
	call->path_len = len;
}

/* Whoever did not ask for records gets none back. */
static void set_record(struct rmi_execution *call, bool record)
{
	call->record = record;
	if (!record)
		call->path_len = 0;
}

/*
 * A reply of the largest size has its room before the method runs, since
 * afterwards there is no way back.
 */
static void execute(struct rmi_server_core *core, const struct rmi_answer *to,
		    struct rmi_execution *call, const struct rmi_msg *request,
		    bool urge)
{
	struct rmi_work *work = to->work;

	call->stage = RMI_STAGE_EXECUTING;
	set_record(call, request->flags & RMI_F_RECORD);
	rmi_memory_charge(&core->memory, call,
			  RMI_MESSAGE_MAX + call->gather.part.total);
	work->execute = call;
	work->method = request->method;
	work->method_len = request->method_len;
	work->data = request->data;
	work->data_len = request->len;
	work->gathered = call->gather.buf;
	work->remaining_ms = rmi_server_core_remaining(core, call, to->now);
	if (urge)
		rmi_answer_short(core, to, request, RMI_WORKING, 0);
}

/*
 * A refusal is remembered like a reply, so that no copy of the request is
 * executed after its caller was told that it was not.
 */
static void refuse(struct rmi_server_core *core, const struct rmi_answer *to,
		   struct rmi_execution *call, const struct rmi_msg *request)
{
	call->stage = RMI_STAGE_ENDED;
	call->status = DAMC_RMI_REFUSED;
	set_record(call, request->flags & RMI_F_RECORD);
	rmi_answer_first(core, to, call);
}

/* A call not known before: NULL, after a REJECT, if there is no memory. */
static struct rmi_execution *new_call(struct rmi_server_core *core,
				      const struct rmi_answer *to,
				      struct rmi_caller *caller,
				      const struct asked *asked, bool room)
{
	const struct rmi_msg *msg = asked->msg;
	struct rmi_execution *call = NULL;

	if (room)
		call = rmi_memory_add_call(&core->memory, caller, msg->call);
	if (!call) {
		rmi_answer_short(core, to, msg, RMI_REJECT, RMI_NO_ROOM);
		return NULL;
	}
	call->tx = msg->tx;
	call->arrived = to->now;
	call->not_after = msg->time;
	keep_path(call, asked);
	return call;
}

static bool has_room(struct rmi_server_core *core, struct rmi_caller *caller,
		     size_t bytes, uint64_t now)
{
	if (rmi_memory_has_room(&core->memory, caller, bytes))
		return true;
	sweep(core, SWEEP_FULL_US, now);
	return rmi_memory_has_room(&core->memory, caller, bytes);
}

static void new_request(struct rmi_server_core *core, const struct rmi_answer *to,
			struct rmi_caller *caller, const struct asked *asked)
{
	const struct rmi_msg *request = asked->msg;
	struct rmi_execution *call;
	bool room;

	room = has_room(core, caller, RMI_MESSAGE_MAX, to->now);
	call = new_call(core, to, caller, asked, room ||
			rmi_memory_has_room_to_refuse(&core->memory, caller));
	if (call && room)
		execute(core, to, call, request, request->flags & RMI_F_URGE);
	else if (call)
		refuse(core, to, call, request);
}

/*
 * To a part, which may be one of many copies, only that it was taken: the
 * caller then asks for the reply.
 */
static void known_request(struct rmi_server_core *core, const struct rmi_answer *to,
			  struct rmi_execution *call,
			  const struct rmi_msg *request)
{
	call->tx = request->tx;
	call->arrived = to->now;
	if (call->stage != RMI_STAGE_ENDED || request->type == RMI_PART)
		rmi_answer_short(core, to, request, RMI_WORKING, 0);
	else
		rmi_answer_first(core, to, call);
}

/* The caller's memory, made if it is new; NULL if there is no room. */
static struct rmi_caller *get_caller(struct rmi_server_core *core,
				     const struct damc_name *name,
				     uint64_t client, uint64_t now)
{
	struct rmi_memory *memory = &core->memory;
	struct rmi_caller *caller;

	caller = rmi_memory_find_caller(memory, name, client);
	if (!caller)
		caller = rmi_memory_add_caller(memory, name, client);
	if (caller)
		return caller;
	sweep(core, SWEEP_FULL_US, now);
	return rmi_memory_add_caller(memory, name, client);
}

/* Whether a request not known yet may be executed at all; else say why. */
static bool in_time(struct rmi_server_core *core, const struct rmi_answer *to,
		    const struct rmi_msg *request)
{
	uint64_t clock = rmi_server_clock_ms(core, to->now);

	if (request->time > clock + RMI_TIME_AHEAD_MS)
		rmi_answer_short(core, to, request, RMI_REJECT, RMI_MALFORMED);
	else if (request->time <= clock)
		rmi_answer_short(core, to, request, RMI_REJECT, RMI_EXPIRED);
	else
		return true;
	return false;
}

/* ---- requests in parts ---- */

/* It breaks the protocol: no copy of it is executed either, for its time. */
static void bad_parts(struct rmi_server_core *core, const struct rmi_answer *to,
		      struct rmi_execution *call, const struct rmi_msg *part)
{
	rmi_gather_free(&call->gather);
	rmi_memory_charge(&core->memory, call, 0);
	call->stage = RMI_STAGE_ENDED;
	call->status = DAMC_RMI_REFUSED;
	rmi_answer_short(core, to, part, RMI_REJECT, RMI_MALFORMED);
}

static bool same_request(const struct rmi_msg *whole,
			 const struct rmi_msg *part)
{
	return whole->type == RMI_REQUEST && whole->client == part->client &&
	       whole->call == part->call &&
	       whole->incarnation == part->incarnation &&
	       whole->time == part->time;
}

/* All is there: what would have happened had it come as one piece. */
static void gathered(struct rmi_server_core *core, const struct rmi_answer *to,
		     struct rmi_execution *call, const struct rmi_msg *part)
{
	struct rmi_gather *gather = &call->gather;
	struct rmi_msg whole;

	if (rmi_decode(&whole, gather->buf, gather->part.total) ||
	    !same_request(&whole, part)) {
		bad_parts(core, to, call, part);
		return;
	}
	raise_floor(core, call->caller, whole.oldest, to->now);
	/* The answer names what came last. */
	whole.tx = part->tx;
	execute(core, to, call, &whole, part->flags & RMI_F_URGE);
}

static void take_part(struct rmi_server_core *core, const struct rmi_answer *to,
		      struct rmi_execution *call, const struct asked *asked)
{
	const struct rmi_msg *part = asked->msg;
	int ret;

	/* Its time can pass while it comes. */
	if (!in_time(core, to, part))
		return;
	call->tx = part->tx;
	call->arrived = to->now;
	keep_path(call, asked);
	ret = part->time == call->not_after ?
	      rmi_gather_add(&call->gather, part) : -EBADMSG;
	if (ret < 0)
		bad_parts(core, to, call, part);
	else if (rmi_gather_missing(&call->gather))
		rmi_answer_ack(core, to, part, call->gather.come);
	else
		gathered(core, to, call, part);
}

/* The reply has its room before the request has come. */
static void first_part(struct rmi_server_core *core, const struct rmi_answer *to,
		       struct rmi_caller *caller, const struct asked *asked)
{
	const struct rmi_part *part = &asked->msg->part;
	size_t bytes = RMI_MESSAGE_MAX + part->total;
	struct rmi_execution *call;

	call = new_call(core, to, caller, asked,
			has_room(core, caller, bytes, to->now));
	if (!call)
		return;
	call->stage = RMI_STAGE_RECEIVING;
	if (rmi_gather_init(&call->gather, part)) {
		rmi_memory_drop_call(&core->memory, call);
		rmi_answer_short(core, to, asked->msg, RMI_REJECT, RMI_NO_ROOM);
		return;
	}
	rmi_memory_charge(&core->memory, call, bytes);
	take_part(core, to, call, asked);
}

/* ---- what comes in ---- */

static void take_new(struct rmi_server_core *core, const struct rmi_answer *to,
		     const struct asked *asked)
{
	const struct rmi_msg *request = asked->msg;
	struct rmi_caller *caller;

	if (!in_time(core, to, request))
		return;
	caller = get_caller(core, asked->from, request->client, to->now);
	if (!caller) {
		rmi_answer_short(core, to, request, RMI_REJECT, RMI_NO_ROOM);
		return;
	}
	/* From here on a sweep leaves it alone. */
	if (caller->until < request->time)
		caller->until = request->time;
	if (request->type == RMI_PART) {
		first_part(core, to, caller, asked);
		return;
	}
	raise_floor(core, caller, request->oldest, to->now);
	new_request(core, to, caller, asked);
}

static void take_known(struct rmi_server_core *core, const struct rmi_answer *to,
		       struct rmi_execution *call, const struct asked *asked)
{
	if (call->stage == RMI_STAGE_RECEIVING && asked->msg->type == RMI_PART)
		take_part(core, to, call, asked);
	else if (call->stage != RMI_STAGE_RECEIVING)
		known_request(core, to, call, asked->msg);
}

static void take_request(struct rmi_server_core *core, const struct rmi_answer *to,
			 const struct asked *asked)
{
	const struct rmi_msg *request = asked->msg;
	struct rmi_execution *call;
	struct rmi_caller *caller;

	if (request->incarnation != core->incarnation) {
		rmi_answer_short(core, to, request, RMI_REJECT,
				 RMI_OTHER_INCARNATION);
		return;
	}
	caller = rmi_memory_find_caller(&core->memory, asked->from,
					request->client);
	call = caller ? rmi_memory_find_call(caller, request->call) : NULL;
	if (call)
		take_known(core, to, call, asked);
	else if (!caller || request->call >= caller->floor)
		take_new(core, to, asked);
}

/* How is it, or: these parts of the reply are missing. */
static void take_pull(struct rmi_server_core *core, const struct rmi_answer *to,
		      const struct asked *asked)
{
	const struct rmi_msg *msg = asked->msg;
	struct rmi_execution *call;
	struct rmi_caller *caller;
	uint64_t want = msg->bitmap;

	if (msg->incarnation != core->incarnation) {
		rmi_answer_short(core, to, msg, RMI_REJECT, RMI_OTHER_INCARNATION);
		return;
	}
	caller = rmi_memory_find_caller(&core->memory, asked->from,
					msg->client);
	call = caller ? rmi_memory_find_call(caller, msg->call) : NULL;
	if (!call || call->stage == RMI_STAGE_RECEIVING)
		return;
	while (__builtin_popcountll(want) > RMI_PARTS_PULLED)
		want &= want - 1;
	call->tx = msg->tx;
	call->arrived = to->now;
	if (call->stage == RMI_STAGE_EXECUTING)
		rmi_answer_short(core, to, msg, RMI_WORKING, 0);
	else if (want)
		rmi_answer_reply(core, to, call, want);
	else
		rmi_answer_first(core, to, call);
}

static void take_done(struct rmi_server_core *core,
		      const struct damc_name *from, const struct rmi_msg *msg,
		      uint64_t now)
{
	struct rmi_caller *caller;

	if (msg->incarnation != core->incarnation)
		return;
	caller = rmi_memory_find_caller(&core->memory, from, msg->client);
	if (caller)
		raise_floor(core, caller, msg->oldest, now);
}

/* Only what asks is answered, so no two ends can answer each other for ever. */
static bool asks(const struct rmi_msg *msg)
{
	return (msg->type == RMI_HELLO || msg->type == RMI_REQUEST) &&
	       msg->client && msg->call && msg->tx;
}

static void take(struct rmi_server_core *core, const struct rmi_answer *to,
		 const struct asked *asked)
{
	const struct rmi_msg *msg = asked->msg;

	switch (msg->type) {
	case RMI_HELLO:
		rmi_answer_short(core, to, msg, RMI_WELCOME, 0);
		break;
	case RMI_PART:
		if (msg->part.whole == RMI_REQUEST)
			take_request(core, to, asked);
		break;
	case RMI_REQUEST:
		take_request(core, to, asked);
		break;
	case RMI_PULL:
		take_pull(core, to, asked);
		break;
	case RMI_DONE:
		take_done(core, asked->from, msg, to->now);
		break;
	}
}

void rmi_server_core_input(struct rmi_server_core *core,
			   const struct damc_name *from, const void *buf,
			   size_t len, const void *record, size_t record_len,
			   struct rmi_work *work, void *out, size_t size,
			   uint64_t now)
{
	struct rmi_answer to = { work, out, size, now };
	struct rmi_msg msg = { 0 };
	struct asked asked = { from, &msg, record, record_len };
	int err;

	memset(work, 0, sizeof(*work));
	sweep(core, SWEEP_US, now);
	err = rmi_decode(&msg, buf, len);
	if (!err)
		take(core, &to, &asked);
	else if (asks(&msg))
		rmi_answer_short(core, &to, &msg, RMI_REJECT,
				 err == -EPROTONOSUPPORT ? RMI_BAD_VERSION :
				 RMI_MALFORMED);
}

/* ---- results ---- */

/* What a method may say; all else is its failure. */
static uint8_t status_of_method(enum damc_rmi_status status)
{
	switch (status) {
	case DAMC_RMI_OK:
	case DAMC_RMI_NO_METHOD:
	case DAMC_RMI_REFUSED:
		return status;
	default:
		return DAMC_RMI_APPLICATION;
	}
}

static bool fits(const struct rmi_execution *call, size_t data_len)
{
	size_t path = call->path_len ? 1 + call->path_len : 0;

	return data_len <= RMI_MESSAGE_MAX - RMI_HEADER_SIZE - path;
}

static void keep_data(struct rmi_execution *call, const void *data, size_t len)
{
	if (fits(call, len)) {
		call->data = malloc(len);
		if (call->data) {
			memcpy(call->data, data, len);
			call->len = len;
			return;
		}
	}
	call->status = DAMC_RMI_REPLY_TOO_BIG;
}

void rmi_server_core_finish(struct rmi_server_core *core,
			    struct rmi_execution *execution,
			    enum damc_rmi_status status, const void *data,
			    size_t data_len, struct rmi_work *work, void *out,
			    size_t size, uint64_t now)
{
	struct rmi_answer to = { work, out, size, now };

	memset(work, 0, sizeof(*work));
	execution->stage = RMI_STAGE_ENDED;
	execution->status = status_of_method(status);
	if (data_len)
		keep_data(execution, data, data_len);
	rmi_gather_free(&execution->gather);
	rmi_memory_charge(&core->memory, execution, execution->len);
	rmi_answer_first(core, &to, execution);
}

/* First the records go, then the answer shrinks to the news of that. */
static void shrink(struct rmi_server_core *core, struct rmi_execution *call)
{
	if (call->record) {
		set_record(call, false);
		return;
	}
	free(call->data);
	call->data = NULL;
	call->len = 0;
	rmi_memory_charge(&core->memory, call, 0);
	call->status = DAMC_RMI_REPLY_TOO_BIG;
}

void rmi_server_core_too_big(struct rmi_server_core *core,
			     const struct damc_name *caller, const void *quote,
			     size_t len, struct rmi_work *work, void *out,
			     size_t size, uint64_t now)
{
	struct rmi_answer to = { work, out, size, now };
	struct rmi_execution *call;
	struct rmi_caller *found;
	struct rmi_msg msg;

	memset(work, 0, sizeof(*work));
	if (rmi_decode_quote(&msg, quote, len) ||
	    (msg.type != RMI_REPLY && msg.type != RMI_PART))
		return;
	found = rmi_memory_find_caller(&core->memory, caller, msg.client);
	call = found ? rmi_memory_find_call(found, msg.call) : NULL;
	if (!call || call->stage != RMI_STAGE_ENDED ||
	    (!call->len && !call->record))
		return;
	shrink(core, call);
	rmi_answer_first(core, &to, call);
}
