/* SPDX-License-Identifier: GPL-2.0 */
/* The two clocks: one that never goes back, and the wall's. */
#ifndef DAMCD_CLOCK_H
#define DAMCD_CLOCK_H

#include <stdint.h>
#include <time.h>

/*
 * Since boot, suspended or not: what others count down meanwhile, we do, too.
 * In us.
 */
static inline uint64_t clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * 1000000ULL + now.tv_nsec / 1000;
}

static inline uint64_t clock_wall_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

#endif /* DAMCD_CLOCK_H */
