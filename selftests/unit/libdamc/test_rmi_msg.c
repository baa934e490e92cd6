// SPDX-License-Identifier: GPL-2.0
/*
 * RMI's codec: the published vectors, which were made by another program, and
 * every one of them mutated: whatever is still read is written as it was.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "rmi_msg.h"

#define MUTATIONS 3000
#define LINE 8192

static const char *const type_names[] = {
	"", "hello", "welcome", "request", "working", "reply", "reject", "done",
	"part", "ack", "pull"
};

static size_t from_hex(uint8_t *out, const char *hex)
{
	unsigned int byte;
	size_t n = 0;

	if (!strcmp(hex, "-"))
		return 0;
	for (; *hex; hex += 2) {
		assert_int_equal(sscanf(hex, "%2x", &byte), 1);
		out[n++] = byte;
	}
	return n;
}

static const char *to_hex(char *out, const uint8_t *bytes, size_t len)
{
	size_t i;

	strcpy(out, "-");
	for (i = 0; i < len; i++)
		sprintf(out + 2 * i, "%02x", bytes[i]);
	return out;
}

static void dump(char *out, const struct rmi_msg *m)
{
	char method[LINE], record[LINE], data[LINE];

	snprintf(out, LINE,
		 "type=%s flags=%02x tx=%u status=%u client=%016llx call=%llu incarnation=%016llx time=%llu oldest=%llu method=%.600s record=%.600s data=%.600s",
		 type_names[m->type], m->flags, m->tx, m->status,
		 (unsigned long long)m->client, (unsigned long long)m->call,
		 (unsigned long long)m->incarnation,
		 (unsigned long long)m->time, (unsigned long long)m->oldest,
		 to_hex(method, m->method, m->method_len),
		 to_hex(record, m->record, m->record_len),
		 to_hex(data, m->data, m->len));
	if (m->type == 8)
		sprintf(out + strlen(out), " whole=%u index=%u size=%u total=%u",
			m->part.whole, m->part.index, m->part.size,
			m->part.total);
	if (m->type == 9 || m->type == 10)
		sprintf(out + strlen(out), " bitmap=%016llx",
			(unsigned long long)m->bitmap);
}

/* In a block of exactly its size, so that the sanitizer sees each overrun. */
static int decode_exactly(struct rmi_msg *msg, uint8_t **copy,
			  const uint8_t *bytes, size_t len)
{
	*copy = malloc(len ? len : 1);
	assert_non_null(*copy);
	memcpy(*copy, bytes, len);
	return rmi_decode(msg, *copy, len);
}

static int round_trip(const uint8_t *bytes, size_t len)
{
	uint8_t *copy, *again;
	struct rmi_msg msg;
	int err;

	err = decode_exactly(&msg, &copy, bytes, len);
	if (!err) {
		again = malloc(len);
		assert_int_equal(rmi_encode(&msg, again, len), len);
		assert_memory_equal(again, bytes, len);
		assert_int_equal(rmi_encode(&msg, again, len - 1), -EMSGSIZE);
		free(again);
	}
	free(copy);
	return err;
}

static void check_ok(const uint8_t *bytes, size_t len, const char *fields)
{
	struct rmi_msg msg;
	char text[LINE];
	uint8_t *copy;

	assert_int_equal(decode_exactly(&msg, &copy, bytes, len), 0);
	dump(text, &msg);
	assert_string_equal(text, fields);
	free(copy);
	assert_int_equal(round_trip(bytes, len), 0);
}

static unsigned int mutate(const uint8_t *bytes, size_t len)
{
	unsigned int read = 0;
	uint8_t copy[LINE];
	int i, n;

	for (i = 0; i < MUTATIONS; i++) {
		size_t size = len;

		memcpy(copy, bytes, len);
		for (n = 1 + check_below(3); n && size; n--)
			copy[check_below(size)] = check_below(2) ?
				check_random() : 1u << check_below(8);
		if (!check_below(3))
			size = check_below(len + 1);
		else if (!check_below(8))
			copy[size++] = check_random();
		if (!round_trip(copy, size))
			read++;
	}
	return read;
}

static void each_vector(void (*each)(char **field, void *arg), void *arg)
{
	FILE *file = fopen(VECTORS "/rmi.txt", "r");
	char line[LINE], *rest, *field[3];
	int i;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		rest = line;
		line[strcspn(line, "\n")] = '\0';
		if (*line == '#')
			continue;
		for (i = 0; i < 3; i++)
			field[i] = strsep(&rest, "\t");
		each(field, arg);
	}
	fclose(file);
}

static void check_vector(char **field, void *arg)
{
	uint8_t bytes[LINE], *copy;
	size_t len = from_hex(bytes, field[1]);
	struct rmi_msg msg;

	++*(unsigned int *)arg;
	if (!strcmp(field[0], "ok")) {
		check_ok(bytes, len, field[2]);
		return;
	}
	if (!strcmp(field[0], "bad")) {
		if (round_trip(bytes, len) != -EBADMSG)
			fail_msg("read: %s", field[2]);
		return;
	}
	assert_string_equal(field[0], "version");
	assert_int_equal(decode_exactly(&msg, &copy, bytes, len),
			 -EPROTONOSUPPORT);
	assert_int_equal(msg.version, atoi(field[2]));
	assert_int_equal(msg.call, 2);
	free(copy);
}

static void test_vectors(void **state)
{
	unsigned int n = 0;

	(void)state;
	each_vector(check_vector, &n);
	print_message("# %u vectors\n", n);
	assert_true(n >= 60);
}

static void mutate_vector(char **field, void *arg)
{
	uint8_t bytes[LINE];
	size_t len = from_hex(bytes, field[1]);

	if (len)
		*(unsigned int *)arg += mutate(bytes, len);
}

static void test_mutations(void **state)
{
	unsigned int n = 0;

	(void)state;
	each_vector(mutate_vector, &n);
	print_message("# %u mutated messages were read and written back\n", n);
	assert_true(n > 1000);
}

static void test_size(void **state)
{
	static uint8_t buf[RMI_MESSAGE_MAX + 1], data[RMI_MESSAGE_MAX];
	struct rmi_msg msg = {
		.type = RMI_REPLY, .tx = 1, .client = 1, .call = 1,
		.incarnation = 1, .time = 1, .data = data,
		.len = RMI_MESSAGE_MAX - RMI_HEADER_SIZE,
	};

	(void)state;
	assert_int_equal(rmi_encode(&msg, buf, sizeof(buf)), RMI_MESSAGE_MAX);
	assert_int_equal(rmi_decode(&msg, buf, RMI_MESSAGE_MAX), 0);
	assert_int_equal(rmi_decode(&msg, buf, RMI_MESSAGE_MAX + 1), -EBADMSG);
	msg.type = RMI_REPLY;
	msg.data = data;
	msg.len = RMI_MESSAGE_MAX - RMI_HEADER_SIZE + 1;
	assert_int_equal(rmi_encode(&msg, buf, sizeof(buf)), -EMSGSIZE);
}

static void test_path(void **state)
{
	static const uint8_t two[] = {
		9, 3, 4, 3, 's', 'g', '1', 3, 2, 'r', '1', 0xee
	};
	struct damc_rmi_path path = { .hops = 99 };
	uint8_t bytes[255] = { 0 };
	size_t len;

	(void)state;
	assert_int_equal(rmi_path_decode(&path, two, sizeof(two)), 0);
	assert_int_equal(path.hops, 2);
	assert_int_equal(path.missed, 3);
	assert_int_equal(path.node[0].len, 4);
	assert_memory_equal(path.node[1].wire, "\2r1", 3);
	for (len = 0; len < 11; len++)
		assert_int_equal(rmi_path_decode(&path, two, len), -EBADMSG);
	bytes[0] = 1;
	bytes[2] = 1;
	assert_int_equal(rmi_path_decode(&path, bytes, 3), -EBADMSG);
	/* 126 nodes without a name: 24 are kept. */
	bytes[0] = 126;
	bytes[2] = 0;
	assert_int_equal(rmi_path_decode(&path, bytes, sizeof(bytes)), 0);
	assert_int_equal(path.hops, 24);
	assert_int_equal(path.missed, 102);
}

static void test_path_random(void **state)
{
	struct damc_rmi_path path;
	uint8_t *bytes;
	int i;

	(void)state;
	for (i = 0; i < 100000; i++) {
		size_t len = check_below(256), j;

		bytes = malloc(len ? len : 1);
		for (j = 0; j < len; j++)
			bytes[j] = check_below(5) ? check_below(4) :
						    check_random();
		rmi_path_decode(&path, bytes, len);
		free(bytes);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_mutations),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_path),
		cmocka_unit_test(test_path_random),
	};

	check_seed();
	return cmocka_run_group_tests_name("rmi_msg", tests, NULL, NULL);
}
