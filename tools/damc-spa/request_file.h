/* SPDX-License-Identifier: GPL-2.0 */
/* What a host sends to be enrolled: its public key, and that it has the other. */
#ifndef SPA_REQUEST_FILE_H
#define SPA_REQUEST_FILE_H

#include "identity.h"

int request_write(const char *path, const uint8_t key[DC_KEY_BYTES],
		  const uint8_t secret[DC_SECRET_BYTES], char why[DC_WHY_MAX]);
int request_read(const char *path, uint8_t key[DC_KEY_BYTES],
		 char why[DC_WHY_MAX]);

#endif /* SPA_REQUEST_FILE_H */
