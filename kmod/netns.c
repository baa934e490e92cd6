// SPDX-License-Identifier: GPL-2.0
/* A network namespace's state: made with it, or when the module comes; ended. */
#include <linux/random.h>
#include <linux/rhashtable.h>

#include "netns.h"
#include "route.h"
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
}

static int __net_init damc_net_init(struct net *net)
{
	struct damc_net *dn = damc_net(net);
	int err;

	dn->net = net;
	mutex_init(&dn->lock);
	xa_init(&dn->devs);
	xa_init(&dn->neighs);
	damc_error_bucket_init(&dn->errors);
	damc_reassembler_init(dn);
	damc_pins_init(dn);
	damc_tables_init(dn);
	dn->stats = damc_stats_alloc();
	if (!dn->stats)
		return -ENOMEM;
	err = damc_targets_init(dn);
	if (err)
		free_percpu(dn->stats);
	return err;
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
}

/*
 * No socket is left, each held the namespace; no interface, which the core
 * unregisters before, or the module's notifier has.
 */
static void __net_exit damc_net_exit(struct net *net)
{
	struct damc_net *dn = damc_net(net);

	mutex_lock(&dn->lock);
	damc_udp_close(dn);
	damc_net_flush(dn);
	mutex_unlock(&dn->lock);
	WARN_ON_ONCE(dn->n_devs || dn->n_neighs || dn->binds.count);
	damc_reassembler_free(dn);
	damc_pins_free(dn);
	damc_fib_free(&dn->fib);
	damc_table_free(&dn->binds);
	damc_targets_free(dn);
	xa_destroy(&dn->devs);
	xa_destroy(&dn->neighs);
	free_percpu(dn->stats);
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
