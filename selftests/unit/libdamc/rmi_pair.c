// SPDX-License-Identifier: GPL-2.0
/* The two cores: what rmi_pair.h promises. */
#include "rmi_pair.h"

const struct damc_name service = { .len = 2, .wire = { 1, 'b' } };
const struct damc_name member = {
	.len = 4, .wire = { 1, 'b', 1, '4' }
};

const struct damc_name other = { .len = 2, .wire = { 1, 'c' } };
const struct damc_name caller = { .len = 2, .wire = { 1, 'p' } };

void restart(struct pair *p, uint64_t incarnation,
	     const struct rmi_limits *limits)
{
	rmi_server_core_free(p->server);
	p->server = rmi_server_core_new(incarnation, limits, p->now);
}

int set_up(void **state)
{
	struct pair *p = calloc(1, sizeof(*p));

	p->now = 1000000;
	p->client = rmi_client_core_new(7);
	restart(p, 100, &rmi_limits_default);
	*state = p;
	return 0;
}

int tear_down(void **state)
{
	struct pair *p = *state;

	rmi_client_core_free(p->client);
	rmi_server_core_free(p->server);
	free(p);
	return 0;
}

struct rmi_call *start(struct pair *p)
{
	const struct damc_rmi_request request = {
		.target = service, .method = "m", .deadline_ms = 10000,
	};

	p->call = rmi_client_core_start(p->client, &request, p->now);
	assert_non_null(p->call);
	return p->call;
}

uint8_t send_type(struct pair *p)
{
	while (!rmi_client_core_output(p->client, &p->packet, p->out,
				       sizeof(p->out), p->now)) {
		if (rmi_call_ended(p->call))
			return 0;
		p->now = rmi_client_core_next(p->client);
		rmi_client_core_timer(p->client, p->now);
	}
	return p->out[2];
}

uint8_t deliver(struct pair *p)
{
	rmi_server_core_input(p->server, &caller, p->out, p->packet.len, NULL,
			      0, &p->work, p->in, sizeof(p->in), p->now);
	return p->work.len ? p->in[2] : 0;
}

void answer_from(struct pair *p, const struct damc_name *from)
{
	rmi_client_core_input(p->client, from, p->in, p->work.len, NULL, 0,
			      p->now);
}

void refuse(struct pair *p, enum damc_error_code code)
{
	rmi_client_core_refused(p->client, p->out, 64, code, &other, p->now);
}

void finish(struct pair *p)
{
	struct rmi_execution *execution = p->work.execute;

	assert_non_null(execution);
	rmi_server_core_finish(p->server, execution, DAMC_RMI_OK, "x", 1,
			       &p->work, p->in, sizeof(p->in), p->now);
}

void acquaint(struct pair *p)
{
	assert_int_equal(send_type(p), RMI_HELLO);
	assert_int_equal(deliver(p), RMI_WELCOME);
	answer_from(p, &service);
	assert_int_equal(send_type(p), RMI_REQUEST);
}

enum damc_rmi_status status_of(struct pair *p)
{
	struct damc_rmi_reply reply;

	assert_true(rmi_call_ended(p->call));
	assert_int_equal(rmi_call_result(p->call, &reply), 0);
	damc_rmi_reply_free(&reply);
	rmi_call_free(p->client, p->call);
	p->call = NULL;
	return reply.status;
}

enum damc_rmi_status run_out(struct pair *p)
{
	while (send_type(p))
		;
	return status_of(p);
}
