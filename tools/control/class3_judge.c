// SPDX-License-Identifier: GPL-2.0
/* Whether an answer is believed, and what follows from it. */
#include <string.h>

#include "class3_want.h"

/* Renewal comes before half of the life is over, by up to a fifth of the half. */
#define RENEW_SPREAD 5

/* Signed by an SPA that the domain's anchor enrolled, about this very request. */
static bool is_spas(struct dc_c3_client *client, const struct c3_want *want,
		    const struct dc_c3_answer *answer, const void *bytes,
		    size_t len, uint64_t now_us)
{
	struct dc_object object;
	struct dc_node_id id;
	struct dc_cert cert;

	if (memcmp(&answer->nonce, &want->nonce, sizeof(want->nonce)) ||
	    dc_object_read(&object, answer->cert, answer->cert_len, NULL) ||
	    object.type != DC_CERT || dc_cert_read(&cert, &object) ||
	    dc_node_id_of(&id, &object.subject) ||
	    !dc_node_id_equal(&id, &answer->spa) ||
	    !(cert.roles & DC_ROLE_SPA))
		return false;
	return dc_trust_check(client->trust, answer->cert, answer->cert_len,
			      &object, now_us) == DC_VALID &&
	       dc_c3_answer_signed(bytes, len, client->crypto, cert.key);
}

static bool is_here(const struct dc_grant *grant, const struct dc_node_id *self,
		    const struct dc_c3_want *want)
{
	uint32_t i;

	for (i = 0; i < grant->n_gateways; i++) {
		if (dc_node_id_equal(&grant->gateway[i], self))
			return true;
	}
	/* One for others only is what was asked for where @to says so. */
	return !grant->n_gateways || want->n_to;
}

static bool is_for(const struct dc_grant *grant,
		   const struct dc_c3_subject *subject)
{
	if (grant->has_key != subject->has_key)
		return false;
	return grant->has_key ?
	       !memcmp(grant->key, subject->key, DC_KEY_BYTES) :
	       damc_name_equal(&grant->pod, &subject->pod);
}

/* A grant of exactly what was asked for, that the node's trust takes. */
static bool is_good(struct dc_c3_client *client, const struct c3_want *want,
		    const struct dc_c3_answer *answer, struct dc_object *object,
		    uint64_t now_us)
{
	struct dc_grant grant;

	return dc_trust_check(client->trust, answer->grant, answer->grant_len,
			      object, now_us) == DC_VALID &&
	       object->type == DC_GRANT && !dc_grant_read(&grant, object) &&
	       damc_name_equal(&object->subject, &want->want.name) &&
	       grant.rights == want->want.right &&
	       is_for(&grant, &want->want.subject) &&
	       is_here(&grant, &client->self, &want->want);
}

static void granted(struct dc_c3_client *client, struct c3_want *want,
		    const struct dc_object *object, uint64_t now_us)
{
	uint64_t now_ms = dc_trust_time(client->trust, now_us);
	uint64_t half = (object->not_after - now_ms) * 1000 / 2;
	struct dc_c3_outcome outcome = {
		.code = DC_C3_GRANTED, .renewal = want->renewal, .words = "",
		.grant = object->bytes, .grant_len = object->len,
		.not_after = object->not_after,
	};

	dc_object_hash(object, &outcome.hash);
	want->held = outcome.hash;
	want->not_after = object->not_after;
	want->state = C3_HELD;
	want->spa = 0;
	half -= c3_random(client, half / RENEW_SPREAD + 1);
	dc_due_set(&client->dues, &want->due, now_us + half);
	if (want->renewal)
		client->counts.renewed++;
	else
		client->counts.granted++;
	client->ops.done(client->arg, want->id, &outcome);
}

/* Told if no other SPA knows better. */
static void keep_refusal(struct c3_want *want,
			 const struct dc_c3_answer *answer)
{
	want->refusal = answer->code;
	memcpy(want->words, answer->words, answer->words_len);
	want->words[answer->words_len] = '\0';
}

static void disbelieve(struct dc_c3_client *client, struct c3_want *want,
		       uint64_t now_us)
{
	client->counts.disbelieved++;
	c3_next_spa(client, want, now_us);
}

static void believed(struct dc_c3_client *client, struct c3_want *want,
		     const struct dc_c3_answer *answer, uint64_t now_us)
{
	struct dc_object object;

	switch (answer->code) {
	case DC_C3_GRANTED:
		if (is_good(client, want, answer, &object, now_us))
			granted(client, want, &object, now_us);
		else
			disbelieve(client, want, now_us);
		break;
	case DC_C3_NONCE:
		c3_begin_asking(client, want, now_us);
		break;
	case DC_C3_BUSY:
		/* The next SPA at once, this one in the next round. */
		c3_next_spa(client, want, now_us);
		break;
	case DC_C3_SUBTREE:
		keep_refusal(want, answer);
		c3_next_spa(client, want, now_us);
		break;
	default:
		keep_refusal(want, answer);
		c3_refused(client, want, answer->code, want->words, now_us);
	}
}

void c3_judge(struct dc_c3_client *client, struct c3_want *want,
	      const void *bytes, size_t len, uint64_t now_us)
{
	struct dc_c3_answer answer;

	if (dc_c3_answer_read(&answer, bytes, len) ||
	    !is_spas(client, want, &answer, bytes, len, now_us)) {
		disbelieve(client, want, now_us);
		return;
	}
	c3_stock(client, want->spa, &answer.next, now_us);
	believed(client, want, &answer, now_us);
}
