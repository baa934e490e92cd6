// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "apply.h"
#include "array.h"
#include "class1.h"
#include "control.h"
#include "daemon.h"
#include "links.h"
#include "metrics.h"
#include "news.h"
#include "notify.h"
#include "registrar.h"
#include "router.h"
#include "authority.h"
#include "watch.h"

#define S 1000000ULL

/* A connection for each pod's lease, and some more. */
#define FILES 65536

struct signals {
	struct event *term;
	struct event *interrupt;
	struct event *hangup;
	struct event *watchdog;
};

void daemon_link(struct daemon *daemon, const struct link *link)
{
	if (daemon->class1)
		class1_link(daemon->class1, link);
}

/* ---- configuration ----------------------------------------------------- */

bool daemon_keep_fixed(const struct daemon *daemon, struct config *fresh)
{
	const struct config *config = &daemon->config;
	bool same = fresh->role == config->role &&
		    !strcmp(fresh->identity, config->identity) &&
		    !strcmp(fresh->lab, config->lab) &&
		    !strcmp(fresh->lab_domain, config->lab_domain) &&
		    !strcmp(fresh->state, config->state) &&
		    fresh->record_mib == config->record_mib &&
		    !strcmp(fresh->control, config->control) &&
		    !strcmp(fresh->metrics, config->metrics);

	fresh->role = config->role;
	strcpy(fresh->identity, config->identity);
	strcpy(fresh->lab, config->lab);
	strcpy(fresh->lab_domain, config->lab_domain);
	strcpy(fresh->state, config->state);
	fresh->record_mib = config->record_mib;
	strcpy(fresh->control, config->control);
	strcpy(fresh->metrics, config->metrics);
	return same;
}

static void set_log(struct daemon *daemon)
{
	daemon->log.level = daemon->config.log_level;
	daemon->log.format = daemon->config.log_format;
}

void daemon_use(struct daemon *daemon, const struct config *fresh)
{
	daemon->config = *fresh;
	set_log(daemon);
	router_renew(daemon->router);
	authority_configure(daemon->authority);
	news_configure(daemon->news);
	registrar_configure(daemon->registrar);
	class1_configure(daemon->class1);
	router_configure(daemon->router);
}

int daemon_reload(struct daemon *daemon, char *error, size_t size)
{
	struct config *fresh = malloc(sizeof(*fresh));
	int err = -ENOMEM;

	if (fresh)
		err = config_load(daemon->path, fresh, error, size);
	else
		snprintf(error, size, "%s", strerror(ENOMEM));
	if (err) {
		log_event(&daemon->log, LOG_ERROR, "not-reloaded",
			  "error=\"%s\"", error);
		free(fresh);
		return err;
	}
	if (!daemon_keep_fixed(daemon, fresh))
		log_event(&daemon->log, LOG_WARNING, "needs-restart",
			  "keys=\"%s\"", DAEMON_FIXED_KEYS);
	apply_over(daemon->apply);
	daemon_use(daemon, fresh);
	free(fresh);
	log_event(&daemon->log, LOG_INFO, "reloaded", "file=%s", daemon->path);
	return 0;
}

/* ---- signals ----------------------------------------------------------- */

static void on_end(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *daemon = arg;

	(void)what;
	log_event(&daemon->log, LOG_INFO, "stopping", "signal=%d", (int)fd);
	notify_send("STOPPING=1");
	event_base_loopbreak(daemon->base);
}

static void on_hangup(evutil_socket_t fd, short what, void *arg)
{
	char error[512];

	(void)fd;
	(void)what;
	notify_reloading();
	daemon_reload(arg, error, sizeof(error));
	notify_send("READY=1");
}

static void on_watchdog(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	notify_alive();
}

static int watchdog_start(struct signals *signals, struct daemon *daemon)
{
	uint64_t us = notify_watchdog_us() / 2;
	struct timeval tv = { .tv_sec = us / S, .tv_usec = us % S };

	if (!us)
		return 0;
	signals->watchdog = event_new(daemon->base, -1, EV_PERSIST, on_watchdog,
				      daemon);
	return signals->watchdog ? event_add(signals->watchdog, &tv) : -1;
}

static int signals_start(struct signals *signals, struct daemon *daemon)
{
	signal(SIGPIPE, SIG_IGN);
	signals->term = evsignal_new(daemon->base, SIGTERM, on_end, daemon);
	signals->interrupt = evsignal_new(daemon->base, SIGINT, on_end, daemon);
	signals->hangup = evsignal_new(daemon->base, SIGHUP, on_hangup, daemon);
	if (!signals->term || !signals->interrupt || !signals->hangup ||
	    event_add(signals->term, NULL) ||
	    event_add(signals->interrupt, NULL) ||
	    event_add(signals->hangup, NULL))
		return -ENOMEM;
	return watchdog_start(signals, daemon);
}

static void signals_end(struct signals *signals)
{
	struct event *all[] = { signals->term, signals->interrupt,
				signals->hangup, signals->watchdog };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		if (all[i])
			event_free(all[i]);
}

/* ---- start and end ----------------------------------------------------- */

/* Beyond the hard limit, too, where that is allowed: init's is 4,096. */
static void raise_files(const struct daemon *daemon)
{
	struct rlimit limit, more = { FILES, FILES };

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= FILES)
		return;
	if (limit.rlim_max > FILES)
		more.rlim_max = limit.rlim_max;
	if (!setrlimit(RLIMIT_NOFILE, &more))
		return;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur < FILES)
		log_event(&daemon->log, LOG_WARNING, "few-files",
			  "limit=%llu wanted=%d",
			  (unsigned long long)limit.rlim_cur, FILES);
}

static int start(struct daemon *daemon)
{
	daemon->ctl = damc_ctl_open();
	if (!daemon->ctl) {
		log_event(&daemon->log, LOG_ERROR, "no-kernel",
			  "error=\"%s\" hint=\"modprobe damc\"",
			  strerror(errno));
		return -1;
	}
	daemon->watch = watch_new(daemon, daemon->ctl);
	daemon->router = daemon->watch ? router_new(daemon) : NULL;
	if (!daemon->router)
		return -1;
	daemon->authority = authority_new(daemon);
	daemon->news = daemon->authority ? news_new(daemon) : NULL;
	daemon->registrar = daemon->news ? registrar_new(daemon) : NULL;
	daemon->class1 = daemon->registrar ? class1_new(daemon) : NULL;
	daemon->apply = daemon->class1 ? apply_new(daemon) : NULL;
	daemon->control = daemon->apply ? control_new(daemon) : NULL;
	if (!daemon->control)
		return -1;
	if (*daemon->config.metrics) {
		daemon->metrics = metrics_new(daemon);
		if (!daemon->metrics)
			return -1;
	}
	/* Interfaces come last: all that they are told to is there now. */
	router_configure(daemon->router);
	return 0;
}

static void stop(struct daemon *daemon)
{
	metrics_free(daemon->metrics);
	control_free(daemon->control);
	apply_free(daemon->apply);
	/* Connections end with the process, what they registered does not. */
	class1_abandon(daemon->class1);
	class1_free(daemon->class1);
	registrar_free(daemon->registrar);
	news_free(daemon->news);
	authority_free(daemon->authority);
	router_free(daemon->router);
	watch_free(daemon->watch);
	if (daemon->ctl)
		damc_ctl_close(daemon->ctl);
}

static void loop(struct daemon *daemon)
{
	daemon->ready = true;
	log_event(&daemon->log, LOG_INFO, "ready", "role=%s",
		  daemon->config.role == DC_ROLE_SG ? "sg" : "sr");
	notify_send("READY=1");
	event_base_dispatch(daemon->base);
}

int daemon_run(const char *path, const struct config *config)
{
	struct daemon *daemon = calloc(1, sizeof(*daemon));
	struct signals signals = { 0 };
	int ret = EXIT_FAILURE;

	if (!daemon)
		return ret;
	daemon->path = path;
	daemon->config = *config;
	set_log(daemon);
	daemon->started_us = clock_us();
	daemon->base = event_base_new();
	if (daemon->base && !signals_start(&signals, daemon)) {
		raise_files(daemon);
		if (!start(daemon)) {
			loop(daemon);
			ret = daemon->failed ? EXIT_FAILURE : EXIT_SUCCESS;
		}
		stop(daemon);
	}
	signals_end(&signals);
	if (daemon->base)
		event_base_free(daemon->base);
	free(daemon);
	return ret;
}
