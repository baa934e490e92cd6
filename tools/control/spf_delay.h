/* SPDX-License-Identifier: GPL-2.0 */
/*
 * When to compute routes after the topology changed: RFC 8405's back-off, with no
 * delay at first, and without its steps. There, two routers that hear of a change
 * a millisecond apart may be in different states, and then one computes half a
 * second after the other; meanwhile packets loop between them. Here a delay rises
 * and falls gradually, so what is heard at nearly the same time is computed at
 * nearly the same time. It knows times only; node.c owns one and computes.
 */
#ifndef DC_SPF_DELAY_H
#define DC_SPF_DELAY_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct spf_delay_config - RFC 8405's parameters, in us
 * @initial: delay while quiet
 * @short_: delay while a failure is being learnt of
 * @long_: delay when changes go on for longer than @learn; @short_ rises to it
 *	in as long again
 * @learn: how long it takes to learn of one failure
 * @holddown: without a change for so long it is quiet again; until then a delay
 *	is the shorter, the longer the last change is ago
 */
struct spf_delay_config {
	uint64_t initial;
	uint64_t short_;
	uint64_t long_;
	uint64_t learn;
	uint64_t holddown;
};

extern const struct spf_delay_config spf_delay_default;

/**
 * struct spf_delay - zeroed but for @config it is quiet
 * @heard: there was a change, the last at @last_us
 * @unrest_us: for how long changes had gone on then, less what is forgotten in
 *	pauses; nothing is left after @holddown, so this has no step either
 * @due: it is to be computed at @spf_us
 */
struct spf_delay {
	struct spf_delay_config config;
	bool heard;
	uint64_t last_us;
	uint64_t unrest_us;
	bool due;
	uint64_t spf_us;
};

/* The topology changed. */
void spf_delay_event(struct spf_delay *delay, uint64_t now_us);

/* Return: whether to compute now, said once. */
bool spf_delay_timer(struct spf_delay *delay, uint64_t now_us);

/* When to call spf_delay_timer() next; UINT64_MAX: not before an event. */
uint64_t spf_delay_next(const struct spf_delay *delay);

#endif /* DC_SPF_DELAY_H */
