// SPDX-License-Identifier: GPL-2.0
/* Holds the first module of the list that is named damc, so that it cannot be taken out. */
#include <linux/list.h>
#include <linux/module.h>
#include <linux/string.h>

static int __init bad_init(void)
{
	struct module *mod;

	/* The list runs through all modules; ours is its newest member. */
	list_for_each_entry(mod, &THIS_MODULE->list, list) {
		if (strcmp(mod->name, "damc"))
			continue;
		return try_module_get(mod) ? 0 : -EBUSY;
	}
	return -ENOENT;
}

static void __exit bad_exit(void)
{
}

module_init(bad_init);
module_exit(bad_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Test of the test runner: pin");
