// SPDX-License-Identifier: GPL-2.0
/*
 * What a pod may send to the gRPC port: frames after the preface, frames of a
 * call that has begun, or a call's message. The first byte says which, the second
 * which method, the third how it is cut to pieces. Whatever is kept is given back.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <nghttp2/nghttp2.h>

#include "array.h"
#include "grpc_h2.h"
#include "grpc_msg.h"

#define BUDGET 100000

static const char *const paths[] = { "/s/0", "/s/1", "/s/2", "/s/3", "/s/4", "/s/5" };

struct fuzz {
	struct h2_conn *conn;
	struct h2_budget budget;
	struct h2_call *open;
};

static const char *one(const struct damc_name *name, uint32_t lease_s, void *arg)
{
	(void)arg;
	return name->len > 4 || lease_s ? "not-yours" : NULL;
}

static bool renewal(struct h2_call *call, const void *bytes, size_t len,
		    struct class1_problem *problem)
{
	size_t n;
	void *reply;

	if (!grpc_read_renewal(one, NULL, bytes, len, &reply, &n, problem))
		return false;
	h2_call_send(call, reply, n);
	free(reply);
	return true;
}

static bool is_taken(struct h2_call *call, const void *bytes, size_t len,
		     struct class1_problem *problem)
{
	struct grpc_filter filter;
	struct dc_proof_claim claim;
	struct dc_reg_want want;
	struct damc_name name;

	switch (call->method) {
	case 0:
		return grpc_read_want(&want, bytes, len, problem);
	case 1:
		return grpc_read_withdrawal(&name, bytes, len, problem);
	case 2:
		return grpc_read_list(&filter, bytes, len, problem);
	case 3:
		return grpc_read_watch(&filter, bytes, len, problem);
	case 4:
		return grpc_read_claim(&claim, bytes, len, problem);
	default:
		return renewal(call, bytes, len, problem);
	}
}

static void on_request(void *arg, struct h2_call *call, const void *bytes,
		       size_t len)
{
	struct class1_problem problem;
	struct fuzz *fuzz = arg;

	if (!is_taken(call, bytes, len, &problem))
		h2_call_finish(call, &problem);
	else if (call->method == 3)
		fuzz->open = call;
	else
		h2_call_finish(call, NULL);
}

static void on_ended(void *arg, struct h2_call *call)
{
	struct fuzz *fuzz = arg;

	if (fuzz->open == call)
		fuzz->open = NULL;
}

static void on_wake(void *arg)
{
	(void)arg;
}

static void put(struct fuzz *fuzz, const void *bytes, size_t len, size_t cut,
		uint64_t now_us)
{
	const uint8_t *at = bytes, *out;
	size_t n;

	for (; len; at += n, len -= n) {
		n = cut && cut < len ? cut : len;
		if (h2_conn_input(fuzz->conn, at, n, now_us))
			return;
		if (fuzz->open)
			h2_call_send(fuzz->open, "told", 4);
		while (h2_conn_output(fuzz->conn, &out) > 0)
			;
	}
}

static void frame(struct fuzz *fuzz, uint8_t type, uint8_t flags,
		  const void *bytes, size_t len)
{
	uint8_t head[9] = { len >> 16, len >> 8, len, type, flags, 0, 0, 0,
			    type == NGHTTP2_SETTINGS ? 0 : 1 };

	put(fuzz, head, sizeof(head), 0, 0);
	put(fuzz, bytes, len, 0, 0);
}

static void begin(struct fuzz *fuzz, unsigned int method)
{
	uint8_t fields[] =
		"\x83\x86\x01\x01x\x04\x04/s/0\x0f\x10\20application/grpc";

	fields[10] = '0' + method % ARRAY_SIZE(paths);
	frame(fuzz, NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, fields,
	      sizeof(fields) - 1);
}

static void message(struct fuzz *fuzz, const uint8_t *data, size_t size)
{
	uint8_t *bytes = malloc(5 + size);

	memcpy(bytes, (uint8_t[]){ 0, 0, 0, size >> 8, size }, 5);
	memcpy(bytes + 5, data, size);
	frame(fuzz, NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, bytes, 5 + size);
	free(bytes);
}

static void run(struct fuzz *fuzz, const uint8_t *data, size_t size)
{
	put(fuzz, NGHTTP2_CLIENT_MAGIC, NGHTTP2_CLIENT_MAGIC_LEN, 0, 0);
	frame(fuzz, NGHTTP2_SETTINGS, 0, NULL, 0);
	if (data[0] % 3)
		begin(fuzz, data[1]);
	if (data[0] % 3 == 2)
		message(fuzz, data + 3, size - 3);
	else
		put(fuzz, data + 3, size - 3, data[2], 1000000);
	h2_conn_tick(fuzz->conn, 100000000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct h2_ops ops = {
		.request = on_request, .ended = on_ended, .wake = on_wake,
	};
	struct fuzz fuzz = { .budget.max = BUDGET };
	const struct h2_config config = {
		.ops = &ops, .budget = &fuzz.budget, .path = paths,
		.n_paths = ARRAY_SIZE(paths),
	};

	if (size < 3 || size > 8192)
		return 0;
	fuzz.conn = h2_conn_new(&config, &fuzz, 0);
	run(&fuzz, data, size);
	h2_conn_free(fuzz.conn);
	if (fuzz.budget.used || fuzz.open)
		abort();
	return 0;
}
