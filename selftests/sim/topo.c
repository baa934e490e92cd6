// SPDX-License-Identifier: GPL-2.0
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "rng.h"
#include "topo.h"

#define DELAY_US 100
#define MBIT 10000
#define COST 10
#define NODES_MAX 20000

static void edge(struct topo *topo, uint32_t a, uint32_t b, uint32_t delay_us)
{
	topo->edge = sim_grow(topo->edge, topo->edges, &topo->size,
			      sizeof(*topo->edge));
	topo->edge[topo->edges++] = (struct topo_edge){
		a, b, delay_us, MBIT, COST, COST
	};
}

static void ring(struct topo *topo, uint32_t n, struct rng *rng)
{
	uint32_t i;

	topo->n = n;
	for (i = 0; i < n; i++)
		edge(topo, i, (i + 1) % n, DELAY_US);
}

static void line(struct topo *topo, uint32_t n, struct rng *rng)
{
	uint32_t i;

	topo->n = n;
	for (i = 0; i + 1 < n; i++)
		edge(topo, i, i + 1, DELAY_US);
}

/* As square as it gets with @n nodes or fewer. */
static void grid(struct topo *topo, uint32_t n, struct rng *rng)
{
	uint32_t side = sqrt(n), x, y;

	topo->n = side * side;
	for (y = 0; y < side; y++)
		for (x = 0; x < side; x++) {
			if (x + 1 < side)
				edge(topo, y * side + x, y * side + x + 1,
				     DELAY_US);
			if (y + 1 < side)
				edge(topo, y * side + x, (y + 1) * side + x,
				     DELAY_US);
		}
}

/*
 * Three stages of switches with @k ports (the largest with no more than @n
 * nodes): (k/2)^2 cores, k pods of k/2 and k/2.
 */
static void fat_tree(struct topo *topo, uint32_t n, struct rng *rng)
{
	uint32_t k = 2, half, pod, i, j, above, below;

	while (5 * (k + 2) * (k + 2) / 4 <= n)
		k += 2;
	half = k / 2;
	topo->n = half * half + k * k;
	for (pod = 0; pod < k; pod++) {
		above = half * half + pod * k;
		below = above + half;
		for (i = 0; i < half; i++)
			for (j = 0; j < half; j++) {
				edge(topo, above + i, below + j, DELAY_US / 10);
				edge(topo, above + i, i * half + j,
				     DELAY_US / 10);
			}
	}
}

/* Which nodes are one piece with node 0. */
static uint32_t flood_fill(const struct topo *topo, bool *in)
{
	uint32_t found = 1;
	bool more = true;
	size_t i;

	memset(in, 0, topo->n);
	in[0] = true;
	while (more) {
		more = false;
		for (i = 0; i < topo->edges; i++) {
			const struct topo_edge *e = &topo->edge[i];

			if (in[e->a] == in[e->b])
				continue;
			in[e->a] = true;
			in[e->b] = true;
			found++;
			more = true;
		}
	}
	return found;
}

/* Points in a square: near ones are joined, and lone pieces to what is nearest. */
static void geometric(struct topo *topo, uint32_t n, struct rng *rng)
{
	double radius = sqrt(5.0 / (M_PI * n));
	double *x = sim_alloc(n * sizeof(*x)), *y = sim_alloc(n * sizeof(*y));
	bool *in = sim_alloc(n);
	uint32_t i, j;

	topo->n = n;
	for (i = 0; i < n; i++) {
		x[i] = rng_unit(rng);
		y[i] = rng_unit(rng);
		for (j = 0; j < i; j++)
			if (hypot(x[i] - x[j], y[i] - y[j]) < radius)
				edge(topo, i, j,
				     1 + 10000 * hypot(x[i] - x[j], y[i] - y[j]));
	}
	while (flood_fill(topo, in) < n) {
		uint32_t from = 0, to = 0;
		double best = 2;

		for (i = 0; i < n; i++)
			for (j = 0; in[i] && j < n; j++)
				if (!in[j] && hypot(x[i] - x[j], y[i] - y[j]) < best) {
					best = hypot(x[i] - x[j], y[i] - y[j]);
					from = i;
					to = j;
				}
		edge(topo, from, to, 1 + 10000 * best);
	}
	free(x);
	free(y);
	free(in);
}

/* A tree, and one link more for each two nodes, some of them twice the same. */
static void random_graph(struct topo *topo, uint32_t n, struct rng *rng)
{
	uint32_t i, a, b;

	topo->n = n;
	for (i = 1; i < n; i++)
		edge(topo, i, rng_below(rng, i), rng_range(rng, 10, 5000));
	for (i = 0; n > 1 && i < n / 2; i++) {
		a = rng_below(rng, n);
		b = rng_below(rng, n - 1);
		edge(topo, a, b < a ? b : b + 1, rng_range(rng, 10, 5000));
	}
}

/* The draft's: gateways 0..3, routers 4..6 (selftests/damc/figure2.sh). */
static void figure2(struct topo *topo, uint32_t n, struct rng *rng)
{
	static const uint8_t pair[][2] = {
		{ 0, 4 }, { 1, 5 }, { 2, 4 }, { 2, 6 }, { 3, 5 }, { 3, 6 },
		{ 4, 5 }, { 4, 6 }, { 5, 6 },
	};
	size_t i;

	topo->n = 7;
	for (i = 0; i < ARRAY_SIZE(pair); i++)
		edge(topo, pair[i][0], pair[i][1], DELAY_US);
}

static const struct {
	const char *name;
	void (*make)(struct topo *topo, uint32_t n, struct rng *rng);
} kinds[] = {
	{ "ring", ring }, { "line", line }, { "grid", grid },
	{ "fattree", fat_tree }, { "geometric", geometric },
	{ "random", random_graph }, { "figure2", figure2 },
};

static bool make(struct topo *topo, const char *what, uint64_t seed)
{
	struct rng rng = rng_fork(seed, 'g');
	size_t kind, len = strcspn(what, ":");
	unsigned long n = what[len] ? strtoul(what + len + 1, NULL, 10) : 7;

	if (n < 2 || n > NODES_MAX)
		return false;
	for (kind = 0; kind < ARRAY_SIZE(kinds); kind++)
		if (strlen(kinds[kind].name) == len &&
		    !strncmp(kinds[kind].name, what, len)) {
			kinds[kind].make(topo, n, &rng);
			return true;
		}
	return false;
}

static bool read_edge(struct topo *topo, const char *line)
{
	struct topo_edge e = { .cost = COST, .cost_back = COST };

	if (*line == '#' || *line == '\n')
		return true;
	if (sscanf(line, "%u %u %u %u", &e.a, &e.b, &e.delay_us, &e.mbit) != 4)
		return false;
	if (e.a == e.b || e.a >= NODES_MAX || e.b >= NODES_MAX || !e.mbit)
		return false;
	edge(topo, e.a, e.b, e.delay_us ? e.delay_us : 1);
	topo->edge[topo->edges - 1].mbit = e.mbit;
	if (e.a >= topo->n)
		topo->n = e.a + 1;
	if (e.b >= topo->n)
		topo->n = e.b + 1;
	return true;
}

static bool read_file(struct topo *topo, const char *path)
{
	FILE *file = fopen(path, "r");
	char line[256];
	bool good = true;

	if (!file)
		return false;
	while (good && fgets(line, sizeof(line), file))
		good = read_edge(topo, line);
	fclose(file);
	return good && topo->n > 1;
}

bool topo_get(struct topo *topo, const char *what, uint64_t seed)
{
	const char *base = strrchr(what, '/');

	*topo = (struct topo){ 0 };
	snprintf(topo->name, sizeof(topo->name), "%s", base ? base + 1 : what);
	if (base ? read_file(topo, what) : make(topo, what, seed))
		return true;
	fprintf(stderr, "sim: %s is no topology\n", what);
	topo_free(topo);
	return false;
}

void topo_free(struct topo *topo)
{
	free(topo->edge);
	topo->edge = NULL;
	topo->edges = 0;
	topo->size = 0;
}

void topo_costs(struct topo *topo, uint64_t seed)
{
	struct rng rng = rng_fork(seed, 'c');
	uint32_t kinds_of_cost = rng_range(&rng, 1, 4);
	size_t i;

	for (i = 0; i < topo->edges; i++) {
		struct topo_edge *e = &topo->edge[i];

		e->cost = COST * rng_range(&rng, 1, kinds_of_cost);
		e->cost_back = e->cost;
		if (!rng_below(&rng, 8))
			e->cost_back = COST * rng_range(&rng, 1, 4);
	}
}
