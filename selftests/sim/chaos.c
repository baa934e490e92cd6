// SPDX-License-Identifier: GPL-2.0
/*
 * Chaos: a small fabric, a minute of faults of all kinds, then peace. What must
 * hold at any time is looked at all along, what must hold at rest in the end.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "fault.h"
#include "scenario.h"
#include "service.h"

#define SERVICES 12
#define SETTLE_NS (400 * SIM_S)
/* When all have heard the time again. */
#define ASK_AGAIN_NS (10 * SIM_S)

/**
 * struct chaos - a run
 * @mean_ns: between two faults
 * @life_ms: of grants; 0: of all that is long enough
 */
struct chaos {
	struct sim *sim;
	struct rng rng;
	struct service service[SERVICES];
	uint64_t mean_ns;
	uint64_t life_ms;
	bool *in;
};

static struct host *some_host(struct chaos *chaos)
{
	return &chaos->sim->host[rng_below(&chaos->rng, chaos->sim->hosts)];
}

/* From a hundredth of a second to 20 s, short ones as often as long ones. */
static uint64_t some_time(struct chaos *chaos)
{
	return 10 * SIM_MS * exp(rng_unit(&chaos->rng) * log(2000));
}

static enum epoch_file some_file(struct chaos *chaos)
{
	uint64_t x = rng_below(&chaos->rng, 10);

	return x == 0 ? EPOCH_LOST : x == 1 ? EPOCH_OLD : EPOCH_KEPT;
}

static uint32_t some_wire(struct chaos *chaos)
{
	return rng_below(&chaos->rng, chaos->sim->wires);
}

static void do_carrier(struct chaos *chaos)
{
	fault_carrier(chaos->sim, some_wire(chaos), some_time(chaos));
}

static void do_cut(struct chaos *chaos)
{
	fault_cut(chaos->sim, some_wire(chaos), some_time(chaos));
}

static void do_mute(struct chaos *chaos)
{
	fault_mute(chaos->sim, rng_below(&chaos->rng, chaos->sim->ports),
		   some_time(chaos));
}

static void do_kill(struct chaos *chaos)
{
	enum epoch_file file = some_file(chaos);

	fault_kill(some_host(chaos), some_time(chaos), file);
}

static void do_power(struct chaos *chaos)
{
	enum epoch_file file = some_file(chaos);

	fault_power(some_host(chaos), some_time(chaos), file);
}

static void do_pause(struct chaos *chaos)
{
	fault_pause(some_host(chaos), some_time(chaos));
}

static void do_partition(struct chaos *chaos)
{
	uint32_t i;

	for (i = 0; i < chaos->sim->hosts; i++)
		chaos->in[i] = rng_below(&chaos->rng, 2);
	fault_partition(chaos->sim, chaos->in, some_time(chaos));
}

static void do_cost(struct chaos *chaos)
{
	fault_cost(chaos->sim, rng_below(&chaos->rng, chaos->sim->ports),
		   10 * rng_range(&chaos->rng, 1, 5));
}

static void do_overload(struct chaos *chaos)
{
	struct host *host = some_host(chaos);

	fault_overload(host, !host->overloaded && rng_below(&chaos->rng, 2));
}

static void do_clone(struct chaos *chaos)
{
	struct host *host = some_host(chaos);

	fault_clone(host, some_host(chaos), some_time(chaos));
}

static void do_key(struct chaos *chaos)
{
	fault_key(some_host(chaos));
}

/* Longer than all else, so that grants end. */
static void do_spa(struct chaos *chaos)
{
	fault_spa(chaos->sim, SIM_S * rng_range(&chaos->rng, 20, 90));
}

static struct service *some_service(struct chaos *chaos)
{
	return &chaos->service[rng_below(&chaos->rng, SERVICES)];
}

static void do_register(struct chaos *chaos)
{
	struct host *host = some_host(chaos);

	if (host->power)
		service_register(some_service(chaos), host);
}

static void do_withdraw(struct chaos *chaos)
{
	struct service *service = some_service(chaos);
	uint32_t i, from = rng_below(&chaos->rng, chaos->sim->hosts);
	uint32_t name = book_number(&chaos->sim->names, &service->name);

	for (i = 0; i < chaos->sim->hosts; i++) {
		struct host *host =
			&chaos->sim->host[(from + i) % chaos->sim->hosts];

		if (!host_own(host, name))
			continue;
		service_withdraw(service, host);
		return;
	}
}

static void do_revoke(struct chaos *chaos)
{
	service_revoke(some_service(chaos), some_host(chaos));
}

static const struct {
	void (*act)(struct chaos *chaos);
	uint32_t share;
} acts[] = {
	{ do_carrier, 10 }, { do_cut, 6 }, { do_mute, 6 }, { do_kill, 6 },
	{ do_power, 5 }, { do_pause, 4 }, { do_partition, 2 }, { do_cost, 4 },
	{ do_overload, 2 }, { do_register, 16 }, { do_withdraw, 6 },
	{ do_revoke, 3 }, { do_clone, 2 }, { do_key, 2 }, { do_spa, 1 },
};

static void act(struct chaos *chaos)
{
	uint32_t i, all = 0, at;

	for (i = 0; i < ARRAY_SIZE(acts); i++)
		all += acts[i].share;
	at = rng_below(&chaos->rng, all);
	for (i = 0; at >= acts[i].share; i++)
		at -= acts[i].share;
	acts[i].act(chaos);
}

/* A machine that is stalled does nothing, so it forwards nothing, either. */
static void look(struct chaos *chaos)
{
	struct host *host = some_host(chaos);

	if (host->core && !host->busy && host->paused <= chaos->sim->now)
		check_heard(chaos->sim, host, true);
}

static void rage(struct chaos *chaos, uint64_t ns)
{
	uint64_t end = chaos->sim->now + ns;

	while (chaos->sim->now < end) {
		sim_pass(chaos->sim, 1 + 2 * chaos->mean_ns *
			 rng_unit(&chaos->rng));
		act(chaos);
		look(chaos);
	}
}

/* Times that make refresh, expiry and the end of a restart happen here. */
static void some_times(struct chaos *chaos)
{
	struct dc_node_config *node = &chaos->sim->config.node;

	if (rng_below(&chaos->rng, 2))
		node->hello_ms = rng_range(&chaos->rng, 50, 2000);
	if (!rng_below(&chaos->rng, 3))
		node->restart_s = rng_range(&chaos->rng, 1, 20);
	if (rng_below(&chaos->rng, 3))
		return;
	node->lifetime_s = rng_range(&chaos->rng, 30, 120);
	node->refresh_s = node->lifetime_s / 3;
}

/* At half its life, as gateways do, as long as the fabric is there. */
static void renew(struct sim *sim, void *arg, uint64_t life_ms)
{
	if (sim->ending)
		return;
	service_renew(sim, arg);
	queue_add(&sim->queue, sim->now + life_ms * SIM_MS / 2, renew, arg,
		  life_ms);
}

/* Some grants end here, if they are not renewed. */
static void some_life(struct chaos *chaos)
{
	uint32_t i;

	if (rng_below(&chaos->rng, 2))
		return;
	chaos->life_ms = rng_range(&chaos->rng, 10000, 60000);
	for (i = 0; i < SERVICES; i++) {
		chaos->service[i].life_ms = chaos->life_ms;
		queue_add(&chaos->sim->queue, chaos->sim->now +
			  rng_below(&chaos->rng, chaos->life_ms) * SIM_MS / 2,
			  renew, &chaos->service[i], chaos->life_ms);
	}
}

/* Whoever was refused by a clock that was wrong, or while no SPA was: again. */
static void ask_again(struct chaos *chaos)
{
	uint32_t i;

	for (i = 0; i < SERVICES; i++)
		service_renew(chaos->sim, &chaos->service[i]);
}

static void prepare(struct chaos *chaos, struct sim *sim, uint64_t seed)
{
	char text[32];
	uint32_t i;

	*chaos = (struct chaos){ .sim = sim, .rng = rng_fork(seed, 'a') };
	chaos->in = sim_alloc(sim->hosts);
	some_times(chaos);
	chaos->mean_ns = SIM_MS * rng_range(&chaos->rng, 50, 2000);
	for (i = 0; i < SERVICES; i++) {
		bool member = i % 3 == 2;

		/* Some cover others: /s/0 and /s/0/below. */
		snprintf(text, sizeof(text), member ? "/p/%u" : i % 3 ?
			 "/s/%u/below" : "/s/%u", i - i % 3);
		service_init(&chaos->service[i], text,
			     member ? DC_RIGHT_MEMBER : DC_RIGHT_NAME);
	}
	some_life(chaos);
	fault_noise(sim, rng_below(&chaos->rng, 3) ? 0 :
		    rng_below(&chaos->rng, 100000),
		    rng_below(&chaos->rng, 20000),
		    rng_below(&chaos->rng, 50000));
}

/*
 * One machine does not come back; what it said ends by itself, where lifetimes
 * are short enough to wait for that.
 */
static uint64_t leave_one(struct chaos *chaos, uint64_t settled)
{
	const struct dc_node_config *node = &chaos->sim->config.node;

	if (settled == UINT64_MAX || !node->lifetime_s)
		return settled;
	fault_gone(some_host(chaos));
	sim_pass(chaos->sim, node->lifetime_s * SIM_S);
	return check_settle(chaos->sim, SETTLE_NS);
}

static bool topology(struct run *run, struct topo *topo)
{
	if (!run->topology)
		return topo_any(topo, run->dir, run->config.seed);
	if (!topo_get(topo, run->topology, run->config.seed))
		return false;
	topo_costs(topo, run->config.seed);
	return true;
}

void scenario_chaos(struct run *run)
{
	struct chaos chaos;
	struct topo topo;
	uint64_t healed, settled, ended;
	struct sim *sim;

	if (!topology(run, &topo)) {
		run->broken = 1;
		return;
	}
	run->config.topo = &topo;
	sim = sim_new(&run->config);
	prepare(&chaos, sim, run->config.seed);
	fault_start(sim, rng_below(&chaos.rng, 2) ? 0 : 10 * SIM_S);
	service_beacons(sim);
	rage(&chaos, SIM_S * rng_range(&chaos.rng, 10, 60));
	fault_heal(sim);
	/* A graph may be in parts for good: each has an SPA to hear. */
	for (uint32_t i = 0; i < sim->hosts; i++)
		service_beacon(&sim->host[i]);
	healed = sim->now;
	sim_pass(sim, ASK_AGAIN_NS);
	ask_again(&chaos);
	settled = check_settle(sim, SETTLE_NS);
	ended = leave_one(&chaos, settled);
	run_say(run, "chaos %llu: %s, %u hosts, %u wires, settled in %.1f s%s",
		(unsigned long long)run->config.seed, topo.name, sim->hosts,
		sim->wires, settled == UINT64_MAX ? -1 : settled < healed ? 0 :
		(settled - healed) / (double)SIM_S,
		ended == settled ? "" : ended == UINT64_MAX ?
		", not without one" : ", and without one");
	free(chaos.in);
	run_end(run, &topo, sim);
}
