// SPDX-License-Identifier: GPL-2.0
/* Registration of what sockets bind in a pod: see register.h. */
#include <linux/pkt_sched.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "bind.h"
#include "dev.h"
#include "link.h"
#include "netns.h"
#include "packet.h"
#include "register.h"

/* Class selector 6, the highest that a pod may have. */
#define DAMC_REGISTER_CLASS 0xc0

/* So many messages in a row, so many ns apart at least. */
#define DAMC_REGISTER_BURST 64
#define DAMC_REGISTER_PAUSE (50 * NSEC_PER_MSEC)

/* /localhop/damc/bind */
static const u8 damc_register_wire[] = {
	8, 'l', 'o', 'c', 'a', 'l', 'h', 'o', 'p', 4, 'd', 'a', 'm', 'c',
	4, 'b', 'i', 'n', 'd',
};

const struct damc_name damc_register_name = {
	.wire = damc_register_wire,
	.len = sizeof(damc_register_wire),
};

/* ---- saying it ------------------------------------------------------------ */

/* The first uplink that runs. Context: under RCU. */
static u32 damc_register_uplink(struct damc_net *dn)
{
	const struct damc_dev *dev;
	unsigned long ifindex;

	xa_for_each(&dn->devs, ifindex, dev)
		if (damc_dev_mode(dev) == DAMC_DEV_MODE_UPLINK &&
		    netif_running(dev->netdev) && netif_carrier_ok(dev->netdev))
			return ifindex;
	return 0;
}

/* Context: under RCU. NULL: the namespace has no name to speak by, or no memory. */
static struct sk_buff *damc_register_packet(struct damc_net *dn,
					    const struct damc_registration *r)
{
	struct damc_claim_msg msg = {
		.type = r->claim.state == DAMC_CLAIM_LEAVING ?
			DAMC_BIND_MSG_LEAVE : DAMC_BIND_MSG_WANT,
		.weight = r->weight, .id = r->claim.id,
		.name = { .wire = r->wire, .len = r->len },
	};
	struct damc_hdr_args args = {
		.dst = damc_register_name,
		.src = damc_self_name(dn),
		.payload_len = sizeof(struct damc_bind_hdr) + r->len,
		.next_proto = DAMC_PROTO_CONTROL,
		.hop_limit = DAMC_LINK_HOP_LIMIT,
		.traffic_class = DAMC_REGISTER_CLASS,
	};
	struct sk_buff *skb = args.src.len ? damc_packet_alloc(&args) : NULL;

	if (!skb)
		return NULL;
	damc_claim_write(skb->data + damc_cb(skb)->pkt.header_len, &msg);
	skb->priority = TC_PRIO_CONTROL;
	return skb;
}

/* What is lost is said again. */
static void damc_register_say(struct damc_net *dn,
			      const struct damc_registration *r)
{
	struct damc_link link = {};
	struct sk_buff *skb;

	rcu_read_lock();
	link.ifindex = damc_register_uplink(dn);
	skb = link.ifindex ? damc_register_packet(dn, r) : NULL;
	if (skb) {
		damc_stats_inc(dn->stats, DAMC_A_STATS_ORIGINATED);
		damc_link_output(dn, &link, skb);
	}
	rcu_read_unlock();
}

static void damc_register_arm(struct damc_register *reg, u64 due)
{
	u64 now = ktime_get_boottime_ns();
	u64 in = due > now + DAMC_REGISTER_PAUSE ? due - now :
						   DAMC_REGISTER_PAUSE;

	if (due >= reg->due)
		return;
	reg->due = due;
	mod_delayed_work(system_wq, &reg->work, nsecs_to_jiffies(in));
}

static void damc_register_free(struct damc_register *reg,
			       struct damc_registration *r)
{
	list_del(&r->link);
	reg->n_leaving -= !r->bind;
	kfree(r);
}

/* What of a list is due is said, as long as there is room; when the next is. */
static u64 damc_register_expire(struct damc_net *dn, struct list_head *list,
				u64 now, unsigned int *room)
{
	struct damc_registration *r, *next;
	u64 due = U64_MAX;

	list_for_each_entry_safe(r, next, list, link) {
		if (*room && damc_claim_expire(&r->claim, now,
					       get_random_u32())) {
			damc_register_say(dn, r);
			--*room;
		}
		due = min(due, r->claim.due);
		if (r->claim.state == DAMC_CLAIM_OVER)
			damc_register_free(&dn->reg, r);
	}
	return due;
}

/* ---- claims --------------------------------------------------------------- */

/**
 * damc_register_asks() - whether a gateway has to say that a name may be bound
 * @dn: the namespace
 * @name: bindable
 *
 * What is the host's, or below the namespace's own name, is not the gateway's to
 * give: that the latter is the pod's is why it has a gateway.
 *
 * Context: under the namespace's lock.
 */
bool damc_register_asks(const struct damc_net *dn, const struct damc_name *name)
{
	const struct damc_self *self;

	if (!dn->reg.managed || damc_name_scope(name) != DAMC_SCOPE_GLOBAL)
		return false;
	self = rcu_dereference_protected(dn->self, lockdep_is_held(&dn->lock));
	return !self || self->len > name->len ||
	       memcmp(self->wire, name->wire, self->len);
}

/* What was left and is wanted again is not to be told of any more. */
static void damc_register_return(struct damc_register *reg,
				 const struct damc_name *name)
{
	struct damc_registration *r, *next;
	struct damc_name left;

	list_for_each_entry_safe(r, next, &reg->leaving, link) {
		left = (struct damc_name){ .wire = r->wire, .len = r->len };
		if (damc_name_equal(&left, name))
			damc_register_free(reg, r);
	}
}

/**
 * damc_register_want() - ask for a name that was bound
 * @dn: the namespace
 * @bind: the binding, which waits
 * @weight: as an instance; 0 if it is none
 *
 * Context: under the namespace's lock, may sleep.
 * Return: 0 or -ENOMEM.
 */
int damc_register_want(struct damc_net *dn, struct damc_bind *bind, u32 weight)
{
	struct damc_name name = damc_node_name(&bind->node);
	u64 now = ktime_get_boottime_ns();
	struct damc_registration *r;

	lockdep_assert_held(&dn->lock);
	r = kzalloc(struct_size(r, wire, name.len), GFP_KERNEL_ACCOUNT);
	if (!r)
		return -ENOMEM;
	r->bind = bind;
	r->weight = weight;
	r->len = name.len;
	memcpy(r->wire, name.wire, name.len);
	bind->registration = r;
	damc_claim_init(&r->claim, get_random_u64(), now);
	damc_register_return(&dn->reg, &name);
	list_add_tail(&r->link, &dn->reg.claims);
	damc_claim_expire(&r->claim, now, get_random_u32());
	damc_register_say(dn, r);
	damc_register_arm(&dn->reg, r->claim.due);
	return 0;
}

/**
 * damc_register_leave() - a binding that was asked for ends
 * @dn: the namespace
 * @r: its registration; not the caller's any more
 *
 * Context: under the namespace's lock.
 */
void damc_register_leave(struct damc_net *dn, struct damc_registration *r)
{
	struct damc_register *reg = &dn->reg;
	u64 now = ktime_get_boottime_ns();

	damc_claim_leave(&r->claim, now);
	r->bind = NULL;
	reg->n_leaving++;
	list_move_tail(&r->link, &reg->leaving);
	if (damc_claim_expire(&r->claim, now, get_random_u32()))
		damc_register_say(dn, r);
	if (r->claim.state == DAMC_CLAIM_OVER ||
	    reg->n_leaving > DAMC_BINDS_LEAVING_MAX)
		damc_register_free(reg, r);
	else
		damc_register_arm(reg, r->claim.due);
}

/**
 * damc_register_again() - there may be a gateway now that knows of nothing
 * @dn: the namespace
 *
 * Context: under the namespace's lock.
 */
void damc_register_again(struct damc_net *dn)
{
	u64 now = ktime_get_boottime_ns();
	struct damc_registration *r;

	lockdep_assert_held(&dn->lock);
	list_for_each_entry(r, &dn->reg.claims, link) {
		damc_claim_again(&r->claim, now, get_random_u32());
		damc_register_arm(&dn->reg, r->claim.due);
	}
}

/* ---- answers -------------------------------------------------------------- */

/**
 * damc_register_claims() - whether a packet is a gateway's answer
 * @dev: where it came by
 * @skb: the packet, checked
 *
 * Context: under RCU.
 */
bool damc_register_claims(const struct damc_dev *dev, struct sk_buff *skb)
{
	struct damc_name dst;

	if (damc_cb(skb)->pkt.next_proto != DAMC_PROTO_CONTROL ||
	    damc_dev_mode(dev) != DAMC_DEV_MODE_UPLINK)
		return false;
	dst = damc_dst(skb);
	return damc_name_equal(&dst, &damc_register_name);
}

/**
 * damc_register_receive() - a gateway's answer came
 * @dev: by this
 * @skb: the packet
 *
 * Context: softirq, under RCU. Consumes @skb.
 */
void damc_register_receive(struct damc_dev *dev, struct sk_buff *skb)
{
	struct damc_register *reg = &dev->dn->reg;

	if (skb_queue_len(&reg->answers) >= DAMC_BIND_ANSWERS_MAX) {
		damc_drop(dev->dn, skb, DAMC_A_STATS_DROP_RCVBUF);
		return;
	}
	damc_cb(skb)->in = NULL;
	skb_queue_tail(&reg->answers, skb);
	mod_delayed_work(system_wq, &reg->work, 0);
}

static void damc_register_left(struct damc_register *reg,
			       const struct damc_claim_msg *msg, u64 now)
{
	struct damc_registration *r;

	list_for_each_entry(r, &reg->leaving, link) {
		if (!damc_claim_answer(&r->claim, msg, now))
			continue;
		damc_register_free(reg, r);
		return;
	}
}

static void damc_register_answer(struct damc_net *dn,
				 struct damc_registration *r,
				 const struct damc_claim_msg *msg, u64 now)
{
	bool changed = damc_claim_answer(&r->claim, msg, now);

	if (msg->id != r->claim.id)
		return;
	memcpy(r->reason, msg->reason, msg->reason_len);
	r->reason[msg->reason_len] = '\0';
	damc_register_arm(&dn->reg, r->claim.due);
	if (!changed)
		return;
	if (r->claim.state == DAMC_CLAIM_GRANTED)
		damc_bind_granted(dn, r->bind, r->weight);
	else
		damc_bind_refused(dn, r->bind, EACCES);
}

static void damc_register_heard(struct damc_net *dn,
				const struct damc_claim_msg *msg)
{
	u64 now = ktime_get_boottime_ns();
	struct damc_bind *bind;

	if (msg->type == DAMC_BIND_MSG_LEFT) {
		damc_register_left(&dn->reg, msg, now);
		return;
	}
	if (msg->type == DAMC_BIND_MSG_AGAIN && !msg->name.len) {
		damc_register_again(dn);
		return;
	}
	bind = damc_bind_find(dn, &msg->name);
	if (!bind || !bind->registration)
		return;
	if (msg->type != DAMC_BIND_MSG_AGAIN) {
		damc_register_answer(dn, bind->registration, msg, now);
		return;
	}
	damc_claim_again(&bind->registration->claim, now, get_random_u32());
	damc_register_arm(&dn->reg, bind->registration->claim.due);
}

static void damc_register_take(struct damc_net *dn, struct sk_buff *skb)
{
	u8 data[DAMC_CLAIM_MSG_MAX] __aligned(8);
	const struct damc_pkt *pkt = &damc_cb(skb)->pkt;
	struct damc_claim_msg msg;

	if (pkt->payload_len > sizeof(data) ||
	    skb_copy_bits(skb, pkt->header_len, data, pkt->payload_len) ||
	    damc_claim_read(data, pkt->payload_len, &msg)) {
		damc_drop(dn, skb, DAMC_A_STATS_DROP_MALFORMED);
		return;
	}
	damc_stats_inc(dn->stats, DAMC_A_STATS_DELIVERED);
	consume_skb(skb);
	damc_register_heard(dn, &msg);
}

static void damc_register_work(struct work_struct *work)
{
	struct damc_register *reg = container_of(to_delayed_work(work),
						 struct damc_register, work);
	struct damc_net *dn = container_of(reg, struct damc_net, reg);
	unsigned int room = DAMC_REGISTER_BURST, answers;
	u64 now = ktime_get_boottime_ns(), due;
	struct sk_buff *skb;

	mutex_lock(&dn->lock);
	/* What comes meanwhile has queued this work anew. */
	for (answers = DAMC_BIND_ANSWERS_MAX; answers; answers--) {
		skb = skb_dequeue(&reg->answers);
		if (!skb)
			break;
		damc_register_take(dn, skb);
	}
	reg->due = U64_MAX;
	due = damc_register_expire(dn, &reg->claims, now, &room);
	damc_register_arm(reg, min(due, damc_register_expire(dn, &reg->leaving,
							     now, &room)));
	mutex_unlock(&dn->lock);
}

/* ---- a namespace's beginning and end -------------------------------------- */

void damc_register_net_init(struct damc_net *dn)
{
	struct damc_register *reg = &dn->reg;

	INIT_LIST_HEAD(&reg->claims);
	INIT_LIST_HEAD(&reg->leaving);
	reg->due = U64_MAX;
	INIT_DELAYED_WORK(&reg->work, damc_register_work);
	skb_queue_head_init(&reg->answers);
}

/* No socket is left, and no interface that an answer could come by. */
void damc_register_net_exit(struct damc_net *dn)
{
	struct damc_registration *r, *next;

	cancel_delayed_work_sync(&dn->reg.work);
	skb_queue_purge(&dn->reg.answers);
	list_for_each_entry_safe(r, next, &dn->reg.leaving, link)
		damc_register_free(&dn->reg, r);
}
