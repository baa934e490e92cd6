// SPDX-License-Identifier: GPL-2.0
/*
 * Objects: one encoding each, nothing else is read, and nothing that was changed
 * is believed.
 */
#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "check.h"
#include "object_text.h"
#include "samples.h"

static struct samples samples;

static int make_samples(void **state)
{
	(void)state;
	samples_make(&samples, &dc_stand_in);
	return 0;
}

static struct dc_object read_sample(int number)
{
	const struct lab_object *sample = &samples.object[number];
	struct dc_object object;

	assert_int_equal(dc_object_read(&object, sample->bytes, sample->len,
					NULL), 0);
	return object;
}

static void each_is_written_as_it_was_read(void **state)
{
	uint8_t bytes[DC_OBJECT_MAX], body[DC_OBJECT_MAX];
	int i, len;

	(void)state;
	for (i = 0; i < SAMPLES; i++) {
		struct dc_object object = read_sample(i);

		assert_int_equal(dc_body_check(&object), 0);
		len = object_body_again(&object, body);
		assert_int_equal(len, object.body_len);
		assert_memory_equal(body, object.body, object.body_len);
		object.body = body;
		len = dc_object_write(&object, bytes);
		assert_int_equal(len + DC_SIGNATURE_BYTES, object.len);
		assert_memory_equal(bytes, object.bytes, len);
	}
}

static void no_part_of_one_is_one(void **state)
{
	struct dc_object object;
	const char *why;
	uint8_t *part;
	size_t len;
	int i;

	(void)state;
	for (i = 0; i < SAMPLES; i++) {
		for (len = 0; len <= samples.object[i].len + 1; len++) {
			if (len == samples.object[i].len)
				continue;
			/* Exactly as long, for the sanitizer to see. */
			part = calloc(1, len + !len);
			assert_non_null(part);
			memcpy(part, samples.object[i].bytes,
			       len < samples.object[i].len ? len :
			       samples.object[i].len);
			why = NULL;
			assert_int_equal(dc_object_read(&object, part, len,
							&why), -EBADMSG);
			assert_non_null(why);
			free(part);
		}
	}
}

/* Bodies cut short with a frame that fits them. */
static void no_part_of_a_body_is_one(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < SAMPLE_CALL_RULE; i++) {
		struct dc_object object = read_sample(i);
		size_t whole = object.body_len;

		for (object.body_len = 0; object.body_len < whole;
		     object.body_len++) {
			uint8_t *part = malloc(object.body_len + 1);

			assert_non_null(part);
			memcpy(part, read_sample(i).body, object.body_len);
			object.body = part;
			assert_int_equal(dc_body_check(&object), -EBADMSG);
			free(part);
		}
	}
}

static void no_changed_one_is_believed(void **state)
{
	struct dc_trust *trust = samples_trust(&samples);
	struct dc_object object;
	int i, bit;
	size_t at;

	(void)state;
	for (i = 0; i < SAMPLES; i++) {
		struct lab_object sample = samples.object[i];

		for (at = 0; at < sample.len; at++) {
			bit = 1 << (at + i) % 8;
			sample.bytes[at] ^= bit;
			assert_int_not_equal(dc_trust_check(trust, sample.bytes,
							    sample.len, &object,
							    0), DC_VALID);
			sample.bytes[at] ^= bit;
		}
	}
	dc_trust_free(trust);
}

/* With the real signatures, where a change is found out by them alone. */
static void no_changed_signature_is_believed(void **state)
{
	static struct samples real;
	struct dc_trust *trust;
	struct dc_object object;
	struct lab_object *grant;
	size_t at;

	(void)state;
	samples_make(&real, &dc_ed25519);
	trust = samples_trust(&real);
	grant = &real.object[SAMPLE_GRANT_KEY];
	for (at = grant->len - DC_SIGNATURE_BYTES; at < grant->len; at++) {
		grant->bytes[at] ^= 1;
		assert_int_equal(dc_trust_check(trust, grant->bytes, grant->len,
						&object, 0), DC_FORGED);
		grant->bytes[at] ^= 1;
	}
	assert_int_equal(dc_trust_check(trust, grant->bytes, grant->len,
					&object, 0), DC_VALID);
	dc_trust_free(trust);
}

/* Whatever order they are given in. */
static void order_does_not_matter(void **state)
{
	struct dc_prefix_lsa lsa, back;
	struct dc_object object = read_sample(SAMPLE_PREFIX_LSA);
	uint8_t body[DC_OBJECT_MAX];
	uint32_t i;

	(void)state;
	assert_int_equal(dc_prefix_lsa_read(&lsa, &object), 0);
	back.n = lsa.n;
	for (i = 0; i < lsa.n; i++)
		back.prefix[i] = lsa.prefix[lsa.n - 1 - i];
	assert_int_equal(dc_prefix_lsa_write(&back, body, sizeof(body)),
			 object.body_len);
	assert_memory_equal(body, object.body, object.body_len);
	back.prefix[0] = back.prefix[1];
	assert_int_equal(dc_prefix_lsa_write(&back, body, sizeof(body)),
			 -EINVAL);
}

static void what_cannot_be_read_is_not_written(void **state)
{
	struct dc_link_lsa links = {
		.n = 1, .link = { { .peer = lab_id("a"), .cost = 1 } }
	};
	struct dc_prefix_lsa names = {
		.n = 1, .prefix = { lab_prefix("/a", DC_RIGHT_MEMBER, NULL) }
	};
	struct dc_cert cert = { .roles = 16 };
	struct dc_grant grant = { .rights = 8 };
	struct dc_tombstone stone = { DC_GRANT };
	struct dc_object object = { .type = DC_GRANT };
	uint8_t buf[DC_OBJECT_MAX] = { 0 }, whole[DC_OBJECT_MAX];

	(void)state;
	assert_int_equal(dc_cert_write(&cert, buf, sizeof(buf)), -EINVAL);
	cert.roles = 1;
	cert.n_subtrees = DC_SUBTREES_MAX + 1;
	assert_int_equal(dc_cert_write(&cert, buf, sizeof(buf)), -EINVAL);
	assert_int_equal(dc_grant_write(&grant, buf, sizeof(buf)), -EINVAL);
	assert_int_equal(dc_tombstone_write(&stone, buf, sizeof(buf)), -EINVAL);
	assert_int_equal(dc_prefix_lsa_write(&names, buf, sizeof(buf)),
			 -EINVAL);
	assert_true(dc_link_lsa_write(&links, buf, sizeof(buf)) > 0);
	assert_int_equal(dc_link_lsa_write(&links, buf, 10), -EMSGSIZE);
	links.link[0].cost = 0;
	assert_int_equal(dc_link_lsa_write(&links, buf, sizeof(buf)), -EINVAL);
	links.link[0].cost = 0x1000000;
	assert_int_equal(dc_link_lsa_write(&links, buf, sizeof(buf)), -EINVAL);
	assert_int_equal(dc_object_write(&object, buf), -EINVAL);
	object.not_after = 1;
	assert_int_equal(dc_object_write(&object, buf), DC_HEADER_BYTES);
	object.lifetime = 1;
	assert_int_equal(dc_object_write(&object, buf), -EINVAL);
	object.lifetime = 0;
	object.body = buf;
	object.body_len = DC_OBJECT_MAX - DC_HEADER_BYTES - DC_SIGNATURE_BYTES;
	assert_int_equal(dc_object_write(&object, whole),
			 DC_OBJECT_MAX - DC_SIGNATURE_BYTES);
	object.body_len++;
	assert_int_equal(dc_object_write(&object, whole),
			 -EMSGSIZE);
}

/* 64 instances of one service are one object. */
static void a_service_fits_into_an_object(void **state)
{
	struct dc_prefix_lsa lsa = { .n = DC_PREFIXES_MAX };
	struct lab_object grant = { .hash = { { 1 } } };
	uint8_t body[DC_OBJECT_MAX];
	char name[64];
	uint32_t i;

	(void)state;
	for (i = 0; i < lsa.n; i++) {
		snprintf(name, sizeof(name), "/shop/service-%03u/%u", 17,
			 100000 + 37 * i);
		lsa.prefix[i] = lab_prefix(name, DC_RIGHT_MEMBER, &grant);
	}
	assert_in_range(dc_prefix_lsa_write(&lsa, body, sizeof(body)), 1,
			DC_OBJECT_MAX - DC_HEADER_BYTES - DC_SIGNATURE_BYTES -
			DAMC_NAME_MAX);
}

static void versions_are_ordered(void **state)
{
	static const struct dc_seq rising[] = {
		{ 0, 0, 0 }, { 0, 0, 1 }, { 0, 0, UINT64_MAX }, { 0, 1, 0 },
		{ 0, UINT32_MAX, 5 }, { 1, 0, 0 }, { UINT32_MAX, 0, 0 },
	};
	int i, j;

	(void)state;
	for (i = 0; i < 7; i++)
		for (j = 0; j < 7; j++) {
			int diff = dc_seq_cmp(&rising[i], &rising[j]);

			assert_int_equal((diff > 0) - (diff < 0),
					 (i > j) - (i < j));
		}
}

static void nodes_have_names(void **state)
{
	static const char * const bad[] = {
		"/", "/damc/node", "/damc/node/a/b", "/damc/nodes/a",
		"/damc/spa/a", "/damc/node/0123456789abcdef0123456789abcdefx",
	};
	struct damc_name name = lab_name("/damc/node/n1");
	struct dc_node_id id, none = { 0 };
	size_t i;

	(void)state;
	assert_int_equal(dc_node_id_of(&id, &name), 0);
	assert_true(id.len == 2 && !memcmp(id.byte, "n1", 2));
	assert_int_equal(dc_node_name(&name, &id), 0);
	assert_int_equal(dc_node_name(&name, &none), -EINVAL);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		name = lab_name(bad[i]);
		assert_int_equal(dc_node_id_of(&id, &name), -EINVAL);
	}
}

static void neighbours_share_a_secret(void **state)
{
	uint8_t a[2][32], b[2][32], seed[32] = { 1 }, zero[32] = { 0 };
	uint8_t session[2][DC_SESSION_BYTES], mac[DC_MAC_BYTES];

	(void)state;
	dc_exchange_pair(a[0], a[1], seed);
	seed[0]++;
	dc_exchange_pair(b[0], b[1], seed);
	assert_true(dc_exchange(session[0], a[1], a[0], b[0]));
	assert_true(dc_exchange(session[1], b[1], b[0], a[0]));
	assert_memory_equal(session[0], session[1], DC_SESSION_BYTES);
	dc_mac(mac, "hello", 5, session[0]);
	assert_true(dc_mac_ok(mac, "hello", 5, session[1]));
	assert_false(dc_mac_ok(mac, "hallo", 5, session[1]));
	session[1][0] ^= 1;
	assert_false(dc_mac_ok(mac, "hello", 5, session[1]));
	assert_false(dc_exchange(session[0], a[1], a[0], zero));
}

/* ---- Documentation/vectors/objects.txt --------------------------------- */

/* The next field of a line, without its tab. */
static char *field(char **line)
{
	char *text = strsep(line, "\t\n");

	assert_non_null(text);
	return text;
}

static size_t from_hex(uint8_t *bytes, size_t size, const char *text)
{
	size_t len = 0;

	assert_int_equal(sodium_hex2bin(bytes, size, text, strlen(text), NULL,
					&len, NULL), 0);
	return len;
}

struct test_key {
	uint8_t key[DC_KEY_BYTES];
	uint8_t secret[DC_SECRET_BYTES];
};

static void check_key(struct test_key *test, char *line)
{
	uint8_t seed[32], key[DC_KEY_BYTES];
	struct dc_keyid id, expected;

	from_hex(seed, sizeof(seed), field(&line));
	from_hex(key, sizeof(key), field(&line));
	from_hex(expected.byte, sizeof(expected.byte), field(&line));
	dc_ed25519.keypair(test->key, test->secret, seed);
	assert_memory_equal(key, test->key, sizeof(key));
	dc_keyid_of(&id, key);
	assert_memory_equal(&id, &expected, sizeof(id));
}

static void check_ok(const struct test_key *test, char *line)
{
	uint8_t bytes[DC_OBJECT_MAX], again[DC_OBJECT_MAX], body[DC_OBJECT_MAX];
	static char text[OBJECT_TEXT_MAX];
	struct dc_hash hash, expected;
	struct dc_object object;
	size_t len;

	len = from_hex(bytes, sizeof(bytes), field(&line));
	assert_int_equal(dc_object_read(&object, bytes, len, NULL), 0);
	from_hex(expected.byte, sizeof(expected.byte), field(&line));
	dc_object_hash(&object, &hash);
	assert_memory_equal(&hash, &expected, sizeof(hash));
	assert_int_equal(object_text(&object, text), 0);
	assert_string_equal(text, field(&line));
	assert_true(dc_object_verify(&object, &dc_ed25519, test->key));
	object.body_len = object_body_again(&object, body);
	object.body = body;
	assert_int_equal(dc_object_sign(&object, &dc_ed25519, test->key,
					test->secret, again), len);
	assert_memory_equal(bytes, again, len);
}

static void check_bad(char *line)
{
	uint8_t bytes[2 * DC_OBJECT_MAX];
	struct dc_object object;
	size_t len = from_hex(bytes, sizeof(bytes), field(&line));

	if (!dc_object_read(&object, bytes, len, NULL) &&
	    !dc_body_check(&object))
		fail_msg("was read: %s", line);
}

static void vectors_are_as_told(void **state)
{
	FILE *file = fopen(VECTORS "/objects.txt", "r");
	struct test_key test = { 0 };
	char *line = NULL, *at, *kind;
	unsigned int n_ok = 0, n_bad = 0;
	size_t size = 0;

	(void)state;
	assert_non_null(file);
	while (getline(&line, &size, file) > 0) {
		if (*line == '#')
			continue;
		at = line;
		kind = field(&at);
		if (!strcmp(kind, "key")) {
			check_key(&test, at);
		} else if (!strcmp(kind, "ok")) {
			check_ok(&test, at);
			n_ok++;
		} else {
			assert_string_equal(kind, "bad");
			check_bad(at);
			n_bad++;
		}
	}
	free(line);
	fclose(file);
	assert_in_range(n_ok, SAMPLES, 1000);
	assert_in_range(n_bad, 20, 1000);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_written_as_it_was_read),
		cmocka_unit_test(no_part_of_one_is_one),
		cmocka_unit_test(no_part_of_a_body_is_one),
		cmocka_unit_test(no_changed_one_is_believed),
		cmocka_unit_test(no_changed_signature_is_believed),
		cmocka_unit_test(order_does_not_matter),
		cmocka_unit_test(what_cannot_be_read_is_not_written),
		cmocka_unit_test(a_service_fits_into_an_object),
		cmocka_unit_test(versions_are_ordered),
		cmocka_unit_test(nodes_have_names),
		cmocka_unit_test(neighbours_share_a_secret),
		cmocka_unit_test(vectors_are_as_told),
	};

	return cmocka_run_group_tests(tests, make_samples, NULL);
}
