// SPDX-License-Identifier: GPL-2.0
/*
 * What forged packets cost a router: of each kind as many as come in a fraction
 * of a second, handed to its core as the daemon does it, 16 at a time. Nothing
 * of its state may change, and each is counted.
 *
 * Time is that of a real processor. Where instructions are counted instead (2 ns
 * each, selftests/vm/run --counted), so is this.
 */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "fault.h"
#include "ls_msg.h"
#include "measure.h"
#include "scenario.h"
#include "service.h"

#define TOPOLOGY "fattree:20"
#define SETTLE_NS (120 * SIM_S)
/* A second brings five times as many. */
#define PACKETS 20000
#define A_SECOND 100000
#define EACH_MS (A_SECOND / 1000)
#define AT_ONCE HOST_AT_ONCE
/* With a good MAC and a bad signature, in a second. */
#define LIES 1000
/* One in so many may be verified. */
#define VERIFIED_OF 50
#define WATCH_NS (10 * SIM_S)

struct sample {
	size_t len;
	uint8_t bytes[DC_PACKET_MAX];
};

/**
 * struct forger - what somebody on the link of @port has overheard
 * @session: a packet that arrived; @fresh: one that did not; @hello: to all
 */
struct forger {
	struct sim *sim;
	struct host *victim;
	uint32_t port;
	struct rng rng;
	bool deaf;
	struct sample session;
	struct sample fresh;
	struct sample hello;
	void (*forge)(struct forger *forger, struct sample *sample);
	uint64_t ns;
};

/* ---- what is forged ---------------------------------------------------- */

static void noise(struct forger *f, struct sample *s)
{
	size_t i;

	s->len = rng_range(&f->rng, 1, DC_PACKET_MAX);
	for (i = 0; i < s->len; i++)
		s->bytes[i] = rng_next(&f->rng);
}

static void foreign(struct forger *f, struct sample *s)
{
	*s = f->session;
	s->bytes[4] ^= 1 + rng_below(&f->rng, 255);
}

static void truncated(struct forger *f, struct sample *s)
{
	*s = f->session;
	s->len = rng_below(&f->rng, s->len);
}

static void replayed(struct forger *f, struct sample *s)
{
	*s = f->session;
}

static void guessed(struct forger *f, struct sample *s)
{
	*s = f->session;
	ls_put64(s->bytes + LS_HEAD_BYTES + 4, rng_next(&f->rng));
}

static void changed(struct forger *f, struct sample *s)
{
	*s = f->fresh;
	s->bytes[s->len - 1 - rng_below(&f->rng, DC_MAC_BYTES)] ^=
		1 + rng_below(&f->rng, 255);
}

/* Of a node that exists, with a key that it did not sign. */
static void hello_key(struct forger *f, struct sample *s)
{
	*s = f->hello;
	s->bytes[s->len - 4 - 2 * LS_NONCE_BYTES - DC_SIGNATURE_BYTES - 1] ^=
		1 + rng_below(&f->rng, 255);
}

static const struct {
	const char *name;
	void (*forge)(struct forger *forger, struct sample *sample);
} kinds[] = {
	{ "random bytes", noise },
	{ "of another domain", foreign },
	{ "cut off", truncated },
	{ "replayed", replayed },
	{ "with a guessed sequence", guessed },
	{ "overheard and changed", changed },
	{ "hello with another key", hello_key },
	{ "hello, all later seconds", hello_key },
};

/* ---- overhearing ------------------------------------------------------- */

static void overhear(struct sim *sim, void *arg, const struct packet *packet)
{
	struct forger *f = arg;
	struct ls_packet read;
	struct sample *s;

	if (packet->from != f->port ||
	    ls_packet_read(&read, packet->bytes, packet->len))
		return;
	if (read.kind == LS_HELLO && !read.mac)
		s = &f->hello;
	else if (read.kind == LS_SESSION)
		s = f->deaf ? &f->fresh : &f->session;
	else
		return;
	s->len = packet->len;
	memcpy(s->bytes, packet->bytes, packet->len);
}

/* Long enough for a word and a hello; the last word does not arrive. */
static void overhear_all(struct forger *f)
{
	struct wire *wire = &f->sim->wire[f->sim->port[f->port].wire];

	f->sim->tap = overhear;
	f->sim->tap_arg = f;
	sim_pass(f->sim, WATCH_NS);
	f->deaf = true;
	wire->cut = true;
	while (!f->fresh.len)
		sim_pass(f->sim, SIM_MS);
	wire->cut = false;
	f->sim->tap = NULL;
}

/* ---- at the victim ----------------------------------------------------- */

/* As the daemon does: so many in one go. */
static void feed(struct sim *sim, void *arg, uint64_t n)
{
	struct forger *f = arg;
	struct dc_node *core = f->victim->core;
	const struct port *at = &sim->port[wire_other(sim, f->port)];
	struct sample sample[AT_ONCE];
	struct damc_lladdr from;
	uint64_t since, i;

	wire_lladdr(&from, f->port);
	for (i = 0; i < n; i++)
		f->forge(f, &sample[i]);
	since = measure_cpu();
	dc_node_more(core, true, sim_us(sim));
	for (i = 0; i < n; i++)
		dc_node_input(core, at->ifindex, &from, sample[i].bytes,
			      sample[i].len, sim_us(sim));
	dc_node_more(core, false, sim_us(sim));
	f->ns += measure_cpu() - since;
}

static uint64_t dropped(const struct host *host)
{
	struct dc_node_counts c;

	dc_node_counts(host->core, &c);
	return c.malformed + c.bad_mac + c.replayed + c.forged + c.unknown +
	       c.over_budget;
}

static void say(const struct run *run, const char *what, uint64_t ns, double n,
		double a_second)
{
	run_say(run, "forged %llu: %-28s %6.0f ns each, %6.3f %% of a second for %.0f",
		(unsigned long long)run->config.seed, what, ns / n,
		ns / n * a_second / SIM_S * 100, a_second);
}

static void flood_of(struct run *run, struct forger *f, unsigned int kind)
{
	uint64_t before = dropped(f->victim), changes = f->sim->counts.changes;
	uint64_t n, sent;

	f->forge = kinds[kind].forge;
	f->ns = 0;
	for (sent = 0; sent < PACKETS; sent += n) {
		n = PACKETS - sent < AT_ONCE ? PACKETS - sent : AT_ONCE;
		host_job(f->victim, feed, f, n);
		sim_pass(f->sim, n * SIM_MS / EACH_MS);
	}
	if (dropped(f->victim) - before < PACKETS)
		sim_broken(f->sim, "%s: %u were sent and %llu counted",
			   kinds[kind].name, PACKETS,
			   (unsigned long long)(dropped(f->victim) - before));
	if (f->sim->counts.changes != changes)
		sim_broken(f->sim, "%s: a table changed", kinds[kind].name);
	say(run, kinds[kind].name, f->ns, PACKETS, A_SECOND);
}

/* ---- a neighbour that lies --------------------------------------------- */

static bool all_good(const uint8_t signature[DC_SIGNATURE_BYTES],
		     const void *bytes, size_t len,
		     const uint8_t key[DC_KEY_BYTES])
{
	return true;
}

static void lie(struct sim *sim, void *arg, uint64_t number)
{
	struct host *liar = arg;
	struct lab_object grant;
	struct damc_name name = lab_name("/lies");

	domain_grant(sim->domain, &name, DC_RIGHT_NAME, sim->now, 0, &grant);
	grant.bytes[grant.len - 1] ^= 1;
	dc_node_object(liar->core, grant.bytes, grant.len, sim_us(sim));
}

static uint64_t timed(struct forger *f, bool lies)
{
	struct host *liar = &f->sim->host[f->sim->port[f->port].host];
	int i;

	f->victim->timed = true;
	f->victim->real_ns = 0;
	for (i = 0; i < LIES; i++) {
		if (lies)
			host_job(liar, lie, liar, 0);
		sim_pass(f->sim, SIM_S / LIES);
	}
	f->victim->timed = false;
	return f->victim->real_ns;
}

/* It believes what it says itself, and its MACs are good. */
static void liar(struct run *run, struct forger *f)
{
	struct host *liar = &f->sim->host[f->sim->port[f->port].host];
	struct dc_crypto evil = *f->sim->config.crypto;
	struct dc_node_counts before, after;
	uint64_t idle;

	evil.verify = all_good;
	host_kill(liar);
	liar->crypto = &evil;
	liar->epoch++;
	fault_start_one(liar);
	if (check_settle(f->sim, SETTLE_NS) == UINT64_MAX)
		return;
	idle = timed(f, false);
	dc_node_counts(f->victim->core, &before);
	say(run, "good MAC, bad signature", timed(f, true) - idle, LIES, LIES);
	dc_node_counts(f->victim->core, &after);
	run_say(run, "  of these %llu were verified, %llu had to wait",
		(unsigned long long)(after.forged - before.forged),
		(unsigned long long)(after.over_budget - before.over_budget));
	if (after.forged == before.forged)
		sim_broken(f->sim, "no lie was found out");
	if (after.forged - before.forged > LIES / VERIFIED_OF)
		sim_broken(f->sim, "%llu lies were verified",
			   (unsigned long long)(after.forged - before.forged));
	liar->crypto = NULL;
	host_kill(liar);
	liar->epoch++;
	fault_start_one(liar);
}

void scenario_forged(struct run *run)
{
	struct topo topo;
	struct sim *sim = run_begin(run, &topo, TOPOLOGY);
	struct forger f = { .rng = rng_fork(run->config.seed, 'f') };
	struct service service;
	unsigned int i;

	if (!sim)
		return;
	f.sim = sim;
	f.victim = &sim->host[0];
	f.port = wire_other(sim, f.victim->port[0]);
	fault_start(sim, 0);
	service_beacons(sim);
	service_init(&service, "/shop/cart", DC_RIGHT_NAME);
	service_register(&service, &sim->host[1]);
	if (check_settle(sim, SETTLE_NS) != UINT64_MAX) {
		overhear_all(&f);
		for (i = 0; i < ARRAY_SIZE(kinds); i++)
			flood_of(run, &f, i);
		if (check_settle(sim, SETTLE_NS) != UINT64_MAX)
			liar(run, &f);
		check_settle(sim, SETTLE_NS);
	}
	run_end(run, &topo, sim);
}
