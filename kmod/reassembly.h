/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Putting messages together from fragments, where they end.
 *
 * What waits is bounded, in memory and in number, by namespace. Who uses the
 * most makes room: sources are weighed by the first components of their names,
 * level by level, so that a pod which floods under all the names that it owns
 * weighs as one, and what its neighbours sent stays.
 *
 * A fragment that waits belongs to its message, the message to the namespace;
 * it leaves whole, or is freed, counted by why.
 */
#ifndef _DAMC_REASSEMBLY_H
#define _DAMC_REASSEMBLY_H

#include <linux/list.h>
#include <linux/siphash.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

struct damc_net;
struct sk_buff;

/*
 * Levels of names that are weighed; at each, rows of counters that different
 * bits of the hash choose in. A name weighs no more than the least of its
 * counters, so that one who shares a counter with a heavy name is not taken
 * for it unless he does so in all rows.
 */
#define DAMC_WEIGHT_LEVELS 4
#define DAMC_WEIGHT_ROWS 2
#define DAMC_WEIGHT_COUNTERS 64

/* Chains of messages by source and destination. */
#define DAMC_REASSEMBLY_CHAINS 64

/**
 * struct damc_reassembler - a namespace's messages of which fragments wait
 * @dn: the namespace
 * @lock: guards the rest
 * @key: secret: names are chosen by those who would like them to collide
 * @chains: messages, newest first
 * @age: messages, oldest first
 * @timer: runs when the oldest has waited for long enough, or before
 * @n: how many messages
 * @bytes: their memory
 * @max: how much that may be
 * @weight: of it, what stands under a prefix of so many components, by its hash
 */
struct damc_reassembler {
	struct damc_net *dn;
	/* of what follows */
	spinlock_t lock;
	siphash_key_t key;
	struct hlist_head chains[DAMC_REASSEMBLY_CHAINS];
	struct list_head age;
	struct timer_list timer;
	u32 n;
	u32 bytes;
	u32 max;
	u32 weight[DAMC_WEIGHT_LEVELS][DAMC_WEIGHT_ROWS][DAMC_WEIGHT_COUNTERS];
};

struct damc_reassembler *damc_reassembler_alloc(struct damc_net *dn);
void damc_reassembler_free(struct damc_reassembler *r);
struct sk_buff *damc_reassemble(struct damc_net *dn, struct sk_buff *skb);

#endif /* _DAMC_REASSEMBLY_H */
