// SPDX-License-Identifier: GPL-2.0
#include <linux/damc_netlink.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

/* What carries a packet: the Ethernet and DAMC headers with the names. */
#define OVERHEAD 80
/* A packet that is overtaken comes as much later as this many others take. */
#define REORDER_DELAYS 4

/* Where data waits: what a driver's queue holds (BQL), and a band (pfifo_fast). */
#define FRAME 1514
#define RING_FRAMES 2
#define BAND_FRAMES 1000

void packet_put(struct packet *packet)
{
	if (!--packet->refs)
		free(packet);
}

void wire_lladdr(struct damc_lladdr *lladdr, uint32_t port)
{
	const uint8_t addr[6] = {
		2, 0, port >> 24, port >> 16, port >> 8, port
	};

	*lladdr = (struct damc_lladdr){ .len = sizeof(addr) };
	memcpy(lladdr->addr, addr, sizeof(addr));
}

uint32_t wire_port(const struct sim *sim, const struct damc_lladdr *lladdr)
{
	const uint8_t *a = lladdr->addr;
	uint32_t port;

	if (lladdr->len != 6 || a[0] != 2 || a[1])
		return UINT32_MAX;
	port = (uint32_t)a[2] << 24 | a[3] << 16 | a[4] << 8 | a[5];
	return port < sim->ports ? port : UINT32_MAX;
}

uint32_t wire_other(const struct sim *sim, uint32_t port)
{
	const struct wire *wire = &sim->wire[sim->port[port].wire];

	return port == wire->first ? wire->first + 1 : wire->first;
}

bool wire_passes(const struct sim *sim, uint32_t from, uint32_t to)
{
	const struct port *a = &sim->port[from], *b = &sim->port[to];

	return a->wire == b->wire && !sim->wire[a->wire].cut && !a->mute &&
	       !b->deaf && a->carrier && b->carrier &&
	       sim->host[a->host].power && sim->host[b->host].power;
}

static void lost(struct sim *sim, uint32_t port, struct packet *packet)
{
	sim_log(sim, SIM_LOST, port, packet->len);
	sim->tally.fault[FAULT_LOST]++;
	packet_put(packet);
}

/*
 * What a kernel takes from one neighbour (kmod/control.c): on a link of two that is
 * all that arrives there; on others the buckets are as many as neighbours, and what
 * is sent there is little.
 */
static bool is_taken(struct sim *sim, uint32_t number)
{
	static const uint64_t each = SIM_S / DAMC_CONTROL_RATE;
	struct port *port = &sim->port[number];

	if (sim->wire[port->wire].ports > 2)
		return true;
	if (port->rested < sim->now)
		port->rested = sim->now;
	if (port->rested + each > sim->now + DAMC_CONTROL_BURST * each) {
		sim->counts.refused++;
		return false;
	}
	port->rested += each;
	return true;
}

static void arrive(struct sim *sim, void *arg, uint64_t number)
{
	struct packet *packet = arg;

	if (!wire_passes(sim, packet->from, number) || !is_taken(sim, number)) {
		lost(sim, number, packet);
		return;
	}
	sim->counts.rx++;
	host_receive(&sim->host[sim->port[number].host], number, packet);
}

/* One copy to one port, at a time by chance. */
static void deliver(struct sim *sim, const struct wire *wire, uint32_t to,
		    struct packet *packet, uint64_t at)
{
	if (rng_ppm(&sim->rng, wire->reorder_ppm)) {
		at += rng_below(&sim->rng, REORDER_DELAYS * wire->delay_ns + 1);
		sim->tally.fault[FAULT_REORDERED]++;
	}
	packet->refs++;
	queue_add(&sim->queue, at, arrive, packet, to);
}

static void send_to(struct sim *sim, const struct wire *wire, uint32_t to,
		    struct packet *packet, uint64_t at)
{
	if (!wire_passes(sim, packet->from, to) ||
	    rng_ppm(&sim->rng, wire->loss_ppm)) {
		packet->refs++;
		lost(sim, to, packet);
		return;
	}
	deliver(sim, wire, to, packet, at);
	if (rng_ppm(&sim->rng, wire->dup_ppm)) {
		sim->tally.fault[FAULT_DUPLICATED]++;
		deliver(sim, wire, to, packet, at);
	}
}

static uint64_t hash_bytes(const uint8_t *bytes, size_t len)
{
	uint64_t h = len, word;
	size_t i;

	for (i = 0; i + sizeof(word) <= len; i += sizeof(word)) {
		memcpy(&word, bytes + i, sizeof(word));
		h = (h ^ word) * 0x9e3779b97f4a7c15ull;
		h ^= h >> 29;
	}
	for (; i < len; i++)
		h = (h ^ bytes[i]) * 0x100000001b3ull;
	return h;
}

static uint64_t bytes_ns(const struct wire *wire, size_t bytes)
{
	return bytes * 8ull * 1000 / wire->mbit;
}

/*
 * How long data is in the way. Control has a band of its own that goes first, but
 * what the driver has is sent before, one frame of it begun at some time; in one
 * queue all of it is, and the queue is full.
 */
static uint64_t data_ns(struct sim *sim, const struct wire *wire)
{
	uint64_t frame = bytes_ns(wire, FRAME);
	uint64_t ns = (RING_FRAMES - 1) * frame + rng_below(&sim->rng, frame);

	return wire->one_queue ? ns + BAND_FRAMES * frame : ns;
}

uint64_t wire_transmit(struct sim *sim, uint32_t port, size_t len, uint64_t at)
{
	struct port *from = &sim->port[port];
	const struct wire *wire = &sim->wire[from->wire];

	if (wire->load > 1) {
		if (wire->one_queue &&
		    rng_unit(&sim->rng) * wire->load >= 1)
			return UINT64_MAX;
		at += data_ns(sim, wire);
	}
	if (from->tx_free < at)
		from->tx_free = at;
	from->tx_free += bytes_ns(wire, len + OVERHEAD);
	return from->tx_free;
}

void wire_send(struct sim *sim, uint32_t port, uint32_t to,
	       struct packet *packet, uint64_t at)
{
	const struct wire *wire = &sim->wire[sim->port[port].wire];
	uint32_t i;

	sim_log(sim, SIM_TX, (uint64_t)port << 32 | to,
		hash_bytes(packet->bytes, packet->len));
	if (sim->tap)
		sim->tap(sim, sim->tap_arg, packet);
	sim->counts.tx++;
	sim->counts.tx_bytes += packet->len + OVERHEAD;
	at = wire_transmit(sim, port, packet->len, at);
	if (at == UINT64_MAX) {
		packet->refs++;
		lost(sim, port, packet);
		return;
	}
	at += wire->delay_ns;
	for (i = wire->first; i < wire->first + wire->ports; i++)
		if (i != port && (to == UINT32_MAX || to == i))
			send_to(sim, wire, i, packet, at);
}

void wire_carrier(struct sim *sim, uint32_t wire, bool on)
{
	uint32_t i;

	for (i = 0; i < sim->wire[wire].ports; i++) {
		struct port *port = &sim->port[sim->wire[wire].first + i];
		struct host *host = &sim->host[port->host];

		if (port->carrier == on)
			continue;
		port->carrier = on;
		if (host->core)
			host_job(host, host_tell_link, host,
				 sim->wire[wire].first + i);
	}
	liveness_look(sim, wire);
}

void wire_cut(struct sim *sim, uint32_t wire, bool cut)
{
	sim->wire[wire].cut = cut;
	liveness_look(sim, wire);
}

void wire_mute(struct sim *sim, uint32_t port, bool mute)
{
	sim->port[port].mute = mute;
	liveness_look(sim, sim->port[port].wire);
}
