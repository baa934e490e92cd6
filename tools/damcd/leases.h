/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel's bindings do not tell a daemon that starts: when the pods'
 * leases end, and the grants that their names stand on. A file of the state
 * directory, written anew soon after something changed; what it lacks, pods and
 * SPAs are asked for again. Nothing in it is believed that a signature has to
 * show: a binding that is given back is bytes in @want->proof, no key's yet.
 */
#ifndef DAMCD_LEASES_H
#define DAMCD_LEASES_H

#include "daemon.h"

struct leases;

/* Reads what an earlier process wrote. NULL and errno. */
struct leases *leases_new(struct daemon *daemon, struct dc_reg *reg);
/* Writes what has changed. */
void leases_free(struct leases *leases);

/* Something may have: it is written soon. */
void leases_changed(struct leases *leases);

/*
 * What was written of the name that @want is of: it is completed, once; what
 * becomes of the name from then on is not the earlier process's to say. Return: when
 * the lease ends, 0: nothing was written, or its connection ended with the process.
 */
uint64_t leases_take(struct leases *leases, struct dc_reg_want *want);

/**
 * struct leases_grant - one that was kept
 * @renew_ms: when it was to be renewed, domain time; 0: not known
 */
struct leases_grant {
	struct dc_reg_want want;
	uint64_t renew_ms;
	uint8_t bytes[DC_OBJECT_MAX];
	size_t len;
};

/* The grants, each once. */
void leases_grants(struct leases *leases,
		   void (*each)(void *arg, const struct leases_grant *grant),
		   void *arg);

#endif /* DAMCD_LEASES_H */
