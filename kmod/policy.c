// SPDX-License-Identifier: GPL-2.0
/* Policies: which one counts, and change. See policy.h. */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>

#include "policy.h"

/**
 * struct damc_policy_prefix - a destination prefix
 * @first: the most specific policy about it; NULL only while the last one goes
 * @n: how many there are
 * @node: the prefix
 */
struct damc_policy_prefix {
	struct damc_policy __rcu *first;
	u32 n;
	struct damc_node node;
};

/* For writers. */
#define damc_policy_held(policies, pointer) \
	rcu_dereference_protected(pointer, \
				  lockdep_is_held((policies)->table.lock))

/* For readers and writers. */
#define damc_policy_deref(policies, pointer) \
	rcu_dereference_check(pointer, lockdep_is_held((policies)->table.lock))

/**
 * damc_policies_init() - have no policies
 * @policies: them
 * @lock: what writers hold
 * @key: the table's secret
 */
void damc_policies_init(struct damc_policies *policies, struct mutex *lock,
			const siphash_key_t *key)
{
	memset(policies, 0, sizeof(*policies));
	damc_table_init(&policies->table, lock, key);
}

/**
 * damc_policies_free() - free the table
 * @policies: none left, and out of every reader's reach
 */
void damc_policies_free(struct damc_policies *policies)
{
	damc_table_free(&policies->table);
}

/**
 * damc_policy_dst() - which destinations a policy is about
 * @policy: one that was put in
 *
 * Context: under the writers' lock.
 */
struct damc_name damc_policy_dst(const struct damc_policy *policy)
{
	return damc_node_name(&policy->prefix->node);
}

static bool damc_name_begins(const struct damc_name *name, const u8 *prefix,
			     u8 len)
{
	struct damc_name begin = { .wire = name->wire, .len = len };
	struct damc_name want = { .wire = prefix, .len = len };

	return name->len >= len && damc_name_equal(&begin, &want);
}

static bool damc_policy_about(const struct damc_policy *policy,
			      const struct damc_policy_key *key)
{
	return (policy->class == DAMC_POLICY_CLASS_ANY ||
		policy->class == key->class) &&
	       damc_name_begins(&key->src, policy->src, policy->src_len);
}

static struct damc_policy_prefix *
damc_policy_prefix(const struct damc_policies *policies, u64 hash,
		   const struct damc_name *dst)
{
	struct damc_node *node = damc_table_find(&policies->table, hash, dst);

	return node ? container_of(node, struct damc_policy_prefix, node) : NULL;
}

/* The first of a prefix' policies that is about a packet. */
static const struct damc_policy *
damc_policy_first(const struct damc_policies *policies,
		  const struct damc_policy_prefix *prefix,
		  const struct damc_policy_key *key)
{
	const struct damc_policy *policy;

	policy = prefix ? damc_policy_deref(policies, prefix->first) : NULL;
	while (policy && !damc_policy_about(policy, key))
		policy = damc_policy_deref(policies, policy->next);
	return policy;
}

/* Of those about some destinations only, at these depths. */
static const struct damc_policy *
damc_policy_longest(const struct damc_policies *policies,
		    const struct damc_policy_key *key, u64 depths)
{
	struct damc_name dst = { .wire = key->dst.wire };
	const struct damc_policy_prefix *prefix;
	const struct damc_policy *policy;
	struct damc_prefix_hash hashes;
	unsigned int i;

	damc_name_hash(&policies->table.key, &key->dst, depths, &hashes);
	for (i = hashes.n; i--;) {
		dst.len = hashes.len[i];
		prefix = damc_policy_prefix(policies, hashes.hash[i], &dst);
		policy = damc_policy_first(policies, prefix, key);
		if (policy)
			return policy;
	}
	return NULL;
}

/**
 * damc_policy_match() - the policy that counts for a packet
 * @policies: the namespace's
 * @key: of the packet, its names well formed
 *
 * Names below /damc, and class selectors above DAMC_POLICY_CLASS_MAX, are the
 * fabric's: it must be reached to have a policy changed.
 *
 * Context: under rcu_read_lock() or the writers' lock.
 * Return: the policy, or NULL.
 */
const struct damc_policy *
damc_policy_match(const struct damc_policies *policies,
		  const struct damc_policy_key *key)
{
	u64 depths = READ_ONCE(policies->depths.used) & ~1ULL;
	const struct damc_policy *policy = NULL;

	if (key->class > DAMC_POLICY_CLASS_MAX ||
	    damc_name_scope(&key->dst) != DAMC_SCOPE_GLOBAL)
		return NULL;
	if (depths)
		policy = damc_policy_longest(policies, key, depths);
	return policy ?: damc_policy_first(policies,
					   damc_policy_deref(policies,
							     policies->root),
					   key);
}

static bool damc_policy_is(const struct damc_policy *policy,
			   const struct damc_policy_key *key)
{
	struct damc_name src = { .wire = policy->src, .len = policy->src_len };

	return policy->class == key->class && damc_name_equal(&src, &key->src);
}

/**
 * damc_policy_find() - the policy about exactly these packets
 * @policies: the namespace's
 * @key: prefixes, and class selector or DAMC_POLICY_CLASS_ANY
 *
 * Context: under the writers' lock.
 * Return: the policy, or NULL.
 */
struct damc_policy *damc_policy_find(const struct damc_policies *policies,
				     const struct damc_policy_key *key)
{
	u64 hash = damc_name_hash_whole(&policies->table.key, &key->dst);
	const struct damc_policy_prefix *prefix;
	struct damc_policy *policy;

	prefix = damc_policy_prefix(policies, hash, &key->dst);
	policy = prefix ? damc_policy_held(policies, prefix->first) : NULL;
	while (policy && !damc_policy_is(policy, key))
		policy = damc_policy_held(policies, policy->next);
	return policy;
}

static struct damc_policy_prefix *
damc_policy_prefix_add(struct damc_policies *policies, u64 hash,
		       const struct damc_name *dst, int *err)
{
	unsigned int depth = damc_name_depth(dst->wire, dst->len);
	struct damc_policy_prefix *prefix;

	*err = -E2BIG;
	if (!damc_depths_allow(&policies->depths, depth, DAMC_DEPTHS_MAX))
		return NULL;
	*err = -ENOMEM;
	prefix = kmalloc(struct_size(prefix, node.wire, dst->len),
			 GFP_KERNEL_ACCOUNT);
	if (!prefix)
		return NULL;
	RCU_INIT_POINTER(prefix->first, NULL);
	prefix->n = 0;
	damc_node_set(&prefix->node, hash, dst);
	*err = damc_table_insert(&policies->table, &prefix->node);
	if (*err) {
		kfree(prefix);
		return NULL;
	}
	damc_depths_add(&policies->depths, depth);
	if (!depth)
		rcu_assign_pointer(policies->root, prefix);
	return prefix;
}

/* What comes first where both match; of others the order says nothing. */
static bool damc_policy_precedes(const struct damc_policy *a,
				 const struct damc_policy *b)
{
	if (a->src_len != b->src_len)
		return a->src_len > b->src_len;
	return a->class != DAMC_POLICY_CLASS_ANY &&
	       b->class == DAMC_POLICY_CLASS_ANY;
}

static void damc_policy_link(struct damc_policies *policies,
			     struct damc_policy_prefix *prefix,
			     struct damc_policy *policy)
{
	struct damc_policy __rcu **at = &prefix->first;
	struct damc_policy *next;

	while ((next = damc_policy_held(policies, *at)) &&
	       !damc_policy_precedes(policy, next))
		at = &next->next;
	policy->prefix = prefix;
	RCU_INIT_POINTER(policy->next, next);
	rcu_assign_pointer(*at, policy);
	prefix->n++;
}

/**
 * damc_policy_insert() - put a policy in
 * @policies: the namespace's
 * @dst: destination prefix, copied
 * @policy: about packets that no other is about
 *
 * Context: under the writers' lock, may sleep.
 * Return: 0; -ENOSPC at DAMC_POLICIES_PREFIX_MAX; -E2BIG if the prefix would be
 * of one depth more than DAMC_DEPTHS_MAX; -ENOMEM. On error nothing has changed.
 */
int damc_policy_insert(struct damc_policies *policies,
		       const struct damc_name *dst, struct damc_policy *policy)
{
	u64 hash = damc_name_hash_whole(&policies->table.key, dst);
	struct damc_policy_prefix *prefix;
	int err;

	prefix = damc_policy_prefix(policies, hash, dst);
	if (!prefix) {
		prefix = damc_policy_prefix_add(policies, hash, dst, &err);
		if (!prefix)
			return err;
	}
	if (prefix->n == DAMC_POLICIES_PREFIX_MAX)
		return -ENOSPC;
	damc_policy_link(policies, prefix, policy);
	return 0;
}

/* What leads to a policy. */
static struct damc_policy __rcu **
damc_policy_place(const struct damc_policies *policies,
		  const struct damc_policy *policy)
{
	struct damc_policy __rcu **at = &policy->prefix->first;

	while (damc_policy_held(policies, *at) != policy)
		at = &damc_policy_held(policies, *at)->next;
	return at;
}

/**
 * damc_policy_swap() - put a policy in another's place
 * @policies: the namespace's
 * @old: one that is in; readers may use it for a grace period more
 * @new: about the same packets
 *
 * Context: under the writers' lock.
 */
void damc_policy_swap(struct damc_policies *policies, struct damc_policy *old,
		      struct damc_policy *new)
{
	struct damc_policy __rcu **at = damc_policy_place(policies, old);

	new->prefix = old->prefix;
	RCU_INIT_POINTER(new->next, damc_policy_held(policies, old->next));
	rcu_assign_pointer(*at, new);
}

/**
 * damc_policy_remove() - take a policy out
 * @policies: the namespace's
 * @policy: one that is in; readers may use it for a grace period more
 *
 * Context: under the writers' lock, may sleep.
 */
void damc_policy_remove(struct damc_policies *policies,
			struct damc_policy *policy)
{
	struct damc_policy __rcu **at = damc_policy_place(policies, policy);
	struct damc_policy_prefix *prefix = policy->prefix;
	struct damc_node *node = &prefix->node;

	/* Its own pointer stays: a reader goes on from here. */
	rcu_assign_pointer(*at, damc_policy_held(policies, policy->next));
	if (--prefix->n)
		return;
	if (!node->len)
		RCU_INIT_POINTER(policies->root, NULL);
	damc_depths_del(&policies->depths,
			damc_name_depth(node->wire, node->len));
	damc_table_remove(&policies->table, node);
	kvfree_rcu_mightsleep(prefix);
}
