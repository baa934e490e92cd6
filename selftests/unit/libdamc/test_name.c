// SPDX-License-Identifier: GPL-2.0
/*
 * Names: the published vectors, and random texts and wire forms against a
 * second, slow reader and writer that share nothing with name.c.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "damc.h"

#define ROUNDS 100000

/* ---- vectors ---- */

static size_t from_hex(uint8_t *out, const char *hex)
{
	size_t n = 0;

	if (!strcmp(hex, "-"))
		return 0;
	for (; *hex; hex += 2) {
		unsigned int byte;

		assert_int_equal(sscanf(hex, "%2x", &byte), 1);
		out[n++] = byte;
	}
	return n;
}

static void check_ok(const char *text, const char *hex, const char *one_text)
{
	char buf[DAMC_NAME_TEXT_MAX];
	struct damc_name name, again;
	uint8_t wire[256];
	size_t len = from_hex(wire, hex);

	assert_int_equal(damc_name_parse(&name, text, NULL), 0);
	assert_int_equal(name.len, len);
	assert_memory_equal(name.wire, wire, len);
	assert_int_equal(damc_name_format(&name, buf, sizeof(buf)),
			 strlen(one_text));
	assert_string_equal(buf, one_text);
	assert_int_equal(damc_name_from_wire(&again, wire, len), 0);
	assert_true(damc_name_equal(&name, &again));
	/* Exactly enough room, and one byte less. */
	assert_int_equal(damc_name_format(&name, buf, strlen(one_text) + 1),
			 strlen(one_text));
	assert_int_equal(damc_name_format(&name, buf, strlen(one_text)),
			 -ENOSPC);
}

static void check_bad(const char *text, const char *err, const char *reason)
{
	int expected = strcmp(err, "EINVAL") ? -ENAMETOOLONG : -EINVAL;
	struct damc_name name = { .len = 77 };
	const char *why = NULL;

	assert_int_equal(damc_name_parse(&name, text, &why), expected);
	assert_string_equal(why, reason);
	assert_int_equal(name.len, 77);
}

static void check_wire(const char *hex)
{
	char buf[DAMC_NAME_TEXT_MAX];
	struct damc_name name = { 0 };
	uint8_t wire[256];
	size_t len = from_hex(wire, hex);

	assert_int_equal(damc_name_from_wire(&name, wire, len), -EINVAL);
	if (len > DAMC_NAME_MAX)
		return;
	name.len = len;
	memcpy(name.wire, wire, len);
	assert_int_equal(damc_name_format(&name, buf, sizeof(buf)), -EINVAL);
}

static void test_vectors(void **state)
{
	FILE *file = fopen(VECTORS "/names.txt", "r");
	char line[2048];
	int n = 0;

	(void)state;
	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		char *rest = line, *f[4] = { 0 };
		int i;

		line[strcspn(line, "\n")] = '\0';
		if (*line == '#')
			continue;
		for (i = 0; i < 4; i++)
			f[i] = strsep(&rest, "\t");
		if (!strcmp(f[0], "ok"))
			check_ok(f[1], f[2], f[3]);
		else if (!strcmp(f[0], "bad"))
			check_bad(f[1], f[2], f[3]);
		else if (!strcmp(f[0], "wire"))
			check_wire(f[1]);
		else
			fail_msg("what is this: %s", f[0]);
		n++;
	}
	fclose(file);
	print_message("# %d vectors\n", n);
	assert_true(n >= 60);
}

/* ---- the naive twin ---- */

/* Wire length, or -1: no reasons, only whether. */
static int naive_parse(uint8_t *wire, const char *text)
{
	char copy[1024], *rest = copy, *part;
	int len = 0, depth = 0;

	if (text[0] != '/')
		return -1;
	if (!strcmp(text, "/"))
		return 0;
	snprintf(copy, sizeof(copy), "%s", text + 1);
	while ((part = strsep(&rest, "/"))) {
		int start = len++;
		char *p = part;

		if (!*part || !strcmp(part, ".") || !strcmp(part, ".."))
			return -1;
		while (*p) {
			char hex[3] = { 0 };

			if (*p == '%') {
				if (!isxdigit((unsigned char)p[1]) ||
				    !isxdigit((unsigned char)p[2]))
					return -1;
				memcpy(hex, p + 1, 2);
				wire[len++] = strtoul(hex, NULL, 16);
				p += 3;
			} else if (isalnum((unsigned char)*p) ||
				   *p == '-' || *p == '.' || *p == '_' ||
				   *p == '~') {
				wire[len++] = *p++;
			} else {
				return -1;
			}
		}
		if (len - start > 256)
			return -1;
		wire[start] = len - start - 1;
		depth++;
	}
	return len > 112 || depth > 32 ? -1 : len;
}

static void naive_format(char *out, const struct damc_name *name)
{
	int i = 0, j;

	*out = '\0';
	if (!name->len)
		strcpy(out, "/");
	while (i < name->len) {
		const uint8_t *c = &name->wire[i + 1];
		int n = name->wire[i];
		int dots = (n == 1 && c[0] == '.') ||
			   (n == 2 && c[0] == '.' && c[1] == '.');

		out += sprintf(out, "/");
		for (j = 0; j < n; j++)
			if (!dots && (isalnum(c[j]) || c[j] == '-' ||
				      c[j] == '.' || c[j] == '_' ||
				      c[j] == '~'))
				out += sprintf(out, "%c", c[j]);
			else
				out += sprintf(out, "%%%02X", c[j]);
		i += 1 + n;
	}
}

static void test_random_wire(void **state)
{
	unsigned int valid = 0;
	int i, j;

	(void)state;
	for (i = 0; i < ROUNDS; i++) {
		char text[DAMC_NAME_TEXT_MAX], naive[DAMC_NAME_TEXT_MAX];
		struct damc_name name, again;
		uint8_t wire[DAMC_NAME_MAX];
		int len = check_below(sizeof(wire) + 1);
		int limit = 1 + check_below(sizeof(wire));
		int pos = 0;

		/* Well formed more often than not. */
		while (pos < len) {
			int n = 1 + check_below(limit);

			if (n > len - pos - 1)
				n = len - pos - 1;
			wire[pos] = n;
			for (j = 1; j <= n; j++)
				wire[pos + j] = check_below(3) ?
					(uint8_t)"ab.%/~"[check_below(6)] :
					check_below(256);
			pos += 1 + n;
		}
		if (len && !check_below(8))
			wire[check_below(len)] = check_random();
		if (damc_name_from_wire(&name, wire, len))
			continue;
		valid++;
		naive_format(naive, &name);
		assert_int_equal(damc_name_format(&name, text, sizeof(text)),
				 strlen(naive));
		assert_string_equal(text, naive);
		assert_int_equal(damc_name_parse(&again, text, NULL), 0);
		assert_true(damc_name_equal(&name, &again));
	}
	print_message("# %u of %d random wire forms were names\n", valid,
		      ROUNDS);
	assert_true(valid > ROUNDS / 4);
}

static void test_random_text(void **state)
{
	static const char *const bits[] = {
		"/", "/", "a", "Z9", ".", "..", "%", "%41", "%2e", "%2F", "%f",
		"~", "-", " ", "?", "xxxxxxxxxxxxxxxxxxxx", "/b", "/.", "%00",
	};
	unsigned int valid = 0;
	int i;

	(void)state;
	for (i = 0; i < ROUNDS; i++) {
		int n = check_below(check_below(8) ? 6 : 50);
		uint8_t wire[2048];
		struct damc_name name;
		char text[1024] = "";
		const char *why;
		int len, err;

		if (check_below(8))
			strcat(text, "/");
		while (n--)
			strcat(text, bits[check_below(ARRAY_SIZE(bits))]);
		len = naive_parse(wire, text);
		why = NULL;
		err = damc_name_parse(&name, text, &why);
		if (len < 0) {
			assert_true(err == -EINVAL || err == -ENAMETOOLONG);
			assert_non_null(why);
			continue;
		}
		valid++;
		assert_int_equal(err, 0);
		assert_int_equal(name.len, len);
		assert_memory_equal(name.wire, wire, len);
	}
	print_message("# %u of %d random texts were names\n", valid, ROUNDS);
	assert_true(valid > ROUNDS / 20);
}

/* ---- the rest ---- */

static struct damc_name name_of(const char *text)
{
	struct damc_name name;

	assert_int_equal(damc_name_parse(&name, text, NULL), 0);
	return name;
}

static void test_below(void **state)
{
	static const struct {
		const char *name, *prefix;
		bool below;
	} rows[] = {
		{ "/b/4", "/b", true }, { "/b", "/b", true },
		{ "/b", "/b/4", false }, { "/bb", "/b", false },
		{ "/b/44", "/b/4", false }, { "/b", "/", true },
		{ "/", "/", true }, { "/", "/b", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct damc_name name = name_of(rows[i].name);
		struct damc_name prefix = name_of(rows[i].prefix);

		assert_int_equal(damc_name_below(&name, &prefix),
				 rows[i].below);
	}
}

static void test_append(void **state)
{
	struct damc_name name = name_of("/b");
	uint8_t bytes[DAMC_NAME_MAX] = { 0 };
	int i;

	(void)state;
	assert_int_equal(damc_name_append(&name, "4", 1), 0);
	assert_true(damc_name_equal(&name, &(struct damc_name){
		.len = 4, .wire = { 1, 'b', 1, '4' } }));
	assert_int_equal(damc_name_append(&name, "", 0), -EINVAL);
	assert_int_equal(damc_name_append(&name, bytes, 108), -ENAMETOOLONG);
	assert_int_equal(name.len, 4);
	assert_int_equal(damc_name_append(&name, bytes, 107), 0);
	assert_int_equal(name.len, DAMC_NAME_MAX);
	assert_int_equal(damc_name_append(&name, "x", 1), -ENAMETOOLONG);
	assert_int_equal(damc_name_append(&name, bytes, SIZE_MAX),
			 -ENAMETOOLONG);
	name.len = 0;
	for (i = 0; i < DAMC_COMPONENTS_MAX; i++)
		assert_int_equal(damc_name_append(&name, "x", 1), 0);
	assert_int_equal(damc_name_append(&name, "x", 1), -ENAMETOOLONG);
}

static void test_sockaddr(void **state)
{
	struct damc_name name = name_of("/b/4"), again;
	struct sockaddr_damc sa;
	socklen_t len = damc_sockaddr(&sa, &name);

	(void)state;
	assert_int_equal(len, DAMC_SOCKADDR_MIN + 4);
	assert_int_equal(damc_sockaddr_name(&again, &sa, len), 0);
	assert_true(damc_name_equal(&name, &again));
	assert_int_equal(damc_sockaddr_name(&again, &sa, len - 1), -EINVAL);
	assert_int_equal(damc_sockaddr_name(&again, &sa, 15), -EINVAL);
	assert_int_equal(damc_sockaddr_name(&again, &sa, 0), -EINVAL);
	sa.sdamc_nlen = 3;
	assert_int_equal(damc_sockaddr_name(&again, &sa, len), -EINVAL);
	sa.sdamc_nlen = 255;
	assert_int_equal(damc_sockaddr_name(&again, &sa, sizeof(sa)), -EINVAL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_random_wire),
		cmocka_unit_test(test_random_text),
		cmocka_unit_test(test_below),
		cmocka_unit_test(test_append),
		cmocka_unit_test(test_sockaddr),
	};

	check_seed();
	return cmocka_run_group_tests_name("name", tests, NULL, NULL);
}
