// SPDX-License-Identifier: GPL-2.0
/*
 * Liveness of one neighbour; see liveness_fsm.h.
 *
 * What proves a message to be new: of the session that is known, its counter; of
 * another session, the echo of something that was sent since we are down, or
 * just now. Our clock starts at a random number, so that no echo that anyone has
 * recorded from before fits.
 */
#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/byteorder.h>

#include "liveness_fsm.h"

#define NS_IN_US 1000ULL

static u32 damc_live_interval(const struct damc_live *live)
{
	return live->interval << live->stretch;
}

/**
 * damc_live_init() - begin
 * @live: what is begun, all of it written
 * @session: at random, not 0
 * @offset: at random
 * @now: the time
 */
void damc_live_init(struct damc_live *live, u64 session, u64 offset, u64 now)
{
	*live = (struct damc_live){
		.session = session,
		.offset = offset,
		.state = DAMC_LIVENESS_STATE_DOWN,
		.reason = DAMC_LIVENESS_REASON_NONE,
		.pace = DAMC_LIVENESS_SLOW_US,
		.down_since = now,
		.next_tx = now,
	};
}

/**
 * damc_live_configure() - how often, and how many may be missed
 * @live: begun
 * @interval: DAMC_LIVENESS_MIN_US..DAMC_LIVENESS_MAX_US
 * @multiplier: 1..255
 */
void damc_live_configure(struct damc_live *live, u32 interval, u8 multiplier)
{
	live->interval = interval;
	live->multiplier = multiplier;
	live->stretch = 0;
	live->calm = 0;
}

/**
 * damc_live_detection() - after how long a silence it is down, us
 * @live: up, or nearly
 */
u32 damc_live_detection(const struct damc_live *live)
{
	u32 interval = damc_live_interval(live);

	if (live->remote.interval > interval)
		interval = live->remote.interval;
	return live->remote.multiplier * interval;
}

static void damc_live_await(struct damc_live *live, u64 now)
{
	live->deadline = now + damc_live_detection(live) * NS_IN_US;
}

/**
 * damc_live_due() - when damc_live_expire() is to be called at the latest
 * @live: the liveness
 */
u64 damc_live_due(const struct damc_live *live)
{
	return live->deadline && live->deadline < live->next_tx ?
	       live->deadline : live->next_tx;
}

/* To say a change at once, and again, lest one message be lost. */
static unsigned int damc_live_become(struct damc_live *live, u8 state)
{
	live->state = state;
	live->settle = live->multiplier;
	return DAMC_LIVE_SEND | DAMC_LIVE_CHANGED;
}

static unsigned int damc_live_down(struct damc_live *live, u8 reason, u64 now)
{
	if (live->state == DAMC_LIVENESS_STATE_UP) {
		live->stats.downs++;
		live->down_since = now;
	}
	live->reason = reason;
	live->deadline = 0;
	/* Soon, and often at first: the other may not know yet. */
	live->pace = damc_live_interval(live);
	return damc_live_become(live, DAMC_LIVENESS_STATE_DOWN);
}

static unsigned int damc_live_up(struct damc_live *live)
{
	live->was_up = true;
	live->reason = DAMC_LIVENESS_REASON_NONE;
	return damc_live_become(live, DAMC_LIVENESS_STATE_UP);
}

/* Whether a message echoes what was sent within so many nanoseconds. */
static bool damc_live_echoes(const struct damc_live *live,
			     const struct damc_live_msg *msg, u64 now, u64 within)
{
	return msg->echo && now + live->offset - msg->echo <= within;
}

/* Of a session that is not known yet. */
static bool damc_live_proven(const struct damc_live *live,
			     const struct damc_live_msg *msg, u64 now)
{
	u64 within = live->state == DAMC_LIVENESS_STATE_UP ?
		     damc_live_detection(live) * NS_IN_US :
		     now - live->down_since;

	return damc_live_echoes(live, msg, now, within);
}

static void damc_live_count(struct damc_live *live,
			    const struct damc_live_msg *msg)
{
	if (live->state != DAMC_LIVENESS_STATE_UP)
		return;
	live->stats.received++;
	live->stats.lost += msg->counter - live->remote.counter - 1;
}

/* As RFC 3550 smooths, an eighth and a sixteenth of each difference. */
static void damc_live_measure(struct damc_live *live,
			      const struct damc_live_msg *msg, u64 now)
{
	struct damc_live_stats *stats = &live->stats;
	u64 round = now + live->offset - msg->echo, delay, change;

	if (!damc_live_echoes(live, msg, now, DAMC_LIVENESS_ECHO_MAX_NS) ||
	    msg->held > round)
		return;
	delay = (round - msg->held) / 2;
	if (!stats->delay) {
		stats->delay = delay;
		return;
	}
	change = delay > stats->delay ? delay - stats->delay :
					stats->delay - delay;
	stats->jitter = stats->jitter - stats->jitter / 16 + change / 16;
	stats->delay = stats->delay - stats->delay / 8 + delay / 8;
}

static unsigned int damc_live_step(struct damc_live *live, u8 heard, u64 now)
{
	bool up = live->state == DAMC_LIVENESS_STATE_UP;

	switch (heard) {
	case DAMC_LIVENESS_STATE_ADMIN_DOWN:
		return up ? damc_live_down(live, DAMC_LIVENESS_REASON_DRAINED,
					   now) : 0;
	case DAMC_LIVENESS_STATE_DOWN:
		if (up)
			return damc_live_down(live,
					      DAMC_LIVENESS_REASON_UNHEARD, now);
		return live->state == DAMC_LIVENESS_STATE_DOWN ?
		       damc_live_become(live, DAMC_LIVENESS_STATE_INIT) : 0;
	case DAMC_LIVENESS_STATE_INIT:
		return up ? 0 : damc_live_up(live);
	default:
		return live->state == DAMC_LIVENESS_STATE_INIT ?
		       damc_live_up(live) : 0;
	}
}

static void damc_live_hear(struct damc_live *live,
			   const struct damc_live_msg *msg, u64 now)
{
	live->heard_sent = msg->sent;
	live->heard_at = now;
}

/*
 * Of nothing that is known to be new: worth an answer, which the sender can
 * prove itself by. It changes nothing that is told.
 */
static unsigned int damc_live_unproven(struct damc_live *live,
				       const struct damc_live_msg *msg, u64 now)
{
	if (live->state == DAMC_LIVENESS_STATE_UP ||
	    msg->state == DAMC_LIVENESS_STATE_ADMIN_DOWN)
		return DAMC_LIVE_REFUSED;
	damc_live_hear(live, msg, now);
	if (live->state != DAMC_LIVENESS_STATE_DOWN ||
	    msg->state != DAMC_LIVENESS_STATE_DOWN)
		return 0;
	live->state = DAMC_LIVENESS_STATE_INIT;
	live->deadline = now + live->multiplier * DAMC_LIVENESS_SLOW_US * NS_IN_US;
	return DAMC_LIVE_SEND;
}

/* Whether the timer is late by its own clock: this host stood still. */
static bool damc_live_late(const struct damc_live *live, u64 now)
{
	u64 due = damc_live_due(live);

	return now > due && now - due > damc_live_interval(live) * NS_IN_US;
}

/* It knows nothing of others; asks for, and promises, half as many messages. */
static unsigned int damc_live_stalled(struct damc_live *live, u64 now)
{
	live->stats.stalls++;
	live->calm = 0;
	if (damc_live_interval(live) <= DAMC_LIVENESS_STALL_MAX_US / 2)
		live->stretch++;
	if (live->deadline)
		damc_live_await(live, now);
	return DAMC_LIVE_SEND;
}

/**
 * damc_live_receive() - a message came
 * @live: what it is about
 * @msg: the message, its MAC good
 * @now: the time
 *
 * Return: DAMC_LIVE_* bits.
 */
unsigned int damc_live_receive(struct damc_live *live,
			       const struct damc_live_msg *msg, u64 now)
{
	bool same = live->known && msg->session == live->remote.session;
	u8 flags = live->remote.flags;
	unsigned int ret = 0;

	/* Our own, that somebody sends back. */
	if (live->state == DAMC_LIVENESS_STATE_ADMIN_DOWN ||
	    msg->session == live->session)
		return DAMC_LIVE_REFUSED;
	if (same && msg->counter <= live->remote.counter)
		return DAMC_LIVE_REFUSED;
	if (!same && !damc_live_proven(live, msg, now))
		return damc_live_unproven(live, msg, now);
	/* Packets are taken before timers. */
	if (damc_live_late(live, now))
		ret = damc_live_stalled(live, now);
	if (same)
		damc_live_count(live, msg);
	else if (live->state == DAMC_LIVENESS_STATE_UP)
		ret |= damc_live_down(live, DAMC_LIVENESS_REASON_RESTARTED, now);
	live->known = true;
	live->remote = *msg;
	damc_live_hear(live, msg, now);
	damc_live_measure(live, msg, now);
	ret |= damc_live_step(live, msg->state, now);
	if (live->state != DAMC_LIVENESS_STATE_DOWN)
		damc_live_await(live, now);
	if (live->state == DAMC_LIVENESS_STATE_UP && flags != msg->flags)
		ret |= DAMC_LIVE_CHANGED;
	return ret;
}

/**
 * damc_live_expire() - a timer went off
 * @live: the liveness
 * @now: the time, whether or not anything is due
 *
 * Return: DAMC_LIVE_* bits.
 */
unsigned int damc_live_expire(struct damc_live *live, u64 now)
{
	if (now < damc_live_due(live))
		return 0;
	if (damc_live_late(live, now))
		return damc_live_stalled(live, now);
	if (live->deadline && now >= live->deadline)
		return damc_live_down(live, DAMC_LIVENESS_REASON_SILENT, now);
	return DAMC_LIVE_SEND;
}

/**
 * damc_live_stop() - end; one message more is to be sent, which says so
 * @live: the liveness
 */
void damc_live_stop(struct damc_live *live)
{
	live->state = DAMC_LIVENESS_STATE_ADMIN_DOWN;
	live->deadline = 0;
}

/* Faster at once, slower after it was said often enough to be known. */
static void damc_live_pace(struct damc_live *live, u32 target)
{
	if (target <= live->pace) {
		live->pace = target;
		live->settle = live->multiplier;
	} else if (!live->settle) {
		live->pace = target;
		live->settle = live->multiplier;
	} else {
		live->settle--;
	}
}

static u32 damc_live_target(const struct damc_live *live)
{
	u32 target = damc_live_interval(live);

	if (live->state != DAMC_LIVENESS_STATE_UP)
		return target > DAMC_LIVENESS_SLOW_US ? target :
							DAMC_LIVENESS_SLOW_US;
	return target > live->remote.want ? target : live->remote.want;
}

/* After long enough without a stall, ask for what was configured again. */
static void damc_live_calm(struct damc_live *live)
{
	if (!live->stretch || ++live->calm < DAMC_LIVENESS_CALM)
		return;
	live->calm = 0;
	live->stretch--;
}

/**
 * damc_live_send() - what to say, and when again
 * @live: the liveness
 * @msg: gets the message, but its flags
 * @now: the time
 * @random: any number, of which the next time depends by a quarter
 */
void damc_live_send(struct damc_live *live, struct damc_live_msg *msg, u64 now,
		    u32 random)
{
	u32 target;
	u64 pace;

	damc_live_calm(live);
	target = damc_live_target(live);
	damc_live_pace(live, target);
	*msg = (struct damc_live_msg){
		.state = live->state,
		.multiplier = live->multiplier,
		.interval = target,
		.want = damc_live_interval(live),
		.session = live->session,
		.counter = ++live->counter,
		.sent = now + live->offset,
	};
	if (live->heard_at) {
		msg->echo = live->heard_sent;
		msg->held = now - live->heard_at;
	}
	pace = live->pace * NS_IN_US;
	live->next_tx = now + pace - ((pace / 4 * random) >> 32);
}

static u64 damc_live_mac(const struct damc_liveness_hdr *hdr,
			 const siphash_key_t *key)
{
	return siphash(hdr, offsetof(struct damc_liveness_hdr, mac), key);
}

/**
 * damc_live_write() - a message's bytes
 * @hdr: gets them; aligned to 8
 * @msg: the message
 * @key: of its MAC
 */
void damc_live_write(struct damc_liveness_hdr *hdr,
		     const struct damc_live_msg *msg, const siphash_key_t *key)
{
	*hdr = (struct damc_liveness_hdr){
		.version = DAMC_LIVENESS_VERSION,
		.state = msg->state,
		.flags = msg->flags,
		.multiplier = msg->multiplier,
		.interval = cpu_to_be32(msg->interval),
		.want = cpu_to_be32(msg->want),
		.session = cpu_to_be64(msg->session),
		.counter = cpu_to_be64(msg->counter),
		.sent = cpu_to_be64(msg->sent),
		.echo = cpu_to_be64(msg->echo),
		.held = cpu_to_be64(msg->held),
	};
	hdr->mac = cpu_to_le64(damc_live_mac(hdr, key));
}

/* What no sender says, whoever has the key. */
static bool damc_live_sane(const struct damc_live_msg *msg)
{
	return msg->state <= DAMC_LIVENESS_STATE_UP && msg->multiplier &&
	       msg->session &&
	       msg->interval >= DAMC_LIVENESS_MIN_US &&
	       msg->interval <= DAMC_LIVENESS_MAX_US &&
	       msg->want >= DAMC_LIVENESS_MIN_US &&
	       msg->want <= DAMC_LIVENESS_MAX_US;
}

/**
 * damc_live_read() - a message from its bytes
 * @hdr: the bytes; aligned to 8
 * @msg: gets it
 * @key: of its MAC
 *
 * Return: whether it is one, by this key.
 */
bool damc_live_read(const struct damc_liveness_hdr *hdr,
		    struct damc_live_msg *msg, const siphash_key_t *key)
{
	if (hdr->version != DAMC_LIVENESS_VERSION ||
	    le64_to_cpu(hdr->mac) != damc_live_mac(hdr, key))
		return false;
	*msg = (struct damc_live_msg){
		.state = hdr->state,
		.flags = hdr->flags,
		.multiplier = hdr->multiplier,
		.interval = be32_to_cpu(hdr->interval),
		.want = be32_to_cpu(hdr->want),
		.session = be64_to_cpu(hdr->session),
		.counter = be64_to_cpu(hdr->counter),
		.sent = be64_to_cpu(hdr->sent),
		.echo = be64_to_cpu(hdr->echo),
		.held = be64_to_cpu(hdr->held),
	};
	return damc_live_sane(msg);
}
