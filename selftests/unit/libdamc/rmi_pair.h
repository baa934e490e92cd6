/* SPDX-License-Identifier: GPL-2.0 */
/* RMI's two cores side by side, one packet at a time. */
#ifndef RMI_PAIR_H
#define RMI_PAIR_H

#include "check.h"
#include "rmi_client_core.h"
#include "rmi_server_core.h"

#define MS 1000ull

/* What is called, an instance of it, somebody else, and who calls. */
extern const struct damc_name service, member, other, caller;

/* A client, a server, and what is on its way between them. */
struct pair {
	struct rmi_client_core *client;
	struct rmi_server_core *server;
	struct rmi_call *call;
	uint64_t now;
	uint8_t out[2048], in[2048], held[2048];
	struct rmi_packet packet;
	struct rmi_work work;
};

void restart(struct pair *p, uint64_t incarnation,
	     const struct rmi_limits *limits);
int set_up(void **state);
int tear_down(void **state);
struct rmi_call *start(struct pair *p);
/* Let time pass until something is due, and take what is sent then. */
uint8_t send_type(struct pair *p);
/* The server gets the last packet; 0 or the type of what it says to it. */
uint8_t deliver(struct pair *p);
void answer_from(struct pair *p, const struct damc_name *from);
void refuse(struct pair *p, enum damc_error_code code);
void finish(struct pair *p);
/* Greet and be greeted; the request is then the last packet. */
void acquaint(struct pair *p);
enum damc_rmi_status status_of(struct pair *p);
enum damc_rmi_status run_out(struct pair *p);

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

#endif /* RMI_PAIR_H */
