// SPDX-License-Identifier: GPL-2.0
/*
 * Objects whose issuer's certificate is not known yet. There are only so many;
 * the oldest makes room, and synchronisation will bring it again.
 */
#include <stdlib.h>
#include <string.h>

#include "node_int.h"

static void forget(struct dc_node *node, uint32_t i)
{
	free(node->waiting[i].bytes);
	node->n_waiting--;
	memmove(&node->waiting[i], &node->waiting[i + 1],
		(node->n_waiting - i) * sizeof(node->waiting[0]));
}

void node_wait_add(struct dc_node *node, const void *bytes, size_t len,
		   uint32_t left_ms, uint64_t hash)
{
	struct waiting *new;
	uint32_t i;

	for (i = 0; i < node->n_waiting; i++)
		if (node->waiting[i].hash == hash)
			return;
	if (node->n_waiting == NODE_WAITING_MAX)
		forget(node, 0);
	new = &node->waiting[node->n_waiting];
	new->bytes = malloc(len);
	if (!new->bytes)
		return;
	memcpy(new->bytes, bytes, len);
	new->len = len;
	new->left_ms = left_ms;
	new->came_us = node->now_us;
	new->hash = hash;
	node->n_waiting++;
}

static uint32_t left_now(const struct dc_node *node,
			 const struct waiting *waiting)
{
	uint64_t passed = (node->now_us - waiting->came_us) / 1000;

	return passed < waiting->left_ms ? waiting->left_ms - passed : 0;
}

/* Those that have to go on waiting come to stand behind, in their order. */
void node_wait_retry(struct dc_node *node)
{
	uint32_t n = node->n_waiting;
	struct waiting one;

	while (n--) {
		one = node->waiting[0];
		node->waiting[0].bytes = NULL;
		forget(node, 0);
		node_accept(node, NULL, one.bytes, one.len,
			    left_now(node, &one));
		free(one.bytes);
	}
}

void node_wait_free(struct dc_node *node)
{
	while (node->n_waiting)
		forget(node, node->n_waiting - 1);
}
