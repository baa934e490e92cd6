/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Class 3: questions to SPAs for grants (class3_client.h has the core), and what
 * SPAs have for nodes to flood.
 */
#ifndef DAMCD_AUTHORITY_H
#define DAMCD_AUTHORITY_H

#include "class3_client.h"
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
/*
 * One that is there already, the object @grant: have it renewed when it is time,
 * @renew_ms as authority_due() told an earlier process (0: that did not know).
 */
void authority_hold(struct authority *spa, const struct dc_reg_want *want,
		    const struct dc_object *grant, uint64_t renew_ms);
/* When the grant for @want will be renewed, domain time in ms; 0: not known. */
uint64_t authority_due(const struct authority *spa,
		       const struct dc_reg_want *want);
/*
 * Who @want is for was attested or proven anew, behind the edge that it names:
 * renewals are asked for with that.
 */
void authority_prove(struct authority *spa, const struct dc_reg_want *want);
/* The grant asked for as @want needs no renewing. */
void authority_forget(struct authority *spa, const struct dc_reg_want *want);

/* Of its questions to SPAs. */
void authority_counts(const struct authority *spa,
		      struct dc_c3_client_counts *counts);

#endif /* DAMCD_AUTHORITY_H */
