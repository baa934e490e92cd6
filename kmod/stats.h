/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A namespace's counters: one row a processor, indexed by the DAMC_A_STATS_*
 * that user space reads them by. No line is shared between processors.
 */
#ifndef _DAMC_STATS_H
#define _DAMC_STATS_H

#include <linux/percpu.h>
#include <linux/u64_stats_sync.h>

#include <linux/damc_netlink.h>

struct damc_stats {
	u64 count[DAMC_A_STATS_MAX + 1];
	struct u64_stats_sync sync;
};

/**
 * damc_percpu_add() - add to a number of this processor's row
 * @number: in the rows
 * @sync: in the same rows
 * @n: how much
 *
 * One instruction where that is possible, otherwise such that no reader sees
 * half of the number.
 *
 * Context: any but hard interrupts.
 */
static inline void damc_percpu_add(u64 __percpu *number,
				   struct u64_stats_sync __percpu *sync,
				   unsigned long n)
{
#if BITS_PER_LONG == 64
	this_cpu_add(*number, n);
#else
	local_bh_disable();
	u64_stats_update_begin(this_cpu_ptr(sync));
	*this_cpu_ptr(number) += n;
	u64_stats_update_end(this_cpu_ptr(sync));
	local_bh_enable();
#endif
}

/**
 * damc_stats_add() - count
 * @stats: the namespace's rows
 * @what: DAMC_A_STATS_*
 * @n: how many
 *
 * Context: any but hard interrupts.
 */
static inline void damc_stats_add(struct damc_stats __percpu *stats,
				  unsigned int what, unsigned long n)
{
	damc_percpu_add(&stats->count[what], &stats->sync, n);
}

static inline void damc_stats_inc(struct damc_stats __percpu *stats,
				  unsigned int what)
{
	damc_stats_add(stats, what, 1);
}

struct damc_stats __percpu *damc_stats_alloc(void);
u64 damc_stats_read(struct damc_stats __percpu *stats, unsigned int what);

#endif /* _DAMC_STATS_H */
