// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "c3_lab.h"
#include "place.h"
#include "store_db.h"
#include "spa_tool.h"

void place_write(const struct place *place, const char *name, const char *text)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", place->dir, name);
	file = fopen(path, "we");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

int place_setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	char text[512], why[DC_WHY_MAX];

	assert_non_null(place);
	strcpy(place->dir, "/tmp/damc-spa-XXXXXX");
	assert_non_null(mkdtemp(place->dir));
	lab_init(&place->lab, &dc_ed25519, 1);
	place->lab.time_ms = tool_wall_ms();
	lab_enrol(&place->lab, &place->spa, "spa1", DC_ROLE_SPA, "/shop");
	lab_enrol(&place->lab, &place->sg, "sg1", DC_ROLE_SG, "");
	snprintf(text, sizeof(text), "%s/id", place->dir);
	assert_int_equal(dc_identity_store(&place->spa, text, why), 0);
	snprintf(text, sizeof(text),
		 "identity: %s/id\nstate: %s/state\npolicy: %s/policy.yaml\n"
		 "unsigned-policy: yes\nsync: quick\n",
		 place->dir, place->dir, place->dir);
	place_write(place, "spa.yaml", text);
	place_write(place, "policy.yaml",
		    "version: 1\ndomain: " LAB_DOMAIN "\nallow:\n"
		    "  - { rule: all, pod: /pod/**, name: /shop/**, right: name }\n");
	snprintf(place->config, sizeof(place->config), "%s/spa.yaml",
		 place->dir);
	*state = place;
	return 0;
}

int place_teardown(void **state)
{
	struct place *place = *state;
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", place->dir);
	assert_int_equal(system(command), 0);
	free(place);
	return 0;
}

void place_open(struct desk *desk, const struct place *place)
{
	if (desk_open(desk, place->config) || desk_enforce_policy(desk) ||
	    desk_sync(desk) < 0) {
		print_error("%s\n", desk->why);
		fail();
	}
}

int place_ask(const struct place *place, struct desk *desk, unsigned int number,
	      struct dc_c3_answer *answer)
{
	static uint8_t bytes[DC_C3_REQUEST_MAX], back[DC_C3_ANSWER_MAX];
	struct dc_c3_request request = {
		.domain = dc_domain_of(LAB_DOMAIN), .right = DC_RIGHT_NAME,
		.cert = place->sg.cert, .cert_len = place->sg.cert_len
	};
	struct dc_c3_nonce_request want = { .count = 1 };
	struct dc_c3_nonce_answer nonces;
	char name[64];
	int len;

	c3_node(&want.gateway, "sg1");
	len = dc_c3_nonce_request_write(&want, bytes, sizeof(bytes));
	len = dc_spa_nonce(desk->spa, bytes, len, back, tool_now_us());
	if (dc_c3_nonce_answer_read(&nonces, back, len))
		return -EBADMSG;
	request.gateway = want.gateway;
	request.nonce = nonces.nonce[0];
	snprintf(name, sizeof(name), "/shop/%u", number);
	c3_name(&request.name, name);
	snprintf(name, sizeof(name), "/pod/sg1/%u", number);
	c3_name(&request.subject.pod, name);
	len = dc_c3_request_write(&request, &dc_ed25519, place->sg.secret,
				  bytes, sizeof(bytes));
	len = dc_spa_grant(desk->spa, bytes, len, back, tool_now_us());
	return len < 0 ? len : dc_c3_answer_read(answer, back, len);
}

uint64_t place_number(const struct dc_c3_answer *answer)
{
	struct dc_object object;
	struct dc_grant grant;

	assert_int_equal(dc_object_read(&object, answer->grant,
					answer->grant_len, NULL), 0);
	assert_int_equal(dc_grant_read(&grant, &object), 0);
	return grant.number;
}

uint64_t place_steps(const struct store *store)
{
	uint64_t n = 0;
	int i;

	for (i = 0; i < STATEMENTS; i++)
		if (store->statement[i])
			n += sqlite3_stmt_status(store->statement[i],
						 SQLITE_STMTSTATUS_VM_STEP, 0);
	return n;
}
