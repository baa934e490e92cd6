// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "walk.h"

/* How often check_settle() looks, and for how long nothing must have changed. */
#define LOOK_NS SPREAD_NS
#define QUIET_NS (3 * SIM_S)

#define broken(sim, tell, check, ...)			\
	do {						\
		(sim)->tally.bad[check]++;		\
		if (tell)				\
			sim_broken(sim, __VA_ARGS__);	\
	} while (0)

/* ---- adjacencies ------------------------------------------------------- */

struct full {
	uint32_t ifindex;
	uint32_t n;
};

static int count_full(const struct dc_neighbour *neighbour, void *arg)
{
	struct full *full = arg;

	if (neighbour->ifindex == full->ifindex &&
	    !strcmp(neighbour->state, "full"))
		full->n++;
	return 0;
}

uint32_t check_adjacent(struct sim *sim, bool tell)
{
	uint32_t i, bad = 0;

	for (i = 0; i < sim->ports; i++) {
		const struct port *port = &sim->port[i];
		const struct host *host = &sim->host[port->host];
		struct full full = { port->ifindex, 0 };
		bool should = oracle_link(sim, i);

		if (!host->core)
			continue;
		sim->tally.judged[CHECK_ADJACENT]++;
		dc_node_neighbours(host->core, count_full, &full);
		if (full.n == should)
			continue;
		bad++;
		broken(sim, tell, CHECK_ADJACENT,
		       "host %u: %u full neighbours on interface %u to host %u: not %u",
		       port->host, full.n, port->ifindex,
		       sim->port[wire_other(sim, i)].host, should);
	}
	return bad;
}

/* ---- databases --------------------------------------------------------- */

/* Who has another digest than the first of its part: whether there is any. */
static bool digests_differ(const struct sim *sim, const struct oracle *oracle,
			   bool *differs)
{
	struct dc_hash *hash = sim_alloc(sim->hosts * sizeof(*hash));
	bool any = false;
	uint32_t i;

	for (i = 0; i < sim->hosts; i++) {
		if (oracle->part[i] == ORACLE_FAR)
			continue;
		dc_node_digest(sim->host[i].core, &hash[i]);
		differs[i] = memcmp(&hash[i], &hash[oracle->part[i]],
				    sizeof(*hash));
		any |= differs[i];
	}
	free(hash);
	return any;
}

/* Another of its part, that is not behind if there is one. */
static uint32_t other(const struct sim *sim, const struct oracle *oracle,
		      const bool *behind, uint32_t host)
{
	uint32_t i, any = host;

	for (i = 0; i < sim->hosts; i++) {
		if (i == host || oracle->part[i] != oracle->part[host])
			continue;
		any = i;
		if (!behind[i])
			break;
	}
	return any;
}

static uint32_t tell_behind(struct sim *sim, const struct oracle *oracle,
			    const bool *behind, bool tell)
{
	uint32_t i, than, bad = 0;

	for (i = 0; i < sim->hosts; i++) {
		if (oracle->part[i] == ORACLE_FAR)
			continue;
		sim->tally.judged[CHECK_DATABASE]++;
		if (!behind[i])
			continue;
		bad++;
		than = other(sim, oracle, behind, i);
		broken(sim, tell, CHECK_DATABASE,
		       "the databases of hosts %u and %u differ", than, i);
		if (tell && bad == 1)
			check_differ(sim, &sim->host[than], &sim->host[i]);
	}
	return bad;
}

/* What is under way excuses who is behind, and no digest of something else. */
static uint32_t check_spread(struct sim *sim, const struct oracle *oracle,
			     struct spread *spread, bool *behind, bool tell)
{
	uint64_t *content = sim_zalloc(sim->hosts, sizeof(*content));
	bool *differs = sim_alloc(sim->hosts);
	uint32_t i, first, bad = 0;
	bool same;

	memcpy(differs, behind, sim->hosts);
	spread_look(spread, sim, oracle, behind, content);
	for (i = 0; i < sim->hosts; i++) {
		first = oracle->part[i];
		if (first == ORACLE_FAR)
			continue;
		same = content[i] == content[first];
		if (differs[i] != same)
			continue;
		bad++;
		broken(sim, tell, CHECK_DATABASE,
		       "hosts %u and %u: a digest is not the database's",
		       first, i);
	}
	free(differs);
	free(content);
	return bad;
}

uint32_t check_databases(struct sim *sim, const struct oracle *oracle,
			 struct spread *spread, bool tell)
{
	bool *behind = sim_zalloc(sim->hosts, sizeof(*behind));
	uint32_t bad = 0;

	if (digests_differ(sim, oracle, behind) && spread)
		bad = check_spread(sim, oracle, spread, behind, tell);
	bad += tell_behind(sim, oracle, behind, tell);
	free(behind);
	return bad;
}

/* ---- tables against the oracle ----------------------------------------- */

static void sort(uint32_t *array, uint32_t n)
{
	uint32_t i, j, x;

	for (i = 1; i < n; i++) {
		x = array[i];
		for (j = i; j && array[j - 1] > x; j--)
			array[j] = array[j - 1];
		array[j] = x;
	}
}

/* By which ports the table sends for exactly this name. */
static uint32_t ports_used(const struct host *host, uint32_t name,
			   uint32_t port[DC_FIB_NEXTHOPS_MAX])
{
	const struct table_route *route = table_exact(&host->table, name);
	const struct table_set *set;
	uint32_t i;

	if (!route || route->kind != TABLE_SET)
		return 0;
	set = &host->table.set[route->set];
	for (i = 0; i < set->n; i++) {
		const struct table_neighbour *peer =
			table_peer(&host->table, set->link[i]);

		port[i] = peer ? host->port[peer->ifindex - 1] : UINT32_MAX;
	}
	sort(port, set->n);
	return set->n;
}

static bool check_name(struct sim *sim, const struct oracle *oracle,
		       uint32_t number, uint32_t name, bool tell)
{
	uint32_t is[DC_FIB_NEXTHOPS_MAX], should[DC_FIB_NEXTHOPS_MAX];
	uint32_t n = ports_used(&sim->host[number], name, is);
	uint32_t m = oracle_ways(oracle, number, name, should);
	char text[DAMC_NAME_TEXT_MAX];

	sim->tally.judged[CHECK_TABLE]++;
	sort(should, m);
	if (n == m && !memcmp(is, should, n * sizeof(*is)))
		return true;
	broken(sim, tell, CHECK_TABLE, "host %u sends %s by %u ways (port %d), not by %u (port %d)",
	       number, book_text(&sim->names, name, text), n,
	       n ? (int)is[0] : -1, m, m ? (int)should[0] : -1);
	return false;
}

uint32_t check_tables(struct sim *sim, const struct oracle *oracle, bool tell)
{
	uint32_t i, name, bad = 0;

	for (i = 0; i < sim->hosts; i++)
		for (name = 0; sim->host[i].core && name < sim->names.n; name++)
			bad += !check_name(sim, oracle, i, name, tell);
	return bad;
}

/* ---- walks ------------------------------------------------------------- */

/* Somebody whom the host can reach has it, or something that covers it. */
static bool has_owner(const struct oracle *oracle, uint32_t host, uint32_t name)
{
	uint32_t port[DC_FIB_NEXTHOPS_MAX];

	for (; name != NAME_NONE; name = oracle->sim->names.name[name].parent)
		if (oracle_local(oracle, host, name) ||
		    oracle_ways(oracle, host, name, port))
			return true;
	return false;
}

static bool check_walk(struct sim *sim, struct walk *walk, uint32_t host,
		       bool tell)
{
	enum walk_end end = walk_from(walk, host);
	bool should = has_owner(walk->oracle, host, walk->name);
	char text[DAMC_NAME_TEXT_MAX];

	sim->tally.judged[CHECK_LOOP]++;
	sim->tally.judged[CHECK_REACH]++;
	if (end == WALK_LOOP)
		broken(sim, tell, CHECK_LOOP,
		       "a packet for %s from host %u loops",
		       book_text(&sim->names, walk->name, text), host);
	else if (should != (end == WALK_DELIVERED))
		broken(sim, tell, CHECK_REACH,
		       "a packet for %s from host %u is %s",
		       book_text(&sim->names, walk->name, text), host,
		       should ? "lost" : "delivered to somebody");
	else
		return true;
	return false;
}

uint32_t check_walks(struct sim *sim, const struct oracle *oracle, bool tell)
{
	uint32_t i, name, bad = 0;
	struct walk walk;

	walk_init(&walk, oracle);
	for (name = 0; name < oracle->names; name++) {
		if (oracle->owned[name] == UINT32_MAX)
			continue;
		walk_name(&walk, name);
		for (i = 0; i < sim->hosts; i++)
			if (sim->host[i].core)
				bad += !check_walk(sim, &walk, i, tell);
	}
	walk_free(&walk);
	return bad;
}

/* ---- backups ----------------------------------------------------------- */

/* One name of each set is enough: what leads to one set goes the same way. */
static uint32_t check_host_backups(struct sim *sim, struct walk *walk,
				   struct host *host, bool tell)
{
	bool *seen = sim_zalloc(host->table.sets, sizeof(*seen));
	uint32_t name, bad = 0;

	for (name = 0; name < host->table.routes; name++) {
		const struct table_route *route = table_exact(&host->table, name);
		const struct table_neighbour *peer;
		char text[DAMC_NAME_TEXT_MAX];
		const struct table_set *set;

		if (!route || route->kind != TABLE_SET || seen[route->set])
			continue;
		seen[route->set] = true;
		set = &host->table.set[route->set];
		peer = set->backup ? table_peer(&host->table, set->backup) : NULL;
		if (!peer)
			continue;
		sim->tally.judged[CHECK_BACKUP]++;
		walk_name(walk, name);
		if (!walk_visits(walk, peer->host, host->number))
			continue;
		bad++;
		broken(sim, tell, CHECK_BACKUP,
		       "host %u's backup for %s, host %u, sends it back",
		       host->number, book_text(&sim->names, name, text),
		       peer->host);
	}
	free(seen);
	return bad;
}

uint32_t check_backups(struct sim *sim, const struct oracle *oracle, bool tell)
{
	uint32_t i, bad = 0;
	struct walk walk;

	walk_init(&walk, oracle);
	for (i = 0; i < sim->hosts; i++)
		if (sim->host[i].core)
			bad += check_host_backups(sim, &walk, &sim->host[i], tell);
	walk_free(&walk);
	return bad;
}

/* ---- all of it --------------------------------------------------------- */

/* Cheapest first: while it waits, one fault is enough. */
static uint32_t check_all(struct sim *sim, struct spread *spread, bool tell)
{
	uint32_t bad = check_adjacent(sim, tell), i;
	struct oracle oracle;

	if (bad && !tell)
		return bad;
	oracle_init(&oracle, sim);
	bad += check_databases(sim, &oracle, spread, tell);
	if (tell || !bad)
		bad += check_tables(sim, &oracle, tell);
	if (tell || !bad)
		bad += check_walks(sim, &oracle, tell);
	if (tell || !bad)
		bad += check_backups(sim, &oracle, tell);
	for (i = 0; i < sim->hosts && (tell || !bad); i++) {
		if (!sim->host[i].core)
			continue;
		bad += check_heard(sim, &sim->host[i], tell);
		bad += check_rib(sim, &sim->host[i], tell);
	}
	oracle_free(&oracle);
	return bad;
}

static uint32_t look(struct sim *sim, struct spread *spread, bool tell)
{
	struct tally before = sim->tally;
	uint32_t bad = check_all(sim, spread, tell);

	/* It is looked at again. */
	if (bad && !tell)
		sim->tally = before;
	return bad;
}

uint32_t check_rest(struct sim *sim, bool tell)
{
	return look(sim, NULL, tell);
}

uint64_t check_settle(struct sim *sim, uint64_t most)
{
	uint64_t end = sim->now + most;
	struct spread spread = { 0 };
	uint32_t bad = 1;
	bool last;

	do {
		sim_pass(sim, LOOK_NS);
		last = sim->now >= end;
		if (last || sim->now - sim->changed >= QUIET_NS)
			bad = look(sim, &spread, last);
	} while (bad && !last);
	spread_free(&spread);
	return bad ? UINT64_MAX : sim->changed;
}
