// SPDX-License-Identifier: GPL-2.0
/*
 * What registrations at a gateway cost another router: the two cores on a link,
 * real signatures, a virtual clock. Names are announced at 10,000 a second, each
 * by a grant of its own and then as instances of one service, by one grant; the
 * router's time is what it takes to check, keep, acknowledge and route them.
 *
 * Prints "KEY NUMBER": names a second of the router's CPU, ms until it had all
 * of them, objects that it took and bytes that it was sent for each name.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lab.h"
#include "node_quiet.h"

#define NAMES 10000
/* Every ms. */
#define AT_ONCE 10
#define MS 1000ull
#define START_MS 20000
#define END_MS 60000
#define PACKETS 4096
#define COST 10

enum { GATEWAY, ROUTER, NODES };

struct packet {
	unsigned int to;
	size_t len;
	uint8_t bytes[DC_PACKET_MAX];
};

struct side {
	struct net *net;
	struct dc_identity identity;
	struct dc_node *node;
	uint64_t sent;
	double cpu_s;
};

struct net {
	struct lab lab;
	struct dc_identity spa;
	struct side side[NODES];
	uint64_t now_us;
	unsigned int first, n;
	struct packet packet[PACKETS];
};

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "registrations_absorb: %s\n", what);
	exit(1);
}

static double cpu_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* ---- what nodes do ----------------------------------------------------- */

static void on_send(void *arg, uint32_t ifindex, const struct damc_lladdr *peer,
		    const void *bytes, size_t len, enum dc_urgency urgency)
{
	struct side *side = arg;
	struct net *net = side->net;
	struct packet *packet;

	(void)ifindex;
	(void)peer;
	(void)urgency;
	must(net->n < PACKETS, "too many packets under way");
	packet = &net->packet[(net->first + net->n++) % PACKETS];
	packet->to = side == &net->side[GATEWAY] ? ROUTER : GATEWAY;
	packet->len = len;
	memcpy(packet->bytes, bytes, len);
	side->sent += len;
}

static const struct dc_node_ops ops = { .send = on_send, QUIET_OPS };

/* ---- the net ----------------------------------------------------------- */

static void add(struct net *net, unsigned int number, const char *id,
		uint8_t role)
{
	struct side *side = &net->side[number];
	struct dc_node_config config = {
		.crypto = &dc_ed25519, .epoch = 1, .seed = number + 1,
	};

	side->net = net;
	lab_enrol(&net->lab, &side->identity, id, role, "");
	config.identity = side->identity;
	side->node = dc_node_new(&config, &ops, side, net->now_us,
				 LAB_TIME_MS);
	must(side->node && !dc_node_link(side->node, 1, true, COST,
					 net->now_us), "no node");
}

static void deliver(struct net *net)
{
	while (net->n) {
		const struct packet *packet = &net->packet[net->first];
		struct side *side = &net->side[packet->to];
		struct damc_lladdr from = { 1, { 2 - packet->to } };
		double start = cpu_s();

		dc_node_input(side->node, 1, &from, packet->bytes, packet->len,
			      net->now_us);
		side->cpu_s += cpu_s() - start;
		net->first = (net->first + 1) % PACKETS;
		net->n--;
	}
}

/* A millisecond. */
static void step(struct net *net)
{
	unsigned int i;

	net->now_us += MS;
	for (i = 0; i < NODES; i++) {
		double start = cpu_s();

		if (dc_node_next(net->side[i].node) <= net->now_us)
			dc_node_timer(net->side[i].node, net->now_us);
		net->side[i].cpu_s += cpu_s() - start;
	}
	deliver(net);
}

static uint64_t installed_at(const struct net *net, unsigned int number)
{
	struct dc_node_counts counts;

	dc_node_counts(net->side[number].node, &counts);
	return counts.installed;
}

static uint32_t names_at(const struct net *net, unsigned int number)
{
	struct dc_rib_counts counts;

	dc_rib_counts(dc_node_rib(net->side[number].node), &counts);
	return counts.names;
}

static void open_net(struct net *net)
{
	struct lab_object beacon;
	unsigned int i;

	memset(net, 0, sizeof(*net));
	lab_init(&net->lab, &dc_ed25519, 1);
	lab_enrol(&net->lab, &net->spa, "spa1", DC_ROLE_SPA, "/");
	add(net, GATEWAY, "sg", DC_ROLE_SG);
	add(net, ROUTER, "sr", DC_ROLE_SR);
	must(dc_node_object(net->side[GATEWAY].node, net->spa.cert,
			    net->spa.cert_len, net->now_us) == DC_VALID,
	     "the SPA is not known");
	lab_beacon(&net->lab, &net->spa, &beacon);
	dc_node_object(net->side[GATEWAY].node, beacon.bytes, beacon.len,
		       net->now_us);
	for (i = 0; i < START_MS; i++)
		step(net);
}

static void close_net(struct net *net)
{
	unsigned int i;

	for (i = 0; i < NODES; i++)
		dc_node_free(net->side[i].node);
}

/* ---- the run ----------------------------------------------------------- */

static void announce(struct net *net, uint32_t i, enum dc_right right,
		     const struct lab_object *grant)
{
	struct dc_prefix prefix;
	char text[64];

	snprintf(text, sizeof(text), "/bench/%u", i);
	prefix = lab_prefix(text, right, grant);
	must(dc_node_announce(net->side[GATEWAY].node, &prefix, grant->bytes,
			      grant->len, net->now_us) == DC_VALID,
	     "a name is not allowed");
}

/* @each: a grant for each name; else one for the service. */
static void measure(const char *key, bool each)
{
	static struct lab_object grant[NAMES];
	static struct net net;
	uint32_t i, ms, before;
	uint64_t sent, installed;
	char text[64];

	open_net(&net);
	for (i = 0; i < (each ? NAMES : 1); i++) {
		snprintf(text, sizeof(text), each ? "/bench/%u" : "/bench", i);
		lab_grant(&net.lab, &net.spa, text,
			  each ? DC_RIGHT_NAME : DC_RIGHT_MEMBER, "",
			  &grant[i]);
	}
	before = names_at(&net, ROUTER);
	net.side[ROUTER].cpu_s = 0;
	sent = net.side[GATEWAY].sent;
	installed = installed_at(&net, ROUTER);
	for (i = 0, ms = 0; names_at(&net, ROUTER) < before + NAMES; ms++) {
		uint32_t k;

		must(ms < END_MS, "not all names arrived");
		for (k = 0; k < AT_ONCE && i < NAMES; k++, i++)
			announce(&net, i,
				 each ? DC_RIGHT_NAME : DC_RIGHT_MEMBER,
				 &grant[each ? i : 0]);
		step(&net);
	}
	printf("absorb.%s.cpu %.0f\n", key, NAMES / net.side[ROUTER].cpu_s);
	printf("absorb.%s.ms %u\n", key, ms);
	printf("absorb.%s.objects %.2f\n", key,
	       (double)(installed_at(&net, ROUTER) - installed) / NAMES);
	printf("absorb.%s.bytes %.0f\n", key,
	       (double)(net.side[GATEWAY].sent - sent) / NAMES);
	close_net(&net);
}

int main(void)
{
	must(sodium_init() >= 0, "no libsodium");
	measure("grant-each", true);
	measure("one-grant", false);
	return 0;
}
