/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What went wrong on purpose, and what was looked at: so that a run that found
 * nothing can be told from one that did nothing.
 */
#ifndef SIM_TALLY_H
#define SIM_TALLY_H

#include <stdint.h>
#include <stdio.h>

/* What goes wrong. */
enum fault {
	FAULT_DAEMON,		/* crashes, and is restarted */
	FAULT_EPOCH_LOST,	/* of these, with the epoch's file gone */
	FAULT_EPOCH_OLD,	/* or from a backup */
	FAULT_CLOCK,		/* a start with a wall clock that is days off */
	FAULT_KEY,		/* a restart with a new key and certificate */
	FAULT_CLONE,		/* a restart with another's identity */
	FAULT_POWER,
	FAULT_GONE,		/* a machine off for good */
	FAULT_PAUSE,
	FAULT_CARRIER,
	FAULT_CUT,		/* a link dies without a word */
	FAULT_MUTE,		/* one way only */
	FAULT_PARTITION,
	FAULT_COST,
	FAULT_OVERLOAD,
	FAULT_SPA,		/* it neither signs nor says the time */
	FAULT_REGISTER,
	FAULT_WITHDRAW,
	FAULT_REVOKE,
	FAULT_RENEW,		/* a grant in the place of one that will end */
	FAULT_LAPSE,		/* a grant ends, its name registered */
	FAULT_LOST,		/* packets from here on */
	FAULT_DUPLICATED,
	FAULT_REORDERED,
	FAULTS,
};

/* What must hold. */
enum check {
	CHECK_HEARD,		/* names in a table: granted, as far as heard */
	CHECK_KERNEL,		/* changes: none that a kernel would refuse */
	CHECK_ADJACENT,		/* ports: adjacent if and only if they can be */
	CHECK_DATABASE,		/* hosts: equal to the first of their part */
	CHECK_TABLE,		/* names in a table: by the oracle's ways */
	CHECK_REACH,		/* walks: delivered if and only if possible */
	CHECK_LOOP,		/* walks: no loop */
	CHECK_BACKUP,		/* backups: lead away */
	CHECK_RIB,		/* origins in a RIB: some LSA says so */
	CHECKS,
};

/**
 * struct tally - numbers of both
 * @judged, @bad: of what is judged for good: what is looked at again later,
 *	because the fabric has not settled yet, is in neither
 */
struct tally {
	uint64_t fault[FAULTS];
	uint64_t judged[CHECKS];
	uint64_t bad[CHECKS];
};

void tally_add(struct tally *sum, const struct tally *one);
void tally_print(FILE *file, const struct tally *tally);

#endif /* SIM_TALLY_H */
