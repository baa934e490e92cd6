// SPDX-License-Identifier: GPL-2.0
/* Never returns, with preemption off on this CPU. */
#include <linux/delay.h>
#include <linux/irqflags.h>
#include <linux/module.h>

static int __init bad_init(void)
{
	local_irq_disable();
	for (;;)
		cpu_relax();
	return 0;
}

static void __exit bad_exit(void)
{
}

module_init(bad_init);
module_exit(bad_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Test of the test runner: hang");
