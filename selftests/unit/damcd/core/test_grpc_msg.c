// SPDX-License-Identifier: GPL-2.0
/* gRPC's messages: what is taken from a pod, and what it is told. */
#include <netinet/in.h>
#include <string.h>

#include "check.h"
#include "grpc_msg.h"
#include "grpc_status.h"

typedef Damc__Class1__V1__Registration registration;

/* The reader's verdict on @message: NULL if it is taken. */
static const char *read_want(struct dc_reg_want *want,
			     const registration *message)
{
	static struct class1_problem problem;
	size_t len;
	void *bytes = grpc_pack(&message->base, &len);
	bool ok = grpc_read_want(want, bytes, len, &problem);

	free(bytes);
	return ok ? NULL : problem.code;
}

static ProtobufCBinaryData text(const char *text, size_t len)
{
	return (ProtobufCBinaryData){ len, (uint8_t *)text };
}

static void test_want(void **state)
{
	struct dc_reg_want want = { .edge = 7, .epoch = 9 };
	registration message;

	(void)state;
	damc__class1__v1__registration__init(&message);
	message.name = text("/a/1", 4);
	assert_null(read_want(&want, &message));
	assert_int_equal(want.right, DC_RIGHT_NAME);
	assert_int_equal(want.weight, 1);
	assert_int_equal(want.lease_s, 0);
	assert_int_equal(want.edge, 7);
	message.right = DAMC__CLASS1__V1__RIGHT__RIGHT_MEMBER;
	message.weight = DAMC_WEIGHT_MAX;
	message.lease_s = DC_REG_LEASE_MAX;
	message.protocol = DAMC__CLASS1__V1__PROTOCOL__PROTOCOL_UDP;
	message.port = 65535;
	assert_null(read_want(&want, &message));
	assert_int_equal(want.right, DC_RIGHT_MEMBER);
	assert_int_equal(want.weight, DAMC_WEIGHT_MAX);
	assert_int_equal(want.lease_s, DC_REG_LEASE_MAX);
	assert_int_equal(want.protocol, IPPROTO_UDP);
	assert_int_equal(want.port, 65535);
}

static void test_limits(void **state)
{
	struct dc_reg_want want;
	registration message;

	(void)state;
	damc__class1__v1__registration__init(&message);
	assert_string_equal(read_want(&want, &message), "bad-name");
	/* It is not the name that ends at the zero. */
	message.name = text("/a\0b", 4);
	assert_string_equal(read_want(&want, &message), "bad-name");
	message.name = text("/a", 2);
	message.weight = DAMC_WEIGHT_MAX + 1;
	assert_string_equal(read_want(&want, &message), "bad-request");
	message.weight = 0;
	message.lease_s = DC_REG_LEASE_MIN - 1;
	assert_string_equal(read_want(&want, &message), "bad-request");
	message.lease_s = DC_REG_LEASE_MAX + 1;
	assert_string_equal(read_want(&want, &message), "bad-request");
	message.lease_s = 0;
	message.right = 2;
	assert_string_equal(read_want(&want, &message), "bad-request");
	message.right = -1;
	assert_string_equal(read_want(&want, &message), "bad-request");
	message.right = 0;
	message.protocol = 3;
	assert_string_equal(read_want(&want, &message), "bad-request");
	message.protocol = 0;
	message.port = 65536;
	assert_string_equal(read_want(&want, &message), "bad-request");
	message.port = 0;
	assert_null(read_want(&want, &message));
}

static const char *not_one(const struct damc_name *name, uint32_t lease_s,
			   void *arg)
{
	(void)name;
	(void)lease_s;
	(void)arg;
	return "not-yours";
}

/*
 * 1 MiB of empty texts would be 524,288 of them, and some 30 MB: it is refused
 * before that, as a message that is none.
 */
static void test_purse(void **state)
{
	static uint8_t bytes[1024 * 1024];
	struct class1_problem problem;
	void *reply;
	size_t len, i;

	(void)state;
	for (i = 0; i < sizeof(bytes); i += 2)
		bytes[i] = 0x0a;
	assert_false(grpc_read_renewal(not_one, NULL, bytes, sizeof(bytes),
				       &reply, &len, &problem));
	assert_string_equal(problem.code, "bad-request");
	/* 10,000 long ones are no such thing. */
	for (i = 0; i < 10000; i++) {
		bytes[i * 102] = 0x0a;
		bytes[i * 102 + 1] = 100;
		memset(bytes + i * 102 + 2, 'a', 100);
		bytes[i * 102 + 2] = '/';
	}
	assert_true(grpc_read_renewal(not_one, NULL, bytes, 10000 * 102, &reply,
				      &len, &problem));
	assert_true(len > 10000 * 112);
	free(reply);
}

static void test_name(void **state)
{
	struct dc_reg_entry entry = {
		.want = { .right = DC_RIGHT_MEMBER, .weight = 3,
			  .protocol = IPPROTO_TCP, .port = 80 },
		.state = DC_REG_DRAINING, .lease_us = 5500000,
	};
	struct grpc_name name;

	(void)state;
	damc_name_parse(&entry.want.name, "/a/%2F", NULL);
	grpc_name_entry(&name, &entry, true, 1000000);
	assert_int_equal(name.pb.name.len, 6);
	assert_memory_equal(name.pb.name.data, "/a/%2F", 6);
	assert_int_equal(name.pb.state, DAMC__CLASS1__V1__STATE__STATE_DRAINING);
	assert_int_equal(name.pb.weight, 3);
	assert_int_equal(name.pb.lease_s, 5);
	assert_true(name.pb.own);
	assert_false(name.pb.fabric);
	/* What has just lapsed is not taken for a connection's. */
	grpc_name_entry(&name, &entry, true, 6000000);
	assert_int_equal(name.pb.lease_s, 1);
	entry.lease_us = UINT64_MAX;
	grpc_name_entry(&name, &entry, true, 6000000);
	assert_int_equal(name.pb.lease_s, 0);
}

static void test_offer(void **state)
{
	const struct dc_node_id nodes[] = { { .len = 3, .byte = "sg1" },
					    { .len = 2, .byte = { 0, 0xff } } };
	struct damc_name is;
	struct class1_offer offer = {
		.name = &is, .n = 2, .gateway = { &nodes[0], &nodes[1] },
	};
	struct grpc_name name;

	(void)state;
	damc_name_parse(&is, "/b", NULL);
	grpc_name_offer(&name, &offer);
	assert_true(name.pb.fabric);
	assert_int_equal(name.pb.n_gateways, 2);
	assert_memory_equal(name.pb.gateways[0].data, "sg1", 4);
	assert_memory_equal(name.pb.gateways[1].data, "%00%FF", 7);
}

/* Each outcome of the core has a status, and none is "internal". */
static void test_status(void **state)
{
	static const char *const want[] = {
		[DC_REG_TAKEN] = "6", [DC_REG_RESERVED] = "7",
		[DC_REG_FULL] = "8", [DC_REG_REFUSED] = "7",
		[DC_REG_NO_SPA] = "14", [DC_REG_NOT_BOUND] = "9",
		[DC_REG_NOT_ANNOUNCED] = "9", [DC_REG_ENDED] = "10",
	};
	struct dc_reg_outcome outcome = { .reason = "because" };
	struct class1_problem problem;

	(void)state;
	for (outcome.code = DC_REG_TAKEN; outcome.code <= DC_REG_ENDED;
	     outcome.code++) {
		class1_problem_of(&outcome, &problem);
		assert_string_equal(grpc_status_code(&problem),
				    want[outcome.code]);
	}
	assert_string_equal(grpc_status_code(&class1_too_many), "8");
	assert_string_equal(grpc_status_code(&class1_no_interface), "14");
	assert_string_equal(grpc_status_code(&class1_not_registered), "5");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_want),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_purse),
		cmocka_unit_test(test_name),
		cmocka_unit_test(test_offer),
		cmocka_unit_test(test_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
