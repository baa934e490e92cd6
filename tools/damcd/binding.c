// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "binding.h"

/*
 * The RIB may have a way to where the name was until now: it makes room, and
 * the RIB hears from the node that the name is here.
 */
static int add(struct damc_ctl *ctl, const struct damc_name *name,
	       uint32_t ifindex, uint32_t weight)
{
	return damc_bind_take(ctl, name, ifindex, weight,
			      DAMC_ROUTE_PROTOCOL_DAMCD);
}

static int told(struct damc_ctl *ctl, int err, char *why, size_t size)
{
	const char *words = err ? damc_ctl_error(ctl) : "";

	snprintf(why, size, "%s", *words || !err ? words : strerror(-err));
	return err;
}

/* Somebody has the name: fine if it is as wanted, mended if it is the pod's. */
static int amend(struct damc_ctl *ctl, const struct damc_name *name,
		 uint32_t ifindex, uint32_t weight, int err)
{
	struct damc_bind bind;

	if (damc_bind_get(ctl, name, &bind) ||
	    bind.kind != DAMC_BIND_KIND_DEV || bind.ifindex != ifindex)
		return err;
	if (bind.weight == weight)
		return 0;
	err = damc_bind_del(ctl, name);
	return err ? err : add(ctl, name, ifindex, weight);
}

int binding_add(struct damc_ctl *ctl, const struct damc_name *name,
		uint32_t ifindex, uint32_t weight, char *why, size_t size)
{
	int err = add(ctl, name, ifindex, weight);

	if (err == -EADDRINUSE || err == -EEXIST) {
		told(ctl, err, why, size);
		err = amend(ctl, name, ifindex, weight, err);
		return err;
	}
	return told(ctl, err, why, size);
}

int binding_edge(struct damc_ctl *ctl, uint32_t ifindex,
		 const struct damc_name *pod, char *why, size_t size)
{
	struct damc_dev dev;
	int err = damc_dev_get(ctl, ifindex, &dev);

	/* Setting it anew would be a change of what is forwarded by it. */
	if (err || dev.mode != DAMC_DEV_MODE_EDGE)
		err = damc_dev_set(ctl, ifindex, DAMC_DEV_MODE_EDGE);
	if (err)
		return told(ctl, err, why, size);
	return binding_add(ctl, pod, ifindex, 0, why, size);
}

int binding_del(struct damc_ctl *ctl, const struct damc_name *name,
		uint32_t ifindex)
{
	struct damc_bind bind;
	int err = damc_bind_get(ctl, name, &bind);

	if (err)
		return err;
	if (bind.kind != DAMC_BIND_KIND_DEV || bind.ifindex != ifindex)
		return -ENOENT;
	return damc_bind_del(ctl, name);
}
