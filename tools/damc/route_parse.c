// SPDX-License-Identifier: GPL-2.0
/* A route from the words of the command line. */
#include <stddef.h>
#include <string.h>

#include "cli.h"
#include "route.h"

/* What the words said, before it is known to make sense together. */
struct words {
	bool local;
	bool unreachable;
	bool prohibit;
	bool has_protocol;
	unsigned int protocol;
	uint32_t set;
	unsigned int hops;
};

/* Where "proto" stands among the keys below. */
#define KEY_PROTO 6

/* Keys of a next hop, without "nexthop" before them or after it. */
static int parse_hop(struct cli_args *args, struct damc_nexthop *hop,
		     struct words *words, bool first)
{
	struct cli_key keys[] = {
		{ .key = "dev", .take = cli_take_dev, .to = &hop->ifindex },
		{ .key = "lladdr", .take = cli_take_lladdr,
		  .to = &hop->lladdr },
		{ .key = "neigh", .take = cli_take_u32, .to = &hop->neigh_id,
		  .min = 1, .max = UINT32_MAX },
		{ .key = "udp", .take = cli_take_inet, .to = &hop->remote },
		{ .key = "port", .take = cli_take_u32, .to = &hop->port,
		  .min = 1, .max = UINT16_MAX },
		{ .key = "weight", .take = cli_take_u32, .to = &hop->weight,
		  .min = 1, .max = DAMC_WEIGHT_MAX },
		{ .key = "proto", .take = cli_take_word,
		  .to = &words->protocol, .words = damc_spec_route_protocol,
		  .seen = words->has_protocol },
		/* What no next hop can follow stands in the first part only. */
		{ .key = first ? "local" : NULL, .to = &words->local },
		{ .key = "set", .take = cli_take_u32, .to = &words->set,
		  .min = 1, .max = UINT32_MAX, .seen = words->set },
		{ .key = "unreachable", .to = &words->unreachable },
		{ .key = "prohibit", .to = &words->prohibit },
		{ .key = NULL }
	};
	int ret;

	ret = cli_keys(args, keys, "nexthop", "route");
	words->has_protocol = keys[KEY_PROTO].seen;
	return ret;
}

int route_check_hop(const struct damc_nexthop *hop)
{
	if (hop->neigh_id && hop->remote.len)
		return cli_wrong("neigh", "either neigh or udp, not both");
	if (hop->neigh_id && (hop->ifindex || hop->lladdr.len))
		return cli_wrong("neigh", "either neigh or dev, not both");
	if (hop->remote.len && hop->lladdr.len)
		return cli_wrong("lladdr", "either udp or lladdr, not both");
	if (hop->port && !hop->remote.len)
		return cli_required("udp");
	if (hop->remote.len)
		return CLI_OK;
	if (!hop->neigh_id && !hop->ifindex)
		return cli_required(hop->lladdr.len ? "dev" : "dev, udp or neigh");
	return CLI_OK;
}

static int parse_hops(struct cli_args *args, struct damc_route *route,
		      struct words *words)
{
	struct damc_nexthop *hop;
	int ret;

	while (cli_peek(args)) {
		cli_take(args);
		if (words->hops == DAMC_NEXTHOPS_MAX)
			return cli_wrong("nexthop", "16 at most");
		hop = &route->nexthops[words->hops++];
		memset(hop, 0, sizeof(*hop));
		ret = parse_hop(args, hop, words, false);
		if (!ret)
			ret = route_check_hop(hop);
		if (ret)
			return ret;
	}
	return CLI_OK;
}

static bool hop_given(const struct damc_nexthop *hop)
{
	return hop->ifindex || hop->neigh_id || hop->lladdr.len ||
	       hop->remote.len || hop->port || hop->weight;
}

static enum damc_route_type type_of(const struct words *words)
{
	if (words->local)
		return DAMC_ROUTE_TYPE_LOCAL;
	if (words->unreachable)
		return DAMC_ROUTE_TYPE_UNREACHABLE;
	if (words->prohibit)
		return DAMC_ROUTE_TYPE_PROHIBIT;
	return DAMC_ROUTE_TYPE_UNICAST;
}

/* The words' types exclude each other, and next hops. */
static int check_target(const struct words *words,
			const struct damc_nexthop *first, bool given)
{
	unsigned int types = words->local + words->unreachable +
		words->prohibit + !!words->set;

	if (types + (words->hops || given) > 1)
		return cli_wrong(words->prohibit ? "prohibit" :
				 words->unreachable ? "unreachable" :
				 words->local ? "local" :
				 words->set ? "set" : "nexthop",
				 "a route has one target");
	if (words->hops && given)
		return cli_wrong("nexthop", "either one next hop, or each after nexthop");
	if (types || words->hops)
		return CLI_OK;
	if (!given)
		return cli_incomplete();
	return route_check_hop(first);
}

int route_parse(struct cli_args *args, struct damc_route *route)
{
	struct damc_nexthop first = { 0 };
	struct words words = { .protocol = DAMC_ROUTE_PROTOCOL_STATIC };
	unsigned int i;
	int ret;

	/* Next hops are many, and most routes have one. */
	memset(route, 0, offsetof(struct damc_route, nexthops));
	ret = cli_name_arg(args, &route->name);
	if (!ret)
		ret = parse_hop(args, &first, &words, true);
	if (!ret)
		ret = parse_hops(args, route, &words);
	if (!ret)
		ret = check_target(&words, &first, hop_given(&first));
	if (ret)
		return ret;

	if (hop_given(&first)) {
		route->nexthops[0] = first;
		words.hops = 1;
	}
	for (i = 0; i < words.hops; i++) {
		if (!route->nexthops[i].weight)
			route->nexthops[i].weight = 1;
	}
	route->type = type_of(&words);
	route->protocol = words.protocol;
	route->set = words.set;
	route->n_nexthops = words.hops;
	return CLI_OK;
}
