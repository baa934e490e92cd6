// SPDX-License-Identifier: GPL-2.0
/* Names that are registered at a host: what its daemon's shell would keep. */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "domain.h"
#include "host.h"
#include "object.h"

struct own_name *host_own(const struct host *host, uint32_t name)
{
	size_t i;

	for (i = 0; i < host->owns; i++)
		if (host->own[i].name == name)
			return &host->own[i];
	return NULL;
}

/* Whoever has a grant from an SPA has the SPA's certificate from it as well. */
void host_announce(struct host *host, struct own_name *own)
{
	const struct dc_identity *spa = domain_spa(host->sim->domain);

	if (own->grant)
		dc_node_object(host->core, spa->cert, spa->cert_len,
			       sim_us(host->sim));
	own->verdict = dc_node_announce(host->core, &own->prefix, own->grant,
					own->grant_len, sim_us(host->sim));
	sim_trace(host->sim, "host %u announces %u: %s", host->number,
		  own->name, dc_verdict_text(own->verdict));
}

static void tell(struct sim *sim, void *arg, uint64_t number)
{
	struct host *host = arg;
	struct own_name *own = host_own(host, number);

	if (own)
		host_announce(host, own);
	else
		dc_node_withdraw(host->core, &sim->names.name[number].name,
				 sim_us(sim));
}

static uint64_t end_of(const void *grant, size_t len)
{
	struct dc_object object;

	return dc_object_read(&object, grant, len, NULL) ? 0 : object.not_after;
}

void host_register(struct host *host, const struct dc_prefix *prefix,
		   const void *grant, size_t grant_len)
{
	uint32_t name = book_number(&host->sim->names, &prefix->name);
	struct own_name *own = host_own(host, name);

	if (!own) {
		host->own = sim_grow(host->own, host->owns, &host->own_size,
				     sizeof(*host->own));
		own = &host->own[host->owns++];
		own->grant = NULL;
	}
	free(own->grant);
	*own = (struct own_name){
		.name = name, .prefix = *prefix, .verdict = DC_UNKNOWN,
	};
	own->ends_ms = UINT64_MAX;
	if (grant) {
		own->ends_ms = end_of(grant, grant_len);
		own->grant = sim_alloc(grant_len);
		memcpy(own->grant, grant, grant_len);
		own->grant_len = grant_len;
	}
	host_job(host, tell, host, name);
}

void host_withdraw(struct host *host, const struct damc_name *prefix)
{
	uint32_t name = book_number(&host->sim->names, prefix);
	struct own_name *own = host_own(host, name);

	if (!own)
		return;
	free(own->grant);
	*own = host->own[--host->owns];
	host_job(host, tell, host, name);
}
