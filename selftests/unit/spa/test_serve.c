// SPDX-License-Identifier: GPL-2.0
/* damc-spa serve, whole, over sockets: called, and calling with news. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "c3_lab.h"
#include "class3.h"
#include "fake_sock.h"
#include "lab.h"
#include "spa_tool.h"

#define DEADLINE_MS 20000

struct place {
	char dir[64];
	struct lab lab;
	struct dc_identity spa, sg;
	pid_t server;
	struct damc_rmi_client *client;
};

static void write_file(const char *name, const char *text)
{
	FILE *file = fopen(name, "we");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void start(struct place *place)
{
	struct tool tool = { .config = "spa.yaml" };

	fflush(stdout);
	place->server = fork();
	assert_true(place->server >= 0);
	if (!place->server)
		_exit(cmd_serve(&tool));
}

static int setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	char why[DC_WHY_MAX];
	struct damc_name self;

	assert_non_null(place);
	strcpy(place->dir, "/tmp/damc-spa-XXXXXX");
	assert_non_null(mkdtemp(place->dir));
	assert_int_equal(chdir(place->dir), 0);
	snprintf(fake_dir, sizeof(fake_dir), "%s", place->dir);
	lab_init(&place->lab, &dc_ed25519, 1);
	place->lab.time_ms = tool_wall_ms();
	lab_enrol(&place->lab, &place->spa, "spa1", DC_ROLE_SPA, "/shop");
	lab_enrol(&place->lab, &place->sg, "sg1", DC_ROLE_SG, "");
	assert_int_equal(dc_identity_store(&place->spa, "id", why), 0);
	write_file("spa.yaml",
		   "identity: id\nstate: state\npolicy: policy.yaml\n"
		   "unsigned-policy: yes\nsync: quick\n");
	write_file("policy.yaml",
		   "version: 1\ndomain: " LAB_DOMAIN "\nallow:\n"
		   "  - { rule: all, pod: /pod/**, name: /shop/**, right: name }\n");
	start(place);
	/* Names of its own are counted in each process: not the server's. */
	c3_name(&self, "/pod/sg1/test");
	place->client = damc_rmi_client_open(&self);
	assert_non_null(place->client);
	*state = place;
	return 0;
}

static int teardown(void **state)
{
	struct place *place = *state;
	char command[128];
	int status;

	damc_rmi_client_close(place->client);
	kill(place->server, SIGTERM);
	assert_int_equal(waitpid(place->server, &status, 0), place->server);
	assert_true(WIFEXITED(status) && !WEXITSTATUS(status));
	assert_int_equal(chdir("/"), 0);
	snprintf(command, sizeof(command), "rm -rf %s", place->dir);
	assert_int_equal(system(command), 0);
	free(place);
	return 0;
}

/* Until the server is there, there is no listener. */
static void call(struct place *place, const char *method, const void *data,
		 size_t len, struct damc_rmi_reply *reply)
{
	struct damc_rmi_request request = {
		.method = method, .data = data, .len = len,
		.deadline_ms = DEADLINE_MS
	};
	int tries;

	c3_name(&request.target, "/localhost/damc/spa");
	for (tries = 0; tries < 2000; tries++) {
		assert_int_equal(damc_rmi_call(place->client, &request, reply),
				 0);
		if (reply->status != DAMC_RMI_UNREACHABLE)
			return;
		damc_rmi_reply_free(reply);
		usleep(10000);
	}
	fail();
}

static void fresh_nonce(struct place *place, struct dc_c3_nonce *nonce)
{
	struct dc_c3_nonce_request ask = { .count = 1 };
	struct dc_c3_nonce_answer given;
	struct damc_rmi_reply reply;
	uint8_t bytes[64];
	int len;

	c3_node(&ask.gateway, "sg1");
	len = dc_c3_nonce_request_write(&ask, bytes, sizeof(bytes));
	call(place, DC_C3_METHOD_NONCE, bytes, len, &reply);
	assert_int_equal(reply.status, DAMC_RMI_OK);
	assert_int_equal(dc_c3_nonce_answer_read(&given, reply.data, reply.len),
			 0);
	*nonce = given.nonce[0];
	damc_rmi_reply_free(&reply);
}

static int ask(struct place *place, const char *name)
{
	struct dc_c3_request request = {
		.domain = dc_domain_of(LAB_DOMAIN), .right = DC_RIGHT_NAME,
		.cert = place->sg.cert, .cert_len = place->sg.cert_len
	};
	uint8_t bytes[DC_C3_REQUEST_MAX];
	struct damc_rmi_reply reply;
	struct dc_c3_answer answer;
	int len;

	fresh_nonce(place, &request.nonce);
	c3_node(&request.gateway, "sg1");
	c3_name(&request.name, name);
	c3_name(&request.subject.pod, "/pod/sg1/web");
	len = dc_c3_request_write(&request, &dc_ed25519, place->sg.secret,
				  bytes, sizeof(bytes));
	call(place, DC_C3_METHOD_GRANT, bytes, len, &reply);
	assert_int_equal(reply.status, DAMC_RMI_OK);
	assert_int_equal(dc_c3_answer_read(&answer, reply.data, reply.len), 0);
	damc_rmi_reply_free(&reply);
	return answer.code;
}

static void called(void **state)
{
	struct place *place = *state;
	struct damc_rmi_reply reply;

	assert_int_equal(ask(place, "/shop/a"), DC_C3_GRANTED);
	assert_int_equal(ask(place, "/shop"), DC_C3_NO_POLICY);
	call(place, "nothing", "", 0, &reply);
	assert_int_equal(reply.status, DAMC_RMI_NO_METHOD);
	damc_rmi_reply_free(&reply);
	call(place, DC_C3_METHOD_GRANT, "rubbish", 7, &reply);
	assert_int_equal(reply.status, DAMC_RMI_REFUSED);
	damc_rmi_reply_free(&reply);
}

/* SIGHUP: the new policy counts; one with a mistake does not. */
static void hung_up(void **state)
{
	struct place *place = *state;
	int tries, code = DC_C3_GRANTED;

	assert_int_equal(ask(place, "/shop/a"), DC_C3_GRANTED);
	write_file("policy.yaml", "version: 2\ndomain: " LAB_DOMAIN "\n");
	kill(place->server, SIGHUP);
	for (tries = 0; tries < 1000 && code != DC_C3_NO_POLICY; tries++) {
		code = ask(place, "/shop/a");
		usleep(10000);
	}
	assert_int_equal(code, DC_C3_NO_POLICY);
	write_file("policy.yaml", "rubbish\n");
	kill(place->server, SIGHUP);
	assert_int_equal(ask(place, "/shop/a"), DC_C3_NO_POLICY);
}

/* ---- news -------------------------------------------------------------- */

struct heard {
	int beacons, revocations;
};

static enum damc_rmi_status on_object(const struct damc_rmi_call_info *info,
				      void **data, size_t *len, void *arg)
{
	struct dc_c3_objects objects;
	struct heard *heard = arg;
	struct dc_object object;
	uint32_t i;

	*data = NULL;
	*len = 0;
	if (strcmp(info->method, DC_C3_METHOD_OBJECT) ||
	    dc_c3_objects_read(&objects, info->data, info->len))
		return DAMC_RMI_REFUSED;
	for (i = 0; i < objects.n; i++) {
		if (dc_object_read(&object, objects.object[i].bytes,
				   objects.object[i].len, NULL))
			return DAMC_RMI_REFUSED;
		heard->beacons += object.type == DC_BEACON;
		heard->revocations += object.type == DC_REVOCATION;
	}
	return DAMC_RMI_OK;
}

/* Who asked once is called with what is revoked by another process. */
static void called_back(void **state)
{
	struct dc_c3_objects_request want = { 0 };
	struct tool tool = { .left = 2, .config = "spa.yaml" };
	struct damc_rmi_server *node;
	struct place *place = *state;
	struct heard heard = { 0 };
	struct damc_rmi_reply reply;
	struct dc_c3_objects objects;
	struct damc_name name;
	char verb[] = "revoke", what[] = "/shop/a", *words[2];
	uint8_t bytes[64];
	int len, tries;

	words[0] = verb;
	words[1] = what;
	tool.next = words;
	c3_name(&name, "/damc/node/sg1/" DC_C3_NEWS);
	node = damc_rmi_server_open(&name, on_object, &heard);
	assert_non_null(node);
	assert_int_equal(ask(place, "/shop/a"), DC_C3_GRANTED);
	c3_node(&want.node, "sg1");
	len = dc_c3_objects_request_write(&want, bytes, sizeof(bytes));
	call(place, DC_C3_METHOD_OBJECTS, bytes, len, &reply);
	assert_int_equal(dc_c3_objects_read(&objects, reply.data, reply.len),
			 0);
	assert_true(objects.n >= 1);
	damc_rmi_reply_free(&reply);
	assert_int_equal(cmd_grant(&tool), 0);
	json_decref(tool.rows);
	for (tries = 0; tries < 2000 && !heard.revocations; tries++) {
		assert_true(damc_rmi_server_step(node) >= 0);
		usleep(5000);
	}
	assert_true(heard.revocations > 0 && heard.beacons > 0);
	damc_rmi_server_close(node);
	assert_int_equal(ask(place, "/shop/a"), DC_C3_REVOKED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(called),
		TEST(hung_up),
		TEST(called_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
