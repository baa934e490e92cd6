// SPDX-License-Identifier: GPL-2.0
/*
 * From a pod's registration to the last router's table, authentication
 * included: the gateway verifies that the pod has its key and asks the SPA, by
 * a call there and back over the shortest way; the SPA verifies and signs; then
 * the name is announced. What is not routing (the call, HTTP) is only delay and
 * time of processors here.
 */
#include <stdio.h>

#include "check.h"
#include "fault.h"
#include "scenario.h"
#include "service.h"
#include "watch.h"

#define TOPOLOGY "line:12"
#define SETTLE_NS (120 * SIM_S)
#define TIMES 21
#define PAUSE_NS (3 * SIM_S)
#define MOST_NS (10 * SIM_S)
/* Of topo.c: what each link costs. */
#define LINK_COST 10

struct registration {
	struct service service;
	struct host *gateway;
	struct host *spa;
	uint64_t way_ns;
};

static void answered(struct sim *sim, void *arg, uint64_t number)
{
	struct registration *r = arg;

	service_register(&r->service, r->gateway);
}

/* Its processor is busy for so long, then the answer travels. */
static void spa_works(struct sim *sim, void *arg, uint64_t number)
{
	struct registration *r = arg;

	host_charge(r->spa, 1, 1);
	service_grant(sim, &r->service);
	queue_add(&sim->queue, sim->now + r->spa->cost + r->way_ns, answered, r,
		  0);
}

static void asked(struct sim *sim, void *arg, uint64_t number)
{
	struct registration *r = arg;

	host_job(r->spa, spa_works, r, 0);
}

static void gateway_works(struct sim *sim, void *arg, uint64_t number)
{
	struct registration *r = arg;

	host_charge(r->gateway, 0, 1);
	queue_add(&sim->queue, sim->now + r->gateway->cost + r->way_ns, asked,
		  r, 0);
}

static uint64_t way_ns(const struct sim *sim, uint32_t from, uint32_t to)
{
	struct oracle oracle;
	uint64_t hops;

	oracle_init(&oracle, sim);
	hops = oracle_distance(&oracle, from, to) / LINK_COST;
	oracle_free(&oracle);
	return hops * sim->wire[0].delay_ns;
}

/* All of them, one after the other, at the gateway at one end. */
static bool measure(struct run *run, struct sim *sim, uint64_t took[TIMES])
{
	struct registration r = {
		.gateway = &sim->host[0], .spa = &sim->host[sim->hosts / 2],
	};
	char text[32];
	uint64_t since;
	int i;

	r.way_ns = way_ns(sim, 0, sim->hosts / 2);
	for (i = 0; i < TIMES; i++) {
		snprintf(text, sizeof(text), "/shop/%d", i);
		service_init(&r.service, text, DC_RIGHT_NAME);
		since = sim->now;
		host_job(r.gateway, gateway_works, &r, 0);
		took[i] = watch_name(sim, &r.service.name, 0, true, MOST_NS);
		if (took[i] == UINT64_MAX) {
			sim_broken(sim, "%s is not everywhere", text);
			return false;
		}
		took[i] -= since;
		sim_pass(sim, PAUSE_NS);
	}
	return true;
}

/* The middle and the worst of all, in ns: false if it failed. */
static bool once(struct run *run, uint64_t *median, uint64_t *worst)
{
	uint64_t took[TIMES];
	struct topo topo;
	struct sim *sim = run_begin(run, &topo, TOPOLOGY);

	if (!sim)
		return false;
	fault_start(sim, 0);
	service_beacons(sim);
	if (check_settle(sim, SETTLE_NS) != UINT64_MAX &&
	    measure(run, sim, took)) {
		*median = watch_median(took, TIMES);
		*worst = took[TIMES - 1];
		check_rest(sim, true);
	}
	run_end(run, &topo, sim);
	return !run->broken;
}

void scenario_register(struct run *run)
{
	struct cost costs = run->config.cost;
	uint64_t median, worst, bare, bare_worst;

	run->config.cost = (struct cost){ 0 };
	if (!once(run, &bare, &bare_worst))
		return;
	run->config.cost = costs;
	if (!once(run, &median, &worst))
		return;
	run_say(run, "register %llu: to the last router: median %.3f ms, worst %.3f ms (aim: 20)",
		(unsigned long long)run->config.seed, median / 1e6, worst / 1e6);
	run_say(run, "  of the median, protocol %.3f ms, processors %.3f ms",
		bare / 1e6, (median - bare) / 1e6);
}
