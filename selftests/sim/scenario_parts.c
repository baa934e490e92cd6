// SPDX-License-Identifier: GPL-2.0
/*
 * A fabric falls in two, and a name is bound on both sides; when it heals, the
 * higher binding epoch wins everywhere.
 */
#include <stdlib.h>

#include "alloc.h"
#include "check.h"
#include "fault.h"
#include "scenario.h"
#include "service.h"

#define TOPOLOGY "grid:36"
#define SETTLE_NS (120 * SIM_S)
#define APART_NS (600 * SIM_S)

static void apart(struct run *run, struct sim *sim, bool *in)
{
	struct host *left = &sim->host[0], *right = &sim->host[sim->hosts - 1];
	uint64_t healed, settled;
	struct service service;
	uint32_t i;

	service_init(&service, "/shop/cart", DC_RIGHT_NAME);
	service_register(&service, left);
	if (check_settle(sim, SETTLE_NS) == UINT64_MAX)
		return;
	for (i = 0; i < sim->hosts; i++)
		in[i] = i < sim->hosts / 2;
	fault_partition(sim, in, APART_NS);
	if (check_settle(sim, SETTLE_NS) == UINT64_MAX)
		return;
	/* The pod has moved, says the side that has lost it. */
	service_register(&service, right);
	if (check_settle(sim, SETTLE_NS) == UINT64_MAX)
		return;
	fault_heal(sim);
	healed = sim->now;
	settled = check_settle(sim, SETTLE_NS);
	if (settled == UINT64_MAX)
		return;
	run_say(run, "partition %llu: %s: a name on both sides; %.3f s after it heals all %u agree",
		(unsigned long long)run->config.seed, sim->config.topo->name,
		settled < healed ? 0 : (settled - healed) / (double)SIM_S,
		sim->hosts);
}

void scenario_partition(struct run *run)
{
	struct topo topo;
	struct sim *sim = run_begin(run, &topo, TOPOLOGY);
	bool *in;

	if (!sim)
		return;
	in = sim_zalloc(sim->hosts, sizeof(*in));
	fault_start(sim, 0);
	service_beacons(sim);
	if (check_settle(sim, SETTLE_NS) != UINT64_MAX)
		apart(run, sim, in);
	free(in);
	run_end(run, &topo, sim);
}
