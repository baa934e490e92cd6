/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Grants that a gateway keeps: by pod, or key, name and right; the one that
 * was not used for longest makes room. Owned by reg.c.
 */
#ifndef DC_REG_GRANTS_H
#define DC_REG_GRANTS_H

#include "reg.h"

struct dc_reg_grants;

/* Tells @ops->forget() of what it keeps no more. */
struct dc_reg_grants *dc_reg_grants_new(const uint8_t key[16],
					const struct dc_reg_ops *ops,
					void *arg);
void dc_reg_grants_free(struct dc_reg_grants *grants);

/**
 * struct dc_reg_grant - one of them
 * @len: 0 where the pod needs none
 */
struct dc_reg_grant {
	struct dc_hash hash;
	uint64_t until_us;
	size_t len;
	uint8_t bytes[DC_OBJECT_MAX];
};

/* Keep @answer's grant in the place of any of before: 0 or -ENOMEM. */
int dc_reg_grants_keep(struct dc_reg_grants *grants,
		       const struct dc_reg_want *want,
		       const struct dc_reg_answer *answer);
/* The grant that @want can stand on, copied; false if there is none. */
bool dc_reg_grants_find(struct dc_reg_grants *grants,
			const struct dc_reg_want *want, uint64_t now_us,
			struct dc_reg_grant *grant);
/* Forget the one with this hash. */
void dc_reg_grants_drop(struct dc_reg_grants *grants,
			const struct dc_hash *hash);
/* Whether one is kept, ended or not. */
bool dc_reg_grants_has(const struct dc_reg_grants *grants,
		       const struct dc_reg_want *want);
/* Those that are objects; as dc_reg_kept(). */
int dc_reg_grants_each(const struct dc_reg_grants *grants,
		       int (*each)(const struct dc_reg_want *want,
				   const void *grant, size_t len, void *arg),
		       void *arg);
uint32_t dc_reg_grants_count(const struct dc_reg_grants *grants);

#endif /* DC_REG_GRANTS_H */
