// SPDX-License-Identifier: GPL-2.0
/* Asking: a nonce, a proof, a grant; of one SPA, and then of the next. */
#include <stdio.h>
#include <string.h>

#include "class3_want.h"

/* Between two rounds over all SPAs: doubled each time, with jitter. */
#define ROUND_MIN_US 250000ull
#define ROUND_DOUBLINGS 6
#define NONCES_TRIED 3

void c3_wait(struct dc_c3_client *client, struct c3_want *want, uint64_t at)
{
	want->state = C3_WAIT;
	dc_due_set(&client->dues, &want->due,
		   at < want->deadline ? at : want->deadline);
}

/* An answer is waited for so many ms, and not beyond the deadline. */
static uint32_t expect(struct dc_c3_client *client, struct c3_want *want,
		       enum c3_state state, uint64_t now_us)
{
	uint64_t left = want->deadline > now_us ? want->deadline - now_us : 1;
	uint64_t most = DC_C3_CALL_MS * 1000ull;

	if (left > most)
		left = most;
	want->state = state;
	dc_due_set(&client->dues, &want->due, now_us + left);
	return (left + 999) / 1000;
}

/* The SPA's turn is over at once where it could not even be called. */
static void make_call(struct dc_c3_client *client, struct c3_want *want,
		      enum c3_state state, const char *method,
		      const uint8_t *bytes, int len, uint64_t now_us)
{
	uint32_t deadline_ms = expect(client, want, state, now_us);
	uint64_t number;
	bool called;

	want->calls++;
	number = want->id | (want->calls & ((1u << 24) - 1));
	called = client->ops.call(client->arg, number, &client->spa[want->spa],
				  method, bytes, len, deadline_ms);
	if (want->refusal == DC_C3_UNREACHABLE)
		snprintf(want->words, sizeof(want->words), "%s", called ? "" :
			 "the gateway itself could make no call");
	if (!called)
		c3_next_spa(client, want, now_us);
}

void c3_stock(struct dc_c3_client *client, uint32_t spa,
	      const struct dc_c3_nonce *nonce, uint64_t now_us)
{
	struct c3_stock *stock = &client->stock[spa];

	if (dc_c3_nonce_is_zero(nonce) || stock->n >= C3_STOCK)
		return;
	stock->nonce[stock->n] = *nonce;
	stock->until[stock->n++] = now_us + C3_STOCK_US;
}

static bool take_stock(struct dc_c3_client *client, uint32_t spa,
		       struct dc_c3_nonce *nonce, uint64_t now_us)
{
	struct c3_stock *stock = &client->stock[spa];

	while (stock->n) {
		*nonce = stock->nonce[--stock->n];
		if (stock->until[stock->n] > now_us)
			return true;
	}
	return false;
}

void c3_begin_asking(struct dc_c3_client *client, struct c3_want *want,
		     uint64_t now_us)
{
	struct dc_c3_nonce_request request = {
		.gateway = client->self, .count = 1
	};
	struct dc_c3_nonce nonce;
	uint8_t bytes[2 * DC_NODE_ID_MAX];
	int len;

	if (take_stock(client, want->spa, &nonce, now_us)) {
		c3_have_nonce(client, want, &nonce, now_us);
		return;
	}
	len = dc_c3_nonce_request_write(&request, bytes, sizeof(bytes));
	make_call(client, want, C3_ASK_NONCE, DC_C3_METHOD_NONCE, bytes, len,
		  now_us);
}

static uint64_t pause_us(struct dc_c3_client *client,
			 const struct c3_want *want)
{
	uint32_t doublings = want->rounds < ROUND_DOUBLINGS ? want->rounds :
		ROUND_DOUBLINGS;
	uint64_t pause = ROUND_MIN_US << doublings;

	return pause + c3_random(client, pause / 2);
}

void c3_next_spa(struct dc_c3_client *client, struct c3_want *want,
		 uint64_t now_us)
{
	want->tries = 0;
	want->calls++;
	if (++want->spa < client->n_spas) {
		c3_begin_asking(client, want, now_us);
		return;
	}
	want->spa = 0;
	/* All of them said no: it is no use to ask again. */
	if (want->refusal != DC_C3_UNREACHABLE) {
		c3_refused(client, want, want->refusal, want->words, now_us);
		return;
	}
	c3_wait(client, want, now_us + pause_us(client, want));
	want->rounds++;
}

void c3_have_nonce(struct dc_c3_client *client, struct c3_want *want,
		   const struct dc_c3_nonce *nonce, uint64_t now_us)
{
	const struct dc_c3_subject *subject = &want->want.subject;
	uint8_t bytes[DC_C3_PROOF_MAX];
	size_t len;

	want->nonce = *nonce;
	if (++want->tries > NONCES_TRIED) {
		c3_next_spa(client, want, now_us);
		return;
	}
	if (!subject->has_key || subject->binding_len) {
		c3_ask_grant(client, want, now_us);
		return;
	}
	len = dc_c3_proof_bytes(bytes, client->domain, nonce, &client->self,
				&want->want.name, want->want.right,
				subject->key);
	expect(client, want, C3_ASK_PROOF, now_us);
	client->ops.prove(client->arg, want->id, bytes, len);
}

void c3_ask_grant(struct dc_c3_client *client, struct c3_want *want,
		  uint64_t now_us)
{
	struct dc_c3_request request = {
		.domain = client->domain,
		.gateway = client->self,
		.nonce = want->nonce,
		.name = want->want.name,
		.right = want->want.right,
		.lifetime = want->want.lifetime,
		.renews = want->held,
		.n_to = want->want.n_to,
		.subject = want->want.subject,
		.cert = client->identity.cert,
		.cert_len = client->identity.cert_len,
	};
	uint8_t bytes[DC_C3_REQUEST_MAX];
	int len;

	memcpy(request.to, want->want.to, sizeof(request.to));
	len = dc_c3_request_write(&request, client->crypto,
				  client->identity.secret, bytes,
				  sizeof(bytes));
	if (len < 0) {
		c3_refused(client, want, DC_C3_MALFORMED,
			   "the request is too long", now_us);
		return;
	}
	make_call(client, want, C3_ASK_GRANT, DC_C3_METHOD_GRANT, bytes, len,
		  now_us);
}
