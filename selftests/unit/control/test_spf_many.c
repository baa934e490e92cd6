// SPDX-License-Identifier: GPL-2.0
/*
 * Hundreds of nodes, one change after the other: what is corrected where changes
 * reach is what comes out when all is computed anew. (test_rib_random.c holds
 * small worlds against the rules as they are written.)
 */
#include <string.h>

#include "check.h"
#include "rib_internal.h"

#define NODES 240
#define LINKS 700
#define WORLDS 12
#define STEPS 150

struct link {
	uint32_t node[2];
	uint32_t cost[2];
	bool there;
	bool usable;		/* as node 0, if it is at an end, finds it */
};

/* Two RIBs of node 0, one of which computes all anew each time. */
struct many {
	uint32_t n;
	uint32_t n_links;
	struct link link[LINKS];
	bool overload[NODES];
	bool disturbed;
	struct dc_rib *rib;
	struct dc_rib *anew;
};

static struct many many;

static void ignore(void *arg, const struct dc_fib_change *change)
{
	(void)arg;
	(void)change;
}

static struct dc_node_id id_of(uint32_t node)
{
	struct dc_node_id id;

	memset(&id, 0, sizeof(id));
	id.len = snprintf((char *)id.byte, sizeof(id.byte), "r%u", node);
	return id;
}

/* ---- the world ---------------------------------------------------------- */

static uint32_t degree(uint32_t node)
{
	uint32_t n = 0, i;

	for (i = 0; i < many.n_links; i++)
		n += many.link[i].node[0] == node ||
		     many.link[i].node[1] == node;
	return n;
}

static void add_link(uint32_t a, uint32_t b, uint32_t cost_max)
{
	struct link *link = &many.link[many.n_links];

	if (a == b || many.n_links == LINKS || degree(a) == DC_LINKS_MAX ||
	    degree(b) == DC_LINKS_MAX)
		return;
	*link = (struct link){ .node = { a, b }, .there = true, .usable = true };
	link->cost[0] = 1 + check_below(cost_max);
	link->cost[1] = check_below(4) ? link->cost[0] :
					 1 + check_below(cost_max);
	many.n_links++;
}

/* A grid with a hub in its corner, or anything that holds together. */
static void draw(uint32_t cost_max, uint32_t width)
{
	uint32_t own = 1 + check_below(11), i;

	for (i = 1; i < many.n; i++) {
		if (!width)
			add_link(i, check_below(i), cost_max);
		else if (i % width)
			add_link(i, i - 1, cost_max);
		if (width && i >= width)
			add_link(i, i - width, cost_max);
		if (!width)
			add_link(i, check_below(many.n), cost_max);
	}
	for (i = 0; i < own; i++)
		add_link(0, 1 + check_below(many.n - 1), cost_max);
}

static void tell(uint32_t node)
{
	struct dc_link_lsa lsa = { .n = 0 };
	struct dc_node_id id = id_of(node);
	uint32_t i, end;

	lsa.flags = many.overload[node] ? DC_LSA_OVERLOAD : 0;
	for (i = 0; i < many.n_links; i++) {
		const struct link *link = &many.link[i];

		end = link->node[1] == node;
		if (!link->there || link->node[end] != node)
			continue;
		lsa.link[lsa.n++] = (struct dc_link){
			.peer = id_of(link->node[!end]),
			.id = 1 + i,
			.peer_id = 1 + i,
			.cost = link->cost[end],
		};
	}
	assert_true(dc_rib_links(many.rib, &id, &lsa) >= 0);
	assert_true(dc_rib_links(many.anew, &id, &lsa) >= 0);
}

static void begin(uint32_t cost_max, uint32_t width)
{
	static const struct dc_fib_ops ops = { .change = ignore };
	struct dc_node_id self = id_of(0);
	uint32_t i;

	memset(&many, 0, sizeof(many));
	many.n = NODES / 2 + check_below(NODES / 2);
	many.rib = dc_rib_new(&self, &ops, NULL);
	many.anew = dc_rib_new(&self, &ops, NULL);
	assert_true(many.rib && many.anew);
	draw(cost_max, width);
	for (i = 0; i < many.n; i++)
		tell(i);
}

static void end(void)
{
	dc_rib_free(many.rib);
	dc_rib_free(many.anew);
}

/* ---- changes ------------------------------------------------------------ */

static void use(struct link *link)
{
	link->usable = !link->usable;
	dc_rib_adjacency(many.rib, 1 + (link - many.link), link->usable);
	dc_rib_adjacency(many.anew, 1 + (link - many.link), link->usable);
}

/* That a link is not usable is forgotten when the node tells of none. */
static void toggle(struct link *link)
{
	link->there = !link->there;
	if (!link->node[0] || !link->node[1])
		link->usable = true;
}

static void change(uint32_t cost_max)
{
	struct link *link = &many.link[check_below(many.n_links)];
	bool own = !link->node[0] || !link->node[1];

	switch (check_below(own ? 6 : 5)) {
	case 0:
		toggle(link);
		break;
	case 1:
		link->cost[0] = 1 + check_below(cost_max);
		break;
	case 2:
		link->cost[0] += 1000;
		link->cost[1] += 1000;
		break;
	case 5:
		use(link);
		return;
	default:
		link->cost[0] = 1 + check_below(cost_max);
		link->cost[1] = link->cost[0];
	}
	tell(link->node[0]);
	tell(link->node[1]);
}

static void step(uint32_t cost_max)
{
	uint32_t n = check_below(4) ? 1 : 1 + check_below(6), node;

	if (!check_below(20)) {
		node = check_below(many.n);
		many.overload[node] = !many.overload[node];
		tell(node);
	}
	while (n--)
		change(cost_max);
}

/* ---- the same ----------------------------------------------------------- */

/* A node that nobody reaches is overloaded, or is not any more. */
static void compute_anew(void)
{
	struct dc_link_lsa lsa = { .n = 0 };
	struct dc_node_id id = { .len = 1, .byte = "x" };

	many.disturbed = !many.disturbed;
	lsa.flags = many.disturbed ? DC_LSA_OVERLOAD : 0;
	assert_int_equal(dc_rib_links(many.anew, &id, &lsa), 1);
	dc_rib_compute(many.anew);
}

struct shown {
	uint32_t n;
	struct dc_spf_node node[NODES + 1];
};

static int show(const struct dc_spf_node *node, void *arg)
{
	struct shown *shown = arg;

	if (node->node.len == 1)
		return 0;
	assert_true(shown->n < NODES);
	shown->node[shown->n++] = *node;
	return 0;
}

static void same_node(const struct dc_spf_node *a, const struct dc_spf_node *b)
{
	assert_int_equal(a->node.len, b->node.len);
	assert_memory_equal(a->node.byte, b->node.byte, a->node.len);
	assert_int_equal(a->cost, b->cost);
	assert_int_equal(a->n, b->n);
	assert_memory_equal(a->nexthop, b->nexthop,
			    a->n * sizeof(a->nexthop[0]));
	assert_int_equal(a->backup, b->backup);
	assert_ptr_equal(a->protects, b->protects);
	assert_ptr_equal(a->unprotected, b->unprotected);
}

static void check(void)
{
	static struct shown shown, anew;
	uint32_t i;

	dc_rib_compute(many.rib);
	compute_anew();
	shown.n = 0;
	anew.n = 0;
	dc_spf_each(many.rib, show, &shown);
	dc_spf_each(many.anew, show, &anew);
	assert_int_equal(shown.n, anew.n);
	for (i = 0; i < shown.n; i++)
		same_node(&shown.node[i], &anew.node[i]);
}

static void live(uint32_t cost_max, uint32_t width, bool narrow)
{
	uint32_t i;

	begin(cost_max, width);
	check();
	for (i = 0; i < STEPS; i++) {
		step(cost_max);
		/* The queue's memory is what it was; less of it may be used. */
		if (narrow)
			many.rib->spf.queue.room = DC_LINKS_MAX + check_below(64);
		check();
	}
	end();
}

static void worlds(bool narrow)
{
	static const uint32_t cost_max[] = { 1, 3, 100, 0xffffff };
	uint32_t i;

	check_seed();
	for (i = 0; i < WORLDS; i++)
		live(cost_max[i % ARRAY_SIZE(cost_max)],
		     i & 4 ? 0 : 10 + check_below(10), narrow);
}

static void test_anew_is_the_same(void **state)
{
	(void)state;
	worlds(false);
}

/* Where the queue has too little room, runs begin from nothing. */
static void test_no_room_in_the_queue(void **state)
{
	(void)state;
	worlds(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_anew_is_the_same),
		cmocka_unit_test(test_no_room_in_the_queue),
	};

	return cmocka_run_group_tests_name("spf_many", tests, NULL, NULL);
}
