/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Random numbers that a seed replays: splitmix64. Each part of the simulation
 * that draws has a stream of its own, so that one more draw in one place does
 * not change what another draws.
 */
#ifndef SIM_RNG_H
#define SIM_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
	uint64_t state;
};

static inline uint64_t sim_mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
	return x ^ (x >> 31);
}

static inline uint64_t rng_next(struct rng *rng)
{
	rng->state += 0x9e3779b97f4a7c15ull;
	return sim_mix(rng->state);
}

/* 0..@n - 1; @n is far below 2^64, so the bias is nothing. */
static inline uint64_t rng_below(struct rng *rng, uint64_t n)
{
	return rng_next(rng) % n;
}

/* @low..@high, both included. */
static inline uint64_t rng_range(struct rng *rng, uint64_t low, uint64_t high)
{
	return low + rng_below(rng, high - low + 1);
}

static inline bool rng_ppm(struct rng *rng, uint32_t ppm)
{
	return ppm && rng_below(rng, 1000000) < ppm;
}

/* 0 <= x < 1 */
static inline double rng_unit(struct rng *rng)
{
	return (rng_next(rng) >> 11) / (double)(1ull << 53);
}

/* A stream of its own for what @what is about. */
static inline struct rng rng_fork(uint64_t seed, uint64_t what)
{
	return (struct rng){ sim_mix(sim_mix(seed + 1) ^ (what << 1 | 1)) };
}

#endif /* SIM_RNG_H */
