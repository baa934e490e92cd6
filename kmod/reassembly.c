// SPDX-License-Identifier: GPL-2.0
/* Putting messages together from fragments: what waits, for whom, how long. */
#include <linux/bits.h>
#include <linux/jiffies.h>
#include <linux/random.h>
#include <linux/user_namespace.h>

#include "packet.h"
#include "reassembly.h"
#include "reassembly_map.h"

/* Where the last fragment stands; none comes behind it. */
#define DAMC_FRAGMENT_LAST U8_MAX

/**
 * struct damc_reassembly_key - which message a fragment is of
 * @dst: destination
 * @src: source
 * @flow: flow label
 * @id: message id
 * @next_proto: of the whole
 * @chain: index of the chain its message is in
 */
struct damc_reassembly_key {
	struct damc_name dst;
	struct damc_name src;
	u32 flow;
	u32 id;
	u8 next_proto;
	u8 chain;
};

/**
 * struct damc_reassembly - a message of which fragments wait
 * @node: in its chain
 * @age: in the list of all
 * @skbs: the fragments, by offset; the data of each at its part of the message
 * @tail: the last of them
 * @n: how many
 * @bytes: memory of all of it
 * @since: jiffies when the first came
 * @flow: flow label of all
 * @id: message id
 * @map: which have come
 * @counter: where its source is weighed, by level and row
 * @next_proto: of the whole
 * @dst_len: bytes of @names that are the destination
 * @src_len: the rest, which is the source
 * @names: destination and source
 */
struct damc_reassembly {
	struct hlist_node node;
	struct list_head age;
	struct sk_buff *skbs;
	struct sk_buff *tail;
	unsigned long since;
	u32 n;
	u32 bytes;
	u32 flow;
	u32 id;
	struct damc_reassembly_map map;
	u8 counter[DAMC_WEIGHT_LEVELS][DAMC_WEIGHT_ROWS];
	u8 next_proto;
	u8 dst_len;
	u8 src_len;
	u8 names[];
};

static void damc_reassembly_weigh(struct damc_reassembler *r,
				  struct damc_reassembly *msg, int bytes)
{
	int i, row;

	msg->bytes += bytes;
	r->bytes += bytes;
	for (i = 0; i < DAMC_WEIGHT_LEVELS; i++)
		for (row = 0; row < DAMC_WEIGHT_ROWS; row++)
			r->weight[i][row][msg->counter[i][row]] += bytes;
}

/* What its source's name of so many components weighs, or somewhat more. */
static u32 damc_reassembly_weight(const struct damc_reassembler *r,
				  const struct damc_reassembly *msg, int level)
{
	u32 weight = U32_MAX;
	int row;

	for (row = 0; row < DAMC_WEIGHT_ROWS; row++)
		weight = min(weight,
			     r->weight[level][row][msg->counter[level][row]]);
	return weight;
}

/* Beyond its end a name is taken as its own only child. */
static void damc_reassembly_counters(const struct damc_reassembler *r,
				     struct damc_reassembly *msg,
				     const struct damc_name *src)
{
	struct damc_prefix_hash hash;
	u64 last = 0;
	int i;

	BUILD_BUG_ON(DAMC_WEIGHT_ROWS != 2);
	damc_name_hash(&r->key, src, GENMASK_ULL(DAMC_WEIGHT_LEVELS, 1), &hash);
	for (i = 0; i < DAMC_WEIGHT_LEVELS; i++) {
		if (i < hash.n)
			last = hash.hash[i];
		msg->counter[i][0] = lower_32_bits(last) % DAMC_WEIGHT_COUNTERS;
		msg->counter[i][1] = upper_32_bits(last) % DAMC_WEIGHT_COUNTERS;
	}
}

/* From here on nobody else finds it. */
static void damc_reassembly_unlink(struct damc_reassembler *r,
				   struct damc_reassembly *msg)
{
	lockdep_assert_held(&r->lock);
	hlist_del(&msg->node);
	list_del(&msg->age);
	r->n--;
	damc_reassembly_weigh(r, msg, -(int)msg->bytes);
}

/* Consumes the message, which is unlinked, and what waits of it. */
static void damc_reassembly_free(struct damc_net *dn,
				 struct damc_reassembly *msg, unsigned int why)
{
	damc_stats_add(dn->stats, why, msg->n);
	kfree_skb_list(msg->skbs);
	kfree(msg);
}

static void damc_reassembly_drop(struct damc_net *dn,
				 struct damc_reassembly *msg, unsigned int why)
{
	damc_reassembly_unlink(dn->reassembler, msg);
	damc_reassembly_free(dn, msg, why);
}

/* Whether its source weighs more than @most, by level; which it is then put in. */
static bool damc_reassembly_heavier(const struct damc_reassembler *r,
				    const struct damc_reassembly *msg, u32 *most)
{
	u32 weight;
	int i;

	for (i = 0; i < DAMC_WEIGHT_LEVELS; i++) {
		weight = damc_reassembly_weight(r, msg, i);
		if (weight < most[i])
			return false;
		if (weight > most[i])
			break;
	}
	if (i == DAMC_WEIGHT_LEVELS)
		return false;
	for (; i < DAMC_WEIGHT_LEVELS; i++)
		most[i] = damc_reassembly_weight(r, msg, i);
	return true;
}

/*
 * The oldest message of the source that weighs most: under the heaviest first
 * component, there under the heaviest second, and so on.
 *
 * Who weighs most can change with each fragment, so all messages are looked at:
 * DAMC_REASSEMBLIES_MAX at most, about a microsecond. It is one look a fragment
 * at most, on average: what goes out by one came in by another. To keep sources
 * in order instead would cost every fragment, also where nobody floods.
 */
static struct damc_reassembly *damc_reassembly_victim(struct damc_reassembler *r)
{
	struct damc_reassembly *msg, *victim = NULL;
	u32 most[DAMC_WEIGHT_LEVELS] = {};

	list_for_each_entry(msg, &r->age, age)
		if (damc_reassembly_heavier(r, msg, most))
			victim = msg;
	return victim;
}

static bool damc_reassembly_same_pair(const struct damc_reassembly *msg,
				      const struct damc_reassembly_key *key)
{
	return msg->dst_len == key->dst.len && msg->src_len == key->src.len &&
	       !memcmp(msg->names, key->dst.wire, key->dst.len) &&
	       !memcmp(msg->names + key->dst.len, key->src.wire, key->src.len);
}

/* Makes room for one more from this source to this destination, too. */
static struct damc_reassembly *
damc_reassembly_find(struct damc_net *dn, const struct damc_reassembly_key *key)
{
	struct damc_reassembly *msg, *oldest = NULL;
	unsigned int n = 0;

	hlist_for_each_entry(msg, &dn->reassembler->chains[key->chain], node) {
		if (!damc_reassembly_same_pair(msg, key))
			continue;
		if (msg->id == key->id && msg->flow == key->flow &&
		    msg->next_proto == key->next_proto)
			return msg;
		oldest = msg;
		n++;
	}
	if (n >= DAMC_REASSEMBLIES_PAIR_MAX)
		damc_reassembly_drop(dn, oldest,
				     DAMC_A_STATS_DROP_REASSEMBLY_LIMIT);
	return NULL;
}

static struct damc_reassembly *
damc_reassembly_new(struct damc_net *dn, const struct damc_reassembly_key *key)
{
	struct damc_reassembler *r = dn->reassembler;
	struct damc_reassembly *msg;
	size_t size = struct_size(msg, names, key->dst.len + key->src.len);

	msg = kzalloc(size, GFP_ATOMIC);
	if (!msg)
		return NULL;
	msg->since = jiffies;
	msg->flow = key->flow;
	msg->id = key->id;
	msg->next_proto = key->next_proto;
	msg->dst_len = key->dst.len;
	msg->src_len = key->src.len;
	memcpy(msg->names, key->dst.wire, key->dst.len);
	memcpy(msg->names + key->dst.len, key->src.wire, key->src.len);
	damc_reassembly_counters(r, msg, &key->src);
	if (r->n >= DAMC_REASSEMBLIES_MAX)
		damc_reassembly_drop(dn, damc_reassembly_victim(r),
				     DAMC_A_STATS_DROP_REASSEMBLY_LIMIT);
	if (list_empty(&r->age))
		mod_timer(&r->timer, msg->since +
			  msecs_to_jiffies(DAMC_REASSEMBLY_TIMEOUT_MS));
	hlist_add_head(&msg->node, &r->chains[key->chain]);
	list_add_tail(&msg->age, &r->age);
	r->n++;
	damc_reassembly_weigh(r, msg, size);
	return msg;
}

/* Mostly they come in order. Bounded by DAMC_FRAGMENTS_MAX. */
static void damc_reassembly_queue(struct damc_reassembly *msg,
				  struct sk_buff *skb)
{
	struct sk_buff **at = &msg->skbs;
	u8 place = damc_cb(skb)->fragment;

	if (msg->tail && damc_cb(msg->tail)->fragment < place)
		at = &msg->tail->next;
	while (*at && damc_cb(*at)->fragment < place)
		at = &(*at)->next;
	skb->next = *at;
	*at = skb;
	if (!skb->next)
		msg->tail = skb;
	msg->n++;
}

/* What a fragment leaves behind when it begins to wait: owner, device, headers. */
static void damc_reassembly_hold(struct sk_buff *skb,
				 const struct damc_fragment *part)
{
	struct damc_cb *cb = damc_cb(skb);

	skb_orphan(skb);
	skb->dev = NULL;
	cb->in = NULL;
	cb->fragment = part->offset + part->len == part->total ?
		       DAMC_FRAGMENT_LAST : part->offset / part->len;
	__skb_pull(skb, cb->pkt.header_len + sizeof(struct damc_fragment_hdr));
}

/*
 * Consumes @skb; the message may end by it. Returns the message if it is whole,
 * unlinked and the caller's.
 */
static struct damc_reassembly *
damc_reassembly_add(struct damc_net *dn, struct damc_reassembly *msg,
		    struct sk_buff *skb, const struct damc_fragment *part)
{
	struct damc_reassembler *r = dn->reassembler;
	enum damc_reassembly_verdict verdict;
	struct damc_reassembly *victim;

	verdict = damc_reassembly_map_add(&msg->map, part);
	if (verdict == DAMC_REASSEMBLY_DUPLICATE) {
		damc_drop(dn, skb, DAMC_A_STATS_DROP_FRAGMENT_DUPLICATE);
		return NULL;
	}
	damc_reassembly_hold(skb, part);
	damc_reassembly_queue(msg, skb);
	damc_reassembly_weigh(r, msg, skb->truesize);
	if (verdict == DAMC_REASSEMBLY_CONFLICT) {
		damc_reassembly_drop(dn, msg,
				     DAMC_A_STATS_DROP_REASSEMBLY_OVERLAP);
		return NULL;
	}
	if (verdict == DAMC_REASSEMBLY_COMPLETE) {
		damc_reassembly_unlink(r, msg);
		return msg;
	}
	while (r->bytes > r->max) {
		victim = damc_reassembly_victim(r);
		damc_reassembly_drop(dn, victim,
				     DAMC_A_STATS_DROP_REASSEMBLY_LIMIT);
	}
	return NULL;
}

/* The whole's header goes where the first fragment's own header ended. */
static void damc_reassembly_header(struct sk_buff *skb,
				   const struct damc_reassembly *msg)
{
	struct damc_pkt *pkt = &damc_cb(skb)->pkt;
	const u8 *old = skb_network_header(skb);
	struct damc_hdr *hdr;

	__skb_push(skb, pkt->header_len);
	memmove(skb->data, old, pkt->header_len);
	skb_reset_network_header(skb);
	hdr = damc_hdr(skb);
	pkt->next_proto = msg->next_proto;
	pkt->payload_len = msg->map.total;
	hdr->next_proto = pkt->next_proto;
	hdr->payload_len = cpu_to_be16(pkt->payload_len);
}

/* The rest becomes the first's list of fragments: nothing is copied. */
static void damc_reassembly_join(struct sk_buff *skb)
{
	struct sk_buff *rest = skb->next, *next;

	skb->next = NULL;
	skb->ip_summed = CHECKSUM_NONE;
	skb_shinfo(skb)->frag_list = rest;
	for (next = rest; next; next = next->next) {
		skb->len += next->len;
		skb->data_len += next->len;
		skb->truesize += next->truesize;
	}
}

/* Consumes the message. Returns the whole packet, or NULL. */
static struct sk_buff *damc_reassembly_finish(struct damc_net *dn,
					      struct damc_reassembly *msg)
{
	struct sk_buff *skb = msg->skbs;

	if (skb_unclone(skb, GFP_ATOMIC)) {
		damc_reassembly_free(dn, msg, DAMC_A_STATS_DROP_MEMORY);
		return NULL;
	}
	damc_reassembly_header(skb, msg);
	damc_reassembly_join(skb);
	damc_stats_add(dn->stats, DAMC_A_STATS_FRAGMENTS_JOINED, msg->n);
	damc_stats_inc(dn->stats, DAMC_A_STATS_REASSEMBLED);
	kfree(msg);
	return skb;
}

/*
 * What a fragment says, its header made linear. Only what pods may send is put
 * together: next protocol control would else hide from the edge check.
 */
static int damc_reassembly_parse(const struct damc_reassembler *r,
				 struct sk_buff *skb,
				 struct damc_reassembly_key *key,
				 struct damc_fragment *part)
{
	const struct damc_pkt *pkt = &damc_cb(skb)->pkt;
	const struct damc_fragment_hdr *hdr;
	u64 hash;

	if (pkt->payload_len <= sizeof(*hdr))
		return DAMC_A_STATS_DROP_FRAGMENT_MALFORMED;
	if (!pskb_may_pull(skb, pkt->header_len + sizeof(*hdr)) ||
	    (skb_has_frag_list(skb) && skb_linearize(skb)))
		return DAMC_A_STATS_DROP_MEMORY;
	hdr = (const void *)(skb->data + pkt->header_len);
	*part = (struct damc_fragment){
		.offset = be16_to_cpu(hdr->offset),
		.len = pkt->payload_len - sizeof(*hdr),
		.total = be16_to_cpu(hdr->total),
	};
	if ((hdr->next_proto != DAMC_PROTO_MESSAGE &&
	     hdr->next_proto != DAMC_PROTO_ECHO) || !damc_fragment_valid(part))
		return DAMC_A_STATS_DROP_FRAGMENT_MALFORMED;
	*key = (struct damc_reassembly_key){
		.dst = damc_dst(skb),
		.src = damc_src(skb),
		.flow = pkt->flow,
		.id = be32_to_cpu(hdr->id),
		.next_proto = hdr->next_proto,
	};
	hash = damc_name_hash_whole(&r->key, &key->dst) * 3 +
	       damc_name_hash_whole(&r->key, &key->src);
	key->chain = hash % DAMC_REASSEMBLY_CHAINS;
	return 0;
}

static struct damc_reassembly *
damc_reassembly_take(struct damc_net *dn, struct sk_buff *skb,
		     const struct damc_reassembly_key *key,
		     const struct damc_fragment *part)
{
	struct damc_reassembler *r = dn->reassembler;
	struct damc_reassembly *msg;

	spin_lock_bh(&r->lock);
	msg = damc_reassembly_find(dn, key) ?: damc_reassembly_new(dn, key);
	if (msg)
		msg = damc_reassembly_add(dn, msg, skb, part);
	else
		damc_drop(dn, skb, DAMC_A_STATS_DROP_MEMORY);
	spin_unlock_bh(&r->lock);
	return msg;
}

/**
 * damc_reassemble() - a fragment ends here
 * @dn: the namespace
 * @skb: the fragment
 *
 * Context: under RCU. Consumes @skb.
 * Return: the whole, as if it had arrived where this fragment did; or NULL.
 */
struct sk_buff *damc_reassemble(struct damc_net *dn, struct sk_buff *skb)
{
	struct net_device *netdev = skb->dev;
	struct damc_cb arrived = *damc_cb(skb);
	struct damc_reassembly_key key;
	struct damc_reassembly *msg;
	struct damc_fragment part;
	int why;

	why = damc_reassembly_parse(dn->reassembler, skb, &key, &part);
	if (why) {
		damc_drop(dn, skb, why);
		return NULL;
	}
	msg = damc_reassembly_take(dn, skb, &key, &part);
	if (!msg)
		return NULL;
	skb = damc_reassembly_finish(dn, msg);
	if (!skb)
		return NULL;
	skb->dev = netdev;
	damc_cb(skb)->in = arrived.in;
	damc_cb(skb)->neigh = arrived.neigh;
	damc_cb(skb)->match_len = arrived.match_len;
	return skb;
}

/* Bounded by DAMC_REASSEMBLIES_MAX messages, and their memory. */
static void damc_reassembler_expire(struct timer_list *timer)
{
	struct damc_reassembler *r = container_of(timer,
						  struct damc_reassembler,
						  timer);
	struct damc_net *dn = r->dn;
	unsigned long wait = msecs_to_jiffies(DAMC_REASSEMBLY_TIMEOUT_MS);
	struct damc_reassembly *msg, *next;

	spin_lock(&r->lock);
	list_for_each_entry_safe(msg, next, &r->age, age) {
		if (time_before(jiffies, msg->since + wait)) {
			mod_timer(&r->timer, msg->since + wait);
			break;
		}
		damc_reassembly_drop(dn, msg,
				     DAMC_A_STATS_DROP_REASSEMBLY_TIMEOUT);
	}
	spin_unlock(&r->lock);
}

/**
 * damc_reassembler_alloc() - make what messages wait in
 * @dn: the namespace
 *
 * Return: it, to be freed by damc_reassembler_free(); or NULL.
 */
struct damc_reassembler *damc_reassembler_alloc(struct damc_net *dn)
{
	struct damc_reassembler *r = kzalloc(sizeof(*r), GFP_KERNEL_ACCOUNT);
	int i;

	if (!r)
		return NULL;
	r->dn = dn;
	spin_lock_init(&r->lock);
	get_random_bytes(&r->key, sizeof(r->key));
	for (i = 0; i < DAMC_REASSEMBLY_CHAINS; i++)
		INIT_HLIST_HEAD(&r->chains[i]);
	INIT_LIST_HEAD(&r->age);
	timer_setup(&r->timer, damc_reassembler_expire, 0);
	r->max = DAMC_REASSEMBLY_MAX;
	if (dn->net->user_ns != &init_user_ns)
		r->max /= DAMC_FOREIGN_SHARE;
	return r;
}

/**
 * damc_reassembler_free() - free it, and what still waits
 * @r: in whose namespace nothing arrives any more
 */
void damc_reassembler_free(struct damc_reassembler *r)
{
	struct damc_reassembly *msg, *next;

	del_timer_sync(&r->timer);
	spin_lock_bh(&r->lock);
	list_for_each_entry_safe(msg, next, &r->age, age)
		damc_reassembly_drop(r->dn, msg,
				     DAMC_A_STATS_DROP_REASSEMBLY_TIMEOUT);
	spin_unlock_bh(&r->lock);
	kfree(r);
}
