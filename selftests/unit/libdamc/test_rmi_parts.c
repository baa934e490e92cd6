// SPDX-License-Identifier: GPL-2.0
/*
 * RMI's two cores with messages in parts, one packet at a time: what is sent
 * again, what is asked for, and what a call may conclude.
 */
#include <errno.h>
#include <string.h>

#include "check.h"
#include "rmi_call.h"
#include "rmi_client_core.h"
#include "rmi_server_core.h"

#define MS 1000ull
#define PACKETS 128
/* Parts of a request of this many bytes, and of its reply. */
#define LEN 5000
#define PARTS 5

static const struct damc_name service = { .len = 2, .wire = { 1, 'b' } };
static const struct damc_name caller = { .len = 2, .wire = { 1, 'p' } };

struct packet {
	size_t len;
	uint8_t bytes[RMI_WHOLE_MAX];
};

struct fixture {
	struct rmi_client_core *client;
	struct rmi_server_core *server;
	struct rmi_call *call;
	struct rmi_execution *execution;
	uint64_t now;
	uint8_t data[LEN];
	/* What is on its way, to the server and back. */
	struct packet out[PACKETS], in[PACKETS];
	unsigned int n_out, n_in;
	unsigned int executed;
};

static void restart(struct fixture *f, uint64_t incarnation)
{
	rmi_server_core_free(f->server);
	f->server = rmi_server_core_new(incarnation, &rmi_limits_default,
					f->now);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	size_t i;

	f->now = 1000000;
	f->client = rmi_client_core_new(7);
	for (i = 0; i < LEN; i++)
		f->data[i] = i * 7 >> 3;
	restart(f, 100);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	rmi_client_core_free(f->client);
	rmi_server_core_free(f->server);
	free(f);
	return 0;
}

static void start(struct fixture *f)
{
	const struct damc_rmi_request request = {
		.target = service, .method = "m", .deadline_ms = 10000,
		.data = f->data, .len = LEN,
	};

	f->call = rmi_client_core_start(f->client, &request, f->now);
	assert_non_null(f->call);
}

/* Put what the client sends now on its way. */
static void send_now(struct fixture *f)
{
	struct rmi_packet packet;
	struct packet *to;

	rmi_client_core_timer(f->client, f->now);
	for (;;) {
		assert_true(f->n_out < PACKETS);
		to = &f->out[f->n_out];
		if (!rmi_client_core_output(f->client, &packet, to->bytes,
					    sizeof(to->bytes), f->now))
			return;
		to->len = packet.len;
		f->n_out++;
	}
}

/* Let time pass until something is sent. */
static void send_next(struct fixture *f)
{
	unsigned int before = f->n_out;

	for (send_now(f); f->n_out == before; send_now(f)) {
		assert_false(rmi_call_ended(f->call));
		assert_true(rmi_client_core_next(f->client) >= f->now);
		f->now = rmi_client_core_next(f->client);
	}
}

static void answers(struct fixture *f, struct rmi_work *work, uint8_t *out)
{
	while (work->len) {
		assert_true(f->n_in < PACKETS);
		f->in[f->n_in].len = work->len;
		memcpy(f->in[f->n_in++].bytes, out, work->len);
		rmi_server_core_more(f->server, work, out, RMI_WHOLE_MAX,
				     f->now);
	}
}

/* The server gets packet @i; what it is to execute stays in f->execution. */
static void deliver(struct fixture *f, unsigned int i)
{
	uint8_t out[RMI_WHOLE_MAX];
	struct rmi_work work;

	rmi_server_core_input(f->server, &caller, f->out[i].bytes,
			      f->out[i].len, NULL, 0, &work, out, sizeof(out),
			      f->now);
	if (work.execute) {
		f->executed++;
		f->execution = work.execute;
		assert_int_equal(work.data_len, LEN);
		assert_memory_equal(work.data, f->data, LEN);
	}
	answers(f, &work, out);
}

static void finish(struct fixture *f)
{
	uint8_t out[RMI_WHOLE_MAX];
	struct rmi_work work;

	rmi_server_core_finish(f->server, f->execution, DAMC_RMI_OK, f->data,
			       LEN, &work, out, sizeof(out), f->now);
	answers(f, &work, out);
}

static void answer(struct fixture *f, unsigned int i)
{
	rmi_client_core_input(f->client, &service, f->in[i].bytes,
			      f->in[i].len, NULL, 0, f->now);
}

static void answer_all(struct fixture *f)
{
	unsigned int i;

	for (i = 0; i < f->n_in; i++)
		answer(f, i);
	f->n_in = 0;
}

static void acquaint(struct fixture *f)
{
	send_now(f);
	assert_int_equal(f->n_out, 1);
	assert_int_equal(f->out[0].bytes[2], RMI_HELLO);
	f->now += 2 * MS;
	deliver(f, 0);
	f->n_out = 0;
	answer_all(f);
	send_now(f);
	assert_int_equal(f->n_out, PARTS);
}

static struct rmi_msg message(const struct packet *packet)
{
	struct rmi_msg msg;

	assert_int_equal(rmi_decode(&msg, packet->bytes, packet->len), 0);
	return msg;
}

static enum damc_rmi_status status_of(struct fixture *f)
{
	struct damc_rmi_reply reply;

	assert_true(rmi_call_ended(f->call));
	assert_int_equal(rmi_call_result(f->call, &reply), 0);
	if (reply.status == DAMC_RMI_OK) {
		assert_int_equal(reply.len, LEN);
		assert_memory_equal(reply.data, f->data, LEN);
	}
	free(reply.data);
	/* Nothing may stay behind that counts in the window. */
	assert_int_equal(f->client->peers.first->window.flight, 0);
	return reply.status;
}

/* The server has the request; what it said before is not heard. */
static void request_arrives(struct fixture *f)
{
	unsigned int i;

	acquaint(f);
	f->now += 2 * MS;
	for (i = 0; i < PARTS; i++)
		deliver(f, i);
	assert_int_equal(f->executed, 1);
	f->n_in = 0;
	f->n_out = 0;
}

static void test_lost_part_alone_is_sent_again(void **state)
{
	struct fixture *f = *state;
	struct rmi_msg msg;
	unsigned int i;

	start(f);
	acquaint(f);
	f->now += 2 * MS;
	for (i = 0; i < PARTS; i++)
		if (i != 2)
			deliver(f, i);
	assert_int_equal(f->executed, 0);
	msg = message(&f->in[f->n_in - 1]);
	assert_int_equal(msg.type, RMI_ACK);
	assert_int_equal(msg.bitmap, 0x1b);
	/* The last ACK tells of all. */
	answer(f, f->n_in - 1);
	f->n_in = 0;
	f->n_out = 0;
	send_next(f);
	assert_int_equal(f->n_out, 1);
	msg = message(&f->out[0]);
	assert_int_equal(msg.type, RMI_PART);
	assert_int_equal(msg.part.index, 2);
	assert_int_equal(msg.flags, RMI_F_URGE);
	assert_int_equal(msg.tx, PARTS + 1);
	deliver(f, 0);
	assert_int_equal(f->executed, 1);
	assert_int_equal(message(&f->in[0]).type, RMI_WORKING);
	/* Copies change nothing. */
	deliver(f, 0);
	assert_int_equal(f->executed, 1);
}

static void test_reply_in_parts(void **state)
{
	struct fixture *f = *state;
	struct rmi_msg msg;

	start(f);
	request_arrives(f);
	finish(f);
	assert_int_equal(f->n_in, RMI_PARTS_UNASKED);
	/* The second is lost; what is missing is asked for, and no more. */
	answer(f, 0);
	answer(f, 2);
	answer(f, 3);
	f->n_in = 0;
	send_now(f);
	assert_int_equal(f->n_out, 1);
	msg = message(&f->out[0]);
	assert_int_equal(msg.type, RMI_PULL);
	assert_int_equal(msg.bitmap, 1 << 4);
	f->n_out = 0;
	send_next(f);
	msg = message(&f->out[0]);
	assert_int_equal(msg.type, RMI_PULL);
	assert_int_equal(msg.bitmap & 2, 2);
	f->now += 2 * MS;
	deliver(f, 0);
	answer_all(f);
	while (!rmi_call_ended(f->call)) {
		f->n_out = 0;
		send_next(f);
		deliver(f, 0);
		answer_all(f);
	}
	assert_int_equal(status_of(f), DAMC_RMI_OK);
	assert_int_equal(f->executed, 1);
}

/* Once it is known to be there, a few bytes ask for what came of it. */
static void test_taken_is_not_sent_again(void **state)
{
	struct fixture *f = *state;
	uint8_t out[RMI_WHOLE_MAX];
	struct rmi_work work;
	int i;

	start(f);
	request_arrives(f);
	f->now += 6 * MS;
	rmi_server_core_working(f->server, f->execution, &work, out,
				sizeof(out), f->now);
	answers(f, &work, out);
	assert_int_equal(message(&f->in[0]).oldest, 6 * MS);
	answer_all(f);
	for (i = 0; i < 5; i++) {
		f->n_out = 0;
		send_next(f);
		assert_int_equal(f->n_out, 1);
		assert_int_equal(message(&f->out[0]).type, RMI_PULL);
		deliver(f, 0);
		assert_int_equal(message(&f->in[0]).type, RMI_WORKING);
		answer_all(f);
	}
	finish(f);
	answer_all(f);
	f->n_out = 0;
	send_now(f);
	deliver(f, 0);
	answer_all(f);
	assert_int_equal(status_of(f), DAMC_RMI_OK);
	assert_int_equal(f->executed, 1);
}

/* A method of a second makes the wait for the next answer no longer. */
static void test_slow_method_and_wait(void **state)
{
	struct fixture *f = *state;
	const struct rmi_peer *peer;

	start(f);
	request_arrives(f);
	f->now += 1000 * MS;
	finish(f);
	answer(f, 0);
	peer = f->client->peers.first;
	assert_true(rmi_rtt_timeout(&peer->rtt) < 50 * MS);
}

/* The new server saw parts that the old one cannot have had: begin anew. */
static void test_restart_before_all(void **state)
{
	struct fixture *f = *state;
	unsigned int i;

	start(f);
	acquaint(f);
	for (i = 0; i < 3; i++)
		deliver(f, i);
	f->n_in = 0;
	restart(f, 200);
	for (; i < PARTS; i++)
		deliver(f, i);
	assert_int_equal(message(&f->in[0]).type, RMI_REJECT);
	answer_all(f);
	f->n_out = 0;
	send_now(f);
	assert_int_equal(f->n_out, PARTS);
	f->now += 2 * MS;
	for (i = 0; i < PARTS; i++)
		deliver(f, i);
	assert_int_equal(f->executed, 1);
}

/* Every part may be with the old server: then the call's fate is open. */
static void test_restart_after_all(void **state)
{
	struct fixture *f = *state;

	start(f);
	request_arrives(f);
	restart(f, 200);
	send_next(f);
	deliver(f, 0);
	assert_int_equal(message(&f->in[0]).type, RMI_REJECT);
	answer_all(f);
	while (!rmi_call_ended(f->call)) {
		f->now = rmi_client_core_next(f->client);
		rmi_client_core_timer(f->client, f->now);
	}
	assert_int_equal(status_of(f), DAMC_RMI_OUTCOME_UNKNOWN);
	assert_int_equal(f->executed, 1);
}

/* Too much somewhere: half the window, and the call goes on. */
static void test_no_resources(void **state)
{
	struct fixture *f = *state;
	uint32_t before;
	unsigned int i;

	start(f);
	acquaint(f);
	before = f->client->peers.first->window.size;
	f->now += 2 * MS;
	for (i = 0; i < PARTS; i++)
		rmi_client_core_refused(f->client, f->out[i].bytes, 64,
					DAMC_ERROR_CODE_NO_RESOURCES, &service,
					f->now);
	assert_int_equal(f->client->peers.first->window.size, before / 2);
	assert_false(rmi_call_ended(f->call));
	f->n_out = 0;
	while (!f->executed) {
		send_next(f);
		for (i = 0; i < f->n_out; i++)
			deliver(f, i);
		f->n_out = 0;
		answer_all(f);
	}
	finish(f);
	while (answer_all(f), !rmi_call_ended(f->call)) {
		send_next(f);
		deliver(f, 0);
		f->n_out = 0;
	}
	assert_int_equal(status_of(f), DAMC_RMI_OK);
}

/* Parts that don't make a request are none, now and later. */
static void test_parts_of_nothing(void **state)
{
	struct fixture *f = *state;
	unsigned int i;

	start(f);
	acquaint(f);
	/* The whole names another call than its parts do. */
	f->out[0].bytes[RMI_HEADER_SIZE + RMI_PART_HEAD_SIZE + 23] ^= 1;
	for (i = 0; i < PARTS; i++)
		deliver(f, i);
	assert_int_equal(f->executed, 0);
	assert_int_equal(message(&f->in[PARTS - 1]).type, RMI_REJECT);
	f->out[0].bytes[RMI_HEADER_SIZE + RMI_PART_HEAD_SIZE + 23] ^= 1;
	for (i = 0; i < PARTS; i++)
		deliver(f, i);
	assert_int_equal(f->executed, 0);
	assert_int_equal(rmi_server_core_use(f->server).bytes, 0);
}

/* Given up half way: the server forgets it when its time has passed. */
static void test_cancel(void **state)
{
	struct fixture *f = *state;

	start(f);
	acquaint(f);
	deliver(f, 0);
	deliver(f, 1);
	assert_true(rmi_server_core_use(f->server).bytes > RMI_MESSAGE_MAX);
	rmi_call_free(f->client, f->call);
	assert_int_equal(f->client->peers.first->window.flight, 0);
	assert_int_equal(rmi_client_core_next(f->client), UINT64_MAX);
	answer_all(f);
	f->now += 10000 * MS + RMI_MARGIN_MS * MS + 2000 * MS;
	deliver(f, 2);
	assert_int_equal(rmi_server_core_use(f->server).bytes, 0);
	assert_int_equal(rmi_server_core_use(f->server).callers, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_lost_part_alone_is_sent_again),
		TEST(test_reply_in_parts),
		TEST(test_taken_is_not_sent_again),
		TEST(test_slow_method_and_wait),
		TEST(test_restart_before_all),
		TEST(test_restart_after_all),
		TEST(test_no_resources),
		TEST(test_parts_of_nothing),
		TEST(test_cancel),
	};

	check_seed();
	return cmocka_run_group_tests_name("rmi_parts", tests, NULL, NULL);
}
