// SPDX-License-Identifier: GPL-2.0
/*
 * What goes to a neighbour that has a session: records gathered in packets, bad
 * news and acknowledgments apart from the rest (DESIGN 5, control traffic).
 */
#include <string.h>

#include "node_int.h"

#define OBJECT_HEAD (LS_RECORD_HEAD + 4)

void adj_send(struct dc_node *node, struct adj *adj, struct ls_out *out)
{
	struct adj_session *session = &adj->session;
	uint64_t seq = ++session->tx_seq;

	ls_seal(out, adj_session_tag(session->tx_tag, seq), seq, session->tx);
	adj->tx++;
	node->counts.tx++;
	flood_spend(&adj->flood, node->now_us);
	node->ops.send(node->arg, adj->iface->ifindex, &adj->lladdr, out->buf,
		       out->len, out->urgent ? DC_URGENT : DC_NORMAL);
}

static size_t room(const struct ls_out *out)
{
	size_t used = out->len + OBJECT_HEAD + DC_MAC_BYTES;

	return used < DC_PACKET_MAX ? DC_PACKET_MAX - used : 0;
}

static void put_acks(struct adj *adj, struct ls_out *out)
{
	uint8_t *p;
	uint32_t i;

	if (!adj->n_acks)
		return;
	p = ls_record_add(out, LS_ACK, adj->n_acks * LS_ACK_BYTES);
	for (i = 0; i < adj->n_acks; i++)
		ls_put64(p + i * LS_ACK_BYTES, adj->ack[i]);
	adj->n_acks = 0;
}

static void put_word(struct dc_node *node, struct adj *adj, struct ls_out *out,
		     uint8_t flags)
{
	struct dc_hash digest;
	struct ls_keepalive alive = {
		.flags = flags,
		.link = adj->link,
		.hold_ms = node->config.hello_ms * node->config.dead,
	};

	lsdb_digest(node->db, &digest);
	alive.digest = lsdb_short(&digest);
	ls_keepalive_write(out, &alive);
	adj->say = false;
}

/* Objects while there are any and room: how many. */
static unsigned int put_objects(struct dc_node *node, struct adj *adj,
				struct ls_out *out, bool urgent)
{
	struct lsdb_entry *entry;
	unsigned int n = 0;
	uint8_t *p;

	for (;;) {
		entry = flood_take(&adj->flood, room(out), urgent,
				   node->now_us);
		if (!entry)
			return n;
		p = ls_record_add(out, LS_OBJECT, 4 + entry->len);
		ls_put32(p, node_left_ms(node, entry));
		memcpy(p + 4, entry->bytes, entry->len);
		node->counts.flooded++;
		n++;
	}
}

/* One packet of a kind: whether there was anything for it. */
static bool flush_one(struct dc_node *node, struct adj *adj, bool urgent)
{
	bool any = urgent && (adj->n_acks || adj->say);
	struct ls_out out;

	if (!any && !flood_waits(&adj->flood, urgent))
		return false;
	ls_session_begin(&out, node->domain);
	out.urgent = urgent;
	if (urgent) {
		put_acks(adj, &out);
		if (adj->say)
			put_word(node, adj, &out, 0);
	}
	any |= put_objects(node, adj, &out, urgent) > 0;
	if (any)
		adj_send(node, adj, &out);
	return any;
}

void adj_flush(struct dc_node *node, struct adj *adj)
{
	adj->flood.paced = false;
	if (!adj->session.keyed || adj->state < ADJ_EXCHANGE) {
		adj->n_acks = 0;
		return;
	}
	if (adj->flood.overflow) {
		node_event(node, "queue-full", "link=%u max=%u", adj->link,
			   FLOOD_ITEMS_MAX);
		adj->flood.overflow = false;
	}
	while (flush_one(node, adj, true))
		;
	while (flush_one(node, adj, false))
		;
}

void adj_ack(struct dc_node *node, struct adj *adj, const struct dc_hash *hash)
{
	struct ls_out out;

	if (adj->n_acks == LS_ACKS_MAX) {
		ls_session_begin(&out, node->domain);
		out.urgent = true;
		put_acks(adj, &out);
		adj_send(node, adj, &out);
	}
	adj->ack[adj->n_acks++] = lsdb_short(hash);
}

void adj_goodbye(struct dc_node *node, struct adj *adj)
{
	struct ls_out out;

	if (!adj->session.keyed)
		return;
	ls_session_begin(&out, node->domain);
	out.urgent = true;
	put_word(node, adj, &out, LS_GOING);
	adj_send(node, adj, &out);
}
