// SPDX-License-Identifier: GPL-2.0
/*
 * A router's daemon starts again and again, behind links that lose much, while
 * all others have names that come and go: what nobody asked for comes all the
 * time, and must not put off asking again for what was lost.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "fault.h"
#include "scenario.h"
#include "service.h"
#include "watch.h"

#define TOPOLOGY "grid:16"
#define SETTLE_NS (120 * SIM_S)
#define LOSS_PPM 200000
#define TIMES 21
#define STEP_NS (50 * SIM_MS)
#define MOST_NS (60 * SIM_S)

/**
 * struct churn - names that come and go, one each of all others
 * @there: whether it does now
 */
struct churn {
	struct sim *sim;
	struct host *joiner;
	struct service *service;
	bool *there;
	uint32_t next;
};

static void come_and_go(struct churn *churn)
{
	struct sim *sim = churn->sim;
	uint32_t i = churn->next;
	struct host *host = &sim->host[i];

	churn->next = (i + 1) % sim->hosts;
	if (host == churn->joiner)
		return;
	if (churn->there[i])
		service_withdraw(&churn->service[i], host);
	else
		service_register(&churn->service[i], host);
	churn->there[i] = !churn->there[i];
}

static int count_full(const struct dc_neighbour *neighbour, void *arg)
{
	uint32_t *full = arg;

	*full += !strcmp(neighbour->state, "full");
	return 0;
}

static bool joined(const struct host *host)
{
	uint32_t full = 0;

	if (host->core)
		dc_node_neighbours(host->core, count_full, &full);
	return full == host->ports;
}

/* How long it took, from its start on. */
static uint64_t join(struct churn *churn)
{
	struct sim *sim = churn->sim;
	uint64_t since, end;

	fault_kill(churn->joiner, SIM_S, EPOCH_KEPT);
	since = sim->now + SIM_S;
	for (end = since + MOST_NS; sim->now < end;) {
		come_and_go(churn);
		sim_pass(sim, STEP_NS);
		if (joined(churn->joiner))
			return sim->now - since;
	}
	sim_broken(sim, "a router has not all that its neighbours have after %.0f s",
		   MOST_NS / (double)SIM_S);
	return MOST_NS;
}

static void joins(struct run *run, struct churn *churn)
{
	struct sim *sim = churn->sim;
	uint64_t took[TIMES], median;
	uint32_t i;

	for (i = 0; i < churn->joiner->ports; i++)
		sim->wire[sim->port[churn->joiner->port[i]].wire].loss_ppm =
			LOSS_PPM;
	for (i = 0; i < TIMES; i++)
		took[i] = join(churn);
	median = watch_median(took, TIMES);
	fault_noise(sim, 0, 0, 0);
	if (check_settle(sim, SETTLE_NS) == UINT64_MAX)
		return;
	run_say(run, "churn %llu: a start has all after %.2f s, at worst %.2f",
		(unsigned long long)run->config.seed, median / (double)SIM_S,
		took[TIMES - 1] / (double)SIM_S);
	run_say(run, "  its links lose %.0f %%, and a name comes or goes each %.0f ms",
		LOSS_PPM / 1e4, STEP_NS / 1e6);
}

void scenario_churn(struct run *run)
{
	struct topo topo;
	struct churn churn = { 0 };
	struct sim *sim = run_begin(run, &topo, TOPOLOGY);
	char text[32];
	uint32_t i;

	if (!sim)
		return;
	churn.sim = sim;
	churn.joiner = &sim->host[0];
	churn.service = sim_zalloc(sim->hosts, sizeof(*churn.service));
	churn.there = sim_zalloc(sim->hosts, sizeof(*churn.there));
	for (i = 0; i < sim->hosts; i++) {
		snprintf(text, sizeof(text), "/passes/%u", i);
		service_init(&churn.service[i], text, DC_RIGHT_NAME);
	}
	fault_start(sim, 0);
	service_beacons(sim);
	if (check_settle(sim, SETTLE_NS) != UINT64_MAX)
		joins(run, &churn);
	free(churn.service);
	free(churn.there);
	run_end(run, &topo, sim);
}
