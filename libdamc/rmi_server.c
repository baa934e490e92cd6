// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * RMI's answering side on a socket: executes calls one after the other. Owns
 * the socket and the core; all decisions are the core's.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rmi_server_core.h"
#include "rmi_sock.h"

/* Packets handled in one step at most, so that its caller gets to its timers. */
#define BATCH 64

struct damc_rmi_server {
	int fd;
	struct rmi_server_core *core;
	damc_rmi_method method;
	void *arg;
	uint8_t in[RMI_MESSAGE_MAX];
	uint8_t out[RMI_MESSAGE_MAX];
};

static int set_up(struct damc_rmi_server *server, const struct damc_name *self)
{
	uint64_t incarnation;
	int err;

	err = rmi_random(&incarnation);
	if (err)
		return err;
	server->core = rmi_server_core_new(incarnation, &rmi_limits_default,
					   rmi_now());
	if (!server->core)
		return -ENOMEM;
	server->fd = rmi_sock_open(self);
	return server->fd < 0 ? server->fd : 0;
}

DAMC_PUBLIC
struct damc_rmi_server *damc_rmi_server_open(const struct damc_name *self,
					     damc_rmi_method method, void *arg)
{
	struct damc_rmi_server *server;
	int err;

	errno = EINVAL;
	if (!self || !self->len || !method)
		return NULL;
	server = calloc(1, sizeof(*server));
	if (!server)
		return NULL;
	server->method = method;
	server->arg = arg;
	err = set_up(server, self);
	if (err) {
		rmi_server_core_free(server->core);
		free(server);
		errno = -err;
		return NULL;
	}
	return server;
}

DAMC_PUBLIC
void damc_rmi_server_close(struct damc_rmi_server *server)
{
	if (!server)
		return;
	close(server->fd);
	rmi_server_core_free(server->core);
	free(server);
}

DAMC_PUBLIC
int damc_rmi_server_fd(const struct damc_rmi_server *server)
{
	return server->fd;
}

/*
 * A packet that can't be sent is as good as lost, and asked for again. One
 * that is too big never will be sent.
 */
static void send_answer(struct damc_rmi_server *server,
			const struct damc_name *to, uint32_t flow,
			struct rmi_work *work)
{
	int err;

	if (!work->len)
		return;
	do {
		err = rmi_sock_send(server->fd, to, flow, work->record,
				    server->out, work->len);
		if (err != -EMSGSIZE || work->execute)
			return;
		/* The quote and what takes its place may share the buffer. */
		rmi_server_core_too_big(server->core, to, server->out,
					work->len, work, server->out,
					sizeof(server->out), rmi_now());
	} while (work->len);
}

static void execute(struct damc_rmi_server *server,
		    const struct rmi_sock_packet *packet,
		    struct rmi_work *work)
{
	char name[DAMC_RMI_METHOD_MAX + 1];
	struct damc_rmi_call_info info = {
		.caller = packet->from,
		.method = name,
		.data = work->data,
		.len = work->data_len,
		.remaining_ms = work->remaining_ms,
	};
	enum damc_rmi_status status = DAMC_RMI_NO_METHOD;
	void *data = NULL;
	size_t len = 0;

	memcpy(name, work->method, work->method_len);
	name[work->method_len] = '\0';
	/* A zero inside would make it look like another method's name. */
	if (strlen(name) == work->method_len)
		status = server->method(&info, &data, &len, server->arg);
	rmi_server_core_finish(server->core, work->execute, status, data,
			       data ? len : 0, work, server->out,
			       sizeof(server->out), rmi_now());
	free(data);
}

/* Calls executed because of one packet. */
static int take_packet(struct damc_rmi_server *server,
		       const struct rmi_sock_packet *packet)
{
	struct rmi_work work;

	rmi_server_core_input(server->core, &packet->from, server->in,
			      packet->len, packet->record, packet->record_len,
			      &work, server->out, sizeof(server->out),
			      rmi_now());
	send_answer(server, &packet->from, packet->flow, &work);
	if (!work.execute)
		return 0;
	execute(server, packet, &work);
	send_answer(server, &packet->from, packet->flow, &work);
	return 1;
}

/* Replies that a node on the way found too big. */
static void take_errors(struct damc_rmi_server *server)
{
	struct rmi_sock_error error;
	struct rmi_work work;
	int i;

	for (i = 0; i < BATCH; i++) {
		if (rmi_sock_receive_error(server->fd, &error) <= 0)
			return;
		if (error.code != DAMC_ERROR_CODE_TOO_BIG ||
		    rmi_sock_error_mended(&error))
			continue;
		rmi_server_core_too_big(server->core, &error.to, error.quote,
					error.len, &work, server->out,
					sizeof(server->out), rmi_now());
		send_answer(server, &error.to, error.flow, &work);
	}
}

DAMC_PUBLIC
int damc_rmi_server_step(struct damc_rmi_server *server)
{
	struct rmi_sock_packet packet;
	int executed = 0;
	int i, n;

	take_errors(server);
	for (i = 0; i < BATCH; i++) {
		n = rmi_sock_receive(server->fd, &packet, server->in,
				     sizeof(server->in));
		if (!n)
			break;
		/* What is left from a former packet's way is no error of ours. */
		if (n == -EBADF || n == -ENOTSOCK || n == -EFAULT)
			return n;
		if (n > 0)
			executed += take_packet(server, &packet);
	}
	return executed;
}
