/* SPDX-License-Identifier: GPL-2.0 */
/*
 * When to compute routes after the topology changed: RFC 8405's state machine,
 * with no delay at first. It knows times only; node.c owns one and computes.
 */
#ifndef DC_SPF_DELAY_H
#define DC_SPF_DELAY_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct spf_delay_config - RFC 8405's parameters, in us
 * @initial: delay while quiet
 * @short_: delay while a failure is being learnt of
 * @long_: delay when changes go on for longer than @learn
 * @learn: how long it takes to learn of one failure
 * @holddown: without a change for so long it is quiet again
 */
struct spf_delay_config {
	uint64_t initial;
	uint64_t short_;
	uint64_t long_;
	uint64_t learn;
	uint64_t holddown;
};

extern const struct spf_delay_config spf_delay_default;

enum spf_delay_state {
	SPF_QUIET,
	SPF_SHORT_WAIT,
	SPF_LONG_WAIT,
};

/* Zeroed but for @config it is quiet. Times are 0 where they do not run. */
struct spf_delay {
	struct spf_delay_config config;
	enum spf_delay_state state;
	bool due;
	uint64_t spf_us;
	uint64_t learn_us;
	uint64_t quiet_us;
};

/* The topology changed. */
void spf_delay_event(struct spf_delay *delay, uint64_t now_us);

/* Run its timers. Return: whether to compute now, said once. */
bool spf_delay_timer(struct spf_delay *delay, uint64_t now_us);

/* When to call spf_delay_timer() next; UINT64_MAX: not before an event. */
uint64_t spf_delay_next(const struct spf_delay *delay);

#endif /* DC_SPF_DELAY_H */
