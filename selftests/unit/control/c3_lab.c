// SPDX-License-Identifier: GPL-2.0
/* Names, keys and facts for tests of class 3. */
#include <stdlib.h>
#include <string.h>

#include "c3_lab.h"

void c3_key_make(struct c3_key *key, uint8_t number)
{
	uint8_t seed[32] = { 0xc3, number };

	dc_ed25519.keypair(key->key, key->secret, seed);
}

void c3_name(struct damc_name *name, const char *text)
{
	if (damc_name_parse(name, text, NULL))
		abort();
}

void c3_node(struct dc_node_id *node, const char *text)
{
	memset(node, 0, sizeof(*node));
	node->len = strlen(text);
	memcpy(node->byte, text, node->len);
}

void c3_fact(struct dc_c3_subject *subject, const char *text)
{
	struct dc_c3_fact *fact = &subject->fact[subject->n_facts++];

	fact->len = strlen(text);
	memcpy(fact->text, text, fact->len);
}

void c3_binding(struct dc_c3_subject *subject, const struct lab_holder *holder,
		const char *name, enum dc_right right, const char *gateway,
		uint32_t epoch)
{
	const struct lab lab = { .crypto = &dc_ed25519 };
	struct lab_object binding;

	lab_bind(&lab, holder, name, right, gateway, epoch, false, &binding);
	subject->has_key = true;
	memcpy(subject->key, holder->key, sizeof(subject->key));
	memcpy(subject->binding, binding.bytes, binding.len);
	subject->binding_len = binding.len;
}
