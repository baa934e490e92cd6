// SPDX-License-Identifier: GPL-2.0
/* Whom a connected socket talks to: hearing it, and settling who it is. */
#include "packet.h"
#include "sock.h"

/**
 * damc_peer_make() - a peer that is not settled
 * @name: its name, or a pool's
 * @flow: flow label of what goes there, 0 for the socket's own
 *
 * Context: may sleep.
 * Return: the peer, or NULL.
 */
struct damc_peer *damc_peer_make(const struct damc_name *name, u32 flow)
{
	struct damc_peer *peer = kzalloc(sizeof(*peer), GFP_KERNEL_ACCOUNT);

	if (!peer)
		return NULL;
	spin_lock_init(&peer->lock);
	peer->flow = flow;
	peer->len = name->len;
	memcpy(peer->wire, name->wire, name->len);
	return peer;
}

static bool damc_peer_is(const struct damc_peer *peer,
			 const struct damc_name *name)
{
	struct damc_name own = damc_peer_name(peer);

	return damc_name_equal(&own, name);
}

/* Whether a name is the peer's and one component more. */
static bool damc_peer_covers(const struct damc_peer *peer,
			     const struct damc_name *name)
{
	struct damc_name own = damc_peer_name(peer);

	return name->len > own.len && !memcmp(own.wire, name->wire, own.len) &&
	       name->len - own.len == 1 + name->wire[own.len];
}

/* @name is the peer's, or an instance's that it can be. */
static bool damc_peer_settle(struct damc_peer *peer,
			     const struct damc_name *name)
{
	bool settled;

	spin_lock_bh(&peer->lock);
	settled = damc_peer_is(peer, name) ||
		  (!peer->settled && damc_peer_covers(peer, name));
	if (settled && !peer->settled) {
		memcpy(peer->wire + peer->len, name->wire + peer->len,
		       name->len - peer->len);
		/* Whoever sees the length sees the bytes. */
		smp_store_release(&peer->len, name->len);
		WRITE_ONCE(peer->settled, true);
	}
	spin_unlock_bh(&peer->lock);
	return settled;
}

/**
 * damc_sock_hears() - whether a packet is for a socket to take
 * @ds: the socket
 * @skb: the packet
 *
 * A connected socket hears its peer only. Of one that has not answered yet it is
 * not known whether it is a pool; what comes from an instance, under the flow
 * label that is not for others to guess, tells: then that is the peer.
 *
 * Context: under RCU.
 */
bool damc_sock_hears(const struct damc_sock *ds, struct sk_buff *skb)
{
	struct damc_peer *peer = rcu_dereference(ds->peer);
	struct damc_name src = damc_src(skb);

	if (!peer)
		return true;
	if (READ_ONCE(peer->settled))
		return damc_peer_is(peer, &src);
	if (!damc_peer_is(peer, &src) &&
	    damc_cb(skb)->pkt.flow != (peer->flow ?: ds->flow))
		return false;
	return damc_peer_settle(peer, &src);
}

/**
 * damc_error_is_peers() - whether an error is about what went to a socket's peer
 * @ds: the socket
 * @error: the error
 * @quote: where its quote begins
 *
 * The refused packet was for the very name the socket is connected to, or was
 * when it was sent, and under the flow label it sends there with, or sent with
 * last, which is not for others to guess.
 *
 * Context: under RCU.
 */
bool damc_error_is_peers(const struct damc_sock *ds,
			 const struct damc_sock_error *error,
			 const void *quote)
{
	const struct damc_peer *peer = rcu_dereference(ds->peer);
	struct damc_name dst = damc_pkt_dst(&error->quoted, quote);
	struct damc_name pool = damc_pkt_pool(&error->quoted, quote);

	if (!peer || ((peer->flow ?: ds->flow) != error->quoted.flow &&
		      READ_ONCE(ds->sent_flow) != error->quoted.flow))
		return false;
	return damc_peer_is(peer, &dst) ||
	       (error->quoted.pool && damc_peer_is(peer, &pool));
}
