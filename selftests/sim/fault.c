// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "domain.h"
#include "fault.h"

/* A wall clock is up to so much off, either way. */
#define CLOCK_OFF_MS (30 * 86400 * 1000ull)

static void note(struct sim *sim, enum fault fault, const char *what,
		 uint32_t number, uint64_t ns)
{
	sim->tally.fault[fault]++;
	sim_log(sim, SIM_FAULT, number, ns);
	sim_trace(sim, "fault: %s %u for %.3f s", what, number,
		  ns / (double)SIM_S);
}

/* ---- hosts ------------------------------------------------------------- */

static void sweep(struct sim *sim, void *arg, uint64_t life)
{
	struct host *host = arg;

	if (host->life == life)
		host_sweep(host);
}

void fault_start_one(struct host *host)
{
	struct sim *sim = host->sim;
	uint64_t wall = domain_ms(sim->now);

	if (host->core || !host->power || sim->ending)
		return;
	if (!rng_below(&sim->rng, 4)) {
		wall += rng_below(&sim->rng, 2 * CLOCK_OFF_MS) - CLOCK_OFF_MS;
		sim->tally.fault[FAULT_CLOCK]++;
	}
	if (host_start(host, wall))
		queue_add(&sim->queue, sim->now + FAULT_SWEEP_NS, sweep, host,
			  host->life);
}

static void start(struct sim *sim, void *arg, uint64_t number)
{
	fault_start_one(arg);
}

void fault_start(struct sim *sim, uint64_t spread)
{
	uint32_t i;

	for (i = 0; i < sim->hosts; i++)
		queue_add(&sim->queue,
			  sim->now + (spread ? rng_below(&sim->rng, spread) : 0),
			  start, &sim->host[i], 0);
}

static void next_epoch(struct host *host, enum epoch_file file)
{
	uint64_t *count = host->sim->tally.fault;

	switch (file) {
	case EPOCH_KEPT:
		host->epoch++;
		break;
	case EPOCH_LOST:
		count[FAULT_EPOCH_LOST]++;
		host->epoch = 1;
		host->kept_ms = 0;
		break;
	case EPOCH_OLD:
		count[FAULT_EPOCH_OLD]++;
		host->epoch = host->epoch > 2 ? host->epoch - 2 : 1;
		break;
	}
}

void fault_kill(struct host *host, uint64_t ns, enum epoch_file file)
{
	if (!host->core)
		return;
	note(host->sim, FAULT_DAEMON,
	     file == EPOCH_KEPT ? "daemon" : "daemon, epoch", host->number, ns);
	host_kill(host);
	next_epoch(host, file);
	queue_add(&host->sim->queue, host->sim->now + ns, start, host, 0);
}

static void power(struct sim *sim, void *arg, uint64_t number)
{
	struct host *host = arg;

	if (sim->ending || host->power)
		return;
	host_power(host, true);
	fault_start_one(host);
}

void fault_power(struct host *host, uint64_t ns, enum epoch_file file)
{
	if (!host->power)
		return;
	note(host->sim, FAULT_POWER, "power", host->number, ns);
	host_power(host, false);
	next_epoch(host, file);
	queue_add(&host->sim->queue, host->sim->now + ns, power, host, 0);
}

void fault_gone(struct host *host)
{
	note(host->sim, FAULT_GONE, "gone", host->number, 0);
	host_power(host, false);
}

static void become(struct host *host, uint32_t identity, uint32_t epoch)
{
	host_kill(host);
	host->identity = identity;
	host->epoch = epoch;
	fault_start_one(host);
}

/* Its image was another's: that goes on where it was. */
static void unclone(struct host *host)
{
	if (host->identity != host->number)
		become(host, host->number, host->kept_epoch + 1);
}

static void no_clone(struct sim *sim, void *arg, uint64_t number)
{
	if (!sim->ending)
		unclone(arg);
}

void fault_clone(struct host *host, const struct host *of, uint64_t ns)
{
	if (!host->core || host == of || host->identity != host->number ||
	    of->identity != of->number)
		return;
	note(host->sim, FAULT_CLONE, "clone", host->number, ns);
	host->kept_epoch = host->epoch;
	become(host, of->number, of->epoch);
	queue_add(&host->sim->queue, host->sim->now + ns, no_clone, host, 0);
}

void fault_key(struct host *host)
{
	if (!host->core || host->identity != host->number)
		return;
	note(host->sim, FAULT_KEY, "key", host->number, 0);
	domain_renew(host->sim->domain, host->number, host->sim->now);
	become(host, host->number, host->epoch + 1);
}

void fault_pause(struct host *host, uint64_t ns)
{
	if (!host->power)
		return;
	note(host->sim, FAULT_PAUSE, "pause", host->number, ns);
	host_pause(host, host->sim->now + ns);
}

static void overload(struct sim *sim, void *arg, uint64_t on)
{
	struct host *host = arg;

	dc_node_overload(host->core, on, sim_us(sim));
}

void fault_overload(struct host *host, bool on)
{
	if (host->overloaded == on)
		return;
	note(host->sim, FAULT_OVERLOAD, on ? "overload" : "no overload",
	     host->number, 0);
	host->overloaded = on;
	host_job(host, overload, host, on);
}

/* ---- wires ------------------------------------------------------------- */

static void carrier(struct sim *sim, void *arg, uint64_t wire)
{
	if (!sim->ending)
		wire_carrier(sim, wire, true);
}

void fault_carrier(struct sim *sim, uint32_t wire, uint64_t ns)
{
	note(sim, FAULT_CARRIER, "carrier", wire, ns);
	wire_carrier(sim, wire, false);
	queue_add(&sim->queue, sim->now + ns, carrier, NULL, wire);
}

static void uncut(struct sim *sim, void *arg, uint64_t wire)
{
	if (!sim->ending)
		wire_cut(sim, wire, false);
}

static void cut(struct sim *sim, uint32_t wire, uint64_t ns)
{
	wire_cut(sim, wire, true);
	queue_add(&sim->queue, sim->now + ns, uncut, NULL, wire);
}

void fault_cut(struct sim *sim, uint32_t wire, uint64_t ns)
{
	note(sim, FAULT_CUT, "cut", wire, ns);
	cut(sim, wire, ns);
}

static void unmute(struct sim *sim, void *arg, uint64_t port)
{
	if (!sim->ending)
		wire_mute(sim, port, false);
}

void fault_mute(struct sim *sim, uint32_t port, uint64_t ns)
{
	note(sim, FAULT_MUTE, "mute", port, ns);
	wire_mute(sim, port, true);
	queue_add(&sim->queue, sim->now + ns, unmute, NULL, port);
}

void fault_cost(struct sim *sim, uint32_t port, uint32_t cost)
{
	struct host *host = &sim->host[sim->port[port].host];

	note(sim, FAULT_COST, "cost", port, cost);
	sim->port[port].cost = cost;
	host_job(host, host_tell_link, host, port);
}

void fault_partition(struct sim *sim, const bool *in, uint64_t ns)
{
	uint32_t i;

	note(sim, FAULT_PARTITION, "partition", 0, ns);
	for (i = 0; i < sim->wires; i++) {
		const struct port *port = &sim->port[sim->wire[i].first];

		if (in[port[0].host] != in[port[1].host])
			cut(sim, i, ns);
	}
}

void fault_spa(struct sim *sim, uint64_t ns)
{
	note(sim, FAULT_SPA, "SPA", 0, ns);
	if (sim->said.silent < sim->now + ns)
		sim->said.silent = sim->now + ns;
}

void fault_noise(struct sim *sim, uint32_t loss_ppm, uint32_t dup_ppm,
		 uint32_t reorder_ppm)
{
	uint32_t i;

	for (i = 0; i < sim->wires; i++) {
		sim->wire[i].loss_ppm = loss_ppm;
		sim->wire[i].dup_ppm = dup_ppm;
		sim->wire[i].reorder_ppm = reorder_ppm;
	}
}

void fault_heal(struct sim *sim)
{
	uint32_t i;

	sim_trace(sim, "fault: all heals");
	sim->said.silent = 0;
	for (i = 0; i < sim->wires; i++) {
		sim->wire[i].cut = false;
		wire_carrier(sim, i, true);
	}
	for (i = 0; i < sim->ports; i++)
		wire_mute(sim, i, false);
	for (i = 0; i < sim->hosts; i++) {
		unclone(&sim->host[i]);
		host_power(&sim->host[i], true);
		fault_start_one(&sim->host[i]);
	}
}
