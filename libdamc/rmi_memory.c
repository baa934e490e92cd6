// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What a server of calls remembers: see rmi_memory.h.
 */
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "rmi_memory.h"

static int compare_names(const struct damc_name *a, const struct damc_name *b)
{
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return memcmp(a->wire, b->wire, a->len);
}

static int compare_sources(const void *a, const void *b)
{
	const struct rmi_source *x = a, *y = b;

	return compare_names(&x->name, &y->name);
}

static int compare_callers(const void *a, const void *b)
{
	const struct rmi_caller *x = a, *y = b;

	if (x->client != y->client)
		return x->client < y->client ? -1 : 1;
	return compare_names(&x->name, &y->name);
}

static int compare_calls(const void *a, const void *b)
{
	const struct rmi_execution *x = a, *y = b;

	if (x->call != y->call)
		return x->call < y->call ? -1 : 1;
	return 0;
}

/* ---- sources ---- */

static struct damc_name source_name(const struct damc_name *name)
{
	struct damc_name start = *name;
	unsigned int i, len = 0;

	for (i = 0; i < RMI_SOURCE_COMPONENTS && len < name->len; i++)
		len += 1 + name->wire[len];
	start.len = len;
	return start;
}

/* The source of @name, made if it is new; one caller more is its. */
static struct rmi_source *get_source(struct rmi_memory *memory,
				     const struct damc_name *name)
{
	struct rmi_source key = { .name = source_name(name) };
	struct rmi_source **node, *source;

	node = tfind(&key, &memory->sources_tree, compare_sources);
	if (node) {
		(*node)->callers++;
		return *node;
	}
	source = malloc(sizeof(*source));
	if (!source)
		return NULL;
	*source = key;
	source->callers = 1;
	if (tsearch(source, &memory->sources_tree, compare_sources))
		return source;
	free(source);
	return NULL;
}

static void put_source(struct rmi_memory *memory, struct rmi_source *source)
{
	if (--source->callers)
		return;
	tdelete(source, &memory->sources_tree, compare_sources);
	free(source);
}

/* What one source may have of @limit. */
static size_t share(const struct rmi_memory *memory, size_t limit)
{
	unsigned int n = memory->limits.source_share;

	return n ? limit / n : limit;
}

/* ---- callers ---- */

struct rmi_caller *rmi_memory_find_caller(struct rmi_memory *memory,
					  const struct damc_name *name,
					  uint64_t client)
{
	struct rmi_caller key, **node;

	key.client = client;
	key.name = *name;
	node = tfind(&key, &memory->callers_tree, compare_callers);
	return node ? *node : NULL;
}

static bool has_room_for_caller(const struct rmi_memory *memory,
				const struct rmi_source *source)
{
	size_t limit = memory->limits.callers;

	return memory->n_callers < limit &&
	       source->callers <= share(memory, limit);
}

struct rmi_caller *rmi_memory_add_caller(struct rmi_memory *memory,
					 const struct damc_name *name,
					 uint64_t client)
{
	struct rmi_caller *caller = calloc(1, sizeof(*caller));

	if (!caller)
		return NULL;
	caller->client = client;
	caller->name = *name;
	caller->source = get_source(memory, name);
	if (!caller->source)
		goto free;
	if (!has_room_for_caller(memory, caller->source) ||
	    !tsearch(caller, &memory->callers_tree, compare_callers))
		goto put;
	caller->next = memory->callers;
	memory->callers = caller;
	memory->n_callers++;
	return caller;
put:
	put_source(memory, caller->source);
free:
	free(caller);
	return NULL;
}

/* ---- calls ---- */

struct rmi_execution *rmi_memory_find_call(const struct rmi_caller *caller,
					   uint64_t call)
{
	struct rmi_execution key, **node;

	key.call = call;
	node = tfind(&key, &caller->tree, compare_calls);
	return node ? *node : NULL;
}

struct rmi_execution *rmi_memory_add_call(struct rmi_memory *memory,
					  struct rmi_caller *caller,
					  uint64_t number)
{
	struct rmi_execution *call = calloc(1, sizeof(*call));

	if (!call)
		return NULL;
	call->caller = caller;
	call->call = number;
	if (!tsearch(call, &caller->tree, compare_calls)) {
		free(call);
		return NULL;
	}
	call->next = caller->calls;
	caller->calls = call;
	caller->n_calls++;
	caller->source->calls++;
	memory->n_calls++;
	return call;
}

void rmi_memory_charge(struct rmi_memory *memory, struct rmi_execution *call,
		       size_t bytes)
{
	memory->bytes += bytes - call->bytes;
	call->caller->source->bytes += bytes - call->bytes;
	call->bytes = bytes;
}

/* Take the call at @link out. */
static void drop_link(struct rmi_memory *memory, struct rmi_execution **link)
{
	struct rmi_execution *call = *link;
	struct rmi_caller *caller = call->caller;

	rmi_memory_charge(memory, call, 0);
	*link = call->next;
	tdelete(call, &caller->tree, compare_calls);
	caller->n_calls--;
	caller->source->calls--;
	memory->n_calls--;
	rmi_gather_free(&call->gather);
	free(call->data);
	free(call->path);
	free(call);
}

void rmi_memory_drop_call(struct rmi_memory *memory, struct rmi_execution *call)
{
	struct rmi_execution **link = &call->caller->calls;

	while (*link != call)
		link = &(*link)->next;
	drop_link(memory, link);
}

static void drop_caller(struct rmi_memory *memory, struct rmi_caller **link)
{
	struct rmi_caller *caller = *link;

	*link = caller->next;
	while (caller->calls)
		drop_link(memory, &caller->calls);
	tdelete(caller, &memory->callers_tree, compare_callers);
	put_source(memory, caller->source);
	memory->n_callers--;
	free(caller);
}

bool rmi_memory_has_room(const struct rmi_memory *memory,
			 const struct rmi_caller *caller, size_t bytes)
{
	const struct rmi_limits *limits = &memory->limits;
	const struct rmi_source *source = caller->source;

	return memory->n_calls < limits->calls &&
	       source->calls < share(memory, limits->calls) &&
	       caller->n_calls < limits->caller_calls &&
	       memory->bytes + bytes <= limits->bytes &&
	       source->bytes + bytes <= share(memory, limits->bytes);
}

bool rmi_memory_has_room_to_refuse(const struct rmi_memory *memory,
				   const struct rmi_caller *caller)
{
	const struct rmi_limits *limits = &memory->limits;
	size_t most = limits->calls + limits->refusals;

	return memory->n_calls < most &&
	       caller->source->calls < share(memory, most) &&
	       caller->n_calls < limits->caller_calls +
				 limits->caller_calls / 2;
}

/* ---- forgetting ---- */

/* Its number, or its time, refuses it from now on. */
static bool over(const struct rmi_execution *call, uint64_t clock)
{
	if (call->stage == RMI_STAGE_EXECUTING)
		return false;
	return call->call < call->caller->floor ||
	       clock >= call->not_after + RMI_MARGIN_MS;
}

void rmi_memory_sweep_caller(struct rmi_memory *memory,
			     struct rmi_caller *caller, uint64_t clock)
{
	struct rmi_execution **link = &caller->calls;

	while (*link) {
		if (over(*link, clock))
			drop_link(memory, link);
		else
			link = &(*link)->next;
	}
}

void rmi_memory_sweep(struct rmi_memory *memory, uint64_t clock)
{
	struct rmi_caller **link = &memory->callers;

	while (*link) {
		rmi_memory_sweep_caller(memory, *link, clock);
		if (!(*link)->calls &&
		    clock >= (*link)->until + RMI_MARGIN_MS)
			drop_caller(memory, link);
		else
			link = &(*link)->next;
	}
}

void rmi_memory_free(struct rmi_memory *memory)
{
	while (memory->callers)
		drop_caller(memory, &memory->callers);
}
