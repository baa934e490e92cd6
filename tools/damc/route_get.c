// SPDX-License-Identifier: GPL-2.0
/* damc route get: what would happen to a packet, step by step. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "print.h"
#include "route.h"

static unsigned int components(const struct damc_name *name)
{
	unsigned int n = 0, at;

	for (at = 0; at < name->len; at += 1 + name->wire[at])
		n++;
	return n;
}

/* Which policy is about the packet, and whether it is followed. */
static void print_policy(const struct damc_decision *answer)
{
	struct cli_text text;

	print_uint(PRINT_ANY, "policy", " policy %u", answer->policy.id);
	print_string(PRINT_JSON, "policy-action", NULL,
		     cli_word(damc_spec_policy_action, answer->policy.action,
			      &text));
	print_bool(PRINT_JSON, "policy-inactive", NULL,
		   answer->policy_inactive);
	print_string(PRINT_FP, NULL, "%s",
		     answer->policy_inactive ? " (inactive)" : "");
}

/* "/b/4 dev veth1 lladdr ... neigh 3 mtu 1480", or what it is refused with. */
static void print_outcome(const struct damc_lookup *question,
			  const struct damc_decision *answer)
{
	struct cli_text text;

	print_color_string(PRINT_ANY, COLOR_INET6, "name", "%s",
			   cli_name(&question->name, &text));
	if (question->has_from)
		print_string(PRINT_ANY, "from", " from %s",
			     cli_name(&question->from, &text));
	if (question->flow)
		print_uint(PRINT_ANY, "flow", " flow %u", question->flow);
	if (question->class_selector)
		print_uint(PRINT_ANY, "class", " class %u",
			   question->class_selector);
	if (answer->has_route) {
		print_string(PRINT_ANY, "prefix", " prefix %s",
			     cli_name(&answer->route.name, &text));
		print_string(PRINT_ANY, "type", " %s",
			     cli_word(damc_spec_route_type, answer->route.type,
				      &text));
		print_string(PRINT_JSON, "protocol", NULL,
			     cli_word(damc_spec_route_protocol,
				      answer->route.protocol, &text));
	}
	if (answer->has_policy)
		print_policy(answer);
	if (answer->instance.len) {
		print_color_string(PRINT_ANY, COLOR_INET6, "instance",
				   " instance %s",
				   cli_name(&answer->instance, &text));
		print_string(PRINT_ANY, "reason", " by %s",
			     cli_word(damc_spec_pick_reason, answer->reason,
				      &text));
		print_uint(PRINT_ANY, "weight", " weight %u", answer->weight);
	}
	cli_print_udp(&answer->remote, answer->port, &answer->local);
	cli_print_link(answer->ifindex, &answer->lladdr);
	if (answer->neigh_id)
		print_uint(PRINT_ANY, "neigh", " neigh %u", answer->neigh_id);
	if (answer->mtu)
		print_uint(PRINT_ANY, "mtu", " mtu %u", answer->mtu);
	if (answer->error)
		print_string(PRINT_ANY, "error", " error %s",
			     cli_word(damc_spec_error_code, answer->error,
				      &text));
}

static void explain_match(const struct damc_lookup *question,
			  const struct damc_decision *answer)
{
	const struct damc_route *route = &answer->route;
	unsigned int asked = components(&question->name);
	struct cli_text text;

	print_nl();
	if (!answer->has_route) {
		printf("    matched: no entry, not even a default route");
		return;
	}
	printf("    matched: %s, ", cli_name(&route->name, &text));
	if (!route->name.len)
		printf("the default route");
	else
		printf("%u of %u components, and no entry matches more",
		       components(&route->name), asked);
	print_nl();
	printf("    entry:   %s",
	       cli_word(damc_spec_route_type, route->type, &text));
	printf(" proto %s: %s",
	       cli_word(damc_spec_route_protocol, route->protocol, &text),
	       cli_word_doc(damc_spec_route_type, route->type));
}

static void explain_pick(const struct damc_decision *answer)
{
	struct cli_text text;

	if (!answer->instance.len)
		return;
	print_nl();
	printf("    picked:  %s, of weight %u: ",
	       cli_name(&answer->instance, &text), answer->weight);
	printf("%s", cli_word_doc(damc_spec_pick_reason, answer->reason));
}

static void explain_policy(const struct damc_decision *answer)
{
	const struct damc_policy *policy = &answer->policy;
	struct cli_text text;

	if (!answer->has_policy)
		return;
	print_nl();
	printf("    policy:  %u about %s", policy->id,
	       cli_name(&policy->name, &text));
	if (policy->from.len)
		printf(" from %s", cli_name(&policy->from, &text));
	if (policy->has_class)
		printf(" class %u", policy->class_selector);
	printf(", %s: %s",
	       cli_word(damc_spec_policy_action, policy->action, &text),
	       answer->policy_inactive ?
	       "Inactive: none of its neighbours is a next hop that can be used." :
	       cli_word_doc(damc_spec_policy_action, policy->action));
}

static bool chosen(const struct damc_nexthop *hop,
		   const struct damc_decision *answer)
{
	if (hop->neigh_id && answer->neigh_id)
		return hop->neigh_id == answer->neigh_id;
	return answer->ifindex && hop->ifindex == answer->ifindex &&
	       hop->lladdr.len == answer->lladdr.len &&
	       !memcmp(hop->lladdr.addr, answer->lladdr.addr, hop->lladdr.len);
}

static unsigned int weights(const struct damc_route *route)
{
	unsigned int i, sum = 0;

	for (i = 0; i < route->n_nexthops; i++)
		sum += route->nexthops[i].weight;
	return sum;
}

/* JSON's "nexthops", each with "chosen"; for text a line each. */
static void explain_nexthops(const struct damc_decision *answer)
{
	const struct damc_route *route = &answer->route;
	unsigned int i, sum = weights(route);

	open_json_array(PRINT_JSON, "nexthops");
	for (i = 0; i < route->n_nexthops; i++) {
		const struct damc_nexthop *hop = &route->nexthops[i];
		bool it = chosen(hop, answer);

		open_json_object(NULL);
		print_nl();
		print_string(PRINT_FP, NULL, "    %s", "nexthop:");
		route_print_nexthop(hop, true);
		if (sum && route->n_nexthops > 1)
			print_uint(PRINT_FP, NULL, " (%u%% of flows)",
				   (hop->weight * 100 + sum / 2) / sum);
		print_bool(PRINT_JSON, "chosen", NULL, it);
		print_string(PRINT_FP, NULL, "%s", it ? ", chosen" : "");
		close_json_object();
	}
	close_json_array(PRINT_JSON, "nexthops");
}

static void explain_choice(const struct damc_lookup *question,
			   const struct damc_decision *answer)
{
	struct cli_text text;

	print_nl();
	if (answer->error) {
		printf("    refused: %s: %s",
		       cli_word(damc_spec_error_code, answer->error, &text),
		       cli_word_doc(damc_spec_error_code, answer->error));
		return;
	}
	printf("    goes:    ");
	if (answer->instance.len) {
		printf(answer->ifindex || answer->remote.len ?
		       "by the instance's route" :
		       "to a listener of this namespace");
	} else if (answer->route.type == DAMC_ROUTE_TYPE_LOCAL) {
		printf("to a listener of this namespace");
	} else if (answer->has_policy && !answer->policy_inactive &&
		   answer->policy.n_neighs) {
		printf("by the neighbour that the policy asks for");
	} else if (answer->route.n_nexthops > 1) {
		printf("by the next hop that the flow's hash falls to (source %s, flow %u)",
		       question->has_from ?
		       cli_name(&question->from, &text) : "this namespace's name",
		       question->flow);
	} else {
		printf("by the only next hop");
	}
}

static void print_answer(const struct damc_lookup *question,
			 const struct damc_decision *answer)
{
	open_json_object(NULL);
	print_outcome(question, answer);
	if (!brief && !is_json_context())
		explain_match(question, answer);
	if (!brief && !is_json_context())
		explain_pick(answer);
	if (!brief && !is_json_context())
		explain_policy(answer);
	if (answer->has_route && (is_json_context() || !brief))
		explain_nexthops(answer);
	if (!brief && !is_json_context())
		explain_choice(question, answer);
	print_string(PRINT_FP, NULL, "%s", "\n");
	close_json_object();
}

static int parse(struct cli_args *args, struct damc_lookup *question)
{
	struct cli_key keys[] = {
		{ .key = "from", .take = cli_take_name, .to = &question->from },
		{ .key = "flow", .take = cli_take_u32, .to = &question->flow,
		  .max = UINT32_MAX },
		{ .key = "class", .take = cli_take_u32,
		  .to = &question->class_selector, .max = 7 },
		{ .key = NULL }
	};
	int ret;

	ret = cli_name_arg(args, &question->name);
	if (!ret)
		ret = cli_keys(args, keys, NULL, "route");
	question->has_from = keys[0].seen;
	return ret;
}

/* As ip route get to a place that is unreachable: the answer, and code 2. */
static int say_error(const struct damc_decision *answer)
{
	struct cli_text text;

	fprintf(stderr, "Error: %s: %s\n",
		cli_word(damc_spec_error_code, answer->error, &text),
		cli_word_doc(damc_spec_error_code, answer->error));
	return CLI_KERNEL;
}

int route_get(struct cli_args *args)
{
	struct damc_lookup question = { 0 };
	struct damc_decision answer = { 0 };
	struct damc_ctl *ctl;
	int ret;

	ret = parse(args, &question);
	if (ret)
		return ret;
	ctl = cli_ctl();
	if (!ctl)
		return CLI_KERNEL;
	ret = damc_route_lookup(ctl, &question, &answer);
	if (ret)
		return cli_refused(ret);

	new_json_obj(json);
	print_answer(&question, &answer);
	delete_json_obj();
	return answer.error ? say_error(&answer) : CLI_OK;
}
