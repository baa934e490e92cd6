// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "binding.h"
#include "class1.h"
#include "leases.h"
#include "registrar.h"
#include "router.h"
#include "authority.h"

#define S 1000000ULL

/*
 * How long a name that is bound since before this process waits for its pod, at
 * least: its lease was a connection, or may have been renewed since that was
 * written down.
 */
#define ADOPTED_S 60

struct registrar {
	struct daemon *daemon;
	struct dc_reg *reg;
	struct leases *leases;
	struct dc_proof *proof;
	struct event *timer;
	struct event *review;
};

static bool op_ask(void *arg, uint64_t ticket, const struct dc_reg_entry *entry,
		   struct dc_reg_answer *answer)
{
	struct registrar *registrar = arg;

	return authority_ask(registrar->daemon->authority, ticket, entry, answer);
}

static uint32_t weight_of(const struct dc_reg_entry *entry)
{
	return entry->want.right == DC_RIGHT_MEMBER ? entry->want.weight : 0;
}

static int op_bind(void *arg, const struct dc_reg_entry *entry,
		   struct dc_reg_outcome *outcome)
{
	struct registrar *registrar = arg;
	int err;

	err = binding_add(registrar->daemon->ctl, &entry->want.name,
			  entry->want.edge, weight_of(entry), outcome->reason,
			  sizeof(outcome->reason));
	if (!err)
		router_bound(registrar->daemon->router, &entry->want.name);
	return err;
}

static void op_unbind(void *arg, const struct dc_reg_entry *entry)
{
	struct registrar *registrar = arg;

	binding_del(registrar->daemon->ctl, &entry->want.name,
		    entry->want.edge);
	router_unbound(registrar->daemon->router, &entry->want.name);
}

/* Where the node drains an instance keeps the flows it has, and gets no others. */
static struct dc_prefix prefix_of(const struct registrar *registrar,
				  const struct dc_reg_entry *entry)
{
	bool drained = router_is_drained(registrar->daemon->router);

	return (struct dc_prefix){
		.name = entry->want.name, .right = entry->want.right,
		.weight = drained ? 0 : weight_of(entry),
		.epoch = entry->want.epoch, .grant = entry->grant,
	};
}

/* What a portable grant allows counts nowhere without its holder's word. */
static enum dc_verdict flood_binding(struct dc_node *node,
				     const struct dc_reg_want *want,
				     const void *grant, size_t len)
{
	enum dc_verdict verdict;
	struct dc_object object;
	struct dc_grant body;

	if (!want->has_key || !grant ||
	    dc_object_read(&object, grant, len, NULL) ||
	    dc_grant_read(&body, &object) || !dc_grant_portable(&body))
		return DC_VALID;
	verdict = dc_node_object(node, grant, len, clock_us());
	if (verdict != DC_VALID)
		return verdict;
	return dc_node_object(node, want->proof.binding,
			      want->proof.binding_len, clock_us());
}

static enum dc_verdict op_announce(void *arg, const struct dc_reg_entry *entry,
				   const void *grant, size_t len)
{
	struct registrar *registrar = arg;
	struct router *router = registrar->daemon->router;
	struct dc_prefix prefix = prefix_of(registrar, entry);
	char name[DAMC_NAME_TEXT_MAX];
	enum dc_verdict verdict;

	damc_name_format(&prefix.name, name, sizeof(name));
	router_begin(router);
	converge_begin(&registrar->daemon->converge, "announced", name,
		       clock_us(), clock_wall_ms());
	verdict = flood_binding(router_node(router), &entry->want, grant, len);
	router_rebound(router);
	if (verdict == DC_VALID)
		verdict = dc_node_announce(router_node(router), &prefix, grant,
					   len, clock_us());
	router_end(router);
	authority_prove(registrar->daemon->authority, &entry->want);
	/* It has been in the table since before. */
	converge_done(&registrar->daemon->converge, name, 0, clock_us());
	return verdict;
}

static void op_withdraw(void *arg, const struct dc_reg_entry *entry)
{
	struct registrar *registrar = arg;
	struct router *router = registrar->daemon->router;

	router_begin(router);
	dc_node_withdraw(router_node(router), &entry->want.name, clock_us());
	router_end(router);
}

static void op_told(void *arg, uint64_t ticket,
		    const struct dc_reg_entry *entry,
		    const struct dc_reg_outcome *outcome)
{
	struct registrar *registrar = arg;
	struct daemon *daemon = registrar->daemon;
	char name[DAMC_NAME_TEXT_MAX], pod[DAMC_NAME_TEXT_MAX];
	bool up = outcome->code == DC_REG_DONE;

	damc_name_format(&entry->want.name, name, sizeof(name));
	damc_name_format(&entry->want.pod, pod, sizeof(pod));
	if (up)
		log_event(&daemon->log, LOG_INFO, "registered",
			  "name=%s pod=%s", name, pod);
	else
		log_event(&daemon->log, LOG_INFO,
			  outcome->code == DC_REG_ENDED ? "unregistered"
							: "not-registered",
			  "name=%s pod=%s why=%s reason=\"%s\"", name, pod,
			  dc_reg_code_text(outcome->code), outcome->reason);
	class1_told(daemon->class1, ticket, entry, outcome);
}

static void op_forget(void *arg, const struct dc_reg_want *want)
{
	struct registrar *registrar = arg;

	authority_forget(registrar->daemon->authority, want);
}

static const struct dc_reg_ops ops = {
	.ask = op_ask,
	.bind = op_bind,
	.unbind = op_unbind,
	.announce = op_announce,
	.withdraw = op_withdraw,
	.told = op_told,
	.forget = op_forget,
};

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct registrar *registrar = arg;

	(void)fd;
	(void)what;
	dc_reg_timer(registrar->reg, clock_us());
	registrar_arm(registrar);
}

void registrar_arm(struct registrar *registrar)
{
	uint64_t at = dc_reg_next(registrar->reg), now = clock_us();
	uint64_t in = at > now ? at - now : 0;
	struct timeval tv = { .tv_sec = in / S, .tv_usec = in % S };

	if (at == UINT64_MAX)
		event_del(registrar->timer);
	else
		event_add(registrar->timer, &tv);
	leases_changed(registrar->leases);
}

/* ---- drain ------------------------------------------------------------- */

static int announce_again(const struct dc_reg_entry *entry, void *arg)
{
	struct registrar *registrar = arg;
	struct dc_prefix prefix = prefix_of(registrar, entry);
	struct router *router = registrar->daemon->router;

	if (entry->state == DC_REG_ACTIVE &&
	    entry->want.right == DC_RIGHT_MEMBER)
		dc_node_announce(router_node(router), &prefix, NULL, 0,
				 clock_us());
	return 0;
}

void registrar_announce_again(struct registrar *registrar)
{
	dc_reg_each(registrar->reg, announce_again, registrar);
}

/* ---- revocation, and keys that moved on -------------------------------- */

static enum dc_verdict verdict_on(struct registrar *registrar,
				  const struct dc_reg_entry *entry)
{
	struct router *router = registrar->daemon->router;
	struct dc_prefix prefix = prefix_of(registrar, entry);

	if (sodium_is_zero(entry->grant.byte, sizeof(entry->grant.byte)))
		return DC_VALID;
	return dc_trust_prefix(dc_node_trust(router_node(router)),
			       router_id(router), &prefix, clock_us());
}

static enum dc_reg_review judge(const struct dc_reg_entry *entry, void *arg)
{
	switch (verdict_on(arg, entry)) {
	case DC_REVOKED:
		return DC_REG_REVOKED;
	case DC_NOT_ALLOWED:
		return entry->want.has_key && entry->state == DC_REG_ACTIVE ?
			DC_REG_MOVED : DC_REG_STAYS;
	default:
		return DC_REG_STAYS;
	}
}

static void on_review(evutil_socket_t fd, short what, void *arg)
{
	struct registrar *registrar = arg;

	(void)fd;
	(void)what;
	dc_reg_review(registrar->reg, judge, registrar, clock_us());
	registrar_arm(registrar);
}

void registrar_review(struct registrar *registrar)
{
	event_active(registrar->review, EV_TIMEOUT, 0);
}

/* ---- keys -------------------------------------------------------------- */

struct dc_proof *registrar_proof(struct registrar *registrar)
{
	return registrar->proof;
}

static void is_proven(const struct registrar *registrar,
		      struct dc_reg_want *want,
		      const struct dc_proof_claim *claim,
		      const struct dc_object *object)
{
	uint64_t now_ms = router_time(registrar->daemon->router);

	want->has_key = true;
	memcpy(want->proof.key, claim->key, sizeof(want->proof.key));
	want->epoch = object->seq.epoch;
	want->proof.until_us = clock_us();
	if (object->not_after > now_ms)
		want->proof.until_us += (object->not_after - now_ms) * 1000;
}

enum dc_proof_code registrar_prove(struct registrar *registrar,
				   struct dc_reg_want *want)
{
	struct dc_proof_claim claim = {
		.name = want->name, .right = want->right,
	};
	enum dc_proof_code code;
	struct dc_object object;

	code = dc_proof_take(registrar->proof, &claim, want->proof.binding,
			     want->proof.binding_len, clock_us(), &object);
	if (code == DC_PROOF_GOOD)
		is_proven(registrar, want, &claim, &object);
	return code;
}

/* What an earlier process took once is good here until it ends. */
static bool prove_again(struct registrar *registrar, struct dc_reg_want *want)
{
	struct dc_proof_claim claim = {
		.name = want->name, .right = want->right,
	};
	struct dc_object object;

	if (!want->proof.binding_len)
		return true;
	if (dc_proof_again(registrar->proof, &claim, want->proof.binding,
			   want->proof.binding_len, &object) != DC_PROOF_GOOD)
		return false;
	is_proven(registrar, want, &claim, &object);
	return true;
}

static struct dc_proof *make_proof(struct daemon *daemon)
{
	struct dc_proof_config config = {
		.crypto = &dc_ed25519,
		.trust = dc_node_trust(router_node(daemon->router)),
		.domain = dc_domain_of(router_identity(daemon->router)->domain),
		.gateway = *router_id(daemon->router),
	};
	struct dc_proof *proof;

	randombytes_buf(config.secret, sizeof(config.secret));
	proof = dc_proof_new(&config);
	sodium_memzero(&config, sizeof(config));
	return proof;
}

/* ---- start and end ----------------------------------------------------- */

/* One that an earlier process was given: it is renewed as if it were this one's. */
static void keep_grant(void *arg, const struct leases_grant *kept)
{
	struct registrar *registrar = arg;
	struct daemon *daemon = registrar->daemon;
	struct dc_reg_answer answer = {
		.code = DC_REG_DONE, .grant = kept->bytes,
		.grant_len = kept->len,
	};
	uint64_t now_ms = router_time(daemon->router);
	struct dc_reg_want want = kept->want;
	struct dc_object object;

	if (!prove_again(registrar, &want))
		return;
	if (dc_object_read(&object, kept->bytes, kept->len, NULL) ||
	    object.type != DC_GRANT || object.not_after <= now_ms)
		return;
	dc_object_hash(&object, &answer.hash);
	answer.until_us = clock_us() + (object.not_after - now_ms) * 1000;
	if (!dc_reg_keep(registrar->reg, &want, &answer))
		authority_hold(daemon->authority, &want, &object,
			       kept->renew_ms);
}

static int take_leases(struct registrar *registrar)
{
	registrar->leases = leases_new(registrar->daemon, registrar->reg);
	if (!registrar->leases) {
		log_event(&registrar->daemon->log, LOG_ERROR, "no-leases",
			  "dir=%s error=\"%s\"",
			  registrar->daemon->config.state, strerror(errno));
		return -1;
	}
	leases_grants(registrar->leases, keep_grant, registrar);
	return 0;
}

struct registrar *registrar_new(struct daemon *daemon)
{
	struct dc_reg_config config = {
		.drain_us = daemon->config.drain_ms * 1000ULL,
	};
	struct registrar *registrar = calloc(1, sizeof(*registrar));

	if (!registrar)
		return NULL;
	registrar->daemon = daemon;
	randombytes_buf(&config.seed, sizeof(config.seed));
	registrar->reg = dc_reg_new(&config, &ops, registrar);
	registrar->proof = make_proof(daemon);
	registrar->timer = evtimer_new(daemon->base, on_timer, registrar);
	registrar->review = evtimer_new(daemon->base, on_review, registrar);
	if (registrar->reg && registrar->proof && registrar->timer &&
	    registrar->review && !take_leases(registrar))
		return registrar;
	registrar_free(registrar);
	return NULL;
}

void registrar_free(struct registrar *registrar)
{
	if (!registrar)
		return;
	leases_free(registrar->leases);
	dc_reg_free(registrar->reg);
	dc_proof_free(registrar->proof);
	if (registrar->timer)
		event_free(registrar->timer);
	if (registrar->review)
		event_free(registrar->review);
	free(registrar);
}

void registrar_configure(struct registrar *registrar)
{
	dc_reg_set_drain(registrar->reg,
			 registrar->daemon->config.drain_ms * 1000ULL);
}

struct dc_reg *registrar_reg(struct registrar *registrar)
{
	return registrar->reg;
}

bool registrar_settled(const struct registrar *registrar)
{
	return dc_reg_settled(registrar->reg);
}

/* ---- edges ------------------------------------------------------------- */

struct found {
	const struct registrar_edge *edge;
	void *binds;
	size_t n;
};

/* What the kernel is told of them has to wait until it has told of all. */
static int find_bound(const struct damc_bind *bind, void *arg)
{
	struct found *found = arg;

	if (bind->kind != DAMC_BIND_KIND_DEV ||
	    bind->ifindex != found->edge->ifindex ||
	    damc_name_equal(&bind->name, found->edge->pod))
		return 0;
	return array_append(&found->binds, &found->n, bind, sizeof(*bind));
}

static void adopt(const struct registrar_edge *edge,
		  const struct damc_bind *bind)
{
	struct registrar *registrar = edge->registrar;
	struct dc_reg_want want = {
		.name = bind->name, .pod = *edge->pod, .edge = edge->ifindex,
		.right = bind->weight ? DC_RIGHT_MEMBER : DC_RIGHT_NAME,
		.weight = bind->weight ?: 1, .lease_s = ADOPTED_S,
		.epoch = router_time(registrar->daemon->router) / 1000,
	};
	uint64_t now = clock_us(), end;

	end = leases_take(registrar->leases, &want);
	/* Without the proof it is the pod's, if that may have it. */
	prove_again(registrar, &want);
	if (end < now + ADOPTED_S * S)
		end = now + ADOPTED_S * S;
	dc_reg_adopt(registrar->reg, &want, end, now);
}

static void adopt_all(const struct registrar_edge *edge)
{
	struct daemon *daemon = edge->registrar->daemon;
	struct found found = { .edge = edge };
	int err = damc_bind_dump(daemon->ctl, find_bound, &found);
	const struct damc_bind *bind = found.binds;
	size_t i;

	if (err)
		log_event(&daemon->log, LOG_ERROR, "names-not-found",
			  "ifindex=%u error=\"%s\"", edge->ifindex,
			  strerror(-err));
	for (i = 0; i < found.n; i++)
		adopt(edge, &bind[i]);
	free(found.binds);
}

/* Where answers to the pod's calls are sent: covered by our certificate. */
static void announce_pod(const struct registrar_edge *edge)
{
	struct daemon *daemon = edge->registrar->daemon;
	struct dc_prefix prefix = {
		.name = *edge->pod, .right = DC_RIGHT_NAME,
		.epoch = router_time(daemon->router) / 1000,
	};
	enum dc_verdict verdict;

	verdict = dc_node_announce(router_node(daemon->router), &prefix, NULL,
				   0, clock_us());
	if (verdict != DC_VALID)
		log_event(&daemon->log, LOG_ERROR, "pod-not-announced",
			  "ifindex=%u reason=\"%s\"", edge->ifindex,
			  dc_verdict_text(verdict));
	router_arm(daemon->router);
}

int registrar_edge_up(const struct registrar_edge *edge)
{
	struct daemon *daemon = edge->registrar->daemon;
	char why[DC_REG_REASON_MAX];
	int err;

	err = binding_edge(daemon->ctl, edge->ifindex, edge->pod, why,
			   sizeof(why));
	if (err) {
		log_event(&daemon->log, LOG_ERROR, "edge-refused",
			  "ifindex=%u error=\"%s\" reason=\"%s\"",
			  edge->ifindex, strerror(-err), why);
		return err;
	}
	announce_pod(edge);
	adopt_all(edge);
	registrar_arm(edge->registrar);
	return 0;
}

static void forget_pod(const struct registrar_edge *edge)
{
	struct router *router = edge->registrar->daemon->router;

	dc_node_withdraw(router_node(router), edge->pod, clock_us());
	router_edge_gone(router);
	router_arm(router);
	registrar_arm(edge->registrar);
}

void registrar_edge_gone(const struct registrar_edge *edge)
{
	dc_reg_edge_gone(edge->registrar->reg, edge->ifindex, clock_us());
	forget_pod(edge);
}

void registrar_edge_closed(const struct registrar_edge *edge)
{
	struct damc_ctl *ctl = edge->registrar->daemon->ctl;

	dc_reg_edge_closed(edge->registrar->reg, edge->ifindex, clock_us());
	binding_del(ctl, edge->pod, edge->ifindex);
	forget_pod(edge);
}
