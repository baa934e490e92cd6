// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "table.h"

/* More than any core should need; a wild number must not take all memory. */
#define SETS_MAX 4000000

static struct table_set *set_of(const struct table *table, uint32_t number)
{
	if (number >= table->sets || !table->set[number].exists)
		return NULL;
	return &table->set[number];
}

/* There are few, so that they need no order. */
struct table_neighbour *table_peer(const struct table *table, uint32_t link)
{
	size_t i;

	for (i = 0; i < table->neighbours; i++)
		if (table->neighbour[i].link == link)
			return &table->neighbour[i];
	return NULL;
}

const struct table_route *table_exact(const struct table *table, uint32_t name)
{
	if (name >= table->routes || table->route[name].kind == TABLE_NOTHING)
		return NULL;
	return &table->route[name];
}

static struct table_route *room_for(struct table *table, uint32_t name)
{
	table->route = sim_grow_zero(table->route, name, &table->routes,
				     sizeof(*table->route));
	return &table->route[name];
}

static const char *bad_set(const struct table *table,
			   const struct dc_fib_change *change)
{
	uint32_t i;

	if (!change->set || change->set > SETS_MAX)
		return "a set's number is out of range";
	if (change->n > DC_FIB_NEXTHOPS_MAX)
		return "a set has too many next hops";
	for (i = 0; i < change->n; i++)
		if (!table_peer(table, change->nexthop[i].link))
			return "a set names a link that the kernel knows nothing of";
	if (change->backup && !table_peer(table, change->backup))
		return "a backup is a link that the kernel knows nothing of";
	return NULL;
}

static const char *put_set(struct table *table,
			   const struct dc_fib_change *change)
{
	const char *why = bad_set(table, change);
	struct table_set *set;
	uint32_t i;

	if (why)
		return why;
	table->set = sim_grow_zero(table->set, change->set, &table->sets,
				   sizeof(*table->set));
	set = &table->set[change->set];
	if (set->n != change->n) {
		free(set->link);
		set->link = sim_alloc(change->n * sizeof(*set->link));
	}
	set->exists = true;
	set->n = change->n;
	set->backup = change->backup;
	for (i = 0; i < change->n; i++)
		set->link[i] = change->nexthop[i].link;
	return NULL;
}

static const char *del_set(struct table *table, uint32_t number)
{
	struct table_set *set = set_of(table, number);

	if (!set)
		return "a set is deleted that is not there";
	if (set->routes)
		return "a set is deleted that names lead to";
	free(set->link);
	*set = (struct table_set){ 0 };
	return NULL;
}

static void leave_set(struct table *table, const struct table_route *route)
{
	if (route->kind == TABLE_SET)
		table->set[route->set].routes--;
}

static const char *put_route(struct table *table, uint32_t name,
			     const struct dc_fib_change *change)
{
	struct table_route *route = room_for(table, name);

	if (!change->unreachable && !set_of(table, change->set))
		return "a name leads to a set that is not there";
	leave_set(table, route);
	if (change->unreachable) {
		route->kind = TABLE_UNREACHABLE;
		return NULL;
	}
	route->kind = TABLE_SET;
	route->set = change->set;
	table->set[change->set].routes++;
	return NULL;
}

static const char *del_route(struct table *table, uint32_t name)
{
	struct table_route *route = room_for(table, name);

	if (route->kind == TABLE_NOTHING)
		return "a name is deleted that is not there";
	leave_set(table, route);
	route->kind = TABLE_NOTHING;
	return NULL;
}

static const char *put_member(struct table *table, struct names *names,
			      uint32_t name, const struct dc_fib_change *change)
{
	uint32_t pool = book_number(names, &change->pool);
	struct table_route *route = room_for(table, name);

	if (names->name[name].parent != pool)
		return "an instance is of a pool that is not its parent";
	route->member = true;
	route->weight = change->weight;
	return NULL;
}

static const char *del_member(struct table *table, uint32_t name)
{
	struct table_route *route = room_for(table, name);

	if (!route->member)
		return "an instance is deleted that is none";
	route->member = false;
	route->weight = 0;
	return NULL;
}

const char *table_change(struct table *table, struct names *names,
			 const struct dc_fib_change *change)
{
	uint32_t name = NAME_ROOT;

	table->changes++;
	if (change->op != DC_FIB_SET && change->op != DC_FIB_SET_DEL)
		name = book_number(names, &change->name);
	switch (change->op) {
	case DC_FIB_SET:
		return put_set(table, change);
	case DC_FIB_SET_DEL:
		return del_set(table, change->set);
	case DC_FIB_ROUTE:
		return put_route(table, name, change);
	case DC_FIB_ROUTE_DEL:
		return del_route(table, name);
	case DC_FIB_MEMBER:
		return put_member(table, names, name, change);
	case DC_FIB_MEMBER_DEL:
		return del_member(table, name);
	}
	return "a change is of no kind";
}

/* One of that number, or one that is down to the same host: numbers change. */
static struct table_neighbour *place(struct table *table, uint32_t link,
				     uint32_t ifindex, uint32_t host)
{
	struct table_neighbour *peer = table_peer(table, link);
	size_t i;

	for (i = 0; i < table->neighbours && !peer; i++) {
		struct table_neighbour *other = &table->neighbour[i];

		if (!other->up && other->ifindex == ifindex &&
		    other->host == host)
			peer = other;
	}
	if (peer)
		return peer;
	table->neighbour = sim_grow(table->neighbour, table->neighbours,
				    &table->neighbour_size,
				    sizeof(*table->neighbour));
	return &table->neighbour[table->neighbours++];
}

void table_neighbour(struct table *table, uint32_t link, uint32_t ifindex,
		     uint32_t host, bool up)
{
	struct table_neighbour *peer = up ? place(table, link, ifindex, host) :
					    table_peer(table, link);

	if (peer)
		*peer = (struct table_neighbour){
			.link = link, .ifindex = ifindex, .host = host,
			.up = up, .alive = true,
		};
}

void table_free(struct table *table)
{
	size_t i;

	for (i = 0; i < table->sets; i++)
		free(table->set[i].link);
	free(table->set);
	free(table->route);
	free(table->neighbour);
	*table = (struct table){ 0 };
}
