/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An SPA's policy as a file, and the signature that goes with it: FILE.sig, by
 * the domain's anchor, so that all SPAs of a subtree go by the same one.
 */
#ifndef SPA_POLICY_FILE_H
#define SPA_POLICY_FILE_H

#include "identity.h"
#include "spa_live.h"
#include "spa_policy.h"

/* @domain: where the policy is for; NULL: any. Cleared by its owner. */
int policy_load(struct dc_spa_policy *policy, const char *path,
		const char *domain, char why[DC_WHY_MAX]);

/* FILE.sig: whether it is one of @identity's anchors'. */
int policy_verify(const char *path, const struct dc_identity *identity,
		  char why[DC_WHY_MAX]);
int policy_sign(const char *path, const char *domain,
		const uint8_t secret[DC_SECRET_BYTES], char why[DC_WHY_MAX]);

#endif /* SPA_POLICY_FILE_H */
