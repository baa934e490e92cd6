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

/*
 * damc_percpu_add() - add to a u64 of this processor's row: one instruction
 * where that is possible, otherwise such that readers see no half of it.
 * Context: any but hard interrupts.
 */
#if BITS_PER_LONG == 64
#define damc_percpu_add(rows, member, n) this_cpu_add((rows)->member, n)
#else
#define damc_percpu_add(rows, member, n) do {				\
	typeof(*(rows)) __kernel *row_;					\
									\
	local_bh_disable();						\
	row_ = this_cpu_ptr(rows);					\
	u64_stats_update_begin(&row_->sync);				\
	row_->member += (n);						\
	u64_stats_update_end(&row_->sync);				\
	local_bh_enable();						\
} while (0)
#endif

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
	damc_percpu_add(stats, count[what], n);
}

static inline void damc_stats_inc(struct damc_stats __percpu *stats,
				  unsigned int what)
{
	damc_stats_add(stats, what, 1);
}

struct damc_stats __percpu *damc_stats_alloc(void);
u64 damc_stats_read(struct damc_stats __percpu *stats, unsigned int what);

#endif /* _DAMC_STATS_H */
