// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The calling side of RMI: what is sent next, and the marks that it leaves.
 */
#include <errno.h>

#include "rmi_call.h"

/* How long after a full send queue to try again. */
#define QUEUE_WAIT_US 10000

/* Whoever has spoken goes to the end of the queue for the window. */
static void count_transmission(struct rmi_client_core *core,
			       struct rmi_call *call, uint64_t now)
{
	call->tx++;
	if (!call->transmissions++)
		call->first_sent = now;
	if (call->next) {
		rmi_core_unlink(core, call);
		rmi_core_link(core, call);
	}
}

/* It is sent again when nothing is heard. */
static void set_timer(struct rmi_client_core *core, struct rmi_call *call,
		      uint64_t now)
{
	call->due = false;
	call->at = now + rmi_core_jitter(core, call->interval);
	rmi_call_back_off(call);
}

/* Part @index has been written and leaves. */
static void departed(struct rmi_client_core *core, struct rmi_call *call,
		     unsigned int index, uint64_t now)
{
	struct rmi_sending *sending = &call->sending[index];

	count_transmission(core, call, now);
	if (call->incarnation)
		rmi_call_track(call, index);
	/* One that is not known to be lost makes room for this. */
	if (sending->flight)
		rmi_window_forget(&call->peer->window);
	sending->sent_at = now;
	sending->tx = call->tx;
	sending->flight = true;
	call->last = index;
	rmi_peer_sent(call->peer, now);
}

/* A call of this server's, below which none is of interest any more. */
static uint64_t oldest_call(const struct rmi_client_core *core,
			    uint64_t incarnation)
{
	uint64_t oldest = core->last_id + 1;
	const struct rmi_call *call;

	for (call = core->first; call; call = call->next)
		if (!call->ended && call->incarnation == incarnation &&
		    call->id < oldest)
			oldest = call->id;
	return oldest;
}

static struct rmi_msg hello_msg(const struct rmi_client_core *core,
				const struct rmi_call *call)
{
	return (struct rmi_msg){
		.type = RMI_HELLO,
		.flags = call->record ? RMI_F_RECORD : 0,
		.tx = call->tx + 1,
		.client = core->client,
		.call = call->id,
	};
}

static struct rmi_msg request_msg(const struct rmi_client_core *core,
				  const struct rmi_call *call)
{
	struct rmi_msg msg = hello_msg(core, call);

	msg.type = RMI_REQUEST;
	msg.incarnation = call->incarnation;
	msg.time = call->not_after;
	msg.oldest = oldest_call(core, call->incarnation);
	msg.method = call->method;
	msg.method_len = call->method_len;
	msg.data = call->data;
	msg.len = call->len;
	call->peer->owes_done = true;
	return msg;
}

/* A HELLO, or a REQUEST that needs no parts. */
static int output_whole(struct rmi_client_core *core, struct rmi_call *call,
			void *buf, size_t size, uint64_t now)
{
	struct rmi_msg msg = call->incarnation ? request_msg(core, call) :
						 hello_msg(core, call);
	int len;

	if (call->incarnation && call->tx)
		msg.flags |= RMI_F_URGE;
	len = rmi_encode(&msg, buf, size);
	if (len < 0) {
		rmi_call_end(call, DAMC_RMI_TOO_BIG);
		return 0;
	}
	departed(core, call, 0, now);
	set_timer(core, call, now);
	return len;
}

static int output_part(struct rmi_client_core *core, struct rmi_call *call,
		       unsigned int index, void *buf, size_t size,
		       uint64_t now)
{
	struct rmi_msg whole = request_msg(core, call);
	struct rmi_msg part = {
		.type = RMI_PART,
		.flags = call->sending[index].sent_at ? RMI_F_URGE : 0,
		.tx = call->tx + 1,
		.client = core->client,
		.call = call->id,
		.incarnation = call->incarnation,
		.time = call->not_after,
		.part = {
			.whole = RMI_REQUEST,
			.index = index,
			.size = RMI_PART_DATA,
			.total = rmi_size(&whole),
		},
	};
	int len;

	/* The same in each copy. */
	whole.tx = 1;
	len = rmi_encode_part(&part, &whole, buf, size);
	if (len < 0) {
		rmi_call_end(call, DAMC_RMI_TOO_BIG);
		return 0;
	}
	departed(core, call, index, now);
	return len;
}

/* Ask how it is; or, with @want, for parts of the reply. */
static int output_pull(struct rmi_client_core *core, struct rmi_call *call,
		       uint64_t want, void *buf, size_t size, uint64_t now)
{
	struct rmi_msg msg = {
		.type = RMI_PULL,
		.tx = call->tx + 1,
		.client = core->client,
		.call = call->id,
		.incarnation = call->incarnation,
		.bitmap = want,
	};
	int len = rmi_encode(&msg, buf, size);

	if (len < 0)
		return 0;
	call->tx++;
	call->pull_tx = call->tx;
	call->pull_at = now;
	call->last = RMI_LAST_PULL;
	call->last_asked = want;
	call->asked |= want;
	for (; want; want &= want - 1) {
		call->asked_at[__builtin_ctzll(want)] = now;
		rmi_peer_sent(call->peer, now);
	}
	return len;
}

/* What a call whose request is with the server has to say. */
static int output_taken(struct rmi_client_core *core, struct rmi_call *call,
			void *buf, size_t size, uint64_t now)
{
	const struct rmi_window *window = &call->peer->window;
	uint64_t want;
	int len;

	if (call->in.buf) {
		want = call->at > now ? 0 :
		       rmi_call_wanted(call, rmi_window_room(window, now));
		return want ? output_pull(core, call, want, buf, size, now) : 0;
	}
	if (!call->due)
		return 0;
	len = output_pull(core, call, 0, buf, size, now);
	set_timer(core, call, now);
	return len;
}

static int output_call(struct rmi_client_core *core, struct rmi_call *call,
		       void *buf, size_t size, uint64_t now)
{
	int index;

	if (call->ended || call->gone || call->tx == UINT16_MAX)
		return 0;
	if (call->taken)
		return output_taken(core, call, buf, size, now);
	if (rmi_call_is_whole(call) && !call->due)
		return 0;
	if (!rmi_window_room(&call->peer->window, now))
		return 0;
	if (rmi_call_is_whole(call))
		return output_whole(core, call, buf, size, now);
	index = call->at <= now ? rmi_call_next_part(call) : -1;
	return index < 0 ? 0 : output_part(core, call, index, buf, size, now);
}

/* Say that no reply of the server's is wanted any more, once. */
static bool output_done(struct rmi_client_core *core, struct rmi_peer *peer,
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
	packet->call = NULL;
	packet->record = false;
	packet->to = peer->instance;
	packet->flow = peer->flow;
	packet->len = len;
	return true;
}

static bool output_calls(struct rmi_client_core *core,
			 struct rmi_packet *packet, void *buf, size_t size,
			 uint64_t now)
{
	struct rmi_call *call, *next;
	int len;

	for (call = core->first; call; call = next) {
		next = call->next;
		len = output_call(core, call, buf, size, now);
		if (!len)
			continue;
		packet->call = call;
		packet->to = call->to;
		packet->flow = call->flow;
		packet->record = call->record && call->last == 0;
		packet->len = len;
		return true;
	}
	return false;
}

bool rmi_client_core_output(struct rmi_client_core *core,
			    struct rmi_packet *packet, void *buf, size_t size,
			    uint64_t now)
{
	struct rmi_peer *peer;

	if (!core->shutdown)
		return output_calls(core, packet, buf, size, now);
	for (peer = core->peers.first; peer; peer = peer->next)
		if (peer->owes_done &&
		    output_done(core, peer, packet, buf, size))
			return true;
	return false;
}

/* The last packet's marks are taken back; it has no number then. */
static void undo_last(struct rmi_call *call)
{
	struct rmi_window *window = &call->peer->window;
	uint64_t bits;

	if (call->last == RMI_LAST_PULL) {
		for (bits = call->last_asked; bits; bits &= bits - 1)
			rmi_window_forget(window);
		call->asked &= ~call->last_asked;
		return;
	}
	call->transmissions--;
	rmi_call_account(call, call->tx);
	if (call->sending[call->last].flight)
		rmi_window_forget(window);
	call->sending[call->last].flight = false;
}

bool rmi_client_core_undo(struct rmi_call *call, int err, uint64_t now)
{
	undo_last(call);
	if (err != EAGAIN && err != ENOMEM)
		return false;
	call->at = now + QUEUE_WAIT_US;
	call->due = false;
	call->interval = rmi_peer_timeout(call->peer);
	call->tx--;
	return true;
}
