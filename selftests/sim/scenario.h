/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Scenarios. Each builds a fabric from @config and @seed, runs it, and prints a
 * line; what is wrong is in sim->broken.
 */
#ifndef SIM_SCENARIO_H
#define SIM_SCENARIO_H

#include "sim.h"

/**
 * struct run - what a scenario is asked to do, and what came of it
 * @config: seed, costs, crypto
 * @topology: NULL: the scenario's own
 * @dir: where topologies are read from; may be NULL
 * @names: of scenario join; 0: its own number
 * @broken, @log: how many faults were found, and the log's hash
 * @first: the first fault
 * @hosts: of the fabric
 * @tally: what went wrong on purpose, and what was judged
 */
struct run {
	struct sim_config config;
	const char *topology;
	const char *dir;
	uint32_t names;
	bool quiet;

	uint32_t broken;
	uint64_t log;
	uint64_t events;
	char first[256];
	struct tally tally;
	uint32_t hosts;
};

/**
 * struct scenario - one of them
 * @timed: it tells time of the real processor, so that all of it is real
 */
struct scenario {
	const char *name;
	const char *help;
	void (*run)(struct run *run);
	bool timed;
};

extern const struct scenario scenarios[];
extern const size_t n_scenarios;

void scenario_chaos(struct run *run);
void scenario_start(struct run *run);
void scenario_register(struct run *run);
void scenario_revoke(struct run *run);
void scenario_partition(struct run *run);
void scenario_epoch(struct run *run);
void scenario_clone(struct run *run);
void scenario_join(struct run *run);
void scenario_join_apart(struct run *run);
void scenario_flood(struct run *run);
void scenario_forged(struct run *run);
void scenario_spa(struct run *run);
void scenario_load(struct run *run);
void scenario_leases(struct run *run);
void scenario_churn(struct run *run);
void scenario_upkeep(struct run *run);

/* The fabric that @run asks for: @topology unless the run names one. */
struct sim *run_begin(struct run *run, struct topo *topo, const char *topology);
/* Take what came of it, and free it. */
void run_end(struct run *run, struct topo *topo, struct sim *sim);
void __attribute__((format(printf, 2, 3)))
run_say(const struct run *run, const char *format, ...);

#endif /* SIM_SCENARIO_H */
