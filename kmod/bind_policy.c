// SPDX-License-Identifier: GPL-2.0
/*
 * Which names a socket may bind, where no daemon says so (bind_policy "open"):
 * any that nobody has. What is below a name is its owner's, so a socket may not
 * take it from a pod, from another user or from where a route leads; whoever
 * may change routes may.
 */
#include <net/sock.h>

#include "bind.h"
#include "netns.h"
#include "target.h"

/* A name here: the namespace's own, which all may use, or a socket's. */
static bool damc_bind_shares(const struct damc_net *dn,
			     const struct damc_name *owned,
			     const struct sock *sk)
{
	const struct damc_bind *bind = damc_bind_find(dn, owned);

	return !bind || !bind->sk ||
	       uid_eq(sock_i_uid(bind->sk), sock_i_uid((struct sock *)sk));
}

static bool damc_bind_open(const struct damc_net *dn,
			   const struct damc_name *name, const struct sock *sk)
{
	const struct damc_fib_entry *entry = damc_fib_lookup(&dn->fib, name);
	const struct damc_target *target;
	struct damc_name owned;

	/*
	 * The default route says nothing of who owns what; of what has an entry
	 * of its own, the binding will say that it is in use.
	 */
	if (!entry || !entry->node.len || entry->node.len == name->len)
		return true;
	target = rcu_dereference_protected(entry->target,
					   lockdep_is_held(&dn->lock));
	if (target->type != DAMC_ROUTE_TYPE_LOCAL)
		return false;
	owned = damc_node_name(&entry->node);
	return damc_bind_shares(dn, &owned, sk);
}

/**
 * damc_bind_permitted() - whether a socket may bind a name
 * @dn: the namespace
 * @name: well formed
 * @sk: the socket
 *
 * Context: under the namespace's lock; the caller is the one who binds.
 * Return: 0; -ENAMETOOLONG, -EADDRNOTAVAIL for what is no name to be bound;
 * -EACCES.
 */
int damc_bind_permitted(const struct damc_net *dn, const struct damc_name *name,
			const struct sock *sk)
{
	bool open = damc_name_scope(name) == DAMC_SCOPE_GLOBAL;

	if (!damc_name_bindable(name))
		return name->len ? -ENAMETOOLONG : -EADDRNOTAVAIL;
	rcu_read_lock();
	open = open && damc_bind_open(dn, name, sk);
	rcu_read_unlock();
	return open || ns_capable(dn->net->user_ns, CAP_NET_ADMIN) ? 0
								   : -EACCES;
}
