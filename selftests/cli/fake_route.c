// SPDX-License-Identifier: GPL-2.0
/* The fake library, see fake.h: routes, batches of them, lookups. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"

void fake_say_hop(const struct damc_nexthop *hop)
{
	fprintf(stderr, " [neigh %u dev %u", hop->neigh_id, hop->ifindex);
	fake_say_lladdr(&hop->lladdr);
	fake_say_inet(&hop->remote, hop->port, &hop->local);
	fprintf(stderr, " weight %u]", hop->weight);
}

static int say_route(const char *verb, const struct damc_route *route)
{
	unsigned int i;

	fprintf(stderr, "fake: route %s %s type %d protocol %d", verb,
		fake_text(&route->name), route->type, route->protocol);
	if (route->set)
		fprintf(stderr, " set %u", route->set);
	for (i = 0; i < route->n_nexthops; i++)
		fake_say_hop(&route->nexthops[i]);
	return fake_change();
}

int damc_route_add(struct damc_ctl *ctl, const struct damc_route *route)
{
	(void)ctl;
	return say_route("add", route);
}

int damc_route_replace(struct damc_ctl *ctl, const struct damc_route *route)
{
	(void)ctl;
	return say_route("replace", route);
}

int damc_route_append(struct damc_ctl *ctl, const struct damc_route *route)
{
	(void)ctl;
	return say_route("append", route);
}

int damc_route_del(struct damc_ctl *ctl, const struct damc_name *name)
{
	(void)ctl;
	fprintf(stderr, "fake: route del %s", fake_text(name));
	return fake_change();
}

#define HOP(_neigh, _dev, _lladdr, _weight) \
	{ .neigh_id = (_neigh), .ifindex = (_dev), .lladdr = _lladdr, \
	  .weight = (_weight) }

struct damc_route fake_route(void)
{
	return (struct damc_route){
		fake_name("/b"), DAMC_ROUTE_TYPE_UNICAST,
		DAMC_ROUTE_PROTOCOL_DAMCD, 0, 2,
		{ HOP(1, 1, fake_mac(1), 3), HOP(7, 99999, { 0 }, 1) },
	};
}

int damc_route_dump(struct damc_ctl *ctl,
		    int (*each)(const struct damc_route *route, void *arg),
		    void *arg)
{
	struct damc_route routes[] = {
		{ fake_name("/"), DAMC_ROUTE_TYPE_UNICAST,
		  DAMC_ROUTE_PROTOCOL_STATIC, 0, 1, { HOP(1, 1, fake_mac(1), 1) } },
		{ fake_name("/b/4"), DAMC_ROUTE_TYPE_LOCAL,
		  DAMC_ROUTE_PROTOCOL_KERNEL, 0, 0, { { 0 } } },
		fake_route(),
		{ fake_name("/c%20d/%22%00%5c"), DAMC_ROUTE_TYPE_PROHIBIT, 9, 0, 0,
		  { { 0 } } },
		{ fake_name("/pod"), DAMC_ROUTE_TYPE_EDGE,
		  DAMC_ROUTE_PROTOCOL_KERNEL, 0, 1, { HOP(3, 99999, fake_mac(3), 1) } },
		{ fake_name("/b/5"), DAMC_ROUTE_TYPE_UNREACHABLE,
		  DAMC_ROUTE_PROTOCOL_STATIC, 0, 0, { { 0 } } },
		{ fake_name("/w"), DAMC_ROUTE_TYPE_UNICAST,
		  DAMC_ROUTE_PROTOCOL_STATIC, 0, 1, { HOP(1, 1, fake_mac(1), 9) } },
		{ fake_name("/v"), DAMC_ROUTE_TYPE_UNICAST,
		  DAMC_ROUTE_PROTOCOL_STATIC, 7, 0, { { 0 } } },
	};
	size_t i;
	int ret;

	(void)ctl;
	for (i = 0; i < sizeof(routes) / sizeof(*routes) && !fake_is("empty"); i++) {
		ret = each(&routes[i], arg);
		if (ret)
			return ret;
	}
	return fake_end();
}

int damc_route_get(struct damc_ctl *ctl, const struct damc_name *name,
		   struct damc_route *route)
{
	struct damc_name b = fake_name("/b");

	(void)ctl;
	fake_words("");
	if (fake_is("broken"))
		return -EIO;
	if (fake_is("empty") || !damc_name_equal(name, &b))
		return -ESRCH;
	*route = fake_route();
	return 0;
}

/* A batch that is refused has done nothing, and told nothing. */
#define FAKE_BATCH 64

struct damc_route_batch {
	enum damc_route_verb verb;
	unsigned int n;
	unsigned long done;
	struct damc_route routes[FAKE_BATCH];
};

struct damc_route_batch *damc_route_batch_open(struct damc_ctl *ctl,
					       enum damc_route_verb verb)
{
	struct damc_route_batch *batch = calloc(1, sizeof(*batch));

	(void)ctl;
	if (batch)
		batch->verb = verb;
	return batch;
}

void damc_route_batch_close(struct damc_route_batch *batch)
{
	free(batch);
}

static int do_route(enum damc_route_verb verb, const struct damc_route *route)
{
	switch (verb) {
	case DAMC_ROUTE_VERB_ADD:
		return damc_route_add(NULL, route);
	case DAMC_ROUTE_VERB_REPLACE:
		return damc_route_replace(NULL, route);
	case DAMC_ROUTE_VERB_APPEND:
		return damc_route_append(NULL, route);
	default:
		return damc_route_del(NULL, &route->name);
	}
}

int damc_route_batch_flush(struct damc_route_batch *batch)
{
	unsigned int i;

	if (fake_is("refuse") || fake_is("eperm"))
		return -EPERM;
	for (i = 0; i < batch->n; i++)
		do_route(batch->verb, &batch->routes[i]);
	batch->done += batch->n;
	batch->n = 0;
	return 0;
}

int damc_route_batch_add(struct damc_route_batch *batch,
			 const struct damc_route *route)
{
	int err = batch->n == FAKE_BATCH ? damc_route_batch_flush(batch) : 0;

	if (!err)
		batch->routes[batch->n++] = *route;
	return err;
}

unsigned long damc_route_batch_done(const struct damc_route_batch *batch)
{
	return batch->done;
}

int damc_route_lookup(struct damc_ctl *ctl, const struct damc_lookup *question,
		      struct damc_decision *answer)
{
	struct damc_name b = fake_name("/b"), none = fake_name("/none"),
		here = fake_name("/here"), p = fake_name("/p");

	(void)ctl;
	memset(answer, 0, sizeof(*answer));
	if (damc_name_below(&question->name, &none)) {
		answer->error = DAMC_ERROR_CODE_NO_ROUTE;
		return 0;
	}
	answer->has_route = true;
	if (damc_name_below(&question->name, &here)) {
		answer->route.name = here;
		answer->route.type = DAMC_ROUTE_TYPE_LOCAL;
		answer->route.protocol = DAMC_ROUTE_PROTOCOL_KERNEL;
		answer->error = question->flow ? DAMC_ERROR_CODE_NO_LISTENER : 0;
		return 0;
	}
	answer->neigh_id = 1;
	answer->ifindex = 1;
	answer->lladdr = fake_mac(1);
	answer->mtu = 1500;
	if (damc_name_below(&question->name, &p)) {
		answer->route.name = p;
		answer->route.type = DAMC_ROUTE_TYPE_POOL;
		answer->route.protocol = DAMC_ROUTE_PROTOCOL_STATIC;
		answer->instance = fake_name("/p/1");
		answer->reason = question->flow ? DAMC_PICK_REASON_PIN :
						  DAMC_PICK_REASON_HASH;
		answer->weight = 3;
		return 0;
	}
	if (damc_name_below(&question->name, &b)) {
		answer->route = fake_route();
		answer->has_policy = question->class_selector;
		answer->policy_inactive = question->class_selector == 7;
		answer->policy = fake_policy();
		return 0;
	}
	answer->route.type = DAMC_ROUTE_TYPE_UNICAST;
	answer->route.protocol = DAMC_ROUTE_PROTOCOL_STATIC;
	answer->route.n_nexthops = 1;
	answer->route.nexthops[0] = (struct damc_nexthop)HOP(1, 1, fake_mac(1), 1);
	return 0;
}
