/* SPDX-License-Identifier: GPL-2.0 */
/* What the cores hold, as JSON: new references. */
#ifndef DAMCD_CONTROL_JSON_H
#define DAMCD_CONTROL_JSON_H

#include <jansson.h>

#include "daemon.h"
#include "node.h"

struct router;

json_t *control_neighbour_json(const struct router *router,
			       const struct dc_neighbour *neighbour,
			       uint64_t now_us);
/* Who is behind the numbers of links, gathered once for many answers. */
struct control_links;

/* NULL: no memory. */
struct control_links *control_links_new(struct router *router);
void control_links_free(struct control_links *links);

json_t *control_rib_json(const struct dc_rib_entry *entry,
			 const struct control_links *links);
json_t *control_spf_json(const struct dc_spf_node *node,
			 const struct control_links *links);
json_t *control_converge_json(const struct converge_record *record);
json_t *control_status_json(struct daemon *daemon);

#endif /* DAMCD_CONTROL_JSON_H */
