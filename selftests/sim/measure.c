// SPDX-License-Identifier: GPL-2.0
#include <malloc.h>
#include <time.h>

#include "measure.h"

uint64_t measure_heap(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

uint64_t measure_cpu(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * SIM_S + now.tv_nsec;
}

static int weigh(const struct dc_object *object, uint32_t left_s, void *arg)
{
	struct measure *sum = arg;

	sum->database_bytes += object->len;
	sum->database_objects++;
	return 0;
}

static void add(struct measure *sum, const struct host *host)
{
	struct dc_node_counts counts;

	dc_node_counts(host->core, &counts);
	sum->spf_runs += counts.spf_runs;
	sum->flooded += counts.flooded;
	sum->acked += counts.acked;
	sum->resent += counts.resent;
	sum->installed += counts.installed;
	sum->duplicate += counts.duplicate;
	sum->signs += host->signs;
	sum->verifies += host->verifies;
	sum->cpu.packet += host->cpu.packet;
	sum->cpu.sign += host->cpu.sign;
	sum->cpu.verify += host->cpu.verify;
	sum->cpu.spf += host->cpu.spf;
	sum->cpu.fib += host->cpu.fib;
	if (!sum->database_objects)
		dc_node_lsdb(host->core, weigh, sum);
}

void measure_all(struct measure *sum, const struct sim *sim)
{
	uint32_t i;

	*sum = (struct measure){ 0 };
	for (i = 0; i < sim->hosts; i++)
		if (sim->host[i].core)
			add(sum, &sim->host[i]);
}
