/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A handful of nodes on links, under a virtual clock: loss, copies, delay and
 * with it reordering, links that carry one way only, and packets that a test
 * takes, changes or puts in. All chance comes from one seed.
 *
 * A link joins up to VNET_NODES nodes; a node's interface on link i is i + 1,
 * its link address there one byte, its own number + 1.
 */
#ifndef DC_TEST_VNET_H
#define DC_TEST_VNET_H

#include "lab.h"
#include "node.h"
#include "vnet_record.h"

#define VNET_NODES 24
#define VNET_LINKS 64
#define VNET_EVENTS 64

struct vnet;

struct vnet_node {
	struct vnet *net;
	unsigned int number;
	struct dc_identity identity;
	struct dc_node_config config;
	struct dc_node *node;
	struct vnet_record record;
	unsigned long sent;
	unsigned long sent_bytes;
	unsigned long flushes;
	unsigned long changes;
	unsigned long ups;
	unsigned long downs;
	/* Told by the last sessions that came into use. */
	unsigned long sessions;
	uint8_t tag_key[DC_MAC_BYTES];
	uint8_t tag_key_old[DC_MAC_BYTES];
	/* The last events' names, and how many there were of each kind asked for. */
	char event[VNET_EVENTS][32];
	unsigned int events;
};

struct vnet_packet {
	uint64_t at_us;
	uint64_t order;
	unsigned int link;
	unsigned int from;
	unsigned int to;
	size_t len;
	uint8_t bytes[DC_PACKET_MAX + 64];
};

struct vnet_link {
	bool on[VNET_NODES];
	/* Nothing gets from a to b. */
	bool deaf[VNET_NODES][VNET_NODES];
};

/* Chances in 1/10000. */
struct vnet {
	struct lab lab;
	struct dc_identity spa;
	uint64_t seed;
	uint64_t random;
	uint64_t now_us;
	unsigned int n;
	struct vnet_node node[VNET_NODES];
	unsigned int n_links;
	struct vnet_link link[VNET_LINKS];
	unsigned int loss;
	unsigned int copies;
	uint64_t delay_min_us;
	uint64_t delay_max_us;
	struct vnet_packet **queue;
	size_t n_queue;
	size_t queue_size;
	uint64_t order;
	/* Sees each packet as it is sent; false: it is lost. */
	bool (*tap)(struct vnet_packet *packet, void *arg);
	void *tap_arg;
};

/* The seed is SEED of the environment, or @seed, and is printed. */
void vnet_init(struct vnet *net, uint64_t seed);
void vnet_free(struct vnet *net);
uint64_t vnet_random(struct vnet *net);

/* Enrol and start a node: its number. */
unsigned int vnet_add(struct vnet *net, const char *id);
/* Enrol only; its configuration may still be changed. */
unsigned int vnet_enrol(struct vnet *net, const char *id, uint8_t roles);
void vnet_start(struct vnet *net, unsigned int number);
/* Its daemon dies without a word. */
void vnet_kill(struct vnet *net, unsigned int number);
/* Join two nodes: the link's number. */
unsigned int vnet_join(struct vnet *net, unsigned int a, unsigned int b);
/* @n nodes from n0 on, each linked to the next, the last to the first. */
void vnet_ring(struct vnet *net, unsigned int n);
/* @number is on the link, too. */
void vnet_attach(struct vnet *net, unsigned int link, unsigned int number);

void vnet_run(struct vnet *net, uint64_t us);
/* Run until @done or for @us: whether it was done. */
bool vnet_until(struct vnet *net, bool (*done)(struct vnet *net), uint64_t us);
/* A packet as if @from had sent it to @to. */
void vnet_put(struct vnet *net, unsigned int link, unsigned int from,
	      unsigned int to, const void *bytes, size_t len);

/* Every neighbour of every living node is full and digests are equal. */
bool vnet_in_step(struct vnet *net);
/* The state of @a's neighbour @b, "" if it has none. */
const char *vnet_state(struct vnet *net, unsigned int a, unsigned int b);
struct dc_node_counts vnet_counts(struct vnet *net, unsigned int number);
unsigned int vnet_events(struct vnet *net, unsigned int number,
			 const char *what);
/* Next hops that @number has for a name: -1 without a route. */
int vnet_ways(struct vnet *net, unsigned int number, const char *name);
/* Objects of a type in its database. */
unsigned int vnet_objects(struct vnet *net, unsigned int number,
			  enum dc_type type);
/* Print its database. */
void vnet_dump(struct vnet *net, unsigned int number);
/* Announce by a grant of the net's SPA. */
enum dc_verdict vnet_announce(struct vnet *net, unsigned int number,
			      const char *name, struct lab_object *grant);
void vnet_withdraw(struct vnet *net, unsigned int number, const char *name);

#endif /* DC_TEST_VNET_H */
