// SPDX-License-Identifier: GPL-2.0
/*
 * The simulated fabric: see sim.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "rmi_client_core.h"
#include "rmi_server_core.h"
#include "sim.h"

#define NODES_MAX SIM_NODES_MAX
#define OPEN_MAX 64
#define BUF_MAX 2048

enum event_type {
	PACKET,
	REFUSAL,
	WORK_DONE,
	SERVER_DIES,
	SERVER_STARTS,
	CLIENT_DIES,
	CLIENT_CALLS,
};

/* Something that will happen at a node. */
struct event {
	uint64_t at;
	uint64_t order;
	enum event_type type;
	bool at_server;
	unsigned int node;
	unsigned int from;
	/* Which life of the node it belongs to, where that matters. */
	unsigned int life;
	enum damc_error_code code;
	struct rmi_execution *execution;
	uint64_t serial;
	/* Bytes that the method got, and answers with. */
	size_t data_len;
	size_t len;
	uint8_t buf[];
};

/* What is known of one call, for ever. */
struct entry {
	bool ended;
	enum damc_rmi_status status;
	unsigned int server;
	uint64_t deadline;
	unsigned int executions;
	/* The last life of the server that executed it. */
	unsigned int life;
};

struct open_call {
	struct rmi_call *call;
	uint64_t serial;
	uint64_t deadline;
};

struct client {
	struct damc_name name;
	struct rmi_client_core *core;
	unsigned int life;
	struct open_call open[OPEN_MAX];
	unsigned int n_open;
};

struct server {
	struct damc_name name;
	struct rmi_server_core *core;
	unsigned int life;
	int64_t clock_offset;
	int drift_ppm;
};

struct sim {
	const struct sim_config *config;
	struct sim_result *result;
	uint64_t random;
	uint64_t now;
	uint64_t order;
	struct event **heap;
	size_t n_heap, room;
	struct client clients[NODES_MAX];
	struct server servers[NODES_MAX];
	struct entry *ledger;
	uint64_t n_ledger;
	bool quiet;
	/* When the link is free again, to clients and to servers. */
	uint64_t busy_until[2];
};

static uint64_t sim_random(struct sim *sim)
{
	uint64_t z = sim->random += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static uint64_t sim_below(struct sim *sim, uint64_t n)
{
	return n ? sim_random(sim) % n : 0;
}

static bool chance(struct sim *sim, unsigned int in_10000)
{
	return sim_below(sim, 10000) < in_10000;
}

/* ---- events, in a heap ---- */

static bool before(const struct event *a, const struct event *b)
{
	return a->at < b->at || (a->at == b->at && a->order < b->order);
}

static struct event *new_event(enum event_type type, const void *buf,
			       size_t len)
{
	struct event *event = calloc(1, sizeof(*event) + len);

	assert_non_null(event);
	event->type = type;
	event->len = len;
	if (len)
		memcpy(event->buf, buf, len);
	return event;
}

static void post(struct sim *sim, struct event *event, uint64_t at)
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

static struct event *take_first(struct sim *sim)
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

static void refuse(struct sim *sim, const struct event *packet,
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
static void refuse(struct sim *sim, const struct event *packet,
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

static void transmit(struct sim *sim, bool to_server, unsigned int to,
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

/* ---- servers ---- */

static uint64_t server_now(const struct sim *sim, const struct server *server)
{
	int64_t now = sim->now;

	return now + now / 1000000 * server->drift_ppm + server->clock_offset;
}

/* What a call's answer must be; made from what was asked, and by whom. */
static uint64_t answer_to(uint64_t serial)
{
	return serial * 0x9e3779b97f4a7c15 ^ 0x5bd1e995;
}

/* Bytes that all follow from @number, the first eight of which are it. */
static void fill_data(uint8_t *data, size_t len, uint64_t number)
{
	size_t i;

	memcpy(data, &number, sizeof(number));
	for (i = sizeof(number); i < len; i++)
		data[i] = (number + i) * 37 >> 3;
}

static void check_data(const struct sim *sim, const uint8_t *data, size_t len,
		       uint64_t number)
{
	static uint8_t should[RMI_MESSAGE_MAX];

	fill_data(should, len, number);
	if (memcmp(data, should, len))
		fail_msg("seed %llu: bytes of %llu are others",
			 (unsigned long long)sim->config->seed,
			 (unsigned long long)number);
}

static void record_execution(struct sim *sim, unsigned int index,
			     uint64_t serial)
{
	struct server *server = &sim->servers[index];
	struct entry *entry = &sim->ledger[serial];

	assert_true(serial < sim->n_ledger);
	assert_int_equal(entry->server, index);
	if (entry->executions && entry->life == server->life)
		fail_msg("seed %llu: call %llu executed twice by one server",
			 (unsigned long long)sim->config->seed,
			 (unsigned long long)serial);
	/* The clocks' readings are whole milliseconds. */
	if (sim->now > entry->deadline + 1000)
		fail_msg("seed %llu: call %llu begun after its deadline",
			 (unsigned long long)sim->config->seed,
			 (unsigned long long)serial);
	entry->executions++;
	entry->life = server->life;
	sim->result->executed++;
}

static void work_on(struct sim *sim, unsigned int index, unsigned int from,
		    const struct rmi_work *work)
{
	struct event *event = new_event(WORK_DONE, NULL, 0);
	uint64_t serial;

	assert_int_equal(work->method_len, 3);
	assert_memory_equal(work->method, "sim", 3);
	assert_true(work->data_len >= sizeof(serial));
	assert_true(work->remaining_ms > 0);
	memcpy(&serial, work->data, sizeof(serial));
	record_execution(sim, index, serial);
	event->at_server = true;
	event->node = index;
	event->from = from;
	event->life = sim->servers[index].life;
	event->execution = work->execute;
	event->serial = serial;
	event->data_len = work->data_len;
	check_data(sim, work->data, work->data_len, serial);
	post(sim, event, sim->now + 1 +
	     sim_below(sim, sim->config->work_max_ms * 1000ull));
}

static void server_sends(struct sim *sim, const struct event *event,
			 struct rmi_work *work, uint8_t *out, size_t size)
{
	struct server *server = &sim->servers[event->node];

	while (work->len) {
		transmit(sim, false, event->from, event->node, out, work->len);
		rmi_server_core_more(server->core, work, out, size,
				     server_now(sim, server));
	}
}

static void server_packet(struct sim *sim, const struct event *event)
{
	struct server *server = &sim->servers[event->node];
	struct client *client = &sim->clients[event->from];
	struct rmi_work work;
	uint8_t out[BUF_MAX];

	if (!server->core) {
		refuse(sim, event, DAMC_ERROR_CODE_NO_LISTENER);
		return;
	}
	rmi_server_core_input(server->core, &client->name, event->buf,
			      event->len, NULL, 0, &work, out, sizeof(out),
			      server_now(sim, server));
	if (work.execute)
		work_on(sim, event->node, event->from, &work);
	server_sends(sim, event, &work, out, sizeof(out));
}

static void work_done(struct sim *sim, const struct event *event)
{
	struct server *server = &sim->servers[event->node];
	uint64_t answer = answer_to(event->serial);
	enum damc_rmi_status status = DAMC_RMI_OK;
	static uint8_t data[RMI_MESSAGE_MAX];
	struct rmi_work work;
	uint8_t out[BUF_MAX];

	if (event->life != server->life || !server->core)
		return;
	if (event->serial % 16 == 3)
		status = DAMC_RMI_APPLICATION;
	fill_data(data, event->data_len, answer);
	rmi_server_core_finish(server->core, event->execution, status, data,
			       event->data_len, &work, out, sizeof(out),
			       server_now(sim, server));
	server_sends(sim, event, &work, out, sizeof(out));
}

static void server_dies(struct sim *sim, unsigned int index);

static void server_starts(struct sim *sim, unsigned int index)
{
	static const struct rmi_limits small = {
		.callers = 3, .calls = 6, .refusals = 2, .caller_calls = 4,
		.bytes = 8 * RMI_MESSAGE_MAX,
	};
	struct server *server = &sim->servers[index];
	uint64_t life_us = sim->config->server_life_ms * 1000ull;
	struct event *event;

	server->life++;
	server->core = rmi_server_core_new(sim_random(sim) | 1,
					   sim->config->small ? &small :
					   &rmi_limits_default,
					   server_now(sim, server));
	assert_non_null(server->core);
	if (!life_us || sim->quiet)
		return;
	event = new_event(SERVER_DIES, NULL, 0);
	event->node = index;
	post(sim, event, sim->now + 1 + sim_below(sim, 2 * life_us));
}

static void server_dies(struct sim *sim, unsigned int index)
{
	struct event *event = new_event(SERVER_STARTS, NULL, 0);

	rmi_server_core_free(sim->servers[index].core);
	sim->servers[index].core = NULL;
	event->node = index;
	post(sim, event, sim->now + sim_below(sim, 500000));
}

/* ---- clients ---- */

static void client_output(struct sim *sim, unsigned int index)
{
	struct client *client = &sim->clients[index];
	struct rmi_packet packet;
	uint8_t buf[BUF_MAX];
	unsigned int to;

	while (rmi_client_core_output(client->core, &packet, buf, sizeof(buf),
				      sim->now)) {
		for (to = 0; to < sim->config->servers; to++)
			if (damc_name_equal(&packet.to,
					    &sim->servers[to].name))
				break;
		assert_true(to < sim->config->servers);
		/* Now and then the queue is full. */
		if (packet.call && chance(sim, sim->config->bounces / 4))
			rmi_client_core_unsent(client->core, packet.call,
					       EAGAIN, sim->now);
		else
			transmit(sim, true, to, index, buf, packet.len);
	}
}

static void check_result(struct sim *sim, unsigned int index,
			 const struct open_call *open,
			 struct damc_rmi_reply *reply)
{
	struct entry *entry = &sim->ledger[open->serial];
	uint64_t answer;

	entry->ended = true;
	entry->status = reply->status;
	sim->result->status[reply->status]++;
	sim->result->transmissions += reply->transmissions;
	if (sim->now > open->deadline)
		fail_msg("seed %llu: call %llu outlived its deadline",
			 (unsigned long long)sim->config->seed,
			 (unsigned long long)open->serial);
	if (reply->status != DAMC_RMI_OK &&
	    reply->status != DAMC_RMI_APPLICATION)
		return;
	if (sim->n_ledger < sim->config->calls)
		sim->result->answered[index]++;
	assert_int_equal(reply->status, open->serial % 16 == 3 ?
			 DAMC_RMI_APPLICATION : DAMC_RMI_OK);
	assert_true(reply->len >= sizeof(answer));
	check_data(sim, reply->data, reply->len, answer_to(open->serial));
	memcpy(&answer, reply->data, sizeof(answer));
	if (answer != answer_to(open->serial))
		fail_msg("seed %llu: call %llu got another's reply",
			 (unsigned long long)sim->config->seed,
			 (unsigned long long)open->serial);
	assert_true(entry->executions > 0);
	if (reply->rtt_us > sim->result->slowest_us)
		sim->result->slowest_us = reply->rtt_us;
}

static void client_results(struct sim *sim, unsigned int index)
{
	struct client *client = &sim->clients[index];
	struct damc_rmi_reply reply;
	unsigned int i = 0;

	while (i < client->n_open) {
		struct open_call *open = &client->open[i];

		if (!rmi_call_ended(open->call)) {
			i++;
			continue;
		}
		assert_int_equal(rmi_call_result(open->call, &reply), 0);
		check_result(sim, index, open, &reply);
		damc_rmi_reply_free(&reply);
		rmi_call_free(client->core, open->call);
		*open = client->open[--client->n_open];
	}
}

static void client_turn(struct sim *sim, unsigned int index)
{
	rmi_client_core_timer(sim->clients[index].core, sim->now);
	client_output(sim, index);
	client_results(sim, index);
}

static size_t data_len(struct sim *sim)
{
	const struct sim_config *c = sim->config;

	if (c->data_full)
		return c->data_max;
	return sizeof(uint64_t) + sim_below(sim, c->data_max ? c->data_max :
							       200);
}

static void client_calls(struct sim *sim, unsigned int index)
{
	const struct sim_config *c = sim->config;
	struct client *client = &sim->clients[index];
	unsigned int server = sim_below(sim, c->servers);
	struct open_call *open;
	static uint8_t data[RMI_MESSAGE_MAX];
	struct damc_rmi_request request = {
		.target = sim->servers[server].name,
		.method = "sim",
		.data = data,
		.len = data_len(sim),
		.deadline_ms = c->deadline_min_ms +
			sim_below(sim, c->deadline_max_ms -
				  c->deadline_min_ms + 1),
		.record = !sim_below(sim, 4),
	};

	if (sim->n_ledger == c->calls)
		return;
	post(sim, memcpy(new_event(CLIENT_CALLS, NULL, 0),
			 &(struct event){ .type = CLIENT_CALLS, .node = index },
			 sizeof(struct event)),
	     sim->now + 1 + (c->eager ? 1000 :
			     sim_below(sim, 4 * c->delay_max_us)));
	if (client->n_open >= c->open)
		return;
	open = &client->open[client->n_open];
	open->serial = sim->n_ledger++;
	open->deadline = sim->now + request.deadline_ms * 1000ull;
	fill_data(data, request.len, open->serial);
	sim->ledger[open->serial].server = server;
	sim->ledger[open->serial].deadline = open->deadline;
	sim->result->calls++;
	open->call = rmi_client_core_start(client->core, &request, sim->now);
	assert_non_null(open->call);
	client->n_open++;
}

static void client_starts(struct sim *sim, unsigned int index)
{
	struct client *client = &sim->clients[index];
	uint64_t life_us = sim->config->client_life_ms * 1000ull;
	struct event *event;

	client->life++;
	client->core = rmi_client_core_new(sim_random(sim));
	assert_non_null(client->core);
	if (!life_us)
		return;
	event = new_event(CLIENT_DIES, NULL, 0);
	event->node = index;
	post(sim, event, sim->now + 1 + sim_below(sim, 2 * life_us));
}

/* Half of them say good-bye. Its calls are nobody's then. */
static void client_dies(struct sim *sim, unsigned int index)
{
	struct client *client = &sim->clients[index];

	if (sim->quiet)
		return;
	if (sim_below(sim, 2)) {
		rmi_client_core_shutdown(client->core);
		client_output(sim, index);
	}
	rmi_client_core_free(client->core);
	client->n_open = 0;
	client_starts(sim, index);
}

static void client_packet(struct sim *sim, const struct event *event)
{
	struct client *client = &sim->clients[event->node];

	if (event->type == REFUSAL)
		rmi_client_core_refused(client->core, event->buf, event->len,
					event->code,
					&sim->servers[0].name, sim->now);
	else
		rmi_client_core_input(client->core,
				      &sim->servers[event->from].name,
				      event->buf, event->len, NULL, 0,
				      sim->now);
}

/* ---- the run ---- */

static void handle(struct sim *sim, const struct event *event)
{
	switch (event->type) {
	case PACKET:
	case REFUSAL:
		if (event->at_server)
			server_packet(sim, event);
		else
			client_packet(sim, event);
		break;
	case WORK_DONE:
		work_done(sim, event);
		break;
	case SERVER_DIES:
		if (!sim->quiet)
			server_dies(sim, event->node);
		break;
	case SERVER_STARTS:
		server_starts(sim, event->node);
		break;
	case CLIENT_DIES:
		client_dies(sim, event->node);
		break;
	case CLIENT_CALLS:
		client_calls(sim, event->node);
		break;
	}
}

/* When the next thing happens: an event, or a client's timer. */
static uint64_t next_time(const struct sim *sim)
{
	uint64_t next = sim->n_heap ? sim->heap[0]->at : UINT64_MAX;
	unsigned int i;

	for (i = 0; i < sim->config->clients; i++) {
		uint64_t at = rmi_client_core_next(sim->clients[i].core);

		if (at < next)
			next = at;
	}
	return next > sim->now ? next : sim->now;
}

static bool all_ended(const struct sim *sim)
{
	unsigned int i;

	if (sim->n_ledger < sim->config->calls)
		return false;
	for (i = 0; i < sim->config->clients; i++)
		if (sim->clients[i].n_open)
			return false;
	return true;
}

static void set_up(struct sim *sim)
{
	const struct sim_config *c = sim->config;
	char text[32];
	unsigned int i;

	for (i = 0; i < c->servers; i++) {
		struct server *server = &sim->servers[i];

		snprintf(text, sizeof(text), "/s/%u", i);
		assert_int_equal(damc_name_parse(&server->name, text, NULL),
				 0);
		server->clock_offset = sim_below(sim, 1000000000000);
		server->drift_ppm = (int)sim_below(sim, 2 * c->drift_ppm + 1) -
				    (int)c->drift_ppm;
		server_starts(sim, i);
	}
	for (i = 0; i < c->clients; i++) {
		snprintf(text, sizeof(text), "/c/%u", i);
		assert_int_equal(damc_name_parse(&sim->clients[i].name, text,
						 NULL), 0);
		client_starts(sim, i);
		client_calls(sim, i);
	}
}

static void step(struct sim *sim)
{
	unsigned int i;

	sim->now = next_time(sim);
	while (sim->n_heap && sim->heap[0]->at <= sim->now) {
		struct event *event = take_first(sim);

		handle(sim, event);
		free(event);
	}
	for (i = 0; i < sim->config->clients; i++)
		client_turn(sim, i);
}

/* A client that died has calls whose end nobody saw: any is right. */
static void close_ledger(struct sim *sim)
{
	struct sim_result *r = sim->result;
	uint64_t i;

	for (i = 0; i < sim->n_ledger; i++) {
		const struct entry *entry = &sim->ledger[i];

		if (entry->executions > 1)
			r->executed_twice++;
		if (entry->ended && entry->executions &&
		    (entry->status == DAMC_RMI_UNREACHABLE ||
		     entry->status == DAMC_RMI_REFUSED ||
		     entry->status == DAMC_RMI_TOO_BIG))
			r->executed_denied++;
	}
}

/* Two days later: a stray packet makes each server look at its memory. */
static void check_memory(struct sim *sim)
{
	struct damc_name name = { 0 };
	struct rmi_server_use use;
	struct rmi_work work;
	uint8_t out[64];
	unsigned int i;

	sim->now += 2 * 86400000000ull;
	for (i = 0; i < sim->config->servers; i++) {
		struct server *server = &sim->servers[i];

		if (!server->core)
			continue;
		rmi_server_core_input(server->core, &name, "", 0, NULL, 0,
				      &work, out, sizeof(out),
				      server_now(sim, server));
		use = rmi_server_core_use(server->core);
		assert_int_equal(use.callers, 0);
		assert_int_equal(use.calls, 0);
		assert_int_equal(use.bytes, 0);
	}
}

static void tear_down(struct sim *sim)
{
	unsigned int i;

	while (sim->n_heap)
		free(take_first(sim));
	for (i = 0; i < sim->config->clients; i++)
		rmi_client_core_free(sim->clients[i].core);
	for (i = 0; i < sim->config->servers; i++)
		rmi_server_core_free(sim->servers[i].core);
	free(sim->heap);
	free(sim->ledger);
	free(sim);
}

void sim_run(const struct sim_config *config, struct sim_result *result)
{
	struct sim *sim = calloc(1, sizeof(*sim));

	assert_non_null(sim);
	sim->config = config;
	sim->result = result;
	sim->random = config->seed * 0x2545f4914f6cdd1d + 1;
	sim->ledger = calloc(config->calls, sizeof(*sim->ledger));
	assert_non_null(sim->ledger);
	set_up(sim);
	while (!all_ended(sim))
		step(sim);
	result->took_us = sim->now;
	/* What is still under way arrives, however late. */
	sim->quiet = true;
	while (sim->n_heap)
		step(sim);
	close_ledger(sim);
	check_memory(sim);
	tear_down(sim);
}
