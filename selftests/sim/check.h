/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What must hold. Each returns how many faults it found, and tells of them by
 * sim_broken() if @tell.
 */
#ifndef SIM_CHECK_H
#define SIM_CHECK_H

#include "oracle.h"
#include "spread.h"

/* At rest: no fault has happened for long enough. */
uint32_t check_adjacent(struct sim *sim, bool tell);
/* Equal; or, if @spread is not NULL, right by what the look before noted there. */
uint32_t check_databases(struct sim *sim, const struct oracle *oracle,
			 struct spread *spread, bool tell);
uint32_t check_tables(struct sim *sim, const struct oracle *oracle, bool tell);
uint32_t check_walks(struct sim *sim, const struct oracle *oracle, bool tell);
uint32_t check_backups(struct sim *sim, const struct oracle *oracle, bool tell);
/* Tells, as faults, which objects one of two hosts has alone: how many. */
uint32_t check_differ(struct sim *sim, const struct host *a,
		      const struct host *b);
/* All of them, databases equal. */
uint32_t check_rest(struct sim *sim, bool tell);

/* At any time: what is in a host's table is announced, granted and not revoked,
 * as far as the host itself has heard.
 */
uint32_t check_heard(struct sim *sim, const struct host *host, bool tell);

/* What its RIB has, its database says. */
uint32_t check_rib(struct sim *sim, const struct host *host, bool tell);

/*
 * Let time pass until all holds, databases by spread.h, @most at the longest: then
 * what does not is told. Return: when the tables last changed, UINT64_MAX if it
 * never held.
 */
uint64_t check_settle(struct sim *sim, uint64_t most);

#endif /* SIM_CHECK_H */
