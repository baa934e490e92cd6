// SPDX-License-Identifier: GPL-2.0
/* From the SPA's revocation to the last table of many routers. */
#include "check.h"
#include "fault.h"
#include "scenario.h"
#include "service.h"
#include "watch.h"

#define TOPOLOGY "random:1000"
#define SETTLE_NS (300 * SIM_S)
#define MOST_NS (30 * SIM_S)

static void there_and_gone(struct run *run, struct sim *sim)
{
	uint32_t owner = rng_below(&sim->rng, sim->hosts);
	uint32_t other = rng_below(&sim->rng, sim->hosts);
	uint64_t since, there, gone;
	struct service service;

	service_init(&service, "/shop/cart", DC_RIGHT_NAME);
	since = sim->now;
	service_register(&service, &sim->host[owner]);
	there = watch_name(sim, &service.name, owner, true, MOST_NS);
	if (there == UINT64_MAX) {
		sim_broken(sim, "a name is not everywhere");
		return;
	}
	there -= since;
	sim_pass(sim, 10 * SIM_S);
	since = sim->now;
	service_revoke(&service, &sim->host[other]);
	gone = watch_name(sim, &service.name, owner, false, MOST_NS);
	if (gone == UINT64_MAX)
		sim_broken(sim, "a revoked name is somewhere");
	else
		run_say(run, "revoke %llu: %u hosts: there in %.1f ms, gone in %.1f (aim: 1000)",
			(unsigned long long)run->config.seed, sim->hosts,
			there / 1e6, (gone - since) / 1e6);
	check_settle(sim, SETTLE_NS);
}

void scenario_revoke(struct run *run)
{
	struct topo topo;
	struct sim *sim = run_begin(run, &topo, TOPOLOGY);

	if (!sim)
		return;
	fault_start(sim, 0);
	service_beacons(sim);
	if (check_settle(sim, SETTLE_NS) != UINT64_MAX)
		there_and_gone(run, sim);
	run_end(run, &topo, sim);
}
