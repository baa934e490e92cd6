/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every node of a vnet is recorded, and its record played again when it ends:
 * each test of nodes is one of the flight recorder, too.
 */
#ifndef DC_TEST_VNET_RECORD_H
#define DC_TEST_VNET_RECORD_H

#include "record.h"

struct vnet_record {
	struct dc_recorder *recorder;
	const struct dc_crypto *crypto;
	uint8_t *bytes;
	size_t len;
	size_t size;
	bool forgotten;
};

/* As dc_node_new(). */
struct dc_node *vnet_record_node(struct vnet_record *record,
				 const struct dc_node_config *config,
				 const struct dc_node_ops *ops, void *arg,
				 uint64_t now_us, uint64_t wall_ms);
/* Play it again: aborts unless all is equal; @record is empty then. */
void vnet_record_end(struct vnet_record *record);
/* What a test does to a node's memory is in no record: forget it. */
void vnet_record_forget(struct vnet_record *record);

#endif /* DC_TEST_VNET_RECORD_H */
