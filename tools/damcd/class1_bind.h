/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Class 1 by bind(): a pod's kernel asks for what its sockets have bound, on
 * /localhop/damc/bind of its edge. Who asks is who the interface faces; the
 * registrations themselves are registrar.h's. Nothing is kept of a name but the
 * question that is open: the pod's kernel asks again by itself.
 */
#ifndef DAMCD_CLASS1_BIND_H
#define DAMCD_CLASS1_BIND_H

#include "class1.h"

/* Seconds of the lease; a kernel asks again each DAMC_BIND_ASK_MAX_MS. */
#define CLASS1_BIND_LEASE_S 60
/* Names of one edge that wait for an SPA's answer. */
#define CLASS1_BIND_WAITS_MAX 64

struct class1_bind;
struct class1_edge;

/* NULL: why is logged; without it pods register by HTTP and gRPC alone. */
struct class1_bind *class1_bind_new(struct class1 *class1);
void class1_bind_free(struct class1_bind *bind);

/* An edge has come up: its pod may have bound names that are not known here. */
void class1_bind_edge_up(struct class1_bind *bind,
			 const struct class1_edge *edge);
/* It ends: nobody waits behind it. */
void class1_bind_edge_free(struct class1_bind *bind,
			   const struct class1_edge *edge);

/* What became of a name; see class1_told(). */
void class1_bind_told(struct class1_bind *bind, uint64_t ticket,
		      const struct dc_reg_entry *entry,
		      const struct dc_reg_outcome *outcome);

#endif /* DAMCD_CLASS1_BIND_H */
