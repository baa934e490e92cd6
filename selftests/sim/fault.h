/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What goes wrong, and ends by itself after a time.
 */
#ifndef SIM_FAULT_H
#define SIM_FAULT_H

#include "host.h"

/* What becomes of the file with the boot epoch when a daemon dies. */
enum epoch_file {
	EPOCH_KEPT,
	EPOCH_LOST,		/* it begins with 1 again */
	EPOCH_OLD,		/* a backup from two boots ago */
};

/* Kernel entries that no new core confirmed are swept so long after its start. */
#define FAULT_SWEEP_NS (20 * SIM_S)

/* Start all hosts, each at a time of its own within @spread. */
void fault_start(struct sim *sim, uint64_t spread);
/* Start one, with the epoch it has, wall clock as wrong as chance wills. */
void fault_start_one(struct host *host);

void fault_kill(struct host *host, uint64_t ns, enum epoch_file file);
/* It goes and does not come back. */
void fault_gone(struct host *host);
void fault_power(struct host *host, uint64_t ns, enum epoch_file file);
/* From now on a second one of @of, which may be its neighbour; then itself. */
void fault_clone(struct host *host, const struct host *of, uint64_t ns);
/* It is enrolled anew, with another key, and restarted with that. */
void fault_key(struct host *host);
void fault_pause(struct host *host, uint64_t ns);
void fault_carrier(struct sim *sim, uint32_t wire, uint64_t ns);
void fault_cut(struct sim *sim, uint32_t wire, uint64_t ns);
/* One way only: what @port sends is lost. */
void fault_mute(struct sim *sim, uint32_t port, uint64_t ns);
void fault_cost(struct sim *sim, uint32_t port, uint32_t cost);
void fault_overload(struct host *host, bool on);
/* All wires between hosts that are in @in and that are not. */
void fault_partition(struct sim *sim, const bool *in, uint64_t ns);
/* The SPA does nothing for so long. */
void fault_spa(struct sim *sim, uint64_t ns);
/* Of every wire. */
void fault_noise(struct sim *sim, uint32_t loss_ppm, uint32_t dup_ppm,
		 uint32_t reorder_ppm);
/* All of it ends now. */
void fault_heal(struct sim *sim);

#endif /* SIM_FAULT_H */
