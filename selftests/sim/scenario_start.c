// SPDX-License-Identifier: GPL-2.0
/* Many routers start at once, and none is stuck. */
#include <malloc.h>
#include <stdlib.h>

#include "check.h"
#include "fault.h"
#include "measure.h"
#include "scenario.h"

#define TOPOLOGY "random:1000"
#define SETTLE_NS (300 * SIM_S)

void scenario_start(struct run *run)
{
	uint64_t heap = measure_heap(), since, settled;
	struct topo topo;
	struct sim *sim = run_begin(run, &topo, TOPOLOGY);
	struct measure sum;

	if (!sim)
		return;
	since = sim->now;
	fault_start(sim, 0);
	settled = check_settle(sim, SETTLE_NS);
	measure_all(&sum, sim);
	run_say(run, "start %llu: %s, %u hosts, %u wires: converged in %.3f s",
		(unsigned long long)run->config.seed, topo.name, sim->hosts,
		sim->wires, settled == UINT64_MAX ? -1 :
		(settled - since) / (double)SIM_S);
	run_say(run, "  a host: %.1f SPF, %.1f verified, %.1f KiB of memory; database %.1f KiB",
		(double)sum.spf_runs / sim->hosts,
		(double)sum.verifies / sim->hosts,
		(measure_heap() - heap) / 1024.0 / sim->hosts,
		sum.database_bytes / 1024.0);
	run_say(run, "  %llu packets, %llu overrun; %llu objects sent, %llu sent again",
		(unsigned long long)sim->counts.tx,
		(unsigned long long)sim->counts.overrun,
		(unsigned long long)sum.flooded,
		(unsigned long long)sum.resent);
	run_say(run, "  CPU ms a host: verify %.1f, sign %.1f, SPF %.1f, table %.1f, packets %.1f",
		sum.cpu.verify / 1e6 / sim->hosts, sum.cpu.sign / 1e6 / sim->hosts,
		sum.cpu.spf / 1e6 / sim->hosts, sum.cpu.fib / 1e6 / sim->hosts,
		sum.cpu.packet / 1e6 / sim->hosts);
	run_end(run, &topo, sim);
}
