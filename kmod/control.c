// SPDX-License-Identifier: GPL-2.0
/* Whether one more control packet of the link's is taken in. */
#include <linux/etherdevice.h>
#include <linux/jiffies.h>
#include <linux/log2.h>
#include <linux/slab.h>

#include "dev.h"
#include "eth_find.h"
#include "liveness.h"
#include "neigh.h"
#include "packet.h"

/* What is under way when a session is replaced still counts. */
#define DAMC_CONTROL_BEFORE (2 * HZ)

/* Of all names of the link's, only liveness's is not counted in. */
static const u8 damc_control_exempt[] = DAMC_LIVENESS_WIRE;

/* As much of a packet as tells whether it is control of the link's. */
struct damc_control_front {
	struct damc_hdr hdr;
	u8 dst[sizeof(damc_control_exempt)];
};

/*
 * What is forged comes by the hundred thousand a second, and what is refused is
 * to cost few instructions. So what is taken in, or needs a closer look, is
 * another function's: called last, so that this one has no registers to save.
 */

/*
 * Whether it is, liveness aside. Nothing was checked yet: what is no packet of
 * this kind input will tell.
 */
static __always_inline bool
damc_control_claims(const struct damc_control_front *front)
{
	if (front->hdr.next_proto != DAMC_PROTO_CONTROL ||
	    front->hdr.dst_len < DAMC_LIVENESS_WIRE_SCOPE ||
	    memcmp(front->dst, damc_control_exempt, DAMC_LIVENESS_WIRE_SCOPE))
		return false;
	return front->hdr.dst_len != sizeof(damc_control_exempt) ||
	       memcmp(front->dst, damc_control_exempt, sizeof(front->dst));
}

static bool damc_control_is_linear(const struct sk_buff *skb)
{
	return likely(skb_headlen(skb) >= sizeof(struct damc_control_front));
}

/* Of a packet that is short or in pieces; it may be others', too. */
static bool damc_control_copy(const struct sk_buff *skb,
			      struct damc_control_front *front)
{
	unsigned int len = min_t(unsigned int, skb->len, sizeof(*front));

	memset(front, 0, sizeof(*front));
	return len > sizeof(front->hdr) && !skb_copy_bits(skb, 0, front, len);
}

/* To the tick is exact enough, and to read a clock takes longer than the rest. */
static bool damc_control_take(struct damc_token_bucket *bucket, u32 rate,
			      u32 burst)
{
	return damc_bucket_take_at(bucket, get_jiffies_64() * TICK_NSEC, rate,
				   burst);
}

/* ---- neighbours ----------------------------------------------------------- */

static int damc_control_count(struct damc_neigh *neigh, int why)
{
	u64 __percpu *count = why ? &neigh->stats->control_dropped :
				    &neigh->stats->control;

	damc_percpu_add(count, &neigh->stats->sync, 1);
	return why;
}

/* By all that is known it is the neighbour's. */
static noinline int damc_control_its(struct damc_neigh *neigh)
{
	bool taken = damc_control_take(&neigh->control.bucket, DAMC_CONTROL_RATE,
				       DAMC_CONTROL_BURST);

	return damc_control_count(neigh, taken ? 0 :
				  DAMC_A_STATS_DROP_CONTROL_NEIGH);
}

/* From its address, and by all that is known not from it. */
static __always_inline int damc_control_unsealed(struct damc_neigh *neigh,
						 bool tagged)
{
	bool taken = damc_control_take(&neigh->control.unsealed[tagged],
				       DAMC_CONTROL_UNSEALED_RATE,
				       DAMC_CONTROL_UNSEALED_BURST);

	return damc_control_count(neigh, taken ? 0 :
				  DAMC_A_STATS_DROP_CONTROL_UNSEALED);
}

static bool damc_control_note(struct damc_control_session *session,
			      struct damc_seal *seal,
			      const struct damc_session_hdr *hdr)
{
	bool is;

	if (!damc_seal_heeds(seal, hdr) || !damc_seal_fits(seal, hdr))
		return false;
	spin_lock(&session->lock);
	is = damc_seal_note(seal, hdr);
	spin_unlock(&session->lock);
	return is;
}

static bool damc_control_has_before(const struct damc_control_session *session)
{
	return time_before(jiffies, session->before_end);
}

static noinline int damc_control_heeded(struct damc_neigh *neigh,
					struct damc_control_session *session,
					const struct damc_session_hdr *hdr)
{
	if (damc_control_note(session, &session->seal, hdr) ||
	    (damc_control_has_before(session) &&
	     damc_control_note(session, &session->before, hdr)))
		return damc_control_its(neigh);
	return damc_control_unsealed(neigh, true);
}

static __always_inline int
damc_control_by_session(struct damc_neigh *neigh,
			struct damc_control_session *session,
			const struct damc_session_hdr *hdr)
{
	if (hdr->version != DAMC_SESSION_VERSION ||
	    hdr->kind != DAMC_SESSION_KIND)
		return damc_control_unsealed(neigh, false);
	if (damc_seal_heeds(&session->seal, hdr) ||
	    (damc_control_has_before(session) &&
	     damc_seal_heeds(&session->before, hdr)))
		return damc_control_heeded(neigh, session, hdr);
	return damc_control_unsealed(neigh, true);
}

static noinline int
damc_control_by_session_copy(struct damc_neigh *neigh,
			     struct damc_control_session *session,
			     const struct sk_buff *skb, unsigned int at)
{
	struct damc_session_hdr hdr;

	if (skb_copy_bits(skb, at, &hdr, sizeof(hdr)))
		memset(&hdr, 0, sizeof(hdr));
	return damc_control_by_session(neigh, session, &hdr);
}

static __always_inline int
damc_control_of_neigh(struct damc_neigh *neigh, const struct sk_buff *skb,
		      const struct damc_control_front *front)
{
	struct damc_control_session *session;
	unsigned int at = front->hdr.header_len * 4;

	session = rcu_dereference(neigh->control.session);
	if (!session)
		return damc_control_its(neigh);
	if (unlikely(skb_headlen(skb) < at + sizeof(struct damc_session_hdr)))
		return damc_control_by_session_copy(neigh, session, skb, at);
	return damc_control_by_session(neigh, session,
				       (const void *)skb->data + at);
}

static noinline int damc_control_from_neigh_copy(struct damc_neigh *neigh,
						 const struct sk_buff *skb)
{
	struct damc_control_front front;

	if (!damc_control_copy(skb, &front) || !damc_control_claims(&front))
		return 0;
	return damc_control_of_neigh(neigh, skb, &front);
}

/**
 * damc_control_from_neigh() - see whether a packet is control beyond what is taken
 * @neigh: who sent it, as far as its address tells
 * @skb: the packet, nothing in it checked
 *
 * Context: softirq, under RCU. Does not consume @skb, nor change it.
 * Return: 0, or the counter to drop it under.
 */
int damc_control_from_neigh(struct damc_neigh *neigh, const struct sk_buff *skb)
{
	const struct damc_control_front *front = (const void *)skb->data;

	if (!damc_control_is_linear(skb))
		return damc_control_from_neigh_copy(neigh, skb);
	return damc_control_claims(front) ?
	       damc_control_of_neigh(neigh, skb, front) : 0;
}

/* ---- all others ----------------------------------------------------------- */

/* By a secret factor, so that nobody can choose addresses of one share. */
static u32 damc_control_share(const struct damc_dev *dev, const u8 *lladdr)
{
	u64 factor = dev->dn->fib.table.key.key[0] | 1, addr;

	BUILD_BUG_ON_NOT_POWER_OF_2(DAMC_CONTROL_SHARES);
	addr = (u64)get_unaligned((const u32 *)lladdr) << 16 |
	       get_unaligned((const u16 *)(lladdr + 4));
	return (addr * factor) >> (64 - ilog2(DAMC_CONTROL_SHARES));
}

/* An address alone is no more than its share, nor are all but what is theirs. */
static int damc_control_of_stranger(struct damc_dev *dev, const u8 *lladdr)
{
	struct damc_control_strangers *strangers = &dev->strangers;
	u32 share = damc_control_share(dev, lladdr);

	if (damc_control_take(&strangers->share[share],
			      DAMC_CONTROL_SHARE_RATE,
			      DAMC_CONTROL_SHARE_BURST) &&
	    damc_control_take(&strangers->all, DAMC_CONTROL_STRANGERS_RATE,
			      DAMC_CONTROL_STRANGERS_BURST))
		return 0;
	return DAMC_A_STATS_DROP_CONTROL_STRANGER;
}

static __always_inline int
damc_control_of_link(struct damc_dev *dev, const struct sk_buff *skb,
		     const struct damc_control_front *front)
{
	const u8 *lladdr = eth_hdr(skb)->h_source;
	struct damc_neigh *neigh = damc_eth_find(dev, lladdr);

	return neigh ? damc_control_of_neigh(neigh, skb, front) :
		       damc_control_of_stranger(dev, lladdr);
}

static noinline int damc_control_from_link_copy(struct damc_dev *dev,
						const struct sk_buff *skb)
{
	struct damc_control_front front;

	if (!damc_control_copy(skb, &front) || !damc_control_claims(&front))
		return 0;
	return damc_control_of_link(dev, skb, &front);
}

/**
 * damc_control_from_link() - see whether a frame is control beyond what is taken
 * @dev: the fabric's interface where it arrived
 * @skb: the frame, data at its payload, nothing in it checked
 *
 * Context: softirq, under RCU. Does not consume @skb, nor change it.
 * Return: 0, or the counter to drop it under.
 */
int damc_control_from_link(struct damc_dev *dev, const struct sk_buff *skb)
{
	const struct damc_control_front *front = (const void *)skb->data;

	if (!damc_control_is_linear(skb))
		return damc_control_from_link_copy(dev, skb);
	return damc_control_claims(front) ?
	       damc_control_of_link(dev, skb, front) : 0;
}

/* ---- sessions ------------------------------------------------------------- */

static struct damc_control_session *
damc_control_session(const struct damc_neigh *neigh)
{
	return rcu_dereference_protected(neigh->control.session,
					 lockdep_is_held(&neigh->dev->dn->lock));
}

/* What packets note in the old one from now on is lost, and told by the daemon. */
static void damc_control_replace(struct damc_neigh *neigh,
				 struct damc_control_session *session)
{
	struct damc_control_session *old = damc_control_session(neigh);

	if (old && session) {
		spin_lock_bh(&old->lock);
		session->before = old->seal;
		spin_unlock_bh(&old->lock);
		session->before_end = jiffies + DAMC_CONTROL_BEFORE;
	}
	rcu_assign_pointer(neigh->control.session, session);
	if (old)
		kfree_rcu(old, rcu);
}

/**
 * damc_control_session_new() - what tells a session's packets from others
 * @key: of its tags, DAMC_CONTROL_KEY_SIZE bytes; all zero: there is no session
 *
 * Context: may sleep.
 * Return: it, NULL where there is none, or ERR_PTR(-ENOMEM).
 */
struct damc_control_session *damc_control_session_new(const u8 *key)
{
	struct damc_control_session *session;

	if (!memchr_inv(key, 0, DAMC_CONTROL_KEY_SIZE))
		return NULL;
	session = kzalloc(sizeof(*session), GFP_KERNEL_ACCOUNT);
	if (!session)
		return ERR_PTR(-ENOMEM);
	spin_lock_init(&session->lock);
	damc_seal_init(&session->seal, key);
	session->before_end = jiffies;
	return session;
}

/**
 * damc_control_begin() - a session with a neighbour is known
 * @neigh: the neighbour
 * @session: from damc_control_session_new(), and this one's from here on; NULL: none
 *	is known any more
 *
 * The one before is good for a little longer, for what is under way. The same key
 * again changes nothing.
 *
 * Context: under the namespace's lock.
 */
void damc_control_begin(struct damc_neigh *neigh,
			struct damc_control_session *session)
{
	struct damc_control_session *old = damc_control_session(neigh);

	if (old && session && !memcmp(&old->seal.key, &session->seal.key,
				      sizeof(session->seal.key)))
		kfree(session);
	else
		damc_control_replace(neigh, session);
}
