// SPDX-License-Identifier: GPL-2.0
/* Bindings: making and ending them, with their FIB entries. */
#include <linux/random.h>
#include <linux/slab.h>

#include "bind.h"
#include "dev.h"
#include "neigh.h"
#include "netns.h"
#include "notify.h"
#include "pool_change.h"
#include "register.h"
#include "route.h"
#include "sock.h"
#include "target.h"

/* An unbound socket's component: its length, '~', random bytes. */
#define DAMC_EPHEMERAL_RANDOM 8
#define DAMC_EPHEMERAL_LEN (2 + DAMC_EPHEMERAL_RANDOM)

static struct damc_bind *damc_bind_of(struct damc_node *node)
{
	return node ? container_of(node, struct damc_bind, node) : NULL;
}

/**
 * damc_bind_find() - the binding of exactly this name
 * @dn: the namespace
 * @name: well formed
 *
 * Context: under RCU or the namespace's lock.
 */
struct damc_bind *damc_bind_find(const struct damc_net *dn,
				 const struct damc_name *name)
{
	u64 hash = damc_name_hash_whole(&dn->binds.key, name);

	return damc_bind_of(damc_table_find(&dn->binds, hash, name));
}

/* Whole before a reader can find it: either @sk or @dev is not NULL. */
static struct damc_bind *damc_bind_make(struct damc_net *dn, u32 kind,
					const struct damc_name *name,
					struct sock *sk, struct damc_dev *dev,
					u8 standing)
{
	struct damc_bind *bind;
	int err;

	lockdep_assert_held(&dn->lock);
	if (damc_bind_find(dn, name))
		return ERR_PTR(-EADDRINUSE);
	if (dn->binds.count >= DAMC_BINDS_MAX)
		return ERR_PTR(-ENOSPC);
	bind = kzalloc(struct_size(bind, node.wire, name->len),
		       GFP_KERNEL_ACCOUNT);
	if (!bind)
		return ERR_PTR(-ENOMEM);
	bind->kind = kind;
	bind->sk = sk;
	bind->dev = dev;
	bind->standing = standing;
	damc_node_init(&dn->binds, &bind->node, name);
	err = damc_table_insert(&dn->binds, &bind->node);
	if (err) {
		kfree(bind);
		return ERR_PTR(err);
	}
	return bind;
}

static void damc_bind_free(struct damc_net *dn, struct damc_bind *bind)
{
	damc_table_remove(&dn->binds, &bind->node);
	kfree_rcu(bind, rcu);
}

/* In the place of a route by @over: false if there is none. */
static bool damc_bind_over(struct damc_net *dn, const struct damc_name *name,
			   struct damc_target *target, u32 over)
{
	struct damc_fib_entry *entry = damc_fib_find(&dn->fib, name);
	struct damc_target *old;

	if (!entry || entry->protocol != over)
		return false;
	old = damc_entry_target(dn, entry);
	if (old->pool)
		return false;
	rcu_assign_pointer(entry->target, target);
	WRITE_ONCE(entry->protocol, DAMC_ROUTE_PROTOCOL_KERNEL);
	damc_target_tell(target);
	damc_notify_route(dn, entry);
	/* Neighbours go after the route that led to them. */
	damc_target_put(dn, old);
	return true;
}

/* The FIB entry of a binding; takes the target's reference in any case. */
static int damc_bind_route(struct damc_net *dn, const struct damc_name *name,
			   struct damc_target *target, u32 over)
{
	int err;

	if (IS_ERR(target))
		return PTR_ERR(target);
	if (over && damc_bind_over(dn, name, target, over))
		return 0;
	err = damc_fib_insert(&dn->fib, name, DAMC_ROUTE_PROTOCOL_KERNEL,
			      target);
	if (err) {
		damc_target_put(dn, target);
	} else {
		damc_target_tell(target);
		damc_notify_route(dn, damc_fib_find(&dn->fib, name));
	}
	return err == -EEXIST ? -EADDRINUSE : err;
}

/* Its place in a pool, then its FIB entry; as damc_bind_route() */
static int damc_bind_enter(struct damc_net *dn, struct damc_bind *bind,
			   u32 weight, struct damc_target *target, u32 over,
			   struct netlink_ext_ack *extack)
{
	struct damc_name name = damc_node_name(&bind->node);
	int err;

	if (!weight || IS_ERR(target))
		return damc_bind_route(dn, &name, target, over);
	err = damc_pool_join(dn, &name, weight, extack);
	if (err) {
		damc_target_put(dn, target);
		return err;
	}
	err = damc_bind_route(dn, &name, target, over);
	if (err)
		damc_pool_leave(dn, &name);
	bind->weight = weight;
	return err;
}

/* One that waits for its gateway's word, and has no FIB entry before. */
static struct damc_bind *damc_bind_wanted(struct damc_net *dn,
					  const struct damc_name *name,
					  u32 weight, struct sock *sk)
{
	struct damc_bind *bind;
	int err;

	if (damc_fib_find(&dn->fib, name))
		return ERR_PTR(-EADDRINUSE);
	bind = damc_bind_make(dn, DAMC_BIND_KIND_SOCKET, name, sk, NULL,
			      DAMC_BIND_STANDING_WANTED);
	if (IS_ERR(bind))
		return bind;
	err = damc_register_want(dn, bind, weight);
	if (err) {
		damc_bind_free(dn, bind);
		return ERR_PTR(err);
	}
	damc_notify_bind(dn, bind);
	return bind;
}

/**
 * damc_bind_sock() - bind a name to a socket
 * @dn: the namespace
 * @name: bindable
 * @weight: as an instance of the pool that is called as it is without its last
 *	component; 0 if it is none's
 * @sk: the socket
 *
 * Where bindings are managed it waits for its gateway's word.
 *
 * Context: under the namespace's lock, may sleep.
 * Return: the binding, or ERR_PTR(): -EADDRINUSE; -EINVAL for an instance of
 * one component; -ENOSPC, -E2BIG at a cap; -ENOMEM.
 */
struct damc_bind *damc_bind_sock(struct damc_net *dn,
				 const struct damc_name *name, u32 weight,
				 struct sock *sk)
{
	struct damc_bind *bind;
	int err;

	if (damc_register_asks(dn, name))
		return damc_bind_wanted(dn, name, weight, sk);
	bind = damc_bind_make(dn, DAMC_BIND_KIND_SOCKET, name, sk, NULL, 0);
	if (IS_ERR(bind))
		return bind;
	err = damc_bind_enter(dn, bind, weight, damc_target_of_bind(bind), 0,
			      NULL);
	if (err) {
		damc_bind_free(dn, bind);
		return ERR_PTR(err);
	}
	damc_notify_bind(dn, bind);
	return bind;
}

/**
 * damc_bind_ephemeral() - give an unbound socket a name of its own
 * @dn: the namespace
 * @sk: the socket
 *
 * Context: under the namespace's lock, may sleep.
 * Return: the binding, or ERR_PTR(): -EADDRNOTAVAIL if the namespace has no
 * name; -EADDRINUSE, -ENOSPC, -ENOMEM.
 */
struct damc_bind *damc_bind_ephemeral(struct damc_net *dn, struct sock *sk)
{
	const struct damc_self *self;
	u8 wire[DAMC_NAME_MAX];
	struct damc_name name = { .wire = wire };
	struct damc_bind *bind;

	BUILD_BUG_ON(DAMC_NAME_BOUND_MAX + DAMC_EPHEMERAL_LEN > DAMC_NAME_MAX);
	self = rcu_dereference_protected(dn->self, lockdep_is_held(&dn->lock));
	if (!self)
		return ERR_PTR(-EADDRNOTAVAIL);
	memcpy(wire, self->wire, self->len);
	wire[self->len] = DAMC_EPHEMERAL_LEN - 1;
	wire[self->len + 1] = '~';
	get_random_bytes(wire + self->len + 2, DAMC_EPHEMERAL_RANDOM);
	name.len = self->len + DAMC_EPHEMERAL_LEN;
	bind = damc_bind_make(dn, DAMC_BIND_KIND_EPHEMERAL, &name, sk, NULL, 0);
	if (!IS_ERR(bind))
		damc_notify_bind(dn, bind);
	return bind;
}

static struct damc_target *damc_edge_target(struct damc_dev *dev,
					    struct netlink_ext_ack *extack)
{
	struct damc_neigh_key group = {};
	struct damc_nexthop nexthop = { .weight = 1 };
	struct damc_target *target;

	nexthop.neigh = damc_neigh_get(dev, &group, extack);
	if (IS_ERR(nexthop.neigh))
		return ERR_CAST(nexthop.neigh);
	damc_neigh_hold(nexthop.neigh);
	target = damc_target_get(dev->dn, DAMC_ROUTE_TYPE_EDGE, &nexthop, 1);
	damc_neigh_put(nexthop.neigh);
	return target;
}

/**
 * damc_bind_dev() - bind a name to an edge interface
 * @dn: the namespace
 * @name: bindable
 * @weight: as an instance; 0 if it is none
 * @over: the protocol whose route to the name makes room, or 0
 * @dev: the interface
 * @extack: says what is wrong
 *
 * Context: under the namespace's lock, may sleep.
 * Return: 0; what damc_bind_sock() returns.
 */
int damc_bind_dev(struct damc_net *dn, const struct damc_name *name,
		  u32 weight, u32 over, struct damc_dev *dev,
		  struct netlink_ext_ack *extack)
{
	struct damc_bind *bind;
	int err;

	bind = damc_bind_make(dn, DAMC_BIND_KIND_DEV, name, NULL, dev, 0);
	if (IS_ERR(bind)) {
		damc_route_explain(PTR_ERR(bind), extack);
		return PTR_ERR(bind);
	}
	err = damc_bind_enter(dn, bind, weight, damc_edge_target(dev, extack),
			      over, extack);
	if (err) {
		damc_bind_free(dn, bind);
		damc_route_explain(err, extack);
		return err;
	}
	list_add_tail(&bind->link, &dev->binds);
	damc_notify_bind(dn, bind);
	return 0;
}

/* Takes its FIB entry and its place in a pool, if it has them. */
static void damc_bind_retire(struct damc_net *dn, struct damc_bind *bind)
{
	struct damc_name name = damc_node_name(&bind->node);

	if (bind->weight)
		damc_pool_leave(dn, &name);
	bind->weight = 0;
	if (bind->kind != DAMC_BIND_KIND_EPHEMERAL && damc_bind_usable(bind))
		damc_route_remove(dn, damc_fib_find(&dn->fib, &name));
}

/**
 * damc_bind_granted() - a gateway has said yes to a socket's name
 * @dn: the namespace
 * @bind: the binding, which was asked for and waits
 * @weight: as an instance; 0 if it is none
 *
 * What has no room in the table after all is refused.
 *
 * Context: under the namespace's lock, may sleep.
 */
void damc_bind_granted(struct damc_net *dn, struct damc_bind *bind, u32 weight)
{
	int err;

	err = damc_bind_enter(dn, bind, weight, damc_target_of_bind(bind), 0,
			      NULL);
	if (err) {
		bind->weight = 0;
		damc_bind_refused(dn, bind, -err);
		return;
	}
	WRITE_ONCE(bind->standing, DAMC_BIND_STANDING_GRANTED);
	bind->sk->sk_write_space(bind->sk);
	damc_notify_bind(dn, bind);
}

/**
 * damc_bind_refused() - a gateway has said no to a socket's name
 * @dn: the namespace
 * @bind: the binding, which was asked for
 * @err: what the socket is told, positive
 *
 * The name stays the socket's, and of no use, until it is closed.
 *
 * Context: under the namespace's lock, may sleep.
 */
void damc_bind_refused(struct damc_net *dn, struct damc_bind *bind, int err)
{
	damc_bind_retire(dn, bind);
	WRITE_ONCE(bind->standing, DAMC_BIND_STANDING_REFUSED);
	WRITE_ONCE(bind->sk->sk_err, err);
	sk_error_report(bind->sk);
	damc_notify_bind(dn, bind);
}

/**
 * damc_bind_release() - end a binding
 * @dn: the namespace
 * @bind: the binding
 *
 * Context: under the namespace's lock, may sleep.
 */
void damc_bind_release(struct damc_net *dn, struct damc_bind *bind)
{
	struct damc_notice notice;

	lockdep_assert_held(&dn->lock);
	damc_notice_bind(&notice, dn, bind, DAMC_CMD_BIND_DEL_NTF);
	damc_bind_retire(dn, bind);
	if (bind->registration)
		damc_register_leave(dn, bind->registration);
	if (bind->dev)
		list_del(&bind->link);
	damc_bind_free(dn, bind);
	damc_notice_send(&notice);
}

/**
 * damc_bind_flush_dev() - end all bindings to an interface
 * @dev: the interface
 *
 * Context: under the namespace's lock, may sleep.
 */
void damc_bind_flush_dev(struct damc_dev *dev)
{
	struct damc_bind *bind, *next;

	list_for_each_entry_safe(bind, next, &dev->binds, link)
		damc_bind_release(dev->dn, bind);
}
