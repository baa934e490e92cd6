// SPDX-License-Identifier: GPL-2.0
/*
 * A libdamc without a kernel, for tests of the command: fixed answers, and
 * what it is asked to change goes to standard error as "fake: ...". Names are
 * the real library's (name.c). DAMC_FAKE in the environment chooses:
 *   nomodule  there is no module
 *   refuse    everything that changes something is refused, with words
 *   eperm     the same, without words
 *   empty     there is nothing to show
 *   broken    dumps end with an error
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "damc.h"

struct damc_ctl {
	const char *words;
};

static struct damc_ctl the_ctl = { "" };

static bool is(const char *mode)
{
	const char *wanted = getenv("DAMC_FAKE");

	return wanted && !strcmp(wanted, mode);
}

static struct damc_name name_of(const char *text)
{
	struct damc_name name = { 0 };

	if (damc_name_parse(&name, text, NULL))
		abort();
	return name;
}

static const char *text_of(const struct damc_name *name)
{
	static char text[2][DAMC_NAME_TEXT_MAX];
	static int turn;

	turn = !turn;
	return damc_name_format(name, text[turn], sizeof(text[turn])) < 0 ?
		"?" : text[turn];
}

static struct damc_lladdr mac(uint8_t last)
{
	return (struct damc_lladdr){ 6, { 2, 0, 0, 0, 0, last } };
}

static void say_lladdr(const struct damc_lladdr *addr)
{
	unsigned int i;

	for (i = 0; i < addr->len; i++)
		fprintf(stderr, i ? ":%02x" : " lladdr %02x", addr->addr[i]);
}

/* The answer to a change, after it was told. */
static int change(void)
{
	fputc('\n', stderr);
	the_ctl.words = is("refuse") ? "the fake kernel refuses" : "";
	if (is("refuse"))
		return -EINVAL;
	return is("eperm") ? -EPERM : 0;
}

struct damc_ctl *damc_ctl_open(void)
{
	if (is("nomodule")) {
		errno = EAFNOSUPPORT;
		return NULL;
	}
	return &the_ctl;
}

void damc_ctl_close(struct damc_ctl *ctl)
{
	(void)ctl;
}

const char *damc_ctl_error(const struct damc_ctl *ctl)
{
	return ctl->words;
}

int damc_info_get(struct damc_ctl *ctl, struct damc_info *info)
{
	(void)ctl;
	*info = (struct damc_info){
		.version = "0.1", .family = 18, .ethertype = 0x88b5,
		.routes = 5, .binds = 3, .neighs = 2,
		.forward = !is("broken"), .lease_ms = is("broken") ? 4000 : 0,
	};
	info->has_name = !is("empty");
	if (info->has_name)
		info->name = name_of("/damc/node/sg1");
	return 0;
}

int damc_info_set_name(struct damc_ctl *ctl, const struct damc_name *name)
{
	(void)ctl;
	fprintf(stderr, "fake: info name %s", text_of(name));
	return change();
}

int damc_info_set_udp_port(struct damc_ctl *ctl, uint32_t port)
{
	(void)ctl;
	fprintf(stderr, "fake: info udp-port %u", port);
	return change();
}

int damc_info_set_lease(struct damc_ctl *ctl, uint32_t ms)
{
	(void)ctl;
	fprintf(stderr, "fake: info lease %u", ms);
	return change();
}

int damc_info_set_forward(struct damc_ctl *ctl, bool forward)
{
	(void)ctl;
	fprintf(stderr, "fake: info forward %d", forward);
	return change();
}

int damc_dev_set(struct damc_ctl *ctl, uint32_t ifindex, enum damc_dev_mode mode)
{
	(void)ctl;
	fprintf(stderr, "fake: dev %u mode %d", ifindex, mode);
	return change();
}

int damc_edge_set(struct damc_ctl *ctl, uint32_t ifindex,
		  const struct damc_edge *edge)
{
	unsigned int i;

	(void)ctl;
	fprintf(stderr, "fake: dev %u edge has %#x lladdr", ifindex, edge->has);
	for (i = 0; i < edge->lladdr.len; i++)
		fprintf(stderr, " %02x", edge->lladdr.addr[i]);
	fprintf(stderr, " rate %u burst %u class %u", edge->rate, edge->burst,
		edge->class_max);
	return change();
}

int damc_dev_get(struct damc_ctl *ctl, uint32_t ifindex, struct damc_dev *dev)
{
	(void)ctl;
	*dev = (struct damc_dev){ .ifindex = ifindex, .mtu = 65535 };
	return 0;
}

static int end(void)
{
	the_ctl.words = "";
	return is("broken") ? -EIO : 0;
}

int damc_dev_dump(struct damc_ctl *ctl,
		  int (*each)(const struct damc_dev *dev, void *arg), void *arg)
{
	static const struct damc_dev devs[] = {
		{ .ifindex = 1, .mode = DAMC_DEV_MODE_UP, .mtu = 65535 },
		{ .ifindex = 99999, .mode = DAMC_DEV_MODE_EDGE, .mtu = 1500,
		  .edge = { .has = DAMC_EDGE_RATE | DAMC_EDGE_BURST |
				   DAMC_EDGE_CLASS,
			    .burst = 256, .class_max = 6 } },
		{ .ifindex = 99997, .mode = DAMC_DEV_MODE_EDGE, .mtu = 1500,
		  .edge = { .has = DAMC_EDGE_LLADDR | DAMC_EDGE_RATE |
				   DAMC_EDGE_BURST | DAMC_EDGE_CLASS,
			    .lladdr = { 6, { 2, 0, 0, 0, 0, 9 } },
			    .rate = 1000, .burst = 50, .class_max = 2 } },
		{ .ifindex = 99998, .mode = 7, .mtu = 1480 },
	};
	int i;

	(void)ctl;
	for (i = 0; i < 4 && !is("empty"); i++)
		each(&devs[i], arg);
	return end();
}

static void say_inet(const struct damc_inet_addr *remote, uint32_t port,
		     const struct damc_inet_addr *local)
{
	unsigned int i;

	if (!remote->len)
		return;
	fprintf(stderr, " udp");
	for (i = 0; i < remote->len; i++)
		fprintf(stderr, " %u", remote->addr[i]);
	fprintf(stderr, " port %u", port);
	for (i = 0; i < local->len; i++)
		fprintf(stderr, " %u", local->addr[i]);
}

int damc_neigh_create(struct damc_ctl *ctl, const struct damc_neigh *key,
		      uint32_t *id)
{
	(void)ctl;
	fprintf(stderr, "fake: neigh add dev %u", key->ifindex);
	say_lladdr(&key->lladdr);
	say_inet(&key->remote, key->port, &key->local);
	*id = 17;
	return change();
}

int damc_neigh_del(struct damc_ctl *ctl, const struct damc_neigh *key)
{
	(void)ctl;
	fprintf(stderr, "fake: neigh del id %u dev %u", key->id, key->ifindex);
	say_lladdr(&key->lladdr);
	say_inet(&key->remote, key->port, &key->local);
	return change();
}

int damc_neigh_set(struct damc_ctl *ctl, const struct damc_neigh *key,
		   const struct damc_neigh_config *config)
{
	size_t i;

	(void)ctl;
	fprintf(stderr, "fake: neigh set id %u dev %u", key->id, key->ifindex);
	say_lladdr(&key->lladdr);
	say_inet(&key->remote, key->port, &key->local);
	fprintf(stderr, " has %#x admin %d interval %u multiplier %u key",
		config->has, config->admin, config->interval_ms,
		config->multiplier);
	for (i = 0; i < sizeof(config->key); i++)
		fprintf(stderr, " %02x", config->key[i]);
	return change();
}

int damc_neigh_dump(struct damc_ctl *ctl,
		    int (*each)(const struct damc_neigh *neigh, void *arg),
		    void *arg)
{
	struct damc_neigh neighs[] = {
		{ .id = 1, .ifindex = 1, .lladdr = mac(1), .mtu = 1500,
		  .flags = DAMC_NEIGH_FLAGS_PERMANENT, .tx_packets = 3,
		  .tx_bytes = UINT64_MAX, .admin = DAMC_NEIGH_ADMIN_UP,
		  .status = DAMC_NEIGH_STATUS_UP },
		{ .id = 4294967295, .ifindex = 99999, .mtu = 1480,
		  .flags = 0xf3 },
		{ .id = 3, .ifindex = 1, .lladdr = mac(3), .mtu = 1280,
		  .live = { .interval_ms = 10000, .multiplier = 255,
			    .state = DAMC_LIVENESS_STATE_DOWN,
			    .reason = DAMC_LIVENESS_REASON_SILENT },
		  .admin = DAMC_NEIGH_ADMIN_DOWN,
		  .status = DAMC_NEIGH_STATUS_ADMIN_DOWN },
		{ .id = 4, .remote = { 4, { 192, 0, 2, 1 } }, .port = 3625,
		  .mtu = 1472,
		  .live = { .interval_ms = 10, .multiplier = 3,
			    .state = DAMC_LIVENESS_STATE_UP,
			    .reason = DAMC_LIVENESS_REASON_NONE, .flags = 3,
			    .sent_us = 10000, .detect_us = 30000, .downs = 1,
			    .stalls = 2, .delay_ns = 4567, .jitter_ns = 89,
			    .received = UINT64_MAX, .lost = 12 } },
		{ .id = 5, .remote = { 16, { 0xfd } }, .port = 4000, .ifindex = 1,
		  .local = { 16, { 0xfe, 0x80 } }, .mtu = 1452 },
	};
	int i;

	(void)ctl;
	for (i = 0; i < 5 && !is("empty"); i++)
		each(&neighs[i], arg);
	return end();
}

static void say_hop(const struct damc_nexthop *hop)
{
	fprintf(stderr, " [neigh %u dev %u", hop->neigh_id, hop->ifindex);
	say_lladdr(&hop->lladdr);
	say_inet(&hop->remote, hop->port, &hop->local);
	fprintf(stderr, " weight %u]", hop->weight);
}

static int say_route(const char *verb, const struct damc_route *route)
{
	unsigned int i;

	fprintf(stderr, "fake: route %s %s type %d protocol %d", verb,
		text_of(&route->name), route->type, route->protocol);
	if (route->set)
		fprintf(stderr, " set %u", route->set);
	for (i = 0; i < route->n_nexthops; i++)
		say_hop(&route->nexthops[i]);
	return change();
}

static int say_set(const char *verb, const struct damc_set *set)
{
	unsigned int i;

	fprintf(stderr, "fake: set %s %u protocol %d", verb, set->id,
		set->protocol);
	for (i = 0; i < set->n_nexthops; i++)
		say_hop(&set->nexthops[i]);
	if (set->has_backup) {
		fprintf(stderr, " backup");
		say_hop(&set->backup);
	}
	return change();
}

int damc_set_add(struct damc_ctl *ctl, const struct damc_set *set)
{
	(void)ctl;
	return say_set("add", set);
}

int damc_set_replace(struct damc_ctl *ctl, const struct damc_set *set)
{
	(void)ctl;
	return say_set("replace", set);
}

int damc_set_del(struct damc_ctl *ctl, uint32_t id)
{
	(void)ctl;
	fprintf(stderr, "fake: set del %u", id);
	return change();
}

int damc_route_add(struct damc_ctl *ctl, const struct damc_route *route)
{
	(void)ctl;
	return say_route("add", route);
}

int damc_route_replace(struct damc_ctl *ctl, const struct damc_route *route)
{
	(void)ctl;
	return say_route("replace", route);
}

int damc_route_append(struct damc_ctl *ctl, const struct damc_route *route)
{
	(void)ctl;
	return say_route("append", route);
}

int damc_route_del(struct damc_ctl *ctl, const struct damc_name *name)
{
	(void)ctl;
	fprintf(stderr, "fake: route del %s", text_of(name));
	return change();
}

#define HOP(_neigh, _dev, _lladdr, _weight) \
	{ .neigh_id = (_neigh), .ifindex = (_dev), .lladdr = _lladdr, \
	  .weight = (_weight) }

static struct damc_route pool(void)
{
	return (struct damc_route){
		name_of("/b"), DAMC_ROUTE_TYPE_UNICAST,
		DAMC_ROUTE_PROTOCOL_DAMCD, 0, 2,
		{ HOP(1, 1, mac(1), 3), HOP(7, 99999, { 0 }, 1) },
	};
}

int damc_route_dump(struct damc_ctl *ctl,
		    int (*each)(const struct damc_route *route, void *arg),
		    void *arg)
{
	struct damc_route routes[] = {
		{ name_of("/"), DAMC_ROUTE_TYPE_UNICAST,
		  DAMC_ROUTE_PROTOCOL_STATIC, 0, 1, { HOP(1, 1, mac(1), 1) } },
		{ name_of("/b/4"), DAMC_ROUTE_TYPE_LOCAL,
		  DAMC_ROUTE_PROTOCOL_KERNEL, 0, 0, { { 0 } } },
		pool(),
		{ name_of("/c%20d/%22%00%5c"), DAMC_ROUTE_TYPE_PROHIBIT, 9, 0, 0,
		  { { 0 } } },
		{ name_of("/pod"), DAMC_ROUTE_TYPE_EDGE,
		  DAMC_ROUTE_PROTOCOL_KERNEL, 0, 1, { HOP(3, 99999, mac(3), 1) } },
		{ name_of("/b/5"), DAMC_ROUTE_TYPE_UNREACHABLE,
		  DAMC_ROUTE_PROTOCOL_STATIC, 0, 0, { { 0 } } },
		{ name_of("/w"), DAMC_ROUTE_TYPE_UNICAST,
		  DAMC_ROUTE_PROTOCOL_STATIC, 0, 1, { HOP(1, 1, mac(1), 9) } },
		{ name_of("/v"), DAMC_ROUTE_TYPE_UNICAST,
		  DAMC_ROUTE_PROTOCOL_STATIC, 7, 0, { { 0 } } },
	};
	size_t i;
	int ret;

	(void)ctl;
	for (i = 0; i < sizeof(routes) / sizeof(*routes) && !is("empty"); i++) {
		ret = each(&routes[i], arg);
		if (ret)
			return ret;
	}
	return end();
}

static struct damc_set full_set(void)
{
	return (struct damc_set){
		.id = 4294967295, .protocol = DAMC_ROUTE_PROTOCOL_DAMCD,
		.routes = 3, .n_nexthops = 2,
		.nexthops = { HOP(1, 1, mac(1), 3), HOP(7, 99999, { 0 }, 1) },
		.has_backup = true,
		.backup = { .neigh_id = 4, .remote = { 4, { 192, 0, 2, 1 } },
			    .port = 3625 },
	};
}

int damc_set_dump(struct damc_ctl *ctl,
		  int (*each)(const struct damc_set *set, void *arg), void *arg)
{
	struct damc_set sets[] = {
		{ .id = 1, .protocol = DAMC_ROUTE_PROTOCOL_STATIC },
		full_set(),
	};
	int i;

	(void)ctl;
	for (i = 0; i < 2 && !is("empty"); i++)
		each(&sets[i], arg);
	return end();
}

int damc_set_get(struct damc_ctl *ctl, uint32_t id, struct damc_set *set)
{
	(void)ctl;
	the_ctl.words = "";
	*set = full_set();
	return id == set->id ? 0 : -ESRCH;
}

int damc_route_get(struct damc_ctl *ctl, const struct damc_name *name,
		   struct damc_route *route)
{
	struct damc_name b = name_of("/b");

	(void)ctl;
	the_ctl.words = "";
	if (is("broken"))
		return -EIO;
	if (is("empty") || !damc_name_equal(name, &b))
		return -ESRCH;
	*route = pool();
	return 0;
}

/* A batch that is refused has done nothing, and told nothing. */
#define FAKE_BATCH 64

struct damc_route_batch {
	enum damc_route_verb verb;
	unsigned int n;
	unsigned long done;
	struct damc_route routes[FAKE_BATCH];
};

struct damc_route_batch *damc_route_batch_open(struct damc_ctl *ctl,
					       enum damc_route_verb verb)
{
	struct damc_route_batch *batch = calloc(1, sizeof(*batch));

	(void)ctl;
	if (batch)
		batch->verb = verb;
	return batch;
}

void damc_route_batch_close(struct damc_route_batch *batch)
{
	free(batch);
}

static int do_route(enum damc_route_verb verb, const struct damc_route *route)
{
	switch (verb) {
	case DAMC_ROUTE_VERB_ADD:
		return damc_route_add(&the_ctl, route);
	case DAMC_ROUTE_VERB_REPLACE:
		return damc_route_replace(&the_ctl, route);
	case DAMC_ROUTE_VERB_APPEND:
		return damc_route_append(&the_ctl, route);
	default:
		return damc_route_del(&the_ctl, &route->name);
	}
}

int damc_route_batch_flush(struct damc_route_batch *batch)
{
	unsigned int i;

	if (is("refuse") || is("eperm"))
		return -EPERM;
	for (i = 0; i < batch->n; i++)
		do_route(batch->verb, &batch->routes[i]);
	batch->done += batch->n;
	batch->n = 0;
	return 0;
}

int damc_route_batch_add(struct damc_route_batch *batch,
			 const struct damc_route *route)
{
	int err = batch->n == FAKE_BATCH ? damc_route_batch_flush(batch) : 0;

	if (!err)
		batch->routes[batch->n++] = *route;
	return err;
}

unsigned long damc_route_batch_done(const struct damc_route_batch *batch)
{
	return batch->done;
}

/* A monitor that is told of one thing each, and then that it was too slow. */
struct damc_monitor {
	unsigned int objects;
	int fds[2];
};

static struct damc_monitor the_monitor;

struct damc_monitor *damc_monitor_open(unsigned int objects)
{
	if (is("eperm")) {
		errno = EPERM;
		return NULL;
	}
	if (pipe(the_monitor.fds) || write(the_monitor.fds[1], "", 1) != 1)
		return NULL;
	the_monitor.objects = objects;
	return &the_monitor;
}

void damc_monitor_close(struct damc_monitor *monitor)
{
	close(monitor->fds[0]);
	close(monitor->fds[1]);
}

int damc_monitor_fd(const struct damc_monitor *monitor)
{
	return monitor->fds[0];
}

static struct damc_event event_of(unsigned int object)
{
	struct damc_event event = { .object = object };

	switch (object) {
	case DAMC_OBJECT_DEV:
		event.dev = (struct damc_dev){
			.ifindex = 1, .mode = DAMC_DEV_MODE_UP, .mtu = 65535,
		};
		break;
	case DAMC_OBJECT_NEIGH:
		event.neigh.id = 1;
		event.neigh.ifindex = 1;
		event.neigh.lladdr = mac(1);
		break;
	case DAMC_OBJECT_ROUTE:
		event.route = pool();
		break;
	case DAMC_OBJECT_BIND:
		event.bind.name = name_of("/pod/n/1");
		event.bind.ifindex = 99999;
		event.bind.kind = DAMC_BIND_KIND_DEV;
		break;
	case DAMC_OBJECT_INFO:
		damc_info_get(&the_ctl, &event.info);
		break;
	case DAMC_OBJECT_POOL:
		event.pool.name = name_of("/q");
		event.pool.protocol = DAMC_ROUTE_PROTOCOL_KERNEL;
		break;
	case DAMC_OBJECT_SET:
		event.set = full_set();
		break;
	}
	return event;
}

/* It stops itself, as the user does by Ctrl-C. */
int damc_monitor_step(struct damc_monitor *monitor,
		      int (*each)(const struct damc_event *event, void *arg),
		      void *arg)
{
	struct damc_event event;
	unsigned int object;

	raise(SIGINT);
	if (is("broken"))
		return -ENOBUFS;
	for (object = 1; object < DAMC_OBJECT_ALL; object <<= 1) {
		if (!(monitor->objects & object))
			continue;
		event = event_of(object);
		each(&event, arg);
		/* The namespace stays. */
		event.deleted = object != DAMC_OBJECT_INFO;
		if (event.deleted)
			each(&event, arg);
	}
	return 0;
}

int damc_route_lookup(struct damc_ctl *ctl, const struct damc_lookup *question,
		      struct damc_decision *answer)
{
	struct damc_name b = name_of("/b"), none = name_of("/none"),
		here = name_of("/here"), p = name_of("/p");

	(void)ctl;
	memset(answer, 0, sizeof(*answer));
	if (damc_name_below(&question->name, &none)) {
		answer->error = DAMC_ERROR_CODE_NO_ROUTE;
		return 0;
	}
	answer->has_route = true;
	if (damc_name_below(&question->name, &here)) {
		answer->route.name = here;
		answer->route.type = DAMC_ROUTE_TYPE_LOCAL;
		answer->route.protocol = DAMC_ROUTE_PROTOCOL_KERNEL;
		answer->error = question->flow ? DAMC_ERROR_CODE_NO_LISTENER : 0;
		return 0;
	}
	answer->neigh_id = 1;
	answer->ifindex = 1;
	answer->lladdr = mac(1);
	answer->mtu = 1500;
	if (damc_name_below(&question->name, &p)) {
		answer->route.name = p;
		answer->route.type = DAMC_ROUTE_TYPE_POOL;
		answer->route.protocol = DAMC_ROUTE_PROTOCOL_STATIC;
		answer->instance = name_of("/p/1");
		answer->reason = question->flow ? DAMC_PICK_REASON_PIN :
						  DAMC_PICK_REASON_HASH;
		answer->weight = 3;
		return 0;
	}
	if (damc_name_below(&question->name, &b)) {
		answer->route = pool();
		return 0;
	}
	answer->route.type = DAMC_ROUTE_TYPE_UNICAST;
	answer->route.protocol = DAMC_ROUTE_PROTOCOL_STATIC;
	answer->route.n_nexthops = 1;
	answer->route.nexthops[0] = (struct damc_nexthop)HOP(1, 1, mac(1), 1);
	return 0;
}

int damc_bind_add(struct damc_ctl *ctl, const struct damc_name *name,
		  uint32_t ifindex)
{
	(void)ctl;
	fprintf(stderr, "fake: bind add %s dev %u", text_of(name), ifindex);
	return change();
}

int damc_bind_add_member(struct damc_ctl *ctl, const struct damc_name *name,
			 uint32_t ifindex, uint32_t weight)
{
	(void)ctl;
	fprintf(stderr, "fake: bind add %s dev %u member weight %u",
		text_of(name), ifindex, weight);
	return change();
}

int damc_bind_del(struct damc_ctl *ctl, const struct damc_name *name)
{
	(void)ctl;
	fprintf(stderr, "fake: bind del %s", text_of(name));
	return change();
}

int damc_bind_dump(struct damc_ctl *ctl,
		   int (*each)(const struct damc_bind *bind, void *arg),
		   void *arg)
{
	struct damc_bind binds[] = {
		{ name_of("/b/4"), 0, DAMC_BIND_KIND_SOCKET, DAMC_PROTO_MESSAGE,
		  1000, 4242, 12, 0, 3 },
		{ name_of("/pod/n/1/~%00%ff"), 0, DAMC_BIND_KIND_EPHEMERAL,
		  DAMC_PROTO_ECHO, 0, 1, 0, 0, 0 },
		{ name_of("/pod/n/1"), 99999, DAMC_BIND_KIND_DEV, 0, 0, 0, 0, 0,
		  0 },
		{ name_of("/b/5"), 99999, DAMC_BIND_KIND_DEV, 0, 0, 0, 0, 0, 1 },
	};
	int i;

	(void)ctl;
	for (i = 0; i < 4 && !is("empty"); i++)
		each(&binds[i], arg);
	return end();
}

static int say_pool(const char *verb, const struct damc_pool *pool)
{
	unsigned int i;

	fprintf(stderr, "fake: pool %s %s protocol %d", verb,
		text_of(&pool->name), pool->protocol);
	for (i = 0; i < pool->n_members; i++)
		fprintf(stderr, " [%s weight %u]",
			text_of(&pool->members[i].name),
			pool->members[i].weight);
	return change();
}

int damc_pool_add(struct damc_ctl *ctl, const struct damc_pool *pool)
{
	(void)ctl;
	return say_pool("add", pool);
}

int damc_pool_replace(struct damc_ctl *ctl, const struct damc_pool *pool)
{
	(void)ctl;
	return say_pool("replace", pool);
}

int damc_pool_append(struct damc_ctl *ctl, const struct damc_pool *pool)
{
	(void)ctl;
	return say_pool("append", pool);
}

int damc_pool_del(struct damc_ctl *ctl, const struct damc_pool *pool)
{
	(void)ctl;
	return say_pool("del", pool);
}

static void fill_pool(struct damc_pool *pool)
{
	memset(pool, 0, sizeof(*pool));
	pool->name = name_of("/p");
	pool->protocol = DAMC_ROUTE_PROTOCOL_STATIC;
	pool->n_members = 2;
	pool->members[0].name = name_of("/p/1");
	pool->members[0].weight = 1;
	pool->members[1].name = name_of("/p/%00");
	pool->members[1].weight = 65535;
	pool->members[1].bound = true;
}

int damc_pool_get(struct damc_ctl *ctl, const struct damc_name *name,
		  struct damc_pool *pool)
{
	(void)ctl;
	the_ctl.words = "";
	if (is("broken"))
		return -EIO;
	fill_pool(pool);
	return is("empty") || !damc_name_equal(name, &pool->name) ? -ESRCH : 0;
}

int damc_pool_dump(struct damc_ctl *ctl,
		   int (*each)(const struct damc_pool *pool, void *arg),
		   void *arg)
{
	static struct damc_pool filled;

	(void)ctl;
	if (is("empty"))
		return end();
	fill_pool(&filled);
	each(&filled, arg);
	filled = (struct damc_pool){
		.name = name_of("/q"), .protocol = DAMC_ROUTE_PROTOCOL_KERNEL,
	};
	each(&filled, arg);
	return end();
}

int damc_stats_get(struct damc_ctl *ctl, struct damc_stats *stats)
{
	(void)ctl;
	memset(stats, 0, sizeof(*stats));
	stats->counter[DAMC_A_STATS_RX_PACKETS] = 123;
	stats->counter[DAMC_A_STATS_RX_BYTES] = UINT64_MAX;
	stats->counter[DAMC_A_STATS_DROP_NO_ROUTE] = 1;
	return 0;
}

/* ---- calls: the method says how they end ------------------------------- */

struct damc_rmi_client *damc_rmi_client_open(const struct damc_name *self)
{
	if (is("nomodule")) {
		errno = EAFNOSUPPORT;
		return NULL;
	}
	if (self)
		fprintf(stderr, "fake: call from %s\n", text_of(self));
	return (struct damc_rmi_client *)&the_ctl;
}

void damc_rmi_client_close(struct damc_rmi_client *client)
{
	(void)client;
}

static const struct {
	const char *method;
	enum damc_rmi_status status;
	enum damc_error_code error;
} ends[] = {
	{ "fail", DAMC_RMI_APPLICATION, 0 },
	{ "none", DAMC_RMI_NO_METHOD, 0 },
	{ "refuse", DAMC_RMI_REFUSED, 0 },
	{ "big", DAMC_RMI_TOO_BIG, 0 },
	{ "late", DAMC_RMI_DEADLINE, 0 },
	{ "gone", DAMC_RMI_OUTCOME_UNKNOWN, 0 },
	{ "away", DAMC_RMI_UNREACHABLE, DAMC_ERROR_CODE_NO_ROUTE },
	{ "odd", DAMC_RMI_PROTOCOL, 0 },
	{ "long", DAMC_RMI_REPLY_TOO_BIG, 0 },
};

static void fake_path(struct damc_rmi_path *path)
{
	path->hops = 2;
	path->missed = 1;
	path->node[0] = name_of("/damc/node/sg1");
	path->node[1] = name_of("/damc/node/sg2");
}

int damc_rmi_call(struct damc_rmi_client *client,
		  const struct damc_rmi_request *request,
		  struct damc_rmi_reply *reply)
{
	size_t i;

	(void)client;
	memset(reply, 0, sizeof(*reply));
	if (!strcmp(request->method, "einval"))
		return -EINVAL;
	fprintf(stderr, "fake: deadline %u ms, %zu bytes%s\n",
		request->deadline_ms, request->len,
		request->record ? ", record" : "");
	for (i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		if (!strcmp(request->method, ends[i].method)) {
			reply->status = ends[i].status;
			reply->error = ends[i].error;
		}
	}
	reply->data = malloc(request->len + 1);
	memcpy(reply->data, request->data ? request->data : "", request->len);
	reply->len = request->len;
	reply->server = name_of("/b/4");
	reply->transmissions = 2;
	reply->rtt_us = 1234567;
	if (request->record) {
		fake_path(&reply->there);
		reply->back.missed = 0;
	}
	return 0;
}

void damc_rmi_reply_free(struct damc_rmi_reply *reply)
{
	free(reply->data);
}

const char *damc_rmi_strerror(enum damc_rmi_status status)
{
	static char words[32];

	snprintf(words, sizeof(words), "status %d", status);
	return words;
}

struct damc_rmi_server *damc_rmi_server_open(const struct damc_name *self,
					     damc_rmi_method method, void *arg)
{
	(void)self;
	(void)method;
	(void)arg;
	errno = is("nomodule") ? EAFNOSUPPORT : EADDRINUSE;
	return NULL;
}

void damc_rmi_server_close(struct damc_rmi_server *server)
{
	(void)server;
}

int damc_rmi_server_fd(const struct damc_rmi_server *server)
{
	(void)server;
	return -1;
}

int damc_rmi_server_step(struct damc_rmi_server *server)
{
	(void)server;
	return -EBADF;
}
