// SPDX-License-Identifier: GPL-2.0
#include "sabotage.h"

#define WRONG_COST 7

static bool does(const struct host *host, enum sabotage sabotage)
{
	return host->sim->config.sabotage == sabotage && host->number % 2;
}

/* The last neighbour that is up; 0 without one. */
static uint32_t some_link(const struct host *host)
{
	const struct table *table = &host->table;
	size_t i;

	for (i = table->neighbours; i; i--)
		if (table->neighbour[i - 1].up)
			return table->neighbour[i - 1].link;
	return 0;
}

static bool change_set(const struct host *host, struct dc_fib_change *change)
{
	uint32_t link = some_link(host);

	if (link && change->n && does(host, SABOTAGE_WAY)) {
		change->n = 1;
		change->nexthop[0].link = link;
	}
	if (link && does(host, SABOTAGE_BACKUP))
		change->backup = link;
	return true;
}

bool sabotage_change(const struct host *host, struct dc_fib_change *change)
{
	switch (change->op) {
	case DC_FIB_SET:
		return change_set(host, change);
	case DC_FIB_ROUTE:
		if (does(host, SABOTAGE_HOLE) &&
		    change->name.wire[change->name.len - 1] % 2)
			change->unreachable = true;
		return !(change->unreachable && does(host, SABOTAGE_KEEP));
	case DC_FIB_ROUTE_DEL:
		return !does(host, SABOTAGE_KEEP) && !does(host, SABOTAGE_BACK);
	case DC_FIB_SET_DEL:
		return !does(host, SABOTAGE_KEEP);
	default:
		return true;
	}
}

bool sabotage_hears(const struct host *host, uint32_t port,
		    const struct packet *packet)
{
	if (does(host, SABOTAGE_DEAF) && port == host->port[0])
		return false;
	return packet->urgent || !does(host, SABOTAGE_SLOW);
}

uint32_t sabotage_cost(const struct host *host, const struct port *port)
{
	return port->cost + (does(host, SABOTAGE_COST) ? WRONG_COST : 0);
}
