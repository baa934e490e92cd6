// SPDX-License-Identifier: GPL-2.0
/* The simulated fabric: chance, what is to happen, and packets on their way. */
#include <stdlib.h>
#include <string.h>

#include "sim_parts.h"

uint64_t sim_random(struct sim *sim)
{
	uint64_t z = sim->random += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

uint64_t sim_below(struct sim *sim, uint64_t n)
{
	return n ? sim_random(sim) % n : 0;
}

bool chance(struct sim *sim, unsigned int in_10000)
{
	return sim_below(sim, 10000) < in_10000;
}

/* ---- events, in a heap ---- */

static bool before(const struct event *a, const struct event *b)
{
	return a->at < b->at || (a->at == b->at && a->order < b->order);
}

struct event *new_event(enum event_type type, const void *buf, size_t len)
{
	struct event *event = calloc(1, sizeof(*event) + len);

	assert_non_null(event);
	event->type = type;
	event->len = len;
	if (len)
		memcpy(event->buf, buf, len);
	return event;
}

void post(struct sim *sim, struct event *event, uint64_t at)
{
	size_t i = sim->n_heap++;

	if (i == sim->room) {
		sim->room = sim->room ? sim->room * 2 : 256;
		sim->heap = realloc(sim->heap,
				    sim->room * sizeof(*sim->heap));
		assert_non_null(sim->heap);
	}
	event->at = at;
	event->order = sim->order++;
	while (i && before(event, sim->heap[(i - 1) / 2])) {
		sim->heap[i] = sim->heap[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	sim->heap[i] = event;
}

struct event *take_first(struct sim *sim)
{
	struct event *first = sim->heap[0];
	struct event *last = sim->heap[--sim->n_heap];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < sim->n_heap) {
		if (child + 1 < sim->n_heap &&
		    before(sim->heap[child + 1], sim->heap[child]))
			child++;
		if (!before(sim->heap[child], last))
			break;
		sim->heap[i] = sim->heap[child];
		i = child;
	}
	sim->heap[i] = last;
	return first;
}

/* ---- the fabric ---- */

static uint64_t delay(struct sim *sim)
{
	const struct sim_config *c = sim->config;

	return c->delay_min_us +
	       sim_below(sim, c->delay_max_us - c->delay_min_us + 1);
}

/* When a packet has passed the link that all share; 0: its queue was full. */
static uint64_t pass_link(struct sim *sim, bool to_server, size_t len)
{
	uint64_t *busy = &sim->busy_until[to_server];
	uint64_t full = 1000000 / sim->config->rate;

	if (*busy < sim->now)
		*busy = sim->now;
	if (*busy - sim->now > sim->config->queue * full)
		return 0;
	*busy += full * len / RMI_WHOLE_MAX;
	return *busy;
}

static void carry_at(struct sim *sim, const struct event *like, uint64_t since)
{
	struct event *event = new_event(PACKET, like->buf, like->len);
	uint64_t at = since + delay(sim);

	event->at_server = like->at_server;
	event->node = like->node;
	event->from = like->from;
	if (chance(sim, sim->config->late))
		at += sim_below(sim, 120000000);
	post(sim, event, at);
}

void refuse(struct sim *sim, const struct event *packet,
	    enum damc_error_code code);

static void carry(struct sim *sim, const struct event *like)
{
	uint64_t at = sim->now;

	if (sim->config->rate)
		at = pass_link(sim, like->at_server, like->len);
	if (at) {
		carry_at(sim, like, at);
		return;
	}
	sim->result->dropped++;
	if (like->at_server && sim->config->refuses)
		refuse(sim, like, DAMC_ERROR_CODE_NO_RESOURCES);
}

/* Tell a client that its packet was refused. */
void refuse(struct sim *sim, const struct event *packet,
	    enum damc_error_code code)
{
	size_t quote = packet->len < 128 ? packet->len : 128;
	struct event *event = new_event(REFUSAL, packet->buf, quote);

	event->node = packet->from;
	event->code = code;
	post(sim, event, sim->now + delay(sim));
}

static enum damc_error_code any_code(struct sim *sim)
{
	static const enum damc_error_code codes[] = {
		DAMC_ERROR_CODE_NO_ROUTE, DAMC_ERROR_CODE_HOP_LIMIT,
		DAMC_ERROR_CODE_NO_RESOURCES, DAMC_ERROR_CODE_PIN_LOST,
		DAMC_ERROR_CODE_NO_ROUTE, DAMC_ERROR_CODE_NO_RESOURCES,
		DAMC_ERROR_CODE_PROHIBITED, DAMC_ERROR_CODE_NO_LISTENER,
		DAMC_ERROR_CODE_TOO_BIG,
	};

	return codes[sim_below(sim, ARRAY_SIZE(codes))];
}

void transmit(struct sim *sim, bool to_server, unsigned int to,
	      unsigned int from, const void *buf, size_t len)
{
	struct event *packet = new_event(PACKET, buf, len);

	sim->result->packets++;
	packet->at_server = to_server;
	packet->node = to;
	packet->from = from;
	if (to_server && chance(sim, sim->config->bounces))
		refuse(sim, packet, any_code(sim));
	else if (!chance(sim, sim->config->loss))
		carry(sim, packet);
	while (chance(sim, sim->config->copies))
		carry(sim, packet);
	free(packet);
}
