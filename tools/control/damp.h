/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How often: good news that repeats is held back, longer each time, and a
 * budget allows so many a second (Documentation/control.rst, "Origination").
 */
#ifndef DC_DAMP_H
#define DC_DAMP_H

#include <stdbool.h>
#include <stdint.h>

#define DAMP_FIRST_US 10000000ull
#define DAMP_MAX_US 60000000ull

/**
 * struct damp - of one link or one name; zeroed, there was no news yet
 * @last_us: when it was good last
 * @hold_us: for how long that was held back
 */
struct damp {
	bool said;
	uint64_t last_us;
	uint64_t hold_us;
};

/* It is good again. Return: when that may be told. */
static inline uint64_t damp_good(struct damp *damp, uint64_t now_us)
{
	uint64_t hold = damp->hold_us;

	if (!damp->said || now_us >= damp->last_us + DAMP_FIRST_US + hold)
		hold = 0;
	else
		hold = hold ? 2 * hold : DAMP_FIRST_US;
	damp->said = true;
	damp->last_us = now_us;
	damp->hold_us = hold < DAMP_MAX_US ? hold : DAMP_MAX_US;
	return now_us + damp->hold_us;
}

/**
 * struct budget - when it will be full again, in us; zeroed, it is full
 */
struct budget {
	uint64_t full_us;
};

/* Take one of @rate a second, @burst at once: false if there is none. */
static inline bool budget_take(struct budget *budget, uint32_t rate,
			       uint32_t burst, uint64_t now_us)
{
	uint64_t step = 1000000 / rate;

	if (budget->full_us < now_us)
		budget->full_us = now_us;
	if (budget->full_us + step > now_us + burst * step)
		return false;
	budget->full_us += step;
	return true;
}

/* When there is one to take. */
static inline uint64_t budget_when(const struct budget *budget, uint32_t rate,
				   uint32_t burst, uint64_t now_us)
{
	uint64_t step = 1000000 / rate, ahead = (burst - 1) * step;

	return budget->full_us <= now_us + ahead ? now_us :
						   budget->full_us - ahead;
}

/* Give one back. */
static inline void budget_return(struct budget *budget, uint32_t rate)
{
	budget->full_us -= 1000000 / rate;
}

#endif /* DC_DAMP_H */
