/* SPDX-License-Identifier: GPL-2.0 */
/* A tar file (POSIX ustar) of regular files, written from the front to the end. */
#ifndef DAMC_CLI_TAR_H
#define DAMC_CLI_TAR_H

#include <stdio.h>

/*
 * Add what is in @from, from its beginning, as @name (at most 99 bytes): 0, or -1
 * and errno.
 */
int tar_add(FILE *tar, const char *name, FILE *from, long long mtime);

/* Nothing follows: 0, or -1 and errno. */
int tar_end(FILE *tar);

#endif /* DAMC_CLI_TAR_H */
