// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "damc.h"
#include "fake_calls.h"

struct fake_calls fake_calls;

struct damc_rmi_client {
	int fd;
};

struct damc_rmi_pending {
	unsigned int number;
};

struct damc_rmi_client *damc_rmi_client_open(const struct damc_name *name)
{
	struct damc_rmi_client *client = calloc(1, sizeof(*client));

	(void)name;
	if (client)
		client->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return client;
}

void damc_rmi_client_close(struct damc_rmi_client *client)
{
	close(client->fd);
	free(client);
}

int damc_rmi_client_fd(const struct damc_rmi_client *client)
{
	return client->fd;
}

int damc_rmi_client_timeout(const struct damc_rmi_client *client)
{
	(void)client;
	return 1;
}

int damc_rmi_client_step(struct damc_rmi_client *client, int timeout_ms)
{
	(void)client;
	(void)timeout_ms;
	return 0;
}

struct damc_rmi_pending *damc_rmi_start(struct damc_rmi_client *client,
					const struct damc_rmi_request *request)
{
	struct damc_rmi_pending *pending;

	(void)client;
	(void)request;
	if (fake_calls.none || fake_calls.n == FAKE_CALLS_MAX)
		return NULL;
	pending = calloc(1, sizeof(*pending));
	if (pending)
		pending->number = fake_calls.n++;
	return pending;
}

bool damc_rmi_ended(const struct damc_rmi_pending *pending)
{
	fake_calls.looks++;
	return fake_calls.ended[pending->number];
}

int damc_rmi_finish(struct damc_rmi_client *client,
		    struct damc_rmi_pending *pending,
		    struct damc_rmi_reply *reply)
{
	(void)client;
	if (!fake_calls.ended[pending->number])
		return -EAGAIN;
	memset(reply, 0, sizeof(*reply));
	reply->status = DAMC_RMI_OK;
	free(pending);
	return 0;
}

void damc_rmi_cancel(struct damc_rmi_client *client,
		     struct damc_rmi_pending *pending)
{
	(void)client;
	free(pending);
}

void damc_rmi_reply_free(struct damc_rmi_reply *reply)
{
	free(reply->data);
}
