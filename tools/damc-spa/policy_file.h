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

/* One that was read: what is verified, or signed, is what was checked. */
struct policy_file {
	const char *path;
	char *bytes;
	size_t len;
};

/* 0: freed by its owner. */
int policy_file_read(struct policy_file *file, const char *path,
		     char why[DC_WHY_MAX]);
void policy_file_free(struct policy_file *file);

/* @domain: where the policy is for; NULL: any. Cleared by its owner. */
int policy_load(struct dc_spa_policy *policy, const struct policy_file *file,
		const char *domain, char why[DC_WHY_MAX]);

/* FILE.sig: whether it is one of @identity's anchors'. */
int policy_verify(const struct policy_file *file,
		  const struct dc_identity *identity, char why[DC_WHY_MAX]);
int policy_sign(const struct policy_file *file, const char *domain,
		const uint8_t secret[DC_SECRET_BYTES], char why[DC_WHY_MAX]);

#endif /* SPA_POLICY_FILE_H */
