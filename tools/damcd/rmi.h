/* SPDX-License-Identifier: GPL-2.0 */
/* RMI calls from the event loop. */
#ifndef DAMCD_RMI_H
#define DAMCD_RMI_H

#include "daemon.h"

struct rmi;

/* What came of a call: @data is NULL if no answer did. */
typedef void (*rmi_done)(void *arg, uint64_t call, const void *data,
			 size_t len);

/* NULL and errno. */
struct rmi *rmi_new(struct daemon *daemon);
void rmi_free(struct rmi *rmi);

/*
 * @done is called later, once, unless the rmi is freed before. False: never, there
 * was no memory.
 */
bool rmi_call(struct rmi *rmi, const struct damc_rmi_request *request,
	      rmi_done done, void *arg, uint64_t call);

#endif /* DAMCD_RMI_H */
