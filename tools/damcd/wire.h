/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets of the link's own: sent to all on a link, or to a neighbour by UDP; taken
 * only from who is on it, or is that neighbour (hop limit 255).
 */
#ifndef DAMCD_WIRE_H
#define DAMCD_WIRE_H

#include "daemon.h"

struct wire;

/**
 * struct wire_link - where a packet goes, or came by
 * @ifindex: an interface; says nothing of one by UDP
 * @neigh: the kernel's number of a neighbour by UDP; 0: not by UDP
 * @from: link address of who sent it; not by UDP
 */
struct wire_link {
	uint32_t ifindex;
	uint32_t neigh;
	struct damc_lladdr from;
};

/* False: nobody is expected there. */
typedef bool (*wire_came)(void *arg, const struct wire_link *link,
			  const void *packet, size_t len);

/* What they are sent to: class 2's, and class 1's of bindings. */
#define WIRE_LS "/localhop/damc/ls"
#define WIRE_BIND "/localhop/damc/bind"

/*
 * @drained, unless it is NULL, follows the last of several packets that @came was
 * told of in a row, and tells whether any of them was worth it: if not, and no more
 * have come, the next look waits for a little, as forged packets cost least by the
 * dozen. NULL and errno.
 */
struct wire *wire_new(struct daemon *daemon, const char *name, wire_came came,
		      bool (*drained)(void *arg), void *arg);
void wire_free(struct wire *wire);

/*
 * By the interface @link->ifindex to all, or to the neighbour @link->neigh. One that
 * cannot be sent is counted and lost: the core sends it again.
 */
void wire_send(struct wire *wire, const struct wire_link *link,
	       const void *packet, size_t len);

/**
 * struct wire_counts - of packets
 * @unsent: the kernel had no room, or the link is down
 * @far: did not come from the link they claim to come from, or from nobody
 *	who is expected there
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
