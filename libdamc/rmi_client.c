// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * RMI's calling side on a socket: one call at a time, waited for. Owns the
 * socket and the core; all decisions are the core's.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rmi_client_core.h"
#include "rmi_sock.h"

/* Packets taken from a queue before timers are looked at again. */
#define BATCH 64

struct damc_rmi_client {
	int fd;
	struct rmi_client_core *core;
	uint8_t buf[RMI_MESSAGE_MAX];
};

static struct damc_rmi_client *new_client(void)
{
	struct damc_rmi_client *client = calloc(1, sizeof(*client));
	uint64_t seed;
	int err;

	if (!client)
		return NULL;
	err = rmi_random(&seed);
	if (!err) {
		client->core = rmi_client_core_new(seed);
		if (client->core)
			return client;
		err = -ENOMEM;
	}
	free(client);
	errno = -err;
	return NULL;
}

DAMC_PUBLIC
struct damc_rmi_client *damc_rmi_client_open(const struct damc_name *self)
{
	struct damc_rmi_client *client = new_client();

	if (!client)
		return NULL;
	client->fd = rmi_sock_open(self);
	if (client->fd < 0) {
		errno = -client->fd;
		rmi_client_core_free(client->core);
		free(client);
		return NULL;
	}
	return client;
}

static void send_packets(struct damc_rmi_client *client)
{
	struct rmi_packet packet;
	int err;

	while (rmi_client_core_output(client->core, &packet, client->buf,
				      sizeof(client->buf), rmi_now())) {
		err = rmi_sock_send(client->fd, &packet.to, packet.flow,
				    packet.record, client->buf, packet.len);
		if (err && packet.call)
			rmi_client_core_unsent(client->core, packet.call, -err,
					       rmi_now());
	}
}

DAMC_PUBLIC
void damc_rmi_client_close(struct damc_rmi_client *client)
{
	if (!client)
		return;
	rmi_client_core_shutdown(client->core);
	send_packets(client);
	rmi_client_core_free(client->core);
	close(client->fd);
	free(client);
}

/* An error here was another packet's; the queue of errors tells whose. */
static void receive_packets(struct damc_rmi_client *client)
{
	struct rmi_sock_packet packet;
	int i, n;

	for (i = 0; i < BATCH; i++) {
		n = rmi_sock_receive(client->fd, &packet, client->buf,
				     sizeof(client->buf));
		if (!n)
			return;
		if (n < 0)
			continue;
		rmi_client_core_input(client->core, &packet.from, client->buf,
				      packet.len, packet.record,
				      packet.record_len, rmi_now());
	}
}

static void receive_errors(struct damc_rmi_client *client)
{
	struct rmi_sock_error error;
	int i;

	for (i = 0; i < BATCH; i++) {
		if (rmi_sock_receive_error(client->fd, &error) <= 0)
			return;
		if (rmi_sock_error_mended(&error))
			continue;
		rmi_client_core_refused(client->core, error.quote, error.len,
					error.code, &error.offender,
					rmi_now());
	}
}

/* Milliseconds until something is due, rounded up, for poll(). */
static int wait_ms(const struct rmi_client_core *core)
{
	uint64_t next = rmi_client_core_next(core);
	uint64_t now = rmi_now();

	if (next <= now)
		return 0;
	next -= now;
	return next > 1000000 ? 1000 : (next + 999) / 1000;
}

static int wait(struct damc_rmi_client *client)
{
	struct pollfd pfd = { .fd = client->fd, .events = POLLIN };

	if (poll(&pfd, 1, wait_ms(client->core)) < 0 && errno != EINTR)
		return -errno;
	if (pfd.revents & POLLNVAL)
		return -EBADF;
	receive_errors(client);
	receive_packets(client);
	rmi_client_core_timer(client->core, rmi_now());
	return 0;
}

DAMC_PUBLIC
int damc_rmi_call(struct damc_rmi_client *client,
		  const struct damc_rmi_request *request,
		  struct damc_rmi_reply *reply)
{
	struct rmi_call *call;
	int err = 0;

	call = rmi_client_core_start(client->core, request, rmi_now());
	if (!call)
		return -errno;
	while (!err && !rmi_call_ended(call)) {
		send_packets(client);
		if (!rmi_call_ended(call))
			err = wait(client);
	}
	if (!err)
		err = rmi_call_result(call, reply);
	rmi_call_free(client->core, call);
	return err;
}

DAMC_PUBLIC
void damc_rmi_reply_free(struct damc_rmi_reply *reply)
{
	free(reply->data);
	reply->data = NULL;
	reply->len = 0;
}
