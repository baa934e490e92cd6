// SPDX-License-Identifier: GPL-2.0
/* What an SPA stores: numbers, grants, revocations, after kill -9, too. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "c3_lab.h"
#include "place.h"
#include "store_db.h"
#include "spa_tool.h"

#define KILLS 50
/* Grants that a process would give if it were let. */
#define GRANTS 200

/* ---- numbers ----------------------------------------------------------- */

static void restart_keeps_numbers(void **state)
{
	struct place *place = *state;
	struct dc_c3_answer answer;
	struct desk desk;
	uint64_t last = 0, number;
	unsigned int i;

	for (i = 0; i < 5; i++) {
		place_open(&desk, place);
		assert_int_equal(place_ask(place, &desk, i, &answer), 0);
		assert_int_equal(answer.code, DC_C3_GRANTED);
		number = place_number(&answer);
		assert_true(number > last);
		last = number;
		desk_close(&desk);
	}
	/* And knows who holds what. */
	place_open(&desk, place);
	assert_int_equal(place_ask(place, &desk, 0, &answer), 0);
	assert_int_equal(answer.code, DC_C3_GRANTED);
	assert_int_equal(place_ask(place, &desk, 1000, &answer), 0);
	assert_int_equal(answer.code, DC_C3_GRANTED);
	desk_close(&desk);
}

struct last {
	struct store_grant grant;
	unsigned int n;
};

static int take_last(const struct store_grant *grant, void *arg)
{
	struct last *last = arg;

	last->grant = *grant;
	last->n++;
	return 0;
}

static int take_number(const struct store_revocation *revocation, void *arg)
{
	uint64_t *number = arg;

	assert_int_equal(revocation->number, *number + 1);
	*number = revocation->number;
	return 0;
}

static void revocations_are_numbered(void **state)
{
	struct place *place = *state;
	struct store_revocation revocation;
	struct dc_c3_answer answer;
	struct last last;
	struct desk desk;
	uint64_t number = 0;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		place_open(&desk, place);
		assert_int_equal(place_ask(place, &desk, i, &answer), 0);
		memset(&last, 0, sizeof(last));
		assert_int_equal(store_grants(desk.store, 0, 0, take_last, &last),
				 0);
		assert_int_equal(desk_revoke(&desk, last.grant.bytes,
					     last.grant.len,
					     last.grant.holding.number,
					     &revocation), 0);
		assert_int_equal(revocation.number, i + 1);
		/* Not to be had again, in this run and the next. */
		assert_int_equal(place_ask(place, &desk, i, &answer), 0);
		assert_int_equal(answer.code, DC_C3_REVOKED);
		desk_close(&desk);
		place_open(&desk, place);
		assert_int_equal(place_ask(place, &desk, i, &answer), 0);
		assert_int_equal(answer.code, DC_C3_REVOKED);
		assert_int_equal(desk.revocations, i + 1);
		desk_close(&desk);
	}
	place_open(&desk, place);
	assert_int_equal(store_revocations(desk.store, 0, 0, take_number,
					   &number), 0);
	assert_int_equal(number, 4);
	desk_close(&desk);
}

/* Two processes at one store: neither gives what the other gave. */
static void two_at_one_store(void **state)
{
	struct place *place = *state;
	struct dc_spa_wish wish = { .grant.rights = DC_RIGHT_NAME };
	struct dc_spa_decision decision;
	uint8_t object[DC_OBJECT_MAX];
	struct dc_c3_answer answer;
	struct desk one, other;

	place_open(&one, place);
	place_open(&other, place);
	c3_name(&wish.name, "/shop/7");
	c3_name(&wish.grant.pod, "/pod/sg1/else");
	assert_true(desk_give(&one, &wish, &decision, object) > 0);
	assert_int_equal(place_ask(place, &other, 7, &answer), 0);
	assert_int_equal(answer.code, DC_C3_BUSY);
	assert_int_equal(place_ask(place, &other, 7, &answer), 0);
	assert_int_equal(answer.code, DC_C3_TAKEN);
	desk_close(&one);
	desk_close(&other);
}

/* What ended long ago is forgotten; its number is not used again. */
static void pruned(void **state)
{
	struct place *place = *state;
	struct dc_c3_answer answer;
	struct last last = { .n = 0 };
	struct desk desk;
	uint64_t number;

	place_open(&desk, place);
	assert_int_equal(place_ask(place, &desk, 1, &answer), 0);
	number = place_number(&answer);
	assert_int_equal(store_prune(desk.store, tool_wall_ms()), 0);
	assert_int_equal(store_grants(desk.store, 0, 0, take_last, &last), 0);
	assert_int_equal(last.n, 1);
	assert_int_equal(store_prune(desk.store, last.grant.holding.until + 1),
			 0);
	last.n = 0;
	assert_int_equal(store_grants(desk.store, 0, 0, take_last, &last), 0);
	assert_int_equal(last.n, 0);
	desk_close(&desk);
	place_open(&desk, place);
	assert_int_equal(place_ask(place, &desk, 1, &answer), 0);
	assert_true(place_number(&answer) > number);
	desk_close(&desk);
}

static int count_unrevoked(const struct store_grant *grant, void *arg)
{
	*(unsigned int *)arg += !grant->revoked;
	return 0;
}

/* All members of a pool, however many it has. */
static void many_revoked(void **state)
{
	struct dc_spa_wish wish = { .grant.rights = DC_RIGHT_MEMBER };
	char verb[] = "revoke", what[] = "/shop/p", pod[64], *words[2];
	struct place *place = *state;
	struct tool tool = { .left = 2, .next = words, .config = place->config };
	struct dc_spa_decision decision;
	uint8_t object[DC_OBJECT_MAX];
	unsigned int i, n = 0;
	struct desk desk;

	words[0] = verb;
	words[1] = what;
	place_open(&desk, place);
	c3_name(&wish.name, what);
	for (i = 0; i < 600; i++) {
		snprintf(pod, sizeof(pod), "/pod/sg1/%u", i);
		c3_name(&wish.grant.pod, pod);
		assert_true(desk_give(&desk, &wish, &decision, object) > 0);
	}
	assert_int_equal(cmd_grant(&tool), TOOL_OK);
	assert_int_equal(json_array_size(tool.rows), 600);
	json_decref(tool.rows);
	assert_int_equal(store_grants(desk.store, 0, 0, count_unrevoked, &n),
			 0);
	assert_int_equal(n, 0);
	desk_close(&desk);
}

static void old_policy(void **state)
{
	struct place *place = *state;
	struct desk desk;

	place_write(place, "policy.yaml", "version: 5\ndomain: " LAB_DOMAIN "\n");
	place_open(&desk, place);
	place_write(place, "policy.yaml", "version: 4\ndomain: " LAB_DOMAIN "\n");
	assert_int_equal(desk_enforce_policy(&desk), -ESTALE);
	assert_int_equal(desk.policy.version, 5);
	place_write(place, "policy.yaml", "version: 6\ndomain: other\n");
	assert_int_equal(desk_enforce_policy(&desk), -EINVAL);
	assert_non_null(strstr(desk.why, "policy.yaml:2:9: "));
	desk_close(&desk);
}

/* Only who is to decide by a policy puts it in force: to read it changes nothing. */
static void policy_read(void **state)
{
	struct place *place = *state;
	struct audit_head before, after;
	char path[128], why[DC_WHY_MAX];
	uint64_t version, end;
	struct desk desk;

	place_open(&desk, place);
	desk_close(&desk);
	snprintf(path, sizeof(path), "%s/state/audit.log", place->dir);
	assert_int_equal(audit_walk(path, NULL, NULL, NULL, &before, &end, why),
			 0);
	place_write(place, "policy.yaml", "version: 7\ndomain: " LAB_DOMAIN "\n");
	assert_int_equal(desk_open(&desk, place->config), 0);
	assert_int_equal(desk_read_policy(&desk), 0);
	assert_int_equal(desk.policy.version, 7);
	assert_int_equal(store_get(desk.store, DESK_POLICY, &version), 0);
	assert_int_equal(version, 1);
	assert_int_equal(audit_walk(path, NULL, NULL, NULL, &after, &end, why),
			 0);
	assert_int_equal(after.lines, before.lines);
	assert_int_equal(desk_enforce_policy(&desk), 0);
	assert_int_equal(store_get(desk.store, DESK_POLICY, &version), 0);
	assert_int_equal(version, 7);
	desk_close(&desk);
}

/* ---- what is new ------------------------------------------------------- */

/* The work of taking in a grant and a revocation that @other made. */
static uint64_t one_more(struct place *place, struct desk *desk,
			 struct desk *other, unsigned int number)
{
	struct store_revocation revocation;
	struct dc_c3_answer answer;
	uint64_t before;

	assert_int_equal(place_ask(place, other, number, &answer), 0);
	assert_int_equal(answer.code, DC_C3_GRANTED);
	assert_int_equal(desk_revoke(other, answer.grant, answer.grant_len,
				     place_number(&answer), &revocation), 0);
	before = place_steps(desk->store);
	assert_int_equal(desk_sync(desk), 1);
	assert_int_equal(desk->grants, other->grants);
	assert_int_equal(desk->revocations, other->revocations);
	return place_steps(desk->store) - before;
}

/* What is taken in costs the same whatever there was before. */
static void sync_by_what_is_new(void **state)
{
	struct place *place = *state;
	struct dc_c3_answer answer;
	struct desk desk, other;
	unsigned int i;
	uint64_t few;

	place_open(&desk, place);
	place_open(&other, place);
	one_more(place, &desk, &other, 0);
	few = one_more(place, &desk, &other, 1);
	for (i = 2; i < 200; i++)
		assert_int_equal(place_ask(place, &other, i, &answer), 0);
	assert_int_equal(desk_sync(&desk), 1);
	assert_int_equal(one_more(place, &desk, &other, i), few);
	desk_close(&desk);
	desk_close(&other);
}

/* ---- what is not stored ------------------------------------------------ */

/* So that no line can be added, and nothing stored. */
static void break_log(const struct place *place)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/state/audit.log", place->dir);
	assert_int_equal(truncate(path, 1), 0);
}

/* A revocation that could not be stored has ended nothing. */
static void revocation_not_stored(void **state)
{
	struct place *place = *state;
	struct store_revocation revocation;
	struct dc_trust_counts counts;
	struct dc_c3_answer answer;
	struct desk desk;

	place_open(&desk, place);
	assert_int_equal(place_ask(place, &desk, 1, &answer), 0);
	break_log(place);
	assert_true(desk_revoke(&desk, answer.grant, answer.grant_len,
				place_number(&answer), &revocation) < 0);
	assert_int_equal(desk.revocations, 0);
	dc_trust_counts(dc_spa_trust(desk.spa), &counts);
	assert_int_equal(counts.revocations, 0);
	desk_close(&desk);
}

/* As many as nodes keep, and of nodes' certificates some more. */
static void revocations_bounded(void **state)
{
	struct place *place = *state;
	struct store_revocation revocation = { .until = UINT64_MAX / 4, .len = 1 };
	struct dc_c3_answer answer;
	struct desk desk;
	uint64_t number;

	place_open(&desk, place);
	assert_int_equal(place_ask(place, &desk, 1, &answer), 0);
	assert_int_equal(store_begin(desk.store), 0);
	do {
		assert_int_equal(store_number(desk.store, STORE_REVOCATION,
					      &revocation.number), 0);
		assert_int_equal(store_add_revocation(desk.store, &revocation),
				 0);
	} while (revocation.number < DC_TRUST_REVOCATIONS);
	assert_int_equal(store_commit(desk.store, "many"), 0);
	number = place_number(&answer);
	assert_int_equal(desk_revoke(&desk, answer.grant, answer.grant_len,
				     number, &revocation), -ENOSPC);
	/* Those that have ended are none, and go in the end. */
	assert_int_equal(store_prune(desk.store, UINT64_MAX / 2), 0);
	assert_int_equal(store_count_revocations(desk.store, 0, &number), 0);
	assert_true(number < DC_TRUST_REVOCATIONS);
	assert_int_equal(desk_revoke(&desk, answer.grant, answer.grant_len,
				     place_number(&answer), &revocation), 0);
	desk_close(&desk);
}

/* ---- kill -9 ----------------------------------------------------------- */

/* The child: grants, and says so down the pipe as soon as it may. */
static void grant_until_killed(const struct place *place, int to,
			       unsigned int from)
{
	struct dc_c3_answer answer;
	struct desk desk;
	uint64_t number;
	unsigned int i;

	if (desk_open(&desk, place->config) || desk_enforce_policy(&desk) ||
	    desk_sync(&desk) < 0)
		_exit(1);
	for (i = 0; i < GRANTS; i++) {
		if (place_ask(place, &desk, from + i, &answer) ||
		    answer.code != DC_C3_GRANTED)
			_exit(2);
		number = place_number(&answer);
		if (write(to, &number, sizeof(number)) != sizeof(number))
			_exit(3);
	}
	_exit(0);
}

struct known {
	bool there[KILLS * GRANTS + 1];
	uint64_t last;
	unsigned int n;
};

static int note(const struct store_grant *grant, void *arg)
{
	struct known *known = arg;

	assert_true(grant->holding.number <= KILLS * GRANTS);
	assert_true(grant->holding.number > known->last);
	known->there[grant->holding.number] = true;
	known->last = grant->holding.number;
	known->n++;
	return 0;
}

/* Whole numbers that were acknowledged, before the pipe's end. */
static unsigned int read_all(int from, uint64_t *numbers, unsigned int n)
{
	while (read(from, &numbers[n], sizeof(numbers[n])) ==
	       sizeof(numbers[n]))
		n++;
	return n;
}

static unsigned int one_kill(const struct place *place, unsigned int round,
			     unsigned int after_us, uint64_t *numbers,
			     unsigned int n)
{
	int ends[2], status;
	pid_t child;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child)
		grant_until_killed(place, ends[1], round * GRANTS);
	close(ends[1]);
	/* From its first grant on, so that it is in the middle of the work. */
	if (read(ends[0], &numbers[n], sizeof(numbers[n])) ==
	    sizeof(numbers[n]))
		n++;
	usleep(after_us);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) || !WEXITSTATUS(status));
	n = read_all(ends[0], numbers, n);
	close(ends[0]);
	return n;
}

static void killed_in_the_middle(void **state)
{
	const char *text = getenv("SEED");
	unsigned int seed = text ? strtoul(text, NULL, 0) : 1;
	static uint64_t numbers[KILLS * GRANTS + 1];
	static struct known known;
	struct place *place = *state;
	unsigned int round, n = 0, i;
	struct desk desk;

	printf("SEED=%u\n", seed);
	for (round = 0; round < KILLS; round++) {
		n = one_kill(place, round, rand_r(&seed) % 20000, numbers, n);
		memset(&known, 0, sizeof(known));
		place_open(&desk, place);
		assert_int_equal(store_grants(desk.store, 0, 0, note, &known), 0);
		desk_close(&desk);
		for (i = 0; i < n; i++)
			assert_true(known.there[numbers[i]]);
		/* No number twice: each round's are above what there was. */
		for (i = 1; i < n; i++)
			assert_true(numbers[i] > numbers[i - 1]);
	}
	printf("%u acknowledged, %u stored\n", n, known.n);
	assert_true(n >= KILLS);
	assert_true(known.n >= n);
}

/* One that another version made lacks tables of this one's. */
static void tables_of_before(void **state)
{
	struct place *place = *state;
	struct dc_node_id id;
	struct desk desk;

	place_open(&desk, place);
	assert_int_equal(sqlite3_exec(desk.store->db, "DROP TABLE asked;"
				      "PRAGMA user_version = 1", NULL, NULL,
				      NULL), SQLITE_OK);
	c3_node(&id, "sg1");
	assert_int_equal(store_put_asked(desk.store, &id, 1, 1), -EIO);
	assert_non_null(strstr(store_why(desk.store), "asked"));
	desk_close(&desk);
	place_open(&desk, place);
	assert_int_equal(store_put_asked(desk.store, &id, 1, 1), 0);
	desk_close(&desk);
}

/* Who watches a store is told of what others committed, when it is there. */
static void watched(void **state)
{
	struct place *place = *state;
	struct desk one, other;
	int fd;

	place_open(&one, place);
	place_open(&other, place);
	fd = store_watch(one.config.state);
	assert_true(fd >= 0);
	assert_false(store_watched(fd));
	assert_int_equal(store_begin(other.store), 0);
	assert_false(store_watched(fd));
	assert_int_equal(store_commit(other.store, "something"), 0);
	assert_true(store_watched(fd));
	assert_int_equal(desk_sync(&one), 1);
	assert_false(store_watched(fd));
	close(fd);
	desk_close(&one);
	desk_close(&other);
	assert_true(store_watch("/nowhere") < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE_TEST(restart_keeps_numbers),
		PLACE_TEST(revocations_are_numbered),
		PLACE_TEST(two_at_one_store),
		PLACE_TEST(watched),
		PLACE_TEST(tables_of_before),
		PLACE_TEST(pruned),
		PLACE_TEST(many_revoked),
		PLACE_TEST(old_policy),
		PLACE_TEST(policy_read),
		PLACE_TEST(sync_by_what_is_new),
		PLACE_TEST(revocation_not_stored),
		PLACE_TEST(revocations_bounded),
		PLACE_TEST(killed_in_the_middle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
