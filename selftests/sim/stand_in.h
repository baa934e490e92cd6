/* SPDX-License-Identifier: GPL-2.0 */
/*
 * In the place of libsodium's hashes and key exchange, in seeds whose signatures
 * are a stand-in, too: nobody attacks there, and they were half of the time.
 * What they really cost was measured before, and is charged. The linker puts
 * them there (Makefile: WRAP), so the core does not know; whether they are used
 * is the process's, as who calls them has no argument of its own.
 */
#ifndef SIM_STAND_IN_H
#define SIM_STAND_IN_H

#include <stdbool.h>

/* From now on, in all cores: objects made before are nobody's any more. */
void stand_in_use(bool on);

#endif /* SIM_STAND_IN_H */
