// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "service.h"

#define BEACON_NS (60 * SIM_S)

void service_init(struct service *service, const char *name, uint8_t right)
{
	*service = (struct service){ .name = lab_name(name), .right = right };
}

/* The grant for an instance is for its pool. */
static struct damc_name granted_name(const struct sim *sim,
				     const struct service *service)
{
	struct damc_name pool = service->name;
	size_t at, last = 0;

	if (service->right == DC_RIGHT_NAME)
		return pool;
	for (at = 0; at < pool.len; at += 1 + pool.wire[at])
		last = at;
	pool.len = last;
	return pool;
}

void service_grant(struct sim *sim, struct service *service)
{
	struct damc_name name = granted_name(sim, service);

	if (sim->now < sim->said.silent)
		return;
	domain_grant(sim->domain, &name, service->right, sim->now,
		     service->life_ms, &service->grant);
	service->ends_ms = service->life_ms ?
		domain_ms(sim->now) + service->life_ms : UINT64_MAX;
	service->granted = true;
}

static bool has_grant(const struct sim *sim, const struct service *service)
{
	return service->granted && service->ends_ms > domain_ms(sim->now);
}

void service_grant_rights(struct sim *sim, struct service *service,
			  uint8_t rights)
{
	domain_grant(sim->domain, &service->name, rights, sim->now, 0,
		     &service->grant);
	service->ends_ms = UINT64_MAX;
	service->granted = true;
}

void service_register(struct service *service, struct host *host)
{
	struct dc_prefix prefix = {
		.name = service->name, .right = service->right,
		.weight = service->right == DC_RIGHT_MEMBER ? 100 : 0,
	};

	if (!has_grant(host->sim, service))
		service_grant(host->sim, service);
	if (!has_grant(host->sim, service))
		return;
	host->sim->tally.fault[FAULT_REGISTER]++;
	prefix.epoch = ++service->epoch;
	prefix.grant = service->grant.hash;
	host_register(host, &prefix, service->grant.bytes, service->grant.len);
}

static void renew_own(struct host *host, const struct service *service,
		      struct own_name *own)
{
	struct sim *sim = host->sim;
	struct dc_prefix prefix = own->prefix;

	if (has_grant(sim, service)) {
		sim->tally.fault[FAULT_RENEW]++;
		prefix.grant = service->grant.hash;
		host_register(host, &prefix, service->grant.bytes,
			      service->grant.len);
	} else if (own->ends_ms <= domain_ms(sim->now) && !own->lapsed) {
		sim->tally.fault[FAULT_LAPSE]++;
		own->lapsed = true;
	}
}

void service_renew(struct sim *sim, struct service *service)
{
	uint32_t name = book_number(&sim->names, &service->name), i;

	service_grant(sim, service);
	for (i = 0; i < sim->hosts; i++) {
		struct own_name *own = host_own(&sim->host[i], name);

		if (own && !own->ended)
			renew_own(&sim->host[i], service, own);
	}
}

void service_withdraw(struct service *service, struct host *host)
{
	host->sim->tally.fault[FAULT_WITHDRAW]++;
	host_withdraw(host, &service->name);
}

/* ---- what an SPA has flooded ------------------------------------------- */

static void say(struct sim *sim, struct host *host,
		const struct lab_object *object)
{
	enum dc_verdict verdict = dc_node_object(host->core, object->bytes,
						 object->len, sim_us(sim));

	if (verdict != DC_VALID && verdict != DC_EXPIRED)
		sim_broken(sim, "host %u does not take what the SPA says: %s",
			   host->number, dc_verdict_text(verdict));
}

/* All that counts, the beacon last: a host that died may have kept it back. */
static void flood(struct sim *sim, void *arg, uint64_t number)
{
	const struct dc_identity *spa = domain_spa(sim->domain);
	struct host *host = arg;
	size_t i;

	dc_node_object(host->core, spa->cert, spa->cert_len, sim_us(sim));
	for (i = 0; i < sim->said.n; i++)
		say(sim, host, &sim->said.object[i]);
	if (number)
		say(sim, host, &sim->said.beacon);
}

/* Everybody will have heard, at rest: the names are nobody's then. */
static void end_names(struct sim *sim, const struct dc_hash *grant)
{
	uint32_t i;
	size_t j;

	for (i = 0; i < sim->hosts; i++)
		for (j = 0; j < sim->host[i].owns; j++) {
			struct own_name *own = &sim->host[i].own[j];

			if (!memcmp(&own->prefix.grant, grant, sizeof(*grant)))
				own->ended = true;
		}
}

void service_revoke(struct service *service, struct host *host)
{
	struct sim *sim = host->sim;
	struct said *said = &sim->said;

	if (!service->granted || sim->now < said->silent)
		return;
	sim->tally.fault[FAULT_REVOKE]++;
	said->object = sim_grow(said->object, said->n, &said->size,
				sizeof(*said->object));
	domain_revoke(sim->domain, service->grant.bytes, service->grant.len,
		      sim->now, &said->object[said->n++]);
	end_names(sim, &service->grant.hash);
	service->granted = false;
	host_job(host, flood, host, false);
}

void service_beacon(struct host *host)
{
	struct sim *sim = host->sim;

	domain_beacon(sim->domain, sim->now, &sim->said.beacon);
	host_job(host, flood, host, true);
}

static void beacon(struct sim *sim, void *arg, uint64_t number)
{
	struct host *host = &sim->host[rng_below(&sim->rng, sim->hosts)];

	if (sim->ending)
		return;
	if (host->core && sim->now >= sim->said.silent)
		service_beacon(host);
	queue_add(&sim->queue, sim->now + (host->core ? BEACON_NS : SIM_S),
		  beacon, NULL, 0);
}

void service_beacons(struct sim *sim)
{
	queue_add(&sim->queue, sim->now + SIM_S, beacon, NULL, 0);
}
