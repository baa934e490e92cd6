// SPDX-License-Identifier: GPL-2.0
/*
 * The flight recorder: what is in a record and what is not, and what a replay
 * says of one that was changed. That records play again is what every test of
 * nodes shows (vnet_record.c).
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "node_int.h"
#include "replay.h"
#include "vnet.h"

#define S 1000000ull

static const struct dc_node_ops quiet;

/* Two nodes that met, one with a name that came and went; and the first's record. */
static void meet(struct vnet *net, uint64_t seed)
{
	const struct dc_node_config patient = { .dead = 7 };
	struct lab_object grant;

	vnet_init(net, seed);
	vnet_add(net, "n1");
	vnet_add(net, "n2");
	dc_node_hold(net->node[0].node, true, net->now_us);
	vnet_join(net, 0, 1);
	vnet_run(net, S);
	dc_node_hold(net->node[0].node, false, net->now_us);
	vnet_run(net, S);
	dc_node_timers(net->node[0].node, &patient, net->now_us);
	assert_int_equal(vnet_announce(net, 0, "/b/4", &grant), DC_VALID);
	vnet_run(net, S);
	vnet_withdraw(net, 0, "/b/4");
	vnet_run(net, 7 * S);
	assert_true(vnet_in_step(net));
}

/* Play it to the end, or what is different: 0, or what the replay says. */
static int play(const uint8_t *bytes, size_t len,
		struct dc_replay_counts *counts, char why[128])
{
	struct dc_replay *replay = dc_replay_new(bytes, len, &dc_stand_in,
						 &quiet, NULL);
	struct dc_tape_input input;
	int ret;

	memset(counts, 0, sizeof(*counts));
	why[0] = '\0';
	if (!replay)
		return -errno;
	do {
		ret = dc_replay_next(replay, &input);
		if (ret > 0)
			ret = dc_replay_run(replay, &input) ?: 1;
	} while (ret > 0);
	dc_replay_counts(replay, counts);
	strcpy(why, dc_replay_why(replay));
	dc_replay_free(replay);
	return ret;
}

static bool contains(const struct vnet_record *record, const void *bytes,
		     size_t len)
{
	return memmem(record->bytes, record->len, bytes, len);
}

/* ---- tests ------------------------------------------------------------- */

static void it_plays(void **state)
{
	struct dc_replay_counts counts;
	struct vnet net;
	char why[128];

	(void)state;
	meet(&net, 1);
	assert_int_equal(play(net.node[0].record.bytes,
			      net.node[0].record.len, &counts, why), 0);
	assert_string_equal(why, "");
	assert_true(counts.inputs > 50);
	/* Packets at least, routes and their withdrawal. */
	assert_true(counts.outputs > net.node[0].sent);
	vnet_free(&net);
}

/* What it comes to is what it came to then. */
static void the_state_is_the_same(void **state)
{
	struct dc_hash then, now;
	struct dc_tape_input input;
	struct dc_replay *replay;
	struct vnet net;

	(void)state;
	meet(&net, 2);
	replay = dc_replay_new(net.node[1].record.bytes,
			       net.node[1].record.len, &dc_stand_in, &quiet,
			       NULL);
	assert_non_null(replay);
	while (dc_replay_next(replay, &input) > 0)
		assert_int_equal(dc_replay_run(replay, &input), 0);
	dc_node_digest(net.node[1].node, &then);
	dc_node_digest(dc_replay_node(replay), &now);
	assert_memory_equal(&then, &now, sizeof(then));
	dc_replay_free(replay);
	vnet_free(&net);
}

static void no_key_is_in_it(void **state)
{
	const struct vnet_record *record;
	const struct adj_session *session;
	struct dc_node *node;
	struct vnet net;

	(void)state;
	meet(&net, 3);
	node = net.node[0].node;
	record = &net.node[0].record;
	session = &node->adj[0]->session;
	assert_true(session->keyed);
	/* That it would be found: what others see is there. */
	assert_true(contains(record, node->key.public, 32));
	assert_true(contains(record, node->cert.key, DC_KEY_BYTES));
	/* The second half is the public key. */
	assert_false(contains(record, net.node[0].identity.secret, 16));
	assert_false(contains(record, net.node[0].identity.secret + 16, 16));
	assert_false(contains(record, node->key.secret, 16));
	assert_false(contains(record, session->shared, 16));
	assert_false(contains(record, session->tx, 16));
	assert_false(contains(record, session->rx, 16));
	assert_false(contains(record, session->tx_tag, 16));
	assert_false(contains(record, session->rx_tag, 16));
	assert_false(contains(record, node->random_key, 16));
	assert_false(contains(record, &node->config.seed, 8));
	vnet_free(&net);
}

/* A packet's MAC says nothing, and would be most of a keepalive. */
static void a_quiet_minute_is_short(void **state)
{
	struct vnet net;
	size_t before;

	(void)state;
	meet(&net, 4);
	before = net.node[0].record.len;
	vnet_run(&net, 60 * S);
	printf("60 s beside a quiet neighbour: %zu bytes\n",
	       net.node[0].record.len - before);
	/* 60 hellos and keepalives each way. */
	assert_in_range(net.node[0].record.len - before, 600, 6000);
	vnet_free(&net);
}

/* A node that does not do the same is told from one that does. */
static void a_difference_is_found(void **state)
{
	struct dc_replay_counts counts;
	struct vnet_record *record;
	struct vnet net;
	char why[128];
	uint8_t *sum;

	(void)state;
	meet(&net, 5);
	record = &net.node[0].record;
	/* The first sum's hash is another one. */
	sum = memchr(record->bytes + record->len / 2, 0x40, 200);
	assert_non_null(sum);
	sum[1] ^= 1;
	assert_int_not_equal(play(record->bytes, record->len, &counts, why), 0);
	assert_string_not_equal(why, "");
	vnet_record_forget(record);
	vnet_free(&net);
}

/* A process that ends at any time leaves a record that plays until then. */
static void its_beginning_plays(void **state)
{
	struct dc_replay_counts counts, whole;
	struct vnet net;
	char why[128];
	size_t len;
	int ret;

	(void)state;
	meet(&net, 6);
	play(net.node[0].record.bytes, net.node[0].record.len, &whole, why);
	for (len = 0; len < net.node[0].record.len; len += 1 + len / 40) {
		uint8_t *copy = malloc(len);

		memcpy(copy, net.node[0].record.bytes, len);
		ret = play(copy, len, &counts, why);
		assert_true(!ret || ret == -EINVAL);
		assert_string_equal(why, "");
		assert_true(counts.inputs <= whole.inputs);
		free(copy);
	}
	vnet_free(&net);
}

/* Whatever is in it, a replay ends, and touches nothing that is not its own. */
static void garbage_is_survived(void **state)
{
	struct dc_replay_counts counts;
	struct vnet_record *record;
	struct vnet net;
	unsigned int i, j;
	char why[128];
	uint8_t *copy;

	(void)state;
	meet(&net, 7);
	record = &net.node[0].record;
	copy = malloc(record->len);
	for (i = 0; i < 300; i++) {
		memcpy(copy, record->bytes, record->len);
		for (j = 0; j < 1 + i % 4; j++)
			copy[vnet_random(&net) % record->len] =
				vnet_random(&net);
		play(copy, record->len, &counts, why);
	}
	free(copy);
	vnet_free(&net);
}

static void a_record_is_asked_for(void **state)
{
	struct dc_replay_counts counts;
	char why[128];

	(void)state;
	assert_int_equal(play((const uint8_t *)"", 0, &counts, why), -EINVAL);
	assert_int_equal(play((const uint8_t *)"DAMCREC2", 8, &counts, why),
			 -EINVAL);
}

struct small {
	uint8_t bytes[4096];
	size_t len;
};

static bool keep_small(void *arg, const void *bytes, size_t len)
{
	struct small *small = arg;

	if (small->len + len > sizeof(small->bytes))
		return false;
	memcpy(small->bytes + small->len, bytes, len);
	small->len += len;
	return true;
}

/* Where there is no room for more it ends, and the node goes on. */
static void it_may_end(void **state)
{
	struct small small = { .len = 0 };
	struct dc_recorder_counts made;
	struct dc_recorder *recorder = dc_recorder_new(keep_small, &small);
	struct dc_replay_counts counts;
	struct dc_node *node;
	struct vnet net;
	char why[128];
	uint64_t now;

	(void)state;
	vnet_init(&net, 8);
	vnet_enrol(&net, "n1", DC_ROLE_SR);
	now = net.now_us;
	node = dc_recorder_node(recorder, &net.node[0].config, &quiet,
				NULL, now, LAB_TIME_MS);
	dc_node_link(node, 1, true, 10, now);
	for (; now < 2000 * S; now = dc_node_next(node))
		dc_node_timer(node, now);
	dc_recorder_counts(recorder, &made);
	assert_true(made.ended);
	assert_int_equal(made.bytes, small.len);
	assert_true(dc_node_next(node) >= 2000 * S);
	assert_int_equal(play(small.bytes, small.len, &counts, why), 0);
	assert_string_equal(why, "");
	assert_int_equal(counts.inputs, made.inputs);
	dc_node_free(node);
	dc_recorder_free(recorder);
	vnet_free(&net);
}

struct turning {
	struct dc_recorder *recorder;
	uint8_t bytes[3][4096];
	size_t len[3];
	unsigned int at;
};

/* As damcd's files do: a head, and then two tails in turn. */
static bool keep_turning(void *arg, const void *bytes, size_t len)
{
	struct turning *turning = arg;
	size_t *used = &turning->len[turning->at];

	if (*used + len > sizeof(turning->bytes[0])) {
		turning->at = turning->at == 1 ? 2 : 1;
		turning->len[turning->at] = 0;
		dc_recorder_middle(turning->recorder, LAB_TIME_MS);
		return false;
	}
	memcpy(turning->bytes[turning->at] + *used, bytes, len);
	*used += len;
	return true;
}

/* How many inputs are in it, none before @last_us. */
static unsigned int read_middle(const struct turning *turning, unsigned int at,
				uint64_t *last_us)
{
	struct dc_replay *replay = dc_replay_middle(turning->bytes[at],
						    turning->len[at]);
	struct dc_tape_input input;
	unsigned int n = 0;

	assert_non_null(replay);
	assert_null(dc_replay_node(replay));
	for (; dc_replay_next(replay, &input) > 0; n++) {
		assert_true(input.now_us >= *last_us);
		*last_us = input.now_us;
	}
	assert_string_equal(dc_replay_why(replay), "");
	dc_replay_free(replay);
	return n;
}

/* Told of a packet and a timer each 100 ms: when it ended. */
static uint64_t busy(struct dc_node *node, uint64_t now, unsigned int n)
{
	struct damc_lladdr from = { 6, { 2, 0, 0, 0, 0, 9 } };
	uint8_t packet[64] = { 1, 2, 0, 64 };
	unsigned int i;

	for (i = 0; i < n; i++, now += S / 10) {
		packet[32 + i % 16] = i;
		dc_node_input(node, 1, &from, packet, sizeof(packet), now);
		dc_node_timer(node, now);
	}
	return now - S / 10;
}

/* Where the beginning is full, the last that happened can still be read. */
static void it_goes_on_in_turns(void **state)
{
	struct turning turning = { .at = 0 };
	struct dc_recorder_counts made;
	struct dc_replay_counts head;
	uint64_t now, last_us = 0;
	struct dc_node *node;
	struct vnet net;
	char why[128];
	unsigned int n;

	(void)state;
	vnet_init(&net, 9);
	vnet_enrol(&net, "n1", DC_ROLE_SR);
	turning.recorder = dc_recorder_new(keep_turning, &turning);
	node = dc_recorder_node(turning.recorder, &net.node[0].config, &quiet,
				NULL, net.now_us, LAB_TIME_MS);
	dc_node_link(node, 1, true, 10, net.now_us);
	now = busy(node, net.now_us, 3000);
	dc_recorder_counts(turning.recorder, &made);
	assert_false(made.ended);
	assert_true(made.middle);
	assert_int_equal(made.inputs, 6001);
	assert_int_equal(play(turning.bytes[0], turning.len[0], &head, why), 0);
	assert_string_equal(why, "");
	assert_true(head.inputs > 10);
	assert_null(dc_replay_middle(turning.bytes[0], turning.len[0]));
	/* The older one, then that in use: to the last input. */
	n = read_middle(&turning, 3 - turning.at, &last_us);
	n += read_middle(&turning, turning.at, &last_us);
	assert_true(n > 100);
	assert_int_equal(last_us, now);
	dc_node_free(node);
	dc_recorder_free(turning.recorder);
	vnet_free(&net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_plays),
		cmocka_unit_test(the_state_is_the_same),
		cmocka_unit_test(no_key_is_in_it),
		cmocka_unit_test(a_quiet_minute_is_short),
		cmocka_unit_test(a_difference_is_found),
		cmocka_unit_test(its_beginning_plays),
		cmocka_unit_test(garbage_is_survived),
		cmocka_unit_test(a_record_is_asked_for),
		cmocka_unit_test(it_may_end),
		cmocka_unit_test(it_goes_on_in_turns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
