// SPDX-License-Identifier: GPL-2.0
/*
 * Nodes on links. Packets are in one array, the next found by looking at all:
 * there are few.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnet.h"

uint64_t vnet_random(struct vnet *net)
{
	uint64_t x = net->random += 0x9e3779b97f4a7c15ull;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ x >> 27) * 0x94d049bb133111ebull;
	return x ^ x >> 31;
}

static bool chance(struct vnet *net, unsigned int in_10000)
{
	return vnet_random(net) % 10000 < in_10000;
}

/* ---- packets ----------------------------------------------------------- */

static void enqueue(struct vnet *net, const struct vnet_packet *packet)
{
	uint64_t span = net->delay_max_us - net->delay_min_us + 1;
	struct vnet_packet *copy = malloc(sizeof(*copy));

	if (net->n_queue == net->queue_size) {
		net->queue_size = net->queue_size ? 2 * net->queue_size : 64;
		net->queue = realloc(net->queue, net->queue_size *
				     sizeof(*net->queue));
	}
	*copy = *packet;
	copy->at_us = net->now_us + net->delay_min_us +
		vnet_random(net) % span;
	copy->order = net->order++;
	net->queue[net->n_queue++] = copy;
}

static void carry(struct vnet *net, struct vnet_packet *packet)
{
	if (net->link[packet->link].deaf[packet->from][packet->to])
		return;
	if (net->tap && !net->tap(packet, net->tap_arg))
		return;
	if (chance(net, net->loss))
		return;
	enqueue(net, packet);
	if (chance(net, net->copies))
		enqueue(net, packet);
}

static void on_send(void *arg, uint32_t ifindex, const struct damc_lladdr *peer,
		    const void *bytes, size_t len, enum dc_urgency urgency)
{
	struct vnet_node *self = arg;
	struct vnet *net = self->net;
	struct vnet_packet packet = {
		.link = ifindex - 1, .from = self->number, .len = len,
	};
	unsigned int i;

	(void)urgency;
	if (len > DC_PACKET_MAX)
		abort();
	self->sent++;
	self->sent_bytes += len;
	memcpy(packet.bytes, bytes, len);
	for (i = 0; i < net->n; i++) {
		if (i == self->number || !net->link[packet.link].on[i] ||
		    (peer && peer->addr[0] != i + 1))
			continue;
		packet.to = i;
		carry(net, &packet);
	}
}

void vnet_put(struct vnet *net, unsigned int link, unsigned int from,
	      unsigned int to, const void *bytes, size_t len)
{
	struct damc_lladdr lladdr = { 1, { from + 1 } };

	if (net->node[to].node)
		dc_node_input(net->node[to].node, link + 1, &lladdr, bytes, len,
			      net->now_us);
}

/* ---- what nodes do ----------------------------------------------------- */

static void on_change(void *arg, const struct dc_fib_change *change)
{
	struct vnet_node *self = arg;

	(void)change;
	self->changes++;
}

static void on_flush(void *arg)
{
	struct vnet_node *self = arg;

	self->flushes++;
}

static void on_neighbour(void *arg, uint32_t link, uint32_t ifindex,
			 const struct damc_lladdr *peer,
			 const struct dc_node_id *id, bool up)
{
	struct vnet_node *self = arg;

	(void)link;
	(void)ifindex;
	(void)peer;
	(void)id;
	if (up)
		self->ups++;
	else
		self->downs++;
}

static void on_session(void *arg, uint32_t link, uint32_t ifindex,
		       const struct damc_lladdr *peer, const uint8_t *tag_key)
{
	struct vnet_node *self = arg;

	(void)link;
	(void)ifindex;
	(void)peer;
	memcpy(self->tag_key_old, self->tag_key, sizeof(self->tag_key));
	memcpy(self->tag_key, tag_key, sizeof(self->tag_key));
	self->sessions++;
}

static void on_event(void *arg, const char *what, const char *words)
{
	struct vnet_node *self = arg;
	char *slot = self->event[self->events++ % VNET_EVENTS];

	snprintf(slot, sizeof(self->event[0]), "%s", what);
	if (getenv("VERBOSE"))
		printf("%10.3f ms %u %s %s\n", self->net->now_us / 1000.0,
		       self->number, what, words);
}

static const struct dc_node_ops ops = {
	.send = on_send,
	.fib = { on_change, on_flush },
	.neighbour = on_neighbour,
	.session = on_session,
	.event = on_event,
};

/* ---- the net ----------------------------------------------------------- */

void vnet_init(struct vnet *net, uint64_t seed)
{
	const char *env = getenv("SEED");

	memset(net, 0, sizeof(*net));
	net->seed = env ? strtoull(env, NULL, 0) : seed;
	net->random = net->seed;
	printf("SEED=%llu\n", (unsigned long long)net->seed);
	net->now_us = 1000000;
	net->delay_min_us = 50;
	net->delay_max_us = 200;
	lab_init(&net->lab, &dc_stand_in, net->seed);
	lab_enrol(&net->lab, &net->spa, "spa", DC_ROLE_SPA, "/");
}

void vnet_free(struct vnet *net)
{
	unsigned int i;

	for (i = 0; i < net->n; i++)
		vnet_kill(net, i);
	while (net->n_queue)
		free(net->queue[--net->n_queue]);
	free(net->queue);
}

unsigned int vnet_enrol(struct vnet *net, const char *id, uint8_t roles)
{
	struct vnet_node *self = &net->node[net->n];

	self->net = net;
	self->number = net->n;
	lab_enrol(&net->lab, &self->identity, id, roles, "");
	self->config.identity = self->identity;
	self->config.crypto = net->lab.crypto;
	self->config.epoch = 1;
	self->config.seed = vnet_random(net);
	return net->n++;
}

static void bring_spa(struct vnet *net, struct vnet_node *self)
{
	dc_node_object(self->node, net->spa.cert, net->spa.cert_len,
		       net->now_us);
}

void vnet_start(struct vnet *net, unsigned int number)
{
	struct vnet_node *self = &net->node[number];
	unsigned int i;

	self->node = vnet_record_node(&self->record, &self->config, &ops, self,
				      net->now_us, LAB_TIME_MS);
	if (!self->node)
		abort();
	bring_spa(net, self);
	for (i = 0; i < net->n_links; i++)
		if (net->link[i].on[number])
			dc_node_link(self->node, i + 1, true, 10, net->now_us);
}

unsigned int vnet_add(struct vnet *net, const char *id)
{
	unsigned int number = vnet_enrol(net, id, DC_ROLE_SG | DC_ROLE_SR);

	vnet_start(net, number);
	return number;
}

void vnet_kill(struct vnet *net, unsigned int number)
{
	dc_node_free(net->node[number].node);
	net->node[number].node = NULL;
	vnet_record_end(&net->node[number].record);
}

void vnet_attach(struct vnet *net, unsigned int link, unsigned int number)
{
	net->link[link].on[number] = true;
	if (net->node[number].node)
		dc_node_link(net->node[number].node, link + 1, true, 10,
			     net->now_us);
}

unsigned int vnet_join(struct vnet *net, unsigned int a, unsigned int b)
{
	unsigned int link = net->n_links++;

	vnet_attach(net, link, a);
	vnet_attach(net, link, b);
	return link;
}

/* ---- time -------------------------------------------------------------- */

static size_t next_packet(const struct vnet *net)
{
	size_t i, best = 0;

	for (i = 1; i < net->n_queue; i++) {
		const struct vnet_packet *a = net->queue[i];
		const struct vnet_packet *b = net->queue[best];

		if (a->at_us < b->at_us ||
		    (a->at_us == b->at_us && a->order < b->order))
			best = i;
	}
	return best;
}

static void deliver(struct vnet *net, size_t i)
{
	struct vnet_packet *packet = net->queue[i];

	net->queue[i] = net->queue[--net->n_queue];
	vnet_put(net, packet->link, packet->from, packet->to, packet->bytes,
		 packet->len);
	free(packet);
}

static uint64_t next_timer(const struct vnet *net, unsigned int *who)
{
	uint64_t next = UINT64_MAX, at;
	unsigned int i;

	for (i = 0; i < net->n; i++) {
		if (!net->node[i].node)
			continue;
		at = dc_node_next(net->node[i].node);
		if (at < next) {
			next = at;
			*who = i;
		}
	}
	return next;
}

/* One thing that happens until @end_us: whether there was one. */
static bool step(struct vnet *net, uint64_t end_us)
{
	unsigned int who = 0;
	uint64_t timer = next_timer(net, &who);
	size_t i = next_packet(net);
	uint64_t packet = net->n_queue ? net->queue[i]->at_us : UINT64_MAX;
	uint64_t next = packet < timer ? packet : timer;

	if (next > end_us)
		return false;
	if (next > net->now_us)
		net->now_us = next;
	if (packet <= timer)
		deliver(net, i);
	else
		dc_node_timer(net->node[who].node, net->now_us);
	return true;
}

void vnet_run(struct vnet *net, uint64_t us)
{
	uint64_t end_us = net->now_us + us;

	while (step(net, end_us))
		;
	net->now_us = end_us;
}

bool vnet_until(struct vnet *net, bool (*done)(struct vnet *net), uint64_t us)
{
	uint64_t end_us = net->now_us + us;

	while (!done(net))
		if (!step(net, end_us))
			return false;
	return true;
}

/* ---- asking ------------------------------------------------------------ */

struct ask_state {
	const struct dc_node_id *id;
	const char *state;
	unsigned int full;
};

static int see_neighbour(const struct dc_neighbour *neighbour, void *arg)
{
	struct ask_state *ask = arg;

	if (!ask->id || dc_node_id_equal(&neighbour->id, ask->id))
		ask->state = neighbour->state;
	ask->full += !strcmp(neighbour->state, "full");
	return 0;
}

static struct dc_node_id id_of(struct vnet *net, unsigned int number)
{
	struct dc_object object;
	struct dc_node_id id = { 0 };

	dc_object_read(&object, net->node[number].identity.cert,
		       net->node[number].identity.cert_len, NULL);
	dc_node_id_of(&id, &object.subject);
	return id;
}

const char *vnet_state(struct vnet *net, unsigned int a, unsigned int b)
{
	struct dc_node_id id = id_of(net, b);
	struct ask_state ask = { .id = &id, .state = "" };

	dc_node_neighbours(net->node[a].node, see_neighbour, &ask);
	return ask.state;
}

static unsigned int expected(struct vnet *net, unsigned int number)
{
	unsigned int i, j, n = 0;

	for (i = 0; i < net->n_links; i++)
		for (j = 0; net->link[i].on[number] && j < net->n; j++)
			n += j != number && net->link[i].on[j] &&
				net->node[j].node;
	return n;
}

bool vnet_in_step(struct vnet *net)
{
	struct dc_hash first, digest;
	bool any = false;
	unsigned int i;

	for (i = 0; i < net->n; i++) {
		struct ask_state ask = { 0 };

		if (!net->node[i].node)
			continue;
		dc_node_neighbours(net->node[i].node, see_neighbour, &ask);
		if (ask.full < expected(net, i))
			return false;
		dc_node_digest(net->node[i].node, &digest);
		if (any && memcmp(&digest, &first, sizeof(first)))
			return false;
		first = digest;
		any = true;
	}
	return true;
}

struct dc_node_counts vnet_counts(struct vnet *net, unsigned int number)
{
	struct dc_node_counts counts;

	dc_node_counts(net->node[number].node, &counts);
	return counts;
}

unsigned int vnet_events(struct vnet *net, unsigned int number,
			 const char *what)
{
	struct vnet_node *self = &net->node[number];
	unsigned int i, n = 0;

	for (i = 0; i < self->events && i < VNET_EVENTS; i++)
		n += !strcmp(self->event[i], what);
	return n;
}

int vnet_ways(struct vnet *net, unsigned int number, const char *name)
{
	struct damc_name wanted = lab_name(name);
	struct dc_rib_entry entry;

	if (dc_rib_explain(dc_node_rib(net->node[number].node), &wanted,
			   &entry) ||
	    !damc_name_equal(&entry.name, &wanted))
		return -1;
	return entry.n;
}

struct ask_objects {
	enum dc_type type;
	unsigned int n;
};

static int see_object(const struct dc_object *object, uint32_t left_s,
		      void *arg)
{
	struct ask_objects *ask = arg;

	(void)left_s;
	ask->n += object->type == ask->type;
	return 0;
}

unsigned int vnet_objects(struct vnet *net, unsigned int number,
			  enum dc_type type)
{
	struct ask_objects ask = { .type = type };

	dc_node_lsdb(net->node[number].node, see_object, &ask);
	return ask.n;
}

void vnet_ring(struct vnet *net, unsigned int n)
{
	char id[16];
	unsigned int i;

	for (i = 0; i < n; i++) {
		snprintf(id, sizeof(id), "n%u", i);
		vnet_add(net, id);
	}
	for (i = 0; i < n; i++)
		vnet_join(net, i, (i + 1) % n);
}

enum dc_verdict vnet_announce(struct vnet *net, unsigned int number,
			      const char *name, struct lab_object *grant)
{
	struct dc_prefix prefix;

	lab_grant(&net->lab, &net->spa, name, DC_RIGHT_NAME, "", grant);
	prefix = lab_prefix(name, DC_RIGHT_NAME, grant);
	return dc_node_announce(net->node[number].node, &prefix, grant->bytes,
				grant->len, net->now_us);
}

void vnet_withdraw(struct vnet *net, unsigned int number, const char *name)
{
	struct damc_name wanted = lab_name(name);

	dc_node_withdraw(net->node[number].node, &wanted, net->now_us);
}

static int dump(const struct dc_object *object, uint32_t left_s, void *arg)
{
	char text[DAMC_NAME_TEXT_MAX];

	(void)arg;
	damc_name_format(&object->subject, text, sizeof(text));
	printf("  %s %s shard %u seq %u.%u.%llu left %u\n",
	       dc_type_text(object->type), text, object->shard,
	       object->seq.serial, object->seq.epoch,
	       (unsigned long long)object->seq.counter, left_s);
	return 0;
}

void vnet_dump(struct vnet *net, unsigned int number)
{
	printf("database of %u:\n", number);
	dc_node_lsdb(net->node[number].node, dump, NULL);
}
