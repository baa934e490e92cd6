// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "domain.h"
#include "host.h"
#include "stand_in.h"

/* After so many complaints the rest is only counted. */
#define BROKEN_PRINTED 8

static void add_port(struct sim *sim, uint32_t wire, uint32_t number,
		     uint32_t cost)
{
	struct host *host = &sim->host[number];
	size_t size = host->ports;

	host->port = sim_grow(host->port, host->ports, &size,
			      sizeof(*host->port));
	host->port[host->ports++] = sim->ports;
	sim->port[sim->ports++] = (struct port){
		.host = number, .wire = wire, .ifindex = host->ports,
		.cost = cost, .carrier = true,
	};
}

static void build(struct sim *sim, const struct topo *topo)
{
	uint32_t i;

	sim->hosts = topo->n;
	sim->host = sim_zalloc(topo->n, sizeof(*sim->host));
	sim->wires = topo->edges;
	sim->wire = sim_zalloc(topo->edges, sizeof(*sim->wire));
	sim->port = sim_zalloc(2 * topo->edges, sizeof(*sim->port));
	for (i = 0; i < topo->n; i++)
		host_init(sim, i);
	for (i = 0; i < topo->edges; i++) {
		const struct topo_edge *e = &topo->edge[i];

		sim->wire[i] = (struct wire){
			.first = sim->ports, .ports = 2, .mbit = e->mbit,
			.delay_ns = e->delay_us * SIM_US,
		};
		add_port(sim, i, e->a, e->cost);
		add_port(sim, i, e->b, e->cost_back);
	}
}

struct sim *sim_new(const struct sim_config *config)
{
	struct sim *sim = sim_zalloc(1, sizeof(*sim));

	sim->config = *config;
	stand_in_use(config->stand_in);
	sim->config.crypto = counted_by(config->crypto ? config->crypto :
					&dc_stand_in);
	sim->now = SIM_S;
	sim->rng = rng_fork(config->seed, 'w');
	book_init(&sim->names);
	sim->domain = domain_new(sim->config.crypto, config->seed,
				 config->topo->n);
	build(sim, config->topo);
	return sim;
}

/* Packets that are still under way are only in the queue. */
static void drain(struct sim *sim)
{
	struct event event;
	uint32_t i;

	sim->ending = true;
	for (i = 0; i < sim->hosts; i++)
		host_kill(&sim->host[i]);
	for (i = 0; i < sim->wires; i++)
		sim->wire[i].cut = true;
	while (queue_take(&sim->queue, &event)) {
		sim->now = event.at;
		event.fn(sim, event.arg, event.number);
	}
}

void sim_free(struct sim *sim)
{
	uint32_t i;

	drain(sim);
	for (i = 0; i < sim->hosts; i++)
		host_free(&sim->host[i]);
	free(sim->host);
	free(sim->wire);
	free(sim->port);
	queue_free(&sim->queue);
	book_free(&sim->names);
	domain_free(sim->domain);
	free(sim->said.object);
	free(sim);
}

void sim_run(struct sim *sim, uint64_t at)
{
	struct event event;

	while (queue_next(&sim->queue) <= at) {
		queue_take(&sim->queue, &event);
		sim->now = event.at;
		event.fn(sim, event.arg, event.number);
	}
	sim->now = at;
}

void sim_log(struct sim *sim, enum sim_what what, uint64_t a, uint64_t b)
{
	sim->log = sim_mix(sim->log ^ sim->now);
	sim->log = sim_mix(sim->log ^ a ^ (uint64_t)what << 56) + b;
}

void sim_broken(struct sim *sim, const char *format, ...)
{
	char text[sizeof(sim->first)];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (!sim->broken)
		strcpy(sim->first, text);
	if (sim->broken++ < BROKEN_PRINTED)
		fprintf(stderr, "BROKEN seed %llu at %.6f s: %s\n",
			(unsigned long long)sim->config.seed,
			sim->now / (double)SIM_S, text);
}

void sim_trace(const struct sim *sim, const char *format, ...)
{
	va_list args;

	if (!sim->config.trace)
		return;
	printf("%.6f ", sim->now / (double)SIM_S);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}
