// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "registrar.h"
#include "rib_table.h"
#include "rmi.h"
#include "router.h"
#include "authority.h"

#define S 1000000ULL

#define CHAINS 1024

/**
 * struct want - what was asked for, and is renewed from then on
 * @entry: by the name that its grant has; pods choose those
 * @chain: by @id, which the core counts up
 * @ticket: of the registration that waits for it, 0: none does
 */
struct want {
	LIST_ENTRY(want) chain;
	struct dc_entry entry;
	uint64_t id;
	uint64_t ticket;
	struct dc_reg_want want;
};

/**
 * struct outcome - one that the core told of, until it may be acted upon
 * @bytes: the grant
 */
struct outcome {
	TAILQ_ENTRY(outcome) list;
	uint64_t id;
	bool renewal;
	struct dc_reg_answer answer;
	uint8_t bytes[];
};

LIST_HEAD(wants, want);
TAILQ_HEAD(outcomes, outcome);

struct authority {
	struct daemon *daemon;
	struct rmi *rmi;
	struct dc_c3_client *client;
	struct event *timer;
	struct event *told;
	struct dc_table by_name;
	struct wants by_id[CHAINS];
	struct outcomes outcomes;
};

static void arm(struct authority *spa)
{
	uint64_t at = dc_c3_client_next(spa->client), now = clock_us();
	uint64_t in = at > now ? at - now : 0;
	struct timeval tv = { .tv_sec = in / S, .tv_usec = in % S };

	if (at == UINT64_MAX)
		event_del(spa->timer);
	else
		event_add(spa->timer, &tv);
}

/* ---- what the core does ------------------------------------------------ */

static void on_answer(void *arg, uint64_t call, const void *data, size_t len)
{
	struct authority *spa = arg;

	dc_c3_client_answer(spa->client, call, data, len, clock_us());
	arm(spa);
}

static bool op_call(void *arg, uint64_t call, const struct damc_name *target,
		    const char *method, const void *bytes, size_t len,
		    uint32_t deadline_ms)
{
	struct damc_rmi_request request = {
		.target = *target, .method = method, .data = bytes, .len = len,
		.deadline_ms = deadline_ms,
	};
	struct authority *spa = arg;

	return rmi_call(spa->rmi, &request, on_answer, spa, call);
}

/* Keys are proven by bindings, which their holders signed before. */
static void op_prove(void *arg, uint64_t id, const void *bytes, size_t len)
{
	(void)arg;
	(void)id;
	(void)bytes;
	(void)len;
}

static enum dc_reg_code code_of(enum dc_c3_code code)
{
	switch (code) {
	case DC_C3_GRANTED:
		return DC_REG_DONE;
	case DC_C3_UNREACHABLE:
	case DC_C3_BUSY:
		return DC_REG_NO_SPA;
	default:
		return DC_REG_REFUSED;
	}
}

/* From domain time in ms to our clock, and back; what is past is now. */
static uint64_t us_of(const struct authority *spa, uint64_t ms)
{
	uint64_t now = router_time(spa->daemon->router);

	return clock_us() + (ms > now ? ms - now : 0) * 1000;
}

static uint64_t ms_of(const struct authority *spa, uint64_t us)
{
	uint64_t now = clock_us();

	return router_time(spa->daemon->router) +
	       (us > now ? us - now : 0) / 1000;
}

/* An SPA that has no words of its own is given those of its code. */
static void say_why(struct dc_reg_answer *answer, const char *code,
		    const char *words)
{
	bool same = !words || !*words || !strcmp(words, code);

	snprintf(answer->reason, sizeof(answer->reason), "%s%s%s", code,
		 same ? "" : ": ", same ? "" : words);
}

static void op_done(void *arg, uint64_t id, const struct dc_c3_outcome *is)
{
	size_t len = is->grant ? is->grant_len : 0;
	struct outcome *outcome = calloc(1, sizeof(*outcome) + len);
	struct dc_reg_answer *answer;
	struct authority *spa = arg;

	if (!outcome)
		return;
	outcome->id = id;
	outcome->renewal = is->renewal;
	answer = &outcome->answer;
	answer->code = code_of(is->code);
	say_why(answer, dc_c3_code_text(is->code), is->words);
	if (len) {
		memcpy(outcome->bytes, is->grant, len);
		answer->grant = outcome->bytes;
		answer->grant_len = len;
		answer->hash = is->hash;
		answer->until_us = us_of(spa, is->not_after);
	}
	TAILQ_INSERT_TAIL(&spa->outcomes, outcome, list);
	/* The core is in the middle of something. */
	event_active(spa->told, EV_TIMEOUT, 0);
}

static const struct dc_c3_client_ops ops = {
	.call = op_call,
	.prove = op_prove,
	.done = op_done,
};

/* ---- what came of a question ------------------------------------------- */

static struct wants *chain_of(struct authority *spa, uint64_t id)
{
	return &spa->by_id[id % CHAINS];
}

static struct want *find(struct authority *spa, uint64_t id)
{
	struct want *want;

	LIST_FOREACH(want, chain_of(spa, id), chain)
		if (want->id == id)
			return want;
	return NULL;
}

static uint32_t hash_of(const struct authority *spa,
			const struct dc_reg_want *want)
{
	struct damc_name name;

	dc_reg_grant_name(want, &name);
	return dc_table_hash(&spa->by_name, name.wire, name.len);
}

/* It was asked for, so it has its number. */
static void keep(struct authority *spa, struct want *want)
{
	LIST_INSERT_HEAD(chain_of(spa, want->id), want, chain);
	dc_table_add(&spa->by_name, &want->entry, hash_of(spa, &want->want));
}

static void drop(struct authority *spa, struct want *want)
{
	LIST_REMOVE(want, chain);
	dc_table_del(&spa->by_name, &want->entry);
	free(want);
}

static void take_renewal(struct authority *spa, struct want *want,
			 const struct dc_reg_answer *answer)
{
	struct dc_reg *reg = registrar_reg(spa->daemon->registrar);
	char name[DAMC_NAME_TEXT_MAX];

	if (answer->code != DC_REG_DONE) {
		damc_name_format(&want->want.name, name, sizeof(name));
		log_event(&spa->daemon->log, LOG_WARNING, "not-renewed",
			  "name=%s reason=\"%s\"", name, answer->reason);
		return;
	}
	if (dc_reg_renewed(reg, &want->want, answer, clock_us()))
		return;
	dc_c3_client_forget(spa->client, want->id);
	drop(spa, want);
}

static void act(struct authority *spa, const struct outcome *outcome)
{
	struct dc_reg *reg = registrar_reg(spa->daemon->registrar);
	struct want *want = find(spa, outcome->id);
	uint64_t ticket;
	struct damc_name name;

	if (!want)
		return;
	if (outcome->renewal || !want->ticket) {
		take_renewal(spa, want, &outcome->answer);
		if (!outcome->renewal && outcome->answer.code != DC_REG_DONE)
			drop(spa, want);
		return;
	}
	ticket = want->ticket;
	name = want->want.name;
	want->ticket = 0;
	if (outcome->answer.code != DC_REG_DONE)
		drop(spa, want);
	dc_reg_answer(reg, &name, ticket, &outcome->answer, clock_us());
}

static void on_told(evutil_socket_t fd, short what, void *arg)
{
	struct outcome *outcome;
	struct authority *spa = arg;

	(void)fd;
	(void)what;
	while ((outcome = TAILQ_FIRST(&spa->outcomes))) {
		TAILQ_REMOVE(&spa->outcomes, outcome, list);
		act(spa, outcome);
		free(outcome);
	}
	registrar_arm(spa->daemon->registrar);
	arm(spa);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct authority *spa = arg;

	(void)fd;
	(void)what;
	dc_c3_client_timer(spa->client, clock_us());
	arm(spa);
}

/* ---- questions --------------------------------------------------------- */

static void by_key(struct dc_c3_subject *subject,
		   const struct dc_reg_proof *proof)
{
	subject->has_key = true;
	memcpy(subject->key, proof->key, sizeof(subject->key));
	memcpy(subject->binding, proof->binding, proof->binding_len);
	subject->binding_len = proof->binding_len;
}

static void by_pod(struct dc_c3_subject *subject,
		   const struct dc_reg_want *want)
{
	char interface[IF_NAMESIZE];

	subject->pod = want->pod;
	if (if_indextoname(want->edge, interface))
		dc_c3_fact_add(subject, "interface", interface);
}

static void describe(const struct authority *spa, const struct dc_reg_want *want,
		     struct dc_c3_want *question)
{
	*question = (struct dc_c3_want){ .right = want->right };
	dc_reg_grant_name(want, &question->name);
	if (want->has_key) {
		by_key(&question->subject, &want->proof);
		return;
	}
	by_pod(&question->subject, want);
	/* Here and nowhere else: what we attest, others cannot. */
	question->n_to = 1;
	question->to[0] = *router_id(spa->daemon->router);
}

static bool no_answer(struct dc_reg_answer *answer, enum dc_reg_code code,
		      const char *reason)
{
	answer->code = code;
	answer->until_us = UINT64_MAX;
	snprintf(answer->reason, sizeof(answer->reason), "%s", reason);
	return true;
}

bool authority_ask(struct authority *spa, uint64_t ticket,
		   const struct dc_reg_entry *entry,
		   struct dc_reg_answer *answer)
{
	struct dc_c3_want question;
	struct want *want;
	int err;

	/* A lab's gateway may announce what it likes. */
	if (*spa->daemon->config.lab)
		return no_answer(answer, DC_REG_DONE, "");
	want = calloc(1, sizeof(*want));
	if (!want)
		return no_answer(answer, DC_REG_NO_SPA, strerror(ENOMEM));
	want->ticket = ticket;
	want->want = entry->want;
	describe(spa, &want->want, &question);
	err = dc_c3_client_ask(spa->client, &question,
			       spa->daemon->config.spa_timeout_ms, &want->id,
			       clock_us());
	if (err) {
		free(want);
		return no_answer(answer, DC_REG_NO_SPA, strerror(-err));
	}
	keep(spa, want);
	arm(spa);
	return false;
}

void authority_hold(struct authority *spa, const struct dc_reg_want *kept,
		    const struct dc_object *grant, uint64_t renew_ms)
{
	struct want *want = calloc(1, sizeof(*want));
	struct dc_c3_held held = {
		.not_after = grant->not_after,
		.renew_us = renew_ms ? us_of(spa, renew_ms) : UINT64_MAX,
	};
	struct dc_c3_want question;

	if (!want)
		return;
	want->want = *kept;
	dc_object_hash(grant, &held.hash);
	describe(spa, kept, &question);
	if (dc_c3_client_hold(spa->client, &question, &held, &want->id,
			      clock_us())) {
		free(want);
		return;
	}
	keep(spa, want);
	arm(spa);
}

static bool same(const struct dc_reg_want *a, const struct dc_reg_want *b)
{
	struct damc_name name_a, name_b;

	dc_reg_grant_name(a, &name_a);
	dc_reg_grant_name(b, &name_b);
	return a->right == b->right && dc_reg_same_subject(a, b) &&
	       damc_name_equal(&name_a, &name_b);
}

/* The next of those like @is, from @entry on. */
static struct want *next_like(struct dc_entry *entry, uint32_t hash,
			      const struct dc_reg_want *is)
{
	for (; entry; entry = entry->next) {
		struct want *want = dc_entry_of(entry, struct want);

		if (entry->hash == hash && same(&want->want, is))
			return want;
	}
	return NULL;
}

static struct want *first_like(const struct authority *spa, uint32_t hash,
			       const struct dc_reg_want *is)
{
	return next_like(dc_table_first(&spa->by_name, hash), hash, is);
}

uint64_t authority_due(const struct authority *spa,
		       const struct dc_reg_want *kept)
{
	const struct want *want = first_like(spa, hash_of(spa, kept), kept);
	uint64_t at = want ? dc_c3_client_due(spa->client, want->id) : 0;

	return at ? ms_of(spa, at) : 0;
}

/* A pod is what it was, unless an earlier process knew it: on which interface? */
static bool is_new(const struct want *want, const struct dc_reg_want *proven)
{
	return proven->has_key || want->want.edge != proven->edge;
}

void authority_prove(struct authority *spa, const struct dc_reg_want *proven)
{
	uint32_t hash = hash_of(spa, proven);
	struct dc_c3_want question;
	struct want *want;

	for (want = first_like(spa, hash, proven); want;
	     want = next_like(want->entry.next, hash, proven)) {
		if (!is_new(want, proven))
			continue;
		want->want.edge = proven->edge;
		describe(spa, proven, &question);
		dc_c3_client_subject(spa->client, want->id, &question.subject);
	}
}

void authority_forget(struct authority *spa, const struct dc_reg_want *gone)
{
	uint32_t hash = hash_of(spa, gone);
	struct want *want, *next;

	for (want = first_like(spa, hash, gone); want; want = next) {
		next = next_like(want->entry.next, hash, gone);
		if (want->ticket)
			continue;
		dc_c3_client_forget(spa->client, want->id);
		drop(spa, want);
	}
}

void authority_counts(const struct authority *spa,
		      struct dc_c3_client_counts *counts)
{
	dc_c3_client_counts(spa->client, counts);
}

/* ---- start and end ----------------------------------------------------- */

static int make_client(struct authority *spa)
{
	struct daemon *daemon = spa->daemon;
	struct dc_c3_client_config config = {
		.identity = *router_identity(daemon->router),
		.crypto = &dc_ed25519,
		.trust = dc_node_trust(router_node(daemon->router)),
		.n_spas = daemon->config.n_spas,
	};

	memcpy(config.spa, daemon->config.spa,
	       config.n_spas * sizeof(config.spa[0]));
	randombytes_buf(&config.seed, sizeof(config.seed));
	spa->client = dc_c3_client_new(&config, &ops, spa);
	sodium_memzero(&config, sizeof(config));
	return spa->client ? 0 : -errno;
}

void authority_configure(struct authority *spa)
{
	const struct config *config = &spa->daemon->config;

	dc_c3_client_cert(spa->client, router_identity(spa->daemon->router));
	dc_c3_client_spas(spa->client, config->spa, config->n_spas);
}

struct authority *authority_new(struct daemon *daemon)
{
	struct authority *spa = calloc(1, sizeof(*spa));
	int err = -ENOMEM;

	if (!spa)
		return NULL;
	spa->daemon = daemon;
	TAILQ_INIT(&spa->outcomes);
	spa->timer = evtimer_new(daemon->base, on_timer, spa);
	spa->told = evtimer_new(daemon->base, on_told, spa);
	if (spa->timer && spa->told)
		err = dc_table_init(&spa->by_name) ?: make_client(spa);
	if (!err) {
		spa->rmi = rmi_new(daemon);
		err = spa->rmi ? 0 : -errno;
	}
	if (!err)
		return spa;
	log_event(&daemon->log, LOG_ERROR, "no-class3", "error=\"%s\"",
		  strerror(-err));
	authority_free(spa);
	return NULL;
}

void authority_free(struct authority *spa)
{
	struct outcome *outcome;
	unsigned int i;

	if (!spa)
		return;
	rmi_free(spa->rmi);
	for (i = 0; i < CHAINS; i++)
		while (!LIST_EMPTY(&spa->by_id[i]))
			drop(spa, LIST_FIRST(&spa->by_id[i]));
	dc_table_free(&spa->by_name);
	while ((outcome = TAILQ_FIRST(&spa->outcomes))) {
		TAILQ_REMOVE(&spa->outcomes, outcome, list);
		free(outcome);
	}
	if (spa->timer)
		event_free(spa->timer);
	if (spa->told)
		event_free(spa->told);
	dc_c3_client_free(spa->client);
	free(spa);
}
