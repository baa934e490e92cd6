/* SPDX-License-Identifier: GPL-2.0 */
/* What tests of trust say to it, at its time 0. */
#ifndef DC_TEST_TRUST_SAY_H
#define DC_TEST_TRUST_SAY_H

#include "samples.h"

static inline enum dc_verdict give(struct dc_trust *trust,
				   const struct lab_object *object)
{
	struct dc_object read;

	return dc_trust_check(trust, object->bytes, object->len, &read, 0);
}

static inline enum dc_verdict announce(struct dc_trust *trust,
				       const char *node, const char *name,
				       enum dc_right right,
				       const struct lab_object *grant)
{
	struct dc_prefix prefix = lab_prefix(name, right, grant);
	struct dc_node_id id = lab_id(node);

	return dc_trust_prefix(trust, &id, &prefix, 0);
}

/* A domain of several nodes and an SPA for everything. */
struct names {
	struct lab lab;
	struct dc_identity spa, n1, all, sr;
	struct dc_trust *trust;
};

static inline void make_names(struct names *names)
{
	const struct dc_identity *others[] = {
		&names->spa, &names->all, &names->sr,
	};
	struct lab *lab = &names->lab;

	memset(names, 0, sizeof(*names));
	lab_init(lab, &dc_stand_in, 3);
	lab_enrol(lab, &names->spa, "spa1", DC_ROLE_SPA, "/");
	lab_enrol(lab, &names->n1, "n1", DC_ROLE_SG, "/own /also/own");
	lab_enrol(lab, &names->all, "all", 15, "/");
	lab_enrol(lab, &names->sr, "sr", DC_ROLE_SR, "/");
	names->trust = lab_trust(lab, &names->n1, others, 3);
}

#endif /* DC_TEST_TRUST_SAY_H */
