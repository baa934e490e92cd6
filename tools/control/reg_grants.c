// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "reg_grants.h"

#define BUCKETS 4096

struct kept {
	LIST_ENTRY(kept) chain;
	TAILQ_ENTRY(kept) age;
	/* Of the grant; of @want it is subject and right that count. */
	struct damc_name name;
	struct dc_reg_want want;
	struct dc_hash hash;
	uint64_t until_us;
	size_t len;
	uint8_t bytes[];
};

LIST_HEAD(chain, kept);

struct dc_reg_grants {
	const struct dc_reg_ops *ops;
	void *arg;
	uint8_t key[crypto_shorthash_KEYBYTES];
	struct chain chain[BUCKETS];
	/* What was used last is at the end. */
	TAILQ_HEAD(, kept) age;
	uint32_t n;
};

struct dc_reg_grants *dc_reg_grants_new(const uint8_t key[16],
					const struct dc_reg_ops *ops, void *arg)
{
	struct dc_reg_grants *grants = calloc(1, sizeof(*grants));

	if (!grants)
		return NULL;
	grants->ops = ops;
	grants->arg = arg;
	memcpy(grants->key, key, sizeof(grants->key));
	TAILQ_INIT(&grants->age);
	return grants;
}

static void drop(struct dc_reg_grants *grants, struct kept *kept)
{
	LIST_REMOVE(kept, chain);
	TAILQ_REMOVE(&grants->age, kept, age);
	grants->n--;
	free(kept);
}

/* It is kept no more, and nothing takes its place. */
static void end(struct dc_reg_grants *grants, struct kept *kept)
{
	struct dc_reg_want want = kept->want;

	drop(grants, kept);
	grants->ops->forget(grants->arg, &want);
}

void dc_reg_grants_free(struct dc_reg_grants *grants)
{
	if (!grants)
		return;
	while (!TAILQ_EMPTY(&grants->age))
		drop(grants, TAILQ_FIRST(&grants->age));
	free(grants);
}

void dc_reg_grant_name(const struct dc_reg_want *want, struct damc_name *name)
{
	unsigned int at, last = 0;

	*name = want->name;
	if (want->right != DC_RIGHT_MEMBER)
		return;
	for (at = 0; at < name->len; at += 1 + name->wire[at])
		last = at;
	name->len = last;
}

bool dc_reg_same_subject(const struct dc_reg_want *a,
			 const struct dc_reg_want *b)
{
	if (a->has_key != b->has_key)
		return false;
	return a->has_key ?
	       !memcmp(a->proof.key, b->proof.key, sizeof(a->proof.key)) :
	       damc_name_equal(&a->pod, &b->pod);
}

/* A gateway's pods with the same name are few, and members of one pool. */
static uint64_t bucket_of(const struct dc_reg_grants *grants,
			  const struct damc_name *name)
{
	uint64_t hash;

	crypto_shorthash((void *)&hash, name->wire, name->len, grants->key);
	return hash % BUCKETS;
}

static struct kept *find(const struct dc_reg_grants *grants,
			 const struct dc_reg_want *want)
{
	struct damc_name name;
	struct kept *kept;

	dc_reg_grant_name(want, &name);
	LIST_FOREACH(kept, &grants->chain[bucket_of(grants, &name)], chain)
		if (kept->want.right == want->right &&
		    damc_name_equal(&kept->name, &name) &&
		    dc_reg_same_subject(&kept->want, want))
			return kept;
	return NULL;
}

bool dc_reg_grants_has(const struct dc_reg_grants *grants,
		       const struct dc_reg_want *want)
{
	return find(grants, want);
}

int dc_reg_grants_keep(struct dc_reg_grants *grants,
		       const struct dc_reg_want *want,
		       const struct dc_reg_answer *answer)
{
	size_t len = answer->grant ? answer->grant_len : 0;
	struct kept *kept, *old = find(grants, want);

	if (len > DC_OBJECT_MAX)
		return -EMSGSIZE;
	kept = calloc(1, sizeof(*kept) + len);
	if (!kept)
		return -ENOMEM;
	if (old)
		drop(grants, old);
	if (grants->n == DC_REG_GRANTS_MAX)
		end(grants, TAILQ_FIRST(&grants->age));
	dc_reg_grant_name(want, &kept->name);
	kept->want = *want;
	kept->until_us = answer->until_us;
	kept->len = len;
	kept->hash = answer->hash;
	if (len)
		memcpy(kept->bytes, answer->grant, len);
	LIST_INSERT_HEAD(&grants->chain[bucket_of(grants, &kept->name)], kept,
			 chain);
	TAILQ_INSERT_TAIL(&grants->age, kept, age);
	grants->n++;
	return 0;
}

bool dc_reg_grants_find(struct dc_reg_grants *grants,
			const struct dc_reg_want *want, uint64_t now_us,
			struct dc_reg_grant *grant)
{
	struct kept *kept = find(grants, want);

	if (!kept)
		return false;
	if (kept->until_us <= now_us) {
		end(grants, kept);
		return false;
	}
	TAILQ_REMOVE(&grants->age, kept, age);
	TAILQ_INSERT_TAIL(&grants->age, kept, age);
	grant->hash = kept->hash;
	grant->until_us = kept->until_us;
	grant->len = kept->len;
	memcpy(grant->bytes, kept->bytes, kept->len);
	return true;
}

void dc_reg_grants_drop(struct dc_reg_grants *grants,
			const struct dc_hash *hash)
{
	struct kept *kept, *next;

	/* As rare as a revocation is. */
	for (kept = TAILQ_FIRST(&grants->age); kept; kept = next) {
		next = TAILQ_NEXT(kept, age);
		if (kept->len && !memcmp(&kept->hash, hash, sizeof(*hash)))
			end(grants, kept);
	}
}

uint32_t dc_reg_grants_count(const struct dc_reg_grants *grants)
{
	return grants->n;
}

int dc_reg_grants_each(const struct dc_reg_grants *grants,
		       int (*each)(const struct dc_reg_want *want,
				   const void *grant, size_t len, void *arg),
		       void *arg)
{
	const struct kept *kept;
	int ret;

	TAILQ_FOREACH(kept, &grants->age, age) {
		ret = kept->len ? each(&kept->want, kept->bytes, kept->len, arg)
				: 0;
		if (ret)
			return ret;
	}
	return 0;
}
