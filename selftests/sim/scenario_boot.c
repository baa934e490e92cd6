// SPDX-License-Identifier: GPL-2.0
/* Lost epoch files, and cloned machines. */
#include "check.h"
#include "fault.h"
#include "measure.h"
#include "scenario.h"
#include "service.h"

#define TOPOLOGY "grid:16"
#define SETTLE_NS (300 * SIM_S)
#define BOOTS 4
#define CLONED_NS (300 * SIM_S)

static uint64_t flooded(const struct sim *sim)
{
	struct measure sum;

	measure_all(&sum, sim);
	return sum.flooded;
}

static struct sim *settled(struct run *run, struct topo *topo)
{
	struct sim *sim = run_begin(run, topo, TOPOLOGY);

	if (!sim)
		return NULL;
	fault_start(sim, 0);
	service_beacons(sim);
	if (check_settle(sim, SETTLE_NS) != UINT64_MAX)
		return sim;
	run_end(run, topo, sim);
	return NULL;
}

/* Boots, so that its epoch is high, and then the file is lost. */
void scenario_epoch(struct run *run)
{
	struct service service;
	struct topo topo;
	struct sim *sim = settled(run, &topo);
	struct host *host;
	uint64_t since, at = 0;
	int i;

	if (!sim)
		return;
	host = &sim->host[rng_below(&sim->rng, sim->hosts)];
	service_init(&service, "/shop/cart", DC_RIGHT_NAME);
	service_register(&service, host);
	for (i = 0; i < BOOTS && at != UINT64_MAX; i++) {
		fault_kill(host, SIM_S, EPOCH_KEPT);
		at = check_settle(sim, SETTLE_NS);
	}
	since = sim->now;
	if (at != UINT64_MAX) {
		fault_power(host, SIM_S, EPOCH_LOST);
		at = check_settle(sim, SETTLE_NS);
	}
	if (at != UINT64_MAX)
		run_say(run, "epoch %llu: 1 s off, its epoch file lost: settled after %.3f s",
			(unsigned long long)run->config.seed,
			(at - since) / (double)SIM_S);
	run_end(run, &topo, sim);
}

/* Restart a host with @identity: a machine that was cloned, or its own again. */
static void restart(struct host *host, uint32_t identity)
{
	struct sim *sim = host->sim;

	host_power(host, false);
	sim_pass(sim, 10 * SIM_S);
	host->identity = identity;
	host_power(host, true);
	fault_start_one(host);
}

void scenario_clone(struct run *run)
{
	struct topo topo;
	struct sim *sim = settled(run, &topo);
	uint64_t before, quiet, storm;
	struct host *one, *two;

	if (!sim)
		return;
	one = &sim->host[0];
	two = &sim->host[sim->hosts - 1];
	before = flooded(sim);
	sim_pass(sim, CLONED_NS);
	quiet = flooded(sim) - before;
	restart(two, one->number);
	before = flooded(sim);
	sim_pass(sim, CLONED_NS);
	storm = flooded(sim) - before;
	if (!one->duplicates && !two->duplicates)
		sim_broken(sim, "a duplicate node id was not noticed");
	restart(two, two->number);
	if (check_settle(sim, SETTLE_NS) != UINT64_MAX)
		run_say(run, "clone %llu: told %u times, %llu objects in %.0f s, %llu without",
			(unsigned long long)run->config.seed,
			one->duplicates + two->duplicates,
			(unsigned long long)storm, CLONED_NS / (double)SIM_S,
			(unsigned long long)quiet);
	run_end(run, &topo, sim);
}
