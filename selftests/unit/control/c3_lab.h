/* SPDX-License-Identifier: GPL-2.0 */
/* What tests of class 3 make requests from. */
#ifndef C3_LAB_H
#define C3_LAB_H

#include "class3.h"
#include "lab.h"

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#endif

/* A key pair that is always the same for one number. */
struct c3_key {
	uint8_t key[DC_KEY_BYTES];
	uint8_t secret[DC_SECRET_BYTES];
};

void c3_key_make(struct c3_key *key, uint8_t number);

void c3_name(struct damc_name *name, const char *text);
void c3_node(struct dc_node_id *node, const char *text);

/* A fact of a pod, added. */
void c3_fact(struct dc_c3_subject *subject, const char *text);

/* A binding of the lab's domain in place of a proof; @epoch as lab_bind()'s. */
void c3_binding(struct dc_c3_subject *subject, const struct lab_holder *holder,
		const char *name, enum dc_right right, const char *gateway,
		uint32_t epoch);

#endif /* C3_LAB_H */
