// SPDX-License-Identifier: GPL-2.0
/*
 * RMI's two cores, one step at a time: each rule of Documentation/rmi.rst that
 * the simulation can't single out.
 */
#include <errno.h>
#include <string.h>

#include "check.h"
#include "rmi_client_core.h"
#include "rmi_server_core.h"

#define MS 1000ull

static const struct damc_name service = { .len = 2, .wire = { 1, 'b' } };
static const struct damc_name member = {
	.len = 4, .wire = { 1, 'b', 1, '4' }
};

static const struct damc_name other = { .len = 2, .wire = { 1, 'c' } };
static const struct damc_name caller = { .len = 2, .wire = { 1, 'p' } };

/* A client, a server, and what is on its way between them. */
struct pair {
	struct rmi_client_core *client;
	struct rmi_server_core *server;
	struct rmi_call *call;
	uint64_t now;
	uint8_t out[2048], in[2048], held[2048];
	struct rmi_packet packet;
	struct rmi_work work;
};

static void restart(struct pair *p, uint64_t incarnation,
		    const struct rmi_limits *limits)
{
	rmi_server_core_free(p->server);
	p->server = rmi_server_core_new(incarnation, limits, p->now);
}

static int set_up(void **state)
{
	struct pair *p = calloc(1, sizeof(*p));

	p->now = 1000000;
	p->client = rmi_client_core_new(7);
	restart(p, 100, &rmi_limits_default);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct pair *p = *state;

	rmi_client_core_free(p->client);
	rmi_server_core_free(p->server);
	free(p);
	return 0;
}

static struct rmi_call *start(struct pair *p)
{
	const struct damc_rmi_request request = {
		.target = service, .method = "m", .deadline_ms = 10000,
	};

	p->call = rmi_client_core_start(p->client, &request, p->now);
	assert_non_null(p->call);
	return p->call;
}

/* Let time pass until something is due, and take what is sent then. */
static uint8_t send_type(struct pair *p)
{
	while (!rmi_client_core_output(p->client, &p->packet, p->out,
				       sizeof(p->out), p->now)) {
		if (rmi_call_ended(p->call))
			return 0;
		p->now = rmi_client_core_next(p->client);
		rmi_client_core_timer(p->client, p->now);
	}
	return p->out[2];
}

/* The server gets the last packet; 0 or the type of what it says to it. */
static uint8_t deliver(struct pair *p)
{
	rmi_server_core_input(p->server, &caller, p->out, p->packet.len, NULL,
			      0, &p->work, p->in, sizeof(p->in), p->now);
	return p->work.len ? p->in[2] : 0;
}

static void answer_from(struct pair *p, const struct damc_name *from)
{
	rmi_client_core_input(p->client, from, p->in, p->work.len, NULL, 0,
			      p->now);
}

static void refuse(struct pair *p, enum damc_error_code code)
{
	rmi_client_core_refused(p->client, p->out, 64, code, &other, p->now);
}

static void finish(struct pair *p)
{
	struct rmi_execution *execution = p->work.execute;

	assert_non_null(execution);
	rmi_server_core_finish(p->server, execution, DAMC_RMI_OK, "x", 1,
			       &p->work, p->in, sizeof(p->in), p->now);
}

/* Greet and be greeted; the request is then the last packet. */
static void acquaint(struct pair *p)
{
	assert_int_equal(send_type(p), RMI_HELLO);
	assert_int_equal(deliver(p), RMI_WELCOME);
	answer_from(p, &service);
	assert_int_equal(send_type(p), RMI_REQUEST);
}

static enum damc_rmi_status status_of(struct pair *p)
{
	struct damc_rmi_reply reply;

	assert_true(rmi_call_ended(p->call));
	assert_int_equal(rmi_call_result(p->call, &reply), 0);
	damc_rmi_reply_free(&reply);
	rmi_call_free(p->client, p->call);
	p->call = NULL;
	return reply.status;
}

static enum damc_rmi_status run_out(struct pair *p)
{
	while (send_type(p))
		;
	return status_of(p);
}

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

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

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
	return cmocka_run_group_tests_name("rmi_core", tests, NULL, NULL);
}
