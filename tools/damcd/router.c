// SPDX-License-Identifier: GPL-2.0
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "callees.h"
#include "class1.h"
#include "registrar.h"
#include "router_int.h"
#include "watch.h"

/*
 * What an earlier process left is not touched until neighbours have told what they
 * know, but for no longer than that; and ways are computed a moment after the last
 * of them has. The same goes for names that it announced, until their pods' grants
 * are known to be good.
 */
#define HOLD_S 15
#define SETTLE_MS 1000

/* ---- what the node does ------------------------------------------------ */

static void op_send(void *arg, uint32_t ifindex,
		    const struct damc_lladdr *peer, const void *packet,
		    size_t len, enum dc_urgency urgency)
{
	struct router *router = arg;

	/* The kernel knows the link's group only; who is not meant, drops it. */
	(void)peer;
	(void)urgency;
	if (!router->sent_us)
		router->sent_us = clock_us();
	router_send(router, ifindex, packet, len);
}

static void op_change(void *arg, const struct dc_fib_change *change)
{
	struct router *router = arg;

	table_change(router->table, change);
	if (change->op != DC_FIB_ROUTE && change->op != DC_FIB_ROUTE_DEL)
		return;
	if (!*router->changed)
		damc_name_format(&change->name, router->changed,
				 sizeof(router->changed));
	class1_route(router->daemon->class1, &change->name,
		     change->op == DC_FIB_ROUTE && !change->unreachable);
}

/*
 * When what the kernel had no room for is tried again. Sooner than was meant if
 * something was taken out; later it is put off only by a try.
 */
void router_arm_full(struct router *router)
{
	struct timeval in = { .tv_sec = table_retry_s(router->table) };

	if (!in.tv_sec && router->ports_lack)
		in.tv_sec = TABLE_RETRY_MIN_S;
	router->full_s = in.tv_sec;
	if (router->full_s)
		event_add(router->full, &in);
}

/* What there is no room for is tried again; if that may cost routes, it is said. */
static void see_room(struct router *router)
{
	uint32_t in = table_retry_s(router->table);
	struct table_counts counts;

	if (in && (!router->full_s || in < router->full_s))
		router_arm_full(router);
	table_counts(router->table, &counts);
	if (counts.full && !router->overload)
		event_active(router->full, EV_TIMEOUT, 0);
}

static void op_flush(void *arg)
{
	struct router *router = arg;
	struct table_counts counts;

	table_flush(router->table);
	see_room(router);
	table_counts(router->table, &counts);
	if (counts.changes == router->changes)
		return;
	router->flushed_us = clock_us();
	router->flushed = counts.changes - router->changes;
	router->changes = counts.changes;
}

static void op_neighbour(void *arg, uint32_t link, uint32_t ifindex,
			 const struct damc_lladdr *peer,
			 const struct dc_node_id *id, bool up)
{
	struct router *router = arg;

	const struct config_fabric *udp = router_udp_at(router, ifindex);
	struct damc_neigh_config config = { 0 };
	char words[96 + ROUTER_PLACE_MAX], place[ROUTER_PLACE_MAX];
	struct damc_neigh where;

	if (udp)
		router_place_text(udp, place);
	else
		snprintf(place, sizeof(place), "ifindex=%u", ifindex);
	snprintf(words, sizeof(words), "id=%.*s link=%u %s", id->len,
		 (const char *)id->byte, link, place);
	log_event(&router->daemon->log, LOG_INFO,
		  up ? "neighbour-up" : "neighbour-down", "%s", words);
	converge_begin(&router->daemon->converge,
		       up ? "neighbour-up" : "neighbour-down", words,
		       router->call_us, router->call_ms);
	if (up)
		watch_config(router->daemon->watch, id, &config);
	else
		config.has = DAMC_NEIGH_HAS_CONTROL_KEY;
	config.has |= DAMC_NEIGH_HAS_ADMIN;
	config.admin = up ? DAMC_NEIGH_ADMIN_UP : DAMC_NEIGH_ADMIN_DOWN;
	router_where(router, ifindex, peer, &where);
	table_neighbour(router->table, link, &where, &config);
	sodium_memzero(&config, sizeof(config));
	see_room(router);
	watch_anew(router->daemon->watch, link);
}

/* What its address sends and this key does not vouch for, the kernel bounds. */
static void op_session(void *arg, uint32_t link, uint32_t ifindex,
		       const struct damc_lladdr *peer, const uint8_t *tag_key)
{
	struct damc_neigh_config config = { .has = DAMC_NEIGH_HAS_CONTROL_KEY };
	struct router *router = arg;
	struct damc_neigh where;

	memcpy(config.control_key, tag_key, sizeof(config.control_key));
	router_where(router, ifindex, peer, &where);
	table_neighbour(router->table, link, &where, &config);
	sodium_memzero(&config, sizeof(config));
}

/* Of what a node tells, all else is as it should be. */
static enum log_level event_level(const char *what)
{
	return strcmp(what, "duplicate-node-id") &&
	       strcmp(what, "neighbour-lies") ? LOG_INFO : LOG_WARNING;
}

static void op_event(void *arg, const char *what, const char *words)
{
	struct router *router = arg;

	log_event(&router->daemon->log, event_level(what), what, "%s", words);
}

const struct dc_node_ops router_ops = {
	.send = op_send,
	.fib = { .change = op_change, .flush = op_flush },
	.neighbour = op_neighbour,
	.session = op_session,
	.event = op_event,
};

/* ---- calls of the node ------------------------------------------------- */

void router_begin(struct router *router)
{
	router->call_us = clock_us();
	router->call_ms = clock_wall_ms();
	router->sent_us = 0;
	router->flushed_us = 0;
	*router->changed = '\0';
	dc_node_counts(router->node, &router->before);
}

/* Rules that end by time are seen here, too: an object's end is a timer's. */
static void review_calls(struct router *router)
{
	struct daemon *daemon = router->daemon;
	struct dc_trust_counts counts;
	int err = 0;

	dc_trust_counts(dc_node_trust(router->node), &counts);
	if (counts.recalled == router->recalled)
		return;
	router->recalled = counts.recalled;
	class1_recalled(daemon->class1);
	if (counts.callees != router->callees)
		err = callees_write(daemon, dc_node_trust(router->node));
	router->callees = counts.callees;
	if (err)
		log_event(&daemon->log, LOG_WARNING, "callees-not-written",
			  "error=\"%s\"", strerror(-err));
}

static void review_revocations(struct router *router)
{
	struct dc_trust_counts counts;

	dc_trust_counts(dc_node_trust(router->node), &counts);
	if (counts.revocations == router->revocations &&
	    counts.rebound == router->rebound)
		return;
	router->revocations = counts.revocations;
	router->rebound = counts.rebound;
	if (router->daemon->registrar)
		registrar_review(router->daemon->registrar);
}

void router_rebound(struct router *router)
{
	struct dc_trust_counts counts;

	dc_trust_counts(dc_node_trust(router->node), &counts);
	router->rebound = counts.rebound;
}

/* What it led to, for people who want to know how long that took. */
void router_end(struct router *router)
{
	struct converge *converge = &router->daemon->converge;
	struct dc_node_counts after;

	dc_node_counts(router->node, &after);
	if (after.installed != router->before.installed &&
	    !converge_waits(converge, router->call_us))
		converge_begin(converge, CONVERGE_OBJECT, "", router->call_us,
			       router->call_ms);
	if (after.spf_runs != router->before.spf_runs)
		converge_computed(converge, clock_us());
	if (router->sent_us)
		converge_flooded(converge, router->sent_us);
	if (router->flushed_us)
		converge_done(converge, router->changed, router->flushed,
			      router->flushed_us);
	review_revocations(router);
	review_calls(router);
	router_arm(router);
}

/* ---- after a restart --------------------------------------------------- */

struct meeting {
	unsigned int full;
	unsigned int others;
};

static int meet(const struct dc_neighbour *neighbour, void *arg)
{
	struct meeting *meeting = arg;

	if (!strcmp(neighbour->state, "full"))
		meeting->full++;
	else
		meeting->others++;
	return 0;
}

/* Once all neighbours have told what they know, or there was time enough to. */
static void review_hold(struct router *router)
{
	uint64_t age = clock_us() - router->daemon->started_us;
	struct meeting meeting = { 0 };
	unsigned int up = 0;
	uint32_t i;

	if (!table_is_held(router->table))
		return;
	dc_node_neighbours(router->node, meet, &meeting);
	for (i = 0; i < router->n_ports; i++)
		up += router->port[i].up;
	if (age < HOLD_S * S && (meeting.others || meeting.full < up ||
				 age < SETTLE_MS * MS))
		return;
	log_event(&router->daemon->log, LOG_INFO, "table-released",
		  "after=%ums neighbours=%u", (unsigned int)(age / MS),
		  meeting.full);
	table_hold(router->table, false);
}

/* Once it is known which names of before are still offered, or time is up. */
static void review_names(struct router *router)
{
	uint64_t age = clock_us() - router->daemon->started_us;
	bool settled = registrar_settled(router->daemon->registrar);

	if (!router->names_held || (!settled && age < HOLD_S * S))
		return;
	router->names_held = false;
	log_event(&router->daemon->log, settled ? LOG_INFO : LOG_WARNING,
		  "names-released", "after=%ums settled=%s",
		  (unsigned int)(age / MS), settled ? "yes" : "no");
	router_begin(router);
	dc_node_hold(router->node, false, clock_us());
	router_end(router);
}

void router_held(evutil_socket_t fd, short what, void *arg)
{
	struct router *router = arg;

	(void)fd;
	(void)what;
	review_hold(router);
	review_names(router);
	if (!table_is_held(router->table) && !router->names_held)
		event_del(router->held);
}

/* ---- no room ----------------------------------------------------------- */

/* For either reason. */
static void tell_overload(struct router *router)
{
	router_begin(router);
	dc_node_overload(router->node, router->overload || router->drained,
			 clock_us());
	router_end(router);
}

static void set_overload(struct router *router, bool on)
{
	if (router->overload == on)
		return;
	router->overload = on;
	log_event(&router->daemon->log, LOG_WARNING,
		  on ? "overload" : "overload-over", "why=\"%s\"",
		  on ? "the kernel has no room for some routes" : "");
	tell_overload(router);
}

/* Say so, try again now and then, and say when it is over. */
void router_full(evutil_socket_t fd, short what, void *arg)
{
	struct router *router = arg;
	struct table_counts counts;

	(void)fd;
	(void)what;
	if (table_retry_s(router->table))
		table_retry(router->table);
	router_ports_retry(router);
	table_counts(router->table, &counts);
	set_overload(router, counts.full);
	router_arm_full(router);
}

/* ---- time -------------------------------------------------------------- */

void router_arm(struct router *router)
{
	uint64_t at = dc_node_next(router->node), now = clock_us();
	uint64_t in = at > now ? at - now : 0;
	struct timeval tv = { .tv_sec = in / S, .tv_usec = in % S };

	if (at == UINT64_MAX)
		event_del(router->timer);
	else
		event_add(router->timer, &tv);
}

void router_timer(evutil_socket_t fd, short what, void *arg)
{
	struct router *router = arg;

	(void)fd;
	(void)what;
	router_begin(router);
	dc_node_timer(router->node, router->call_us);
	router_end(router);
}

void router_sweep(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval again = { .tv_sec = 1 };
	struct router *router = arg;
	unsigned int n;

	(void)fd;
	(void)what;
	if (table_is_held(router->table)) {
		event_add(router->sweep, &again);
		return;
	}
	n = table_sweep(router->table);
	if (n)
		log_event(&router->daemon->log, LOG_INFO, "swept",
			  "entries=%u", n);
}

/* ---- what happens to the node ------------------------------------------ */

static uint64_t refused(const struct dc_node_counts *counts)
{
	return counts->malformed + counts->bad_mac + counts->replayed +
	       counts->forged + counts->unknown + counts->over_budget;
}

/* Some packet was not refused as a whole, as far as counters tell. */
static bool was_heard(const struct dc_node_counts *before,
		      const struct dc_node_counts *after)
{
	return refused(after) - refused(before) < after->rx - before->rx ||
	       after->installed != before->installed ||
	       after->acked != before->acked ||
	       after->duplicate != before->duplicate;
}

bool router_packets_end(void *arg)
{
	struct router *router = arg;
	struct dc_node_counts after;
	bool heard;

	if (!router->in_packets)
		return true;
	router->in_packets = false;
	dc_node_more(router->node, false, router->call_us);
	dc_node_counts(router->node, &after);
	heard = was_heard(&router->before, &after);
	router_end(router);
	return heard;
}

/* ---- configuration ----------------------------------------------------- */

/* The kernel is told anew how to watch a neighbour that is there. */
static int watch_anew_at(const struct dc_neighbour *neighbour, void *arg)
{
	struct damc_neigh_config config = { 0 };
	struct router *router = arg;
	struct damc_neigh where;

	if (strcmp(neighbour->state, "exchange") &&
	    strcmp(neighbour->state, "full"))
		return 0;
	watch_config(router->daemon->watch, &neighbour->id, &config);
	config.has |= DAMC_NEIGH_HAS_ADMIN;
	config.admin = DAMC_NEIGH_ADMIN_UP;
	router_where(router, neighbour->ifindex, &neighbour->lladdr, &where);
	table_neighbour(router->table, neighbour->link, &where, &config);
	sodium_memzero(&config, sizeof(config));
	return 0;
}

static void set_timers(struct router *router)
{
	struct dc_node_config node = { 0 };

	router_timers(&router->daemon->config, &node);
	router_begin(router);
	dc_node_timers(router->node, &node, clock_us());
	router_end(router);
	dc_node_neighbours(router->node, watch_anew_at, router);
}

void router_configure(struct router *router)
{
	set_timers(router);
	router_ports(router);
	links_each(router->links);
	router_arm(router);
}

/* ---- for others ---------------------------------------------------------- */

void router_drain(struct router *router, bool on)
{
	if (router->drained == on)
		return;
	router->drained = on;
	log_event(&router->daemon->log, LOG_INFO, on ? "drained" : "undrained",
		  "%s", "");
	registrar_announce_again(router->daemon->registrar);
	tell_overload(router);
}

bool router_is_drained(const struct router *router)
{
	return router->drained;
}

void router_leave(struct router *router)
{
	watch_leave(router->daemon->watch);
	dc_node_shutdown(router->node, clock_us());
}

void router_bound(struct router *router, const struct damc_name *name)
{
	table_bound(router->table, name);
}

void router_unbound(struct router *router, const struct damc_name *name)
{
	table_unbound(router->table, name);
}

void router_edge_gone(struct router *router)
{
	table_retry(router->table);
}

void router_replay(struct router *router)
{
	table_lost(router->table);
}

struct dc_node *router_node(struct router *router)
{
	return router->node;
}

const struct dc_node_id *router_id(const struct router *router)
{
	return &router->id;
}

const struct dc_identity *router_identity(const struct router *router)
{
	return &router->identity;
}

uint32_t router_link_of(const struct router *router, uint32_t neigh_id)
{
	return router ? table_link_of(router->table, neigh_id) : 0;
}

uint64_t router_time(const struct router *router)
{
	return dc_trust_time(dc_node_trust(router->node), clock_us());
}

void router_table_counts(const struct router *router,
			 struct table_counts *counts)
{
	table_counts(router->table, counts);
}

const struct wire_counts *router_wire_counts(const struct router *router)
{
	return wire_counts(router->wire);
}

void router_record_counts(const struct router *router,
			  struct dc_recorder_counts *counts)
{
	memset(counts, 0, sizeof(*counts));
	if (router->record)
		dc_recorder_counts(record_file_recorder(router->record),
				   counts);
}
