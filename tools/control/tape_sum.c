// SPDX-License-Identifier: GPL-2.0
#include <sodium.h>
#include <string.h>

#include "ls_msg.h"
#include "tape_sum.h"

/* What is added up: these numbers are in records. */
enum { SENT = 1, CHANGED, FLUSHED, NEIGHBOUR, EVENT };

#define WORDS_MAX 1536

/* What is done, in bytes: what is beyond the room does not count. */
struct words {
	size_t len;
	uint8_t byte[WORDS_MAX];
};

static void put(struct words *words, const void *bytes, size_t len)
{
	if (len > sizeof(words->byte) - words->len)
		len = sizeof(words->byte) - words->len;
	memcpy(words->byte + words->len, bytes, len);
	words->len += len;
}

static void put_number(struct words *words, uint64_t number)
{
	uint8_t bytes[8];

	ls_put64(bytes, number);
	put(words, bytes, sizeof(bytes));
}

static void put_lladdr(struct words *words, const struct damc_lladdr *lladdr)
{
	put_number(words, lladdr ? lladdr->len : UINT64_MAX);
	if (lladdr)
		put(words, lladdr->addr, lladdr->len);
}

static void put_name(struct words *words, const struct damc_name *name)
{
	put_number(words, name->len);
	put(words, name->wire, name->len);
}

/* Each is hashed behind the sum of those before. */
static void add(struct tape_sum *sum, struct words *words)
{
	static const uint8_t key[crypto_shorthash_KEYBYTES];
	uint8_t out[crypto_shorthash_BYTES];

	put_number(words, sum->hash);
	crypto_shorthash(out, words->byte, words->len, key);
	sum->hash = ls_get64(out);
	sum->n++;
}

void tape_blank(uint8_t *packet, size_t len)
{
	struct ls_packet read;

	if (ls_packet_read(&read, packet, len) || !read.mac)
		return;
	memset(packet + (read.mac - packet), 0, DC_MAC_BYTES);
	if (read.kind == LS_SESSION)
		ls_put32(packet + LS_HEAD_BYTES, 0);
}

/* ---- the ops ----------------------------------------------------------- */

static void on_send(void *arg, uint32_t ifindex,
		    const struct damc_lladdr *peer, const void *packet,
		    size_t len, enum dc_urgency urgency)
{
	struct words words = { .len = 0 };
	struct tape_sum *sum = arg;
	size_t at;

	put_number(&words, SENT);
	put_number(&words, ifindex);
	put_lladdr(&words, peer);
	put_number(&words, urgency);
	at = words.len;
	put(&words, packet, len);
	tape_blank(words.byte + at, words.len - at);
	add(sum, &words);
	if (sum->inner.send)
		sum->inner.send(sum->arg, ifindex, peer, packet, len, urgency);
}

static void on_change(void *arg, const struct dc_fib_change *change)
{
	struct words words = { .len = 0 };
	struct tape_sum *sum = arg;
	uint32_t i;

	put_number(&words, CHANGED);
	put_number(&words, change->op);
	put_number(&words, change->set);
	for (i = 0; i < change->n; i++) {
		put_number(&words, change->nexthop[i].link);
		put_number(&words, change->nexthop[i].weight);
	}
	put_number(&words, change->backup);
	put_number(&words, change->unreachable);
	put_name(&words, &change->name);
	put_name(&words, &change->pool);
	put_number(&words, change->weight);
	add(sum, &words);
	if (sum->inner.fib.change)
		sum->inner.fib.change(sum->arg, change);
}

static void on_flush(void *arg)
{
	struct words words = { .len = 0 };
	struct tape_sum *sum = arg;

	put_number(&words, FLUSHED);
	add(sum, &words);
	if (sum->inner.fib.flush)
		sum->inner.fib.flush(sum->arg);
}

static void on_neighbour(void *arg, uint32_t link, uint32_t ifindex,
			 const struct damc_lladdr *peer,
			 const struct dc_node_id *id, bool up)
{
	struct words words = { .len = 0 };
	struct tape_sum *sum = arg;

	put_number(&words, NEIGHBOUR);
	put_number(&words, link);
	put_number(&words, ifindex);
	put_lladdr(&words, peer);
	put(&words, id->byte, id->len);
	put_number(&words, up);
	add(sum, &words);
	if (sum->inner.neighbour)
		sum->inner.neighbour(sum->arg, link, ifindex, peer, id, up);
}

/* Not in the sum: no tape has keys, so that a replay makes others. */
static void on_session(void *arg, uint32_t link, uint32_t ifindex,
		       const struct damc_lladdr *peer, const uint8_t *tag_key)
{
	struct tape_sum *sum = arg;

	if (sum->inner.session)
		sum->inner.session(sum->arg, link, ifindex, peer, tag_key);
}

static void on_event(void *arg, const char *what, const char *text)
{
	struct words words = { .len = 0 };
	struct tape_sum *sum = arg;

	put_number(&words, EVENT);
	put(&words, what, strlen(what));
	put(&words, text, strlen(text));
	add(sum, &words);
	if (sum->inner.event)
		sum->inner.event(sum->arg, what, text);
}

const struct dc_node_ops tape_sum_ops = {
	.send = on_send,
	.fib = { .change = on_change, .flush = on_flush },
	.neighbour = on_neighbour,
	.session = on_session,
	.event = on_event,
};
