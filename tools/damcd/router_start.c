// SPDX-License-Identifier: GPL-2.0
/* The router's beginning, from identity to events, and its end. */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "callees.h"
#include "clock_file.h"
#include "epoch.h"
#include "router_int.h"

/* How often to see whether what it left may be touched. */
#define HELD_MS 100
/* How often domain time is written down: after another boot that is its least. */
#define CLOCK_S 60

/* Whose it is, and that it may be what it is configured as. */
static int read_cert(struct router *router, char why[DC_WHY_MAX])
{
	struct dc_identity *identity = &router->identity;
	struct dc_object object;
	struct dc_cert cert;

	if (dc_object_read(&object, identity->cert, identity->cert_len, NULL) ||
	    dc_cert_read(&cert, &object) ||
	    dc_node_id_of(&router->id, &object.subject))
		return -EINVAL;
	if (cert.roles & router->daemon->config.role)
		return 0;
	snprintf(why, DC_WHY_MAX, "its certificate has not this role");
	return -EPERM;
}

static int load_identity(struct router *router)
{
	const struct config *config = &router->daemon->config;
	struct dc_node_id id = { .len = strlen(config->lab) };
	char why[DC_WHY_MAX] = "";
	int err;

	if (*config->lab) {
		memcpy(id.byte, config->lab, id.len);
		/* A lab has no SPA to ask: each node may announce what it likes. */
		err = dc_identity_lab(&router->identity, config->lab_domain,
				      &id, config->role | DC_ROLE_SPA,
				      &dc_ed25519, clock_wall_ms());
		log_event(&router->daemon->log, LOG_WARNING, "insecure-lab",
			  "node=%s domain=%s", config->lab, config->lab_domain);
	} else {
		err = dc_identity_load(&router->identity, config->identity,
				       why);
	}
	if (!err)
		err = read_cert(router, why);
	if (err)
		log_event(&router->daemon->log, LOG_ERROR, "no-identity",
			  "error=\"%s\"", *why ? why : strerror(-err));
	return err;
}

void router_timers(const struct config *config, struct dc_node_config *node)
{
	node->hello_ms = config->hello_ms;
	node->dead = config->dead;
	node->restart_s = config->restart_ms / 1000;
	node->refresh_s = config->refresh_ms / 1000;
	node->lifetime_s = config->lifetime_ms / 1000;
	node->rotate_s = config->rotate_ms / 1000;
}

/* Of the key that this process signs with; another one needs another process. */
static void take_cert(struct router *router, const struct dc_identity *fresh)
{
	struct dc_identity *own = &router->identity;
	enum dc_verdict verdict;

	if (memcmp(fresh->secret, own->secret, sizeof(own->secret))) {
		log_event(&router->daemon->log, LOG_WARNING, "needs-restart",
			  "keys=\"the key of identity\"");
		return;
	}
	if (fresh->cert_len == own->cert_len &&
	    !memcmp(fresh->cert, own->cert, own->cert_len))
		return;
	router_begin(router);
	verdict = dc_node_object(router->node, fresh->cert, fresh->cert_len,
				 clock_us());
	router_end(router);
	if (verdict != DC_VALID) {
		log_event(&router->daemon->log, LOG_WARNING,
			  "certificate-refused", "reason=\"%s\"",
			  dc_verdict_text(verdict));
		return;
	}
	memcpy(own->cert, fresh->cert, fresh->cert_len);
	own->cert_len = fresh->cert_len;
}

void router_renew(struct router *router)
{
	const struct config *config = &router->daemon->config;
	struct dc_identity fresh;
	char why[DC_WHY_MAX];

	if (*config->lab)
		return;
	if (dc_identity_load(&fresh, config->identity, why))
		log_event(&router->daemon->log, LOG_WARNING,
			  "certificate-unread", "error=\"%s\"", why);
	else
		take_cert(router, &fresh);
	sodium_memzero(&fresh, sizeof(fresh));
}

/* Recorded, if it can be. */
static struct dc_node *new_node(struct router *router,
				const struct dc_node_config *config)
{
	uint64_t wall_ms = clock_file_read(router->daemon);

	if (!router->record)
		return dc_node_new(config, &router_ops, router, clock_us(),
				   wall_ms);
	return dc_recorder_node(record_file_recorder(router->record), config,
				&router_ops, router, clock_us(), wall_ms);
}

static void keep_time(evutil_socket_t fd, short what, void *arg)
{
	struct router *router = arg;
	int err = clock_file_write(router->daemon, dc_node_trust(router->node));

	(void)fd;
	(void)what;
	if (err)
		log_event(&router->daemon->log, LOG_WARNING, "time-not-kept",
			  "dir=%s error=\"%s\"", router->daemon->config.state,
			  strerror(-err));
}

/* What had a call rule before this process stays closed. */
static void recall(struct router *router)
{
	struct dc_trust *trust = dc_node_trust(router->node);
	int err = callees_read(router->daemon, trust);
	struct dc_trust_counts counts;

	if (err)
		log_event(&router->daemon->log, LOG_ERROR, "callees-not-read",
			  "dir=%s error=\"%s\"", router->daemon->config.state,
			  strerror(-err));
	dc_trust_counts(trust, &counts);
	router->recalled = counts.recalled;
	router->callees = counts.callees;
}

static int make_node(struct router *router)
{
	const struct config *config = &router->daemon->config;
	struct dc_node_config node = {
		.identity = router->identity,
		.crypto = &dc_ed25519,
	};
	int err = epoch_next(config->state, &node.epoch);

	router_timers(config, &node);
	if (err) {
		log_event(&router->daemon->log, LOG_ERROR, "no-epoch",
			  "dir=%s error=\"%s\"", config->state, strerror(-err));
		return err;
	}
	randombytes_buf(&node.seed, sizeof(node.seed));
	router->record = record_file_new(router->daemon);
	router->node = new_node(router, &node);
	sodium_memzero(&node, sizeof(node));
	if (router->node) {
		dc_node_hold(router->node, true, clock_us());
		router->names_held = true;
		recall(router);
		return 0;
	}
	err = -errno;
	log_event(&router->daemon->log, LOG_ERROR, "no-node", "error=\"%s\"",
		  strerror(-err));
	return err;
}

/* The kernel's own name for this node: errors and messages come from it. */
static int set_name(struct router *router)
{
	struct damc_name name;
	int err;

	err = dc_node_name(&name, &router->id);
	return err ? err : damc_info_set_name(router->ctl, &name);
}

static int open_kernel(struct router *router)
{
	const char *what = "netlink";
	struct table_counts counts;
	int err = 0;

	router->ctl = damc_ctl_open();
	if (!router->ctl)
		err = -errno;
	if (!err) {
		what = "name";
		err = set_name(router);
	}
	if (!err) {
		what = "table";
		router->table = table_new(router->daemon, router->ctl);
		err = router->table ? 0 : -errno;
	}
	if (!err) {
		table_counts(router->table, &counts);
		table_hold(router->table, counts.unconfirmed);
	}
	if (!err) {
		what = "socket";
		router->wire = wire_new(router->daemon, WIRE_LS,
					router_packet, router_packets_end,
					router);
		err = router->wire ? 0 : -errno;
	}
	if (err)
		log_event(&router->daemon->log, LOG_ERROR, "no-kernel",
			  "what=%s error=\"%s\" hint=\"%s\"", what,
			  strerror(-err), router->ctl ?
			  damc_ctl_error(router->ctl) : "modprobe damc");
	return err;
}

static int make_events(struct router *router)
{
	uint32_t ms = router->daemon->config.sweep_ms;
	struct timeval sweep = {
		.tv_sec = ms / 1000, .tv_usec = ms % 1000 * MS,
	};
	static const struct timeval held = { .tv_usec = HELD_MS * MS };
	static const struct timeval minute = { .tv_sec = CLOCK_S };
	struct event_base *base = router->daemon->base;

	router->timer = evtimer_new(base, router_timer, router);
	router->sweep = evtimer_new(base, router_sweep, router);
	router->held = event_new(base, -1, EV_PERSIST, router_held, router);
	router->clock = event_new(base, -1, EV_PERSIST, keep_time, router);
	router->full = evtimer_new(base, router_full, router);
	router->leave = evtimer_new(base, router_leaving, router);
	router->links = links_new(router->daemon, router_link, router);
	if (!router->timer || !router->sweep || !router->held ||
	    !router->clock || !router->full || !router->leave || !router->links)
		return -ENOMEM;
	return event_add(router->sweep, &sweep) ||
	       event_add(router->held, &held) ||
	       event_add(router->clock, &minute) ? -ENOMEM : 0;
}

struct router *router_new(struct daemon *daemon)
{
	struct router *router = calloc(1, sizeof(*router));

	if (!router)
		return NULL;
	router->daemon = daemon;
	if (!load_identity(router) && !open_kernel(router) &&
	    !make_node(router) && !make_events(router))
		return router;
	router_free(router);
	return NULL;
}

void router_free(struct router *router)
{
	if (!router)
		return;
	links_free(router->links);
	if (router->timer)
		event_free(router->timer);
	if (router->sweep)
		event_free(router->sweep);
	if (router->held)
		event_free(router->held);
	if (router->clock)
		event_free(router->clock);
	if (router->full)
		event_free(router->full);
	if (router->leave)
		event_free(router->leave);
	/* A restart that was asked for loses nothing. */
	if (router->node)
		keep_time(-1, 0, router);
	dc_node_free(router->node);
	record_file_free(router->record);
	wire_free(router->wire);
	table_free(router->table);
	if (router->ctl)
		damc_ctl_close(router->ctl);
	sodium_memzero(&router->identity, sizeof(router->identity));
	free(router);
}

