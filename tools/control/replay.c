// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ls_msg.h"
#include "record_wire.h"
#include "replay.h"
#include "tape_sum.h"

struct dc_replay {
	const uint8_t *bytes;
	size_t len;
	size_t at;
	struct dc_tape tape;
	struct dc_crypto crypto;
	struct tape_sum sum;
	struct dc_node *node;
	struct dc_replay_counts counts;
	uint64_t last_us;
	/* It ends within an entry, or before all that the node drew. */
	bool cut;
	char why[128];
	struct record_slot slot[RECORD_SLOTS];
};

static int fail(struct dc_replay *replay, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The first counts. */
static int fail(struct dc_replay *replay, const char *format, ...)
{
	va_list args;

	if (*replay->why)
		return -EPROTO;
	va_start(args, format);
	vsnprintf(replay->why, sizeof(replay->why), format, args);
	va_end(args);
	return -EPROTO;
}

/* ---- bytes ------------------------------------------------------------- */

/* NULL: there are not so many. */
static const uint8_t *take(struct dc_replay *replay, size_t len)
{
	const uint8_t *bytes = replay->bytes + replay->at;

	if (len > replay->len - replay->at) {
		replay->cut = true;
		return NULL;
	}
	replay->at += len;
	return bytes;
}

static bool take_number(struct dc_replay *replay, uint64_t *number)
{
	unsigned int shift;
	const uint8_t *p;

	*number = 0;
	for (shift = 0; shift < 64; shift += 7) {
		p = take(replay, 1);
		if (!p)
			return false;
		*number |= (uint64_t)(*p & 0x7f) << shift;
		if (*p < 0x80)
			return true;
	}
	return false;
}

static bool take_u32(struct dc_replay *replay, uint32_t *number)
{
	uint64_t wide;

	if (!take_number(replay, &wide) || wide > UINT32_MAX)
		return false;
	*number = wide;
	return true;
}

static bool take_blob(struct dc_replay *replay, const void **bytes, size_t *len)
{
	uint64_t n;

	if (!take_number(replay, &n) || n > DC_OBJECT_MAX)
		return false;
	*len = n;
	*bytes = take(replay, n);
	return *bytes;
}

/* The first byte of the next entry: 0 at the end. */
static uint8_t peek(const struct dc_replay *replay)
{
	return replay->at < replay->len ? replay->bytes[replay->at] : 0;
}

/* ---- packets ----------------------------------------------------------- */

static bool take_whole(struct dc_replay *replay, struct record_slot *slot)
{
	const uint8_t *p;
	uint32_t len;

	if (!take_u32(replay, &slot->ifindex))
		return false;
	p = take(replay, 1);
	if (!p || *p > DAMC_LLADDR_MAX)
		return false;
	slot->from.len = *p;
	p = take(replay, slot->from.len);
	if (!p)
		return false;
	memcpy(slot->from.addr, p, slot->from.len);
	if (!take_u32(replay, &len) || len > DC_PACKET_MAX)
		return false;
	p = take(replay, len);
	if (!p)
		return false;
	memcpy(slot->bytes, p, len);
	slot->len = len;
	return true;
}

static bool take_difference(struct dc_replay *replay, struct record_slot *slot)
{
	uint32_t same, other;
	const uint8_t *p;
	size_t at = 0;

	while (at < slot->len) {
		if (!take_u32(replay, &same) || !take_u32(replay, &other) ||
		    same > slot->len - at || other > slot->len - at - same ||
		    !(same + other))
			return false;
		p = take(replay, other);
		if (!p)
			return false;
		memcpy(slot->bytes + at + same, p, other);
		at += same + other;
	}
	return true;
}

static bool take_packet(struct dc_replay *replay, struct dc_tape_input *input)
{
	const uint8_t *p = take(replay, 1);
	struct record_slot *slot;

	if (!p)
		return false;
	slot = &replay->slot[*p % RECORD_SLOTS];
	if (*p & RECORD_WHOLE ? !take_whole(replay, slot)
			      : !take_difference(replay, slot))
		return false;
	input->number[0] = slot->ifindex;
	input->from = &slot->from;
	input->bytes = slot->bytes;
	input->len = slot->len;
	return true;
}

/* ---- inputs ------------------------------------------------------------ */

static bool take_rest(struct dc_replay *replay, struct dc_tape_input *input)
{
	unsigned int i;

	if (input->kind == DC_TAPE_PACKET)
		return take_packet(replay, input);
	for (i = 0; i < DC_TAPE_NUMBERS; i++)
		if (!take_u32(replay, &input->number[i]))
			return false;
	if (!take_blob(replay, &input->bytes, &input->len))
		return false;
	if (input->kind != DC_TAPE_ANNOUNCE)
		return true;
	if (!take_blob(replay, &input->grant, &input->grant_len))
		return false;
	input->hash = take(replay, DC_HASH_BYTES);
	return input->hash;
}

static bool take_time(struct dc_replay *replay, uint64_t *now_us)
{
	uint64_t number;

	if (!take_number(replay, &number))
		return false;
	replay->last_us += number >> 1 ^ -(number & 1);
	*now_us = replay->last_us;
	return true;
}

int dc_replay_next(struct dc_replay *replay, struct dc_tape_input *input)
{
	uint8_t kind = peek(replay);

	memset(input, 0, sizeof(*input));
	replay->counts.at = replay->at;
	if (!kind || replay->cut)
		return 0;
	input->kind = kind;
	replay->at++;
	if (kind < DC_TAPE_INPUTS && take_time(replay, &input->now_us) &&
	    take_rest(replay, input)) {
		replay->counts.inputs++;
		return 1;
	}
	/* A process that ended while it wrote leaves an entry behind in part. */
	if (replay->cut)
		return 0;
	fail(replay, "the record is damaged at byte %zu", replay->counts.at);
	return -EBADMSG;
}

static void name_of(struct damc_name *name, const struct dc_tape_input *input)
{
	memset(name, 0, sizeof(*name));
	name->len = input->len < sizeof(name->wire) ? input->len : 0;
	memcpy(name->wire, input->bytes, name->len);
}

static void announce(struct dc_node *node, const struct dc_tape_input *input)
{
	struct dc_prefix prefix = {
		.right = input->number[0], .weight = input->number[1],
		.epoch = input->number[2],
	};

	name_of(&prefix.name, input);
	memcpy(prefix.grant.byte, input->hash, DC_HASH_BYTES);
	dc_node_announce(node, &prefix,
			 input->grant_len ? input->grant : NULL,
			 input->grant_len, input->now_us);
}

static void withdraw(struct dc_node *node, const struct dc_tape_input *input)
{
	struct damc_name name;

	name_of(&name, input);
	dc_node_withdraw(node, &name, input->now_us);
}

static void know(struct dc_node *node, const struct dc_tape_input *input)
{
	struct dc_object object;

	dc_trust_judge(dc_node_trust(node), input->bytes, input->len, &object,
		       input->now_us);
}

static void timers(struct dc_node *node, const struct dc_tape_input *input)
{
	const uint32_t *number = input->number;
	struct dc_node_config config = {
		.hello_ms = number[0], .dead = number[1],
		.restart_s = number[2], .refresh_s = number[3],
		.lifetime_s = number[4], .rotate_s = number[5],
	};

	dc_node_timers(node, &config, input->now_us);
}

static void tell(struct dc_node *node, const struct dc_tape_input *input)
{
	const uint32_t *number = input->number;

	switch (input->kind) {
	case DC_TAPE_LINK:
		dc_node_link(node, number[0], number[1], number[2],
			     input->now_us);
		break;
	case DC_TAPE_LINK_GONE:
		dc_node_link_gone(node, number[0], input->now_us);
		break;
	case DC_TAPE_LIVENESS:
		dc_node_liveness(node, number[0], number[1], input->now_us);
		break;
	case DC_TAPE_PACKET:
		dc_node_input(node, number[0], input->from, input->bytes,
			      input->len, input->now_us);
		break;
	case DC_TAPE_MORE:
		dc_node_more(node, number[0], input->now_us);
		break;
	case DC_TAPE_TIMER:
		dc_node_timer(node, input->now_us);
		break;
	case DC_TAPE_ANNOUNCE:
		announce(node, input);
		break;
	case DC_TAPE_WITHDRAW:
		withdraw(node, input);
		break;
	case DC_TAPE_OBJECT:
		dc_node_object(node, input->bytes, input->len, input->now_us);
		break;
	case DC_TAPE_OVERLOAD:
		dc_node_overload(node, number[0], input->now_us);
		break;
	case DC_TAPE_SHUTDOWN:
		dc_node_shutdown(node, input->now_us);
		break;
	case DC_TAPE_KNOW:
		know(node, input);
		break;
	case DC_TAPE_TIMERS:
		timers(node, input);
		break;
	case DC_TAPE_HOLD:
		dc_node_hold(node, number[0], input->now_us);
		break;
	case DC_TAPE_INPUTS:
		break;
	}
}

/* ---- what it did then -------------------------------------------------- */

/* What was not written any more cannot be different. */
static int compare(struct dc_replay *replay)
{
	uint32_t n = replay->sum.n;
	const uint8_t *then;
	uint64_t n_then;
	uint8_t now[8];

	ls_put64(now, replay->sum.hash);
	tape_sum_reset(&replay->sum);
	if (*replay->why)
		return -EPROTO;
	if (!peek(replay) || replay->cut)
		return 0;
	if (peek(replay) != RECORD_SUM)
		return n ? fail(replay, "it did %u things, none then", n) : 0;
	replay->at++;
	then = take(replay, RECORD_SUM_BYTES);
	if (!then || !take_number(replay, &n_then))
		return 0;
	if (n != n_then)
		return fail(replay, "it did %u things, %llu then", n,
			    (unsigned long long)n_then);
	if (memcmp(then, now, RECORD_SUM_BYTES))
		return fail(replay, "it did %u things, others than then", n);
	replay->counts.outputs += n;
	return 0;
}

int dc_replay_run(struct dc_replay *replay, const struct dc_tape_input *input)
{
	tell(replay->node, input);
	return compare(replay);
}

static const char *const draws[DC_TAPE_DRAWS] = {
	[DC_TAPE_CHANCE4] = "chance", [DC_TAPE_CHANCE8] = "an incarnation",
	[DC_TAPE_CHANCE16] = "a nonce", [DC_TAPE_PUBLIC] = "a public key",
	[DC_TAPE_SIGNATURE] = "a signature",
	[DC_TAPE_SESSION] = "whose session it is", [DC_TAPE_MAC] = "a MAC",
};

/* In a packet's place there is what it was then. */
static void on_draw(void *arg, enum dc_tape_draw what, void *bytes)
{
	struct dc_replay *replay = arg;
	const uint8_t *then;

	if (*replay->why || replay->cut)
		return;
	if (!peek(replay)) {
		replay->cut = true;
		return;
	}
	if (peek(replay) != (RECORD_DRAW | what)) {
		fail(replay, "it asks for %s, and did not then", draws[what]);
		return;
	}
	replay->at++;
	then = take(replay, record_draw_len(what));
	if (then)
		memcpy(bytes, then, record_draw_len(what));
}

static void on_input(void *arg, const struct dc_tape_input *input)
{
	(void)arg;
	(void)input;
}

/* ---- beginning and end ------------------------------------------------- */

static bool take_identity(struct dc_replay *replay,
			  struct dc_identity *identity)
{
	const void *bytes;
	size_t len;

	if (!take_blob(replay, &bytes, &len) ||
	    len >= sizeof(identity->domain))
		return false;
	memcpy(identity->domain, bytes, len);
	bytes = take(replay, sizeof(identity->anchor));
	if (!bytes)
		return false;
	memcpy(identity->anchor, bytes, sizeof(identity->anchor));
	if (!take_blob(replay, &bytes, &len))
		return false;
	memcpy(identity->cert, bytes, len);
	identity->cert_len = len;
	return true;
}

static bool take_config(struct dc_replay *replay, struct dc_node_config *config)
{
	uint32_t *to[] = {
		&config->epoch, &config->hello_ms, &config->dead,
		&config->restart_s, &config->refresh_s, &config->lifetime_s,
		&config->rotate_s,
	};
	size_t i;

	for (i = 0; i < sizeof(to) / sizeof(*to); i++)
		if (!take_u32(replay, to[i]))
			return false;
	return true;
}

static int start(struct dc_replay *replay)
{
	struct dc_node_config config = { .crypto = &replay->crypto };
	const uint8_t *magic = take(replay, RECORD_MAGIC_LEN);

	if (!magic || memcmp(magic, RECORD_MAGIC, RECORD_MAGIC_LEN) ||
	    !take_number(replay, &replay->counts.started_us) ||
	    !take_number(replay, &replay->counts.wall_ms) ||
	    !take_identity(replay, &config.identity) ||
	    !take_config(replay, &config))
		return -EINVAL;
	replay->last_us = replay->counts.started_us;
	replay->node = dc_node_new(&config, &tape_sum_ops, &replay->sum,
				   replay->last_us, replay->counts.wall_ms);
	if (!replay->node)
		return errno == ENOMEM ? -ENOMEM : -EINVAL;
	return compare(replay) ? -EINVAL : 0;
}

struct dc_replay *dc_replay_new(const void *bytes, size_t len,
				const struct dc_crypto *crypto,
				const struct dc_node_ops *ops, void *arg)
{
	struct dc_replay *replay = calloc(1, sizeof(*replay));
	int err;

	if (!replay)
		return NULL;
	replay->bytes = bytes;
	replay->len = len;
	replay->tape = (struct dc_tape){ on_input, on_draw, replay };
	replay->crypto = *crypto;
	replay->crypto.tape = &replay->tape;
	replay->sum.inner = *ops;
	replay->sum.arg = arg;
	err = start(replay);
	if (!err)
		return replay;
	dc_replay_free(replay);
	errno = -err;
	return NULL;
}

struct dc_replay *dc_replay_middle(const void *bytes, size_t len)
{
	struct dc_replay *replay = calloc(1, sizeof(*replay));
	const uint8_t *magic;

	if (!replay)
		return NULL;
	replay->bytes = bytes;
	replay->len = len;
	magic = take(replay, RECORD_MAGIC_LEN);
	if (magic && !memcmp(magic, RECORD_MIDDLE, RECORD_MAGIC_LEN) &&
	    take_number(replay, &replay->counts.started_us) &&
	    take_number(replay, &replay->counts.wall_ms)) {
		replay->last_us = replay->counts.started_us;
		return replay;
	}
	dc_replay_free(replay);
	errno = EINVAL;
	return NULL;
}

void dc_replay_free(struct dc_replay *replay)
{
	if (!replay)
		return;
	dc_node_free(replay->node);
	free(replay);
}

const char *dc_replay_why(const struct dc_replay *replay)
{
	return replay->why;
}

void dc_replay_counts(const struct dc_replay *replay,
		      struct dc_replay_counts *counts)
{
	*counts = replay->counts;
}

struct dc_node *dc_replay_node(struct dc_replay *replay)
{
	return replay->node;
}
