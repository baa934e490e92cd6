// SPDX-License-Identifier: GPL-2.0
/* Class 3's codec, signatures, proofs and nonces. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "c3_lab.h"
#include "class3_nonce.h"

#define SECOND 1000000ull

static struct c3_key sg, pod_key;
static uint8_t cert[DC_OBJECT_MAX];

static void make_request(struct dc_c3_request *request)
{
	memset(request, 0, sizeof(*request));
	request->domain = 0x1122334455667788;
	c3_node(&request->gateway, "sg1");
	memset(&request->nonce, 7, sizeof(request->nonce));
	c3_name(&request->name, "/shop/cart/3");
	request->right = DC_RIGHT_MEMBER;
	request->lifetime = 3600;
	memset(&request->renews, 9, sizeof(request->renews));
	request->n_to = 2;
	c3_node(&request->to[0], "sg1");
	c3_node(&request->to[1], "sg2");
	request->cert = cert;
	request->cert_len = 300;
}

static void with_pod(struct dc_c3_request *request)
{
	c3_name(&request->subject.pod, "/pod/sg1/web");
	c3_fact(&request->subject, "uid=1000");
	c3_fact(&request->subject, "cgroup=/user.slice/a b");
}

static void with_key(struct dc_c3_request *request, bool bound)
{
	struct lab_holder holder;

	request->subject.has_key = true;
	memcpy(request->subject.key, pod_key.key, DC_KEY_BYTES);
	if (!bound) {
		memset(request->subject.proof, 5, DC_SIGNATURE_BYTES);
		return;
	}
	memcpy(holder.key, pod_key.key, sizeof(holder.key));
	memcpy(holder.secret, pod_key.secret, sizeof(holder.secret));
	c3_binding(&request->subject, &holder, "/shop/cart/3", DC_RIGHT_NAME,
		   "sg1", 5);
}

static int write_request(const struct dc_c3_request *request, uint8_t *buf)
{
	return dc_c3_request_write(request, &dc_ed25519, sg.secret, buf,
				   DC_C3_REQUEST_MAX);
}

static void assert_same_request(const struct dc_c3_request *a,
				const struct dc_c3_request *b)
{
	struct dc_c3_request x = *a, y = *b;

	assert_int_equal(x.cert_len, y.cert_len);
	assert_memory_equal(x.cert, y.cert, x.cert_len);
	x.cert = NULL;
	y.cert = NULL;
	assert_memory_equal(&x, &y, sizeof(x));
}

static void there_and_back(const struct dc_c3_request *request)
{
	uint8_t buf[DC_C3_REQUEST_MAX], again[DC_C3_REQUEST_MAX];
	struct dc_c3_request read;
	int len = write_request(request, buf);

	assert_true(len > 0);
	assert_int_equal(dc_c3_request_read(&read, buf, len), 0);
	assert_same_request(request, &read);
	assert_int_equal(write_request(&read, again), len);
	assert_memory_equal(buf, again, len);
}

static void request_there_and_back(void **state)
{
	struct dc_c3_request request;
	int kind;

	(void)state;
	for (kind = 0; kind < 3; kind++) {
		make_request(&request);
		if (kind)
			with_key(&request, kind == 2);
		else
			with_pod(&request);
		there_and_back(&request);
	}
}

/* Every cut is refused; so is one byte more. */
static void request_of_another_length(void **state)
{
	uint8_t buf[DC_C3_REQUEST_MAX + 1] = { 0 };
	struct dc_c3_request request;
	int len, cut;

	(void)state;
	make_request(&request);
	with_pod(&request);
	len = write_request(&request, buf);
	for (cut = 0; cut < len; cut++)
		assert_int_equal(dc_c3_request_read(&request, buf, cut),
				 -EBADMSG);
	assert_int_equal(dc_c3_request_read(&request, buf, len + 1), -EBADMSG);
}

/* The largest there is fits, and all of it is there when it is read. */
static void request_at_its_caps(void **state)
{
	struct dc_c3_request request;
	char text[DC_NODE_ID_MAX + 1];
	uint32_t i;

	(void)state;
	make_request(&request);
	request.cert_len = DC_OBJECT_MAX;
	request.n_to = DC_GATEWAYS_MAX;
	for (i = 0; i < DC_GATEWAYS_MAX; i++) {
		snprintf(text, sizeof(text), "%032u", i);
		c3_node(&request.to[i], text);
	}
	request.subject.n_facts = DC_C3_FACTS_MAX;
	for (i = 0; i < DC_C3_FACTS_MAX; i++) {
		memset(request.subject.fact[i].text, 'x', DC_C3_FACT_MAX);
		request.subject.fact[i].text[1] = '=';
		request.subject.fact[i].len = DC_C3_FACT_MAX;
	}
	for (i = 0; i < 3; i++) {
		damc_name_append(&request.name, text, DC_NODE_ID_MAX - 1);
		damc_name_append(&request.subject.pod, text, DC_NODE_ID_MAX);
	}
	there_and_back(&request);
}

static void refuse(struct dc_c3_request *request)
{
	uint8_t buf[DC_C3_REQUEST_MAX];
	int len = write_request(request, buf);

	assert_true(len > 0);
	assert_int_equal(dc_c3_request_read(request, buf, len), -EBADMSG);
}

/* What a gateway tells, an SPA can read; what cannot be told is left out. */
static void facts_that_can_be_told(void **state)
{
	struct dc_c3_request request, back;
	char text[DC_C3_FACT_MAX + 1] = "";
	uint8_t buf[DC_C3_REQUEST_MAX];
	int len;

	(void)state;
	make_request(&request);
	c3_name(&request.subject.pod, "/pod/sg1/web");
	assert_true(dc_c3_fact_add(&request.subject, "interface", "eth0"));
	assert_false(dc_c3_fact_add(&request.subject, "interface", "\xc3\xa9t0"));
	assert_false(dc_c3_fact_add(&request.subject, "interface", "a\001"));
	memset(text, 'x', DC_C3_FACT_MAX - strlen("key="));
	assert_true(dc_c3_fact_add(&request.subject, "key", text));
	strcat(text, "x");
	assert_false(dc_c3_fact_add(&request.subject, "key", text));
	assert_int_equal(request.subject.n_facts, 2);
	while (request.subject.n_facts < DC_C3_FACTS_MAX)
		assert_true(dc_c3_fact_add(&request.subject, "a", ""));
	assert_false(dc_c3_fact_add(&request.subject, "a", ""));
	len = write_request(&request, buf);
	assert_int_equal(dc_c3_request_read(&back, buf, len), 0);
	assert_int_equal(back.subject.n_facts, DC_C3_FACTS_MAX);
}

static void request_of_nonsense(void **state)
{
	static const char * const facts[] = {
		"", "=", "uid", "=1", "UID=1", "a=\n", "a=\x7f"
	};
	struct dc_c3_request request;
	size_t i;

	(void)state;
	make_request(&request);
	request.right = 0;
	refuse(&request);
	make_request(&request);
	request.right = 8;
	refuse(&request);
	make_request(&request);
	request.to[1] = request.to[0];
	refuse(&request);
	for (i = 0; i < ARRAY_SIZE(facts); i++) {
		make_request(&request);
		c3_fact(&request.subject, facts[i]);
		refuse(&request);
	}
}

/* A signature covers every byte, and is good for a request only. */
static void request_signed(void **state)
{
	uint8_t buf[DC_C3_REQUEST_MAX];
	struct dc_c3_request request;
	struct c3_key other;
	int len, at;

	(void)state;
	make_request(&request);
	with_key(&request, false);
	len = write_request(&request, buf);
	assert_true(dc_c3_request_signed(buf, len, &dc_ed25519, sg.key));
	assert_false(dc_c3_answer_signed(buf, len, &dc_ed25519, sg.key));
	c3_key_make(&other, 9);
	assert_false(dc_c3_request_signed(buf, len, &dc_ed25519, other.key));
	for (at = 0; at < len; at += 7) {
		buf[at] ^= 1;
		assert_false(dc_c3_request_signed(buf, len, &dc_ed25519,
						  sg.key));
		buf[at] ^= 1;
	}
}

static void make_answer(struct dc_c3_answer *answer, enum dc_c3_code code)
{
	memset(answer, 0, sizeof(*answer));
	answer->code = code;
	c3_node(&answer->spa, "spa1");
	memset(&answer->nonce, 1, sizeof(answer->nonce));
	memset(&answer->next, 2, sizeof(answer->next));
	answer->cert = cert;
	answer->cert_len = DC_OBJECT_MAX;
	if (code == DC_C3_GRANTED) {
		answer->grant = cert;
		answer->grant_len = DC_OBJECT_MAX;
	} else {
		answer->retry_ms = 250;
		answer->words_len = DC_C3_WORDS_MAX;
		memset(answer->words, 'w', DC_C3_WORDS_MAX);
	}
}

static int write_answer(const struct dc_c3_answer *answer, uint8_t *buf)
{
	return dc_c3_answer_write(answer, &dc_ed25519, sg.secret, buf,
				  DC_C3_ANSWER_MAX);
}

static void answer_there_and_back(void **state)
{
	uint8_t buf[DC_C3_ANSWER_MAX], again[DC_C3_ANSWER_MAX];
	struct dc_c3_answer answer, read;
	int code, len, cut;

	(void)state;
	for (code = 0; code < DC_C3_CODES; code++) {
		make_answer(&answer, code);
		len = write_answer(&answer, buf);
		assert_true(len > 0);
		assert_int_equal(dc_c3_answer_read(&read, buf, len), 0);
		assert_int_equal(read.code, code);
		assert_memory_equal(read.words, answer.words, DC_C3_WORDS_MAX);
		assert_int_equal(write_answer(&read, again), len);
		assert_memory_equal(buf, again, len);
		assert_true(dc_c3_answer_signed(buf, len, &dc_ed25519,
						sg.key));
		for (cut = 0; cut < len; cut += 5)
			assert_int_equal(dc_c3_answer_read(&read, buf, cut),
					 -EBADMSG);
	}
}

/* Yes without a grant, no with one, a code that is none, words that are none. */
static void answer_of_nonsense(void **state)
{
	uint8_t buf[DC_C3_ANSWER_MAX];
	struct dc_c3_answer answer, read;
	int len;

	(void)state;
	make_answer(&answer, DC_C3_GRANTED);
	answer.grant_len = 0;
	len = write_answer(&answer, buf);
	assert_int_equal(dc_c3_answer_read(&read, buf, len), -EBADMSG);
	make_answer(&answer, DC_C3_TAKEN);
	answer.grant = cert;
	answer.grant_len = 5;
	len = write_answer(&answer, buf);
	assert_int_equal(dc_c3_answer_read(&read, buf, len), -EBADMSG);
	make_answer(&answer, DC_C3_CODES);
	len = write_answer(&answer, buf);
	assert_int_equal(dc_c3_answer_read(&read, buf, len), -EBADMSG);
	make_answer(&answer, DC_C3_CAP);
	answer.words[3] = '\x1b';
	len = write_answer(&answer, buf);
	assert_int_equal(dc_c3_answer_read(&read, buf, len), -EBADMSG);
}

static void small_there_and_back(void **state)
{
	struct dc_c3_nonce_request ask = { .count = DC_C3_NONCES_MAX }, asked;
	struct dc_c3_nonce_answer give = { .lifetime_ms = 5, .n = 16 }, given;
	struct dc_c3_objects_request want = { .revocation = 1, .rule = 2 };
	struct dc_c3_objects_request wanted;
	uint8_t buf[DC_C3_NONCES_ANSWER_MAX];
	int len;

	(void)state;
	c3_node(&ask.gateway, "sg1");
	len = dc_c3_nonce_request_write(&ask, buf, sizeof(buf));
	assert_int_equal(dc_c3_nonce_request_read(&asked, buf, len), 0);
	assert_memory_equal(&ask, &asked, sizeof(ask));
	buf[len - 1] = DC_C3_NONCES_MAX + 1;
	assert_int_equal(dc_c3_nonce_request_read(&asked, buf, len), -EBADMSG);

	c3_node(&give.spa, "spa1");
	memset(give.nonce, 3, sizeof(give.nonce));
	len = dc_c3_nonce_answer_write(&give, buf, sizeof(buf));
	assert_int_equal(dc_c3_nonce_answer_read(&given, buf, len), 0);
	assert_memory_equal(&give, &given, sizeof(give));
	assert_int_equal(dc_c3_nonce_answer_read(&given, buf, len - 1),
			 -EBADMSG);

	c3_node(&want.node, "sg1");
	len = dc_c3_objects_request_write(&want, buf, sizeof(buf));
	assert_int_equal(dc_c3_objects_request_read(&wanted, buf, len), 0);
	assert_memory_equal(&want, &wanted, sizeof(want));
}

static void objects_there_and_back(void **state)
{
	static uint8_t buf[DC_C3_OBJECTS_ANSWER_MAX];
	struct dc_c3_objects objects = { .more = true, .n = DC_C3_OBJECTS_MAX };
	struct dc_c3_objects read;
	uint32_t i;
	int len;

	(void)state;
	for (i = 0; i < objects.n; i++) {
		objects.object[i].bytes = cert;
		objects.object[i].len = DC_OBJECT_MAX;
	}
	len = dc_c3_objects_write(&objects, buf, sizeof(buf));
	assert_true(len > 0);
	assert_int_equal(dc_c3_objects_read(&read, buf, len), 0);
	assert_true(read.more);
	assert_int_equal(read.n, DC_C3_OBJECTS_MAX);
	assert_memory_equal(read.object[15].bytes, cert, DC_OBJECT_MAX);
	assert_int_equal(dc_c3_objects_read(&read, buf, len - 1), -EBADMSG);
	assert_int_equal(dc_c3_objects_write(&objects, buf, len - 1),
			 -EMSGSIZE);
}

/* Each thing that a proof is for makes another one of it. */
static void proof_says_what_for(void **state)
{
	uint8_t first[DC_C3_PROOF_MAX], other[DC_C3_PROOF_MAX];
	struct dc_c3_nonce nonce = { .byte = { 1 } }, nonce2 = { .byte = { 2 } };
	struct dc_node_id a, b;
	struct damc_name x, y;
	size_t len;

	(void)state;
	c3_node(&a, "sg1");
	c3_node(&b, "sg2");
	c3_name(&x, "/a");
	c3_name(&y, "/b");
	len = dc_c3_proof_bytes(first, 1, &nonce, &a, &x, 1, sg.key);
	dc_c3_proof_bytes(other, 2, &nonce, &a, &x, 1, sg.key);
	assert_memory_not_equal(first, other, len);
	dc_c3_proof_bytes(other, 1, &nonce2, &a, &x, 1, sg.key);
	assert_memory_not_equal(first, other, len);
	dc_c3_proof_bytes(other, 1, &nonce, &b, &x, 1, sg.key);
	assert_memory_not_equal(first, other, len);
	dc_c3_proof_bytes(other, 1, &nonce, &a, &y, 1, sg.key);
	assert_memory_not_equal(first, other, len);
	dc_c3_proof_bytes(other, 1, &nonce, &a, &x, 2, sg.key);
	assert_memory_not_equal(first, other, len);
	dc_c3_proof_bytes(other, 1, &nonce, &a, &x, 1, pod_key.key);
	assert_memory_not_equal(first, other, len);
}

/* Good once, for one gateway, for a while, from one SPA. */
static void nonce_is_good_once(void **state)
{
	static const uint8_t secret[32] = { 1 }, secret2[32] = { 2 };
	struct dc_c3_nonces *nonces = dc_c3_nonces_new(secret);
	struct dc_c3_nonces *others = dc_c3_nonces_new(secret2);
	uint64_t end = SECOND + DC_C3_NONCE_LIFETIME_MS * 1000ull;
	struct dc_c3_nonce nonce, second, changed;
	struct dc_node_id a, b;

	(void)state;
	c3_node(&a, "sg1");
	c3_node(&b, "sg2");
	dc_c3_nonce_make(nonces, &nonce, &a, SECOND);
	dc_c3_nonce_make(nonces, &second, &a, SECOND);
	assert_memory_not_equal(&nonce, &second, sizeof(nonce));
	assert_true(dc_c3_nonce_fresh(nonces, &nonce, &a, SECOND));
	assert_true(dc_c3_nonce_fresh(nonces, &nonce, &a, end - 1));
	assert_false(dc_c3_nonce_fresh(nonces, &nonce, &a, end));
	assert_false(dc_c3_nonce_fresh(nonces, &nonce, &a, SECOND - 1));
	assert_false(dc_c3_nonce_fresh(nonces, &nonce, &b, SECOND));
	assert_false(dc_c3_nonce_fresh(others, &nonce, &a, SECOND));
	changed = nonce;
	changed.byte[7] ^= 1;
	assert_false(dc_c3_nonce_fresh(nonces, &changed, &a, SECOND));
	assert_int_equal(dc_c3_nonce_use(nonces, &nonce, SECOND), 0);
	assert_int_equal(dc_c3_nonce_use(nonces, &nonce, SECOND), -EEXIST);
	assert_int_equal(dc_c3_nonce_use(nonces, &nonce, end - 1), -EEXIST);
	assert_int_equal(dc_c3_nonce_use(nonces, &second, end - 1), 0);
	dc_c3_nonces_free(nonces);
	dc_c3_nonces_free(others);
}

/* None of many that are used over many lifetimes can be used again in time. */
static void nonces_used_are_remembered(void **state)
{
	static const uint8_t secret[32] = { 1 };
	struct dc_c3_nonces *nonces = dc_c3_nonces_new(secret);
	enum { MANY = 5000 };
	struct dc_c3_nonce *made = calloc(MANY, sizeof(*made));
	uint64_t now = 0, step = DC_C3_NONCE_LIFETIME_MS * 1000ull / 1000;
	struct dc_node_id a;
	int i, back;

	(void)state;
	assert_non_null(made);
	c3_node(&a, "sg1");
	for (i = 0; i < MANY; i++, now += step) {
		dc_c3_nonce_make(nonces, &made[i], &a, now);
		assert_int_equal(dc_c3_nonce_use(nonces, &made[i], now), 0);
		back = i > 900 ? i - rand() % 900 : i;
		assert_true(dc_c3_nonce_fresh(nonces, &made[back], &a, now));
		assert_int_equal(dc_c3_nonce_use(nonces, &made[back], now),
				 -EEXIST);
	}
	free(made);
	dc_c3_nonces_free(nonces);
}

/* Random bytes and random changes of good ones: read or refused, no more. */
static void mutated(void **state)
{
	uint8_t buf[DC_C3_REQUEST_MAX], changed[DC_C3_REQUEST_MAX];
	const char *text = getenv("SEED");
	unsigned int seed = text ? strtoul(text, NULL, 0) : 1;
	struct dc_c3_request request;
	int i, len, n, good = 0;

	(void)state;
	printf("SEED=%u\n", seed);
	make_request(&request);
	with_pod(&request);
	len = write_request(&request, buf);
	for (i = 0; i < 20000; i++) {
		memcpy(changed, buf, len);
		for (n = 1 + rand_r(&seed) % 3; n; n--)
			changed[rand_r(&seed) % len] = rand_r(&seed);
		if (memcmp(buf, changed, len) &&
		    dc_c3_request_signed(changed, len, &dc_stand_in, sg.key))
			fail();
		good += !dc_c3_request_read(&request, changed, len);
	}
	assert_true(good > 0);
}

static int setup(void **state)
{
	(void)state;
	c3_key_make(&sg, 1);
	c3_key_make(&pod_key, 2);
	memset(cert, 0xce, sizeof(cert));
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request_there_and_back),
		cmocka_unit_test(request_of_another_length),
		cmocka_unit_test(request_at_its_caps),
		cmocka_unit_test(facts_that_can_be_told),
		cmocka_unit_test(request_of_nonsense),
		cmocka_unit_test(request_signed),
		cmocka_unit_test(answer_there_and_back),
		cmocka_unit_test(answer_of_nonsense),
		cmocka_unit_test(small_there_and_back),
		cmocka_unit_test(objects_there_and_back),
		cmocka_unit_test(proof_says_what_for),
		cmocka_unit_test(nonce_is_good_once),
		cmocka_unit_test(nonces_used_are_remembered),
		cmocka_unit_test(mutated),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
