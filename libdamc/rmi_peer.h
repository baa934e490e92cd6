/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Inside the calling core: what is known of a server, and the window that its
 * calls share.
 */
#ifndef _DAMC_RMI_PEER_H
#define _DAMC_RMI_PEER_H

#include "rmi_msg.h"
#include "rmi_rtt.h"
#include "rmi_window.h"

/**
 * struct rmi_peer - a server, as calls to @target under @flow find it
 * @next: in the core's list
 * @target: name that is called
 * @instance: who has @incarnation: the target, or a pool's instance
 * @flow: flow label of calls to come
 * @incarnation: of the server, 0: unknown
 * @clock_us: what its clock said
 * @clock_at: when
 * @rtt: to it and back
 * @window: of packets to it, and of those it was asked for
 * @used_at: when a call was begun last
 * @calls: how many are open
 * @owes_done: it may be remembering calls for us
 */
struct rmi_peer {
	struct rmi_peer *next;
	struct damc_name target;
	struct damc_name instance;
	uint32_t flow;
	uint64_t incarnation;
	int64_t clock_us;
	uint64_t clock_at;
	struct rmi_rtt rtt;
	struct rmi_window window;
	uint64_t used_at;
	unsigned int calls;
	bool owes_done;
};

struct rmi_peers {
	struct rmi_peer *first;
	unsigned int n;
};

/* The peer of a name, made with label @flow if it is new; NULL: no memory. */
struct rmi_peer *rmi_peer_get(struct rmi_peers *peers,
			      const struct damc_name *target, uint32_t flow,
			      uint64_t now);
void rmi_peers_free(struct rmi_peers *peers);

/*
 * The server's clock now, as far as is known: never ahead of it, if clocks
 * drift apart by less than 1 in 4,096, since a reading is old when it comes.
 */
int64_t rmi_peer_clock(const struct rmi_peer *peer, uint64_t now);

/* @msg tells incarnation and clock; @exactly: also if the clock went back. */
void rmi_peer_learn(struct rmi_peer *peer, const struct rmi_msg *msg,
		    bool exactly, uint64_t now);

/* A packet leaves; packets that may. */
void rmi_peer_sent(struct rmi_peer *peer, uint64_t now);

static inline uint32_t rmi_peer_timeout(const struct rmi_peer *peer)
{
	return rmi_rtt_timeout(&peer->rtt);
}

#endif /* _DAMC_RMI_PEER_H */
