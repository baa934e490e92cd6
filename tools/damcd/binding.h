/* SPDX-License-Identifier: GPL-2.0 */
/* Edges and their names in the kernel. */
#ifndef DAMCD_BINDING_H
#define DAMCD_BINDING_H

#include "daemon.h"

/*
 * Each returns 0 or a negative errno, with the kernel's words in @why (empty if
 * it gave none).
 */

/* Make an interface face the pod of this name. */
int binding_edge(struct damc_ctl *ctl, uint32_t ifindex,
		 const struct damc_name *pod, char *why, size_t size);

/* @weight 0: no instance. What is so already is left alone. */
int binding_add(struct damc_ctl *ctl, const struct damc_name *name,
		uint32_t ifindex, uint32_t weight, char *why, size_t size);

/* What another has meanwhile is left alone. */
int binding_del(struct damc_ctl *ctl, const struct damc_name *name,
		uint32_t ifindex);

#endif /* DAMCD_BINDING_H */
