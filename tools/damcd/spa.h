/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Class 3: questions to SPAs for grants (class3_client.h has the core), and what
 * SPAs have for nodes to flood.
 */
#ifndef DAMCD_SPA_H
#define DAMCD_SPA_H

#include "daemon.h"

/* NULL: why is logged. */
struct spa *spa_new(struct daemon *daemon);
void spa_free(struct spa *spa);

/* Ask for a grant: the registration core's op, see reg.h. */
bool spa_ask(struct spa *spa, uint64_t ticket, const struct dc_reg_entry *entry,
	     struct dc_reg_answer *answer);
/* The grant asked for as @want needs no renewing. */
void spa_forget(struct spa *spa, const struct dc_reg_want *want);

#endif /* DAMCD_SPA_H */
