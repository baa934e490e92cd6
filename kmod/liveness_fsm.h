/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Liveness of one neighbour: what a message or a timer makes of it, and what to
 * say next. BFD's states (RFC 5880) with messages of our own, see
 * Documentation/protocol.rst.
 *
 * Pure: no clock, no lock, no packet; also compiled in user space. Times are
 * nanoseconds of any clock that does not go back; intervals microseconds.
 */
#ifndef _DAMC_LIVENESS_FSM_H
#define _DAMC_LIVENESS_FSM_H

#include <linux/siphash.h>
#include <linux/types.h>

#include <linux/damc.h>

/* What a message or a timer calls for. */
enum {
	DAMC_LIVE_SEND = 1,	/* a message, now */
	DAMC_LIVE_CHANGED = 2,	/* something that is told */
	DAMC_LIVE_REFUSED = 4,	/* the message says nothing */
};

/**
 * struct damc_live_msg - a message, its MAC checked
 * @interval: to the sender's next one, at most
 * @want: the sender takes no more than one so often
 * @session: the sender's, at random
 * @counter: grows by one from message to message of a session
 * @sent: when, by the sender's clock
 * @echo: @sent of the last it took; 0 if there is none
 * @held: since then
 */
struct damc_live_msg {
	u8 state;
	u8 flags;
	u8 multiplier;
	u32 interval;
	u32 want;
	u64 session;
	u64 counter;
	u64 sent;
	u64 echo;
	u64 held;
};

/**
 * struct damc_live_stats - what was measured
 * @delay: of the link one way, if both are alike; smoothed, 0 if unknown
 * @jitter: how much that varies from message to message, smoothed
 * @received: messages taken while up
 * @lost: that did not come while up
 * @downs: how often it went down
 * @stalls: how often our own timer was late
 */
struct damc_live_stats {
	u64 delay;
	u64 jitter;
	u64 received;
	u64 lost;
	u32 downs;
	u32 stalls;
};

/**
 * struct damc_live - the liveness of one neighbour
 * @session: ours, at random
 * @offset: what our clock in messages is ahead of times here, at random
 * @counter: of the last message sent
 * @interval: as configured
 * @multiplier: as configured
 * @stretch: doublings of @interval, because this host could not keep up
 * @calm: messages sent in time since that changed
 * @pace: of our messages at present
 * @settle: messages to send before @pace may become slower
 * @state: enum damc_liveness_state
 * @reason: enum damc_liveness_reason, why it is not up
 * @was_up: it has been up since it was begun
 * @remote: what the neighbour's last message said, if it was the session's
 * @known: there is such a session
 * @heard_sent: @sent of the last message that may be echoed, if @heard_at
 * @heard_at: when that came
 * @down_since: when it was begun, or went down last
 * @next_tx: when to send
 * @deadline: when it is down if nothing comes; 0 is never
 */
struct damc_live {
	u64 session;
	u64 offset;
	u64 counter;
	u32 interval;
	u8 multiplier;
	u8 stretch;
	u8 settle;
	u16 calm;
	u32 pace;
	u8 state;
	u8 reason;
	bool was_up;
	bool known;
	struct damc_live_msg remote;
	u64 heard_sent;
	u64 heard_at;
	u64 down_since;
	u64 next_tx;
	u64 deadline;
	struct damc_live_stats stats;
};

void damc_live_init(struct damc_live *live, u64 session, u64 offset, u64 now);
void damc_live_configure(struct damc_live *live, u32 interval, u8 multiplier);
unsigned int damc_live_receive(struct damc_live *live,
			       const struct damc_live_msg *msg, u64 now);
unsigned int damc_live_expire(struct damc_live *live, u64 now);
void damc_live_stop(struct damc_live *live);
void damc_live_send(struct damc_live *live, struct damc_live_msg *msg, u64 now,
		    u32 random);
u64 damc_live_due(const struct damc_live *live);
u32 damc_live_detection(const struct damc_live *live);

void damc_live_write(struct damc_liveness_hdr *hdr,
		     const struct damc_live_msg *msg, const siphash_key_t *key);
bool damc_live_read(const struct damc_liveness_hdr *hdr,
		    struct damc_live_msg *msg, const siphash_key_t *key);

/* Whether its packets may go there: it was never up, or is and forwards. */
static inline bool damc_live_usable(const struct damc_live *live)
{
	return !live->was_up ||
	       (live->state == DAMC_LIVENESS_STATE_UP &&
		live->remote.flags & DAMC_LIVENESS_F_FORWARDS);
}

#endif /* _DAMC_LIVENESS_FSM_H */
