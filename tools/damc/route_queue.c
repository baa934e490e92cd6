// SPDX-License-Identifier: GPL-2.0
/* Lines of a batch that change routes alike: see route_queue.h. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "print.h"
#include "route.h"
#include "route_queue.h"

/* More at once are hardly faster, and must be kept until they are done. */
#define QUEUE_MAX 1024

static struct {
	int verb;
	unsigned int n;
	struct damc_route *routes;
	unsigned int *lines;
} queue;

/* All in as few requests as hold them: how many are in force then. */
static unsigned int send_all(struct damc_ctl *ctl)
{
	struct damc_route_batch *batch;
	unsigned int i, done;
	int err = 0;

	batch = damc_route_batch_open(ctl, queue.verb);
	if (!batch)
		return 0;
	for (i = 0; i < queue.n && !err; i++)
		err = damc_route_batch_add(batch, &queue.routes[i]);
	if (!err)
		damc_route_batch_flush(batch);
	done = damc_route_batch_done(batch);
	damc_route_batch_close(batch);
	return done;
}

/* A request was refused, and did nothing: again, as if there were no batches. */
static int send_each(unsigned int from, route_queue_failed failed, void *arg)
{
	int ret = 0;
	unsigned int i;

	for (i = from; i < queue.n; i++) {
		if (!route_change(queue.verb, &queue.routes[i]))
			continue;
		failed(queue.lines[i], arg);
		ret = -1;
		if (!force)
			break;
	}
	return ret;
}

int route_queue_flush(route_queue_failed failed, void *arg)
{
	unsigned int done = 0;
	struct damc_ctl *ctl;
	int ret;

	cli_dev_keep(false);
	if (!queue.n)
		return 0;
	/* Without one, each line says why. */
	cli_quiet = true;
	ctl = queue.n > 1 ? cli_ctl() : NULL;
	cli_quiet = false;
	if (ctl)
		done = send_all(ctl);
	ret = send_each(done, failed, arg);
	queue.n = 0;
	return ret;
}

static bool allocate(void)
{
	if (!queue.routes)
		queue.routes = calloc(QUEUE_MAX, sizeof(*queue.routes));
	if (!queue.lines)
		queue.lines = calloc(QUEUE_MAX, sizeof(*queue.lines));
	return queue.routes && queue.lines;
}

/* What is wrong with a line is said when it is run, after those before it. */
static bool parse(int verb, int n, char **words, struct damc_route *route)
{
	struct cli_args args = { .left = n, .next = words };
	int ret;

	cli_dev_keep(true);
	cli_quiet = true;
	ret = route_parse_for(verb, &args, route);
	cli_quiet = false;
	return !ret;
}

bool route_queue_take(int n, char **words, unsigned int line,
		      route_queue_failed failed, void *arg, int *ret)
{
	struct damc_route route;
	int verb;

	*ret = 0;
	if (n < 3 || !cli_abbrev(words[0], cli_route.name))
		return false;
	verb = route_verb(words[1]);
	if (verb < 0 || !allocate())
		return false;
	memset(&route, 0, sizeof(route));
	if (!parse(verb, n - 2, words + 2, &route))
		return false;
	if (queue.n && (queue.n == QUEUE_MAX || queue.verb != verb)) {
		*ret = route_queue_flush(failed, arg);
		if (*ret && !force)
			return true;
	}
	queue.verb = verb;
	queue.routes[queue.n] = route;
	queue.lines[queue.n++] = line;
	return true;
}
