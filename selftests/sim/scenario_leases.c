// SPDX-License-Identifier: GPL-2.0
/*
 * 10,000 leases at one gateway for an hour: pods renew what they have, ten names
 * in a request, each half of a lease. Real time of the registration's core, and
 * of the routing core beside it; what either tells others but refresh is wrong.
 */
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "crypto.h"
#include "fault.h"
#include "measure.h"
#include "reg.h"
#include "scenario.h"
#include "service.h"

#define TOPOLOGY "line:3"
#define SETTLE_NS (120 * SIM_S)
#define HOUR_NS (3600 * SIM_S)
#define LEASES 10000
#define EACH 10
#define LEASE_S 60
#define EDGE 1

/**
 * struct leases - a gateway with its registrations
 * @ns: real, of the registration's core
 * @announced, @withdrawn: what the routing core was told
 */
struct leases {
	struct sim *sim;
	struct host *gateway;
	struct dc_reg *reg;
	struct service tree;
	uint64_t timer_at;
	uint64_t ns;
	uint64_t announced;
	uint64_t withdrawn;
	uint64_t refused;
};

/* ---- what the registration does ---------------------------------------- */

static bool on_ask(void *arg, uint64_t ticket, const struct dc_reg_entry *entry,
		   struct dc_reg_answer *answer)
{
	const struct leases *l = arg;

	*answer = (struct dc_reg_answer){
		.code = DC_REG_DONE, .grant = l->tree.grant.bytes,
		.grant_len = l->tree.grant.len, .hash = l->tree.grant.hash,
		.until_us = UINT64_MAX,
	};
	return true;
}

static int on_bind(void *arg, const struct dc_reg_entry *entry,
		   struct dc_reg_outcome *outcome)
{
	return 0;
}

static void on_unbind(void *arg, const struct dc_reg_entry *entry)
{
}

static enum dc_verdict on_announce(void *arg, const struct dc_reg_entry *entry,
				   const void *grant, size_t grant_len)
{
	struct leases *l = arg;
	struct dc_prefix prefix = {
		.name = entry->want.name, .right = entry->want.right,
		.epoch = entry->want.epoch, .grant = entry->grant,
	};

	l->announced++;
	host_register(l->gateway, &prefix, grant, grant_len);
	return DC_VALID;
}

static void on_withdraw(void *arg, const struct dc_reg_entry *entry)
{
	struct leases *l = arg;

	l->withdrawn++;
	host_withdraw(l->gateway, &entry->want.name);
}

static void on_told(void *arg, uint64_t ticket, const struct dc_reg_entry *entry,
		    const struct dc_reg_outcome *outcome)
{
}

static void on_forget(void *arg, const struct dc_reg_want *want)
{
}

static const struct dc_reg_ops ops = {
	.ask = on_ask, .bind = on_bind, .unbind = on_unbind,
	.announce = on_announce, .withdraw = on_withdraw, .told = on_told,
	.forget = on_forget,
};

/* ---- its time ---------------------------------------------------------- */

static void set_timer(struct leases *l);

static void on_timer(struct sim *sim, void *arg, uint64_t number)
{
	struct leases *l = arg;
	uint64_t since;

	if (sim->ending || sim->now != l->timer_at)
		return;
	since = measure_cpu();
	dc_reg_timer(l->reg, sim_us(sim));
	l->ns += measure_cpu() - since;
	l->timer_at = UINT64_MAX;
	set_timer(l);
}

static void set_timer(struct leases *l)
{
	uint64_t next = dc_reg_next(l->reg), at;

	if (next == UINT64_MAX)
		return;
	at = next * SIM_US > l->sim->now ? next * SIM_US : l->sim->now + 1;
	if (at >= l->timer_at)
		return;
	l->timer_at = at;
	queue_add(&l->sim->queue, at, on_timer, l, 0);
}

/* ---- pods -------------------------------------------------------------- */

static struct damc_name name_of(uint32_t number)
{
	char text[64];

	snprintf(text, sizeof(text), "/service/instance/%u", number);
	return lab_name(text);
}

/* A request: all names of one pod. */
static void on_request(struct sim *sim, void *arg, uint64_t pod)
{
	struct damc_name name[EACH];
	struct leases *l = arg;
	uint64_t since;
	uint32_t i;

	if (sim->ending)
		return;
	for (i = 0; i < EACH; i++)
		name[i] = name_of(pod * EACH + i);
	since = measure_cpu();
	for (i = 0; i < EACH; i++)
		l->refused += !!dc_reg_renew(l->reg, &name[i], EDGE + pod,
					     LEASE_S, sim_us(sim));
	l->ns += measure_cpu() - since;
	set_timer(l);
	queue_add(&sim->queue, sim->now + LEASE_S * SIM_S / 2, on_request, l,
		  pod);
}

static void add(struct leases *l, uint32_t number)
{
	struct dc_reg_want want = {
		.name = name_of(number), .pod = lab_name("/pod/gateway/one"),
		.edge = EDGE + number / EACH, .right = DC_RIGHT_NAME,
		.weight = 1, .lease_s = LEASE_S, .epoch = 1,
	};
	struct dc_reg_outcome outcome;
	uint64_t ticket;

	dc_reg_add(l->reg, &want, NULL, sim_us(l->sim), &ticket, &outcome);
	if (outcome.code != DC_REG_DONE)
		sim_broken(l->sim, "lease %u: %s %s", number,
			   dc_reg_code_text(outcome.code), outcome.reason);
}

/* ---- an hour ----------------------------------------------------------- */

/* What all LSAs say, whatever their sequence. */
struct words {
	uint64_t sum;
	uint32_t lsas;
};

static uint64_t hash_word(const struct dc_hash *hash)
{
	uint64_t word;

	memcpy(&word, hash->byte, sizeof(word));
	return word;
}

static int read_words(const struct dc_object *object, uint32_t left_s, void *arg)
{
	struct words *words = arg;
	struct dc_hash hash;

	if (object->type != DC_LINK_LSA && object->type != DC_PREFIX_LSA)
		return 0;
	dc_hash_bytes(&hash, object->body, object->body_len);
	words->sum += (hash_word(&hash) ^ object->shard) * (object->type + 1);
	words->lsas++;
	return 0;
}

static struct words words_of(const struct host *host)
{
	struct words words = { 0 };

	dc_node_lsdb(host->core, read_words, &words);
	return words;
}

static void hour(struct run *run, struct leases *l)
{
	struct host *far = &l->sim->host[l->sim->hosts - 1];
	struct words before = words_of(far), after;
	uint64_t changes = l->sim->counts.changes;
	struct dc_node_counts was, is;
	struct dc_reg_counts counts;

	l->ns = 0;
	l->announced = 0;
	l->gateway->timed = true;
	l->gateway->real_ns = 0;
	l->gateway->cpu = (struct host_cpu){ 0 };
	dc_node_counts(far->core, &was);
	sim_pass(l->sim, HOUR_NS);
	dc_node_counts(far->core, &is);
	dc_reg_counts(l->reg, &counts);
	after = words_of(far);
	if (after.sum != before.sum || l->announced || l->withdrawn ||
	    l->refused || l->sim->counts.changes != changes)
		sim_broken(l->sim,
			   "renewed: %llu announced, %llu withdrawn, %llu refused, %llu changes",
			   (unsigned long long)l->announced,
			   (unsigned long long)l->withdrawn,
			   (unsigned long long)l->refused,
			   (unsigned long long)(l->sim->counts.changes - changes));
	run_say(run, "leases %llu: %u names for 3,600 s, %llu renewals",
		(unsigned long long)run->config.seed, counts.names,
		(unsigned long long)counts.renewed);
	run_say(run, "  registration: %.2f s of a real processor, %.3f %%",
		l->ns / (double)SIM_S, l->ns * 100.0 / HOUR_NS);
	run_say(run, "  routing beside it: %.2f s real, %.3f %%; charged %.2f s",
		l->gateway->real_ns / (double)SIM_S,
		l->gateway->real_ns * 100.0 / HOUR_NS,
		(l->gateway->cpu.sign + l->gateway->cpu.verify +
		 l->gateway->cpu.packet) / (double)SIM_S);
	run_say(run, "  %u LSAs, none changed; the last router got %llu, %.2f of each: refresh",
		after.lsas, (unsigned long long)(is.installed - was.installed),
		(double)(is.installed - was.installed) / after.lsas);
}

void scenario_leases(struct run *run)
{
	struct dc_reg_config config = { .seed = run->config.seed };
	struct leases l = { .timer_at = UINT64_MAX };
	struct topo topo;
	struct sim *sim = run_begin(run, &topo, TOPOLOGY);
	uint32_t i;

	if (!sim)
		return;
	l.sim = sim;
	l.gateway = &sim->host[0];
	l.reg = dc_reg_new(&config, &ops, &l);
	fault_start(sim, 0);
	service_beacons(sim);
	service_init(&l.tree, "/service", DC_RIGHT_TREE);
	service_grant_rights(sim, &l.tree, DC_RIGHT_TREE);
	sim_pass(sim, SIM_S);
	for (i = 0; i < LEASES; i++)
		add(&l, i);
	for (i = 0; i < LEASES / EACH; i++)
		queue_add(&sim->queue, sim->now + rng_below(&sim->rng, LEASE_S *
							    SIM_S / 2),
			  on_request, &l, i);
	set_timer(&l);
	if (check_settle(sim, SETTLE_NS) != UINT64_MAX) {
		hour(run, &l);
		check_settle(sim, SETTLE_NS);
	}
	run_end(run, &topo, sim);
	dc_reg_free(l.reg);
}
