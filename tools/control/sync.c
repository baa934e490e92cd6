// SPDX-License-Identifier: GPL-2.0
/*
 * Synchronisation: a summary of what is here (digests of the buckets that are
 * open) is answered by what is the same and by lists of what is there; of these
 * is asked for what is lacking, and it comes as all objects do (flood.c).
 */
#include <string.h>

#include "node_int.h"

static void close_bucket(struct sync *sync, unsigned int bucket)
{
	if (!sync->open[bucket])
		return;
	sync->open[bucket] = false;
	sync->n_open--;
	sync->progress = true;
}

void sync_start(struct dc_node *node, struct adj *adj)
{
	struct sync *sync = &adj->sync;

	memset(sync->open, true, sizeof(sync->open));
	memset(sync->clean, 0, sizeof(sync->clean));
	sync->n_open = LSDB_BUCKETS;
	sync->running = true;
	sync->want = 0;
	sync->wait_us = SYNC_WAIT_US;
	sync->due_us = node->now_us;
	if (!sync->again_us)
		sync->again_us = SYNC_AGAIN_US;
}

/*
 * The end of the buckets to ask about: revocations, certificates, all but
 * bindings, then all.
 */
static unsigned int frontier(const struct sync *sync)
{
	static const unsigned int ends[] = {
		LSDB_BUCKET_CERTS, LSDB_BUCKET_REST, LSDB_BUCKET_BINDINGS
	};
	unsigned int i, b = 0;

	for (i = 0; i < ARRAY_SIZE(ends); i++)
		for (; b < ends[i]; b++)
			if (sync->open[b])
				return ends[i];
	return LSDB_BUCKETS;
}

static void send_sum(struct dc_node *node, struct adj *adj)
{
	struct sync *sync = &adj->sync;
	unsigned int b, end = frontier(sync), n = 0;
	uint8_t bytes[LS_SUMS_MAX * LS_SUM_BYTES], *p;
	struct ls_out out;

	for (b = 0; b < end && n < LS_SUMS_MAX; b++) {
		if (!sync->open[b])
			continue;
		bytes[n * LS_SUM_BYTES] = b;
		ls_put64(bytes + n * LS_SUM_BYTES + 1,
			 lsdb_bucket_digest(node->db, b));
		n++;
	}
	ls_session_begin(&out, node->domain);
	p = ls_record_add(&out, LS_SUM, LS_SUM_HEAD + n * LS_SUM_BYTES);
	*p = ++sync->round;
	memcpy(p + LS_SUM_HEAD, bytes, n * LS_SUM_BYTES);
	adj_send(node, adj, &out);
	sync->lists = 0;
	sync->lists_due = -1;
	sync->progress = false;
	sync->want = 0;
}

static void finish(struct dc_node *node, struct adj *adj)
{
	adj->sync.running = false;
	adj->sync.n_open = 0;
	if (adj->state != ADJ_EXCHANGE)
		return;
	adj_set_state(node, adj, ADJ_FULL);
	origin_synced(node);
	adj_review(node, adj);
}

/* The last answer is dealt with: ask on at once, as long as that leads on. */
static void step(struct dc_node *node, struct adj *adj)
{
	struct sync *sync = &adj->sync;

	if (!sync->running)
		return;
	if (!sync->n_open) {
		finish(node, adj);
	} else if (sync->lists == sync->lists_due && !sync->want &&
		   sync->progress) {
		sync->wait_us = SYNC_WAIT_US;
		sync->due_us = node->now_us;
		sync_timer(node, adj);
	}
}

void sync_timer(struct dc_node *node, struct adj *adj)
{
	struct sync *sync = &adj->sync;

	if (!sync->running || node->now_us < sync->due_us)
		return;
	sync->due_us = node->now_us + node_jitter(node, sync->wait_us);
	sync->wait_us *= 2;
	if (sync->wait_us > SYNC_WAIT_MAX_US)
		sync->wait_us = SYNC_WAIT_MAX_US;
	send_sum(node, adj);
}

uint64_t sync_next(const struct adj *adj)
{
	return adj->sync.running ? adj->sync.due_us : UINT64_MAX;
}

void sync_came(struct dc_node *node, struct adj *adj)
{
	struct sync *sync = &adj->sync;

	if (!sync->running)
		return;
	sync->progress = true;
	if (!sync->want)
		return;
	/* As long as what was asked for comes, nothing has to be asked again. */
	sync->due_us = node->now_us + sync->wait_us;
	if (!--sync->want)
		step(node, adj);
}

void sync_digest(struct dc_node *node, struct adj *adj, uint64_t digest)
{
	struct sync *sync = &adj->sync;
	struct dc_hash mine;

	lsdb_digest(node->db, &mine);
	if (digest == lsdb_short(&mine)) {
		sync->differ_us = 0;
		sync->again_us = SYNC_AGAIN_US;
		if (sync->running)
			finish(node, adj);
		return;
	}
	if (sync->running)
		return;
	if (!sync->differ_us) {
		sync->differ_us = node->now_us;
	} else if (node->now_us >= sync->differ_us + sync->again_us) {
		sync->differ_us = node->now_us;
		sync->again_us *= 2;
		if (sync->again_us > SYNC_AGAIN_MAX_US)
			sync->again_us = SYNC_AGAIN_MAX_US;
		sync_start(node, adj);
		sync_timer(node, adj);
	}
}

/* ---- what the other asks ----------------------------------------------- */

/* Those of a bucket that have an object: how many, in @entry if not NULL. */
static uint32_t present(const struct lsdb_bucket *bucket,
			struct lsdb_entry **entry)
{
	uint32_t i, n = 0;

	for (i = 0; i < bucket->n; i++) {
		if (!bucket->slot[i].entry->bytes)
			continue;
		if (entry)
			entry[n] = bucket->slot[i].entry;
		n++;
	}
	return n;
}

static void send_part(struct dc_node *node, struct adj *adj,
		      struct ls_list *list, struct lsdb_entry **entry,
		      uint32_t n)
{
	uint32_t from = list->part * LS_LISTED_MAX, i;
	struct ls_out out;

	list->n = n - from < LS_LISTED_MAX ? n - from : LS_LISTED_MAX;
	for (i = 0; i < list->n; i++) {
		list->entry[i].key = lsdb_short(&entry[from + i]->key);
		list->entry[i].hash = lsdb_short(&entry[from + i]->hash);
		list->entry[i].seq = entry[from + i]->seq;
	}
	ls_session_begin(&out, node->domain);
	ls_list_write(&out, list);
	adj_send(node, adj, &out);
}

#define PARTS_MAX 64

/* All parts of a bucket's list: how many packets that took. */
static unsigned int send_list(struct dc_node *node, struct adj *adj,
			      unsigned int bucket, uint8_t round)
{
	struct lsdb_entry *entry[PARTS_MAX * LS_LISTED_MAX];
	struct lsdb_bucket *from = &node->db->bucket[bucket];
	uint32_t n = from->n <= PARTS_MAX * LS_LISTED_MAX ?
		present(from, entry) : 0;
	struct ls_list list = {
		.bucket = bucket,
		.parts = n ? (n + LS_LISTED_MAX - 1) / LS_LISTED_MAX : 1,
		.round = round,
		.digest = lsdb_bucket_digest(node->db, bucket),
	};

	for (; list.part < list.parts; list.part++)
		send_part(node, adj, &list, entry, n);
	return list.parts;
}

void sync_sum_input(struct dc_node *node, struct adj *adj,
		    const struct ls_record *record)
{
	uint8_t same[LS_ROOM / LS_SUM_BYTES];
	unsigned int n_same = 0, packets = 0;
	struct ls_out out;
	uint8_t *p;
	size_t i;

	for (i = LS_SUM_HEAD; i + LS_SUM_BYTES <= record->len; i += LS_SUM_BYTES) {
		unsigned int bucket = record->body[i];
		uint64_t digest = ls_get64(record->body + i + 1);

		if (digest == lsdb_bucket_digest(node->db, bucket))
			same[n_same++] = bucket;
		else if (packets < SYNC_LISTS_MAX)
			packets += send_list(node, adj, bucket,
					     record->body[0]);
	}
	ls_session_begin(&out, node->domain);
	p = ls_record_add(&out, LS_SAME, LS_SAME_HEAD + n_same);
	p[0] = record->body[0];
	p[1] = packets;
	memcpy(p + LS_SAME_HEAD, same, n_same);
	adj_send(node, adj, &out);
}

void sync_ask_input(struct dc_node *node, struct adj *adj,
		    const struct ls_record *record)
{
	struct lsdb_entry *entry;
	size_t i;

	for (i = 0; i + LS_ACK_BYTES <= record->len; i += LS_ACK_BYTES) {
		entry = lsdb_find_short(node->db, ls_get64(record->body + i));
		if (entry && entry->bytes)
			flood_add(&adj->flood, entry);
	}
}

/* ---- what the other answers -------------------------------------------- */

void sync_same_input(struct dc_node *node, struct adj *adj,
		     const struct ls_record *record)
{
	struct sync *sync = &adj->sync;
	size_t i;

	if (!sync->running || record->body[0] != sync->round)
		return;
	for (i = LS_SAME_HEAD; i < record->len; i++)
		close_bucket(sync, record->body[i]);
	sync->lists_due = record->body[1];
	step(node, adj);
}

static bool lacking(struct dc_node *node, const struct ls_listed *listed)
{
	struct lsdb_entry *mine = lsdb_find_short(node->db, listed->key);
	int cmp;

	if (node_refused(node, listed->hash))
		return false;
	if (!mine)
		return true;
	cmp = dc_seq_cmp(&listed->seq, &mine->seq);
	if (cmp)
		return cmp > 0;
	return mine->bytes && listed->hash > lsdb_short(&mine->hash);
}

static uint32_t ask(struct dc_node *node, struct adj *adj,
		    const struct ls_list *list)
{
	uint8_t bytes[LS_LISTED_MAX * LS_ACK_BYTES];
	struct ls_out out;
	uint32_t i, n = 0;

	for (i = 0; i < list->n; i++)
		if (lacking(node, &list->entry[i]))
			ls_put64(bytes + LS_ACK_BYTES * n++,
				 list->entry[i].key);
	if (!n)
		return 0;
	ls_session_begin(&out, node->domain);
	memcpy(ls_record_add(&out, LS_ASK, n * LS_ACK_BYTES), bytes,
	       n * LS_ACK_BYTES);
	adj_send(node, adj, &out);
	return n;
}

/* A part of a bucket's list was looked through. */
static void nothing_lacks(struct sync *sync, const struct ls_list *list)
{
	if (sync->digest[list->bucket] != list->digest) {
		sync->digest[list->bucket] = list->digest;
		sync->clean[list->bucket] = 0;
	}
	sync->clean[list->bucket] |= 1ull << list->part;
	if (sync->clean[list->bucket] ==
	    UINT64_MAX >> (PARTS_MAX - list->parts))
		close_bucket(sync, list->bucket);
}

void sync_list_input(struct dc_node *node, struct adj *adj,
		     const struct ls_record *record)
{
	struct sync *sync = &adj->sync;
	struct ls_list list;
	uint32_t n;

	if (ls_list_read(&list, record)) {
		node->counts.malformed++;
		return;
	}
	if (!sync->running || list.round != sync->round)
		return;
	sync->lists++;
	n = ask(node, adj, &list);
	sync->want += n;
	if (!n)
		nothing_lacks(sync, &list);
	step(node, adj);
}
