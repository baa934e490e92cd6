/* SPDX-License-Identifier: GPL-2.0 */
/* A process that is ended before one of its changes to files. */
#ifndef SPA_KILLED_H
#define SPA_KILLED_H

#include <stdbool.h>

/*
 * In a child, @work, ended as if by kill -9 before the system call that would be the
 * @before'th (from 0) to change a file: false if there are fewer, and it ended by
 * itself, with 0. Skips the test where processes may not be traced.
 */
bool killed_before(unsigned int before, int (*work)(void *arg), void *arg);

#endif /* SPA_KILLED_H */
