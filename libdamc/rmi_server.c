// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * RMI's answering side on a socket: executes calls one after the other, in the
 * thread that calls damc_rmi_server_step() or _serve(). rmi_server_attend.c answers
 * meanwhile. Owns the socket and the core; all decisions are the core's.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rmi_server_job.h"

/* Steps between those that look for more than one packet. */
#define LOOK_EVERY 8

static int set_up(struct damc_rmi_server *server, const struct damc_name *self,
		  uint32_t weight)
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
	server->fd = rmi_sock_open(self, weight);
	return server->fd < 0 ? server->fd : 0;
}

DAMC_PUBLIC
struct damc_rmi_server *damc_rmi_server_open_member(const struct damc_name *self,
						    uint32_t weight,
						    damc_rmi_method method,
						    void *arg)
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
	pthread_mutex_init(&server->lock, NULL);
	pthread_cond_init(&server->wake, NULL);
	err = set_up(server, self, weight);
	if (err) {
		rmi_server_core_free(server->core);
		free(server);
		errno = -err;
		return NULL;
	}
	return server;
}

DAMC_PUBLIC
struct damc_rmi_server *damc_rmi_server_open(const struct damc_name *self,
					     damc_rmi_method method, void *arg)
{
	return damc_rmi_server_open_member(self, 0, method, arg);
}

DAMC_PUBLIC
void damc_rmi_server_close(struct damc_rmi_server *server)
{
	if (!server)
		return;
	rmi_server_dismiss(server);
	close(server->fd);
	rmi_server_core_free(server->core);
	pthread_cond_destroy(&server->wake);
	pthread_mutex_destroy(&server->lock);
	free(server);
}

DAMC_PUBLIC
int damc_rmi_server_fd(const struct damc_rmi_server *server)
{
	return server->fd;
}

/*
 * A packet that can't be sent is as good as lost, and asked for again. One
 * that is too big never will be sent: the quote of it and what takes its place
 * may share the buffer.
 */
void rmi_server_send(struct damc_rmi_server *server, struct rmi_job *job)
{
	struct rmi_work *work = &job->work;
	int err;

	while (work->len) {
		err = rmi_sock_send(server->fd, &job->from, job->flow,
				    work->record, server->out, work->len);
		if (work->execute)
			return;
		if (err == -EMSGSIZE)
			rmi_server_core_too_big(server->core, &job->from,
						server->out, work->len, work,
						server->out,
						sizeof(server->out),
						rmi_now());
		else if (work->want)
			rmi_server_core_more(server->core, work, server->out,
					     sizeof(server->out), rmi_now());
		else
			return;
	}
}

bool rmi_server_take(struct damc_rmi_server *server,
		     const struct rmi_sock_packet *packet, const uint8_t *in,
		     struct rmi_job *job)
{
	job->from = packet->from;
	job->flow = packet->flow;
	job->copy = NULL;
	job->since = rmi_now();
	rmi_server_core_input(server->core, &packet->from, in, packet->len,
			      packet->record, packet->record_len, &job->work,
			      server->out, sizeof(server->out), job->since);
	job->told = job->work.len;
	rmi_server_send(server, job);
	return job->work.execute;
}

void rmi_server_take_errors(struct damc_rmi_server *server)
{
	struct rmi_sock_error error;
	struct rmi_job job;
	int i;

	for (i = 0; i < RMI_SERVER_BATCH; i++) {
		if (rmi_sock_receive_error(server->fd, &error) <= 0)
			return;
		if (error.code != DAMC_ERROR_CODE_TOO_BIG ||
		    rmi_sock_error_mended(&error))
			continue;
		job.from = error.to;
		job.flow = error.flow;
		rmi_server_core_too_big(server->core, &error.to, error.quote,
					error.len, &job.work, server->out,
					sizeof(server->out), rmi_now());
		rmi_server_send(server, &job);
	}
}

/* Not under the lock: it may take long. */
static enum damc_rmi_status call_method(struct damc_rmi_server *server,
					const struct rmi_job *job,
					uint32_t remaining, void **data,
					size_t *len)
{
	const struct rmi_work *work = &job->work;
	char name[DAMC_RMI_METHOD_MAX + 1];
	struct damc_rmi_call_info info = {
		.caller = job->from,
		.method = name,
		.data = work->data,
		.len = work->data_len,
		.remaining_ms = remaining,
	};

	memcpy(name, work->method, work->method_len);
	name[work->method_len] = '\0';
	/* A zero inside would make it look like another method's name. */
	if (strlen(name) != work->method_len)
		return DAMC_RMI_NO_METHOD;
	return server->method(&info, data, len, server->arg);
}

/* One that waited until its end is not begun. */
static void execute(struct damc_rmi_server *server, struct rmi_job *job)
{
	struct rmi_execution *execution = job->work.execute;
	enum damc_rmi_status status = DAMC_RMI_REFUSED;
	uint32_t remaining;
	void *data = NULL;
	size_t len = 0;

	remaining = rmi_server_core_remaining(server->core, execution,
					      job->since);
	if (remaining) {
		server->running = job;
		rmi_server_attend(server);
		pthread_mutex_unlock(&server->lock);
		status = call_method(server, job, remaining, &data, &len);
		pthread_mutex_lock(&server->lock);
		server->running = NULL;
	}
	rmi_server_core_finish(server->core, execution, status, data,
			       data ? len : 0, &job->work, server->out,
			       sizeof(server->out), rmi_now());
	rmi_server_send(server, job);
	free(data);
}

/* What the attendant took meanwhile: calls executed. */
static int execute_queued(struct damc_rmi_server *server)
{
	struct rmi_job *job;
	int n = 0;

	for (; server->first; n++) {
		job = server->first;
		server->first = job->next;
		if (!server->first)
			server->last = NULL;
		job->since = rmi_now();
		execute(server, job);
		free(job->copy);
		free(job);
	}
	return n;
}

/* Calls executed because of one packet. */
static int take_packet(struct damc_rmi_server *server,
		       const struct rmi_sock_packet *packet)
{
	struct rmi_job job;

	if (!rmi_server_take(server, packet, server->in, &job))
		return 0;
	server->n_jobs++;
	execute(server, &job);
	return 1 + execute_queued(server);
}

/*
 * What is left from a former packet's way is no error of ours; that the name
 * was refused to us is.
 */
static bool is_our_error(int err)
{
	return err == -EBADF || err == -ENOTSOCK || err == -EFAULT ||
	       err == -EACCES;
}

/*
 * The socket said that there is something. Whether there is more is asked only
 * if there was the last time, or now and then: poll() will tell.
 */
static int step(struct damc_rmi_server *server)
{
	bool look = server->busy || !(++server->steps % LOOK_EVERY);
	struct rmi_sock_packet packet;
	int executed = 0, taken, n;

	server->n_jobs = 0;
	for (taken = 0; taken < RMI_SERVER_BATCH; taken++) {
		if (server->n_jobs >= RMI_SERVER_BATCH || (taken && !look))
			break;
		n = rmi_sock_receive(server->fd, &packet, server->in,
				     sizeof(server->in), false);
		if (!n)
			break;
		if (is_our_error(n))
			return n;
		if (n > 0)
			executed += take_packet(server, &packet);
	}
	if (look)
		server->busy = taken > 1;
	if (!taken)
		rmi_server_take_errors(server);
	return executed;
}

DAMC_PUBLIC
int damc_rmi_server_step(struct damc_rmi_server *server)
{
	int executed;

	pthread_mutex_lock(&server->lock);
	executed = step(server);
	pthread_mutex_unlock(&server->lock);
	return executed;
}

/*
 * For what is likely to come at once, as the last call did. What is waited for
 * without the lock is @in, which is nobody else's.
 */
static int serve_at_once(struct damc_rmi_server *server)
{
	struct rmi_sock_packet packet;
	int n;

	n = rmi_sock_receive(server->fd, &packet, server->in,
			     sizeof(server->in), true);
	server->at_once = n > 0;
	if (n <= 0)
		return is_our_error(n) ? n : 0;
	pthread_mutex_lock(&server->lock);
	server->n_jobs = 0;
	n = take_packet(server, &packet);
	pthread_mutex_unlock(&server->lock);
	return n;
}

DAMC_PUBLIC
int damc_rmi_server_serve(struct damc_rmi_server *server, int timeout_ms)
{
	struct pollfd pfd = { .fd = server->fd, .events = POLLIN };
	int n;

	if (server->at_once &&
	    (timeout_ms < 0 || timeout_ms > RMI_SOCK_WAIT_US / 1000))
		return serve_at_once(server);
	n = poll(&pfd, 1, timeout_ms);
	if (n <= 0)
		return !n || errno == EINTR ? 0 : -errno;
	n = damc_rmi_server_step(server);
	server->at_once = n > 0;
	return n;
}
