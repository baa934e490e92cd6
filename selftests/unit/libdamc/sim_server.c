// SPDX-License-Identifier: GPL-2.0
/* The simulated fabric's servers: they execute, answer, die and come back. */
#include <string.h>

#include "sim_parts.h"

uint64_t server_now(const struct sim *sim, const struct server *server)
{
	int64_t now = sim->now;

	return now + now / 1000000 * server->drift_ppm + server->clock_offset;
}

/* What a call's answer must be; made from what was asked, and by whom. */
uint64_t answer_to(uint64_t serial)
{
	return serial * 0x9e3779b97f4a7c15 ^ 0x5bd1e995;
}

/* Bytes that all follow from @number, the first eight of which are it. */
void fill_data(uint8_t *data, size_t len, uint64_t number)
{
	size_t i;

	memcpy(data, &number, sizeof(number));
	for (i = sizeof(number); i < len; i++)
		data[i] = (number + i) * 37 >> 3;
}

void check_data(const struct sim *sim, const uint8_t *data, size_t len,
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

void server_packet(struct sim *sim, const struct event *event)
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

void work_done(struct sim *sim, const struct event *event)
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

void server_starts(struct sim *sim, unsigned int index)
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

void server_dies(struct sim *sim, unsigned int index)
{
	struct event *event = new_event(SERVER_STARTS, NULL, 0);

	rmi_server_core_free(sim->servers[index].core);
	sim->servers[index].core = NULL;
	event->node = index;
	post(sim, event, sim->now + sim_below(sim, 500000));
}
