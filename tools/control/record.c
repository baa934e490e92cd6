// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "ls_msg.h"
#include "record.h"
#include "record_wire.h"
#include "tape_sum.h"

/* The longest entry: a packet or an object, with a grant. */
#define ENTRY_MAX (DC_PACKET_MAX + 2 * DC_OBJECT_MAX + 512)

struct dc_recorder {
	bool (*write)(void *arg, const void *bytes, size_t len);
	void *arg;
	struct dc_tape tape;
	struct dc_crypto crypto;
	struct tape_sum sum;
	struct dc_recorder_counts counts;
	uint64_t last_us;
	/* Records of the middle begun so far. */
	uint32_t middles;
	struct record_slot slot[RECORD_SLOTS];
};

/* An entry in the making. */
struct entry {
	size_t len;
	uint8_t byte[ENTRY_MAX];
};

/* ---- entries ----------------------------------------------------------- */

static void put(struct entry *entry, const void *bytes, size_t len)
{
	memcpy(entry->byte + entry->len, bytes, len);
	entry->len += len;
}

static void put_byte(struct entry *entry, uint8_t byte)
{
	entry->byte[entry->len++] = byte;
}

/* Seven bits a byte, the lowest first. */
static void put_number(struct entry *entry, uint64_t number)
{
	for (; number > 0x7f; number >>= 7)
		put_byte(entry, number | 0x80);
	put_byte(entry, number);
}

/* Small ones are short on both sides of 0. */
static void put_signed(struct entry *entry, int64_t number)
{
	put_number(entry, (uint64_t)number << 1 ^ (uint64_t)(number >> 63));
}

static void put_blob(struct entry *entry, const void *bytes, size_t len)
{
	if (len > DC_OBJECT_MAX)
		len = 0;
	put_number(entry, len);
	if (len)
		put(entry, bytes, len);
}

static void emit(struct dc_recorder *recorder, const struct entry *entry)
{
	uint32_t middles = recorder->middles;

	if (recorder->counts.ended)
		return;
	if (recorder->write(recorder->arg, entry->byte, entry->len))
		recorder->counts.bytes += entry->len;
	else if (recorder->middles == middles)
		recorder->counts.ended = true;
}

/* What was done since the last input. */
static void emit_sum(struct dc_recorder *recorder)
{
	struct entry entry = { .len = 0 };
	uint8_t hash[8];

	if (!recorder->sum.n || recorder->counts.middle)
		return;
	ls_put64(hash, recorder->sum.hash);
	put_byte(&entry, RECORD_SUM);
	put(&entry, hash, RECORD_SUM_BYTES);
	put_number(&entry, recorder->sum.n);
	emit(recorder, &entry);
	tape_sum_reset(&recorder->sum);
}

/* ---- packets ----------------------------------------------------------- */

static uint8_t slot_of(const struct dc_tape_input *input)
{
	const struct damc_lladdr *from = input->from;
	uint32_t hash = input->number[0] * 31 + input->len;
	unsigned int i;

	for (i = 0; i < from->len; i++)
		hash = hash * 31 + from->addr[i];
	return hash * 0x9e3779b1u >> 26;
}

static bool is_like(const struct record_slot *slot,
		    const struct dc_tape_input *input)
{
	return slot->len == input->len && slot->ifindex == input->number[0] &&
	       slot->from.len == input->from->len &&
	       !memcmp(slot->from.addr, input->from->addr, slot->from.len);
}

static void put_whole(struct entry *entry, const struct dc_tape_input *input,
		      const uint8_t *bytes)
{
	put_number(entry, input->number[0]);
	put_byte(entry, input->from->len);
	put(entry, input->from->addr, input->from->len);
	put_number(entry, input->len);
	put(entry, bytes, input->len);
}

/* So many are the same, so many are other ones: in turn, to the end. */
static void put_difference(struct entry *entry, const uint8_t *old,
			   const uint8_t *bytes, size_t len)
{
	size_t at = 0, same, other;

	while (at < len) {
		for (same = 0; at + same < len; same++)
			if (old[at + same] != bytes[at + same])
				break;
		at += same;
		for (other = 0; at + other < len; other++)
			if (old[at + other] == bytes[at + other])
				break;
		put_number(entry, same);
		put_number(entry, other);
		put(entry, bytes + at, other);
		at += other;
	}
}

/* Beyond what any packet has, only its length counts. */
static void put_packet(struct dc_recorder *recorder, struct entry *entry,
		       const struct dc_tape_input *input)
{
	uint8_t number = slot_of(input), bytes[DC_PACKET_MAX];
	struct record_slot *slot = &recorder->slot[number];

	if (input->len)
		memcpy(bytes, input->bytes, input->len);
	tape_blank(bytes, input->len);
	if (is_like(slot, input)) {
		put_byte(entry, number);
		put_difference(entry, slot->bytes, bytes, input->len);
	} else {
		put_byte(entry, number | RECORD_WHOLE);
		put_whole(entry, input, bytes);
		slot->ifindex = input->number[0];
		slot->from = *input->from;
		slot->len = input->len;
	}
	memcpy(slot->bytes, bytes, input->len);
}

/* ---- what the tape hears ----------------------------------------------- */

/* What no node looks into is malformed, and that is all that counts. */
static struct dc_tape_input checked(const struct dc_tape_input *input)
{
	static const struct damc_lladdr nobody;
	struct dc_tape_input mine = *input;

	if (input->kind != DC_TAPE_PACKET)
		return mine;
	if (!mine.from || mine.from->len > DAMC_LLADDR_MAX) {
		mine.from = &nobody;
		mine.len = 0;
	}
	if (mine.len > DC_PACKET_MAX)
		mine.len = 0;
	return mine;
}

static void put_rest(struct dc_recorder *recorder, struct entry *entry,
		     const struct dc_tape_input *input)
{
	unsigned int i;

	if (input->kind == DC_TAPE_PACKET) {
		put_packet(recorder, entry, input);
		return;
	}
	for (i = 0; i < DC_TAPE_NUMBERS; i++)
		put_number(entry, input->number[i]);
	put_blob(entry, input->bytes, input->len);
	if (input->kind != DC_TAPE_ANNOUNCE)
		return;
	put_blob(entry, input->grant, input->grant ? input->grant_len : 0);
	put(entry, input->hash, DC_HASH_BYTES);
}

static void emit_input(struct dc_recorder *recorder,
		       const struct dc_tape_input *input)
{
	struct entry entry;

	entry.len = 0;
	put_byte(&entry, input->kind);
	put_signed(&entry, input->now_us - recorder->last_us);
	put_rest(recorder, &entry, input);
	recorder->last_us = input->now_us;
	emit(recorder, &entry);
}

static void on_input(void *arg, const struct dc_tape_input *input)
{
	struct dc_tape_input mine = checked(input);
	struct dc_recorder *recorder = arg;
	uint32_t middles;

	if (recorder->counts.ended)
		return;
	emit_sum(recorder);
	middles = recorder->middles;
	emit_input(recorder, &mine);
	/* What it was told by difference has to be said whole now. */
	if (recorder->middles != middles)
		emit_input(recorder, &mine);
	recorder->counts.inputs += !recorder->counts.ended;
}

static void on_draw(void *arg, enum dc_tape_draw what, void *bytes)
{
	struct dc_recorder *recorder = arg;
	struct entry entry;

	if (recorder->counts.ended || recorder->counts.middle)
		return;
	entry.len = 0;
	put_byte(&entry, RECORD_DRAW | what);
	put(&entry, bytes, record_draw_len(what));
	emit(recorder, &entry);
}

size_t record_draw_len(unsigned int what)
{
	static const size_t len[DC_TAPE_DRAWS] = {
		[DC_TAPE_CHANCE4] = 4, [DC_TAPE_CHANCE8] = 8,
		[DC_TAPE_CHANCE16] = 16, [DC_TAPE_PUBLIC] = 32,
		[DC_TAPE_SIGNATURE] = DC_SIGNATURE_BYTES,
		[DC_TAPE_SESSION] = 1, [DC_TAPE_MAC] = 1,
	};

	return what < DC_TAPE_DRAWS ? len[what] : 0;
}

/* ---- beginning and end ------------------------------------------------- */

static void put_config(struct entry *entry, const struct dc_node_config *config)
{
	const uint32_t number[] = {
		config->epoch, config->hello_ms, config->dead,
		config->restart_s, config->refresh_s, config->lifetime_s,
		config->rotate_s,
	};
	size_t i;

	for (i = 0; i < sizeof(number) / sizeof(*number); i++)
		put_number(entry, number[i]);
}

static void emit_start(struct dc_recorder *recorder,
		       const struct dc_node_config *config, uint64_t now_us,
		       uint64_t wall_ms)
{
	const struct dc_identity *identity = &config->identity;
	struct entry entry = { .len = 0 };

	put(&entry, RECORD_MAGIC, RECORD_MAGIC_LEN);
	put_number(&entry, now_us);
	put_number(&entry, wall_ms);
	put_blob(&entry, identity->domain,
		 strnlen(identity->domain, sizeof(identity->domain)));
	put(&entry, identity->anchor, sizeof(identity->anchor));
	put_blob(&entry, identity->cert, identity->cert_len);
	put_config(&entry, config);
	recorder->last_us = now_us;
	emit(recorder, &entry);
}

void dc_recorder_middle(struct dc_recorder *recorder, uint64_t wall_ms)
{
	struct entry entry = { .len = 0 };

	recorder->middles++;
	recorder->counts.middle = true;
	memset(recorder->slot, 0, sizeof(recorder->slot));
	put(&entry, RECORD_MIDDLE, RECORD_MAGIC_LEN);
	put_number(&entry, recorder->last_us);
	put_number(&entry, wall_ms);
	emit(recorder, &entry);
}

struct dc_recorder *dc_recorder_new(bool (*write)(void *arg, const void *bytes,
						  size_t len), void *arg)
{
	struct dc_recorder *recorder = calloc(1, sizeof(*recorder));

	if (!recorder)
		return NULL;
	recorder->write = write;
	recorder->arg = arg;
	recorder->tape = (struct dc_tape){ on_input, on_draw, recorder };
	return recorder;
}

struct dc_node *dc_recorder_node(struct dc_recorder *recorder,
				 const struct dc_node_config *config,
				 const struct dc_node_ops *ops, void *arg,
				 uint64_t now_us, uint64_t wall_ms)
{
	struct dc_node_config mine = *config;
	struct dc_node *node;

	recorder->crypto = *config->crypto;
	recorder->crypto.tape = &recorder->tape;
	recorder->sum.inner = *ops;
	recorder->sum.arg = arg;
	mine.crypto = &recorder->crypto;
	emit_start(recorder, config, now_us, wall_ms);
	node = dc_node_new(&mine, &tape_sum_ops, &recorder->sum, now_us,
			   wall_ms);
	explicit_bzero(&mine, sizeof(mine));
	return node;
}

void dc_recorder_counts(const struct dc_recorder *recorder,
			struct dc_recorder_counts *counts)
{
	*counts = recorder->counts;
}

void dc_recorder_free(struct dc_recorder *recorder)
{
	free(recorder);
}
