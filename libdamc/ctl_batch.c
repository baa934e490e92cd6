// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Control: many routes in few requests, each of which the kernel does whole or
 * not at all.
 */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "ctl.h"

/*
 * A request is sent when it has so many bytes: the namespace is locked for what
 * it takes to do it, and larger ones are hardly faster. Well below
 * DAMC_BATCH_MAX, and below what any socket may send.
 */
#define BATCH_BYTES 65536

/* All of a route but its name and the room for next hops that it has not. */
#define REST_AT offsetof(struct damc_route, type)

struct damc_route_batch {
	struct damc_ctl *ctl;
	uint8_t cmd;
	/* Routes of requests that were done; routes in the one being made. */
	unsigned long done;
	unsigned int queued;
	long refused;
	struct nlmsghdr *msg;
	/* The last route of @msg that was written in full, but for its name. */
	struct damc_route last;
	uint32_t buffer[(BATCH_BYTES + CTL_REQUEST_MAX) / 4];
};

static int verb_cmd(enum damc_route_verb verb)
{
	switch (verb) {
	case DAMC_ROUTE_VERB_ADD:
		return DAMC_CMD_ROUTE_ADD;
	case DAMC_ROUTE_VERB_REPLACE:
		return DAMC_CMD_ROUTE_REPLACE;
	case DAMC_ROUTE_VERB_APPEND:
		return DAMC_CMD_ROUTE_APPEND;
	case DAMC_ROUTE_VERB_DEL:
		return DAMC_CMD_ROUTE_DEL;
	}
	return -1;
}

DAMC_PUBLIC
struct damc_route_batch *damc_route_batch_open(struct damc_ctl *ctl,
					       enum damc_route_verb verb)
{
	struct damc_route_batch *batch;
	int cmd = verb_cmd(verb);

	if (cmd < 0) {
		errno = EINVAL;
		return NULL;
	}
	batch = malloc(sizeof(*batch));
	if (!batch)
		return NULL;
	batch->ctl = ctl;
	batch->cmd = cmd;
	batch->done = 0;
	batch->queued = 0;
	batch->refused = -1;
	return batch;
}

DAMC_PUBLIC
void damc_route_batch_close(struct damc_route_batch *batch)
{
	free(batch);
}

/* Which route the kernel means by an offset into the request; -1: none. */
static long route_at(const struct damc_route_batch *batch)
{
	uint32_t offset = batch->ctl->error_offset;
	const struct nlattr *attr;
	long i = 0;

	mnl_attr_for_each(attr, batch->msg, GENL_HDRLEN) {
		size_t start = (const char *)attr - (const char *)batch->msg;

		if (offset >= start && offset < start + attr->nla_len)
			return i;
		i++;
	}
	/* With one there is no question. */
	return batch->queued == 1 ? 0 : -1;
}

DAMC_PUBLIC
int damc_route_batch_flush(struct damc_route_batch *batch)
{
	long at;
	int err;

	if (!batch->queued)
		return 0;
	batch->refused = -1;
	err = ctl_do(batch->ctl, batch->msg, NULL, NULL);
	if (err) {
		at = route_at(batch);
		batch->refused = at < 0 ? at : (long)batch->done + at;
	} else {
		batch->done += batch->queued;
	}
	batch->queued = 0;
	return err;
}

static size_t rest_size(const struct damc_route *route)
{
	return offsetof(struct damc_route, nexthops) - REST_AT +
	       route->n_nexthops * sizeof(route->nexthops[0]);
}

/*
 * Whether a route differs from the last one by name alone, so that the name is
 * all that need be said of it. Bytes that differ where no member is cost time only.
 */
static bool like_last(const struct damc_route_batch *batch,
		      const struct damc_route *route)
{
	return batch->queued && batch->cmd != DAMC_CMD_ROUTE_APPEND &&
	       batch->last.n_nexthops == route->n_nexthops &&
	       !memcmp(&batch->last.type, &route->type, rest_size(route));
}

/* The kernel would take a name alone for "like the last one". */
static bool says_nothing(const struct damc_route *route)
{
	return !route->type && !route->protocol && !route->set &&
	       !route->n_nexthops;
}

static void put(struct damc_route_batch *batch, const struct damc_route *route)
{
	/* A deletion takes the name and no more. */
	if (batch->cmd == DAMC_CMD_ROUTE_DEL || like_last(batch, route)) {
		ctl_route_put_key(batch->msg, &route->name);
		return;
	}
	ctl_route_put(batch->msg, route);
	memcpy(&batch->last.type, &route->type, rest_size(route));
}

DAMC_PUBLIC
int damc_route_batch_add(struct damc_route_batch *batch,
			 const struct damc_route *route)
{
	int err;

	if (ctl_route_check(route))
		return -EINVAL;
	if (batch->cmd != DAMC_CMD_ROUTE_DEL && says_nothing(route))
		return -EINVAL;
	if (batch->queued && batch->msg->nlmsg_len >= BATCH_BYTES) {
		err = damc_route_batch_flush(batch);
		if (err)
			return err;
	}
	if (!batch->queued)
		batch->msg = ctl_begin_in(batch->ctl, batch->buffer,
					  batch->cmd);
	put(batch, route);
	batch->queued++;
	return 0;
}

DAMC_PUBLIC
unsigned long damc_route_batch_done(const struct damc_route_batch *batch)
{
	return batch->done;
}

DAMC_PUBLIC
long damc_route_batch_refused(const struct damc_route_batch *batch)
{
	return batch->refused;
}
