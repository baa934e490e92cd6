/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A fabric in one process: hosts with a routing core each, wires between them,
 * and one clock that is virtual. Everything that happens is an event in one
 * queue, everything random comes from the seed, so a seed replays exactly; the
 * log's hash shows that it did.
 *
 * sim.c owns the clock, wire.c the wires and what is under way on them, host.c
 * the hosts, their cores and their time of processor, table.c the kernels'
 * tables, liveness.c the kernels' probers. Scenarios drive, checks look.
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include "cost.h"
#include "lab.h"
#include "names.h"
#include "node.h"
#include "queue.h"
#include "rng.h"
#include "table.h"
#include "tally.h"
#include "topo.h"

#define SIM_US 1000ull
#define SIM_MS 1000000ull
#define SIM_S 1000000000ull

/* What the log's hash tells apart. */
enum sim_what {
	SIM_TX = 1,
	SIM_RX,
	SIM_LOST,
	SIM_TIMER,
	SIM_JOB,
	SIM_FIB,
	SIM_NEIGHBOUR,
	SIM_FAULT,
};

/**
 * struct packet - bytes under way, once however many copies there are
 * @urgent: as the sender said
 */
struct packet {
	uint32_t refs;
	uint32_t from;		/* port */
	uint16_t len;
	bool urgent;
	uint8_t bytes[];
};

/**
 * struct port - a host's end of a wire; its link address is its number
 * @ifindex: of the host's own, from 1
 * @mute: nothing that it sends gets through; @deaf: nothing that is sent to it
 * @carrier: as its host sees it
 * @tx_free: when it has sent what it is sending
 * @rested: when its kernel takes as much control in a row as it ever does
 */
struct port {
	uint32_t host;
	uint32_t wire;
	uint32_t ifindex;
	uint32_t cost;
	bool mute;
	bool deaf;
	bool carrier;
	uint64_t tx_free;
	uint64_t rested;
};

/**
 * struct wire - what joins ports: @ports of them from @first
 * @loss_ppm, @dup_ppm, @reorder_ppm: what happens to a packet, by chance
 * @cut: nothing gets through, and nobody is told
 * @load: so many times what it carries is sent over it as data, both ways; 0
 *	or above 1
 * @one_queue: data and control wait in one, as without classes
 */
struct wire {
	uint32_t first;
	uint32_t ports;
	uint64_t delay_ns;
	uint32_t mbit;
	uint32_t loss_ppm;
	uint32_t dup_ppm;
	uint32_t reorder_ppm;
	bool cut;
	double load;
	bool one_queue;
};

struct host;
struct domain;

/*
 * What the SPA says until it counts no more, and its newest beacon; until
 * @silent (ns) it says nothing.
 */
struct said {
	uint64_t silent;
	struct lab_object *object;
	size_t n;
	size_t size;
	struct lab_object beacon;
};

/* What hosts with an odd number do wrong; see host.c. */
enum sabotage {
	SABOTAGE_NONE,
	SABOTAGE_KEEP,		/* what leaves the core's table stays in the kernel's */
	SABOTAGE_HOLE,		/* every other name gets no way */
	SABOTAGE_WAY,		/* a next hop is another neighbour */
	SABOTAGE_BACKUP,	/* so is the backup */
	SABOTAGE_BACK,		/* a set is deleted that is used */
	SABOTAGE_DEAF,		/* nothing is heard on the first interface */
	SABOTAGE_SLOW,		/* what is not urgent is not heard */
	SABOTAGE_COST,		/* the core is told another cost */
	SABOTAGES,
};

/* What was sent and what became of it. */
struct sim_counts {
	uint64_t tx, tx_bytes, rx, overrun, refused;
	uint64_t timers, jobs, changes, downs;
};

/**
 * struct sim_config - what a run is made of
 * @costs: charge none if false
 * @crypto: NULL: the stand-in
 * @stand_in: so are hashes and key exchange (stand_in.h)
 * @detect_ns: after which a kernel's prober has found out
 * @node: what all cores have alike: times, 0 for the defaults
 * @sabotage: what some hosts do wrong, so that a check has to tell
 * @trace: print what happens
 */
struct sim_config {
	uint64_t seed;
	const struct topo *topo;
	struct cost cost;
	const struct dc_crypto *crypto;
	bool stand_in;
	uint64_t detect_ns;
	struct dc_node_config node;
	enum sabotage sabotage;
	bool trace;
};

/**
 * struct sim - the fabric
 * @now: in ns
 * @log: hash over all that happened
 * @changed: when a table last changed
 * @broken: what was found wrong so far, @first the first
 * @tap: sees what is sent by a port
 * @ending: events are only taken out of the queue
 */
struct sim {
	struct sim_config config;
	uint64_t now;
	struct queue queue;
	struct rng rng;
	struct names names;
	struct domain *domain;
	struct said said;
	struct host *host;
	uint32_t hosts;
	struct wire *wire;
	uint32_t wires;
	struct port *port;
	uint32_t ports;
	uint64_t log;
	uint64_t changed;
	uint32_t broken;
	bool ending;
	void (*tap)(struct sim *sim, void *arg, const struct packet *packet);
	void *tap_arg;
	char first[256];
	struct sim_counts counts;
	struct tally tally;
};

struct sim *sim_new(const struct sim_config *config);
void sim_free(struct sim *sim);

/* Let time pass until @at (ns), or nothing more is to happen. */
void sim_run(struct sim *sim, uint64_t at);
static inline void sim_pass(struct sim *sim, uint64_t ns)
{
	sim_run(sim, sim->now + ns);
}

/* Something happened: it goes into the hash. */
void sim_log(struct sim *sim, enum sim_what what, uint64_t a, uint64_t b);
/* Something is wrong: printed with the time, the first few times. */
void __attribute__((format(printf, 2, 3)))
sim_broken(struct sim *sim, const char *format, ...);
void __attribute__((format(printf, 2, 3)))
sim_trace(const struct sim *sim, const char *format, ...);

static inline uint64_t sim_us(const struct sim *sim)
{
	return sim->now / SIM_US;
}

/* ---- wires (wire.c) ---------------------------------------------------- */

void packet_put(struct packet *packet);
/* What @port sends at @at; to @to's port, or (UINT32_MAX) all on the wire. */
void wire_send(struct sim *sim, uint32_t port, uint32_t to,
	       struct packet *packet, uint64_t at);
/* When what @port sends at @at has left it; UINT64_MAX: its queue was full. */
uint64_t wire_transmit(struct sim *sim, uint32_t port, size_t len, uint64_t at);
/* Whether what @from sends reaches @to now, chance aside. */
bool wire_passes(const struct sim *sim, uint32_t from, uint32_t to);
void wire_lladdr(struct damc_lladdr *lladdr, uint32_t port);
/* UINT32_MAX if it is nobody's. */
uint32_t wire_port(const struct sim *sim, const struct damc_lladdr *lladdr);
/* The other end of a wire that has two. */
uint32_t wire_other(const struct sim *sim, uint32_t port);
/* Faults: the kernels' probers and the cores learn of them as they would. */
void wire_carrier(struct sim *sim, uint32_t wire, bool on);
void wire_cut(struct sim *sim, uint32_t wire, bool cut);
void wire_mute(struct sim *sim, uint32_t port, bool mute);

/* ---- the kernels' probers (liveness.c) --------------------------------- */

/* Something about the wire changed: whoever probes over it will find out. */
void liveness_look(struct sim *sim, uint32_t wire);

#endif /* SIM_SIM_H */
