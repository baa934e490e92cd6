/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Figures of a whole fabric.
 */
#ifndef SIM_MEASURE_H
#define SIM_MEASURE_H

#include "host.h"

/**
 * struct measure - sums over all hosts that live
 * @database_bytes, @database_objects: of the first of them
 * @cpu: see host.h
 */
struct measure {
	uint64_t spf_runs;
	uint64_t signs;
	uint64_t verifies;
	uint64_t flooded;
	uint64_t acked;
	uint64_t resent;
	uint64_t installed;
	uint64_t duplicate;
	uint64_t database_bytes;
	uint64_t database_objects;
	struct host_cpu cpu;
};

void measure_all(struct measure *sum, const struct sim *sim);
/* Bytes of the process's heap in use. */
uint64_t measure_heap(void);

/* What the process has used of processors, in ns. */
uint64_t measure_cpu(void);

#endif /* SIM_MEASURE_H */
