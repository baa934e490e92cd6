// SPDX-License-Identifier: GPL-2.0
/*
 * Hellos. One to all tells who is there; what goes to one neighbour carries a
 * nonce and the nonce heard from it, and is sealed as soon as both are known.
 * Nothing that is not sealed touches a session in use: it makes the next one.
 */
#include <sodium.h>
#include <string.h>

#include "node_int.h"

/* Of each at once as many as there may be neighbours. */
#define BURST ADJ_MAX
/* A next session is not replaced by another key's before. */
#define NEXT_KEEP_US 1000000ull

static const uint8_t none[LS_NONCE_BYTES];

/*
 * A signature takes 650,000 instructions. A neighbour's hello needs one after its
 * restart and when its key is replaced; who is none yet, once.
 */
static const uint32_t a_second[ADJ_BUDGETS] = {
	[ADJ_NEW] = 2,
	[ADJ_AGAIN] = 6,
	[ADJ_KNOWN] = 4,
	[ADJ_ASKS] = 20,
	[ADJ_ANSWERS] = 20,
	[ADJ_CERTS] = 8,
};

static bool is_in_budget(struct dc_node *node, struct adj_iface *iface,
			 enum adj_budget what)
{
	if (budget_take(&iface->budget[what], a_second[what], BURST,
			node->now_us))
		return true;
	node->counts.over_budget++;
	return false;
}

static void hello_mine(struct dc_node *node, struct ls_hello *hello)
{
	memset(hello, 0, sizeof(*hello));
	hello->id = node->id;
	hello->cert = node->cert_hash;
	hello->incarnation = node->incarnation;
	memcpy(hello->public, node->key.public, sizeof(hello->public));
	memcpy(hello->signature, node->key.signature,
	       sizeof(hello->signature));
}

void adj_key_make(struct dc_node *node)
{
	uint8_t seed[32], bytes[LS_SIGNED_MAX];
	struct ls_hello hello;
	size_t len;

	node_random_secret(node, seed, sizeof(seed));
	dc_exchange_pair(node->key.public, node->key.secret, seed);
	dc_tape_draw(node->config.crypto->tape, DC_TAPE_PUBLIC,
		     node->key.public);
	hello_mine(node, &hello);
	len = ls_hello_signed(bytes, node->domain, &hello);
	dc_sign(node->config.crypto, node->key.signature, bytes, len,
		node->config.identity.secret);
	node->key.made_us = node->now_us;
}

void adj_key_rotate(struct dc_node *node)
{
	uint32_t i;

	adj_key_make(node);
	node_event(node, "key-rotated", "neighbours=%u", node->n_adjs);
	for (i = 0; i < node->n_adjs; i++) {
		node->adj[i]->next.used = false;
		adj_hello_one(node, node->adj[i]);
	}
}

static void send_plain(struct dc_node *node, const struct adj_iface *iface,
		       const struct damc_lladdr *to)
{
	struct ls_hello hello;
	struct ls_out out;

	hello_mine(node, &hello);
	ls_hello_write(&out, node->domain, &hello);
	node->counts.tx++;
	node->ops.send(node->arg, iface->ifindex, to, out.buf, out.len,
		       DC_URGENT);
}

void adj_hello_all(struct dc_node *node, struct adj_iface *iface)
{
	send_plain(node, iface, NULL);
}

/* Begin the next session with a neighbour's key. */
static bool next_begin(struct dc_node *node, struct adj *adj)
{
	uint8_t nonce[LS_NONCE_BYTES];

	node_random(node, DC_TAPE_CHANCE16, nonce, sizeof(nonce));
	if (!adj_session_begin(&adj->next, &node->key, adj->hello.public,
			       nonce))
		return false;
	adj->next.made_us = node->now_us;
	adj->next.incarnation = adj->hello.incarnation;
	return true;
}

void adj_hello_one(struct dc_node *node, struct adj *adj)
{
	struct adj_session *next = &adj->next;
	struct ls_hello hello;
	struct ls_out out;

	if (!next->used && !next_begin(node, adj))
		return;
	hello_mine(node, &hello);
	memcpy(hello.nonce, next->my_nonce, LS_NONCE_BYTES);
	memcpy(hello.echo, next->peer_nonce, LS_NONCE_BYTES);
	hello.link = adj->link;
	ls_hello_write(&out, node->domain, &hello);
	if (next->keyed)
		ls_seal(&out, 0, 0, next->tx);
	adj->tx++;
	node->counts.tx++;
	node->ops.send(node->arg, adj->iface->ifindex, &adj->lladdr, out.buf,
		       out.len, DC_URGENT);
}

/* ---- whose it is ------------------------------------------------------- */

static bool same_signed(const struct ls_hello *a, const struct ls_hello *b)
{
	return dc_node_id_equal(&a->id, &b->id) &&
	       !memcmp(&a->cert, &b->cert, sizeof(a->cert)) &&
	       a->incarnation == b->incarnation &&
	       !memcmp(a->public, b->public, sizeof(a->public)) &&
	       !memcmp(a->signature, b->signature, sizeof(a->signature));
}

static void ask_cert(struct dc_node *node, struct adj_iface *iface,
		     const struct damc_lladdr *from,
		     const struct dc_hash *hash)
{
	struct ls_out out;

	if (!is_in_budget(node, iface, ADJ_ASKS))
		return;
	node->counts.unknown++;
	ls_cert_ask_write(&out, node->domain, hash);
	node->counts.tx++;
	node->ops.send(node->arg, iface->ifindex, from, out.buf, out.len,
		       DC_NORMAL);
}

/* The certificate that a hello names, NULL if it is not known. */
static const struct lsdb_entry *cert_named(struct dc_node *node,
					   const struct ls_hello *hello)
{
	const struct lsdb_entry *entry;
	struct dc_hash key;

	lsdb_key_of_hash(&key, DC_CERT, &hello->cert);
	entry = lsdb_find(node->db, &key);
	return entry && entry->bytes ? entry : NULL;
}

/* Whether it is of who the hello says. */
static bool cert_is_of(const struct lsdb_entry *entry,
		       const struct ls_hello *hello, struct dc_cert *cert)
{
	struct dc_object object;
	struct dc_node_id id;

	return !dc_object_read(&object, entry->bytes, entry->len, NULL) &&
	       !dc_cert_read(cert, &object) &&
	       !dc_node_id_of(&id, &object.subject) &&
	       dc_node_id_equal(&id, &hello->id);
}

static bool is_signed(struct dc_node *node, const struct lsdb_entry *entry,
		      const struct ls_hello *hello)
{
	uint8_t bytes[LS_SIGNED_MAX];
	struct dc_cert cert;
	size_t len = ls_hello_signed(bytes, node->domain, hello);

	return cert_is_of(entry, hello, &cert) &&
	       node->config.crypto->verify(hello->signature, bytes, len,
					   cert.key);
}

/* What a hello is remembered by: the same bytes from the same address. */
static uint64_t hello_hash(const struct dc_node *node, const struct adj_iface *iface,
			   const struct damc_lladdr *from,
			   const struct ls_hello *hello)
{
	struct {
		uint8_t signature[DC_SIGNATURE_BYTES];
		uint8_t public[sizeof(hello->public)];
		uint8_t addr[sizeof(from->addr)];
		uint8_t ifindex[4];
	} of = { .addr = "" };
	uint8_t key[crypto_shorthash_KEYBYTES] = "";
	uint8_t hash[crypto_shorthash_BYTES];

	memcpy(of.signature, hello->signature, sizeof(of.signature));
	memcpy(of.public, hello->public, sizeof(of.public));
	memcpy(of.addr, from->addr, from->len);
	ls_put32(of.ifindex, iface->ifindex);
	ls_put64(key, node->incarnation);
	crypto_shorthash(hash, (const uint8_t *)&of, sizeof(of), key);
	return ls_get64(hash);
}

/*
 * Who is real says the same again and again, who makes things up at random does
 * not: so what came before need not wait for all that is new. Who repeats what it
 * made up has as much of this as of the other budget.
 */
static bool may_be_verified(struct dc_node *node, struct adj_iface *iface,
			    const struct damc_lladdr *from,
			    const struct ls_hello *hello)
{
	uint64_t hash = hello_hash(node, iface, from, hello);
	uint64_t *heard = &node->heard[hash % ADJ_HEARD];
	bool again = *heard == hash;

	*heard = hash;
	return is_in_budget(node, iface, again ? ADJ_AGAIN : ADJ_NEW);
}

static bool check_hello(struct dc_node *node, struct adj_iface *iface,
			const struct damc_lladdr *from,
			const struct ls_hello *hello, bool known)
{
	const struct lsdb_entry *entry = cert_named(node, hello);

	/* No signature: nothing of what signatures may take. */
	if (!entry) {
		ask_cert(node, iface, from, &hello->cert);
		return false;
	}
	if (known ? !is_in_budget(node, iface, ADJ_KNOWN) :
		    !may_be_verified(node, iface, from, hello))
		return false;
	if (is_signed(node, entry, hello))
		return true;
	node->counts.forged++;
	return false;
}

/* ---- sessions ---------------------------------------------------------- */

static void reply(struct adj *adj)
{
	adj->reply = true;
}

/* There is a next session for the key that the neighbour has now. */
static bool next_ready(struct dc_node *node, struct adj *adj)
{
	struct adj_session *next = &adj->next;

	if (next->used &&
	    !memcmp(next->peer_public, adj->hello.public, 32))
		return true;
	if (next->used && node->now_us < next->made_us + NEXT_KEEP_US)
		return false;
	return next_begin(node, adj);
}

static bool is_session_of(const struct adj_session *session,
			  const struct ls_hello *hello)
{
	return session->keyed &&
	       !memcmp(session->peer_public, hello->public, 32) &&
	       !memcmp(session->peer_nonce, hello->nonce, LS_NONCE_BYTES);
}

static void hello_plain(struct dc_node *node, struct adj *adj,
			const struct ls_hello *hello)
{
	struct adj_session *session = &adj->session;
	bool to_all = !memcmp(hello->nonce, none, LS_NONCE_BYTES);

	if (to_all && session->keyed &&
	    !memcmp(session->peer_public, hello->public, 32))
		return;
	if (is_session_of(session, hello) || !next_ready(node, adj))
		return;
	if (!to_all && memcmp(adj->next.peer_nonce, hello->nonce,
			      LS_NONCE_BYTES))
		adj_session_key(&adj->next, hello->nonce);
	reply(adj);
}

static void hello_sealed(struct dc_node *node, struct adj *adj,
			 const struct ls_hello *hello,
			 const struct ls_packet *packet)
{
	struct adj_session next = adj->next;

	if (is_session_of(&adj->session, hello) &&
	    !memcmp(adj->session.my_nonce, hello->echo, LS_NONCE_BYTES)) {
		adj->say = true;
		return;
	}
	if (!next.used || memcmp(next.peer_public, hello->public, 32) ||
	    memcmp(next.my_nonce, hello->echo, LS_NONCE_BYTES)) {
		node->counts.replayed++;
		hello_plain(node, adj, hello);
		return;
	}
	if (!next.keyed || !is_session_of(&next, hello))
		adj_session_key(&next, hello->nonce);
	if (!adj_mac_ok(&next, packet, node->config.crypto->tape)) {
		node->counts.bad_mac++;
		return;
	}
	adj->next = next;
	adj_peer_link(node, adj, hello->link);
	adj_proven(node, adj);
}

/* Someone with this node's own id: an echo of ours, or a clone. */
static void heard_self(struct dc_node *node, const struct adj_iface *iface,
		       const struct ls_hello *hello)
{
	if (hello->incarnation == node->incarnation)
		return;
	node->twin.heard_us = node->now_us;
	node->twin.by = "hello";
	if (node->now_us < node->told_us)
		return;
	node->told_us = node->now_us + 10000000;
	node_event(node, "duplicate-node-id", "heard=hello ifindex=%u",
		   iface->ifindex);
}

/* The neighbour that a hello is of, NULL if it counts for nothing. */
static struct adj *adj_of(struct dc_node *node, struct adj_iface *iface,
			  const struct damc_lladdr *from,
			  const struct ls_hello *hello)
{
	struct adj *adj = adj_find(node, iface, from);
	bool known = adj && adj->state >= ADJ_EXCHANGE;

	if (adj && same_signed(&adj->hello, hello))
		return adj;
	if (!check_hello(node, iface, from, hello, known))
		return NULL;
	if (!adj)
		adj = adj_new(node, iface, from);
	if (!adj)
		return NULL;
	if (adj->state >= ADJ_EXCHANGE &&
	    !dc_node_id_equal(&adj->hello.id, &hello->id)) {
		node->counts.not_allowed++;
		return NULL;
	}
	adj->hello = *hello;
	return adj;
}

void adj_hello_input(struct dc_node *node, struct adj_iface *iface,
		     const struct damc_lladdr *from,
		     const struct ls_packet *packet)
{
	struct ls_hello hello;
	struct adj *adj;

	if (ls_hello_read(&hello, packet)) {
		node->counts.malformed++;
		return;
	}
	if (dc_node_id_equal(&hello.id, &node->id)) {
		heard_self(node, iface, &hello);
		return;
	}
	adj = adj_of(node, iface, from, &hello);
	if (!adj)
		return;
	adj->rx++;
	if (packet->mac)
		hello_sealed(node, adj, &hello, packet);
	else
		hello_plain(node, adj, &hello);
}

/* ---- certificates ------------------------------------------------------ */

void adj_cert_ask_input(struct dc_node *node, struct adj_iface *iface,
			const struct damc_lladdr *from,
			const struct ls_packet *packet)
{
	const struct dc_identity *identity = &node->config.identity;
	struct ls_out out;

	if (memcmp(packet->body, node->cert_hash.byte, DC_HASH_BYTES) ||
	    !is_in_budget(node, iface, ADJ_ANSWERS))
		return;
	ls_cert_write(&out, node->domain, identity->cert, identity->cert_len);
	node->counts.tx++;
	node->ops.send(node->arg, iface->ifindex, from, out.buf, out.len,
		       DC_NORMAL);
}

void adj_cert_input(struct dc_node *node, struct adj_iface *iface,
		    const struct damc_lladdr *from,
		    const struct ls_packet *packet)
{
	struct dc_object object;
	uint64_t installed = node->counts.installed;

	if (dc_object_read(&object, packet->body, packet->body_len, NULL) ||
	    object.type != DC_CERT) {
		node->counts.malformed++;
		return;
	}
	if (!is_in_budget(node, iface, ADJ_CERTS))
		return;
	node_accept(node, NULL, packet->body, packet->body_len, UINT32_MAX);
	if (node->counts.installed != installed)
		send_plain(node, iface, from);
}
