// SPDX-License-Identifier: GPL-2.0
/*
 * Time of a lookup, natively, one by one and DAMC_BATCH at once: the module's
 * name.c, table.c and fib.c as they stand, compiled in user space, beside
 * trie.h. Destinations are drawn at random from all routes, so that both miss
 * caches as large tables do; a lookup, or eight at once, ends before the next
 * begins. Then the worst that a name can cost: routes of as many depths as there
 * may be, and names of as many components that none of them matches.
 *
 * usage: lookup SIZE ROUTES REPEATS	prints lines "fib NS", "batch NS", "trie NS",
 *					"deep NS", "miss NS"
 */
#include <stdio.h>
#include <time.h>

#include "fib.h"
#include "names.h"
#include "trie.h"

#define ASKED 65536
#define ROUNDS 4

struct damc_target {
	unsigned int number;
};

struct question {
	uint8_t key[DAMC_NAME_MAX];
	uint32_t route;
};

static struct damc_fib fib;
static struct trie trie;
static struct mutex lock;
static struct question asked[ASKED];
static struct damc_target target;

static uint64_t random64(void)
{
	static uint64_t x = 0x9e3779b97f4a7c15ULL;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

static void insert(unsigned int size, unsigned int i)
{
	uint8_t key[BENCH_NAME_ROOM] = { 0 };
	char text[BENCH_NAME_ROOM];
	struct damc_name name = { .wire = key };

	bench_route(text, size, i);
	name.len = bench_wire(key, text);
	trie_insert(&trie, key, name.len * 8, i);
	if (damc_fib_insert(&fib, &name, 0, &target))
		abort();
}

static void fill(unsigned int size, unsigned int routes)
{
	siphash_key_t key = { .key = { random64(), random64() } };
	unsigned int *order = malloc(routes * sizeof(*order)), i;

	if (!order)
		abort();
	damc_fib_init(&fib, &lock, &key);
	trie.size = (size + 3) & ~3U;
	for (i = 0; i < routes; i++)
		order[i] = i;
	for (i = routes; i-- > 1;) {
		unsigned int j = random64() % (i + 1), swap = order[i];

		order[i] = order[j];
		order[j] = swap;
	}
	for (i = 0; i < routes; i++)
		insert(size, order[i]);
	free(order);
}

static void draw(unsigned int size, unsigned int routes)
{
	char text[BENCH_NAME_ROOM];
	unsigned int i;

	for (i = 0; i < ASKED; i++) {
		asked[i].route = random64() % routes;
		bench_destination(text, size, asked[i].route);
		bench_wire(asked[i].key, text);
	}
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

/*
 * A packet's own work lies between two lookups, more than a CPU looks ahead.
 * So that it doesn't begin the next while it waits for memory, what to look up
 * next depends on what was found: by nothing, which it can't know.
 */
uint32_t nothing;

static const struct question *next(unsigned int i, uint32_t found)
{
	return &asked[(i + (found & nothing)) % ASKED];
}

static double time_fib(unsigned int size, bool hit)
{
	double start = now();
	uint32_t found = 0;
	unsigned int i;

	for (i = 0; i < ASKED * ROUNDS; i++) {
		struct damc_name name = { .wire = next(i, found)->key, .len = size };
		struct damc_fib_entry *entry = damc_fib_lookup(&fib, &name);

		if (!entry == hit)
			abort();
		found = hit ? entry->node.len : name.len;
	}
	return (now() - start) / (ASKED * ROUNDS);
}

/* Routes of all depths that there may be, one below the other. */
static void deepen(void)
{
	uint8_t key[2 * DAMC_DEPTHS_MAX];
	struct damc_name name = { .wire = key };

	while (name.len < sizeof(key)) {
		key[name.len++] = 1;
		key[name.len++] = 'd';
		if (damc_fib_insert(&fib, &name, 0, &target))
			abort();
	}
}

/* Names of components of 2 bytes; returns their size. */
static unsigned int draw_misses(void)
{
	unsigned int i, at;

	for (i = 0; i < ASKED; i++)
		for (at = 0; at < 3 * DAMC_COMPONENTS_MAX; at += 3) {
			uint64_t r = random64();

			asked[i].key[at] = 2;
			memcpy(asked[i].key + at + 1, &r, 2);
		}
	return 3 * DAMC_COMPONENTS_MAX;
}

static double time_batch(unsigned int size)
{
	struct damc_fib_entry *entries[DAMC_BATCH];
	struct damc_name names[DAMC_BATCH];
	double start = now();
	uint32_t found = 0;
	unsigned int i, j;

	for (i = 0; i < ASKED * ROUNDS; i += DAMC_BATCH) {
		for (j = 0; j < DAMC_BATCH; j++)
			names[j] = (struct damc_name){
				.wire = next(i + j, found)->key, .len = size,
			};
		damc_fib_lookup_all(&fib, names, DAMC_BATCH, entries);
		for (j = 0; j < DAMC_BATCH; j++) {
			if (!entries[j])
				abort();
			found |= entries[j]->node.len;
		}
	}
	return (now() - start) / (ASKED * ROUNDS);
}

static double time_trie(unsigned int size)
{
	double start = now();
	uint32_t found = 0;
	unsigned int i;

	for (i = 0; i < ASKED * ROUNDS; i++) {
		const struct question *question = next(i, found);
		const uint32_t *value = trie_lookup(&trie, question->key, size * 8);

		if (!value || *value != question->route)
			abort();
		found = *value;
	}
	return (now() - start) / (ASKED * ROUNDS);
}

int main(int argc, char **argv)
{
	unsigned int size, routes, repeats, i;

	if (argc != 4)
		return 2;
	size = strtoul(argv[1], NULL, 10);
	routes = strtoul(argv[2], NULL, 10);
	repeats = strtoul(argv[3], NULL, 10);
	fill(size, routes);
	draw(size, routes);
	for (i = 0; i < repeats; i++)
		printf("fib %.1f\nbatch %.1f\ntrie %.1f\n",
		       time_fib(size, true), time_batch(size), time_trie(size));
	deepen();
	for (i = 0; i < repeats; i++)
		printf("deep %.1f\n", time_fib(size, true));
	size = draw_misses();
	for (i = 0; i < repeats; i++)
		printf("miss %.1f\n", time_fib(size, false));
	return 0;
}
