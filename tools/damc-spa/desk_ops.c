// SPDX-License-Identifier: GPL-2.0
/* Decisions stored and logged; grants and revocations by hand. */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk.h"
#include "desk_ops.h"
#include "spa_tool.h"

/* By hand: how often to try anew what another process came before. */
#define TRIES 5

/* ---- words ------------------------------------------------------------- */

void desk_holder(char *to, size_t size, const struct dc_grant *grant)
{
	char hex[2 * DC_KEY_BYTES + 1], text[DAMC_NAME_TEXT_MAX];

	if (grant->has_key)
		snprintf(to, size, "key:%s",
			 sodium_bin2hex(hex, sizeof(hex), grant->key,
					DC_KEY_BYTES));
	else
		snprintf(to, size, "%s", tool_name_text(&grant->pod, text));
}

/* Of a grant, or of who asked for one. */
static void holder_text(char *to, size_t size,
			const struct dc_spa_decision *decision)
{
	const struct dc_c3_subject *subject;
	struct dc_grant asked = { 0 };

	*to = '\0';
	if (decision->body) {
		desk_holder(to, size, decision->body);
	} else if (decision->request) {
		subject = &decision->request->subject;
		asked.has_key = subject->has_key;
		asked.pod = subject->pod;
		memcpy(asked.key, subject->key, sizeof(asked.key));
		desk_holder(to, size, &asked);
	}
}

static void gateway_text(char to[DC_NODE_ID_MAX + 1],
			 const struct dc_spa_decision *decision)
{
	const struct dc_node_id *id;
	size_t i;

	*to = '\0';
	if (!decision->request)
		return;
	id = &decision->request->gateway;
	for (i = 0; i < id->len; i++)
		to[i] = id->byte[i] > ' ' && id->byte[i] < 127 ?
			id->byte[i] : '?';
	to[i] = '\0';
}

static const char *rights_text(uint8_t rights, char to[24])
{
	snprintf(to, 24, "%s%s%s", rights & DC_RIGHT_NAME ? "+name" : "",
		 rights & DC_RIGHT_MEMBER ? "+member" : "",
		 rights & DC_RIGHT_TREE ? "+tree" : "");
	return *to ? to + 1 : to;
}

/* ---- a grant ----------------------------------------------------------- */

/*
 * Begins the transaction that keep() ends. Where another process changed the
 * store since it was read, what was decided may be wrong: it is read, and the
 * request is to be made again.
 */
static int next_number(void *arg, uint64_t *number)
{
	struct desk *desk = arg;
	int err;

	err = store_begin(desk->store);
	if (err)
		return err;
	err = desk_follow(desk);
	err = err ? err : store_number(desk->store, STORE_GRANT, number);
	if (err)
		store_abort(desk->store);
	return err > 0 ? -EAGAIN : err;
}

/* As the gateway says: it asks the same of a renewal as of a first grant. */
static bool is_renewal(const struct dc_c3_request *request)
{
	return request && !sodium_is_zero(request->renews.byte, DC_HASH_BYTES);
}

static void grant_line(char *line, size_t size, uint64_t now,
		       const struct dc_spa_decision *decision,
		       const struct store_grant *grant)
{
	const struct dc_spa_holding *holding = &decision->holding;
	char name[DAMC_NAME_TEXT_MAX], rights[24];

	desk_line(line, size, now,
		  "grant %llu %s %s to %s at %s rule %s until %llu%s%s%s",
		  (unsigned long long)holding->number,
		  tool_name_text(&holding->name, name),
		  rights_text(holding->rights, rights), grant->holder,
		  *grant->gateway ? grant->gateway : "-",
		  *holding->label ? holding->label : "-",
		  (unsigned long long)holding->until,
		  is_renewal(decision->request) ? " renewal" : "",
		  decision->observed ? " observed: " : "",
		  decision->observed ? decision->words : "");
}

static int keep(void *arg, const struct dc_spa_decision *decision)
{
	struct store_grant grant = {
		.holding = decision->holding, .len = decision->grant_len
	};
	char line[AUDIT_LINE_BYTES];
	struct desk *desk = arg;
	int err;

	holder_text(grant.holder, sizeof(grant.holder), decision);
	gateway_text(grant.gateway, decision);
	memcpy(grant.bytes, decision->grant, decision->grant_len);
	grant_line(line, sizeof(line), desk_time(desk), decision, &grant);
	err = store_add_grant(desk->store, &grant);
	if (err) {
		store_abort(desk->store);
		return err;
	}
	err = store_commit(desk->store, line);
	if (!err)
		desk->grants = decision->holding.number;
	return err;
}

/* ---- a refusal --------------------------------------------------------- */

static bool may_log(struct desk *desk, uint64_t second)
{
	if (second != desk->log_second) {
		desk->log_second = second;
		desk->logged = 0;
	}
	if (desk->logged < DESK_REFUSALS_PER_S) {
		desk->logged++;
		return true;
	}
	desk->unlogged++;
	return false;
}

static void refused(void *arg, const struct dc_spa_decision *decision)
{
	char line[AUDIT_LINE_BYTES], holder[DAMC_NAME_TEXT_MAX];
	char gateway[DC_NODE_ID_MAX + 1], name[DAMC_NAME_TEXT_MAX];
	struct desk *desk = arg;
	uint64_t now = desk_time(desk);
	char rights[24];

	if (decision->code == DC_C3_BUSY || !may_log(desk, now / 1000))
		return;
	holder_text(holder, sizeof(holder), decision);
	gateway_text(gateway, decision);
	desk_line(line, sizeof(line), now,
		  "refuse %s %s %s to %s at %s unlogged %llu: %s",
		  dc_c3_code_word(decision->code),
		  tool_name_text(&decision->holding.name, name),
		  rights_text(decision->holding.rights, rights),
		  *holder ? holder : "-", *gateway ? gateway : "-",
		  (unsigned long long)desk->unlogged, decision->words);
	if (!store_log(desk->store, line))
		desk->unlogged = 0;
}

const struct dc_spa_ops desk_ops = { next_number, keep, refused };

/* ---- by hand ----------------------------------------------------------- */

int desk_give(struct desk *desk, const struct dc_spa_wish *wish,
	      struct dc_spa_decision *decision, uint8_t bytes[DC_OBJECT_MAX])
{
	struct dc_spa_holding wanted = { .name = wish->name };
	int len = 0, tries;

	memset(decision, 0, sizeof(*decision));
	dc_spa_subject(&wanted.subject, wish->grant.has_key, wish->grant.key,
		       &wish->grant.pod);
	if (desk_sync_about(desk, &wanted) < 0) {
		decision->code = DC_C3_BUSY;
		snprintf(decision->words, sizeof(decision->words), "%.*s",
			 DC_C3_WORDS_MAX, desk->why);
		return 0;
	}
	for (tries = 0; tries < TRIES && !len; tries++) {
		len = dc_spa_give(desk->spa, wish, decision, bytes,
				  tool_now_us());
		if (decision->code != DC_C3_BUSY)
			break;
	}
	return len;
}

/* As many as nodes keep: those of certificates are never short of room. */
static int revocation_room(struct desk *desk, const struct damc_name *subject)
{
	uint64_t cap = DC_TRUST_REVOCATIONS, n;
	struct dc_node_id id;

	if (!dc_node_id_of(&id, subject))
		cap += DC_TRUST_CERTS;
	if (store_count_revocations(desk->store, desk_time(desk), &n))
		return -EIO;
	return n < cap ? 0 : -ENOSPC;
}

static int add_revocation(struct desk *desk, const struct dc_object *target,
			  uint64_t grant, struct store_revocation *revocation)
{
	struct dc_revocation what = { .until = target->not_after };
	int len;

	if (store_number(desk->store, STORE_REVOCATION, &what.number))
		return -EIO;
	dc_object_hash(target, &what.target);
	len = dc_spa_revocation(desk->spa, &what, &target->subject,
				revocation->bytes, tool_now_us());
	if (len < 0)
		return len;
	revocation->number = what.number;
	revocation->until = what.until;
	revocation->grant = grant;
	revocation->len = len;
	return store_add_revocation(desk->store, revocation) ||
	       (grant && store_mark_revoked(desk->store, grant, what.number)) ?
		-EIO : 0;
}

int desk_revoke(struct desk *desk, const uint8_t *bytes, size_t len,
		uint64_t grant, struct store_revocation *revocation)
{
	char line[AUDIT_LINE_BYTES], name[DAMC_NAME_TEXT_MAX];
	struct dc_object target;
	int err;

	if (dc_object_read(&target, bytes, len, NULL))
		return -EBADMSG;
	if (!dc_spa_may(desk->spa, &target.subject))
		return -EPERM;
	err = store_begin(desk->store);
	err = err ? err : revocation_room(desk, &target.subject);
	err = err ? err : add_revocation(desk, &target, grant, revocation);
	if (err) {
		store_abort(desk->store);
		return err;
	}
	desk_line(line, sizeof(line), desk_time(desk),
		  "revoke %llu %s %s grant %llu",
		  (unsigned long long)revocation->number,
		  dc_type_text(target.type),
		  tool_name_text(&target.subject, name),
		  (unsigned long long)grant);
	err = store_commit(desk->store, line);
	if (!err)
		desk_take_revocation(desk, revocation);
	return err;
}
