/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Token buckets without a lock: all a bucket holds is when it will be full.
 * damc_bucket_step() is pure, also compiled in user space.
 */
#ifndef _DAMC_BUCKET_H
#define _DAMC_BUCKET_H

#include <linux/types.h>

/* Nanoseconds in a second, by which a rate is divided. */
#define DAMC_BUCKET_SECOND 1000000000U

/**
 * damc_bucket_step() - take a token, if there is one
 * @full: when the bucket will be full, in ns; changed if a token is taken
 * @now: ns of the same clock
 * @rate: tokens a second, not 0
 * @burst: tokens in a full bucket, not 0
 */
static inline bool damc_bucket_step(u64 *full, u64 now, u32 rate, u32 burst)
{
	u64 cost = DAMC_BUCKET_SECOND / rate;

	/* First, and no more than this: in a flood there is none. */
	if (*full > now + cost * (burst - 1))
		return false;
	*full = (*full > now ? *full : now) + cost;
	return true;
}

#ifdef __KERNEL__
#include <linux/atomic.h>
#include <linux/ktime.h>

/**
 * struct damc_token_bucket - a token bucket; all zero is full
 * @full: when it will be full, in ns
 */
struct damc_token_bucket {
	atomic64_t full;
};

/**
 * damc_bucket_take_at() - take a token, if there is one
 * @bucket: the bucket
 * @now: ns of a clock that is always the same for it
 * @rate: tokens a second, not 0
 * @burst: tokens in a full bucket, not 0
 *
 * Context: any.
 */
static inline bool damc_bucket_take_at(struct damc_token_bucket *bucket,
				       u64 now, u32 rate, u32 burst)
{
	s64 old = atomic64_read(&bucket->full);
	u64 next;

	do {
		next = old;
		if (!damc_bucket_step(&next, now, rate, burst))
			return false;
	} while (!atomic64_try_cmpxchg(&bucket->full, &old, next));
	return true;
}

/* By the monotonic clock. */
static inline bool damc_bucket_take(struct damc_token_bucket *bucket, u32 rate,
				    u32 burst)
{
	return damc_bucket_take_at(bucket, ktime_get_ns(), rate, burst);
}
#endif

#endif /* _DAMC_BUCKET_H */
