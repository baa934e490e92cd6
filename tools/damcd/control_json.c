// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "array.h"
#include "control_json.h"
#include "object_json.h"
#include "registrar.h"
#include "router.h"

#define S 1000000ULL

static json_t *lladdr_json(const struct damc_lladdr *lladdr)
{
	char text[3 * DAMC_LLADDR_MAX + 1] = "";
	unsigned int i;

	for (i = 0; i < lladdr->len && i < DAMC_LLADDR_MAX; i++)
		sprintf(text + 3 * i - !!i, i ? ":%02x" : "%02x",
			lladdr->addr[i]);
	return json_string(text);
}

static json_t *dev_json(uint32_t ifindex)
{
	char dev[IF_NAMESIZE];

	if (!if_indextoname(ifindex, dev))
		snprintf(dev, sizeof(dev), "if%u", ifindex);
	return json_string(dev);
}

static json_t *inet_json(const struct damc_inet_addr *addr)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(addr->len == sizeof(struct in_addr) ? AF_INET : AF_INET6,
		  addr->addr, text, sizeof(text));
	return json_string(text);
}

/* By the names that damc gives to the same of the kernel's neighbours. */
static void add_place(json_t *json, const struct router *router,
		      uint32_t link)
{
	const struct config_fabric *udp = router_udp_at(router, link);

	if (!udp) {
		json_object_set_new(json, "dev", dev_json(link));
		return;
	}
	json_object_set_new(json, "udp", inet_json(&udp->remote));
	json_object_set_new(json, "port", json_integer(udp->port));
	if (udp->local.len)
		json_object_set_new(json, "local", inet_json(&udp->local));
	if (*udp->interface)
		json_object_set_new(json, "dev", json_string(udp->interface));
}

json_t *control_neighbour_json(const struct router *router,
			       const struct dc_neighbour *n, uint64_t now_us)
{
	json_t *json;

	json = json_pack("{s:o, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
			 "node", object_id_json(&n->id), "state", n->state,
			 "link", (json_int_t)n->link,
			 "cost", (json_int_t)n->cost,
			 "seconds", (json_int_t)((now_us - n->since_us) / S),
			 "rx", (json_int_t)n->rx, "tx", (json_int_t)n->tx,
			 "dropped", (json_int_t)n->dropped,
			 "resent", (json_int_t)n->resent);
	if (!json)
		return NULL;
	add_place(json, router, n->ifindex);
	if (!router_udp_at(router, n->ifindex))
		json_object_set_new(json, "lladdr", lladdr_json(&n->lladdr));
	return json;
}

/* ---- RIB, SPF ----------------------------------------------------------- */

struct control_links {
	const struct router *router;
	uint32_t n;
	struct {
		uint32_t link;
		uint32_t ifindex;
		struct dc_node_id id;
	} link[CONFIG_FABRIC_MAX * 4];
};

static int add_link(const struct dc_neighbour *neighbour, void *arg)
{
	struct control_links *links = arg;

	if (links->n == ARRAY_SIZE(links->link))
		return 1;
	links->link[links->n].link = neighbour->link;
	links->link[links->n].ifindex = neighbour->ifindex;
	links->link[links->n++].id = neighbour->id;
	return 0;
}

struct control_links *control_links_new(struct router *router)
{
	struct control_links *links = calloc(1, sizeof(*links));

	if (!links)
		return NULL;
	links->router = router;
	dc_node_neighbours(router_node(router), add_link, links);
	return links;
}

void control_links_free(struct control_links *links)
{
	free(links);
}

static json_t *link_json(const struct control_links *links, uint32_t link)
{
	json_t *json = json_pack("{s:I}", "link", (json_int_t)link);
	uint32_t i;

	for (i = 0; json && i < links->n; i++) {
		if (links->link[i].link != link)
			continue;
		json_object_set_new(json, "node",
				    object_id_json(&links->link[i].id));
		add_place(json, links->router, links->link[i].ifindex);
		break;
	}
	return json;
}

static json_t *nexthops_json(const struct control_links *links,
			     const struct dc_fib_nexthop *nexthop, uint32_t n)
{
	json_t *list = json_array(), *json;
	uint32_t i;

	for (i = 0; i < n && i < DC_FIB_NEXTHOPS_MAX; i++) {
		json = link_json(links, nexthop[i].link);
		json_object_set_new(json, "weight",
				    json_integer(nexthop[i].weight));
		json_array_append_new(list, json);
	}
	return list;
}

static void add_backup(json_t *json, const struct control_links *links,
		       uint32_t backup, const char *protects,
		       const char *unprotected)
{
	json_t *to;

	if (!backup) {
		if (unprotected)
			json_object_set_new(json, "unprotected",
					    json_string(unprotected));
		return;
	}
	to = link_json(links, backup);
	if (protects)
		json_object_set_new(to, "protects", json_string(protects));
	json_object_set_new(json, "backup", to);
}

static json_t *candidate_json(const struct dc_rib_candidate *candidate)
{
	json_t *json = json_pack("{s:o, s:b, s:s, s:I}", "node",
				 object_id_json(&candidate->node), "used",
				 candidate->used, "right",
				 candidate->right == DC_RIGHT_MEMBER ?
				 "member" : "name", "epoch",
				 (json_int_t)candidate->epoch);

	if (candidate->cost != UINT32_MAX)
		json_object_set_new(json, "cost",
				    json_integer(candidate->cost));
	if (candidate->right == DC_RIGHT_MEMBER)
		json_object_set_new(json, "weight",
				    json_integer(candidate->weight));
	if (!candidate->used && candidate->why)
		json_object_set_new(json, "why", json_string(candidate->why));
	return json;
}

static void add_pool(json_t *json, const struct dc_rib_entry *entry)
{
	if (entry->member)
		json_object_set_new(json, "pool-weight",
				    json_integer(entry->pool_weight));
	else if (entry->not_in_pool)
		json_object_set_new(json, "not-in-pool",
				    json_string(entry->not_in_pool));
}

json_t *control_rib_json(const struct dc_rib_entry *entry,
			 const struct control_links *links)
{
	json_t *candidates = json_array(), *json;
	uint32_t i;

	for (i = 0; i < entry->n_candidates && i < 32; i++)
		json_array_append_new(candidates,
				      candidate_json(&entry->candidate[i]));
	json = json_pack("{s:o, s:I, s:b, s:b, s:o, s:o}", "name",
			 object_name_json(&entry->name), "set",
			 (json_int_t)entry->set, "local", entry->local, "held",
			 entry->held, "nexthops",
			 nexthops_json(links, entry->nexthop, entry->n),
			 "candidates", candidates);
	if (!json)
		return NULL;
	add_backup(json, links, entry->backup, entry->protects,
		   entry->unprotected);
	add_pool(json, entry);
	return json;
}

json_t *control_spf_json(const struct dc_spf_node *node,
			 const struct control_links *links)
{
	json_t *json = json_pack("{s:o, s:I, s:o}", "node", object_id_json(&node->node),
				 "cost", (json_int_t)node->cost, "nexthops",
				 nexthops_json(links, node->nexthop, node->n));

	if (json)
		add_backup(json, links, node->backup, node->protects,
			   node->unprotected);
	return json;
}

/* ---- convergence ------------------------------------------------------- */

static void add_us(json_t *json, const char *key, uint32_t us)
{
	if (us != UINT32_MAX)
		json_object_set_new(json, key, json_integer(us));
}

json_t *control_converge_json(const struct converge_record *record)
{
	json_t *json = json_pack("{s:I, s:s, s:s, s:I, s:I}", "time-ms",
				 (json_int_t)record->wall_ms, "event",
				 record->what, "about", record->words, "more",
				 (json_int_t)record->more, "changes",
				 (json_int_t)record->changes);

	if (!json)
		return NULL;
	add_us(json, "flood-us", record->flood_us);
	add_us(json, "spf-us", record->spf_us);
	add_us(json, "fib-us", record->fib_us);
	return json;
}

/* ---- the daemon -------------------------------------------------------- */

static void add_counter(void *arg, const char *name, uint64_t value)
{
	json_object_set_new(arg, name, json_integer(value));
}

static json_t *node_counts_json(const struct dc_node *node)
{
	json_t *json = json_object();

	dc_node_counts_each(node, add_counter, json);
	return json;
}

static json_t *record_json(const struct daemon *daemon)
{
	struct dc_recorder_counts counts;

	router_record_counts(daemon->router, &counts);
	return json_pack("{s:I, s:I, s:b, s:b}", "inputs",
			 (json_int_t)counts.inputs, "bytes",
			 (json_int_t)counts.bytes, "full", counts.middle,
			 "ended", counts.ended);
}

/* Another node of this id, if ever one was heard of. */
static void add_twin(json_t *json, const struct dc_node *node)
{
	uint64_t now = clock_us();
	struct dc_node_twin twin;

	dc_node_twin(node, &twin);
	if (!json || !twin.heard_us)
		return;
	json_object_set_new(json, "duplicate",
			    json_pack("{s:s, s:I, s:I}", "heard", twin.by,
				      "ago", (json_int_t)
				      ((now - twin.heard_us) / S), "silent",
				      (json_int_t)(twin.silent_us > now ?
				      (twin.silent_us - now) / S : 0)));
}

static json_t *calls_json(const struct daemon *daemon)
{
	struct dc_trust_counts trust;

	dc_trust_counts(dc_node_trust(router_node(daemon->router)), &trust);
	return json_pack("{s:I, s:I}", "callees", (json_int_t)trust.callees,
			 "rules-unkept", (json_int_t)trust.rules_unkept);
}

json_t *control_status_json(struct daemon *daemon)
{
	const struct dc_node *node = router_node(daemon->router);
	struct table_counts table;
	struct dc_reg_counts reg;
	struct dc_hash digest;
	json_t *json;

	router_table_counts(daemon->router, &table);
	dc_reg_counts(registrar_reg(daemon->registrar), &reg);
	dc_node_digest(node, &digest);
	json = json_pack("{s:o, s:s, s:s, s:o, s:s, s:I, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:o}",
			 "node", object_id_json(router_id(daemon->router)),
			 "config", daemon->path, "state", daemon->config.state,
			 "record", record_json(daemon), "role",
			 daemon->config.role == DC_ROLE_SG ? "sg" : "sr",
			 "seconds",
			 (json_int_t)((clock_us() - daemon->started_us) / S),
			 "digest", object_hex_json(digest.byte, sizeof(digest.byte)),
			 "routes", (json_int_t)table.routes,
			 "pools", (json_int_t)table.pools,
			 "unconfirmed", (json_int_t)table.unconfirmed,
			 "refused", (json_int_t)table.refused,
			 "names", (json_int_t)reg.names,
			 "grants", (json_int_t)reg.grants,
			 "counters", node_counts_json(node));
	if (json) {
		json_object_set_new(json, "lacking",
				    json_integer(table.lacking));
		json_object_set_new(json, "calls", calls_json(daemon));
	}
	add_twin(json, node);
	return json;
}
