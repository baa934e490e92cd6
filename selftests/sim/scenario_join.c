// SPDX-License-Identifier: GPL-2.0
/* A router joins a fabric of very many names. */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "fault.h"
#include "measure.h"
#include "scenario.h"
#include "service.h"

#define TOPOLOGY "ring:9"
#define NAMES 100000
/*
 * Those with a grant each, as many as a database holds, and how many a second each
 * gateway begins with.
 */
#define NAMES_APART 56000
#define APART_STEP 2000
#define SETTLE_NS (600 * SIM_S)
#define LOOK_NS (10 * SIM_MS)

static void one_name(const struct service *tree, struct host *host,
		     uint32_t number, bool apart)
{
	struct service one = *tree;
	char text[64];

	snprintf(text, sizeof(text), "/service/%u/instance/%u", host->number,
		 number);
	if (apart) {
		service_init(&one, text, DC_RIGHT_NAME);
	} else {
		one.name = lab_name(text);
		one.right = DC_RIGHT_NAME;
	}
	service_register(&one, host);
}

/*
 * Each gateway has a service with a tree of names below it, under one grant; or,
 * @apart, with a grant for each.
 */
static void fill(struct sim *sim, uint32_t gateways, uint32_t names, bool apart)
{
	struct service tree;
	char text[64];
	uint32_t i, j;

	for (i = 0; i < gateways; i++) {
		snprintf(text, sizeof(text), "/service/%u", i);
		service_init(&tree, text, DC_RIGHT_TREE);
		service_grant_rights(sim, &tree, DC_RIGHT_TREE);
		for (j = 0; j < names / gateways; j++) {
			one_name(&tree, &sim->host[i], j, apart);
			/* No faster than its neighbours take what it floods. */
			if (apart && j % APART_STEP == APART_STEP - 1)
				sim_pass(sim, SIM_S);
		}
		sim_pass(sim, 100 * SIM_MS);
	}
}

static bool has_all(const struct host *host, const struct host *like)
{
	struct dc_hash a, b;

	dc_node_digest(host->core, &a);
	dc_node_digest(like->core, &b);
	return !memcmp(&a, &b, sizeof(a));
}

static void watch_joiner(struct run *run, struct sim *sim, uint32_t names)
{
	struct host *joiner = &sim->host[sim->hosts - 1];
	uint64_t since, packets = sim->counts.tx, bytes = sim->counts.tx_bytes;
	uint64_t refused = sim->counts.refused;
	struct dc_rib_counts rib;
	struct measure sum, before;

	measure_all(&before, sim);
	since = sim->now;
	fault_start_one(joiner);
	do {
		sim_pass(sim, LOOK_NS);
		dc_rib_counts(dc_node_rib(joiner->core), &rib);
	} while (sim->now - since < SETTLE_NS &&
		 (rib.names < names || !has_all(joiner, &sim->host[0]) ||
		  sim->changed < since || sim->now - sim->changed < LOOK_NS));
	measure_all(&sum, sim);
	run_say(run, "join %llu: a joiner has %u names of %u gateways after %.3f s",
		(unsigned long long)run->config.seed, names, sim->hosts - 1,
		(sim->changed - since) / (double)SIM_S);
	run_say(run, "  %llu packets and %.1f MB on all links meanwhile",
		(unsigned long long)(sim->counts.tx - packets),
		(sim->counts.tx_bytes - bytes) / 1e6);
	run_say(run, "  %llu not taken in by a kernel, %llu objects sent again",
		(unsigned long long)(sim->counts.refused - refused),
		(unsigned long long)(sum.resent - before.resent));
	run_say(run, "  %llu signatures verified, %.4f a name; database %.1f bytes a name",
		(unsigned long long)joiner->verifies,
		(double)joiner->verifies / names,
		(double)sum.database_bytes / names);
	run_say(run, "  memory %.1f MiB a node",
		measure_heap() / 1048576.0 / sim->hosts);
	check_settle(sim, SETTLE_NS);
}

static void join(struct run *run, uint32_t names, bool apart)
{
	uint32_t i;
	struct topo topo;
	struct sim *sim = run_begin(run, &topo, TOPOLOGY);

	if (!sim)
		return;
	for (i = 0; i + 1 < sim->hosts; i++)
		fault_start_one(&sim->host[i]);
	service_beacons(sim);
	sim_pass(sim, 10 * SIM_S);
	fill(sim, sim->hosts - 1, names, apart);
	if (check_settle(sim, SETTLE_NS) != UINT64_MAX)
		watch_joiner(run, sim, names);
	run_end(run, &topo, sim);
}

void scenario_join(struct run *run)
{
	join(run, run->names ? run->names : NAMES, false);
}

void scenario_join_apart(struct run *run)
{
	join(run, run->names ? run->names : NAMES_APART, true);
}
