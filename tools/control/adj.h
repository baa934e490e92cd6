/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Adjacencies: who is behind a link address, whether it hears us, the session
 * that both have, and when it counts as gone. A session's key comes of both
 * ends' ephemeral keys and fresh nonces, so what is sealed with it is fresh.
 *
 *	adj.c		the table, states, timers
 *	adj_hello.c	hellos and certificates: until a session is proven
 *	adj_session.c	keys, MACs, sequence numbers
 *	adj_send.c	what goes to a neighbour
 */
#ifndef DC_ADJ_H
#define DC_ADJ_H

#include "damp.h"
#include "flood.h"
#include "ls_msg.h"
#include "sync.h"

#define ADJ_MAX 64
#define ADJ_IFACES_MAX 64
/* Hellos of who is no neighbour that are remembered, by hash. */
#define ADJ_HEARD 1024

struct dc_node;

/**
 * struct adj_key - a node's own ephemeral key
 * @made_us: when; it is replaced after rotate_s
 */
struct adj_key {
	uint8_t public[32];
	uint8_t secret[32];
	uint8_t signature[DC_SIGNATURE_BYTES];
	uint64_t made_us;
};

/**
 * struct adj_session - keys and what came under them
 * @used: there is one; @keyed: the other's nonce is known and so the keys
 * @tx, @rx: one key for each direction
 * @tx_tag, @rx_tag: keys of the tags by which the receiver finds the key
 * @tx_seq: last sent
 * @rx_top: highest received; @rx_mask: bit i: so was @rx_top - i
 * @made_us: when it began, or was replaced
 * @incarnation: of the other's daemon
 */
struct adj_session {
	bool used;
	bool keyed;
	uint8_t shared[DC_SESSION_BYTES];
	uint8_t peer_public[32];
	uint8_t my_nonce[LS_NONCE_BYTES];
	uint8_t peer_nonce[LS_NONCE_BYTES];
	uint8_t tx[DC_SESSION_BYTES];
	uint8_t rx[DC_SESSION_BYTES];
	uint8_t tx_tag[DC_MAC_BYTES];
	uint8_t rx_tag[DC_MAC_BYTES];
	uint64_t tx_seq;
	uint64_t rx_top;
	uint64_t rx_mask;
	uint64_t made_us;
	uint64_t incarnation;
};

/* Begin with fresh @my_nonce: false if the other's key is worth nothing. */
bool adj_session_begin(struct adj_session *session, const struct adj_key *key,
		       const uint8_t peer_public[32],
		       const uint8_t my_nonce[LS_NONCE_BYTES]);
/* The other's nonce is this. */
void adj_session_key(struct adj_session *session,
		     const uint8_t peer_nonce[LS_NONCE_BYTES]);

/* The tag of the packet with this sequence. */
uint32_t adj_session_tag(const uint8_t key[DC_MAC_BYTES], uint64_t seq);

enum adj_seal { ADJ_SEAL_OK, ADJ_SEAL_BAD, ADJ_SEAL_REPLAYED };

/* Whether a session packet is sealed with it and new; it counts as received. */
enum adj_seal adj_session_open(struct adj_session *session,
			       const struct ls_packet *packet,
			       const struct dc_tape *tape);

/* Whether a packet's MAC is the session's; @tape, which may be NULL, hears it. */
bool adj_mac_ok(const struct adj_session *session,
		const struct ls_packet *packet, const struct dc_tape *tape);

enum adj_state { ADJ_DOWN, ADJ_INIT, ADJ_EXCHANGE, ADJ_FULL };
enum adj_live { ADJ_LIVE_UNKNOWN, ADJ_LIVE_UP, ADJ_LIVE_DOWN };

/*
 * What an interface's daemon does in a second for who has no session, each apart,
 * so that who makes it do much of one keeps nobody from another.
 *
 * ADJ_NEW: hellos are verified of who is no neighbour; ADJ_AGAIN: that came before
 * ADJ_KNOWN: of who is a neighbour
 * ADJ_ASKS: certificates are asked for; ADJ_ANSWERS: one's own is told
 * ADJ_CERTS: certificates are verified
 */
enum adj_budget {
	ADJ_NEW, ADJ_AGAIN, ADJ_KNOWN, ADJ_ASKS, ADJ_ANSWERS, ADJ_CERTS,
	ADJ_BUDGETS
};

struct adj_iface {
	uint32_t ifindex;
	bool up;
	uint32_t cost;
	uint64_t hello_us;
	struct budget budget[ADJ_BUDGETS];
};

/**
 * struct adj - a neighbour on an interface
 * @link: this node's number of it; @peer_link: the neighbour's of us
 * @hello: the last of its hellos that was found signed by its key
 * @session: in use; @next: not proven yet; @last: what was in use before
 * @heard_us: when something of it came that no other can have sent
 * @quiet: its daemon is silent and its kernel goes on (DESIGN 5, liveness)
 * @usable: full, alive, carrier: what routes may use
 * @told: it is in the link LSA
 * @checks: of objects that are not good; @lies: of these, with a bad signature
 * @lied_us: when such a one was told of last; 0: never
 */
struct adj {
	struct adj_iface *iface;
	struct damc_lladdr lladdr;
	uint32_t link;
	uint32_t peer_link;
	struct ls_hello hello;
	struct adj_session session;
	struct adj_session next;
	struct adj_session last;
	enum adj_state state;
	enum adj_live live;
	uint64_t incarnation;
	uint64_t since_us;
	uint64_t heard_us;
	uint64_t hold_us;
	uint64_t hello_us;
	uint64_t reply_us;
	bool reply;
	bool known;
	bool quiet;
	bool shunned;
	bool usable;
	bool told;
	struct damp damp;
	uint64_t good_us;
	struct flood flood;
	struct sync sync;
	struct budget checks;
	struct budget lies;
	uint64_t lied_us;
	uint64_t ack[LS_ACKS_MAX];
	uint32_t n_acks;
	bool say;
	uint64_t rx, tx, dropped;
};

struct adj_iface *adj_iface(struct dc_node *node, uint32_t ifindex);
int adj_iface_set(struct dc_node *node, uint32_t ifindex, bool up,
		  uint32_t cost);
int adj_iface_gone(struct dc_node *node, uint32_t ifindex);

struct adj *adj_find(struct dc_node *node, const struct adj_iface *iface,
		     const struct damc_lladdr *lladdr);
struct adj *adj_by_link(struct dc_node *node, uint32_t link);
/* NULL: there are too many, and none that could make room. */
struct adj *adj_new(struct dc_node *node, struct adj_iface *iface,
		    const struct damc_lladdr *lladdr);
void adj_free(struct dc_node *node, struct adj *adj);

void adj_set_state(struct dc_node *node, struct adj *adj, enum adj_state state);
/* Whether it is usable may have changed. */
void adj_review(struct dc_node *node, struct adj *adj);
/* Its sessions are worth nothing any more. */
void adj_down(struct dc_node *node, struct adj *adj, const char *why);
/* Its own number of the link, as it is proven to have said. */
void adj_peer_link(struct dc_node *node, struct adj *adj, uint32_t link);
/* Something of it came that no other can have sent. */
void adj_heard(struct dc_node *node, struct adj *adj);
/* Send the hello that is owed to it, if it is time. */
void adj_reply(struct dc_node *node, struct adj *adj);
/* The session that was next is proven to be the neighbour's. */
void adj_proven(struct dc_node *node, struct adj *adj);
void adj_liveness(struct dc_node *node, struct adj *adj, bool up);
/* How often it says so has changed: all are told now. */
void adj_hello_soon(struct dc_node *node);
void adj_timer(struct dc_node *node);
uint64_t adj_next(const struct dc_node *node);
/* The topology changed: who is quiet is not to be crossed any more. */
void adj_shun_quiet(struct dc_node *node);

/* ---- adj_hello.c ------------------------------------------------------- */

/* Make a key and sign it; sessions under the one before stay as they are. */
void adj_key_make(struct dc_node *node);
/* The same, and sessions under the new one with all. */
void adj_key_rotate(struct dc_node *node);
void adj_hello_all(struct dc_node *node, struct adj_iface *iface);
void adj_hello_one(struct dc_node *node, struct adj *adj);
void adj_hello_input(struct dc_node *node, struct adj_iface *iface,
		     const struct damc_lladdr *from,
		     const struct ls_packet *packet);
void adj_cert_ask_input(struct dc_node *node, struct adj_iface *iface,
			const struct damc_lladdr *from,
			const struct ls_packet *packet);
void adj_cert_input(struct dc_node *node, struct adj_iface *iface,
		    const struct damc_lladdr *from,
		    const struct ls_packet *packet);

/* ---- adj_send.c -------------------------------------------------------- */

/* Seal a session packet and send it. */
void adj_send(struct dc_node *node, struct adj *adj, struct ls_out *out);
/* Send what there is for it: acknowledgements, a word, objects. */
void adj_flush(struct dc_node *node, struct adj *adj);
void adj_ack(struct dc_node *node, struct adj *adj, const struct dc_hash *hash);
void adj_goodbye(struct dc_node *node, struct adj *adj);

#endif /* DC_ADJ_H */
