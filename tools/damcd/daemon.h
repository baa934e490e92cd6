/* SPDX-License-Identifier: GPL-2.0 */
/*
 * damcd: what its parts owe each other. The cores (tools/control) decide; the
 * parts here bring them what happens and do what they say. All of it runs in one
 * thread, on one event loop. daemon.c owns everything.
 */
#ifndef DAMCD_DAEMON_H
#define DAMCD_DAEMON_H

#include <event2/event.h>

#include "clock.h"
#include "config.h"
#include "converge.h"
#include "log.h"
#include "reg.h"

struct apply;
struct class1;
struct control;
struct link;
struct metrics;
struct news;
struct registrar;
struct router;
struct authority;
struct watch;

/**
 * struct daemon - everything
 * @path: of the configuration file
 * @ctl: for bindings, and what is asked for people; the router has its own
 * @failed: it ends because something went wrong
 */
struct daemon {
	const char *path;
	struct config config;
	struct log log;
	struct event_base *base;
	struct damc_ctl *ctl;
	struct watch *watch;
	struct router *router;
	struct authority *authority;
	struct news *news;
	struct registrar *registrar;
	struct class1 *class1;
	struct control *control;
	struct apply *apply;
	struct metrics *metrics;
	struct converge converge;
	uint64_t started_us;
	bool ready;
	bool failed;
};

/* Until a signal says so: the process's exit status. */
int daemon_run(const char *path, const struct config *config);

/* Read the file again: 0, or -EINVAL with the reason in @error. */
int daemon_reload(struct daemon *daemon, char *error, size_t size);

/* What a running process keeps as it was. */
#define DAEMON_FIXED_KEYS \
	"role, identity, insecure-lab, state, record, control, metrics"
/* Put that into @fresh: false if it said otherwise. */
bool daemon_keep_fixed(const struct daemon *daemon, struct config *fresh);

/* Run by @fresh from now on. */
void daemon_use(struct daemon *daemon, const struct config *fresh);

/* An interface came, changed or went. */
void daemon_link(struct daemon *daemon, const struct link *link);

#endif /* DAMCD_DAEMON_H */
