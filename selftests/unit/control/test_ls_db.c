// SPDX-License-Identifier: GPL-2.0
/*
 * The database against a naive twin, a neighbour's queues, packets to bytes and
 * back, and what holds news back.
 */
#include <linux/damc_netlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flood.h"
#include "lab.h"
#include "lsdb.h"
#include "node_int.h"

#define S 1000000ull
#define THINGS 400

static uint64_t random_state;

static void seed(uint64_t standard)
{
	const char *env = getenv("SEED");

	random_state = env ? strtoull(env, NULL, 0) : standard;
	printf("SEED=%llu\n", (unsigned long long)random_state);
}

static uint64_t next_random(void)
{
	uint64_t x = random_state += 0x9e3779b97f4a7c15ull;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
	return x ^ x >> 27;
}

/* An object of nothing but a sequence; what is about what is the key's. */
static struct dc_hash put(struct lsdb *db, struct lsdb_entry *entry,
			  uint64_t counter)
{
	uint8_t bytes[16];
	struct dc_object object = {
		.type = DC_LINK_LSA, .seq = { 1, 1, counter },
		.bytes = bytes, .len = sizeof(bytes),
	};
	struct dc_hash hash;

	memset(bytes, 0, sizeof(bytes));
	ls_put64(bytes, counter);
	memcpy(bytes + 8, entry->key.byte, 8);
	dc_hash_bytes(&hash, bytes, sizeof(bytes));
	assert_int_equal(lsdb_put(db, entry, &object, &hash), 0);
	return hash;
}

static struct dc_hash key_of(unsigned int thing)
{
	struct damc_name subject = { 2, { 1, 'x' } };
	struct dc_hash key;

	lsdb_key_of(&key, DC_LINK_LSA, &subject, thing);
	return key;
}

struct twin {
	bool there;
	uint64_t counter;
	uint64_t due_us;
};

static void compare(struct lsdb *db, const struct twin *twin)
{
	uint64_t first = UINT64_MAX;
	struct dc_hash key;
	unsigned int i, n = 0;

	for (i = 0; i < THINGS; i++) {
		struct lsdb_entry *entry;

		key = key_of(i);
		entry = lsdb_find(db, &key);
		assert_int_equal(!!entry, twin[i].there);
		assert_ptr_equal(lsdb_find_short(db, lsdb_short(&key)), entry);
		if (!entry)
			continue;
		n++;
		assert_int_equal(entry->seq.counter, twin[i].counter);
		if (twin[i].due_us < first)
			first = twin[i].due_us;
	}
	assert_int_equal(db->n, n);
	if (n)
		assert_true(lsdb_next(db) == first);
}

static void database_is_its_twin(void **state)
{
	static struct twin twin[THINGS];
	struct lsdb *db = lsdb_new();
	unsigned int i, round;

	(void)state;
	seed(31);
	memset(twin, 0, sizeof(twin));
	for (round = 0; round < 20000; round++) {
		struct lsdb_entry *entry;
		struct dc_hash key;

		i = next_random() % THINGS;
		key = key_of(i);
		entry = lsdb_find(db, &key);
		if (entry && next_random() % 3 == 0) {
			lsdb_remove(db, entry);
			twin[i].there = false;
		} else {
			if (!entry)
				entry = lsdb_add(db, &key, DC_LINK_LSA);
			twin[i] = (struct twin) {
				true, next_random() >> 40, next_random() >> 30
			};
			put(db, entry, twin[i].counter);
			lsdb_due(db, entry, twin[i].due_us);
		}
		if (round % 100 == 0)
			compare(db, twin);
	}
	lsdb_free(db);
}

/* Somebody may seek such keys: one miss each is all that comes of it. */
static void keys_that_begin_alike_are_told_apart(void **state)
{
	static const uint8_t last[] = { 3, 1, 2 };
	struct dc_hash key[ARRAY_SIZE(last)];
	struct lsdb_entry *entry[ARRAY_SIZE(last)];
	struct lsdb *db = lsdb_new();
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(last); i++) {
		key[i] = key_of(0);
		key[i].byte[DC_HASH_BYTES - 1] = last[i];
		entry[i] = lsdb_add(db, &key[i], DC_LINK_LSA);
	}
	for (i = 0; i < ARRAY_SIZE(last); i++)
		assert_ptr_equal(lsdb_find(db, &key[i]), entry[i]);
	assert_ptr_equal(lsdb_find_short(db, lsdb_short(&key[0])), entry[1]);
	lsdb_remove(db, entry[2]);
	assert_null(lsdb_find(db, &key[2]));
	assert_ptr_equal(lsdb_find(db, &key[0]), entry[0]);
	assert_ptr_equal(lsdb_find(db, &key[1]), entry[1]);
	lsdb_free(db);
}

static void equal_databases_have_equal_digests(void **state)
{
	struct lsdb *a = lsdb_new(), *b = lsdb_new();
	struct dc_hash da, dbh, key;
	unsigned int i;

	(void)state;
	for (i = 0; i < THINGS; i++) {
		key = key_of(i);
		put(a, lsdb_add(a, &key, DC_LINK_LSA), i);
		key = key_of(THINGS - 1 - i);
		put(b, lsdb_add(b, &key, DC_LINK_LSA), THINGS - 1 - i);
	}
	lsdb_digest(a, &da);
	lsdb_digest(b, &dbh);
	assert_memory_equal(&da, &dbh, sizeof(da));
	key = key_of(17);
	put(a, lsdb_find(a, &key), 1000);
	lsdb_digest(a, &da);
	assert_memory_not_equal(&da, &dbh, sizeof(da));
	put(a, lsdb_find(a, &key), 17);
	lsdb_digest(a, &da);
	assert_memory_equal(&da, &dbh, sizeof(da));
	/* A header that is only remembered does not count. */
	lsdb_expire(a, lsdb_find(a, &key));
	lsdb_remove(b, lsdb_find(b, &key));
	lsdb_digest(a, &da);
	lsdb_digest(b, &dbh);
	assert_memory_equal(&da, &dbh, sizeof(da));
	lsdb_free(a);
	lsdb_free(b);
}

static void kinds_have_buckets_in_their_order(void **state)
{
	struct damc_name name = lab_name("/b");
	struct dc_keyid issuer = { { 1 } };
	struct dc_hash hash, key;
	unsigned int i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		dc_hash_bytes(&hash, &i, sizeof(i));
		lsdb_key_of_hash(&key, DC_REVOCATION, &hash);
		assert_in_range(key.byte[0], 0, LSDB_BUCKET_CERTS - 1);
		lsdb_key_of_hash(&key, DC_CERT, &hash);
		assert_in_range(key.byte[0], LSDB_BUCKET_CERTS,
				LSDB_BUCKET_REST - 1);
		lsdb_key_of_hash(&key, DC_GRANT, &hash);
		assert_in_range(key.byte[0], LSDB_BUCKET_REST,
				LSDB_BUCKET_BINDINGS - 1);
		lsdb_key_of_issuers(&key, DC_BINDING, &name, i, &issuer);
		assert_in_range(key.byte[0], LSDB_BUCKET_BINDINGS, 255);
	}
}

/* ---- queues ------------------------------------------------------------ */

static struct lsdb_entry *thing(struct lsdb *db, unsigned int i,
				enum dc_type type, uint8_t urgency)
{
	struct dc_hash key = key_of(i);
	struct lsdb_entry *entry = lsdb_add(db, &key, type);

	put(db, entry, i);
	entry->urgency = urgency;
	return entry;
}

static void urgent_first_and_a_window(void **state)
{
	struct lsdb *db = lsdb_new();
	struct lsdb_entry *rest, *bad, *revocation;
	struct flood flood;
	unsigned int i;

	(void)state;
	flood_init(&flood);
	rest = thing(db, 1, DC_GRANT, 0);
	bad = thing(db, 2, DC_LINK_LSA, 1);
	revocation = thing(db, 3, DC_REVOCATION, 0);
	flood_add(&flood, rest);
	flood_add(&flood, bad);
	flood_add(&flood, revocation);
	flood_add(&flood, rest);
	assert_int_equal(flood.n, 3);
	assert_ptr_equal(flood_take(&flood, 1200, false, 0), revocation);
	assert_ptr_equal(flood_take(&flood, 1200, true, 0), bad);
	assert_null(flood_take(&flood, 1200, true, 0));
	/* No room in the packet: not out of order either. */
	assert_null(flood_take(&flood, 3, false, 0));
	assert_ptr_equal(flood_take(&flood, 1200, false, 0), rest);
	for (i = 10; i < 10 + 2 * FLOOD_WINDOW; i++)
		flood_add(&flood, thing(db, i, DC_GRANT, 0));
	for (i = 0; flood_take(&flood, 1200, false, 0); i++)
		;
	assert_int_equal(i, FLOOD_WINDOW - 3);
	flood_ack(&flood, lsdb_short(&rest->hash));
	assert_non_null(flood_take(&flood, 1200, false, 0));
	flood_clear(&flood);
	lsdb_free(db);
}

/* What kmod/control.c takes of a neighbour's; @tokens times the rate. */
struct taker {
	uint64_t at;
	uint64_t tokens;
	unsigned int refused;
};

static void arrive(struct taker *taker, uint64_t now)
{
	const uint64_t most = DAMC_CONTROL_BURST * S;

	taker->tokens += (now - taker->at) * DAMC_CONTROL_RATE;
	if (taker->tokens > most)
		taker->tokens = most;
	taker->at = now;
	if (taker->tokens < S)
		taker->refused++;
	else
		taker->tokens -= S;
}

/*
 * However much waits, the neighbour's kernel takes all of it, and an acknowledgment
 * with each eighth; urgent ones wait for nothing.
 */
static void no_more_than_the_neighbour_takes(void **state)
{
	struct taker taker = { .tokens = DAMC_CONTROL_BURST * S };
	struct lsdb *db = lsdb_new();
	struct lsdb_entry *entry;
	struct flood flood;
	uint64_t now = S;
	unsigned int i;

	(void)state;
	flood_init(&flood);
	for (i = 0; i < FLOOD_ITEMS_MAX; i++)
		flood_add(&flood, thing(db, i, DC_GRANT, 0));
	while (flood.n) {
		entry = flood_take(&flood, 1200, false, now);
		if (!entry) {
			assert_true(flood_next(&flood) > now);
			now = flood_next(&flood);
			flood_timer(&flood, now);
			continue;
		}
		flood_spend(&flood, now);
		arrive(&taker, now);
		flood_ack(&flood, lsdb_short(&entry->hash));
		if (flood.n % 8)
			continue;
		flood_spend(&flood, now);
		arrive(&taker, now);
	}
	assert_int_equal(taker.refused, 0);
	/* In as little time as that takes, a quarter more at most. */
	assert_true(now < S + (FLOOD_ITEMS_MAX * 9 / 8 - DAMC_CONTROL_BURST) *
		    S / DAMC_CONTROL_RATE * 5 / 4 + S);
	flood_add(&flood, thing(db, FLOOD_ITEMS_MAX, DC_GRANT, 0));
	flood_add(&flood, thing(db, FLOOD_ITEMS_MAX + 1, DC_LINK_LSA, 1));
	for (i = 0; i < DAMC_CONTROL_BURST; i++)
		flood_spend(&flood, now);
	assert_non_null(flood_take(&flood, 1200, true, now));
	assert_null(flood_take(&flood, 1200, false, now));
	assert_true(flood_next(&flood) > now);
	now += FLOOD_BUCKET_US - FLOOD_REST_US + FLOOD_PACKET_US;
	assert_null(flood_take(&flood, 1200, false, now - 1));
	assert_non_null(flood_take(&flood, 1200, false, now));
	flood_clear(&flood);
	lsdb_free(db);
}

static void resent_with_back_off_until_acknowledged(void **state)
{
	struct lsdb *db = lsdb_new();
	struct lsdb_entry *entry = thing(db, 1, DC_GRANT, 0);
	uint64_t now = 0, last = 0, gap = 0;
	struct flood flood;
	unsigned int i;

	(void)state;
	flood_init(&flood);
	flood_add(&flood, entry);
	assert_ptr_equal(flood_take(&flood, 1200, false, now), entry);
	for (i = 0; i < 8; i++) {
		now = flood_next(&flood);
		assert_true(now - last >= gap);
		gap = now - last;
		last = now;
		assert_null(flood_take(&flood, 1200, false, now - 1));
		flood_timer(&flood, now);
		assert_ptr_equal(flood_take(&flood, 1200, false, now), entry);
	}
	assert_int_equal(gap, FLOOD_RESEND_MAX_US);
	/* A newer version starts anew; the old one's acknowledgment is none. */
	{
		uint64_t old = lsdb_short(&entry->hash);

		put(db, entry, 2);
		flood_add(&flood, entry);
		flood_ack(&flood, old);
		assert_ptr_equal(flood_take(&flood, 1200, false, now), entry);
		flood_ack(&flood, lsdb_short(&entry->hash));
	}
	assert_int_equal(flood.n, 0);
	/* An entry may go while it waits. */
	flood_add(&flood, entry);
	lsdb_remove(db, entry);
	assert_null(flood_take(&flood, 1200, false, now));
	assert_int_equal(flood.n, 0);
	lsdb_free(db);
}

static void a_full_queue_says_so(void **state)
{
	struct lsdb *db = lsdb_new();
	struct flood flood;
	unsigned int i;

	(void)state;
	flood_init(&flood);
	for (i = 0; i < FLOOD_ITEMS_MAX + 5; i++)
		flood_add(&flood, thing(db, i, DC_GRANT, 0));
	assert_int_equal(flood.n, FLOOD_ITEMS_MAX);
	assert_true(flood.overflow);
	flood_clear(&flood);
	lsdb_free(db);
}

/* ---- packets ----------------------------------------------------------- */

static void a_hello_survives_writing(void **state)
{
	struct ls_hello hello, back;
	struct ls_packet packet;
	struct ls_out out;
	uint8_t key[DC_SESSION_BYTES] = { 7 };

	(void)state;
	memset(&hello, 0, sizeof(hello));
	memset(&back, 0, sizeof(back));
	hello.id = (struct dc_node_id) { 2, "n1" };
	hello.incarnation = 0x0102030405060708;
	memset(hello.cert.byte, 3, sizeof(hello.cert.byte));
	memset(hello.public, 4, sizeof(hello.public));
	memset(hello.signature, 5, sizeof(hello.signature));
	memset(hello.nonce, 6, sizeof(hello.nonce));
	hello.link = 77;
	ls_hello_write(&out, 99, &hello);
	assert_int_equal(ls_packet_read(&packet, out.buf, out.len), 0);
	assert_null(packet.mac);
	ls_seal(&out, 0, 0, key);
	assert_int_equal(ls_packet_read(&packet, out.buf, out.len), 0);
	assert_int_equal(packet.domain, 99);
	assert_int_equal(ls_hello_read(&back, &packet), 0);
	assert_memory_equal(&back, &hello, sizeof(hello));
	assert_true(dc_mac_ok(packet.mac, packet.bytes,
			      packet.mac - packet.bytes, key));
}

static void a_list_survives_writing(void **state)
{
	struct ls_list list = {
		.bucket = 5, .part = 1, .parts = 3, .round = 9,
		.digest = 42, .n = LS_LISTED_MAX,
	}, back;
	uint8_t key[DC_SESSION_BYTES] = { 1 };
	struct ls_packet packet;
	struct ls_record record;
	struct ls_out out;
	size_t pos = 0;
	uint32_t i;

	(void)state;
	for (i = 0; i < list.n; i++)
		list.entry[i] = (struct ls_listed) { i, { 1, 2, i }, ~i };
	ls_session_begin(&out, 1);
	ls_list_write(&out, &list);
	ls_seal(&out, 3, 4, key);
	assert_true(out.len <= DC_PACKET_MAX);
	assert_int_equal(ls_packet_read(&packet, out.buf, out.len), 0);
	assert_int_equal(packet.tag, 3);
	assert_int_equal(packet.seq, 4);
	assert_int_equal(ls_record_next(&record, &packet, &pos), 1);
	assert_int_equal(ls_list_read(&back, &record), 0);
	assert_memory_equal(back.entry, list.entry,
			    list.n * sizeof(list.entry[0]));
	assert_int_equal(back.round, 9);
	assert_int_equal(ls_record_next(&record, &packet, &pos), 0);
}

static void a_window_tells_replays(void **state)
{
	struct adj_key a, b;
	struct adj_session sa, sb;
	struct ls_packet packet;
	uint8_t nonce_a[16] = { 1 }, nonce_b[16] = { 2 };
	uint8_t seed_a[32] = { 1 }, seed_b[32] = { 2 };
	static struct ls_out out[100];
	unsigned int i;

	(void)state;
	dc_exchange_pair(a.public, a.secret, seed_a);
	dc_exchange_pair(b.public, b.secret, seed_b);
	assert_true(adj_session_begin(&sa, &a, b.public, nonce_a));
	assert_true(adj_session_begin(&sb, &b, a.public, nonce_b));
	adj_session_key(&sa, nonce_b);
	adj_session_key(&sb, nonce_a);
	assert_memory_equal(sa.tx_tag, sb.rx_tag, sizeof(sa.tx_tag));
	for (i = 0; i < 100; i++) {
		ls_session_begin(&out[i], 1);
		ls_seal(&out[i], adj_session_tag(sa.tx_tag, i + 1), i + 1,
			sa.tx);
	}
	/* Even ones, then odd ones within the window, then all again. */
	for (i = 1; i < 60; i += 2) {
		ls_packet_read(&packet, out[i].buf, out[i].len);
		assert_int_equal(adj_session_open(&sb, &packet, NULL), ADJ_SEAL_OK);
	}
	for (i = 0; i < 60; i += 2) {
		ls_packet_read(&packet, out[i].buf, out[i].len);
		assert_int_equal(adj_session_open(&sb, &packet, NULL), ADJ_SEAL_OK);
	}
	for (i = 0; i < 60; i++) {
		ls_packet_read(&packet, out[i].buf, out[i].len);
		assert_int_equal(adj_session_open(&sb, &packet, NULL),
				 ADJ_SEAL_REPLAYED);
	}
	ls_packet_read(&packet, out[99].buf, out[99].len);
	assert_int_equal(adj_session_open(&sb, &packet, NULL), ADJ_SEAL_OK);
	/* One of the window's other side, and one's own packet come back. */
	ls_packet_read(&packet, out[60].buf, out[60].len);
	assert_int_equal(adj_session_open(&sb, &packet, NULL), ADJ_SEAL_OK);
	ls_packet_read(&packet, out[99].buf, out[99].len);
	assert_int_equal(adj_session_open(&sa, &packet, NULL), ADJ_SEAL_BAD);
}

static void news_that_repeats_waits(void **state)
{
	struct damp damp = { 0 };
	uint64_t now = 5 * S, hold = 0, was;
	unsigned int i;

	(void)state;
	assert_true(damp_good(&damp, now) == now);
	for (i = 0; i < 6; i++) {
		was = hold;
		now += 2 * S + hold;
		hold = damp_good(&damp, now) - now;
		assert_true(hold >= was && hold >= DAMP_FIRST_US);
	}
	assert_true(hold == DAMP_MAX_US);
	now += DAMP_FIRST_US + DAMP_MAX_US;
	assert_true(damp_good(&damp, now) == now);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(database_is_its_twin),
		cmocka_unit_test(keys_that_begin_alike_are_told_apart),
		cmocka_unit_test(equal_databases_have_equal_digests),
		cmocka_unit_test(kinds_have_buckets_in_their_order),
		cmocka_unit_test(urgent_first_and_a_window),
		cmocka_unit_test(no_more_than_the_neighbour_takes),
		cmocka_unit_test(resent_with_back_off_until_acknowledged),
		cmocka_unit_test(a_full_queue_says_so),
		cmocka_unit_test(a_hello_survives_writing),
		cmocka_unit_test(a_list_survives_writing),
		cmocka_unit_test(a_window_tells_replays),
		cmocka_unit_test(news_that_repeats_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
