// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A peer's window: see rmi_window.h.
 */
#include "rmi_window.h"

void rmi_window_init(struct rmi_window *window)
{
	*window = (struct rmi_window){
		.size = RMI_WINDOW_INITIAL,
		.threshold = RMI_WINDOW_MAX,
	};
}

uint32_t rmi_window_room(const struct rmi_window *window, uint64_t now)
{
	if (window->flight >= window->size || now < window->pace_at)
		return 0;
	return window->size - window->flight;
}

/*
 * A window in a round trip, and faster while it grows, so that pacing itself
 * never holds it back: by 2 in slow start, else by 5/4.
 */
static uint64_t pace(const struct rmi_window *window, uint32_t rtt)
{
	uint64_t interval = rtt / window->size;

	if (window->size < window->threshold)
		return interval / 2;
	return interval * 4 / 5;
}

void rmi_window_sent(struct rmi_window *window, uint32_t rtt, uint64_t now)
{
	uint64_t interval = pace(window, rtt);
	uint64_t slack = RMI_PACE_BURST * interval;

	window->flight++;
	if (slack < RMI_PACE_SLACK_US)
		slack = RMI_PACE_SLACK_US;
	if (window->pace_at + slack < now)
		window->pace_at = now - slack;
	window->pace_at += interval;
}

/* One that was not used up has not been found to be good. */
static bool used_up(const struct rmi_window *window)
{
	return 2 * window->flight >= window->size;
}

static void grow(struct rmi_window *window)
{
	if (window->size >= RMI_WINDOW_MAX)
		return;
	if (window->size >= window->threshold &&
	    ++window->credit < window->size)
		return;
	window->credit = 0;
	window->size++;
}

void rmi_window_forget(struct rmi_window *window)
{
	if (window->flight)
		window->flight--;
}

void rmi_window_answered(struct rmi_window *window, uint64_t sent_at)
{
	if (window->answered < sent_at)
		window->answered = sent_at;
	if (used_up(window))
		grow(window);
	rmi_window_forget(window);
}

uint64_t rmi_window_lost_at(const struct rmi_window *window, uint64_t sent_at,
			    uint64_t wait)
{
	return sent_at + (sent_at < window->answered ? wait : 2 * wait);
}

void rmi_window_lost(struct rmi_window *window, uint64_t sent_at, uint64_t now)
{
	rmi_window_forget(window);
	if (sent_at < window->cut_at)
		return;
	window->cut_at = now;
	window->size /= 2;
	if (window->size < RMI_WINDOW_MIN)
		window->size = RMI_WINDOW_MIN;
	window->threshold = window->size;
	window->credit = 0;
}
