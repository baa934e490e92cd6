// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What is known of a server: see rmi_peer.h.
 */
#include <stdlib.h>

#include "rmi_client_core.h"
#include "rmi_peer.h"

/* The estimate of a server's clock loses this much of the time it ages. */
#define CLOCK_DRIFT 4096

static void forget(struct rmi_peers *peers, struct rmi_peer *peer)
{
	struct rmi_peer **p = &peers->first;

	while (*p != peer)
		p = &(*p)->next;
	*p = peer->next;
	peers->n--;
	free(peer);
}

static void forget_idle(struct rmi_peers *peers)
{
	struct rmi_peer *oldest = NULL;
	struct rmi_peer *peer;

	for (peer = peers->first; peer; peer = peer->next)
		if (!peer->calls &&
		    (!oldest || peer->used_at < oldest->used_at))
			oldest = peer;
	if (oldest)
		forget(peers, oldest);
}

static struct rmi_peer *add(struct rmi_peers *peers,
			    const struct damc_name *target, uint32_t flow)
{
	struct rmi_peer *peer;

	if (peers->n >= RMI_PEERS_MAX)
		forget_idle(peers);
	peer = calloc(1, sizeof(*peer));
	if (!peer)
		return NULL;
	peer->target = *target;
	peer->flow = flow;
	rmi_window_init(&peer->window);
	peer->next = peers->first;
	peers->first = peer;
	peers->n++;
	return peer;
}

struct rmi_peer *rmi_peer_get(struct rmi_peers *peers,
			      const struct damc_name *target, uint32_t flow,
			      uint64_t now)
{
	struct rmi_peer *peer;

	for (peer = peers->first; peer; peer = peer->next)
		if (damc_name_equal(&peer->target, target))
			break;
	if (!peer)
		peer = add(peers, target, flow);
	if (peer)
		peer->used_at = now;
	return peer;
}

void rmi_peers_free(struct rmi_peers *peers)
{
	while (peers->first)
		forget(peers, peers->first);
}

int64_t rmi_peer_clock(const struct rmi_peer *peer, uint64_t now)
{
	uint64_t age = now - peer->clock_at;

	return peer->clock_us + (int64_t)(age - age / CLOCK_DRIFT);
}

void rmi_peer_learn(struct rmi_peer *peer, const struct rmi_msg *msg,
		    bool exactly, uint64_t now)
{
	int64_t reading = msg->time * 1000;

	if (peer->incarnation == msg->incarnation && !exactly &&
	    rmi_peer_clock(peer, now) > reading)
		return;
	peer->incarnation = msg->incarnation;
	peer->clock_us = reading;
	peer->clock_at = now;
}

void rmi_peer_sent(struct rmi_peer *peer, uint64_t now)
{
	rmi_window_sent(&peer->window, peer->rtt.known ? peer->rtt.smooth : 0,
			now);
}
