// SPDX-License-Identifier: GPL-2.0
/* Neighbours: finding, making, ending them, and what was sent to them. */
#include <linux/rculist.h>

#include "dev.h"
#include "liveness.h"
#include "neigh.h"
#include "neigh_chain.h"
#include "netns.h"
#include "notify.h"
#include "packet.h"
#include "trace.h"

/**
 * damc_neigh_by_id() - the neighbour of an id
 * @dn: the namespace
 * @id: as user space knows it
 *
 * Context: under the namespace's lock.
 */
struct damc_neigh *damc_neigh_by_id(struct damc_net *dn, u32 id)
{
	lockdep_assert_held(&dn->lock);
	return xa_load(&dn->neighs, id);
}

static struct hlist_head *damc_neigh_key_chain(const struct damc_dev *dev,
					       const struct damc_neigh_key *key)
{
	return damc_neigh_chain(dev, dev->encap->hash(key,
						      damc_neigh_seed(dev)));
}

/**
 * damc_neigh_find_rcu() - the neighbour of an address, for a packet
 * @dev: its interface
 * @key: its address
 *
 * Context: under RCU, or under the namespace's lock.
 */
struct damc_neigh *damc_neigh_find_rcu(const struct damc_dev *dev,
				       const struct damc_neigh_key *key)
{
	struct damc_neigh *neigh;

	hlist_for_each_entry_rcu(neigh, damc_neigh_key_chain(dev, key), chain,
				 lockdep_is_held(&dev->dn->lock))
		if (neigh->dev == dev && dev->encap->match(neigh, key))
			return neigh;
	return NULL;
}

/**
 * damc_neigh_find() - the neighbour of an address
 * @dev: its interface
 * @key: its address
 *
 * Context: under the namespace's lock.
 */
struct damc_neigh *damc_neigh_find(struct damc_dev *dev,
				   const struct damc_neigh_key *key)
{
	lockdep_assert_held(&dev->dn->lock);
	return damc_neigh_find_rcu(dev, key);
}

static int damc_neigh_check(struct damc_dev *dev,
			    const struct damc_neigh_key *key,
			    struct netlink_ext_ack *extack)
{
	int err = dev->encap->check(dev, key, extack);

	if (err)
		return err;
	if (dev->dn->n_neighs >= DAMC_NEIGHS_MAX ||
	    dev->dn->last_neigh_id == U32_MAX) {
		NL_SET_ERR_MSG(extack, "Too many neighbours");
		return -ENOSPC;
	}
	return 0;
}

static struct damc_neigh *damc_neigh_alloc(struct damc_dev *dev)
{
	struct damc_neigh *neigh;
	int cpu;

	neigh = kzalloc(dev->encap->neigh_size, GFP_KERNEL_ACCOUNT);
	if (!neigh)
		return NULL;
	neigh->stats = alloc_percpu_gfp(struct damc_neigh_stats,
					GFP_KERNEL_ACCOUNT);
	if (!neigh->stats) {
		kfree(neigh);
		return NULL;
	}
	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(neigh->stats, cpu)->sync);
	neigh->encap = dev->encap;
	neigh->dev = dev;
	return neigh;
}

static void damc_neigh_free(struct damc_neigh *neigh)
{
	free_percpu(neigh->stats);
	kfree(neigh);
}

static struct damc_neigh *damc_neigh_make(struct damc_dev *dev,
					  const struct damc_neigh_key *key,
					  struct netlink_ext_ack *extack)
{
	struct damc_net *dn = dev->dn;
	struct damc_neigh *neigh;
	int err;

	err = damc_neigh_check(dev, key, extack);
	if (err)
		return ERR_PTR(err);
	neigh = damc_neigh_alloc(dev);
	if (!neigh)
		return ERR_PTR(-ENOMEM);
	neigh->id = dn->last_neigh_id + 1;
	err = xa_insert(&dn->neighs, neigh->id, neigh, GFP_KERNEL_ACCOUNT);
	if (err)
		goto err_insert;
	err = neigh->encap->init(neigh, key);
	if (err)
		goto err_init;
	dn->last_neigh_id = neigh->id;
	dn->n_neighs++;
	list_add_tail(&neigh->link, &dev->neighs);
	hlist_add_head_rcu(&neigh->chain, damc_neigh_key_chain(dev, key));
	return neigh;

err_init:
	xa_erase(&dn->neighs, neigh->id);
err_insert:
	damc_neigh_free(neigh);
	return ERR_PTR(-ENOMEM);
}

/**
 * damc_neigh_get() - the neighbour of an address, made if need be
 * @dev: its interface
 * @key: its address
 * @extack: says what is wrong
 *
 * Context: under the namespace's lock, may sleep. The caller holds it at once,
 * or puts it after all: damc_neigh_hold(), damc_neigh_put(). Once what it is for
 * is there, listeners hear of it: damc_neigh_tell().
 * Return: the neighbour, or ERR_PTR(): -EINVAL, -ENOSPC, -ENOMEM.
 */
struct damc_neigh *damc_neigh_get(struct damc_dev *dev,
				  const struct damc_neigh_key *key,
				  struct netlink_ext_ack *extack)
{
	return damc_neigh_find(dev, key) ?: damc_neigh_make(dev, key, extack);
}

/**
 * damc_neigh_announce() - tell that a neighbour is there, or has changed
 * @neigh: the neighbour
 *
 * Context: under the namespace's lock, may sleep.
 */
void damc_neigh_announce(struct damc_neigh *neigh)
{
	neigh->told = true;
	neigh->told_status = damc_neigh_status(neigh);
	damc_notify_neigh(neigh);
}

/**
 * damc_neigh_tell() - a neighbour has come to stay
 * @neigh: the neighbour
 *
 * Context: under the namespace's lock, may sleep.
 */
void damc_neigh_tell(struct damc_neigh *neigh)
{
	if (!neigh->told)
		damc_neigh_announce(neigh);
}

/**
 * damc_neigh_tell_status() - a neighbour's status may have changed
 * @neigh: the neighbour
 *
 * Context: under the namespace's lock, may sleep.
 */
void damc_neigh_tell_status(struct damc_neigh *neigh)
{
	if (neigh->told && neigh->told_status != damc_neigh_status(neigh))
		damc_neigh_announce(neigh);
}

static void damc_neigh_free_rcu(struct rcu_head *head)
{
	struct damc_neigh *neigh = container_of(head, struct damc_neigh, rcu);

	if (neigh->encap->free)
		neigh->encap->free(neigh);
	damc_neigh_free(neigh);
}

static void damc_neigh_end(struct damc_neigh *neigh)
{
	struct damc_net *dn = neigh->dev->dn;
	struct damc_notice notice = {};

	damc_liveness_end(neigh);
	damc_control_begin(neigh, NULL);
	/* What a refused request made comes and goes unheard. */
	if (neigh->told)
		damc_notice_neigh(&notice, neigh, DAMC_CMD_NEIGH_DEL_NTF);
	xa_erase(&dn->neighs, neigh->id);
	dn->n_neighs--;
	list_del(&neigh->link);
	hlist_del_rcu(&neigh->chain);
	if (neigh->encap->unlink)
		neigh->encap->unlink(neigh);
	call_rcu(&neigh->rcu, damc_neigh_free_rcu);
	damc_notice_send(&notice);
}

/**
 * damc_neigh_hold() - a next hop leads to it from now on
 * @neigh: the neighbour
 *
 * Context: under the namespace's lock.
 */
void damc_neigh_hold(struct damc_neigh *neigh)
{
	neigh->users++;
	neigh->dev->n_hops++;
}

/**
 * damc_neigh_put() - a next hop leads to it no more
 * @neigh: the neighbour; may be gone after this
 *
 * Context: under the namespace's lock.
 */
void damc_neigh_put(struct damc_neigh *neigh)
{
	lockdep_assert_held(&neigh->dev->dn->lock);
	neigh->dev->n_hops--;
	if (!--neigh->users && !neigh->permanent)
		damc_neigh_end(neigh);
}

/**
 * damc_neigh_add() - add a neighbour for good
 * @dev: its interface
 * @key: its address
 * @extack: says what is wrong
 *
 * Context: under the namespace's lock, may sleep.
 * Return: 0; -EEXIST; what damc_neigh_get() returns.
 */
int damc_neigh_add(struct damc_dev *dev, const struct damc_neigh_key *key,
		   struct netlink_ext_ack *extack)
{
	struct damc_neigh *neigh = damc_neigh_find(dev, key);

	if (!neigh)
		neigh = damc_neigh_make(dev, key, extack);
	if (IS_ERR(neigh))
		return PTR_ERR(neigh);
	if (neigh->permanent) {
		NL_SET_ERR_MSG(extack, "Neighbour exists");
		return -EEXIST;
	}
	neigh->permanent = true;
	damc_neigh_announce(neigh);
	return 0;
}

/**
 * damc_neigh_del() - delete a neighbour that was added
 * @neigh: the neighbour
 * @extack: says what is wrong
 *
 * Context: under the namespace's lock.
 * Return: 0, or -EBUSY while routes or sets lead to it.
 */
int damc_neigh_del(struct damc_neigh *neigh, struct netlink_ext_ack *extack)
{
	if (neigh->users) {
		NL_SET_ERR_MSG(extack, "Routes or sets lead to the neighbour");
		return -EBUSY;
	}
	damc_neigh_end(neigh);
	return 0;
}

/**
 * damc_neigh_sent() - count a packet sent
 * @neigh: to whom
 * @bytes: of the DAMC packet
 *
 * Context: under RCU.
 */
void damc_neigh_sent(const struct damc_neigh *neigh, unsigned int bytes)
{
	struct damc_net *dn = neigh->dev->dn;

	damc_percpu_add(&neigh->stats->packets, &neigh->stats->sync, 1);
	damc_percpu_add(&neigh->stats->bytes, &neigh->stats->sync, bytes);
	damc_stats_inc(dn->stats, DAMC_A_STATS_TX_PACKETS);
	damc_stats_add(dn->stats, DAMC_A_STATS_TX_BYTES, bytes);
}

static void damc_neigh_read_row(const struct damc_neigh_stats *row,
				struct damc_neigh_sums *is)
{
	unsigned int start;

	do {
		start = u64_stats_fetch_begin(&row->sync);
		is->packets = READ_ONCE(row->packets);
		is->bytes = READ_ONCE(row->bytes);
		is->control = READ_ONCE(row->control);
		is->control_dropped = READ_ONCE(row->control_dropped);
	} while (u64_stats_fetch_retry(&row->sync, start));
}

/**
 * damc_neigh_read_stats() - a neighbour's counters
 * @neigh: the neighbour
 * @sums: gets them
 */
void damc_neigh_read_stats(const struct damc_neigh *neigh,
			   struct damc_neigh_sums *sums)
{
	struct damc_neigh_sums row;
	int cpu;

	memset(sums, 0, sizeof(*sums));
	for_each_possible_cpu(cpu) {
		damc_neigh_read_row(per_cpu_ptr(neigh->stats, cpu), &row);
		sums->packets += row.packets;
		sums->bytes += row.bytes;
		sums->control += row.control;
		sums->control_dropped += row.control_dropped;
	}
}

/**
 * damc_neigh_mtu() - the largest packet that a neighbour takes
 * @neigh: the neighbour
 *
 * Context: under RCU, or under the namespace's lock.
 * Return: bytes, 0 if none can be sent.
 */
unsigned int damc_neigh_mtu(const struct damc_neigh *neigh)
{
	struct damc_way way;

	if (neigh->encap->way(neigh, &way))
		damc_way_leave(&way);
	return way.mtu;
}

/**
 * damc_neigh_set_admin() - say whether a neighbour is to be used
 * @neigh: the neighbour
 * @admin: enum damc_neigh_admin
 *
 * Every route and set that leads to it chooses among the rest from then on.
 *
 * Context: under the namespace's lock, may sleep.
 */
void damc_neigh_set_admin(struct damc_neigh *neigh, u32 admin)
{
	bool down = admin == DAMC_NEIGH_ADMIN_DOWN;

	if (down == test_bit(DAMC_NEIGH_DOWN_ADMIN, &neigh->down))
		return;
	change_bit(DAMC_NEIGH_DOWN_ADMIN, &neigh->down);
	damc_neigh_tell_status(neigh);
}

/**
 * damc_neigh_status() - whether packets go to a neighbour, and if not, why
 * @neigh: the neighbour
 *
 * Context: under the namespace's lock.
 * Return: enum damc_neigh_status.
 */
u32 damc_neigh_status(const struct damc_neigh *neigh)
{
	struct damc_live live;
	struct damc_way way;

	if (test_bit(DAMC_NEIGH_DOWN_ADMIN, &neigh->down))
		return DAMC_NEIGH_STATUS_ADMIN_DOWN;
	if (!neigh->encap->way(neigh, &way))
		return DAMC_NEIGH_STATUS_NO_LINK;
	damc_way_leave(&way);
	if (!test_bit(DAMC_NEIGH_DOWN_LIVENESS, &neigh->down))
		return DAMC_NEIGH_STATUS_UP;
	if (damc_liveness_read(neigh, &live) &&
	    live.state == DAMC_LIVENESS_STATE_UP)
		return DAMC_NEIGH_STATUS_NOT_FORWARDING;
	return DAMC_NEIGH_STATUS_NOT_LIVE;
}

static noinline void damc_neigh_trace(const struct damc_neigh *neigh,
				      struct sk_buff *skb)
{
	const struct net_device *netdev = neigh->dev->netdev;
	struct damc_name src = damc_src(skb), dst = damc_dst(skb);

	trace_damc_send(&src, &dst, neigh->id, netdev ? netdev->ifindex : 0,
			damc_cb(skb)->pkt.hop_limit, skb->len);
}

/**
 * damc_neigh_xmit() - send a packet to a neighbour
 * @neigh: to whom
 * @skb: the packet, no larger than the neighbour takes
 * @way: what damc_neigh_way() found
 *
 * Context: under RCU. Consumes @skb and @way.
 * Return: 0, or an errno of the neighbour's encapsulation.
 */
int damc_neigh_xmit(const struct damc_neigh *neigh, struct sk_buff *skb,
		    struct damc_way *way)
{
	if (trace_damc_send_enabled())
		damc_neigh_trace(neigh, skb);
	return neigh->encap->xmit(neigh, skb, way);
}
