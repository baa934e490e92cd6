/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where a node can be listened to so that all it does can be done again: what it
 * is told, and what only chance or a key tells. All else follows from these. A
 * recorder (record.h) keeps them; a replay (replay.h) gives them back.
 *
 * No key passes here: of what keys do it is the outcome, which others see as well.
 */
#ifndef DC_TAPE_H
#define DC_TAPE_H

#include <stddef.h>
#include <stdint.h>

#include "damc.h"

/* What a node is told. A record has these numbers: new ones come last. */
enum dc_tape_input_kind {
	DC_TAPE_LINK = 1,	/* ifindex, up, cost */
	DC_TAPE_LINK_GONE,	/* ifindex */
	DC_TAPE_LIVENESS,	/* link, up */
	DC_TAPE_PACKET,		/* ifindex; from, packet */
	DC_TAPE_MORE,		/* more */
	DC_TAPE_TIMER,
	DC_TAPE_ANNOUNCE,	/* right, weight, epoch; name, grant; hash */
	DC_TAPE_WITHDRAW,	/* name */
	DC_TAPE_OBJECT,		/* object */
	DC_TAPE_OVERLOAD,	/* on */
	DC_TAPE_SHUTDOWN,
	DC_TAPE_KNOW,		/* object, that trust alone is told of */
	DC_TAPE_TIMERS,		/* hello, dead, restart, refresh, lifetime, rotate */
	DC_TAPE_HOLD,		/* on */
	DC_TAPE_INPUTS
};

#define DC_TAPE_NUMBERS 6

/**
 * struct dc_tape_input - one thing that it is told
 * @number, @from, @bytes: as its kind says above
 * @grant, @hash: of DC_TAPE_ANNOUNCE; @grant may be NULL
 */
struct dc_tape_input {
	enum dc_tape_input_kind kind;
	uint64_t now_us;
	uint32_t number[DC_TAPE_NUMBERS];
	const struct damc_lladdr *from;
	const void *bytes;
	size_t len;
	const void *grant;
	size_t grant_len;
	const void *hash;
};

/* What does not follow from that; each has one length. */
enum dc_tape_draw {
	DC_TAPE_CHANCE4 = 1,	/* for jitter */
	DC_TAPE_CHANCE8,	/* an incarnation */
	DC_TAPE_CHANCE16,	/* a nonce */
	DC_TAPE_PUBLIC,		/* of an ephemeral pair */
	DC_TAPE_SIGNATURE,	/* this node's own */
	DC_TAPE_SESSION,	/* which one a packet's tag is of */
	DC_TAPE_MAC,		/* whether a packet's is good */
	DC_TAPE_DRAWS
};

/**
 * struct dc_tape - who listens
 * @input: before anything comes of it
 * @draw: @bytes are as the node found them; a replay puts in others
 */
struct dc_tape {
	void (*input)(void *arg, const struct dc_tape_input *input);
	void (*draw)(void *arg, enum dc_tape_draw what, void *bytes);
	void *arg;
};

static inline void dc_tape_input(const struct dc_tape *tape,
				 const struct dc_tape_input *input)
{
	if (tape)
		tape->input(tape->arg, input);
}

static inline void dc_tape_draw(const struct dc_tape *tape,
				enum dc_tape_draw what, void *bytes)
{
	if (tape)
		tape->draw(tape->arg, what, bytes);
}

#endif /* DC_TAPE_H */
