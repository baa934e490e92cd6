// SPDX-License-Identifier: GPL-2.0
/* The audit log: changed, cut off, unfinished, and who has it open meanwhile. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "audit.h"
#include "place.h"

static void audit_path(const struct place *place, char path[128])
{
	snprintf(path, 128, "%s/state/audit.log", place->dir);
}

/* The whole of it, from its beginning: how long it is. */
static uint64_t whole(const struct place *place, struct audit_head *have)
{
	char path[128], why[DC_WHY_MAX];
	uint64_t end;

	audit_path(place, path);
	assert_int_equal(audit_walk(path, NULL, NULL, NULL, have, &end, why),
			 0);
	return end;
}

static void some_lines(const struct place *place)
{
	struct dc_c3_answer answer;
	struct desk desk;
	unsigned int i;

	place_open(&desk, place);
	for (i = 0; i < 3; i++)
		assert_int_equal(place_ask(place, &desk, i, &answer), 0);
	desk_close(&desk);
}

static int reopen(const struct place *place)
{
	struct desk desk;
	int err = desk_open(&desk, place->config);

	desk_close(&desk);
	return err;
}

/* Change a byte of the log, @at from its end. */
static void change(const char *path, long at)
{
	FILE *file = fopen(path, "r+e");
	int byte;

	assert_non_null(file);
	fseek(file, -at, SEEK_END);
	byte = fgetc(file);
	fseek(file, -at, SEEK_END);
	fputc(byte == 'x' ? 'y' : 'x', file);
	fclose(file);
}

static void log_changed(void **state)
{
	struct place *place = *state;
	char path[128];

	some_lines(place);
	audit_path(place, path);
	change(path, 400);
	assert_int_not_equal(reopen(place), 0);
}

static void log_cut_off(void **state)
{
	struct place *place = *state;
	struct audit_head have;
	char path[128], line[4096];
	FILE *file;

	some_lines(place);
	audit_path(place, path);
	whole(place, &have);
	assert_int_equal(have.lines, 4);
	file = fopen(path, "re");
	assert_non_null(file);
	assert_non_null(fgets(line, sizeof(line), file));
	fclose(file);
	assert_int_equal(truncate(path, strlen(line)), 0);
	/* What is left is a good chain; the store knows that it was longer. */
	whole(place, &have);
	assert_int_not_equal(reopen(place), 0);
}

/* More than is read at opening. */
static void many_lines(const struct place *place)
{
	static const char words[] = "note 0123456789 0123456789 0123456789";
	struct desk desk;
	unsigned int i;

	place_open(&desk, place);
	for (i = 0; i < 2 * AUDIT_TAIL / sizeof(words); i++)
		assert_int_equal(store_log(desk.store, words), 0);
	desk_close(&desk);
}

/* What is far from the end costs nothing at opening, and is found when all is read. */
static void log_long(void **state)
{
	struct place *place = *state;
	struct audit_head have;
	char path[128], why[DC_WHY_MAX];
	uint64_t end;

	many_lines(place);
	audit_path(place, path);
	end = whole(place, &have);
	assert_true(end > 2 * AUDIT_TAIL);
	assert_int_equal(reopen(place), 0);
	some_lines(place);
	change(path, end - 100);
	assert_int_equal(reopen(place), 0);
	assert_int_equal(audit_walk(path, NULL, NULL, NULL, &have, &end, why),
			 -EBADMSG);
	change(path, AUDIT_TAIL / 2);
	assert_int_not_equal(reopen(place), 0);
}

/* As who was ended between the log and the store leaves it: a line, and half a one. */
static void leave_unfinished(const struct place *place)
{
	struct audit_head have;
	char path[128];
	int fd;

	whole(place, &have);
	audit_path(place, path);
	fd = open(path, O_WRONLY | O_APPEND);
	assert_true(fd >= 0);
	assert_int_equal(audit_append(fd, &have, "grant 9 not kept", false), 0);
	assert_int_equal(write(fd, "0123", 4), 4);
	close(fd);
}

/* That is no harm: neither to who opens it then, nor to who has it open. */
static void unfinished(const struct place *place)
{
	struct audit_head have;
	struct desk desk;

	leave_unfinished(place);
	assert_int_equal(reopen(place), 0);
	place_open(&desk, place);
	leave_unfinished(place);
	assert_int_equal(store_log(desk.store, "note"), 0);
	assert_int_equal(store_log(desk.store, "note"), 0);
	desk_close(&desk);
	assert_int_equal(reopen(place), 0);
	whole(place, &have);
}

static void log_unfinished(void **state)
{
	some_lines(*state);
	unfinished(*state);
}

static void log_long_unfinished(void **state)
{
	struct place *place = *state;
	struct audit_head have;
	char path[128];

	many_lines(place);
	unfinished(place);
	/* Shorter than is known: no chain leads there. */
	audit_path(place, path);
	assert_int_equal(truncate(path, whole(place, &have) - 1), 0);
	assert_int_not_equal(reopen(place), 0);
}

/* Who has it open adds nothing to a log that is not the one it wrote. */
static void log_cut_off_while_open(void **state)
{
	struct place *place = *state;
	struct audit_head have;
	struct desk desk;
	char path[128];

	some_lines(place);
	place_open(&desk, place);
	audit_path(place, path);
	assert_int_equal(truncate(path, whole(place, &have) - 1), 0);
	assert_int_equal(store_log(desk.store, "note"), -EBADMSG);
	assert_non_null(strstr(store_why(desk.store), "the store knows of more"));
	desk_close(&desk);
}

static void add_bytes(const struct place *place, const void *bytes, size_t len)
{
	char path[128];
	int fd;

	audit_path(place, path);
	fd = open(path, O_WRONLY | O_APPEND);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

/* Zeros, as a machine that lost its power leaves them: half a line, or none. */
static void log_zeros(void **state)
{
	static const char zeros[64];
	struct place *place = *state;

	some_lines(place);
	add_bytes(place, zeros, sizeof(zeros));
	assert_int_equal(reopen(place), 0);
	add_bytes(place, zeros, sizeof(zeros));
	add_bytes(place, "\n", 1);
	assert_int_not_equal(reopen(place), 0);
}

/* Nothing hides behind a zero in a line. */
static void log_hidden(void **state)
{
	struct place *place = *state;
	struct audit_head have;
	char path[128];
	uint64_t end;

	some_lines(place);
	end = whole(place, &have);
	audit_path(place, path);
	assert_int_equal(truncate(path, end - 1), 0);
	add_bytes(place, "\0hidden\n", 8);
	assert_int_not_equal(reopen(place), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE_TEST(log_changed),
		PLACE_TEST(log_cut_off),
		PLACE_TEST(log_cut_off_while_open),
		PLACE_TEST(log_unfinished),
		PLACE_TEST(log_long),
		PLACE_TEST(log_long_unfinished),
		PLACE_TEST(log_zeros),
		PLACE_TEST(log_hidden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
