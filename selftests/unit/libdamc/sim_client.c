// SPDX-License-Identifier: GPL-2.0
/* The simulated fabric's clients: they call, and check what comes of it. */
#include <errno.h>
#include <string.h>

#include "sim_parts.h"

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

void client_turn(struct sim *sim, unsigned int index)
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

void client_calls(struct sim *sim, unsigned int index)
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

void client_starts(struct sim *sim, unsigned int index)
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
void client_dies(struct sim *sim, unsigned int index)
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

void client_packet(struct sim *sim, const struct event *event)
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
