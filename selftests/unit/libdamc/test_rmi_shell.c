// SPDX-License-Identifier: GPL-2.0
/*
 * RMI's shells, damc_rmi_call() and damc_rmi_server_step() or _serve(), against each other
 * over a fake socket: what the cores' tests can't see.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "damc.h"
#include "fake_sock.h"

#define RMI_TEST_MAX 65000

static const struct damc_name service = { .len = 2, .wire = { 1, 'b' } };
static atomic_int stop, executed;
static bool by_poll;

static enum damc_rmi_status greet(const struct damc_rmi_call_info *call,
				  void **data, size_t *len)
{
	*len = call->len + 7;
	*data = malloc(*len);
	memcpy(*data, "hello, ", 7);
	memcpy((char *)*data + 7, call->data, call->len);
	return DAMC_RMI_OK;
}

static enum damc_rmi_status serve(const struct damc_rmi_call_info *call,
				  void **data, size_t *len, void *arg)
{
	(void)arg;
	executed++;
	if (!strcmp(call->method, "greet"))
		return greet(call, data, len);
	if (!strcmp(call->method, "slow"))
		usleep(60000);
	if (!strcmp(call->method, "big")) {
		*len = 5000;
		*data = calloc(1, *len);
		return DAMC_RMI_OK;
	}
	if (!strcmp(call->method, "fail"))
		return DAMC_RMI_APPLICATION;
	if (!strcmp(call->method, "odd"))
		return 99;
	return strcmp(call->method, "slow") ? DAMC_RMI_NO_METHOD : DAMC_RMI_OK;
}

/* As a program with other descriptors does, or as one that has none. */
static int wait_and_serve(struct damc_rmi_server *server)
{
	struct pollfd pfd = {
		.fd = damc_rmi_server_fd(server), .events = POLLIN,
	};

	if (!by_poll)
		return damc_rmi_server_serve(server, 20);
	poll(&pfd, 1, 20);
	return damc_rmi_server_step(server);
}

static void *server_thread(void *arg)
{
	struct damc_rmi_server *server;

	server = damc_rmi_server_open(&service, serve, NULL);
	assert_non_null(server);
	*(atomic_int *)arg = 1;
	while (!stop)
		assert_true(wait_and_serve(server) >= 0);
	damc_rmi_server_close(server);
	return NULL;
}

static int start(void **state)
{
	static pthread_t thread;
	atomic_int ready = 0;

	stop = 0;
	executed = 0;
	fake_loss = 0;
	fake_mtu = 100000;
	if (pthread_create(&thread, NULL, server_thread, &ready))
		return -1;
	while (!ready)
		usleep(1000);
	*state = &thread;
	return 0;
}

static int start_by_poll(void **state)
{
	by_poll = true;
	return start(state);
}

static int end(void **state)
{
	stop = 1;
	pthread_join(*(pthread_t *)*state, NULL);
	by_poll = false;
	return 0;
}

static int call_len(struct damc_rmi_client *client, const char *method,
		    const void *data, size_t len, struct damc_rmi_reply *reply)
{
	struct damc_rmi_request request = {
		.target = service, .method = method, .data = data, .len = len,
		.deadline_ms = 3000, .record = true,
	};

	return damc_rmi_call(client, &request, reply);
}

static enum damc_rmi_status call(struct damc_rmi_client *client,
				 const char *method,
				 struct damc_rmi_reply *reply)
{
	assert_int_equal(call_len(client, method, "a", 1, reply), 0);
	return reply->status;
}

static struct damc_rmi_client *open_client(void)
{
	struct damc_rmi_client *client = damc_rmi_client_open(NULL);

	assert_non_null(client);
	return client;
}

static void test_reply(void **state)
{
	struct damc_rmi_client *client = open_client();
	struct damc_rmi_reply reply;

	(void)state;
	assert_int_equal(call(client, "greet", &reply), DAMC_RMI_OK);
	assert_int_equal(reply.len, 8);
	assert_memory_equal(reply.data, "hello, a", 8);
	assert_true(damc_name_equal(&reply.server, &service));
	assert_int_equal(reply.there.hops, 1);
	assert_int_equal(reply.back.hops, 1);
	assert_memory_equal(reply.back.node[0].wire, "\3sg1", 4);
	assert_true(reply.rtt_us > 0);
	damc_rmi_reply_free(&reply);
	assert_null(reply.data);
	damc_rmi_client_close(client);
}

static void test_statuses(void **state)
{
	struct damc_rmi_client *client = open_client();
	struct damc_rmi_reply reply;

	(void)state;
	assert_int_equal(call(client, "fail", &reply), DAMC_RMI_APPLICATION);
	assert_int_equal(call(client, "odd", &reply), DAMC_RMI_APPLICATION);
	assert_int_equal(call(client, "none", &reply), DAMC_RMI_NO_METHOD);
	assert_null(reply.data);
	assert_int_equal(executed, 3);
	damc_rmi_client_close(client);
}

static void test_too_big(void **state)
{
	struct damc_rmi_client *client = open_client();
	struct damc_rmi_reply reply;
	static char data[65000];

	(void)state;
	fake_mtu = 1000;
	assert_int_equal(call(client, "big", &reply), DAMC_RMI_REPLY_TOO_BIG);
	assert_int_equal(executed, 1);
	assert_int_equal(call_len(client, "greet", data, 1400, &reply), 0);
	assert_int_equal(reply.status, DAMC_RMI_TOO_BIG);
	assert_int_equal(call_len(client, "greet", data, 65000, &reply), 0);
	assert_int_equal(reply.status, DAMC_RMI_TOO_BIG);
	assert_int_equal(executed, 1);
	damc_rmi_client_close(client);
}

/* The way is short and the method slow: that it was taken is said at once. */
static void test_slow_method(void **state)
{
	struct damc_rmi_client *client = open_client();
	struct damc_rmi_reply reply;

	(void)state;
	assert_int_equal(call(client, "none", &reply), DAMC_RMI_NO_METHOD);
	assert_int_equal(call(client, "slow", &reply), DAMC_RMI_OK);
	assert_true(reply.rtt_us >= 60000);
	/* More only if the machine is as slow as the method. */
	print_message("# a method of 60 ms: %u transmissions\n",
		      reply.transmissions);
	assert_int_equal(call(client, "none", &reply), DAMC_RMI_NO_METHOD);
	assert_int_equal(executed, 3);
	damc_rmi_client_close(client);
}

static struct damc_rmi_pending *start_call(struct damc_rmi_client *client,
					   const char *method, const void *data,
					   size_t len)
{
	struct damc_rmi_request request = {
		.target = service, .method = method, .data = data, .len = len,
		.deadline_ms = 10000,
	};
	struct damc_rmi_pending *pending = damc_rmi_start(client, &request);

	assert_non_null(pending);
	return pending;
}

static void step_until_ended(struct damc_rmi_client *client,
			     struct damc_rmi_pending *pending)
{
	while (!damc_rmi_ended(pending))
		assert_int_equal(damc_rmi_client_step(client, -1), 0);
}

/* Many calls on one socket, some of them slow, all lossy. */
static void test_concurrent(void **state)
{
	struct damc_rmi_client *client = open_client();
	struct damc_rmi_pending *pending[40];
	struct damc_rmi_reply reply;
	unsigned int i;

	(void)state;
	fake_loss = 20;
	assert_int_equal(damc_rmi_client_timeout(client), -1);
	for (i = 0; i < 40; i++)
		pending[i] = start_call(client, i % 10 ? "greet" : "slow", &i,
					sizeof(i));
	assert_true(damc_rmi_client_timeout(client) >= 0);
	assert_true(damc_rmi_client_fd(client) >= 0);
	for (i = 0; i < 40; i++) {
		step_until_ended(client, pending[i]);
		assert_int_equal(damc_rmi_finish(client, pending[i], &reply),
				 0);
		assert_int_equal(reply.status, DAMC_RMI_OK);
		if (i % 10)
			assert_memory_equal((char *)reply.data + 7, &i,
					    sizeof(i));
		damc_rmi_reply_free(&reply);
	}
	assert_int_equal(executed, 40);
	damc_rmi_client_close(client);
}

/* A message of any size up to the limit, in parts some of which get lost. */
static void test_large(void **state)
{
	static const size_t sizes[] = {
		1000, 1208 - 53, 1209 - 53, 5000, 40000, 64000,
		DAMC_RMI_DATA_MAX - 32,
	};
	static char data[RMI_TEST_MAX];
	struct damc_rmi_client *client = open_client();
	struct damc_rmi_reply reply;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(data); i++)
		data[i] = i * 7 >> 3;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		fake_loss = i % 2 ? 10 : 0;
		assert_int_equal(call_len(client, "greet", data, sizes[i],
					  &reply), 0);
		assert_int_equal(reply.status, DAMC_RMI_OK);
		assert_int_equal(reply.len, sizes[i] + 7);
		assert_memory_equal((char *)reply.data + 7, data, sizes[i]);
		damc_rmi_reply_free(&reply);
	}
	assert_int_equal(executed, ARRAY_SIZE(sizes));
	damc_rmi_client_close(client);
}

/* Given up while it runs, while it waits, and when it has ended. */
static void test_cancel(void **state)
{
	struct damc_rmi_client *client = open_client();
	struct damc_rmi_pending *slow, *waits, *other;
	struct damc_rmi_reply reply;

	(void)state;
	assert_int_equal(call(client, "none", &reply), DAMC_RMI_NO_METHOD);
	slow = start_call(client, "slow", "x", 1);
	waits = start_call(client, "slow", "y", 1);
	other = start_call(client, "greet", "z", 1);
	assert_int_equal(damc_rmi_finish(client, other, &reply), -EAGAIN);
	assert_int_equal(damc_rmi_client_step(client, 10), 0);
	damc_rmi_cancel(client, slow);
	damc_rmi_cancel(client, waits);
	step_until_ended(client, other);
	assert_int_equal(damc_rmi_finish(client, other, &reply), 0);
	assert_int_equal(reply.status, DAMC_RMI_OK);
	damc_rmi_reply_free(&reply);
	other = start_call(client, "greet", "z", 1);
	step_until_ended(client, other);
	damc_rmi_cancel(client, other);
	assert_int_equal(call(client, "greet", &reply), DAMC_RMI_OK);
	damc_rmi_reply_free(&reply);
	assert_int_equal(executed, 6);
	damc_rmi_client_close(client);
}

static void test_loss(void **state)
{
	struct damc_rmi_client *client = open_client();
	struct damc_rmi_reply reply;
	unsigned int transmissions = 0;
	int i;

	(void)state;
	fake_loss = 30;
	for (i = 0; i < 50; i++) {
		assert_int_equal(call(client, "greet", &reply), DAMC_RMI_OK);
		transmissions += reply.transmissions;
		damc_rmi_reply_free(&reply);
	}
	assert_int_equal(executed, 50);
	assert_true(transmissions > 50);
	print_message("# 50 calls, 30 %% lost: %u transmissions\n",
		      transmissions);
	damc_rmi_client_close(client);
}

static void test_nobody(void **state)
{
	struct damc_rmi_client *client = open_client();
	struct damc_rmi_request request = {
		.target = { .len = 2, .wire = { 1, 'x' } }, .method = "m",
		.deadline_ms = 5000,
	};
	struct damc_rmi_reply reply;

	(void)state;
	assert_int_equal(damc_rmi_call(client, &request, &reply), 0);
	assert_int_equal(reply.status, DAMC_RMI_UNREACHABLE);
	assert_int_equal(reply.error, DAMC_ERROR_CODE_NO_LISTENER);
	damc_rmi_client_close(client);
}

static void test_restart(void **state)
{
	struct damc_rmi_client *client = open_client();
	struct damc_rmi_reply reply;

	assert_int_equal(call(client, "none", &reply), DAMC_RMI_NO_METHOD);
	end(state);
	assert_int_equal(start(state), 0);
	/* Known not to be executed by either, so it begins anew. */
	assert_int_equal(call(client, "none", &reply), DAMC_RMI_NO_METHOD);
	assert_int_equal(executed, 1);
	damc_rmi_client_close(client);
}

static void test_invalid(void **state)
{
	struct damc_rmi_client *client = open_client();
	struct damc_rmi_request good = {
		.target = service, .method = "m", .deadline_ms = 1000,
	};
	struct damc_rmi_request request;
	struct damc_rmi_reply reply;
	char method[257];

	(void)state;
	memset(method, 'm', 256);
	method[256] = '\0';
	request = good;
	request.method = "";
	assert_int_equal(damc_rmi_call(client, &request, &reply), -EINVAL);
	request.method = method;
	assert_int_equal(damc_rmi_call(client, &request, &reply), -EINVAL);
	request = good;
	request.deadline_ms = 0;
	assert_int_equal(damc_rmi_call(client, &request, &reply), -EINVAL);
	request.deadline_ms = 86400001;
	assert_int_equal(damc_rmi_call(client, &request, &reply), -EINVAL);
	request = good;
	request.len = 1;
	assert_int_equal(damc_rmi_call(client, &request, &reply), -EINVAL);
	request = good;
	request.target.wire[0] = 9;
	assert_int_equal(damc_rmi_call(client, &request, &reply), -EINVAL);
	damc_rmi_client_close(client);
	assert_null(damc_rmi_server_open(NULL, serve, NULL));
	assert_int_equal(errno, EINVAL);
}

static void test_deadline(void **state)
{
	struct damc_rmi_client *client = open_client();
	struct damc_rmi_request request = {
		.target = service, .method = "m", .deadline_ms = 150,
	};
	struct timespec a, b;
	struct damc_rmi_reply reply;
	long ms;

	(void)state;
	fake_loss = 100;
	clock_gettime(CLOCK_MONOTONIC, &a);
	assert_int_equal(damc_rmi_call(client, &request, &reply), 0);
	clock_gettime(CLOCK_MONOTONIC, &b);
	ms = (b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000;
	assert_int_equal(reply.status, DAMC_RMI_DEADLINE);
	assert_int_equal(executed, 0);
	assert_true(ms >= 149 && ms < 1000);
	damc_rmi_client_close(client);
}

static void test_words(void **state)
{
	int i;

	(void)state;
	for (i = 0; i <= DAMC_RMI_REPLY_TOO_BIG; i++)
		assert_true(strlen(damc_rmi_strerror(i)) > 3);
	assert_non_null(damc_rmi_strerror(-1));
	assert_non_null(damc_rmi_strerror(1000));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_reply, start, end),
		{ "test_reply_by_poll", test_reply, start_by_poll, end, NULL },
		cmocka_unit_test_setup_teardown(test_statuses, start, end),
		cmocka_unit_test_setup_teardown(test_too_big, start, end),
		cmocka_unit_test_setup_teardown(test_slow_method, start, end),
		{ "test_slow_method_by_poll", test_slow_method, start_by_poll, end, NULL },
		cmocka_unit_test_setup_teardown(test_concurrent, start, end),
		{ "test_concurrent_by_poll", test_concurrent, start_by_poll, end, NULL },
		cmocka_unit_test_setup_teardown(test_large, start, end),
		{ "test_large_by_poll", test_large, start_by_poll, end, NULL },
		cmocka_unit_test_setup_teardown(test_cancel, start, end),
		{ "test_cancel_by_poll", test_cancel, start_by_poll, end, NULL },
		cmocka_unit_test_setup_teardown(test_loss, start, end),
		{ "test_loss_by_poll", test_loss, start_by_poll, end, NULL },
		cmocka_unit_test_setup_teardown(test_nobody, start, end),
		cmocka_unit_test_setup_teardown(test_restart, start, end),
		cmocka_unit_test_setup_teardown(test_invalid, start, end),
		cmocka_unit_test_setup_teardown(test_deadline, start, end),
		cmocka_unit_test(test_words),
	};
	char command[128];
	int failed;

	check_seed();
	strcpy(fake_dir, "/tmp/damc-rmi-XXXXXX");
	if (!mkdtemp(fake_dir))
		return 1;
	failed = cmocka_run_group_tests_name("rmi_shell", tests, NULL, NULL);
	snprintf(command, sizeof(command), "rm -r %s", fake_dir);
	if (system(command))
		return 1;
	return failed;
}
