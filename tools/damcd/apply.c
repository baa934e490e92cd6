// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apply.h"

#define S 1000000ULL

/**
 * struct apply - what is on trial
 * @text: NULL: nothing is
 * @before: what to go back to
 */
struct apply {
	struct daemon *daemon;
	struct event *timer;
	char *text;
	uint64_t until_us;
	struct config before;
};

static void forget(struct apply *apply)
{
	event_del(apply->timer);
	free(apply->text);
	apply->text = NULL;
}

static void on_time(evutil_socket_t fd, short what, void *arg)
{
	struct apply *apply = arg;

	(void)fd;
	(void)what;
	if (!apply->text)
		return;
	log_event(&apply->daemon->log, LOG_WARNING, "reverted",
		  "why=\"not confirmed in time\"");
	forget(apply);
	daemon_use(apply->daemon, &apply->before);
}

static int use(struct apply *apply, struct config *fresh, char *copy,
	       uint32_t seconds, char *error, size_t size)
{
	struct timeval tv = { .tv_sec = seconds };

	if (!daemon_keep_fixed(apply->daemon, fresh)) {
		snprintf(error, size, "%s cannot change while it runs",
			 DAEMON_FIXED_KEYS);
		return -EBUSY;
	}
	if (!apply->text)
		apply->before = apply->daemon->config;
	forget(apply);
	apply->text = copy;
	apply->until_us = clock_us() + seconds * S;
	event_add(apply->timer, &tv);
	daemon_use(apply->daemon, fresh);
	log_event(&apply->daemon->log, LOG_INFO, "on-trial", "seconds=%u",
		  seconds);
	return 0;
}

int apply_try(struct apply *apply, const char *name, const char *text,
	      uint32_t seconds, char *error, size_t size)
{
	struct config *fresh = malloc(sizeof(*fresh));
	char *copy = strdup(text);
	int err;

	if (fresh && copy) {
		err = config_load_text(name, text, fresh, error, size);
	} else {
		err = -ENOMEM;
		snprintf(error, size, "%s", strerror(ENOMEM));
	}
	if (!err)
		err = use(apply, fresh, copy, seconds, error, size);
	if (err)
		free(copy);
	free(fresh);
	return err;
}

const char *apply_text(const struct apply *apply, uint32_t *left_s)
{
	uint64_t now = clock_us();

	*left_s = 0;
	if (apply->text && apply->until_us > now)
		*left_s = (apply->until_us - now) / S;
	return apply->text;
}

/* Whether the file has these bytes and no others. */
static bool is_in_file(const char *path, const char *text)
{
	size_t len = strlen(text), n = 0;
	char *there = malloc(len + 1);
	FILE *file = fopen(path, "re");

	if (file && there)
		n = fread(there, 1, len + 1, file);
	n = n == len && !memcmp(there, text, len);
	if (file)
		fclose(file);
	free(there);
	return n;
}

static int stays(struct apply *apply)
{
	log_event(&apply->daemon->log, LOG_INFO, "confirmed", "file=%s",
		  apply->daemon->path);
	forget(apply);
	return 0;
}

int apply_confirm(struct apply *apply, char *error, size_t size)
{
	const char *path = apply->daemon->path;

	if (!apply->text)
		snprintf(error, size, "nothing is on trial");
	else if (!is_in_file(path, apply->text))
		snprintf(error, size, "%s says something else than what is on trial",
			 path);
	else
		return stays(apply);
	return -EINVAL;
}

void apply_over(struct apply *apply)
{
	if (apply && apply->text)
		forget(apply);
}

struct apply *apply_new(struct daemon *daemon)
{
	struct apply *apply = calloc(1, sizeof(*apply));

	if (!apply)
		return NULL;
	apply->daemon = daemon;
	apply->timer = evtimer_new(daemon->base, on_time, apply);
	if (apply->timer)
		return apply;
	free(apply);
	return NULL;
}

void apply_free(struct apply *apply)
{
	if (!apply)
		return;
	forget(apply);
	event_free(apply->timer);
	free(apply);
}
