/* SPDX-License-Identifier: GPL-2.0 */
/* /metrics for Prometheus, /healthz, /readyz, on a local port. */
#ifndef DAMCD_METRICS_H
#define DAMCD_METRICS_H

#include "daemon.h"

/* NULL: why is logged. */
struct metrics *metrics_new(struct daemon *daemon);
void metrics_free(struct metrics *metrics);

#endif /* DAMCD_METRICS_H */
