// SPDX-License-Identifier: GPL-2.0
/*
 * From packets to records. What is in a session is believed to be the
 * neighbour's own once its MAC was found good and its sequence new, not before.
 */
#include <string.h>

#include "node_int.h"

#define HOLD_MIN_MS 10
#define HOLD_MAX_MS 600000
/* That an adjacency may have at once. */
#define SESSIONS 3

static void alive_input(struct dc_node *node, struct adj *adj,
			const struct ls_record *record)
{
	struct ls_keepalive alive;

	if (ls_keepalive_read(&alive, record)) {
		node->counts.malformed++;
		return;
	}
	if (alive.flags & LS_GOING) {
		adj_down(node, adj, "goodbye");
		return;
	}
	if (alive.hold_ms >= HOLD_MIN_MS && alive.hold_ms <= HOLD_MAX_MS)
		adj->hold_us = 1000ull * alive.hold_ms;
	adj_peer_link(node, adj, alive.link);
	sync_digest(node, adj, alive.digest);
}

static void ack_input(struct dc_node *node, struct adj *adj,
		      const struct ls_record *record)
{
	size_t i;

	for (i = 0; i + LS_ACK_BYTES <= record->len; i += LS_ACK_BYTES)
		flood_ack(&adj->flood, ls_get64(record->body + i));
	node->counts.acked += record->len / LS_ACK_BYTES;
}

static void object_input(struct dc_node *node, struct adj *adj,
			 const struct ls_record *record)
{
	node_accept(node, adj, record->body + 4, record->len - 4,
		    ls_get32(record->body));
	sync_came(node, adj);
}

static void record_input(struct dc_node *node, struct adj *adj,
			 const struct ls_record *record)
{
	switch (record->type) {
	case LS_KEEPALIVE:
		alive_input(node, adj, record);
		break;
	case LS_ACK:
		ack_input(node, adj, record);
		break;
	case LS_OBJECT:
		object_input(node, adj, record);
		break;
	case LS_SUM:
		sync_sum_input(node, adj, record);
		break;
	case LS_SAME:
		sync_same_input(node, adj, record);
		break;
	case LS_LIST:
		sync_list_input(node, adj, record);
		break;
	case LS_ASK:
		sync_ask_input(node, adj, record);
		break;
	}
}

/* All records or none: the first pass checks their lengths. */
static void records_input(struct dc_node *node, struct adj *adj,
			  const struct ls_packet *packet)
{
	struct ls_record record;
	size_t pos = 0;
	int ret;

	do {
		ret = ls_record_next(&record, packet, &pos);
	} while (ret > 0);
	if (ret < 0) {
		node->counts.malformed++;
		adj->dropped++;
		return;
	}
	pos = 0;
	while (adj->state >= ADJ_EXCHANGE &&
	       ls_record_next(&record, packet, &pos) > 0)
		record_input(node, adj, &record);
}

static struct adj_session *session_of(struct adj *adj,
				      const struct ls_packet *packet,
				      const struct dc_tape *tape)
{
	struct adj_session *all[SESSIONS + 1] = {
		&adj->session, &adj->next, &adj->last, NULL
	};
	uint8_t i;

	for (i = 0; i < SESSIONS; i++)
		if (all[i]->used && all[i]->keyed &&
		    adj_session_tag(all[i]->rx_tag, packet->seq) == packet->tag)
			break;
	dc_tape_draw(tape, DC_TAPE_SESSION, &i);
	return all[i < SESSIONS ? i : SESSIONS];
}

static bool unseal(struct dc_node *node, struct adj_session *session,
		   const struct ls_packet *packet)
{
	switch (adj_session_open(session, packet, node->config.crypto->tape)) {
	case ADJ_SEAL_OK:
		return true;
	case ADJ_SEAL_BAD:
		node->counts.bad_mac++;
		return false;
	case ADJ_SEAL_REPLAYED:
		node->counts.replayed++;
		return false;
	}
	return false;
}

static void session_input(struct dc_node *node, struct adj_iface *iface,
			  const struct damc_lladdr *from,
			  const struct ls_packet *packet)
{
	const struct dc_tape *tape = node->config.crypto->tape;
	struct adj *adj = adj_find(node, iface, from);
	struct adj_session *session = adj ? session_of(adj, packet, tape) : NULL;

	if (!session) {
		node->counts.unknown++;
		return;
	}
	if (!unseal(node, session, packet)) {
		adj->dropped++;
		return;
	}
	adj->rx++;
	if (session == &adj->next)
		adj_proven(node, adj);
	else
		adj_heard(node, adj);
	records_input(node, adj, packet);
}

void node_input(struct dc_node *node, struct adj_iface *iface,
		const struct damc_lladdr *from, const struct ls_packet *packet)
{
	if (!iface->up)
		return;
	switch (packet->kind) {
	case LS_HELLO:
		adj_hello_input(node, iface, from, packet);
		break;
	case LS_SESSION:
		session_input(node, iface, from, packet);
		break;
	case LS_CERT_ASK:
		adj_cert_ask_input(node, iface, from, packet);
		break;
	case LS_CERT:
		adj_cert_input(node, iface, from, packet);
		break;
	}
}
