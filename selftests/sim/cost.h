/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What things cost on the machine that runs the simulation, measured when it
 * starts; or as told, so that a run can be repeated exactly.
 */
#ifndef SIM_COST_H
#define SIM_COST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct cost - in ns
 * @sign, @verify: Ed25519 over 1,000 bytes
 * @packet: one packet of 1,300 bytes through a socket, and its MAC
 * @spf: Dijkstra, backups and differences, for each node and link
 * @batch: the way to the kernel and back with a list of changes of the table
 * @change: each change in it
 */
struct cost {
	uint64_t sign;
	uint64_t verify;
	uint64_t packet;
	uint64_t spf;
	uint64_t batch;
	uint64_t change;
};

void cost_measure(struct cost *cost);
/* Its part that needs a RIB: spf and change (cost_core.c). */
void cost_measure_core(struct cost *cost);
/* "sign=25000,verify=57000,...": false if it is not that. "none": all 0. */
bool cost_parse(struct cost *cost, const char *text);
#define COST_TEXT_MAX 160
void cost_format(const struct cost *cost, char text[COST_TEXT_MAX]);

#endif /* SIM_COST_H */
