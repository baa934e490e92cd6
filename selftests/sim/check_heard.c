// SPDX-License-Identifier: GPL-2.0
/*
 * What a host sends for, it has heard announced; by whom may, under a grant that
 * it has, that has not ended and that it has not heard revoked. If the LSA came
 * before the grant that it names, another such grant for that name will do.
 */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check.h"

enum heard {
	HEARD_NOTHING,
	HEARD_REVOKED,
	HEARD_NO_GRANT,
	HEARD_GOOD,
};

struct hashes {
	struct dc_hash *hash;
	size_t n;
	size_t size;
};

/**
 * struct hearing - what one database says
 * @claims: of the grants that count, each name with each right
 * @heard: by number of the name, the best that was heard
 */
struct hearing {
	struct names *names;
	uint64_t now_ms;
	struct hashes revoked;
	struct hashes grants;
	struct hashes claims;
	uint8_t *heard;
	size_t size;
};

static void keep(struct hashes *hashes, const struct dc_hash *hash)
{
	hashes->hash = sim_grow(hashes->hash, hashes->n, &hashes->size,
				sizeof(*hash));
	hashes->hash[hashes->n++] = *hash;
}

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct dc_hash));
}

static void sort(struct hashes *hashes)
{
	if (hashes->n)
		qsort(hashes->hash, hashes->n, sizeof(*hashes->hash), by_bytes);
}

static bool has(const struct hashes *hashes, const struct dc_hash *hash)
{
	return hashes->n && bsearch(hash, hashes->hash, hashes->n,
				    sizeof(*hash), by_bytes);
}

static struct dc_hash claim_of(const struct damc_name *name, uint8_t right)
{
	uint8_t bytes[1 + DAMC_NAME_MAX];
	struct dc_hash claim;

	bytes[0] = right;
	memcpy(bytes + 1, name->wire, name->len);
	dc_hash_bytes(&claim, bytes, 1 + name->len);
	return claim;
}

static int gather_revoked(const struct dc_object *object, uint32_t left_s,
			  void *arg)
{
	struct dc_revocation revocation;
	struct hearing *hearing = arg;

	if (object->type == DC_REVOCATION &&
	    !dc_revocation_read(&revocation, object))
		keep(&hearing->revoked, &revocation.target);
	return 0;
}

static int gather_grants(const struct dc_object *object, uint32_t left_s,
			 void *arg)
{
	struct hearing *hearing = arg;
	struct dc_hash hash, claim;
	struct dc_grant grant;
	uint8_t right;

	if (object->type != DC_GRANT || object->not_after <= hearing->now_ms ||
	    dc_grant_read(&grant, object))
		return 0;
	dc_object_hash(object, &hash);
	if (has(&hearing->revoked, &hash))
		return 0;
	keep(&hearing->grants, &hash);
	for (right = 1; right <= grant.rights; right *= 2) {
		claim = claim_of(&object->subject, right);
		if (grant.rights & right)
			keep(&hearing->claims, &claim);
	}
	return 0;
}

/* Of a member it is the pool that is granted. */
static bool has_claim(const struct hearing *hearing,
		      const struct dc_prefix *prefix)
{
	struct damc_name name = prefix->name;
	uint32_t at, last = 0;
	struct dc_hash claim;

	for (at = 0; at < name.len; at += 1 + name.wire[at])
		last = at;
	if (prefix->right == DC_RIGHT_MEMBER)
		name.len = last;
	claim = claim_of(&name, prefix->right);
	return has(&hearing->claims, &claim);
}

static enum heard judge(const struct hearing *hearing,
			const struct dc_prefix *prefix)
{
	static const struct dc_hash none;

	if (!memcmp(&prefix->grant, &none, sizeof(none)))
		return HEARD_GOOD;
	if (has(&hearing->revoked, &prefix->grant))
		return HEARD_REVOKED;
	return has(&hearing->grants, &prefix->grant) ||
	       has_claim(hearing, prefix) ? HEARD_GOOD : HEARD_NO_GRANT;
}

static void note(struct hearing *hearing, const struct damc_name *name,
		 enum heard heard)
{
	uint32_t number = book_number(hearing->names, name);

	hearing->heard = sim_grow_zero(hearing->heard, number, &hearing->size, 1);
	if (hearing->heard[number] < heard)
		hearing->heard[number] = heard;
}

static int announced(const struct dc_object *object, uint32_t left_s, void *arg)
{
	struct hearing *hearing = arg;
	struct dc_prefix_lsa lsa;
	uint32_t i;

	if (object->type == DC_CERT)
		note(hearing, &object->subject, HEARD_GOOD);
	if (object->type != DC_PREFIX_LSA || dc_prefix_lsa_read(&lsa, object))
		return 0;
	for (i = 0; i < lsa.n; i++)
		note(hearing, &lsa.prefix[i].name,
		     judge(hearing, &lsa.prefix[i]));
	return 0;
}

static uint32_t compare(struct sim *sim, const struct host *host,
			const struct hearing *hearing, bool tell)
{
	static const char *const why[] = {
		[HEARD_NOTHING] = "nobody announces",
		[HEARD_REVOKED] = "is revoked",
		[HEARD_NO_GRANT] = "has no grant",
	};
	char text[DAMC_NAME_TEXT_MAX];
	uint32_t name, bad = 0;

	for (name = 0; name < host->table.routes; name++) {
		uint8_t heard = name < hearing->size ? hearing->heard[name] : 0;
		const struct table_route *route = table_exact(&host->table, name);

		if (!route || route->kind != TABLE_SET)
			continue;
		sim->tally.judged[CHECK_HEARD]++;
		if (heard == HEARD_GOOD)
			continue;
		bad++;
		sim->tally.bad[CHECK_HEARD]++;
		if (tell)
			sim_broken(sim, "host %u's table has %s, which %s as far as it has heard",
				   host->number,
				   book_text(&sim->names, name, text),
				   why[heard]);
	}
	return bad;
}

uint32_t check_heard(struct sim *sim, const struct host *host, bool tell)
{
	struct hearing hearing = { .names = &sim->names };
	uint32_t bad;

	hearing.now_ms = dc_trust_time(dc_node_trust(host->core), sim_us(sim));
	dc_node_lsdb(host->core, gather_revoked, &hearing);
	sort(&hearing.revoked);
	dc_node_lsdb(host->core, gather_grants, &hearing);
	sort(&hearing.grants);
	sort(&hearing.claims);
	dc_node_lsdb(host->core, announced, &hearing);
	bad = compare(sim, host, &hearing, tell);
	free(hearing.revoked.hash);
	free(hearing.grants.hash);
	free(hearing.claims.hash);
	free(hearing.heard);
	return bad;
}
