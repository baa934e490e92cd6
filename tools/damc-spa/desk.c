// SPDX-License-Identifier: GPL-2.0
/* An SPA at work: opened, kept in step with its store. */
#include <errno.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "desk.h"
#include "desk_ops.h"
#include "policy_file.h"
#include "spa_tool.h"

static int fault(struct desk *desk, const char *words)
{
	snprintf(desk->why, sizeof(desk->why), "%s", words);
	return -EINVAL;
}

static int store_fault(struct desk *desk)
{
	snprintf(desk->why, sizeof(desk->why), "%s", store_why(desk->store));
	return -EIO;
}

uint64_t desk_time(const struct desk *desk)
{
	return dc_trust_time(dc_spa_trust(desk->spa), tool_now_us());
}

/* ---- what is stored ---------------------------------------------------- */

static int restore_grant(const struct store_grant *grant, void *arg)
{
	struct desk *desk = arg;

	desk->grants = grant->holding.number;
	return dc_spa_restore(desk->spa, &grant->holding);
}

static int restore_revocation(const struct store_revocation *revocation,
			      void *arg)
{
	struct desk *desk = arg;
	struct dc_object object;

	desk->revocations = revocation->number;
	dc_trust_check(dc_spa_trust(desk->spa), revocation->bytes,
		       revocation->len, &object, tool_now_us());
	if (revocation->grant)
		dc_spa_revoked(desk->spa, revocation->grant);
	return 0;
}

void desk_take_revocation(struct desk *desk,
			  const struct store_revocation *revocation)
{
	if (revocation->number == desk->revocations + 1)
		restore_revocation(revocation, desk);
}

int desk_follow(struct desk *desk)
{
	uint64_t version = store_version(desk->store);
	uint64_t now = desk_time(desk);

	if (version == desk->version)
		return 0;
	if (store_grants(desk->store, desk->grants, now, restore_grant, desk) ||
	    store_revocations(desk->store, desk->revocations, now,
			      restore_revocation, desk))
		return store_fault(desk);
	desk->version = version;
	return 1;
}

int desk_sync(struct desk *desk)
{
	if (desk->part) {
		desk->part = false;
		desk->version = 0;
		desk->grants = 0;
		desk->revocations = 0;
	}
	return desk_follow(desk);
}

/* What another process writes meanwhile is read twice at worst. */
static int read_about(struct desk *desk, const struct dc_spa_holding *wanted)
{
	uint64_t version = store_version(desk->store), grants;

	if (store_last(desk->store, STORE_GRANT, &grants) ||
	    store_last(desk->store, STORE_REVOCATION, &desk->revocations) ||
	    store_grants_about(desk->store, wanted, desk_time(desk),
			       restore_grant, desk))
		return store_fault(desk);
	desk->grants = grants;
	desk->version = version;
	desk->part = true;
	return 1;
}

int desk_sync_about(struct desk *desk, const struct dc_spa_holding *wanted)
{
	int ret = desk->version ? desk_follow(desk) : 0;
	uint64_t n;

	if (ret < 0 || (desk->version && !desk->part))
		return ret;
	if (store_count_grants(desk->store, desk_time(desk), &n))
		return store_fault(desk);
	return n < DC_SPA_LIVE_MAX ? read_about(desk, wanted) : desk_sync(desk);
}

/* ---- policy ------------------------------------------------------------ */

/* Nobody brings an old one back. */
static int check_version(struct desk *desk, uint64_t version, uint64_t *last)
{
	if (store_get(desk->store, DESK_POLICY, last))
		return store_fault(desk);
	if (version >= *last)
		return 0;
	snprintf(desk->why, sizeof(desk->why),
		 "%.150s: version %llu, and %llu was in force",
		 desk->config.policy, (unsigned long long)version,
		 (unsigned long long)*last);
	return -ESTALE;
}

/* Looked at again, where no other process comes in between. */
static int put_in_force(struct desk *desk, uint64_t version)
{
	char line[128];
	uint64_t last;
	int err;

	if (store_begin(desk->store))
		return store_fault(desk);
	err = check_version(desk, version, &last);
	if (err || version == last) {
		store_abort(desk->store);
		return err;
	}
	desk_line(line, sizeof(line), tool_wall_ms(), "policy version %llu",
		  (unsigned long long)version);
	err = store_set(desk->store, DESK_POLICY, version);
	err = err ? err : store_commit(desk->store, line);
	return err ? store_fault(desk) : 0;
}

static int load_policy(struct desk *desk, struct dc_spa_policy *policy)
{
	struct policy_file file;
	uint64_t last;
	int err;

	err = policy_file_read(&file, desk->config.policy, desk->why);
	if (err)
		return err;
	err = policy_load(policy, &file, desk->identity.domain, desk->why);
	if (!err && !desk->config.unsigned_policy)
		err = policy_verify(&file, &desk->identity, desk->why);
	err = err ? err : check_version(desk, policy->version, &last);
	if (err)
		dc_spa_policy_clear(policy);
	policy_file_free(&file);
	return err;
}

static void use_policy(struct desk *desk, const struct dc_spa_policy *policy)
{
	dc_spa_policy_clear(&desk->policy);
	desk->policy = *policy;
	dc_spa_set_policy(desk->spa, &desk->policy);
}

int desk_read_policy(struct desk *desk)
{
	struct dc_spa_policy policy;
	int err;

	err = load_policy(desk, &policy);
	if (!err)
		use_policy(desk, &policy);
	return err;
}

int desk_enforce_policy(struct desk *desk)
{
	struct dc_spa_policy policy;
	int err;

	err = load_policy(desk, &policy);
	if (err)
		return err;
	err = put_in_force(desk, policy.version);
	if (err)
		dc_spa_policy_clear(&policy);
	else
		use_policy(desk, &policy);
	return err;
}

/* ---- open -------------------------------------------------------------- */

/* Domain time does not go back where this host's clock did. */
static int start_core(struct desk *desk)
{
	struct dc_spa_config config = {
		.identity = desk->identity, .crypto = &dc_ed25519,
		.policy = &desk->policy,
	};
	uint64_t wall = tool_wall_ms(), last;

	if (store_get(desk->store, "beacon", &last))
		return store_fault(desk);
	randombytes_buf(config.secret, sizeof(config.secret));
	desk->spa = dc_spa_new(&config, &desk_ops, desk, tool_now_us(),
			       wall > last ? wall : last);
	sodium_memzero(&config, sizeof(config));
	return desk->spa ? 0 : fault(desk, "the certificate is not an SPA's");
}

int desk_open(struct desk *desk, const char *config)
{
	int err;

	memset(desk, 0, sizeof(*desk));
	err = config_load(&desk->config, config, desk->why);
	err = err ? err : dc_identity_load(&desk->identity,
					   desk->config.identity, desk->why);
	if (err)
		return err;
	desk->store = store_open(desk->config.state, desk->config.sync,
				 desk->why);
	return desk->store ? start_core(desk) : -EIO;
}

void desk_close(struct desk *desk)
{
	dc_spa_free(desk->spa);
	dc_spa_policy_clear(&desk->policy);
	store_close(desk->store);
	sodium_memzero(&desk->identity, sizeof(desk->identity));
}

/* ---- beacons ----------------------------------------------------------- */

struct sum {
	struct dc_hash digest;
	uint64_t last;
};

static int add_revocation(const struct store_revocation *revocation, void *arg)
{
	struct sum *sum = arg;
	struct dc_hash hash;
	int i;

	sum->last = revocation->number;
	dc_hash_bytes(&hash, revocation->bytes, revocation->len);
	for (i = 0; i < DC_HASH_BYTES; i++)
		sum->digest.byte[i] ^= hash.byte[i];
	return 0;
}

int desk_beacon(struct desk *desk, uint8_t bytes[DC_OBJECT_MAX])
{
	uint64_t now = desk_time(desk);
	struct sum sum = { 0 };
	int err;

	err = store_revocations(desk->store, 0, now, add_revocation, &sum);
	if (err || store_set(desk->store, "beacon", now))
		return store_fault(desk);
	/* What has ended is no revocation any more, but its number was used. */
	if (sum.last < desk->revocations)
		sum.last = desk->revocations;
	return dc_spa_beacon(desk->spa, sum.last, &sum.digest, bytes,
			     tool_now_us());
}

void desk_line(char *to, size_t size, uint64_t ms, const char *format, ...)
{
	json_t *time = tool_json_time(ms);
	va_list args;
	int len;

	len = snprintf(to, size, "%s ", json_string_value(time));
	json_decref(time);
	va_start(args, format);
	vsnprintf(to + len, size - len, format, args);
	va_end(args);
}
