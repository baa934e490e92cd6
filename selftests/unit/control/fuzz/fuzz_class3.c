// SPDX-License-Identifier: GPL-2.0
/*
 * Class 3's readers: whatever is read can be written again, and is the same but
 * for its signature: each message has one encoding.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "class3.h"

static const uint8_t secret[DC_SECRET_BYTES];

static void same(const uint8_t *a, int a_len, const uint8_t *b, size_t b_len,
		 size_t unsigned_len)
{
	if (a_len < 0 || (size_t)a_len != b_len || memcmp(a, b, unsigned_len))
		abort();
}

static void grants(const uint8_t *data, size_t size)
{
	static uint8_t buf[DC_C3_REQUEST_MAX];
	struct dc_c3_request request;
	struct dc_c3_answer answer;

	if (!dc_c3_request_read(&request, data, size))
		same(buf, dc_c3_request_write(&request, &dc_stand_in, secret,
					      buf, sizeof(buf)),
		     data, size, size - DC_SIGNATURE_BYTES);
	if (!dc_c3_answer_read(&answer, data, size))
		same(buf, dc_c3_answer_write(&answer, &dc_stand_in, secret,
					     buf, sizeof(buf)),
		     data, size, size - DC_SIGNATURE_BYTES);
}

static void small(const uint8_t *data, size_t size)
{
	static uint8_t buf[DC_C3_OBJECTS_ANSWER_MAX];
	struct dc_c3_nonce_request ask;
	struct dc_c3_nonce_answer give;
	struct dc_c3_objects_request want;
	struct dc_c3_objects objects;

	if (!dc_c3_nonce_request_read(&ask, data, size))
		same(buf, dc_c3_nonce_request_write(&ask, buf, sizeof(buf)),
		     data, size, size);
	if (!dc_c3_nonce_answer_read(&give, data, size))
		same(buf, dc_c3_nonce_answer_write(&give, buf, sizeof(buf)),
		     data, size, size);
	if (!dc_c3_objects_request_read(&want, data, size))
		same(buf, dc_c3_objects_request_write(&want, buf, sizeof(buf)),
		     data, size, size);
	if (!dc_c3_objects_read(&objects, data, size))
		same(buf, dc_c3_objects_write(&objects, buf, sizeof(buf)),
		     data, size, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t whole[4096] = { 1 };

	grants(data, size);
	small(data, size);
	/* Reach behind the first two bytes, and before a signature, at once. */
	if (size && size + 1 + DC_SIGNATURE_BYTES <= sizeof(whole)) {
		memcpy(whole + 1, data, size);
		small(whole, size + 1);
		grants(whole, size + 1 + DC_SIGNATURE_BYTES);
	}
	return 0;
}
