/* SPDX-License-Identifier: GPL-2.0 */
/* Signed objects as JSON, for damcd and for `damc object show`. */
#ifndef DAMCD_OBJECT_JSON_H
#define DAMCD_OBJECT_JSON_H

#include <jansson.h>

#include "object.h"

/* New references; NULL without memory. With its body if @details. */
json_t *object_json(const struct dc_object *object, bool details);

json_t *object_name_json(const struct damc_name *name);
/* A node's id as the last component of its name is written. */
json_t *object_id_json(const struct dc_node_id *id);
/* Up to 64 bytes. */
json_t *object_hex_json(const void *bytes, size_t len);

#endif /* DAMCD_OBJECT_JSON_H */
