/* SPDX-License-Identifier: GPL-2.0 */
/* An SPA in a directory of its own, and a gateway that asks it. */
#ifndef SPA_PLACE_H
#define SPA_PLACE_H

#include "class3.h"
#include "desk.h"
#include "lab.h"

struct place {
	char dir[64];
	char config[128];
	struct lab lab;
	struct dc_identity spa, sg;
};

/* Of each test: *@state is its place. */
int place_setup(void **state);
int place_teardown(void **state);

void place_write(const struct place *place, const char *name, const char *text);
/* As who serves does; or the test fails. */
void place_open(struct desk *desk, const struct place *place);

/* Ask for /shop/NUMBER as its own pod: 0, with what the SPA answers. */
int place_ask(const struct place *place, struct desk *desk, unsigned int number,
	      struct dc_c3_answer *answer);
/* Of the grant in an answer. */
uint64_t place_number(const struct dc_c3_answer *answer);

/* Of all statements, ever: work that is the same each time. */
uint64_t place_steps(const struct store *store);

#define PLACE_TEST(name) \
	cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)

#endif /* SPA_PLACE_H */
