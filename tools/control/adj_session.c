// SPDX-License-Identifier: GPL-2.0
/*
 * A session: one key for each direction out of what both ends' ephemeral keys
 * share and both nonces, and a window of what was received under it.
 */
#include <sodium.h>
#include <string.h>

#include "adj.h"

#define WINDOW 64

bool adj_session_begin(struct adj_session *session, const struct adj_key *key,
		       const uint8_t peer_public[32],
		       const uint8_t my_nonce[LS_NONCE_BYTES])
{
	memset(session, 0, sizeof(*session));
	if (!dc_exchange(session->shared, key->secret, key->public,
			 peer_public))
		return false;
	memcpy(session->peer_public, peer_public, 32);
	memcpy(session->my_nonce, my_nonce, LS_NONCE_BYTES);
	session->used = true;
	return true;
}

/* Part @part of what the sender with nonce @from uses towards @to. */
static void derive(uint8_t out[DC_MAC_BYTES],
		   const struct adj_session *session, uint8_t part,
		   const uint8_t *from, const uint8_t *to)
{
	uint8_t bytes[1 + 2 * LS_NONCE_BYTES];

	bytes[0] = part;
	memcpy(bytes + 1, from, LS_NONCE_BYTES);
	memcpy(bytes + 1 + LS_NONCE_BYTES, to, LS_NONCE_BYTES);
	dc_mac(out, bytes, sizeof(bytes), session->shared);
}

static void derive_all(uint8_t key[DC_SESSION_BYTES],
		       uint8_t tag[DC_MAC_BYTES],
		       const struct adj_session *session,
		       const uint8_t *from, const uint8_t *to)
{
	derive(key, session, 1, from, to);
	derive(key + DC_MAC_BYTES, session, 2, from, to);
	derive(tag, session, 3, from, to);
}

uint32_t adj_session_tag(const uint8_t key[DC_MAC_BYTES], uint64_t seq)
{
	uint8_t bytes[8], hash[crypto_shorthash_BYTES];

	ls_put64(bytes, seq);
	crypto_shorthash(hash, bytes, sizeof(bytes), key);
	return ls_get32(hash);
}

void adj_session_key(struct adj_session *session,
		     const uint8_t peer_nonce[LS_NONCE_BYTES])
{
	memcpy(session->peer_nonce, peer_nonce, LS_NONCE_BYTES);
	derive_all(session->tx, session->tx_tag, session, session->my_nonce,
		   peer_nonce);
	derive_all(session->rx, session->rx_tag, session, peer_nonce,
		   session->my_nonce);
	session->tx_seq = 0;
	session->rx_top = 0;
	session->rx_mask = 0;
	session->keyed = true;
}

static bool seen(const struct adj_session *session, uint64_t seq)
{
	if (seq > session->rx_top)
		return false;
	if (session->rx_top - seq >= WINDOW)
		return true;
	return session->rx_mask >> (session->rx_top - seq) & 1;
}

static void note(struct adj_session *session, uint64_t seq)
{
	uint64_t ahead;

	if (seq <= session->rx_top) {
		session->rx_mask |= 1ull << (session->rx_top - seq);
		return;
	}
	ahead = seq - session->rx_top;
	session->rx_mask = ahead < WINDOW ? session->rx_mask << ahead : 0;
	session->rx_mask |= 1;
	session->rx_top = seq;
}

bool adj_mac_ok(const struct adj_session *session,
		const struct ls_packet *packet, const struct dc_tape *tape)
{
	uint8_t ok = dc_mac_ok(packet->mac, packet->bytes,
			       packet->mac - packet->bytes, session->rx);

	dc_tape_draw(tape, DC_TAPE_MAC, &ok);
	return ok;
}

enum adj_seal adj_session_open(struct adj_session *session,
			       const struct ls_packet *packet,
			       const struct dc_tape *tape)
{
	/* Cheaper than the MAC, and says nothing that was not said before. */
	if (!packet->seq || seen(session, packet->seq))
		return ADJ_SEAL_REPLAYED;
	if (!adj_mac_ok(session, packet, tape))
		return ADJ_SEAL_BAD;
	note(session, packet->seq);
	return ADJ_SEAL_OK;
}
