/* SPDX-License-Identifier: GPL-2.0 */
/* The boot epoch: one more at each start, kept in a file. */
#ifndef DAMCD_EPOCH_H
#define DAMCD_EPOCH_H

#include <stdint.h>

/**
 * epoch_next() - take the next one, and write it down before it is used
 * @dir: made if need be
 * @epoch: 1 if the file is lost: the node finds out by itself
 *
 * Return: 0 or a negative errno, and then there is no telling what comes next.
 */
int epoch_next(const char *dir, uint32_t *epoch);

#endif /* DAMCD_EPOCH_H */
