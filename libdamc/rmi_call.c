// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A call and the accounts of its transmissions: see rmi_call.h.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "rmi_call.h"

/* splitmix64 */
uint64_t rmi_core_random(struct rmi_client_core *core)
{
	uint64_t z = core->random += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

uint32_t rmi_core_flow(struct rmi_client_core *core)
{
	return (uint32_t)rmi_core_random(core) | 1;
}

uint64_t rmi_core_jitter(struct rmi_client_core *core, uint64_t interval)
{
	return interval - interval / 4 +
	       rmi_core_random(core) % (interval / 2 + 1);
}

/* ---- numbers ---- */

void rmi_core_hash(struct rmi_client_core *core, struct rmi_call *call)
{
	struct rmi_call **bucket = &core->bucket[call->id % RMI_CALL_BUCKETS];

	call->hash = *bucket;
	*bucket = call;
}

void rmi_core_unhash(struct rmi_client_core *core, struct rmi_call *call)
{
	struct rmi_call **p = &core->bucket[call->id % RMI_CALL_BUCKETS];

	while (*p != call)
		p = &(*p)->hash;
	*p = call->hash;
}

struct rmi_call *rmi_core_find(struct rmi_client_core *core, uint64_t id)
{
	struct rmi_call *call = core->bucket[id % RMI_CALL_BUCKETS];

	while (call && call->id != id)
		call = call->hash;
	return call && !call->ended ? call : NULL;
}

void rmi_core_link(struct rmi_client_core *core, struct rmi_call *call)
{
	call->next = NULL;
	call->prev = core->last;
	if (core->last)
		core->last->next = call;
	else
		core->first = call;
	core->last = call;
}

void rmi_core_unlink(struct rmi_client_core *core, struct rmi_call *call)
{
	if (call->prev)
		call->prev->next = call->next;
	else
		core->first = call->next;
	if (call->next)
		call->next->prev = call->prev;
	else
		core->last = call->prev;
}

/* ---- making and ending ---- */

static int make_parts(struct rmi_call *call)
{
	size_t total = RMI_HEADER_SIZE + call->method_len + call->len;

	call->n_parts = 1;
	call->sending = &call->whole;
	call->tracked = RMI_TRACKED_TX;
	call->open_tx = call->open_few;
	if (total <= RMI_WHOLE_MAX || total > RMI_MESSAGE_MAX)
		return 0;
	call->n_parts = (total + RMI_PART_DATA - 1) / RMI_PART_DATA;
	call->tracked = RMI_TRACKED_TX_PARTS;
	call->sending = calloc(call->n_parts, sizeof(*call->sending));
	call->part_of = calloc(call->tracked, 1);
	call->open_tx = calloc(call->tracked / 64, sizeof(*call->open_tx));
	return call->sending && call->part_of && call->open_tx ? 0 : -1;
}

static int copy_data(struct rmi_call *call,
		     const struct damc_rmi_request *request)
{
	call->len = request->len;
	if (!request->len)
		return 0;
	call->data = malloc(request->len);
	if (!call->data)
		return -1;
	memcpy(call->data, request->data, request->len);
	return 0;
}

struct rmi_call *rmi_call_new(const struct damc_rmi_request *request)
{
	/* Not calloc(): it passes by the cache that free() fills. */
	struct rmi_call *call = malloc(sizeof(*call));

	if (!call)
		return NULL;
	memset(call, 0, offsetof(struct rmi_call, to));
	call->method_len = strlen(request->method);
	memcpy(call->method, request->method, call->method_len);
	call->record = request->record;
	if (request->record)
		call->paths = calloc(2, sizeof(*call->paths));
	if ((request->record && !call->paths) || copy_data(call, request) ||
	    make_parts(call)) {
		rmi_call_destroy(call);
		return NULL;
	}
	return call;
}

void rmi_call_destroy(struct rmi_call *call)
{
	if (call->sending != &call->whole)
		free(call->sending);
	if (call->open_tx != call->open_few)
		free(call->open_tx);
	free(call->part_of);
	rmi_gather_free(&call->in);
	free(call->asked_at);
	free(call->paths);
	free(call->reply);
	free(call->data);
	free(call);
}

void rmi_call_ground(struct rmi_call *call)
{
	struct rmi_window *window = &call->peer->window;
	unsigned int i;

	for (i = 0; i < call->n_parts; i++) {
		if (call->sending[i].flight)
			rmi_window_forget(window);
		call->sending[i].flight = false;
	}
	for (; call->asked; call->asked &= call->asked - 1)
		rmi_window_forget(window);
}

void rmi_call_end(struct rmi_call *call, enum damc_rmi_status status)
{
	call->ended = true;
	call->due = false;
	call->status = status;
	rmi_call_ground(call);
}

static void forget_transmissions(struct rmi_call *call)
{
	rmi_call_ground(call);
	rmi_gather_free(&call->in);
	memset(call->sending, 0, call->n_parts * sizeof(*call->sending));
	memset(call->open_tx, 0, call->tracked / 8);
	call->tx = 0;
	call->pull_tx = 0;
	call->bounce_tx = 0;
	call->taken = false;
	call->gone = false;
}

void rmi_call_issue(struct rmi_client_core *core, struct rmi_call *call,
		    uint64_t now)
{
	struct rmi_peer *peer = call->peer;

	forget_transmissions(call);
	if (call->id)
		rmi_core_unhash(core, call);
	call->id = ++core->last_id;
	rmi_core_hash(core, call);
	call->incarnation = peer->incarnation;
	call->to = call->incarnation ? peer->instance : peer->target;
	if (call->incarnation)
		call->not_after = (rmi_peer_clock(peer, now) +
				   (int64_t)(call->deadline - now)) / 1000;
	call->interval = rmi_peer_timeout(peer);
	if (call->interval_max < call->interval)
		call->interval_max = call->interval;
	call->at = now;
	call->due = true;
}

/* ---- accounts ---- */

/* A request in parts is executed only if every part has come. */
bool rmi_call_not_taken(const struct rmi_call *call)
{
	unsigned int i;

	if (!call->incarnation)
		return true;
	if (call->taken)
		return false;
	for (i = 0; i < call->n_parts; i++)
		if (!call->sending[i].open && !call->sending[i].untracked)
			return true;
	return false;
}

static unsigned int part_of(const struct rmi_call *call, uint16_t tx)
{
	return call->part_of ? call->part_of[tx - 1] : 0;
}

struct rmi_sending *rmi_call_sending(struct rmi_call *call, uint16_t tx)
{
	if (!tx || tx > call->tx || tx == call->pull_tx)
		return NULL;
	if (rmi_call_is_whole(call))
		return &call->sending[0];
	return tx <= call->tracked ? &call->sending[part_of(call, tx)] : NULL;
}

void rmi_call_track(struct rmi_call *call, unsigned int index)
{
	struct rmi_sending *sending = &call->sending[index];
	uint16_t tx = call->tx;

	if (tx > call->tracked) {
		sending->untracked = true;
		return;
	}
	if (call->part_of)
		call->part_of[tx - 1] = index;
	call->open_tx[(tx - 1) / 64] |= 1ull << (tx - 1) % 64;
	sending->open++;
}

void rmi_call_account(struct rmi_call *call, uint16_t tx)
{
	uint64_t *open, bit;

	if (!tx || tx > call->tracked)
		return;
	open = &call->open_tx[(tx - 1) / 64];
	bit = 1ull << (tx - 1) % 64;
	if (!(*open & bit))
		return;
	*open &= ~bit;
	call->sending[part_of(call, tx)].open--;
}

/*
 * What is under way still, an answer or the rest of the refusals, gets a moment
 * to arrive.
 */
void rmi_call_server_gone(struct rmi_call *call, uint64_t now)
{
	if (call->gone)
		return;
	call->gone = true;
	call->due = false;
	call->at = now + 2 * rmi_peer_timeout(call->peer);
}

void rmi_call_taken(struct rmi_call *call)
{
	unsigned int i;

	call->taken = true;
	for (i = 0; i < call->n_parts; i++) {
		if (call->sending[i].flight)
			rmi_window_forget(&call->peer->window);
		call->sending[i].flight = false;
		call->sending[i].acked = true;
	}
}

void rmi_call_back_off(struct rmi_call *call)
{
	call->interval *= 2;
	if (call->interval > call->interval_max)
		call->interval = call->interval_max;
}

/* The first part that has to be sent, or -1. */
int rmi_call_next_part(const struct rmi_call *call)
{
	unsigned int i;

	for (i = 0; i < call->n_parts; i++)
		if (!call->sending[i].acked && !call->sending[i].flight)
			return i;
	return -1;
}

uint64_t rmi_call_wanted(const struct rmi_call *call, uint32_t room)
{
	uint64_t want = rmi_gather_missing(&call->in) & ~call->asked;
	uint32_t n = __builtin_popcountll(want);

	if (room < n && room < call->peer->window.size / 4)
		return 0;
	if (room > RMI_WINDOW_PULL)
		room = RMI_WINDOW_PULL;
	for (; n > room; n--)
		want &= ~(1ull << (63 - __builtin_clzll(want)));
	return want;
}
