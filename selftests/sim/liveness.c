// SPDX-License-Identifier: GPL-2.0
/*
 * A model of the kernels' probers. Nothing is probed: when something about a
 * wire changes, those who would notice are told what they would find, after the
 * time that finding out takes. What chance loses on a wire is no concern of
 * theirs: it takes three in a row.
 */
#include "host.h"

static bool answers(const struct sim *sim, uint32_t mine, uint32_t theirs)
{
	return wire_passes(sim, mine, theirs) &&
	       wire_passes(sim, theirs, mine) &&
	       sim->host[sim->port[theirs].host].paused <= sim->now;
}

static uint32_t port_of(const struct sim *sim, uint32_t wire, uint32_t host)
{
	const struct wire *w = &sim->wire[wire];
	uint32_t i;

	for (i = w->first; i < w->first + w->ports; i++)
		if (sim->port[i].host == host)
			return i;
	return UINT32_MAX;
}

static void tell(struct sim *sim, void *arg, uint64_t number)
{
	const struct host *host = arg;
	const struct table_neighbour *peer = table_peer(&host->table,
							number >> 1);

	if (!peer || !peer->up)
		return;
	sim_trace(sim, "host %u: link %u probed %s", host->number,
		  (uint32_t)(number >> 1), number & 1 ? "up" : "down");
	dc_node_liveness(host->core, number >> 1, number & 1, sim_us(sim));
}

static void look_table(struct host *host, struct table *table, uint32_t wire,
		       bool tell_core)
{
	struct sim *sim = host->sim;
	size_t i;

	for (i = 0; i < table->neighbours; i++) {
		struct table_neighbour *peer = &table->neighbour[i];
		uint32_t mine, theirs;
		bool alive;

		if (!peer->up)
			continue;
		mine = host->port[peer->ifindex - 1];
		theirs = port_of(sim, wire, peer->host);
		if (sim->port[mine].wire != wire || theirs == UINT32_MAX)
			continue;
		alive = answers(sim, mine, theirs);
		if (alive == peer->alive)
			continue;
		peer->alive = alive;
		if (tell_core)
			host_job(host, tell, host, (uint64_t)peer->link << 1 | alive);
	}
}

static void look(struct sim *sim, void *arg, uint64_t number)
{
	const struct wire *wire = arg;
	uint32_t i;

	for (i = wire->first; i < wire->first + wire->ports; i++) {
		struct host *host = &sim->host[sim->port[i].host];

		look_table(host, &host->table, number, true);
		look_table(host, &host->old, number, false);
	}
}

void liveness_look(struct sim *sim, uint32_t wire)
{
	queue_add(&sim->queue, sim->now + sim->config.detect_ns, look,
		  &sim->wire[wire], wire);
}
