/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A routing node, whole and without I/O: adjacencies, the link-state database
 * and its flooding, trust, the RIB. Packets, link events, what is registered
 * here and the time go in; packets, changes of the forwarding table and events
 * for the log come out through the ops, during the call and never later.
 *
 * The same core runs in damcd, in unit tests, in the fuzzer and by the thousand
 * in the simulator. All its randomness comes from the seed.
 *
 * Time is monotonic, in us, and never goes backwards.
 */
#ifndef DC_NODE_H
#define DC_NODE_H

#include "fib.h"
#include "object.h"
#include "rib.h"
#include "trust.h"

struct dc_node;

/* The largest packet of classes 2 that a node sends, all headers excluded. */
#define DC_PACKET_MAX 1300

/* Bounded queues by what is in them (DESIGN 5, control traffic). */
enum dc_urgency {
	DC_URGENT,		/* acknowledgements, bad news */
	DC_NORMAL,
};

/**
 * struct dc_node_ops - what a node does to the world
 * @send: a packet to the neighbour @peer (its link address) on @link, or to
 *	all on it if @peer is NULL
 * @fib: see fib.h
 * @neighbour: the neighbour behind the number @link of fib.h's next hops came
 *	up or went down: the kernel needs to know it before routes lead there
 * @session: with that neighbour, which is up, another session is in use: the key
 *	of the tags of what it sends, DC_MAC_BYTES, by which a kernel can tell that
 *	from what others forge; gone when the neighbour goes down. May be NULL.
 * @event: something for the log, structured as "key=value ..." words
 */
struct dc_node_ops {
	void (*send)(void *arg, uint32_t ifindex,
		     const struct damc_lladdr *peer, const void *packet,
		     size_t len, enum dc_urgency urgency);
	struct dc_fib_ops fib;
	void (*neighbour)(void *arg, uint32_t link, uint32_t ifindex,
			  const struct damc_lladdr *peer,
			  const struct dc_node_id *id, bool up);
	void (*session)(void *arg, uint32_t link, uint32_t ifindex,
			const struct damc_lladdr *peer, const uint8_t *tag_key);
	void (*event)(void *arg, const char *what, const char *words);
};

/**
 * struct dc_node_config - what does not change while it runs
 * @identity: who it is
 * @crypto: dc_ed25519, or a stand-in
 * @epoch: of this boot: higher than any before, as far as is known
 * @seed: of all its random numbers
 * @hello_ms: between hellos; a neighbour is gone after @dead of them
 * @dead: 0 means the default, as with all numbers here
 * @restart_s: adjacencies and LSAs are kept while a neighbour's daemon is away
 * @refresh_s: between two issues of an unchanged LSA
 * @lifetime_s: signed into them
 * @rotate_s: between two ephemeral keys of its sessions
 */
struct dc_node_config {
	struct dc_identity identity;
	const struct dc_crypto *crypto;
	uint32_t epoch;
	uint64_t seed;
	uint32_t hello_ms;
	uint32_t dead;
	uint32_t restart_s;
	uint32_t refresh_s;
	uint32_t lifetime_s;
	uint32_t rotate_s;
};

/* NULL and errno: EINVAL for an identity that is none. */
struct dc_node *dc_node_new(const struct dc_node_config *config,
			    const struct dc_node_ops *ops, void *arg,
			    uint64_t now_us, uint64_t wall_ms);
/* Says nothing to anyone; see dc_node_shutdown(). */
void dc_node_free(struct dc_node *node);

/*
 * Other times than it began with: @hello_ms, @dead, @restart_s, @refresh_s,
 * @lifetime_s and @rotate_s of @config, 0 for the default; the rest of it is not
 * looked at. Neighbours are told at once how long to wait for this node; what was
 * issued keeps the lifetime that was signed into it.
 */
void dc_node_timers(struct dc_node *node, const struct dc_node_config *config,
		    uint64_t now_us);

/* Tell neighbours that this node goes, so that they need not find out. */
void dc_node_shutdown(struct dc_node *node, uint64_t now_us);

/* An interface that routers may be on: here, with carrier, at this cost. */
int dc_node_link(struct dc_node *node, uint32_t ifindex, bool up, uint32_t cost,
		 uint64_t now_us);
int dc_node_link_gone(struct dc_node *node, uint32_t ifindex, uint64_t now_us);

/* The kernel's prober says so of the neighbour with this number. */
void dc_node_liveness(struct dc_node *node, uint32_t link, bool up,
		      uint64_t now_us);

/* A packet of class 2 that came by a link: never trusted, never kept. */
void dc_node_input(struct dc_node *node, uint32_t ifindex,
		   const struct damc_lladdr *from, const void *packet,
		   size_t len, uint64_t now_us);

/*
 * Several packets are at hand: what comes of them is said when there are no
 * more, so that objects and acknowledgements share packets.
 */
void dc_node_more(struct dc_node *node, bool more, uint64_t now_us);

/* What is due at @now_us; when to come again (UINT64_MAX: never). */
void dc_node_timer(struct dc_node *node, uint64_t now_us);
uint64_t dc_node_next(const struct dc_node *node);

/**
 * dc_node_announce() - this gateway serves a name
 * @prefix: with the hash of the grant that allows it
 * @grant: that grant, whole, or NULL if the certificate allows it; flooded once
 *
 * Return: DC_VALID, and it is advertised; otherwise why not.
 */
enum dc_verdict dc_node_announce(struct dc_node *node,
				 const struct dc_prefix *prefix,
				 const void *grant, size_t grant_len,
				 uint64_t now_us);
void dc_node_withdraw(struct dc_node *node, const struct damc_name *name,
		      uint64_t now_us);

/* Flood an object that somebody may sign: revocation, beacon, grant, rule. */
enum dc_verdict dc_node_object(struct dc_node *node, const void *bytes,
			       size_t len, uint64_t now_us);

/*
 * A process that has just begun does not know yet which names its pods still
 * offer: while this is on, what the one before it announced stands, and nothing
 * of its own is announced.
 */
void dc_node_hold(struct dc_node *node, bool hold, uint64_t now_us);

/* Reached and not crossed, until told otherwise. */
void dc_node_overload(struct dc_node *node, bool on, uint64_t now_us);

/* ---- for people -------------------------------------------------------- */

struct dc_neighbour {
	struct dc_node_id id;
	uint32_t link;
	uint32_t ifindex;
	struct damc_lladdr lladdr;
	const char *state;	/* down, init, exchange, full; a constant */
	uint32_t cost;
	uint64_t since_us;
	uint64_t rx, tx, dropped, resent;
};

/* Stop when @each returns other than 0, and return that. */
int dc_node_neighbours(const struct dc_node *node,
		       int (*each)(const struct dc_neighbour *neighbour,
				   void *arg), void *arg);

/* An object of the database, with the seconds it has left. */
int dc_node_lsdb(const struct dc_node *node,
		 int (*each)(const struct dc_object *object, uint32_t left_s,
			     void *arg), void *arg);

/**
 * struct dc_node_twin - another node of this id
 * @heard_us: when it was heard of last; 0: never
 * @by: "hello", on a link, or "lsa"; a constant
 * @silent_us: until then this node says nothing of itself
 */
struct dc_node_twin {
	uint64_t heard_us;
	const char *by;
	uint64_t silent_us;
};

void dc_node_twin(const struct dc_node *node, struct dc_node_twin *twin);

const struct dc_rib *dc_node_rib(const struct dc_node *node);
struct dc_trust *dc_node_trust(struct dc_node *node);

/* A hash over the database: equal in all nodes that are in step. */
void dc_node_digest(const struct dc_node *node, struct dc_hash *hash);

/* Whoever adds one names it in node_counts.c, too. */
struct dc_node_counts {
	uint64_t rx;
	uint64_t tx;
	uint64_t malformed;
	uint64_t bad_mac;
	uint64_t replayed;
	uint64_t forged;
	uint64_t unknown;
	uint64_t not_allowed;
	uint64_t expired;
	uint64_t revoked;
	uint64_t duplicate;
	uint64_t older;
	uint64_t over_budget;
	uint64_t flooded;
	uint64_t acked;
	uint64_t resent;
	uint64_t installed;
	uint64_t spf_runs;
};

void dc_node_counts(const struct dc_node *node, struct dc_node_counts *counts);

/* Call @each for every counter by its name, in the order of the struct. */
void dc_node_counts_each(const struct dc_node *node,
			 void (*each)(void *arg, const char *name,
				      uint64_t value), void *arg);

#endif /* DC_NODE_H */
