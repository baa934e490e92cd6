// SPDX-License-Identifier: GPL-2.0
/* Pins of flows to instances: finding, making and ending them. See pin.h. */
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/rculist.h>
#include <linux/slab.h>

#include "netns.h"
#include "pin.h"

/* Pins to a chain, at the cap. */
#define DAMC_PIN_CHAIN 4

static spinlock_t *damc_pin_lock(struct damc_pins *pins, u32 chain)
{
	return &pins->lock[chain % DAMC_PIN_LOCKS];
}

static bool damc_pin_idle(const struct damc_pin *pin)
{
	return time_after(jiffies, READ_ONCE(pin->used) +
			  msecs_to_jiffies(DAMC_PIN_IDLE_MS));
}

/* Context: under the chain's lock. */
static void damc_pin_unlink(struct damc_pins *pins, struct damc_pin *pin)
{
	hlist_del_rcu(&pin->node);
	atomic_dec(&pins->n);
	atomic_dec(pin->owner);
	kfree_rcu(pin, rcu);
}

/* End the pins of a chain that are idle, or @owner's; NULL: all of them. */
static void damc_pins_sweep(struct damc_pins *pins, u32 chain, bool idle,
			    const atomic_t *owner)
{
	spinlock_t *lock = damc_pin_lock(pins, chain);
	struct hlist_node *next;
	struct damc_pin *pin;

	/*
	 * A chain may be empty because a pin is being unlinked, which its owner
	 * must outlive: who ends an owner waits for the lock.
	 */
	if (idle && hlist_empty(&pins->chains[chain]))
		return;
	spin_lock_bh(lock);
	hlist_for_each_entry_safe(pin, next, &pins->chains[chain], node)
		if (idle ? damc_pin_idle(pin) : !owner || pin->owner == owner)
			damc_pin_unlink(pins, pin);
	spin_unlock_bh(lock);
}

static void damc_pins_sweep_all(struct damc_pins *pins, bool idle,
				const atomic_t *owner)
{
	u32 chain;

	for (chain = 0; chain <= pins->mask; chain++) {
		damc_pins_sweep(pins, chain, idle, owner);
		cond_resched();
	}
}

static void damc_pins_schedule(struct damc_pins *pins)
{
	schedule_delayed_work(&pins->collector,
			      msecs_to_jiffies(DAMC_PIN_IDLE_MS / 4));
}

static void damc_pins_collect(struct work_struct *work)
{
	struct damc_pins *pins = container_of(to_delayed_work(work),
					      struct damc_pins, collector);

	damc_pins_sweep_all(pins, true, NULL);
	if (atomic_read(&pins->n))
		damc_pins_schedule(pins);
}

/**
 * damc_pins_init() - no pins, and no room for any
 * @dn: the namespace
 */
void damc_pins_init(struct damc_net *dn)
{
	struct damc_pins *pins = &dn->pins;
	int i;

	get_random_bytes(&pins->key, sizeof(pins->key));
	for (i = 0; i < DAMC_PIN_LOCKS; i++)
		spin_lock_init(&pins->lock[i]);
	INIT_DELAYED_WORK(&pins->collector, damc_pins_collect);
	pins->share = dn->net->user_ns == &init_user_ns ? 1 :
							  DAMC_FOREIGN_SHARE;
}

/**
 * damc_pins_free() - end all pins
 * @dn: the namespace, which no packet is in any more
 */
void damc_pins_free(struct damc_net *dn)
{
	if (!dn->pins.chains)
		return;
	cancel_delayed_work_sync(&dn->pins.collector);
	damc_pins_sweep_all(&dn->pins, false, NULL);
	kvfree(dn->pins.chains);
}

/**
 * damc_pins_prepare() - make room for pins; before the first pool is seen
 * @dn: the namespace
 *
 * Context: under the namespace's lock, may sleep.
 * Return: 0 or -ENOMEM.
 */
int damc_pins_prepare(struct damc_net *dn)
{
	struct damc_pins *pins = &dn->pins;
	u32 n = DAMC_PINS_MAX / pins->share / DAMC_PIN_CHAIN;

	BUILD_BUG_ON_NOT_POWER_OF_2(DAMC_PINS_MAX / DAMC_FOREIGN_SHARE);
	if (pins->chains)
		return 0;
	pins->mask = n - 1;
	pins->chains = kvcalloc(n, sizeof(*pins->chains), GFP_KERNEL_ACCOUNT);
	if (!pins->chains)
		return -ENOMEM;
	/* Who will see the pool sees these, without a barrier for each packet. */
	synchronize_rcu();
	return 0;
}

/**
 * damc_pins_flush() - end an owner's pins
 * @dn: the namespace
 * @owner: makes no more
 *
 * Context: process, may sleep.
 */
void damc_pins_flush(struct damc_net *dn, const atomic_t *owner)
{
	if (atomic_read(owner))
		damc_pins_sweep_all(&dn->pins, false, owner);
}

/**
 * damc_pins_of_user() - the owner of pins that a user's sockets make
 * @dn: the namespace
 * @uid: the user
 *
 * By user, since a share for each socket is no bound for who opens many. Those
 * whose ids have the same hash share a counter.
 */
atomic_t *damc_pins_of_user(struct damc_net *dn, kuid_t uid)
{
	u64 hash = siphash_1u32(__kuid_val(uid), &dn->pins.key);

	return &dn->pins.users[hash % DAMC_PIN_USERS];
}

/**
 * damc_flow_of() - what a packet's flow to a pool is known by
 * @dn: the namespace
 * @src: source name
 * @pool: the pool's name
 * @label: flow label
 */
struct damc_flow damc_flow_of(const struct damc_net *dn,
			      const struct damc_name *src,
			      const struct damc_name *pool, u32 label)
{
	const siphash_key_t *key = &dn->pins.key;
	struct damc_flow flow = {
		.src = damc_name_hash_whole(key, src),
		.pool = damc_name_hash_whole(key, pool),
		.label = label,
	};

	flow.hash = siphash_3u64(flow.src, flow.pool, flow.label, key);
	return flow;
}

static bool damc_flow_equal(const struct damc_flow *a,
			    const struct damc_flow *b)
{
	return a->hash == b->hash && a->src == b->src && a->pool == b->pool &&
	       a->label == b->label;
}

/* Context: under RCU or the chain's lock. */
static struct damc_pin *damc_pin_in(struct hlist_head *chain,
				    const struct damc_flow *flow)
{
	struct damc_pin *pin;

	hlist_for_each_entry_rcu(pin, chain, node, true)
		if (damc_flow_equal(&pin->flow, flow))
			return pin;
	return NULL;
}

/**
 * damc_pin_find() - a flow's pin
 * @dn: the namespace, which has or had a pool
 * @flow: the flow
 *
 * Context: under RCU.
 * Return: the pin, or NULL if there is none, or only an idle one.
 */
struct damc_pin *damc_pin_find(const struct damc_net *dn,
			       const struct damc_flow *flow)
{
	const struct damc_pins *pins = &dn->pins;
	struct damc_pin *pin;

	pin = damc_pin_in(&pins->chains[flow->hash & pins->mask], flow);
	return pin && !damc_pin_idle(pin) ? pin : NULL;
}

static struct damc_pin *damc_pin_make(const struct damc_flow *flow,
				      atomic_t *owner,
				      const struct damc_member *member)
{
	struct damc_pin *pin = kmalloc(sizeof(*pin), GFP_ATOMIC | __GFP_NOWARN);

	if (!pin)
		return NULL;
	pin->flow = *flow;
	pin->used = jiffies;
	pin->owner = owner;
	pin->len = member->len;
	memcpy(pin->wire, member->wire, member->len);
	return pin;
}

/* Count one more, if there may be. */
static bool damc_pins_reserve(struct damc_pins *pins, atomic_t *owner)
{
	if (!atomic_add_unless(&pins->n, 1, DAMC_PINS_MAX / pins->share))
		return false;
	if (atomic_add_unless(owner, 1, DAMC_PINS_OWNER_MAX / pins->share))
		return true;
	atomic_dec(&pins->n);
	return false;
}

static void damc_pins_release(struct damc_pins *pins, atomic_t *owner)
{
	atomic_dec(&pins->n);
	atomic_dec(owner);
}

/* Unless another packet of the flow was faster. */
static bool damc_pin_link(struct damc_pins *pins, struct damc_pin *pin)
{
	u32 chain = pin->flow.hash & pins->mask;
	spinlock_t *lock = damc_pin_lock(pins, chain);
	struct damc_pin *old;
	bool made;

	spin_lock_bh(lock);
	old = damc_pin_in(&pins->chains[chain], &pin->flow);
	made = !old || damc_pin_idle(old);
	if (made) {
		if (old)
			damc_pin_unlink(pins, old);
		hlist_add_head_rcu(&pin->node, &pins->chains[chain]);
	}
	spin_unlock_bh(lock);
	return made;
}

/**
 * damc_pin_add() - pin a flow to an instance
 * @dn: the namespace
 * @flow: the flow
 * @owner: whose pin it is: a counter that ends only after damc_pins_flush()
 * @member: the instance
 *
 * Context: any but hard interrupts, under RCU.
 * Return: 0; -EEXIST if it has a pin by now; -ENOSPC at a cap; -ENOMEM.
 */
int damc_pin_add(struct damc_net *dn, const struct damc_flow *flow,
		 atomic_t *owner, const struct damc_member *member)
{
	struct damc_pins *pins = &dn->pins;
	struct damc_pin *pin;

	if (!damc_pins_reserve(pins, owner))
		return -ENOSPC;
	pin = damc_pin_make(flow, owner, member);
	if (!pin) {
		damc_pins_release(pins, owner);
		return -ENOMEM;
	}
	if (!damc_pin_link(pins, pin)) {
		damc_pins_release(pins, owner);
		kfree(pin);
		return -EEXIST;
	}
	damc_pins_schedule(pins);
	return 0;
}

/**
 * damc_pin_end() - end a flow's pin
 * @dn: the namespace
 * @flow: the flow, which may have none by now
 *
 * Context: any but hard interrupts.
 */
void damc_pin_end(struct damc_net *dn, const struct damc_flow *flow)
{
	struct damc_pins *pins = &dn->pins;
	u32 chain = flow->hash & pins->mask;
	spinlock_t *lock = damc_pin_lock(pins, chain);
	struct damc_pin *pin;

	spin_lock_bh(lock);
	pin = damc_pin_in(&pins->chains[chain], flow);
	if (pin)
		damc_pin_unlink(pins, pin);
	spin_unlock_bh(lock);
}
