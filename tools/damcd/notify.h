/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the service manager is told: sd_notify(3)'s protocol, spoken by hand.
 * Without one (no NOTIFY_SOCKET) nothing happens.
 */
#ifndef DAMCD_NOTIFY_H
#define DAMCD_NOTIFY_H

#include <stdint.h>

/* "READY=1" and the like; lines. A manager that does not listen costs a second. */
void notify_send(const char *state);
/* A sign of life: that one costs nothing. */
void notify_alive(void);
/* With the time of now, which RELOADING=1 has to come with. */
void notify_reloading(void);
/* us between two signs of life that the manager wants; 0: none. */
uint64_t notify_watchdog_us(void);

#endif /* DAMCD_NOTIFY_H */
