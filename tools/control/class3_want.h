/* SPDX-License-Identifier: GPL-2.0 */
/* A client's inside, which class3_client.c, class3_ask.c and class3_judge.c share. */
#ifndef DC_CLASS3_WANT_H
#define DC_CLASS3_WANT_H

#include "class3_client.h"
#include "due.h"

/* A nonce that an SPA gave with an answer, kept for the next request. */
#define C3_STOCK 8
/* Half of a nonce's life: it has to get there, too. */
#define C3_STOCK_US 30000000ull

enum c3_state {
	C3_WAIT,		/* for a while, then begin with the first SPA */
	C3_ASK_NONCE,
	C3_ASK_PROOF,
	C3_ASK_GRANT,
	C3_HELD,		/* until it is to be renewed */
};

/**
 * struct c3_want - one
 * @id: without the number of the call, which counts on in @calls
 * @spa: that is being asked
 * @tries: of nonces with this SPA
 * @rounds: how often all were asked
 * @deadline: us; of an outcome
 * @refusal: the last one that another SPA might see otherwise
 * @held: hash of the grant that there is, all zero: none yet
 */
struct c3_want {
	struct dc_due due;
	struct dc_c3_want want;
	uint64_t id;
	uint32_t calls;
	enum c3_state state;
	uint32_t spa;
	uint32_t tries;
	uint32_t rounds;
	uint64_t deadline;
	struct dc_c3_nonce nonce;
	enum dc_c3_code refusal;
	char words[DC_C3_WORDS_MAX + 1];
	bool renewal;
	struct dc_hash held;
	uint64_t not_after;
};

/**
 * struct c3_slot - a place for a want
 * @want: NULL: it is free
 * @next_free: if it is: slot + 1 of the next that is, 0: none
 */
struct c3_slot {
	struct c3_want *want;
	uint32_t generation;
	uint32_t next_free;
};

struct c3_stock {
	struct dc_c3_nonce nonce[C3_STOCK];
	uint64_t until[C3_STOCK];
	uint32_t n;
};

struct dc_c3_client {
	struct dc_identity identity;
	const struct dc_crypto *crypto;
	struct dc_trust *trust;
	struct dc_node_id self;
	uint64_t domain;
	uint64_t random;
	uint32_t n_spas;
	struct damc_name spa[DC_C3_SPAS_MAX];
	struct c3_stock stock[DC_C3_SPAS_MAX];
	struct dc_c3_client_ops ops;
	void *arg;
	struct c3_slot *slot;
	uint32_t n_slots;
	uint32_t first_free;
	struct dc_dues dues;
	struct dc_c3_client_counts counts;
};

/* Begin with the SPA that is to be asked, or go on where a nonce is there. */
void c3_begin_asking(struct dc_c3_client *client, struct c3_want *want,
		     uint64_t now_us);
/* Nothing came of this SPA: the next, or after a while the first again. */
void c3_next_spa(struct dc_c3_client *client, struct c3_want *want,
		 uint64_t now_us);
void c3_have_nonce(struct dc_c3_client *client, struct c3_want *want,
		   const struct dc_c3_nonce *nonce, uint64_t now_us);
void c3_ask_grant(struct dc_c3_client *client, struct c3_want *want,
		  uint64_t now_us);
void c3_stock(struct dc_c3_client *client, uint32_t spa,
	      const struct dc_c3_nonce *nonce, uint64_t now_us);
void c3_wait(struct dc_c3_client *client, struct c3_want *want, uint64_t at);

/* An answer to "grant" that is believed, or not. */
void c3_judge(struct dc_c3_client *client, struct c3_want *want,
	      const void *bytes, size_t len, uint64_t now_us);

/* Tell the outcome; a want that has no grant is gone then. */
void c3_refused(struct dc_c3_client *client, struct c3_want *want,
		enum dc_c3_code code, const char *words, uint64_t now_us);
void c3_forget(struct dc_c3_client *client, struct c3_want *want);

uint64_t c3_random(struct dc_c3_client *client, uint64_t below);

#endif /* DC_CLASS3_WANT_H */
