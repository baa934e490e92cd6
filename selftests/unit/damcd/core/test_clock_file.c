// SPDX-License-Identifier: GPL-2.0
/* Domain time over a restart, whatever the wall clock says by then. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "clock.h"
#include "clock_file.h"
#include "identity.h"

#define DAY_MS (24 * 3600 * 1000ull)
/* ms that a test may take between two looks at a clock. */
#define SLOW_MS 60000

static void setup(struct daemon *daemon)
{
	memset(daemon, 0, sizeof(*daemon));
	strcpy(daemon->config.state, "/tmp/damcd-time-XXXXXX");
	assert_non_null(mkdtemp(daemon->config.state));
}

static void path_of(const struct daemon *daemon, char path[64])
{
	snprintf(path, 64, "%.48s/time", daemon->config.state);
}

static void cleanup(const struct daemon *daemon)
{
	char path[64];

	path_of(daemon, path);
	unlink(path);
	rmdir(daemon->config.state);
}

/* Itself an SPA, so that it can tell itself the time. */
static struct dc_trust *make_trust(void)
{
	static const struct dc_node_id id = { 1, "n" };
	struct dc_identity identity;
	struct dc_trust *trust;

	assert_int_equal(dc_identity_lab(&identity, "test", &id,
					 DC_ROLE_SG | DC_ROLE_SPA, &dc_ed25519,
					 clock_wall_ms()), 0);
	trust = dc_trust_new(&identity, &dc_ed25519, clock_us(),
			     clock_wall_ms());
	assert_non_null(trust);
	return trust;
}

static void tell(struct dc_trust *trust, uint64_t time_ms)
{
	static const struct dc_node_id id = { 1, "n" };
	struct dc_beacon beacon = { .time = time_ms };
	struct dc_object object = {
		.type = DC_BEACON, .seq.counter = 1,
		.not_after = time_ms + DAY_MS,
	};
	uint8_t body[DC_OBJECT_MAX], bytes[DC_OBJECT_MAX];
	struct dc_object read;
	int len;

	assert_int_equal(dc_node_name(&object.subject, &id), 0);
	object.body = body;
	object.body_len = dc_beacon_write(&beacon, body, sizeof(body));
	len = dc_trust_sign(trust, &object, bytes);
	assert_true(len > 0);
	assert_int_equal(dc_trust_check(trust, bytes, len, &read, clock_us()),
			 DC_VALID);
}

static void without_a_file_it_is_the_wall_clock(void **state)
{
	struct dc_trust *trust = make_trust();
	struct daemon daemon;
	char path[64];

	(void)state;
	setup(&daemon);
	assert_in_range(clock_file_read(&daemon), clock_wall_ms() - SLOW_MS,
			clock_wall_ms() + SLOW_MS);
	/* Nobody told the time: nothing to write. */
	assert_int_equal(clock_file_write(&daemon, trust), 0);
	path_of(&daemon, path);
	assert_int_equal(access(path, F_OK), -1);
	dc_trust_free(trust);
	cleanup(&daemon);
}

static void in_one_boot_the_wall_clock_does_not_matter(void **state)
{
	static const int64_t off_ms[] = { -30 * DAY_MS, 30 * DAY_MS };
	struct dc_trust *trust;
	struct daemon daemon;
	uint64_t time_ms;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		setup(&daemon);
		trust = make_trust();
		time_ms = clock_wall_ms() + off_ms[i];
		tell(trust, time_ms);
		assert_int_equal(clock_file_write(&daemon, trust), 0);
		time_ms = dc_trust_time(trust, clock_us());
		/* Both are cut off to ms. */
		assert_in_range(clock_file_read(&daemon), time_ms - 1,
				time_ms + SLOW_MS);
		dc_trust_free(trust);
		cleanup(&daemon);
	}
}

static void put(const struct daemon *daemon, const char *text)
{
	char path[64];
	FILE *file;

	path_of(daemon, path);
	file = fopen(path, "we");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void after_another_boot_it_is_no_less(void **state)
{
	uint64_t ahead = clock_wall_ms() + DAY_MS;
	struct daemon daemon;
	char text[128];

	(void)state;
	setup(&daemon);
	snprintf(text, sizeof(text), "another-boot 0 %llu\n",
		 (unsigned long long)ahead);
	put(&daemon, text);
	assert_true(clock_file_read(&daemon) == ahead);
	put(&daemon, "another-boot 0 1000\n");
	assert_in_range(clock_file_read(&daemon), clock_wall_ms() - SLOW_MS,
			clock_wall_ms() + SLOW_MS);
	put(&daemon, "what is this\n");
	assert_in_range(clock_file_read(&daemon), clock_wall_ms() - SLOW_MS,
			clock_wall_ms() + SLOW_MS);
	cleanup(&daemon);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_file_it_is_the_wall_clock),
		cmocka_unit_test(in_one_boot_the_wall_clock_does_not_matter),
		cmocka_unit_test(after_another_boot_it_is_no_less),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
