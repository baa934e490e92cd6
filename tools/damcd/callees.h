/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names that have, or had, a call rule, over restarts: what once had one stays
 * closed until a rule opens it, also where its rule ended while no daemon ran. A
 * file of the state directory, a name a line.
 */
#ifndef DAMCD_CALLEES_H
#define DAMCD_CALLEES_H

#include "daemon.h"
#include "trust.h"

/* What an earlier process wrote, into @trust: 0 or a negative errno. */
int callees_read(const struct daemon *daemon, struct dc_trust *trust);
/* What @trust has now: 0 or a negative errno. */
int callees_write(const struct daemon *daemon, const struct dc_trust *trust);

#endif /* DAMCD_CALLEES_H */
