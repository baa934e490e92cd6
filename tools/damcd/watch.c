// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "array.h"
#include "router.h"
#include "watch.h"

/* The lease, and how often it is renewed. */
#define LEASE_MS DAMC_LEASE_MAX_MS
#define RENEW_S 1

#define KEY_CONTEXT "damc liveness 1"

/**
 * struct target - a neighbour that the node was told of
 * @up: as what
 */
struct target {
	LIST_ENTRY(target) list;
	uint32_t link;
	bool up;
};

struct watch {
	struct daemon *daemon;
	struct damc_ctl *ctl;
	struct damc_monitor *monitor;
	struct event *readable;
	struct event *review;
	struct event *renew;
	LIST_HEAD(targets, target) targets;
};

/* ---- what the kernel knows --------------------------------------------- */

static struct target *find(struct watch *watch, uint32_t link)
{
	struct target *target;

	LIST_FOREACH(target, &watch->targets, list)
		if (target->link == link)
			return target;
	return NULL;
}

static void tell(struct watch *watch, uint32_t link, bool up)
{
	struct router *router = watch->daemon->router;

	log_event(&watch->daemon->log, LOG_INFO,
		  up ? "neighbour-alive" : "neighbour-lost", "link=%u", link);
	router_begin(router);
	dc_node_liveness(router_node(router), link, up, clock_us());
	router_end(router);
}

/* One that was never up says nothing: its kernel may not watch us yet. */
static void state_is(struct watch *watch, uint32_t link, bool up)
{
	struct target *target = find(watch, link);

	if (target && target->up == up)
		return;
	if (!target) {
		target = up ? calloc(1, sizeof(*target)) : NULL;
		if (!target)
			return;
		target->link = link;
		LIST_INSERT_HEAD(&watch->targets, target, list);
	}
	target->up = up;
	tell(watch, link, up);
}

static void look_at(struct watch *watch, const struct damc_neigh *neigh)
{
	uint32_t link = router_link_of(watch->daemon->router, neigh->id);

	if (link && neigh->live.interval_ms)
		state_is(watch, link,
			 neigh->live.state == DAMC_LIVENESS_STATE_UP &&
			 neigh->live.flags & DAMC_LIVENESS_FLAGS_FORWARDS);
}

struct found {
	void *neighs;
	size_t n;
};

/* What comes of them changes the table, by the socket that tells of them. */
static int find_neigh(const struct damc_neigh *neigh, void *arg)
{
	struct found *found = arg;

	return array_append(&found->neighs, &found->n, neigh, sizeof(*neigh));
}

/*
 * What was told may have waited behind what look_at_all() has seen already: one
 * that was down before, and is up, is not lost. So it is asked for as it is.
 */
static int on_change(const struct damc_event *event, void *arg)
{
	struct damc_neigh key = { .id = event->neigh.id }, is;
	struct watch *watch = arg;

	if (event->object == DAMC_OBJECT_NEIGH && !event->deleted &&
	    !damc_neigh_get(watch->ctl, &key, &is))
		look_at(watch, &is);
	return 0;
}

static void look_at_all(struct watch *watch)
{
	struct found found = { .n = 0 };
	int err = damc_neigh_dump(watch->ctl, find_neigh, &found);
	const struct damc_neigh *neigh = found.neighs;
	size_t i;

	if (err)
		log_event(&watch->daemon->log, LOG_WARNING, "neighbours-unread",
			  "error=\"%s\"", strerror(-err));
	for (i = 0; i < found.n; i++)
		look_at(watch, &neigh[i]);
	free(found.neighs);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct watch *watch = arg;
	int err = damc_monitor_step(watch->monitor, on_change, watch);

	(void)fd;
	(void)what;
	if (err == -ENOBUFS)
		look_at_all(watch);
}

static void on_review(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	look_at_all(arg);
}

void watch_anew(struct watch *watch, uint32_t link)
{
	struct target *target = find(watch, link);

	if (target) {
		LIST_REMOVE(target, list);
		free(target);
	}
	/* Not now: the node is in the middle of telling. */
	event_active(watch->review, EV_TIMEOUT, 0);
}

/* ---- what both have to know -------------------------------------------- */

/* False if the other's certificate is not known, or its key is none. */
static bool make_key(struct watch *watch, const struct dc_node_id *id,
		     uint8_t key[DAMC_LIVENESS_KEY_SIZE])
{
	struct router *router = watch->daemon->router;
	const struct dc_identity *own = router_identity(router);
	uint8_t theirs[crypto_scalarmult_BYTES], mine[crypto_scalarmult_BYTES];
	uint8_t shared[crypto_scalarmult_BYTES];
	const struct dc_cert *cert;
	bool ok;

	cert = dc_trust_cert_of_node(dc_node_trust(router_node(router)), id);
	if (!cert)
		return false;
	crypto_sign_ed25519_sk_to_curve25519(mine, own->secret);
	ok = !crypto_sign_ed25519_pk_to_curve25519(theirs, cert->key) &&
	     !crypto_scalarmult(shared, mine, theirs);
	if (ok)
		crypto_generichash(key, DAMC_LIVENESS_KEY_SIZE,
				   (const void *)KEY_CONTEXT,
				   strlen(KEY_CONTEXT), shared, sizeof(shared));
	sodium_memzero(mine, sizeof(mine));
	sodium_memzero(shared, sizeof(shared));
	return ok;
}

void watch_config(struct watch *watch, const struct dc_node_id *id,
		  struct damc_neigh_config *config)
{
	const struct config *own = &watch->daemon->config;

	config->has = 0;
	if (!make_key(watch, id, config->key))
		return;
	config->has = DAMC_NEIGH_HAS_INTERVAL | DAMC_NEIGH_HAS_MULTIPLIER |
		      DAMC_NEIGH_HAS_KEY;
	config->interval_ms = own->liveness_ms;
	config->multiplier = own->misses;
}

/* ---- the lease --------------------------------------------------------- */

static void on_renew(evutil_socket_t fd, short what, void *arg)
{
	struct watch *watch = arg;

	(void)fd;
	(void)what;
	damc_info_set_lease(watch->ctl, LEASE_MS);
}

void watch_leave(struct watch *watch)
{
	event_del(watch->renew);
	damc_info_set_lease(watch->ctl, 0);
	damc_info_set_forward(watch->ctl, false);
}

/* ---- start and end ----------------------------------------------------- */

static int make_events(struct watch *watch)
{
	static const struct timeval renew = { .tv_sec = RENEW_S };
	struct event_base *base = watch->daemon->base;

	watch->readable = event_new(base, damc_monitor_fd(watch->monitor),
				    EV_READ | EV_PERSIST, on_readable, watch);
	watch->review = evtimer_new(base, on_review, watch);
	watch->renew = event_new(base, -1, EV_PERSIST, on_renew, watch);
	if (!watch->readable || !watch->review || !watch->renew ||
	    event_add(watch->readable, NULL) ||
	    event_add(watch->renew, &renew))
		return -ENOMEM;
	return 0;
}

static int start(struct watch *watch)
{
	int err;

	watch->monitor = damc_monitor_open(DAMC_OBJECT_NEIGH);
	if (!watch->monitor)
		return -errno;
	err = make_events(watch);
	if (!err)
		err = damc_info_set_forward(watch->ctl, true);
	return err ? err : damc_info_set_lease(watch->ctl, LEASE_MS);
}

struct watch *watch_new(struct daemon *daemon, struct damc_ctl *ctl)
{
	struct watch *watch = calloc(1, sizeof(*watch));
	int err;

	if (!watch)
		return NULL;
	watch->daemon = daemon;
	watch->ctl = ctl;
	err = start(watch);
	if (!err)
		return watch;
	log_event(&daemon->log, LOG_ERROR, "no-liveness", "error=\"%s\"",
		  strerror(-err));
	watch_free(watch);
	return NULL;
}

void watch_free(struct watch *watch)
{
	struct target *target;

	if (!watch)
		return;
	if (watch->readable)
		event_free(watch->readable);
	if (watch->review)
		event_free(watch->review);
	if (watch->renew)
		event_free(watch->renew);
	while ((target = LIST_FIRST(&watch->targets))) {
		LIST_REMOVE(target, list);
		free(target);
	}
	if (watch->monitor)
		damc_monitor_close(watch->monitor);
	free(watch);
}
