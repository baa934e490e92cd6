// SPDX-License-Identifier: GPL-2.0
/* Liveness: beginning and ending it, its timer, what listeners are told. */
#include <linux/random.h>
#include <linux/rtnetlink.h>
#include <linux/user_namespace.h>

#include "dev.h"
#include "liveness.h"
#include "liveness_packet.h"
#include "neigh.h"
#include "netns.h"

/* Context: under the namespace's lock. */
static struct damc_liveness *damc_liveness_of(const struct damc_neigh *neigh)
{
	return rcu_dereference_protected(neigh->liveness,
					 lockdep_is_held(&neigh->dev->dn->lock));
}

/* Others' namespaces get a part of what there is. */
static u32 damc_liveness_share(const struct damc_net *dn, u32 max)
{
	return dn->net->user_ns == &init_user_ns ? max :
						   max / DAMC_FOREIGN_SHARE;
}

/* Messages a second, at most, that an interval makes. */
static u32 damc_liveness_rate(u32 interval_us)
{
	return interval_us ? DIV_ROUND_UP(USEC_PER_SEC, interval_us) : 0;
}

/* Puts what the state says where packets see it. Under the liveness' lock. */
static void damc_liveness_publish(struct damc_liveness *l, unsigned int what)
{
	struct damc_neigh *neigh = l->neigh;

	if (!(what & DAMC_LIVE_CHANGED))
		return;
	if (damc_live_usable(&l->live))
		clear_bit(DAMC_NEIGH_DOWN_LIVENESS, &neigh->down);
	else
		set_bit(DAMC_NEIGH_DOWN_LIVENESS, &neigh->down);
	l->news = true;
	schedule_work(&neigh->dev->dn->liveness_news);
}

/* The timer goes off no later than needed. Under the liveness' lock. */
static void damc_liveness_arm(struct damc_liveness *l)
{
	u64 due = damc_live_due(&l->live);

	if (l->ended || due >= l->armed)
		return;
	l->armed = due;
	hrtimer_start(&l->timer, ns_to_ktime(due), HRTIMER_MODE_ABS_HARD);
}

/**
 * damc_liveness_act() - do what a message or a timer called for
 * @l: the liveness, its lock held; let go by this
 * @what: DAMC_LIVE_* bits
 * @now: the time
 *
 * Context: under RCU, no interrupts but hard ones.
 */
void damc_liveness_act(struct damc_liveness *l, unsigned int what, u64 now)
	__releases(&l->lock)
{
	struct damc_liveness_out out = { .n = 0 };

	damc_liveness_publish(l, what);
	if (what & DAMC_LIVE_SEND)
		damc_liveness_prepare(l, &out, now);
	damc_liveness_arm(l);
	spin_unlock(&l->lock);
	damc_liveness_send(l, &out);
}

static void damc_liveness_expire(struct tasklet_struct *tasklet)
{
	struct damc_liveness *l = from_tasklet(l, tasklet, tasklet);
	u64 now;

	rcu_read_lock();
	spin_lock(&l->lock);
	now = ktime_get_ns();
	l->armed = U64_MAX;
	damc_liveness_act(l, damc_live_expire(&l->live, now), now);
	rcu_read_unlock();
}

/*
 * A soft timer would wait with all that 6.1 leaves to ksoftirqd, for as long as other
 * processes have the CPU. A tasklet does not wait, and what the CPU has yet to receive
 * is taken before it, so that a message that came is no silence.
 */
static enum hrtimer_restart damc_liveness_timer(struct hrtimer *timer)
{
	struct damc_liveness *l = container_of(timer, struct damc_liveness,
					       timer);

	tasklet_schedule(&l->tasklet);
	return HRTIMER_NORESTART;
}

static int damc_liveness_room(struct damc_net *dn, const struct damc_liveness *l,
			      u32 interval_us, struct netlink_ext_ack *extack)
{
	u32 old = l ? damc_liveness_rate(l->live.interval) : 0;
	u32 rate = dn->liveness_rate - old + damc_liveness_rate(interval_us);

	if (!l && dn->n_liveness >= damc_liveness_share(dn, DAMC_LIVENESS_MAX)) {
		NL_SET_ERR_MSG(extack, "Too many neighbours to watch");
		return -ENOSPC;
	}
	if (rate > damc_liveness_share(dn, DAMC_LIVENESS_RATE)) {
		NL_SET_ERR_MSG(extack, "Too many liveness messages a second");
		return -ENOSPC;
	}
	dn->liveness_rate = rate;
	return 0;
}

/* Under the liveness' lock, or before it is found. */
static void damc_liveness_set_key(struct damc_liveness *l, const u8 *key)
{
	siphash_key_t new;

	if (!key)
		return;
	memcpy(&new, key, sizeof(new));
	le64_to_cpus(&new.key[0]);
	le64_to_cpus(&new.key[1]);
	if (new.key[0] == l->key.key[0] && new.key[1] == l->key.key[1])
		return;
	/* One that nobody has answered by is not what the other knows. */
	if (!l->rotating)
		l->old_key = l->key;
	l->rotating = true;
	l->key = new;
}

static struct damc_liveness *
damc_liveness_make(struct damc_neigh *neigh,
		   const struct damc_liveness_config *config)
{
	struct damc_liveness *l = kzalloc(sizeof(*l), GFP_KERNEL_ACCOUNT);

	if (!l)
		return NULL;
	l->neigh = neigh;
	l->armed = U64_MAX;
	spin_lock_init(&l->lock);
	hrtimer_init(&l->timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_HARD);
	l->timer.function = damc_liveness_timer;
	tasklet_setup(&l->tasklet, damc_liveness_expire);
	damc_live_init(&l->live, get_random_u64() | 1, get_random_u64(),
		       ktime_get_ns());
	damc_live_configure(&l->live, config->interval_ms * USEC_PER_MSEC,
			    config->multiplier);
	damc_liveness_set_key(l, config->key);
	/* Nobody was ever told the key that it began with. */
	l->rotating = false;
	return l;
}

static void damc_liveness_apply(struct damc_liveness *l,
				const struct damc_liveness_config *config)
{
	u64 now;

	rcu_read_lock();
	spin_lock_bh(&l->lock);
	damc_live_configure(&l->live, config->interval_ms * USEC_PER_MSEC,
			    config->multiplier);
	damc_liveness_set_key(l, config->key);
	now = ktime_get_ns();
	damc_liveness_act(l, DAMC_LIVE_SEND | DAMC_LIVE_CHANGED, now);
	local_bh_enable();
	rcu_read_unlock();
}

/**
 * damc_liveness_configure() - watch a neighbour, in another way, or not any more
 * @neigh: the neighbour, not an edge's
 * @config: how
 * @extack: says what is wrong
 *
 * Context: under the namespace's lock, may sleep.
 * Return: 0; -EINVAL; -ENOSPC; -ENOMEM.
 */
int damc_liveness_configure(struct damc_neigh *neigh,
			    const struct damc_liveness_config *config,
			    struct netlink_ext_ack *extack)
{
	struct damc_liveness *old = damc_liveness_of(neigh), *l = old;
	struct damc_net *dn = neigh->dev->dn;
	int err;

	if (!config->interval_ms) {
		damc_liveness_end(neigh);
		return 0;
	}
	if (!rcu_access_pointer(dn->self)) {
		NL_SET_ERR_MSG(extack,
			       "The namespace has no name to speak by; see damc info set name");
		return -EINVAL;
	}
	err = damc_liveness_room(dn, l, config->interval_ms * USEC_PER_MSEC,
				 extack);
	if (err)
		return err;
	if (!l)
		l = damc_liveness_make(neigh, config);
	if (!l) {
		dn->liveness_rate -= damc_liveness_rate(config->interval_ms *
							USEC_PER_MSEC);
		return -ENOMEM;
	}
	if (!old) {
		dn->n_liveness++;
		rcu_assign_pointer(neigh->liveness, l);
	}
	damc_liveness_apply(l, config);
	return 0;
}

/**
 * damc_liveness_end() - watch a neighbour no more, and tell it
 * @neigh: the neighbour, watched or not
 *
 * Context: under the namespace's lock, may sleep.
 */
void damc_liveness_end(struct damc_neigh *neigh)
{
	struct damc_liveness *l = damc_liveness_of(neigh);
	struct damc_net *dn = neigh->dev->dn;

	if (!l)
		return;
	RCU_INIT_POINTER(neigh->liveness, NULL);
	rcu_read_lock();
	spin_lock_bh(&l->lock);
	damc_live_stop(&l->live);
	l->ended = true;
	dn->n_liveness--;
	dn->liveness_rate -= damc_liveness_rate(l->live.interval);
	damc_liveness_act(l, DAMC_LIVE_SEND, ktime_get_ns());
	local_bh_enable();
	rcu_read_unlock();
	hrtimer_cancel(&l->timer);
	tasklet_kill(&l->tasklet);
	clear_bit(DAMC_NEIGH_DOWN_LIVENESS, &neigh->down);
	kfree_rcu(l, rcu);
	damc_neigh_tell_status(neigh);
}

/**
 * damc_liveness_read() - a neighbour's liveness as it is
 * @neigh: the neighbour
 * @live: gets it
 *
 * Context: under the namespace's lock.
 * Return: false if it is not watched.
 */
bool damc_liveness_read(const struct damc_neigh *neigh, struct damc_live *live)
{
	struct damc_liveness *l = damc_liveness_of(neigh);

	if (!l)
		return false;
	spin_lock_bh(&l->lock);
	*live = l->live;
	spin_unlock_bh(&l->lock);
	return true;
}

static bool damc_liveness_take_news(struct damc_liveness *l)
{
	bool news;

	spin_lock_bh(&l->lock);
	news = l->news;
	l->news = false;
	spin_unlock_bh(&l->lock);
	return news;
}

/*
 * What softirq found is told here. RTNL: the module's end waits by it for those
 * who tell without having been asked.
 */
static void damc_liveness_tell(struct work_struct *work)
{
	struct damc_net *dn = container_of(work, struct damc_net,
					   liveness_news);
	struct damc_liveness *l;
	struct damc_neigh *neigh;
	unsigned long id;

	rtnl_lock();
	mutex_lock(&dn->lock);
	xa_for_each(&dn->neighs, id, neigh) {
		l = damc_liveness_of(neigh);
		if (l && damc_liveness_take_news(l))
			damc_neigh_announce(neigh);
	}
	mutex_unlock(&dn->lock);
	rtnl_unlock();
}

/**
 * damc_liveness_set_lease() - a daemon is at work, or not any more
 * @dn: the namespace
 * @ms: for how long that is sure
 */
void damc_liveness_set_lease(struct damc_net *dn, u32 ms)
{
	WRITE_ONCE(dn->lease_end, ktime_get_ns() + ms * (u64)NSEC_PER_MSEC);
}

/* What is left of the lease, in ms. */
u32 damc_liveness_lease(const struct damc_net *dn)
{
	s64 left = READ_ONCE(dn->lease_end) - ktime_get_ns();

	return left > 0 ? div_u64(left, NSEC_PER_MSEC) : 0;
}

static void damc_liveness_say(struct damc_liveness *l)
{
	rcu_read_lock();
	spin_lock_bh(&l->lock);
	damc_liveness_act(l, DAMC_LIVE_SEND, ktime_get_ns());
	local_bh_enable();
	rcu_read_unlock();
}

/**
 * damc_liveness_set_forward() - whether neighbours are to send packets here
 * @dn: the namespace
 * @forward: which; they are told at once
 *
 * Context: under the namespace's lock, may sleep.
 */
void damc_liveness_set_forward(struct damc_net *dn, bool forward)
{
	struct damc_neigh *neigh;
	unsigned long id;

	if (dn->avoided == !forward)
		return;
	WRITE_ONCE(dn->avoided, !forward);
	xa_for_each(&dn->neighs, id, neigh)
		if (damc_liveness_of(neigh))
			damc_liveness_say(damc_liveness_of(neigh));
}

void damc_liveness_net_init(struct damc_net *dn)
{
	INIT_WORK(&dn->liveness_news, damc_liveness_tell);
}

/* After the last neighbour is gone, without the namespace's lock. */
void damc_liveness_net_exit(struct damc_net *dn)
{
	cancel_work_sync(&dn->liveness_news);
}
