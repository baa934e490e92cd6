// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "domain.h"
#include "lab.h"

#define SPA "spa"
#define HOST_TEXT_MAX 16

struct domain {
	struct lab lab;
	struct dc_identity spa;
	struct dc_identity *identity;
	uint32_t hosts;
};

/* Of one length, so that the order of ids is that of numbers. */
static void host_text(char text[HOST_TEXT_MAX], uint32_t host)
{
	snprintf(text, HOST_TEXT_MAX, "h%06u", host);
}

void domain_host_id(struct dc_node_id *id, uint32_t host)
{
	char text[HOST_TEXT_MAX];

	host_text(text, host);
	*id = lab_id(text);
}

void domain_host_name(struct damc_name *name, uint32_t host)
{
	struct dc_node_id id;

	domain_host_id(&id, host);
	if (dc_node_name(name, &id))
		abort();
}

struct domain *domain_new(const struct dc_crypto *crypto, uint64_t seed,
			  uint32_t hosts)
{
	struct domain *domain = sim_zalloc(1, sizeof(*domain));
	char text[HOST_TEXT_MAX];
	uint32_t i;

	lab_init(&domain->lab, crypto, seed);
	domain->lab.time_ms = DOMAIN_EPOCH_MS;
	domain->hosts = hosts;
	domain->identity = sim_zalloc(hosts, sizeof(*domain->identity));
	lab_enrol(&domain->lab, &domain->spa, SPA, DC_ROLE_SPA, "/");
	for (i = 0; i < hosts; i++) {
		host_text(text, i);
		lab_enrol(&domain->lab, &domain->identity[i], text,
			  DC_ROLE_SG | DC_ROLE_SR, "");
	}
	return domain;
}

void domain_free(struct domain *domain)
{
	free(domain->identity);
	free(domain);
}

const struct dc_identity *domain_identity(const struct domain *domain,
					  uint32_t host)
{
	return &domain->identity[host];
}

const struct dc_identity *domain_spa(const struct domain *domain)
{
	return &domain->spa;
}

void domain_renew(struct domain *domain, uint32_t host, uint64_t now_ns)
{
	char text[HOST_TEXT_MAX];

	host_text(text, host);
	domain->lab.time_ms = domain_ms(now_ns);
	lab_enrol(&domain->lab, &domain->identity[host], text,
		  DC_ROLE_SG | DC_ROLE_SR, "");
}

void domain_recertify(struct domain *domain, uint32_t host, uint64_t now_ns)
{
	struct dc_identity *identity = &domain->identity[host];
	char text[HOST_TEXT_MAX];
	struct dc_object old;
	struct dc_cert cert;

	if (dc_object_read(&old, identity->cert, identity->cert_len, NULL) ||
	    dc_cert_read(&cert, &old))
		abort();
	host_text(text, host);
	domain->lab.time_ms = domain_ms(now_ns);
	cert.issued = domain->lab.time_ms;
	lab_certify(&domain->lab, identity, text, old.seq.serial + 1, &cert);
}

void domain_renew_spa(struct domain *domain, uint64_t now_ns)
{
	domain->lab.time_ms = domain_ms(now_ns);
	lab_enrol(&domain->lab, &domain->spa, SPA, DC_ROLE_SPA, "/");
}

void domain_grant(struct domain *domain, const struct damc_name *name,
		  uint8_t rights, uint64_t now_ns, uint64_t life_ms,
		  struct lab_object *grant)
{
	struct lab *lab = &domain->lab;
	uint64_t life = lab->life_ms;
	char text[DAMC_NAME_TEXT_MAX];

	damc_name_format(name, text, sizeof(text));
	lab->time_ms = domain_ms(now_ns);
	if (life_ms)
		lab->life_ms = life_ms;
	lab_grant(lab, &domain->spa, text, rights, "", grant);
	lab->life_ms = life;
}

void domain_revoke(struct domain *domain, const void *target, size_t len,
		   uint64_t now_ns, struct lab_object *revocation)
{
	domain->lab.time_ms = domain_ms(now_ns);
	lab_revoke(&domain->lab, &domain->spa, target, len, revocation);
}

void domain_beacon(struct domain *domain, uint64_t now_ns,
		   struct lab_object *beacon)
{
	domain->lab.time_ms = domain_ms(now_ns);
	lab_beacon(&domain->lab, &domain->spa, beacon);
}
