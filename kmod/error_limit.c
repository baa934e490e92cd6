// SPDX-License-Identifier: GPL-2.0
/* Whether one more error may be sent. */
#include "dev.h"
#include "neigh.h"
#include "packet.h"

/* By UDP all neighbours share an interface: there each has its own. */
static struct damc_error_limit *damc_error_source(struct damc_net *dn,
						  const struct damc_cb *cb)
{
	struct damc_neigh *neigh = NULL;

	if (cb->neigh)
		neigh = xa_load(&dn->neighs, cb->neigh);
	return neigh ? &neigh->errors : &cb->in->errors;
}

static struct damc_token_bucket *damc_error_flow(struct damc_net *dn,
						 struct sk_buff *cause)
{
	const siphash_key_t *key = &dn->fib.table.key;
	struct damc_name src = damc_src(cause);
	u64 hash = damc_name_hash_whole(key, &src);

	hash = siphash_2u64(hash, damc_cb(cause)->pkt.flow, key);
	return &damc_cb(cause)->in->flows.flow[hash % DAMC_TOO_BIG_FLOWS];
}

static bool damc_too_big_allowed(struct damc_net *dn, struct sk_buff *cause,
				 struct damc_error_limit *source)
{
	return damc_bucket_take(damc_error_flow(dn, cause),
				DAMC_TOO_BIG_FLOW_RATE,
				DAMC_TOO_BIG_FLOW_BURST) &&
	       damc_bucket_take(&source->too_big, DAMC_ERROR_SOURCE_RATE,
				DAMC_ERROR_SOURCE_BURST) &&
	       damc_bucket_take(&dn->errors.too_big, DAMC_ERROR_RATE,
				DAMC_ERROR_BURST);
}

/**
 * damc_error_allowed() - whether one more error may be sent; if so, it counts
 * @dn: the namespace
 * @cause: what it would be about; a packet that arrived
 * @code: enum damc_error_code
 *
 * Context: under RCU.
 */
bool damc_error_allowed(struct damc_net *dn, struct sk_buff *cause, u8 code)
{
	struct damc_error_limit *source = damc_error_source(dn, damc_cb(cause));

	if (code == DAMC_ERROR_CODE_TOO_BIG)
		return damc_too_big_allowed(dn, cause, source);
	return damc_bucket_take(&source->others, DAMC_ERROR_SOURCE_RATE,
				DAMC_ERROR_SOURCE_BURST) &&
	       damc_bucket_take(&dn->errors.others, DAMC_ERROR_RATE,
				DAMC_ERROR_BURST);
}
