// SPDX-License-Identifier: GPL-2.0
/*
 * What one change costs: how often an object is sent, beside 2E - V, which is
 * what flooding needs when each node sends it to all neighbours but the one it
 * came from.
 */
#include <stdio.h>

#include "check.h"
#include "fault.h"
#include "measure.h"
#include "scenario.h"
#include "service.h"

#define TOPOLOGY "grid:100"
#define SETTLE_NS (120 * SIM_S)
#define TIMES 20
#define EACH_NS (2 * SIM_S)

void scenario_flood(struct run *run)
{
	struct service service;
	struct measure before, after;
	struct topo topo;
	struct sim *sim = run_begin(run, &topo, TOPOLOGY);
	double least, objects;
	char text[32];
	int i;

	if (!sim)
		return;
	fault_start(sim, 0);
	service_beacons(sim);
	check_settle(sim, SETTLE_NS);
	service_init(&service, "/shop", DC_RIGHT_TREE);
	service_grant_rights(sim, &service, DC_RIGHT_TREE);
	service.right = DC_RIGHT_NAME;
	service.name = lab_name("/shop/first");
	service_register(&service, &sim->host[0]);
	check_settle(sim, SETTLE_NS);
	measure_all(&before, sim);
	for (i = 0; i < TIMES; i++) {
		snprintf(text, sizeof(text), "/shop/%d", i);
		service.name = lab_name(text);
		service_register(&service, &sim->host[0]);
		sim_pass(sim, EACH_NS);
	}
	measure_all(&after, sim);
	objects = (after.installed - before.installed) / (double)sim->hosts;
	least = 2.0 * sim->wires - sim->hosts;
	run_say(run, "flood %llu: %s: %.1f objects new at each node for %u names",
		(unsigned long long)run->config.seed, topo.name, objects, TIMES);
	run_say(run, "  each was sent %.1f times; 2E - V is %.0f: %.3f times that",
		(after.flooded - before.flooded) / objects, least,
		(after.flooded - before.flooded) / objects / least);
	run_say(run, "  each was acknowledged %.1f times, sent again %.3f times",
		(after.acked - before.acked) / objects,
		(after.resent - before.resent) / objects);
	check_settle(sim, SETTLE_NS);
	run_end(run, &topo, sim);
}
