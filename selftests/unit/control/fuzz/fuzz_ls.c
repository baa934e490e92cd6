// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer: input to a node that has a neighbour. The first byte tells what is
 * done with the rest: a packet as it is, or records, sealed as the neighbour's
 * own, so that what is behind the MAC is reached too; more than one of them,
 * and time passes between.
 */
#include <stdlib.h>
#include <string.h>

#include "node_int.h"
#include "node_quiet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct pair {
	struct dc_node *node[2];
	uint64_t now_us;
	/* What one sent and the other is to get. */
	struct {
		unsigned int to;
		size_t len;
		uint8_t bytes[DC_PACKET_MAX];
	} queue[64];
	unsigned int n;
};

struct side {
	struct pair *pair;
	unsigned int number;
};

static void on_send(void *arg, uint32_t ifindex,
		    const struct damc_lladdr *peer, const void *packet,
		    size_t len, enum dc_urgency urgency)
{
	struct side *side = arg;
	struct pair *pair = side->pair;

	(void)ifindex;
	(void)peer;
	(void)urgency;
	if (len > DC_PACKET_MAX)
		abort();
	if (pair->n == 64)
		return;
	pair->queue[pair->n].to = !side->number;
	pair->queue[pair->n].len = len;
	memcpy(pair->queue[pair->n++].bytes, packet, len);
}

static const struct dc_node_ops ops = { .send = on_send, QUIET_OPS };

static const struct damc_lladdr lladdr[2] = { { 1, { 1 } }, { 1, { 2 } } };

static void certify(struct dc_identity *identity, const char *id,
		    uint8_t anchor_secret[DC_SECRET_BYTES])
{
	struct dc_cert cert = {
		.roles = DC_ROLE_SG | DC_ROLE_SR,
		.max_prefixes = 1000, .max_lsas = 100,
	};
	struct dc_node_id node_id = { 2, { id[0], id[1] } };
	uint8_t body[DC_OBJECT_MAX], seed[32] = { 0 };
	struct dc_object object = {
		.type = DC_CERT, .domain = dc_domain_of("fuzz"),
		.seq = { .serial = 1 }, .not_after = UINT64_MAX / 4,
		.body = body,
	};

	memcpy(identity->domain, "fuzz", 5);
	memcpy(seed, id, 2);
	dc_stand_in.keypair(cert.key, identity->secret, seed);
	dc_node_name(&object.subject, &node_id);
	object.body_len = dc_cert_write(&cert, body, sizeof(body));
	identity->cert_len = dc_object_sign(&object, &dc_stand_in,
					    identity->anchor[0],
					    anchor_secret, identity->cert);
}

static struct dc_node *make(struct side *side)
{
	uint8_t seed[32] = { 9 }, anchor_secret[DC_SECRET_BYTES];
	struct dc_node_config config = {
		.crypto = &dc_stand_in, .epoch = 1, .seed = 1,
	};
	static const char * const id[2] = { "n1", "n2" };

	dc_stand_in.keypair(config.identity.anchor[0], anchor_secret, seed);
	certify(&config.identity, id[side->number], anchor_secret);
	return dc_node_new(&config, &ops, side, 1, 1700000000000ull);
}

static void deliver(struct pair *pair)
{
	unsigned int i;

	for (i = 0; i < pair->n; i++) {
		unsigned int to = pair->queue[i].to;

		dc_node_input(pair->node[to], 1, &lladdr[!to],
			      pair->queue[i].bytes, pair->queue[i].len,
			      pair->now_us);
		if (i == 63)
			break;
	}
	pair->n = 0;
}

static void pass(struct pair *pair, uint64_t us)
{
	unsigned int i;

	pair->now_us += us;
	for (i = 0; i < 2; i++)
		dc_node_timer(pair->node[i], pair->now_us);
	deliver(pair);
}

/* Records as n2 would seal them; a hello likewise; or just bytes. */
static void feed(struct pair *pair, const uint8_t *data, size_t size)
{
	struct adj *from = pair->node[1]->n_adjs ? pair->node[1]->adj[0] : NULL;
	struct ls_out out;
	uint64_t seq;

	if (data[0] & 1 && from && from->session.keyed &&
	    size - 1 <= LS_ROOM) {
		ls_session_begin(&out, pair->node[1]->domain);
		memcpy(out.buf + out.len, data + 1, size - 1);
		out.len += size - 1;
		seq = ++from->session.tx_seq;
		ls_seal(&out, adj_session_tag(from->session.tx_tag, seq), seq,
			from->session.tx);
		dc_node_input(pair->node[0], 1, &lladdr[1], out.buf, out.len,
			      pair->now_us);
	} else {
		dc_node_input(pair->node[0], 1, &lladdr[data[0] >> 1 & 1],
			      data + 1, size - 1, pair->now_us);
	}
}

/* Most inputs leave it as it was: it is made again only now and then. */
static struct pair *the_pair(void)
{
	static struct pair pair;
	static struct side side[2];
	static unsigned int runs;
	unsigned int i;

	if (runs++ % 4096 == 0) {
		for (i = 0; i < 2; i++) {
			dc_node_free(pair.node[i]);
			side[i] = (struct side) { &pair, i };
			pair.node[i] = make(&side[i]);
			if (!pair.node[i])
				abort();
		}
		pair.now_us = 1;
		pair.n = 0;
		for (i = 0; i < 2; i++)
			dc_node_link(pair.node[i], 1, true, 10, pair.now_us);
		for (i = 0; i < 30; i++)
			pass(&pair, 1000);
	}
	return &pair;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pair *pair = the_pair();
	struct dc_node_counts counts;
	struct dc_hash digest;

	if (!size)
		return 0;
	feed(pair, data, size);
	deliver(pair);
	pass(pair, 1000ull * data[0]);
	if (dc_node_next(pair->node[0]) <= pair->now_us)
		dc_node_timer(pair->node[0], pair->now_us);
	dc_node_counts(pair->node[0], &counts);
	dc_node_digest(pair->node[0], &digest);
	return 0;
}
