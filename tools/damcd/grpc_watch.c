// SPDX-License-Identifier: GPL-2.0
/* Who has which names: List and Watch, and what watches are told. */
#include "class1_json.h"
#include "grpc_service.h"

static const struct class1_problem slow = {
	429, "too-slow", "More changes came than were read.",
	"Read faster, or watch less; begin anew.",
};

/* ---- List, Watch ------------------------------------------------------- */

struct listing {
	struct h2_call *call;
	const struct grpc_filter *filter;
	bool watch;
	uint64_t now_us;
	struct class1_edge *edge;
	size_t told;
};

static void list_name(struct listing *listing, struct grpc_name *name)
{
	listing->told++;
	if (listing->watch)
		grpc_send_change(listing->call, true, name, NULL);
	else
		grpc_send_message(listing->call, &name->pb.base);
}

static void list_offer(const struct class1_offer *offer, void *arg)
{
	struct grpc_name name;

	grpc_name_offer(&name, offer);
	list_name(arg, &name);
}

/* Of others it is what they have; of its own a pod sees what is under way. */
static int list_entry(const struct dc_reg_entry *entry, void *arg)
{
	struct listing *listing = arg;
	bool own = entry->want.edge == listing->edge->ifindex;
	struct grpc_name name;

	if (!damc_name_below(&entry->want.name, &listing->filter->below) ||
	    (!own && listing->filter->mine) ||
	    ((!own || listing->watch) && entry->state != DC_REG_ACTIVE) ||
	    (!own && !class1_may_see(listing->edge, &entry->want.name)))
		return 0;
	/* Of what a watch tells, the lease would soon not be true. */
	grpc_name_entry(&name, entry, own && !listing->watch, listing->now_us);
	name.pb.own = own;
	list_name(listing, &name);
	return listing->call->finished;
}

/* Whether it is for a call rule that there is nothing to tell; then it is told. */
static bool is_refused(const struct listing *listing)
{
	struct class1_problem problem;
	enum dc_call call;

	if (listing->filter->mine || listing->watch || listing->told)
		return false;
	call = class1_call(listing->edge, &listing->filter->below);
	if (dc_call_may(call))
		return false;
	class1_problem_of_call(&problem, call);
	h2_call_finish(listing->call, &problem);
	return true;
}

/* False, and it was answered, if it was asked too often, or call rules refuse it. */
static bool list_all(const struct grpc_ask *ask,
		     const struct grpc_filter *filter, bool watch)
{
	struct listing listing = {
		.call = ask->call, .filter = filter, .watch = watch,
		.edge = ask->edge, .now_us = clock_us(),
	};

	if (filter->fabric &&
	    !class1_fabric(ask->edge, &filter->below, list_offer, &listing)) {
		h2_call_finish(ask->call, &class1_too_often);
		return false;
	}
	dc_reg_each(ask->reg, list_entry, &listing);
	return !is_refused(&listing);
}

void grpc_run_list(const struct grpc_ask *ask)
{
	struct class1_problem problem;
	struct grpc_filter filter;

	if (!grpc_read_list(&filter, ask->bytes, ask->len, &problem))
		h2_call_finish(ask->call, &problem);
	else if (list_all(ask, &filter, false))
		h2_call_finish(ask->call, NULL);
}

static void begin_watch(const struct grpc_ask *ask,
			const struct grpc_filter *filter)
{
	Damc__Class1__V1__Change ready;
	struct grpc_work *work;

	work = grpc_work_new(ask);
	if (!work) {
		h2_call_finish(ask->call, &class1_no_memory);
		return;
	}
	if (!list_all(ask, filter, true))
		return;
	work->below = filter->below;
	work->fabric = filter->fabric;
	work->watching = true;
	ask->edge->watches++;
	LIST_INSERT_HEAD(&ask->grpc->watches, work, watches);
	damc__class1__v1__change__init(&ready);
	ready.event = DAMC__CLASS1__V1__CHANGE__EVENT__EVENT_READY;
	grpc_send_message(ask->call, &ready.base);
}

void grpc_run_watch(const struct grpc_ask *ask)
{
	struct class1_problem problem = class1_too_many_watches;
	struct grpc_filter filter;

	if (ask->edge->watches == CLASS1_WATCHES_MAX ||
	    !grpc_read_watch(&filter, ask->bytes, ask->len, &problem))
		h2_call_finish(ask->call, &problem);
	else
		begin_watch(ask, &filter);
}

/* ---- what watches are told --------------------------------------------- */

void grpc_end_watching(struct grpc_work *work)
{
	if (work->watching) {
		LIST_REMOVE(work, watches);
		work->peer->edge->edge->watches--;
	}
	work->watching = false;
}

static void watch_tell(struct grpc_work *work, bool up, struct grpc_name *name,
		       const char *why)
{
	if (h2_call_queued(work->call) > CLASS1_WATCH_BYTES_MAX)
		h2_call_finish(work->call, &slow);
	else
		grpc_send_change(work->call, up, name, why);
}

void grpc_tell_watches(struct grpc *grpc, uint32_t edge,
		       const struct damc_name *is, bool up,
		       struct grpc_name *name, const char *why)
{
	struct class1_edge *to;
	struct grpc_work *work;

	LIST_FOREACH(work, &grpc->watches, watches) {
		to = work->peer->edge->edge;
		if (!damc_name_below(is, &work->below) ||
		    (name->pb.fabric && !work->fabric))
			continue;
		name->pb.own = edge && edge == to->ifindex;
		if (!name->pb.own && !class1_may_see(to, is))
			continue;
		watch_tell(work, up, name, why);
	}
}

void grpc_route(struct grpc *grpc, const struct damc_name *is, bool up)
{
	struct grpc_name name;

	if (LIST_EMPTY(&grpc->watches) || dc_reg_reserved(is))
		return;
	grpc_name_bare(&name, is);
	grpc_tell_watches(grpc, 0, is, up, &name, NULL);
}

void grpc_recalled(struct grpc *grpc)
{
	struct grpc_work *work, *next;

	for (work = LIST_FIRST(&grpc->watches); work; work = next) {
		next = LIST_NEXT(work, watches);
		if (!work->peer->edge->edge->recalled)
			continue;
		grpc_end_watching(work);
		h2_call_finish(work->call, &class1_recalled_problem);
	}
}
