/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files of the state directory that are written whole: the new one takes the
 * old one's place, or the old one stays. What the host loses with its power is
 * its last second.
 */
#ifndef DAMCD_STATE_FILE_H
#define DAMCD_STATE_FILE_H

#include <stdio.h>

#include "daemon.h"

/* What there is, or NULL and errno (ENOENT: nothing was written yet). */
FILE *state_file_open(const struct daemon *daemon, const char *name);

/* @write returns 0 or a negative errno, and so does this. */
int state_file_replace(const struct daemon *daemon, const char *name,
		       int (*write)(FILE *file, void *arg), void *arg);

#endif /* DAMCD_STATE_FILE_H */
