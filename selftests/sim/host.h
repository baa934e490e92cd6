/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A host: a kernel (ports, tables, prober), a daemon's core, and a processor
 * that does one thing at a time. What a call of the core costs delays what it
 * sends, and whatever waits.
 */
#ifndef SIM_HOST_H
#define SIM_HOST_H

#include "counted.h"
#include "sim.h"

/* Packets that wait for the processor, of each urgency. */
#define HOST_INBOX 1024
/* Packets that are taken in one go, if so many wait. */
#define HOST_AT_ONCE 16

struct waiting {
	struct packet *packet;
	uint32_t port;
};

struct inbox {
	struct waiting *ring;
	uint32_t head;
	uint32_t n;
	uint32_t size;
};

/* Something for the core besides packets and timers; see host_job(). */
struct job {
	queue_fn fn;
	void *arg;
	uint64_t number;
};

/**
 * struct host_cpu - time of the processor, in ns, by what took it
 */
struct host_cpu {
	uint64_t packet, sign, verify, spf, fib;
};

/**
 * struct own_name - a name that is registered here, and local to the kernel
 * @verdict: what the core said
 * @ended: its grant is revoked, and everybody has had the time to hear of it
 * @lapsed: it has been counted that its grant ended by itself
 * @ends_ms: domain time when its grant does by itself; UINT64_MAX: never
 */
struct own_name {
	uint32_t identity;
	uint32_t name;
	struct dc_prefix prefix;
	enum dc_verdict verdict;
	bool ended;
	bool lapsed;
	uint64_t ends_ms;
	uint8_t *grant;
	size_t grant_len;
};

/**
 * struct host - a host
 * @identity: whose it has: its own number, but for clones
 * @kept_epoch: of a clone: its own
 * @name: /damc/node/ID
 * @kept_ms: domain time, as its file had it when the machine's clock said @kept_at;
 *	0: there is no such file, or it is of before the machine was off
 * @core: NULL while the daemon is dead
 * @power: false: the machine is off
 * @overloaded: it was told to be: reached and not crossed
 * @paused: until then the machine does nothing at all
 * @table: what the core put in; @old: what an earlier one did, until swept
 * @first_port: its ports are @ports from there
 * @life: of this core; what is meant for an earlier one is dropped
 * @timer_at: when the one timer event that counts comes
 * @cost: of the call that is under way, so far; @counted: when it began
 * @table_at: when its table last had a whole list of changes
 * @duplicates: times that it told of another node with its id
 * @rotated: that it took a new key for sessions; @certified: a new certificate
 * @signs, @verifies: signatures so far
 * @timed: @real_ns adds up the time of the real processor in the core's calls
 * @crypto: its own, instead of all hosts'
 */
struct host {
	struct sim *sim;
	uint32_t number;
	uint32_t identity;
	uint32_t name;
	struct dc_node_id id;
	struct dc_node *core;
	bool power;
	bool overloaded;
	uint64_t paused;
	uint32_t epoch;
	uint32_t kept_epoch;
	uint64_t kept_ms;
	uint64_t kept_at;
	struct table table;
	struct table old;
	uint32_t *port;
	uint32_t ports;
	struct own_name *own;
	size_t owns;
	size_t own_size;

	uint32_t life;
	bool busy;
	bool timer_due;
	uint64_t timer_at;
	struct inbox inbox[2];
	struct job *job;
	uint32_t jobs;
	uint32_t job_head;
	size_t job_size;

	struct waiting *out;
	size_t outs;
	size_t out_size;

	uint64_t cost;
	struct host_cpu cpu;
	struct counted counted;
	uint64_t signs;
	uint64_t verifies;
	uint64_t spf_seen;
	uint32_t fib_open;
	uint64_t table_at;
	uint32_t duplicates;
	uint32_t rotated;
	uint32_t certified;
	bool timed;
	uint64_t real_ns;
	uint64_t entered_ns;
	const struct dc_crypto *crypto;
};

void host_init(struct sim *sim, uint32_t number);
void host_free(struct host *host);

/* Start its daemon (again), by its wall clock or what it kept: false if it will not. */
bool host_start(struct host *host, uint64_t wall_ms);
/* Its daemon dies; the kernel goes on. */
void host_kill(struct host *host);
/* The machine goes, with its kernel and its links, or comes back, empty. */
void host_power(struct host *host, bool on);
/* It does nothing until then: a stalled virtual machine. */
void host_pause(struct host *host, uint64_t until);
/* What earlier cores left in the kernel goes. */
void host_sweep(struct host *host);

/* A packet came. */
void host_receive(struct host *host, uint32_t port, struct packet *packet);
/* When the processor is free, @fn is called with the core alive. */
void host_job(struct host *host, queue_fn fn, void *arg, uint64_t number);

/* Register and withdraw; @grant is copied. Jobs, so they take their time. */
void host_register(struct host *host, const struct dc_prefix *prefix,
		   const void *grant, size_t grant_len);
void host_withdraw(struct host *host, const struct damc_name *name);
/* In a job: the processor also signs and verifies what is not simulated. */
void host_charge(struct host *host, uint32_t signs, uint32_t verifies);
/* A job: the core hears how the port @number is. */
void host_tell_link(struct sim *sim, void *arg, uint64_t number);
/* Tell the core, which is what both end in; only from a job. */
void host_announce(struct host *host, struct own_name *own);
/* NULL if it is not registered here. */
struct own_name *host_own(const struct host *host, uint32_t name);

#endif /* SIM_HOST_H */
