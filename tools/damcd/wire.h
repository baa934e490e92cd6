/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets of the link's own: sent to all on it, taken only from who is on it
 * (hop limit 255).
 */
#ifndef DAMCD_WIRE_H
#define DAMCD_WIRE_H

#include "daemon.h"

struct wire;

typedef void (*wire_came)(void *arg, uint32_t ifindex,
			  const struct damc_lladdr *from, const void *packet,
			  size_t len);

/* What they are sent to: class 2's, and class 1's of bindings. */
#define WIRE_LS "/localhop/damc/ls"
#define WIRE_BIND "/localhop/damc/bind"

/*
 * @drained, unless it is NULL, follows the last of several packets that @came was
 * told of in a row. NULL and errno.
 */
struct wire *wire_new(struct daemon *daemon, const char *name, wire_came came,
		      void (*drained)(void *arg), void *arg);
void wire_free(struct wire *wire);

/* One that cannot be sent is counted and lost: the core sends it again. */
void wire_send(struct wire *wire, uint32_t ifindex, const void *packet,
	       size_t len);

/**
 * struct wire_counts - of packets
 * @unsent: the kernel had no room, or the link is down
 * @far: did not come from the link they claim to come from
 */
struct wire_counts {
	uint64_t rx;
	uint64_t tx;
	uint64_t unsent;
	uint64_t far;
	uint64_t cut;
};

const struct wire_counts *wire_counts(const struct wire *wire);

#endif /* DAMCD_WIRE_H */
