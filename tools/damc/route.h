/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of damc route: parsing, showing, asking. */
#ifndef DAMC_CLI_ROUTE_H
#define DAMC_CLI_ROUTE_H

#include "cli.h"

/* "NAME { dev ... } ...": the whole of what follows add, replace, append. */
int route_parse(struct cli_args *args, struct damc_route *route);

/* Whether what was said of a next hop makes sense together. */
int route_check_hop(const struct damc_nexthop *hop);

/* " dev DEV lladdr LLADDR neigh ID weight N" and JSON's members for it. */
void route_print_nexthop(const struct damc_nexthop *hop, bool weight);

/**
 * struct route_filter - which entries are meant; nothing set means all
 * @exact: only the entry of this name
 * @root: only entries at or below this name
 */
struct route_filter {
	bool has_exact;
	struct damc_name exact;
	bool has_root;
	struct damc_name root;
	unsigned int type;
	unsigned int protocol;
	uint32_t ifindex;
};

/* Read the keys of one: root, type, proto, dev. */
int route_filter_parse(struct cli_args *args, struct route_filter *filter);
bool route_filter_match(const struct route_filter *filter,
			const struct damc_route *route);

/*
 * The enum damc_route_verb that a word means, -1 for another command; and the
 * whole of what follows it, where it means deletion the name.
 */
int route_verb(const char *word);

int route_parse_for(int verb, struct cli_args *args, struct damc_route *route);

int route_show(struct cli_args *args);
int route_flush(struct cli_args *args);
int route_get(struct cli_args *args);

#endif /* DAMC_CLI_ROUTE_H */
