/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who the hosts of a simulation are, and what its one SPA signs. Domain time is
 * the virtual clock.
 */
#ifndef SIM_DOMAIN_H
#define SIM_DOMAIN_H

#include "lab.h"
#include "node.h"

struct domain;

/* Virtual time 0 in domain time, ms: some day in 2026. */
#define DOMAIN_EPOCH_MS 1780000000000ull

static inline uint64_t domain_ms(uint64_t now_ns)
{
	return DOMAIN_EPOCH_MS + now_ns / 1000000;
}

struct domain *domain_new(const struct dc_crypto *crypto, uint64_t seed,
			  uint32_t hosts);
void domain_free(struct domain *domain);

const struct dc_identity *domain_identity(const struct domain *domain,
					  uint32_t host);
const struct dc_identity *domain_spa(const struct domain *domain);
void domain_host_id(struct dc_node_id *id, uint32_t host);
void domain_host_name(struct damc_name *name, uint32_t host);
/* The host gets a new key and certificate, with the next serial. */
void domain_renew(struct domain *domain, uint32_t host, uint64_t now_ns);
/* A new certificate for the key that it has. */
void domain_recertify(struct domain *domain, uint32_t host, uint64_t now_ns);
/* The SPA gets a new key; what the one before signed is good until the next. */
void domain_renew_spa(struct domain *domain, uint64_t now_ns);

/* @life_ms: 0 means a day. */
void domain_grant(struct domain *domain, const struct damc_name *name,
		  uint8_t rights, uint64_t now_ns, uint64_t life_ms,
		  struct lab_object *grant);
void domain_revoke(struct domain *domain, const void *target, size_t len,
		   uint64_t now_ns, struct lab_object *revocation);
void domain_beacon(struct domain *domain, uint64_t now_ns,
		   struct lab_object *beacon);

#endif /* SIM_DOMAIN_H */
