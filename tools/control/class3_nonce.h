/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Nonces that are good once, for a while, for one gateway. They say themselves
 * when they were made, under a MAC, so that handing them out costs no memory;
 * what is remembered is those that were used, until they would be old.
 */
#ifndef DC_CLASS3_NONCE_H
#define DC_CLASS3_NONCE_H

#include "class3.h"

#define DC_C3_NONCE_LIFETIME_MS 60000
/* That may be used in one lifetime; then "busy" until the next begins. */
#define DC_C3_NONCES_USED_MAX 1048576

struct dc_c3_nonces;

/* @secret: what the MAC is keyed with. NULL: no memory. */
struct dc_c3_nonces *dc_c3_nonces_new(const uint8_t secret[32]);
void dc_c3_nonces_free(struct dc_c3_nonces *nonces);

void dc_c3_nonce_make(struct dc_c3_nonces *nonces, struct dc_c3_nonce *nonce,
		      const struct dc_node_id *gateway, uint64_t now_us);

/* Made here, for @gateway, and not old. */
bool dc_c3_nonce_fresh(const struct dc_c3_nonces *nonces,
		       const struct dc_c3_nonce *nonce,
		       const struct dc_node_id *gateway, uint64_t now_us);

/**
 * dc_c3_nonce_use() - and never again
 * @nonce: a fresh one
 *
 * Return: 0; -EEXIST, it was used; -ENOBUFS, too many were; -ENOMEM.
 */
int dc_c3_nonce_use(struct dc_c3_nonces *nonces,
		    const struct dc_c3_nonce *nonce, uint64_t now_us);

#endif /* DC_CLASS3_NONCE_H */
