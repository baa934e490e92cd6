// SPDX-License-Identifier: GPL-2.0
/*
 * A node's directory: what is stored is loaded, and each thing that can be wrong
 * with it is told with the file's name.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "identity.h"
#include "lab.h"

static char dir[32];
static const char * const files[] = { "anchor.txt", "cert.damc", "key" };

static char *path_of(const char *file)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	return path;
}

static void put(const char *file, const void *bytes, size_t len, mode_t mode)
{
	FILE *to;

	unlink(path_of(file));
	to = fopen(path_of(file), "w");
	assert_non_null(to);
	assert_int_equal(fwrite(bytes, 1, len, to), len);
	assert_int_equal(fclose(to), 0);
	assert_int_equal(chmod(path_of(file), mode), 0);
}

static struct dc_identity make(struct lab *lab)
{
	struct dc_identity identity = { 0 };

	lab_init(lab, &dc_ed25519, 7);
	lab_enrol(lab, &identity, "n1", DC_ROLE_SG, "/shop");
	return identity;
}

static int empty(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++)
		unlink(path_of(files[i]));
	return 0;
}

/* It is refused, with @words in what is said about @file. */
static void refused(const char *file, int err, const char *words)
{
	struct dc_identity identity;
	char why[DC_WHY_MAX] = "";

	assert_int_equal(dc_identity_load(&identity, dir, why), err);
	if (!strstr(why, path_of(file)) || !strstr(why, words))
		fail_msg("\"%s\" does not tell of %s and \"%s\"", why, file,
			 words);
}

static void stored_is_loaded(void **state)
{
	struct dc_identity identity, loaded;
	char why[DC_WHY_MAX] = "";
	struct stat stat_of;
	struct lab lab;

	(void)state;
	identity = make(&lab);
	dc_key_new(identity.anchor[1], loaded.secret);
	assert_int_equal(dc_identity_store(&identity, dir, why), 0);
	assert_int_equal(dc_identity_load(&loaded, dir, why), 0);
	assert_memory_equal(&identity, &loaded, sizeof(identity));
	assert_int_equal(stat(path_of("key"), &stat_of), 0);
	assert_int_equal(stat_of.st_mode & 07777, 0600);
	/* Again, with the same key: no error. */
	assert_int_equal(dc_identity_store(&identity, dir, why), 0);
}

static void a_key_is_not_replaced(void **state)
{
	struct dc_identity identity, other;
	char why[DC_WHY_MAX] = "";
	struct lab lab;

	(void)state;
	identity = make(&lab);
	other = identity;
	lab_enrol(&lab, &other, "n1", DC_ROLE_SG, "");
	assert_int_equal(dc_identity_store(&identity, dir, why), 0);
	assert_int_equal(dc_identity_store(&other, dir, why), -EEXIST);
	assert_non_null(strstr(why, path_of("key")));
	assert_int_equal(dc_identity_load(&other, dir, why), 0);
	assert_memory_equal(&identity, &other, sizeof(identity));
}

static void what_is_missing_is_named(void **state)
{
	struct dc_identity identity;
	char why[DC_WHY_MAX];
	struct lab lab;
	size_t i;

	identity = make(&lab);
	for (i = 0; i < 3; i++) {
		empty(state);
		assert_int_equal(dc_identity_store(&identity, dir, why), 0);
		unlink(path_of(files[i]));
		refused(files[i], -ENOENT, "No such file");
	}
}

static void a_key_is_private(void **state)
{
	static const mode_t bad[] = { 0644, 0640, 0660, 0604, 0700, 0666 };
	struct dc_identity identity;
	char why[DC_WHY_MAX];
	struct lab lab;
	size_t i;

	(void)state;
	identity = make(&lab);
	assert_int_equal(dc_identity_store(&identity, dir, why), 0);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(chmod(path_of("key"), bad[i]), 0);
		refused("key", -EPERM, "0600");
	}
	assert_int_equal(chmod(path_of("key"), 0400), 0);
	assert_int_equal(dc_identity_load(&identity, dir, why), 0);
}

static void bad_text_is_told_with_its_line(void **state)
{
	static const struct {
		const char *text, *words;
	} bad[] = {
		{ "", "no domain" },
		{ "domain lab\n", "no anchor" },
		{ "# a lab\ndomain\n", "line 2 is not a word" },
		{ "domain ", "line 1 has a domain of no" },
		{ "domain lab\nanchor 00\n", "line 2 has no key" },
		{ "domain lab\nnext 12zz\n", "line 2 has no key" },
		{ "domain lab\nroot 00\n", "line 2 begins with none" },
		{ "domain 0123456789012345678901234567890123456789012345678901234567890123\n",
		  "more than 63" },
	};
	static char huge[5000];
	struct dc_identity identity;
	char why[DC_WHY_MAX];
	struct lab lab;
	size_t i;

	(void)state;
	identity = make(&lab);
	assert_int_equal(dc_identity_store(&identity, dir, why), 0);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		put("anchor.txt", bad[i].text, strlen(bad[i].text), 0644);
		refused("anchor.txt", -EINVAL, bad[i].words);
	}
	memset(huge, '\n', sizeof(huge));
	put("anchor.txt", huge, sizeof(huge), 0644);
	refused("anchor.txt", -EFBIG, "4096");
	put("anchor.txt", "\0domain x\n", 10, 0644);
	refused("anchor.txt", -EINVAL, "not text");
}

static void what_does_not_fit_is_told(void **state)
{
	struct dc_identity identity, other = { 0 };
	char why[DC_WHY_MAX];
	struct lab lab;

	(void)state;
	identity = make(&lab);
	assert_int_equal(dc_identity_store(&identity, dir, why), 0);
	lab_enrol(&lab, &other, "n2", DC_ROLE_SG, "");
	put("cert.damc", other.cert, other.cert_len, 0644);
	refused("cert.damc", -EINVAL, "another key");
	put("cert.damc", identity.cert, identity.cert_len - 1, 0644);
	refused("cert.damc", -EINVAL, "no object");
	put("cert.damc", identity.cert, identity.cert_len, 0644);
	other = identity;
	strcpy(other.domain, "elsewhere");
	assert_int_equal(dc_anchor_store(&other, path_of("anchor.txt"), why), 0);
	refused("cert.damc", -EINVAL, "another domain");
	other = identity;
	memset(other.anchor[0], 5, DC_KEY_BYTES);
	assert_int_equal(dc_anchor_store(&other, path_of("anchor.txt"), why), 0);
	refused("cert.damc", -EINVAL, "not signed by the anchor");
	put("key", "none\n", 5, 0600);
	refused("key", -EINVAL, "hexadecimal");
}

static void labs_of_one_domain_trust_each_other(void **state)
{
	struct dc_identity a, b, c;
	struct dc_node_id n1 = lab_id("n1"), n2 = lab_id("n2");
	struct dc_object object;
	struct dc_trust *trust;

	(void)state;
	assert_int_equal(dc_identity_lab(&a, "lab", &n1, DC_ROLE_SG,
					 &dc_ed25519, LAB_TIME_MS), 0);
	assert_int_equal(dc_identity_lab(&b, "lab", &n2, DC_ROLE_SPA,
					 &dc_ed25519, LAB_TIME_MS), 0);
	assert_int_equal(dc_identity_lab(&c, "bal", &n2, DC_ROLE_SPA,
					 &dc_ed25519, LAB_TIME_MS), 0);
	assert_int_equal(dc_identity_lab(&c, "", &n2, DC_ROLE_SPA,
					 &dc_ed25519, LAB_TIME_MS), -EINVAL);
	trust = dc_trust_new(&a, &dc_ed25519, 0, LAB_TIME_MS);
	assert_non_null(trust);
	assert_int_equal(dc_trust_check(trust, b.cert, b.cert_len, &object, 0),
			 DC_VALID);
	assert_int_equal(dc_trust_check(trust, c.cert, c.cert_len, &object, 0),
			 DC_FOREIGN);
	dc_trust_free(trust);
}

/* Of two certificates of one serial others keep one, by chance. */
static void a_lab_that_starts_twice_in_a_second_is_the_same(void **state)
{
	const uint64_t second = LAB_TIME_MS / 1000 * 1000;
	struct dc_identity a, b, later;
	struct dc_node_id id = lab_id("n1");
	struct dc_object first, next;

	(void)state;
	assert_int_equal(dc_identity_lab(&a, "lab", &id, DC_ROLE_SG,
					 &dc_ed25519, second), 0);
	assert_int_equal(dc_identity_lab(&b, "lab", &id, DC_ROLE_SG,
					 &dc_ed25519, second + 999), 0);
	assert_int_equal(a.cert_len, b.cert_len);
	assert_memory_equal(a.cert, b.cert, a.cert_len);
	assert_int_equal(dc_identity_lab(&later, "lab", &id, DC_ROLE_SR,
					 &dc_ed25519, second + 1000), 0);
	assert_int_equal(dc_object_read(&first, a.cert, a.cert_len, NULL), 0);
	assert_int_equal(dc_object_read(&next, later.cert, later.cert_len,
					NULL), 0);
	assert_true(next.seq.serial > first.seq.serial);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(stored_is_loaded, empty),
		cmocka_unit_test_setup(a_key_is_not_replaced, empty),
		cmocka_unit_test_setup(what_is_missing_is_named, empty),
		cmocka_unit_test_setup(a_key_is_private, empty),
		cmocka_unit_test_setup(bad_text_is_told_with_its_line, empty),
		cmocka_unit_test_setup(what_does_not_fit_is_told, empty),
		cmocka_unit_test_setup(labs_of_one_domain_trust_each_other,
				       empty),
		cmocka_unit_test(a_lab_that_starts_twice_in_a_second_is_the_same),
	};
	int failed;

	strcpy(dir, "/tmp/damc-identity-XXXXXX");
	if (!mkdtemp(dir))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	empty(NULL);
	rmdir(dir);
	return failed;
}
