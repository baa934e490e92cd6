/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What should be, from what the simulator knows to be true: which wires work,
 * which hosts live, which names are registered where. As naive as can be.
 */
#ifndef SIM_ORACLE_H
#define SIM_ORACLE_H

#include "host.h"

#define ORACLE_FAR UINT32_MAX

/**
 * struct oracle_owner - who has a name registered, one of a list
 * @next: in oracle.owner, or UINT32_MAX
 */
struct oracle_owner {
	uint32_t host;
	uint32_t epoch;
	uint8_t right;
	uint32_t next;
};

/**
 * struct oracle - the truth at one time
 * @distance: [to * hosts + from], ORACLE_FAR if there is no way
 * @part: which connected part a host is in; ORACLE_FAR if it is dead
 * @owned: by number of the name, the first of its owners, or UINT32_MAX
 */
struct oracle {
	const struct sim *sim;
	uint32_t *distance;
	uint32_t *part;
	uint32_t *owned;
	size_t names;
	struct oracle_owner *owner;
	size_t owners;
	size_t owner_size;
};

void oracle_init(struct oracle *oracle, const struct sim *sim);
void oracle_free(struct oracle *oracle);

static inline uint32_t oracle_distance(const struct oracle *oracle,
				       uint32_t from, uint32_t to)
{
	return oracle->distance[(size_t)to * oracle->sim->hosts + from];
}

/* The host's own port leads to a live neighbour, both ways. */
bool oracle_link(const struct sim *sim, uint32_t port);
/*
 * Whether a packet for it is delivered there: it is registered, the core said
 * yes, and nobody in reach has a better right to it (then the gateway gives way).
 */
bool oracle_local(const struct oracle *oracle, uint32_t host, uint32_t name);

/**
 * oracle_ways() - by which ports a host should send for a name
 * @port: gets them in order of the host's ports
 *
 * Return: how many; 0 if the name is the host's own, or nobody's that it can
 * reach.
 */
uint32_t oracle_ways(const struct oracle *oracle, uint32_t host, uint32_t name,
		     uint32_t port[DC_FIB_NEXTHOPS_MAX]);

#endif /* SIM_ORACLE_H */
