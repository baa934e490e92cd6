/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What unit tests share: cmocka, and random numbers from a seed that is printed
 * and can be given again as SEED.
 */
#ifndef CHECK_H
#define CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#endif

static uint64_t check_state;

/* splitmix64 */
static inline uint64_t check_random(void)
{
	uint64_t z = check_state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* 0 .. @n - 1 */
static inline uint64_t check_below(uint64_t n)
{
	return check_random() % n;
}

static inline uint64_t check_seed(void)
{
	const char *seed = getenv("SEED");

	check_state = seed ? strtoull(seed, NULL, 0) : 1;
	print_message("# SEED=%llu\n", (unsigned long long)check_state);
	return check_state;
}

#endif /* CHECK_H */
