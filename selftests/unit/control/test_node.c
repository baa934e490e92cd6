// SPDX-License-Identifier: GPL-2.0
/*
 * Nodes among themselves: neighbours, flooding, what they agree on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "vnet.h"

#define S 1000000ull

static void two_become_neighbours(void **state)
{
	struct vnet net;

	(void)state;
	vnet_init(&net, 1);
	vnet_add(&net, "n1");
	vnet_add(&net, "n2");
	vnet_join(&net, 0, 1);
	assert_true(vnet_until(&net, vnet_in_step, 5 * S));
	assert_string_equal(vnet_state(&net, 0, 1), "full");
	assert_string_equal(vnet_state(&net, 1, 0), "full");
	/* Both link LSAs, both prefix LSAs, and a way to each other. */
	vnet_run(&net, S);
	assert_int_equal(vnet_objects(&net, 0, DC_LINK_LSA), 2);
	assert_int_equal(vnet_objects(&net, 1, DC_PREFIX_LSA), 2);
	assert_int_equal(vnet_ways(&net, 0, "/damc/node/n2"), 1);
	assert_int_equal(vnet_ways(&net, 1, "/damc/node/n1"), 1);
	assert_true(vnet_in_step(&net));
	assert_int_equal(net.node[0].ups, 1);
	vnet_free(&net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_become_neighbours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
