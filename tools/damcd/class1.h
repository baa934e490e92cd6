/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Class 1 over HTTP/JSON (Documentation/openapi/class1.yaml): one server for
 * each edge, so that the listening socket says which pod asks. Registrations
 * themselves are registrar.h's.
 */
#ifndef DAMCD_CLASS1_H
#define DAMCD_CLASS1_H

#include "daemon.h"

/* A request's body, its header: bytes. */
#define CLASS1_BODY_MAX (1024 * 1024)
#define CLASS1_HEADER_MAX 16384
/* Names in one request to renew. */
#define CLASS1_RENEW_MAX 10000
/* ms between two requests of one edge for all the fabric's names. */
#define CLASS1_FABRIC_MS 1000
/* Open connections of one edge; those of them that watch. */
#define CLASS1_CONNECTIONS_MAX 10240
#define CLASS1_WATCHES_MAX 64
/* Bytes of changes that a watch has not read. */
#define CLASS1_WATCH_BYTES_MAX (1024 * 1024)

struct class1 *class1_new(struct daemon *daemon);
void class1_free(struct class1 *class1);

/*
 * From now on the end of a connection withdraws nothing: the process ends, its
 * names stay bound until the next one has asked who still wants them.
 */
void class1_abandon(struct class1 *class1);

/* Listen as the configuration says now: edges that stay keep their connections. */
void class1_configure(struct class1 *class1);

/* An interface came, changed or went: an edge is bound to it by name. */
void class1_link(struct class1 *class1, const struct link *link);

/* The fabric's way to a name came, changed or went. */
void class1_route(struct class1 *class1, const struct damc_name *name, bool up);

/* Who may call whom has changed. */
void class1_recalled(struct class1 *class1);

/* What became of a name, for who waits for it (@ticket) and who watches. */
void class1_told(struct class1 *class1, uint64_t ticket,
		 const struct dc_reg_entry *entry,
		 const struct dc_reg_outcome *outcome);

#endif /* DAMCD_CLASS1_H */
