// SPDX-License-Identifier: GPL-2.0
/* Lines of a batch that change routes alike: see route_queue.h. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "print.h"
#include "route.h"
#include "route_queue.h"

/* More at once are hardly faster, and must be kept until they are done. */
#define QUEUE_MAX 1024

/* A route without the room for next hops that it has not. */
struct kept {
	unsigned int line;
	unsigned int n_nexthops;
	size_t at;
};

static struct {
	int verb;
	unsigned int n;
	struct kept *kept;
	/* What was kept, one after the other. */
	char *room;
	size_t used;
	size_t size;
} queue;

static size_t kept_size(unsigned int n_nexthops)
{
	return offsetof(struct damc_route, nexthops) +
	       n_nexthops * sizeof(struct damc_nexthop);
}

static const struct damc_route *queue_route(unsigned int i)
{
	static struct damc_route route;

	memcpy(&route, queue.room + queue.kept[i].at,
	       kept_size(queue.kept[i].n_nexthops));
	return &route;
}

static void keep(const struct damc_route *route, unsigned int line)
{
	queue.kept[queue.n].line = line;
	queue.kept[queue.n].n_nexthops = route->n_nexthops;
	queue.kept[queue.n].at = queue.used;
	memcpy(queue.room + queue.used, route, kept_size(route->n_nexthops));
	queue.used += kept_size(route->n_nexthops);
	queue.n++;
}

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
		err = damc_route_batch_add(batch, queue_route(i));
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
		if (!route_change(queue.verb, queue_route(i)))
			continue;
		failed(queue.kept[i].line, arg);
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
	queue.used = 0;
	return ret;
}

/* Room for one more. */
static bool allocate(void)
{
	size_t size = queue.used + sizeof(struct damc_route);
	char *room;

	if (!queue.kept)
		queue.kept = calloc(QUEUE_MAX, sizeof(*queue.kept));
	if (!queue.kept)
		return false;
	if (size <= queue.size)
		return true;
	room = realloc(queue.room, 2 * size);
	if (!room)
		return false;
	queue.room = room;
	queue.size = 2 * size;
	return true;
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
	route.n_nexthops = 0;
	if (!parse(verb, n - 2, words + 2, &route))
		return false;
	if (queue.n && (queue.n == QUEUE_MAX || queue.verb != verb)) {
		*ret = route_queue_flush(failed, arg);
		if (*ret && !force)
			return true;
	}
	queue.verb = verb;
	keep(&route, line);
	return true;
}
