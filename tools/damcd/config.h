/* SPDX-License-Identifier: GPL-2.0 */
/* damcd.conf(5), read and checked. */
#ifndef DAMCD_CONFIG_H
#define DAMCD_CONFIG_H

#include <limits.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/un.h>

#include "damc.h"
#include "log.h"
#include "object.h"

#define CONFIG_FABRIC_MAX 64
#define CONFIG_EDGES_MAX 256
#define CONFIG_LISTEN_MAX 4
#define CONFIG_SPAS_MAX 8
#define CONFIG_ADDRESS_MAX sizeof(((struct sockaddr_un *)0)->sun_path)

/**
 * struct config_fabric - where routers may be: on an interface, or one by UDP
 * @interface: of one by UDP the only one to use, "" for any
 * @remote: its address; @remote.len 0: not by UDP
 * @local: the only address of ours to use with it; @local.len 0: any
 * @port: that its datagrams go to
 */
struct config_fabric {
	char interface[IF_NAMESIZE];
	uint32_t cost;
	struct damc_inet_addr remote;
	struct damc_inet_addr local;
	uint32_t port;
};

/* Addresses: "unix:PATH" or "ADDRESS:PORT". */
struct config_listen {
	uint32_t n;
	char address[CONFIG_LISTEN_MAX][CONFIG_ADDRESS_MAX];
};

/**
 * struct config_edge - an interface that faces a pod
 * @pod: the pod's own name, /pod/NODE/ID
 * @listen: where its registrations are taken by HTTP
 * @grpc: and where by gRPC
 */
struct config_edge {
	char interface[IF_NAMESIZE];
	struct damc_name pod;
	struct config_listen listen;
	struct config_listen grpc;
};

/**
 * struct config - the file
 * @role: DC_ROLE_SG or DC_ROLE_SR
 * @lab: name of this node where there is no identity: anyone can be any node
 * @lab_domain: the domain that it is in then
 * @identity, @state: directories
 * @control: a path, or @ and a name of the network namespace's own
 * @metrics: ADDRESS:PORT, "" for none
 * @udp_port: that neighbours' datagrams come to, open while there are such
 * @record_mib: how long the flight recorder's file may get; 0: there is none
 * @spa: names to ask for grants, in this order
 * Times are in ms; 0 is the core's own choice.
 */
struct config {
	uint8_t role;
	char lab[DC_NODE_ID_MAX + 1];
	char lab_domain[64];
	char identity[PATH_MAX];
	char state[PATH_MAX];
	char control[CONFIG_ADDRESS_MAX];
	char metrics[64];
	enum log_level log_level;
	enum log_format log_format;
	uint32_t record_mib;
	uint32_t udp_port;
	uint32_t n_fabric;
	struct config_fabric fabric[CONFIG_FABRIC_MAX];
	uint32_t n_edges;
	struct config_edge edge[CONFIG_EDGES_MAX];
	uint32_t n_spas;
	struct damc_name spa[CONFIG_SPAS_MAX];
	uint32_t spa_timeout_ms;
	uint32_t hello_ms;
	uint32_t liveness_ms;
	uint32_t misses;
	uint32_t dead;
	uint32_t restart_ms;
	uint32_t refresh_ms;
	uint32_t lifetime_ms;
	uint32_t rotate_ms;
	uint32_t sweep_ms;
	uint32_t drain_ms;
};

/**
 * config_load() - read a file
 * @error: "FILE:LINE:COLUMN: what is wrong" if it is
 *
 * Return: 0 or -EINVAL; @config is filled only where it is 0.
 */
int config_load(const char *path, struct config *config, char *error,
		size_t size);
/* The same of a text, which errors call @name. */
int config_load_text(const char *name, const char *text, struct config *config,
		     char *error, size_t size);

/* Whether these two are at one place, whatever they cost. */
bool config_same_place(const struct config_fabric *a,
		       const struct config_fabric *b);

#endif /* DAMCD_CONFIG_H */
