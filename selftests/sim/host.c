// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "domain.h"
#include "host.h"
#include "measure.h"
#include "sabotage.h"

/* ---- what the core does to the world ----------------------------------- */

static void op_send(void *arg, uint32_t ifindex, const struct damc_lladdr *peer,
		    const void *bytes, size_t len, enum dc_urgency urgency)
{
	struct host *host = arg;
	struct packet *packet;

	if (!ifindex || ifindex > host->ports || len > DC_PACKET_MAX) {
		sim_broken(host->sim, "host %u sends %zu bytes on interface %u",
			   host->number, len, ifindex);
		return;
	}
	packet = sim_alloc(sizeof(*packet) + len);
	*packet = (struct packet){
		.refs = 1, .from = host->port[ifindex - 1], .len = len,
		.urgent = urgency == DC_URGENT,
	};
	memcpy(packet->bytes, bytes, len);
	host->out = sim_grow(host->out, host->outs, &host->out_size,
			     sizeof(*host->out));
	host->out[host->outs++] = (struct waiting){
		packet, peer ? wire_port(host->sim, peer) : UINT32_MAX
	};
	host->cost += host->sim->config.cost.packet;
	host->cpu.packet += host->sim->config.cost.packet;
}

static void op_change(void *arg, const struct dc_fib_change *change)
{
	struct host *host = arg;
	struct sim *sim = host->sim;
	struct dc_fib_change copy = *change;
	const char *why = NULL;

	if (sabotage_change(host, &copy))
		why = table_change(&host->table, &sim->names, &copy);
	sim->tally.judged[CHECK_KERNEL]++;
	if (why) {
		sim->tally.bad[CHECK_KERNEL]++;
		sim_broken(sim, "host %u: %s (set %u)", host->number, why,
			   change->set);
	}
	sim_log(sim, SIM_FIB, (uint64_t)host->number << 8 | change->op,
		change->set);
	sim->counts.changes++;
	sim->changed = sim->now;
	host->fib_open++;
	host->cost += sim->config.cost.change;
	host->cpu.fib += sim->config.cost.change;
}

static void op_flush(void *arg)
{
	struct host *host = arg;

	if (!host->fib_open)
		return;
	host->fib_open = 0;
	host->table.flushes++;
	host->cost += host->sim->config.cost.batch;
	host->cpu.fib += host->sim->config.cost.batch;
	host->table_at = host->sim->now + host->cost;
}

void host_charge(struct host *host, uint32_t signs, uint32_t verifies)
{
	const struct cost *cost = &host->sim->config.cost;

	host->cost += signs * cost->sign + verifies * cost->verify;
	host->cpu.sign += signs * cost->sign;
	host->cpu.verify += verifies * cost->verify;
}

static void op_neighbour(void *arg, uint32_t link, uint32_t ifindex,
			 const struct damc_lladdr *peer,
			 const struct dc_node_id *id, bool up)
{
	struct host *host = arg;
	struct sim *sim = host->sim;
	uint32_t port = wire_port(sim, peer);

	if (port == UINT32_MAX || !ifindex || ifindex > host->ports ||
	    sim->port[port].wire != sim->port[host->port[ifindex - 1]].wire) {
		sim_broken(sim, "host %u: a neighbour that is not there",
			   host->number);
		return;
	}
	sim_log(sim, SIM_NEIGHBOUR, (uint64_t)host->number << 32 | link, up);
	sim_trace(sim, "host %u: link %u to host %u %s", host->number, link,
		  sim->port[port].host, up ? "up" : "down");
	sim->counts.downs += !up;
	table_neighbour(&host->table, link, ifindex, sim->port[port].host, up);
	if (up)
		liveness_look(sim, sim->port[port].wire);
}

static void op_event(void *arg, const char *what, const char *words)
{
	struct host *host = arg;

	host->duplicates += !strcmp(what, "duplicate-node-id");
	host->rotated += !strcmp(what, "key-rotated");
	host->certified += !strcmp(what, "certificate");
	sim_trace(host->sim, "host %u: %s %s", host->number, what, words);
}

static const struct dc_node_ops ops = {
	.send = op_send,
	.fib = { .change = op_change, .flush = op_flush },
	.neighbour = op_neighbour,
	.event = op_event,
};

/* ---- calls of the core, and what they cost ----------------------------- */

static void host_work(struct host *host);

static void charge_crypto(struct host *host)
{
	const struct cost *cost = &host->sim->config.cost;
	struct counted now = counted_so_far();
	uint64_t sign, verify;

	host->signs += now.signed_ - host->counted.signed_;
	host->verifies += now.verified - host->counted.verified;
	sign = (now.signed_ - host->counted.signed_) * cost->sign;
	verify = (now.verified - host->counted.verified) * cost->verify;
	host->cpu.sign += sign;
	host->cpu.verify += verify;
	host->cost += sign + verify;
}

static void charge_spf(struct host *host)
{
	const struct cost *cost = &host->sim->config.cost;
	struct dc_node_counts now;
	struct dc_rib_counts rib;
	uint64_t ns;

	dc_node_counts(host->core, &now);
	if (now.spf_runs == host->spf_seen)
		return;
	dc_rib_counts(dc_node_rib(host->core), &rib);
	ns = (now.spf_runs - host->spf_seen) * (rib.nodes + rib.links) *
	     cost->spf;
	host->spf_seen = now.spf_runs;
	host->cpu.spf += ns;
	host->cost += ns;
}

static void on_timer(struct sim *sim, void *arg, uint64_t life)
{
	struct host *host = arg;

	if (life != host->life || sim->now != host->timer_at)
		return;
	host->timer_at = UINT64_MAX;
	host->timer_due = true;
	host_work(host);
}

/* One event at a time; an early one looks when it is really due. */
static void set_timer(struct host *host)
{
	uint64_t next = dc_node_next(host->core), at;

	if (next == UINT64_MAX)
		return;
	at = next * SIM_US;
	if (at < host->sim->now)
		at = host->sim->now;
	if (at >= host->timer_at)
		return;
	host->timer_at = at;
	queue_add(&host->sim->queue, at, on_timer, host, host->life);
}

static void on_free(struct sim *sim, void *arg, uint64_t life)
{
	struct host *host = arg;

	if (life != host->life)
		return;
	host->busy = false;
	host_work(host);
}

static void enter(struct host *host)
{
	host->cost = 0;
	if (host->timed)
		host->entered_ns = measure_cpu();
	host->counted = counted_so_far();
}

static void leave(struct host *host)
{
	struct sim *sim = host->sim;
	size_t i;

	if (host->timed)
		host->real_ns += measure_cpu() - host->entered_ns;
	charge_crypto(host);
	charge_spf(host);
	if (host->fib_open) {
		sim_broken(sim, "host %u: changes and no flush", host->number);
		host->fib_open = 0;
	}
	for (i = 0; i < host->outs; i++) {
		struct packet *packet = host->out[i].packet;

		wire_send(sim, packet->from, host->out[i].port, packet,
			  sim->now + host->cost);
		packet_put(packet);
	}
	host->outs = 0;
	set_timer(host);
	if (!host->cost)
		return;
	host->busy = true;
	queue_add(&sim->queue, sim->now + host->cost, on_free, host, host->life);
}

static void do_job(struct host *host)
{
	struct job job = host->job[host->job_head++];

	if (host->job_head == host->jobs) {
		host->job_head = 0;
		host->jobs = 0;
	}
	sim_log(host->sim, SIM_JOB, host->number, job.number);
	host->sim->counts.jobs++;
	enter(host);
	job.fn(host->sim, job.arg, job.number);
	leave(host);
}

static void do_timer(struct host *host)
{
	host->timer_due = false;
	if (dc_node_next(host->core) > sim_us(host->sim)) {
		set_timer(host);
		return;
	}
	sim_log(host->sim, SIM_TIMER, host->number, 0);
	host->sim->counts.timers++;
	enter(host);
	dc_node_timer(host->core, sim_us(host->sim));
	leave(host);
}

static void do_packet(struct host *host, struct inbox *inbox)
{
	struct sim *sim = host->sim;
	struct waiting w = inbox->ring[inbox->head];
	struct damc_lladdr from;

	inbox->head = (inbox->head + 1) % inbox->size;
	inbox->n--;
	sim_log(sim, SIM_RX, w.port, w.packet->len);
	host->cost += sim->config.cost.packet;
	host->cpu.packet += sim->config.cost.packet;
	wire_lladdr(&from, w.packet->from);
	if (sabotage_hears(host, w.port, w.packet))
		dc_node_input(host->core, sim->port[w.port].ifindex, &from,
			      w.packet->bytes, w.packet->len, sim_us(sim));
	packet_put(w.packet);
}

/* As many as wait, in one go, as recvmmsg() gives them. */
static void do_packets(struct host *host)
{
	uint64_t now = sim_us(host->sim);
	struct inbox *inbox;
	uint32_t n;

	enter(host);
	if (host->inbox[0].n + host->inbox[1].n > 1)
		dc_node_more(host->core, true, now);
	for (n = 0; n < HOST_AT_ONCE; n++) {
		inbox = &host->inbox[host->inbox[0].n ? 0 : 1];
		if (!inbox->n)
			break;
		do_packet(host, inbox);
	}
	if (n > 1)
		dc_node_more(host->core, false, now);
	leave(host);
}

static void host_work(struct host *host)
{
	while (host->core && !host->busy && host->sim->now >= host->paused) {
		if (host->job_head < host->jobs)
			do_job(host);
		else if (host->timer_due)
			do_timer(host);
		else if (host->inbox[0].n || host->inbox[1].n)
			do_packets(host);
		else
			return;
	}
}

/* ---- what comes in ----------------------------------------------------- */

/* Rings grow as they must, up to what a socket would hold. */
static void inbox_grow(struct inbox *inbox)
{
	uint32_t size = inbox->size ? 2 * inbox->size : 8, i;
	struct waiting *ring = sim_alloc(size * sizeof(*ring));

	for (i = 0; i < inbox->n; i++)
		ring[i] = inbox->ring[(inbox->head + i) % inbox->size];
	free(inbox->ring);
	*inbox = (struct inbox){ .ring = ring, .n = inbox->n, .size = size };
}

void host_receive(struct host *host, uint32_t port, struct packet *packet)
{
	struct inbox *inbox = &host->inbox[packet->urgent ? 0 : 1];

	if (!host->core || inbox->n >= HOST_INBOX) {
		host->sim->counts.overrun += !!host->core;
		packet_put(packet);
		return;
	}
	if (inbox->n == inbox->size)
		inbox_grow(inbox);
	inbox->ring[(inbox->head + inbox->n++) % inbox->size] =
		(struct waiting){ packet, port };
	host_work(host);
}

void host_job(struct host *host, queue_fn fn, void *arg, uint64_t number)
{
	if (!host->core)
		return;
	host->job = sim_grow(host->job, host->jobs, &host->job_size,
			     sizeof(*host->job));
	host->job[host->jobs++] = (struct job){ fn, arg, number };
	host_work(host);
}

/* ---- life and death ---------------------------------------------------- */

static void forget_waiting(struct host *host)
{
	struct inbox *inbox;

	for (inbox = host->inbox; inbox < host->inbox + 2; inbox++) {
		while (inbox->n) {
			packet_put(inbox->ring[inbox->head].packet);
			inbox->head = (inbox->head + 1) % inbox->size;
			inbox->n--;
		}
	}
	host->jobs = 0;
	host->job_head = 0;
	host->timer_due = false;
	host->timer_at = UINT64_MAX;
	host->busy = false;
}

void host_tell_link(struct sim *sim, void *arg, uint64_t number)
{
	const struct port *port = &sim->port[number];
	struct host *host = arg;

	dc_node_link(host->core, port->ifindex, port->carrier,
		     sabotage_cost(host, port), sim_us(sim));
}

/* What a daemon does first: its interfaces, and what is bound in its kernel. */
static void begin(struct sim *sim, void *arg, uint64_t number)
{
	struct host *host = arg;
	uint32_t i;

	for (i = 0; i < host->ports; i++)
		host_tell_link(sim, host, host->port[i]);
	if (host->overloaded)
		dc_node_overload(host->core, true, sim_us(sim));
	for (i = 0; i < host->owns; i++)
		host_announce(host, &host->own[i]);
}

/* As the daemon does: its state's file of the time is written all along. */
static void keep_time(struct host *host)
{
	const struct dc_trust *trust = dc_node_trust(host->core);
	uint64_t now_us = sim_us(host->sim);

	if (dc_trust_beacon_age(trust, now_us) == UINT32_MAX)
		return;
	host->kept_ms = dc_trust_time(trust, now_us);
	host->kept_at = host->sim->now;
}

bool host_start(struct host *host, uint64_t wall_ms)
{
	struct sim *sim = host->sim;
	struct dc_node_config config = sim->config.node;

	config.crypto = host->crypto ? host->crypto : sim->config.crypto;
	config.epoch = host->epoch;
	config.seed = sim_mix(sim->config.seed ^
			      ((uint64_t)host->number << 32 | host->life));
	config.identity = *domain_identity(sim->domain, host->identity);
	table_free(&host->old);
	host->old = host->table;
	host->table = (struct table){ 0 };
	host->spf_seen = 0;
	if (host->kept_ms)
		wall_ms = host->kept_ms + (sim->now - host->kept_at) / SIM_MS;
	enter(host);
	host->core = dc_node_new(&config, &ops, host, sim_us(sim), wall_ms);
	if (!host->core) {
		sim_broken(sim, "host %u does not start", host->number);
		return false;
	}
	leave(host);
	host_job(host, begin, host, 0);
	return true;
}

void host_kill(struct host *host)
{
	if (!host->core)
		return;
	keep_time(host);
	dc_node_free(host->core);
	host->core = NULL;
	host->life++;
	forget_waiting(host);
}

void host_sweep(struct host *host)
{
	table_free(&host->old);
}

void host_power(struct host *host, bool on)
{
	uint32_t i;

	if (host->power == on)
		return;
	host->power = on;
	if (!on) {
		host_kill(host);
		/* The clock that goes with it begins anew. */
		host->kept_ms = 0;
		table_free(&host->table);
		table_free(&host->old);
	}
	for (i = 0; i < host->ports; i++)
		liveness_look(host->sim, host->sim->port[host->port[i]].wire);
}

static void on_resume(struct sim *sim, void *arg, uint64_t number)
{
	struct host *host = arg;
	uint32_t i;

	for (i = 0; i < host->ports; i++)
		liveness_look(sim, sim->port[host->port[i]].wire);
	host_work(host);
}

void host_pause(struct host *host, uint64_t until)
{
	uint32_t i;

	host->paused = until;
	queue_add(&host->sim->queue, until, on_resume, host, 0);
	for (i = 0; i < host->ports; i++)
		liveness_look(host->sim, host->sim->port[host->port[i]].wire);
}

void host_init(struct sim *sim, uint32_t number)
{
	struct host *host = &sim->host[number];
	struct damc_name name;

	host->sim = sim;
	host->number = number;
	host->identity = number;
	host->power = true;
	host->epoch = 1;
	host->timer_at = UINT64_MAX;
	domain_host_id(&host->id, number);
	domain_host_name(&name, number);
	host->name = book_number(&sim->names, &name);
}

void host_free(struct host *host)
{
	size_t i;

	host_kill(host);
	forget_waiting(host);
	for (i = 0; i < host->outs; i++)
		packet_put(host->out[i].packet);
	table_free(&host->table);
	table_free(&host->old);
	for (i = 0; i < host->owns; i++)
		free(host->own[i].grant);
	free(host->own);
	free(host->port);
	free(host->job);
	free(host->out);
	free(host->inbox[0].ring);
	free(host->inbox[1].ring);
}
