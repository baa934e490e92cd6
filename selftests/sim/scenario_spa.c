// SPDX-License-Identifier: GPL-2.0
/*
 * The SPA dies when all grants are new. Until their half nobody has missed it,
 * then renewals get no answer; all the same, what holds a grant stays, can move
 * and register anew, until the grant ends, and then it is in no table. When the
 * SPA is back, it comes back. Days of virtual time.
 */
#include <stdio.h>

#include "check.h"
#include "fault.h"
#include "scenario.h"
#include "service.h"

#define TOPOLOGY "figure2"
#define SETTLE_NS (120 * SIM_S)
#define HOUR_NS (3600 * SIM_S)
#define LIFE_MS (24 * 3600 * 1000ull)
#define SERVICES 12
/* Days are long: hellos are seldom. */
#define HELLO_MS 5000
/* Names are taken out of tables so fast when a grant ends. */
#define OUT_NS (2 * SIM_S)

struct story {
	struct sim *sim;
	struct service service[SERVICES];
};

static void renew_all(struct story *story)
{
	uint32_t i;

	for (i = 0; i < SERVICES; i++)
		service_renew(story->sim, &story->service[i]);
}

/* How many of all tables have a way to the names that others serve. */
static uint32_t ways(struct story *story)
{
	struct sim *sim = story->sim;
	uint32_t i, j, n = 0;

	for (i = 0; i < SERVICES; i++) {
		uint32_t name = book_number(&sim->names,
					    &story->service[i].name);

		for (j = 0; j < sim->hosts; j++) {
			const struct table_route *route =
				table_exact(&sim->host[j].table, name);

			n += route && route->kind == TABLE_SET;
		}
	}
	return n;
}

static void expect(struct story *story, uint32_t want, const char *when)
{
	uint32_t n;

	if (check_settle(story->sim, SETTLE_NS) == UINT64_MAX)
		return;
	n = ways(story);
	if (n != want)
		sim_broken(story->sim, "%s %u ways are in tables, not %u", when,
			   n, want);
}

/* A grant in hand is enough: at another gateway, whose daemon starts again. */
static void move_one(struct story *story)
{
	struct service *service = &story->service[0];
	struct host *from = &story->sim->host[0], *to = &story->sim->host[3];

	service_withdraw(service, from);
	service_register(service, to);
	fault_kill(to, SIM_S, EPOCH_KEPT);
}

static void days(struct story *story)
{
	struct sim *sim = story->sim;
	const uint32_t all = SERVICES * (sim->hosts - 1);
	uint64_t end;

	renew_all(story);
	end = sim->now + LIFE_MS * SIM_MS;
	fault_spa(sim, 2 * LIFE_MS * SIM_MS);
	expect(story, all, "when the SPA dies");
	sim_run(sim, end - 11 * HOUR_NS);
	renew_all(story);
	expect(story, all, "past half a grant's life");
	move_one(story);
	expect(story, all, "when a pod has moved");
	sim_run(sim, end - SETTLE_NS - 10 * SIM_S);
	expect(story, all, "just before the end");
	sim_run(sim, end + OUT_NS);
	if (ways(story))
		sim_broken(sim, "%u ways are left when grants have ended",
			   ways(story));
	expect(story, 0, "after the end");
}

void scenario_spa(struct run *run)
{
	struct story story;
	struct topo topo;
	struct sim *sim;
	uint32_t i, all;
	char text[32];

	run->config.node.hello_ms = HELLO_MS;
	sim = run_begin(run, &topo, TOPOLOGY);
	if (!sim)
		return;
	story.sim = sim;
	all = SERVICES * (sim->hosts - 1);
	fault_start(sim, 0);
	service_beacons(sim);
	sim_pass(sim, SIM_S);
	for (i = 0; i < SERVICES; i++) {
		snprintf(text, sizeof(text), "/s/%u", i);
		service_init(&story.service[i], text, DC_RIGHT_NAME);
		story.service[i].life_ms = LIFE_MS;
		service_register(&story.service[i],
				 &sim->host[i % sim->hosts]);
	}
	if (check_settle(sim, SETTLE_NS) != UINT64_MAX && !sim->broken) {
		days(&story);
		sim->said.silent = 0;
		renew_all(&story);
		expect(&story, all, "when the SPA is back");
		run_say(run, "spa %llu: %u names outlived their SPA by %.1f h; one moved",
			(unsigned long long)run->config.seed, SERVICES,
			LIFE_MS / 3600e3);
		run_say(run, "  out of all tables %.1f s after their grants' end",
			OUT_NS / (double)SIM_S);
	}
	run_end(run, &topo, sim);
}
