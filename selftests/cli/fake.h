/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A libdamc without a kernel, for tests of the command: fixed answers, and
 * what it is asked to change goes to standard error as "fake: ...". Names are
 * the real library's (name.c). DAMC_FAKE in the environment chooses:
 *   nomodule  there is no module
 *   refuse    everything that changes something is refused, with words
 *   eperm     the same, without words
 *   empty     there is nothing to show
 *   broken    dumps end with an error
 */
#ifndef FAKE_H
#define FAKE_H

#include "damc.h"

/* Whether DAMC_FAKE is this. */
bool fake_is(const char *mode);

struct damc_name fake_name(const char *text);
/* Two at a time, in static memory. */
const char *fake_text(const struct damc_name *name);
struct damc_lladdr fake_mac(uint8_t last);

/* Tell of a part of what is asked. */
void fake_say_lladdr(const struct damc_lladdr *addr);
void fake_say_inet(const struct damc_inet_addr *remote, uint32_t port,
		   const struct damc_inet_addr *local);
void fake_say_hop(const struct damc_nexthop *hop);

/* What damc_ctl_error() says. */
void fake_words(const char *words);
/* The answer to a change, after it was told; and to a dump. */
int fake_change(void);
int fake_end(void);

/* Of which two next hops lead somewhere. */
struct damc_route fake_route(void);
/* With a backup. */
struct damc_set fake_set(void);
/* With all there may be. */
struct damc_policy fake_policy(void);

#endif /* FAKE_H */
