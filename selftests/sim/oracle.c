// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "domain.h"
#include "oracle.h"

static bool alive(const struct sim *sim, uint32_t host)
{
	return sim->host[host].power && sim->host[host].core;
}

bool oracle_link(const struct sim *sim, uint32_t port)
{
	uint32_t other = wire_other(sim, port);

	return wire_passes(sim, port, other) && wire_passes(sim, other, port) &&
	       alive(sim, sim->port[port].host) &&
	       alive(sim, sim->port[other].host);
}

/* Better ways until there are none: Bellman and Ford, backwards from @to. */
static bool relax(struct oracle *oracle, uint32_t to, uint32_t port)
{
	const struct sim *sim = oracle->sim;
	uint32_t *row = oracle->distance + (size_t)to * sim->hosts;
	uint32_t from = sim->port[port].host;
	uint32_t via = sim->port[wire_other(sim, port)].host;

	if (row[via] == ORACLE_FAR || !oracle_link(sim, port))
		return false;
	if (via != to && sim->host[via].overloaded)
		return false;
	if (row[from] <= row[via] + sim->port[port].cost)
		return false;
	row[from] = row[via] + sim->port[port].cost;
	return true;
}

static void distances_to(struct oracle *oracle, uint32_t to)
{
	const struct sim *sim = oracle->sim;
	bool more = alive(sim, to);
	uint32_t i;

	for (i = 0; i < sim->hosts; i++)
		oracle->distance[(size_t)to * sim->hosts + i] = ORACLE_FAR;
	if (more)
		oracle->distance[(size_t)to * sim->hosts + to] = 0;
	while (more) {
		more = false;
		for (i = 0; i < sim->ports; i++)
			more |= relax(oracle, to, i);
	}
}

/* Parts are by links alone: what is overloaded still floods. */
static void parts(struct oracle *oracle)
{
	const struct sim *sim = oracle->sim;
	bool more = true;
	uint32_t i;

	for (i = 0; i < sim->hosts; i++)
		oracle->part[i] = alive(sim, i) ? i : ORACLE_FAR;
	while (more) {
		more = false;
		for (i = 0; i < sim->ports; i++) {
			uint32_t a = sim->port[i].host;
			uint32_t b = sim->port[wire_other(sim, i)].host;

			if (oracle->part[a] >= oracle->part[b] ||
			    !oracle_link(sim, i))
				continue;
			oracle->part[b] = oracle->part[a];
			more = true;
		}
	}
}

static void own(struct oracle *oracle, uint32_t name, struct oracle_owner owner)
{
	owner.next = oracle->owned[name];
	oracle->owner = sim_grow(oracle->owner, oracle->owners,
				 &oracle->owner_size, sizeof(*oracle->owner));
	oracle->owned[name] = oracle->owners;
	oracle->owner[oracle->owners++] = owner;
}

/* What is registered and was taken; and its own name, by certificate. */
static void own_all(struct oracle *oracle, const struct host *host)
{
	size_t i;

	own(oracle, host->name, (struct oracle_owner){
		host->number, 0, DC_RIGHT_NAME, 0
	});
	for (i = 0; i < host->owns; i++) {
		const struct own_name *o = &host->own[i];

		if (o->verdict == DC_VALID && !o->ended &&
		    o->ends_ms > domain_ms(oracle->sim->now))
			own(oracle, o->name, (struct oracle_owner){
				host->number, o->prefix.epoch, o->prefix.right, 0
			});
	}
}

static void owners(struct oracle *oracle)
{
	uint32_t i;

	for (i = 0; i < oracle->sim->hosts; i++)
		if (alive(oracle->sim, i))
			own_all(oracle, &oracle->sim->host[i]);
}

void oracle_init(struct oracle *oracle, const struct sim *sim)
{
	size_t n = sim->hosts;
	uint32_t i;

	*oracle = (struct oracle){ .sim = sim, .names = sim->names.n };
	oracle->distance = sim_alloc(n * n * sizeof(*oracle->distance));
	oracle->part = sim_alloc(n * sizeof(*oracle->part));
	oracle->owned = sim_alloc(oracle->names * sizeof(*oracle->owned));
	memset(oracle->owned, 0xff, oracle->names * sizeof(*oracle->owned));
	for (i = 0; i < n; i++)
		distances_to(oracle, i);
	parts(oracle);
	owners(oracle);
}

void oracle_free(struct oracle *oracle)
{
	free(oracle->distance);
	free(oracle->part);
	free(oracle->owned);
	free(oracle->owner);
}

static const struct oracle_owner *owner_of(const struct oracle *oracle,
					   uint32_t name, uint32_t *next)
{
	uint32_t i = *next;

	if (i == UINT32_MAX)
		i = name < oracle->names ? oracle->owned[name] : UINT32_MAX;
	else
		i = oracle->owner[i].next;
	*next = i;
	return i == UINT32_MAX ? NULL : &oracle->owner[i];
}

/* Names come before instances; of names the higher epoch, then the lower node. */
static bool beats(const struct oracle_owner *a, const struct oracle_owner *b)
{
	if (a->right != b->right)
		return a->right == DC_RIGHT_NAME;
	if (a->epoch != b->epoch)
		return a->epoch > b->epoch;
	return a->host < b->host;
}

/* Of instances the nearest are as good as each other. */
static bool nearer(const struct oracle *oracle, uint32_t from,
		   const struct oracle_owner *a, const struct oracle_owner *b)
{
	if (a->right == DC_RIGHT_MEMBER && b->right == DC_RIGHT_MEMBER)
		return oracle_distance(oracle, from, a->host) <
		       oracle_distance(oracle, from, b->host);
	return beats(a, b);
}

/* Whose it is as seen from @from: NULL if nobody's in reach. */
static const struct oracle_owner *winner(const struct oracle *oracle,
					 uint32_t from, uint32_t name)
{
	const struct oracle_owner *best = NULL, *o;
	uint32_t at = UINT32_MAX;

	while ((o = owner_of(oracle, name, &at))) {
		if (oracle_distance(oracle, from, o->host) == ORACLE_FAR)
			continue;
		if (!best || nearer(oracle, from, o, best))
			best = o;
	}
	return best;
}

bool oracle_local(const struct oracle *oracle, uint32_t host, uint32_t name)
{
	const struct oracle_owner *best = winner(oracle, host, name);

	return best && best->host == host;
}

static bool is_way(const struct oracle *oracle, uint32_t port, uint32_t to)
{
	const struct sim *sim = oracle->sim;
	uint32_t from = sim->port[port].host;
	uint32_t via = sim->port[wire_other(sim, port)].host;
	uint32_t rest = oracle_distance(oracle, via, to);

	if (rest == ORACLE_FAR || !oracle_link(sim, port))
		return false;
	if (via != to && sim->host[via].overloaded)
		return false;
	return rest + sim->port[port].cost == oracle_distance(oracle, from, to);
}

/* The winner, or an instance as near as it is. */
static bool counts(const struct oracle *oracle, uint32_t from,
		   const struct oracle_owner *o,
		   const struct oracle_owner *best)
{
	if (o == best)
		return true;
	return best->right == DC_RIGHT_MEMBER && o->right == DC_RIGHT_MEMBER &&
	       oracle_distance(oracle, from, o->host) ==
	       oracle_distance(oracle, from, best->host);
}

static bool leads(const struct oracle *oracle, uint32_t port, uint32_t name,
		  const struct oracle_owner *best)
{
	uint32_t from = oracle->sim->port[port].host, at = UINT32_MAX;
	const struct oracle_owner *o;

	while ((o = owner_of(oracle, name, &at)))
		if (counts(oracle, from, o, best) &&
		    is_way(oracle, port, o->host))
			return true;
	return false;
}

uint32_t oracle_ways(const struct oracle *oracle, uint32_t host, uint32_t name,
		     uint32_t port[DC_FIB_NEXTHOPS_MAX])
{
	const struct oracle_owner *best = winner(oracle, host, name);
	const struct host *h = &oracle->sim->host[host];
	uint32_t i, n = 0;

	if (!best || best->host == host)
		return 0;
	for (i = 0; i < h->ports && n < DC_FIB_NEXTHOPS_MAX; i++)
		if (leads(oracle, h->port[i], name, best))
			port[n++] = h->port[i];
	return n;
}
