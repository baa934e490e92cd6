// SPDX-License-Identifier: GPL-2.0
/*
 * RFC 8405, SPF back-off: three states, two timers beside the delay itself.
 */
#include "spf_delay.h"

#define MS 1000ull

const struct spf_delay_config spf_delay_default = {
	.initial = 0,
	.short_ = 50 * MS,
	.long_ = 500 * MS,
	.learn = 500 * MS,
	.holddown = 3000 * MS,
};

static uint64_t wait_of(const struct spf_delay *delay)
{
	switch (delay->state) {
	case SPF_QUIET:
		return delay->config.initial;
	case SPF_SHORT_WAIT:
		return delay->config.short_;
	default:
		return delay->config.long_;
	}
}

void spf_delay_event(struct spf_delay *delay, uint64_t now_us)
{
	if (!delay->due) {
		delay->due = true;
		delay->spf_us = now_us + wait_of(delay);
	}
	delay->quiet_us = now_us + delay->config.holddown;
	if (delay->state == SPF_QUIET) {
		delay->state = SPF_SHORT_WAIT;
		delay->learn_us = now_us + delay->config.learn;
	}
}

bool spf_delay_timer(struct spf_delay *delay, uint64_t now_us)
{
	if (delay->state == SPF_SHORT_WAIT && now_us >= delay->learn_us)
		delay->state = SPF_LONG_WAIT;
	if (delay->state != SPF_QUIET && now_us >= delay->quiet_us)
		delay->state = SPF_QUIET;
	if (!delay->due || now_us < delay->spf_us)
		return false;
	delay->due = false;
	return true;
}

uint64_t spf_delay_next(const struct spf_delay *delay)
{
	uint64_t next = UINT64_MAX;

	if (delay->due)
		next = delay->spf_us;
	if (delay->state == SPF_SHORT_WAIT && delay->learn_us < next)
		next = delay->learn_us;
	if (delay->state != SPF_QUIET && delay->quiet_us < next)
		next = delay->quiet_us;
	return next;
}
