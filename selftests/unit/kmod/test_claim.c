// SPDX-License-Identifier: GPL-2.0
/*
 * Claims: messages against the published vectors and mutated ones, one claim by
 * the table, two ends on a link that loses, repeats and delays.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/damc_netlink.h>

#include "claim.h"
#include "check.h"

#define MS 1000000ULL

/* ---- messages ------------------------------------------------------------- */

static size_t unhex(const char *text, u8 *to, size_t max)
{
	unsigned int byte;
	size_t n = 0;

	while (n < max && sscanf(text + 2 * n, "%2x", &byte) == 1)
		to[n++] = byte;
	return n;
}

static void check_fields(const struct damc_claim_msg *msg, const char *fields)
{
	char text[512];

	snprintf(text, sizeof(text), "type=%u weight=%u id=%llx name=%u reason=%.*s",
		 msg->type, msg->weight, (unsigned long long)msg->id,
		 msg->name.len, msg->reason_len, (const char *)msg->reason);
	assert_string_equal(text, fields);
}

static void check_vector(char *line)
{
	char *kind = strtok(line, "\t"), *hex = strtok(NULL, "\t");
	char *fields = strtok(NULL, "\n");
	u8 bytes[512] __attribute__((aligned(8))), again[512] __attribute__((aligned(8)));
	size_t len = unhex(hex, bytes, sizeof(bytes));
	struct damc_claim_msg msg;

	if (!strcmp(kind, "bad")) {
		assert_int_not_equal(damc_claim_read(bytes, len, &msg), 0);
		return;
	}
	assert_string_equal(kind, "good");
	assert_int_equal(damc_claim_read(bytes, len, &msg), 0);
	check_fields(&msg, fields);
	assert_int_equal(damc_claim_write(again, &msg), len);
	assert_memory_equal(again, bytes, len);
}

static void vectors(void **state)
{
	FILE *file = fopen(VECTORS "/bind.txt", "r");
	unsigned int n = 0;
	char line[1024];

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		if (line[0] == '#')
			continue;
		check_vector(line);
		n++;
	}
	fclose(file);
	assert_int_equal(n, 14);
}

/* Whatever is taken is within its bytes, and is what would be written. */
static void mutated(void **state)
{
	u8 again[DAMC_CLAIM_MSG_MAX] __attribute__((aligned(8)));
	struct damc_claim_msg msg;
	unsigned int i, taken = 0;
	size_t len;
	u8 *bytes;

	for (i = 0; i < 200000; i++) {
		len = check_random() % (DAMC_CLAIM_MSG_MAX + 8);
		/* Of its own, so that a byte too far is seen. */
		bytes = malloc(len ?: 1);
		for (size_t at = 0; at < len; at++)
			bytes[at] = check_below(3) ? check_below(8) :
						     ' ' + check_below(8);
		if (len)
			bytes[0] = DAMC_BIND_VERSION;
		if (len > 3 && check_random() % 4) {
			bytes[2] = check_random() % 5;
			bytes[3] = len - sizeof(struct damc_bind_hdr) - bytes[2];
		}
		if (!damc_claim_read(bytes, len, &msg)) {
			taken++;
			assert_true(msg.reason + msg.reason_len == bytes + len);
			assert_int_equal(damc_claim_write(again, &msg), len);
		}
		free(bytes);
	}
	assert_true(taken > 10);
}

/* ---- one claim ------------------------------------------------------------ */

static struct damc_claim claim_in(u8 state)
{
	struct damc_claim claim;

	damc_claim_init(&claim, 42, 0);
	claim.state = state;
	return claim;
}

/* For each state and message: the state after it. */
static void table(void **state)
{
	static const u8 after[][DAMC_BIND_MSG_AGAIN + 1] = {
		/* -, want, leave, granted, refused, later, left, again */
		[DAMC_CLAIM_WANTED] = { 0, 0, 0, 1, 2, 0, 0, 0 },
		[DAMC_CLAIM_GRANTED] = { 1, 1, 1, 1, 2, 1, 1, 1 },
		[DAMC_CLAIM_REFUSED] = { 2, 2, 2, 2, 2, 2, 2, 2 },
		[DAMC_CLAIM_LEAVING] = { 3, 3, 3, 3, 3, 3, 4, 3 },
		[DAMC_CLAIM_OVER] = { 4, 4, 4, 4, 4, 4, 4, 4 },
	};
	struct damc_claim_msg msg = { .id = 42 };
	struct damc_claim claim;
	u8 from;

	for (from = 0; from <= DAMC_CLAIM_OVER; from++) {
		for (msg.type = 0; msg.type <= DAMC_BIND_MSG_AGAIN; msg.type++) {
			claim = claim_in(from);
			assert_int_equal(damc_claim_answer(&claim, &msg, 5),
					 after[from][msg.type] != from);
			assert_int_equal(claim.state, after[from][msg.type]);
			claim = claim_in(from);
			msg.id++;
			assert_false(damc_claim_answer(&claim, &msg, 5));
			assert_int_equal(claim.state, from);
			msg.id--;
		}
	}
}

/* In silence: twice as long each time, to an end; with jitter of a quarter. */
static void asks(void **state)
{
	u64 now = 7, wait = DAMC_BIND_ASK_MS * MS;
	struct damc_claim claim;
	int i;

	damc_claim_init(&claim, 1, now);
	for (i = 0; i < 40; i++) {
		assert_true(damc_claim_expire(&claim, now, check_random()));
		assert_false(damc_claim_expire(&claim, now, check_random()));
		assert_true(claim.due > now + wait / 4 * 3 - 1 &&
			    claim.due <= now + wait);
		now = claim.due;
		wait = 2 * wait < DAMC_BIND_ASK_MAX_MS * MS ?
		       2 * wait : DAMC_BIND_ASK_MAX_MS * MS;
	}
	assert_int_equal(claim.state, DAMC_CLAIM_WANTED);
	/* What the gateway says ends the waiting, however long it has grown. */
	damc_claim_again(&claim, now, check_random());
	assert_true(claim.due <= now + DAMC_BIND_ASK_MS * MS);
}

/* What is left is told so often, then it is over; what was refused, never. */
static void leaves(void **state)
{
	struct damc_claim claim = claim_in(DAMC_CLAIM_GRANTED);
	unsigned int said = 0;

	damc_claim_leave(&claim, 0);
	while (claim.state == DAMC_CLAIM_LEAVING) {
		damc_claim_again(&claim, claim.due, 0);
		said += damc_claim_expire(&claim, claim.due, check_random());
	}
	assert_int_equal(said, DAMC_BIND_LEAVE_TRIES);
	assert_int_equal(claim.state, DAMC_CLAIM_OVER);
	assert_true(claim.due == U64_MAX);
	claim = claim_in(DAMC_CLAIM_REFUSED);
	damc_claim_leave(&claim, 0);
	assert_int_equal(claim.state, DAMC_CLAIM_OVER);
}

/* ---- two ends ------------------------------------------------------------- */

#define FLIGHT 8

/* A gateway that grants all and forgets it when it is started anew. */
struct link {
	struct damc_claim_msg flying[FLIGHT];
	u64 at[FLIGHT];
	unsigned int n;
	bool has;
};

static void fly(struct link *link, u8 type, u64 id, u64 now)
{
	int copies = check_random() % 3;	/* lost, sent, sent twice */

	while (copies-- && link->n < FLIGHT) {
		link->flying[link->n].type = type;
		link->flying[link->n].id = id;
		link->at[link->n++] = now + check_random() % (100 * MS);
	}
}

static void gateway_takes(struct link *link, const struct damc_claim_msg *msg,
			  u64 now)
{
	if (msg->type == DAMC_BIND_MSG_WANT) {
		link->has = true;
		fly(link, DAMC_BIND_MSG_GRANTED, msg->id, now);
	} else if (msg->type == DAMC_BIND_MSG_LEAVE) {
		link->has = false;
		fly(link, DAMC_BIND_MSG_LEFT, msg->id, now);
	}
}

static void land(struct link *link, struct damc_claim *claim, u64 now)
{
	struct damc_claim_msg msg;
	unsigned int i;

	for (i = 0; i < link->n; i++) {
		if (link->at[i] > now)
			continue;
		msg = link->flying[i];
		link->n--;
		link->flying[i] = link->flying[link->n];
		link->at[i] = link->at[link->n];
		i--;
		if (msg.type == DAMC_BIND_MSG_WANT ||
		    msg.type == DAMC_BIND_MSG_LEAVE)
			gateway_takes(link, &msg, now);
		else
			damc_claim_answer(claim, &msg, now);
	}
}

static void run(struct link *link, struct damc_claim *claim, u64 *now, u64 time)
{
	u64 end = *now + time;

	for (; *now < end; *now += 10 * MS) {
		if (damc_claim_expire(claim, *now, check_random()))
			fly(link, claim->state == DAMC_CLAIM_LEAVING ?
			    DAMC_BIND_MSG_LEAVE : DAMC_BIND_MSG_WANT, claim->id,
			    *now);
		land(link, claim, *now);
	}
}

/* Whatever is lost, a name is granted in the end, and known to a new gateway. */
static void over_a_bad_link(void **state)
{
	struct damc_claim claim;
	struct link link;
	u64 now;
	int i;

	for (i = 0; i < 300; i++) {
		memset(&link, 0, sizeof(link));
		now = check_random();
		damc_claim_init(&claim, i, now);
		run(&link, &claim, &now, 200000 * MS);
		assert_int_equal(claim.state, DAMC_CLAIM_GRANTED);
		assert_true(link.has);
		link.has = false;
		run(&link, &claim, &now, 200000 * MS);
		assert_true(link.has);
		damc_claim_leave(&claim, now);
		run(&link, &claim, &now, 20000 * MS);
		assert_int_equal(claim.state, DAMC_CLAIM_OVER);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors),
		cmocka_unit_test(mutated),
		cmocka_unit_test(table),
		cmocka_unit_test(asks),
		cmocka_unit_test(leaves),
		cmocka_unit_test(over_a_bad_link),
	};

	check_seed();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
