// SPDX-License-Identifier: GPL-2.0
/* The simulated fabric, running: see sim.h. */
#include <stdlib.h>
#include <string.h>

#include "sim_parts.h"

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
