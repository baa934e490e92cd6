// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What a server of calls says: see rmi_server_answer.h.
 */
#include <string.h>

#include "rmi_server_answer.h"

/* Never 0, which a message has for "no time". */
uint64_t rmi_server_clock_ms(const struct rmi_server_core *core, uint64_t now)
{
	return (now - core->started) / 1000 + 1;
}

static void answer(struct rmi_server_core *core, const struct rmi_answer *to,
		   struct rmi_msg *msg)
{
	int len;

	msg->incarnation = core->incarnation;
	msg->time = rmi_server_clock_ms(core, to->now);
	len = rmi_encode(msg, to->out, to->size);
	to->work->len = len > 0 ? len : 0;
}

/* Answer @request with a message that has nothing but a type and a reason. */
void rmi_answer_short(struct rmi_server_core *core, const struct rmi_answer *to,
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

/* Which parts of the request have come. */
void rmi_answer_ack(struct rmi_server_core *core, const struct rmi_answer *to,
		    const struct rmi_msg *request, uint64_t come)
{
	struct rmi_msg msg = {
		.type = RMI_ACK,
		.tx = request->tx,
		.client = request->client,
		.call = request->call,
		.bitmap = come,
	};

	answer(core, to, &msg);
}

/* The transmission that @call is answering has waited so long. */
static uint64_t held(const struct rmi_execution *call, uint64_t now)
{
	return now > call->arrived ? now - call->arrived : 0;
}

static struct rmi_msg reply_msg(const struct rmi_server_core *core,
				const struct rmi_execution *call, uint64_t now)
{
	return (struct rmi_msg){
		.type = RMI_REPLY,
		.flags = call->path_len ? RMI_F_RECORD : 0,
		.status = call->status,
		.tx = call->tx,
		.client = call->caller->client,
		.call = call->call,
		.incarnation = core->incarnation,
		.time = rmi_server_clock_ms(core, now),
		.oldest = held(call, now),
		.record = call->path,
		.record_len = call->path_len,
		.data = call->data,
		.len = call->len,
	};
}

/* One part of a reply; the first carries the record of its way. */
static void answer_part(struct rmi_server_core *core, const struct rmi_answer *to,
			struct rmi_execution *call, unsigned int index)
{
	struct rmi_msg whole = reply_msg(core, call, to->now);
	struct rmi_msg part = {
		.type = RMI_PART,
		.tx = call->tx,
		.client = whole.client,
		.call = whole.call,
		.incarnation = whole.incarnation,
		.time = whole.time,
		.oldest = whole.oldest,
		.part = {
			.whole = RMI_REPLY,
			.index = index,
			.size = RMI_PART_DATA,
			.total = rmi_size(&whole),
		},
	};
	int len = rmi_encode_part(&part, &whole, to->out, to->size);

	to->work->record = call->record && !index;
	to->work->len = len > 0 ? len : 0;
}

static void next_part(struct rmi_server_core *core, const struct rmi_answer *to)
{
	struct rmi_work *work = to->work;
	unsigned int index;

	work->len = 0;
	if (!work->want)
		return;
	index = __builtin_ctzll(work->want);
	work->want &= work->want - 1;
	answer_part(core, to, work->reply, index);
}

/* Whole if it is small, else those parts that are wanted. */
void rmi_answer_reply(struct rmi_server_core *core, const struct rmi_answer *to,
		      struct rmi_execution *call, uint64_t want)
{
	struct rmi_msg msg = reply_msg(core, call, to->now);
	struct rmi_part part = {
		.size = RMI_PART_DATA, .total = rmi_size(&msg),
	};

	if (part.total > RMI_WHOLE_MAX) {
		to->work->reply = call;
		to->work->want = want & rmi_parts_all(rmi_parts(&part));
		next_part(core, to);
		return;
	}
	to->work->record = call->record;
	answer(core, to, &msg);
}

void rmi_answer_first(struct rmi_server_core *core, const struct rmi_answer *to,
		      struct rmi_execution *call)
{
	rmi_answer_reply(core, to, call, rmi_parts_all(RMI_PARTS_UNASKED));
}

void rmi_server_core_more(struct rmi_server_core *core, struct rmi_work *work,
			  void *out, size_t size, uint64_t now)
{
	struct rmi_answer to = { work, out, size, now };

	next_part(core, &to);
}

void rmi_server_core_working(struct rmi_server_core *core,
			     struct rmi_execution *execution,
			     struct rmi_work *work, void *out, size_t size,
			     uint64_t now)
{
	struct rmi_answer to = { work, out, size, now };
	struct rmi_msg msg = {
		.type = RMI_WORKING,
		.tx = execution->tx,
		.client = execution->caller->client,
		.call = execution->call,
		.oldest = held(execution, now),
	};

	memset(work, 0, sizeof(*work));
	answer(core, &to, &msg);
}
