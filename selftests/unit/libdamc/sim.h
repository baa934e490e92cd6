/* SPDX-License-Identifier: GPL-2.0 */
/*
 * RMI's two cores on a simulated fabric under a virtual clock: loss, copies,
 * reordering, late copies, refusals, servers that die and come back, callers
 * that do, clocks that drift; and a ledger that knows what was executed.
 * All chance comes from one seed.
 */
#ifndef SIM_H
#define SIM_H

#include <stdbool.h>
#include <stdint.h>

#define SIM_NODES_MAX 16

/* Chances are in 1/10000. */
struct sim_config {
	uint64_t seed;
	unsigned int clients;
	unsigned int servers;
	unsigned int calls;
	/* Calls a client has open at once at most. */
	unsigned int open;
	unsigned int loss;
	unsigned int copies;
	/* A copy, or the packet itself, that comes up to two minutes late. */
	unsigned int late;
	/* The fabric refuses a packet it would have carried. */
	unsigned int bounces;
	uint32_t delay_min_us;
	uint32_t delay_max_us;
	uint32_t deadline_min_ms;
	uint32_t deadline_max_ms;
	/* Methods take this long at most. */
	uint32_t work_max_ms;
	/* Mean time between restarts of a server, of a client; 0 for none. */
	uint32_t server_life_ms;
	uint32_t client_life_ms;
	/* Clocks err by this much at most, in parts per million. */
	unsigned int drift_ppm;
	/* Bytes of data in a request and its reply at most; 0: a few. */
	unsigned int data_max;
	/* All data is of data_max bytes. */
	bool data_full;
	/* A client calls again as soon as it may. */
	bool eager;
	/*
	 * All packets of one direction go through a link of so many full ones a
	 * second, with a queue of so many; what finds it full is dropped, or, to a
	 * server, refused for want of resources.
	 */
	unsigned int rate;
	unsigned int queue;
	bool refuses;
	/* Servers have room for a handful of calls only. */
	bool small;
};

struct sim_result {
	unsigned long calls;
	unsigned long status[16];
	unsigned long executed;
	unsigned long packets;
	unsigned long transmissions;
	/* By two incarnations, or in spite of a status that says it wasn't. */
	unsigned long executed_twice;
	unsigned long executed_denied;
	uint64_t slowest_us;
	/* What the link's queue dropped, and how long it all took. */
	unsigned long dropped;
	uint64_t took_us;
	/* Calls that each client saw answered while all were calling. */
	unsigned long answered[SIM_NODES_MAX];
};

/*
 * Run it. What must never be is an assertion in here: executed twice by one
 * incarnation, a reply that is another call's, OK without execution, a call
 * that outlives its deadline, memory that isn't given back.
 */
void sim_run(const struct sim_config *config, struct sim_result *result);

#endif /* SIM_H */
