// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * RMI's calling side on a socket: one call that is waited for, or many at once.
 * Owns the socket and the core; all decisions are the core's.
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
	/* The last reply came without a timer's running out. */
	bool at_once;
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
	client->fd = rmi_sock_open(self, 0);
	if (client->fd < 0) {
		errno = -client->fd;
		rmi_client_core_free(client->core);
		free(client);
		return NULL;
	}
	return client;
}

static void send_packets(struct damc_rmi_client *client, uint64_t now)
{
	struct rmi_packet packet;
	int err;

	while (rmi_client_core_output(client->core, &packet, client->buf,
				      sizeof(client->buf), now)) {
		err = rmi_sock_send(client->fd, &packet.to, packet.flow,
				    packet.record, client->buf, packet.len);
		if (err && packet.call)
			rmi_client_core_unsent(client->core, packet.call, -err,
					       now);
	}
}

DAMC_PUBLIC
void damc_rmi_client_close(struct damc_rmi_client *client)
{
	if (!client)
		return;
	rmi_client_core_shutdown(client->core);
	send_packets(client, rmi_now());
	rmi_client_core_free(client->core);
	close(client->fd);
	free(client);
}

/* An error here was another packet's; the queue of errors tells whose. */
static int receive_packet(struct damc_rmi_client *client, bool wait)
{
	struct rmi_sock_packet packet;
	int n;

	n = rmi_sock_receive(client->fd, &packet, client->buf,
			     sizeof(client->buf), wait);
	if (n <= 0)
		return n;
	rmi_client_core_input(client->core, &packet.from, client->buf,
			      packet.len, packet.record, packet.record_len,
			      rmi_now());
	return 1;
}

static void receive_packets(struct damc_rmi_client *client)
{
	int i;

	for (i = 0; i < BATCH; i++)
		if (!receive_packet(client, false))
			return;
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

/* Microseconds until something is due. */
static uint64_t until_next(const struct rmi_client_core *core, uint64_t now)
{
	uint64_t next = rmi_client_core_next(core);

	return next > now ? next - now : 0;
}

/* Rounded up, for poll(). */
static int wait_ms(const struct rmi_client_core *core, uint64_t now)
{
	uint64_t us = until_next(core, now);

	return us > 1000000 ? 1000 : (us + 999) / 1000;
}

static int wait(struct damc_rmi_client *client, int timeout)
{
	struct pollfd pfd = { .fd = client->fd, .events = POLLIN };

	if (poll(&pfd, 1, timeout) < 0 && errno != EINTR)
		return -errno;
	if (pfd.revents & POLLNVAL)
		return -EBADF;
	if (pfd.revents & POLLERR)
		receive_errors(client);
	if (pfd.revents)
		receive_packets(client);
	rmi_client_core_timer(client->core, rmi_now());
	return 0;
}

/*
 * For what is likely to come at once, as the last reply did: false if poll()
 * is to wait for it.
 */
static bool wait_at_once(struct damc_rmi_client *client, uint64_t now)
{
	if (!client->at_once ||
	    until_next(client->core, now) < RMI_SOCK_WAIT_US)
		return false;
	client->at_once = receive_packet(client, true) > 0;
	if (!client->at_once)
		rmi_client_core_timer(client->core, rmi_now());
	return true;
}

static int wait_for(struct damc_rmi_client *client, struct rmi_call *call,
		    uint64_t now)
{
	int err;

	send_packets(client, now);
	if (rmi_call_ended(call) || wait_at_once(client, now))
		return 0;
	err = wait(client, wait_ms(client->core, now));
	client->at_once = rmi_call_ended(call);
	return err;
}

DAMC_PUBLIC
int damc_rmi_call(struct damc_rmi_client *client,
		  const struct damc_rmi_request *request,
		  struct damc_rmi_reply *reply)
{
	uint64_t now = rmi_now();
	struct rmi_call *call;
	int err = 0;

	call = rmi_client_core_start(client->core, request, now);
	if (!call)
		return -errno;
	for (;;) {
		err = wait_for(client, call, now);
		if (err || rmi_call_ended(call))
			break;
		now = rmi_now();
	}
	if (!err)
		err = rmi_call_result(call, reply);
	rmi_call_free(client->core, call);
	return err;
}

/* What the public header calls a pending call is the core's call. */

static struct rmi_call *call_of(struct damc_rmi_pending *pending)
{
	return (struct rmi_call *)pending;
}

DAMC_PUBLIC
struct damc_rmi_pending *damc_rmi_start(struct damc_rmi_client *client,
					const struct damc_rmi_request *request)
{
	uint64_t now = rmi_now();
	struct rmi_call *call;

	call = rmi_client_core_start(client->core, request, now);
	if (call)
		send_packets(client, now);
	return (struct damc_rmi_pending *)call;
}

DAMC_PUBLIC
int damc_rmi_client_fd(const struct damc_rmi_client *client)
{
	return client->fd;
}

DAMC_PUBLIC
int damc_rmi_client_timeout(const struct damc_rmi_client *client)
{
	uint64_t us;

	if (rmi_client_core_next(client->core) == UINT64_MAX)
		return -1;
	us = until_next(client->core, rmi_now());
	return us > 1000000 ? 1000 : (us + 999) / 1000;
}

DAMC_PUBLIC
int damc_rmi_client_step(struct damc_rmi_client *client, int timeout_ms)
{
	uint64_t now = rmi_now();
	int ms = rmi_client_core_next(client->core) == UINT64_MAX ? -1 :
		 wait_ms(client->core, now);
	int err;

	if (ms < 0 || (timeout_ms >= 0 && timeout_ms < ms))
		ms = timeout_ms;
	err = wait(client, ms);
	if (!err)
		send_packets(client, rmi_now());
	return err;
}

DAMC_PUBLIC
bool damc_rmi_ended(const struct damc_rmi_pending *pending)
{
	return rmi_call_ended((const struct rmi_call *)pending);
}

DAMC_PUBLIC
int damc_rmi_finish(struct damc_rmi_client *client,
		    struct damc_rmi_pending *pending,
		    struct damc_rmi_reply *reply)
{
	struct rmi_call *call = call_of(pending);
	int err;

	if (!rmi_call_ended(call))
		return -EAGAIN;
	err = rmi_call_result(call, reply);
	rmi_call_free(client->core, call);
	return err;
}

DAMC_PUBLIC
void damc_rmi_cancel(struct damc_rmi_client *client,
		     struct damc_rmi_pending *pending)
{
	rmi_call_free(client->core, call_of(pending));
}

DAMC_PUBLIC
void damc_rmi_reply_free(struct damc_rmi_reply *reply)
{
	free(reply->data);
	reply->data = NULL;
	reply->len = 0;
}
