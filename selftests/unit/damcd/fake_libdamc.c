// SPDX-License-Identifier: GPL-2.0
/*
 * A kernel that takes everything: what of libdamc damcd uses, in memory, so that
 * the daemon runs where there is no module. Bindings are remembered; a name below
 * /fake/refused is not taken. Calls are never answered, nobody ever calls.
 *
 * With FAKE_KERNEL, a file's name, bindings outlast the process, as a kernel's do;
 * without, none is found.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "namemap.h"

#define UNUSED __attribute__((unused))

struct damc_ctl {
	char error[64];
};

struct damc_route_batch {
	unsigned long done;
};

struct damc_monitor {
	int fd;
};

struct damc_rmi_client {
	int fd;
};

struct damc_rmi_server {
	int fd;
};

struct bound {
	struct namemap_node node;
	uint32_t ifindex;
	uint32_t weight;
};

static struct namemap bound;

/* ---- what is remembered ------------------------------------------------ */

static void remember(const struct damc_name *name, uint32_t ifindex,
		     uint32_t weight)
{
	struct bound *bind = calloc(1, sizeof(*bind));

	bind->node.name = *name;
	bind->ifindex = ifindex;
	bind->weight = weight;
	namemap_add(&bound, &bind->node);
}

static void save_one(struct namemap_node *node, void *arg)
{
	const struct bound *bind = (void *)node;
	char text[DAMC_NAME_TEXT_MAX];

	damc_name_format(&node->name, text, sizeof(text));
	fprintf(arg, "%s %u %u\n", text, bind->ifindex, bind->weight);
}

/* What there is now; a few names, so as a whole. */
static void save(void)
{
	const char *path = getenv("FAKE_KERNEL");
	FILE *file = path ? fopen(path, "w") : NULL;

	if (!file)
		return;
	namemap_each(&bound, save_one, file);
	fclose(file);
}

static void load(void)
{
	const char *path = getenv("FAKE_KERNEL");
	FILE *file = path ? fopen(path, "r") : NULL;
	char text[DAMC_NAME_TEXT_MAX];
	unsigned int ifindex, weight;
	struct damc_name name;

	if (!file)
		return;
	while (fscanf(file, "%s %u %u", text, &ifindex, &weight) == 3)
		if (!damc_name_parse(&name, text, NULL))
			remember(&name, ifindex, weight);
	fclose(file);
}

struct damc_ctl *damc_ctl_open(void)
{
	if (!bound.bucket) {
		namemap_init(&bound);
		load();
	}
	return calloc(1, sizeof(struct damc_ctl));
}

static void free_one(struct namemap_node *node, UNUSED void *arg)
{
	free(node);
}

void damc_ctl_close(struct damc_ctl *ctl)
{
	free(ctl);
	if (bound.bucket)
		namemap_each(&bound, free_one, NULL);
	namemap_free(&bound);
}

const char *damc_ctl_error(const struct damc_ctl *ctl)
{
	return ctl->error;
}

int damc_bind_take(struct damc_ctl *ctl, const struct damc_name *name,
		   uint32_t ifindex, uint32_t weight,
		   UNUSED enum damc_route_protocol over)
{
	struct damc_name refused;

	damc_name_parse(&refused, "/fake/refused", NULL);
	if (damc_name_below(name, &refused)) {
		strcpy(ctl->error, "The fake does not take it");
		return -EINVAL;
	}
	if (namemap_find(&bound, name)) {
		strcpy(ctl->error, "The name is in use");
		return -EADDRINUSE;
	}
	remember(name, ifindex, weight);
	save();
	return 0;
}

int damc_bind_get(UNUSED struct damc_ctl *ctl, const struct damc_name *name,
		  struct damc_bind *bind)
{
	const struct bound *found = (void *)namemap_find(&bound, name);

	if (!found)
		return -ENOENT;
	*bind = (struct damc_bind){
		.name = *name, .ifindex = found->ifindex,
		.kind = DAMC_BIND_KIND_DEV, .weight = found->weight,
	};
	return 0;
}

int damc_bind_del(UNUSED struct damc_ctl *ctl, const struct damc_name *name)
{
	struct namemap_node *found = namemap_find(&bound, name);

	if (!found)
		return -ENOENT;
	namemap_remove(&bound, found);
	free(found);
	save();
	return 0;
}

/* ---- what is taken and forgotten --------------------------------------- */

int damc_info_set_name(UNUSED struct damc_ctl *ctl,
		       UNUSED const struct damc_name *name)
{
	return 0;
}

int damc_info_set_lease(UNUSED struct damc_ctl *ctl, UNUSED uint32_t ms)
{
	return 0;
}

int damc_info_set_forward(UNUSED struct damc_ctl *ctl, UNUSED bool forward)
{
	return 0;
}

int damc_dev_set(UNUSED struct damc_ctl *ctl, UNUSED uint32_t ifindex,
		 UNUSED enum damc_dev_mode mode)
{
	return 0;
}

int damc_dev_get(UNUSED struct damc_ctl *ctl, uint32_t ifindex,
		 struct damc_dev *dev)
{
	*dev = (struct damc_dev){ .ifindex = ifindex,
				  .mode = DAMC_DEV_MODE_EDGE };
	return 0;
}

int damc_info_set_udp_port(UNUSED struct damc_ctl *ctl, UNUSED uint32_t port)
{
	return 0;
}

/* For as many as FAKE_NEIGHS_LATE says there is no room at first. */
int damc_neigh_create(UNUSED struct damc_ctl *ctl, const struct damc_neigh *key,
		      uint32_t *id)
{
	const char *late = getenv("FAKE_NEIGHS_LATE");
	static int refused;

	if (late && refused < atoi(late)) {
		refused++;
		return -ENOSPC;
	}
	*id = key->port ? key->port : key->ifindex;
	return 0;
}

int damc_neigh_del(UNUSED struct damc_ctl *ctl,
		   UNUSED const struct damc_neigh *key)
{
	return 0;
}

int damc_neigh_set(UNUSED struct damc_ctl *ctl,
		   UNUSED const struct damc_neigh *key,
		   UNUSED const struct damc_neigh_config *config)
{
	return 0;
}

int damc_set_replace(UNUSED struct damc_ctl *ctl,
		     UNUSED const struct damc_set *set)
{
	return 0;
}

int damc_set_replace_all(UNUSED struct damc_ctl *ctl,
			 UNUSED const struct damc_set *sets, UNUSED size_t n)
{
	return 0;
}

int damc_set_del(UNUSED struct damc_ctl *ctl, UNUSED uint32_t id)
{
	return 0;
}

int damc_route_replace(UNUSED struct damc_ctl *ctl,
		       UNUSED const struct damc_route *route)
{
	return 0;
}

int damc_route_del(UNUSED struct damc_ctl *ctl,
		   UNUSED const struct damc_name *name)
{
	return 0;
}

int damc_pool_replace(UNUSED struct damc_ctl *ctl,
		      UNUSED const struct damc_pool *pool)
{
	return 0;
}

int damc_pool_del(UNUSED struct damc_ctl *ctl,
		  UNUSED const struct damc_pool *pool)
{
	return 0;
}

struct damc_route_batch *damc_route_batch_open(UNUSED struct damc_ctl *ctl,
					       UNUSED enum damc_route_verb verb)
{
	return calloc(1, sizeof(struct damc_route_batch));
}

void damc_route_batch_close(struct damc_route_batch *batch)
{
	free(batch);
}

int damc_route_batch_add(struct damc_route_batch *batch,
			 UNUSED const struct damc_route *route)
{
	batch->done++;
	return 0;
}

int damc_route_batch_flush(UNUSED struct damc_route_batch *batch)
{
	return 0;
}

unsigned long damc_route_batch_done(const struct damc_route_batch *batch)
{
	return batch->done;
}

/* ---- what is empty ----------------------------------------------------- */

struct dump {
	int (*each)(const struct damc_bind *bind, void *arg);
	void *arg;
	int err;
};

static void dump_one(struct namemap_node *node, void *arg)
{
	const struct bound *is = (void *)node;
	struct damc_bind bind = {
		.name = node->name, .ifindex = is->ifindex,
		.kind = DAMC_BIND_KIND_DEV, .weight = is->weight,
	};
	struct dump *dump = arg;

	if (!dump->err)
		dump->err = dump->each(&bind, dump->arg);
}

int damc_bind_dump(UNUSED struct damc_ctl *ctl,
		   int (*each)(const struct damc_bind *bind, void *arg),
		   void *arg)
{
	struct dump dump = { each, arg, 0 };

	if (getenv("FAKE_KERNEL"))
		namemap_each(&bound, dump_one, &dump);
	return dump.err;
}

int damc_route_dump(UNUSED struct damc_ctl *ctl,
		    UNUSED int (*each)(const struct damc_route *route,
				       void *arg),
		    UNUSED void *arg)
{
	return 0;
}

int damc_pool_dump(UNUSED struct damc_ctl *ctl,
		   UNUSED int (*each)(const struct damc_pool *pool, void *arg),
		   UNUSED void *arg)
{
	return 0;
}

int damc_set_dump(UNUSED struct damc_ctl *ctl,
		  UNUSED int (*each)(const struct damc_set *set, void *arg),
		  UNUSED void *arg)
{
	return 0;
}

int damc_neigh_dump(UNUSED struct damc_ctl *ctl,
		    UNUSED int (*each)(const struct damc_neigh *neigh,
				       void *arg),
		    UNUSED void *arg)
{
	return 0;
}

/* ---- what is told of neighbours ---------------------------------------- */

/*
 * At the socket that DAMCD_TELLS names a test tells "ID TOLD IS": that a neighbour was
 * up, 1, or down, 0, and what it is when it is asked for.
 */
static struct damc_neigh neigh_is;

static void neigh_set(struct damc_neigh *neigh, unsigned int id, int up)
{
	*neigh = (struct damc_neigh){
		.id = id, .live.interval_ms = 300,
		.live.state = up ? DAMC_LIVENESS_STATE_UP :
				   DAMC_LIVENESS_STATE_DOWN,
		.live.flags = DAMC_LIVENESS_FLAGS_FORWARDS,
	};
}

static int tells_open(const char *path)
{
	struct sockaddr_un own = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(own.sun_path, sizeof(own.sun_path), "%s", path);
	unlink(path);
	return bind(fd, (void *)&own, sizeof(own)) ? -1 : fd;
}

struct damc_monitor *damc_monitor_open(UNUSED unsigned int objects)
{
	struct damc_monitor *monitor = calloc(1, sizeof(*monitor));
	const char *path = getenv("DAMCD_TELLS");

	monitor->fd = path ? tells_open(path) : eventfd(0, EFD_CLOEXEC);
	return monitor;
}

int damc_monitor_step(struct damc_monitor *monitor,
		      int (*each)(const struct damc_event *event, void *arg),
		      void *arg)
{
	struct damc_event event = { .object = DAMC_OBJECT_NEIGH };
	char text[64] = "";
	unsigned int id;
	int told, is;

	if (recv(monitor->fd, text, sizeof(text) - 1, MSG_DONTWAIT) <= 0 ||
	    sscanf(text, "%u %d %d", &id, &told, &is) != 3)
		return 0;
	neigh_set(&event.neigh, id, told);
	neigh_set(&neigh_is, id, is);
	return each(&event, arg);
}

int damc_neigh_get(UNUSED struct damc_ctl *ctl, const struct damc_neigh *key,
		   struct damc_neigh *neigh)
{
	*neigh = neigh_is;
	return key->id && key->id == neigh_is.id ? 0 : -ENOENT;
}

void damc_monitor_close(struct damc_monitor *monitor)
{
	close(monitor->fd);
	free(monitor);
}

int damc_monitor_fd(const struct damc_monitor *monitor)
{
	return monitor->fd;
}

struct damc_rmi_client *
damc_rmi_client_open(UNUSED const struct damc_name *self)
{
	struct damc_rmi_client *client = calloc(1, sizeof(*client));

	client->fd = eventfd(0, EFD_CLOEXEC);
	return client;
}

void damc_rmi_client_close(struct damc_rmi_client *client)
{
	close(client->fd);
	free(client);
}

int damc_rmi_client_fd(const struct damc_rmi_client *client)
{
	return client->fd;
}

int damc_rmi_client_timeout(UNUSED const struct damc_rmi_client *client)
{
	return -1;
}

int damc_rmi_client_step(UNUSED struct damc_rmi_client *client,
			 UNUSED int timeout_ms)
{
	return 0;
}

struct damc_rmi_pending *
damc_rmi_start(UNUSED struct damc_rmi_client *client,
	       UNUSED const struct damc_rmi_request *request)
{
	errno = ENOBUFS;
	return NULL;
}

bool damc_rmi_ended(UNUSED const struct damc_rmi_pending *pending)
{
	return true;
}

int damc_rmi_finish(UNUSED struct damc_rmi_client *client,
		    UNUSED struct damc_rmi_pending *pending,
		    UNUSED struct damc_rmi_reply *reply)
{
	return -EINVAL;
}

void damc_rmi_cancel(UNUSED struct damc_rmi_client *client,
		     UNUSED struct damc_rmi_pending *pending)
{
}

void damc_rmi_reply_free(UNUSED struct damc_rmi_reply *reply)
{
}

struct damc_rmi_server *
damc_rmi_server_open(UNUSED const struct damc_name *self,
		     UNUSED damc_rmi_method method, UNUSED void *arg)
{
	struct damc_rmi_server *server = calloc(1, sizeof(*server));

	server->fd = eventfd(0, EFD_CLOEXEC);
	return server;
}

void damc_rmi_server_close(struct damc_rmi_server *server)
{
	close(server->fd);
	free(server);
}

int damc_rmi_server_fd(const struct damc_rmi_server *server)
{
	return server->fd;
}

int damc_rmi_server_step(UNUSED struct damc_rmi_server *server)
{
	return 0;
}
