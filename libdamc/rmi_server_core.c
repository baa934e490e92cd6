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
 * Trees are tsearch()'s, balanced whatever keys a caller thinks up.
 */
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "rmi_server_core.h"

/* Between two looks through all that is remembered. */
#define SWEEP_US 1000000
#define SWEEP_FULL_US 100000

const struct rmi_limits rmi_limits_default = {
	.callers = 16384,
	.calls = 65536,
	.refusals = 16384,
	.caller_calls = 4096,
	.bytes = 64 << 20,
};

struct caller {
	struct caller *next;
	uint64_t client;
	struct damc_name name;
	/* No call below is of interest to it any more. */
	uint64_t floor;
	/* The latest end among its calls. */
	uint64_t until;
	/* By number; the list holds the same. */
	void *tree;
	struct rmi_execution *calls;
	unsigned int n_calls;
};

struct rmi_execution {
	struct rmi_execution *next;
	struct caller *caller;
	uint64_t call;
	uint64_t not_after;
	uint16_t tx;
	bool executing;
	bool record;
	uint8_t status;
	uint8_t path_len;
	uint8_t *path;
	uint8_t *data;
	size_t len;
};

struct rmi_server_core {
	uint64_t incarnation;
	uint64_t started;
	struct rmi_limits limits;
	void *tree;
	struct caller *callers;
	unsigned int n_callers;
	unsigned int n_calls;
	size_t bytes;
	uint64_t swept;
};

/* Never 0, which a message has for "no time". */
static uint64_t clock_ms(const struct rmi_server_core *core, uint64_t now)
{
	return (now - core->started) / 1000 + 1;
}

/* ---- memory ---- */

static int compare_callers(const void *a, const void *b)
{
	const struct caller *x = a, *y = b;

	if (x->client != y->client)
		return x->client < y->client ? -1 : 1;
	if (x->name.len != y->name.len)
		return x->name.len < y->name.len ? -1 : 1;
	return memcmp(x->name.wire, y->name.wire, x->name.len);
}

static int compare_calls(const void *a, const void *b)
{
	const struct rmi_execution *x = a, *y = b;

	if (x->call != y->call)
		return x->call < y->call ? -1 : 1;
	return 0;
}

static struct caller *find_caller(struct rmi_server_core *core,
				  const struct damc_name *name,
				  uint64_t client)
{
	struct caller key = { .client = client, .name = *name };
	struct caller **node = tfind(&key, &core->tree, compare_callers);

	return node ? *node : NULL;
}

static struct rmi_execution *find_call(const struct caller *caller,
				       uint64_t call)
{
	struct rmi_execution key = { .call = call };
	struct rmi_execution **node = tfind(&key, &caller->tree,
					    compare_calls);

	return node ? *node : NULL;
}

static struct caller *add_caller(struct rmi_server_core *core,
				 const struct damc_name *name, uint64_t client)
{
	struct caller *caller = calloc(1, sizeof(*caller));

	if (!caller)
		return NULL;
	caller->client = client;
	caller->name = *name;
	if (!tsearch(caller, &core->tree, compare_callers)) {
		free(caller);
		return NULL;
	}
	caller->next = core->callers;
	core->callers = caller;
	core->n_callers++;
	return caller;
}

static struct rmi_execution *add_call(struct rmi_server_core *core,
				      struct caller *caller, uint64_t number)
{
	struct rmi_execution *call = calloc(1, sizeof(*call));

	if (!call)
		return NULL;
	call->caller = caller;
	call->call = number;
	if (!tsearch(call, &caller->tree, compare_calls)) {
		free(call);
		return NULL;
	}
	call->next = caller->calls;
	caller->calls = call;
	caller->n_calls++;
	core->n_calls++;
	return call;
}

static void drop_data(struct rmi_server_core *core, struct rmi_execution *call)
{
	core->bytes -= call->len;
	free(call->data);
	call->data = NULL;
	call->len = 0;
}

/* Take the call at @link out. */
static void drop_call(struct rmi_server_core *core, struct rmi_execution **link)
{
	struct rmi_execution *call = *link;
	struct caller *caller = call->caller;

	*link = call->next;
	tdelete(call, &caller->tree, compare_calls);
	caller->n_calls--;
	core->n_calls--;
	drop_data(core, call);
	free(call->path);
	free(call);
}

static void drop_caller(struct rmi_server_core *core, struct caller **link)
{
	struct caller *caller = *link;

	*link = caller->next;
	while (caller->calls)
		drop_call(core, &caller->calls);
	tdelete(caller, &core->tree, compare_callers);
	core->n_callers--;
	free(caller);
}

/* Its number, or its time, refuses it from now on. */
static bool over(const struct rmi_execution *call, uint64_t clock)
{
	return !call->executing &&
	       (call->call < call->caller->floor ||
		clock >= call->not_after + RMI_MARGIN_MS);
}

static void sweep_caller(struct rmi_server_core *core, struct caller *caller,
			 uint64_t clock)
{
	struct rmi_execution **link = &caller->calls;

	while (*link) {
		if (over(*link, clock))
			drop_call(core, link);
		else
			link = &(*link)->next;
	}
}

static void sweep(struct rmi_server_core *core, uint64_t interval,
		  uint64_t now)
{
	struct caller **link = &core->callers;
	uint64_t clock = clock_ms(core, now);

	if (now - core->swept < interval)
		return;
	core->swept = now;
	while (*link) {
		sweep_caller(core, *link, clock);
		if (!(*link)->calls &&
		    clock >= (*link)->until + RMI_MARGIN_MS)
			drop_caller(core, link);
		else
			link = &(*link)->next;
	}
}

/* The caller wants nothing below @oldest any more. */
static void raise_floor(struct rmi_server_core *core, struct caller *caller,
			uint64_t oldest, uint64_t now)
{
	if (oldest <= caller->floor)
		return;
	caller->floor = oldest;
	sweep_caller(core, caller, clock_ms(core, now));
}

struct rmi_server_core *rmi_server_core_new(uint64_t incarnation,
					    const struct rmi_limits *limits,
					    uint64_t now)
{
	struct rmi_server_core *core = calloc(1, sizeof(*core));

	if (!core)
		return NULL;
	core->incarnation = incarnation;
	core->limits = *limits;
	core->started = now;
	core->swept = now;
	return core;
}

void rmi_server_core_free(struct rmi_server_core *core)
{
	if (!core)
		return;
	while (core->callers)
		drop_caller(core, &core->callers);
	free(core);
}

struct rmi_server_use rmi_server_core_use(const struct rmi_server_core *core)
{
	return (struct rmi_server_use){
		.callers = core->n_callers,
		.calls = core->n_calls,
		.bytes = core->bytes,
	};
}

/* ---- answers ---- */

/* Where one packet's answer goes. */
struct answer {
	struct rmi_work *work;
	void *out;
	size_t size;
	uint64_t now;
};

static void answer(struct rmi_server_core *core, const struct answer *to,
		   struct rmi_msg *msg)
{
	int len;

	msg->incarnation = core->incarnation;
	msg->time = clock_ms(core, to->now);
	len = rmi_encode(msg, to->out, to->size);
	to->work->len = len > 0 ? len : 0;
}

/* Answer @request with a message that has nothing but a type and a reason. */
static void answer_short(struct rmi_server_core *core, const struct answer *to,
			 const struct rmi_msg *request, enum rmi_type type,
			 uint8_t reason)
{
	struct rmi_msg msg = {
		.type = type,
		.status = reason,
		.tx = request->tx,
		.client = request->client,
		.call = request->call,
	};

	answer(core, to, &msg);
}

static void answer_reply(struct rmi_server_core *core, const struct answer *to,
			 const struct rmi_execution *call)
{
	struct rmi_msg msg = {
		.type = RMI_REPLY,
		.flags = call->path_len ? RMI_F_RECORD : 0,
		.status = call->status,
		.tx = call->tx,
		.client = call->caller->client,
		.call = call->call,
		.record = call->path,
		.record_len = call->path_len,
		.data = call->data,
		.len = call->len,
	};

	to->work->record = call->record;
	answer(core, to, &msg);
}

/* ---- requests ---- */

/* Keep the record of a request's path, for the reply; it may be lost. */
static void keep_path(struct rmi_execution *call, const void *record,
		      size_t len)
{
	if (!call->record || !len || len > UINT8_MAX)
		return;
	call->path = malloc(len);
	if (!call->path)
		return;
	memcpy(call->path, record, len);
	call->path_len = len;
}

static bool has_room(const struct rmi_server_core *core,
		     const struct caller *caller)
{
	return core->n_calls < core->limits.calls &&
	       caller->n_calls < core->limits.caller_calls &&
	       core->bytes + RMI_MESSAGE_MAX <= core->limits.bytes;
}

static bool has_room_to_refuse(const struct rmi_server_core *core,
			       const struct caller *caller)
{
	return core->n_calls < core->limits.calls + core->limits.refusals &&
	       caller->n_calls < core->limits.caller_calls +
				 core->limits.caller_calls / 2;
}

/*
 * A reply of the largest size has its room before the method runs, since
 * afterwards there is no way back.
 */
static void execute(struct rmi_server_core *core, const struct answer *to,
		    struct rmi_execution *call, const struct rmi_msg *request)
{
	struct rmi_work *work = to->work;

	call->executing = true;
	call->len = RMI_MESSAGE_MAX;
	core->bytes += call->len;
	work->execute = call;
	work->method = request->method;
	work->method_len = request->method_len;
	work->data = request->data;
	work->data_len = request->len;
	work->remaining_ms = call->not_after - clock_ms(core, to->now);
	if (request->flags & RMI_F_URGE)
		answer_short(core, to, request, RMI_WORKING, 0);
}

/*
 * A refusal is remembered like a reply, so that no copy of the request is
 * executed after its caller was told that it was not.
 */
static void refuse(struct rmi_server_core *core, const struct answer *to,
		   struct rmi_execution *call)
{
	call->status = DAMC_RMI_REFUSED;
	answer_reply(core, to, call);
}

static void new_request(struct rmi_server_core *core, const struct answer *to,
			struct caller *caller, const struct rmi_msg *request,
			const void *record, size_t record_len)
{
	struct rmi_execution *call = NULL;
	bool room;

	if (!has_room(core, caller))
		sweep(core, SWEEP_FULL_US, to->now);
	room = has_room(core, caller);
	if (room || has_room_to_refuse(core, caller))
		call = add_call(core, caller, request->call);
	if (!call) {
		answer_short(core, to, request, RMI_REJECT, RMI_NO_ROOM);
		return;
	}
	call->tx = request->tx;
	call->not_after = request->time;
	call->record = request->flags & RMI_F_RECORD;
	keep_path(call, record, record_len);
	if (room)
		execute(core, to, call, request);
	else
		refuse(core, to, call);
}

static void known_request(struct rmi_server_core *core, const struct answer *to,
			  struct rmi_execution *call,
			  const struct rmi_msg *request)
{
	call->tx = request->tx;
	if (call->executing)
		answer_short(core, to, request, RMI_WORKING, 0);
	else
		answer_reply(core, to, call);
}

/* The caller's memory, made if it is new; NULL if there is no room. */
static struct caller *get_caller(struct rmi_server_core *core,
				 const struct damc_name *name, uint64_t client,
				 uint64_t now)
{
	struct caller *caller = find_caller(core, name, client);

	if (caller)
		return caller;
	if (core->n_callers >= core->limits.callers)
		sweep(core, SWEEP_FULL_US, now);
	if (core->n_callers >= core->limits.callers)
		return NULL;
	return add_caller(core, name, client);
}

/* Whether a request not known yet may be executed at all; else say why. */
static bool in_time(struct rmi_server_core *core, const struct answer *to,
		    const struct rmi_msg *request)
{
	uint64_t clock = clock_ms(core, to->now);

	if (request->time > clock + RMI_TIME_AHEAD_MS)
		answer_short(core, to, request, RMI_REJECT, RMI_MALFORMED);
	else if (request->time <= clock)
		answer_short(core, to, request, RMI_REJECT, RMI_EXPIRED);
	else
		return true;
	return false;
}

static void take_request(struct rmi_server_core *core, const struct answer *to,
			 const struct damc_name *from,
			 const struct rmi_msg *request, const void *record,
			 size_t record_len)
{
	struct rmi_execution *call;
	struct caller *caller;

	if (request->incarnation != core->incarnation) {
		answer_short(core, to, request, RMI_REJECT,
			     RMI_OTHER_INCARNATION);
		return;
	}
	caller = find_caller(core, from, request->client);
	call = caller ? find_call(caller, request->call) : NULL;
	if (call) {
		known_request(core, to, call, request);
		return;
	}
	if (caller && request->call < caller->floor)
		return;
	if (!in_time(core, to, request))
		return;
	caller = get_caller(core, from, request->client, to->now);
	if (!caller) {
		answer_short(core, to, request, RMI_REJECT, RMI_NO_ROOM);
		return;
	}
	/* From here on a sweep leaves it alone. */
	if (caller->until < request->time)
		caller->until = request->time;
	raise_floor(core, caller, request->oldest, to->now);
	new_request(core, to, caller, request, record, record_len);
}

static void take_done(struct rmi_server_core *core,
		      const struct damc_name *from, const struct rmi_msg *msg,
		      uint64_t now)
{
	struct caller *caller;

	if (msg->incarnation != core->incarnation)
		return;
	caller = find_caller(core, from, msg->client);
	if (caller)
		raise_floor(core, caller, msg->oldest, now);
}

/* Only what asks is answered, so no two ends can answer each other for ever. */
static bool asks(const struct rmi_msg *msg)
{
	return (msg->type == RMI_HELLO || msg->type == RMI_REQUEST) &&
	       msg->client && msg->call && msg->tx;
}

void rmi_server_core_input(struct rmi_server_core *core,
			   const struct damc_name *from, const void *buf,
			   size_t len, const void *record, size_t record_len,
			   struct rmi_work *work, void *out, size_t size,
			   uint64_t now)
{
	struct answer to = { work, out, size, now };
	struct rmi_msg msg = { 0 };
	int err;

	memset(work, 0, sizeof(*work));
	sweep(core, SWEEP_US, now);
	err = rmi_decode(&msg, buf, len);
	if (err) {
		if (asks(&msg))
			answer_short(core, &to, &msg, RMI_REJECT,
				     err == -EPROTONOSUPPORT ?
				     RMI_BAD_VERSION : RMI_MALFORMED);
		return;
	}
	if (msg.type == RMI_HELLO)
		answer_short(core, &to, &msg, RMI_WELCOME, 0);
	else if (msg.type == RMI_REQUEST)
		take_request(core, &to, from, &msg, record, record_len);
	else if (msg.type == RMI_DONE)
		take_done(core, from, &msg, now);
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

static void keep_data(struct rmi_server_core *core, struct rmi_execution *call,
		      const void *data, size_t len)
{
	if (fits(call, len)) {
		call->data = malloc(len);
		if (call->data) {
			memcpy(call->data, data, len);
			call->len = len;
			core->bytes += len;
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
	struct answer to = { work, out, size, now };

	memset(work, 0, sizeof(*work));
	core->bytes -= execution->len;
	execution->len = 0;
	execution->executing = false;
	execution->status = status_of_method(status);
	if (data_len)
		keep_data(core, execution, data, data_len);
	answer_reply(core, &to, execution);
}

/* First the records go, then the answer shrinks to the news of that. */
static void shrink(struct rmi_server_core *core, struct rmi_execution *call)
{
	if (call->record) {
		call->record = false;
		call->path_len = 0;
		return;
	}
	drop_data(core, call);
	call->status = DAMC_RMI_REPLY_TOO_BIG;
}

void rmi_server_core_too_big(struct rmi_server_core *core,
			     const struct damc_name *caller, const void *quote,
			     size_t len, struct rmi_work *work, void *out,
			     size_t size, uint64_t now)
{
	struct answer to = { work, out, size, now };
	struct rmi_execution *call;
	struct caller *found;
	struct rmi_msg msg;

	memset(work, 0, sizeof(*work));
	if (rmi_decode_quote(&msg, quote, len) || msg.type != RMI_REPLY)
		return;
	found = find_caller(core, caller, msg.client);
	call = found ? find_call(found, msg.call) : NULL;
	if (!call || call->executing || (!call->len && !call->record))
		return;
	shrink(core, call);
	answer_reply(core, &to, call);
}
