// SPDX-License-Identifier: GPL-2.0
/*
 * An SPA in the place of RMI: what damcd asks of one, the real core answers in
 * the same process. Its directory is $BENCH_SPA; pods may have any /bench/NAME.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "clock.h"
#include "identity.h"
#include "rmi.h"
#include "spa.h"

struct call {
	TAILQ_ENTRY(call) list;
	rmi_done done;
	void *arg;
	uint64_t call;
	int len;
	uint8_t answer[DC_C3_ANSWER_MAX];
};

TAILQ_HEAD(calls, call);

struct rmi {
	struct event *event;
	struct dc_spa *spa;
	struct dc_spa_policy policy;
	struct dc_spa_rule rule;
	uint64_t number;
	struct calls calls;
};

static int next_number(void *arg, uint64_t *number)
{
	struct rmi *rmi = arg;

	*number = ++rmi->number;
	return 0;
}

static int keep(void *arg, const struct dc_spa_decision *decision)
{
	(void)arg;
	(void)decision;
	return 0;
}

static const struct dc_spa_ops ops = { next_number, keep, NULL };

static int make_spa(struct rmi *rmi)
{
	struct dc_spa_config config = { .crypto = &dc_ed25519 };
	const char *dir = getenv("BENCH_SPA");
	char why[DC_WHY_MAX];

	if (!dir || dc_identity_load(&config.identity, dir, why) ||
	    dc_spa_pattern_parse(&rmi->rule.pod, "/pod/**", NULL) ||
	    dc_spa_pattern_parse(&rmi->rule.name, "/bench/*", NULL))
		return -1;
	strcpy(rmi->rule.label, "all");
	rmi->rule.rights = DC_RIGHT_NAME;
	rmi->policy = (struct dc_spa_policy){
		.version = 1, .lifetime = DC_SPA_LIFETIME_S, .n_rules = 1,
		.rule = &rmi->rule,
	};
	config.policy = &rmi->policy;
	randombytes_buf(config.secret, sizeof(config.secret));
	rmi->spa = dc_spa_new(&config, &ops, rmi, clock_us(), clock_wall_ms());
	return rmi->spa ? 0 : -1;
}

static void on_event(evutil_socket_t fd, short what, void *arg)
{
	struct rmi *rmi = arg;
	struct call *call;

	(void)fd;
	(void)what;
	while ((call = TAILQ_FIRST(&rmi->calls))) {
		TAILQ_REMOVE(&rmi->calls, call, list);
		call->done(call->arg, call->call,
			   call->len < 0 ? NULL : call->answer,
			   call->len < 0 ? 0 : call->len);
		free(call);
	}
}

struct rmi *rmi_new(struct daemon *daemon)
{
	struct rmi *rmi = calloc(1, sizeof(*rmi));

	if (!rmi)
		return NULL;
	TAILQ_INIT(&rmi->calls);
	rmi->event = evtimer_new(daemon->base, on_event, rmi);
	if (rmi->event && !make_spa(rmi))
		return rmi;
	rmi_free(rmi);
	return NULL;
}

void rmi_free(struct rmi *rmi)
{
	struct call *call;

	if (!rmi)
		return;
	while ((call = TAILQ_FIRST(&rmi->calls))) {
		TAILQ_REMOVE(&rmi->calls, call, list);
		free(call);
	}
	if (rmi->event)
		event_free(rmi->event);
	dc_spa_free(rmi->spa);
	free(rmi);
}

void rmi_call(struct rmi *rmi, const struct damc_rmi_request *request,
	      rmi_done done, void *arg, uint64_t number)
{
	struct call *call = calloc(1, sizeof(*call));

	if (!call)
		abort();
	call->done = done;
	call->arg = arg;
	call->call = number;
	call->len = -1;
	if (!strcmp(request->method, DC_C3_METHOD_NONCE))
		call->len = dc_spa_nonce(rmi->spa, request->data, request->len,
					 call->answer, clock_us());
	else if (!strcmp(request->method, DC_C3_METHOD_GRANT))
		call->len = dc_spa_grant(rmi->spa, request->data, request->len,
					 call->answer, clock_us());
	TAILQ_INSERT_TAIL(&rmi->calls, call, list);
	event_active(rmi->event, EV_TIMEOUT, 0);
}
