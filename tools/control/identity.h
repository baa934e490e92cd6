/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A node's directory, with which it joins a domain (Documentation/objects.rst,
 * "A node's directory"):
 *
 *	anchor.txt	the domain's name and its anchor's keys
 *	cert.damc	the node's certificate, an object's bytes
 *	key		its private key, made on the host, mode 0600
 *
 * All functions return 0 or a negative errno, and then have written into @why
 * which file and what is wrong with it. Files are replaced whole or not at all;
 * a key is never replaced.
 */
#ifndef DC_IDENTITY_H
#define DC_IDENTITY_H

#include "trust.h"

#define DC_WHY_MAX 320

/* Read all three, and see that they fit together; when they end is not judged. */
int dc_identity_load(struct dc_identity *identity, const char *dir,
		     char why[DC_WHY_MAX]);
/* Make the directory (0700) if there is none, and write all three. */
int dc_identity_store(const struct dc_identity *identity, const char *dir,
		      char why[DC_WHY_MAX]);

/* @identity's domain and anchor, from and to a file. */
int dc_anchor_load(struct dc_identity *identity, const char *path,
		   char why[DC_WHY_MAX]);
int dc_anchor_store(const struct dc_identity *identity, const char *path,
		    char why[DC_WHY_MAX]);

/* A key in a file. Storing one that is there already is no error. */
int dc_key_load(uint8_t key[DC_KEY_BYTES], uint8_t secret[DC_SECRET_BYTES],
		const char *path, char why[DC_WHY_MAX]);
int dc_key_store(const uint8_t secret[DC_SECRET_BYTES], const char *path,
		 char why[DC_WHY_MAX]);
/* A new random key pair. */
void dc_key_new(uint8_t key[DC_KEY_BYTES], uint8_t secret[DC_SECRET_BYTES]);

/**
 * dc_identity_lab() - an identity for `insecure-lab`, without any directory
 * @domain: names the lab: who knows it can make any node of it
 * @id: the node's
 * @roles: enum dc_role, a set; each for all names, so that an SG needs no
 *	grants
 * @now_ms: wall clock; the certificate is of that second, in which all that are
 *	made are the same, and lasts a year
 *
 * Return: 0; -EINVAL for a domain of no or more than 63 bytes, or no roles.
 */
int dc_identity_lab(struct dc_identity *identity, const char *domain,
		    const struct dc_node_id *id, uint8_t roles,
		    const struct dc_crypto *crypto, uint64_t now_ms);

#endif /* DC_IDENTITY_H */
