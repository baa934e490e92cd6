/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files of the state directory that are written whole: the new one takes the
 * old one's place, or the old one stays, whatever ends the process.
 */
#ifndef DAMCD_STATE_FILE_H
#define DAMCD_STATE_FILE_H

#include <stdio.h>

#include "daemon.h"

/* What there is, or NULL and errno (ENOENT: nothing was written yet). */
FILE *state_file_open(const struct daemon *daemon, const char *name);

/*
 * @write returns 0 or a negative errno, and so do these. The first does not wait for
 * the disk: a host that loses its power may lose the file. The second does, for what
 * would be open if it were not known that it is to be closed.
 */
int state_file_replace(const struct daemon *daemon, const char *name,
		       int (*write)(FILE *file, void *arg), void *arg);
int state_file_replace_safe(const struct daemon *daemon, const char *name,
			    int (*write)(FILE *file, void *arg), void *arg);

#endif /* DAMCD_STATE_FILE_H */
