/* SPDX-License-Identifier: GPL-2.0 */
/* What the core asks of a desk: numbers, storage, the log. */
#ifndef SPA_DESK_OPS_H
#define SPA_DESK_OPS_H

#include "spa.h"

/* Their argument is the desk. */
extern const struct dc_spa_ops desk_ops;

#endif /* SPA_DESK_OPS_H */
