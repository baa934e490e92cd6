// SPDX-License-Identifier: GPL-2.0
/* damc route show and flush: the entries that a selector picks. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "print.h"
#include "route.h"

int route_filter_parse(struct cli_args *args, struct route_filter *filter)
{
	struct cli_key keys[] = {
		{ .key = "root", .take = cli_take_name, .to = &filter->root },
		{ .key = "type", .take = cli_take_word, .to = &filter->type,
		  .words = damc_spec_route_type },
		{ .key = "proto", .take = cli_take_word,
		  .to = &filter->protocol, .words = damc_spec_route_protocol },
		{ .key = "dev", .take = cli_take_dev, .to = &filter->ifindex },
		{ .key = NULL }
	};
	int ret;

	ret = cli_keys(args, keys, NULL, "route");
	filter->has_root = keys[0].seen;
	return ret;
}

static bool leaves_by(const struct damc_route *route, uint32_t ifindex)
{
	unsigned int i;

	for (i = 0; i < route->n_nexthops; i++) {
		if (route->nexthops[i].ifindex == ifindex)
			return true;
	}
	return false;
}

bool route_filter_match(const struct route_filter *filter,
			const struct damc_route *route)
{
	if (filter->has_exact && !damc_name_equal(&route->name, &filter->exact))
		return false;
	if (filter->has_root && !damc_name_below(&route->name, &filter->root))
		return false;
	if (filter->type && filter->type != route->type)
		return false;
	if (filter->protocol && filter->protocol != route->protocol)
		return false;
	return !filter->ifindex || leaves_by(route, filter->ifindex);
}

void route_print_nexthop(const struct damc_nexthop *hop, bool weight)
{
	cli_print_udp(&hop->remote, hop->port, &hop->local);
	cli_print_link(hop->ifindex, &hop->lladdr);
	if (hop->neigh_id)
		print_uint(PRINT_ANY, "neigh", " neigh %u", hop->neigh_id);
	if (weight || is_json_context())
		print_uint(PRINT_ANY, "weight", " weight %u", hop->weight);
}

static void print_nexthops(const struct damc_route *route)
{
	bool alone = route->n_nexthops == 1;
	unsigned int i;

	open_json_array(PRINT_JSON, "nexthops");
	for (i = 0; i < route->n_nexthops; i++) {
		const struct damc_nexthop *hop = &route->nexthops[i];

		open_json_object(NULL);
		if (!alone) {
			print_nl();
			print_string(PRINT_FP, NULL, "%s", "\tnexthop");
		}
		route_print_nexthop(hop, !alone || hop->weight != 1);
		close_json_object();
	}
	close_json_array(PRINT_JSON, "nexthops");
}

void cli_print_route(const struct damc_route *route)
{
	struct cli_text text;
	const char *type = cli_word(damc_spec_route_type, route->type, &text);

	open_json_object(NULL);
	cli_print_event();
	print_string(PRINT_JSON, "type", NULL, type);
	if (route->type != DAMC_ROUTE_TYPE_UNICAST)
		print_string(PRINT_FP, NULL, "%s ", type);
	print_color_string(PRINT_ANY, COLOR_INET6, "prefix", "%s",
			   cli_name(&route->name, &text));
	if (route->set)
		print_uint(PRINT_ANY, "set", " set %u", route->set);
	/* One next hop stands on the line; more have a line each, at its end. */
	if (route->n_nexthops == 1)
		print_nexthops(route);
	print_string(PRINT_ANY, "protocol", " proto %s",
		     cli_word(damc_spec_route_protocol, route->protocol, &text));
	if (route->n_nexthops != 1)
		print_nexthops(route);
	print_string(PRINT_FP, NULL, "%s", "\n");
	close_json_object();
}

/*
 * The kernel gives entries as its hash has them. A person wants them sorted,
 * which is done for as many as are worth reading; a larger table is printed as
 * it comes, so that it takes no memory here.
 */
#define SORTED_MAX 4096

struct show {
	struct route_filter filter;
	unsigned int n;
	struct damc_route *routes;
};

static int by_name(const void *a, const void *b)
{
	const struct damc_route *left = a, *right = b;
	struct cli_text left_text, right_text;

	return strcmp(cli_name(&left->name, &left_text),
		      cli_name(&right->name, &right_text));
}

/* Print what was gathered; what comes later is printed as it comes. */
static void print_gathered(struct show *show)
{
	unsigned int i;

	qsort(show->routes, show->n, sizeof(*show->routes), by_name);
	for (i = 0; i < show->n; i++)
		cli_print_route(&show->routes[i]);
	free(show->routes);
	show->routes = NULL;
	show->n = 0;
}

static int show_one(const struct damc_route *route, void *arg)
{
	struct show *show = arg;

	if (!route_filter_match(&show->filter, route))
		return 0;
	if (show->routes && show->n == SORTED_MAX)
		print_gathered(show);
	if (show->routes)
		show->routes[show->n++] = *route;
	else
		cli_print_route(route);
	return 0;
}

static int show_matching(struct damc_ctl *ctl, struct show *show)
{
	int ret;

	show->routes = calloc(SORTED_MAX, sizeof(*show->routes));
	if (!show->routes)
		return cli_failed("route show", ENOMEM);
	new_json_obj(json);
	ret = damc_route_dump(ctl, show_one, show);
	if (show->routes)
		print_gathered(show);
	delete_json_obj();
	return ret < 0 ? cli_refused(ret) : CLI_OK;
}

/* One name: the kernel is asked for it alone. */
static int show_exact(struct damc_ctl *ctl, const struct route_filter *filter)
{
	struct damc_route route;
	int err;

	err = damc_route_get(ctl, &filter->exact, &route);
	if (err && err != -ESRCH)
		return cli_refused(err);
	new_json_obj(json);
	if (!err && route_filter_match(filter, &route))
		cli_print_route(&route);
	delete_json_obj();
	return CLI_OK;
}

int route_show(struct cli_args *args)
{
	struct show show = { 0 };
	const char *word = cli_peek(args);
	struct damc_ctl *ctl;
	int ret;

	if (word && *word == '/') {
		show.filter.has_exact = true;
		ret = cli_name_arg(args, &show.filter.exact);
		if (ret)
			return ret;
	}
	ret = route_filter_parse(args, &show.filter);
	if (ret)
		return ret;
	ctl = cli_ctl();
	if (!ctl)
		return CLI_KERNEL;
	return show.filter.has_exact ? show_exact(ctl, &show.filter) :
				       show_matching(ctl, &show);
}

struct flush {
	struct cli_flush base;
	struct route_filter filter;
};

static int flush_one(const struct damc_route *route, void *arg)
{
	struct flush *flush = arg;

	/* Those are bindings, and go with what is bound; or no route's business. */
	if (route->protocol == DAMC_ROUTE_PROTOCOL_KERNEL ||
	    route->type == DAMC_ROUTE_TYPE_POOL ||
	    !route_filter_match(&flush->filter, route))
		return 0;
	return cli_flush_take(&flush->base, &route->name);
}

/* Its argument is part of a struct flush. */
static int flush_dump(struct damc_ctl *ctl, struct cli_flush *base)
{
	return damc_route_dump(ctl, flush_one, base);
}

int route_flush(struct cli_args *args)
{
	struct flush flush = {
		.base = {
			.what = "routes", .dump = flush_dump,
			.del = damc_route_del,
		},
	};
	int ret;

	ret = cli_flush_which(args, "route");
	if (!ret)
		ret = route_filter_parse(args, &flush.filter);
	return ret ? ret : cli_flush(&flush.base);
}
