// SPDX-License-Identifier: GPL-2.0
/* A namespace's counters: making them, and summing them for a reader. */
#include "stats.h"

/**
 * damc_stats_alloc() - make a namespace's counters
 *
 * Return: rows to be freed by free_percpu(), or NULL.
 */
struct damc_stats __percpu *damc_stats_alloc(void)
{
	struct damc_stats __percpu *stats;
	int cpu;

	stats = alloc_percpu_gfp(struct damc_stats, GFP_KERNEL_ACCOUNT);
	if (!stats)
		return NULL;
	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(stats, cpu)->sync);
	return stats;
}

/**
 * damc_stats_read() - a counter's sum over all processors
 * @stats: the rows
 * @what: DAMC_A_STATS_*
 */
u64 damc_stats_read(struct damc_stats __percpu *stats, unsigned int what)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		const struct damc_stats *row = per_cpu_ptr(stats, cpu);
		unsigned int start;
		u64 n;

		do {
			start = u64_stats_fetch_begin(&row->sync);
			n = READ_ONCE(row->count[what]);
		} while (u64_stats_fetch_retry(&row->sync, start));
		sum += n;
	}
	return sum;
}
