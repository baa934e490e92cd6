/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parts of the simulated fabric share: sim_fabric.c carries packets,
 * sim_server.c and sim_client.c are its ends, sim.c runs it all.
 */
#ifndef SIM_PARTS_H
#define SIM_PARTS_H

#include "check.h"
#include "rmi_client_core.h"
#include "rmi_server_core.h"
#include "sim.h"

#define NODES_MAX SIM_NODES_MAX
#define OPEN_MAX 64
#define BUF_MAX 2048

enum event_type {
	PACKET,
	REFUSAL,
	WORK_DONE,
	SERVER_DIES,
	SERVER_STARTS,
	CLIENT_DIES,
	CLIENT_CALLS,
};

/* Something that will happen at a node. */
struct event {
	uint64_t at;
	uint64_t order;
	enum event_type type;
	bool at_server;
	unsigned int node;
	unsigned int from;
	/* Which life of the node it belongs to, where that matters. */
	unsigned int life;
	enum damc_error_code code;
	struct rmi_execution *execution;
	uint64_t serial;
	/* Bytes that the method got, and answers with. */
	size_t data_len;
	size_t len;
	uint8_t buf[];
};

/* What is known of one call, for ever. */
struct entry {
	bool ended;
	enum damc_rmi_status status;
	unsigned int server;
	uint64_t deadline;
	unsigned int executions;
	/* The last life of the server that executed it. */
	unsigned int life;
};

struct open_call {
	struct rmi_call *call;
	uint64_t serial;
	uint64_t deadline;
};

struct client {
	struct damc_name name;
	struct rmi_client_core *core;
	unsigned int life;
	struct open_call open[OPEN_MAX];
	unsigned int n_open;
};

struct server {
	struct damc_name name;
	struct rmi_server_core *core;
	unsigned int life;
	int64_t clock_offset;
	int drift_ppm;
};

struct sim {
	const struct sim_config *config;
	struct sim_result *result;
	uint64_t random;
	uint64_t now;
	uint64_t order;
	struct event **heap;
	size_t n_heap, room;
	struct client clients[NODES_MAX];
	struct server servers[NODES_MAX];
	struct entry *ledger;
	uint64_t n_ledger;
	bool quiet;
	/* When the link is free again, to clients and to servers. */
	uint64_t busy_until[2];
};

/* sim_fabric.c */
uint64_t sim_random(struct sim *sim);
uint64_t sim_below(struct sim *sim, uint64_t n);
bool chance(struct sim *sim, unsigned int in_10000);
struct event *new_event(enum event_type type, const void *buf, size_t len);
void post(struct sim *sim, struct event *event, uint64_t at);
struct event *take_first(struct sim *sim);
void refuse(struct sim *sim, const struct event *packet,
	    enum damc_error_code code);
void transmit(struct sim *sim, bool to_server, unsigned int to,
	      unsigned int from, const void *buf, size_t len);

/* sim_server.c */
uint64_t server_now(const struct sim *sim, const struct server *server);
uint64_t answer_to(uint64_t serial);
void fill_data(uint8_t *data, size_t len, uint64_t number);
void check_data(const struct sim *sim, const uint8_t *data, size_t len,
		uint64_t number);
void server_packet(struct sim *sim, const struct event *event);
void work_done(struct sim *sim, const struct event *event);
void server_starts(struct sim *sim, unsigned int index);
void server_dies(struct sim *sim, unsigned int index);

/* sim_client.c */
void client_turn(struct sim *sim, unsigned int index);
void client_calls(struct sim *sim, unsigned int index);
void client_starts(struct sim *sim, unsigned int index);
void client_dies(struct sim *sim, unsigned int index);
void client_packet(struct sim *sim, const struct event *event);

#endif /* SIM_PARTS_H */
