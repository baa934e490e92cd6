/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hosts that do wrong on purpose, between a good core and its world: a check
 * that finds nothing then is none.
 */
#ifndef SIM_SABOTAGE_H
#define SIM_SABOTAGE_H

#include "host.h"

/* What the kernel gets of a change: false if nothing. */
bool sabotage_change(const struct host *host, struct dc_fib_change *change);
/* Whether the core hears a packet. */
bool sabotage_hears(const struct host *host, uint32_t port,
		    const struct packet *packet);
/* What the core is told that a port costs. */
uint32_t sabotage_cost(const struct host *host, const struct port *port);

#endif /* SIM_SABOTAGE_H */
