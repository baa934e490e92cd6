// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Answering while a method runs: a thread that tells callers that their calls
 * were taken, so that they don't send them again, and queues new ones for the
 * thread that executes. It sleeps unless a method takes longer than
 * RMI_WORKING_US.
 */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "rmi_server_job.h"

/* So many looks without a method running, and it sleeps until one does. */
#define IDLE_LOOKS 200

/* What the packet holds must outlive it; a call in parts is with the core. */
static bool keep_bytes(struct rmi_job *job)
{
	struct rmi_work *work = &job->work;

	if (work->gathered)
		return true;
	job->copy = malloc(work->method_len + work->data_len);
	if (!job->copy)
		return false;
	memcpy(job->copy, work->method, work->method_len);
	if (work->data_len)
		memcpy(job->copy + work->method_len, work->data,
		       work->data_len);
	work->method = job->copy;
	work->data = job->copy + work->method_len;
	return true;
}

static void queue(struct damc_rmi_server *server, struct rmi_job *job)
{
	job->next = NULL;
	if (server->last)
		server->last->next = job;
	else
		server->first = job;
	server->last = job;
	server->n_jobs++;
}

/* There is no memory for it: it ends without having been executed. */
static void refuse(struct damc_rmi_server *server, struct rmi_job *job)
{
	rmi_server_core_finish(server->core, job->work.execute,
			       DAMC_RMI_REFUSED, NULL, 0, &job->work,
			       server->out, sizeof(server->out), rmi_now());
	rmi_server_send(server, job);
}

static void take(struct damc_rmi_server *server,
		 const struct rmi_sock_packet *packet, const uint8_t *in)
{
	struct rmi_job job, *kept;

	if (!rmi_server_take(server, packet, in, &job))
		return;
	kept = malloc(sizeof(*kept));
	if (!kept || !keep_bytes(&job)) {
		free(kept);
		refuse(server, &job);
		return;
	}
	*kept = job;
	queue(server, kept);
}

static void take_packets(struct damc_rmi_server *server, uint8_t *in)
{
	struct rmi_sock_packet packet;
	int i;

	rmi_server_take_errors(server);
	for (i = 0; i < RMI_SERVER_BATCH; i++) {
		if (server->n_jobs >= RMI_SERVER_BATCH ||
		    rmi_sock_receive(server->fd, &packet, in, RMI_MESSAGE_MAX,
				     false) <= 0)
			return;
		take(server, &packet, in);
	}
}

static void tell(struct damc_rmi_server *server, struct rmi_job *job,
		 uint64_t now)
{
	struct rmi_job news = { .from = job->from, .flow = job->flow };

	if (job->told || now < job->since + RMI_WORKING_US)
		return;
	job->told = true;
	rmi_server_core_working(server->core, job->work.execute, &news.work,
				server->out, sizeof(server->out), now);
	rmi_server_send(server, &news);
}

static void attend(struct damc_rmi_server *server, uint8_t *in)
{
	uint64_t now = rmi_now();
	struct rmi_job *job;

	if (now < server->running->since + RMI_WORKING_US)
		return;
	tell(server, server->running, now);
	for (job = server->first; job; job = job->next)
		tell(server, job, now);
	take_packets(server, in);
}

/* Until something comes, if it would be taken; else, and at most, a while. */
static void pause_a_while(const struct damc_rmi_server *server, bool takes)
{
	struct pollfd pfd = { .fd = server->fd, .events = POLLIN };

	poll(&pfd, takes, RMI_WORKING_US / 1000);
}

static void *attendant(void *arg)
{
	struct damc_rmi_server *server = arg;
	uint8_t *in = malloc(RMI_MESSAGE_MAX);
	unsigned int idle = 0;
	bool takes;

	pthread_mutex_lock(&server->lock);
	while (in && !server->stop) {
		takes = false;
		if (server->running) {
			idle = 0;
			attend(server, in);
			takes = server->running->told &&
				server->n_jobs < RMI_SERVER_BATCH;
		} else if (++idle > IDLE_LOOKS) {
			server->asleep = true;
			pthread_cond_wait(&server->wake, &server->lock);
			server->asleep = false;
			idle = 0;
			continue;
		}
		pthread_mutex_unlock(&server->lock);
		pause_a_while(server, takes);
		pthread_mutex_lock(&server->lock);
	}
	pthread_mutex_unlock(&server->lock);
	free(in);
	return NULL;
}

/* Signals are for the program's own threads. */
static bool start(struct damc_rmi_server *server)
{
	sigset_t all, old;
	bool started;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	started = !pthread_create(&server->attendant, NULL, attendant, server);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return started;
}

void rmi_server_attend(struct damc_rmi_server *server)
{
	if (!server->attended)
		server->attended = start(server);
	else if (server->asleep)
		pthread_cond_signal(&server->wake);
}

void rmi_server_dismiss(struct damc_rmi_server *server)
{
	if (!server->attended)
		return;
	pthread_mutex_lock(&server->lock);
	server->stop = true;
	pthread_cond_signal(&server->wake);
	pthread_mutex_unlock(&server->lock);
	pthread_join(server->attendant, NULL);
}
