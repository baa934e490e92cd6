// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "yaml_tree.h"

#define S 1000ULL
#define HOUR (3600 * S)

static int take_role(struct yaml_tree *tree, yaml_node_t *node,
		     const struct yaml_key *key)
{
	const char *word = yaml_text(tree, node);

	if (!word)
		return -EINVAL;
	if (!strcmp(word, "sg"))
		*(uint8_t *)key->to = DC_ROLE_SG;
	else if (!strcmp(word, "sr"))
		*(uint8_t *)key->to = DC_ROLE_SR;
	else
		return yaml_tree_fail(tree, node, "sg (gateway) or sr (router)");
	return 0;
}

static int take_inet(struct yaml_tree *tree, yaml_node_t *node,
		     const struct yaml_key *key)
{
	const char *text = yaml_text(tree, node);
	struct damc_inet_addr *addr = key->to;

	if (!text)
		return -EINVAL;
	if (inet_pton(AF_INET, text, addr->addr) == 1)
		addr->len = sizeof(struct in_addr);
	else if (inet_pton(AF_INET6, text, addr->addr) == 1)
		addr->len = sizeof(struct in6_addr);
	else
		return yaml_tree_fail(tree, node,
				      "an address of IPv4 or IPv6 is expected here");
	return 0;
}

/* An address that means nothing without its interface. */
static bool is_link_local(const struct damc_inet_addr *addr)
{
	return addr->len == sizeof(struct in6_addr) && addr->addr[0] == 0xfe &&
	       (addr->addr[1] & 0xc0) == 0x80;
}

static int check_fabric(struct yaml_tree *tree, yaml_node_t *node,
			const struct config_fabric *fabric)
{
	if (!fabric->remote.len && !*fabric->interface)
		return yaml_tree_fail(tree, node,
				      "\"interface\" is missing, or \"udp\"");
	if (!fabric->remote.len && (fabric->local.len || fabric->port))
		return yaml_tree_fail(tree, node,
				      "\"local\" and \"port\" are for one with \"udp\"");
	if (fabric->local.len && fabric->local.len != fabric->remote.len)
		return yaml_tree_fail(tree, node,
				      "\"local\" is no address of the same kind as \"udp\"");
	if (is_link_local(&fabric->remote) && !*fabric->interface)
		return yaml_tree_fail(tree, node,
				      "a link-local address is one of an \"interface\": which?");
	return 0;
}

static int take_fabric_item(struct yaml_tree *tree, yaml_node_t *node,
			    void *arg)
{
	struct config *config = arg;
	struct config_fabric *fabric = &config->fabric[config->n_fabric];
	const struct yaml_key keys[] = {
		{ "interface", yaml_take_text, fabric->interface, 0,
		  IF_NAMESIZE, false },
		{ "cost", yaml_take_u32, &fabric->cost, 1, 0xffffff, false },
		{ "udp", take_inet, &fabric->remote, 0, 0, false },
		{ "local", take_inet, &fabric->local, 0, 0, false },
		{ "port", yaml_take_u32, &fabric->port, 1, UINT16_MAX, false },
		{ NULL }
	};
	int err;

	if (config->n_fabric == CONFIG_FABRIC_MAX)
		return yaml_tree_fail(tree, node, "%d at most",
				      CONFIG_FABRIC_MAX);
	fabric->cost = 10;
	config->n_fabric++;
	err = yaml_take_map(tree, node, keys);
	return err ? err : check_fabric(tree, node, fabric);
}

static int take_fabric(struct yaml_tree *tree, yaml_node_t *node,
		       const struct yaml_key *key)
{
	return yaml_take_list(tree, node, take_fabric_item, key->to);
}

/* Whether it looks like one: what it really is, opening it will tell. */
static bool is_address(const char *text)
{
	const char *colon = strrchr(text, ':');
	char *end;
	unsigned long port;

	if (!strncmp(text, "unix:", 5))
		return text[5] == '/' || text[5] == '@';
	if (!colon || colon == text || !colon[1])
		return false;
	port = strtoul(colon + 1, &end, 10);
	return !*end && port >= 1 && port <= 65535;
}

static int take_address(struct yaml_tree *tree, yaml_node_t *node,
			const struct yaml_key *key)
{
	int err = yaml_take_text(tree, node, key);

	if (err || is_address(key->to))
		return err;
	return yaml_tree_fail(tree, node,
			      "unix:PATH or ADDRESS:PORT is expected here");
}

static int take_listen_item(struct yaml_tree *tree, yaml_node_t *node,
			    void *arg)
{
	struct config_listen *listen = arg;
	const struct yaml_key key = {
		.to = listen->address[listen->n], .max = CONFIG_ADDRESS_MAX,
	};

	if (listen->n == CONFIG_LISTEN_MAX)
		return yaml_tree_fail(tree, node, "%d at most",
				      CONFIG_LISTEN_MAX);
	listen->n++;
	return take_address(tree, node, &key);
}

static int take_listen(struct yaml_tree *tree, yaml_node_t *node,
		       const struct yaml_key *key)
{
	return yaml_take_list(tree, node, take_listen_item, key->to);
}

static int take_edge_item(struct yaml_tree *tree, yaml_node_t *node, void *arg)
{
	struct config *config = arg;
	struct config_edge *edge = &config->edge[config->n_edges];
	const struct yaml_key keys[] = {
		{ "interface", yaml_take_text, edge->interface, 0, IF_NAMESIZE,
		  true },
		{ "pod", yaml_take_name, &edge->pod, 0, 0, true },
		{ "listen", take_listen, &edge->listen, 0, 0, false },
		{ "grpc", take_listen, &edge->grpc, 0, 0, false },
		{ NULL }
	};

	if (config->n_edges == CONFIG_EDGES_MAX)
		return yaml_tree_fail(tree, node, "%d at most",
				      CONFIG_EDGES_MAX);
	config->n_edges++;
	return yaml_take_map(tree, node, keys);
}

static int take_edges(struct yaml_tree *tree, yaml_node_t *node,
		      const struct yaml_key *key)
{
	return yaml_take_list(tree, node, take_edge_item, key->to);
}

static int take_spa_item(struct yaml_tree *tree, yaml_node_t *node, void *arg)
{
	struct config *config = arg;
	const struct yaml_key key = { .to = &config->spa[config->n_spas] };

	if (config->n_spas == CONFIG_SPAS_MAX)
		return yaml_tree_fail(tree, node, "%d at most",
				      CONFIG_SPAS_MAX);
	config->n_spas++;
	return yaml_take_name(tree, node, &key);
}

static int take_spas(struct yaml_tree *tree, yaml_node_t *node,
		     const struct yaml_key *key)
{
	struct config *config = key->to;

	int err;

	config->n_spas = 0;
	err = yaml_take_list(tree, node, take_spa_item, config);
	if (err || config->n_spas)
		return err;
	return yaml_tree_fail(tree, node, "one at least");
}

static int take_lab(struct yaml_tree *tree, yaml_node_t *node,
		    const struct yaml_key *key)
{
	struct config *config = key->to;
	const struct yaml_key keys[] = {
		{ "node", yaml_take_text, config->lab, 0, sizeof(config->lab),
		  true },
		{ "domain", yaml_take_text, config->lab_domain, 0,
		  sizeof(config->lab_domain), false },
		{ NULL }
	};

	return yaml_take_map(tree, node, keys);
}

static int take_timers(struct yaml_tree *tree, yaml_node_t *node,
		       const struct yaml_key *key)
{
	struct config *config = key->to;
	const struct yaml_key keys[] = {
		{ "hello", yaml_take_time, &config->hello_ms, 10, 60 * S, false },
		{ "liveness", yaml_take_time, &config->liveness_ms, 1, 10 * S,
		  false },
		{ "misses", yaml_take_u32, &config->misses, 1, 255, false },
		{ "dead", yaml_take_u32, &config->dead, 2, 100, false },
		{ "restart", yaml_take_time, &config->restart_ms, S, HOUR,
		  false },
		{ "refresh", yaml_take_time, &config->refresh_ms, 10 * S,
		  24 * HOUR, false },
		{ "lifetime", yaml_take_time, &config->lifetime_ms, 30 * S,
		  48 * HOUR, false },
		{ "rotate", yaml_take_time, &config->rotate_ms, S, 24 * HOUR,
		  false },
		{ "sweep", yaml_take_time, &config->sweep_ms, S, HOUR, false },
		{ "drain", yaml_take_time, &config->drain_ms, 0, 600 * S,
		  false },
		{ "spa", yaml_take_time, &config->spa_timeout_ms, 100, 60 * S,
		  false },
		{ NULL }
	};

	return yaml_take_map(tree, node, keys);
}

static void set_defaults(struct config *config)
{
	memset(config, 0, sizeof(*config));
	config->log_level = LOG_INFO;
	config->liveness_ms = 300;
	config->misses = 3;
	config->drain_ms = 2000;
	config->sweep_ms = 60 * S;
	config->spa_timeout_ms = 5000;
	config->record_mib = 64;
	config->udp_port = DAMC_UDP_PORT_DEFAULT;
	strcpy(config->control, "@damcd");
	strcpy(config->lab_domain, "lab");
	strcpy(config->state, "/var/lib/damcd");
	config->n_spas = 2;
	damc_name_parse(&config->spa[0], "/localhost/damc/spa", NULL);
	damc_name_parse(&config->spa[1], "/damc/spa", NULL);
}

static int take_file(struct yaml_tree *tree, struct config *config)
{
	const struct yaml_key keys[] = {
		{ "role", take_role, &config->role, 0, 0, true },
		{ "identity", yaml_take_text, config->identity, 0, PATH_MAX,
		  false },
		{ "insecure-lab", take_lab, config, 0, 0, false },
		{ "state", yaml_take_text, config->state, 0, PATH_MAX, false },
		{ "control", yaml_take_text, config->control, 0,
		  CONFIG_ADDRESS_MAX, false },
		{ "metrics", take_address, config->metrics, 0,
		  sizeof(config->metrics), false },
		{ "log-level", yaml_take_level, &config->log_level, 0, 0, false },
		{ "log-format", yaml_take_format, &config->log_format, 0, 0, false },
		{ "record", yaml_take_u32, &config->record_mib, 0, 4096,
		  false },
		{ "udp-port", yaml_take_u32, &config->udp_port, 1, UINT16_MAX,
		  false },
		{ "fabric", take_fabric, config, 0, 0, false },
		{ "edges", take_edges, config, 0, 0, false },
		{ "spa", take_spas, config, 0, 0, false },
		{ "timers", take_timers, config, 0, 0, false },
		{ NULL }
	};

	return yaml_take_map(tree, yaml_tree_root(tree), keys);
}

/* What single values can't tell. */

static bool same_addr(const struct damc_inet_addr *a,
		      const struct damc_inet_addr *b)
{
	return a->len == b->len && !memcmp(a->addr, b->addr, a->len);
}

bool config_same_place(const struct config_fabric *a,
		       const struct config_fabric *b)
{
	return !strcmp(a->interface, b->interface) &&
	       same_addr(&a->remote, &b->remote) &&
	       same_addr(&a->local, &b->local) && a->port == b->port;
}

static bool is_fabric(const struct config *config, const char *interface)
{
	uint32_t i, n = 0;

	for (i = 0; i < config->n_fabric; i++)
		n += !strcmp(config->fabric[i].interface, interface);
	return n;
}

static const struct config_fabric *place_twice(const struct config *config)
{
	uint32_t i, j;

	for (i = 0; i < config->n_fabric; i++)
		for (j = 0; j < i; j++)
			if (config_same_place(&config->fabric[i],
					      &config->fabric[j]))
				return &config->fabric[i];
	return NULL;
}

/* An edge that is something else as well. */
static const char *edge_twice(const struct config *config)
{
	uint32_t i, j;

	for (i = 0; i < config->n_edges; i++) {
		if (is_fabric(config, config->edge[i].interface))
			return config->edge[i].interface;
		for (j = 0; j < i; j++)
			if (!strcmp(config->edge[i].interface,
				    config->edge[j].interface))
				return config->edge[i].interface;
	}
	return NULL;
}

static int check(struct yaml_tree *tree, const struct config *config)
{
	const struct config_fabric *place = place_twice(config);
	yaml_node_t *root = yaml_tree_root(tree);

	if (!*config->identity == !*config->lab)
		return yaml_tree_fail(tree, root,
				      "either \"identity\" (a directory) or \"insecure-lab\" has to be there");
	if (place && place->remote.len)
		return yaml_tree_fail(tree, root,
				      "a neighbour by UDP comes twice");
	if (place || edge_twice(config))
		return yaml_tree_fail(tree, root,
				      "interface \"%s\" comes twice",
				      place ? place->interface :
				      edge_twice(config));
	if (config->role == DC_ROLE_SR && config->n_edges)
		return yaml_tree_fail(tree, root,
				      "a router (role sr) has no edges");
	return 0;
}

/* A neighbour's port is ours where it is not told, wherever that stands. */
static void set_ports(struct config *config)
{
	uint32_t i;

	for (i = 0; i < config->n_fabric; i++)
		if (config->fabric[i].remote.len && !config->fabric[i].port)
			config->fabric[i].port = config->udp_port;
}

/* @text is NULL for the file @path. */
static int load(const char *path, const char *text, struct config *config,
		char *error, size_t size)
{
	struct config *read = malloc(sizeof(*read));
	struct yaml_tree tree;
	int err;

	if (!read) {
		snprintf(error, size, "%s: %s", path, strerror(ENOMEM));
		return -ENOMEM;
	}
	set_defaults(read);
	err = text ? yaml_tree_open_bytes(&tree, path, text, strlen(text))
		   : yaml_tree_open(&tree, path);
	if (!err) {
		err = take_file(&tree, read);
		set_ports(read);
		if (!err)
			err = check(&tree, read);
		yaml_tree_close(&tree);
	}
	if (err)
		snprintf(error, size, "%s", tree.error);
	else
		*config = *read;
	free(read);
	return err;
}

int config_load(const char *path, struct config *config, char *error,
		size_t size)
{
	return load(path, NULL, config, error, size);
}

int config_load_text(const char *name, const char *text, struct config *config,
		     char *error, size_t size)
{
	return load(name, text, config, error, size);
}
