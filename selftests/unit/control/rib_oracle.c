// SPDX-License-Identifier: GPL-2.0
/*
 * What is right, as directly as it can be written down: distances between all
 * nodes, and from them each rule of Documentation/routing.rst by itself.
 */
#include <math.h>
#include <string.h>

#include "rib_world.h"

bool world_counts(const struct world *world, const struct world_link *link)
{
	bool own = !link->node[0] || !link->node[1];

	return link->told[0] && link->told[1] && world->lsa[link->node[0]] &&
	       world->lsa[link->node[1]] && (link->usable || !own);
}

static void oracle_links(struct oracle *oracle, const struct world *world)
{
	uint32_t i, end;

	for (i = 0; i < 2 * world->n_links; i++) {
		const struct world_link *link = &world->link[i / 2];
		uint32_t *dist;

		end = i & 1;
		if (!world_counts(world, link))
			continue;
		dist = &oracle->dist[link->node[end]][link->node[!end]];
		if (link->cost[end] < *dist)
			*dist = link->cost[end];
	}
}

/* Floyd and Warshall; over an overloaded node there is no way. */
void oracle_run(struct oracle *oracle, const struct world *world)
{
	uint32_t i, j, k;

	memset(oracle, 0xff, sizeof(*oracle));
	for (i = 0; i < world->n; i++)
		oracle->dist[i][i] = 0;
	oracle_links(oracle, world);
	for (k = 0; k < world->n; k++) {
		for (i = 0; i < world->n && !world->overload[k]; i++) {
			for (j = 0; j < world->n; j++) {
				uint64_t over = (uint64_t)oracle->dist[i][k] +
						oracle->dist[k][j];

				if (over < oracle->dist[i][j])
					oracle->dist[i][j] = over;
			}
		}
	}
}

/* ---- ways --------------------------------------------------------------- */

/* A link of @from's that counts: its number, the other end, the cost. */
struct hop {
	uint32_t id;
	uint32_t to;
	uint32_t cost;
};

static bool hop_of(const struct world *world, uint32_t from, uint32_t i,
		   struct hop *hop)
{
	const struct world_link *link = &world->link[i];
	uint32_t end = link->node[1] == from;

	if (link->node[end] != from || !world_counts(world, link))
		return false;
	*hop = (struct hop){ link->id[end], link->node[!end], link->cost[end] };
	return true;
}

static bool crosses(const struct world *world, uint32_t node, uint32_t target)
{
	return node == target || !world->overload[node];
}

static void add_share(struct oracle_ways *ways, uint32_t id, double share)
{
	uint32_t i, at;

	for (i = 0; i < ways->n; i++) {
		if (ways->link[i] == id) {
			ways->share[i] += share;
			return;
		}
	}
	for (at = ways->n++; at && ways->link[at - 1] > id; at--) {
		ways->link[at] = ways->link[at - 1];
		ways->share[at] = ways->share[at - 1];
	}
	ways->link[at] = id;
	ways->share[at] = share;
}

static uint32_t best_hops(const struct oracle *oracle,
			  const struct world *world, uint32_t from,
			  uint32_t node, uint32_t *ids)
{
	struct hop hop;
	uint32_t n = 0, i;

	if (oracle->dist[from][node] == FAR)
		return 0;
	for (i = 0; i < world->n_links; i++)
		if (hop_of(world, from, i, &hop) &&
		    crosses(world, hop.to, node) &&
		    oracle->dist[hop.to][node] != FAR &&
		    (uint64_t)hop.cost + oracle->dist[hop.to][node] ==
		    oracle->dist[from][node])
			ids[n++] = hop.id;
	return n;
}

static void add_node(const struct oracle *oracle, const struct world *world,
		     uint32_t from, uint32_t node, double share,
		     struct oracle_ways *ways)
{
	uint32_t ids[DC_LINKS_MAX], i;
	uint32_t n = best_hops(oracle, world, from, node, ids);

	for (i = 0; i < n; i++)
		add_share(ways, ids[i], share / n);
	ways->used[node] = true;
}

/* ---- backups, node 0's -------------------------------------------------- */

static uint32_t to_used(const struct oracle *oracle, const struct world *world,
			const bool *class, uint32_t from)
{
	uint32_t least = FAR, i;

	for (i = 0; i < world->n; i++)
		if (class[i] && oracle->dist[from][i] < least)
			least = oracle->dist[from][i];
	return least;
}

static bool primary(const struct oracle_ways *ways, uint32_t id)
{
	uint32_t i;

	for (i = 0; i < ways->n; i++)
		if (ways->link[i] == id)
			return true;
	return false;
}

static bool over_next_hops(const struct oracle *oracle,
			   const struct world *world,
			   const struct oracle_ways *ways, const bool *class,
			   uint32_t n)
{
	struct hop hop;
	uint32_t i;

	for (i = 0; i < world->n_links; i++)
		if (hop_of(world, 0, i, &hop) && primary(ways, hop.id) &&
		    (uint64_t)oracle->dist[n][hop.to] +
		    to_used(oracle, world, class, hop.to) <=
		    to_used(oracle, world, class, n))
			return true;
	return false;
}

static bool alternate(const struct oracle *oracle, const struct world *world,
		      const struct oracle_ways *ways, const bool *class,
		      const struct hop *hop)
{
	uint32_t dist = to_used(oracle, world, class, hop->to);

	if (primary(ways, hop->id) || dist == FAR ||
	    (world->overload[hop->to] && dist))
		return false;
	return world->overload[0] ||
	       (uint64_t)oracle->dist[hop->to][0] + ways->cost > dist;
}

static void find_backup(const struct oracle *oracle, const struct world *world,
			const bool *class, struct oracle_ways *ways)
{
	uint64_t best_cost = UINT64_MAX;
	bool best_over = true;
	struct hop hop;
	uint32_t i;

	ways->backup = 0;
	for (i = 0; i < world->n_links && ways->n; i++) {
		uint64_t cost;
		bool over;

		if (!hop_of(world, 0, i, &hop) ||
		    !alternate(oracle, world, ways, class, &hop))
			continue;
		over = over_next_hops(oracle, world, ways, class, hop.to);
		cost = (uint64_t)hop.cost +
		       to_used(oracle, world, class, hop.to);
		if (over > best_over ||
		    (over == best_over &&
		     (cost > best_cost ||
		      (cost == best_cost && hop.id > ways->backup))))
			continue;
		best_over = over;
		best_cost = cost;
		ways->backup = hop.id;
	}
}

void oracle_node(const struct oracle *oracle, const struct world *world,
		 uint32_t from, uint32_t node, struct oracle_ways *ways)
{
	bool class[WORLD_NODES] = { false };

	memset(ways, 0, sizeof(*ways));
	ways->cost = oracle->dist[from][node];
	ways->local = from == node;
	if (ways->local || ways->cost == FAR)
		return;
	add_node(oracle, world, from, node, 1, ways);
	class[node] = true;
	if (!from)
		find_backup(oracle, world, class, ways);
}

/* ---- names -------------------------------------------------------------- */

static bool has_name(const struct world *world, uint32_t name)
{
	uint32_t i;

	for (i = 0; i < world->n; i++)
		if (world->cand[name][i].there &&
		    world->cand[name][i].right == DC_RIGHT_NAME)
			return true;
	return false;
}

static int id_cmp(const struct dc_node_id *a, const struct dc_node_id *b)
{
	uint8_t len = a->len < b->len ? a->len : b->len;

	return memcmp(a->byte, b->byte, len) ?: a->len - b->len;
}

/* Of those that have it as their own and can be reached, the first. */
static uint32_t first_of(const struct oracle *oracle, const struct world *world,
			 uint32_t from, uint32_t name)
{
	const struct world_cand *cand = world->cand[name];
	uint32_t best = FAR, i;

	for (i = 0; i < world->n; i++) {
		if (!cand[i].there || cand[i].right != DC_RIGHT_NAME ||
		    oracle->dist[from][i] == FAR)
			continue;
		if (best == FAR || cand[i].epoch > cand[best].epoch ||
		    (cand[i].epoch == cand[best].epoch &&
		     id_cmp(&world->id[i], &world->id[best]) < 0))
			best = i;
	}
	return best;
}

static bool classify(const struct oracle *oracle, const struct world *world,
		     uint32_t from, uint32_t name, bool weighty, bool *class)
{
	bool any = false;
	uint32_t i;

	for (i = 0; i < world->n; i++) {
		const struct world_cand *cand = &world->cand[name][i];

		class[i] = cand->there && !cand->weight == !weighty;
		any |= class[i] && oracle->dist[from][i] != FAR;
	}
	return any;
}

static void nearest(const struct oracle *oracle, const struct world *world,
		    uint32_t from, uint32_t name, struct oracle_ways *ways)
{
	bool class[WORLD_NODES];
	double sum = 0;
	uint32_t i;

	if (!classify(oracle, world, from, name, true, class) &&
	    !classify(oracle, world, from, name, false, class))
		return;
	ways->cost = to_used(oracle, world, class, from);
	for (i = 0; i < world->n; i++)
		if (class[i] && oracle->dist[from][i] == ways->cost)
			add_node(oracle, world, from, i,
				 world->cand[name][i].weight ?: 1, ways);
	for (i = 0; i < ways->n; i++)
		sum += ways->share[i];
	for (i = 0; i < ways->n; i++)
		ways->share[i] /= sum;
	if (!from)
		find_backup(oracle, world, class, ways);
}

void oracle_name(const struct oracle *oracle, const struct world *world,
		 uint32_t from, uint32_t name, struct oracle_ways *ways)
{
	uint32_t first;

	memset(ways, 0, sizeof(*ways));
	ways->cost = FAR;
	if (has_name(world, name)) {
		first = first_of(oracle, world, from, name);
		if (first != FAR)
			oracle_node(oracle, world, from, first, ways);
		ways->used[first == FAR ? from : first] = first != FAR;
		return;
	}
	if (world->cand[name][from].there) {
		ways->local = true;
		ways->used[from] = true;
		ways->cost = 0;
		return;
	}
	nearest(oracle, world, from, name, ways);
}

/* ---- pools -------------------------------------------------------------- */

static struct damc_name pool_of(const struct world *world, uint32_t name)
{
	struct damc_name pool = world->name[name];
	uint8_t at, last = 0;

	for (at = 0; at < pool.len; at += 1 + pool.wire[at])
		last = at;
	pool.len = last;
	return pool;
}

static bool is_member(const struct world *world, uint32_t name)
{
	uint32_t i;

	if (has_name(world, name) || !pool_of(world, name).len)
		return false;
	for (i = 0; i < world->n; i++)
		if (world->cand[name][i].there)
			return true;
	return false;
}

/* The best weight announced by those that are used. */
static uint32_t weight_of(const struct world *world, uint32_t name,
			  const struct oracle_ways *ways)
{
	uint32_t weight = 0, i;

	for (i = 0; i < world->n; i++)
		if (ways->used[i] && world->cand[name][i].weight > weight)
			weight = world->cand[name][i].weight;
	return weight;
}

static uint32_t least_cost(const struct oracle *oracle,
			   const struct world *world,
			   const struct damc_name *pool)
{
	struct oracle_ways ways;
	uint32_t least = FAR, i;

	for (i = 0; i < world->n_names; i++) {
		struct damc_name other = pool_of(world, i);

		if (!is_member(world, i) || !damc_name_equal(&other, pool))
			continue;
		oracle_name(oracle, world, 0, i, &ways);
		if (weight_of(world, i, &ways) && ways.cost < least)
			least = ways.cost;
	}
	return least;
}

uint32_t oracle_weight(const struct oracle *oracle, const struct world *world,
		       uint32_t name)
{
	struct damc_name pool = pool_of(world, name);
	struct oracle_ways ways;
	uint32_t i;

	if (!is_member(world, name))
		return FAR;
	for (i = 0; i < world->n_names; i++)
		if (damc_name_equal(&world->name[i], &pool) &&
		    has_name(world, i))
			return FAR;
	oracle_name(oracle, world, 0, name, &ways);
	if (ways.local || ways.cost == FAR)
		return FAR;
	return ways.cost == least_cost(oracle, world, &pool) ?
	       weight_of(world, name, &ways) : 0;
}
