// SPDX-License-Identifier: GPL-2.0
#include "tally.h"

static const char *const fault_text[FAULTS] = {
	[FAULT_DAEMON] = "daemons crashed",
	[FAULT_EPOCH_LOST] = "epoch files lost",
	[FAULT_EPOCH_OLD] = "epoch files from a backup",
	[FAULT_CLOCK] = "wall clocks days off",
	[FAULT_KEY] = "keys renewed",
	[FAULT_CLONE] = "identities cloned",
	[FAULT_POWER] = "machines off",
	[FAULT_GONE] = "machines off for good",
	[FAULT_PAUSE] = "machines stalled",
	[FAULT_CARRIER] = "carriers lost",
	[FAULT_CUT] = "links dead silently",
	[FAULT_MUTE] = "links dead one way",
	[FAULT_PARTITION] = "partitions",
	[FAULT_COST] = "costs changed",
	[FAULT_OVERLOAD] = "overloads set or lifted",
	[FAULT_SPA] = "silences of the SPA",
	[FAULT_REGISTER] = "registrations",
	[FAULT_WITHDRAW] = "withdrawals",
	[FAULT_REVOKE] = "revocations",
	[FAULT_RENEW] = "grants renewed",
	[FAULT_LAPSE] = "grants ended in use",
	[FAULT_LOST] = "packets lost",
	[FAULT_DUPLICATED] = "packets duplicated",
	[FAULT_REORDERED] = "packets reordered",
};

static const char *const check_text[CHECKS] = {
	[CHECK_HEARD] = "granted as far as heard",
	[CHECK_KERNEL] = "no change a kernel refuses",
	[CHECK_ADJACENT] = "adjacent as can be",
	[CHECK_DATABASE] = "databases equal",
	[CHECK_TABLE] = "tables as the oracle's",
	[CHECK_REACH] = "reached if possible",
	[CHECK_LOOP] = "no loop",
	[CHECK_BACKUP] = "backups lead away",
	[CHECK_RIB] = "a RIB has what its database says",
};

void tally_add(struct tally *sum, const struct tally *one)
{
	int i;

	for (i = 0; i < FAULTS; i++)
		sum->fault[i] += one->fault[i];
	for (i = 0; i < CHECKS; i++) {
		sum->judged[i] += one->judged[i];
		sum->bad[i] += one->bad[i];
	}
}

void tally_print(FILE *file, const struct tally *tally)
{
	int i;

	for (i = 0; i < FAULTS; i++)
		fprintf(file, "fault: %12llu %s\n",
			(unsigned long long)tally->fault[i], fault_text[i]);
	for (i = 0; i < CHECKS; i++)
		fprintf(file, "check: %12llu judged, %llu broken: %s\n",
			(unsigned long long)tally->judged[i],
			(unsigned long long)tally->bad[i], check_text[i]);
}
