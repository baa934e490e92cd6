/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The routing node with its hands: links, packets, the kernel's table, timer.
 * What the node decides is node.h's.
 */
#ifndef DAMCD_ROUTER_H
#define DAMCD_ROUTER_H

#include "daemon.h"
#include "node.h"
#include "record.h"
#include "table.h"
#include "wire.h"

/* NULL: why is logged. */
struct router *router_new(struct daemon *daemon);
/* Routes stay in the kernel; neighbours are told nothing, see router_leave(). */
void router_free(struct router *router);

/* Take up the certificate that is in the identity's directory now. */
void router_renew(struct router *router);

/* Costs and interfaces as the configuration says now. */
void router_configure(struct router *router);

/* Others are to pass by this node, as far as they can; instances get no new flow. */
void router_drain(struct router *router, bool on);
bool router_is_drained(const struct router *router);

/* Tell neighbours that this node goes for good. */
void router_leave(struct router *router);

struct dc_node *router_node(struct router *router);
const struct dc_node_id *router_id(const struct router *router);
const struct dc_identity *router_identity(const struct router *router);

/* Around each call of the node that something may follow from. */
void router_begin(struct router *router);
void router_end(struct router *router);

/* After one that may change no more than when it is due. */
void router_arm(struct router *router);

/* What a binding changed since router_begin() was this node's own doing. */
void router_rebound(struct router *router);

/* A name was bound in the kernel, in the place of a route; is not any more. */
void router_bound(struct router *router, const struct damc_name *name);
void router_unbound(struct router *router, const struct damc_name *name);
/* The same of all that was bound to an interface. */
void router_edge_gone(struct router *router);

/* Write all routes into the kernel again. */
void router_replay(struct router *router);

/* The node's number of a neighbour of the kernel's; 0: it is none of ours. */
uint32_t router_link_of(const struct router *router, uint32_t neigh_id);

/* Where the neighbours on the node's @link are, if by UDP; else NULL. */
const struct config_fabric *router_udp_at(const struct router *router,
					  uint32_t link);

/* ms of the domain's time. */
uint64_t router_time(const struct router *router);

void router_table_counts(const struct router *router,
			 struct table_counts *counts);
const struct wire_counts *router_wire_counts(const struct router *router);

/* Of the flight recorder: all zero if there is none. */
void router_record_counts(const struct router *router,
			  struct dc_recorder_counts *counts);

#endif /* DAMCD_ROUTER_H */
