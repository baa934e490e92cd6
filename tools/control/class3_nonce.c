// SPDX-License-Identifier: GPL-2.0
/* Nonces: when made (8 bytes), their number (8), a MAC over both (16). */
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "class3_nonce.h"
#include "object_wire.h"

#define PLAIN_BYTES 16
#define MAC_BYTES (DC_C3_NONCE_BYTES - PLAIN_BYTES)
#define SLOTS_MIN 1024
#define LIFETIME_US (DC_C3_NONCE_LIFETIME_MS * 1000ull)

struct mac {
	uint8_t byte[MAC_BYTES];
};

/* MACs of nonces used: open addressing, at most half full; all zero is free. */
struct used {
	struct mac *slot;
	size_t slots;
	size_t n;
};

/*
 * @used: [0] since @since, [1] in the lifetime before: what is in neither was
 * made longer than a lifetime ago
 */
struct dc_c3_nonces {
	uint8_t secret[32];
	uint64_t number;
	uint64_t since;
	struct used used[2];
};

struct dc_c3_nonces *dc_c3_nonces_new(const uint8_t secret[32])
{
	struct dc_c3_nonces *nonces = calloc(1, sizeof(*nonces));

	if (nonces)
		memcpy(nonces->secret, secret, sizeof(nonces->secret));
	return nonces;
}

static void forget(struct used *used)
{
	free(used->slot);
	*used = (struct used){ 0 };
}

void dc_c3_nonces_free(struct dc_c3_nonces *nonces)
{
	if (!nonces)
		return;
	forget(&nonces->used[0]);
	forget(&nonces->used[1]);
	sodium_memzero(nonces->secret, sizeof(nonces->secret));
	free(nonces);
}

static void mac_of(struct mac *mac, const struct dc_c3_nonces *nonces,
		   const uint8_t *plain, const struct dc_node_id *gateway)
{
	uint8_t bytes[PLAIN_BYTES + 1 + DC_NODE_ID_MAX];
	struct dc_out out = { .at = bytes, .room = sizeof(bytes) };

	dc_put_bytes(&out, plain, PLAIN_BYTES);
	dc_put_node_id(&out, gateway);
	crypto_generichash(mac->byte, sizeof(mac->byte), bytes, out.len,
			   nonces->secret, sizeof(nonces->secret));
}

void dc_c3_nonce_make(struct dc_c3_nonces *nonces, struct dc_c3_nonce *nonce,
		      const struct dc_node_id *gateway, uint64_t now_us)
{
	struct dc_out out = { .at = nonce->byte, .room = DC_C3_NONCE_BYTES };
	struct mac mac;

	dc_put(&out, now_us, 8);
	dc_put(&out, ++nonces->number, 8);
	mac_of(&mac, nonces, nonce->byte, gateway);
	dc_put_bytes(&out, mac.byte, sizeof(mac.byte));
}

bool dc_c3_nonce_fresh(const struct dc_c3_nonces *nonces,
		       const struct dc_c3_nonce *nonce,
		       const struct dc_node_id *gateway, uint64_t now_us)
{
	struct dc_in in = { .at = nonce->byte, .left = DC_C3_NONCE_BYTES };
	uint64_t made = dc_get(&in, 8);
	struct mac mac;

	mac_of(&mac, nonces, nonce->byte, gateway);
	return !sodium_memcmp(mac.byte, nonce->byte + PLAIN_BYTES,
			      MAC_BYTES) &&
	       made <= now_us && now_us - made < LIFETIME_US;
}

static bool is_free(const struct mac *mac)
{
	return sodium_is_zero(mac->byte, sizeof(mac->byte));
}

/* A MAC is as good as random to all who don't know the secret. */
static struct mac *slot_of(const struct used *used, const struct mac *mac)
{
	size_t i;

	memcpy(&i, mac->byte, sizeof(i));
	for (i %= used->slots;; i = (i + 1) % used->slots) {
		if (is_free(&used->slot[i]) ||
		    !memcmp(&used->slot[i], mac, sizeof(*mac)))
			return &used->slot[i];
	}
}

static bool has(const struct used *used, const struct mac *mac)
{
	return used->slots && !is_free(slot_of(used, mac));
}

static int grow(struct used *used)
{
	struct used larger = {
		.slots = used->slots ? 2 * used->slots : SLOTS_MIN,
		.n = used->n,
	};
	size_t i;

	larger.slot = calloc(larger.slots, sizeof(*larger.slot));
	if (!larger.slot)
		return -ENOMEM;
	for (i = 0; i < used->slots; i++) {
		if (!is_free(&used->slot[i]))
			*slot_of(&larger, &used->slot[i]) = used->slot[i];
	}
	free(used->slot);
	*used = larger;
	return 0;
}

static int add(struct used *used, const struct mac *mac)
{
	int err;

	if (used->n >= DC_C3_NONCES_USED_MAX)
		return -ENOBUFS;
	if (2 * used->n >= used->slots) {
		err = grow(used);
		if (err)
			return err;
	}
	*slot_of(used, mac) = *mac;
	used->n++;
	return 0;
}

static void turn(struct dc_c3_nonces *nonces, uint64_t now_us)
{
	uint64_t age = now_us - nonces->since;

	if (age < LIFETIME_US)
		return;
	forget(&nonces->used[1]);
	if (age < 2 * LIFETIME_US)
		nonces->used[1] = nonces->used[0];
	else
		forget(&nonces->used[0]);
	nonces->used[0] = (struct used){ 0 };
	nonces->since = now_us;
}

int dc_c3_nonce_use(struct dc_c3_nonces *nonces,
		    const struct dc_c3_nonce *nonce, uint64_t now_us)
{
	struct mac mac;

	turn(nonces, now_us);
	memcpy(mac.byte, nonce->byte + PLAIN_BYTES, sizeof(mac.byte));
	if (has(&nonces->used[0], &mac) || has(&nonces->used[1], &mac))
		return -EEXIST;
	return add(&nonces->used[0], &mac);
}
