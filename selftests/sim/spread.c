// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "lsdb.h"
#include "spread.h"

#define BUCKETS_MIN 1024

/**
 * struct version - an object as one connected part had it
 * @holders: how many of the part have some version of it now
 * @next: in its bucket, or UINT32_MAX
 */
struct version {
	uint32_t part;
	struct dc_hash key;
	struct dc_seq seq;
	struct dc_hash hash;
	uint32_t holders;
	uint32_t next;
};

/**
 * struct reader - a host's database is gone through
 * @sum: looking, how much of what was noted it has; noting, of its hashes
 */
struct reader {
	struct spread *spread;
	uint32_t part;
	uint64_t sum;
};

/* ---- what was noted ---------------------------------------------------- */

static uint32_t *bucket_of(const struct spread *spread,
			   const struct version *version)
{
	uint64_t at = lsdb_short(&version->key) + version->part;

	return &spread->bucket[at & (spread->buckets - 1)];
}

static struct version *find(const struct spread *spread,
			    const struct version *like)
{
	uint32_t i = spread->n ? *bucket_of(spread, like) : UINT32_MAX;

	for (; i != UINT32_MAX; i = spread->version[i].next)
		if (spread->version[i].part == like->part &&
		    !memcmp(&spread->version[i].key, &like->key,
			    sizeof(like->key)))
			return &spread->version[i];
	return NULL;
}

static void chain(struct spread *spread, uint32_t i)
{
	struct version *version = &spread->version[i];
	uint32_t *bucket = bucket_of(spread, version);

	version->next = *bucket;
	*bucket = i;
}

static void rehash(struct spread *spread)
{
	uint32_t i;

	spread->buckets = spread->buckets ? 2 * spread->buckets : BUCKETS_MIN;
	free(spread->bucket);
	spread->bucket = sim_alloc(spread->buckets * sizeof(*spread->bucket));
	memset(spread->bucket, 0xff,
	       spread->buckets * sizeof(*spread->bucket));
	for (i = 0; i < spread->n; i++)
		chain(spread, i);
}

static void add(struct spread *spread, const struct version *version)
{
	if (spread->n == spread->buckets)
		rehash(spread);
	spread->version = sim_grow(spread->version, spread->n, &spread->size,
				   sizeof(*spread->version));
	spread->version[spread->n] = *version;
	chain(spread, spread->n++);
}

void spread_free(struct spread *spread)
{
	free(spread->version);
	free(spread->bucket);
	*spread = (struct spread){ 0 };
}

/* ---- databases --------------------------------------------------------- */

/* As lsdb_cmp(): of two of one sequence all prefer the same one. */
static bool newer(const struct version *a, const struct version *b)
{
	int cmp = dc_seq_cmp(&a->seq, &b->seq);

	return cmp ? cmp > 0 : memcmp(&a->hash, &b->hash, sizeof(a->hash)) > 0;
}

static struct version version_of(const struct dc_object *object, uint32_t part)
{
	struct version is = { .part = part, .seq = object->seq };
	enum dc_type type;

	/* What cannot be read is in no database. */
	if (lsdb_key(&is.key, &type, object, &is.hash) < 0)
		abort();
	dc_object_hash(object, &is.hash);
	return is;
}

static int note(const struct dc_object *object, uint32_t left_s, void *arg)
{
	struct reader *reader = arg;
	struct version is = version_of(object, reader->part);
	struct version *known = find(reader->spread, &is);

	if (!known) {
		add(reader->spread, &is);
	} else if (newer(&is, known)) {
		known->seq = is.seq;
		known->hash = is.hash;
	}
	reader->sum += lsdb_short(&is.hash);
	return 0;
}

static int look(const struct dc_object *object, uint32_t left_s, void *arg)
{
	struct reader *reader = arg;
	struct version is = version_of(object, reader->part);
	struct version *known = find(reader->spread, &is);

	if (!known)
		return 0;
	known->holders++;
	reader->sum += !newer(known, &is);
	return 0;
}

/* Each live host's: what the reader sums goes to @sum. */
static void each(struct spread *spread, const struct sim *sim,
		 const struct oracle *oracle, uint64_t *sum,
		 int (*one)(const struct dc_object *object, uint32_t left_s,
			    void *arg))
{
	uint32_t i;

	for (i = 0; i < sim->hosts; i++) {
		struct reader reader = { spread, oracle->part[i], 0 };

		if (oracle->part[i] == ORACLE_FAR)
			continue;
		dc_node_lsdb(sim->host[i].core, one, &reader);
		sum[i] = reader.sum;
	}
}

static void judge(struct spread *spread, const struct sim *sim,
		  const struct oracle *oracle, bool *behind)
{
	uint64_t *held = sim_zalloc(sim->hosts, sizeof(*held));
	uint32_t *there = sim_zalloc(sim->hosts, sizeof(*there)), i;

	each(spread, sim, oracle, held, look);
	for (i = 0; i < spread->n; i++)
		there[spread->version[i].part] += spread->version[i].holders > 0;
	for (i = 0; i < sim->hosts; i++)
		behind[i] = oracle->part[i] != ORACLE_FAR &&
			held[i] < there[oracle->part[i]];
	free(there);
	free(held);
}

void spread_look(struct spread *spread, const struct sim *sim,
		 const struct oracle *oracle, bool *behind, uint64_t *content)
{
	if (spread->n && spread->at + SPREAD_NS == sim->now)
		judge(spread, sim, oracle, behind);
	spread_free(spread);
	spread->at = sim->now;
	each(spread, sim, oracle, content, note);
}
