// SPDX-License-Identifier: GPL-2.0
/* RMI's two cores at their limits: no room, too big, full queues, nonsense. */
#include <errno.h>
#include <string.h>

#include "rmi_pair.h"

static void fill(struct pair *p, const struct rmi_limits *limits)
{
	restart(p, 100, limits);
	start(p);
	acquaint(p);
	assert_int_equal(deliver(p), 0);
	start(p);
	assert_int_equal(send_type(p), RMI_REQUEST);
}

static void test_full(void **state)
{
	static const struct rmi_limits rows[] = {
		{ 9, 1, 1, 9, 1 << 20, 0 },
		{ 9, 9, 9, 9, RMI_MESSAGE_MAX, 0 },
	};
	struct pair *p = *state;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		fill(p, &rows[i]);
		assert_int_equal(deliver(p), RMI_REPLY);
		assert_null(p->work.execute);
		answer_from(p, &service);
		assert_int_equal(status_of(p), DAMC_RMI_REFUSED);
		tear_down(state);
		set_up(state);
		p = *state;
	}
}

/* Refused once is refused for ever, however much room there is later. */
static void test_refusal_stays(void **state)
{
	static const struct rmi_limits limits = { 9, 1, 1, 9, 1 << 20, 0 };
	struct rmi_execution *first;
	struct pair *p = *state;

	restart(p, 100, &limits);
	start(p);
	acquaint(p);
	deliver(p);
	first = p->work.execute;
	start(p);
	send_type(p);
	assert_int_equal(deliver(p), RMI_REPLY);
	rmi_server_core_finish(p->server, first, DAMC_RMI_OK, NULL, 0,
			       &p->work, p->held, sizeof(p->held), p->now);
	assert_int_equal(deliver(p), RMI_REPLY);
	assert_null(p->work.execute);
	assert_int_equal(p->in[6], DAMC_RMI_REFUSED);
}

static void test_no_room_at_all(void **state)
{
	static const struct rmi_limits limits = { 9, 1, 0, 9, 1 << 20, 0 };
	struct pair *p = *state;

	fill(p, &limits);
	do {
		/* The call that fills the server asks on, too. */
		if (p->packet.call != p->call)
			continue;
		assert_int_equal(deliver(p), RMI_REJECT);
		assert_int_equal(p->in[6], RMI_NO_ROOM);
		answer_from(p, &service);
	} while (send_type(p));
	assert_int_equal(status_of(p), DAMC_RMI_REFUSED);
}

static void test_reply_too_big(void **state)
{
	struct pair *p = *state;
	size_t len;

	start(p);
	acquaint(p);
	deliver(p);
	finish(p);
	len = p->work.len;
	memcpy(p->held, p->in, len);
	/* Some node on its way refuses it. */
	rmi_server_core_too_big(p->server, &caller, p->held, len, &p->work,
				p->in, sizeof(p->in), p->now);
	assert_true(p->work.len > 0);
	answer_from(p, &service);
	assert_int_equal(status_of(p), DAMC_RMI_REPLY_TOO_BIG);
	rmi_server_core_too_big(p->server, &caller, p->held, len, &p->work,
				p->in, sizeof(p->in), p->now);
	assert_int_equal(p->work.len, 0);
}

/* Before a call fails for its size, it does without its record. */
static void test_record_gives_way(void **state)
{
	const struct damc_rmi_request request = {
		.target = service, .method = "m", .deadline_ms = 10000,
		.record = true,
	};
	static const uint8_t record[2] = { 0, 0 };
	struct pair *p = *state;

	p->call = rmi_client_core_start(p->client, &request, p->now);
	acquaint(p);
	assert_true(p->packet.record);
	rmi_server_core_input(p->server, &caller, p->out, p->packet.len, record,
			      2, &p->work, p->in, sizeof(p->in), p->now);
	finish(p);
	assert_true(p->work.record);
	memcpy(p->held, p->in, p->work.len);
	rmi_server_core_too_big(p->server, &caller, p->held, p->work.len,
				&p->work, p->in, sizeof(p->in), p->now);
	assert_false(p->work.record);
	assert_int_equal(p->in[6], DAMC_RMI_OK);
	assert_int_equal(p->work.len, RMI_HEADER_SIZE + 1);
	/* And the other way. */
	refuse(p, DAMC_ERROR_CODE_TOO_BIG);
	assert_false(rmi_call_ended(p->call));
	assert_int_equal(send_type(p), RMI_REQUEST);
	assert_false(p->packet.record);
	answer_from(p, &service);
	assert_int_equal(status_of(p), DAMC_RMI_OK);
}

/* It may have left: the call's fate is open. */
static void test_queue_below_full(void **state)
{
	struct pair *p = *state;

	start(p);
	acquaint(p);
	rmi_client_core_unsent(p->client, p->call, ENOBUFS, p->now);
	send_type(p);
	refuse(p, DAMC_ERROR_CODE_PROHIBITED);
	assert_false(rmi_call_ended(p->call));
}

static void test_queue_full(void **state)
{
	struct pair *p = *state;
	struct damc_rmi_reply reply;
	int i;

	start(p);
	for (i = 0; i < 5; i++) {
		assert_int_equal(send_type(p), RMI_HELLO);
		assert_int_equal(p->out[5], 1);
		rmi_client_core_unsent(p->client, p->call, EAGAIN, p->now);
	}
	send_type(p);
	rmi_client_core_unsent(p->client, p->call, EADDRNOTAVAIL, p->now);
	assert_true(rmi_call_ended(p->call));
	assert_int_equal(rmi_call_result(p->call, &reply), -EADDRNOTAVAIL);
}

static void test_other_version(void **state)
{
	struct pair *p = *state;

	start(p);
	send_type(p);
	p->out[1] = 2;
	assert_int_equal(deliver(p), RMI_REJECT);
	assert_int_equal(p->in[6], RMI_BAD_VERSION);
	answer_from(p, &service);
	assert_int_equal(status_of(p), DAMC_RMI_PROTOCOL);
}

/* Nothing that a server says makes a server speak. */
static void test_no_echo(void **state)
{
	struct pair *p = *state;

	start(p);
	acquaint(p);
	send_type(p);
	assert_int_equal(deliver(p), RMI_WORKING);
	memcpy(p->out, p->in, p->work.len);
	p->packet.len = p->work.len;
	assert_int_equal(deliver(p), 0);
	p->out[1] = 9;
	assert_int_equal(deliver(p), 0);
}

static void test_caller_limits(void **state)
{
	struct pair *p = *state;
	int i;

	for (i = 0; i < RMI_CALLS_MAX; i++)
		start(p);
	errno = 0;
	assert_null(rmi_client_core_start(p->client,
					  &(struct damc_rmi_request){
						.target = service,
						.method = "m",
						.deadline_ms = 1 }, p->now));
	assert_int_equal(errno, ENOBUFS);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_full),
		TEST(test_refusal_stays),
		TEST(test_no_room_at_all),
		TEST(test_reply_too_big),
		TEST(test_record_gives_way),
		TEST(test_queue_below_full),
		TEST(test_queue_full),
		TEST(test_other_version),
		TEST(test_no_echo),
		TEST(test_caller_limits),
	};

	check_seed();
	return cmocka_run_group_tests_name("rmi_limits", tests, NULL, NULL);
}
