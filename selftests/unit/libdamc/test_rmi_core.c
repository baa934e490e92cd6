// SPDX-License-Identifier: GPL-2.0
/*
 * RMI's two cores, one step at a time: each rule of Documentation/rmi.rst that
 * the simulation can't single out.
 */
#include <errno.h>
#include <string.h>

#include "rmi_pair.h"

static void test_hello_first(void **state)
{
	struct pair *p = *state;

	start(p);
	acquaint(p);
	assert_int_equal(deliver(p), 0);
	finish(p);
	answer_from(p, &service);
	assert_int_equal(status_of(p), DAMC_RMI_OK);
	/* The second time they know each other. */
	start(p);
	assert_int_equal(send_type(p), RMI_REQUEST);
}

static void test_member_answers(void **state)
{
	struct pair *p = *state;

	start(p);
	acquaint(p);
	deliver(p);
	finish(p);
	/* Not from anywhere, but from below the name that was called. */
	answer_from(p, &other);
	assert_false(rmi_call_ended(p->call));
	answer_from(p, &member);
	assert_int_equal(status_of(p), DAMC_RMI_OK);
}

/* A pool is asked who is there; the call is for whoever that was. */
static void test_one_member(void **state)
{
	struct pair *p = *state;

	start(p);
	assert_int_equal(send_type(p), RMI_HELLO);
	assert_true(damc_name_equal(&p->packet.to, &service));
	assert_int_equal(deliver(p), RMI_WELCOME);
	answer_from(p, &member);
	assert_int_equal(send_type(p), RMI_REQUEST);
	assert_true(damc_name_equal(&p->packet.to, &member));
	deliver(p);
	finish(p);
	answer_from(p, &member);
	assert_int_equal(status_of(p), DAMC_RMI_OK);
	/* So is the next one; once it is gone, the pool is asked again. */
	start(p);
	assert_int_equal(send_type(p), RMI_REQUEST);
	assert_true(damc_name_equal(&p->packet.to, &member));
	refuse(p, DAMC_ERROR_CODE_NO_INSTANCE);
	assert_int_equal(status_of(p), DAMC_RMI_UNREACHABLE);
	start(p);
	assert_int_equal(send_type(p), RMI_HELLO);
	assert_true(damc_name_equal(&p->packet.to, &service));
}

static void test_same_label(void **state)
{
	struct pair *p = *state;
	uint32_t flow;
	int i;

	start(p);
	send_type(p);
	flow = p->packet.flow;
	assert_true(flow);
	for (i = 0; i < 10; i++) {
		send_type(p);
		assert_int_equal(p->packet.flow, flow);
	}
	/* After a call that heard nothing another way is tried. */
	assert_int_equal(run_out(p), DAMC_RMI_DEADLINE);
	start(p);
	send_type(p);
	assert_true(p->packet.flow && p->packet.flow != flow);
}

static void test_number_of_tries(void **state)
{
	struct pair *p = *state;
	uint64_t before = p->now;
	int n = 0;

	start(p);
	while (send_type(p))
		n++;
	assert_true(n >= 30 && n <= 80);
	assert_int_equal(p->now, before + 10000 * MS);
	assert_int_equal(status_of(p), DAMC_RMI_DEADLINE);
}

static void test_working(void **state)
{
	struct pair *p = *state;
	struct rmi_execution *execution;

	start(p);
	acquaint(p);
	assert_int_equal(deliver(p), 0);
	execution = p->work.execute;
	assert_non_null(execution);
	/* Asked again while it works, and asked again after. */
	assert_int_equal(send_type(p), RMI_REQUEST);
	assert_int_equal(deliver(p), RMI_WORKING);
	assert_null(p->work.execute);
	answer_from(p, &service);
	p->work.execute = execution;
	finish(p);
	/* Known to be there, it is not sent again: a few bytes ask for it. */
	assert_int_equal(send_type(p), RMI_PULL);
	assert_int_equal(deliver(p), RMI_REPLY);
	assert_null(p->work.execute);
	answer_from(p, &service);
	assert_int_equal(status_of(p), DAMC_RMI_OK);
}

static void test_urge(void **state)
{
	struct pair *p = *state;

	start(p);
	acquaint(p);
	/* The first is lost: the second is acknowledged and executed. */
	assert_int_equal(send_type(p), RMI_REQUEST);
	assert_int_equal(deliver(p), RMI_WORKING);
	assert_non_null(p->work.execute);
}

static void test_working_then_silence(void **state)
{
	struct pair *p = *state;

	start(p);
	acquaint(p);
	send_type(p);
	assert_int_equal(deliver(p), RMI_WORKING);
	answer_from(p, &service);
	assert_int_equal(run_out(p), DAMC_RMI_OUTCOME_UNKNOWN);
}

static void test_silence_after_request(void **state)
{
	struct pair *p = *state;

	start(p);
	acquaint(p);
	assert_int_equal(run_out(p), DAMC_RMI_DEADLINE);
}

static void test_restart_clean(void **state)
{
	struct pair *p = *state;

	start(p);
	acquaint(p);
	restart(p, 200, &rmi_limits_default);
	/* Its only transmission is accounted for: it may begin anew. */
	assert_int_equal(deliver(p), RMI_REJECT);
	answer_from(p, &service);
	assert_int_equal(send_type(p), RMI_REQUEST);
	assert_int_equal(deliver(p), 0);
	finish(p);
	answer_from(p, &service);
	assert_int_equal(status_of(p), DAMC_RMI_OK);
}

static void test_restart_unclear(void **state)
{
	struct pair *p = *state;
	uint64_t before;

	start(p);
	acquaint(p);
	/* The first transmission: the old server may have had it. */
	send_type(p);
	before = p->now;
	restart(p, 200, &rmi_limits_default);
	assert_int_equal(deliver(p), RMI_REJECT);
	answer_from(p, &service);
	assert_int_equal(run_out(p), DAMC_RMI_OUTCOME_UNKNOWN);
	assert_true(p->now - before < 2000 * MS);
}

/* The refusals come in the wrong order. */
static void test_restart_cleared_up(void **state)
{
	struct pair *p = *state;
	size_t held;

	start(p);
	acquaint(p);
	restart(p, 200, &rmi_limits_default);
	assert_int_equal(deliver(p), RMI_REJECT);
	held = p->work.len;
	memcpy(p->held, p->in, held);
	send_type(p);
	assert_int_equal(deliver(p), RMI_REJECT);
	answer_from(p, &service);
	assert_false(rmi_call_ended(p->call));
	rmi_client_core_input(p->client, &service, p->held, held, NULL, 0,
			      p->now);
	assert_int_equal(send_type(p), RMI_REQUEST);
	assert_int_equal(deliver(p), 0);
	assert_non_null(p->work.execute);
}

static void test_refused_hello(void **state)
{
	static const enum damc_error_code at_once[] = {
		DAMC_ERROR_CODE_NO_LISTENER, DAMC_ERROR_CODE_PROHIBITED,
		DAMC_ERROR_CODE_NO_INSTANCE,
	};
	struct pair *p = *state;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(at_once); i++) {
		start(p);
		send_type(p);
		refuse(p, at_once[i]);
		assert_int_equal(status_of(p), DAMC_RMI_UNREACHABLE);
	}
	start(p);
	send_type(p);
	refuse(p, DAMC_ERROR_CODE_TOO_BIG);
	assert_int_equal(status_of(p), DAMC_RMI_TOO_BIG);
}

static void test_no_route_three_times(void **state)
{
	struct pair *p = *state;
	uint64_t before = p->now;
	struct damc_rmi_reply reply;
	int i;

	start(p);
	for (i = 0; i < 3; i++) {
		assert_false(rmi_call_ended(p->call));
		send_type(p);
		refuse(p, DAMC_ERROR_CODE_NO_ROUTE);
	}
	assert_true(p->now - before < 500 * MS);
	assert_true(rmi_call_ended(p->call));
	rmi_call_result(p->call, &reply);
	assert_int_equal(reply.status, DAMC_RMI_UNREACHABLE);
	assert_int_equal(reply.error, DAMC_ERROR_CODE_NO_ROUTE);
	assert_int_equal(reply.transmissions, 3);
	assert_true(damc_name_equal(&reply.server, &other));
}

static void test_refused_after_request(void **state)
{
	struct pair *p = *state;

	/* The only transmission came back: nobody has it. */
	start(p);
	acquaint(p);
	refuse(p, DAMC_ERROR_CODE_NO_LISTENER);
	assert_int_equal(status_of(p), DAMC_RMI_UNREACHABLE);
	/* One of two did. */
	start(p);
	acquaint(p);
	send_type(p);
	refuse(p, DAMC_ERROR_CODE_PROHIBITED);
	assert_false(rmi_call_ended(p->call));
	refuse(p, DAMC_ERROR_CODE_NO_LISTENER);
	assert_int_equal(run_out(p), DAMC_RMI_OUTCOME_UNKNOWN);
}

static void test_forged_refusal(void **state)
{
	struct pair *p = *state;

	start(p);
	send_type(p);
	p->out[15] ^= 1;
	refuse(p, DAMC_ERROR_CODE_NO_LISTENER);
	assert_false(rmi_call_ended(p->call));
}

static void test_expired(void **state)
{
	struct pair *p = *state;
	uint64_t late;

	start(p);
	acquaint(p);
	late = p->now;
	/* The server's clock went on while the client slept. */
	p->now += 20000 * MS;
	assert_int_equal(deliver(p), RMI_REJECT);
	p->now = late;
	answer_from(p, &service);
	assert_int_equal(send_type(p), RMI_REQUEST);
	p->now += 20000 * MS;
	assert_int_equal(deliver(p), 0);
	assert_non_null(p->work.execute);
}

/* An old copy, when memory of the call is long gone. */
static void test_old_copy(void **state)
{
	struct pair *p = *state;
	size_t held;

	start(p);
	acquaint(p);
	held = p->packet.len;
	memcpy(p->held, p->out, held);
	deliver(p);
	finish(p);
	answer_from(p, &service);
	status_of(p);
	p->now += 10000 * MS + RMI_MARGIN_MS * MS + 2000 * MS;
	rmi_server_core_input(p->server, &caller, p->held, held, NULL, 0,
			      &p->work, p->in, sizeof(p->in), p->now);
	assert_int_equal(rmi_server_core_use(p->server).callers, 0);
	assert_null(p->work.execute);
	assert_int_equal(p->in[2], RMI_REJECT);
	assert_int_equal(p->in[6], RMI_EXPIRED);
}

static void test_done(void **state)
{
	struct pair *p = *state;

	start(p);
	acquaint(p);
	deliver(p);
	finish(p);
	answer_from(p, &service);
	status_of(p);
	assert_int_equal(rmi_server_core_use(p->server).calls, 1);
	rmi_client_core_shutdown(p->client);
	assert_true(rmi_client_core_output(p->client, &p->packet, p->out,
					   sizeof(p->out), p->now));
	assert_int_equal(p->out[2], RMI_DONE);
	assert_int_equal(deliver(p), 0);
	assert_int_equal(rmi_server_core_use(p->server).calls, 0);
	assert_int_equal(rmi_server_core_use(p->server).bytes, 0);
	assert_int_equal(rmi_server_core_use(p->server).callers, 1);
	assert_false(rmi_client_core_output(p->client, &p->packet, p->out,
					    sizeof(p->out), p->now));
}

/* Three calls open; the first to end may not take the others' memory along. */
static void test_oldest(void **state)
{
	struct pair *p = *state;
	struct rmi_call *calls[3];
	uint8_t request[3][256];
	size_t len[3];
	int i;

	start(p);
	acquaint(p);
	deliver(p);
	finish(p);
	answer_from(p, &service);
	status_of(p);
	for (i = 0; i < 3; i++) {
		calls[i] = start(p);
		assert_int_equal(send_type(p), RMI_REQUEST);
		len[i] = p->packet.len;
		memcpy(request[i], p->out, len[i]);
		deliver(p);
		finish(p);
		/* The reply to the last one only arrives. */
		if (i == 2)
			answer_from(p, &service);
	}
	p->call = calls[2];
	status_of(p);
	assert_int_equal(rmi_server_core_use(p->server).calls, 3);
	for (i = 0; i < 2; i++) {
		rmi_server_core_input(p->server, &caller, request[i], len[i],
				      NULL, 0, &p->work, p->in, sizeof(p->in),
				      p->now);
		assert_null(p->work.execute);
		answer_from(p, &service);
		p->call = calls[i];
		assert_int_equal(status_of(p), DAMC_RMI_OK);
	}
	start(p);
	send_type(p);
	deliver(p);
	assert_int_equal(rmi_server_core_use(p->server).calls, 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_hello_first),
		TEST(test_member_answers),
		TEST(test_one_member),
		TEST(test_same_label),
		TEST(test_number_of_tries),
		TEST(test_working),
		TEST(test_urge),
		TEST(test_working_then_silence),
		TEST(test_silence_after_request),
		TEST(test_restart_clean),
		TEST(test_restart_unclear),
		TEST(test_restart_cleared_up),
		TEST(test_refused_hello),
		TEST(test_no_route_three_times),
		TEST(test_refused_after_request),
		TEST(test_forged_refusal),
		TEST(test_expired),
		TEST(test_old_copy),
		TEST(test_done),
		TEST(test_oldest),
	};

	check_seed();
	return cmocka_run_group_tests_name("rmi_core", tests, NULL, NULL);
}
