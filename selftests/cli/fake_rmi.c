// SPDX-License-Identifier: GPL-2.0
/* The fake library, see fake.h: calls, whose method says how they end; no servers. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"

/* Its address is all that matters. */
static char the_client;

struct damc_rmi_client *damc_rmi_client_open(const struct damc_name *self)
{
	if (fake_is("nomodule")) {
		errno = EAFNOSUPPORT;
		return NULL;
	}
	if (self)
		fprintf(stderr, "fake: call from %s\n", fake_text(self));
	return (struct damc_rmi_client *)&the_client;
}

void damc_rmi_client_close(struct damc_rmi_client *client)
{
	(void)client;
}

static const struct {
	const char *method;
	enum damc_rmi_status status;
	enum damc_error_code error;
} ends[] = {
	{ "fail", DAMC_RMI_APPLICATION, 0 },
	{ "none", DAMC_RMI_NO_METHOD, 0 },
	{ "refuse", DAMC_RMI_REFUSED, 0 },
	{ "big", DAMC_RMI_TOO_BIG, 0 },
	{ "late", DAMC_RMI_DEADLINE, 0 },
	{ "gone", DAMC_RMI_OUTCOME_UNKNOWN, 0 },
	{ "away", DAMC_RMI_UNREACHABLE, DAMC_ERROR_CODE_NO_ROUTE },
	{ "odd", DAMC_RMI_PROTOCOL, 0 },
	{ "long", DAMC_RMI_REPLY_TOO_BIG, 0 },
};

static void fake_path(struct damc_rmi_path *path)
{
	path->hops = 2;
	path->missed = 1;
	path->node[0] = fake_name("/damc/node/sg1");
	path->node[1] = fake_name("/damc/node/sg2");
}

int damc_rmi_call(struct damc_rmi_client *client,
		  const struct damc_rmi_request *request,
		  struct damc_rmi_reply *reply)
{
	size_t i;

	(void)client;
	memset(reply, 0, sizeof(*reply));
	if (!strcmp(request->method, "einval"))
		return -EINVAL;
	fprintf(stderr, "fake: deadline %u ms, %zu bytes%s\n",
		request->deadline_ms, request->len,
		request->record ? ", record" : "");
	for (i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		if (!strcmp(request->method, ends[i].method)) {
			reply->status = ends[i].status;
			reply->error = ends[i].error;
		}
	}
	reply->data = malloc(request->len + 1);
	memcpy(reply->data, request->data ? request->data : "", request->len);
	reply->len = request->len;
	reply->server = fake_name("/b/4");
	reply->transmissions = 2;
	reply->rtt_us = 1234567;
	if (request->record) {
		fake_path(&reply->there);
		reply->back.missed = 0;
	}
	return 0;
}

void damc_rmi_reply_free(struct damc_rmi_reply *reply)
{
	free(reply->data);
}

const char *damc_rmi_strerror(enum damc_rmi_status status)
{
	static char words[32];

	snprintf(words, sizeof(words), "status %d", status);
	return words;
}

struct damc_rmi_server *damc_rmi_server_open_member(const struct damc_name *self,
						    uint32_t weight,
						    damc_rmi_method method,
						    void *arg)
{
	fprintf(stderr, "fake: serve %s, weight %u\n", fake_text(self), weight);
	(void)method;
	(void)arg;
	errno = fake_is("nomodule") ? EAFNOSUPPORT : EADDRINUSE;
	return NULL;
}

void damc_rmi_server_close(struct damc_rmi_server *server)
{
	(void)server;
}

int damc_rmi_server_fd(const struct damc_rmi_server *server)
{
	(void)server;
	return -1;
}

int damc_rmi_server_step(struct damc_rmi_server *server)
{
	(void)server;
	return -EBADF;
}
