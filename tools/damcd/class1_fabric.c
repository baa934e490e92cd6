// SPDX-License-Identifier: GPL-2.0
/* The names that other gateways offer, as the RIB has them, and the pod may call. */
#include "class1_edge.h"
#include "object_json.h"
#include "router.h"

struct walk {
	struct class1_edge *edge;
	const struct damc_name *below;
	void (*each)(const struct class1_offer *offer, void *arg);
	void *arg;
};

static int show(const struct dc_rib_entry *entry, void *arg)
{
	struct class1_offer offer = { .name = &entry->name,
				      .weight = entry->pool_weight };
	const struct dc_rib_candidate *one;
	struct walk *walk = arg;
	uint32_t i;

	if (entry->local || dc_reg_reserved(&entry->name) ||
	    !damc_name_below(&entry->name, walk->below))
		return 0;
	for (i = 0; i < entry->n_candidates; i++) {
		one = &entry->candidate[i];
		if (!one->used)
			continue;
		offer.member = one->right == DC_RIGHT_MEMBER;
		offer.gateway[offer.n++] = &one->node;
	}
	if (offer.n && class1_may_see(walk->edge, &entry->name))
		walk->each(&offer, walk->arg);
	return 0;
}

bool class1_fabric(struct class1_edge *edge, const struct damc_name *below,
		   void (*each)(const struct class1_offer *offer, void *arg),
		   void *arg)
{
	struct router *router = edge->class1->daemon->router;
	struct walk walk = { edge, below, each, arg };
	uint64_t now = clock_us();

	/* It costs as much as there are names, whoever asks. */
	if (now < edge->fabric_us + CLASS1_FABRIC_MS * 1000ULL)
		return false;
	edge->fabric_us = now;
	dc_rib_each(dc_node_rib(router_node(router)), show, &walk);
	return true;
}

static void add_json(const struct class1_offer *offer, void *arg)
{
	json_t *gateways = json_array(), *json;
	uint32_t i;

	for (i = 0; i < offer->n; i++)
		json_array_append_new(gateways,
				      object_id_json(offer->gateway[i]));
	json = json_pack("{s:o, s:s, s:s, s:b, s:o}", "name",
			 object_name_json(offer->name), "right",
			 offer->member ? "member" : "name", "state",
			 "registered", "fabric", 1, "gateways", gateways);
	if (json && offer->member)
		json_object_set_new(json, "weight",
				    json_integer(offer->weight));
	json_array_append_new(arg, json);
}

bool class1_fabric_json(struct class1_edge *edge, const struct damc_name *below,
			json_t *names)
{
	return class1_fabric(edge, below, add_json, names);
}
