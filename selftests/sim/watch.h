/* SPDX-License-Identifier: GPL-2.0 */
/*
 * When a name is where.
 */
#ifndef SIM_WATCH_H
#define SIM_WATCH_H

#include "host.h"

/**
 * watch_name() - let time pass until all live hosts but @owner have a way to
 *	the name, or none
 *
 * Return: when the last table had it so, with its processor's time; UINT64_MAX
 * if that took longer than @most.
 */
uint64_t watch_name(struct sim *sim, const struct damc_name *name,
		    uint32_t owner, bool way, uint64_t most);

/* Middle and largest of some numbers, which are sorted for it. */
uint64_t watch_median(uint64_t *value, uint32_t n);

#endif /* SIM_WATCH_H */
