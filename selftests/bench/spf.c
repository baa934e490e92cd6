// SPDX-License-Identifier: GPL-2.0
/*
 * Time of Dijkstra and of the difference it makes to the RIB, natively: a grid
 * of routers, a changed link, and many names behind a link that fails; beside a
 * bare Dijkstra over the same graph that computes nothing else. FEW and MANY names
 * are behind the same link.
 *
 * usage: spf grid SIDE COST_MAX | failure SIDE FEW MANY POOLS
 *
 * Prints lines "WHAT MIN MEDIAN MAX UNIT".
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "rib.h"

#define RUNS 201
#define TRIES 5
#define MEMBERS 4
#define SIDE_MAX 100
#define NODES_MAX (SIDE_MAX * SIDE_MAX)

/* Sides of a router in the grid; a link's number is its side's and 1. */
enum { NORTH, EAST, SOUTH, WEST, SIDES };

struct grid {
	uint32_t side;
	uint32_t n;
	uint32_t cost[NODES_MAX][SIDES];	/* 0: no link */
	struct dc_rib *rib;
	uint64_t changes;
	bool disturbed;
};

#define SEED 0x9e3779b97f4a7c15ULL

static uint64_t seed = SEED;

static uint64_t random64(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* Processor time: others' share of a busy machine is not ours to report. */
static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void print(const char *what, double *value, uint32_t n, const char *unit)
{
	qsort(value, n, sizeof(*value), by_value);
	printf("%s %.1f %.1f %.1f %s\n", what, value[0], value[n / 2],
	       value[n - 1], unit);
}

/* Of sorted values the one that so many of 1,000 do not pass. */
static void print_part(const char *what, const double *value, uint32_t n,
		       uint32_t part, const char *unit)
{
	double one = value[(n - 1) * (uint64_t)part / 1000];

	print(what, &one, 1, unit);
}

/* The largest. */
static void print_last(const char *what, double *value, uint32_t n,
		       const char *unit)
{
	qsort(value, n, sizeof(*value), by_value);
	print_part(what, value, n, 1000, unit);
}

/* ---- the grid ----------------------------------------------------------- */

static uint32_t beyond(const struct grid *grid, uint32_t node, uint32_t side)
{
	switch (side) {
	case NORTH:
		return node - grid->side;
	case SOUTH:
		return node + grid->side;
	case EAST:
		return node + 1;
	default:
		return node - 1;
	}
}

static void draw(struct grid *grid, uint32_t side, uint32_t cost_max)
{
	uint32_t i;

	grid->side = side;
	grid->n = side * side;
	for (i = 0; i < grid->n; i++) {
		uint32_t across = 1 + random64() % cost_max;
		uint32_t down = 1 + random64() % cost_max;

		if (i % side + 1 < side) {
			grid->cost[i][EAST] = across;
			grid->cost[i + 1][WEST] = across;
		}
		if (i + side < grid->n) {
			grid->cost[i][SOUTH] = down;
			grid->cost[i + side][NORTH] = down;
		}
	}
}

static struct dc_node_id id_of(uint32_t node)
{
	struct dc_node_id id;

	memset(&id, 0, sizeof(id));
	id.len = snprintf((char *)id.byte, sizeof(id.byte), "r%u", node);
	return id;
}

static void tell(struct grid *grid, uint32_t node)
{
	struct dc_node_id id = id_of(node);
	struct dc_link_lsa lsa = { .n = 0 };
	uint32_t side;

	for (side = 0; side < SIDES; side++) {
		if (!grid->cost[node][side])
			continue;
		lsa.link[lsa.n++] = (struct dc_link){
			.peer = id_of(beyond(grid, node, side)),
			.id = 1 + side,
			.peer_id = 1 + (side + 2) % SIDES,
			.cost = grid->cost[node][side],
		};
	}
	if (dc_rib_links(grid->rib, &id, &lsa) < 0)
		abort();
}

static void count_change(void *arg, const struct dc_fib_change *change)
{
	struct grid *grid = arg;

	(void)change;
	grid->changes++;
}

static void no_flush(void *arg)
{
	(void)arg;
}

static void start(struct grid *grid, uint32_t self)
{
	static const struct dc_fib_ops ops = { count_change, no_flush };
	struct dc_node_id id = id_of(self);

	grid->rib = dc_rib_new(&id, &ops, grid);
	if (!grid->rib)
		abort();
}

/* In the order of numbers, as a database would give them. */
static void tell_all(struct grid *grid)
{
	uint32_t i;

	for (i = 0; i < grid->n; i++)
		tell(grid, i);
}

static void announce(struct grid *grid, uint32_t node, const char *text,
		     uint8_t right)
{
	struct dc_prefix prefix = { .right = right, .weight = 1 };
	struct dc_node_id id = id_of(node);

	if (damc_name_parse(&prefix.name, text, NULL) ||
	    dc_rib_prefix(grid->rib, &id, &prefix, true))
		abort();
}

static void announce_nodes(struct grid *grid)
{
	char text[64];
	uint32_t i;

	for (i = 0; i < grid->n; i++) {
		snprintf(text, sizeof(text), "/damc/node/r%u", i);
		announce(grid, i, text, DC_RIGHT_NAME);
	}
}

/* ---- a bare Dijkstra ---------------------------------------------------- */

/* A binary heap of (distance, node), and the grid in compressed rows. */
struct bare {
	uint32_t first[NODES_MAX + 1];
	uint32_t to[NODES_MAX * SIDES];
	uint32_t cost[NODES_MAX * SIDES];
	uint32_t dist[NODES_MAX];
	uint64_t heap[NODES_MAX * SIDES];
	uint32_t n;
};

static void bare_make(struct bare *bare, const struct grid *grid)
{
	uint32_t i, side, n = 0;

	for (i = 0; i < grid->n; i++) {
		bare->first[i] = n;
		for (side = 0; side < SIDES; side++) {
			if (!grid->cost[i][side])
				continue;
			bare->to[n] = beyond(grid, i, side);
			bare->cost[n++] = grid->cost[i][side];
		}
	}
	bare->first[i] = n;
}

static void bare_push(struct bare *bare, uint64_t key)
{
	uint32_t i = bare->n++;

	for (; i && bare->heap[(i - 1) / 2] > key; i = (i - 1) / 2)
		bare->heap[i] = bare->heap[(i - 1) / 2];
	bare->heap[i] = key;
}

static uint64_t bare_pop(struct bare *bare)
{
	uint64_t least = bare->heap[0], key = bare->heap[--bare->n];
	uint32_t i = 0, child;

	while ((child = 2 * i + 1) < bare->n) {
		child += child + 1 < bare->n &&
			 bare->heap[child + 1] < bare->heap[child];
		if (bare->heap[child] >= key)
			break;
		bare->heap[i] = bare->heap[child];
		i = child;
	}
	bare->heap[i] = key;
	return least;
}

static void bare_run(struct bare *bare, uint32_t n, uint32_t root)
{
	memset(bare->dist, 0xff, n * sizeof(*bare->dist));
	bare->dist[root] = 0;
	bare->n = 0;
	bare_push(bare, root);
	while (bare->n) {
		uint64_t key = bare_pop(bare);
		uint32_t u = key, d = key >> 32, i;

		if (d != bare->dist[u])
			continue;
		for (i = bare->first[u]; i < bare->first[u + 1]; i++) {
			uint32_t to = bare->to[i], over = d + bare->cost[i];

			if (over >= bare->dist[to])
				continue;
			bare->dist[to] = over;
			bare_push(bare, (uint64_t)over << 32 | to);
		}
	}
}

static void time_bare(const struct grid *grid, uint32_t root)
{
	struct bare *bare = calloc(1, sizeof(*bare));
	double took[RUNS], from;
	uint32_t i;

	if (!bare)
		abort();
	bare_make(bare, grid);
	for (i = 0; i < RUNS; i++) {
		from = now_us();
		bare_run(bare, grid->n, root);
		took[i] = now_us() - from;
	}
	print("bare_dijkstra", took, RUNS, "us");
	free(bare);
}

/* ---- full and one link -------------------------------------------------- */

/* A link that no longer costs what it did is told by both its ends. */
static void change_cost(struct grid *grid, uint32_t node, uint32_t side,
			uint32_t cost)
{
	uint32_t peer = beyond(grid, node, side);

	grid->cost[node][side] = cost;
	grid->cost[peer][(side + 2) % SIDES] = cost;
	tell(grid, node);
	tell(grid, peer);
}

/*
 * What a node says of itself that has no links has no effect but that everything
 * is computed anew.
 */
static void disturb(struct grid *grid)
{
	struct dc_link_lsa lsa = { .n = 0 };
	struct dc_node_id id = { .len = 1, .byte = "x" };

	grid->disturbed = !grid->disturbed;
	lsa.flags = grid->disturbed ? DC_LSA_OVERLOAD : 0;
	if (dc_rib_links(grid->rib, &id, &lsa) != 1)
		abort();
}

static void time_full(struct grid *grid)
{
	double took[RUNS], from;
	uint32_t i;

	for (i = 0; i < RUNS; i++) {
		disturb(grid);
		from = now_us();
		dc_rib_compute(grid->rib);
		took[i] = now_us() - from;
	}
	print("full", took, RUNS, "us");
}

/* From nothing, the table's filling included. */
static void time_first(struct grid *grid, uint32_t self)
{
	double took[9], from;
	uint32_t i;

	for (i = 0; i < 9; i++) {
		start(grid, self);
		tell_all(grid);
		announce_nodes(grid);
		from = now_us();
		dc_rib_compute(grid->rib);
		took[i] = now_us() - from;
		dc_rib_free(grid->rib);
	}
	print("first", took, 9, "us");
}

static double time_link(struct grid *grid, uint32_t node, uint32_t side,
			uint32_t cost)
{
	double from = now_us();

	grid->changes = 0;
	change_cost(grid, node, side, cost);
	dc_rib_compute(grid->rib);
	return now_us() - from;
}

/*
 * A link costs 1000 more, and then what it did, TRIES times: the least time of
 * each, as what else the machine does is not the link's to answer for.
 */
static void time_both(struct grid *grid, uint32_t node, uint32_t side,
		      double *took, double *changes)
{
	uint32_t cost = grid->cost[node][side], i, k;
	double now;

	for (i = 0; i < TRIES; i++) {
		for (k = 0; k < 2; k++) {
			now = time_link(grid, node, side,
					k ? cost : cost + 1000);
			if (!i || now < took[k])
				took[k] = now;
			changes[k] = grid->changes;
		}
	}
}

/* Each link but this node's own. */
static void time_links(struct grid *grid, uint32_t self)
{
	static double took[NODES_MAX * SIDES], changes[NODES_MAX * SIDES];
	uint32_t node, side, n = 0;

	for (node = 0; node < grid->n; node++) {
		for (side = EAST; side <= SOUTH; side++) {
			if (!grid->cost[node][side] || node == self ||
			    beyond(grid, node, side) == self)
				continue;
			time_both(grid, node, side, &took[n], &changes[n]);
			n += 2;
		}
	}
	print("one_link", took, n, "us");
	print_part("one_link_99_of_100", took, n, 990, "us");
	print_part("one_link_999_of_1000", took, n, 999, "us");
	print_part("one_link_worst", took, n, 1000, "us");
	print("one_link_changes", changes, n, "changes");
}

/* Of a side; its median is one of @medians. */
static void print_own(const char *what, uint32_t side, double *value,
		      const char *unit, double *medians)
{
	static const char *const of[SIDES] = { "north", "east", "south", "west" };
	char text[32];

	snprintf(text, sizeof(text), "own_link_%s_%s", what, of[side]);
	print(text, value, RUNS, unit);
	medians[side] = value[RUNS / 2];
}

static double time_adjacency(struct grid *grid, uint32_t side, bool up)
{
	double from = now_us();

	grid->changes = 0;
	dc_rib_adjacency(grid->rib, 1 + side, up);
	dc_rib_compute(grid->rib);
	return now_us() - from;
}

/*
 * A link of this node's own goes and comes, on each side in its turn; and comes
 * to a neighbour whose ways are not known: all was computed anew while it was
 * down.
 */
static void time_own(struct grid *grid)
{
	double down[RUNS], up[RUNS], fresh[RUNS], changes[RUNS];
	double of_down[SIDES], of_up[SIDES], of_fresh[SIDES], of_changes[SIDES];
	uint32_t side, i;

	for (side = 0; side < SIDES; side++) {
		for (i = 0; i < RUNS; i++) {
			down[i] = time_adjacency(grid, side, false);
			up[i] = time_adjacency(grid, side, true);
			changes[i] = grid->changes;
			time_adjacency(grid, side, false);
			disturb(grid);
			dc_rib_compute(grid->rib);
			fresh[i] = time_adjacency(grid, side, true);
		}
		print_own("down", side, down, "us", of_down);
		print_own("up", side, up, "us", of_up);
		print_own("new", side, fresh, "us", of_fresh);
		print_own("changes", side, changes, "changes", of_changes);
	}
	print_last("own_link_down_worst", of_down, SIDES, "us");
	print_last("own_link_up_worst", of_up, SIDES, "us");
	print_last("own_link_new_worst", of_fresh, SIDES, "us");
}

static void bench_grid(struct grid *grid, uint32_t side, uint32_t cost_max)
{
	uint32_t self = side / 2 * side + side / 2;

	draw(grid, side, cost_max);
	time_bare(grid, self);
	time_first(grid, self);
	start(grid, self);
	tell_all(grid);
	announce_nodes(grid);
	dc_rib_compute(grid->rib);
	time_full(grid);
	time_links(grid, self);
	time_own(grid);
	dc_rib_free(grid->rib);
}

/* ---- names behind a failure --------------------------------------------- */

/* In use, what the C library adds included. */
static double in_use(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static void announce_names(struct grid *grid, uint32_t names)
{
	char text[64];
	uint32_t i;

	for (i = 0; i < names; i++) {
		snprintf(text, sizeof(text), "/service/%u/%u/%u", i % 977,
			 i / 977, i);
		announce(grid, i % grid->n, text, DC_RIGHT_NAME);
	}
}

static void announce_pools(struct grid *grid, uint32_t pools)
{
	char text[64];
	uint32_t i, k;

	for (i = 0; i < pools; i++) {
		for (k = 0; k < MEMBERS; k++) {
			snprintf(text, sizeof(text), "/pool/%u/%u", i, k);
			announce(grid, 1 + random64() % (grid->n - 1), text,
				 DC_RIGHT_MEMBER);
		}
	}
}

/*
 * This node is a corner; all ways lead over one of its two links, and over the
 * other when that fails. The same whatever the number of names.
 */
static void make_failure(struct grid *grid, uint32_t side, uint32_t names,
			 uint32_t pools)
{
	double bytes;

	seed = SEED;
	draw(grid, side, 1);
	grid->cost[0][SOUTH] = 1000;
	grid->cost[side][NORTH] = 1000;
	start(grid, 0);
	tell_all(grid);
	announce_nodes(grid);
	announce_pools(grid, pools);
	bytes = in_use();
	announce_names(grid, names);
	bytes = (in_use() - bytes) / names;
	dc_rib_compute(grid->rib);
	printf("name_%u %.1f %.1f %.1f bytes\n", names, bytes, bytes, bytes);
}

static void print_failure(const char *what, uint32_t names, double *value,
			  const char *unit)
{
	char text[32];

	snprintf(text, sizeof(text), "failure%s_%u", what, names);
	print(text, value, RUNS, unit);
}

/*
 * With few names and with many in turn, so that what else the machine does takes
 * as long from both; how much longer it takes with many is of neighbours.
 */
static void bench_failure(uint32_t side, const uint32_t *names, uint32_t pools)
{
	static struct grid grid[2];
	double took[2][RUNS], changes[2][RUNS], more[RUNS];
	uint32_t i, k;

	for (k = 0; k < 2; k++)
		make_failure(&grid[k], side, names[k], pools);
	for (i = 0; i < RUNS; i++) {
		for (k = 0; k < 2; k++) {
			took[k][i] = time_adjacency(&grid[k], EAST, i & 1);
			changes[k][i] = grid[k].changes;
		}
		more[i] = 100 * (took[1][i] / took[0][i] - 1);
	}
	print("failure_more", more, RUNS, "percent");
	for (k = 0; k < 2; k++) {
		print_failure("", names[k], took[k], "us");
		print_failure("_changes", names[k], changes[k], "changes");
		dc_rib_free(grid[k].rib);
	}
}

int main(int argc, char **argv)
{
	static struct grid grid;
	uint32_t side = argc > 2 ? atoi(argv[2]) : 0, names[2];

	if (side >= 2 && side <= SIDE_MAX && argc == 4 &&
	    !strcmp(argv[1], "grid")) {
		bench_grid(&grid, side, atoi(argv[3]));
		return 0;
	}
	if (side >= 2 && side <= SIDE_MAX && argc == 6 &&
	    !strcmp(argv[1], "failure")) {
		names[0] = atoi(argv[3]);
		names[1] = atoi(argv[4]);
		bench_failure(side, names, atoi(argv[5]));
		return 0;
	}
	fputs("usage: spf grid SIDE COST_MAX | failure SIDE FEW MANY POOLS\n",
	      stderr);
	return 2;
}
