// SPDX-License-Identifier: GPL-2.0
/* SPF back-off after RFC 8405, with slopes in the place of steps. */
#include "spf_delay.h"

#define MS 1000ull

const struct spf_delay_config spf_delay_default = {
	.initial = 0,
	.short_ = 50 * MS,
	.long_ = 500 * MS,
	.learn = 500 * MS,
	.holddown = 3000 * MS,
};

/* What is left of the hold-down that the last change began; 0: it is quiet. */
static uint64_t hold_left(const struct spf_delay *delay, uint64_t now_us)
{
	uint64_t passed = now_us - delay->last_us;

	if (!delay->heard || passed >= delay->config.holddown)
		return 0;
	return delay->config.holddown - passed;
}

static uint64_t unrest_now(const struct spf_delay *delay, uint64_t now_us)
{
	const struct spf_delay_config *config = &delay->config;
	uint64_t left = hold_left(delay, now_us);
	uint64_t unrest = delay->unrest_us + (now_us - delay->last_us);

	if (unrest > 2 * config->learn)
		unrest = 2 * config->learn;
	return unrest * left / config->holddown;
}

static uint64_t full_wait(const struct spf_delay_config *config,
			  uint64_t unrest_us)
{
	if (unrest_us <= config->learn)
		return config->short_;
	return config->short_ + (config->long_ - config->short_) *
				(unrest_us - config->learn) / config->learn;
}

static uint64_t wait_of(const struct spf_delay *delay, uint64_t now_us)
{
	const struct spf_delay_config *config = &delay->config;
	uint64_t full = full_wait(config, unrest_now(delay, now_us));
	uint64_t left = hold_left(delay, now_us);

	if (!left)
		return config->initial;
	return config->initial +
	       (full - config->initial) * left / config->holddown;
}

void spf_delay_event(struct spf_delay *delay, uint64_t now_us)
{
	if (!delay->due) {
		delay->due = true;
		delay->spf_us = now_us + wait_of(delay, now_us);
	}
	delay->unrest_us = unrest_now(delay, now_us);
	delay->heard = true;
	delay->last_us = now_us;
}

bool spf_delay_timer(struct spf_delay *delay, uint64_t now_us)
{
	if (!delay->due || now_us < delay->spf_us)
		return false;
	delay->due = false;
	return true;
}

uint64_t spf_delay_next(const struct spf_delay *delay)
{
	return delay->due ? delay->spf_us : UINT64_MAX;
}
