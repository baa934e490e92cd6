// SPDX-License-Identifier: GPL-2.0
/*
 * What an operator does on a day of work, while names come and go and data fills
 * all links three times over: the keys of sessions, the certificates of nodes and
 * the SPA's key are replaced, and routers are drained, one after the other. No
 * adjacency may be lost, and at no time a packet for a name that stays.
 *
 * In the end the SPA takes two more keys and grants nothing anew: then the names
 * must be gone, or nothing was shown above.
 */
#include <stdio.h>

#include "check.h"
#include "domain.h"
#include "fault.h"
#include "scenario.h"
#include "service.h"
#include "walk.h"

#define TOPOLOGY "grid:36"
#define SETTLE_NS (120 * SIM_S)
#define HEARD_NS (10 * SIM_S)
#define LOAD 3.0
#define MBIT 1000
#define ROTATE_S 10
#define STAYING 12
#define PASSING 8
/* How often names come and go, and all that stay are looked for. */
#define STEP_NS (100 * SIM_MS)
#define CERT_NS (500 * SIM_MS)
/*
 * The hold-down of route computation: some routers hear of a drain just before
 * its end and others just after, and all have to compute at nearly the same time.
 */
#define DRAIN_NS (3 * SIM_S)
#define DRAINED 8
#define SPA_KEYS 3
#define END_NS (5 * SIM_S)

/**
 * struct upkeep - a day of work
 * @asked: packets that were looked for; @lost: of them, that did not arrive
 */
struct upkeep {
	struct sim *sim;
	struct service stays[STAYING];
	struct service passes[PASSING];
	struct oracle oracle;
	uint64_t asked;
	uint64_t lost;
	uint32_t steps;
};

/* Registered at one host, and withdrawn there the next time. */
static void come_and_go(struct upkeep *upkeep)
{
	struct sim *sim = upkeep->sim;
	uint32_t step = upkeep->steps++;
	struct service *service = &upkeep->passes[step % PASSING];
	struct host *host = &sim->host[step % PASSING * 5 % sim->hosts];

	if (step / PASSING % 2)
		service_withdraw(service, host);
	else
		service_register(service, host);
}

static void look(struct upkeep *upkeep)
{
	struct sim *sim = upkeep->sim;
	struct walk walk;
	uint32_t i, j;

	walk_init(&walk, &upkeep->oracle);
	for (i = 0; i < STAYING; i++) {
		walk_name(&walk, book_number(&sim->names,
					     &upkeep->stays[i].name));
		for (j = 0; j < sim->hosts; j++) {
			upkeep->asked++;
			upkeep->lost += walk_from(&walk, j) != WALK_DELIVERED;
		}
	}
	walk_free(&walk);
}

static void work_on(struct upkeep *upkeep, uint64_t ns)
{
	uint64_t end = upkeep->sim->now + ns;

	while (upkeep->sim->now < end) {
		come_and_go(upkeep);
		sim_pass(upkeep->sim, STEP_NS);
		look(upkeep);
	}
}

static void take_cert(struct sim *sim, void *arg, uint64_t number)
{
	const struct dc_identity *identity = domain_identity(sim->domain,
							     number);
	struct host *host = arg;

	dc_node_object(host->core, identity->cert, identity->cert_len,
		       sim_us(sim));
}

static void certificates(struct upkeep *upkeep)
{
	struct sim *sim = upkeep->sim;
	uint32_t i;

	for (i = 0; i < sim->hosts; i++) {
		domain_recertify(sim->domain, i, sim->now);
		host_job(&sim->host[i], take_cert, &sim->host[i], i);
		work_on(upkeep, CERT_NS);
	}
}

/* Told to one host; whoever has a grant has it anew before the next key comes. */
static void spa_key(struct upkeep *upkeep)
{
	struct sim *sim = upkeep->sim;
	uint32_t i;

	domain_renew_spa(sim->domain, sim->now);
	service_beacon(&sim->host[rng_below(&sim->rng, sim->hosts)]);
	for (i = 0; i < STAYING; i++) {
		work_on(upkeep, STEP_NS);
		service_renew(sim, &upkeep->stays[i]);
	}
	for (i = 0; i < PASSING; i++) {
		work_on(upkeep, STEP_NS);
		service_renew(sim, &upkeep->passes[i]);
	}
}

static void drains(struct upkeep *upkeep)
{
	struct sim *sim = upkeep->sim;
	uint32_t i;

	for (i = 0; i < DRAINED; i++) {
		struct host *host = &sim->host[rng_below(&sim->rng, sim->hosts)];

		fault_overload(host, true);
		work_on(upkeep, DRAIN_NS);
		fault_overload(host, false);
		work_on(upkeep, DRAIN_NS);
	}
}

static void fill(struct sim *sim, double load)
{
	uint32_t i;

	for (i = 0; i < sim->wires; i++) {
		sim->wire[i].mbit = MBIT;
		sim->wire[i].load = load;
	}
}

/* Sessions' keys, of the host that took the fewest. */
static uint32_t fewest_keys(const struct sim *sim)
{
	uint32_t least = UINT32_MAX, i;

	for (i = 0; i < sim->hosts; i++)
		if (sim->host[i].rotated < least)
			least = sim->host[i].rotated;
	return least;
}

static bool all_certified(const struct sim *sim)
{
	uint32_t i;

	for (i = 0; i < sim->hosts; i++)
		if (sim->host[i].certified != 1)
			return false;
	return true;
}

static void judge(const struct upkeep *upkeep, uint64_t downs)
{
	struct sim *sim = upkeep->sim;

	if (sim->counts.downs != downs)
		sim_broken(sim, "%llu adjacencies were lost at work",
			   (unsigned long long)(sim->counts.downs - downs));
	if (upkeep->lost)
		sim_broken(sim, "%llu packets were lost at work",
			   (unsigned long long)upkeep->lost);
	if (!all_certified(sim))
		sim_broken(sim, "a host did not take its certificate once");
	/* A new certificate alone makes one. */
	if (fewest_keys(sim) < 2)
		sim_broken(sim, "a host did not replace its sessions' keys");
}

/* The key that signed the grants is the one before the one before. */
static void forget(struct upkeep *upkeep)
{
	struct sim *sim = upkeep->sim;
	uint64_t asked = upkeep->asked, lost = upkeep->lost;
	int i;

	for (i = 0; i < 2; i++) {
		domain_renew_spa(sim->domain, sim->now);
		service_beacon(&sim->host[0]);
		sim_pass(sim, END_NS);
	}
	look(upkeep);
	asked = upkeep->asked - asked;
	lost = upkeep->lost - lost;
	/* Who has it registered itself delivers to itself. */
	if (lost != asked - STAYING)
		sim_broken(sim, "%llu of %llu packets arrive by grants of a key that is gone",
			   (unsigned long long)(asked - lost),
			   (unsigned long long)asked);
}

static void day(struct run *run, struct upkeep *upkeep)
{
	struct sim *sim = upkeep->sim;
	uint64_t since = sim->now, downs = sim->counts.downs;
	int i;

	fill(sim, LOAD);
	certificates(upkeep);
	for (i = 0; i < SPA_KEYS; i++)
		spa_key(upkeep);
	drains(upkeep);
	judge(upkeep, downs);
	run_say(run, "upkeep %llu: %u hosts certified, %d keys of the SPA, %d drains",
		(unsigned long long)run->config.seed, sim->hosts, SPA_KEYS,
		DRAINED);
	run_say(run, "  %.0f s under load; sessions took %u keys each, or more",
		(sim->now - since) / (double)SIM_S, fewest_keys(sim));
	run_say(run, "  lost: %llu of %llu packets, %llu adjacencies",
		(unsigned long long)upkeep->lost,
		(unsigned long long)upkeep->asked,
		(unsigned long long)(sim->counts.downs - downs));
	fill(sim, 0);
	if (check_settle(sim, SETTLE_NS) != UINT64_MAX)
		forget(upkeep);
}

static void serve(struct service *service, uint32_t n, const char *format)
{
	char text[32];
	uint32_t i;

	for (i = 0; i < n; i++) {
		snprintf(text, sizeof(text), format, i);
		service_init(&service[i], text, DC_RIGHT_NAME);
	}
}

void scenario_upkeep(struct run *run)
{
	struct upkeep upkeep = { 0 };
	struct topo topo;
	struct sim *sim;
	uint32_t i;

	run->config.node.rotate_s = ROTATE_S;
	sim = run_begin(run, &topo, TOPOLOGY);
	if (!sim)
		return;
	upkeep.sim = sim;
	serve(upkeep.stays, STAYING, "/stays/%u");
	serve(upkeep.passes, PASSING, "/passes/%u");
	fault_start(sim, 0);
	service_beacons(sim);
	/* Whoever's clock is wrong has heard the time by then. */
	sim_pass(sim, HEARD_NS);
	for (i = 0; i < STAYING; i++)
		service_register(&upkeep.stays[i],
				 &sim->host[3 * i % sim->hosts]);
	if (check_settle(sim, SETTLE_NS) != UINT64_MAX) {
		oracle_init(&upkeep.oracle, sim);
		day(run, &upkeep);
		oracle_free(&upkeep.oracle);
	}
	run_end(run, &topo, sim);
}
