/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Inside the answering side's shell: the server, and calls that it took and has
 * not executed yet.
 */
#ifndef _DAMC_RMI_SERVER_JOB_H
#define _DAMC_RMI_SERVER_JOB_H

#include <pthread.h>

#include "rmi_server_core.h"
#include "rmi_sock.h"

/* Packets handled in one step at most, so that its caller gets to its timers. */
#define RMI_SERVER_BATCH 64

/* A method that takes longer is reported to be working. */
#define RMI_WORKING_US 5000

/**
 * struct rmi_job - a call that is executed, or waits for that
 * @next: that waits
 * @from: the caller
 * @flow: label of what it asked by
 * @work: what to execute
 * @copy: holds what @work points to, if the packet doesn't any more
 * @since: when it was taken
 * @told: the caller knows that it was
 */
struct rmi_job {
	struct rmi_job *next;
	struct damc_name from;
	uint32_t flow;
	struct rmi_work work;
	uint8_t *copy;
	uint64_t since;
	bool told;
};

/**
 * struct damc_rmi_server - a server of calls
 * @fd: its socket
 * @core: decides
 * @method, @arg: executes
 * @lock: guards what follows, and the core
 * @wake: tells the attendant that a method runs, or that it is to end
 * @attendant: thread that answers while a method runs; it never executes one
 * @attended: there is one
 * @asleep: it waits for @wake
 * @stop: it is to end
 * @running: what is executed, or NULL
 * @first, @last: what waits for that
 * @n_jobs: calls begun and waiting in this step
 * @busy: the last step that looked for more than one packet found it
 * @steps: counts
 * @at_once: the last wait was for a call, so the next will be, too
 * @in: of the step's; the attendant has its own
 * @out: what is sent
 */
struct damc_rmi_server {
	int fd;
	struct rmi_server_core *core;
	damc_rmi_method method;
	void *arg;
	/* of what follows, and of the core */
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_t attendant;
	bool attended;
	bool asleep;
	bool stop;
	struct rmi_job *running;
	struct rmi_job *first, *last;
	unsigned int n_jobs;
	bool busy;
	unsigned int steps;
	bool at_once;
	uint8_t in[RMI_MESSAGE_MAX];
	uint8_t out[RMI_MESSAGE_MAX];
};

/* All of these are called under the lock. */

/* Give a packet to the core, and send what it answers: true for a new call. */
bool rmi_server_take(struct damc_rmi_server *server,
		     const struct rmi_sock_packet *packet, const uint8_t *in,
		     struct rmi_job *job);

/* Send what @job's work has to say. */
void rmi_server_send(struct damc_rmi_server *server, struct rmi_job *job);

/* Replies that a node on the way found too big. */
void rmi_server_take_errors(struct damc_rmi_server *server);

/* Before a method runs: there is an attendant, if there can be, and it wakes. */
void rmi_server_attend(struct damc_rmi_server *server);

/* Not under the lock: the attendant ends. */
void rmi_server_dismiss(struct damc_rmi_server *server);

#endif /* _DAMC_RMI_SERVER_JOB_H */
