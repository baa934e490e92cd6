/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Class 3: questions to SPAs for grants (class3_client.h has the core), and what
 * SPAs have for nodes to flood.
 */
#ifndef DAMCD_AUTHORITY_H
#define DAMCD_AUTHORITY_H

#include "daemon.h"

/* NULL: why is logged. */
struct authority *authority_new(struct daemon *daemon);
void authority_free(struct authority *spa);

/* Ask the SPAs that the configuration names now. */
void authority_configure(struct authority *spa);

/* Ask for a grant: the registration core's op, see reg.h. */
bool authority_ask(struct authority *spa, uint64_t ticket,
		   const struct dc_reg_entry *entry,
		   struct dc_reg_answer *answer);
/* One that is there already and ends in @left_ms: have it renewed. */
void authority_renew(struct authority *spa, const struct dc_reg_want *want,
		     uint64_t left_ms);
/* The key that @want is for was proven anew: renewals are asked for with that. */
void authority_prove(struct authority *spa, const struct dc_reg_want *want);
/* The grant asked for as @want needs no renewing. */
void authority_forget(struct authority *spa, const struct dc_reg_want *want);

#endif /* DAMCD_AUTHORITY_H */
