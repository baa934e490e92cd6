// SPDX-License-Identifier: GPL-2.0
/* A network namespace's state: made with it, or when the module comes; ended. */
#include <linux/random.h>
#include <linux/rhashtable.h>

#include "liveness.h"
#include "netns.h"
#include "policy_change.h"
#include "route.h"
#include "set.h"
#include "target.h"
#include "udp.h"

unsigned int damc_net_id;

static void damc_tables_init(struct damc_net *dn)
{
	siphash_key_t key;

	get_random_bytes(&key, sizeof(key));
	damc_fib_init(&dn->fib, &dn->lock, &key);
	get_random_bytes(&key, sizeof(key));
	damc_table_init(&dn->binds, &dn->lock, &key);
	get_random_bytes(&key, sizeof(key));
	damc_policies_init(&dn->policies, &dn->lock, &key);
}

static int __net_init damc_net_init(struct net *net)
{
	struct damc_net *dn = damc_net(net);

	dn->net = net;
	mutex_init(&dn->lock);
	xa_init(&dn->devs);
	xa_init(&dn->neighs);
	xa_init(&dn->sets);
	damc_pins_init(dn);
	damc_liveness_net_init(dn);
	damc_policy_net_init(dn);
	damc_register_net_init(dn);
	damc_tables_init(dn);
	return 0;
}

/**
 * damc_net_begin() - a namespace is about to be used
 * @dn: the namespace
 *
 * To be called before the first packet can come, and before the first neighbour.
 *
 * Context: under the namespace's lock, may sleep.
 * Return: 0 or -ENOMEM.
 */
int damc_net_begin(struct damc_net *dn)
{
	int err = -ENOMEM;

	lockdep_assert_held(&dn->lock);
	if (dn->begun)
		return 0;
	dn->stats = damc_stats_alloc();
	if (!dn->stats)
		return -ENOMEM;
	dn->reassembler = damc_reassembler_alloc(dn);
	if (!dn->reassembler)
		goto err_reassembler;
	dn->neigh_chains = kcalloc(1 << DAMC_NEIGH_HASH_BITS,
				   sizeof(*dn->neigh_chains),
				   GFP_KERNEL_ACCOUNT);
	if (!dn->neigh_chains)
		goto err_chains;
	err = damc_targets_init(dn);
	if (err)
		goto err_targets;
	/* Pairs with readers that take no lock. */
	smp_store_release(&dn->begun, true);
	return 0;

err_targets:
	kfree(dn->neigh_chains);
err_chains:
	damc_reassembler_free(dn->reassembler);
err_reassembler:
	free_percpu(dn->stats);
	return err;
}

static void damc_net_end(struct damc_net *dn)
{
	damc_reassembler_free(dn->reassembler);
	damc_targets_free(dn);
	kfree(dn->neigh_chains);
	free_percpu(dn->stats);
}

static void damc_net_flush(struct damc_net *dn)
{
	static const struct damc_name none;
	struct damc_fib_entry *entry, *next;

	damc_route_set_self(dn, &none, NULL);
	for (entry = damc_fib_first(&dn->fib); entry; entry = next) {
		next = damc_fib_after(&dn->fib, entry->node.hash);
		damc_route_remove(dn, entry);
		cond_resched();
	}
	damc_set_flush(dn);
}

/*
 * No socket is left, each held the namespace; no interface, which the core
 * unregisters before, or the module's notifier has.
 */
static void __net_exit damc_net_exit(struct net *net)
{
	struct damc_net *dn = damc_net(net);

	damc_register_net_exit(dn);
	mutex_lock(&dn->lock);
	damc_udp_close(dn);
	damc_policy_flush(dn);
	damc_net_flush(dn);
	mutex_unlock(&dn->lock);
	WARN_ON_ONCE(dn->n_devs || dn->n_neighs || dn->binds.count);
	damc_pins_free(dn);
	damc_liveness_net_exit(dn);
	damc_policy_net_exit(dn);
	if (dn->begun)
		damc_net_end(dn);
	damc_fib_free(&dn->fib);
	damc_table_free(&dn->binds);
	xa_destroy(&dn->devs);
	xa_destroy(&dn->neighs);
	xa_destroy(&dn->sets);
	mutex_destroy(&dn->lock);
}

static struct pernet_operations damc_net_ops = {
	.init = damc_net_init,
	.exit = damc_net_exit,
	.id = &damc_net_id,
	.size = sizeof(struct damc_net),
};

int damc_netns_register(void)
{
	return register_pernet_subsys(&damc_net_ops);
}

void damc_netns_unregister(void)
{
	unregister_pernet_subsys(&damc_net_ops);
}
