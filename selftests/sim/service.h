/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Services that come and go: names with grants, registered at hosts, and the
 * SPA that grants, revokes and tells the time. What the network owes the SPA
 * (class 3 runs end to end over it) is not simulated: it is a job at a host.
 */
#ifndef SIM_SERVICE_H
#define SIM_SERVICE_H

#include "domain.h"
#include "host.h"

/**
 * struct service - one name
 * @right: DC_RIGHT_NAME or DC_RIGHT_MEMBER
 * @epoch: of its last binding
 * @granted: there is a grant that is not revoked
 * @life_ms: of the grants that it gets; 0: of all that is long enough
 * @ends_ms: domain time when the one it has ends
 */
struct service {
	struct damc_name name;
	uint8_t right;
	uint32_t epoch;
	bool granted;
	uint64_t life_ms;
	uint64_t ends_ms;
	struct lab_object grant;
};

void service_init(struct service *service, const char *name, uint8_t right);
/* A new grant from the SPA; without one it keeps the one it has. */
void service_grant(struct sim *sim, struct service *service);
/* One for all that @rights say, for a service that stands for a tree. */
void service_grant_rights(struct sim *sim, struct service *service,
			  uint8_t rights);
/* With a new binding epoch; granted first if need be. */
void service_register(struct service *service, struct host *host);
/*
 * Whoever has it registered has a new grant for it, if the SPA gives one; and
 * who was refused asks again.
 */
void service_renew(struct sim *sim, struct service *service);
void service_withdraw(struct service *service, struct host *host);
/* The SPA revokes its grant, and tells @host, which floods it. */
void service_revoke(struct service *service, struct host *host);

/* The SPA says the time, and all revocations again, to @host. */
void service_beacon(struct host *host);
/* From now on a beacon each 60 s, by way of some host that lives. */
void service_beacons(struct sim *sim);

#endif /* SIM_SERVICE_H */
