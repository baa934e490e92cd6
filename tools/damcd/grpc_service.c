// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "grpc_service.h"
#include "registrar.h"
#include "router.h"

static const struct class1_problem leased = {
	400, "bad-request", "\"lease_s\" of Hold has to be 0.",
	"The stream is the lease; Register takes seconds.",
};

static const struct class1_problem replaced = {
	409, "ended", "The name was registered anew by another call.",
	"One stream holds a name at a time.",
};

/* ---- answers ----------------------------------------------------------- */

/* They are freed; NULL: there was no memory for them. */
static void send_bytes(struct h2_call *call, void *bytes, size_t len)
{
	if (!bytes || h2_call_send(call, bytes, len))
		h2_call_finish(call, bytes ? &h2_spent : &class1_no_memory);
	free(bytes);
}

void grpc_send_message(struct h2_call *call, const ProtobufCMessage *message)
{
	size_t len;
	void *bytes = grpc_pack(message, &len);

	send_bytes(call, bytes, len);
}

/* The whole of an answer. */
static void reply(struct h2_call *call, const ProtobufCMessage *message)
{
	grpc_send_message(call, message);
	h2_call_finish(call, NULL);
}

void grpc_send_change(struct h2_call *call, bool up, struct grpc_name *name,
		      const char *why)
{
	Damc__Class1__V1__Change change;

	damc__class1__v1__change__init(&change);
	if (!up)
		change.event = DAMC__CLASS1__V1__CHANGE__EVENT__EVENT_DOWN;
	change.name = &name->pb;
	if (why) {
		change.why.data = (uint8_t *)why;
		change.why.len = strlen(why);
	}
	grpc_send_message(call, &change.base);
}

/* ---- calls that last --------------------------------------------------- */

struct grpc_work *grpc_work_new(const struct grpc_ask *ask)
{
	struct grpc_work *work = calloc(1, sizeof(*work));

	if (!work)
		return NULL;
	work->peer = ask->peer;
	work->call = ask->call;
	ask->call->user = work;
	return work;
}

static void end_waiting(struct grpc_work *work)
{
	if (work->waiting)
		LIST_REMOVE(work, waits);
	work->waiting = false;
}

static void end_holding(struct grpc_work *work)
{
	if (work->holding)
		namemap_remove(&work->peer->edge->grpc->held, &work->held);
	work->holding = false;
}

static void holder_gone(struct class1 *class1, struct dc_reg_holder *holder)
{
	struct registrar *registrar = class1->daemon->registrar;

	if (!holder || class1->abandoned)
		return;
	dc_reg_holder_gone(registrar_reg(registrar), holder, clock_us());
	registrar_arm(registrar);
}

void grpc_ended(void *arg, struct h2_call *call)
{
	struct grpc_peer *peer = arg;
	struct grpc_work *work = call->user;

	if (!work)
		return;
	end_waiting(work);
	end_holding(work);
	grpc_end_watching(work);
	holder_gone(peer->edge->grpc->class1, work->holder);
	free(work);
}

/* ---- Register, Hold ---------------------------------------------------- */

/* The name has another holder, or is no more. */
static void let_go(struct grpc *grpc, const struct damc_name *name,
		   const struct class1_problem *why)
{
	struct grpc_work *work = (void *)namemap_find(&grpc->held, name);

	if (!work)
		return;
	end_holding(work);
	h2_call_finish(work->call, why);
}

static void hold(struct grpc_work *work, const struct damc_name *name)
{
	work->held.name = *name;
	namemap_add(&work->peer->edge->grpc->held, &work->held);
	work->holding = true;
}

/* It is registered: say so, and of a Hold go on. */
static void registered(struct grpc_work *work, const struct dc_reg_entry *entry)
{
	struct grpc_name name;

	let_go(work->peer->edge->grpc, &entry->want.name, &replaced);
	grpc_name_entry(&name, entry, true, clock_us());
	if (!work->holder) {
		reply(work->call, &name.pb.base);
		return;
	}
	hold(work, &entry->want.name);
	grpc_send_change(work->call, true, &name, NULL);
}

static void answer(struct grpc_work *work, const struct dc_reg_entry *entry,
		   const struct dc_reg_outcome *outcome)
{
	struct class1_problem problem;

	if (outcome->code == DC_REG_DONE) {
		registered(work, entry);
		return;
	}
	class1_problem_of(outcome, &problem);
	h2_call_finish(work->call, &problem);
}

/* Of those that wait for one name, the last one's terms are the name's. */
static void wait_for(const struct grpc_ask *ask, struct grpc_work *work,
		     uint64_t ticket)
{
	struct grpc_works *waits = &ask->grpc->waits[ticket % CLASS1_BUCKETS];
	struct grpc_work *other, *next;

	for (other = LIST_FIRST(waits); other; other = next) {
		next = LIST_NEXT(other, waits);
		if (other->ticket != ticket || !other->holder)
			continue;
		end_waiting(other);
		h2_call_finish(other->call, &replaced);
	}
	work->waiting = true;
	work->ticket = ticket;
	LIST_INSERT_HEAD(waits, work, waits);
}

static void add(const struct grpc_ask *ask, const struct dc_reg_want *want,
		struct grpc_work *work, struct dc_reg_holder *holder)
{
	struct dc_reg_outcome outcome;
	uint64_t ticket;

	dc_reg_add(ask->reg, want, holder, clock_us(), &ticket, &outcome);
	registrar_arm(ask->registrar);
	if (outcome.code == DC_REG_ASKED)
		wait_for(ask, work, ticket);
	else
		answer(work, dc_reg_find(ask->reg, &want->name), &outcome);
}

static bool is_proven(const struct grpc_ask *ask, struct dc_reg_want *want,
		      struct class1_problem *problem)
{
	enum dc_proof_code code = DC_PROOF_GOOD;

	if (want->proof.binding_len)
		code = registrar_prove(ask->registrar, want);
	if (code != DC_PROOF_GOOD)
		class1_problem_of_proof(code, problem);
	return code == DC_PROOF_GOOD;
}

static bool read_want(const struct grpc_ask *ask, struct dc_reg_want *want)
{
	struct class1_problem problem = class1_no_interface;
	const struct class1_edge *edge = ask->edge;

	*want = (struct dc_reg_want){
		.pod = edge->config.pod, .edge = edge->ifindex,
		.epoch = router_time(edge->class1->daemon->router) / 1000,
	};
	if (edge->ifindex &&
	    grpc_read_want(want, ask->bytes, ask->len, &problem) &&
	    is_proven(ask, want, &problem))
		return true;
	h2_call_finish(ask->call, &problem);
	return false;
}

static void run_register(const struct grpc_ask *ask)
{
	struct grpc_peer *peer = ask->peer;
	struct dc_reg_want want;
	struct grpc_work *work;

	if (!read_want(ask, &want))
		return;
	work = grpc_work_new(ask);
	if (work && !want.lease_s && !peer->holder)
		peer->holder = dc_reg_holder_new(ask->reg);
	if (!work || (!want.lease_s && !peer->holder))
		h2_call_finish(ask->call, &class1_no_memory);
	else
		add(ask, &want, work, want.lease_s ? NULL : peer->holder);
}

static void run_hold(const struct grpc_ask *ask)
{
	struct dc_reg_want want;
	struct grpc_work *work;

	if (!read_want(ask, &want))
		return;
	if (want.lease_s) {
		h2_call_finish(ask->call, &leased);
		return;
	}
	work = grpc_work_new(ask);
	if (work)
		work->holder = dc_reg_holder_new(ask->reg);
	if (!work || !work->holder)
		h2_call_finish(ask->call, &class1_no_memory);
	else
		add(ask, &want, work, work->holder);
}

/* ---- Nonce ------------------------------------------------------------- */

static void run_nonce(const struct grpc_ask *ask)
{
	struct daemon *daemon = ask->edge->class1->daemon;
	uint8_t binding[DC_OBJECT_MAX];
	struct class1_problem problem;
	struct dc_proof_claim claim;
	uint32_t epoch;
	void *bytes;
	size_t len;
	int n;

	if (!grpc_read_claim(&claim, ask->bytes, ask->len, &problem)) {
		h2_call_finish(ask->call, &problem);
		return;
	}
	n = dc_proof_offer(registrar_proof(ask->registrar), &claim, clock_us(),
			   &epoch, binding);
	if (n < 0) {
		class1_problem_of_proof(DC_PROOF_MALFORMED, &problem);
		h2_call_finish(ask->call, &problem);
		return;
	}
	bytes = grpc_offer(router_id(daemon->router), epoch, binding, n, &len);
	send_bytes(ask->call, bytes, len);
	h2_call_finish(ask->call, NULL);
}

/* ---- Renew, Withdraw --------------------------------------------------- */

static const char *renew_one(const struct damc_name *name, uint32_t lease_s,
			     void *arg)
{
	const struct grpc_ask *ask = arg;
	int err = dc_reg_renew(ask->reg, name, ask->edge->ifindex, lease_s,
			       clock_us());

	if (!err)
		return NULL;
	return err == -EPERM ? class1_not_yours.code
			     : class1_not_registered.code;
}

static void run_renew(const struct grpc_ask *ask)
{
	struct class1_problem problem;
	void *bytes;
	size_t len;

	if (!grpc_read_renewal(renew_one, (void *)ask, ask->bytes, ask->len,
			       &bytes, &len, &problem)) {
		h2_call_finish(ask->call, &problem);
		return;
	}
	registrar_arm(ask->registrar);
	send_bytes(ask->call, bytes, len);
	h2_call_finish(ask->call, NULL);
}

static void run_withdraw(const struct grpc_ask *ask)
{
	Damc__Class1__V1__WithdrawReply nothing;
	struct class1_problem problem;
	struct damc_name name;
	int err;

	if (!grpc_read_withdrawal(&name, ask->bytes, ask->len, &problem)) {
		h2_call_finish(ask->call, &problem);
		return;
	}
	err = dc_reg_del(ask->reg, &name, ask->edge->ifindex, clock_us());
	registrar_arm(ask->registrar);
	if (err) {
		h2_call_finish(ask->call, err == -EPERM ? &class1_not_yours
							: &class1_not_registered);
		return;
	}
	damc__class1__v1__withdraw_reply__init(&nothing);
	reply(ask->call, &nothing.base);
}

/* ---- which is it ------------------------------------------------------- */

#define SERVICE "/damc.class1.v1.Registry/"

const char *const grpc_paths[] = {
	SERVICE "Register", SERVICE "Hold", SERVICE "Renew", SERVICE "Withdraw",
	SERVICE "List", SERVICE "Watch", SERVICE "Nonce",
};

static void (*const runs[])(const struct grpc_ask *ask) = {
	run_register, run_hold, run_renew, run_withdraw, grpc_run_list,
	grpc_run_watch, run_nonce,
};

const unsigned int grpc_n_paths = ARRAY_SIZE(runs);

void grpc_request(void *arg, struct h2_call *call, const void *bytes,
		  size_t len)
{
	struct grpc_peer *peer = arg;
	struct class1_edge *edge = peer->edge->edge;
	struct registrar *registrar = edge->class1->daemon->registrar;
	const struct grpc_ask ask = {
		.peer = peer, .call = call, .grpc = peer->edge->grpc,
		.edge = edge, .registrar = registrar,
		.reg = registrar_reg(registrar), .bytes = bytes, .len = len,
	};

	runs[call->method](&ask);
}

/* ---- what became of a name --------------------------------------------- */

static void answer_waiting(struct grpc *grpc, uint64_t ticket,
			   const struct dc_reg_entry *entry,
			   const struct dc_reg_outcome *outcome)
{
	struct grpc_work *work, *next;

	for (work = LIST_FIRST(&grpc->waits[ticket % CLASS1_BUCKETS]); work;
	     work = next) {
		next = LIST_NEXT(work, waits);
		if (work->ticket != ticket)
			continue;
		end_waiting(work);
		answer(work, entry, outcome);
	}
}

static void lost(struct grpc *grpc, const struct damc_name *name,
		 const struct dc_reg_outcome *outcome)
{
	struct class1_problem problem;

	if (!grpc->held.n)
		return;
	class1_problem_of(outcome, &problem);
	/* Its registration was answered long ago. */
	if (outcome->code == DC_REG_ENDED)
		snprintf(problem.message, sizeof(problem.message),
			 "The name ended: %s.", outcome->reason);
	let_go(grpc, name, &problem);
}

void grpc_told(struct grpc *grpc, uint64_t ticket,
	       const struct dc_reg_entry *entry,
	       const struct dc_reg_outcome *outcome)
{
	bool up = outcome->code == DC_REG_DONE;
	struct grpc_name name;

	if (ticket)
		answer_waiting(grpc, ticket, entry, outcome);
	if (!up)
		lost(grpc, &entry->want.name, outcome);
	if (LIST_EMPTY(&grpc->watches))
		return;
	grpc_name_entry(&name, entry, false, clock_us());
	grpc_tell_watches(grpc, entry->want.edge, &entry->want.name, up, &name,
			  up ? NULL : dc_reg_code_text(outcome->code));
}
