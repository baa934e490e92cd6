// SPDX-License-Identifier: GPL-2.0
/* A gateway's wants: kept, found by their ids, and what is due of them. */
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "class3_want.h"

/* An id: slot + 1, its generation, and the number of the call. */
#define SLOT_BITS 16
#define GENERATION_BITS 24
#define CALL_BITS 24
#define CALL_MASK ((1ull << CALL_BITS) - 1)

/* A refused renewal is tried again at half of what is left, but not at once. */
#define AGAIN_MIN_US 60000000ull

static int read_own(struct dc_c3_client *client)
{
	const struct dc_identity *identity = &client->identity;
	struct dc_object object;

	if (dc_object_read(&object, identity->cert, identity->cert_len, NULL) ||
	    dc_node_id_of(&client->self, &object.subject))
		return -EINVAL;
	client->domain = dc_domain_of(identity->domain);
	return 0;
}

struct dc_c3_client *
dc_c3_client_new(const struct dc_c3_client_config *config,
		 const struct dc_c3_client_ops *ops, void *arg)
{
	struct dc_c3_client *client;

	errno = EINVAL;
	if (!config->n_spas || config->n_spas > DC_C3_SPAS_MAX)
		return NULL;
	client = calloc(1, sizeof(*client));
	if (!client)
		return NULL;
	client->identity = config->identity;
	client->crypto = config->crypto;
	client->trust = config->trust;
	client->random = config->seed;
	client->n_spas = config->n_spas;
	memcpy(client->spa, config->spa, sizeof(client->spa));
	client->ops = *ops;
	client->arg = arg;
	if (!read_own(client))
		return client;
	dc_c3_client_free(client);
	errno = EINVAL;
	return NULL;
}

void dc_c3_client_cert(struct dc_c3_client *client,
		       const struct dc_identity *identity)
{
	memcpy(client->identity.cert, identity->cert, identity->cert_len);
	client->identity.cert_len = identity->cert_len;
}

void dc_c3_client_free(struct dc_c3_client *client)
{
	uint32_t i;

	if (!client)
		return;
	for (i = 0; i < client->n_slots; i++)
		free(client->slot[i].want);
	free(client->slot);
	dc_dues_free(&client->dues);
	sodium_memzero(&client->identity, sizeof(client->identity));
	free(client);
}

/* SplitMix64: for jitter, which nobody gains by knowing. */
uint64_t c3_random(struct dc_c3_client *client, uint64_t below)
{
	uint64_t x = client->random += 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return (x ^ x >> 31) % below;
}

/* ---- ids --------------------------------------------------------------- */

static uint64_t id_of(uint32_t slot, uint32_t generation)
{
	return (uint64_t)(generation & ((1u << GENERATION_BITS) - 1)) <<
	       (SLOT_BITS + CALL_BITS) |
	       (uint64_t)(slot + 1) << CALL_BITS;
}

/* slot + 1; 0 is none's. */
static uint32_t slot_of(uint64_t id)
{
	return (id >> CALL_BITS) & ((1u << SLOT_BITS) - 1);
}

static struct c3_want *find(const struct dc_c3_client *client, uint64_t id)
{
	uint32_t slot = slot_of(id);
	struct c3_want *want;

	if (!slot || slot > client->n_slots)
		return NULL;
	want = client->slot[slot - 1].want;
	return want && want->id == (id & ~CALL_MASK) ? want : NULL;
}

/* Twice as many; the lowest of the new ones is taken first. */
static int grow(struct dc_c3_client *client)
{
	uint32_t n = client->n_slots ? 2 * client->n_slots : 64, i;
	struct c3_slot *slot;

	if (client->n_slots >= DC_C3_CLIENT_MAX)
		return -ENOSPC;
	slot = realloc(client->slot, n * sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	for (i = client->n_slots; i < n; i++)
		slot[i] = (struct c3_slot){ .next_free = i + 2 };
	slot[n - 1].next_free = 0;
	client->first_free = client->n_slots + 1;
	client->slot = slot;
	client->n_slots = n;
	return 0;
}

static int enter(struct dc_c3_client *client, struct c3_want *want)
{
	struct c3_slot *slot;
	int err = 0;

	if (!client->first_free)
		err = grow(client);
	err = err ? err : dc_due_set(&client->dues, &want->due, want->deadline);
	if (err)
		return err;
	slot = &client->slot[client->first_free - 1];
	want->id = id_of(client->first_free - 1, ++slot->generation);
	slot->want = want;
	client->first_free = slot->next_free;
	client->counts.wants++;
	return 0;
}

void c3_forget(struct dc_c3_client *client, struct c3_want *want)
{
	struct c3_slot *slot = &client->slot[slot_of(want->id) - 1];

	dc_due_clear(&client->dues, &want->due);
	slot->want = NULL;
	slot->next_free = client->first_free;
	client->first_free = slot_of(want->id);
	client->counts.wants--;
	free(want);
}

/* ---- calls ------------------------------------------------------------- */

/* One that is due at @due; NULL and errno. */
static struct c3_want *make(struct dc_c3_client *client,
			    const struct dc_c3_want *want, uint64_t due)
{
	struct c3_want *made;
	int err;

	errno = EINVAL;
	if (!dc_c3_right_is_good(want->right))
		return NULL;
	made = calloc(1, sizeof(*made));
	if (!made)
		return NULL;
	made->want = *want;
	made->deadline = due;
	made->refusal = DC_C3_UNREACHABLE;
	err = enter(client, made);
	if (!err)
		return made;
	free(made);
	errno = -err;
	return NULL;
}

int dc_c3_client_ask(struct dc_c3_client *client, const struct dc_c3_want *want,
		     uint32_t deadline_ms, uint64_t *id, uint64_t now_us)
{
	struct c3_want *made = make(client, want,
				    now_us + deadline_ms * 1000ull);

	if (!made)
		return -errno;
	client->counts.asked++;
	*id = made->id;
	c3_begin_asking(client, made, now_us);
	return 0;
}

int dc_c3_client_hold(struct dc_c3_client *client, const struct dc_c3_want *want,
		      const struct dc_c3_held *held, uint64_t *id,
		      uint64_t now_us)
{
	uint64_t now_ms = dc_trust_time(client->trust, now_us), due;
	struct c3_want *made;

	if (held->not_after <= now_ms)
		return -ESTALE;
	due = now_us + (held->not_after - now_ms) * 1000 / 2;
	made = make(client, want, held->renew_us < due ? held->renew_us : due);
	if (!made)
		return -errno;
	made->state = C3_HELD;
	made->held = held->hash;
	made->not_after = held->not_after;
	*id = made->id;
	return 0;
}

uint64_t dc_c3_client_due(const struct dc_c3_client *client, uint64_t id)
{
	const struct c3_want *want = find(client, id);

	return want && want->state == C3_HELD ? want->due.at : 0;
}

bool dc_c3_client_spas(struct dc_c3_client *client, const struct damc_name *spa,
		       uint32_t n)
{
	uint32_t i;

	if (!n || n > DC_C3_SPAS_MAX)
		return false;
	memcpy(client->spa, spa, n * sizeof(*spa));
	client->n_spas = n;
	/* A nonce is worth something at the one that gave it. */
	memset(client->stock, 0, sizeof(client->stock));
	for (i = 0; i < client->n_slots; i++)
		if (client->slot[i].want && client->slot[i].want->spa >= n)
			client->slot[i].want->spa = 0;
	return true;
}

void dc_c3_client_subject(struct dc_c3_client *client, uint64_t id,
			  const struct dc_c3_subject *subject)
{
	struct c3_want *want = find(client, id);

	if (want)
		want->want.subject = *subject;
}

void dc_c3_client_forget(struct dc_c3_client *client, uint64_t id)
{
	struct c3_want *want = find(client, id);

	if (want)
		c3_forget(client, want);
}

static void nonce_answer(struct dc_c3_client *client, struct c3_want *want,
			 const void *bytes, size_t len, uint64_t now_us)
{
	struct dc_c3_nonce_answer answer;
	uint32_t i;

	if (dc_c3_nonce_answer_read(&answer, bytes, len)) {
		client->counts.disbelieved++;
		c3_next_spa(client, want, now_us);
		return;
	}
	for (i = 1; i < answer.n; i++)
		c3_stock(client, want->spa, &answer.nonce[i], now_us);
	c3_have_nonce(client, want, &answer.nonce[0], now_us);
}

static bool is_awaited(const struct c3_want *want, uint64_t call)
{
	return (call & CALL_MASK) == (want->calls & CALL_MASK) &&
	       (want->state == C3_ASK_NONCE || want->state == C3_ASK_GRANT);
}

void dc_c3_client_answer(struct dc_c3_client *client, uint64_t call,
			 const void *bytes, size_t len, uint64_t now_us)
{
	struct c3_want *want = find(client, call);

	if (!want || !is_awaited(want, call)) {
		client->counts.late++;
		return;
	}
	/* One answer to a call. */
	want->calls++;
	if (!bytes)
		c3_next_spa(client, want, now_us);
	else if (want->state == C3_ASK_NONCE)
		nonce_answer(client, want, bytes, len, now_us);
	else
		c3_judge(client, want, bytes, len, now_us);
}

void dc_c3_client_proof(struct dc_c3_client *client, uint64_t id,
			const uint8_t proof[DC_SIGNATURE_BYTES],
			uint64_t now_us)
{
	struct c3_want *want = find(client, id);

	if (!want || want->state != C3_ASK_PROOF)
		return;
	if (!proof) {
		c3_refused(client, want, DC_C3_PROOF,
			   "the holder of the key gives no proof", now_us);
		return;
	}
	memcpy(want->want.subject.proof, proof, DC_SIGNATURE_BYTES);
	c3_ask_grant(client, want, now_us);
}

/* ---- time -------------------------------------------------------------- */

/* It has until its end to be renewed. */
static void renew(struct dc_c3_client *client, struct c3_want *want,
		  uint64_t now_us)
{
	uint64_t now_ms = dc_trust_time(client->trust, now_us);

	if (want->not_after <= now_ms) {
		c3_forget(client, want);
		return;
	}
	want->renewal = true;
	want->spa = 0;
	want->tries = 0;
	want->rounds = 0;
	want->refusal = DC_C3_UNREACHABLE;
	want->deadline = now_us + (want->not_after - now_ms) * 1000;
	c3_begin_asking(client, want, now_us);
}

static void due(struct dc_c3_client *client, struct c3_want *want,
		uint64_t now_us)
{
	if (want->state == C3_HELD)
		renew(client, want, now_us);
	else if (now_us >= want->deadline)
		c3_refused(client, want, want->refusal, want->words, now_us);
	else if (want->state == C3_WAIT)
		c3_begin_asking(client, want, now_us);
	else
		c3_next_spa(client, want, now_us);
}

void dc_c3_client_timer(struct dc_c3_client *client, uint64_t now_us)
{
	struct dc_due *first;

	while ((first = dc_due_first(&client->dues)) && first->at <= now_us)
		due(client, (struct c3_want *)first, now_us);
}

uint64_t dc_c3_client_next(const struct dc_c3_client *client)
{
	struct dc_due *first = dc_due_first(&client->dues);

	return first ? first->at : UINT64_MAX;
}

/* ---- outcomes ---------------------------------------------------------- */

void c3_refused(struct dc_c3_client *client, struct c3_want *want,
		enum dc_c3_code code, const char *words, uint64_t now_us)
{
	struct dc_c3_outcome outcome = {
		.code = code, .renewal = want->renewal,
		.words = *words ? words : dc_c3_code_text(code)
	};
	uint64_t now_ms = dc_trust_time(client->trust, now_us);
	uint64_t id = want->id, left;

	if (code == DC_C3_UNREACHABLE)
		client->counts.unanswered++;
	else
		client->counts.refused++;
	client->ops.done(client->arg, id, &outcome);
	if (!want->renewal || want->not_after <= now_ms) {
		c3_forget(client, want);
		return;
	}
	left = (want->not_after - now_ms) * 1000 / 2;
	want->state = C3_HELD;
	dc_due_set(&client->dues, &want->due,
		   now_us + (left > AGAIN_MIN_US ? left : AGAIN_MIN_US));
}

void dc_c3_client_counts(const struct dc_c3_client *client,
			 struct dc_c3_client_counts *counts)
{
	*counts = client->counts;
}
