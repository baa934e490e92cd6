// SPDX-License-Identifier: GPL-2.0
/*
 * All links carry three times the data that they can, both ways: whether an
 * adjacency is lost, by its daemons or by the kernels' probes, and how long a new
 * name takes to the last router, beside the same without data. Once more with
 * control in one queue with the data, to see what the classes are for.
 *
 * What data costs processors is not simulated.
 */
#include <stdio.h>
#include <stdlib.h>

#include "alloc.h"
#include "check.h"
#include "fault.h"
#include "scenario.h"
#include "service.h"
#include "watch.h"

#define TOPOLOGY "grid:36"
#define SETTLE_NS (120 * SIM_S)
#define LOAD 3.0
#define TIMES 21
#define PAUSE_NS (3 * SIM_S)
#define MOST_NS (10 * SIM_S)
/* Probes of the kernels: each so often, and down after so many are missing. */
#define PROBE_NS (10 * SIM_MS)
#define PROBE_BYTES 64
#define MISSING 3
/* Below, a frame of data alone takes longer than an object. */
#define MBIT_JUDGED 100

/**
 * struct probes - what the kernels would find
 * @heard: by port, when the last probe came there
 * @silent: times that too many were missing
 */
struct probes {
	uint64_t *heard;
	uint64_t silent;
	bool stop;
};

static void arrived(struct sim *sim, void *arg, uint64_t port)
{
	struct probes *probes = arg;

	if (!probes->stop)
		probes->heard[port] = sim->now;
}

static void probe(struct sim *sim, void *arg, uint64_t number)
{
	struct probes *probes = arg;
	uint32_t other = wire_other(sim, number);
	uint64_t at;

	if (probes->stop)
		return;
	if (sim->now - probes->heard[number] > MISSING * PROBE_NS) {
		probes->silent++;
		probes->heard[number] = sim->now;
	}
	at = wire_transmit(sim, number, PROBE_BYTES, sim->now);
	if (at != UINT64_MAX)
		queue_add(&sim->queue,
			  at + sim->wire[sim->port[number].wire].delay_ns,
			  arrived, probes, other);
	queue_add(&sim->queue, sim->now + PROBE_NS, probe, probes, number);
}

static void probe_all(struct sim *sim, struct probes *probes)
{
	uint32_t i;

	probes->heard = sim_alloc(sim->ports * sizeof(*probes->heard));
	for (i = 0; i < sim->ports; i++) {
		probes->heard[i] = sim->now;
		queue_add(&sim->queue,
			  sim->now + rng_below(&sim->rng, PROBE_NS), probe,
			  probes, i);
	}
}

/* New names at one corner: the middle of what they take to the last router. */
static uint64_t flood(struct sim *sim, unsigned int first)
{
	uint64_t took[TIMES], since;
	struct service service;
	char text[32];
	int i;

	for (i = 0; i < TIMES; i++) {
		snprintf(text, sizeof(text), "/shop/%u", first + i);
		service_init(&service, text, DC_RIGHT_NAME);
		since = sim->now;
		service_register(&service, &sim->host[0]);
		took[i] = watch_name(sim, &service.name, 0, true, MOST_NS);
		took[i] = took[i] == UINT64_MAX ? MOST_NS : took[i] - since;
		sim_pass(sim, PAUSE_NS);
	}
	return watch_median(took, TIMES);
}

static void fill(struct sim *sim, double load, bool one_queue)
{
	uint32_t i;

	for (i = 0; i < sim->wires; i++) {
		sim->wire[i].load = load;
		sim->wire[i].one_queue = one_queue;
	}
}

/**
 * struct figures - with and without data
 * @downs: adjacencies that daemons lost; @silent: that probes did
 */
struct figures {
	uint64_t idle;
	uint64_t full;
	uint64_t downs;
	uint64_t silent;
};

static void measure(struct sim *sim, bool one_queue, struct figures *figures)
{
	struct probes probes = { 0 };
	uint64_t downs;

	figures->idle = flood(sim, 0);
	fill(sim, LOAD, one_queue);
	probe_all(sim, &probes);
	downs = sim->counts.downs;
	figures->full = flood(sim, TIMES);
	figures->downs = sim->counts.downs - downs;
	figures->silent = probes.silent;
	fill(sim, 0, false);
	/* Those under way are still to come. */
	probes.stop = true;
	sim_pass(sim, SIM_S);
	free(probes.heard);
	if (!one_queue)
		check_settle(sim, SETTLE_NS);
}

static void at_rate(struct run *run, uint32_t mbit, bool one_queue)
{
	struct figures f = { 0 };
	struct topo topo;
	struct sim *sim = run_begin(run, &topo, TOPOLOGY);
	uint32_t i;

	if (!sim)
		return;
	for (i = 0; i < sim->wires; i++)
		sim->wire[i].mbit = mbit;
	fault_start(sim, 0);
	service_beacons(sim);
	if (check_settle(sim, SETTLE_NS) != UINT64_MAX)
		measure(sim, one_queue, &f);
	run_say(run,
		"load %llu: %5u Mbit/s, %s: to the last %.2f ms idle, %.2f full (%.2f times)",
		(unsigned long long)run->config.seed, mbit,
		one_queue ? "one queue" : "classes  ", f.idle / 1e6,
		f.full / 1e6, (double)f.full / f.idle);
	run_say(run, "  adjacencies lost: %llu by daemons, %llu by probes",
		(unsigned long long)f.downs, (unsigned long long)f.silent);
	if (!one_queue && (f.downs || f.silent))
		sim_broken(sim, "data took adjacencies down");
	if (one_queue && (!f.downs || !f.silent))
		sim_broken(sim, "data that goes first does no harm");
	if (!one_queue && mbit >= MBIT_JUDGED && f.full > 2 * f.idle)
		sim_broken(sim, "data more than doubled the time");
	run_end(run, &topo, sim);
}

void scenario_load(struct run *run)
{
	static const uint32_t rates[] = { 10, 100, 1000, 10000 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rates) && !run->broken; i++)
		at_rate(run, rates[i], false);
	if (!run->broken)
		at_rate(run, MBIT_JUDGED, true);
}
