/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A configuration on trial: used at once, and given up for the one before unless
 * somebody says in time that it may stay. The file is not written meanwhile: a
 * daemon that starts reads the one before, too.
 */
#ifndef DAMCD_APPLY_H
#define DAMCD_APPLY_H

#include <jansson.h>

#include "daemon.h"

/* Bytes of a configuration; seconds that one may be on trial. */
#define APPLY_TEXT_MAX (512 * 1024)
#define APPLY_SECONDS_MAX 86400

struct apply;

/* NULL: no memory. */
struct apply *apply_new(struct daemon *daemon);
void apply_free(struct apply *apply);

/**
 * apply_try() - use a configuration for a while
 * @name: what its errors call it
 * @error: "NAME:LINE:COLUMN: what is wrong" if it is
 *
 * Return: 0 or -EINVAL; -EBUSY where it would need a restart.
 */
int apply_try(struct apply *apply, const char *name, const char *text,
	      uint32_t seconds, char *error, size_t size);

/* What is on trial, and the seconds it has left: NULL if nothing is. */
const char *apply_text(const struct apply *apply, uint32_t *left_s);

/* It stays: 0, or -EINVAL and @error unless the daemon's file says the same. */
int apply_confirm(struct apply *apply, char *error, size_t size);

/* The file was read again: what was on trial is not used any more. */
void apply_over(struct apply *apply);

#endif /* DAMCD_APPLY_H */
