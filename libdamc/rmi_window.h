/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How many packets may be on their way to and from a peer, and how fast they
 * leave: additive increase, multiplicative decrease (Chiu and Jain 1989), slow
 * start as in RFC 5681, decrease once for what was sent before it. Counts
 * packets; times are microseconds. No clock, no memory, no peer in it.
 */
#ifndef _DAMC_RMI_WINDOW_H
#define _DAMC_RMI_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#define RMI_WINDOW_INITIAL 10
/* Nobody is asked to send less: a timer's doubling takes over from here. */
#define RMI_WINDOW_MIN 4
#define RMI_WINDOW_MAX 1024

/* Parts of a reply that are asked for at once. */
#define RMI_WINDOW_PULL 16

/* What may leave at once after a pause; a timer is no finer than this. */
#define RMI_PACE_BURST 4
#define RMI_PACE_SLACK_US 2000

/**
 * struct rmi_window - of one peer
 * @size: how many packets may be on their way
 * @flight: how many are
 * @threshold: slow start ends here
 * @credit: answers since @size last grew
 * @cut_at: what was sent before this is no reason to cut @size again
 * @pace_at: the next packet may leave
 * @answered: when the latest that was answered had left
 */
struct rmi_window {
	uint32_t size;
	uint32_t flight;
	uint32_t threshold;
	uint32_t credit;
	uint64_t cut_at;
	uint64_t pace_at;
	uint64_t answered;
};

void rmi_window_init(struct rmi_window *window);

/* Packets that may leave now. */
uint32_t rmi_window_room(const struct rmi_window *window, uint64_t now);

/* A packet leaves; @rtt: the round trip's time, 0 if not known. */
void rmi_window_sent(struct rmi_window *window, uint32_t rtt, uint64_t now);

/* One that left at @sent_at, and was on its way, was answered. */
void rmi_window_answered(struct rmi_window *window, uint64_t sent_at);

/*
 * When one that left at @sent_at is taken to be lost, if an answer takes @wait
 * at most. What left later and was answered tells; while nothing does, it may
 * be that a queue has grown, and the wait is twice as long.
 */
uint64_t rmi_window_lost_at(const struct rmi_window *window, uint64_t sent_at,
			    uint64_t wait);

/* One that left at @sent_at was lost, or refused for want of resources. */
void rmi_window_lost(struct rmi_window *window, uint64_t sent_at,
		     uint64_t now);

/* One is of no interest any more, or has not left. */
void rmi_window_forget(struct rmi_window *window);

#endif /* _DAMC_RMI_WINDOW_H */
