// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "scenario.h"

const struct scenario scenarios[] = {
	{ "chaos", "a minute of faults on a small fabric, then peace",
	  scenario_chaos, false },
	{ "start", "1,000 routers start at once and converge",
	  scenario_start, false },
	{ "register", "registration to the last of 12 routers, costs charged",
	  scenario_register, false },
	{ "revoke", "revocation to the last table of 1,000 routers",
	  scenario_revoke, false },
	{ "partition", "one name on both sides, then it heals",
	  scenario_partition, false },
	{ "epoch", "a router loses its boot epoch's file",
	  scenario_epoch, false },
	{ "clone", "two routers with one identity", scenario_clone, false },
	{ "join", "a router joins a fabric of 100,000 names",
	  scenario_join, false },
	{ "join-apart", "the same of 56,000 names with a grant each",
	  scenario_join_apart, false },
	{ "flood", "how often an object is sent, beside 2E - V",
	  scenario_flood, false },
	{ "leases", "10,000 leases for an hour, renewed",
	  scenario_leases, true },
	{ "load", "data fills all links three times over",
	  scenario_load, false },
	{ "spa", "an SPA dies for longer than grants last",
	  scenario_spa, false },
	{ "churn", "a router starts while names come and go, packets get lost",
	  scenario_churn, false },
	{ "upkeep", "keys replaced and routers drained under load",
	  scenario_upkeep, false },
	{ "forged", "what forged packets cost a router",
	  scenario_forged, true },
};

const size_t n_scenarios = ARRAY_SIZE(scenarios);

struct sim *run_begin(struct run *run, struct topo *topo, const char *topology)
{
	if (!topo_get(topo, run->topology ? run->topology : topology,
		      run->config.seed)) {
		run->broken = 1;
		return NULL;
	}
	run->config.topo = topo;
	return sim_new(&run->config);
}

void run_end(struct run *run, struct topo *topo, struct sim *sim)
{
	run->broken = sim->broken;
	run->log = sim->log;
	run->events = sim->queue.added;
	run->tally = sim->tally;
	run->hosts = sim->hosts;
	memcpy(run->first, sim->first, sizeof(run->first));
	sim_free(sim);
	topo_free(topo);
}

void run_say(const struct run *run, const char *format, ...)
{
	va_list args;

	if (run->quiet)
		return;
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}
