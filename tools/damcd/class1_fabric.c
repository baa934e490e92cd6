// SPDX-License-Identifier: GPL-2.0
/* The names that other gateways offer, as the RIB has them. */
#include "class1_edge.h"
#include "object_json.h"
#include "router.h"

struct walk {
	const struct damc_name *below;
	json_t *names;
};

static json_t *entry_json(const struct dc_rib_entry *entry, json_t *gateways,
			  bool member)
{
	json_t *json = json_pack("{s:o, s:s, s:s, s:b, s:o}", "name",
				 object_name_json(&entry->name), "right",
				 member ? "member" : "name", "state",
				 "registered", "fabric", 1, "gateways",
				 gateways);

	if (json && member)
		json_object_set_new(json, "weight",
				    json_integer(entry->pool_weight));
	return json;
}

static int add(const struct dc_rib_entry *entry, void *arg)
{
	json_t *gateways;
	struct walk *walk = arg;
	bool member = false;
	uint32_t i;

	if (entry->local || dc_reg_reserved(&entry->name) ||
	    !damc_name_below(&entry->name, walk->below))
		return 0;
	gateways = json_array();
	for (i = 0; i < entry->n_candidates; i++) {
		if (!entry->candidate[i].used)
			continue;
		member = entry->candidate[i].right == DC_RIGHT_MEMBER;
		json_array_append_new(gateways,
				      object_id_json(&entry->candidate[i].node));
	}
	if (json_array_size(gateways))
		json_array_append_new(walk->names,
				      entry_json(entry, gateways, member));
	else
		json_decref(gateways);
	return 0;
}

bool class1_fabric(struct class1_edge *edge, struct evhttp_request *request,
		   const struct damc_name *below, json_t *names)
{
	static const struct class1_problem often = {
		429, "too-often", "All names of the fabric were asked for just now.",
		"Ask once a second at most, or watch.",
	};
	struct router *router = edge->class1->daemon->router;
	struct walk walk = { below, names };
	uint64_t now = clock_us();

	/* It costs as much as there are names, whoever asks. */
	if (now < edge->fabric_us + CLASS1_FABRIC_MS * 1000ULL) {
		class1_reply_problem(request, &often);
		return false;
	}
	edge->fabric_us = now;
	dc_rib_each(dc_node_rib(router_node(router)), add, &walk);
	return true;
}
