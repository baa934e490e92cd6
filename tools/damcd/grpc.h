/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Class 1 over gRPC (Documentation/grpc/class1.proto), beside HTTP: an edge of
 * class1.h has one of these, which listens at addresses of its own. So the pod
 * is known by the listening socket here, too.
 */
#ifndef DAMCD_GRPC_H
#define DAMCD_GRPC_H

#include "class1_edge.h"

/* Open connections of one edge. */
#define GRPC_CONNECTIONS_MAX 1024
/* Bytes that are kept for one edge's connections, calls, requests, answers. */
#define GRPC_EDGE_BYTES_MAX (64 * 1024 * 1024)

struct grpc;
struct grpc_edge;

struct grpc *grpc_new(struct class1 *class1);
void grpc_free(struct grpc *grpc);

/* An edge's listening sockets, as its configuration has them; NULL: no memory. */
struct grpc_edge *grpc_edge_new(struct grpc *grpc, struct class1_edge *edge);
/* Its connections end, and so their names, unless class 1 is abandoned. */
void grpc_edge_free(struct grpc_edge *grpc_edge);

/* Watches of edges that are recalled end. */
void grpc_recalled(struct grpc *grpc);

/* As class1_route(), class1_told(). */
void grpc_route(struct grpc *grpc, const struct damc_name *name, bool up);
void grpc_told(struct grpc *grpc, uint64_t ticket,
	       const struct dc_reg_entry *entry,
	       const struct dc_reg_outcome *outcome);

#endif /* DAMCD_GRPC_H */
