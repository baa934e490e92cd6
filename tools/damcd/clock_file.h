/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Domain time over a restart of the daemon: a file of the state directory has it
 * beside the clock that counts since boot. While the host is the same boot's the
 * wall clock is not needed; after another it is, and cannot be behind that.
 */
#ifndef DAMCD_CLOCK_FILE_H
#define DAMCD_CLOCK_FILE_H

#include "daemon.h"
#include "trust.h"

/* What time it is by the file and, without one that helps, by the wall clock: ms. */
uint64_t clock_file_read(const struct daemon *daemon);

/* 0, also if no beacon told the time yet, or a negative errno. */
int clock_file_write(const struct daemon *daemon, const struct dc_trust *trust);

#endif /* DAMCD_CLOCK_FILE_H */
